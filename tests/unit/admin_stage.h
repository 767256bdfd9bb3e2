/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin_stage - an admin server on a loop, and clients that speak to it byte by byte
 *
 * Everything runs on one thread: while a client waits, the loop turns.
 */
#ifndef TESTS_ADMIN_STAGE_H
#define TESTS_ADMIN_STAGE_H

#include "daemon/admin.h"

#include "base/text.h"

/** Storage of the test. */
struct admin_stage {
    char root[64];
    char socket[128];
    uv_loop_t loop;
    struct admin *admin;
    /** The request of /later that waits. */
    struct admin_request *waiting;
    /** Calls of handlers. */
    unsigned calls;
};

/** Serves with this patience (0: the usual one) at a socket and at a port of 127.0.0.1. Ends the program on
 * failure. */
void stage_begin(struct admin_stage *stage, unsigned patience_ms);

/** Stops, and shows that nothing is left on the loop. @return whether that is so. */
bool stage_end(struct admin_stage *stage);

/** @return a connection to the Unix socket, or to the port. */
int stage_connect(const struct admin_stage *stage, bool tcp);

/** Sends bytes. */
void stage_send(int fd, const char *bytes);

/** Turns the loop for so long. */
void stage_turn(struct admin_stage *stage, int milliseconds);

/**
 * Reads.
 *
 * @param until  stop when this was read; NULL: at the end of the connection.
 * @return whether that came within 5 seconds.
 */
bool stage_read(struct admin_stage *stage, int fd, const char *until, struct text *out);

/** Sends one request on a connection of its own and reads to the end. @return the status; 0: none came. */
unsigned stage_ask(struct admin_stage *stage, bool tcp, const char *request, struct text *out);

#endif
