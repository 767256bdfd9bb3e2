/* SPDX-License-Identifier: Apache-2.0 */
/*
 * folder - the folders that inotify looks at
 *
 * Private to watch. A folder has one folder, whatever it is looked at for and by however many paths it is
 * reached. A whole look at the tree begins with watched_table_forget(), renews what is still wanted by
 * watched_table_add(), and ends with watched_table_sweep(): no watch is removed and set again in between, so
 * that no event is lost.
 */
#ifndef DIRECTORY_WATCHED_H
#define DIRECTORY_WATCHED_H

#include "base/map.h"

#include <stdbool.h>
#include <stdint.h>

/** A folder that is looked at. */
struct watched {
    /** The watch descriptor. */
    int wd;
    /** IN_*: set in the kernel. */
    uint32_t mask;
    /** IN_*: of these, wanted since watched_table_forget(). */
    uint32_t wanted;
    /** Where the folder stands below the root, "" for the root itself; NULL: it is not in the tree. Owned. */
    char *path;
    /** Another path in the tree, or the way to the tree or along a link, leads there too. */
    bool shared;
    /** Names in it that a symbolic link is or leads to, or that are missed; NULL: none. Owned. */
    struct map *names;
};

/** All of them. Storage of the caller. */
struct watched_table {
    /** Of inotify. Owned; -1: none. */
    int fd;
    /** struct watched by descriptor. Owned. */
    struct map *map;
};

/** @return 0, or errno; then there are none, and none can be added, but everything else works. */
int watched_table_init(struct watched_table *table);

/** Ends all watches and frees the memory. */
void watched_table_release(struct watched_table *table);

/** @return the folder of a descriptor, borrowed; NULL: none. */
struct watched *watched_table_get(const struct watched_table *table, int wd);

/**
 * Looks at a folder.
 *
 * @param path  absolute.
 * @param mask  IN_*, added to what is looked for there.
 * @param out   the folder, borrowed; valid until it is removed.
 * @return 0, or errno.
 */
int watched_table_add(struct watched_table *table, const char *path, uint32_t mask, struct watched **out);

/** Puts the folder at a place in the tree. @return 0 or ENOMEM. */
int watched_place(struct watched *folder, const char *path);

/** Remembers a name. @return 0 or ENOMEM. */
int watched_add_name(struct watched *folder, const char *name);

/** @return whether the name was remembered. */
bool watched_has_name(const struct watched *folder, const char *name);

/** Ends a watch. @param gone  the kernel has ended it already. */
void watched_table_remove(struct watched_table *table, struct watched *folder, bool gone);

/**
 * Ends the watches of a folder in the tree and of all below it.
 *
 * @return 0; EEXIST if one of them can be reached by another path too, so that the tree must be looked at
 * again; ENOMEM.
 */
int watched_table_remove_below(struct watched_table *table, const char *path);

/** Nothing is wanted any more; the watches go on. */
void watched_table_forget(struct watched_table *table);

/**
 * Ends the watches that are not wanted.
 *
 * @return 0; EAGAIN if one was ended that is wanted for less than before and must be set again; ENOMEM.
 */
int watched_table_sweep(struct watched_table *table);

#endif
