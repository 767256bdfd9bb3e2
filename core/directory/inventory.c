/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/inventory.h"

#include "base/digest.h"
#include "base/json.h"
#include "object/key.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 64 };

/* The end of a name comes before everything, and the end of a folder's name before every other character. */
static int rank(char c)
{
    if (c == '\0')
        return 0;
    return c == '/' ? 1 : 1 + (int)(unsigned char)c;
}

int inventory_compare(const char *left, const char *right)
{
    while (*left && *left == *right) {
        left++;
        right++;
    }
    return rank(*left) - rank(*right);
}

struct inventory_file *inventory_file_new(const char *path)
{
    size_t size = strlen(path) + 1;
    struct inventory_file *file = calloc(1, sizeof *file + size);

    if (file)
        memcpy(file->path, path, size);
    return file;
}

/* Takes a place out of its record. */
static void unlink_place(struct inventory_place *place)
{
    if (place->record->first == place)
        place->record->first = NULL;
    *place->link = place->next;
    if (place->next)
        place->next->link = place->link;
}

void inventory_file_replace(struct inventory_file *file, struct inventory_place *places, uint32_t count)
{
    for (uint32_t i = 0; i < file->count; i++)
        unlink_place(&file->places[i]);
    free(file->places);
    file->places = places;
    file->count = count;
}

void inventory_file_free(struct inventory_file *file)
{
    inventory_file_replace(file, NULL, 0);
    free(file);
}

void inventory_file_break(struct inventory_file *file)
{
    file->broken = true;
    file->refused = 0;
    file->repeated = 0;
    for (uint32_t i = 0; i < file->count; i++) {
        if (file->places[i].record->first == &file->places[i])
            file->places[i].record->first = NULL;
    }
}

uint64_t inventory_mark(const struct inventory_place *place)
{
    uint64_t whole[3] = {digest_number(place->file->path, strlen(place->file->path)), place->document,
                         (uint64_t)place->item};

    return digest_number((const char *)whole, sizeof whole) | 1U;
}

/* Whether the place can count at all. */
static bool is_usable(const struct inventory_place *place)
{
    return !place->file->broken || inventory_mark(place) == place->record->told_place;
}

struct inventory_place *inventory_first(struct inventory_record *record)
{
    if (record->first)
        return record->first;
    for (struct inventory_place *place = record->places; place; place = place->next) {
        if (is_usable(place) &&
            (!record->first || inventory_compare(place->file->path, record->first->file->path) < 0))
            record->first = place;
    }
    return record->first;
}

void inventory_link(struct inventory_place *place)
{
    struct inventory_record *record = place->record;
    struct inventory_place *first = record->first;

    /* As long as nobody asked which place counts, the answer is not known; a first one needs no question. */
    if (!record->places || (first && inventory_compare(place->file->path, first->file->path) <= 0))
        record->first = place;
    place->next = record->places;
    place->link = &record->places;
    if (place->next)
        place->next->link = &place->next;
    record->places = place;
}

bool inventory_file_wants(const struct inventory_file *file)
{
    for (uint32_t i = 0; i < file->count; i++) {
        const struct inventory_place *place = &file->places[i];
        const struct inventory_place *first = inventory_first(place->record);
        if (first == place ? place->record->told_place != inventory_mark(place)
                           : first && place->repeats != (uint32_t)inventory_mark(first))
            return true;
    }
    return false;
}

/* Keyed by "GROUP/KIND": a group has no slash. */
static struct inventory_kind *add_kind(struct inventory *inventory, const char *group, size_t length,
                                       const char *kind)
{
    size_t size = strlen(kind) + 1;
    struct inventory_kind *added = calloc(1, sizeof *added + length + 1 + size);
    struct inventory_kind *known = NULL;

    if (!inventory->kinds)
        inventory->kinds = map_new(free);
    if (!added || !inventory->kinds) {
        free(added);
        return NULL;
    }
    memcpy(added->group, group, length);
    memcpy(added->group + length + 1, kind, size);
    added->group[length] = '/';
    known = map_get(inventory->kinds, added->group);
    if (known || !map_set(inventory->kinds, added->group, added)) {
        free(added);
        return known;
    }
    added->group[length] = '\0';
    added->kind = added->group + length + 1;
    added->number = (unsigned)map_count(inventory->kinds);
    added->is_api = strcmp(added->group, API_GROUP) == 0 && strcmp(added->kind, API_KIND) == 0;
    return added;
}

