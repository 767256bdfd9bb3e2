/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slab - many small records that stay, side by side, found by a 32-bit reference
 *
 * What is kept of tens of thousands of objects is mostly what stands around it: the allocator's headers, the
 * rounding, the holes that short-lived neighbours leave, and pointers. Records of a slab have none of these.
 * They do not move. Chunks of 128 KiB are what glibc maps one by one, so that no page of the heap is held by
 * the end of one; of the last chunk only pages that were used take memory.
 */
#ifndef BASE_SLAB_H
#define BASE_SLAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Where something stands in a slab, counted in words of four bytes; 0 is nowhere. */
typedef uint32_t slab_ref;

/** What a reference is made of. */
enum {
    SLAB_WORD = 4,       /**< bytes */
    SLAB_CHUNK_BITS = 15 /**< words of a chunk, as a power of two */
};

/** Private. */
struct slab_chunk {
    char *start;  /**< NULL: this number is free */
    bool goes_on; /**< with the one before, in one allocation */
};

/** Storage of the caller; all zero is an empty slab. The members are private. */
struct slab {
    struct slab_chunk *chunks;
    uint32_t chunks_count;
    uint32_t chunks_capacity;
    uint32_t chunks_free; /**< numbers that are */
    slab_ref next;        /**< the rest of the chunk that is being filled; 0: there is none */
    uint32_t rest;        /**< its bytes */
    size_t records;
    size_t bytes;       /**< of all chunks */
    slab_ref free[513]; /**< lists of free records, by their size in units of eight bytes */
};

/** Frees all records. */
void slab_release(struct slab *slab);

/** @return a record that is aligned for any type of up to eight bytes, not zeroed; 0 if memory is short. */
slab_ref slab_alloc(struct slab *slab, size_t size);

/** Frees a record. @param size  that it was made with. */
void slab_free(struct slab *slab, slab_ref ref, size_t size);

/** @return what stands there. @param ref  not 0. */
static inline void *slab_at(const struct slab *slab, slab_ref ref)
{
    return slab->chunks[ref >> SLAB_CHUNK_BITS].start +
           (ref & ((1U << SLAB_CHUNK_BITS) - 1)) * (size_t)SLAB_WORD;
}

/** @return where a part of a record stands. @param offset  in bytes; a multiple of SLAB_WORD. */
static inline slab_ref slab_inside(slab_ref record, size_t offset)
{
    return record + (slab_ref)(offset / SLAB_WORD);
}

/** @return bytes that the slab holds. */
size_t slab_memory(const struct slab *slab);

#endif
