/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apiserver - a Kubernetes API server as source and sink of a cluster
 *
 * Follows the Apis, every kind that backends own or read, and tells what there is; writes outputs and
 * statuses. A request is made only where something changes: our own writes that come back on a watch start
 * nothing, and a status that differs in nothing but the times of conditions is not written.
 *
 * - create: POST
 * - replace: PUT with uid and resourceVersion; labels, annotations, finalizers and owners of others stay
 * - remove: DELETE with uid and resourceVersion as preconditions
 * - status: PUT on /status with the Api's resourceVersion, without its spec; where the kind has no such
 *   subresource, a JSON Patch on the Api that tests uid and resourceVersion and touches nothing but its
 * status
 * - lookup of an Api: GET
 */
#ifndef KUBE_APISERVER_H
#define KUBE_APISERVER_H

#include "base/error.h"
#include "base/log.h"
#include "kube/connection.h"
#include "kube/follow.h"
#include "object/event.h"
#include "object/observation.h"
#include "object/sink.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct apiserver;

/** A kind that is followed. Texts borrowed, must outlive it. */
struct apiserver_kind {
    /** Group, version, kind and plural; no namespace, no name. */
    struct object_ref ref;
    /** A backend owns it: its objects are told as observations. */
    bool owned;
    /** A backend reads it: its objects are told as events. */
    bool related;
};

/** Who is told. All borrowed, and must outlive it. */
struct apiserver_listener {
    /** An Api or an object of a related kind is there. */
    event_fn put;
    int (*gone)(const struct object_ref *ref, void *payload, struct error *error);
    /** What stands, or does not, at a place of an owned kind. */
    observation_fn observe;
    /** Whether just this is known to stand there, so that it need not be told. */
    bool (*knows)(const struct object_ref *ref, const char *uid, const char *version, void *payload);
    /** Everything of a kind was told. */
    int (*sweep)(const struct object_ref *ref, bool (*seen)(const char *, const char *, void *),
                 void *seen_payload, void *payload, struct error *error);
    /** How an owned or a related kind is. */
    int (*kind)(const struct object_ref *ref, enum follow_state state, const char *why, void *payload,
                struct error *error);
    /** The server can be reached again, after it could not. */
    int (*recovered)(void *payload, struct error *error);
    /** The answer to a step or a report. */
    int (*answer)(const char *key, const struct sink_answer *answer, void *payload, struct error *error);
    /** The answer to a lookup. */
    int (*found)(const char *key, const struct sink_found *found, void *payload, struct error *error);
    /** Who changed an output, as the sink was asked. */
    int (*manager)(const char *key, const struct object_ref *ref, const struct sink_manager *manager,
                   void *payload, struct error *error);
    void *payload;
};

/** How. All borrowed, and must outlive it. */
struct apiserver_options {
    struct connection *connection;
    const struct log *log;
    const char *cluster; /**< name, for log lines */
    const struct apiserver_kind *kinds;
    size_t kinds_count;
    /** Namespaces that Apis are read in, NULL-terminated; NULL or empty: all. */
    const char *const *namespaces;
    const char *label_selector; /**< of Apis; NULL: all */
    uint64_t seed;
    const struct moment *now; /**< as in struct follow_options */
    struct apiserver_listener listener;
};

/** @return 0 or ERROR_NO_MEMORY. @param out  set on success, for apiserver_free(). */
int apiserver_new(const struct apiserver_options *options, struct apiserver **out, struct error *error);

/** Ends it; writes under way are not told of. NULL is fine. */
void apiserver_free(struct apiserver *server);

/** @return the sink; of the server. */
struct sink *apiserver_sink(struct apiserver *server);

/** Does what is due. */
void apiserver_tick(struct apiserver *server);

/** @return when apiserver_tick() is to be called next; INT64_MAX: not before something happens. */
int64_t apiserver_due_ms(const struct apiserver *server);

/** @return whether every kind was listed once, or is known not to be there or not to be permitted. */
bool apiserver_observed(const struct apiserver *server);

/** @return whether an owned kind is not served. */
bool apiserver_absent(const struct apiserver *server);

/** The definition of a kind is there, has changed or is gone (kube/definitions.h): the kind is looked at.
 * @return whether it is absent so far and may come now. */
bool apiserver_take_definition(struct apiserver *server, const char *plural, const char *group, bool gone);

/** Whether definitions are told: kinds that are absent are then looked for once in a while only. */
void apiserver_set_told(struct apiserver *server, bool told);

/** @return whether everything that there is of Apis is known now. */
bool apiserver_complete(const struct apiserver *server);

/** @return why not all is well, for people, borrowed until the next call of any function; NULL: it is. */
const char *apiserver_trouble(const struct apiserver *server);

#endif
