/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clean - texts of others, made fit for a message
 *
 * What a user wrote or a plugin said ends up in a status, a log line and on a terminal: valid UTF-8, all of
 * which shows (utf8_shows()), and not endless.
 */
#ifndef RECONCILE_CLEAN_H
#define RECONCILE_CLEAN_H

#include <stddef.h>

/** Room for a user's text in a message. */
#define CLEAN_SIZE 84

/**
 * Copies a text. White space becomes a blank, other characters that do not show and bytes that are no UTF-8
 * become '?'; what does not fit is cut between two characters and ends in "...".
 *
 * @param out   gets the copy, NUL-terminated.
 * @param size  of out, at least 8.
 * @param in    not NULL; may not overlap out.
 */
void clean_text(char *out, size_t size, const char *in);

#endif
