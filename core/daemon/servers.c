/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/servers.h"

#include <stdlib.h>
#include <string.h>

int servers_load(const struct config_kubernetes *config, struct kubeconfig **out, struct error *error)
{
    struct kubeconfig_source source = {0};

    kubeconfig_environment(&source);
    source.path = config->kubeconfig;
    source.context = config->context;
    if (config->in_cluster) {
        source.list = NULL;
        source.home = NULL;
    }
    return kubeconfig_load(&source, out, error);
}

static void report(const struct config_cluster *cluster, const struct config_cluster *earlier,
                   const char *server, struct problems *problems)
{
    problems_add_at(
        problems, PROBLEM_ERROR, cluster->place.file ? cluster->place.file->path : NULL, 0, 0,
        cluster->place.path,
        "clusters \"%s\" and \"%s\" have one server, %s; each needs a server of its own, remove one of "
        "them",
        earlier->name, cluster->name, server);
}

static void check_one(const struct config *config, struct kubeconfig *const *loaded, size_t number,
                      struct problems *problems)
{
    for (size_t i = 0; i < number; i++) {
        if (!loaded[i] || strcmp(loaded[i]->server, loaded[number]->server) != 0)
            continue;
        report(&config->clusters[number], &config->clusters[i], loaded[number]->server, problems);
        return;
    }
}

int servers_check(const struct config *config, struct problems *problems)
{
    struct kubeconfig **loaded = calloc(config->clusters_count + 1, sizeof(struct kubeconfig *));
    size_t before = problems->errors;
    int result = 0;

    if (!loaded)
        return ERROR_NO_MEMORY;
    for (size_t i = 0; i < config->clusters_count && result == 0; i++) {
        struct error error = {0};
        if (!config->clusters[i].kubernetes)
            continue;
        if (servers_load(config->clusters[i].kubernetes, &loaded[i], &error) == ERROR_NO_MEMORY)
            result = ERROR_NO_MEMORY;
        if (loaded[i])
            check_one(config, loaded, i, problems);
    }
    for (size_t i = 0; i < config->clusters_count; i++)
        kubeconfig_free(loaded[i]);
    free(loaded);
    return result == 0 && problems->errors > before ? ERROR_INVALID : result;
}
