/* SPDX-License-Identifier: Apache-2.0 */
/* Every state of an Api to every other, with every write of it failing in turn, and the judge watches. */
#include "../unit/harness.h"
#include "deliver.h"

static void test_refused(void)
{
    deliver_each(STAGE_REFUSED, false);
}

static void test_busy(void)
{
    deliver_each(STAGE_BUSY, false);
}

static void test_dies_before(void)
{
    deliver_each(STAGE_DIES_BEFORE, false);
}

static void test_dies_after(void)
{
    deliver_each(STAGE_DIES_AFTER, false);
}

static void test_asleep_refused(void)
{
    deliver_each(STAGE_REFUSED, true);
}

int main(void)
{
    static const struct test tests[] = {
        {"every write refused", test_refused},
        {"every write busy for a while", test_busy},
        {"the process dies before every write", test_dies_before},
        {"the process dies after every write", test_dies_after},
        {"every write refused after a start", test_asleep_refused},
        {NULL, NULL},
    };

    return harness_run("faults", tests);
}
