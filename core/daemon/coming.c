/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/coming.h"

static const int64_t untold_ms = 10000;
static const int64_t told_ms = 60000;
static const int64_t often_ms = 200;
static const int64_t hurry_ms = 10000;

void coming_looked(struct coming *coming, int64_t now_ms)
{
    int64_t wait = coming->told ? told_ms : untold_ms;

    coming->due_ms = now_ms + (now_ms < coming->hurry_ms ? often_ms : wait);
}

void coming_announced(struct coming *coming, int64_t now_ms)
{
    coming->hurry_ms = now_ms + hurry_ms;
    coming->due_ms = now_ms;
}

bool coming_set_told(struct coming *coming, bool told, int64_t now_ms)
{
    if (coming->told == told)
        return false;
    coming->told = told;
    if (now_ms >= coming->hurry_ms)
        coming_looked(coming, now_ms);
    return true;
}
