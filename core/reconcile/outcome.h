/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outcome - what came of a pass, in codes, reasons and sentences
 */
#ifndef RECONCILE_OUTCOME_H
#define RECONCILE_OUTCOME_H

#include "reconcile/pass.h"
#include "reconcile/reason.h"
#include "reconcile/status.h"

/** What came of one backend. */
struct outcome {
    enum status_code code;
    enum reason reason;
    /** "" if there is nothing to say. Of the pass's arena. */
    const char *text;
};

/** What is said where an Api asks for authentication and no enabled backend has that role. Static. */
extern const char outcome_no_authentication[];

/** @return one outcome for each backend of a pass that has run, of its arena; NULL if memory is short. */
struct outcome *outcomes_of(struct pass *pass);

/** @return whether every protection stands, and there is one. */
bool outcome_secured(const struct pass *pass);

/** @return whether every route stands, and there is one. */
bool outcome_published(const struct pass *pass);

#endif
