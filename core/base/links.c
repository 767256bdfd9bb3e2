/* SPDX-License-Identifier: Apache-2.0 */
#include "base/links.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static const uint32_t first_size = 64;
/* Links of a bucket before there are more buckets: a few steps cost less than the room for none. */
enum { CROWD = 4 };

void links_release(struct links *links)
{
    free(links->buckets);
    links->buckets = NULL;
    links->size = 0;
    links->count = 0;
}

static struct link *at(const struct links *links, slab_ref ref)
{
    return slab_at(links->slab, ref);
}

static struct link *at_or_null(const struct links *links, slab_ref ref)
{
    return ref != 0 ? at(links, ref) : NULL;
}

static void push(struct links *links, slab_ref ref)
{
    struct link *link = at(links, ref);
    slab_ref *bucket = &links->buckets[links->hash(link) & (links->size - 1)];

    link->next = *bucket;
    *bucket = ref;
}

static bool grow(struct links *links, uint32_t size)
{
    struct links grown = *links;

    grown.buckets = calloc(size, sizeof *grown.buckets);
    grown.size = size;
    if (!grown.buckets)
        return false;
    for (uint32_t i = 0; i < links->size; i++) {
        slab_ref ref = links->buckets[i];
        while (ref != 0) {
            slab_ref next = at(links, ref)->next;
            push(&grown, ref);
            ref = next;
        }
    }
    free(links->buckets);
    *links = grown;
    return true;
}

bool links_reserve(struct links *links, size_t more)
{
    uint32_t size = links->size > 0 ? links->size : first_size;

    if (more > UINT32_MAX / 2 - links->count)
        return false;
    while (size < (links->count + more) / CROWD)
        size *= 2;
    return size == links->size || grow(links, size);
}

void links_add(struct links *links, slab_ref ref)
{
    push(links, ref);
    links->count++;
}

/* After a burst its room is given back. All buckets are empty. */
static void shrink(struct links *links)
{
    slab_ref *buckets = realloc(links->buckets, first_size * sizeof *buckets);

    if (!buckets)
        return;
    links->buckets = buckets;
    links->size = first_size;
}

/* What leads to a link; it is 0 if the link is not in the table. NULL: there is no table yet. */
static slab_ref *place_of(const struct links *links, const struct link *link)
{
    slab_ref *place = NULL;

    if (links->size > 0)
        place = &links->buckets[links->hash(link) & (links->size - 1)];
    while (place && *place != 0 && at(links, *place) != link)
        place = &at(links, *place)->next;
    return place;
}

slab_ref links_remove(struct links *links, const struct link *link)
{
    slab_ref *place = place_of(links, link);
    slab_ref ref = place ? *place : 0;

    if (ref == 0)
        return 0;
    *place = link->next;
    links->count--;
    if (links->count == 0 && links->size > first_size)
        shrink(links);
    return ref;
}

slab_ref links_find(const struct links *links, const struct link *link)
{
    const slab_ref *place = place_of(links, link);

    return place ? *place : 0;
}

struct link *links_first(const struct links *links, uint64_t hash)
{
    return links->size > 0 ? at_or_null(links, links->buckets[hash & (links->size - 1)]) : NULL;
}

struct link *links_next(const struct links *links, const struct link *link)
{
    return at_or_null(links, link->next);
}

struct link *links_seek_text(const struct links *links, const char *text, size_t offset)
{
    struct link *link = links_first(links, links_hash_text(text));

    while (link && strcmp((const char *)link + offset, text) != 0)
        link = links_next(links, link);
    return link;
}

void links_each(const struct links *links, void (*visit)(struct link *link, void *payload), void *payload)
{
    for (uint32_t i = 0; i < links->size; i++) {
        struct link *link = at_or_null(links, links->buckets[i]);
        while (link) {
            struct link *next = at_or_null(links, link->next);
            visit(link, payload);
            link = next;
        }
    }
}

size_t links_memory(const struct links *links)
{
    return links->size * sizeof *links->buckets;
}

uint64_t links_hash(const char *bytes, size_t size)
{
    return XXH3_64bits(bytes, size);
}

uint64_t links_hash_text(const char *text)
{
    return links_hash(text, strlen(text));
}

uint64_t links_hash_pair(const char *name_space, size_t before, const char *name, size_t after)
{
    return XXH3_64bits_withSeed(name, after, XXH3_64bits(name_space, before));
}
