/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/renewal.h"

#include "daemon/servers.h"

#include <stddef.h>

static const int64_t look_ms = 60000;

static bool renews(struct renewal *renewal, const char *cluster, const struct kubeconfig *used,
                   const struct kubeconfig *next, const struct log *log)
{
    if (kubeconfig_same(used, next)) {
        renewal->told = false;
        return false;
    }
    if (kubeconfig_same_server(used, next)) {
        log_write(log, LOG_LEVEL_INFO, "credentials renewed", "cluster", cluster, "file", next->origin,
                  (char *)NULL);
        return true;
    }
    if (!renewal->told)
        log_write(log, LOG_LEVEL_WARNING, "kubeconfig not followed", "cluster", cluster, "file", next->origin,
                  "error", "it names another server, context or proxy now; reload or restart to go there",
                  (char *)NULL);
    renewal->told = true;
    return false;
}

bool renewal_look(struct renewal *renewal, const struct config_cluster *config, const struct kubeconfig *used,
                  int64_t now_ms, const struct log *log)
{
    struct kubeconfig *next = NULL;
    struct error ignored = {0};
    bool renewed;

    if (now_ms < renewal->due_ms)
        return false;
    /* What was read a moment ago is not read again. */
    renewed = renewal->due_ms > 0 && servers_load(config->kubernetes, &next, &ignored) == 0 &&
              renews(renewal, config->name, used, next, log);
    renewal->due_ms = now_ms + look_ms;
    kubeconfig_free(next);
    return renewed;
}

bool renewal_is_current(const struct config_cluster *config, const struct kubeconfig *used)
{
    struct kubeconfig *next = NULL;
    struct error ignored = {0};
    bool current = servers_load(config->kubernetes, &next, &ignored) != 0 || kubeconfig_same(used, next);

    kubeconfig_free(next);
    return current;
}
