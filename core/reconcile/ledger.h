/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledger - what is known of each Api beside its text: what it asks for, whether it has it, what came of it
 *
 * A key is in the ledger as long as its Api is there, or anything of it stands in the sink.
 */
#ifndef RECONCILE_LEDGER_H
#define RECONCILE_LEDGER_H

#include "base/chain.h"
#include "reconcile/contest.h"
#include "reconcile/quarrel.h"
#include "reconcile/reason.h"
#include "reconcile/setback.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ledger;

/** Where an Api stands in the contest for its host and its Service. */
enum entry_state {
    ENTRY_UNKNOWN, /**< something has changed since it was last looked at */
    ENTRY_REFUSED, /**< cannot be served, whoever holds what: it reserves nothing */
    ENTRY_LOST,    /**< somebody else holds its host or Service */
    ENTRY_TAKEN    /**< they are its own, from before its first write on */
};

/** What an Api asks for: a host, and a Service as "NAMESPACE/SERVICE". */
enum entry_claim { ENTRY_HOST, ENTRY_SERVICE, ENTRY_CLAIMS };

/** An Api. Change through the functions, but for the members under "results". */
struct entry {
    struct chain_link link; /**< private */
    bool present : 1;       /**< the Api is there */
    bool seen : 1;          /**< it was told of once, since the start */
    bool leaving : 1;       /**< it has a deletionTimestamp: nothing is made for it any more */
    bool valid : 1;         /**< it passed validation, so that it asks for something */
    bool unread : 1;        /**< it cannot be read: what it asks for is not known */
    bool has_status : 1;    /**< a status of it may stand in the sink */
    bool waits : 1;         /**< for what becomes of an older Api that cannot be looked at now */
    bool awaited : 1;       /**< somebody waits for what becomes of it */

    /* Results, as those below. */
    bool authentication : 1;
    bool secured : 1;
    bool served : 1;
    bool ready : 1;
    bool unreported : 1; /**< its status could not be written */
    bool stepped : 1;    /**< the last way through it wrote more than the status */
    bool withdrew : 1;   /**< the last way through it took a route away for want of a protection */
    bool continued : 1;  /**< the next way through it goes on with the last one */

    enum entry_state state;
    unsigned leaves; /**< claims it may have let go of; leaves.h counts them */
    /** Counts what happened to the Api from outside: edits, its end, and changes of its outputs. */
    unsigned edition;
    /** Number of keys in `asked`. */
    unsigned asked_count;
    /** Seconds since the epoch; INT64_MAX if unknown. */
    int64_t created;
    /** Owned; NULL if it has none. */
    char *uid;
    /** What it asks for now; linked while `valid`. Key NULL: not linked. The texts are owned, in one piece.
     */
    struct chain_link asks[ENTRY_CLAIMS];
    /** What it has taken before it can be observed, as in `asks`; NULL: nothing. Owned. */
    struct chain_link *takes;
    /** The related keys that backends asked for, each in the index; the texts behind them. Owned, one piece.
     */
    struct chain_link *asked;

    /* Results. */
    enum reason reason;
    unsigned port;
    /** Owned; NULL: nothing to say. Before the first reconcile of an invalid Api: why it is invalid. */
    char *message;
    /** What an Api that is not valid seems to ask for, for people; NULL each if that is not clear. Owned. */
    char *shown[ENTRY_CLAIMS];
    /** When the sink last did a step for it, in seconds since the epoch; 0: not since the start. */
    int64_t written_s;
    /** Since when it is "in progress" without a status that says so, in ms; 0: it is not. */
    int64_t waits_since_ms;
    struct quarrel quarrel;
    /** What a commit could not do, although it was answered as done; NULL: never. Owned. */
    struct setback *setback;
    /** An output that somebody changes over and over; NULL: none. Owned. */
    struct contest *contest;

    /** "NAMESPACE/NAME". */
    char key[];
};

/** @return owned by caller, for ledger_free(); NULL if memory is short. */
struct ledger *ledger_new(void);

/** Frees the ledger. NULL is fine. */
void ledger_free(struct ledger *ledger);

/** @return the entry of a key, or NULL. Valid until ledger_remove(). */
struct entry *ledger_get(const struct ledger *ledger, const char *key);

/** @return the entry of a key, made if there is none; NULL if memory is short. */
struct entry *ledger_add(struct ledger *ledger, const char *key);

/** Forgets an entry. */
void ledger_remove(struct ledger *ledger, struct entry *entry);

/**
 * Notes what an Api asks for.
 *
 * @param texts  of each claim; NULL: it asks for nothing.
 * @return false if memory is short; nothing has changed then.
 */
bool ledger_ask(struct ledger *ledger, struct entry *entry, const char *const texts[ENTRY_CLAIMS]);

/** The Api takes what it asks for. @return as above. */
bool ledger_take(struct ledger *ledger, struct entry *entry);

/** @return whether the Api has taken just what it asks for. */
bool ledger_has_taken(const struct entry *entry);

/** The Api lets go of what it had taken. */
void ledger_release(struct ledger *ledger, struct entry *entry);

/** Notes the related keys that its backends asked for, instead of those before. @return false if memory is
 * short; nothing has changed then. */
bool ledger_note_asked(struct ledger *ledger, struct entry *entry, const char *const *keys, size_t count);

/** @return the first that asks for (`takes` false) or has taken a claim, by chain_next(); the owner of the
 * link is the entry. */
const struct chain_link *ledger_first(const struct ledger *ledger, const char *claim, bool takes);

/** @return the first entry's link that asked for a related key, or NULL; by chain_next(). */
const struct chain_link *ledger_first_asked(const struct ledger *ledger, const char *key);

/** @return whether one Api is older: by creation, then by key. An unknown creation is the latest. */
bool entry_older(const struct entry *a, const struct entry *b);

/** @return number of entries. */
size_t ledger_count(const struct ledger *ledger);

/** @return number of entries whose Api is not there. */
size_t ledger_count_absent(const struct ledger *ledger);

/** Lists the entries sorted by key. @return owned by caller, for free(), ledger_count() long; NULL if memory
 * is short. */
struct entry **ledger_sorted(const struct ledger *ledger);

/** @return bytes that the ledger holds. */
size_t ledger_memory(const struct ledger *ledger);

#endif
