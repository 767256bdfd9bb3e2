/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/copy.h"

#include "base/file.h"
#include "base/text.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Newer than the C library's header on some systems; an older kernel answers EINVAL. */
static const unsigned flag_exec = 0x10U;

static bool is_loaded(const char *path)
{
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);

    if (handle)
        (void)dlclose(handle);
    else
        (void)dlerror();
    return handle != NULL;
}

/* Descriptors are numbered again and again, and an object is never loaded twice from one path: the second
 * plugin under a number would get the first one's object. One more slash makes another path. */
static char *fresh_path(int fd)
{
    struct text path = text_empty();
    size_t slashes = 0;

    do {
        text_clear(&path);
        text_append_string(&path, "/proc/self/fd");
        for (size_t i = 0; i <= slashes; i++)
            text_append_string(&path, "/");
        text_append_format(&path, "%d", fd);
        slashes++;
    } while (!path.failed && slashes < PATH_MAX / 2 && is_loaded(path.data));
    return text_take(&path);
}

/* Whether the system lets it be executed, found out before the dynamic loader fails in its own words. */
static bool can_execute(const struct copy *copy)
{
    void *page = mmap(NULL, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE, copy->fd, 0);

    if (page == MAP_FAILED)
        return false;
    (void)munmap(page, 1);
    return access(copy->path, R_OK) == 0;
}

void copy_release(struct copy *copy)
{
    if (copy->fd >= 0)
        (void)close(copy->fd);
    if (copy->folder) {
        if (copy->path)
            (void)unlink(copy->path);
        (void)rmdir(copy->folder);
    }
    free(copy->path);
    free(copy->folder);
    *copy = (struct copy){.fd = -1};
}

/* Hands the copy over if nothing failed, else says what did. */
static int finish(struct copy *copy, bool written, const char *where, struct copy *out, struct error *error)
{
    int result;

    if (written && copy->path && can_execute(copy)) {
        *out = *copy;
        return 0;
    }
    result = written && !copy->path ? error_no_memory(error)
                                    : error_set(error, ERROR_IO, "%s: %s", where, strerror(errno));
    copy_release(copy);
    return result;
}

int copy_in_memory(const char *name, const char *data, size_t size, struct copy *out, struct error *error)
{
    const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    struct copy copy = {.fd = memfd_create(name, flags | flag_exec)};
    bool written;

    if (copy.fd < 0 && errno == EINVAL)
        copy.fd = memfd_create(name, flags);
    written =
        copy.fd >= 0 && file_write_open(copy.fd, data, size) == 0 && fcntl(copy.fd, F_ADD_SEALS, seals) == 0;
    if (written)
        copy.path = fresh_path(copy.fd);
    return finish(&copy, written, "memory", out, error);
}

int copy_in_folder(const char *parent, const char *data, size_t size, struct copy *out, struct error *error)
{
    struct copy copy = {.fd = -1};
    bool written = false;

    if (asprintf(&copy.folder, "%s/apigwd-XXXXXX", parent) < 0)
        return error_no_memory(error);
    if (!mkdtemp(copy.folder)) {
        free(copy.folder);
        copy.folder = NULL;
    } else if (asprintf(&copy.path, "%s/plugin.so", copy.folder) < 0) {
        copy.path = NULL;
        errno = ENOMEM;
    } else {
        copy.fd = open(copy.path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0500);
        written = copy.fd >= 0 && file_write_open(copy.fd, data, size) == 0;
    }
    return finish(&copy, written, parent, out, error);
}

int copy_make(const char *name, const char *data, size_t size, struct copy *out, struct error *error)
{
    const char *const parents[] = {secure_getenv("XDG_RUNTIME_DIR"), "/run/apigwd", secure_getenv("TMPDIR"),
                                   "/tmp"};
    struct text tried = text_empty();
    struct error reason = {0};
    int result = copy_in_memory(name, data, size, out, &reason);

    text_append_string(&tried, reason.message);
    for (size_t i = 0; result != 0 && i < sizeof parents / sizeof *parents; i++) {
        if (!parents[i] || parents[i][0] != '/')
            continue;
        result = copy_in_folder(parents[i], data, size, out, &reason);
        text_append_format(&tried, "; %s", reason.message);
    }
    if (result != 0)
        result = error_set(error, result,
                           "found no place for a private copy that may be executed (%s); expected memory or "
                           "one of these folders to allow it",
                           tried.data);
    text_release(&tried);
    return result;
}
