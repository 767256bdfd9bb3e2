/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ctl_show - what a daemon has answered, for people
 */
#ifndef DAEMON_CTL_SHOW_H
#define DAEMON_CTL_SHOW_H

#include "base/text.h"

#include <jansson.h>
#include <stdbool.h>

/** Appends the text of a member so that it stays on one line; nothing if there is none. */
void show_text(struct text *out, const json_t *object, const char *name);

/**
 * Appends the answer to /status: a table for each cluster.
 *
 * @param wide   with reasons and messages.
 * @param notes  gets what belongs beside the tables.
 * @return false if memory is short.
 */
bool show_status(const json_t *status, bool wide, struct text *out, struct text *notes);

/** @return whether, by the answer to /status, the daemon is ready and all Apis are served. */
bool show_is_good(const json_t *status);

/**
 * Appends one element of the answer to /explain.
 *
 * @param outputs  also the objects that are wanted, as YAML.
 * @return false if memory is short.
 */
bool show_explanation(const json_t *api, bool outputs, struct text *out);

#endif
