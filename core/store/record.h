/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record - how an object lies in the store: all of it in a row, without what it does not have
 *
 * Private to the store. Behind a few fixed bytes stand the file and the postings, if there are any, then
 * numbers in as many bytes as they need, the names and the text.
 */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include "base/links.h"
#include "store/posting.h"

#include <stddef.h>
#include <stdint.h>

/** Greatest number of a kind. */
#define RECORD_KIND_MAX UINT16_MAX

/** A file's name, shared by the objects that were read from it. */
struct record_file {
    size_t uses; /**< it is freed with the last one */
    char name[]; /**< NUL-terminated */
};

/** What a record says. All borrowed. */
struct record {
    int kind;                        /**< its number */
    struct record_file *file;        /**< NULL: none */
    size_t document;                 /**< as in struct event */
    long item;                       /**< as in struct event */
    struct posting *const *postings; /**< NULL: none */
    size_t postings_count;           /**< number of them */
    const char *name_space;          /**< NUL-terminated, as the name */
    const char *name;                /**< see name_space */
    const char *text;   /**< not NUL-terminated; packed (base/squeeze.h) if packed_size is not 0 */
    size_t size;        /**< of the whole text */
    size_t packed_size; /**< of the packed one; 0: it is not */
};

/** An object: a record in a slab. */
struct store_object {
    struct link link; /**< in the table of its kind */
    uint16_t kind;    /**< private, as all that follows */
    uint8_t parts;
    char rest[];
};

/** @return bytes that it takes. */
size_t record_size(const struct record *record);

/** Writes a record. @param object  room for it, aligned to eight bytes. */
void record_write(const struct record *record, struct store_object *object);

/** Reads a record; what is borrowed stands in it. */
void record_read(const struct store_object *object, struct record *record);

#endif
