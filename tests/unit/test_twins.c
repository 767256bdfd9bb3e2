/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/twins.h"
#include "harness.h"
#include "scarce.h"

static void test_one_holder(void)
{
    struct twins *twins = twins_new();
    const char *holder = NULL;

    CU_ASSERT_PTR_NOT_NULL_FATAL(twins);
    CU_ASSERT_TRUE(twins_take(twins, "uid-1", "a", &holder));
    CU_ASSERT_STRING_EQUAL(holder, "a");
    CU_ASSERT_TRUE(twins_take(twins, "uid-1", "b", &holder));
    CU_ASSERT_STRING_EQUAL(holder, "a");
    CU_ASSERT_TRUE(twins_take(twins, "uid-2", "b", &holder));
    CU_ASSERT_STRING_EQUAL(holder, "b");
    CU_ASSERT_TRUE(twins_take(twins, "uid-1", "a", &holder));
    CU_ASSERT_STRING_EQUAL(holder, "a");
    twins_free(twins);
}

static void test_free_again(void)
{
    struct twins *twins = twins_new();
    const char *holder = NULL;

    CU_ASSERT_PTR_NOT_NULL_FATAL(twins);
    CU_ASSERT_TRUE(twins_take(twins, "uid-1", "a", &holder));
    CU_ASSERT_TRUE(twins_take(twins, "uid-2", "c", &holder));
    twins_leave(twins, "nobody");
    twins_leave(twins, "a");
    CU_ASSERT_TRUE(twins_take(twins, "uid-1", "b", &holder));
    CU_ASSERT_STRING_EQUAL(holder, "b");
    CU_ASSERT_TRUE(twins_take(twins, "uid-2", "b", &holder));
    CU_ASSERT_STRING_EQUAL(holder, "c");
    twins_free(twins);
}

static void test_memory(void)
{
    struct twins *twins = twins_new();
    const char *holder = NULL;
    bool taken;

    CU_ASSERT_PTR_NOT_NULL_FATAL(twins);
    scarce_begin(0);
    taken = twins_take(twins, "uid-1", "a", &holder);
    (void)scarce_end();
    CU_ASSERT_FALSE(taken);
    CU_ASSERT_TRUE(twins_take(twins, "uid-1", "b", &holder));
    CU_ASSERT_STRING_EQUAL(holder, "b");
    twins_free(twins);
    twins_free(NULL);
}

int main(void)
{
    static const struct test tests[] = {
        {"one holder", test_one_holder},
        {"free again", test_free_again},
        {"memory", test_memory},
        {NULL, NULL},
    };

    return harness_run("twins", tests);
}
