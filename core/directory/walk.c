/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/walk.h"

#include "base/map.h"
#include "base/text.h"
#include "directory/listing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Deeper than anybody sorts files; ends a walk that goes astray. */
enum { MAX_DEPTH = 64 };

struct walk {
    const struct walk_visitor *visitor;
    struct error *error;
    /* Folders by "DEVICE:INODE" that are not entered (again). */
    struct map *entered;
    /* Path of the folder that is passed over, without symbolic links; NULL: there is none. */
    char *skip;
    /* Where the walk is. */
    struct text path;
    unsigned depth;
};

static bool is_input(const char *name)
{
    static const char *const endings[] = {".yaml", ".yml", ".json"};
    size_t length = strlen(name);

    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        size_t ending = strlen(endings[i]);
        if (length > ending && strcmp(name + length - ending, endings[i]) == 0)
            return true;
    }
    return false;
}

/* Remembers a folder. Returns 1 if it was known, 0, or ERROR_NO_MEMORY. */
static int remember(struct walk *walk, const struct stat *info)
{
    char key[64];

    (void)snprintf(key, sizeof key, "%llx:%llx", (unsigned long long)info->st_dev,
                   (unsigned long long)info->st_ino);
    if (map_get(walk->entered, key))
        return 1;
    return map_set(walk->entered, key, walk) ? 0 : error_no_memory(walk->error);
}

static int tell_unreadable(struct walk *walk, const char *message)
{
    return walk->visitor->unreadable(walk->path.data, message, walk->visitor->payload, walk->error);
}

/* An entry that cannot be looked at: gone since the folder was listed, or a link that leads nowhere. */
static int tell_unreachable(struct walk *walk, int folder, const char *name)
{
    int reason = errno;
    struct stat info;
    char message[256];

    if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT)
        return 0;
    (void)snprintf(message, sizeof message, "cannot be looked at: %s", strerror(reason));
    if (reason == ENOENT || reason == ELOOP)
        (void)snprintf(message, sizeof message, "a symbolic link that leads nowhere (%s)", strerror(reason));
    return tell_unreadable(walk, message);
}

static int visit_names(struct walk *walk, int fd);

static int enter(struct walk *walk, int folder, const char *name)
{
    char message[256];
    struct stat info;
    int result;
    int fd;

    if (walk->depth == MAX_DEPTH) {
        (void)snprintf(message, sizeof message, "a folder %d levels deep; at most %d are read", MAX_DEPTH + 1,
                       MAX_DEPTH);
        return tell_unreadable(walk, message);
    }
    fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info) != 0) {
        int reason = errno;
        if (fd >= 0)
            (void)close(fd);
        (void)snprintf(message, sizeof message, "the folder cannot be read: %s", strerror(reason));
        /* ENOENT: removed since its parent was listed. */
        return reason == ENOENT ? 0 : tell_unreadable(walk, message);
    }
    result = remember(walk, &info);
    if (result != 0) {
        (void)close(fd);
        return result < 0 ? result : 0;
    }
    walk->depth++;
    result = visit_names(walk, fd);
    walk->depth--;
    return result;
}

static int visit_file(struct walk *walk, int folder, const char *name, const struct stat *info)
{
    const struct walk_visitor *visitor = walk->visitor;
    const struct walk_file file = {.path = walk->path.data, .folder = folder, .name = name};

    if (!is_input(name))
        return 0;
    if (info && !S_ISREG(info->st_mode))
        return tell_unreadable(walk, "not a regular file");
    return visitor->file(&file, visitor->payload, walk->error);
}

/* Whether a name is a link that leads to somewhere in the folder that is passed over; links to the folder
 * itself are known by what they lead to. What we write there must not come back as somebody else's. */
static bool leads_to_skipped(const struct walk *walk, int folder, const char *name)
{
    size_t length = walk->skip ? strlen(walk->skip) : 0;
    struct stat info;
    char *real;
    bool leads;

    if (length == 0 || fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISLNK(info.st_mode))
        return false;
    real = realpath(walk->path.data, NULL);
    leads = real && strncmp(real, walk->skip, length) == 0 && real[length] == '/';
    free(real);
    return leads;
}

static int visit_entry(struct walk *walk, int folder, const struct listing_entry *entry)
{
    const struct walk_visitor *visitor = walk->visitor;
    struct stat info;

    if (entry->type == DT_REG)
        return visit_file(walk, folder, entry->name, NULL);
    if (entry->type == DT_DIR)
        return enter(walk, folder, entry->name);
    if (leads_to_skipped(walk, folder, entry->name))
        return visitor->skipped(walk->path.data, visitor->payload, walk->error);
    if (fstatat(folder, entry->name, &info, 0) != 0)
        return tell_unreachable(walk, folder, entry->name);
    if (S_ISDIR(info.st_mode))
        return enter(walk, folder, entry->name);
    return visit_file(walk, folder, entry->name, &info);
}

/* Takes the descriptor over. */
static int visit_names(struct walk *walk, int fd)
{
    struct listing listing = {0};
    struct error error = {0};
    size_t length = walk->path.length;
    int result = listing_read(fd, &listing, &error);

    if (result == ERROR_NO_MEMORY || (result != 0 && walk->depth == 0))
        return error_set(walk->error, result, "%s: %s", walk->path.data, error.message);
    if (result != 0)
        return tell_unreadable(walk, error.message);
    for (size_t i = 0; i < listing.count && result == 0; i++) {
        text_append(&walk->path, "/", 1);
        text_append_string(&walk->path, listing.entries[i].name);
        result = walk->path.failed ? error_no_memory(walk->error)
                                   : visit_entry(walk, dirfd(listing.folder), &listing.entries[i]);
        text_cut(&walk->path, length);
    }
    listing_release(&listing);
    return result;
}

static int open_root(const char *root, struct stat *info, int *fd, struct error *error)
{
    *fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0 && errno == ENOENT)
        return error_set(error, ERROR_NOT_FOUND, "the input folder %s does not exist", root);
    if (*fd < 0 || fstat(*fd, info) != 0) {
        int reason = errno;
        if (*fd >= 0)
            (void)close(*fd);
        return error_set(error, ERROR_IO, "the input folder %s cannot be read: %s", root, strerror(reason));
    }
    return 0;
}

int walk_folder(const char *root, const char *skip, const struct walk_visitor *visitor, struct error *error)
{
    struct walk walk = {.visitor = visitor, .error = error, .path = text_empty()};
    struct stat info = {0};
    size_t length = strlen(root);
    int fd = -1;
    int result = open_root(root, &info, &fd, error);

    if (result != 0)
        return result;
    while (length > 0 && root[length - 1] == '/')
        length--;
    text_append(&walk.path, root, length);
    walk.entered = map_new(NULL);
    if (!walk.entered || walk.path.failed || remember(&walk, &info) < 0)
        result = error_no_memory(error);
    if (result == 0 && skip && stat(skip, &info) == 0 && remember(&walk, &info) < 0)
        result = error_no_memory(error);
    walk.skip = skip ? realpath(skip, NULL) : NULL;
    if (result == 0 && skip && !walk.skip && errno == ENOMEM)
        result = error_no_memory(error);
    if (result == 0)
        result = visit_names(&walk, fd);
    else
        (void)close(fd);
    text_release(&walk.path);
    map_free(walk.entered);
    free(walk.skip);
    return result;
}
