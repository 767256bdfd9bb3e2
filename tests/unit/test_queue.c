/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "reconcile/queue.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct queue_backoff backoff = {.first_ms = 250, .most_ms = 300000, .seed = 7};

static void keys_are_taken_in_order(void)
{
    struct queue *queue = queue_new(&backoff);

    CU_ASSERT_EQUAL(queue_next(queue), QUEUE_NEVER);
    CU_ASSERT_PTR_NULL(queue_take(queue, INT64_MAX));
    CU_ASSERT_TRUE(queue_add(queue, "b", 10));
    CU_ASSERT_TRUE(queue_add(queue, "c", 10));
    CU_ASSERT_TRUE(queue_add(queue, "a", 5));
    CU_ASSERT_EQUAL(queue_next(queue), 5);
    CU_ASSERT_PTR_NULL(queue_take(queue, 4));
    CU_ASSERT_STRING_EQUAL(queue_take(queue, 5), "a");
    CU_ASSERT_PTR_NULL(queue_take(queue, 9));
    CU_ASSERT_STRING_EQUAL(queue_take(queue, 10), "b");
    CU_ASSERT_STRING_EQUAL(queue_take(queue, 10), "c");
    CU_ASSERT_PTR_NULL(queue_take(queue, INT64_MAX));
    queue_free(queue);
    queue_free(NULL);
}

static void due_keys_are_listed_in_their_order(void)
{
    struct queue *queue = queue_new(&backoff);
    const char **keys;
    size_t count = 0;
    char key[16];

    keys = queue_list(queue, INT64_MAX, &count);
    CU_ASSERT_PTR_NOT_NULL(keys);
    CU_ASSERT_EQUAL(count, 0);
    free(keys);
    for (int i = 0; i < 100; i++) {
        (void)snprintf(key, sizeof key, "k%d", i);
        CU_ASSERT_TRUE(queue_add(queue, key, (i * 37) % 50));
    }
    CU_ASSERT_STRING_EQUAL(queue_take(queue, 0), "k0");
    keys = queue_list(queue, 24, &count);
    CU_ASSERT_EQUAL(count, 49);
    for (size_t i = 0; i < count; i++)
        CU_ASSERT_STRING_EQUAL(queue_take(queue, 24), keys[i]);
    CU_ASSERT_PTR_NULL(queue_take(queue, 24));
    free(keys);
    queue_free(queue);
}

static void a_key_waits_once(void)
{
    struct queue *queue = queue_new(&backoff);

    for (int i = 0; i < 100; i++)
        CU_ASSERT_TRUE(queue_add(queue, "a", 100 - i));
    CU_ASSERT_EQUAL(queue_waiting(queue), 1);
    CU_ASSERT_EQUAL(queue_next(queue), 1);
    CU_ASSERT_TRUE(queue_add(queue, "a", 50));
    CU_ASSERT_EQUAL(queue_next(queue), 1);
    queue_free(queue);
}

static void a_key_in_work_comes_back_after_it(void)
{
    struct queue *queue = queue_new(&backoff);

    CU_ASSERT_TRUE(queue_add(queue, "a", 0));
    CU_ASSERT_STRING_EQUAL(queue_take(queue, 0), "a");
    CU_ASSERT_TRUE(queue_add(queue, "a", 3));
    CU_ASSERT_TRUE(queue_add(queue, "a", 2));
    CU_ASSERT_PTR_NULL(queue_take(queue, 1000));
    queue_finish(queue, "a", QUEUE_DONE, 10);
    CU_ASSERT_EQUAL(queue_next(queue), 2);
    CU_ASSERT_STRING_EQUAL(queue_take(queue, 10), "a");
    queue_finish(queue, "a", QUEUE_DONE, 11);
    CU_ASSERT_EQUAL(queue_waiting(queue), 0);
    CU_ASSERT_EQUAL(queue_next(queue), QUEUE_NEVER);
    queue_free(queue);
}

