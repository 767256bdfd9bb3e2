/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/slack.h"

#include "base/json_pool.h"

#ifdef HAVE_MALLOC_TRIM
#include <malloc.h>
#endif

/* Fewer leave nothing that is worth the search for it. */
static const size_t burst = 256;
/* By then connections that are not needed any more are closed, too. */
static const int64_t calm_ms = 5000;

#ifdef M_MMAP_THRESHOLD
/* What glibc begins with, but raises with each such block that is freed, unless it is told (mallopt(3)). */
enum { large = 128 * 1024 };
#endif

static void give_back(void)
{
#ifdef HAVE_MALLOC_TRIM
    json_pool_empty();
    (void)malloc_trim(0);
#endif
}

void slack_prepare(void)
{
#ifdef M_MMAP_THRESHOLD
    (void)mallopt(M_MMAP_THRESHOLD, large);
#endif
}

void slack_note(struct slack *slack, size_t turns, bool idle, int64_t now_ms)
{
    if (turns - slack->turns < burst || !idle) {
        slack->due_ms = 0;
    } else if (slack->due_ms == 0) {
        slack->due_ms = now_ms + calm_ms;
    } else if (slack->due_ms <= now_ms) {
        give_back();
        *slack = (struct slack){.turns = turns};
    }
}

int64_t slack_due_ms(const struct slack *slack)
{
    return slack->due_ms > 0 ? slack->due_ms : INT64_MAX;
}
