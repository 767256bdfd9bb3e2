/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/watched.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

/* The decimal digits of a descriptor. */
struct number {
    char text[16];
};

/* Spots that are to go: a map must not change while it is visited. */
struct doomed {
    struct watched **list;
    size_t count;
    size_t capacity;
    /* Those at or below this path; NULL: those that are not wanted. */
    const char *path;
    bool shared;
    bool shrunk;
    bool failed;
};

static struct number number_of(int wd)
{
    struct number number;

    (void)snprintf(number.text, sizeof number.text, "%d", wd);
    return number;
}

static void free_watched(void *value)
{
    struct watched *folder = value;

    free(folder->path);
    map_free(folder->names);
    free(folder);
}

int watched_table_init(struct watched_table *table)
{
    *table = (struct watched_table){.fd = -1, .map = map_new(free_watched)};
    if (!table->map)
        return ENOMEM;
    table->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    return table->fd < 0 ? errno : 0;
}

void watched_table_release(struct watched_table *table)
{
    if (table->fd >= 0)
        (void)close(table->fd);
    map_free(table->map);
    *table = (struct watched_table){.fd = -1};
}

struct watched *watched_table_get(const struct watched_table *table, int wd)
{
    return map_get(table->map, number_of(wd).text);
}

int watched_table_add(struct watched_table *table, const char *path, uint32_t mask, struct watched **out)
{
    int wd = inotify_add_watch(table->fd, path, mask | IN_ONLYDIR | IN_MASK_ADD);
    struct watched *folder;

    if (wd < 0)
        return errno;
    folder = watched_table_get(table, wd);
    if (!folder) {
        folder = calloc(1, sizeof *folder);
        if (!folder || !map_set(table->map, number_of(wd).text, folder)) {
            free(folder);
            (void)inotify_rm_watch(table->fd, wd);
            return ENOMEM;
        }
        folder->wd = wd;
    }
    folder->mask |= mask;
    folder->wanted |= mask;
    *out = folder;
    return 0;
}

int watched_place(struct watched *folder, const char *path)
{
    char *copy = strdup(path);

    if (!copy)
        return ENOMEM;
    free(folder->path);
    folder->path = copy;
    return 0;
}

int watched_add_name(struct watched *folder, const char *name)
{
    if (!folder->names)
        folder->names = map_new(NULL);
    return folder->names && map_set(folder->names, name, folder) ? 0 : ENOMEM;
}

bool watched_has_name(const struct watched *folder, const char *name)
{
    return folder->names && map_get(folder->names, name);
}

void watched_table_remove(struct watched_table *table, struct watched *folder, bool gone)
{
    int wd = folder->wd;

    if (!gone)
        (void)inotify_rm_watch(table->fd, wd);
    (void)map_remove(table->map, number_of(wd).text);
}

static bool is_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);

    return length == 0 ||
           (strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0'));
}

static bool is_doomed(const struct watched *folder, struct doomed *doomed)
{
    if (doomed->path) {
        bool below = folder->path && is_below(folder->path, doomed->path);
        doomed->shared |= below && folder->shared;
        return below;
    }
    doomed->shrunk |= folder->wanted != 0 && folder->wanted != folder->mask;
    return folder->wanted != folder->mask;
}

static bool doom(const char *key, void *value, void *payload)
{
    struct doomed *doomed = payload;

    (void)key;
    if (!is_doomed(value, doomed))
        return true;
    if (doomed->count == doomed->capacity) {
        size_t larger = doomed->capacity > 0 ? doomed->capacity * 2 : 32;
        struct watched **list = realloc(doomed->list, larger * sizeof(struct watched *));
        if (!list) {
            doomed->failed = true;
            return false;
        }
        doomed->list = list;
        doomed->capacity = larger;
    }
    doomed->list[doomed->count++] = value;
    return true;
}

static void remove_doomed(struct watched_table *table, struct doomed *doomed)
{
    map_each(table->map, doom, doomed);
    for (size_t i = 0; i < doomed->count; i++)
        watched_table_remove(table, doomed->list[i], false);
    free(doomed->list);
}

int watched_table_remove_below(struct watched_table *table, const char *path)
{
    struct doomed doomed = {.path = path};

    remove_doomed(table, &doomed);
    if (doomed.failed)
        return ENOMEM;
    return doomed.shared ? EEXIST : 0;
}

static bool forget(const char *key, void *value, void *payload)
{
    struct watched *folder = value;

    (void)key;
    (void)payload;
    folder->wanted = 0;
    folder->shared = false;
    free(folder->path);
    folder->path = NULL;
    map_free(folder->names);
    folder->names = NULL;
    return true;
}

void watched_table_forget(struct watched_table *table)
{
    map_each(table->map, forget, NULL);
}

int watched_table_sweep(struct watched_table *table)
{
    struct doomed doomed = {0};

    remove_doomed(table, &doomed);
    if (doomed.failed)
        return ENOMEM;
    return doomed.shrunk ? EAGAIN : 0;
}
