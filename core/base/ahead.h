/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ahead - a row of items, made by two threads and handed over by one
 *
 * Reading a file and building its tree takes several times as long as taking note of what it says, and needs
 * nothing that the other files change. So a helper makes items ahead of the one that is handed over, and the
 * calling thread makes those that the helper has not begun. The caller sees the items in their order, each
 * only after the one before, and nothing runs beside it any more when ahead_run() has returned.
 *
 * The helper is started by the first row that is long enough to be worth it. Where there is no thread to be
 * had, the caller makes all of them.
 */
#ifndef BASE_AHEAD_H
#define BASE_AHEAD_H

#include <stddef.h>

/** Rows shorter than this are made by the caller alone. */
#define AHEAD_ROW_MIN 32

/** Items that are made, and not handed over yet, at most. */
#define AHEAD_ITEMS_MAX 64

struct ahead;

/** What is done with an item. */
struct ahead_work {
    /** Bytes of an item; each is all zero before it is made. */
    size_t size;
    /** Items that are made, and not handed over yet, at most: 2 to AHEAD_ITEMS_MAX. */
    size_t items;
    /** Makes an item, in either thread: must not change what others look at. What goes wrong is noted in it.
     */
    void (*make)(size_t index, void *item, const void *payload);
    /** Takes an item, in the calling thread. @return 0 to go on; anything else ends the row. */
    int (*hand_over)(size_t index, void *item, void *payload);
    /** Releases an item, in the thread that made it, handed over or not. */
    void (*release)(void *item);
};

/** @return owned by caller, for ahead_free(); NULL if memory is short. */
struct ahead *ahead_new(const struct ahead_work *work);

/** Ends the helper. NULL is fine. */
void ahead_free(struct ahead *ahead);

/**
 * Makes and hands over a row of items.
 *
 * @param payload  for make(), which must not change it, and for hand_over(), which may change what make()
 *                 does not look at.
 * @return 0, or what hand_over() returned.
 */
int ahead_run(struct ahead *ahead, size_t count, void *payload);

#endif
