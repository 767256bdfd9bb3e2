/* SPDX-License-Identifier: Apache-2.0 */
/*
 * links - records of a slab, found by hashing
 *
 * Several may stand under one key, and only making room can fail. A link is a reference of four bytes: what
 * it stands in is known by its offset, and what it is found by is read out of the record. Whoever seeks
 * compares: links of one bucket are told from each other by nobody else. Where a key has one value that
 * stands nowhere else, struct map is simpler.
 */
#ifndef BASE_LINKS_H
#define BASE_LINKS_H

#include "base/slab.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Stands in a record. */
struct link {
    slab_ref next; /**< private */
};

/** Storage of the caller, for links_release(); set the first two members. */
struct links {
    const struct slab *slab; /**< of the records; must outlive the table */
    /** @return the hash under which a link is sought. */
    uint64_t (*hash)(const struct link *link);
    slab_ref *buckets; /**< private */
    uint32_t size;     /**< number of buckets; private */
    uint32_t count;    /**< number of links */
};

/** Frees the table; the records are the caller's. It is as it was before the first link. */
void links_release(struct links *links);

/** Makes room for this many more links. @return false if memory is short; nothing has changed then. */
bool links_reserve(struct links *links, size_t more);

/** Adds a link for which there is room. @param ref  where the link itself stands. */
void links_add(struct links *links, slab_ref ref);

/** Removes a link. @return where it stands; 0 if it is not in the table. */
slab_ref links_remove(struct links *links, const struct link *link);

/** @return where a link stands; 0 if it is not in the table. */
slab_ref links_find(const struct links *links, const struct link *link);

/** @return the first link that may be the one that is sought, or NULL. */
struct link *links_first(const struct links *links, uint64_t hash);

/** @return the next one after it, or NULL. */
struct link *links_next(const struct links *links, const struct link *link);

/**
 * Seeks where each key is a text that has one record.
 *
 * @param offset  of the text in a record, from its link on, in bytes; the hash of a link is that of the text.
 * @return the link of the record with this text, or NULL.
 */
struct link *links_seek_text(const struct links *links, const char *text, size_t offset);

/** Visits every link; a visit may free what the link stands in, but not change the table. */
void links_each(const struct links *links, void (*visit)(struct link *link, void *payload), void *payload);

/** @return bytes that the table holds beside the links. */
size_t links_memory(const struct links *links);

/** @return a hash of some bytes. */
uint64_t links_hash(const char *bytes, size_t size);

/** @return a hash of a text, up to its NUL. */
uint64_t links_hash_text(const char *text);

/** @return a hash of what is known by a namespace and a name. */
uint64_t links_hash_pair(const char *name_space, size_t before, const char *name, size_t after);

#endif