static struct inventory_kind *find_kind(struct inventory *inventory, const json_t *object)
{
    const char *version = json_string_value(json_member(object, "apiVersion"));
    const char *kind = json_string_value(json_member(object, "kind"));
    const char *slash = strchr(version, '/');
    size_t length = slash ? (size_t)(slash - version) : 0;
    const struct inventory_kind *last = inventory->last;

    if (!last || strncmp(last->group, version, length) != 0 || last->group[length] != '\0' ||
        strcmp(last->kind, kind) != 0)
        inventory->last = add_kind(inventory, version, length, kind);
    return inventory->last;
}

static size_t bucket_of(const struct inventory *inventory, unsigned kind, const char *name_space,
                        const char *name)
{
    char key[KEY_SIZE];

    key_format(key, name_space, name);
    return (size_t)(digest_number(key, strlen(key)) + kind) & (inventory->capacity - 1);
}

static const char *name_of(const struct inventory_record *record)
{
    return record->text + record->name_offset;
}

/* Makes room for one more. A table that is full still works. */
static bool grow(struct inventory *inventory)
{
    struct inventory larger = *inventory;

    if (inventory->records < inventory->capacity)
        return true;
    larger.capacity = inventory->capacity > 0 ? inventory->capacity * 2 : FIRST_CAPACITY;
    larger.buckets = calloc(larger.capacity, sizeof *larger.buckets);
    if (!larger.buckets)
        return inventory->capacity > 0;
    for (size_t i = 0; i < inventory->capacity; i++) {
        struct inventory_record *record = inventory->buckets[i];
        while (record) {
            struct inventory_record *next = record->next;
            size_t at = bucket_of(&larger, record->kind->number, record->text, name_of(record));
            record->next = larger.buckets[at];
            larger.buckets[at] = record;
            record = next;
        }
    }
    free(inventory->buckets);
    inventory->buckets = larger.buckets;
    inventory->capacity = larger.capacity;
    return true;
}

struct inventory_record *inventory_record(struct inventory *inventory, const json_t *object)
{
    const char *name_space = object_namespace(object);
    const char *name = object_name(object);
    const struct inventory_kind *kind = find_kind(inventory, object);
    size_t before = strlen(name_space) + 1;
    struct inventory_record *record;
    size_t size;
    size_t at;

    if (!kind || !grow(inventory))
        return NULL;
    at = bucket_of(inventory, kind->number, name_space, name);
    for (record = inventory->buckets[at]; record; record = record->next) {
        if (record->kind == kind && strcmp(record->text, name_space) == 0 &&
            strcmp(name_of(record), name) == 0)
            return record;
    }
    size = offsetof(struct inventory_record, text) + before + strlen(name) + 1;
    record = malloc(size > sizeof *record ? size : sizeof *record);
    if (!record)
        return NULL;
    *record = (struct inventory_record){
        .next = inventory->buckets[at], .kind = kind, .name_offset = (uint32_t)before};
    memcpy(record->text, name_space, before);
    memcpy(record->text + before, name, strlen(name) + 1);
    inventory->buckets[at] = record;
    inventory->records++;
    return record;
}

int inventory_sweep(struct inventory *inventory, inventory_visit_fn visit, void *payload)
{
    for (size_t i = 0; i < inventory->capacity; i++) {
        struct inventory_record **link = &inventory->buckets[i];
        while (*link) {
            struct inventory_record *record = *link;
            int verdict = visit(record, payload);
            if (verdict < 0)
                return verdict;
            if (verdict == INVENTORY_KEEP) {
                link = &record->next;
                continue;
            }
            *link = record->next;
            free(record);
            inventory->records--;
        }
    }
    return 0;
}

static int free_all(struct inventory_record *record, void *payload)
{
    (void)record;
    (void)payload;
    return INVENTORY_FREE;
}

void inventory_release(struct inventory *inventory)
{
    while (inventory->files) {
        struct inventory_file *file = inventory->files;
        inventory->files = file->next;
        inventory_file_free(file);
    }
    (void)inventory_sweep(inventory, free_all, NULL);
    map_free(inventory->kinds);
    free(inventory->buckets);
    *inventory = (struct inventory){0};
}
