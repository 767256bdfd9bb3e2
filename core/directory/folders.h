/* SPDX-License-Identifier: Apache-2.0 */
/*
 * folders - the folders of a tree that were used last, open
 *
 * Files are gone through folder by folder, so that a few descriptors save most walks from the top.
 *
 * Private to the output.
 */
#ifndef DIRECTORY_FOLDERS_H
#define DIRECTORY_FOLDERS_H

#include "base/error.h"
#include "directory/spot.h"
#include "directory/tree.h"

#include <stdbool.h>
#include <stddef.h>

/** How many are kept open. */
enum { FOLDERS_MAX = 16 };

/** A folder that is open. */
struct folders_entry {
    char path[SPOT_FOLDER_SIZE];
    int fd;
    /** May be written to. */
    bool writable;
    unsigned long used;
};

/** Storage of the caller; all zero but `tree` is empty. */
struct folders {
    /** Borrowed. */
    const struct tree *tree;
    struct folders_entry list[FOLDERS_MAX];
    size_t count;
    unsigned long clock;
};

/**
 * Opens a folder.
 *
 * @param path  below the top of the tree: "resources/default"; its parts are valid file names.
 * @param make  made with its parents if it does not exist, even if one of them was removed while
 *              it was open.
 * @param fd    set on success; borrowed: folders_clear(), sixteen more folders or one that is made may close
 *              it.
 * @return 0; ERROR_NOT_FOUND; ERROR_INVALID if something stands in the way; ERROR_IO.
 */
int folders_open(struct folders *folders, const char *path, bool make, int *fd, struct error *error);

/** As folders_open() with `make`, and ERROR_IO if files may not be made or removed in it. */
int folders_writable(struct folders *folders, const char *path, int *fd, struct error *error);

/** Closes all. */
void folders_clear(struct folders *folders);

#endif
