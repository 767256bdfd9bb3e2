/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner - one cluster that is kept right while the loop turns, whatever its source and sink are
 *
 * A cluster that fails leaves the others alone.
 */
#ifndef DAEMON_RUNNER_H
#define DAEMON_RUNNER_H

#include "base/log.h"
#include "daemon/cluster.h"
#include "daemon/twins.h"

#include <uv.h>

struct runner;

/**
 * Starts a cluster. What cannot be had at the moment is tried again, and told by runner_why().
 *
 * @param cluster  opened by cluster_open() and not started; taken over on success.
 * @param twins    as in remote_start().
 * @param out      set on success, for runner_stop().
 * @return 0 or ERROR_NO_MEMORY.
 */
int runner_start(uv_loop_t *loop, struct cluster *cluster, const struct log *log, struct twins *twins,
                 struct runner **out, struct error *error);

/** Stops a cluster: source and sink are closed at once. The loop frees the rest, and must run until its
 * handles are closed. NULL is fine. */
void runner_stop(struct runner *runner);

/** @return the cluster, borrowed. */
struct cluster *runner_cluster(const struct runner *runner);

/** @return why the cluster is not ready, for people, borrowed until the loop turns; NULL: its source and its
 * sink were read, and what follows from them stands or was refused for a reason that is told. */
const char *runner_why(const struct runner *runner);

/** @return whether what its config refers to (a kubeconfig) is as it is in use. */
bool runner_is_current(const struct runner *runner);

/** @return why not every change is seen at once; NULL: all are. Borrowed. */
const char *runner_degraded(const struct runner *runner);

#endif
