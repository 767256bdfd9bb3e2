/* SPDX-License-Identifier: Apache-2.0 */
/*
 * similar - the name that somebody probably meant
 */
#ifndef BASE_SIMILAR_H
#define BASE_SIMILAR_H

#include <stdbool.h>
#include <stddef.h>

/**
 * @return whether the names differ by one slip of the pen: by case, by dashes or underscores, or by one
 *         letter left out, put in, changed or swapped with its neighbour. Equal names are similar.
 */
bool similar_names(const char *a, const char *b);

/** @return of `count` names the first that is similar, an equal one before all others; NULL if none.
 * Borrowed. */
const char *similar_find(const char *name, const char *const *names, size_t count);

#endif
