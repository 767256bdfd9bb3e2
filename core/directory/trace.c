/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/trace.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As many links as the kernel follows; and how often a place may change while it is being looked at. */
enum { MAX_LINKS = 40, MAX_TRIES = 8 };

/* A path that is being followed. */
struct way {
    struct watched_table *table;
    /* The folder reached so far, without links; "" is the root of the file system. */
    char at[PATH_MAX];
    /* What is still to go. */
    char rest[PATH_MAX];
    unsigned links;
    /* The place that is being looked at, and what a link there says. */
    char path[PATH_MAX];
    char target[PATH_MAX];
};

/* What stands at a place: nothing, or what stat says. */
struct found {
    int reason;
    struct stat info;
};

static const char *folder_of(const struct way *way)
{
    return way->at[0] != '\0' ? way->at : "/";
}

/* Takes the next part off the rest. Returns its length, 0 at the end. */
static size_t next_part(struct way *way, char name[NAME_MAX + 1])
{
    const char *from = way->rest + strspn(way->rest, "/");
    size_t length = strcspn(from, "/");

    if (length > NAME_MAX)
        length = NAME_MAX;
    memcpy(name, from, length);
    name[length] = '\0';
    memmove(way->rest, from + length, strlen(from + length) + 1);
    return length;
}

static bool is_last(const struct way *way)
{
    return way->rest[strspn(way->rest, "/")] == '\0';
}

static void cut_last(char *path)
{
    char *slash = strrchr(path, '/');

    if (slash)
        *slash = '\0';
}

static struct found look(const char *path)
{
    struct found found = {0};

    found.reason = lstat(path, &found.info) == 0 ? 0 : errno;
    return found;
}

static bool is_same(const struct found *a, const struct found *b)
{
    return a->reason == b->reason && a->info.st_dev == b->info.st_dev && a->info.st_ino == b->info.st_ino;
}

static bool is_kind(const struct found *found, mode_t kind)
{
    return found->reason == 0 && (found->info.st_mode & S_IFMT) == kind;
}

static int watch_name(struct way *way, const char *name, uint32_t mask)
{
    struct watched *folder;
    int reason = watched_table_add(way->table, folder_of(way), mask, &folder);

    if (reason != 0)
        return reason;
    folder->shared = true;
    return watched_add_name(folder, name);
}

/* A folder on the way. One that may be passed and not read is not looked at: only its being moved is missed.
 */
static int watch_self(struct way *way, const char *path)
{
    struct watched *folder;
    int reason = watched_table_add(way->table, path, TRACE_SELF, &folder);

    if (reason == 0)
        folder->shared = true;
    return reason == EACCES || reason == ENOENT || reason == ENOTDIR ? 0 : reason;
}

static int watch_found(struct way *way, const char *path, const char *name, const struct found *found)
{
    if (is_kind(found, S_IFDIR))
        return is_last(way) ? 0 : watch_self(way, path);
    if (is_kind(found, S_IFLNK) || found->reason != 0 || !is_last(way))
        return watch_name(way, name, TRACE_NAMES);
    return watch_name(way, name, TRACE_NAMES | TRACE_CONTENT);
}

/* Looks at a place, sets the watch, and looks again, until what is watched is what was seen. */
static int settle(struct way *way, const char *path, const char *name, struct found *found)
{
    struct found before;
    unsigned tries = 0;
    int reason;

    *found = look(path);
    do {
        before = *found;
        reason = watch_found(way, path, name, found);
        *found = look(path);
        if (++tries > MAX_TRIES)
            reason = EAGAIN;
    } while (reason == 0 && !is_same(&before, found));
    return reason;
}

/* Puts what a link says in front of the rest. */
static int follow(struct way *way)
{
    ssize_t length = readlink(way->path, way->target, sizeof way->target);
    size_t rest = strlen(way->rest);

    if (length < 0)
        return errno;
    if (++way->links > MAX_LINKS)
        return ELOOP;
    if ((size_t)length + rest + 2 > sizeof way->rest)
        return ENAMETOOLONG;
    memmove(way->rest + length + 1, way->rest, rest + 1);
    memcpy(way->rest, way->target, (size_t)length);
    way->rest[length] = '/';
    if (way->target[0] == '/')
        way->at[0] = '\0';
    return 0;
}

/* Goes one part on. *end is set where the way ends here. */
static int step(struct way *way, const char *name, enum trace_end *end, bool *done)
{
    int length = snprintf(way->path, sizeof way->path, "%s/%s", way->at, name);
    struct found found;
    int reason;

    if (length < 0 || (size_t)length >= sizeof way->path)
        return ENAMETOOLONG;
    reason = settle(way, way->path, name, &found);
    *end = TRACE_NOTHING;
    if (reason != 0)
        return reason;
    if (is_kind(&found, S_IFLNK)) {
        reason = follow(way);
        *done = reason != 0;
        return reason == ELOOP || reason == ENAMETOOLONG || reason == ENOENT ? 0 : reason;
    }
    *done = !is_kind(&found, S_IFDIR);
    if (!*done)
        memcpy(way->at, way->path, (size_t)length + 1);
    else if (found.reason == 0 && is_last(way))
        *end = TRACE_FILE;
    return 0;
}

static int walk(struct way *way, enum trace_end *end)
{
    char name[NAME_MAX + 1];
    bool done = false;
    int reason = 0;

    while (reason == 0 && !done && next_part(way, name) > 0) {
        if (strcmp(name, "..") == 0)
            cut_last(way->at);
        else if (strcmp(name, ".") != 0)
            reason = step(way, name, end, &done);
    }
    if (!done)
        *end = TRACE_FOLDER;
    return reason;
}

int trace_path(struct watched_table *table, const char *start, const char *rest, enum trace_end *end,
               struct text *real)
{
    struct way *way;
    enum trace_end found = TRACE_NOTHING;
    int reason;

    if (strlen(rest) >= PATH_MAX || strlen(start) >= PATH_MAX)
        return ENAMETOOLONG;
    way = calloc(1, sizeof *way);
    if (!way)
        return ENOMEM;
    way->table = table;
    memcpy(way->rest, rest, strlen(rest) + 1);
    if (strcmp(start, "/") != 0)
        memcpy(way->at, start, strlen(start) + 1);
    reason = walk(way, &found);
    if (reason == 0 && real && found == TRACE_FOLDER) {
        text_clear(real);
        text_append_string(real, folder_of(way));
        reason = real->failed ? ENOMEM : 0;
    }
    if (reason == 0)
        *end = found;
    free(way);
    return reason;
}
