/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ctl_remote - what the commands that ask a running daemon share
 *
 * What goes wrong is printed to standard error, as all commands do.
 */
#ifndef DAEMON_CTL_REMOTE_H
#define DAEMON_CTL_REMOTE_H

#include "base/text.h"
#include "daemon/commands.h"

#include <jansson.h>
#include <stddef.h>

/** Appends a part of a path or the value of a query as URLs have it: what could be misread as %XX. A slash
 * stays. */
void remote_append_escaped(struct text *target, const char *value);

/**
 * Asks for a value.
 *
 * @param value  set on success; owned by caller, for json_decref().
 * @return EXIT_GOOD; EXIT_REFUSED if there is no such thing; EXIT_USAGE for all else.
 */
enum exit_code remote_get(const struct ctl_options *options, const struct text *target, json_t **value);

/** Prints a value by -o json (indented) or yaml. @return EXIT_GOOD, or EXIT_USAGE if memory is short. */
enum exit_code remote_print(const json_t *value, const char *format);

#endif
