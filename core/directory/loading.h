/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loading - what a file of an input holds, and what it looked like just before that was read
 *
 * Private to the input. Any thread may load a file: nothing but the loading itself is changed.
 */
#ifndef DIRECTORY_LOADING_H
#define DIRECTORY_LOADING_H

#include "base/error.h"
#include "directory/bundle.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <time.h>

/** A file. Storage of the caller; all zero is one that was not loaded. */
struct loading {
    /** It was tried. */
    bool done;
    /** errno of why it could not be opened; 0: it was. */
    int reason;
    /** As it was when it was opened, and the time then. */
    struct stat info;
    struct timespec opened;
    /** Its bytes, NUL-terminated, owned; NULL: they could not be read, and why. */
    char *data;
    size_t size;
    struct error error;
    /** The bytes were read as YAML, with what came of it. */
    bool parsed;
    struct bundle_reading reading;
};

/**
 * Opens a file and reads it.
 *
 * @param loading  all zero; filled in, for loading_release().
 * @param folder   open; the path starts there.
 */
void loading_read(struct loading *loading, int folder, const char *path);

/** As loading_read(), and parses what it read; does nothing at all about a file that is large, for which
 * whoever takes it has to find the memory. */
void loading_ahead(struct loading *loading, int folder, const char *path);

/** Frees what was loaded. */
void loading_release(struct loading *loading);

#endif
