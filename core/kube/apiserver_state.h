/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apiserver_state - what the parts of the API server's source and sink share
 *
 * Private to apiserver*.c.
 */
#ifndef KUBE_APISERVER_STATE_H
#define KUBE_APISERVER_STATE_H

#include "base/map.h"
#include "kube/apiserver.h"
#include "kube/echo.h"
#include "kube/knowns.h"

struct apiserver;

/** A kind that is followed in all namespaces or in one. */
struct apiserver_feed {
    struct apiserver *server;
    struct follow *follow;
    /** Of the options, with the namespace. */
    struct apiserver_kind kind;
    bool apis;
    /** Keys seen since a list began; NULL: it is the first, so nothing can be gone. Owned. */
    struct map *seen;
    /** Of the list that has just ended. Borrowed by end(). */
    const char *version;
    bool listed;
    /** It was told why it is not current, and not yet that it is again. */
    bool troubled;
};

/** A request of the sink that is under way. Owned by the server. */
struct apiserver_write {
    struct apiserver_write *next;
    struct apiserver_write *previous;
    struct apiserver *server;
    struct connection_call *call;
    char *key;
    /** Of the output that is written (echo_place()); NULL: none is. Owned. */
    char *place;
    bool removal; /**< what is gone already is a success */
    /** What a report is about; NULL: it is none. Owned. */
    json_t *status;
    /** The report is about the Api as it is known now. */
    bool current;
    /** As it was written by the latest request: into the Api, not into its subresource. */
    bool whole;
    /** It waits until it is known where statuses are written. */
    bool held;
    /** What came of it so far, while it is held. */
    struct sink_answer outcome;
};

/** Who changed an object is being asked. Owned by the server. */
struct apiserver_question {
    struct apiserver_question *next;
    struct apiserver *server;
    struct connection_call *call;
    /** Group, version, kind and plural: of a feed. */
    struct object_ref ref;
    char key[KEY_SIZE];   /**< of the Api */
    char place[KEY_SIZE]; /**< the object's namespace, and behind it its name */
    const char *name;     /**< in `place` */
};

/** A server. */
struct apiserver {
    struct sink sink;
    struct apiserver_options options;
    struct apiserver_feed *feeds;
    size_t feeds_count;
    /** Of each Api. */
    struct knowns *knowns;
    /** Of outputs and statuses. */
    struct echoes *echoes;
    struct apiserver_write *writes;
    /** The kind Api has no status subresource, as far as is known. */
    bool whole;
    /** It is being asked whether it has; NULL: it is not. */
    struct connection_call *asking;
    struct apiserver_question *questions;
    /** What a listener returned where nobody could be told. */
    struct error failure;
    char trouble[640];
};

/** @return the place of the Api of a key; its texts are in `room`. */
struct object_ref apiserver_api(const char *key, char room[KEY_SIZE]);

/** @return a request for a key, of the server, for apiserver_write_free(); NULL if memory is short. */
struct apiserver_write *apiserver_write_new(struct apiserver *server, const char *key);

/** Forgets a request that has ended, or was not sent. */
void apiserver_write_free(struct apiserver_write *write);

/** Sends it. @param done  its payload is the request, to be freed there. @return as connection_send(). */
int apiserver_write_send(struct apiserver_write *write, const struct connection_request *request,
                         void (*done)(const struct connection_answer *answer, void *payload),
                         struct error *error);

/** Tells what came of a write, and forgets it. */
void apiserver_write_tell(struct apiserver_write *write, const struct sink_answer *answer);

/** Asks where statuses are written: the kind may have another form than before. Those that are reported
 * meanwhile wait. */
void apiserver_learn_status(struct apiserver *server);

/** Creates, replaces or removes an output (struct sink). */
int apiserver_apply(struct sink *sink, const struct sink_step *step, struct sink_answer *answer);
/** Reports a status (struct sink). */
int apiserver_report(struct sink *sink, const char *key, const json_t *api, const json_t *status,
                     struct sink_answer *answer);

/** Looks for an Api (struct sink). */
int apiserver_look_up(struct sink *sink, const char *key, struct error *error);

/** Drops what is under way. */
void apiserver_drop_writes(struct apiserver *server);

/** Asks who changed an output (struct sink). */
void apiserver_ask_manager(struct sink *sink, const char *key, const struct object_ref *ref);

/** Drops the questions that are not answered yet. */
void apiserver_drop_questions(struct apiserver *server);

#endif
