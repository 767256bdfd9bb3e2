/* SPDX-License-Identifier: Apache-2.0 */
/*
 * polls - the descriptors of a connection, polled by the loop
 */
#ifndef DAEMON_POLLS_H
#define DAEMON_POLLS_H

#include <uv.h>

struct poll;

/** All of one connection. The owner fills in the first three, and leaves the last one NULL. */
struct polls {
    uv_loop_t *loop; /**< borrowed */
    /** A descriptor is ready. @param events  CONNECTION_READ, CONNECTION_WRITE. */
    void (*ready)(int fd, int events, void *payload);
    void *payload;
    struct poll *first;
};

/** Polls a descriptor from now on for these events; 0: no longer. As struct connection_poller has it.
 * @param payload  struct polls. @return 0 or ERROR_NO_MEMORY. */
int polls_set(int fd, int events, void *payload);

/** Polls no longer. */
void polls_release(struct polls *polls);

#endif
