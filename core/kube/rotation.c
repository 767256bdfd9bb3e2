/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/rotation.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

void rotation_release(struct rotation *file)
{
    if (!file)
        return;
    free(file->data);
    file->data = NULL;
    file->size = 0;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
           a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

bool rotation_has_changed(const struct rotation *file)
{
    struct stat now;

    if (!file->path)
        return false;
    return !file->data || stat(file->path, &now) != 0 || !is_same(&now, &file->seen);
}

int rotation_read(const struct rotation *file, size_t max, struct rotation *next, struct error *error)
{
    /* Looked at before it is read: what comes in between is seen as a change the next time. */
    const char *path = file->path;

    *next = (struct rotation){.path = path};
    if (stat(path, &next->seen) != 0)
        return error_set(error, errno == ENOENT ? ERROR_NOT_FOUND : ERROR_IO, "%s: %s", path,
                         strerror(errno));
    return file_read(AT_FDCWD, path, max, &next->data, &next->size, error);
}

bool rotation_equals(const struct rotation *a, const struct rotation *b)
{
    if (!a->data || !b->data)
        return !a->data && !b->data;
    return a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

bool rotation_take(struct rotation *file, struct rotation *next)
{
    bool differs = !rotation_equals(file, next);

    free(file->data);
    *file = *next;
    next->data = NULL;
    next->size = 0;
    return differs;
}
