/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/access.h"

#include <stddef.h>

int access_load(const struct config_kubernetes *cluster, struct kubeconfig **out, struct error *error)
{
    struct kubeconfig_source source = {.path = cluster->kubeconfig, .context = cluster->context};

    kubeconfig_environment(&source);
    if (!cluster->in_cluster)
        return kubeconfig_load(&source, out, error);
    /* A kubeconfig that happens to be there would be somebody else's. */
    source.list = NULL;
    source.home = NULL;
    if (!source.service_host || !source.service_host[0])
        return error_set(error, ERROR_INVALID,
                         "inCluster: true, but this is no Pod: $KUBERNETES_SERVICE_HOST is not set; name a "
                         "kubeconfig instead");
    return kubeconfig_load(&source, out, error);
}
