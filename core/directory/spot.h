/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spot - the folders that inotify looks at
 *
 * Private to watch. A folder has one spot, whatever it is looked at for and by however many paths it is
 * reached. A whole look at the tree begins with spots_forget(), renews what is still wanted by spots_add(),
 * and ends with spots_sweep(): no watch is removed and set again in between, so that no event is lost.
 */
#ifndef DIRECTORY_SPOT_H
#define DIRECTORY_SPOT_H

#include "base/map.h"

#include <stdbool.h>
#include <stdint.h>

/** A folder that is looked at. */
struct spot {
    /** The watch descriptor. */
    int wd;
    /** IN_*: set in the kernel. */
    uint32_t mask;
    /** IN_*: of these, wanted since spots_forget(). */
    uint32_t wanted;
    /** Where the folder stands below the root, "" for the root itself; NULL: it is not in the tree. Owned. */
    char *path;
    /** Another path in the tree, or the way to the tree or along a link, leads there too. */
    bool shared;
    /** Names in it that a symbolic link is or leads to, or that are missed; NULL: none. Owned. */
    struct map *names;
};

/** All of them. Storage of the caller. */
struct spots {
    /** Of inotify. Owned; -1: none. */
    int fd;
    /** struct spot by descriptor. Owned. */
    struct map *map;
};

/** @return 0, or errno; then there are none, and none can be added, but everything else works. */
int spots_init(struct spots *spots);

/** Ends all watches and frees the memory. */
void spots_release(struct spots *spots);

/** @return the spot of a descriptor, borrowed; NULL: none. */
struct spot *spots_get(const struct spots *spots, int wd);

/**
 * Looks at a folder.
 *
 * @param path  absolute.
 * @param mask  IN_*, added to what is looked for there.
 * @param out   the spot, borrowed; valid until it is removed.
 * @return 0, or errno.
 */
int spots_add(struct spots *spots, const char *path, uint32_t mask, struct spot **out);

/** Puts the spot at a place in the tree. @return 0 or ENOMEM. */
int spot_place(struct spot *spot, const char *path);

/** Remembers a name. @return 0 or ENOMEM. */
int spot_add_name(struct spot *spot, const char *name);

/** @return whether the name was remembered. */
bool spot_has_name(const struct spot *spot, const char *name);

/** Ends a watch. @param gone  the kernel has ended it already. */
void spots_remove(struct spots *spots, struct spot *spot, bool gone);

/**
 * Ends the watches of a folder in the tree and of all below it.
 *
 * @return 0; EEXIST if one of them can be reached by another path too, so that the tree must be looked at
 * again; ENOMEM.
 */
int spots_remove_below(struct spots *spots, const char *path);

/** Nothing is wanted any more; the watches go on. */
void spots_forget(struct spots *spots);

/**
 * Ends the watches that are not wanted.
 *
 * @return 0; EAGAIN if one was ended that is wanted for less than before and must be set again; ENOMEM.
 */
int spots_sweep(struct spots *spots);

#endif
