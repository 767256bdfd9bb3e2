/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lookup - whether an Api that is not told of is gone
 *
 * A source that selects tells nothing of what it does not select, so that an Api which is not told of, or is
 * not told of any more, may be there all the same. As long as something of it stands, the sink is asked: what
 * is not there, or is another Api of that name, is gone; what is there has only left the selection, and keeps
 * what it has. A lookup that fails concludes nothing. What is kept is looked up again, later and later, and
 * soon after something happened to it, for nobody tells when it goes.
 */
#ifndef RECONCILE_LOOKUP_H
#define RECONCILE_LOOKUP_H

#include "base/error.h"
#include "base/map.h"
#include "object/sink.h"
#include "reconcile/ledger.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct controller;
struct lookup;

/** The lookups of a controller. */
struct lookups {
    /** Key -> struct lookup of an Api that is not told of. */
    struct map *table;
    /** Those that wait to be asked for, in their order. */
    struct lookup *first;
    struct lookup *last;
    size_t under_way;
    uint64_t random;
    /** One failed, and none has succeeded since. */
    bool failing;
};

/** Storage of the caller, for lookups_release(). @param seed  of the jitter. @return false if memory is
 * short. */
bool lookups_init(struct lookups *lookups, uint64_t seed);

/** Frees all; answers that still come are passed over. */
void lookups_release(struct lookups *lookups);

/** @return bytes that they hold. */
size_t lookups_memory(const struct lookups *lookups);

/**
 * Judges an Api that is not told of, whose key is in work; asks for it if need be, and has the key come back
 * when more can be said.
 *
 * @param gone  set on success: whether it is known to be gone. It holds for this turn only.
 * @return 0 or ERROR_NO_MEMORY.
 */
int lookup_judge(struct controller *controller, struct entry *entry, bool *gone, struct error *error);

/** Something happened to the Api or to its outputs: what was found before counts no longer. */
void lookup_spoil(struct controller *controller, const struct entry *entry);

/** All Apis that are kept are looked up again soon. @return 0 or ERROR_NO_MEMORY. */
int lookup_renew(struct controller *controller, struct error *error);

/** @return what is known of an Api that is not told of, for people; NULL: nothing of it is kept. Static. */
const char *lookup_sentence(const struct controller *controller, const struct entry *entry);

#endif
