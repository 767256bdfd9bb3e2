/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "config/config_load.h"
#include "config/yaml.h"
#include "object/key.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const struct apigw_option name_options[] = {
    {.name = "name",
     .type = APIGW_OPTION_STRING,
     .flags = APIGW_OPTION_REQUIRED,
     .doc = "Unique, a DNS label"},
};

static const struct apigw_option directory_options[] = {
    {.name = "allowEmpty",
     .type = APIGW_OPTION_BOOL,
     .default_json = "false",
     .doc = "Believe an input without a single Api, and remove what others left"},
    {.name = "input",
     .type = APIGW_OPTION_STRING,
     .flags = APIGW_OPTION_REQUIRED,
     .doc = "Folder of the Apis"},
    {.name = "output",
     .type = APIGW_OPTION_STRING,
     .flags = APIGW_OPTION_REQUIRED,
     .doc = "Folder of outputs"},
};

static const struct schema directory_schema = {.options = directory_options, .count = 3};
static const struct config_section directory_section = {.schemas = &directory_schema, .schemas_count = 1};
static const char *const cluster_others[] = {"backends", "defaultIssuer", "directory", "domain",
                                             "kubernetes"};

/* Reports a cluster that is named as an earlier one. */
static void check_twice(const struct config_scope *scope, const char *name)
{
    const struct config *config = scope->load->config;

    for (size_t i = 0; i < config->clusters_count; i++) {
        const struct config_place *place = &config->clusters[i].place;
        struct yaml_mark mark;
        if (!config->clusters[i].name || !place->path || strcmp(config->clusters[i].name, name) != 0)
            continue;
        mark = (struct yaml_mark){0, 0};
        if (scope->load->problems->dropped == 0)
            mark = yaml_locate(place->file->text, place->file->size, 0, place->path);
        config_report(scope, PROBLEM_ERROR, "cluster \"%s\" is given twice; the first stands at %s:%zu:%zu",
                      name, place->file->path, mark.line, mark.column);
        return;
    }
}

static char *read_name(const struct config_scope *scope, const json_t *value)
{
    const char *name = json_string_value(json_member(value, "name"));
    struct config_scope inner;

    if (!name)
        return NULL;
    inner = config_scope_member(scope, "name");
    if (name_is_label(name)) {
        check_twice(&inner, name);
    } else {
        struct text quoted = config_quoted(name);
        config_report(
            &inner, PROBLEM_ERROR,
            "%s is no name of a cluster; expected a DNS label: at most 63 lower-case letters, digits "
            "and dashes",
            quoted.data);
        text_release(&quoted);
    }
    config_scope_release(&inner);
    return config_copy(scope->load, name);
}

static char *read_folder(const struct config_scope *scope, const json_t *directory, const char *key)
{
    const char *path = json_string_value(json_member(directory, key));
    struct config_scope inner;
    char *absolute;

    if (!path)
        return NULL;
    inner = config_scope_member(scope, key);
    if (!path[0])
        config_report(&inner, PROBLEM_ERROR, "expected the path of a folder, found an empty string");
    if (strlen(path) >= PATH_MAX)
        config_report(&inner, PROBLEM_ERROR, "a path of %zu characters; expected less than %d", strlen(path),
                      PATH_MAX);
    if (path[0] == '~')
        config_report(&inner, PROBLEM_WARNING, "~ stands for itself here, not for a home folder");
    config_scope_release(&inner);
    if (!path[0] || strlen(path) >= PATH_MAX)
        return NULL;
    absolute = config_path_absolute(scope->file, path);
    scope->load->failed = scope->load->failed || !absolute;
    return absolute;
}

static void read_directory(const struct config_scope *scope, const json_t *value,
                           struct config_cluster *cluster)
{
    const json_t *directory = json_member(value, "directory");
    struct config_scope inner = config_scope_member(scope, "directory");

