/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cluster - one cluster of the config: its backends, and the way from its source through the controller to
 * its sink
 */
#ifndef DAEMON_CLUSTER_H
#define DAEMON_CLUSTER_H

#include "base/error.h"
#include "base/log.h"
#include "base/problem.h"
#include "config/config.h"
#include "directory/input.h"
#include "directory/output.h"
#include "object/moment.h"
#include "plugin/registry.h"
#include "reconcile/controller.h"

#include <stdbool.h>
#include <stddef.h>

/** A cluster at work. Read the members; change them through the functions only. */
struct cluster {
    /** Borrowed. */
    const struct config_cluster *config;
    /** Borrowed; may be NULL. */
    const struct log *log;
    /** Owned. */
    struct registry *registry;
    /** Owned; NULL until cluster_start(). */
    struct controller *controller;
    struct input *input;
    struct output *output;
    /** Of the last pass. */
    struct input_result read;
    /** Bytes of input that were walked through for places in this pass: each problem costs a look through its
     * file. */
    size_t walked;
};

/**
 * Loads the backends of a cluster. Nothing is read or written yet.
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

/**
 * Opens source and sink, and looks at what stands in the sink.
 *
 * @param progress_ms  as in struct controller_options.
 * @return 0; an error_code if the output as a whole cannot be used.
 */
int cluster_start(struct cluster *cluster, int64_t progress_ms, struct error *error);

/**
 * Reads what is new in the input.
 *
 * @param quiet  as in input_pass().
 * @return 0; an error_code if the input as a whole cannot be used: what was read before counts on.
 */
int cluster_read(struct cluster *cluster, bool quiet, struct error *error);

/**
 * Makes stand what follows from what was read.
 *
 * @param complete  what is not in the input is gone.
 * @return 0, also if Apis could not be served; an error_code of the sink as a whole.
 */
int cluster_settle(struct cluster *cluster, bool complete, struct moment now, struct error *error);

/** Reconciles what is due, until nothing is. @return 0 or an error_code of the sink as a whole. */
int cluster_run(struct cluster *cluster, struct moment now, struct error *error);

/**
 * Explains an Api, as controller_explain() does.
 *
 * @return also ERROR_NOT_FOUND if the cluster has not started yet.
 */
int cluster_explain(struct cluster *cluster, const char *key, struct moment now, json_t **out,
                    struct error *error);

/**
 * Looks again at a place of the sink that somebody may have changed.
 *
 * @param path  below the output: of a file, or of a folder with all that is in it; "" for everything.
 * @return 0 or an error_code.
 */
int cluster_look(struct cluster *cluster, const char *path, struct error *error);

#endif
