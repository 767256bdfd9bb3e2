/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cluster.h"

#include "base/json.h"
#include "directory/sink.h"
#include "object/key.h"
#include "reconcile/reconcile.h"
#include "reconcile/render.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The kinds and indexes that one backend reads. */
static int declare(struct store *store, const struct apigw_plugin *plugin)
{
    int kind = 0;

    for (uint32_t i = 0; i < plugin->kinds_count && kind >= 0; i++)
        kind = store_add_kind(store, plugin->kinds[i].group, plugin->kinds[i].kind);
    return kind < 0 ? kind : render_declare(store, plugin);
}

static int open_store(struct cluster *cluster)
{
    int result = 0;

    cluster->store = store_new();
    if (!cluster->store)
        return ERROR_NO_MEMORY;
    cluster->apis = store_add_kind(cluster->store, API_GROUP, API_KIND);
    if (cluster->apis < 0)
        return cluster->apis;
    for (size_t i = 0; i < cluster->registry->count && result == 0; i++)
        result = declare(cluster->store, &cluster->registry->backends[i]->plugin->descriptor);
    return result;
}

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
    if (result == 0)
        result = open_store(cluster);
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
    store_free(cluster->store);
    registry_free(cluster->registry);
    free(cluster);
}

/* Tells that an object stands in two places; the one that was read first counts. */
static void tell_repeated(const struct cluster *cluster, const struct event *event,
                          const struct store_object *first)
{
    size_t from = cluster->problems->count;

    problems_add(cluster->problems, PROBLEM_ERROR, "metadata.name",
                 "the %s %s/%s stands already in %s, which counts; remove one of the two",
                 json_string_value(json_member(event->object, "kind")), object_namespace(event->object),
                 object_name(event->object), first->file ? first->file : "another input");
    if (event->file)
        source_locate(event->file, event->document, event->item, cluster->problems, from);
}

/* The number of the object's kind in the store; any version of a group is the same kind. */
static int kind_of(const struct store *store, const json_t *object)
{
    const char *version = json_string_value(json_member(object, "apiVersion"));
    const char *kind = json_string_value(json_member(object, "kind"));
    const char *slash = version ? strchr(version, '/') : NULL;
    char group[SUBDOMAIN_MAX + 1];

    if (!version || !kind || (slash && (size_t)(slash - version) >= sizeof group))
        return ERROR_NOT_FOUND;
    (void)snprintf(group, sizeof group, "%.*s", slash ? (int)(slash - version) : 0, version);
    return store_kind(store, group, kind);
}

int cluster_take(const struct event *event, void *payload, struct error *error)
{
    struct cluster *cluster = payload;
    const struct store_object *first;
    int kind = kind_of(cluster->store, event->object);

    if (kind < 0) {
        cluster->ignored++;
        return 0;
    }
    first = store_get(cluster->store, kind, object_namespace(event->object), object_name(event->object));
    if (first) {
        cluster->repeated++;
        tell_repeated(cluster, event, first);
        return 0;
    }
    if (store_put(cluster->store, kind, event) != 0)
        return error_no_memory(error);
    return 0;
}

/* What reconciling all Apis of a run shares. */
struct run {
    struct cluster *cluster;
    struct reconciler reconciler;
    struct summary *summary;
    struct error *error;
    int result;
    /* Bytes of input that were walked through for places: each problem costs a look through its file. */
    size_t walked;
};

/* About a second. A person mends the first hundred places, looks again and finds the next; files of rubbish
 * must not cost minutes. */
static const size_t max_walked = 64UL * 1024 * 1024;

/* Beyond the limit problems tell their file only. */
static void place(struct run *run, const struct store_object *object, struct problems *problems)
{
    struct stat info;

    if (!object->file || problems->count == 0)
        return;
    if (stat(object->file, &info) == 0)
        run->walked += (size_t)info.st_size * (problems->count + 1);
    if (run->walked <= max_walked)
        source_locate(object->file, object->document, object->item, problems, 0);
    for (size_t i = 0; i < problems->count; i++) {
        if (!problems->list[i].file[0])
            (void)problem_place(&problems->list[i], object->file, 0, 0);
    }
}

/* One log line for each problem of an input. */
static void log_problems(const struct log *log, const struct problems *problems, const char *api)
{
    char dropped[32];

    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->list[i];
        bool bad = problem->severity == PROBLEM_ERROR;
        struct text at = text_empty();

        text_append_string(&at, problem->file);
        if (problem->line > 0)
            text_append_format(&at, ":%zu:%zu", problem->line, problem->column);
        log_write(log, bad ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING, bad ? "input refused" : "input doubtful",
                  "api", api, "at", at.length > 0 ? at.data : NULL, "path",
                  problem->path[0] ? problem->path : NULL, "error", problem->message, (char *)NULL);
        text_release(&at);
    }
    (void)snprintf(dropped, sizeof dropped, "%zu", problems->dropped);
    if (problems->dropped > 0)
        log_write(log, LOG_LEVEL_WARNING, "more problems not shown", "api", api, "count", dropped,
                  (char *)NULL);
}

static bool reconcile_one(const struct store_object *object, void *payload)
{
    struct run *run = payload;
    struct problems problems = {0};
    struct reconcile_result result = {0};
    char key[KEY_SIZE];
    json_t *api = store_parse(object);

    if (!api) {
        run->result = error_no_memory(run->error);
        return false;
    }
    key_format(key, object->name_space, object->name);
    run->result = reconcile_api(&run->reconciler, api, &problems, &result, run->error);
    place(run, object, &problems);
    log_problems(run->cluster->log, &problems, key);
    problems_release(&problems);
    json_decref(api);
    if (run->result == ERROR_IO) {
        /* The status of this Api could not be written; the others have a claim to theirs. */
        log_write(run->cluster->log, LOG_LEVEL_ERROR, "status not written", "api", key, "error",
                  run->error->message, (char *)NULL);
        run->summary->failures++;
        run->result = 0;
    }
    if (run->result == 0 && !summary_add(run->summary, object->name_space, object->name, &result))
        run->result = error_no_memory(run->error);
    return run->result == 0;
}

static int reconcile_all(struct cluster *cluster, struct sink *sink, struct summary *summary,
                         struct error *error)
{
    struct run run = {
        .cluster = cluster,
        .reconciler = {.settings = &cluster->config->settings,
                       .registry = cluster->registry,
                       .store = cluster->store,
                       .sink = sink,
                       .log = cluster->log},
        .summary = summary,
        .error = error,
    };
    int result = store_each(cluster->store, cluster->apis, reconcile_one, &run);

    return result != 0 ? error_no_memory(error) : run.result;
}

int cluster_run(struct cluster *cluster, struct summary *summary, struct error *error)
{
    struct problems problems = {0};
    struct source_result read = {0};
    struct source_reader reader = {
        .take = cluster_take, .payload = cluster, .result = &read, .problems = &problems};
    struct sink *sink = NULL;
    int result = directory_sink_new(cluster->config->output, &sink, error);

    cluster->problems = &problems;
    if (result == 0)
        result = source_read_directory(cluster->config->input, cluster->config->output, &reader, error);
    log_problems(cluster->log, &problems, NULL);
    cluster->problems = NULL;
    problems_release(&problems);
    summary->failures += read.quarantined + read.refused + cluster->repeated;
    if (result == 0)
        result = reconcile_all(cluster, sink, summary, error);
    directory_sink_free(sink);
    return result;
}
