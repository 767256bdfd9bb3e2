/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge - watches every write and says which rule it breaks
 *
 * The judge is told what the user wrote, what the operator configured, what others did, and each write as it
 * happens. It keeps its own picture of the world, knows nothing of how writes are decided, and holds each of
 * them against the rules. What it finds is collected, so that a test goes on and shows all of it.
 *
 * Memory that runs out ends the test.
 */
#ifndef TESTS_JUDGE_H
#define TESTS_JUDGE_H

#include "apigw/plugin.h"
#include "object/key.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct judge;

/** A kind that a backend of the cluster owns. All borrowed, static. */
struct judge_kind {
    const struct apigw_kind *kind;
    /** One of enum apigw_role. */
    int32_t role;
    /** Key in the Api's status. */
    const char *status_key;
    /** Path of the issuers in a protection, "spec.issuers[]"; NULL: they are not compared. */
    const char *issuers;
    /** False: an operator disabled the backend. */
    bool enabled;
    /** onDisable: keep, until the Api is gone. */
    bool keep;
    /** No backend is there at all: what there is of it stays. */
    bool lost;
};

/** What the operator laid down. Texts and kinds are borrowed, and must outlive the judge. */
struct judge_config {
    const struct judge_kind *kinds;
    size_t count;
    /** Value of the label createdBy. */
    const char *created_by;
    /** What is appended to a bare hostname. */
    const char *domain;
    /** Issuer of Apis that name none; NULL: there is none. */
    const char *default_issuer;
    /** incompleteAuthentication: unsecured. */
    bool unsecured;
    /** unprotected: accept. */
    bool accept;
    /** onProtectionLost: withdraw. */
    bool withdraw;
};

/** A rule that was broken. */
struct judge_finding {
    /** Section and number of the rule: "2", "3", "4", "5", "8" are the architecture's rules; "status" and
     * "claims" those of the status and of who wins. Static. */
    const char *rule;
    /** Api that the write was for. */
    const char *key;
    /** What happened. */
    const char *what;
};

/** @return a judge of an empty world whose input is complete; owned by caller, for judge_free(). */
struct judge *judge_new(const struct judge_config *config);

/** Frees a judge. NULL is fine. */
void judge_free(struct judge *judge);

/* What happens outside. Each is a cause: after it, writes are expected. */

/** The operator changed the config. */
void judge_configure(struct judge *judge, const struct judge_config *config);

/** The user wrote an Api: a whole object, borrowed. */
void judge_api_put(struct judge *judge, const json_t *api);

/** The user removed an Api. */
void judge_api_gone(struct judge *judge, const char *key);

/** Whether all Apis are known. */
void judge_complete(struct judge *judge, bool complete);

/** Somebody else put an object there, or removed one (NULL), ours or not. `uid` and `version` as the sink
 * says them, "" for none. */
void judge_foreign(struct judge *judge, const struct object_ref *ref, const json_t *object, const char *uid,
                   const char *version);

/** Somebody else wrote a status, or removed it (NULL). */
void judge_foreign_status(struct judge *judge, const char *key, const json_t *status);

/** Whether something that the judge cannot see (a backend that refuses to render) keeps this Api from being
 * served. */
void judge_excuse(struct judge *judge, const char *key, bool excused);

/** Something else happened after which writes are expected: a failure has passed. */
void judge_cause(struct judge *judge);

/**
 * From here on an edit is not known to the controller as it happens: what it writes afterwards may have been
 * decided before. Rule 2, and the label with the uid, then blame a write only if it is wrong by each Api that
 * can have been known: the one that there is, and those before it. The controller learns of one Api in the
 * order in which the user wrote it, and never forgets, as one that starts reads what there is. So those are
 * behind it that are older than what a status told as observed, or than the oldest one by which an earlier
 * write was right. Who wins is judged at rest only.
 */
void judge_lag(struct judge *judge);

/** @return how many writes were wrong by the Api that there was, and right by one before it. */
size_t judge_late(const struct judge *judge);

/* What the controller did. */

/** An output was written, or removed (NULL), for the Api of this key. `uid` and `version` are the new ones.
 */
void judge_write(struct judge *judge, const char *key, const struct object_ref *ref, const json_t *object,
                 const char *uid, const char *version);

/** A status was written, or removed (NULL). Not told of a status that equals the one before but for times. */
void judge_status(struct judge *judge, const char *key, const json_t *status);

/** The Api as it is found after a write, to see that its spec is still the user's. */
void judge_look(struct judge *judge, const json_t *api);

/** The write of a place was refused: until the next cause the number of writes is not limited. */
void judge_fault(struct judge *judge, const char *place);

/**
 * Nothing is left to do: what stands and what the statuses say is looked at as a whole, and no write is
 * expected before the next cause, a restart between them or not.
 *
 * @param healthy  nothing refuses now, so all that is wanted has to stand.
 */
void judge_rest(struct judge *judge, bool healthy);

/* What it found. */

/** @return number of findings. */
size_t judge_count(const struct judge *judge);

/** @return a finding by number, borrowed until the judge is told more. */
struct judge_finding judge_finding(const struct judge *judge, size_t number);

/** Prints the findings as TAP comments, each after `where`. */
void judge_print(const struct judge *judge, const char *where);

/** Forgets the findings. */
void judge_forget(struct judge *judge);

#endif
