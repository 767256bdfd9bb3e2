/* SPDX-License-Identifier: Apache-2.0 */
#include "deliver.h"

#include "../unit/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether this delivery is walked: all are, unless APIGW_DELIVERY has the digits of some. */
static bool is_asked(int delivery)
{
    const char *only = getenv("APIGW_DELIVERY");

    return !only || strchr(only, '0' + delivery);
}

void deliver_each(enum stage_fault fault, bool asleep)
{
    bool part = getenv("APIGW_FROM") || getenv("APIGW_TO");

    for (int i = 0; i < STAGE_DELIVERIES; i++) {
        struct walk walk = {
            .delivery = (enum stage_delivery)i, .asleep = asleep, .whole = getenv("APIGW_WHOLE") || part};
        if (!is_asked(i))
            continue;
        if (fault == STAGE_NO_FAULT)
            walk_plain(&walk);
        else
            walk_fault(&walk, fault);
        (void)printf("# %u pairs, %u writes, %u failures\n", walk.pairs, walk.writes, walk.failures);
        CU_ASSERT(part || walk.pairs > 200);
        CU_ASSERT(walk.writes > walk.pairs / 2);
        CU_ASSERT_EQUAL(walk.failures, 0);
    }
}
