/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mutate - hostile input made from good input, the same at each run
 */
#ifndef TESTS_MUTATE_H
#define TESTS_MUTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Storage of the caller. */
struct mutate {
    uint64_t state;   /**< of the generator */
    int64_t until_ms; /**< when time is up */
    size_t rounds;
};

/** Begins a run from a seed that may take this long, and longer for the first 400 rounds. */
struct mutate mutate_begin(uint64_t seed, int64_t limit_ms);

/** @return whether there is another round. */
bool mutate_goes_on(struct mutate *mutate);

/** @return a number below `bound`, which is not 0. */
size_t mutate_number(struct mutate *mutate, size_t bound);

/**
 * Changes a text a few times: bytes replaced, taken out, doubled, moved, cut off, and pieces of what parsers
 * stumble over put in.
 *
 * @param data      the text, in a buffer of `capacity` bytes.
 * @param pieces    what to put in; ends with NULL.
 * @return its new size.
 */
size_t mutate_text(struct mutate *mutate, char *data, size_t size, size_t capacity,
                   const char *const pieces[]);

#endif
