/* SPDX-License-Identifier: Apache-2.0 */
/*
 * remote_listener - what is heard from an API server goes to the controller of the cluster
 */
#ifndef DAEMON_REMOTE_LISTENER_H
#define DAEMON_REMOTE_LISTENER_H

#include "daemon/cluster.h"
#include "kube/apiserver.h"
#include "object/moment.h"

/** Who hears. All borrowed. The controller may be another one each time. */
struct remote_listener {
    struct cluster *cluster;
    /** The time of this turn of the loop. */
    const struct moment *now;
};

/** @return the listener; `listener` is its payload and must live as long. */
struct apiserver_listener remote_listener_of(const struct remote_listener *listener);

#endif
