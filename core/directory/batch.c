/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/batch.h"

#include <stdlib.h>
#include <string.h>

static int64_t nanoseconds(const struct timespec *time)
{
    return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

struct trace trace_of(const struct stat *info)
{
    return (struct trace){.device = (uint64_t)info->st_dev,
                          .inode = (uint64_t)info->st_ino,
                          .size = (int64_t)info->st_size,
                          .modified_ns = nanoseconds(&info->st_mtim),
                          .changed_ns = nanoseconds(&info->st_ctim)};
}

bool trace_fits(const struct trace *trace, const struct stat *info)
{
    struct trace now = trace_of(info);

    return trace->device == now.device && trace->inode == now.inode && trace->size == now.size &&
           trace->modified_ns == now.modified_ns &&
           (trace->changed_ns == -1 || trace->changed_ns == now.changed_ns);
}

/* FNV-1a. */
static uint32_t hash_of(const char *text)
{
    uint32_t hash = 2166136261U;

    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619U;
    return hash;
}

/* The newest of a place comes first. */
static void shelve(struct batch *batch, struct staged *staged)
{
    struct staged **slot = &batch->shelf[staged->hash & (batch->shelf_size - 1)];

    staged->below = *slot;
    *slot = staged;
}

static void shelve_all(struct batch *batch, const struct staged_list *list)
{
    for (struct staged *staged = list->first; staged; staged = staged->next)
        shelve(batch, staged);
}

/* Room for one more; as many slots as steps at least. */
static bool grow(struct batch *batch)
{
    size_t larger = batch->shelf_size > 0 ? batch->shelf_size * 2 : 64;
    struct staged **shelf;

    if (batch->count < batch->shelf_size)
        return true;
    shelf = calloc(larger, sizeof *shelf);
    if (!shelf)
        return false;
    free(batch->shelf);
    batch->shelf = shelf;
    batch->shelf_size = larger;
    shelve_all(batch, &batch->resources);
    shelve_all(batch, &batch->reports);
    return true;
}

/* The key's entry, made where it is new. */
static struct batch_key *enter(struct batch *batch, const char *text)
{
    size_t length = strlen(text);
    struct batch_key *key;

    if (!batch->keys)
        batch->keys = map_new(NULL);
    if (!batch->keys)
        return NULL;
    key = map_get(batch->keys, text);
    if (key)
        return key;
    key = arena_alloc(&batch->arena, sizeof *key + length + 1);
    if (!key || !map_set(batch->keys, text, key))
        return NULL;
    memcpy(key->text, text, length + 1);
    if (batch->last_key)
        batch->last_key->next = key;
    else
        batch->first_key = key;
    batch->last_key = key;
    return key;
}

struct staged *batch_add(struct batch *batch, const char *key, const char *place, bool report,
                         uint64_t temporary, const struct trace *before)
{
    struct staged_list *list = report ? &batch->reports : &batch->resources;
    size_t length = strlen(place);
    struct batch_key *owner = grow(batch) ? enter(batch, key) : NULL;
    struct staged *staged = owner ? arena_alloc(&batch->arena, sizeof *staged + length + 1) : NULL;

    if (!staged)
        return NULL;
    staged->key = owner;
    staged->temporary = temporary;
    staged->before = *before;
    staged->hash = hash_of(place);
    memcpy(staged->place, place, length + 1);
    if (list->last)
        list->last->next = staged;
    else
        list->first = staged;
    list->last = staged;
    shelve(batch, staged);
    batch->count++;
    batch->waiting++;
    owner->waiting += report ? 0 : 1;
    return staged;
}

const struct staged *batch_find(const struct batch *batch, const char *place)
{
    uint32_t hash = hash_of(place);
    const struct staged *staged = batch->shelf_size > 0 ? batch->shelf[hash & (batch->shelf_size - 1)] : NULL;

    while (staged && (staged->hash != hash || strcmp(staged->place, place) != 0))
        staged = staged->below;
    return staged && staged->state == STAGED_WAITING ? staged : NULL;
}

const struct batch_key *batch_key(const struct batch *batch, const char *key)
{
    return batch->keys ? map_get(batch->keys, key) : NULL;
}

static void settle(struct batch *batch, struct staged *staged, enum staged_state state)
{
    staged->state = state;
    batch->waiting--;
    if (staged->key->waiting > 0)
        staged->key->waiting--;
}

void batch_done(struct batch *batch, struct staged *staged)
{
    settle(batch, staged, STAGED_DONE);
}

void batch_fail(struct batch *batch, struct staged *staged, const struct error *why)
{
    settle(batch, staged, STAGED_FAILED);
    if (staged->key->code != 0)
        return;
    staged->key->code = why->code;
    staged->key->why = arena_string(&batch->arena, why->message);
}

bool batch_look(struct batch *batch, const char *place)
{
    size_t length = strlen(place);
    struct batch_place *look = arena_alloc(&batch->arena, sizeof *look + length + 1);

    if (!look)
        return false;
    memcpy(look->place, place, length + 1);
    look->next = batch->looks;
    batch->looks = look;
    batch->look_count++;
    return true;
}

void batch_clear(struct batch *batch)
{
    arena_release(&batch->arena);
    map_free(batch->keys);
    free(batch->shelf);
    *batch = (struct batch){0};
}
