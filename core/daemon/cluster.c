/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cluster.h"

#include "base/problem_log.h"
#include "directory/source.h"
#include "object/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* About a second. A person mends the first hundred places, looks again and finds the next; files of rubbish
 * must not cost minutes. */
static const size_t max_walked = 64UL * 1024 * 1024;

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

/* Beyond the limit problems tell their file only. */
static void locate(const struct event *where, struct problems *problems, void *payload)
{
    struct cluster *cluster = payload;
    struct stat info;

    if (!where->file)
        return;
    if (stat(where->file, &info) == 0)
        cluster->walked += (size_t)info.st_size * (problems->count + 1);
    if (cluster->walked <= max_walked)
        source_locate(where->file, where->document, where->item, problems, 0);
    for (size_t i = 0; i < problems->count; i++) {
        if (!problems->list[i].file[0])
            (void)problem_place(&problems->list[i], where->file, 0, 0);
    }
}

static struct output_listener listener_of(const struct cluster *cluster)
{
    return (struct output_listener){.observe = controller_observe,
                                    .prepare = controller_prepare,
                                    .discard = controller_discard,
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
                                         .gathers = true,
                                         .seed = imprint_seed(),
                                         .locate = locate,
                                         .payload = cluster};
    struct output_listener listener;
    int result;

    if (config->kubernetes)
        return error_set(
            error, ERROR_INVALID,
            "cluster \"%s\" is an API server, which has no end to read to; --once is for directories",
            config->name);
    result = output_open(config->output, &cluster->output, error);
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

int cluster_read(struct cluster *cluster, bool quiet, struct error *error)
{
    struct problems problems = {0};
    const struct input_listener listener = {.put = controller_put,
                                            .gone = controller_gone,
                                            .payload = cluster->controller,
                                            .problems = &problems};
    int result;

    cluster->walked = 0;
    result = input_pass(cluster->input, &listener, quiet, &cluster->read, error);
    problems_log(&problems, cluster->log, cluster->config->name, NULL);
    problems_release(&problems);
    return result;
}

int cluster_explain(struct cluster *cluster, const char *key, struct moment now, json_t **out,
                    struct error *error)
{
    if (!cluster->controller)
        return error_set(error, ERROR_NOT_FOUND, "no such Api");
    cluster->walked = 0;
    return controller_explain(cluster->controller, key, now, out, error);
}

/* Paths of places below a folder, gathered before anything is said to the controller. */
struct gathering {
    const char *folder;
    struct string_list paths;
    bool failed;
};

static bool below(const char *path, const char *folder)
{
    size_t length = strlen(folder);

    return strncmp(path, folder, length) == 0 && (length == 0 || path[length] == '/' || path[length] == '\0');
}

static void gather(const struct object_ref *ref, void *payload)
{
    struct gathering *gathering = payload;
    char path[OUTPUT_PATH_SIZE];

    if (!output_path(ref, path) || !below(path, gathering->folder))
        return;
    gathering->failed = gathering->failed || !string_list_add(&gathering->paths, path);
}

/* Apis whose statuses should stand below a folder, as keys. */
static bool gather_status(const struct controller_view *view, void *payload)
{
    struct gathering *gathering = payload;
    char key[KEY_SIZE];
    char folder[sizeof "status/" + LABEL_MAX];

    (void)snprintf(folder, sizeof folder, "status/%s", view->name_space);
    if (!below(folder, gathering->folder))
        return true;
    key_format(key, view->name_space, view->name);
    return string_list_add(&gathering->paths, key);
}

/* Every status below a folder that is gone, or was put there anew, may be missing. */
static int look_at_statuses(struct cluster *cluster, const char *folder, struct error *error)
{
    struct gathering gathering = {.folder = folder};
    int result = controller_each(cluster->controller, gather_status, &gathering);

    if (result != 0)
        result = error_no_memory(error);
    for (size_t i = 0; i < gathering.paths.count && result == 0; i++) {
        char *name_space = gathering.paths.items[i];
        const char *name = key_cut(name_space);
        result = controller_observe_status(name_space, name, cluster->controller, error);
    }
    string_list_release(&gathering.paths);
    return result;
}

/* What stood there, and then what stands there that was not known. */
static int look_below(struct cluster *cluster, const char *folder, const struct output_listener *listener,
                      struct error *error)
{
    struct gathering gathering = {.folder = folder};
    int result = 0;

    if (!below(folder, "status"))
        controller_each_place(cluster->controller, gather, &gathering);
    if (gathering.failed)
        result = error_no_memory(error);
    for (size_t i = 0; i < gathering.paths.count && result == 0; i++)
        result = output_look(cluster->output, gathering.paths.items[i], listener, error);
    string_list_release(&gathering.paths);
    if (result == 0 && !below(folder, "resources"))
        result = look_at_statuses(cluster, folder, error);
    return result == 0 ? output_read_below(cluster->output, folder, listener, error) : result;
}

/* If the output is another folder now, what stands in that one. */
static int follow(struct cluster *cluster, bool *moved, struct error *error)
{
    const struct output_listener listener = listener_of(cluster);
    int result = output_follow(cluster->output, moved, error);

    return result == 0 && *moved ? look_below(cluster, "", &listener, error) : result;
}

int cluster_run(struct cluster *cluster, struct moment now, struct error *error)
{
    const struct output_listener listener = listener_of(cluster);
    bool moved = false;
    int result = follow(cluster, &moved, error);

    if (result != 0)
        return result;
    /* What a commit could not do is tried again at once, for a truthful status. */
    do {
        result = controller_run(cluster->controller, now, error);
        if (result == 0)
            result = output_commit(cluster->output, &listener, error);
        if (result == 0)
            result = controller_committed(cluster->controller, error);
    } while (result == 0 && controller_next(cluster->controller) <= now.ms);
    return result;
}

int cluster_settle(struct cluster *cluster, bool complete, struct moment now, struct error *error)
{
    int result = controller_set_complete(cluster->controller, complete, error);

    return result == 0 ? cluster_run(cluster, now, error) : result;
}

int cluster_look(struct cluster *cluster, const char *path, struct error *error)
{
    const struct output_listener listener = listener_of(cluster);
    const char *name = strrchr(path, '/');
    bool moved = false;
    int result = path[0] ? 0 : follow(cluster, &moved, error);

    if (result != 0 || moved)
        return result;
    if (name && strlen(name) > 5 && strcmp(name + strlen(name) - 5, ".yaml") == 0)
        return output_look(cluster->output, path, &listener, error);
    return look_below(cluster, path, &listener, error);
}
