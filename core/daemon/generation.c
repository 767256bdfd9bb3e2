/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/generation.h"

#include "base/text.h"
#include "daemon/servers.h"

#include <stdlib.h>
#include <string.h>

struct generation {
    struct setup setup;
    struct cluster **clusters;
    size_t count;
    size_t holders;
};

static int open_clusters(struct generation *generation, const struct log *log, struct problems *problems)
{
    const struct config *config = generation->setup.config;
    int result = 0;

    generation->clusters = calloc(config->clusters_count + 1, sizeof(struct cluster *));
    if (!generation->clusters)
        return ERROR_NO_MEMORY;
    generation->count = config->clusters_count;
    for (size_t i = 0; i < generation->count && result != ERROR_NO_MEMORY; i++) {
        int opened = cluster_open(&config->clusters[i], setup_dirs(&generation->setup), log,
                                  &generation->clusters[i], problems);
        result = opened != 0 ? opened : result;
    }
    return result;
}

int generation_load(const struct service_options *options, struct setup *setup, struct generation **out,
                    struct problems *problems)
{
    struct generation *generation = calloc(1, sizeof *generation);
    int result = 0;

    if (!generation)
        return ERROR_NO_MEMORY;
    if (setup) {
        generation->setup = *setup;
        *setup = (struct setup){0};
    } else {
        result = setup_read(&generation->setup, options->config, options->plugin_dirs, problems);
    }
    if (result == 0)
        result = servers_check(generation->setup.config, problems);
    if (result == 0)
        result = open_clusters(generation, options->log, problems);
    if (result != 0) {
        generation_release(generation);
        return result;
    }
    generation->holders = 1;
    *out = generation;
    return 0;
}

struct generation *generation_hold(struct generation *generation)
{
    generation->holders++;
    return generation;
}

void generation_release(struct generation *generation)
{
    if (!generation || (generation->holders > 0 && --generation->holders > 0))
        return;
    for (size_t i = 0; i < generation->count; i++)
        cluster_close(generation->clusters[i]);
    free(generation->clusters);
    setup_release(&generation->setup);
    free(generation);
}

size_t generation_count(const struct generation *generation)
{
    return generation->count;
}

const struct config_cluster *generation_config(const struct generation *generation, size_t number)
{
    return &generation->setup.config->clusters[number];
}

struct cluster *generation_cluster(const struct generation *generation, size_t number)
{
    return generation->clusters[number];
}

void generation_give(struct generation *generation, size_t number)
{
    generation->clusters[number] = NULL;
}

const struct config_admin *generation_admin(const struct generation *generation)
{
    return &generation->setup.config->admin;
}

bool generation_same_admin(const struct generation *a, const struct generation *b)
{
    const struct config_admin *first = generation_admin(a);
    const struct config_admin *second = generation_admin(b);

    return text_same(first->listen, second->listen) && text_same(first->socket, second->socket);
}

static bool same_registry(const struct registry *a, const struct registry *b)
{
    if (a->count != b->count || a->incomplete != b->incomplete)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (!backend_same(a->backends[i], b->backends[i]))
            return false;
    }
    return true;
}

bool generation_same(const struct generation *generation, size_t number, const struct cluster *running)
{
    const struct cluster *next = generation->clusters[number];
    const struct config_cluster *a = next->config;
    const struct config_cluster *b = running->config;

    return config_same_ends(a, b) && settings_equal(&a->settings, &b->settings) &&
           same_registry(next->registry, running->registry);
}

static bool count_asking(const struct controller_view *view, void *payload)
{
    size_t *count = payload;

    *count += view->authentication;
    return true;
}

size_t generation_drops(const struct generation *generation, size_t number, const struct cluster *running)
{
    const struct cluster *next = generation->clusters[number];
    size_t count = 0;

    if (next->config->settings.accept_unprotected ||
        registry_has_role(next->registry, APIGW_ROLE_AUTHENTICATION) ||
        !registry_has_role(running->registry, APIGW_ROLE_AUTHENTICATION) || !running->controller)
        return 0;
    return controller_each(running->controller, count_asking, &count) == 0 ? count : SIZE_MAX;
}
