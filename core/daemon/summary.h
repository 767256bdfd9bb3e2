/* SPDX-License-Identifier: Apache-2.0 */
/*
 * summary - what came of a run, for a person at a terminal and for the exit code
 */
#ifndef DAEMON_SUMMARY_H
#define DAEMON_SUMMARY_H

#include "base/text.h"
#include "reconcile/reconcile.h"

#include <stdbool.h>
#include <stddef.h>

/** A row: one Api. Owned by its summary. */
struct summary_row {
    char *name_space;
    char *name;
    /** Host, Service, reason and message; owned. */
    struct reconcile_result *result;
};

/** All Apis of a run. Storage of the caller; all zero is empty. */
struct summary {
    struct summary_row *rows;
    size_t count;
    size_t served;
    size_t writes;
    /** Inputs that could not be used, and statuses that could not be written. */
    size_t failures;
};

/** Frees the rows; the summary is empty again. NULL is fine. */
void summary_release(struct summary *summary);

/** Adds a row. @return false if memory is short. */
bool summary_add(struct summary *summary, const char *name_space, const char *name,
                 const struct reconcile_result *result);

/** @return whether every Api is served and every input was used. */
bool summary_good(const struct summary *summary);

/** Appends a table of the Apis, a line of totals, and why the others are not served. */
void summary_print(const struct summary *summary, struct text *out);

/** Appends the line of totals alone. */
void summary_print_totals(const struct summary *summary, struct text *out);

#endif
