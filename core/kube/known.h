/* SPDX-License-Identifier: Apache-2.0 */
/*
 * known - what was last seen of each Api: enough to tell whether an event is news, and whether a status has
 * to be written
 */
#ifndef KUBE_KNOWN_H
#define KUBE_KNOWN_H

#include "base/imprint.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/** Conditions whose times are carried; more than we write are not looked at. */
#define KNOWN_CONDITIONS 4

/** Of a status; all zero: there is none. */
struct known_status {
    /** Of all but the times of conditions. */
    struct imprint imprint;
    /** Of each condition: a part of the imprint of its type and status, and its time, in seconds since the
     * epoch; 0: none is known, as of one that is before 1970 or after UINT32_MAX (in 2106). */
    struct {
        uint32_t mark;
        uint32_t time_s;
    } conditions[KNOWN_CONDITIONS];
};

/** Of one Api; stands in a table (knowns.h), with its key, uid and version. */
struct known {
    /** Of all but status, resourceVersion, generation and managedFields. */
    struct imprint object;
    struct known_status status;
    int64_t generation;
    /** The generation of what was told last; without a status subresource our own statuses make new ones. */
    int64_t told;
};

/** @return the imprint of an Api but for what changes without the user: see struct known. */
struct imprint known_object(const json_t *api, uint64_t seed);

/** Notes a status. @param status  NULL: there is none. */
void known_note_status(struct known_status *known, const json_t *status, uint64_t seed);

/** @return whether a status says nothing new. */
bool known_same_status(const struct known_status *known, const json_t *status, uint64_t seed);

/** Gives the conditions of a status the times that they had. @return false if memory is short. */
bool known_carry(const struct known_status *known, json_t *status, uint64_t seed);

#endif
