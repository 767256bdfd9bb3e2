/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connection - requests to one API server
 *
 * Without a thread and without a loop of its own: whoever drives it polls the descriptors that it names,
 * calls it when one is ready, and asks after each call here, connection_send() and connection_cancel() among
 * them, when it is due next.
 *
 * Credentials are kept fresh beside it (kube/credential.h). A request waits until they are there, 30 s at
 * most; one that was answered 401 is sent once more with new ones, where there can be others. Sixteen
 * requests are on the wire at a time, watches not counted; the others wait for their turn.
 *
 * TLS is always verified; redirects are not followed; a proxy is the kubeconfig's, or else the environment's
 * by kube/proxy.h. What is no answer of an API server (HTML, another type than JSON, one that is compressed
 * without being asked for or does not tell where it ends) counts as no answer. After a timeout everything new
 * goes by new connections. A kept connection that turns out to be closed before the first byte of an answer
 * is replaced silently, and the request sent again: so a write must be one that may come twice.
 *
 * Handlers may send and cancel, but not drive or free the connection. The process ignores SIGPIPE.
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

/** In which form an object is answered. */
enum connection_form {
    CONNECTION_WHOLE,        /**< as it is */
    CONNECTION_METADATA,     /**< an object, or a watch, of the kind PartialObjectMetadata (meta.k8s.io/v1) */
    CONNECTION_METADATA_LIST /**< a list of them */
};

/** What is asked. All borrowed by connection_send() only. What could smuggle in a header is refused. */
struct connection_request {
    const char *method;       /**< "GET", "POST", "PUT", "PATCH" or "DELETE" */
    const char *target;       /**< path and query, as kube/path.h makes them */
    const char *content_type; /**< of the body; NULL: "application/json" */
    const char *body;         /**< NULL: none */
    size_t size;              /**< of the body */
    enum connection_form form;
    /** The answer may be compressed: of lists, never of watches (a compressed watch is flushed late, and
     * libcurl stops at the end of the first part). libcurl does not notice where what is compressed is cut;
     * whoever reads the JSON does. */
    bool compress;
    /** A watch: once its answer has begun, within 30 s, it may last for ever, but not without a byte for
     * idle_ms. Other requests have 30 s for all of the answer. */
    bool stream;
    int64_t idle_ms; /**< of a stream; 0: no limit */
};

/** What came of a request. All borrowed during the call. */
struct connection_answer {
    /** Status of HTTP; 0: there was no whole answer of an API server (see error). */
    int status;
    /** What the server refused, if the status is not one of success; else NULL. */
    const struct refusal *refusal;
    /** Body of a success, NUL-terminated and without another NUL, if there is no `data`; up to 3 MiB. Else
     * NULL. */
    const char *body;
    size_t size;
    /** Earliest time of another try from now on, in ms, from Retry-After or the refusal, whichever is later,
     * but at most 5 minutes; 0: nobody says. */
    int64_t retry_ms;
    /** The server's clock when it answered, in seconds since the epoch, from Date; 0: it does not say. */
    int64_t date_s;
    /** Why there is no success, for people: names the server and what was asked, never a credential; the code
     * is ERROR_BUSY if it may pass by itself (no connection, timeout, cut answer, 408, 429, 5xx),
     * ERROR_NOT_FOUND (404), ERROR_CONFLICT (409), ERROR_FOREIGN (401, 403), ERROR_INVALID (other 4xx; data()
     * said no), ERROR_LIMIT (the body is too large), ERROR_NO_MEMORY. 0: success. */
    struct error error;
};

/** Who is told. */
struct connection_handler {
    /** Takes a part of the body of a success, as it comes; NULL: it is gathered. Not called any more once the
     * call was cancelled. @return false: the call is given up, and done() is told of ERROR_INVALID. */
    bool (*data)(const char *data, size_t size, void *payload);
    /** The head of a success has come; NULL: nobody cares. Must not cancel the call. */
    void (*begun)(void *payload);
    /** The call has ended; told once, never from within connection_send(). */
    void (*done)(const struct connection_answer *answer, void *payload);
    void *payload;
};

/**
 * @param config   borrowed; must live longer.
 * @param poller   copied; its payload must live longer.
 * @param out      set on success, owned by caller, for connection_free().
 * @return 0, ERROR_INVALID (tls-server-name, a proxy, impersonation) or ERROR_NO_MEMORY. Nothing was
 * connected yet.
 */
int connection_new(const struct kubeconfig *config, const struct connection_poller *poller,
                   struct connection **out, struct error *error);

/** Frees it; calls that are under way are not told of, and no descriptor is polled any more. NULL is fine. */
void connection_free(struct connection *connection);

/**
 * Sends a request: it goes out by connection_tick(), which is due at once.
 *
 * @param handler  copied; its payload must live until done().
 * @param call     set on success; valid until done() is called. May be NULL.
 * @return 0, ERROR_INVALID (method, target or content type cannot be sent) or ERROR_NO_MEMORY.
 */
int connection_send(struct connection *connection, const struct connection_request *request,
                    const struct connection_handler *handler, struct connection_call **call,
                    struct error *error);

/** From now on a stream may be silent for so long, as in struct connection_request. */
void connection_set_idle(struct connection_call *call, int64_t idle_ms);

/** Gives a call up, also from within its own data(); it is not told of. */
void connection_cancel(struct connection *connection, struct connection_call *call);

/** A descriptor that is polled is ready; where the other side has gone, for all that it is polled for. One
 * that is not polled any more is passed over. */
void connection_ready(struct connection *connection, int fd, int events, struct moment now);

/** Does what is due: sends, timeouts, credentials. */
void connection_tick(struct connection *connection, struct moment now);

/** @return when connection_tick() is to be called next, on the monotonic clock; INT64_MAX: not before
 * something happens. */
int64_t connection_due_ms(const struct connection *connection, struct moment now);

/** @return why there are no credentials, for people; NULL: there are. Borrowed. */
const char *connection_trouble(const struct connection *connection);

/** @return the server's address, for people. Borrowed. */
const char *connection_server(const struct connection *connection);

#endif
