/* SPDX-License-Identifier: Apache-2.0 */
/*
 * known - what was last seen of each Api: enough to tell whether an event is news, and whether a status has
 * to be written
 */
#ifndef KUBE_KNOWN_H
#define KUBE_KNOWN_H

#include "base/imprint.h"
#include "object/condition.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/** Of one Api; stands in a table (knowns.h), with its key, uid and version. Without a hole: there are many.
 */
struct known {
    /** Of all but status, resourceVersion, generation and managedFields. */
    struct imprint object;
    /** Of all of the status but the times of conditions; all zero: it has none. */
    struct imprint status;
    int64_t generation;
    /** How many generations are newer than what was told last: without a status subresource our own statuses
     * make new ones. KNOWN_UNTOLD: more than can be. */
    int32_t untold;
    /** The first letter of the status of each of our conditions: T, F, U; 0: none of these. */
    char values[CONDITION_COUNT];
    /** The time of each, in seconds since the epoch; 0: none is known, as of one that is before 1970 or after
     * UINT32_MAX (in 2106). */
    uint32_t times_s[CONDITION_COUNT];
};

/** No generation was told that can be named. */
#define KNOWN_UNTOLD INT32_MAX

/** Notes the generation. @param told  of what is told now; false: what was told is that of before. */
void known_set_generation(struct known *known, int64_t generation, bool told);

/** @return whether this generation was told last. */
bool known_was_told(const struct known *known, int64_t generation);

/** @return the imprint of an Api but for what changes without the user: see struct known. */
struct imprint known_object(const json_t *api, uint64_t seed);

/** Notes a status. @param status  NULL: there is none. */
void known_note_status(struct known *known, const json_t *status, uint64_t seed);

/** @return whether a status says nothing new. */
bool known_same_status(const struct known *known, const json_t *status, uint64_t seed);

/** Gives the conditions of a status the times that they had. @return false if memory is short. */
bool known_carry(const struct known *known, json_t *status);

#endif
