/* SPDX-License-Identifier: Apache-2.0 */
/*
 * leaves - claims that were let go of by writes that are not certain yet
 *
 * A sink that gathers writes answers before it has done them. Until it has, nobody else takes what they let
 * go of: the route may turn out to stand as before.
 */
#ifndef RECONCILE_LEAVES_H
#define RECONCILE_LEAVES_H

#include "base/links.h"
#include "reconcile/ledger.h"

#include <stdbool.h>

/** One claim that may be free. */
struct leave {
    struct link link; /**< private */
    slab_ref next;    /**< private */
    struct entry *entry;
    char key[];
};

/** All of a controller; storage of the caller, that does not move, for leaves_init(). */
struct leaves {
    struct slab slab;
    struct links by_key;
    slab_ref first;
};

/** Begins without any. */
void leaves_init(struct leaves *leaves);

/** Notes that a write of the Api may let go of a claim. @return false if memory is short. */
bool leaves_note(struct leaves *leaves, struct entry *entry, const char *key);

/** @return an Api other than `except` that may have let go of the claim; NULL: none. */
const struct entry *leaves_find(const struct leaves *leaves, const char *key, const struct entry *except);

/** @return the first one; NULL: there is none. */
const struct leave *leaves_first(const struct leaves *leaves);

/** The writes are done or undone: forgets the first one. */
void leaves_drop(struct leaves *leaves);

/** Forgets all, when their entries are looked at no more. */
void leaves_release(struct leaves *leaves);

#endif
