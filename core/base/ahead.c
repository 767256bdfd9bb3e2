/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ahead.h"

#include "base/json_pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum slot_state { SLOT_EMPTY, SLOT_BEGUN, SLOT_MADE, SLOT_OVER };

/* Room for one item. The item `index` of a row is in the slot of its remainder. */
struct slot {
    enum slot_state state;
    bool helped; /* made by the helper, which alone releases it */
};

/* What stands under "guarded" is read and changed with the lock held only. */
struct ahead {
    struct ahead_work work;
    unsigned char *items;
    pthread_t helper;
    bool started;
    bool refused; /* there is no thread to be had */
    bool pooled;  /* the caller has base/json_pool.h */
    pthread_mutex_t lock;
    pthread_cond_t for_helper; /* there may be something to do for it */
    pthread_cond_t for_caller; /* the helper has made or released something */

    /* Guarded. */
    struct slot slots[AHEAD_ITEMS_MAX];
    void *payload;
    size_t count;     /* of the row */
    size_t begun;     /* items that somebody makes or has made */
    size_t handed;    /* items that were handed over */
    size_t entrusted; /* slots with something that the helper has to make or to release */
    bool ended;       /* the row: nothing is begun any more, what was made is released */
    bool quit;
};

static void *item_at(const struct ahead *ahead, size_t index)
{
    return ahead->items + (index % ahead->work.items) * ahead->work.size;
}

/* It is held for less than it takes to fall asleep. */
static void init_lock(pthread_mutex_t *lock)
{
    pthread_mutexattr_t attributes;

    (void)pthread_mutexattr_init(&attributes);
#ifdef PTHREAD_MUTEX_ADAPTIVE_NP
    (void)pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ADAPTIVE_NP);
#endif
    (void)pthread_mutex_init(lock, &attributes);
    (void)pthread_mutexattr_destroy(&attributes);
}

struct ahead *ahead_new(const struct ahead_work *work)
{
    struct ahead *ahead = calloc(1, sizeof *ahead);

    if (!ahead)
        return NULL;
    ahead->work = *work;
    ahead->items = calloc(work->items, work->size);
    if (!ahead->items) {
        free(ahead);
        return NULL;
    }
    init_lock(&ahead->lock);
    (void)pthread_cond_init(&ahead->for_helper, NULL);
    (void)pthread_cond_init(&ahead->for_caller, NULL);
    return ahead;
}

/* Begins the next item of the row if there is room for it. @return whether there is one; its index. */
static bool begin(struct ahead *ahead, bool helped, size_t *index)
{
    struct slot *slot = &ahead->slots[ahead->begun % ahead->work.items];

    if (ahead->ended || ahead->begun == ahead->count || slot->state != SLOT_EMPTY)
        return false;
    *slot = (struct slot){.state = SLOT_BEGUN, .helped = helped};
    ahead->entrusted += helped;
    *index = ahead->begun++;
    return true;
}

/* Makes an item; the lock is held before and after. */
static void make(struct ahead *ahead, size_t index)
{
    void *payload = ahead->payload;

    (void)pthread_mutex_unlock(&ahead->lock);
    memset(item_at(ahead, index), 0, ahead->work.size);
    ahead->work.make(index, item_at(ahead, index), payload);
    (void)pthread_mutex_lock(&ahead->lock);
    ahead->slots[index % ahead->work.items].state = SLOT_MADE;
}

/* The helper releases what it made and is not needed any more. @return whether there was something: the lock
 * was not held all the time then, and more may have come. */
static bool release_over(struct ahead *ahead)
{
    size_t before = ahead->entrusted;

    for (size_t i = 0; i < ahead->work.items && ahead->entrusted > 0; i++) {
        struct slot *slot = &ahead->slots[i];
        bool over = slot->state == SLOT_OVER || (ahead->ended && slot->state == SLOT_MADE);
        if (!slot->helped || !over)
            continue;
        (void)pthread_mutex_unlock(&ahead->lock);
        ahead->work.release(item_at(ahead, i));
        (void)pthread_mutex_lock(&ahead->lock);
        slot->state = SLOT_EMPTY;
        ahead->entrusted--;
    }
    return ahead->entrusted < before;
}

