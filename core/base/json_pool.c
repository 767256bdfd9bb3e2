/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_pool.h"

#include <jansson.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>

/* A list holds pieces of at least 16 bytes times its number and 8 more: what malloc() of glibc has. */
enum { STEP = 16, FIRST = 8, LISTS = 33 };

/* A piece that waits. */
struct piece {
    struct piece *next;
};

/* jansson's functions know nothing but the piece, so that the lists have to be found from anywhere. */
static _Thread_local struct {
    bool used;
    struct piece *lists[LISTS];
    size_t kept;
} pool;

/* Bytes of a piece as a list counts it. */
static size_t counted(size_t list)
{
    return list * STEP + FIRST;
}

static void *take(size_t size)
{
    /* malloc() has nothing smaller than the first list. */
    size_t list = size <= FIRST ? 1 : (size + STEP - FIRST - 1) / STEP;
    struct piece *piece;

    if (!pool.used || list >= LISTS)
        return malloc(size);
    piece = pool.lists[list];
    if (!piece)
        return malloc(counted(list));
    pool.lists[list] = piece->next;
    pool.kept -= counted(list);
    return piece;
}

static void give(void *memory)
{
    struct piece *piece = memory;
    size_t size = memory ? malloc_usable_size(memory) : 0;
    size_t list = (size - FIRST) / STEP;

    if (!pool.used || size < sizeof *piece || list >= LISTS || pool.kept + size > JSON_POOL_MAX) {
        free(memory);
        return;
    }
    piece->next = pool.lists[list];
    pool.lists[list] = piece;
    pool.kept += counted(list);
}

void json_pool_use(void)
{
    pool.used = true;
    json_set_alloc_funcs(take, give);
}

bool json_pool_used(void)
{
    return pool.used;
}

void json_pool_join(void)
{
    pool.used = true;
}

void json_pool_empty(void)
{
    for (size_t list = 0; list < LISTS; list++) {
        while (pool.lists[list]) {
            struct piece *piece = pool.lists[list];
            pool.lists[list] = piece->next;
            free(piece);
        }
    }
    pool.kept = 0;
}

void json_pool_leave(void)
{
    json_pool_empty();
    pool.used = false;
}

size_t json_pool_kept(void)
{
    return pool.kept;
}
