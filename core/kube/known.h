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

/** Of one Api. Owned by whoever keeps it. */
struct known {
    /** Of all but status, resourceVersion, generation and managedFields. */
    struct imprint object;
    /** Of its status but for the times of conditions; all zero: it has none. */
    struct imprint status;
    /** Imprint of type and status of each condition, and its time, in seconds; 0: none. */
    struct {
        uint64_t condition;
        int64_t time_s;
    } conditions[KNOWN_CONDITIONS];
    char version[32];
    char uid[40];
    int64_t generation;
    /** The generation of what was told last; without a status subresource our own statuses make new ones. */
    int64_t told;
};

/** @return the imprint of an Api but for what changes without the user: see struct known. */
struct imprint known_object(const json_t *api, uint64_t seed);

/** Notes a status. @param status  NULL: there is none. */
void known_note_status(struct known *known, const json_t *status, uint64_t seed);

/** @return whether a status says nothing new. */
bool known_same_status(const struct known *known, const json_t *status, uint64_t seed);

/** Gives the conditions of a status the times that they had. @return false if memory is short. */
bool known_carry(const struct known *known, json_t *status, uint64_t seed);

#endif
