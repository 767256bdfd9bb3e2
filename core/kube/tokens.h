/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tokens - a JSON text checked and cut into values, without a tree
 *
 * What passes here passes json_parse(), and the other way round but for the depth and for NUL bytes that
 * jansson passes over: duplicate keys, integers beyond 64 bits, reals that overflow, text that is no UTF-8
 * and anything behind the value are errors. Sixteen bytes a value, in one array that is used again for the
 * next text.
 */
#ifndef KUBE_TOKENS_H
#define KUBE_TOKENS_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Lists and objects inside each other; the objects of a cluster may be deeper than ours. */
#define TOKENS_DEPTH 128

/** What a value is. */
enum token_kind { TOKEN_OBJECT, TOKEN_ARRAY, TOKEN_STRING, TOKEN_INTEGER, TOKEN_REAL, TOKEN_WORD };

/** A value, or the name of a member, which stands before its value. */
struct token {
    uint32_t start; /**< offset of its first byte; of a string: of its quote */
    uint32_t size;  /**< in bytes; of a string: with both quotes */
    uint32_t after; /**< number of the first token behind it and what it holds */
    uint8_t kind;   /**< enum token_kind */
    bool escaped;   /**< a string with a backslash in it */
    bool sorted;    /**< an object whose members are sorted by name */
    bool canonical; /**< its text is what json_canonical() would give */
};

/** Storage of the caller; all zero is empty. */
struct tokens {
    const char *text;      /**< borrowed from who called tokens_read() */
    struct token *list;    /**< the first is the whole value */
    size_t count;          /**< of tokens */
    size_t capacity;       /**< private */
    uint32_t *order;       /**< private: a stack of numbers of names, for sorting */
    size_t order_count;    /**< private */
    size_t order_capacity; /**< private */
};

/** Frees the memory; the tokens are empty again. NULL is fine. */
void tokens_release(struct tokens *tokens);

/**
 * Reads a text that holds one value.
 *
 * @param text  borrowed for as long as the tokens are used.
 * @return 0, ERROR_INVALID, ERROR_LIMIT (too deep) or ERROR_NO_MEMORY; the message tells the path of the
 * value.
 */
int tokens_read(struct tokens *tokens, const char *text, size_t size, struct error *error);

/**
 * Puts the names of an object's members in order on the stack `order`; the caller takes them off again by
 * setting order_count back.
 *
 * @param object  number of its token.
 * @return 0 or ERROR_NO_MEMORY.
 */
int tokens_sort(struct tokens *tokens, uint32_t object);

/** @return the number of the value of an object's member, or 0 if there is none. */
uint32_t tokens_member(const struct tokens *tokens, uint32_t object, const char *name);

#endif
