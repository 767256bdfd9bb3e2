/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/taking.h"

#include "base/digest.h"
#include "base/json.h"
#include "directory/bundle.h"
#include "directory/document.h"

#include <stdlib.h>
#include <string.h>

/* An object of the file. */
struct taken {
    struct inventory_record *record;
    const json_t *object;
    struct inventory_place *place; /* NULL if the object stands in the file twice and this is not the first */
    uint32_t document;
    int32_t item;
};

/* The file that is being taken. */
struct content {
    const struct taking *taking;
    struct inventory_file *file;
    const char *data;
    size_t size;
    struct taken *list;
    size_t count;
    size_t capacity;
};

static int collect(const struct event *event, void *payload, struct error *error)
{
    struct content *content = payload;
    struct inventory_record *record = inventory_record(content->taking->inventory, event->object);

    if (!record)
        return error_no_memory(error);
    if (content->count == content->capacity) {
        size_t larger = content->capacity > 0 ? content->capacity * 2 : 4;
        struct taken *list = realloc(content->list, larger * sizeof *list);
        if (!list)
            return error_no_memory(error);
        content->list = list;
        content->capacity = larger;
    }
    content->list[content->count++] = (struct taken){.record = record,
                                                     .object = event->object,
                                                     .document = (uint32_t)event->document,
                                                     .item = (int32_t)event->item};
    return 0;
}

static bool is_among(const struct inventory_place *place, const struct inventory_place *places,
                     uint32_t count)
{
    return (uintptr_t)place >= (uintptr_t)places && (uintptr_t)place < (uintptr_t)(places + count);
}

/* Replaces the places of the file by those of its new content. What the file holds twice is linked once: the
 * places that were linked last lie in front, so that a look at the one in front tells. */
static int link_all(struct content *content, struct error *error)
{
    struct inventory_file *file = content->file;
    struct inventory_place *places;
    uint32_t count = 0;

    if (content->count == 0) {
        file->broken = false;
        inventory_file_replace(file, NULL, 0);
        return 0;
    }
    places = calloc(content->count, sizeof *places);
    if (!places)
        return error_no_memory(error);
    file->broken = false;
    for (size_t i = 0; i < content->count; i++) {
        struct taken *taken = &content->list[i];
        if (is_among(taken->record->places, places, count))
            continue;
        taken->place = &places[count++];
        *taken->place = (struct inventory_place){
            .record = taken->record, .file = file, .document = taken->document, .item = taken->item};
        inventory_link(taken->place);
    }
    inventory_file_replace(file, places, count);
    return 0;
}

/* Tells that an object stands in two places; the first in path order counts. */
static void tell_repeated(const struct content *content, const struct taken *taken,
                          const struct inventory_place *first)
{
    struct problems *problems = content->taking->listener->problems;
    const struct document document = {
        .file = content->file->path, .data = content->data, .size = content->size, .number = taken->document};
    const struct inventory_record *record = taken->record;
    size_t before = problems->count;

    problems_add(problems, PROBLEM_ERROR, "metadata.name",
                 "the %s %s/%s stands already in %s, which counts; remove one of the two", record->kind->kind,
                 record->text, record->text + record->name_offset, first->file->path);
    if (problems->count > before)
        document_place(&document, taken->item, &problems->list[before]);
}

static int put(const struct content *content, const struct taken *taken, uint64_t mark, struct error *error)
{
    const struct taking *taking = content->taking;
    const struct event event = {.object = taken->object,
                                .file = content->file->path,
                                .document = taken->document,
                                .item = taken->item};
    struct inventory_record *record = taken->record;
    uint64_t digest = json_digest(taken->object);
    int result;

    if (record->told_place == mark && record->told_digest == digest)
        return 0;
    result = taking->listener->put(&event, taking->listener->payload, error);
    if (result != 0)
        return result;
    taking->result->put++;
    record->told_place = mark;
    record->told_digest = digest;
    return 0;
}

static int tell_all(const struct content *content, struct error *error)
{
    int result = 0;

    content->file->repeated = 0;
    for (size_t i = 0; i < content->count && result == 0; i++) {
        const struct taken *taken = &content->list[i];
        const struct inventory_place *first = inventory_first(taken->record);
        uint64_t mark = inventory_mark(first);
        if (first == taken->place) {
            result = put(content, taken, mark, error);
            continue;
        }
        content->file->repeated++;
        tell_repeated(content, taken, first);
        if (taken->place)
            taken->place->repeats = (uint32_t)mark;
    }
    return result;
}

static int take_batch(struct content *content, const struct bundle *bundle, struct error *error)
{
    struct source_result counts = {0};
    const struct source_reader reader = {.take = collect,
                                         .payload = content,
                                         .result = &counts,
                                         .problems = content->taking->listener->problems};
    int result = bundle_take(bundle, content->file->path, content->data, content->size, &reader, error);

    if (result == 0)
        result = link_all(content, error);
    if (result != 0)
        return result;
    content->file->known = true;
    content->file->refused = (uint32_t)counts.refused;
    return tell_all(content, error);
}

/* What was read of the file, as it is. */
static int take_reading(struct content *content, const struct bundle_reading *reading, struct error *error)
{
    struct inventory_file *file = content->file;
    int result = 0;

    problems_begin(content->taking->listener->problems);
    file->stale = true;
    if (reading->error.code == ERROR_NO_MEMORY)
        return error_no_memory(error);
    if (reading->error.code != 0) {
        inventory_file_break(file);
        bundle_tell_broken(content->taking->listener->problems, file->path, reading->mark, file->known,
                           reading->error.message);
    } else {
        result = take_batch(content, &reading->bundle, error);
    }
    if (result == 0) {
        file->stale = false;
        file->digest = digest_number(content->data, content->size);
    }
    return result;
}

int taking_file(const struct taking *taking, struct inventory_file *file, const char *data, size_t size,
                const struct bundle_reading *reading, struct error *error)
{
    struct content content = {.taking = taking, .file = file, .data = data, .size = size};
    struct bundle_reading now = {0};
    int result;

    if (!reading)
        bundle_read(data, size, &now);
    result = take_reading(&content, reading ? reading : &now, error);
    free(content.list);
    bundle_release(&now.bundle);
    return result;
}

void taking_break(const struct taking *taking, struct inventory_file *file, const char *message)
{
    uint64_t digest = digest_number(message, strlen(message));

    problems_begin(taking->listener->problems);
    if (!file->broken || !file->stale || file->digest != digest)
        bundle_tell_broken(taking->listener->problems, file->path, (struct yaml_mark){0},
                           file->known || file->partly, message);
    inventory_file_break(file);
    /* The reason may go without a trace in the file's signature. */
    file->stale = true;
    file->digest = digest;
}
