/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/written.h"

#include "base/digest.h"

#include <stdlib.h>
#include <string.h>

static const size_t first_capacity = 256;

void written_clear(struct written *written)
{
    free(written->files);
    *written = (struct written){0};
}

static uint64_t not_zero(uint64_t digest)
{
    return digest != 0 ? digest : 1;
}

/* A file that is renamed or changed gets another time of change. */
static uint64_t digest_of_file(const struct stat *info)
{
    const uint64_t parts[] = {(uint64_t)info->st_dev,         (uint64_t)info->st_ino,
                              (uint64_t)info->st_mode,        (uint64_t)info->st_size,
                              (uint64_t)info->st_mtim.tv_sec, (uint64_t)info->st_mtim.tv_nsec,
                              (uint64_t)info->st_ctim.tv_sec, (uint64_t)info->st_ctim.tv_nsec};

    return not_zero(digest_number((const char *)parts, sizeof parts));
}

/* The slot of a place, or the free one where it belongs. */
static struct written_file *seek(const struct written *written, uint64_t place)
{
    size_t i = (size_t)place & (written->capacity - 1);

    while (written->files[i].place != 0 && written->files[i].place != place)
        i = (i + 1) & (written->capacity - 1);
    return &written->files[i];
}

static struct written_file *find(const struct written *written, const char *place)
{
    struct written_file *found;

    if (written->capacity == 0)
        return NULL;
    found = seek(written, not_zero(digest_number(place, strlen(place))));
    return found->place != 0 ? found : NULL;
}

/* Room for one more. */
static bool reserve(struct written *written)
{
    struct written larger = {.capacity = written->capacity > 0 ? written->capacity * 2 : first_capacity};

    if (written->count * 4 < written->capacity * 3)
        return true;
    larger.files = calloc(larger.capacity, sizeof *larger.files);
    if (!larger.files)
        return false;
    for (size_t i = 0; i < written->capacity; i++) {
        if (written->files[i].file == 0)
            continue;
        *seek(&larger, written->files[i].place) = written->files[i];
        larger.count++;
    }
    free(written->files);
    *written = larger;
    return true;
}

void written_note(struct written *written, const char *place, const struct stat *info)
{
    struct written_file *file = find(written, place);
    uint64_t digest = not_zero(digest_number(place, strlen(place)));

    if (file) {
        file->file = digest_of_file(info);
        return;
    }
    if (written->count == WRITTEN_MAX)
        written_clear(written);
    if (!reserve(written))
        return;
    *seek(written, digest) = (struct written_file){digest, digest_of_file(info)};
    written->count++;
}

void written_forget(struct written *written, const char *place)
{
    struct written_file *file = find(written, place);

    if (file)
        file->file = 0;
}

bool written_stands(const struct written *written, const char *place, const struct stat *info)
{
    const struct written_file *file = find(written, place);

    return file && file->file == digest_of_file(info);
}
