/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct slot {
    char *key; /* NULL: free */
    void *value;
    XXH64_hash_t hash;
};

struct map {
    struct slot *slots;
    size_t capacity; /* a power of two */
    size_t count;
    void (*free_value)(void *value);
};

static const size_t first_capacity = 16;

struct map *map_new(void (*free_value)(void *value))
{
    struct map *map = calloc(1, sizeof *map);

    if (!map)
        return NULL;
    map->slots = calloc(first_capacity, sizeof *map->slots);
    if (!map->slots) {
        free(map);
        return NULL;
    }
    map->capacity = first_capacity;
    map->free_value = free_value;
    return map;
}

static void release_slot(const struct map *map, struct slot *slot)
{
    if (map->free_value)
        map->free_value(slot->value);
    free(slot->key);
    *slot = (struct slot){0};
}

void map_free(struct map *map)
{
    if (!map)
        return;
    for (size_t i = 0; i < map->capacity; i++) {
        if (map->slots[i].key)
            release_slot(map, &map->slots[i]);
    }
    free(map->slots);
    free(map);
}

size_t map_count(const struct map *map)
{
    return map->count;
}

/* The slot that holds the key, or the free one where it belongs. */
static struct slot *seek(const struct map *map, const char *key, XXH64_hash_t hash)
{
    size_t i = (size_t)hash & (map->capacity - 1);

    while (map->slots[i].key && (map->slots[i].hash != hash || strcmp(map->slots[i].key, key) != 0))
        i = (i + 1) & (map->capacity - 1);
    return &map->slots[i];
}

size_t map_memory(const struct map *map)
{
    size_t bytes = sizeof *map + map->capacity * sizeof *map->slots;

    for (size_t i = 0; i < map->capacity; i++)
        bytes += map->slots[i].key ? strlen(map->slots[i].key) + 1 : 0;
    return bytes;
}

void *map_get(const struct map *map, const char *key)
{
    return seek(map, key, XXH3_64bits(key, strlen(key)))->value;
}

static bool grow(struct map *map)
{
    struct map larger = *map;

    larger.capacity = map->capacity * 2;
    larger.slots = calloc(larger.capacity, sizeof *larger.slots);
    if (!larger.slots)
        return false;
    for (size_t i = 0; i < map->capacity; i++) {
        if (map->slots[i].key)
            *seek(&larger, map->slots[i].key, map->slots[i].hash) = map->slots[i];
    }
    free(map->slots);
    *map = larger;
    return true;
}

bool map_set(struct map *map, const char *key, void *value)
{
    XXH64_hash_t hash = XXH3_64bits(key, strlen(key));
    struct slot *slot;

    if ((map->count + 1) * 4 > map->capacity * 3 && !grow(map))
        return false;
    slot = seek(map, key, hash);
    if (slot->key) {
        if (map->free_value && slot->value != value)
            map->free_value(slot->value);
        slot->value = value;
        return true;
    }
    slot->key = strdup(key);
    if (!slot->key)
        return false;
    slot->value = value;
    slot->hash = hash;
    map->count++;
    return true;
}

/* After a burst its room is given back. All slots are free and zero. */
static void shrink(struct map *map)
{
    struct slot *slots = realloc(map->slots, first_capacity * sizeof *slots);

    if (!slots)
        return;
    map->slots = slots;
    map->capacity = first_capacity;
}

bool map_remove(struct map *map, const char *key)
{
    struct slot *hole = seek(map, key, XXH3_64bits(key, strlen(key)));
    size_t mask = map->capacity - 1;
    size_t empty = (size_t)(hole - map->slots);

    if (!hole->key)
        return false;
    release_slot(map, hole);
    map->count--;
    /* Close the gap: what was pushed past it by a collision moves back. */
    for (size_t i = (empty + 1) & mask; map->slots[i].key; i = (i + 1) & mask) {
        size_t home = (size_t)map->slots[i].hash & mask;
        if (((i - home) & mask) < ((i - empty) & mask))
            continue;
        map->slots[empty] = map->slots[i];
        map->slots[i] = (struct slot){0};
        empty = i;
    }
    if (map->count == 0 && map->capacity > first_capacity)
        shrink(map);
    return true;
}

void map_each(const struct map *map, map_visit_fn visit, void *payload)
{
    for (size_t i = 0; i < map->capacity; i++) {
        if (map->slots[i].key && !visit(map->slots[i].key, map->slots[i].value, payload))
            return;
    }
}
