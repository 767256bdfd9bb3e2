/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cluster.h"

#include "directory/source.h"
#include "object/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* A person mends a hundred places, looks again and finds the next; a file of rubbish must not cost minutes.
 */
static const size_t max_located = 1000;

int cluster_open(const struct config_cluster *config, const char *const *dirs, const struct log *log,
                 struct cluster **out, struct problems *problems)
{
    struct cluster *cluster = calloc(1, sizeof *cluster);
    int result;

    if (!cluster)
        return ERROR_NO_MEMORY;
    cluster->config = config;
    cluster->log = log;
    result = registry_build(config, dirs, log, &cluster->registry, problems);
    if (result != 0) {
        cluster_close(cluster);
        return result;
    }
    *out = cluster;
    return 0;
}

void cluster_close(struct cluster *cluster)
{
    if (!cluster)
        return;
    controller_free(cluster->controller);
    input_free(cluster->input);
    output_close(cluster->output);
    registry_free(cluster->registry);
    free(cluster);
}

static void locate(const struct event *where, struct problems *problems, void *payload)
{
    struct cluster *cluster = payload;

    if (where->file && cluster->located < max_located)
        source_locate(where->file, where->document, where->item, problems, 0);
    cluster->located += problems->count;
}

/* A place is not as it was thought to be. */
static void look(const struct object_ref *ref, void *payload)
{
    struct cluster *cluster = payload;
    const struct output_listener listener = {.observe = controller_observe,
                                             .status = controller_observe_status,
                                             .failed = controller_failed,
                                             .payload = cluster->controller};

    if (output_look_at(cluster->output, ref, &listener, &cluster->failure) != 0 && cluster->failure.code == 0)
        (void)error_set(&cluster->failure, ERROR_IO, "an output cannot be looked at");
}

/* Not to be guessed by whoever writes what is read here. */
static uint64_t make_seed(void)
{
    uint64_t seed = 0;

    if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
        seed = (uint64_t)(uintptr_t)&seed;
    return seed ? seed : 1;
}

static struct output_listener listener_of(const struct cluster *cluster)
{
    return (struct output_listener){.observe = controller_observe,
                                    .status = controller_observe_status,
                                    .failed = controller_failed,
                                    .payload = cluster->controller};
}

int cluster_start(struct cluster *cluster, int64_t progress_ms, struct error *error)
{
    const struct config_cluster *config = cluster->config;
    const struct input_options input = {
        .path = config->input, .skip = config->output, .allow_empty = config->allow_empty};
    struct controller_options options = {.cluster = config->name,
                                         .settings = &config->settings,
                                         .registry = cluster->registry,
                                         .log = cluster->log,
                                         .progress_ms = progress_ms,
                                         .seed = make_seed(),
                                         .locate = locate,
                                         .look = look,
                                         .payload = cluster};
    struct output_listener listener;
    int result = output_open(config->output, &cluster->output, error);

    if (result == 0)
        result = input_new(&input, &cluster->input, error);
    if (result != 0)
        return result;
    options.sink = output_sink(cluster->output);
    result = controller_new(&options, &cluster->controller, error);
    if (result != 0)
        return result;
    listener = listener_of(cluster);
    result = output_read(cluster->output, &listener, error);
    if (result == 0)
        controller_set_observed(cluster->controller, true);
    return result;
}

/* One log line for each problem of an input. */
static void log_problems(const struct cluster *cluster, const struct problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->list[i];
        bool bad = problem->severity == PROBLEM_ERROR;
        char at[512] = "";

        if (problem->line > 0)
            (void)snprintf(at, sizeof at, "%s:%zu:%zu", problem->file, problem->line, problem->column);
        else
            (void)snprintf(at, sizeof at, "%s", problem->file);
        log_write(cluster->log, bad ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING,
                  bad ? "input refused" : "input doubtful", "cluster", cluster->config->name, "at",
                  at[0] ? at : NULL, "path", problem->path[0] ? problem->path : NULL, "error",
                  problem->message, (char *)NULL);
    }
}

int cluster_run(struct cluster *cluster, struct moment now, struct error *error)
{
    const struct output_listener listener = listener_of(cluster);
    int result = 0;

    /* What a commit could not do is tried again at once, for a truthful status. */
    do {
        cluster->failure = (struct error){0};
        result = controller_run(cluster->controller, now, error);
        if (result == 0)
            result = output_commit(cluster->output, &listener, error);
        if (result == 0 && cluster->failure.code != 0)
            result = error_set(error, cluster->failure.code, "%s", cluster->failure.message);
    } while (result == 0 && controller_next(cluster->controller) <= now.ms);
    return result;
}

int cluster_pass(struct cluster *cluster, bool quiet, struct moment now, struct error *error)
{
    struct problems problems = {0};
    const struct input_listener listener = {.put = controller_put,
                                            .gone = controller_gone,
                                            .payload = cluster->controller,
                                            .problems = &problems};
    int result;

    cluster->located = 0;
    result = input_pass(cluster->input, &listener, quiet, &cluster->read, error);
    log_problems(cluster, &problems);
    problems_release(&problems);
    if (result != 0) {
        (void)controller_set_complete(cluster->controller, false, NULL);
        return result;
    }
    result = controller_set_complete(cluster->controller, cluster->read.complete, error);
    return result == 0 ? cluster_run(cluster, now, error) : result;
}
