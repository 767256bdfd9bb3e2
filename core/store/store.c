/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include "base/chain.h"
#include "base/json.h"
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
    struct chain_link link;
    struct store_object object;
    struct file_name *file;
    size_t postings_count;
    struct posting *postings[];
};

struct kind {
    char *group;
    char *kind;
    struct chain_table entries; /* by "NAMESPACE/NAME" */
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

static void free_entry(struct chain_link *link, void *payload)
{
    (void)payload;
    entry_free(link->owner);
}

void store_free(struct store *store)
{
    if (!store)
        return;
    for (int i = 0; i < store->indexes_count; i++)
        index_release(&store->indexes[i]);
    for (int i = 0; i < store->kinds_count; i++) {
        chain_each(&store->kinds[i].entries, free_entry, NULL);
        chain_release(&store->kinds[i].entries);
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
    added = (struct kind){.group = strdup(group), .kind = strdup(kind)};
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

static char *append(char **at, const char *string, size_t size)
{
    char *place = *at;

    memcpy(place, string, size);
    place[size] = '\0';
    *at += size + 1;
    return place;
}

/* The names behind the entry. A key that was cut, because these are no valid names, lacks the name's end. */
static void set_names(struct entry *entry, const char *key, const char *name_space, const char *name,
                      char **at)
{
    size_t before = strlen(name_space);
    char *whole = append(at, key, strlen(key));

    entry->link = (struct chain_link){.key = whole, .owner = entry};
    entry->object.name_space = append(at, name_space, before);
    entry->object.name = whole + before + 1;
    if (before + 1 + strlen(name) != strlen(key))
        entry->object.name = append(at, name, strlen(name));
}

/* An entry with its postings, not yet known to them. */
static struct entry *entry_new(struct store *store, const struct event *event,
                               const struct posting_list *postings)
{
    const char *name_space = object_namespace(event->object);
    const char *name = object_name(event->object);
    char *text = json_compact(event->object);
    size_t size = text ? strlen(text) : 0;
    char key[KEY_SIZE];
    size_t names;
    size_t pointers = postings->count * sizeof(struct posting *);
    struct entry *entry;
    char *at;

    key_format(key, name_space, name);
    names = strlen(key) + 1 + strlen(name_space) + 1;
    if (strlen(key) == KEY_SIZE - 1)
        names += strlen(name) + 1;
    entry = text ? malloc(sizeof *entry + pointers + names + size + 1) : NULL;
    if (entry) {
        *entry = (struct entry){.postings_count = postings->count};
        if (postings->count > 0)
            memcpy(entry->postings, postings->list, pointers);
        at = (char *)entry + sizeof *entry + pointers;
        set_names(entry, key, name_space, name, &at);
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

static struct entry *find_entry(const struct store *store, int kind, const char *name_space, const char *name)
{
    const struct chain_link *link;
    char key[KEY_SIZE];

    key_format(key, name_space, name);
    /* Keys that were cut may be equal. */
    for (link = chain_first(&store->kinds[kind].entries, key); link; link = chain_next(link)) {
        struct entry *entry = link->owner;
        if (strcmp(entry->object.name, name) == 0 && strcmp(entry->object.name_space, name_space) == 0)
            return entry;
    }
    return NULL;
}

static void take_out(struct store *store, int kind, struct entry *entry)
{
    chain_remove(&store->kinds[kind].entries, &entry->link);
    unlink_entry(entry);
    entry_free(entry);
}

/* Everything that can fail comes before the first change. */
static int put(struct store *store, int kind, const struct event *event, struct posting_list *postings)
{
    struct chain_table *entries = &store->kinds[kind].entries;
    struct entry *entry = NULL;
    struct entry *old;

    if (chain_reserve(entries, 1) && find_postings(store, kind, event->object, postings))
        entry = entry_new(store, event, postings);
    if (!entry)
        return ERROR_NO_MEMORY;
    old = find_entry(store, kind, entry->object.name_space, entry->object.name);
    for (size_t i = 0; i < postings->count; i++)
        posting_add(postings->list[i], &entry->object);
    if (old)
        take_out(store, kind, old);
    chain_add(entries, &entry->link);
    return 0;
}

int store_put(struct store *store, int kind, const struct event *event)
{
    struct posting_list postings = {0};
    int result = put(store, kind, event, &postings);

    posting_list_release(&postings);
    return result;
}

bool store_remove(struct store *store, int kind, const char *name_space, const char *name)
{
    struct entry *entry = find_entry(store, kind, name_space, name);

    if (entry)
        take_out(store, kind, entry);
    return entry;
}

const struct store_object *store_get(const struct store *store, int kind, const char *name_space,
                                     const char *name)
{
    const struct entry *entry = find_entry(store, kind, name_space, name);

    return entry ? &entry->object : NULL;
}

size_t store_count(const struct store *store, int kind)
{
    return store->kinds[kind].entries.count;
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

static void collect(struct chain_link *link, void *payload)
{
    const struct entry *entry = link->owner;
    const struct store_object ***at = payload;

    *(*at)++ = &entry->object;
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
    chain_each(&store->kinds[kind].entries, collect, &at);
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

static void add_size(struct chain_link *link, void *payload)
{
    const struct entry *entry = link->owner;
    size_t *bytes = payload;

    *bytes += sizeof *entry + entry->postings_count * sizeof entry->postings[0] + entry->object.size +
              strlen(link->key) + strlen(entry->object.name_space) + 3;
}

size_t store_memory(const struct store *store)
{
    size_t bytes = sizeof *store;

    for (int i = 0; i < store->kinds_count; i++) {
        bytes += chain_memory(&store->kinds[i].entries);
        chain_each(&store->kinds[i].entries, add_size, &bytes);
    }
    for (int i = 0; i < store->indexes_count; i++)
        bytes += index_memory(&store->indexes[i]);
    return bytes;
}

json_t *store_parse(const struct store_object *object)
{
    return json_parse(object->text, object->size, NULL);
}
