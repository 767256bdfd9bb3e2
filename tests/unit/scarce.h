/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scarce - memory that runs out when a test says so
 *
 * A test that lists scarce.c among its sources and links with SCARCE_LINK has malloc, calloc, realloc and
 * strdup of the code under test counted, and those of jansson. To see every failure, run the same steps with
 * 0, 1, 2, ... allocations granted until scarce_end() says that they were enough.
 */
#ifndef TESTS_SCARCE_H
#define TESTS_SCARCE_H

#include <stdbool.h>
#include <stddef.h>

/** Grants this many allocations; the next one and all after it fail. */
void scarce_begin(size_t granted);

/** Memory is plentiful again. @return whether an allocation failed. */
bool scarce_end(void);

#endif
