/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slack - memory that a burst needed and nobody needs any more
 *
 * What thousands of Apis need at once (answers, trees, queued keys) is free when they have had their turns,
 * but stands between what stays: the C library gives it back when it is told to.
 */
#ifndef DAEMON_SLACK_H
#define DAEMON_SLACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Has what is large mapped on its own, whatever was freed before, so that it leaves no hole. At the start of
 * the process. */
void slack_prepare(void);

/** Of one cluster; all zero at first. The members are private. */
struct slack {
    size_t turns;   /**< that were had when it was given back last */
    int64_t due_ms; /**< 0: it is not */
};

/**
 * Notes how things stand, and gives memory back where a burst is over for a while.
 *
 * @param turns  as controller_turns().
 * @param idle   nobody has a turn now, or waits for one that is due.
 */
void slack_note(struct slack *slack, size_t turns, bool idle, int64_t now_ms);

/** @return when slack_note() has something to do, on the monotonic clock; INT64_MAX: not. */
int64_t slack_due_ms(const struct slack *slack);

#endif
