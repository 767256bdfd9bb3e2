/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree - files below one folder, which no symbolic link leads out of
 *
 * Private to the output. Folders are opened one by one from the top, each without following a link, so that
 * whoever may write below the folder cannot turn our writes elsewhere.
 */
#ifndef DIRECTORY_TREE_H
#define DIRECTORY_TREE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Name of the folder of temporary files, below the top: on one file system with what they become. */
#define TREE_TEMPORARY ".tmp"

/** Room for the name of a temporary file. */
#define TREE_TEMPORARY_SIZE 32

/** A folder of ours. Storage of the caller. */
struct tree {
    /** For messages. Owned. */
    char *path;
    /** The folder, open. */
    int fd;
};

/** A place in a tree. Both borrowed. */
struct tree_place {
    /** "resources/default/policies.example.org": its parts are valid file names, none is "." or "..". */
    const char *folder;
    /** One file name. */
    const char *file;
};

/**
 * Opens a folder, made with its parents if it does not exist. What a killed program left in its ".tmp" is
 * removed.
 *
 * @param path  absolute. Symbolic links up to the folder itself are followed: they are the operator's.
 * @param tree  filled in on success, for tree_close().
 * @return 0, ERROR_IO or ERROR_NO_MEMORY.
 */
int tree_open(const char *path, struct tree *tree, struct error *error);

/** Closes the folder and frees the path. */
void tree_close(struct tree *tree);

/**
 * Reads a file.
 *
 * @param data  set to the content, NUL-terminated, owned by caller, for free().
 * @return 0; ERROR_NOT_FOUND; ERROR_INVALID if something stands in the way that is no regular file or, above
 *         it, no folder; ERROR_LIMIT; ERROR_IO; ERROR_NO_MEMORY. The message names the whole path.
 */
int tree_read(const struct tree *tree, const struct tree_place *place, size_t max, char **data, size_t *size,
              struct error *error);

/**
 * Replaces a file in one step: whoever reads sees the old content or the new one.
 *
 * @param exists  a regular file stands there and may go; otherwise a file that turns up there meanwhile is
 *                not replaced.
 * @return 0; ERROR_FOREIGN if something stands in the way; ERROR_IO; ERROR_NO_MEMORY. On failure nothing has
 *         changed.
 */
int tree_replace(const struct tree *tree, const struct tree_place *place, const char *data, size_t size,
                 bool exists, struct error *error);

/**
 * Opens one folder below another, without following a link.
 *
 * @param at     the folder above.
 * @param name   one file name.
 * @param make   made if it does not exist.
 * @param shown  its whole path, for messages.
 * @param fd     set on success, owned by caller, for close().
 * @return 0; ERROR_NOT_FOUND; ERROR_INVALID if something else stands there; ERROR_IO.
 */
int tree_step(int at, const char *name, bool make, const char *shown, int *fd, struct error *error);

/** @return a number that nobody else who writes to the folder begins with, on whatever machine. */
uint64_t tree_number(void);

/** Writes the name of a temporary file; killed programs' files of such names are removed by tree_open(). */
void tree_temporary(char name[TREE_TEMPORARY_SIZE], uint64_t number);

/**
 * Puts a temporary file in its place.
 *
 * @param from    folder of the temporary file.
 * @param to      folder of the place.
 * @param exists  what stands there is replaced; otherwise nothing is: EEXIST.
 * @return 0; -1 with errno.
 */
int tree_move(int from, const char *temporary, int to, const char *file, bool exists);

#endif
