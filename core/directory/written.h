/* SPDX-License-Identifier: Apache-2.0 */
/*
 * written - which files are still as they were written here
 *
 * Private to the output. Whoever watches the folder is told of our own writes too. That a file is the one
 * that was moved to its place, and was not touched since, is seen from outside: it need not be read.
 */
#ifndef DIRECTORY_WRITTEN_H
#define DIRECTORY_WRITTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/** Most places that are remembered; one more, and all are forgotten. */
enum { WRITTEN_MAX = 1 << 16 };

/** A place and the file there, as digests. */
struct written_file {
    uint64_t place; /**< 0: free */
    uint64_t file;  /**< 0: forgotten */
};

/** Storage of the caller; all zero is empty. */
struct written {
    struct written_file *files; /**< private */
    size_t capacity;            /**< private; a power of two */
    size_t count;               /**< private */
};

/** Frees the memory; everything is forgotten. */
void written_clear(struct written *written);

/** Remembers what was moved to a place. Where memory is short it is forgotten.
 * @param info  of the file at its place. */
void written_note(struct written *written, const char *place, const struct stat *info);

/** Forgets what was moved to a place. */
void written_forget(struct written *written, const char *place);

/** @return whether the file at a place is what was moved there. */
bool written_stands(const struct written *written, const char *place, const struct stat *info);

#endif
