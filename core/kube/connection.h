/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connection - requests to one API server
 *
 * HTTP by libcurl's multi interface, without a thread and without a loop of its own: whoever drives it polls
 * the descriptors that it names and calls it when one is ready or its time has come. Credentials are kept
 * fresh beside it (kube/credential.h): a request waits until they are there, and one that was answered 401 is
 * sent once more with new ones. TLS is always verified.
 */
#ifndef KUBE_CONNECTION_H
#define KUBE_CONNECTION_H

#include "base/error.h"
#include "kube/kubeconfig.h"
#include "kube/refusal.h"
#include "object/moment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct connection;

/** A request that is under way. */
struct connection_call;

/** What a descriptor is polled for. */
enum { CONNECTION_READ = 1, CONNECTION_WRITE = 2 };

/** Who polls. */
struct connection_poller {
    /** Polls a descriptor from now on for these events; 0: no longer. @return 0 or ERROR_NO_MEMORY. */
    int (*poll)(int fd, int events, void *payload);
    void *payload;
};

/** What is asked. All borrowed by connection_send() only. */
struct connection_request {
    const char *method;       /**< "GET", "POST", "PUT", "PATCH" or "DELETE" */
    const char *target;       /**< path and query, as kube/path.h makes them */
    const char *content_type; /**< of the body; NULL: "application/json" */
    const char *body;         /**< NULL: none */
    size_t size;              /**< of the body */
    /** The answer may be compressed: of lists, never of watches (a compressed watch is flushed late, and
     * libcurl stops at the end of the first part). */
    bool compress;
    /** A watch: it may last for ever, but not without a byte for idle_ms. Other requests have 30 s. */
    bool stream;
    int64_t idle_ms; /**< of a stream; 0: no limit */
};

/** What came of a request. All borrowed during the call. */
struct connection_answer {
    /** Status of HTTP; 0: there was none (see error). */
    int status;
    /** What the server refused, if the status is not one of success; else NULL. */
    const struct refusal *refusal;
    /** Body of a success, NUL-terminated, if there is no `data`; up to 3 MiB. */
    const char *body;
    size_t size;
    /** Earliest time of another try from now on, in ms, from Retry-After or the refusal; 0: the server does
     * not say. */
    int64_t retry_ms;
    /** Why there is no success, for people: names the server and what was asked, never a credential; the code
     * is ERROR_BUSY if it may pass by itself (no connection, timeout, 429, 5xx), ERROR_NOT_FOUND (404),
     * ERROR_CONFLICT (409), ERROR_FOREIGN (401, 403), ERROR_INVALID (other 4xx), ERROR_LIMIT. 0: success. */
    struct error error;
};

/** Who is told. */
struct connection_handler {
    /** Takes a part of the body of a success, as it comes; NULL: it is gathered. @return false: the call is
     * given up, and done() is told of ERROR_INVALID. */
    bool (*data)(const char *data, size_t size, void *payload);
    /** The call has ended; told once, never from within connection_send(). */
    void (*done)(const struct connection_answer *answer, void *payload);
    void *payload;
};

/**
 * @param config   borrowed; must live longer.
 * @param poller   copied; its payload must live longer.
 * @param out      set on success, owned by caller, for connection_free().
 * @return 0, ERROR_INVALID or ERROR_NO_MEMORY. Nothing was connected yet.
 */
int connection_new(const struct kubeconfig *config, const struct connection_poller *poller,
                   struct connection **out, struct error *error);

/** Frees it; calls that are under way are not told of. NULL is fine. */
void connection_free(struct connection *connection);

/**
 * Sends a request.
 *
 * @param call  set on success; valid until done(). May be NULL.
 * @return 0 or ERROR_NO_MEMORY.
 */
int connection_send(struct connection *connection, const struct connection_request *request,
                    const struct connection_handler *handler, struct connection_call **call,
                    struct error *error);

/** Gives a call up; it is not told of. */
void connection_cancel(struct connection *connection, struct connection_call *call);

/** A descriptor that is polled is ready. */
void connection_ready(struct connection *connection, int fd, int events, struct moment now);

/** Does what is due: timeouts, credentials. */
void connection_tick(struct connection *connection, struct moment now);

/** @return when connection_tick() is to be called next, on the monotonic clock; INT64_MAX: not before
 * something happens. */
int64_t connection_due_ms(const struct connection *connection, struct moment now);

/** @return why there are no credentials, for people; NULL: there are. Borrowed. */
const char *connection_trouble(const struct connection *connection);

/** @return the server's address, for people. Borrowed. */
const char *connection_server(const struct connection *connection);

#endif
