/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "daemon/slack.h"

#include <malloc.h>
#include <stdint.h>

/* How often memory was given back; the linker has malloc_trim() lead here. */
static unsigned trims;

int __wrap_malloc_trim(size_t pad);

int __wrap_malloc_trim(size_t pad)
{
    CU_ASSERT_EQUAL(pad, 0);
    trims++;
    return 1;
}

static void few_turns_leave_nothing_to_give_back(void)
{
    struct slack slack = {0};

    trims = 0;
    for (int64_t now = 1; now < 100000; now += 1000) {
        slack_note(&slack, 255, true, now);
        CU_ASSERT_EQUAL(slack_due_ms(&slack), INT64_MAX);
    }
    CU_ASSERT_EQUAL(trims, 0);
}

static void after_a_burst_it_is_given_back_once(void)
{
    struct slack slack = {0};

    trims = 0;
    slack_note(&slack, 256, true, 1000);
    CU_ASSERT_EQUAL(slack_due_ms(&slack), 6000);
    slack_note(&slack, 300, true, 5999);
    CU_ASSERT_EQUAL(slack_due_ms(&slack), 6000);
    CU_ASSERT_EQUAL(trims, 0);
    slack_note(&slack, 300, true, 6000);
    CU_ASSERT_EQUAL(slack_due_ms(&slack), INT64_MAX);
    CU_ASSERT_EQUAL(trims, 1);
    for (int64_t now = 7000; now < 100000; now += 1000)
        slack_note(&slack, 555, true, now);
    CU_ASSERT_EQUAL(trims, 1);
    /* The next burst. */
    slack_note(&slack, 556, true, 100000);
    CU_ASSERT_EQUAL(slack_due_ms(&slack), 105000);
}

/* However long it lasts: what is free is needed again at once. */
static void during_a_burst_nothing_is_given_back(void)
{
    struct slack slack = {0};

    trims = 0;
    for (size_t turns = 0; turns < 10000; turns += 100) {
        slack_note(&slack, turns, true, (int64_t)turns * 10);
        slack_note(&slack, turns, false, (int64_t)turns * 10 + 1);
        CU_ASSERT_EQUAL(slack_due_ms(&slack), INT64_MAX);
    }
    CU_ASSERT_EQUAL(trims, 0);
    slack_note(&slack, 10000, true, 200000);
    slack_note(&slack, 10000, true, 205000);
    CU_ASSERT_EQUAL(trims, 1);
}

int main(void)
{
    static const struct test tests[] = {
        {"few turns leave nothing to give back", few_turns_leave_nothing_to_give_back},
        {"after a burst it is given back once", after_a_burst_it_is_given_back_once},
        {"during a burst nothing is given back", during_a_burst_nothing_is_given_back},
        {NULL, NULL}};

    return harness_run("slack", tests);
}
