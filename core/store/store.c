/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include "base/json.h"
#include "base/links.h"
#include "base/squeeze.h"
#include "object/key.h"
#include "store/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct kind {
    char *group;
    char *kind;
    struct links objects;         /* by namespace and name */
    struct squeeze_primer primer; /* where texts are squeezed */
};

struct store {
    enum store_texts texts;
    struct slab slab; /* of all objects */
    struct kind *kinds;
    int kinds_count;
    struct index *indexes;
    int indexes_count;
    struct squeeze *squeeze; /* NULL until something is to be packed */
    /* Objects of one file arrive one after the other. */
    struct record_file *recent;
};

/* An object that is being put. */
struct making {
    struct record record;
    char *text;
    char *packed;
    slab_ref ref; /* 0: it is not made yet */
};

static struct store_object *object_of(struct link *link)
{
    return (struct store_object *)((char *)link - offsetof(struct store_object, link));
}

static void read_at(const struct link *link, struct record *record)
{
    const char *object = (const char *)link - offsetof(struct store_object, link);

    record_read((const struct store_object *)object, record);
}

static uint64_t hash_of(const struct link *link)
{
    struct record record;

    read_at(link, &record);
    return links_hash_pair(record.name_space, strlen(record.name_space), record.name, strlen(record.name));
}

static void file_release(struct record_file *file)
{
    if (file && --file->uses == 0)
        free(file);
}

static struct record_file *file_hold(struct store *store, const char *name)
{
    size_t size = strlen(name) + 1;
    struct record_file *file = store->recent;

    if (!file || strcmp(file->name, name) != 0) {
        file = malloc(sizeof *file + size);
        if (!file)
            return NULL;
        file->uses = 1;
        memcpy(file->name, name, size);
        file_release(store->recent);
        store->recent = file;
    }
    file->uses++;
    return file;
}

struct store *store_new(enum store_texts texts)
{
    struct store *store = calloc(1, sizeof *store);

    if (store)
        store->texts = texts;
    return store;
}

static void release_file(struct link *link, void *payload)
{
    struct record record;

    (void)payload;
    read_at(link, &record);
    file_release(record.file);
}

void store_free(struct store *store)
{
    if (!store)
        return;
    for (int i = 0; i < store->indexes_count; i++)
        index_release(&store->indexes[i]);
    for (int i = 0; i < store->kinds_count; i++) {
        struct kind *kind = &store->kinds[i];
        links_each(&kind->objects, release_file, NULL);
        links_release(&kind->objects);
        squeeze_primer_release(&kind->primer);
        free(kind->group);
        free(kind->kind);
    }
    slab_release(&store->slab);
    squeeze_free(store->squeeze);
    file_release(store->recent);
    free(store->indexes);
    free(store->kinds);
    free(store);
}

int store_kind(const struct store *store, const char *group, const char *kind)
{
    for (int i = 0; i < store->kinds_count; i++) {
        if (strcmp(store->kinds[i].group, group) == 0 && strcmp(store->kinds[i].kind, kind) == 0)
            return i;
    }
    return ERROR_NOT_FOUND;
}

int store_add_kind(struct store *store, const char *group, const char *kind)
{
    int number = store_kind(store, group, kind);
    struct kind *kinds;
    struct kind added;

    if (number >= 0)
        return number;
    if (store->kinds_count > RECORD_KIND_MAX)
        return ERROR_LIMIT;
    kinds = realloc(store->kinds, ((size_t)store->kinds_count + 1) * sizeof *kinds);
    if (!kinds)
        return ERROR_NO_MEMORY;
    store->kinds = kinds;
    added = (struct kind){
        .group = strdup(group), .kind = strdup(kind), .objects = {.slab = &store->slab, .hash = hash_of}};
    if (!added.group || !added.kind) {
        free(added.group);
        free(added.kind);
        return ERROR_NO_MEMORY;
    }
    kinds[store->kinds_count] = added;
    return store->kinds_count++;
}

int store_index(const struct store *store, int kind, const char *path, enum store_form form)
{
    for (int i = 0; i < store->indexes_count; i++) {
        const struct index *index = &store->indexes[i];
        if (index->kind == kind && index->form == form && strcmp(index->path, path) == 0)
            return i;
    }
    return ERROR_NOT_FOUND;
}

