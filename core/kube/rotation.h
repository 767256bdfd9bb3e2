/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rotation - files of credentials that are replaced while they are in use
 *
 * A file has changed if its inode, size or time of change has: rotation is usually a symbolic link that is
 * swapped. What was read last stays in use until something better could be read.
 */
#ifndef KUBE_ROTATION_H
#define KUBE_ROTATION_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/** A file. Storage of the caller, all zero but the path. */
struct rotation {
    const char *path; /**< borrowed; NULL: there is no file, and nothing ever changes */
    struct stat seen; /**< private: as it was when it was read */
    char *data;       /**< what was read last, NUL-terminated; NULL: nothing yet */
    size_t size;      /**< of data */
};

/** Frees what was read. NULL is fine. */
void rotation_release(struct rotation *file);

/** @return whether the file is another than the one that was read, or none was. */
bool rotation_has_changed(const struct rotation *file);

/**
 * Reads the file anew.
 *
 * @param next  set to what was read, with the same path, for rotation_take() or rotation_release().
 * @return 0 or what file_read() says.
 */
int rotation_read(const struct rotation *file, size_t max, struct rotation *next, struct error *error);

/** @return whether the content of both is the same; nothing is only like nothing. */
bool rotation_equals(const struct rotation *a, const struct rotation *b);

/** Puts what was read into use; `next` is empty then. @return whether the content differs. */
bool rotation_take(struct rotation *file, struct rotation *next);

#endif
