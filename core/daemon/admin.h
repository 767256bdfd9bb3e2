/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin - what the daemon tells by HTTP
 *
 * A table of routes, served at a Unix socket, where file modes say who may, and, those that are public, at a
 * TCP port for probes. libmicrohttpd without threads of its own: everything runs on the loop's thread. A
 * request has 10 seconds to arrive and a minute to be taken; headers have 8 KiB, a body 4 KiB, and 64 may be
 * connected to each of the two.
 */
#ifndef DAEMON_ADMIN_H
#define DAEMON_ADMIN_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <uv.h>

struct admin;

/** A request that is to be answered once, by admin_answer(). */
struct admin_request;

/** Answers a request, at once or later. */
typedef void (*admin_handler)(struct admin_request *request, void *payload);

/** What is served. */
struct admin_route {
    /** "GET" (HEAD comes with it) or "POST". NULL ends a table. */
    const char *method;
    /** "/status"; with a "/" at its end all that begins with it. */
    const char *path;
    /** At the TCP port too. */
    bool open;
    admin_handler handle;
};

/** How to serve. Strings are borrowed by admin_start() only, all else until admin_stop(). */
struct admin_options {
    uv_loop_t *loop;
    /** Static or borrowed. */
    const struct admin_route *routes;
    /** For the handlers. */
    void *payload;
    /** Path of the Unix socket; NULL: none. */
    const char *socket;
    /** Mode of the socket's file; 0: 0660. */
    mode_t mode;
    /** "HOST:PORT" as in endpoint_listen_tcp(); NULL: none. */
    const char *listen;
    /** Milliseconds that a request has to arrive; 0: 10,000. */
    unsigned patience_ms;
};

/**
 * Starts to serve.
 *
 * @param out  set on success, for admin_stop().
 * @return 0; ERROR_CONFLICT, ERROR_FOREIGN, ERROR_INVALID or ERROR_IO as endpoint.h has it; ERROR_NO_MEMORY.
 * After a failure, too, the loop must run once more to close what was opened.
 */
int admin_start(const struct admin_options *options, struct admin **out, struct error *error);

/**
 * Stops. Requests that wait for their answer get a 503 and must not be answered any more. The memory is freed
 * by the loop, which must run until its handles are closed. NULL is fine.
 */
void admin_stop(struct admin *admin);

/** @return the TCP port that is served; 0: none. */
unsigned admin_port(const struct admin *admin);

/** @return the path after the route's, borrowed. */
const char *admin_rest(const struct admin_request *request);

/** @return the value of a query parameter, "" if it has none, borrowed; NULL: it was not given. */
const char *admin_query(const struct admin_request *request, const char *name);

/** @return the body, NUL-terminated, borrowed. */
const char *admin_body(const struct admin_request *request);

/**
 * Answers a request, which is gone then. From the loop's thread, in the handler or later. Every request must
 * be answered, also if whoever asked has left.
 *
 * @param status  of HTTP, such as 200.
 * @param type    of the body; NULL: "text/plain; charset=utf-8".
 * @param body    borrowed during the call.
 */
void admin_answer(struct admin_request *request, unsigned status, const char *type, const char *body,
                  size_t size);

#endif
