/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain - parts of what controller_explain() tells
 *
 * Private to explain.c and explain_backends.c. A part that does not fit in memory is NULL or lacks what did
 * not.
 */
#ifndef RECONCILE_EXPLAIN_H
#define RECONCILE_EXPLAIN_H

#include "reconcile/job.h"

/** @return what each backend wants and what stands of it: a list, owned by caller. */
json_t *explain_backends(const struct job *job);

/** @return the steps that a reconcile would do now, in their order: a list, owned by caller. */
json_t *explain_steps(const struct job *job);

#endif
