/* SPDX-License-Identifier: Apache-2.0 */
/*
 * controller - keeps the outputs of one cluster's Apis as they should be
 *
 * Sources say what there is, the controller notes which Apis that concerns and reconciles them one by one,
 * the sink does what it is told. Everything comes in by a call, the time too, and goes out through struct
 * sink; nothing in here knows what is behind either.
 */
#ifndef RECONCILE_CONTROLLER_H
#define RECONCILE_CONTROLLER_H

#include "base/error.h"
#include "base/log.h"
#include "base/problem.h"
#include "object/event.h"
#include "object/moment.h"
#include "object/observation.h"
#include "object/settings.h"
#include "object/sink.h"
#include "plugin/registry.h"
#include "reconcile/queue.h"
#include "reconcile/reason.h"
#include "store/store.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct controller;

/** What a controller works with. All borrowed, and must outlive it. */
struct controller_options {
    const char *cluster; /**< name, for log lines; may be NULL */
    const struct settings *settings;
    const struct registry *registry;
    struct sink *sink;
    const struct log *log; /**< may be NULL */
    /** Delays of keys that failed; zero for the default: 250 ms doubling to 5 min. */
    struct queue_backoff backoff;
    /** A status that says "in progress" is written only after this time, in ms; 0: at once. */
    int64_t progress_ms;
    /** Keys that may wait for answers of the sink at one time; 0: any number. */
    size_t most_waiting;
    /** The sink answers before it has done what it is told; controller_committed() says when. */
    bool gathers;
    /** Apis of these namespaces only are told, up to a NULL; NULL or none: of all. One of another namespace
     * may be there all the same, and so the sink is asked (reconcile/lookup.h). */
    const char *const *namespaces;
    /** Not all Apis of a namespace are told: as above. */
    bool selective;
    /** Routes name their Api as their owner, so that a garbage collector takes them away with it. */
    bool own_routes;
    /** What the source does not tell of does not exist: an API server tells of all objects of a kind. */
    bool tells_all;
    /** How texts of Apis and related objects are kept. */
    enum store_texts texts;
    /** Of imprints and jitter; nobody outside the process may know it. */
    uint64_t seed;
    /** Called with what validation found about an Api, before it is logged, to give the problems their
     * places. May be NULL. */
    void (*locate)(const struct event *where, struct problems *problems, void *payload);
    void *payload;
};

/** What is known of an Api. All borrowed, until the controller is called again. */
struct controller_view {
    const char *name_space;
    const char *name;
    const char *host;    /**< full host name; "" if it could not be worked out */
    const char *service; /**< name of the Service; "" if unknown */
    unsigned port;
    bool authentication; /**< the Api asks for it */
    bool secured;        /**< protected as it asks */
    bool served;         /**< published as it asks, protected as it asks or as the operator accepts */
    bool ready;          /**< its condition Ready is True */
    enum reason reason;
    const char *message; /**< "" if there is nothing to say */
};

/**
 * @param out  set on success, owned by caller, for controller_free().
 * @return 0 or ERROR_NO_MEMORY, ERROR_INVALID if a plugin's index cannot be made.
 */
int controller_new(const struct controller_options *options, struct controller **out, struct error *error);

/** Frees a controller. NULL is fine. */
void controller_free(struct controller *controller);

/* What the source of Apis says. */

/**
 * An object is there, new or changed: an Api, an object of a related kind, or one of an owned kind that was
 * not made by us. Others are passed over. (event_fn; `payload` is the controller.)
 *
 * @return 0 or ERROR_NO_MEMORY.
 */
int controller_put(const struct event *event, void *payload, struct error *error);

/** An object that controller_put() was told of is known to be gone; of `ref` group, kind, namespace and name
 * count. (`payload` is the controller.) */
int controller_gone(const struct object_ref *ref, void *payload, struct error *error);

/**
 * Whether everything that the source holds is known. As long as it is not (nothing was read yet, a file could
 * never be read, the input is missing or suddenly empty), no output is removed because its Api seems to be
 * gone.
 */
int controller_set_complete(struct controller *controller, bool complete, struct error *error);

/* What the sink holds. */

/**
 * What stands, or does not, at a place of the sink. Said for everything that is there at start, and again
 * whenever it changes by somebody else's hand. (observation_fn; `payload` is the controller.)
 *
 * @return 0 or ERROR_NO_MEMORY.
 */
int controller_observe(const struct observation *observation, void *payload, struct error *error);

/** As struct output_listener asks for: an entry of the table of what is observed. */
void *controller_prepare(const struct observation *observation, const void *payload);

/** Frees what was prepared and not taken. */
void controller_discard(void *prepared);

/** A status stands in the sink for this key, whether or not the Api is there. */
int controller_observe_status(const char *name_space, const char *name, void *payload, struct error *error);

/** Whether everything that the sink holds was said once. Nothing is decided before that, nor before the first
 * controller_set_complete(): who was there first can only be told of all. */
void controller_set_observed(struct controller *controller, bool observed);

/** How a kind is in the sink. */
enum controller_kind {
    CONTROLLER_KIND_CURRENT,  /**< what stands of it was said, and is said again when it changes */
    CONTROLLER_KIND_ABSENT,   /**< it is not served: nothing of it can stand */
    CONTROLLER_KIND_FORBIDDEN /**< we are not permitted to see it */
};