int store_add_index(struct store *store, int kind, const char *path, enum store_form form)
{
    int number = store_index(store, kind, path, form);
    struct index *indexes;

    if (number >= 0)
        return number;
    /* It would miss the objects that are there. */
    if (store_count(store, kind) > 0)
        return ERROR_INVALID;
    indexes = realloc(store->indexes, ((size_t)store->indexes_count + 1) * sizeof *indexes);
    if (!indexes)
        return ERROR_NO_MEMORY;
    store->indexes = indexes;
    if (!index_init(&indexes[store->indexes_count], kind, path, form))
        return ERROR_NO_MEMORY;
    return store->indexes_count++;
}

/* The postings of an object, in room for one more each. */
static bool find_postings(struct store *store, int kind, const json_t *object, struct posting_list *list)
{
    for (int i = 0; i < store->indexes_count; i++) {
        if (store->indexes[i].kind == kind && !index_reserve(&store->indexes[i], object, list))
            return false;
    }
    return true;
}

/* A text that is smaller when packed. */
static bool pack(struct store *store, struct making *making)
{
    struct record *record = &making->record;
    struct squeeze_primer *primer = &store->kinds[record->kind].primer;

    if (store->texts == STORE_TEXTS_PLAIN || record->size == 0)
        return true;
    if (!squeeze_primer_full(primer))
        return squeeze_primer_reserve(primer);
    if (!store->squeeze)
        store->squeeze = squeeze_new();
    making->packed = store->squeeze ? malloc(record->size) : NULL;
    if (!making->packed)
        return false;
    record->packed_size = squeeze_pack(store->squeeze, primer, record->text, record->size, making->packed);
    if (record->packed_size > 0)
        record->text = making->packed;
    return true;
}

/* What becomes of an event, in a record of its own that nothing leads to yet. */
static bool make(struct store *store, int kind, const struct event *event,
                 const struct posting_list *postings, struct making *making)
{
    struct record *record = &making->record;

    making->text = json_compact(event->object);
    if (!making->text)
        return false;
    *record = (struct record){.kind = kind,
                              .document = event->document,
                              .item = event->item,
                              .postings = postings->list,
                              .postings_count = postings->count,
                              .name_space = object_namespace(event->object),
                              .name = object_name(event->object),
                              .text = making->text,
                              .size = strlen(making->text)};
    if (event->file && !(record->file = file_hold(store, event->file)))
        return false;
    if (pack(store, making))
        making->ref = slab_alloc(&store->slab, record_size(record));
    if (making->ref == 0) {
        file_release(record->file);
        return false;
    }
    record_write(record, slab_at(&store->slab, making->ref));
    return true;
}

static struct store_object *find(const struct store *store, int kind, const char *name_space,
                                 const char *name)
{
    const struct links *objects = &store->kinds[kind].objects;
    uint64_t hash = links_hash_pair(name_space, strlen(name_space), name, strlen(name));

    for (struct link *link = links_first(objects, hash); link; link = links_next(objects, link)) {
        struct record record;
        read_at(link, &record);
        if (strcmp(record.name, name) == 0 && strcmp(record.name_space, name_space) == 0)
            return object_of(link);
    }
    return NULL;
}

static void take_out(struct store *store, struct store_object *object)
{
    struct record record;
    slab_ref ref;

    record_read(object, &record);
    ref = links_remove(&store->kinds[record.kind].objects, &object->link);
    for (size_t i = 0; i < record.postings_count; i++)
        posting_remove(record.postings[i], object);
    file_release(record.file);
    slab_free(&store->slab, ref, record_size(&record));
}

/* Takes in what was made: nothing can fail any more. */
static void take_in(struct store *store, const struct making *making)
{
    const struct record *record = &making->record;
    struct kind *kind = &store->kinds[record->kind];
    struct store_object *object = slab_at(&store->slab, making->ref);
    struct store_object *old = find(store, record->kind, record->name_space, record->name);

    for (size_t i = 0; i < record->postings_count; i++)
        posting_add(record->postings[i], object);
    if (old)
        take_out(store, old);
    links_add(&kind->objects, making->ref);
    if (kind->primer.bytes)
        squeeze_primer_add(&kind->primer, making->text, record->size);
}

