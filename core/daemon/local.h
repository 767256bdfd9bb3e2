/* SPDX-License-Identifier: Apache-2.0 */
/*
 * local - a cluster whose source and sink are folders, on the loop
 *
 * Watches its input and its output, makes a pass when the input has changed, has keys reconciled when they
 * are due, and tries again what failed. A cluster that fails leaves the others alone.
 */
#ifndef DAEMON_LOCAL_H
#define DAEMON_LOCAL_H

#include "base/log.h"
#include "daemon/cluster.h"

#include <stdbool.h>
#include <uv.h>

struct local;

/**
 * Starts a cluster. What cannot be had at the moment is tried again, and told by local_why().
 *
 * @param cluster  opened by cluster_open() and not started; must outlive it.
 * @param out      set on success, for local_stop().
 * @return 0 or ERROR_NO_MEMORY.
 */
int local_start(uv_loop_t *loop, struct cluster *cluster, const struct log *log, struct local **out,
                struct error *error);

/** Stops a cluster: what is staged is committed or dropped, source and sink are closed at once. The loop
 * frees the rest, and must run until its handles are closed. NULL is fine. */
void local_stop(struct local *local);

/** @return why the cluster is not ready, for people, borrowed until the loop turns; NULL: its input and its
 * output were read, and what follows from them stands or was refused for a reason that is told. */
const char *local_why(const struct local *local);

/** @return why not every change is seen at once; NULL: all are. Borrowed. */
const char *local_degraded(const struct local *local);

#endif
