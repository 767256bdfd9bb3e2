/* SPDX-License-Identifier: Apache-2.0 */
/*
 * claims - who has a host or a Service
 *
 * Whoever has a live output with a claim keeps it. Without one, a foreign object that has the host keeps
 * others away; without either, the oldest Api that can take all that it asks for gets it. What an Api may do
 * about its claims follows from what is observed and from what the others ask for now, never from the order
 * of events.
 */
#ifndef RECONCILE_CLAIMS_H
#define RECONCILE_CLAIMS_H

#include "reconcile/leaves.h"
#include "reconcile/ledger.h"
#include "store/observed.h"

#include <stdbool.h>

/** What claims are judged from. All borrowed. */
struct claims {
    const struct ledger *ledger;
    const struct observed_table *observed;
    const struct leaves *leaves; /**< NULL: the sink does at once what it is told */
};

/** What an Api may do. */
enum claims_result {
    CLAIMS_FREE,    /**< take all that it asks for */
    CLAIMS_SERVICE, /**< nothing: the Service is held */
    CLAIMS_HOST,    /**< nothing: the host is held */
    CLAIMS_AFTER    /**< wait for an Api: an older one that may get one of them, or one that leaves */
};

/** The answer, with who holds it. Borrowed until anything changes. */
struct claims_verdict {
    enum claims_result result;
    /** Key of the Api that holds or comes first; NULL if it is none, or `of_object`. */
    const char *api;
    /** The object that holds it; NULL if nothing stands yet. */
    const struct observed *object;
    /** The Api is the one that the object was made for, told by claims_api(). */
    bool of_object;
    /** CLAIMS_FREE: an object of somebody else that has the host too; NULL if there is none. */
    const struct observed *rival;
};

/** @param entry  a valid Api, which asks for something. */
struct claims_verdict claims_judge(const struct claims *claims, const struct entry *entry);

/**
 * Tells who has one claim of a valid Api, whatever the other one comes to.
 *
 * @return as claims_judge(); where it is free, `api` is the key of the Api itself if it holds the claim
 *         already, and NULL if nobody does.
 */
struct claims_verdict claims_holder(const struct claims *claims, const struct entry *entry,
                                    enum entry_claim claim);

/** @return key of the Api that holds or comes first, which may be in `key`; NULL if it is none. */
const char *claims_api(const struct claims_verdict *verdict, char key[KEY_SIZE]);

/** @return whether an object was made for this Api: it carries our labels and its key and, if only the
 * historic controller's mark makes it ours, its uid. */
bool claims_own(const struct entry *entry, const struct observed *object);

/** @return whether live outputs of the Api have all that it asks for, so that it need not be held for it. */
bool claims_live(const struct claims *claims, const struct entry *entry);

#endif
