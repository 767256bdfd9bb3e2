/* SPDX-License-Identifier: Apache-2.0 */
/*
 * entry - what is known of one Api beside its text
 *
 * There are tens of thousands of them, so what few Apis have stands apart, and is made when it is needed.
 */
#ifndef RECONCILE_ENTRY_H
#define RECONCILE_ENTRY_H

#include "base/links.h"
#include "object/uid.h"
#include "reconcile/contest.h"
#include "reconcile/quarrel.h"
#include "reconcile/reason.h"
#include "reconcile/setback.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Where an Api stands in the contest for its host and its Service. */
enum entry_state {
    ENTRY_UNKNOWN, /**< something has changed since it was last looked at */
    ENTRY_REFUSED, /**< cannot be served, whoever holds what: it reserves nothing */
    ENTRY_LOST,    /**< somebody else holds its host or Service */
    ENTRY_TAKEN    /**< they are its own, from before its first write on */
};

/** What an Api asks for: a host, and a Service as "NAMESPACE/SERVICE". */
enum entry_claim { ENTRY_HOST, ENTRY_SERVICE, ENTRY_CLAIMS };

/** A host and a Service, each in an index of the ledger. Private to the ledger. */
struct entry_pair {
    struct link links[ENTRY_CLAIMS];
    /** Whose it is. */
    slab_ref entry;
    /** The host, and behind its NUL the Service. */
    char texts[];
};

/** A related key that a backend asked for, in the index of the ledger. */
struct entry_ask {
    struct link link; /**< private */
    slab_ref entry;   /**< private */
    slab_ref next;    /**< private */
    char key[];
};

/** What few Apis have. */
struct entry_rare {
    /** What it has taken before it can be observed; NULL: nothing. Owned by the ledger. */
    struct entry_pair *takes;
    /** Its uid, if that is no canonical UUID; NULL: none, or a canonical one. Owned. */
    char *uid;
    /** Owned; NULL: nothing to say. Before the first reconcile of an invalid Api: why it is invalid. */
    char *message;
    /** What an Api that is not valid seems to ask for, for people; NULL each if that is not clear. Owned. */
    char *shown[ENTRY_CLAIMS];
    struct quarrel quarrel;
    /** Since when it is "in progress" without a status that says so, in ms; 0: it is not. */
    int64_t waits_since_ms;
    /** What a commit could not do, although it was answered as done; NULL: never. Owned. */
    struct setback *setback;
    /** An output that somebody changes over and over; NULL: none. Owned. */
    struct contest *contest;
};

/** Room for a packed UUID. */
enum { ENTRY_UID_SIZE = 17 };

/** An Api. What has no member is told and changed by functions. */
struct entry {
    struct link link; /**< private */
    /** Counts what happened to the Api from outside: edits, its end, and changes of its outputs. */
    unsigned edition;
    unsigned leaves; /**< claims it may have let go of; leaves.h counts them */

    enum entry_state state : 4;
    bool present : 1;    /**< the Api is there */
    bool seen : 1;       /**< it was told of once, since the start */
    bool leaving : 1;    /**< it has a deletionTimestamp: nothing is made for it any more */
    bool valid : 1;      /**< it passed validation, so that it asks for something */
    bool unread : 1;     /**< it cannot be read: what it asks for is not known */
    bool has_status : 1; /**< a status of it may stand in the sink */
    bool waits : 1;      /**< for what becomes of an older Api that cannot be looked at now */
    bool awaited : 1;    /**< somebody waits for what becomes of it */

    /* Results, as those below. */
    enum reason reason : 8;
    bool authentication : 1;
    bool secured : 1;
    bool served : 1;
    bool ready : 1;
    bool unreported : 1; /**< its status could not be written */
    bool stepped : 1;    /**< the last way through it wrote more than the status */
    bool withdrew : 1;   /**< the last way through it took a route away for want of a protection */
    bool continued : 1;  /**< the next way through it goes on with the last one */

    /** Seconds since the epoch; INT64_MAX if unknown. */
    int64_t created;
    /** What it asks for now; NULL: nothing. Owned by the ledger; private. */
    struct entry_pair *asks;
    /** NULL: it has nothing of it. Owned. */
    struct entry_rare *rare;
    /** The related keys that backends asked for. Owned by the ledger; private. */
    slab_ref asked;
    /** When the sink last did a step for it, in seconds since the epoch; 0: not since the start. */
    uint32_t written_s;
    uint16_t port;
    char uid[ENTRY_UID_SIZE]; /**< private */
    /** "NAMESPACE/NAME". */
    char key[];
};

/** @return what few Apis have, of this one, made if it is not there; NULL if memory is short. */
struct entry_rare *entry_need_rare(struct entry *entry);

/** Frees what few Apis have, if this one has nothing of it any more. */
void entry_tidy(struct entry *entry);

/** Frees what the entry owns; nothing of it may be in an index any more. */
void entry_release(struct entry *entry);

/** @return whether one Api is older: by creation, then by key. An unknown creation is the latest. */
bool entry_older(const struct entry *a, const struct entry *b);

/** @return what it asks for; NULL: nothing. */
const char *entry_asks(const struct entry *entry, enum entry_claim claim);

/** @return what it has taken; NULL: nothing. */
const char *entry_takes(const struct entry *entry, enum entry_claim claim);

/** Notes its uid. @param uid  NULL: it has none. @return false if memory is short; nothing has changed then.
 */
bool entry_set_uid(struct entry *entry, const char *uid);

/** @return its uid, borrowed from it or in the buffer; NULL if it has none. */
const char *entry_uid(const struct entry *entry, char buffer[UID_SIZE]);

/** @return as in struct entry_rare. */
const char *entry_message(const struct entry *entry);

/**
 * Notes what is to be said.
 *
 * @param message  for free(); taken on success. NULL: nothing.
 * @return false if memory is short; nothing has changed then.
 */
bool entry_set_message(struct entry *entry, char *message);

/** @return what an Api that is not valid seems to ask for; NULL if that is not clear. */
const char *entry_shown(const struct entry *entry, enum entry_claim claim);

/** Notes it; nothing is decided by it, so that memory may be short. @param text  NULL: it is not clear. */
void entry_show(struct entry *entry, enum entry_claim claim, const char *text);

#endif
