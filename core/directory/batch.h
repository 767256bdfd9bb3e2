/* SPDX-License-Identifier: Apache-2.0 */
/*
 * batch - the steps that wait for a commit, in their order
 *
 * Knows which key each step belongs to and which step was the last at a place; does no input or output. If a
 * step fails, its key has failed, and the later steps of the key are not done.
 *
 * Private to the output.
 */
#ifndef DIRECTORY_BATCH_H
#define DIRECTORY_BATCH_H

#include "base/arena.h"
#include "base/error.h"
#include "base/map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/** What tells a file from what it was. */
struct trace {
    uint64_t device;
    uint64_t inode; /**< 0: there is no file */
    int64_t size;
    int64_t modified_ns;
    /** -1: does not count, as of a temporary file of ours: renaming it will change this. */
    int64_t changed_ns;
};

/** @return the trace of a file. */
struct trace trace_of(const struct stat *info);

/** @return whether a file is still the one of the trace. */
bool trace_fits(const struct trace *trace, const struct stat *info);

/** A file that a step counts on. */
struct batch_need {
    const char *place;
    /** What stands there, or will when the steps before are done. */
    struct trace trace;
};

/** The files that a step counts on. Of the batch's arena; all zero: none. */
struct batch_needs {
    const struct batch_need *list;
    size_t count;
};

/** Of an Api: what it waits for. Of the batch. */
struct batch_key {
    struct batch_key *next;
    /** Steps that wait, reports not counted. */
    size_t waiting;
    /** 0, or enum error_code of the step that could not be done. */
    int code;
    /** The reason; NULL if there was no memory for it. */
    const char *why;
    char text[];
};

/** What has come of a step. */
enum staged_state { STAGED_WAITING, STAGED_DONE, STAGED_FAILED };

/** One step. Of the batch. */
struct staged {
    struct staged *next;
    struct staged *below; /**< private to the batch */
    struct batch_key *key;
    /** Number of the temporary file; 0: what stands at the place is removed. */
    uint64_t temporary;
    /** What stood there. */
    struct trace before;
    struct batch_needs needs;
    uint32_t hash; /**< private to the batch */
    enum staged_state state;
    /** As spot_place() writes it. */
    char place[];
};

/** Steps in their order. */
struct staged_list {
    struct staged *first;
    struct staged *last;
};

/** A place to observe anew. */
struct batch_place {
    struct batch_place *next;
    char place[];
};

/** Storage of the caller; all zero is empty. Read the members; change them through the functions only. */
struct batch {
    struct arena arena;
    struct staged_list resources;
    struct staged_list reports;
    struct batch_key *first_key;
    struct batch_key *last_key;
    struct batch_place *looks;
    size_t look_count;
    /** Steps and reports that wait. */
    size_t waiting;
    size_t count;          /**< private */
    struct map *keys;      /**< private */
    struct staged **shelf; /**< private */
    size_t shelf_size;     /**< private */
};

/**
 * Adds a step behind the others.
 *
 * @param key        of the Api.
 * @param place      as spot_place() writes it.
 * @param report     after all steps that are none.
 * @param temporary  number of the temporary file; 0: removal.
 * @param before     what stands at the place, or will when the steps before are done.
 * @return the step, for its needs; NULL if memory is short.
 */
struct staged *batch_add(struct batch *batch, const char *key, const char *place, bool report,
                         uint64_t temporary, const struct trace *before);

/** @return the last step at a place if it waits; NULL otherwise. */
const struct staged *batch_find(const struct batch *batch, const char *place);

/** @return what is known of a key that has steps here; NULL if it has none. */
const struct batch_key *batch_key(const struct batch *batch, const char *key);

/** A step was done. */
void batch_done(struct batch *batch, struct staged *staged);

/** A step was not done, and its key has failed; the first reason of a key counts. */
void batch_fail(struct batch *batch, struct staged *staged, const struct error *why);

/** Notes a place to observe anew. @return false if memory is short. */
bool batch_look(struct batch *batch, const char *place);

/** Forgets everything. */
void batch_clear(struct batch *batch);

#endif
