/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>

static unsigned number;

static void test_complete(const CU_pTest test, const CU_pSuite suite, const CU_pFailureRecord failure)
{
    (void)suite;
    (void)printf("%s %u - %s\n", failure ? "not ok" : "ok", ++number, test->pName);
    for (CU_pFailureRecord record = failure; record; record = record->pNext)
        (void)printf("# %s:%u: %s\n", record->strFileName, record->uiLineNumber, record->strCondition);
    (void)fflush(stdout);
}

static void fail(const char *what)
{
    (void)printf("Bail out! %s: %s\n", what, CU_get_error_msg());
    exit(1);
}

int harness_run(const char *suite, const struct test *tests)
{
    CU_pSuite group;
    unsigned count = 0;
    unsigned failed;

    if (CU_initialize_registry() != CUE_SUCCESS)
        fail("registry");
    group = CU_add_suite(suite, NULL, NULL);
    if (!group)
        fail("suite");
    for (; tests[count].name; count++) {
        if (!CU_add_test(group, tests[count].name, tests[count].run))
            fail(tests[count].name);
    }
    (void)printf("1..%u\n", count);
    /* Not once more by a child. */
    (void)fflush(stdout);
    CU_set_test_complete_handler(test_complete);
    (void)CU_run_all_tests();
    failed = CU_get_number_of_tests_failed();
    CU_cleanup_registry();
    return failed == 0 && number == count ? 0 : 1;
}
