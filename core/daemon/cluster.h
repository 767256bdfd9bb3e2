/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cluster - one cluster of the config: its backends, its objects, and the run from source to sink
 */
#ifndef DAEMON_CLUSTER_H
#define DAEMON_CLUSTER_H

#include "base/error.h"
#include "base/log.h"
#include "base/problem.h"
#include "config/config.h"
#include "daemon/summary.h"
#include "directory/source.h"
#include "object/event.h"
#include "plugin/registry.h"
#include "store/store.h"

#include <stddef.h>

/** A cluster at work. Read the members; change them through the functions only. */
struct cluster {
    /** Borrowed. */
    const struct config_cluster *config;
    /** Borrowed; may be NULL. */
    const struct log *log;
    /** Owned. */
    struct registry *registry;
    /** Owned. */
    struct store *store;
    /** Number of the kind Api in the store. */
    int apis;
    /** Where objects that cannot be taken are told. Borrowed; set while a source is read. */
    struct problems *problems;
    /** Objects of kinds that no backend asked for. */
    size_t ignored;
    /** Objects that stand in a second place and do not count from there. */
    size_t repeated;
};

/**
 * Loads the backends of a cluster and makes an empty store with the indexes that they ask for.
 *
 * @param config    must outlive the cluster.
 * @param dirs      where plugins are looked for, NULL-terminated.
 * @param log       must outlive the cluster; may be NULL.
 * @param out       set on success, owned by caller, for cluster_close().
 * @param problems  what is wrong with the backends, with places.
 * @return 0, ERROR_INVALID (problems holds an error) or ERROR_NO_MEMORY.
 */
int cluster_open(const struct config_cluster *config, const char *const *dirs, const struct log *log,
                 struct cluster **out, struct problems *problems);

/** Frees a cluster. NULL is fine. */
void cluster_close(struct cluster *cluster);

/** Takes an object that a source has read (event_fn); `payload` is the cluster. */
int cluster_take(const struct event *event, void *payload, struct error *error);

/**
 * Reads the cluster's input to its end, makes what its Apis ask for stand in its output, and reports.
 *
 * @param summary  gets a row for each Api. Not NULL.
 * @return 0, also if Apis could not be served (the summary says which); an error_code if the input or the
 *         output as a whole cannot be used: nothing was written then.
 */
int cluster_run(struct cluster *cluster, struct summary *summary, struct error *error);

#endif
