/* SPDX-License-Identifier: Apache-2.0 */
/*
 * states - what a user and an operator can want of the Api "a", beside a neighbour
 *
 * There is always a neighbour "default/b", older and secured, which has the Service "sb" and the host "held",
 * and a foreign Road that has the host "foreign".
 */
#ifndef TESTS_STATES_H
#define TESTS_STATES_H

#include "stage.h"

/** What the neighbour does. */
enum neighbour {
    NEIGHBOUR_STAYS,
    NEIGHBOUR_MOVES, /**< to the Service "s9" and the host "h9" */
    NEIGHBOUR_GOES
};

/** With what the world has to be compared when the state is reached. */
enum comparison {
    COMPARE_ALL,   /**< with what a fresh controller makes of the state */
    COMPARE_KEPT,  /**< what is of the Api itself with what it was before */
    COMPARE_DOORS, /**< as before, but Locks and Roads only */
    COMPARE_ROADS, /**< as before, but Roads only */
    COMPARE_NOTHING
};

/** A state. */
struct state {
    const char *name;
    /** NULL: there is no Api. */
    const char *service;
    const char *host;
    /** NULL: open. */
    const char *issuer;
    bool deleting;
    bool without_lock;
    bool without_road;
    bool accept;
    bool withdraw;
    /** What a disabled backend has made stays. */
    bool keep;
    /** The backend refuses to render. */
    bool lock_refuses;
    bool road_refuses;
    enum neighbour neighbour;
    enum comparison comparison;
};

/** @return the states, and their number. Static. */
const struct state *states_all(size_t *count);

/** Brings a state about: the operator's config, the user's edits. If the config differs the controller is
 * started anew; otherwise one that runs is told. `generation` of the Apis that are written. */
void state_enter(struct stage *stage, const struct state *state, int generation);

/** @return what has to stand when a stage that was at `from` (with what `before` says) is at `to`, and of
 * what stands now the part that counts; both owned by caller. `fresh` is what a fresh controller makes of
 * `to`. */
void state_compare(const struct stage *stage, const struct state *from, const struct state *to,
                   const json_t *before, const json_t *fresh, json_t **expected, json_t **found);

#endif
