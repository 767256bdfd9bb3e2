/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connection_call - a request of its own, and what comes of it. Private to kube/connection.c
 *
 * What an API server says is told from what somebody on the way says: only JSON is taken for a success, and a
 * page of HTML is never taken for an answer.
 */
#ifndef KUBE_CONNECTION_CALL_H
#define KUBE_CONNECTION_CALL_H

#include "base/text.h"
#include "kube/connection.h"
#include "kube/http.h"

/** Storage of kube/connection.c. */
struct connection_call {
    struct connection_call *next;
    struct connection_call **link;  /**< what points here */
    const struct moment *now;       /**< borrowed: the time of whoever drives */
    struct http_exchange *exchange; /**< NULL: it waits to be sent */
    struct connection_handler handler;
    char *method;
    char *target;
    char *content_type; /**< NULL: there is no body */
    char *body;         /**< NULL: none */
    size_t size;
    int64_t idle_ms; /**< 0: no limit */
    enum connection_form form;
    bool compress;
    bool stream;
    bool sent_again;     /**< after a 401, or with another certificate */
    bool taking;         /**< its data() is being called */
    bool cancelled;      /**< meanwhile: it is freed when data() returns */
    uint64_t token;      /**< which token it was sent with */
    uint64_t generation; /**< of the identity that it was sent with */
    int64_t since_ms;    /**< when it began to wait or was sent; -1: it is not known yet */
    int64_t heard_ms;    /**< when the last byte came, once there is a head */
    int status;          /**< 0: no head yet */
    bool foreign;        /**< the answer is no API server's */
    bool has_body;       /**< a byte of it has come */
    bool cut;            /**< the rest of a long refusal was not read */
    int64_t retry_ms;    /**< 0: not told */
    int64_t date_s;      /**< 0: not told */
    struct text body_in;
    struct error verdict; /**< why it was given up here; code 0: it was not */
};

/**
 * @param request  copied.
 * @return 0, ERROR_INVALID (what cannot be sent) or ERROR_NO_MEMORY.
 */
int connection_call_new(const struct connection_request *request, const struct connection_handler *handler,
                        struct connection_call **out, struct error *error);

/** Frees it; it must be in no list, and its exchange over. NULL is fine. */
void connection_call_free(struct connection_call *call);

/** Forgets the answer, so that it can be sent again. */
void connection_call_reset(struct connection_call *call);

/** @return who takes the answer for it. */
struct http_taker connection_call_taker(struct connection_call *call);

/** @return when it is to be given up, on the monotonic clock; INT64_MAX: never. */
int64_t connection_call_deadline(const struct connection_call *call);

/** Sets *why to what is wrong at its deadline. */
void connection_call_late(const struct connection_call *call, const char *trouble, struct error *why);

/**
 * Tells its handler.
 *
 * @param server  for messages.
 * @param why     why there is no whole answer; code 0: there is.
 */
void connection_call_tell(struct connection_call *call, const char *server, const struct error *why);

#endif
