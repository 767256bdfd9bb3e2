/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reason - one word for what came of an Api or of a part of it
 *
 * The words stand in conditions, summaries and log lines; tools match on them. docs/reasons.md is made from
 * the same table (apigwctl reasons).
 */
#ifndef RECONCILE_REASON_H
#define RECONCILE_REASON_H

/** The words, each once. */
enum reason {
    REASON_NONE,
    REASON_ACCEPTED,
    REASON_SERVED,
    REASON_SECURED,
    REASON_NOT_REQUESTED,
    REASON_INCOMPLETE,
    REASON_INVALID,
    REASON_SERVICE_IN_USE,
    REASON_HOSTNAME_IN_USE,
    REASON_NOT_ACCEPTED,
    REASON_CONFLICT,
    REASON_CONTESTED,
    REASON_NOT_READY,
    REASON_BACKEND_FAILED,
    REASON_NOT_OWNED,
    REASON_UNREADABLE,
    REASON_NOT_PERMITTED,
    REASON_HELD,
    REASON_PROTECTION_MISSING,
    REASON_WRITE_FAILED,
    REASON_NO_ROUTE,
    REASON_COUNT
};

/** @return the word in CamelCase, "" for REASON_NONE. Static. */
const char *reason_word(enum reason reason);

/** @return what it means, one or two sentences. Static. */
const char *reason_meaning(enum reason reason);

/** @return what to do about it; "" if nothing has to be done. Static. */
const char *reason_remedy(enum reason reason);

#endif
