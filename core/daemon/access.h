/* SPDX-License-Identifier: Apache-2.0 */
/*
 * access - from the config of a cluster to its server and to who we are there
 */
#ifndef DAEMON_ACCESS_H
#define DAEMON_ACCESS_H

#include "base/error.h"
#include "config/config.h"
#include "kube/kubeconfig.h"

/**
 * Reads the kubeconfig, or what the Pod has.
 *
 * @param cluster  of a Kubernetes cluster.
 * @param out      set on success, owned by caller, for kubeconfig_free().
 * @return 0; ERROR_INVALID also if we are to be in a Pod and are not; else as kubeconfig_load().
 */
int access_load(const struct config_kubernetes *cluster, struct kubeconfig **out, struct error *error);

#endif
