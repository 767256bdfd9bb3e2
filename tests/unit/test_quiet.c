/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "directory/quiet.h"

static void nothing_is_due_without_a_change(void)
{
    struct quiet quiet = {0};

    CU_ASSERT_EQUAL(quiet_due_ms(&quiet), -1);
    CU_ASSERT_TRUE(quiet_reached(&quiet, 0));
    CU_ASSERT_TRUE(quiet_pass(&quiet, 0));
    CU_ASSERT_EQUAL(quiet_due_ms(&quiet), -1);
}

static void a_pass_comes_after_50_ms_of_quiet(void)
{
    struct quiet quiet = {0};

    quiet_change(&quiet, 1000);
    CU_ASSERT_EQUAL(quiet_due_ms(&quiet), 1050);
    quiet_change(&quiet, 1040);
    CU_ASSERT_EQUAL(quiet_due_ms(&quiet), 1090);
    CU_ASSERT_FALSE(quiet_reached(&quiet, 1089));
    CU_ASSERT_TRUE(quiet_reached(&quiet, 1090));
    CU_ASSERT_TRUE(quiet_pass(&quiet, 1090));
    CU_ASSERT_EQUAL(quiet_due_ms(&quiet), -1);
}

static void a_pass_is_at_most_a_second_late(void)
{
    struct quiet quiet = {0};

    for (int64_t now = 5000; now <= 5980; now += 20)
        quiet_change(&quiet, now);
    CU_ASSERT_EQUAL(quiet_due_ms(&quiet), 6000);
    CU_ASSERT_FALSE(quiet_pass(&quiet, 6000));
}

static void a_pass_in_the_middle_of_changes_is_followed_by_a_quiet_one(void)
{
    struct quiet quiet = {0};

    quiet_change(&quiet, 100);
    quiet_change(&quiet, 1090);
    CU_ASSERT_FALSE(quiet_pass(&quiet, 1100));
    CU_ASSERT_EQUAL(quiet_due_ms(&quiet), 1140);
    for (int64_t now = 1110; now < 2100; now += 10)
        quiet_change(&quiet, now);
    CU_ASSERT_EQUAL(quiet_due_ms(&quiet), 2100);
    CU_ASSERT_FALSE(quiet_pass(&quiet, 2100));
    CU_ASSERT_EQUAL(quiet_due_ms(&quiet), 2140);
    CU_ASSERT_TRUE(quiet_pass(&quiet, 2140));
    CU_ASSERT_EQUAL(quiet_due_ms(&quiet), -1);
}

static void a_change_during_a_pass_wants_another(void)
{
    struct quiet quiet = {0};

    quiet_change(&quiet, 0);
    CU_ASSERT_TRUE(quiet_pass(&quiet, 50));
    quiet_change(&quiet, 60);
    CU_ASSERT_EQUAL(quiet_due_ms(&quiet), 110);
    CU_ASSERT_FALSE(quiet_reached(&quiet, 70));
}

int main(void)
{
    static const struct test tests[] = {
        {"nothing is due without a change", nothing_is_due_without_a_change},
        {"a pass comes after 50 ms of quiet", a_pass_comes_after_50_ms_of_quiet},
        {"a pass is at most a second late", a_pass_is_at_most_a_second_late},
        {"a pass in the middle of changes is followed by a quiet one",
         a_pass_in_the_middle_of_changes_is_followed_by_a_quiet_one},
        {"a change during a pass wants another", a_change_during_a_pass_wants_another},
        {NULL, NULL},
    };

    return harness_run("quiet", tests);
}
