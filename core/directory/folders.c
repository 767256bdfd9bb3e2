/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/folders.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Walks from the top once a removal has come in between: more than a removal of a whole tree takes. */
enum { FOLDERS_TRIES = 8 };

static struct folders_entry *find(struct folders *folders, const char *path)
{
    for (size_t i = 0; i < folders->count; i++) {
        if (strcmp(folders->list[i].path, path) == 0) {
            folders->list[i].used = ++folders->clock;
            return &folders->list[i];
        }
    }
    return NULL;
}

/* A free entry, or that of the folder that was not used for the longest time. */
static struct folders_entry *take(struct folders *folders)
{
    struct folders_entry *oldest = &folders->list[0];

    if (folders->count < FOLDERS_MAX)
        return &folders->list[folders->count++];
    for (size_t i = 1; i < FOLDERS_MAX; i++) {
        if (folders->list[i].used < oldest->used)
            oldest = &folders->list[i];
    }
    (void)close(oldest->fd);
    return oldest;
}

/* The folder, whose folder above is open. */
static int open_below(struct folders *folders, int above, const char *path, const char *name, bool make,
                      struct folders_entry **out, struct error *error)
{
    char shown[PATH_MAX + SPOT_FOLDER_SIZE];
    struct folders_entry *entry;
    int fd = -1;
    int result;

    (void)snprintf(shown, sizeof shown, "%s/%s", folders->tree->path, path);
    result = tree_step(above, name, make, shown, &fd, error);
    if (result != 0)
        return result;
    entry = take(folders);
    *entry = (struct folders_entry){.fd = fd, .used = ++folders->clock};
    (void)snprintf(entry->path, sizeof entry->path, "%s", path);
    *out = entry;
    return 0;
}

/* Walks down to the folder, from the top or from what is open. */
static int open_entry(struct folders *folders, const char *path, bool make, struct folders_entry **out,
                      struct error *error)
{
    char part[SPOT_FOLDER_SIZE];
    const char *slash;
    size_t start = 0;
    int above = folders->tree->fd;

    *out = find(folders, path);
    if (*out)
        return 0;
    do {
        int result = 0;
        slash = strchr(path + start, '/');
        (void)snprintf(part, sizeof part, "%.*s", slash ? (int)(slash - path) : (int)strlen(path), path);
        *out = find(folders, part);
        if (!*out)
            result = open_below(folders, above, part, part + start, make, out, error);
        if (result != 0)
            return result;
        above = (*out)->fd;
        start = slash ? (size_t)(slash - path) + 1 : 0;
    } while (slash);
    return 0;
}

/* Folders that are to be there may be removed while they are open or made: then from the top again. */
static int open_standing(struct folders *folders, const char *path, bool make, struct folders_entry **out,
                         struct error *error)
{
    int result = open_entry(folders, path, make, out, error);

    for (int again = 0; make && result == ERROR_NOT_FOUND && again < FOLDERS_TRIES; again++) {
        folders_clear(folders);
        result = open_entry(folders, path, make, out, error);
    }
    return result;
}

int folders_open(struct folders *folders, const char *path, bool make, int *fd, struct error *error)
{
    struct folders_entry *entry = NULL;
    int result = open_standing(folders, path, make, &entry, error);

    if (result == 0)
        *fd = entry->fd;
    return result;
}

int folders_writable(struct folders *folders, const char *path, int *fd, struct error *error)
{
    struct folders_entry *entry = NULL;
    int result = open_standing(folders, path, true, &entry, error);

    if (result != 0)
        return result;
    if (!entry->writable && faccessat(entry->fd, ".", W_OK | X_OK, AT_EACCESS) != 0)
        return error_set(error, ERROR_IO, "%s/%s: cannot be written: %s", folders->tree->path, path,
                         strerror(errno));
    entry->writable = true;
    *fd = entry->fd;
    return 0;
}

void folders_clear(struct folders *folders)
{
    for (size_t i = 0; i < folders->count; i++)
        (void)close(folders->list[i].fd);
    folders->count = 0;
}
