/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/coming.h"
#include "harness.h"

static void untold_it_is_looked_for_every_ten_seconds(void)
{
    struct coming coming = {0};

    coming_looked(&coming, 1000);
    CU_ASSERT_EQUAL(coming.due_ms, 11000);
    CU_ASSERT_FALSE(coming_set_told(&coming, false, 2000));
    CU_ASSERT_EQUAL(coming.due_ms, 11000);
}

static void told_it_is_looked_for_once_a_minute(void)
{
    struct coming coming = {0};

    coming_looked(&coming, 1000);
    CU_ASSERT_TRUE(coming_set_told(&coming, true, 2000));
    CU_ASSERT_EQUAL(coming.due_ms, 62000);
    CU_ASSERT_FALSE(coming_set_told(&coming, true, 3000));
    CU_ASSERT_EQUAL(coming.due_ms, 62000);
    CU_ASSERT_TRUE(coming_set_told(&coming, false, 4000));
    CU_ASSERT_EQUAL(coming.due_ms, 14000);
}

static void what_is_announced_is_looked_for_often_for_a_while(void)
{
    struct coming coming = {0};

    (void)coming_set_told(&coming, true, 1000);
    coming_announced(&coming, 5000);
    CU_ASSERT_EQUAL(coming.due_ms, 5000);
    coming_looked(&coming, 5000);
    CU_ASSERT_EQUAL(coming.due_ms, 5200);
    /* The watch that told may end meanwhile. */
    CU_ASSERT_TRUE(coming_set_told(&coming, false, 5100));
    CU_ASSERT_EQUAL(coming.due_ms, 5200);
    (void)coming_set_told(&coming, true, 5100);
    coming_looked(&coming, 14999);
    CU_ASSERT_EQUAL(coming.due_ms, 15199);
    coming_looked(&coming, 15199);
    CU_ASSERT_EQUAL(coming.due_ms, 75199);
}

int main(void)
{
    static const struct test tests[] = {
        {"untold, it is looked for every ten seconds", untold_it_is_looked_for_every_ten_seconds},
        {"told, it is looked for once a minute", told_it_is_looked_for_once_a_minute},
        {"what is announced is looked for often, for a while",
         what_is_announced_is_looked_for_often_for_a_while},
        {NULL, NULL}};

    return harness_run("coming", tests);
}