static void failures_delay_twice_as_long_up_to_the_limit(void)
{
    struct queue *queue = queue_new(&backoff);
    int64_t whole = backoff.first_ms;
    int64_t now = 0;

    CU_ASSERT_TRUE(queue_add(queue, "a", 0));
    for (unsigned i = 1; i <= 100; i++) {
        int64_t due;
        CU_ASSERT_PTR_NOT_NULL_FATAL(queue_take(queue, now));
        queue_finish(queue, "a", QUEUE_RETRY, now);
        CU_ASSERT_EQUAL(queue_failures(queue, "a"), i);
        due = queue_next(queue);
        CU_ASSERT_TRUE(due - now >= whole - whole / 2 && due - now <= whole);
        whole = whole * 2 > backoff.most_ms ? backoff.most_ms : whole * 2;
        now = due;
    }
    CU_ASSERT_PTR_NOT_NULL(queue_take(queue, now));
    queue_finish(queue, "a", QUEUE_DONE, now);
    CU_ASSERT_EQUAL(queue_failures(queue, "a"), 0);
    queue_free(queue);
}

static void an_edit_does_not_wait_for_the_delay(void)
{
    struct queue *queue = queue_new(&backoff);

    CU_ASSERT_TRUE(queue_add(queue, "a", 0));
    (void)queue_take(queue, 0);
    queue_finish(queue, "a", QUEUE_RETRY, 0);
    CU_ASSERT_TRUE(queue_next(queue) > 100);
    CU_ASSERT_TRUE(queue_add(queue, "a", 1));
    CU_ASSERT_EQUAL(queue_next(queue), 1);
    CU_ASSERT_EQUAL(queue_failures(queue, "a"), 1);
    (void)queue_take(queue, 1);
    CU_ASSERT_TRUE(queue_add(queue, "a", 2));
    queue_finish(queue, "a", QUEUE_RETRY, 2);
    CU_ASSERT_EQUAL(queue_next(queue), 2);
    queue_finish(queue, "a", QUEUE_RETRY, 2);
    CU_ASSERT_EQUAL(queue_waiting(queue), 1);
    queue_free(queue);
}

/* The same as the queue, as plainly as it can be said. */
struct model {
    bool waiting, working, again;
    int64_t due;
};

static void thousands_of_random_steps_agree_with_a_model(void)
{
    enum { keys = 50 };
    struct model model[keys] = {0};
    struct queue *queue = queue_new(&backoff);
    unsigned seed = 1;
    int64_t now = 0;

    for (int step = 0; step < 50000; step++) {
        int k = rand_r(&seed) % keys;
        char name[16];
        const char *taken;
        (void)snprintf(name, sizeof name, "%d", k);
        now += rand_r(&seed) % 3;
        switch (rand_r(&seed) % 3) {
        case 0: {
            int64_t due = now + rand_r(&seed) % 20;
            CU_ASSERT_TRUE(queue_add(queue, name, due));
            if ((model[k].waiting || model[k].again) && model[k].due < due)
                due = model[k].due;
            model[k].due = due;
            if (model[k].working)
                model[k].again = true;
            else
                model[k].waiting = true;
            break;
        }
        case 1: {
            int64_t first = QUEUE_NEVER;
            for (int i = 0; i < keys; i++)
                first = model[i].waiting && model[i].due < first ? model[i].due : first;
            CU_ASSERT_EQUAL(queue_next(queue), first);
            taken = queue_take(queue, now);
            CU_ASSERT_EQUAL(taken != NULL, first <= now);
            if (taken) {
                k = (int)strtol(taken, NULL, 10);
                CU_ASSERT_TRUE(model[k].waiting && model[k].due == first);
                model[k].waiting = false;
                model[k].working = true;
            }
            break;
        }
        default:
            if (!model[k].working)
                break;
            queue_finish(queue, name, QUEUE_DONE, now);
            model[k].working = false;
            model[k].waiting = model[k].again;
            model[k].again = false;
        }
    }
    queue_free(queue);
}

