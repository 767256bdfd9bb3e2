/* SPDX-License-Identifier: Apache-2.0 */
#include "base/slab.h"

#include <stdlib.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

enum {
    UNIT = 8,
    CHUNK = SLAB_WORD << SLAB_CHUNK_BITS,
    UNITS_MAX = 512,
    SMALL_MAX = UNIT * UNITS_MAX, /* larger records have chunks of their own */
    CHUNKS_MAX = 1 << (32 - SLAB_CHUNK_BITS),
    FIRST_CAPACITY = 8
};

_Static_assert(sizeof((struct slab *)0)->free / sizeof(slab_ref) == UNITS_MAX + 1, "a list for each size");

/* AddressSanitizer sees one allocation in a chunk; this shows it the records. */
static void forbid(const void *start, size_t size)
{
#ifdef __SANITIZE_ADDRESS__
    ASAN_POISON_MEMORY_REGION(start, size);
#else
    (void)start;
    (void)size;
#endif
}

static void allow(const void *start, size_t size)
{
#ifdef __SANITIZE_ADDRESS__
    ASAN_UNPOISON_MEMORY_REGION(start, size);
#else
    (void)start;
    (void)size;
#endif
}

/* In units; a record holds at least the reference to the next free one. */
static size_t units_of(size_t size)
{
    return size == 0 ? 1 : (size + UNIT - 1) / UNIT;
}

void slab_release(struct slab *slab)
{
    for (uint32_t i = 0; i < slab->chunks_count; i++) {
        const struct slab_chunk *chunk = &slab->chunks[i];
        if (!chunk->goes_on)
            free(chunk->start);
    }
    free(slab->chunks);
    *slab = (struct slab){0};
}

static bool reserve_numbers(struct slab *slab, uint32_t more)
{
    uint32_t capacity = slab->chunks_capacity > 0 ? slab->chunks_capacity : FIRST_CAPACITY;
    struct slab_chunk *chunks;

    if (more > CHUNKS_MAX - slab->chunks_count)
        return false;
    while (capacity < slab->chunks_count + more)
        capacity *= 2;
    if (capacity == slab->chunks_capacity)
        return true;
    chunks = realloc(slab->chunks, capacity * sizeof *chunks);
    if (!chunks)
        return false;
    slab->chunks = chunks;
    slab->chunks_capacity = capacity;
    return true;
}

/* Finds numbers in a row that are free, or makes some. Number 0 is not used, for 0 is nowhere. */
static bool find_numbers(struct slab *slab, uint32_t count, uint32_t *first)
{
    uint32_t found = 0;

    for (uint32_t i = 1; slab->chunks_free >= count && i < slab->chunks_count; i++) {
        found = slab->chunks[i].start ? 0 : found + 1;
        if (found < count)
            continue;
        *first = i + 1 - count;
        return true;
    }
    if (!reserve_numbers(slab, count + 1))
        return false;
    if (slab->chunks_count == 0)
        slab->chunks[slab->chunks_count++] = (struct slab_chunk){0};
    *first = slab->chunks_count;
    for (uint32_t i = 0; i < count; i++)
        slab->chunks[slab->chunks_count++] = (struct slab_chunk){0};
    slab->chunks_free += count;
    return true;
}

/* Takes memory that so many chunks are, or begin in. @return where it begins, or 0. */
static slab_ref take_chunks(struct slab *slab, uint32_t count, size_t size)
{
    char *start = malloc(size);
    uint32_t first;

    if (!start || !find_numbers(slab, count, &first)) {
        free(start);
        return 0;
    }
    slab->chunks[first] = (struct slab_chunk){.start = start};
    for (uint32_t i = 1; i < count; i++)
        slab->chunks[first + i] = (struct slab_chunk){start + (size_t)i * CHUNK, true};
    slab->chunks_free -= count;
    slab->bytes += size;
    return first << SLAB_CHUNK_BITS;
}

static uint32_t chunks_of(size_t size)
{
    return (uint32_t)((size + CHUNK - 1) / CHUNK);
}

static void free_large(struct slab *slab, slab_ref ref, size_t size)
{
    uint32_t first = ref >> SLAB_CHUNK_BITS;
    uint32_t count = chunks_of(size);

    free(slab->chunks[first].start);
    for (uint32_t i = 0; i < count; i++)
        slab->chunks[first + i] = (struct slab_chunk){0};
    slab->chunks_free += count;
    slab->bytes -= size;
}

static void push(struct slab *slab, slab_ref ref, size_t units)
{
    slab_ref *record = slab_at(slab, ref);

    allow(record, sizeof *record);
    *record = slab->free[units];
    slab->free[units] = ref;
    forbid(record, units * UNIT);
}

static slab_ref pop(struct slab *slab, size_t units)
{
    slab_ref ref = slab->free[units];
    slab_ref *record;

    if (ref == 0)
        return 0;
    record = slab_at(slab, ref);
    allow(record, sizeof *record);
    slab->free[units] = *record;
    forbid(record, sizeof *record);
    return ref;
}

/* Out of the chunk that is being filled. */
static slab_ref cut(struct slab *slab, size_t units)
{
    slab_ref ref = slab->next;

    slab->rest -= (uint32_t)(units * UNIT);
    slab->next = slab->rest > 0 ? slab_inside(ref, units * UNIT) : 0;
    return ref;
}

/* Out of a larger record that is free. */
static slab_ref split(struct slab *slab, size_t units)
{
    for (size_t larger = units + 1; larger <= UNITS_MAX; larger++) {
        slab_ref ref = pop(slab, larger);
        if (ref == 0)
            continue;
        push(slab, slab_inside(ref, units * UNIT), larger - units);
        return ref;
    }
    return 0;
}

static slab_ref alloc_small(struct slab *slab, size_t units)
{
    slab_ref ref = pop(slab, units);

    if (ref == 0 && slab->rest >= units * UNIT)
        ref = cut(slab, units);
    if (ref == 0)
        ref = split(slab, units);
    if (ref != 0)
        return ref;
    ref = take_chunks(slab, 1, CHUNK);
    if (ref == 0)
        return 0;
    forbid(slab_at(slab, ref), CHUNK);
    if (slab->rest > 0)
        push(slab, slab->next, slab->rest / UNIT);
    slab->next = ref;
    slab->rest = CHUNK;
    return cut(slab, units);
}

slab_ref slab_alloc(struct slab *slab, size_t size)
{
    slab_ref ref;

    if (size > (size_t)CHUNK * (CHUNKS_MAX - 1))
        return 0;
    if (size > SMALL_MAX)
        ref = take_chunks(slab, chunks_of(size), size);
    else
        ref = alloc_small(slab, units_of(size));
    if (ref == 0)
        return 0;
    allow(slab_at(slab, ref), size);
    slab->records++;
    return ref;
}

void slab_free(struct slab *slab, slab_ref ref, size_t size)
{
    /* After a burst its room is given back. */
    if (--slab->records == 0)
        slab_release(slab);
    else if (size > SMALL_MAX)
        free_large(slab, ref, size);
    else
        push(slab, ref, units_of(size));
}

size_t slab_memory(const struct slab *slab)
{
    return slab->bytes - slab->rest + slab->chunks_capacity * sizeof *slab->chunks;
}
