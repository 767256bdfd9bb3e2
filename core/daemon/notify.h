/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notify - tells the service manager how the daemon is
 *
 * The protocol of sd_notify(3), spoken by hand: a datagram of lines KEY=VALUE to the socket that
 * NOTIFY_SOCKET names. Without a manager nothing is sent. A manager that does not listen is no reason to
 * stop.
 */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/** The way to the manager. Storage of the caller. */
struct notify {
    /** Owned; -1: there is no manager. */
    int fd;
    /** Milliseconds within which the manager wants to hear notify_alive(); 0: it does not. Send twice as
     * often. */
    int64_t watchdog_ms;
};

/** What the environment says, read once at the start. All borrowed; NULL: not set. */
struct notify_environment {
    const char *notify_socket; /**< NOTIFY_SOCKET: an absolute path, or "@" and a name */
    const char *watchdog_usec; /**< WATCHDOG_USEC */
    const char *watchdog_pid;  /**< WATCHDOG_PID: whom the watchdog is meant for */
};

/**
 * Opens the way to the manager.
 *
 * @return 0, also if there is no manager; ERROR_INVALID if a variable makes no sense; ERROR_IO if there is
 * nobody at the socket. On failure *notify is as without a manager.
 */
int notify_open(struct notify *notify, const struct notify_environment *environment, struct error *error);

/** Ends it. */
void notify_close(struct notify *notify);

/** The daemon serves, or serves again after a reload. @return whether it was sent. */
bool notify_ready(const struct notify *notify, const char *status);

/** A reload has begun; notify_ready() ends it, whatever came of it. @return whether it was sent. */
bool notify_reloading(const struct notify *notify);

/** The daemon is about to exit. @return whether it was sent. */
bool notify_stopping(const struct notify *notify);

/** One line for people; line breaks become spaces. @return whether it was sent. */
bool notify_status(const struct notify *notify, const char *status);

/** The loop still turns. @return whether it was sent. */
bool notify_alive(const struct notify *notify);

#endif
