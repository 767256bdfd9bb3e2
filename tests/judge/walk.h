/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk - from every state to every state, with every write failing in turn
 */
#ifndef TESTS_WALK_H
#define TESTS_WALK_H

#include "states.h"

/** How a table is walked, and what came of it. */
struct walk {
    enum stage_delivery delivery;
    /** The change happens while no controller runs. */
    bool asleep;
    /** Every pair under this delivery, with every fault. */
    bool whole;
    unsigned pairs;
    unsigned writes;
    unsigned failures;
};

/** Walks every pair of states without failures. */
void walk_plain(struct walk *walk);

/** Walks every pair of states with every write meeting the fault in turn. */
void walk_fault(struct walk *walk, enum stage_fault fault);

#endif
