/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules - what is held against a write, and against the world at rest
 */
#ifndef TESTS_JUDGE_RULES_H
#define TESTS_JUDGE_RULES_H

#include "world.h"

/** A write that is looked at: what stood there before and what is to stand there. All borrowed. */
struct deed {
    const char *key;
    /** The Api of the key. */
    struct subject *subject;
    struct thing *thing;
    const struct object_ref *ref;
    /** What stands there before. */
    struct stand before;
    /** What stands there afterwards; NULL: nothing. */
    const json_t *after;
};

/** Before the write happens: rules 3, 4, 5 and 8, which need nothing but the write. */
void rules_of_ownership(struct world *world, const struct deed *deed);

/** What has to be known from before a write to judge it after. Owned members. */
struct earlier {
    json_t *uncovered;
    json_t *hosts;
    json_t *services;
};

/** Notes how things stood before a write. */
struct earlier earlier_note(const struct world *world, const char *key);

/** Frees it. */
void earlier_release(struct earlier *earlier);

/** After the write: rule 2. */
void rules_of_exposure(struct world *world, const struct deed *deed, const struct earlier *earlier);

/** @return whether no older Api that could would take the host or the Service of this one. */
bool is_in_turn(const struct world *world, const struct subject *subject);

/** After the write: who wins. */
void rules_of_claims(struct world *world, const struct deed *deed, const struct earlier *earlier);

/** After a status was written. */
void rules_of_status(struct world *world, const struct subject *subject);

/** At rest: what an Api's status says, and what stands of it. */
void rules_at_rest(struct world *world, const struct subject *subject, bool healthy);

#endif
