/* SPDX-License-Identifier: Apache-2.0 */
/*
 * endpoint - a socket that the admin server listens at
 */
#ifndef DAEMON_ENDPOINT_H
#define DAEMON_ENDPOINT_H

#include "base/error.h"

#include <sys/types.h>

/** A listening socket. Storage of the caller. */
struct endpoint {
    /** Owned; -1: none, or given away. */
    int fd;
    /** The file of a Unix socket. Owned; NULL: TCP. */
    char *path;
    /** Which file that is. */
    dev_t device;
    ino_t inode; /**< see device */
};

/**
 * Listens at a Unix socket. A socket file that nobody listens at any more is replaced; its folder must exist.
 *
 * @param mode  of the file, such as 0660.
 * @return 0; ERROR_CONFLICT if somebody listens there; ERROR_FOREIGN if what stands there is no socket;
 *         ERROR_INVALID if the path is too long; ERROR_IO; ERROR_NO_MEMORY.
 */
int endpoint_listen_unix(const char *path, mode_t mode, struct endpoint *endpoint, struct error *error);

/**
 * Listens at a TCP port.
 *
 * @param listen  "HOST:PORT": the host is "localhost", an IPv4 address, an IPv6 address in brackets, or empty
 * for 127.0.0.1; the port is 0 to 65535, 0 for one that is free.
 * @return 0, ERROR_INVALID, ERROR_CONFLICT if the port is taken, or ERROR_IO.
 */
int endpoint_listen_tcp(const char *listen, struct endpoint *endpoint, struct error *error);

/** @return the TCP port; 0 for a Unix socket. */
unsigned endpoint_port(int fd);

/** Stops to listen and removes the socket's file, if it is still ours. */
void endpoint_close(struct endpoint *endpoint);

#endif
