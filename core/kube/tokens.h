/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tokens - a JSON text checked, without a tree
 *
 * What passes here passes json_parse(), and the other way round but for the depth and for NUL bytes that
 * jansson passes over: duplicate keys, integers beyond 64 bits, reals that overflow, text that is no UTF-8
 * and anything behind the value are errors. Sixteen bytes a value, in one array that is used again for the
 * next text: names that stand twice are found with it, and the path of what is wrong.
 */
#ifndef KUBE_TOKENS_H
#define KUBE_TOKENS_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/** Lists and objects inside each other; the objects of a cluster may be deeper than ours. */
#define TOKENS_DEPTH 128

struct token;

/** Storage of the caller, who looks at nothing in it; all zero is empty. */
struct tokens {
    struct token *list; /**< values, and names of members */
    size_t count;
    size_t capacity;
    uint32_t *order; /**< numbers of one object's names, for sorting */
    size_t order_capacity;
};

/** Frees the memory; the tokens are empty again. NULL is fine. */
void tokens_release(struct tokens *tokens);

/**
 * Reads a text that holds one value.
 *
 * @param tokens  where to cut the text up; used again. Nothing of the text is needed later.
 * @return 0, ERROR_INVALID, ERROR_LIMIT (too deep) or ERROR_NO_MEMORY; the message tells the path of the
 * value.
 */
int tokens_read(struct tokens *tokens, const char *text, size_t size, struct error *error);

#endif