int store_put(struct store *store, int kind, const struct event *event)
{
    struct posting_list postings = {0};
    struct making making = {0};
    int result = ERROR_NO_MEMORY;

    /* Everything that can fail comes before the first change. */
    if (links_reserve(&store->kinds[kind].objects, 1) &&
        find_postings(store, kind, event->object, &postings) &&
        make(store, kind, event, &postings, &making)) {
        take_in(store, &making);
        result = 0;
    }
    free(making.text);
    free(making.packed);
    posting_list_release(&postings);
    return result;
}

bool store_remove(struct store *store, int kind, const char *name_space, const char *name)
{
    struct store_object *object = find(store, kind, name_space, name);

    if (object)
        take_out(store, object);
    return object;
}

const struct store_object *store_get(const struct store *store, int kind, const char *name_space,
                                     const char *name)
{
    return find(store, kind, name_space, name);
}

size_t store_count(const struct store *store, int kind)
{
    return store->kinds[kind].objects.count;
}

static int compare(const void *a, const void *b)
{
    struct record left;
    struct record right;
    int order;

    record_read(*(const struct store_object *const *)a, &left);
    record_read(*(const struct store_object *const *)b, &right);
    order = strcmp(left.name_space, right.name_space);
    return order != 0 ? order : strcmp(left.name, right.name);
}

/* Sorts and visits. */
static void visit_all(const struct store_object **objects, size_t count, store_visit_fn visit, void *payload)
{
    qsort(objects, count, sizeof *objects, compare);
    for (size_t i = 0; i < count; i++) {
        if (!visit(objects[i], payload))
            return;
    }
}

static void collect(struct link *link, void *payload)
{
    const struct store_object ***at = payload;

    *(*at)++ = object_of(link);
}

int store_each(const struct store *store, int kind, store_visit_fn visit, void *payload)
{
    size_t count = store_count(store, kind);
    const struct store_object **objects;
    const struct store_object **at;

    if (count == 0)
        return 0;
    objects = malloc(count * sizeof *objects);
    if (!objects)
        return ERROR_NO_MEMORY;
    at = objects;
    links_each(&store->kinds[kind].objects, collect, &at);
    visit_all(objects, count, visit, payload);
    free(objects);
    return 0;
}

int store_find(const struct store *store, int index, const char *name_space, const char *key,
               store_visit_fn visit, void *payload)
{
    const struct posting *posting = map_get(store->indexes[index].postings, key);
    const struct store_object **objects;
    size_t count = 0;

    if (!posting)
        return 0;
    objects = malloc(posting->count * sizeof *objects);
    if (!objects)
        return ERROR_NO_MEMORY;
    for (size_t i = 0; i < posting->count; i++) {
        if (!name_space || strcmp(store_object_name_space(posting->members[i]), name_space) == 0)
            objects[count++] = posting->members[i];
    }
    visit_all(objects, count, visit, payload);
    free(objects);
    return 0;
}

size_t store_memory(const struct store *store)
{
    size_t bytes = sizeof *store + slab_memory(&store->slab);

    for (int i = 0; i < store->kinds_count; i++) {
        bytes += links_memory(&store->kinds[i].objects);
        bytes += store->kinds[i].primer.bytes ? SQUEEZE_PRIMER_MAX : 0;
    }
    for (int i = 0; i < store->indexes_count; i++)
        bytes += index_memory(&store->indexes[i]);
    return bytes + (store->squeeze ? squeeze_memory(store->squeeze) : 0);
}

const char *store_object_name_space(const struct store_object *object)
{
    struct record record;

    record_read(object, &record);
    return record.name_space;
}

const char *store_object_name(const struct store_object *object)
{
    struct record record;

    record_read(object, &record);
    return record.name;
}

const char *store_object_file(const struct store_object *object)
{
    struct record record;

    record_read(object, &record);
    return record.file ? record.file->name : NULL;
}

size_t store_object_document(const struct store_object *object)
{
    struct record record;

    record_read(object, &record);
    return record.document;
}

long store_object_item(const struct store_object *object)
{
    struct record record;

    record_read(object, &record);
    return record.item;
}

json_t *store_parse(const struct store *store, const struct store_object *object)
{
    json_t *tree = NULL;
    struct record record;
    char *text;

    record_read(object, &record);
    if (record.packed_size == 0)
        return json_parse(record.text, record.size, NULL);
    text = malloc(record.size);
    if (text && squeeze_unpack(&store->kinds[record.kind].primer, record.text, record.packed_size, text,
                               record.size) == 0)
        tree = json_parse(text, record.size, NULL);
    free(text);
    return tree;
}
