/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inventory - which files an input has, which objects each of them holds, and what was told of them
 *
 * Private to the input. The objects themselves are not kept, only their names, a digest and where they stand:
 * a place of 48 bytes for each object of each file, and a record of 52 bytes and its name for each object.
 *
 * An object that stands in several files counts as the first of them in path order has it. A file that cannot
 * be read whole keeps the places that it had; of those only what was told of it before can count, as nothing
 * else of it can be had.
 */
#ifndef DIRECTORY_INVENTORY_H
#define DIRECTORY_INVENTORY_H

#include "base/map.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** Tells a file's content from what stood there before without opening it. */
struct inventory_signature {
    dev_t device;
    ino_t inode;
    off_t size;
    int64_t changed_ns;  /**< ctime */
    int64_t modified_ns; /**< mtime */
};

/** A file, or what stands where one should. The list of files is in path order. */
struct inventory_file {
    struct inventory_file *next;
    /** Of the content that was read last. */
    struct inventory_signature signature;
    /** Of the content that was read last or, if it could not be read, of the sentence that said so. */
    uint64_t digest;
    /** What it held when it was last read whole, in the order of the file. Owned. */
    struct inventory_place *places;
    uint32_t count;
    uint32_t refused;  /**< documents and items that are no usable object */
    uint32_t repeated; /**< objects that stand before it, in itself or in an earlier file */
    bool known;        /**< it was read whole once; the places are what it held then */
    bool partly;       /**< it is a folder that cannot be read now, and files in it are known */
    bool broken;       /**< it cannot be read whole now */
    bool settled;      /**< the same signature means the same content */
    bool stale;        /**< must be taken again, whatever signature and digest say */
    /** Whole path. */
    char path[];
};

/** An object in a file. */
struct inventory_place {
    struct inventory_record *record;
    struct inventory_file *file;
    struct inventory_place *next; /**< another file that holds the object */
    struct inventory_place **link;
    uint32_t document;
    int32_t item;
    /** Mark, cut to 32 bits, of the place that was told to count instead of this one. */
    uint32_t repeats;
};

/** A kind of objects. */
struct inventory_kind {
    unsigned number;
    bool is_api;
    const char *kind; /**< stands behind the group */
    char group[];
};

/** An object, wherever it stands. */
struct inventory_record {
    struct inventory_record *next;
    const struct inventory_kind *kind;
    struct inventory_place *places; /**< in no order */
    struct inventory_place *first;  /**< the one that counts; NULL: look for it */
    /** Mark of the place that was told to the listener; 0: it knows nothing of the object. */
    uint64_t told_place;
    /** Digest of the content that was told. */
    uint64_t told_digest;
    uint32_t name_offset;
    /** Namespace and name, NUL after each. */
    char text[];
};

/** Storage of the caller; all zero is empty. */
struct inventory {
    struct inventory_file *files; /**< owned */
    struct map *kinds;            /**< by "GROUP/KIND"; owned */
    struct inventory_kind *last;  /**< the kind that was looked up last */
    struct inventory_record **buckets;
    size_t capacity; /**< a power of two */
    size_t records;
};

/** Frees everything. */
void inventory_release(struct inventory *inventory);

/** Compares two paths as a walk meets them. @return less than, equal to or greater than 0. */
int inventory_compare(const char *left, const char *right);

/** @return a file of which nothing is known, owned by caller; NULL if memory is short. */
struct inventory_file *inventory_file_new(const char *path);

/** Takes a file out of all records and frees it. */
void inventory_file_free(struct inventory_file *file);

/** Replaces the places of a file. The new ones are linked already, and moved in. */
void inventory_file_replace(struct inventory_file *file, struct inventory_place *places, uint32_t count);

/** Marks a file as one that cannot be read whole. */
void inventory_file_break(struct inventory_file *file);

/** Finds the record of an object, or makes it. @return NULL if memory is short. */
struct inventory_record *inventory_record(struct inventory *inventory, const json_t *object);

/** Puts a place with its record and file set among those of its record. */
void inventory_link(struct inventory_place *place);

/** @return the place that counts, or NULL if there is none. */
struct inventory_place *inventory_first(struct inventory_record *record);

/** @return a number that stands for a file's path, a document and an item; never 0. */
uint64_t inventory_mark(const struct inventory_place *place);

/** @return whether something of a file has to be told that only reading it again can tell. */
bool inventory_file_wants(const struct inventory_file *file);

/** What a sweep does with a record. */
enum inventory_verdict { INVENTORY_KEEP, INVENTORY_FREE };

/**
 * Called for each record.
 *
 * @return enum inventory_verdict, or a negative code that ends the sweep. Only a record without places may be
 *         freed.
 */
typedef int (*inventory_visit_fn)(struct inventory_record *record, void *payload);

/** Visits all records. @return 0 or the negative code. */
int inventory_sweep(struct inventory *inventory, inventory_visit_fn visit, void *payload);

#endif
