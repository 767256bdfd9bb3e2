/* SPDX-License-Identifier: Apache-2.0 */
#include "base/chain.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static const size_t first_size = 64;

void chain_release(struct chain_table *table)
{
    free(table->buckets);
    *table = (struct chain_table){0};
}

static struct chain_link **bucket_of(const struct chain_table *table, const char *key)
{
    return &table->buckets[XXH3_64bits(key, strlen(key)) & (table->size - 1)];
}

static void push(struct chain_table *table, struct chain_link *link)
{
    struct chain_link **bucket = bucket_of(table, link->key);

    link->next = *bucket;
    *bucket = link;
}

static bool grow(struct chain_table *table, size_t size)
{
    struct chain_table grown = {.buckets = calloc(size, sizeof *grown.buckets), .size = size};

    if (!grown.buckets)
        return false;
    grown.count = table->count;
    for (size_t i = 0; i < table->size; i++) {
        struct chain_link *link = table->buckets[i];
        while (link) {
            struct chain_link *next = link->next;
            push(&grown, link);
            link = next;
        }
    }
    free(table->buckets);
    *table = grown;
    return true;
}

bool chain_reserve(struct chain_table *table, size_t more)
{
    size_t size = table->size > 0 ? table->size : first_size;

    while (size < table->count + more) {
        if (size > SIZE_MAX / 2 / sizeof *table->buckets)
            return false;
        size *= 2;
    }
    return size == table->size || grow(table, size);
}

void chain_add(struct chain_table *table, struct chain_link *link)
{
    push(table, link);
    table->count++;
}

/* After a burst its room is given back. All buckets are empty. */
static void shrink(struct chain_table *table)
{
    struct chain_link **buckets = realloc(table->buckets, first_size * sizeof *buckets);

    if (!buckets)
        return;
    table->buckets = buckets;
    table->size = first_size;
}

void chain_remove(struct chain_table *table, const struct chain_link *link)
{
    struct chain_link **at = bucket_of(table, link->key);

    while (*at && *at != link)
        at = &(*at)->next;
    if (!*at)
        return;
    *at = link->next;
    table->count--;
    if (table->count == 0 && table->size > first_size)
        shrink(table);
}

static struct chain_link *seek(struct chain_link *link, const char *key)
{
    while (link && strcmp(link->key, key) != 0)
        link = link->next;
    return link;
}

struct chain_link *chain_first(const struct chain_table *table, const char *key)
{
    return table->size > 0 ? seek(*bucket_of(table, key), key) : NULL;
}

struct chain_link *chain_next(const struct chain_link *link)
{
    return seek(link->next, link->key);
}

void chain_each(const struct chain_table *table, void (*visit)(struct chain_link *link, void *payload),
                void *payload)
{
    for (size_t i = 0; i < table->size; i++) {
        struct chain_link *link = table->buckets[i];
        while (link) {
            struct chain_link *next = link->next;
            visit(link, payload);
            link = next;
        }
    }
}

size_t chain_memory(const struct chain_table *table)
{
    return table->size * sizeof *table->buckets;
}
