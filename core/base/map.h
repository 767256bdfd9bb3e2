/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map - values by string
 *
 * Open addressing with linear probing; the map owns copies of its keys and, if it was given a function to
 * free them, its values. Iteration is in no order that means anything.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

struct map;

/** Called for each entry. @return false to stop. The map must not be changed meanwhile. */
typedef bool (*map_visit_fn)(const char *key, void *value, void *payload);

/**
 * @param free_value  frees a value that is replaced, removed or left at the end; NULL: values are not owned.
 * @return owned by caller, for map_free(); NULL if memory is short.
 */
struct map *map_new(void (*free_value)(void *value));

/** Frees the map, its keys and its values. NULL is fine. */
void map_free(struct map *map);

/** @return number of entries. */
size_t map_count(const struct map *map);

/** @return bytes that the map holds, its values not counted. */
size_t map_memory(const struct map *map);

/** @return the value, borrowed; NULL if there is none. */
void *map_get(const struct map *map, const char *key);

/**
 * Sets a value; one that was there is freed.
 *
 * @param value  moved in on success; not NULL.
 * @return false if memory is short; nothing has changed then, and the value is still the caller's.
 */
bool map_set(struct map *map, const char *key, void *value);

/** Removes an entry and frees its value. @return whether there was one. */
bool map_remove(struct map *map, const char *key);

/** Visits all entries. */
void map_each(const struct map *map, map_visit_fn visit, void *payload);

#endif
