/* SPDX-License-Identifier: Apache-2.0 */
/*
 * utf8 - characters, and which of them may be shown
 *
 * What others wrote ends up in files, log lines and on terminals. A character that controls a terminal, turns
 * the direction of the text around it, or cannot be seen at all lets a text look like another one.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Reads the character at the beginning of the bytes.
 *
 * @param size  number of the bytes; at least 1.
 * @param code  set to the character; untouched if there is none.
 * @return its length in bytes; 0 if there is none: overlong forms, surrogates, what is cut off and what is
 *         beyond U+10FFFF are none. NUL is one.
 */
size_t utf8_read(const char *data, size_t size, uint32_t *code);

/** @return whether people see the character as what it is. Controls, separators of lines, marks of direction,
 * what has no width or no glyph, and what is no character at all are not shown. */
bool utf8_shows(uint32_t code);

/** @return whether the text is UTF-8 and each of its characters shows. */
bool utf8_text_shows(const char *text);

/** Appends a text in double quotes as utf8_append_string() does, with '"' and '\\' behind a backslash, for
 * YAML, a path or a sentence. */
void utf8_quote(struct text *out, const char *data, size_t size);

/** Appends a text, on one line: what does not show becomes an escape that YAML and people know, \n, \t, \r,
 * \x1b, \u202e or \U000e0001, and a byte that is no UTF-8 becomes \xNN. */
void utf8_append_string(struct text *out, const char *string);

#endif