static void *help(void *payload)
{
    struct ahead *ahead = payload;
    size_t index;

    if (ahead->pooled)
        json_pool_join();
    (void)pthread_mutex_lock(&ahead->lock);
    for (;;) {
        bool released = release_over(ahead);
        bool made = begin(ahead, true, &index);
        if (made)
            make(ahead, index);
        if (made || released) {
            (void)pthread_cond_signal(&ahead->for_caller);
            continue;
        }
        if (ahead->quit)
            break;
        (void)pthread_cond_wait(&ahead->for_helper, &ahead->lock);
    }
    (void)pthread_mutex_unlock(&ahead->lock);
    json_pool_leave();
    return NULL;
}

/* Signals are for the thread that has the event loop. */
static void start(struct ahead *ahead)
{
    sigset_t all;
    sigset_t before;

    ahead->pooled = json_pool_used();
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    ahead->started = pthread_create(&ahead->helper, NULL, help, ahead) == 0;
    ahead->refused = !ahead->started;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Hands the next item over; the lock is held before and after. */
static int hand_over(struct ahead *ahead)
{
    size_t index = ahead->handed;
    struct slot *slot = &ahead->slots[index % ahead->work.items];
    bool helped = slot->helped;
    int result;

    (void)pthread_mutex_unlock(&ahead->lock);
    result = ahead->work.hand_over(index, item_at(ahead, index), ahead->payload);
    if (!helped)
        ahead->work.release(item_at(ahead, index));
    (void)pthread_mutex_lock(&ahead->lock);
    slot->state = helped ? SLOT_OVER : SLOT_EMPTY;
    ahead->handed++;
    /* One that sleeps is woken for some more than one item. */
    if (ahead->begun - ahead->handed <= ahead->work.items / 2)
        (void)pthread_cond_signal(&ahead->for_helper);
    return result;
}

/* What the caller made and did not hand over. */
static void release_rest(struct ahead *ahead)
{
    for (size_t i = 0; i < ahead->work.items; i++) {
        struct slot *slot = &ahead->slots[i];
        if (slot->helped || slot->state != SLOT_MADE)
            continue;
        ahead->work.release(item_at(ahead, i));
        slot->state = SLOT_EMPTY;
    }
}

/* With the lock held. */
static int run(struct ahead *ahead)
{
    int result = 0;
    size_t index;

    while (ahead->handed < ahead->count && result == 0) {
        if (ahead->handed < ahead->begun &&
            ahead->slots[ahead->handed % ahead->work.items].state == SLOT_MADE)
            result = hand_over(ahead);
        else if (begin(ahead, false, &index))
            make(ahead, index);
        else
            (void)pthread_cond_wait(&ahead->for_caller, &ahead->lock);
    }
    ahead->ended = true;
    release_rest(ahead);
    (void)pthread_cond_signal(&ahead->for_helper);
    while (ahead->entrusted > 0)
        (void)pthread_cond_wait(&ahead->for_caller, &ahead->lock);
    return result;
}

int ahead_run(struct ahead *ahead, size_t count, void *payload)
{
    int result;

    (void)pthread_mutex_lock(&ahead->lock);
    ahead->payload = payload;
    ahead->count = count;
    ahead->begun = 0;
    ahead->handed = 0;
    ahead->ended = false;
    if (!ahead->started && !ahead->refused && count >= AHEAD_ROW_MIN)
        start(ahead);
    (void)pthread_cond_signal(&ahead->for_helper);
    result = run(ahead);
    (void)pthread_mutex_unlock(&ahead->lock);
    return result;
}

void ahead_free(struct ahead *ahead)
{
    if (!ahead)
        return;
    (void)pthread_mutex_lock(&ahead->lock);
    ahead->quit = true;
    (void)pthread_cond_signal(&ahead->for_helper);
    (void)pthread_mutex_unlock(&ahead->lock);
    if (ahead->started)
        (void)pthread_join(ahead->helper, NULL);
    (void)pthread_cond_destroy(&ahead->for_caller);
    (void)pthread_cond_destroy(&ahead->for_helper);
    (void)pthread_mutex_destroy(&ahead->lock);
    free(ahead->items);
    free(ahead);
}
