/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host - the services that the daemon hands to a plugin
 */
#ifndef PLUGIN_HOST_H
#define PLUGIN_HOST_H

#include "apigw/plugin.h"
#include "base/log.h"

/** Services of one backend. The first member is what the plugin sees. */
struct host_services {
    struct apigw_host host;
    /** Borrowed; may be NULL. */
    const struct log *log;
    /** Borrowed: stands in every line. */
    const char *backend;
};

/** Fills the services in. `log` may be NULL: lines are dropped. */
void host_init(struct host_services *services, const struct log *log, const char *backend);

#endif
