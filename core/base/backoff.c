/* SPDX-License-Identifier: Apache-2.0 */
#include "base/backoff.h"

int64_t backoff_delay(int64_t first_ms, unsigned failures, int64_t most_ms)
{
    int64_t delay = first_ms;

    for (unsigned i = 1; i < failures && delay < most_ms; i++)
        delay *= 2;
    return delay < most_ms ? delay : most_ms;
}

uint64_t backoff_random(uint64_t *random)
{
    /* xorshift64 (Marsaglia, 2003) */
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return *random;
}

int64_t backoff_jitter(uint64_t *random, int64_t delay_ms)
{
    return delay_ms - (int64_t)(backoff_random(random) % ((uint64_t)delay_ms / 2 + 1));
}
