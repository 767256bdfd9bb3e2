/* SPDX-License-Identifier: Apache-2.0 */
/*
 * controller_state - what the parts of the controller share
 *
 * Private to controller.c, run.c, intake.c, touch.c, wake.c, lookup.c and job.c.
 */
#ifndef RECONCILE_CONTROLLER_STATE_H
#define RECONCILE_CONTROLLER_STATE_H

#include "base/map.h"
#include "reconcile/controller.h"
#include "reconcile/leaves.h"
#include "reconcile/ledger.h"
#include "reconcile/lookup.h"
#include "reconcile/stock.h"

/** The controller. */
struct controller {
    struct controller_options options;
    struct leaves leaves;
    struct lookups lookups;
    struct ledger *ledger;
    struct observed_table *observed;
    struct store *store;
    struct queue *queue;
    struct stock_context context;
    /** Number of the kind Api in the store. */
    int apis;
    /** Key -> struct job that waits for an answer. */
    struct map *jobs;
    /** What was said by controller_set_complete(); and whether it was. */
    bool complete;
    bool listed;
    bool observed_all;
    /** Of the last controller_run(). */
    int64_t now_ms;
    /** When an Api came through at last, and brought others. */
    int64_t hurried_ms;
    size_t turns;
    size_t writes;
    size_t unreported;
    /** "KIND.GROUP" -> struct kind_trouble. */
    struct map *troubles;
    /** Group and kind of outputs of ours that no backend owns, each told once. */
    struct map *orphans;
};

/** Room for the key under which a place or a related key is asked for. */
#define WAKE_KEY_SIZE 512

/** Puts an Api's key in the queue, due at once. @return 0 or ERROR_NO_MEMORY. */
int wake_key(struct controller *controller, const char *key, struct error *error);

/** Wakes every key. @return 0 or ERROR_NO_MEMORY. */
int wake_all(struct controller *controller, struct error *error);

/** What the sink was told is done or undone: wakes those that ask for what was let go of. @return 0 or
 * ERROR_NO_MEMORY. */
int wake_leaves(struct controller *controller, struct error *error);

/** Wakes those that ask for a name that an object has, but for `except`. */
int wake_names(struct controller *controller, const struct observed *object, const struct entry *except,
               struct error *error);

/**
 * Wakes for every name that an object has, and the Api that it was made for.
 *
 * @param expected  but not that Api: the change is what its own step leads to.
 */
int wake_observed(struct controller *controller, const struct observed *object, bool expected,
                  struct error *error);

/** Wakes those that an object of a related kind concerns. @param kind  number in the store. */
int wake_related(struct controller *controller, int kind, const json_t *object, struct error *error);

/** Wakes those that found something in their way at a place. */
int wake_place(struct controller *controller, int kind, const char *name_space, const char *name,
               struct error *error);

/** Wakes everybody else who asks for what an Api asks for. */
int wake_asked(struct controller *controller, const struct entry *entry, struct error *error);

/** Wakes everybody else who asks for what an Api has taken. */
int wake_taken(struct controller *controller, const struct entry *entry, struct error *error);

/** Writes the key under which those that find something in their way at a place are woken. */
void wake_place_key(char out[WAKE_KEY_SIZE], int kind, const char *name_space, const char *name);

/** Writes the key under which those are woken that asked for a Service, "NAMESPACE/NAME", other than their
 * own. */
void wake_service_key(char out[WAKE_KEY_SIZE], const char *service);

/** Writes the key under which those that asked for a related key are woken. @return false if it is too long
 * or no such index is known. */
bool wake_related_key(const struct controller *controller, const struct apigw_related *related,
                      const char *key, char out[WAKE_KEY_SIZE]);

/** What stood at the place of an output, before something else is observed there. */
struct touch {
    struct entry *entry;    /**< NULL: nothing of ours */
    struct imprint imprint; /**< as in struct content */
    char *extra;            /**< as in struct content; owned by caller, for free() */
    bool unreadable;
};

/** Remembers what is known of a place. @param known  NULL: nothing. @return 0 or ERROR_NO_MEMORY. */
int touch_begin(struct controller *controller, const struct observed *known, struct touch *touch,
                struct error *error);

/** Tells whether somebody else did something to our output since, and who does it over and over.
 * @param ref  of what was observed, with the version and the plural. @param kind  its number. */
int touch_end(struct controller *controller, const struct touch *touch, const struct object_ref *ref,
              int kind, struct error *error);

/** @return the Api of an entry as it is in the store; NULL if it is gone or going. */
const struct store_object *job_object(const struct controller *controller, const struct entry *entry);

/** Reconciles a key that was taken from the queue; ends its turn, now or once the sink has answered.
 * @param draft  of its Api, as it is in the store now; what is needed of it is moved out. NULL, or an empty
 * one: there is none.
 * @return 0 or ERROR_NO_MEMORY. */
int job_start(struct controller *controller, struct entry *entry, struct draft *draft, struct moment now,
              struct error *error);

/**
 * Tells those that await an answer what was observed; it may be newer than the answer will be.
 *
 * @param fact  with `made`, if there is an object.
 * @return whether it is just what a step that is under way leads to.
 */
bool job_meet(struct controller *controller, const struct observed_fact *fact);

/** Goes on with a key whose step was answered. */
int job_answer(struct controller *controller, const char *key, const struct sink_answer *answer,
               struct moment now, struct error *error);

/** Drops a job that waits for an answer (a map's free function). */
void job_free(void *job);

#endif
