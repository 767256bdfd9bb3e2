/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watching - a watch of a test, and what it has told
 */
#ifndef TESTS_WATCHING_H
#define TESTS_WATCHING_H

#include "directory/watch.h"

#include "base/text.h"

/** Storage of the test. */
struct watching {
    struct watch *watch;
    /** The paths that were told, each with a line break. */
    struct text paths;
    /** Calls; and how many of them said "anything". */
    unsigned told;
    unsigned all;
};

/** Starts to watch; changed() and payload of the options are set here. Ends the test program if that fails.
 */
void watching_begin(struct watching *watching, struct watch_options options);

/** Ends it. */
void watching_end(struct watching *watching);

/** Waits up to two seconds for a change. @return whether one was told. */
bool watching_wakes(struct watching *watching);

/** Takes what comes within these milliseconds. @return whether nothing was told. */
bool watching_sleeps(struct watching *watching, int milliseconds);

/** @return whether this path was told, or "anything". Waits as watching_wakes() until it is. */
bool watching_tells(struct watching *watching, const char *path);

/** Takes what has come and forgets it. */
void watching_drain(struct watching *watching);

/** Filled in by watching_begin(); to be called by hand with watch_options of one's own. */
void watching_take(const char *path, void *payload);

#endif
