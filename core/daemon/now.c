/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/now.h"

#include <time.h>

struct moment now(void)
{
    struct timespec monotonic = {0};
    struct timespec wall = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &monotonic);
    (void)clock_gettime(CLOCK_REALTIME, &wall);
    return (struct moment){.ms = (int64_t)monotonic.tv_sec * 1000 + monotonic.tv_nsec / 1000000,
                           .wall_s = wall.tv_sec};
}
