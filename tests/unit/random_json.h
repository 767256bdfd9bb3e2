/* SPDX-License-Identifier: Apache-2.0 */
/*
 * random_json - JSON texts with everything in them that a reader may stumble over
 */
#ifndef TESTS_RANDOM_JSON_H
#define TESTS_RANDOM_JSON_H

#include "mutate.h"

#include "base/text.h"

/** Appends a value; names may stand in an object twice, which makes it wrong. */
void random_json(struct mutate *mutate, struct text *out);

#endif