/**
 * How a kind that a backend owns is in the sink. Outputs of one that is not CONTROLLER_KIND_CURRENT are
 * refused with `why`, and nothing of it is removed.
 *
 * @return 0 or ERROR_NO_MEMORY.
 */
int controller_set_kind(struct controller *controller, const struct object_ref *ref,
                        enum controller_kind state, const char *why, struct error *error);

/** The sink can be reached again, after it could not: what failed meanwhile is tried at once, however long
 * the next try would have waited. @return 0 or ERROR_NO_MEMORY. */
int controller_recovered(struct controller *controller, struct moment now, struct error *error);

/** @return whether just this is known to stand at a place of the sink. */
bool controller_knows(const struct controller *controller, const struct object_ref *ref, const char *uid,
                      const char *version);

/**
 * Everything of a kind that there is was said: whatever else of it is known is gone.
 *
 * @param ref   group and kind; namespace NULL: of all.
 * @param seen  whether an object was said; called for each that is known.
 * @return 0 or ERROR_NO_MEMORY.
 */
int controller_sweep(struct controller *controller, const struct object_ref *ref,
                     bool (*seen)(const char *name_space, const char *name, void *payload), void *payload,
                     struct error *error);

/** The answer to a step that was SINK_PENDING. */
int controller_answer(struct controller *controller, const char *key, const struct sink_answer *answer,
                      struct moment now, struct error *error);

/** The answer to a lookup (struct sink). @return 0 or ERROR_NO_MEMORY. */
int controller_found(struct controller *controller, const char *key, const struct sink_found *found,
                     struct error *error);

/** Who changed an output that is changed over and over (struct sink, ask_manager). @return 0 or
 * ERROR_NO_MEMORY. */
int controller_take_manager(struct controller *controller, const char *key, const struct object_ref *ref,
                            const struct sink_manager *manager, struct error *error);

/** All that a sink that gathers was told so far is done, or controller_failed() was called for it. @return 0
 * or ERROR_NO_MEMORY. */
int controller_committed(struct controller *controller, struct error *error);

/** A step of the key that had been answered as done was not done after all. What stands there is observed
 * anew by the caller before. The key is tried again after its delay. (`payload` is the controller.) */
int controller_failed(const char *key, const struct error *why, void *payload, struct error *error);

/* Work. */

/**
 * Reconciles the keys that are due.
 *
 * @return 0 or ERROR_NO_MEMORY.
 */
int controller_run(struct controller *controller, struct moment now, struct error *error);

/** @return how many turns Apis have had since the start. */
size_t controller_turns(const struct controller *controller);

/** @return whether no Api has its turn, or waits for one that is due. */
bool controller_is_idle(const struct controller *controller, int64_t now_ms);

/** @return when controller_run() has something to do next, in ms of the monotonic clock; QUEUE_NEVER: not
 * before something is said. */
int64_t controller_next(const struct controller *controller);

/* Answers. */

/** Visits the Apis sorted by namespace and name. @return 0 or ERROR_NO_MEMORY. */
int controller_each(const struct controller *controller,
                    bool (*visit)(const struct controller_view *view, void *payload), void *payload);

/**
 * Explains an Api as it is now: where it stands, what validation says, what it asks for and who holds that,
 * what its backends want and what stands, what would be done next, and when.
 *
 * The value: `api`; `input` {file, document, line, column}; `validation` {valid, problems: [{severity, path,
 * message, file, line, column}]}; `claims` {state, host, service}, each of both {name, holder: {self, api,
 * kind, namespace, name}, after}; `authentication`, `served`, `secured`, `ready`, `leaving`, `reason`,
 * `message`; `backends` [{name, role, enabled, code, lastError, outputs: [{kind, namespace, name, exists,
 * asWanted, version, error, wanted}]}]; `pending` [{do, kind, name}]; `failures`, `nextTryMs` (from `now`
 * on), `lastWrite` (seconds since the epoch). What is unknown or empty is left out.
 *
 * Of an Api that is not told of, and of which something stands: `api`, `told` (false), `message`, `outputs`
 * [{kind, namespace, name, version}], `nextTryMs`.
 *
 * @param key  "NAMESPACE/NAME".
 * @param out  set on success; owned by caller, for json_decref().
 * @return 0, ERROR_NOT_FOUND or ERROR_NO_MEMORY.
 */
int controller_explain(struct controller *controller, const char *key, struct moment now, json_t **out,
                       struct error *error);

/** Visits the places of the sink at which something is known to stand; texts of the refs are borrowed.
 * Nothing may be said to the controller meanwhile. */
void controller_each_place(const struct controller *controller,
                           void (*visit)(const struct object_ref *ref, void *payload), void *payload);

/** Number of Apis that are gone, or seem to be, and of which something is left: the source is not complete,
 * or it could not be removed. */
size_t controller_kept(const struct controller *controller);

/** Number of steps that the sink has done since the start, statuses not counted. */
size_t controller_writes(const struct controller *controller);

/** Number of statuses that could not be written, and that are still to be. */
size_t controller_unreported(const struct controller *controller);

/** Bytes that the controller's own structures hold. */
size_t controller_memory(const struct controller *controller);

#endif
