/* SPDX-License-Identifier: Apache-2.0 */
/*
 * moment - a point in time on both clocks, handed down, so that nothing below reads a clock
 */
#ifndef OBJECT_MOMENT_H
#define OBJECT_MOMENT_H

#include <stdint.h>

/** A point in time. */
struct moment {
    /** On a monotonic clock, in ms: for delays. */
    int64_t ms;
    /** Seconds since the epoch: for people. */
    int64_t wall_s;
};

#endif
