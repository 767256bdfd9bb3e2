/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chosen - the cluster that a command of apigwctl is about
 */
#ifndef DAEMON_CHOSEN_H
#define DAEMON_CHOSEN_H

#include "base/log.h"
#include "daemon/cluster.h"
#include "daemon/commands.h"
#include "daemon/setup.h"

/** A config and one of its clusters. Storage of the caller, which must not move; all zero is empty. */
struct chosen {
    /** Owned. */
    struct setup setup;
    /** Opened, not started. Owned; NULL if it could not be opened. */
    struct cluster *cluster;
    /** What backends say: warnings and errors, on standard error. */
    struct log log;
};

/**
 * Reads the config and loads the backends of the cluster that is asked for. What is wrong is printed to
 * standard error, and which clusters there are if it is not clear which is meant.
 *
 * @param chosen  empty; for chosen_close() in any case.
 * @return EXIT_GOOD or EXIT_USAGE.
 */
enum exit_code chosen_open(const struct ctl_options *options, struct chosen *chosen);

/** Frees cluster and config; it is empty again. */
void chosen_close(struct chosen *chosen);

#endif
