/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* With what malloc() puts in front still among the sizes that it keeps ready; larger ones make it tidy up. */
static const size_t block_size = 960;

struct arena_block {
    struct arena_block *next;
    size_t used;
    size_t size;
    max_align_t data[];
};

void arena_release(struct arena *arena)
{
    struct arena_block *block = arena ? arena->blocks : NULL;

    while (block) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
    if (arena)
        arena->blocks = NULL;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    struct arena_block *block = arena->blocks;
    size_t rounded;
    char *result;

    if (size > SIZE_MAX / 4)
        return NULL;
    rounded = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    if (!block || block->size - block->used < rounded) {
        size_t wanted = rounded > block_size ? rounded : block_size;
        block = malloc(sizeof *block + wanted);
        if (!block)
            return NULL;
        *block = (struct arena_block){.next = arena->blocks, .size = wanted};
        arena->blocks = block;
    }
    result = (char *)block->data + block->used;
    block->used += rounded;
    return memset(result, 0, rounded);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    if (size > 0 && count > SIZE_MAX / size)
        return NULL;
    return arena_alloc(arena, count * size);
}

char *arena_string(struct arena *arena, const char *string)
{
    size_t size = strlen(string) + 1;
    char *copy = arena_alloc(arena, size);

    if (copy)
        memcpy(copy, string, size);
    return copy;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list values;
    char *result;
    int size;

    va_start(values, format);
    size = vsnprintf(NULL, 0, format, values);
    va_end(values);
    if (size < 0)
        return NULL;
    result = arena_alloc(arena, (size_t)size + 1);
    if (!result)
        return NULL;
    va_start(values, format);
    (void)vsnprintf(result, (size_t)size + 1, format, values);
    va_end(values);
    return result;
}
