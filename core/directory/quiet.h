/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quiet - when changes are worth a pass
 *
 * Changes come in bursts. A pass is due after 50 ms without one, and at most a second after the first, so
 * that somebody who never stops writing is served too. Only a pass that nobody wrote in for 50 ms is quiet:
 * what is not there then is really gone. A pass that was not quiet is followed by another.
 *
 * A clock's readings go in, decisions come out; there is no timer in here.
 */
#ifndef DIRECTORY_QUIET_H
#define DIRECTORY_QUIET_H

#include <stdbool.h>
#include <stdint.h>

/** Milliseconds without a change, after which it is quiet; and that a pass may be late. */
enum { QUIET_AFTER_MS = 50, QUIET_LATEST_MS = 1000 };

/** What changed when, on one monotonic clock, in milliseconds. Storage of the caller; all zero: no change
 * yet. */
struct quiet {
    /** A pass is wanted. */
    bool wanted;
    /** There was a change ever. */
    bool changed;
    /** The first change that no pass has seen, or the last pass that was not quiet. */
    int64_t first_ms;
    /** The last change. */
    int64_t last_ms;
};

/** Something has changed. */
void quiet_change(struct quiet *quiet, int64_t now_ms);

/** @return when the next pass is due; -1: none is wanted. */
int64_t quiet_due_ms(const struct quiet *quiet);

/** @return whether nothing has changed for QUIET_AFTER_MS. */
bool quiet_reached(const struct quiet *quiet, int64_t now_ms);

/**
 * A pass begins now. What changes from here on wants another one, and so does this one if it is not quiet.
 *
 * @return whether this pass is quiet.
 */
bool quiet_pass(struct quiet *quiet, int64_t now_ms);

#endif
