/* SPDX-License-Identifier: Apache-2.0 */
/* Every state of an Api to every other, and the judge watches. */
#include "../unit/harness.h"
#include "deliver.h"

static void test_plain(void)
{
    deliver_each(STAGE_NO_FAULT, false);
}

static void test_asleep(void)
{
    deliver_each(STAGE_NO_FAULT, true);
}

int main(void)
{
    static const struct test tests[] = {
        {"every change", test_plain},
        {"every change while nobody runs", test_asleep},
        {NULL, NULL},
    };

    return harness_run("transitions", tests);
}
