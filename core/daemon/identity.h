/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity - which server a cluster has got
 *
 * One server may have two names; the uid of its namespace kube-system tells. Nothing is to be written before
 * it is known that no other cluster of the config works on it.
 */
#ifndef DAEMON_IDENTITY_H
#define DAEMON_IDENTITY_H

#include "base/error.h"
#include "base/log.h"
#include "daemon/twins.h"
#include "kube/connection.h"
#include "object/moment.h"

#include <stdbool.h>
#include <stdint.h>

struct identity;

/** How. All borrowed, and must outlive it. */
struct identity_options {
    struct connection *connection;
    struct twins *twins;
    const char *cluster; /**< name in the config */
    const struct log *log;
    const struct moment *now; /**< of this turn of the loop */
};

/** @return 0 or ERROR_NO_MEMORY. @param out  set on success, for identity_free(). */
int identity_new(const struct identity_options *options, struct identity **out, struct error *error);

/** Ends it; the server is free for another cluster. NULL is fine. */
void identity_free(struct identity *identity);

/** Asks, if that is due. */
void identity_tick(struct identity *identity);

/** @return when identity_tick() is to be called next; INT64_MAX: not before something happens. */
int64_t identity_due_ms(const struct identity *identity);

/** @return whether the cluster may work on the server: no other one does, or the server does not let us know.
 */
bool identity_clear(const struct identity *identity);

/** @return whether the server has refused our credentials (401), and nothing better since. */
bool identity_refused(const struct identity *identity);

/** @return why not, for people; NULL: it may. Borrowed. */
const char *identity_why(const struct identity *identity);

#endif