    if (config_check_section(&inner, &directory_section, directory)) {
        cluster->input = read_folder(&inner, directory, "input");
        cluster->output = read_folder(&inner, directory, "output");
        cluster->allow_empty = json_is_true(json_member(directory, "allowEmpty"));
    }
    config_scope_release(&inner);
}

/* Where Apis come from and where outputs go: a directory or an API server, and never both. */
static void read_ends(const struct config_scope *scope, const json_t *value, struct config_cluster *cluster)
{
    const json_t *kubernetes = json_member(value, "kubernetes");
    const bool is_directory = json_member(value, "directory") != NULL;
    struct config_scope inner = config_scope_member(scope, "kubernetes");

    if (kubernetes && is_directory)
        config_report(
            &inner, PROBLEM_ERROR,
            "stands beside \"directory\"; expected exactly one of both, each cluster has one source "
            "and one sink");
    else if (kubernetes)
        config_read_kubernetes(&inner, kubernetes, cluster);
    else if (!is_directory)
        config_report(scope, PROBLEM_ERROR,
                      "neither \"directory\" nor \"kubernetes\" is given; expected exactly one of both");
    if (is_directory)
        read_directory(scope, value, cluster);
    config_scope_release(&inner);
}

static void check_keys(const struct config_scope *scope, const json_t *value)
{
    const struct schema schemas[] = {{.options = name_options, .count = 1}, config_settings_schema};
    const struct config_section section = {.schemas = schemas,
                                           .schemas_count = 2,
                                           .others = cluster_others,
                                           .others_count = sizeof cluster_others / sizeof cluster_others[0]};

    (void)config_check_section(scope, &section, value);
}

static void read_cluster(const struct config_scope *scope, const json_t *value)
{
    struct config_load *load = scope->load;
    void *list = load->config->clusters;
    struct config_cluster cluster = {.place = {.file = scope->file}};
    struct config_cluster *added;
    struct config_scope backends;

    if (!json_is_object(value)) {
        config_report(scope, PROBLEM_ERROR, "expected an object with the name of a cluster, found %s",
                      json_kind(value));
        return;
    }
    if (load->config->clusters_count >= CONFIG_CLUSTERS_MAX) {
        config_report(scope, PROBLEM_ERROR, "too many clusters; at most %d are read", CONFIG_CLUSTERS_MAX);
        return;
    }
    added = config_grow(load, &list, load->config->clusters_count, sizeof *added);
    if (!added)
        return;
    load->config->clusters = list;
    check_keys(scope, value);
    cluster.name = read_name(scope, value);
    cluster.place.path = config_copy(load, scope->path.data);
    if (!settings_copy(&cluster.settings, &load->settings))
        load->failed = true;
    config_read_settings(scope, value, &cluster.settings);
    read_ends(scope, value, &cluster);
    backends = config_scope_member(scope, "backends");
    config_lay_backends(&backends, json_member(value, "backends"), &cluster);
    config_scope_release(&backends);
    *added = cluster;
    load->config->clusters_count++;
}

void config_read_clusters(const struct config_scope *scope, const json_t *clusters)
{
    json_t *value;
    size_t i;

    if (clusters && !json_is_null(clusters) && !json_is_array(clusters))
        config_report(scope, PROBLEM_ERROR, "expected a list of clusters, found %s", json_kind(clusters));
    json_array_foreach(clusters, i, value)
    {
        struct config_scope inner = config_scope_element(scope, i);
        read_cluster(&inner, value);
        config_scope_release(&inner);
    }
}

void config_cluster_release(struct config_cluster *cluster)
{
    for (size_t i = 0; i < cluster->backends_count; i++) {
        struct config_backend *backend = &cluster->backends[i];
        free(backend->name);
        free(backend->plugin);
        json_decref(backend->config);
        free(backend->base.path);
        free(backend->own.path);
    }
    free(cluster->backends);
    settings_release(&cluster->settings);
    free(cluster->name);
    free(cluster->input);
    free(cluster->output);
    config_kubernetes_free(cluster->kubernetes);
    free(cluster->place.path);
}
