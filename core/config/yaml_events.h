/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_events - libyaml's parser on a text of ours
 */
#ifndef CONFIG_YAML_EVENTS_H
#define CONFIG_YAML_EVENTS_H

#include "base/error.h"
#include "config/yaml.h"

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

/** Passes over a byte order mark. @return the bytes that it takes: 0 or 3. */
size_t yaml_events_skip_bom(const char *data, size_t size);

/**
 * Starts a parser on a text in UTF-8.
 *
 * @param data  borrowed as long as the parser lives; without a byte order mark.
 * @return 0, then end with yaml_parser_delete(); ERROR_NO_MEMORY.
 */
int yaml_events_open(yaml_parser_t *parser, const char *data, size_t size, struct error *error);

/** Says what a parser stumbled over, and where. @return ERROR_INVALID or ERROR_NO_MEMORY. */
int yaml_events_explain(const yaml_parser_t *parser, const char *data, size_t size, struct yaml_mark *mark,
                        struct error *error);

/** @return libyaml's mark as ours. */
struct yaml_mark yaml_events_mark(yaml_mark_t mark);

/** @return the place of the byte at an offset. */
struct yaml_mark yaml_events_offset(const char *data, size_t offset);

/**
 * Looks for directives that libyaml must not see: it compares each %TAG with all before it, so that a text of
 * nothing else keeps it busy for seconds, and no document that has one is used.
 *
 * @return the offset of the first %TAG if there are too many; else the size.
 */
size_t yaml_events_tags(const char *data, size_t size);

/**
 * Checks that a text is UTF-8 without NUL, and may be given to libyaml (yaml_events_tags()).
 *
 * @return 0, or ERROR_INVALID with the place of the first byte that is not.
 */
int yaml_events_check_text(const char *data, size_t size, struct yaml_mark *mark, struct error *error);

#endif
