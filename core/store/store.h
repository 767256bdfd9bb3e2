/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store - the objects of one cluster, as compact text, with indexes
 *
 * Trees of JSON values cost ten times their text, so objects are kept as compact text and parsed when one
 * is looked at. Texts of one kind are much alike, and may be kept squeezed (base/squeeze.h). An index leads
 * from the texts at a path ("spec.targets[].name") to the objects that hold them.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/error.h"
#include "object/event.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct store;

/** An object. Read only; valid until it is put again or removed. */
struct store_object;

/** How the texts of objects are kept. */
enum store_texts {
    STORE_TEXTS_PLAIN,   /**< as they are */
    STORE_TEXTS_SQUEEZED /**< a fifth of the memory, for some µs whenever one is put or parsed */
};

/** How texts at an index's path become keys (see enum apigw_form). */
enum store_form {
    STORE_FORM_PLAIN,      /**< as they are */
    STORE_FORM_SERVICE_DNS /**< a DNS name of a Service; the key is "NAMESPACE/SERVICE" */
};

/** Called for each object. @return false to stop. The store must not be changed meanwhile. */
typedef bool (*store_visit_fn)(const struct store_object *object, void *payload);

/** @return owned by caller, for store_free(); NULL if memory is short. */
struct store *store_new(enum store_texts texts);

/** Frees the store. NULL is fine. */
void store_free(struct store *store);

/**
 * Declares a kind, or finds it if it was declared before.
 *
 * @return its number, or ERROR_NO_MEMORY, ERROR_LIMIT.
 */
int store_add_kind(struct store *store, const char *group, const char *kind);

/** @return the number of the kind, or ERROR_NOT_FOUND if it was never declared. */
int store_kind(const struct store *store, const char *group, const char *kind);

/**
 * Declares an index over a kind, or finds it if it was declared before. Must come before the kind's first
 * object.
 *
 * An object that holds a key several times is found once; a text that is no DNS name of a Service gives no
 * key under STORE_FORM_SERVICE_DNS.
 *
 * @return its number, or ERROR_NO_MEMORY, ERROR_INVALID if the kind has objects.
 */
int store_add_index(struct store *store, int kind, const char *path, enum store_form form);

/** @return the number of the index, or ERROR_NOT_FOUND if it was never declared. */
int store_index(const struct store *store, int kind, const char *path, enum store_form form);

/**
 * Puts an object in, or replaces the one of its name. Namespace and name are taken from its metadata.
 *
 * @param event  the object and where it was read; copied.
 * @return 0 or ERROR_NO_MEMORY; on failure nothing has changed.
 */
int store_put(struct store *store, int kind, const struct event *event);

/** Removes an object. @return whether it was there. */
bool store_remove(struct store *store, int kind, const char *name_space, const char *name);

/** @return the object, or NULL. */
const struct store_object *store_get(const struct store *store, int kind, const char *name_space,
                                     const char *name);

/** @return number of objects of a kind. */
size_t store_count(const struct store *store, int kind);

/** Visits the objects of a kind sorted by namespace and name. @return 0 or ERROR_NO_MEMORY. */
int store_each(const struct store *store, int kind, store_visit_fn visit, void *payload);

/**
 * Visits the objects that an index holds under a key, sorted by namespace and name.
 *
 * @param name_space  only objects of this namespace; NULL: of all.
 * @return 0 or ERROR_NO_MEMORY.
 */
int store_find(const struct store *store, int index, const char *name_space, const char *key,
               store_visit_fn visit, void *payload);

/** @return bytes that the store holds. */
size_t store_memory(const struct store *store);

/** @return the namespace of the object; "default" if its text has none. Borrowed, as what follows. */
const char *store_object_name_space(const struct store_object *object);

/** @return its name. */
const char *store_object_name(const struct store_object *object);

/** @return the file where it was read, for people and for places of problems; NULL if in none. */
const char *store_object_file(const struct store_object *object);

/** @return the number of its document in the file, as in struct event. */
size_t store_object_document(const struct store_object *object);

/** @return the number of its item in the document, as in struct event. */
long store_object_item(const struct store_object *object);

/** Any thread, as long as nothing changes the store. @return the object's tree, owned by caller; NULL if
 * memory is short. */
json_t *store_parse(const struct store *store, const struct store_object *object);

#endif
