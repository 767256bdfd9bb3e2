/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"
#include "scarce.h"

#include "base/ahead.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

/* More than go around the slots many times. */
enum { MANY = 5000 };

/* A row, and what came of it. */
struct row {
    pthread_t caller;
    /* Items that were made by another thread than the caller; all; released. */
    atomic_size_t helped;
    atomic_size_t made;
    atomic_size_t released;
    /* Items that were released by another thread than the one that made them. */
    atomic_size_t swapped;
    /* Signals that the helper would take. */
    atomic_size_t open_signals;
    size_t next;
    size_t wrong;
    size_t most_ahead;
    /* hand_over() returns -7 at this index. */
    size_t stop;
    /* Bits of the index that make one of the two take its time. */
    size_t slow_make;
    size_t slow_hand_over;
};

struct item {
    struct row *row;
    size_t index;
    pthread_t maker;
    void *memory;
};

static void dawdle(size_t index, size_t mask)
{
    for (int i = 0; mask != 0 && (index & mask) == mask && i < 20; i++)
        (void)sched_yield();
}

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *payload);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *payload);

static bool no_threads;

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *payload)
{
    return no_threads ? EAGAIN : __real_pthread_create(thread, attributes, run, payload);
}

static void make(size_t index, void *place, const void *payload)
{
    struct row *row = *(struct row *const *)payload;
    struct item *item = place;
    sigset_t blocked;

    if (item->row || item->memory)
        row->wrong++;
    *item = (struct item){.row = row, .index = index, .maker = pthread_self(), .memory = malloc(16)};
    dawdle(index, row->slow_make);
    if (!pthread_equal(item->maker, row->caller)) {
        atomic_fetch_add(&row->helped, 1);
        (void)pthread_sigmask(SIG_SETMASK, NULL, &blocked);
        if (!sigismember(&blocked, SIGTERM) || !sigismember(&blocked, SIGHUP))
            atomic_fetch_add(&row->open_signals, 1);
    }
    atomic_fetch_add(&row->made, 1);
}

static int hand_over(size_t index, void *place, void *payload)
{
    struct row *row = *(struct row **)payload;
    const struct item *item = place;
    size_t ahead = atomic_load(&row->made) - row->next;

    if (!pthread_equal(pthread_self(), row->caller) || index != row->next || item->index != index)
        row->wrong++;
    row->next++;
    row->most_ahead = ahead > row->most_ahead ? ahead : row->most_ahead;
    dawdle(index, row->slow_hand_over);
    return index == row->stop ? -7 : 0;
}

static void release(void *place)
{
    struct item *item = place;

    if (!pthread_equal(item->maker, pthread_self()))
        atomic_fetch_add(&item->row->swapped, 1);
    atomic_fetch_add(&item->row->released, 1);
    free(item->memory);
}

static const struct ahead_work work = {
    .size = sizeof(struct item), .items = 16, .make = make, .hand_over = hand_over, .release = release};

/* Runs a row of so many items, and checks what always holds. */
static int run(struct ahead *ahead, struct row *row, size_t count)
{
    int result;

    row->caller = pthread_self();
    result = ahead_run(ahead, count, &row);
    CU_ASSERT_EQUAL(row->wrong, 0);
    CU_ASSERT_EQUAL(atomic_load(&row->swapped), 0);
    CU_ASSERT_EQUAL(atomic_load(&row->open_signals), 0);
    CU_ASSERT_EQUAL(atomic_load(&row->made), atomic_load(&row->released));
    CU_ASSERT_TRUE(row->most_ahead <= work.items);
    return result;
}

static void a_row_is_handed_over_in_order(void)
{
    static const size_t masks[][2] = {{0, 0}, {1, 0}, {0, 1}, {3, 2}, {8, 16}, {31, 0}, {0, 31}};
    struct ahead *ahead = ahead_new(&work);
    size_t helped = 0;

    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
        struct row row = {.stop = SIZE_MAX, .slow_make = masks[i][0], .slow_hand_over = masks[i][1]};
        CU_ASSERT_EQUAL(run(ahead, &row, MANY), 0);
        CU_ASSERT_EQUAL(row.next, MANY);
        CU_ASSERT_EQUAL(atomic_load(&row.made), MANY);
        helped += atomic_load(&row.helped);
    }
    /* Otherwise nothing of this was tested. */
    CU_ASSERT_TRUE(helped > 0);
    ahead_free(ahead);
    ahead_free(NULL);
}

static void rows_of_all_lengths_end(void)
{
    struct ahead *ahead = ahead_new(&work);

    for (size_t round = 0; round < 3; round++) {
        for (size_t count = 0; count < 100; count++) {
            struct row row = {.stop = SIZE_MAX, .slow_make = round};
            CU_ASSERT_EQUAL(run(ahead, &row, count), 0);
            CU_ASSERT_EQUAL(row.next, count);
        }
    }
    ahead_free(ahead);
}

static void a_short_row_has_no_helper(void)
{
    struct ahead *ahead = ahead_new(&work);

    for (size_t count = 0; count < AHEAD_ROW_MIN; count++) {
        struct row row = {.stop = SIZE_MAX};
        CU_ASSERT_EQUAL(run(ahead, &row, count), 0);
        CU_ASSERT_EQUAL(atomic_load(&row.helped), 0);
    }
    ahead_free(ahead);
}

static void a_row_that_is_ended_leaves_nothing(void)
{
    struct ahead *ahead = ahead_new(&work);

    for (size_t stop = 0; stop < 200; stop++) {
        struct row row = {.stop = stop, .slow_hand_over = stop % 4};
        CU_ASSERT_EQUAL(run(ahead, &row, 200), -7);
        CU_ASSERT_EQUAL(row.next, stop + 1);
    }
    ahead_free(ahead);
}

static void without_a_thread_the_caller_makes_all(void)
{
    struct ahead *ahead = ahead_new(&work);

    no_threads = true;
    for (int i = 0; i < 3; i++) {
        struct row row = {.stop = SIZE_MAX};
        CU_ASSERT_EQUAL(run(ahead, &row, MANY), 0);
        CU_ASSERT_EQUAL(row.next, MANY);
        CU_ASSERT_EQUAL(atomic_load(&row.helped), 0);
        /* It is not asked for again. */
        no_threads = false;
    }
    ahead_free(ahead);
}

static void short_memory_is_told(void)
{
    struct ahead *ahead = NULL;
    size_t granted = 0;

    do {
        scarce_begin(granted++);
        ahead = ahead_new(&work);
        CU_ASSERT_TRUE(ahead || granted < 10);
    } while (scarce_end());
    CU_ASSERT_PTR_NOT_NULL(ahead);
    ahead_free(ahead);
}

int main(void)
{
    static const struct test tests[] = {
        {"a row is handed over in order, however long each part takes", a_row_is_handed_over_in_order},
        {"rows of all lengths end", rows_of_all_lengths_end},
        {"a short row has no helper", a_short_row_has_no_helper},
        {"a row that is ended leaves nothing", a_row_that_is_ended_leaves_nothing},
        {"without a thread the caller makes all", without_a_thread_the_caller_makes_all},
        {"short memory is told", short_memory_is_told},
        {NULL, NULL},
    };

    return harness_run("ahead", tests);
}
