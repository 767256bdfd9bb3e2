/* SPDX-License-Identifier: Apache-2.0 */
/*
 * remote - a cluster whose source and sink are an API server, on the loop
 */
#ifndef DAEMON_REMOTE_H
#define DAEMON_REMOTE_H

#include "base/log.h"
#include "daemon/cluster.h"
#include "daemon/twins.h"

#include <stdbool.h>
#include <uv.h>

struct remote;

/**
 * Starts. A kubeconfig that cannot be read, a server that does not answer and credentials that are refused
 * are waited for; remote_why() tells.
 *
 * @param cluster  opened, with a config for Kubernetes; must outlive the remote. Its controller is set.
 * @param twins    tells whether another cluster has the server; must outlive the remote.
 * @param out      set on success, for remote_stop().
 * @return 0 or ERROR_NO_MEMORY.
 */
int remote_start(uv_loop_t *loop, struct cluster *cluster, const struct log *log, struct twins *twins,
                 struct remote **out, struct error *error);

/** Stops at once; writes under way are given up. The loop frees the rest, and must run until its handles are
 * closed. NULL is fine. */
void remote_stop(struct remote *remote);

/** @return why the cluster is not ready; NULL: it is. Borrowed until the loop turns. */
const char *remote_why(const struct remote *remote);

/** @return whether the kubeconfig is as it is in use, or cannot be read now. */
bool remote_is_current(const struct remote *remote);

#endif
