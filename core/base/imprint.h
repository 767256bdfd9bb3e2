/* SPDX-License-Identifier: Apache-2.0 */
/*
 * imprint - whether two JSON values are equal, without keeping either
 *
 * 128 bits by XXH3 under a seed that nobody outside the process knows, so that a value with a given imprint
 * cannot be looked for. The order of an object's members does not count. Numbers are told apart as jansson
 * does: 1 is not 1.0.
 */
#ifndef BASE_IMPRINT_H
#define BASE_IMPRINT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/** Imprint of a value. All zero is that of nothing. */
struct imprint {
    uint64_t low;
    uint64_t high;
};

/** @return a seed that nobody can foresee; 0 stands for none and is never returned. */
uint64_t imprint_seed(void);

/** @return the imprint of a value; borrowed; NULL is nothing. */
struct imprint imprint_of(const json_t *value, uint64_t seed);

/** @return the imprint of some bytes. */
struct imprint imprint_of_bytes(const char *data, size_t size, uint64_t seed);

/** Adds a member to the imprint of an object that is put together; the order of members does not count. */
void imprint_add(struct imprint *object, const char *name, const json_t *value, uint64_t seed);

/** @return whether both are the same. */
bool imprint_equal(struct imprint a, struct imprint b);

#endif
