/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/listing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int add(struct listing *listing, size_t *capacity, const struct dirent *entry)
{
    char *name;

    if (listing->count == *capacity) {
        size_t larger = *capacity > 0 ? *capacity * 2 : 32;
        struct listing_entry *entries = realloc(listing->entries, larger * sizeof *entries);
        if (!entries)
            return ERROR_NO_MEMORY;
        listing->entries = entries;
        *capacity = larger;
    }
    name = strdup(entry->d_name);
    if (!name)
        return ERROR_NO_MEMORY;
    listing->entries[listing->count++] = (struct listing_entry){.name = name, .type = entry->d_type};
    return 0;
}

static int compare(const void *a, const void *b)
{
    const struct listing_entry *left = a;
    const struct listing_entry *right = b;

    return strcmp(left->name, right->name);
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
        if (entry->d_name[0] != '.' && add(listing, &capacity, entry) != 0)
            return error_no_memory(error);
    }
    if (errno != 0)
        return error_set(error, ERROR_IO, "the folder cannot be read: %s", strerror(errno));
    if (listing->count > 0)
        qsort(listing->entries, listing->count, sizeof *listing->entries, compare);
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
        free(listing->entries[i].name);
    free(listing->entries);
    if (listing->folder)
        (void)closedir(listing->folder);
    *listing = (struct listing){0};
}
