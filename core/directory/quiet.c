/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/quiet.h"

void quiet_change(struct quiet *quiet, int64_t now_ms)
{
    if (!quiet->wanted)
        quiet->first_ms = now_ms;
    quiet->wanted = true;
    quiet->changed = true;
    quiet->last_ms = now_ms;
}

int64_t quiet_due_ms(const struct quiet *quiet)
{
    int64_t calm = quiet->last_ms + QUIET_AFTER_MS;
    int64_t latest = quiet->first_ms + QUIET_LATEST_MS;

    if (!quiet->wanted)
        return -1;
    return calm < latest ? calm : latest;
}

bool quiet_reached(const struct quiet *quiet, int64_t now_ms)
{
    return !quiet->changed || now_ms - quiet->last_ms >= QUIET_AFTER_MS;
}

bool quiet_pass(struct quiet *quiet, int64_t now_ms)
{
    bool reached = quiet_reached(quiet, now_ms);

    quiet->wanted = !reached;
    quiet->first_ms = now_ms;
    return reached;
}
