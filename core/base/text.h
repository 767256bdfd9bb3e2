/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text - a string that grows
 *
 * Running out of memory is remembered instead of returned: append as often as you like, then look at
 * `failed` once. A text is always NUL-terminated and starts out as TEXT_INIT.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/** Storage of the caller. Read the members; change them through the functions only. */
struct text {
    char *data;      /**< NUL-terminated; never NULL; owned by the text */
    size_t length;   /**< bytes without the NUL */
    size_t capacity; /**< bytes allocated; 0 as long as data is static */
    bool failed;     /**< an append found no memory and did nothing */
};

/** An empty text; nothing is allocated yet. */
struct text text_empty(void);

/** Frees the memory; the text is empty again. NULL is fine. */
void text_release(struct text *text);

/** Empties the text, keeps its memory, forgets `failed`. */
void text_clear(struct text *text);

/** Cuts the text to its first `length` bytes; it must have as many. */
void text_cut(struct text *text, size_t length);

/** Appends `size` bytes. */
void text_append(struct text *text, const char *data, size_t size);

/** Makes room for this many bytes more. */
void text_room(struct text *text, size_t size);

/** Appends a string. */
void text_append_string(struct text *text, const char *string);

/** Appends a number in decimal digits. */
void text_append_integer(struct text *text, long long number);

/** Appends by a printf format. */
void text_append_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** @return whether two strings are the same, or both NULL. */
bool text_same(const char *a, const char *b);

/**
 * Hands the string over and empties the text.
 *
 * @return owned by caller, for free(); NULL if the text failed or memory is short.
 */
char *text_take(struct text *text);

#endif
