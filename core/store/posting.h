/* SPDX-License-Identifier: Apache-2.0 */
/*
 * posting - an index: from a key to the objects that hold it
 *
 * Private to the store. A posting is the list of objects under one key of one index.
 */
#ifndef STORE_POSTING_H
#define STORE_POSTING_H

#include "base/map.h"
#include "store/store.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The objects under one key. Owned by its index. */
struct posting {
    /** Borrowed from the objects' entries, in no order. Owned array. */
    const struct store_object **members;
    uint32_t count;
    uint32_t capacity;
    /** Stands in the posting_list of a put that is under way. */
    bool reserved;
    /** Postings of the index by key; the posting removes itself when it is empty. Borrowed. */
    struct map *home;
    /** Its key in `home`. */
    char key[];
};

/** An index over one kind. */
struct index {
    int kind;
    enum store_form form;
    /** Owned. */
    char *path;
    /** Key -> struct posting. Owned. */
    struct map *postings;
};

/** Postings of one object, each once. All zero is empty. */
struct posting_list {
    struct posting **list;
    size_t count;
    size_t capacity;
};

/** Makes an index. @return false if memory is short; nothing has to be released then. */
bool index_init(struct index *index, int kind, const char *path, enum store_form form);

/** Frees what the index owns. */
void index_release(struct index *index);

/** @return bytes that the index holds. */
size_t index_memory(const struct index *index);

/**
 * Finds or makes the posting of each key that the object has in the index, with room for one more member,
 * and adds it to the list.
 *
 * @return false if memory is short; the list must be released in either case.
 */
bool index_reserve(struct index *index, const json_t *object, struct posting_list *list);

/** Adds a member to a posting that was reserved; cannot fail. */
void posting_add(struct posting *posting, const struct store_object *object);

/** Removes a member; a posting that is empty then, and not reserved, is gone. */
void posting_remove(struct posting *posting, const struct store_object *object);

/** Ends the reservation; postings without members are gone. Frees the list. */
void posting_list_release(struct posting_list *list);

#endif
