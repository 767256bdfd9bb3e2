/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watched - what watchers of an API server saw, told to the judge
 *
 * Memory that runs out ends the test.
 */
#ifndef TESTS_WATCHED_H
#define TESTS_WATCHED_H

#include "hearing.h"

/** Events on their way to the judge. */
struct watched {
    /** The judge, the plugins, the config, and the numbers. */
    struct hearing hearing;
    /** What stands, as it was last seen, by kind, namespace and name. Owned. */
    json_t *seen;
    /** Changes that somebody else than the daemon made to outputs and statuses. */
    size_t foreign;
    /** Findings that were set aside, see watched_judge(). */
    size_t aside;
};

/** Tells the judge of an event, {type, object}; events come in the order of their versions. An event that was
 * told already, as it was seen twice, is passed over. */
void watched_tell(struct watched *watched, const json_t *event);

/**
 * Prints and counts what the judge has found in an event; `event` NULL: when all has settled.
 *
 * As things happen, rules 2, 5 and 8 and that of the status are heard. Not 4 and 3: how many writes one edit
 * may bring, and what may still be removed or made, follows from the edit that the daemon knew, and a watcher
 * sees only when there was another. Nor who wins, for the like: which of several Apis was known to want
 * something. Once all has settled, all rules are heard.
 */
void watched_judge(struct watched *watched, const json_t *event);

#endif
