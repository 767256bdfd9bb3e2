/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quoted - what stands between the quotes of a JSON string
 *
 * All functions take the text without its quotes. What is valid is what jansson takes: UTF-8, no control
 * characters, no \u0000, surrogates in pairs only.
 */
#ifndef KUBE_QUOTED_H
#define KUBE_QUOTED_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

/** @return the first quote or backslash from `at` on; `end` if there is none. */
const char *quoted_stop(const char *at, const char *end);

/**
 * Checks a string up to its closing quote.
 *
 * @param at       behind the opening quote.
 * @param end      end of the text, which need not hold a closing quote.
 * @param escaped  set to whether there is a backslash in it.
 * @param why      on failure set to what is wrong, for people; static.
 * @return the closing quote, or NULL.
 */
const char *quoted_check(const char *at, const char *end, bool *escaped, const char **why);

/** Appends the characters of a string that quoted_check() passed: UTF-8 without NUL. */
void quoted_decode(struct text *out, const char *data, size_t size);

/** Appends a checked string as jansson writes it: only what must be is escaped. */
void quoted_normalize(struct text *out, const char *data, size_t size);

/** Compares the characters of two checked strings. @return as memcmp() of their UTF-8. */
int quoted_compare(const char *left, size_t left_size, const char *right, size_t right_size);

#endif
