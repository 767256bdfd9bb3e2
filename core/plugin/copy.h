/* SPDX-License-Identifier: Apache-2.0 */
/*
 * copy - a plugin's bytes where nobody else can change them and dlopen() can take them
 *
 * In memory where the system lets memory be executed by name; else in a folder of ours.
 */
#ifndef PLUGIN_COPY_H
#define PLUGIN_COPY_H

#include "base/error.h"

#include <stddef.h>

/** A copy that waits to be loaded. Once it is, the copy can be released: the mapping stays. */
struct copy {
    /** Owned. */
    int fd;
    /** For dlopen(); no object of this process was loaded from it before. Owned. */
    char *path;
    /** Folder that was made for it; NULL if it is in memory. Owned. */
    char *folder;
};

/**
 * Makes a copy, in memory if that can be, else in a folder.
 *
 * @param name  for debuggers: what the object's mapping is called.
 * @param out   set on success, for copy_release().
 * @return 0, ERROR_IO (nowhere; the message tells where it was tried) or ERROR_NO_MEMORY.
 */
int copy_make(const char *name, const char *data, size_t size, struct copy *out, struct error *error);

/** As copy_make(), in sealed memory only. */
int copy_in_memory(const char *name, const char *data, size_t size, struct copy *out, struct error *error);

/** As copy_make(), in a new folder of mode 0700 under `parent` only. */
int copy_in_folder(const char *parent, const char *data, size_t size, struct copy *out, struct error *error);

/** Closes the copy and removes file and folder. */
void copy_release(struct copy *copy);

#endif
