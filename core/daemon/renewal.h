/* SPDX-License-Identifier: Apache-2.0 */
/*
 * renewal - credentials that stand in a kubeconfig itself, and are replaced there
 *
 * The files are read once a minute. Other credentials for the same server and context count at once. Another
 * server or context does not before a reload: "kubectl config use-context" must not lead a daemon elsewhere.
 */
#ifndef DAEMON_RENEWAL_H
#define DAEMON_RENEWAL_H

#include "base/log.h"
#include "config/config.h"
#include "kube/kubeconfig.h"

#include <stdbool.h>
#include <stdint.h>

/** Storage of the caller; all zero: the first look is due. */
struct renewal {
    /** When to look next, on the monotonic clock. */
    int64_t due_ms;
    /** It was said that the server is another one. */
    bool told;
};

/**
 * Looks, if that is due.
 *
 * @param config  of a cluster that is an API server.
 * @param used    what is in use.
 * @return whether the files have other credentials than those; what cannot be read changes nothing.
 */
bool renewal_look(struct renewal *renewal, const struct config_cluster *config, const struct kubeconfig *used,
                  int64_t now_ms, const struct log *log);

/** @return whether what the files say is what is in use, or cannot be read. */
bool renewal_is_current(const struct config_cluster *config, const struct kubeconfig *used);

#endif
