/* SPDX-License-Identifier: Apache-2.0 */
#include "store/posting.h"

#include "base/json.h"
#include "object/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void free_posting(void *value)
{
    struct posting *posting = value;

    free(posting->members);
    free(posting);
}

bool index_init(struct index *index, int kind, const char *path, enum store_form form)
{
    *index =
        (struct index){.kind = kind, .form = form, .path = strdup(path), .postings = map_new(free_posting)};
    if (index->path && index->postings)
        return true;
    index_release(index);
    return false;
}

void index_release(struct index *index)
{
    map_free(index->postings);
    free(index->path);
    *index = (struct index){0};
}

static bool add_size(const char *key, void *value, void *payload)
{
    const struct posting *posting = value;
    size_t *bytes = payload;

    *bytes += sizeof *posting + strlen(key) + 1 + posting->capacity * sizeof posting->members[0];
    return true;
}

size_t index_memory(const struct index *index)
{
    size_t bytes = map_memory(index->postings);

    map_each(index->postings, add_size, &bytes);
    return bytes;
}

static bool list_grow(struct posting_list *list)
{
    size_t capacity = list->capacity > 0 ? list->capacity * 2 : 8;
    struct posting **grown;

    if (list->count < list->capacity)
        return true;
    grown = realloc(list->list, capacity * sizeof(struct posting *));
    if (!grown)
        return false;
    list->list = grown;
    list->capacity = capacity;
    return true;
}

static struct posting *posting_new(struct map *home, const char *key)
{
    size_t size = strlen(key) + 1;
    struct posting *posting = malloc(sizeof *posting + size);

    if (!posting)
        return NULL;
    *posting = (struct posting){.home = home};
    memcpy(posting->key, key, size);
    if (!map_set(home, key, posting)) {
        free(posting);
        return NULL;
    }
    return posting;
}

static bool posting_grow(struct posting *posting)
{
    uint32_t capacity = posting->capacity > 0 ? posting->capacity * 2 : 1;
    const struct store_object **members;

    if (posting->count < posting->capacity)
        return true;
    members = realloc(posting->members, capacity * sizeof *members);
    if (!members)
        return false;
    posting->members = members;
    posting->capacity = capacity;
    return true;
}

/* What reserve_key() works on. */
struct reservation {
    struct index *index;
    const char *name_space;
    struct posting_list *list;
    bool failed;
};

static bool reserve_key(const char *text, void *payload)
{
    struct reservation *reservation = payload;
    struct map *home = reservation->index->postings;
    char service[PLACE_SERVICE_SIZE];
    struct posting *posting;

    if (reservation->index->form == STORE_FORM_SERVICE_DNS) {
        if (!place_service(text, APIGW_FORM_DNS_NAME, reservation->name_space, service))
            return true;
        text = service;
    }
    reservation->failed = !list_grow(reservation->list);
    if (reservation->failed)
        return false;
    posting = map_get(home, text);
    if (posting && posting->reserved)
        return true;
    if (!posting)
        posting = posting_new(home, text);
    reservation->failed = !posting;
    if (reservation->failed)
        return false;
    /* In the list before its room is made: where that fails, the list's release takes it away again. */
    posting->reserved = true;
    reservation->list->list[reservation->list->count++] = posting;
    reservation->failed = !posting_grow(posting);
    return !reservation->failed;
}

bool index_reserve(struct index *index, const json_t *object, struct posting_list *list)
{
    struct reservation reservation = {.index = index, .name_space = object_namespace(object), .list = list};

    (void)json_each_text(object, index->path, reserve_key, &reservation);
    return !reservation.failed;
}

void posting_add(struct posting *posting, const struct store_object *object)
{
    posting->members[posting->count++] = object;
}

static void drop_if_empty(struct posting *posting)
{
    if (posting->count == 0 && !posting->reserved)
        (void)map_remove(posting->home, posting->key);
}

void posting_remove(struct posting *posting, const struct store_object *object)
{
    for (uint32_t i = 0; i < posting->count; i++) {
        if (posting->members[i] == object) {
            posting->members[i] = posting->members[--posting->count];
            break;
        }
    }
    drop_if_empty(posting);
}

void posting_list_release(struct posting_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        list->list[i]->reserved = false;
        drop_if_empty(list->list[i]);
    }
    free(list->list);
    *list = (struct posting_list){0};
}