static void a_key_tells_when_it_is_due(void)
{
    struct queue *queue = queue_new(&backoff);
    int64_t due;

    CU_ASSERT_EQUAL(queue_due(queue, "a"), QUEUE_NEVER);
    CU_ASSERT_TRUE(queue_add(queue, "a", 30));
    CU_ASSERT_TRUE(queue_add(queue, "b", 10));
    CU_ASSERT_EQUAL(queue_due(queue, "a"), 30);
    CU_ASSERT_TRUE(queue_add(queue, "a", 20));
    CU_ASSERT_EQUAL(queue_due(queue, "a"), 20);
    (void)queue_take(queue, 20);
    CU_ASSERT_STRING_EQUAL(queue_take(queue, 20), "a");
    CU_ASSERT_EQUAL(queue_due(queue, "a"), QUEUE_NEVER);
    CU_ASSERT_TRUE(queue_add(queue, "a", 25));
    CU_ASSERT_EQUAL(queue_due(queue, "a"), 25);
    queue_finish(queue, "a", QUEUE_DONE, 21);
    CU_ASSERT_EQUAL(queue_due(queue, "a"), 25);
    CU_ASSERT_STRING_EQUAL(queue_take(queue, 25), "a");
    queue_finish(queue, "a", QUEUE_RETRY, 1000);
    due = queue_due(queue, "a");
    CU_ASSERT_TRUE(due >= 1125 && due <= 1250);
    CU_ASSERT_STRING_EQUAL(queue_take(queue, due), "a");
    queue_finish(queue, "a", QUEUE_DONE, due);
    CU_ASSERT_EQUAL(queue_due(queue, "a"), QUEUE_NEVER);
    queue_free(queue);
}

/* Every third key waits without having failed; the others fail again and again. */
static void what_failed_can_be_hurried(void)
{
    enum { KEYS = 300 };
    struct queue *queue = queue_new(&backoff);
    char key[16];
    const char *taken;
    unsigned hurried = 0;

    for (int i = 0; i < KEYS; i++) {
        (void)snprintf(key, sizeof key, "k%d", i);
        CU_ASSERT_TRUE(queue_add(queue, key, i % 3 == 0 ? 10000000 - i : 0));
    }
    for (int64_t now = 0; now < 60000; now += 100) {
        while ((taken = queue_take(queue, now)))
            queue_finish(queue, taken, QUEUE_RETRY, now);
    }
    CU_ASSERT_PTR_NULL(queue_take(queue, 60000));
    /* All have failed in this minute. */
    queue_hurry(queue, 60000, 60000);
    CU_ASSERT_PTR_NULL(queue_take(queue, 60000));
    queue_hurry(queue, 60000, 0);
    while ((taken = queue_take(queue, 60000))) {
        hurried++;
        CU_ASSERT_TRUE(queue_failures(queue, taken) >= 7);
        queue_finish(queue, taken, QUEUE_DONE, 60000);
    }
    CU_ASSERT_EQUAL(hurried, KEYS - KEYS / 3);
    for (int i = KEYS - 3; i >= 0; i -= 3) {
        (void)snprintf(key, sizeof key, "k%d", i);
        taken = queue_take(queue, 10000000 - i);
        CU_ASSERT_PTR_NOT_NULL_FATAL(taken);
        CU_ASSERT_STRING_EQUAL(taken, key);
        queue_finish(queue, taken, QUEUE_DONE, 10000000);
    }
    queue_free(queue);
}

int main(void)
{
    static const struct test tests[] = {
        {"keys are taken in order of time", keys_are_taken_in_order},
        {"due keys are listed in the order of their turns", due_keys_are_listed_in_their_order},
        {"a key waits once, due at the earliest time", a_key_waits_once},
        {"a key in work comes back after it", a_key_in_work_comes_back_after_it},
        {"failures delay twice as long up to the limit, without an end",
         failures_delay_twice_as_long_up_to_the_limit},
        {"an edit does not wait for the delay", an_edit_does_not_wait_for_the_delay},
        {"what failed can be hurried", what_failed_can_be_hurried},
        {"a key tells when it is due", a_key_tells_when_it_is_due},
        {"50,000 random steps agree with a plain model", thousands_of_random_steps_agree_with_a_model},
        {NULL, NULL},
    };

    return harness_run("queue", tests);
}
