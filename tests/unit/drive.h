/* SPDX-License-Identifier: Apache-2.0 */
/*
 * drive - turns a connection to an API server by poll(), and remembers what it answers
 */
#ifndef TESTS_DRIVE_H
#define TESTS_DRIVE_H

#include "base/text.h"
#include "kube/connection.h"

#include <poll.h>
#include <stdbool.h>

/** Descriptors that can be polled. */
enum { DRIVE_FDS = 128 };

/** Storage of the caller, zeroed. */
struct drive {
    struct connection *connection;
    struct pollfd fds[DRIVE_FDS];
    size_t count;
    int64_t ahead_ms; /**< how much its clocks are ahead of the real one */
    bool refuse;      /**< memory is short whenever something is to be polled */
    int last_fd;      /**< that was polled last */
};

/** What came of a request. */
struct heard {
    unsigned told; /**< how often done() was called */
    int status;
    int code;
    char message[1024];
    char reason[64];  /**< of a refusal */
    bool refused;     /**< there was a refusal */
    struct text body; /**< gathered, or of data(); for text_release() */
    unsigned parts;   /**< how often data() was called */
    int64_t retry_ms;
    bool refuse_data; /**< data() says no */
    /** Called at the end of data() and done(); NULL: nothing. */
    void (*also)(struct heard *heard);
    void *payload; /**< for it */
};

/** Makes the connection. @return as connection_new(). */
int drive_new(struct drive *drive, const struct kubeconfig *config, struct error *error);

/** Frees the connection. Ends the program if it has left a descriptor polled. */
void drive_free(struct drive *drive);

/** @return the time of the drive. */
struct moment drive_now(const struct drive *drive);

/** Turns until *flag is not 0 or so much real time has passed. @return whether it is not 0. */
bool drive_until(struct drive *drive, const unsigned *flag, int limit_ms);

/** Turns for this time. */
void drive_for(struct drive *drive, int ms);

/** Sends; the body is text, or NULL. @return as connection_send(). */
int drive_send(struct drive *drive, const struct connection_request *request, struct heard *heard,
               struct connection_call **call);

/** Sends a GET and turns until it has ended, ten seconds at most; `heard` is emptied first. */
void drive_get(struct drive *drive, const char *target, struct heard *heard);

#endif
