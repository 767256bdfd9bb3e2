/* SPDX-License-Identifier: Apache-2.0 */
/* Every state of an Api to every other, with every write of it failing in turn, and the judge watches. */
#include "../unit/harness.h"
#include "walk.h"

#include <stdio.h>
#include <stdlib.h>

/* APIGW_DELIVERY: only that one, to look closer. */
static bool is_asked(int delivery)
{
    const char *only = getenv("APIGW_DELIVERY");

    return !only || only[0] == '0' + delivery;
}

static void walk_deliveries(enum stage_fault fault, bool asleep)
{
    for (int i = 0; i < STAGE_DELIVERIES; i++) {
        if (!is_asked(i))
            continue;
        struct walk walk = {.delivery = (enum stage_delivery)i, .asleep = asleep};
        if (fault == STAGE_NO_FAULT)
            walk_plain(&walk);
        else
            walk_fault(&walk, fault);
        (void)printf("# %u pairs, %u writes, %u failures\n", walk.pairs, walk.writes, walk.failures);
        CU_ASSERT(getenv("APIGW_FROM") || getenv("APIGW_TO") || walk.pairs > 900);
        CU_ASSERT(walk.writes > walk.pairs / 2);
        CU_ASSERT_EQUAL(walk.failures, 0);
    }
}

static void test_plain(void)
{
    walk_deliveries(STAGE_NO_FAULT, false);
}

static void test_asleep(void)
{
    walk_deliveries(STAGE_NO_FAULT, true);
}

static void test_refused(void)
{
    walk_deliveries(STAGE_REFUSED, false);
}

static void test_busy(void)
{
    walk_deliveries(STAGE_BUSY, false);
}

static void test_dies_before(void)
{
    walk_deliveries(STAGE_DIES_BEFORE, false);
}

static void test_dies_after(void)
{
    walk_deliveries(STAGE_DIES_AFTER, false);
}

static void test_asleep_refused(void)
{
    walk_deliveries(STAGE_REFUSED, true);
}

int main(void)
{
    static const struct test tests[] = {
        {"every change", test_plain},
        {"every change while nobody runs", test_asleep},
        {"every write refused", test_refused},
        {"every write busy for a while", test_busy},
        {"the process dies before every write", test_dies_before},
        {"the process dies after every write", test_dies_after},
        {"every write refused after a start", test_asleep_refused},
        {NULL, NULL},
    };

    return harness_run("transitions", tests);
}
