/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reason - one word for why an Api is not served
 */
#ifndef RECONCILE_REASON_H
#define RECONCILE_REASON_H

/** The words, each once. Tools match on them. */
enum reason {
    REASON_NONE,               /**< "": nothing to say */
    REASON_SERVED,             /**< stands as wanted */
    REASON_INVALID,            /**< the Api is wrong */
    REASON_CONFLICT,           /**< a backend found an object in its way */
    REASON_NOT_READY,          /**< a backend waits for something */
    REASON_BACKEND_FAILED,     /**< a backend, or memory, failed */
    REASON_NOT_OWNED,          /**< an object that is not ours has an output's name */
    REASON_UNREADABLE,         /**< what has an output's name cannot be read */
    REASON_MOVE_REFUSED,       /**< a live route would move to another Service */
    REASON_HELD,               /**< another backend is refused */
    REASON_PROTECTION_MISSING, /**< a protection does not stand, or nothing can authenticate */
    REASON_INCOMPLETE,         /**< served, but its authentication is incomplete and was left out */
    REASON_WRITE_FAILED,       /**< a write failed */
    REASON_NO_ROUTE            /**< no enabled backend publishes */
};

/** @return the word in CamelCase, "" for REASON_NONE. Static. */
const char *reason_word(enum reason reason);

#endif
