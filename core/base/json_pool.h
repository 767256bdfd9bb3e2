/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_pool - the memory of one JSON tree is that of the next
 *
 * Trees are built for one object at a time and thrown away, tens of thousands of times at a start. malloc()
 * takes a fifth of such a start, mostly to join and to cut what comes back in the same sizes, and between
 * trees it puts what stays. So the small pieces of jansson go into lists by their size, and the next tree
 * takes them from there.
 */
#ifndef BASE_JSON_POOL_H
#define BASE_JSON_POOL_H

#include <stdbool.h>
#include <stddef.h>

/** Bytes that wait in the lists at most; what is more goes back to malloc(). */
enum { JSON_POOL_MAX = 1024 * 1024 };

/**
 * Gives jansson the lists, for as long as the program runs: json_set_alloc_funcs().
 *
 * The calling thread has them, and should be the one that builds most trees; what other threads ask for comes
 * from malloc() unless they join. Values may be handed from one to the other, and those that were there
 * before stay good. AddressSanitizer does not see a piece end that waits.
 */
void json_pool_use(void);

/** @return whether the calling thread has lists. */
bool json_pool_used(void);

/** Lists for the calling thread too, where another one uses them; json_pool_leave() before the thread ends.
 */
void json_pool_join(void);

/** Frees what waits in the lists of the calling thread. */
void json_pool_empty(void);

/** Frees what waits in the lists of the calling thread; it has none any more. */
void json_pool_leave(void);

/** @return bytes that wait in the lists of this thread. */
size_t json_pool_kept(void);

#endif
