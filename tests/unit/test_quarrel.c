/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"
#include "reconcile/quarrel.h"

/* Who touches every 100 ms, for a minute. @return repairs. */
static unsigned repairs_of(struct quarrel *quarrel, int64_t from_ms)
{
    unsigned repairs = 0;

    for (int64_t now = from_ms; now < from_ms + 60000; now += 100) {
        quarrel_touch(quarrel);
        repairs += quarrel_wait(quarrel, now) == 0;
    }
    return repairs;
}

static void test_at_once(void)
{
    struct quarrel quarrel = {0};

    for (int64_t now = 1; now < 9; now++) {
        quarrel_touch(&quarrel);
        CU_ASSERT_FALSE(quarrel_is_on(&quarrel, now));
        CU_ASSERT_EQUAL(quarrel_wait(&quarrel, now), 0);
        CU_ASSERT_FALSE(quarrel_waits(&quarrel));
    }
    CU_ASSERT_TRUE(quarrel_is_on(&quarrel, 9));
    CU_ASSERT_FALSE(quarrel_is_on(&quarrel, 5009));
    quarrel_touch(&quarrel);
    CU_ASSERT_EQUAL(quarrel_wait(&quarrel, 9), 259);
    CU_ASSERT_TRUE(quarrel_waits(&quarrel));
    quarrel_touch(&quarrel);
    CU_ASSERT_EQUAL(quarrel_wait(&quarrel, 258), 259);
    quarrel_touch(&quarrel);
    CU_ASSERT_EQUAL(quarrel_wait(&quarrel, 259), 0);
}

static void test_bounded(void)
{
    struct quarrel quarrel = {0};
    unsigned repairs = repairs_of(&quarrel, 1000);

    CU_ASSERT_TRUE(repairs >= 8 + 60 / 5);
    CU_ASSERT_TRUE(repairs <= 40);
}

/* The last word is ours within 5 s. */
static void test_last_word(void)
{
    struct quarrel quarrel = {0};
    int64_t until;

    (void)repairs_of(&quarrel, 1000);
    quarrel_touch(&quarrel);
    until = quarrel_wait(&quarrel, 61000);
    CU_ASSERT_TRUE(until <= 66000);
    CU_ASSERT_EQUAL(quarrel_wait(&quarrel, 66000), 0);
    CU_ASSERT_FALSE(quarrel_waits(&quarrel));
}

static void test_calm(void)
{
    struct quarrel quarrel = {0};

    (void)repairs_of(&quarrel, 1000);
    CU_ASSERT_EQUAL(quarrel_wait(&quarrel, 300000), 0);
    for (int64_t now = 300001; now < 300009; now++) {
        quarrel_touch(&quarrel);
        CU_ASSERT_EQUAL(quarrel_wait(&quarrel, now), 0);
    }
}

static void test_user(void)
{
    struct quarrel quarrel = {0};

    (void)repairs_of(&quarrel, 1000);
    quarrel_touch(&quarrel);
    quarrel_break_off(&quarrel);
    CU_ASSERT_EQUAL(quarrel_wait(&quarrel, 61001), 0);
    CU_ASSERT_EQUAL(quarrel_wait(&quarrel, 61002), 0);
}

int main(void)
{
    static const struct test tests[] = {
        {"at once, as a rule", test_at_once}, {"not all the time", test_bounded},
        {"the last word", test_last_word},    {"calm makes up for it", test_calm},
        {"a user does not wait", test_user},  {NULL, NULL},
    };

    return harness_run("quarrel", tests);
}
