/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/source.h"

#include "base/file.h"
#include "base/map.h"
#include "config/yaml.h"
#include "directory/document.h"
#include "directory/listing.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Deeper than anybody sorts files; ends a walk that goes astray. */
enum { MAX_DEPTH = 64 };

/* What a walk through the input shares. */
struct walk {
    const struct source_reader *reader;
    struct error *error;
    /* Folders by "DEVICE:INODE" that are not entered (again). */
    struct map *entered;
};

/* A document that was read and waits for the rest of its file. */
struct pending {
    json_t *value;
    size_t number;
};

/* The documents of one file. */
struct batch {
    struct pending *list;
    size_t count;
    struct error *error;
};

static void quarantine(const struct source_reader *reader, const char *file, struct yaml_mark mark,
                       const char *message)
{
    reader->result->quarantined++;
    problems_add_at(reader->problems, PROBLEM_ERROR, file, mark.line, mark.column, NULL,
                    "%s; nothing of it is used until it is mended", message);
}

static int keep(json_t *document, size_t number, size_t line, void *payload)
{
    struct batch *batch = payload;
    struct pending *list = realloc(batch->list, (batch->count + 1) * sizeof *list);

    (void)line;
    if (!list)
        return error_no_memory(batch->error);
    batch->list = list;
    list[batch->count++] = (struct pending){.value = json_incref(document), .number = number};
    return 0;
}

static int take_batch(const char *name, const char *data, size_t size, const struct batch *batch,
                      const struct source_reader *reader)
{
    struct document document = {.file = name, .data = data, .size = size};
    int result = 0;

    reader->result->files++;
    for (size_t i = 0; i < batch->count && result == 0; i++) {
        document.number = batch->list[i].number;
        result = document_take(&document, batch->list[i].value, reader, batch->error);
    }
    return result;
}

int source_read_text(const char *name, const char *data, size_t size, const struct source_reader *reader,
                     struct error *error)
{
    struct error own = {0};
    struct batch batch = {.error = error ? error : &own};
    struct yaml_mark mark = {0};
    int result = yaml_read(data, size, &yaml_file_limits, keep, &batch, &mark, batch.error);

    if (result == 0) {
        result = take_batch(name, data, size, &batch, reader);
    } else if (result != ERROR_NO_MEMORY) {
        quarantine(reader, name, mark, batch.error->message);
        result = 0;
    }
    for (size_t i = 0; i < batch.count; i++)
        json_decref(batch.list[i].value);
    free(batch.list);
    return result;
}

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
static int remember(const struct walk *walk, const struct stat *info)
{
    char key[64];

    (void)snprintf(key, sizeof key, "%llx:%llx", (unsigned long long)info->st_dev,
                   (unsigned long long)info->st_ino);
    if (map_get(walk->entered, key))
        return 1;
    return map_set(walk->entered, key, walk->entered) ? 0 : error_no_memory(walk->error);
}

static int read_file(const struct walk *walk, int folder, const char *name, const char *path)
{
    struct error error = {0};
    char *data = NULL;
    size_t size = 0;
    int result = file_read(folder, name, yaml_file_limits.bytes, &data, &size, &error);
    size_t prefix = strlen(name) + 2;

    if (result == ERROR_NO_MEMORY)
        return error_no_memory(walk->error);
    /* Removed since the folder was listed. */
    if (result == ERROR_NOT_FOUND)
        return 0;
    if (result != 0) {
        /* The problem names the whole path already. */
        bool named = strncmp(error.message, name, prefix - 2) == 0 && strlen(error.message) > prefix;
        quarantine(walk->reader, path, (struct yaml_mark){0}, error.message + (named ? prefix : 0));
        return 0;
    }
    result = source_read_text(path, data, size, walk->reader, walk->error);
    free(data);
    return result;
}

/* An entry that cannot be looked at: gone since the folder was listed, or a link that leads nowhere. */
static void tell_unreachable(const struct walk *walk, int folder, const char *name, const char *path)
{
    int reason = errno;
    struct stat info;
    char message[256];

    if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT)
        return;
    (void)snprintf(message, sizeof message, "cannot be looked at: %s", strerror(reason));
    if (reason == ENOENT || reason == ELOOP)
        (void)snprintf(message, sizeof message, "a symbolic link that leads nowhere (%s)", strerror(reason));
    quarantine(walk->reader, path, (struct yaml_mark){0}, message);
}

static int walk_folder(const struct walk *walk, int fd, const char *path, unsigned depth);

