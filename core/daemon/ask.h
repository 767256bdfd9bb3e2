/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ask - questions to an API server, one after the other, each until its answer is there
 *
 * For commands that have nothing else to do. Drives a connection with poll().
 */
#ifndef DAEMON_ASK_H
#define DAEMON_ASK_H

#include "base/error.h"
#include "base/text.h"
#include "kube/connection.h"

#include <stdint.h>

struct ask;

/** An answer. Storage of the caller; all zero is none. */
struct ask_answer {
    int status;         /**< of HTTP; 0: there was none */
    struct text body;   /**< of a success */
    int64_t date_s;     /**< the server's time, seconds since the epoch; 0: not told */
    struct error error; /**< why there is no success, as in struct connection_answer; code 0: success */
};

/**
 * @param config       borrowed; must live longer.
 * @param patience_ms  for each answer, and for credentials: a program that gives them may take its time.
 * @param out          set on success, owned by caller, for ask_close().
 * @return 0, ERROR_INVALID or ERROR_NO_MEMORY. Nothing was connected yet.
 */
int ask_open(const struct kubeconfig *config, int64_t patience_ms, struct ask **out, struct error *error);

/** Frees it. NULL is fine. */
void ask_close(struct ask *ask);

/**
 * Asks and waits for the answer.
 *
 * @param request  no stream.
 * @param answer   filled in; for ask_release() in any case.
 * @return the answer's error code; 0: success.
 */
int ask_for(struct ask *ask, const struct connection_request *request, struct ask_answer *answer);

/** Frees what an answer holds; it is none again. */
void ask_release(struct ask_answer *answer);

/** @return the server's address, for people. Borrowed. */
const char *ask_server(const struct ask *ask);

#endif
