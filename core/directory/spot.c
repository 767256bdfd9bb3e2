/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/spot.h"

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
    struct spot **list;
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

static void free_spot(void *value)
{
    struct spot *spot = value;

    free(spot->path);
    map_free(spot->names);
    free(spot);
}

int spots_init(struct spots *spots)
{
    *spots = (struct spots){.fd = -1, .map = map_new(free_spot)};
    if (!spots->map)
        return ENOMEM;
    spots->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    return spots->fd < 0 ? errno : 0;
}

void spots_release(struct spots *spots)
{
    if (spots->fd >= 0)
        (void)close(spots->fd);
    map_free(spots->map);
    *spots = (struct spots){.fd = -1};
}

struct spot *spots_get(const struct spots *spots, int wd)
{
    return map_get(spots->map, number_of(wd).text);
}

int spots_add(struct spots *spots, const char *path, uint32_t mask, struct spot **out)
{
    int wd = inotify_add_watch(spots->fd, path, mask | IN_ONLYDIR | IN_MASK_ADD);
    struct spot *spot;

    if (wd < 0)
        return errno;
    spot = spots_get(spots, wd);
    if (!spot) {
        spot = calloc(1, sizeof *spot);
        if (!spot || !map_set(spots->map, number_of(wd).text, spot)) {
            free(spot);
            (void)inotify_rm_watch(spots->fd, wd);
            return ENOMEM;
        }
        spot->wd = wd;
    }
    spot->mask |= mask;
    spot->wanted |= mask;
    *out = spot;
    return 0;
}

int spot_place(struct spot *spot, const char *path)
{
    char *copy = strdup(path);

    if (!copy)
        return ENOMEM;
    free(spot->path);
    spot->path = copy;
    return 0;
}

int spot_add_name(struct spot *spot, const char *name)
{
    if (!spot->names)
        spot->names = map_new(NULL);
    return spot->names && map_set(spot->names, name, spot) ? 0 : ENOMEM;
}

bool spot_has_name(const struct spot *spot, const char *name)
{
    return spot->names && map_get(spot->names, name);
}

void spots_remove(struct spots *spots, struct spot *spot, bool gone)
{
    int wd = spot->wd;

    if (!gone)
        (void)inotify_rm_watch(spots->fd, wd);
    (void)map_remove(spots->map, number_of(wd).text);
}

static bool is_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);

    return length == 0 ||
           (strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0'));
}

static bool is_doomed(const struct spot *spot, struct doomed *doomed)
{
    if (doomed->path) {
        bool below = spot->path && is_below(spot->path, doomed->path);
        doomed->shared |= below && spot->shared;
        return below;
    }
    doomed->shrunk |= spot->wanted != 0 && spot->wanted != spot->mask;
    return spot->wanted != spot->mask;
}

static bool doom(const char *key, void *value, void *payload)
{
    struct doomed *doomed = payload;

    (void)key;
    if (!is_doomed(value, doomed))
        return true;
    if (doomed->count == doomed->capacity) {
        size_t larger = doomed->capacity > 0 ? doomed->capacity * 2 : 32;
        struct spot **list = realloc(doomed->list, larger * sizeof(struct spot *));
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

static void remove_doomed(struct spots *spots, struct doomed *doomed)
{
    map_each(spots->map, doom, doomed);
    for (size_t i = 0; i < doomed->count; i++)
        spots_remove(spots, doomed->list[i], false);
    free(doomed->list);
}

int spots_remove_below(struct spots *spots, const char *path)
{
    struct doomed doomed = {.path = path};

    remove_doomed(spots, &doomed);
    if (doomed.failed)
        return ENOMEM;
    return doomed.shared ? EEXIST : 0;
}

static bool forget(const char *key, void *value, void *payload)
{
    struct spot *spot = value;

    (void)key;
    (void)payload;
    spot->wanted = 0;
    spot->shared = false;
    free(spot->path);
    spot->path = NULL;
    map_free(spot->names);
    spot->names = NULL;
    return true;
}

void spots_forget(struct spots *spots)
{
    map_each(spots->map, forget, NULL);
}

int spots_sweep(struct spots *spots)
{
    struct doomed doomed = {0};

    remove_doomed(spots, &doomed);
    if (doomed.failed)
        return ENOMEM;
    return doomed.shrunk ? EAGAIN : 0;
}
