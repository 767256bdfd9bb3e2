/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena - many small allocations that live and end together
 *
 * Made for what is worked out for one Api and thrown away after it.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

/** Storage of the caller; all zero is an empty arena. */
struct arena {
    /** Newest block first; private. */
    struct arena_block *blocks;
};

/** Frees everything that came from the arena; it is empty again. NULL is fine. */
void arena_release(struct arena *arena);

/** @return zeroed memory aligned for any type, borrowed from the arena; NULL if memory is short. */
void *arena_alloc(struct arena *arena, size_t size);

/** As arena_alloc(), for an array; NULL also if count * size is too large. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/** @return a copy of the string, borrowed from the arena; NULL if memory is short. */
char *arena_string(struct arena *arena, const char *string);

/** @return a formatted string, borrowed from the arena; NULL if memory is short. */
char *arena_format(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
