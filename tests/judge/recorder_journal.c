/* SPDX-License-Identifier: Apache-2.0 */
#undef _FORTIFY_SOURCE
#include "recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* More descriptors than a test has the program open. */
enum { DESCRIPTORS = 4096 };

/* What a descriptor was opened for; all zero: nothing that is recorded. */
struct reading {
    /* Owned. */
    char *path;
    bool folder;
    /* What the reader got so far. Owned. */
    char *data;
    size_t size;
    bool begun;
    /* How much it was told to expect. */
    size_t expected;
};

static struct {
    int fd;
    const char *input;
    const char *output;
    struct reading readings[DESCRIPTORS];
} journal = {.fd = -1};

static void give_up(const char *why)
{
    (void)fprintf(stderr, "recorder: %s: %s\n", why, strerror(errno));
    abort();
}

void recorder_begin(int fd)
{
    journal.input = getenv("RECORDER_INPUT");
    journal.output = getenv("RECORDER_OUTPUT");
    if (fd < 0)
        give_up("the journal cannot be opened");
    if (journal.input && journal.output)
        journal.fd = fd;
    recorder_append("start", "", "", 0);
}

void recorder_append(const char *type, const char *path, const char *data, size_t size)
{
    char head[96];
    size_t length = strlen(path);
    size_t start = (size_t)snprintf(head, sizeof head, "\x1e%s %zu %zu\n", type, length, size);
    size_t whole = start + length + size + 1;
    struct iovec part;
    char *record;

    if (journal.fd < 0)
        return;
    record = malloc(whole);
    if (!record)
        give_up("a record");
    memcpy(record, head, start);
    memcpy(record + start, path, length);
    if (size > 0)
        memcpy(record + start + length, data, size);
    record[whole - 1] = '\n';
    /* As write(), but not the call that is counted by who counts what the program writes (strike -f). */
    part = (struct iovec){.iov_base = record, .iov_len = whole};
    if (pwritev2(journal.fd, &part, 1, -1, 0) != (ssize_t)whole)
        give_up("the journal cannot be written");
    free(record);
}

/* The path of one below a folder that the program knows by `root`. */
static char *below(const char *root, const char *as, const char *path)
{
    size_t length = strlen(root);
    char *made = NULL;

    if (strncmp(path, root, length) != 0 || (path[length] != '/' && path[length] != '\0'))
        return NULL;
    return asprintf(&made, "%s%s", as, path + length) < 0 ? NULL : made;
}

static struct reading *reading_of(int fd)
{
    return fd >= 0 && fd < DESCRIPTORS && journal.readings[fd].path ? &journal.readings[fd] : NULL;
}

char *recorder_path(int folder, const char *name)
{
    const struct reading *above = reading_of(folder);
    char *path = NULL;

    if (journal.fd < 0)
        return NULL;
    if (name[0] == '/') {
        /* The output may lie in the input. */
        path = below(journal.output, "out", name);
        return path ? path : below(journal.input, "in", name);
    }
    if (!above || asprintf(&path, "%s/%s", above->path, name) < 0)
        return NULL;
    return path;
}

bool recorder_is_place(const char *path)
{
    return strncmp(path, "in/", 3) == 0 ||
           (strncmp(path, "out/", 4) == 0 && strncmp(path, "out/.tmp/", 9) != 0);
}

void recorder_open(int fd, const char *path, bool folder)
{
    if (fd >= DESCRIPTORS || journal.fd < 0)
        return;
    recorder_forget(fd);
    journal.readings[fd] = (struct reading){.path = strdup(path), .folder = folder};
}

void recorder_expect(int fd, size_t size)
{
    struct reading *reading = reading_of(fd);

    if (reading)
        reading->expected = size;
}

void recorder_got(int fd, const char *data, size_t size)
{
    struct reading *reading = reading_of(fd);
    char *larger;

    if (!reading)
        return;
    reading->begun = true;
    larger = realloc(reading->data, reading->size + size + 1);
    if (!larger)
        give_up("what was read");
    if (size > 0)
        memcpy(larger + reading->size, data, size);
    reading->data = larger;
    reading->size += size;
}

void recorder_listed(int fd)
{
    struct reading *reading = reading_of(fd);

    if (!reading || !reading->folder)
        return;
    recorder_append("list", reading->path, reading->data, reading->size);
    reading->size = 0;
}

void recorder_close(int fd)
{
    const struct reading *reading = reading_of(fd);

    if (!reading)
        return;
    if (!reading->folder && reading->begun && reading->size <= reading->expected)
        recorder_append(strncmp(reading->path, "in", 2) == 0 ? "read" : "seen", reading->path, reading->data,
                        reading->size);
    else if (!reading->folder)
        recorder_append("unreadable", reading->path, "", 0);
    recorder_forget(fd);
}

void recorder_forget(int fd)
{
    struct reading *reading = reading_of(fd);

    if (!reading)
        return;
    free(reading->path);
    free(reading->data);
    *reading = (struct reading){0};
}
