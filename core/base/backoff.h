/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backoff - how long what failed is let be
 *
 * Delays double up to a limit, and are jittered, so that what failed together does not come back together.
 */
#ifndef BASE_BACKOFF_H
#define BASE_BACKOFF_H

#include <stdint.h>

/** @return the delay after so many failures in a row: the first one after one or none, then twice the one
 * before, at most `most_ms`. `first_ms` is above 0. */
int64_t backoff_delay(int64_t first_ms, unsigned failures, int64_t most_ms);

/** Draws the next number. @param random  state of the caller, from a seed that is not 0. Not for secrets. */
uint64_t backoff_random(uint64_t *random);

/** @return a delay from half to the whole of this one, which is not negative. */
int64_t backoff_jitter(uint64_t *random, int64_t delay_ms);

#endif
