/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/chosen.h"

#include <stdio.h>

/* The cluster that is asked for; tells which there are if it is not clear. */
static const struct config_cluster *choose(const struct config *config, const char *name)
{
    const struct config_cluster *cluster = config_cluster(config, name);

    if (cluster)
        return cluster;
    if (name)
        (void)fprintf(stderr, "error: no cluster \"%s\" in the config; there are:", name);
    else
        (void)fputs("error: the config has several clusters; choose one with --cluster:", stderr);
    for (size_t i = 0; i < config->clusters_count; i++)
        (void)fprintf(stderr, " %s", config->clusters[i].name);
    (void)fputs("\n", stderr);
    return NULL;
}

enum exit_code chosen_open(const struct ctl_options *options, struct chosen *chosen)
{
    const struct config_cluster *config;
    struct problems problems = {0};
    int result;

    chosen->log = (struct log){.level = LOG_LEVEL_WARNING, .out = stderr};
    if (setup_load(&chosen->setup, options->config ? options->config : setup_default_config,
                   &options->plugin_dirs) != EXIT_GOOD)
        return EXIT_USAGE;
    config = choose(chosen->setup.config, options->cluster);
    if (!config)
        return EXIT_USAGE;
    result = cluster_open(config, setup_dirs(&chosen->setup), &chosen->log, &chosen->cluster, &problems);
    (void)setup_print_problems(&problems);
    problems_release(&problems);
    if (result == ERROR_NO_MEMORY)
        (void)fputs("error: not enough memory\n", stderr);
    return result == 0 ? EXIT_GOOD : EXIT_USAGE;
}

void chosen_close(struct chosen *chosen)
{
    cluster_close(chosen->cluster);
    setup_release(&chosen->setup);
    chosen->cluster = NULL;
}
