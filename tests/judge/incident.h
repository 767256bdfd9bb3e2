/* SPDX-License-Identifier: Apache-2.0 */
/*
 * incident - short words for tests that tell what happens on a stage
 */
#ifndef TESTS_INCIDENT_H
#define TESTS_INCIDENT_H

#include "stage.h"

/** Runs to rest, and asserts that the judge has found nothing. `healthy` as for judge_rest(). */
void incident_rest(struct stage *stage, bool healthy);

/** Lets an incident happen under each delivery. */
void incident_in_each(void (*incident)(struct stage *stage));

/** An Api "a" of the Service "s1" and the host "h1" is served. `issuer` NULL: open. */
void incident_serve(struct stage *stage, const char *issuer);

/** @return what stands at the place of a backend's object, borrowed; NULL: nothing. */
json_t *incident_output(const struct stage *stage, int backend, const char *name);

/** @return a copy of it, to be changed; owned by caller. */
json_t *incident_copy(const struct stage *stage, int backend, const char *name);

/** @return the code in a part of the status of a key; 0 if there is none. */
int incident_code(const struct stage *stage, const char *key, const char *part);

#endif
