/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include "base/json.h"
#include "base/map.h"
#include "object/key.h"
#include "store/posting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A file's name, shared by the objects that were read from it. */
struct file_name {
    size_t uses;
    char name[];
};

/* One allocation: the object's names and text stand behind its postings. */
struct entry {
    struct store_object object;
    struct file_name *file;
    size_t postings_count;
    struct posting *postings[];
};

struct kind {
    char *group;
    char *kind;
    struct map *entries; /* "namespace/name" -> struct entry */
};

struct store {
    struct kind *kinds;
    int kinds_count;
    struct index *indexes;
    int indexes_count;
    /* Objects of one file arrive one after the other. */
    struct file_name *recent;
};

static void file_release(struct file_name *file)
{
    if (file && --file->uses == 0)
        free(file);
}

static struct file_name *file_hold(struct store *store, const char *name)
{
    size_t size = strlen(name) + 1;
    struct file_name *file = store->recent;

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

static void entry_free(struct entry *entry)
{
    if (entry)
        file_release(entry->file);
    free(entry);
}

struct store *store_new(void)
{
    return calloc(1, sizeof(struct store));
}

static bool free_entry(const char *key, void *value, void *payload)
{
    (void)key;
    (void)payload;
    entry_free(value);
    return true;
}

void store_free(struct store *store)
{
    if (!store)
        return;
    for (int i = 0; i < store->indexes_count; i++)
        index_release(&store->indexes[i]);
    for (int i = 0; i < store->kinds_count; i++) {
        map_each(store->kinds[i].entries, free_entry, NULL);
        map_free(store->kinds[i].entries);
        free(store->kinds[i].group);
        free(store->kinds[i].kind);
    }
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
    kinds = realloc(store->kinds, ((size_t)store->kinds_count + 1) * sizeof *kinds);
    if (!kinds)
        return ERROR_NO_MEMORY;
    store->kinds = kinds;
    added = (struct kind){.group = strdup(group), .kind = strdup(kind), .entries = map_new(NULL)};
    if (!added.group || !added.kind || !added.entries) {
        free(added.group);
        free(added.kind);
        map_free(added.entries);
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

static char *append(char **at, const char *string, size_t size)
{
    char *place = *at;

    memcpy(place, string, size);
    place[size] = '\0';
    *at += size + 1;
    return place;
}

/* An entry with its postings, not yet known to them. */
static struct entry *entry_new(struct store *store, const struct event *event,
                               const struct posting_list *postings)
{
    const char *name_space = object_namespace(event->object);
    const char *name = object_name(event->object);
    char *text = json_compact(event->object);
    size_t size = text ? strlen(text) : 0;
    size_t names = strlen(name_space) + strlen(name) + 2;
    size_t pointers = postings->count * sizeof(struct posting *);
    struct entry *entry = text ? malloc(sizeof *entry + pointers + names + size + 1) : NULL;
    char *at;

    if (entry) {
        *entry = (struct entry){.postings_count = postings->count};
        if (postings->count > 0)
            memcpy(entry->postings, postings->list, pointers);
        at = (char *)entry + sizeof *entry + pointers;
        entry->object.name_space = append(&at, name_space, strlen(name_space));
        entry->object.name = append(&at, name, strlen(name));
        entry->object.text = append(&at, text, size);
        entry->object.size = size;
        entry->object.document = event->document;
        entry->object.item = event->item;
        entry->file = event->file ? file_hold(store, event->file) : NULL;
        entry->object.file = entry->file ? entry->file->name : NULL;
    }
    free(text);
    if (entry && event->file && !entry->file) {
        entry_free(entry);
        return NULL;
    }
    return entry;
}

static void unlink_entry(const struct entry *entry)
{
    for (size_t i = 0; i < entry->postings_count; i++)
        posting_remove(entry->postings[i], &entry->object);
}

/* Everything that can fail comes before the first change. */
static int put(struct store *store, int kind, const struct event *event, struct posting_list *postings)
{
    struct map *entries = store->kinds[kind].entries;
    char key[KEY_SIZE];
    struct entry *entry = NULL;
    struct entry *old;

    if (find_postings(store, kind, event->object, postings))
        entry = entry_new(store, event, postings);
    if (!entry)
        return ERROR_NO_MEMORY;
    key_format(key, entry->object.name_space, entry->object.name);
    old = map_get(entries, key);
    if (!map_set(entries, key, entry)) {
        entry_free(entry);
        return ERROR_NO_MEMORY;
    }
    for (size_t i = 0; i < postings->count; i++)
        posting_add(postings->list[i], &entry->object);
    if (old)
        unlink_entry(old);
    entry_free(old);
    return 0;
}

int store_put(struct store *store, int kind, const struct event *event)
{
    struct posting_list postings = {0};
    int result = put(store, kind, event, &postings);

    posting_list_release(&postings);
    return result;
}

static struct entry *find_entry(const struct store *store, int kind, const char *name_space, const char *name)
{
    char key[KEY_SIZE];
    struct entry *entry;

    key_format(key, name_space, name);
    entry = map_get(store->kinds[kind].entries, key);
    /* A key that was cut, because these are no valid names, must not find another object. */
    if (entry && (strcmp(entry->object.name, name) != 0 || strcmp(entry->object.name_space, name_space) != 0))
        return NULL;
    return entry;
}

bool store_remove(struct store *store, int kind, const char *name_space, const char *name)
{
    struct entry *entry = find_entry(store, kind, name_space, name);
    char key[KEY_SIZE];

    if (!entry)
        return false;
    key_format(key, name_space, name);
    (void)map_remove(store->kinds[kind].entries, key);
    unlink_entry(entry);
    entry_free(entry);
    return true;
}

const struct store_object *store_get(const struct store *store, int kind, const char *name_space,
                                     const char *name)
{
    const struct entry *entry = find_entry(store, kind, name_space, name);

    return entry ? &entry->object : NULL;
}

size_t store_count(const struct store *store, int kind)
{
    return map_count(store->kinds[kind].entries);
}

static int compare(const void *a, const void *b)
{
    const struct store_object *const *left = a;
    const struct store_object *const *right = b;
    int order = strcmp((*left)->name_space, (*right)->name_space);

    return order != 0 ? order : strcmp((*left)->name, (*right)->name);
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

static bool collect(const char *key, void *value, void *payload)
{
    const struct entry *entry = value;
    const struct store_object ***at = payload;

    (void)key;
    *(*at)++ = &entry->object;
    return true;
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
    map_each(store->kinds[kind].entries, collect, &at);
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
        if (!name_space || strcmp(posting->members[i]->name_space, name_space) == 0)
            objects[count++] = posting->members[i];
    }
    visit_all(objects, count, visit, payload);
    free(objects);
    return 0;
}

static bool add_size(const char *key, void *value, void *payload)
{
    const struct entry *entry = value;
    size_t *bytes = payload;

    (void)key;
    *bytes += sizeof *entry + entry->postings_count * sizeof entry->postings[0] + entry->object.size +
              strlen(entry->object.name_space) + strlen(entry->object.name) + 3;
    return true;
}

size_t store_memory(const struct store *store)
{
    size_t bytes = sizeof *store;

    for (int i = 0; i < store->kinds_count; i++) {
        bytes += map_memory(store->kinds[i].entries);
        map_each(store->kinds[i].entries, add_size, &bytes);
    }
    for (int i = 0; i < store->indexes_count; i++)
        bytes += index_memory(&store->indexes[i]);
    return bytes;
}

json_t *store_parse(const struct store_object *object)
{
    return json_parse(object->text, object->size, NULL);
}
