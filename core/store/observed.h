/* SPDX-License-Identifier: Apache-2.0 */
/*
 * observed - what is known of the objects of owned kinds: whose they are, what they claim, whether they are
 * as they should be
 *
 * Their text is not kept: an imprint tells whether one is as it is wanted, and the hosts and Services that it
 * names stand in an index.
 */
#ifndef STORE_OBSERVED_H
#define STORE_OBSERVED_H

#include "apigw/plugin.h"
#include "base/error.h"
#include "base/imprint.h"
#include "base/links.h"
#include "object/key.h"
#include "object/settings.h"
#include "object/uid.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct observed_table;

/** Where an object stands. */
enum observed_side {
    OBSERVED_SINK,  /**< where we write */
    OBSERVED_SOURCE /**< beside the Apis, in a folder of input: never ours */
};

/** How a name counts; several may be true of one text. */
enum observed_use {
    OBSERVED_CLAIMS_HOST = 1,
    OBSERVED_LEADS_TO = 2,
    OBSERVED_PROTECTS_SERVICE = 4,
    OBSERVED_PROTECTS_HOST = 8
};

/** A host or Service that an object names. */
struct observed_name {
    struct link link; /**< private */
    /** One enum observed_use. */
    unsigned use : 8;
    unsigned back : 24; /**< private */
    /** "HOST" or, of a Service, "NAMESPACE/SERVICE". */
    char key[];
};

/** An object. Read only; valid until it is put again or removed. What has no member is told by functions. */
struct observed {
    struct link place;      /**< private */
    struct link owner;      /**< private */
    uint32_t names_size;    /**< private */
    uint16_t kind;          /**< number of its kind */
    bool beside : 1;        /**< it stands at OBSERVED_SOURCE */
    bool ours : 1;          /**< carries our labels */
    bool historic : 1;      /**< as in struct owner */
    bool broken : 1;        /**< cannot be read */
    bool has_extra : 1;     /**< private */
    bool of_other_name : 1; /**< private: its Api is called otherwise */
    struct imprint imprint;
    char texts[]; /**< private */
};

/** What is put in. All borrowed. */
struct observed_fact {
    int kind;
    enum observed_side side;
    const char *name_space;
    const char *name;
    const json_t *object; /**< NULL if it cannot be read */
    const char *problem;  /**< NULL if it can */
    const char *uid;
    const char *version;
    /** What observed_make() made of the same; it is moved out. NULL, or leads to NULL: it is made now. */
    struct observed **made;
};

/**
 * @param settings  for the labels; must outlive the table.
 * @param seed      of the imprints (base/imprint.h).
 * @return owned by caller, for observed_free(); NULL if memory is short.
 */
struct observed_table *observed_new(const struct settings *settings, uint64_t seed);

/** Frees the table. NULL is fine. */
void observed_free(struct observed_table *table);

/** Declares a kind, whose descriptor must outlive the table. @return its number, or ERROR_NO_MEMORY. Kinds
 * that two backends own have one number. */
int observed_add_kind(struct observed_table *table, const struct apigw_kind *kind);

/** @return the number of a kind, or ERROR_NOT_FOUND. @param kind, plural  one of them may be NULL. */
int observed_kind(const struct observed_table *table, const char *group, const char *kind,
                  const char *plural);

/** @return the descriptor of a kind. Borrowed. */
const struct apigw_kind *observed_descriptor(const struct observed_table *table, int kind);

/**
 * Makes the entry of an object without putting it in. Any thread, while no kind is being declared.
 *
 * @return owned by caller, for struct observed_fact or observed_discard(); NULL if memory is short.
 */
struct observed *observed_make(const struct observed_table *table, const struct observed_fact *fact);

/** Frees an entry that was not put in. NULL is fine. */
void observed_discard(struct observed *entry);

/** Puts an object in, or replaces the one at its place. @return 0 or ERROR_NO_MEMORY: nothing has changed
 * then. */
int observed_put(struct observed_table *table, const struct observed_fact *fact);

/** Removes an object. @return whether it was there. */
bool observed_remove(struct observed_table *table, int kind, enum observed_side side, const char *name_space,
                     const char *name);

/** @return the object at a place, or NULL. */
const struct observed *observed_get(const struct observed_table *table, int kind, enum observed_side side,
                                    const char *name_space, const char *name);

/** @return the first object that was made for an Api, or NULL; the next one by observed_next(). */
const struct observed *observed_first(const struct observed_table *table, const char *api_key);

/** @return the next object of the same Api, or NULL. */
const struct observed *observed_next(const struct observed_table *table, const struct observed *object);

/** @return the first name under a key of the index, or NULL; the next one by observed_next_name(). */
const struct observed_name *observed_first_name(const struct observed_table *table, const char *key);

/** @return the next name under the same key, or NULL. */
const struct observed_name *observed_next_name(const struct observed_table *table,
                                               const struct observed_name *name);

/** @return the next name of an object after one of them; NULL: the first one. NULL if there is none. */
const struct observed_name *observed_each_name(const struct observed *object,
                                               const struct observed_name *after);

/** @return the object that has the name. */
const struct observed *observed_of_name(const struct observed_name *name);

/** @return the object's namespace. */
const char *observed_namespace(const struct observed *object);

/** @return the object's own name. */
const char *observed_own_name(const struct observed *object);

/** @return "NAMESPACE/NAME" of the Api that an object was made for, in `key`; "" if it is not ours. */
const char *observed_api_key(const struct observed *object, char key[KEY_SIZE]);

/** @return whether an object is ours, made for this Api. */
bool observed_is_of(const struct observed *object, const char *api_key);

/** @return its uid, borrowed from it or in the buffer; "" if it has none. */
const char *observed_uid(const struct observed *object, char buffer[UID_SIZE]);

/** @return whether its uid is this one. */
bool observed_uid_is(const struct observed *object, const char *uid);

/** @return whether it says the uid of the Api that it was made for. */
bool observed_has_api_uid(const struct observed *object);

/** @return whether that uid is this one. */
bool observed_api_uid_is(const struct observed *object, const char *uid);

/** @return its resourceVersion; "" if it has none. */
const char *observed_version(const struct observed *object);

/** @return why it cannot be read; NULL if it can. */
const char *observed_problem(const struct observed *object);

/** @return as in struct content. */
const char *observed_extra(const struct observed *object);

/** @return the seed. */
uint64_t observed_seed(const struct observed_table *table);

/** Visits all objects, in no order. The table must not be changed meanwhile. */
void observed_each(const struct observed_table *table,
                   void (*visit)(const struct observed *object, void *payload), void *payload);

/** @return number of objects. */
size_t observed_count(const struct observed_table *table);

/** @return bytes that the table holds. */
size_t observed_memory(const struct observed_table *table);

#endif
