/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/source.h"

#include "base/file.h"
#include "config/yaml.h"
#include "directory/bundle.h"
#include "directory/document.h"
#include "directory/walk.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static void quarantine(const struct source_reader *reader, const char *file, struct yaml_mark mark,
                       const char *message)
{
    reader->result->quarantined++;
    bundle_tell_broken(reader->problems, file, mark, false, message);
}

int source_read_text(const char *name, const char *data, size_t size, const struct source_reader *reader,
                     struct error *error)
{
    struct bundle_reading reading;
    int result = 0;

    bundle_read(data, size, &reading);
    if (reading.error.code == 0) {
        reader->result->files++;
        result = bundle_take(&reading.bundle, name, data, size, reader, error);
    } else if (reading.error.code == ERROR_NO_MEMORY) {
        result = error_no_memory(error);
    } else {
        quarantine(reader, name, reading.mark, reading.error.message);
    }
    bundle_release(&reading.bundle);
    return result;
}

static int visit_file(const struct walk_file *file, void *payload, struct error *error)
{
    const struct source_reader *reader = payload;
    struct error own = {0};
    char *data = NULL;
    size_t size = 0;
    int result = file_read(file->folder, file->name, yaml_file_limits.bytes, &data, &size, &own);

    if (result == ERROR_NO_MEMORY)
        return error_no_memory(error);
    /* Removed since the folder was listed. */
    if (result == ERROR_NOT_FOUND)
        return 0;
    problems_begin(reader->problems);
    if (result != 0) {
        quarantine(reader, file->path, (struct yaml_mark){0}, bundle_reason(&own, file->name));
        return 0;
    }
    result = source_read_text(file->path, data, size, reader, error);
    free(data);
    return result;
}

static int visit_skipped(const char *path, void *payload, struct error *error)
{
    const struct source_reader *reader = payload;

    (void)error;
    bundle_tell_skipped(reader->problems, path);
    return 0;
}

static int visit_unreadable(const char *path, const char *message, void *payload, struct error *error)
{
    (void)error;
    quarantine(payload, path, (struct yaml_mark){0}, message);
    return 0;
}

int source_read_directory(const char *input, const char *skip, const struct source_reader *reader,
                          struct error *error)
{
    struct source_reader copy = *reader;
    const struct walk_visitor visitor = {
        .file = visit_file, .skipped = visit_skipped, .unreadable = visit_unreadable, .payload = &copy};

    return walk_folder(input, skip, &visitor, error);
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
