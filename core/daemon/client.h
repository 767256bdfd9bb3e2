/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client - one request to a daemon at its admin socket
 */
#ifndef DAEMON_CLIENT_H
#define DAEMON_CLIENT_H

#include "base/error.h"
#include "base/text.h"

/** The largest answer. */
enum { CLIENT_ANSWER_MAX = 16 << 20 };

/** What is asked. All borrowed. */
struct client_request {
    /** Path of the socket. */
    const char *socket;
    /** "GET" or "POST". */
    const char *method;
    /** Path and query, such as "/healthz?verbose"; no spaces. */
    const char *target;
    /** Milliseconds for all of it. */
    int patience_ms;
};

/**
 * Asks a daemon and waits for its answer.
 *
 * @param status  set to the status of HTTP, such as 200.
 * @param body    empty; gets the body; for text_release() in any case.
 * @return 0; ERROR_NOT_FOUND if nobody listens at the socket; ERROR_FOREIGN if we may not connect to it;
 *         ERROR_BUSY if it took too long; ERROR_LIMIT if the answer is too long; ERROR_INVALID if it is no
 * HTTP or the request makes no sense; ERROR_IO; ERROR_NO_MEMORY.
 */
int client_ask(const struct client_request *request, unsigned *status, struct text *body,
               struct error *error);

#endif
