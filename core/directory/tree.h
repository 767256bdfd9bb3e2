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
 * Opens one folder below another, without following a link.
 *
 * @param at     the folder above.
 * @param name   one file name.
 * @param make   made if it does not exist.
 * @param shown  its whole path, for messages.
 * @param fd     set on success, owned by caller, for close().
 * @return 0; ERROR_NOT_FOUND, with `make` if the folder above or the one that was made was removed;
 * ERROR_INVALID if something else stands there; ERROR_IO.
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
