/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "reconcile/setback.h"

#include <stdlib.h>

static void nothing_has_happened(void)
{
    CU_ASSERT_EQUAL(setback_wait(NULL), 0);
    CU_ASSERT_PTR_NULL(setback_take(NULL));
    setback_forgive(NULL);
    setback_free(NULL);
}

static void it_is_told_once(void)
{
    struct setback *setback = NULL;
    char *why;

    CU_ASSERT_TRUE_FATAL(setback_note(&setback, "the disk is full", false, 1000));
    why = setback_take(setback);
    CU_ASSERT_STRING_EQUAL(why, "the disk is full");
    CU_ASSERT_PTR_NULL(setback_take(setback));
    free(why);
    CU_ASSERT_TRUE(setback_note(&setback, NULL, false, 1001));
    CU_ASSERT_PTR_NULL(setback_take(setback));
    setback_free(setback);
}

static void delays_grow_to_five_minutes(void)
{
    static const int64_t delays[] = {0, 1000, 2000, 4000};
    struct setback *setback = NULL;
    int64_t now = 1000;

    for (size_t i = 0; i < sizeof delays / sizeof delays[0]; i++) {
        CU_ASSERT_TRUE_FATAL(setback_note(&setback, "x", false, ++now));
        CU_ASSERT_EQUAL(setback_wait(setback), delays[i]);
    }
    for (int i = 0; i < 100; i++)
        CU_ASSERT_TRUE(setback_note(&setback, "x", false, ++now));
    CU_ASSERT_TRUE(setback_wait(setback) >= 300000 && setback_wait(setback) < 600000);
    /* After ten calm minutes the next one is the first. */
    CU_ASSERT_TRUE(setback_note(&setback, "x", false, now + 600001));
    CU_ASSERT_EQUAL(setback_wait(setback), 0);
    setback_free(setback);
}

static void an_edit_is_tried_at_once(void)
{
    struct setback *setback = NULL;

    CU_ASSERT_TRUE_FATAL(setback_note(&setback, "x", false, 1) && setback_note(&setback, "x", false, 2));
    CU_ASSERT_EQUAL(setback_wait(setback), 1000);
    setback_forgive(setback);
    CU_ASSERT_EQUAL(setback_wait(setback), 0);
    CU_ASSERT_PTR_NULL(setback_take(setback));
    /* Edits are no way around the delays of what goes on failing. */
    CU_ASSERT_TRUE(setback_note(&setback, "x", false, 3));
    CU_ASSERT_EQUAL(setback_wait(setback), 2000);
    setback_free(setback);
}

static void what_was_only_met_is_not_told_at_first(void)
{
    struct setback *setback = NULL;
    char *why;

    CU_ASSERT_TRUE_FATAL(setback_note(&setback, "x", false, 1) && setback_note(&setback, "x", false, 2));
    CU_ASSERT_EQUAL(setback_wait(setback), 1000);
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_TRUE(setback_note(&setback, "was changed meanwhile", true, 3));
        CU_ASSERT_EQUAL(setback_wait(setback), 0);
        CU_ASSERT_PTR_NULL(setback_take(setback));
    }
    CU_ASSERT_TRUE(setback_note(&setback, "was changed meanwhile", true, 4));
    CU_ASSERT_EQUAL(setback_wait(setback), 2000);
    why = setback_take(setback);
    CU_ASSERT_STRING_EQUAL(why, "was changed meanwhile");
    free(why);
    /* After some calm it is the first again. */
    CU_ASSERT_TRUE(setback_note(&setback, "was changed meanwhile", true, 600005));
    CU_ASSERT_PTR_NULL(setback_take(setback));
    setback_free(setback);
}

int main(void)
{
    static const struct test tests[] = {
        {"nothing has happened", nothing_has_happened},
        {"it is told once", it_is_told_once},
        {"delays grow to eight minutes and a half", delays_grow_to_five_minutes},
        {"an edit is tried at once", an_edit_is_tried_at_once},
        {"what was only met is not told at first", what_was_only_met_is_not_told_at_first},
        {NULL, NULL},
    };

    return harness_run("setback", tests);
}
