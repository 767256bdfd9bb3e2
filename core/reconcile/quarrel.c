/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/quarrel.h"

#include "base/backoff.h"

/* Repairs at once, one after the other. */
static const unsigned patience = 8;
/* Each such time of calm makes up for one. */
static const int64_t calm_ms = 5000;
static const int64_t first_ms = 250;
static const int64_t most_ms = 5000;

void quarrel_touch(struct quarrel *quarrel)
{
    quarrel->touched = true;
}

void quarrel_break_off(struct quarrel *quarrel)
{
    quarrel->until_ms = 0;
    quarrel->touched = false;
}

/* What is not forgiven yet. */
static unsigned remembered(const struct quarrel *quarrel, int64_t now_ms)
{
    int64_t calm = (now_ms - quarrel->last_ms) / calm_ms;

    return calm >= (int64_t)quarrel->repairs ? 0 : quarrel->repairs - (unsigned)calm;
}

static int64_t delay_of(const struct quarrel *quarrel)
{
    return backoff_delay(first_ms, quarrel->repairs - patience, most_ms);
}

int64_t quarrel_wait(struct quarrel *quarrel, int64_t now_ms)
{
    bool touched = quarrel->touched;

    quarrel->touched = false;
    if (quarrel->until_ms > now_ms)
        return quarrel->until_ms;
    if (quarrel->until_ms > 0 || !touched) {
        quarrel->until_ms = 0;
        return 0;
    }
    quarrel->repairs = remembered(quarrel, now_ms);
    quarrel->last_ms = now_ms;
    if (++quarrel->repairs <= patience)
        return 0;
    quarrel->until_ms = now_ms + delay_of(quarrel);
    return quarrel->until_ms;
}

bool quarrel_is_on(const struct quarrel *quarrel, int64_t now_ms)
{
    return remembered(quarrel, now_ms) >= patience;
}

bool quarrel_is_remembered(const struct quarrel *quarrel)
{
    return quarrel->until_ms > 0 || quarrel->repairs > 0 || quarrel->touched;
}

bool quarrel_waits(const struct quarrel *quarrel)
{
    return quarrel->until_ms > 0;
}
