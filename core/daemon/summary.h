/* SPDX-License-Identifier: Apache-2.0 */
/*
 * summary - what came of a run, for a person at a terminal and for the exit code
 */
#ifndef DAEMON_SUMMARY_H
#define DAEMON_SUMMARY_H

#include "base/text.h"
#include "reconcile/controller.h"

#include <stdbool.h>
#include <stddef.h>

/** Counts of a run. Storage of the caller; all zero is empty. */
struct summary {
    size_t count;
    size_t served;
    size_t writes;
    /** Inputs that could not be used, and statuses that could not be written. */
    size_t failures;
};

/** Counts the Apis of a controller; `failures` is the caller's. @return false if memory is short. */
bool summary_count(struct summary *summary, const struct controller *controller);

/** @return whether every Api is served and every input was used. */
bool summary_good(const struct summary *summary);

/** Appends a table of the Apis, a line of totals, and why the others are not served. */
void summary_print(const struct summary *summary, const struct controller *controller, struct text *out);

/** Appends the line of totals alone. */
void summary_print_totals(const struct summary *summary, struct text *out);

#endif
