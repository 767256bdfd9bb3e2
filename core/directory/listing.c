/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/listing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int add(struct listing *listing, size_t *capacity, const char *name)
{
    if (listing->count == *capacity) {
        size_t larger = *capacity > 0 ? *capacity * 2 : 32;
        char **names = realloc(listing->names, larger * sizeof *names);
        if (!names)
            return ERROR_NO_MEMORY;
        listing->names = names;
        *capacity = larger;
    }
    listing->names[listing->count] = strdup(name);
    if (!listing->names[listing->count])
        return ERROR_NO_MEMORY;
    listing->count++;
    return 0;
}

static int compare(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;

    return strcmp(*left, *right);
}

static int read_names(struct listing *listing, struct error *error)
{
    size_t capacity = 0;
    const struct dirent *entry;

    for (;;) {
        errno = 0;
        entry = readdir(listing->folder);
        if (!entry)
            break;
        if (add(listing, &capacity, entry->d_name) != 0)
            return error_no_memory(error);
    }
    if (errno != 0)
        return error_set(error, ERROR_IO, "the folder cannot be read: %s", strerror(errno));
    if (listing->count > 0)
        qsort(listing->names, listing->count, sizeof *listing->names, compare);
    return 0;
}

int listing_read(int fd, struct listing *listing, struct error *error)
{
    struct listing found = {.folder = fdopendir(fd)};
    int reason = errno;
    int result;

    if (!found.folder) {
        (void)close(fd);
        return reason == ENOMEM
                   ? error_no_memory(error)
                   : error_set(error, ERROR_IO, "the folder cannot be read: %s", strerror(reason));
    }
    result = read_names(&found, error);
    if (result != 0) {
        listing_release(&found);
        return result;
    }
    *listing = found;
    return 0;
}

void listing_release(struct listing *listing)
{
    for (size_t i = 0; i < listing->count; i++)
        free(listing->names[i]);
    free(listing->names);
    if (listing->folder)
        (void)closedir(listing->folder);
    *listing = (struct listing){0};
}
