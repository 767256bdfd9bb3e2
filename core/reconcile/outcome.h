/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outcome - what came of an Api, in codes, reasons and sentences
 */
#ifndef RECONCILE_OUTCOME_H
#define RECONCILE_OUTCOME_H

#include "reconcile/plan.h"
#include "reconcile/reason.h"
#include "reconcile/status.h"
#include "reconcile/stock.h"

/** Why an Api is refused before any backend was asked. */
struct refusal {
    /** REASON_NONE: it is not. REASON_INVALID, REASON_SERVICE_IN_USE or REASON_HOSTNAME_IN_USE. */
    enum reason reason;
    /** Borrowed, not NULL. */
    const char *text;
};

/** What came of an Api. Texts are of the stock's arena. */
struct outcome {
    struct api_status status;
    /** A route stands as the Api asks and, if it asks for authentication, so does a protection, or the
     * operator accepts that none does. */
    bool served;
    /** Every protection stands, and there is one. */
    bool secured;
    /** Something is waited for: code 1 stands in the status. */
    bool in_progress;
    /** Some of that comes by itself, so that the claims are kept for it. */
    bool may_come;
    /** Something failed that may go better the next time. */
    bool retry;
    /** The first thing that keeps the Api from being served, or what there is to say of one that is. */
    enum reason reason;
    const char *message;
};

/**
 * Works it out.
 *
 * @param stock     after the steps; its arena is used.
 * @param plan      after the steps.
 * @param refusal   borrowed.
 * @param rival     what to say of an object of somebody else that has the host too; NULL: there is none.
 * @param contest   what to say of an output that somebody changes over and over; NULL: there is none.
 * @return false if memory is short.
 */
bool outcome_make(struct stock *stock, const struct plan *plan, const struct refusal *refusal,
                  const char *rival, const char *contest, struct outcome *out);

#endif
