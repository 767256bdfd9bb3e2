/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/batch.h"

#include "directory/document.h"

#include <stdlib.h>
#include <string.h>

struct keeping {
    struct batch *batch;
    struct error *error;
};

static int keep(json_t *document, size_t number, size_t line, void *payload)
{
    const struct keeping *keeping = payload;
    struct batch *batch = keeping->batch;

    (void)line;
    if (batch->count == batch->capacity) {
        size_t larger = batch->capacity > 0 ? batch->capacity * 2 : 4;
        struct batch_document *list = realloc(batch->list, larger * sizeof *list);
        if (!list)
            return error_no_memory(keeping->error);
        batch->list = list;
        batch->capacity = larger;
    }
    batch->list[batch->count++] = (struct batch_document){.value = json_incref(document), .number = number};
    return 0;
}

int batch_read(const char *data, size_t size, struct batch *batch, struct yaml_mark *mark,
               struct error *error)
{
    struct keeping keeping = {.batch = batch, .error = error};

    return yaml_read(data, size, &yaml_file_limits, keep, &keeping, mark, error);
}

int batch_take(const struct batch *batch, const char *name, const char *data, size_t size,
               const struct source_reader *reader, struct error *error)
{
    struct document document = {.file = name, .data = data, .size = size};
    int result = 0;

    for (size_t i = 0; i < batch->count && result == 0; i++) {
        document.number = batch->list[i].number;
        result = document_take(&document, batch->list[i].value, reader, error);
    }
    return result;
}

void batch_release(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        json_decref(batch->list[i].value);
    free(batch->list);
    *batch = (struct batch){0};
}

void batch_tell_broken(struct problems *problems, const char *file, struct yaml_mark mark, bool known,
                       const char *message)
{
    problems_add_at(problems, PROBLEM_ERROR, file, mark.line, mark.column, NULL, "%s; %s until it is mended",
                    message, known ? "what it held before counts" : "nothing of it is used");
}

void batch_tell_other(struct problems *problems, const char *file)
{
    problems_add_at(problems, PROBLEM_WARNING, file, 0, 0, NULL, "not a regular file; passed over");
}

const char *batch_reason(const struct error *error, const char *name)
{
    size_t length = strlen(name);
    bool named = strncmp(error->message, name, length) == 0 && strncmp(error->message + length, ": ", 2) == 0;

    return error->message + (named ? length + 2 : 0);
}
