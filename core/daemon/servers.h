/* SPDX-License-Identifier: Apache-2.0 */
/*
 * servers - no two clusters of a config with one API server
 */
#ifndef DAEMON_SERVERS_H
#define DAEMON_SERVERS_H

#include "base/problem.h"
#include "config/config.h"
#include "kube/kubeconfig.h"

/** Reads the kubeconfig of a cluster that has one. @return as kubeconfig_load(). */
int servers_load(const struct config_kubernetes *config, struct kubeconfig **out, struct error *error);

/**
 * Compares the addresses. A kubeconfig that cannot be read now is passed over: it is looked at again when it
 * is there, and then the server tells who it is (identity.h).
 *
 * @param problems  gets an error for each cluster with the address of an earlier one.
 * @return 0, ERROR_INVALID or ERROR_NO_MEMORY.
 */
int servers_check(const struct config *config, struct problems *problems);

#endif
