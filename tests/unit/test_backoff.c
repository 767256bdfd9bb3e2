/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "base/backoff.h"

#include <limits.h>

static void delays_double_up_to_a_limit(void)
{
    static const int64_t wanted[] = {250, 250, 500, 1000, 2000, 4000, 5000, 5000};

    for (unsigned i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        CU_ASSERT_EQUAL(backoff_delay(250, i, 5000), wanted[i]);
    CU_ASSERT_EQUAL(backoff_delay(250, UINT_MAX, 5000), 5000);
    CU_ASSERT_EQUAL(backoff_delay(250, 1, 100), 100);
}

static void jitter_leaves_half_to_the_whole(void)
{
    uint64_t random = 1;
    int64_t least = 1000;
    int64_t most = 0;

    for (int i = 0; i < 10000; i++) {
        int64_t delay = backoff_jitter(&random, 1000);
        least = delay < least ? delay : least;
        most = delay > most ? delay : most;
    }
    CU_ASSERT_EQUAL(least, 500);
    CU_ASSERT_EQUAL(most, 1000);
    CU_ASSERT_EQUAL(backoff_jitter(&random, 0), 0);
    CU_ASSERT_EQUAL(backoff_jitter(&random, 1), 1);
}

static void a_seed_means_the_same_everywhere(void)
{
    uint64_t one = 7;
    uint64_t other = 7;

    for (int i = 0; i < 100; i++) {
        CU_ASSERT_EQUAL(backoff_random(&one), backoff_random(&other));
        CU_ASSERT_NOT_EQUAL(one, 0);
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"delays double up to a limit", delays_double_up_to_a_limit},
        {"jitter leaves half to the whole", jitter_leaves_half_to_the_whole},
        {"a seed means the same everywhere", a_seed_means_the_same_everywhere},
        {NULL, NULL},
    };

    return harness_run("backoff", tests);
}