static int enter(const struct walk *walk, int folder, const char *name, const char *path, unsigned depth)
{
    struct yaml_mark nowhere = {0};
    char message[256];
    struct stat info;
    int result;
    int fd;

    if (depth > MAX_DEPTH) {
        (void)snprintf(message, sizeof message, "a folder %u levels deep; at most %d are read", depth,
                       MAX_DEPTH);
        quarantine(walk->reader, path, nowhere, message);
        return 0;
    }
    fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info) != 0) {
        int reason = errno;
        (void)snprintf(message, sizeof message, "the folder cannot be read: %s", strerror(reason));
        if (fd >= 0)
            (void)close(fd);
        /* ENOENT: removed since its parent was listed. */
        if (reason != ENOENT)
            quarantine(walk->reader, path, nowhere, message);
        return 0;
    }
    result = remember(walk, &info);
    if (result == 0)
        return walk_folder(walk, fd, path, depth);
    (void)close(fd);
    return result < 0 ? result : 0;
}

static int visit_entry(const struct walk *walk, int folder, const char *name, const char *path,
                       unsigned depth)
{
    struct stat info;

    if (fstatat(folder, name, &info, 0) != 0) {
        tell_unreachable(walk, folder, name, path);
        return 0;
    }
    if (S_ISDIR(info.st_mode))
        return enter(walk, folder, name, path, depth + 1);
    if (!is_input(name))
        return 0;
    if (S_ISREG(info.st_mode))
        return read_file(walk, folder, name, path);
    problems_add_at(walk->reader->problems, PROBLEM_WARNING, path, 0, 0, NULL,
                    "not a regular file; passed over");
    return 0;
}

/* Takes the descriptor over. */
static int walk_folder(const struct walk *walk, int fd, const char *path, unsigned depth)
{
    struct listing listing = {0};
    struct error error = {0};
    int result = listing_read(fd, &listing, &error);

    if (result == ERROR_NO_MEMORY || (result != 0 && depth == 0))
        return error_set(walk->error, result, "%s: %s", path, error.message);
    if (result != 0) {
        quarantine(walk->reader, path, (struct yaml_mark){0}, error.message);
        return 0;
    }
    for (size_t i = 0; i < listing.count && result == 0; i++) {
        const char *name = listing.names[i];
        char *whole = NULL;
        if (name[0] == '.')
            continue;
        if (asprintf(&whole, "%s/%s", path, name) < 0)
            result = error_no_memory(walk->error);
        else
            result = visit_entry(walk, dirfd(listing.folder), name, whole, depth);
        free(whole);
    }
    listing_release(&listing);
    return result;
}

static int open_input(const char *input, struct stat *info, int *fd, struct error *error)
{
    *fd = open(input, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0 && errno == ENOENT)
        return error_set(error, ERROR_NOT_FOUND, "the input folder %s does not exist", input);
    if (*fd < 0 || fstat(*fd, info) != 0) {
        int reason = errno;
        if (*fd >= 0)
            (void)close(*fd);
        return error_set(error, ERROR_IO, "the input folder %s cannot be read: %s", input, strerror(reason));
    }
    return 0;
}

/* A copy without slashes at the end, to be put in front of names. */
static char *without_slashes(const char *input)
{
    size_t length = strlen(input);

    while (length > 0 && input[length - 1] == '/')
        length--;
    return strndup(input, length);
}

int source_read_directory(const char *input, const char *skip, const struct source_reader *reader,
                          struct error *error)
{
    struct walk walk = {.reader = reader, .error = error};
    struct stat info = {0};
    char *path = NULL;
    int fd = -1;
    int result = open_input(input, &info, &fd, error);

    if (result != 0)
        return result;
    walk.entered = map_new(NULL);
    path = without_slashes(input);
    if (!walk.entered || !path || remember(&walk, &info) < 0)
        result = error_no_memory(error);
    if (result == 0 && skip && stat(skip, &info) == 0 && remember(&walk, &info) < 0)
        result = error_no_memory(error);
    if (result == 0) {
        result = walk_folder(&walk, fd, path, 0);
    } else {
        (void)close(fd);
    }
    free(path);
    map_free(walk.entered);
    return result;
}

/* A problem that validation found: it knows the path and not the place. */
static bool has_no_place(const struct problem *problem)
{
    return problem->file[0] == '\0' && problem->line == 0;
}

void source_locate_text(const char *name, const char *data, size_t size, size_t document, long item,
                        struct problems *problems, size_t from)
{
    const struct document where = {.file = name, .data = data, .size = size, .number = document};

    for (size_t i = from; i < problems->count; i++) {
        if (has_no_place(&problems->list[i]))
            document_place(&where, item, &problems->list[i]);
    }
}

void source_locate(const char *file, size_t document, long item, struct problems *problems, size_t from)
{
    char *data = NULL;
    size_t size = 0;

    if (from >= problems->count)
        return;
    if (file_read(AT_FDCWD, file, yaml_file_limits.bytes, &data, &size, NULL) != 0) {
        for (size_t i = from; i < problems->count; i++) {
            if (has_no_place(&problems->list[i]))
                (void)problem_place(&problems->list[i], file, 0, 0);
        }
        return;
    }
    source_locate_text(file, data, size, document, item, problems, from);
    free(data);
}
