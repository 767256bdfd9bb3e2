/* SPDX-License-Identifier: Apache-2.0 */
/*
 * condition - the conditions of an Api, and their times, which move only with their status
 *
 * lastTransitionTime is the one thing that is carried over from the status before
 * (Kubernetes API conventions, "Typical status properties").
 */
#ifndef OBJECT_CONDITION_H
#define OBJECT_CONDITION_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/** The conditions of an Api, in the order in which they stand in its status. */
enum condition_type {
    CONDITION_ACCEPTED,
    CONDITION_PROGRAMMED,
    CONDITION_SECURED,
    CONDITION_READY,
    CONDITION_COUNT
};

/** @return the word in `type`. */
const char *condition_type_word(enum condition_type type);

/** @return the condition of a word; CONDITION_COUNT for any other text or NULL. */
enum condition_type condition_type_of(const char *word);

/** Room for a time as RFC 3339 in UTC with seconds, "2026-01-02T03:04:05Z", and a NUL. */
#define CONDITION_TIME_SIZE 21

/** Writes a time. @param seconds  since the epoch, from 0 to the end of the year 9999. */
void condition_time(char out[CONDITION_TIME_SIZE], int64_t seconds);

/** @return seconds since the epoch of a time as condition_time() writes it; -1 for any other text or NULL. */
int64_t condition_parse_time(const char *text);

/**
 * Gives each of `conditions` in a status the lastTransitionTime of the condition of its type in the previous
 * status, where both have the same status and the previous time is one.
 *
 * @param status    changed.
 * @param previous  borrowed; NULL or of any form.
 * @return false if memory is short.
 */
bool condition_carry(json_t *status, const json_t *previous);

#endif
