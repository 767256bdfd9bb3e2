/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/bundle.h"

#include "directory/document.h"

#include <stdlib.h>
#include <string.h>

struct keeping {
    struct bundle *bundle;
    struct error *error;
};

static int keep(json_t *document, size_t number, size_t line, void *payload)
{
    const struct keeping *keeping = payload;
    struct bundle *bundle = keeping->bundle;

    (void)line;
    if (bundle->count == bundle->capacity) {
        size_t larger = bundle->capacity > 0 ? bundle->capacity * 2 : 4;
        struct bundle_document *list = realloc(bundle->list, larger * sizeof *list);
        if (!list)
            return error_no_memory(keeping->error);
        bundle->list = list;
        bundle->capacity = larger;
    }
    bundle->list[bundle->count++] =
        (struct bundle_document){.value = json_incref(document), .number = number};
    return 0;
}

void bundle_read(const char *data, size_t size, struct bundle_reading *reading)
{
    struct keeping keeping = {.bundle = &reading->bundle, .error = &reading->error};
    int result;

    *reading = (struct bundle_reading){0};
    result = yaml_read(data, size, &yaml_file_limits, keep, &keeping, &reading->mark, &reading->error);
    reading->error.code = result;
}

int bundle_take(const struct bundle *bundle, const char *name, const char *data, size_t size,
                const struct source_reader *reader, struct error *error)
{
    struct document document = {.file = name, .data = data, .size = size};
    int result = 0;

    for (size_t i = 0; i < bundle->count && result == 0; i++) {
        document.number = bundle->list[i].number;
        result = document_take(&document, bundle->list[i].value, reader, error);
    }
    return result;
}

void bundle_release(struct bundle *bundle)
{
    for (size_t i = 0; i < bundle->count; i++)
        json_decref(bundle->list[i].value);
    free(bundle->list);
    *bundle = (struct bundle){0};
}

void bundle_tell_broken(struct problems *problems, const char *file, struct yaml_mark mark, bool known,
                        const char *message)
{
    problems_add_at(problems, PROBLEM_ERROR, file, mark.line, mark.column, NULL, "%s; %s until it is mended",
                    message, known ? "what it held before counts" : "nothing of it is used");
}

void bundle_tell_skipped(struct problems *problems, const char *file)
{
    problems_add_at(problems, PROBLEM_WARNING, file, 0, 0, NULL,
                    "a symbolic link that leads into the output folder; passed over");
}

const char *bundle_reason(const struct error *error, const char *name)
{
    size_t length = strlen(name);
    bool named = strncmp(error->message, name, length) == 0 && strncmp(error->message + length, ": ", 2) == 0;

    return error->message + (named ? length + 2 : 0);
}
