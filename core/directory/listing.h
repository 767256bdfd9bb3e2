/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listing - the names in a folder that are not hidden, sorted
 *
 * Private to the walk. Names that begin with a dot are hidden and left out.
 */
#ifndef DIRECTORY_LISTING_H
#define DIRECTORY_LISTING_H

#include "base/error.h"

#include <dirent.h>
#include <stddef.h>

/** A name in a folder. */
struct listing_entry {
    /** Owned by the listing. */
    char *name;
    /** What the folder says about it: DT_REG, DT_DIR, ...; DT_UNKNOWN if it says nothing. */
    unsigned char type;
};

/** The names in a folder. Storage of the caller; all zero is empty. */
struct listing {
    /** The folder, open. Owned. */
    DIR *folder;
    /** In the order of their bytes. Owned. */
    struct listing_entry *entries;
    size_t count;
};

/**
 * Lists a folder.
 *
 * @param fd       the folder; taken over, also on failure.
 * @param listing  all zero; filled in on success, for listing_release().
 * @return 0, ERROR_IO or ERROR_NO_MEMORY.
 */
int listing_read(int fd, struct listing *listing, struct error *error);

/** Closes the folder and frees the names; the listing is empty again. */
void listing_release(struct listing *listing);

#endif
