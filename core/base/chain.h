/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain - several things under one text, found by hashing
 *
 * The links stand in the things themselves, so that only making room can fail. Where a text should have one
 * value, struct map is simpler.
 */
#ifndef BASE_CHAIN_H
#define BASE_CHAIN_H

#include <stdbool.h>
#include <stddef.h>

/** Stands in the thing. Storage of the caller; must not move while it is in a table. */
struct chain_link {
    struct chain_link *next; /**< private */
    /** Borrowed; must not change while it is in a table. */
    const char *key;
    /** The thing; borrowed. */
    void *owner;
};

/** A table of links. Storage of the caller; all zero is empty. */
struct chain_table {
    struct chain_link **buckets; /**< private */
    size_t size;                 /**< number of buckets; private */
    size_t count;                /**< number of links */
};

/** Frees the table; its links are the caller's. */
void chain_release(struct chain_table *table);

/** Makes room for this many more links. @return false if memory is short; nothing has changed then. */
bool chain_reserve(struct chain_table *table, size_t more);

/** Adds a link for which there is room; its key and owner are set. */
void chain_add(struct chain_table *table, struct chain_link *link);

/** Removes a link that is in the table. */
void chain_remove(struct chain_table *table, const struct chain_link *link);

/** @return the first link under a key, in no order that means anything; NULL if there is none. */
struct chain_link *chain_first(const struct chain_table *table, const char *key);

/** @return the next link under the key of this one, or NULL. */
struct chain_link *chain_next(const struct chain_link *link);

/** Visits every link; a visit may free what the link stands in, but not change the table. */
void chain_each(const struct chain_table *table, void (*visit)(struct chain_link *link, void *payload),
                void *payload);

/** @return bytes that the table holds beside the links. */
size_t chain_memory(const struct chain_table *table);

#endif
