/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "base/text.h"
#include "config/config_load.h"
#include "config/yaml.h"
#include "object/key.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const struct apigw_option kubernetes_options[] = {
    {.name = "context",
     .type = APIGW_OPTION_STRING,
     .doc = "Context of the kubeconfig; without it its current-context"},
    {.name = "inCluster",
     .type = APIGW_OPTION_BOOL,
     .default_json = "false",
     .doc = "The server that this Pod runs on, by its service account"},
    {.name = "kubeconfig",
     .type = APIGW_OPTION_STRING,
     .doc = "File that says which server and who we are; without it what kubectl would read"},
    {.name = "labelSelector",
     .type = APIGW_OPTION_STRING,
     .doc = "Serve only Apis whose labels match; without it all"},
    {.name = "namespaces",
     .type = APIGW_OPTION_STRING_LIST,
     .doc = "Serve only Apis of these; empty or without it all"},
};

static const struct schema kubernetes_schema = {
    .options = kubernetes_options, .count = sizeof kubernetes_options / sizeof kubernetes_options[0]};
static const struct config_section kubernetes_section = {.schemas = &kubernetes_schema, .schemas_count = 1};

/* Reports at a member of the scope's object. */
static void report_member(const struct config_scope *scope, const char *key, const char *message)
{
    struct config_scope inner = config_scope_member(scope, key);

    config_report(&inner, PROBLEM_ERROR, "%s", message);
    config_scope_release(&inner);
}

/* The path of a file; "~/" at its beginning is the home folder, as everybody writes it for a kubeconfig. */
static char *resolve(const struct config_scope *scope, const char *path)
{
    const char *home = getenv("HOME");
    struct text joined = text_empty();
    char *absolute = NULL;

    if (strncmp(path, "~/", 2) != 0) {
        absolute = config_path_absolute(scope->file, path);
        scope->load->failed = scope->load->failed || !absolute;
        return absolute;
    }
    if (!home || home[0] != '/') {
        report_member(scope, "kubeconfig",
                      "begins with ~/, but HOME is not set to an absolute path; write the path in full");
        return NULL;
    }
    text_append_format(&joined, "%s/%s", home, path + 2);
    if (!joined.failed)
        absolute = config_path_absolute(scope->file, joined.data);
    scope->load->failed = scope->load->failed || !absolute;
    text_release(&joined);
    return absolute;
}

static char *read_path(const struct config_scope *scope, const json_t *value)
{
    const char *path = json_string_value(json_member(value, "kubeconfig"));
    struct text message;

    if (!path)
        return NULL;
    if (!path[0]) {
        report_member(scope, "kubeconfig", "expected the path of a file, found an empty string");
        return NULL;
    }
    if (strlen(path) < PATH_MAX)
        return resolve(scope, path);
    message = text_empty();
    text_append_format(&message, "a path of %zu characters; expected less than %d", strlen(path), PATH_MAX);
    report_member(scope, "kubeconfig", message.data);
    text_release(&message);
    return NULL;
}

/* A text that means something only if it is not empty. */
static char *read_text(const struct config_scope *scope, const json_t *value, const char *key,
                       const char *empty)
{
    const char *text = json_string_value(json_member(value, key));

    if (!text)
        return NULL;
    if (text[0])
        return config_copy(scope->load, text);
    report_member(scope, key, empty);
    return NULL;
}

static void read_namespace(const struct config_scope *scope, const char *name, struct string_list *list)
{
    struct text quoted = config_quoted(name);

    if (!name_is_label(name))
        config_report(scope, PROBLEM_ERROR,
                      "%s is no namespace; expected a DNS label: at most 63 lower-case letters, digits and "
                      "dashes",
                      quoted.data);
    else if (string_list_has(list, name))
        config_report(scope, PROBLEM_ERROR, "%s is given twice", quoted.data);
    else if (!string_list_add(list, name))
        scope->load->failed = true;
    text_release(&quoted);
}

static void read_namespaces(const struct config_scope *scope, const json_t *names, struct string_list *list)
{
    struct config_scope inner = config_scope_member(scope, "namespaces");
    json_t *name;
    size_t i;

    json_array_foreach(names, i, name)
    {
        struct config_scope element = config_scope_element(&inner, i);
        if (json_is_string(name))
            read_namespace(&element, json_string_value(name), list);
        config_scope_release(&element);
    }
    config_scope_release(&inner);
}

/* In a Pod everything is given; a file beside that would be ignored without a word. */
static void check_in_cluster(const struct config_scope *scope, const json_t *value)
{
    static const char *const keys[] = {"kubeconfig", "context"};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (json_member(value, keys[i]))
            report_member(scope, keys[i], "is not used with inCluster: true; remove one of both");
    }
}

void config_read_kubernetes(const struct config_scope *scope, const json_t *value,
                            struct config_cluster *cluster)
{
    struct config_kubernetes *kubernetes;

    if (!config_check_section(scope, &kubernetes_section, value))
        return;
    kubernetes = calloc(1, sizeof *kubernetes);
    cluster->kubernetes = kubernetes;
    if (!kubernetes) {
        scope->load->failed = true;
        return;
    }
    kubernetes->in_cluster = json_is_true(json_member(value, "inCluster"));
    kubernetes->kubeconfig = read_path(scope, value);
    kubernetes->context = read_text(scope, value, "context",
                                    "expected the name of a context, found an empty string; leave the key "
                                    "out for the current-context");
    kubernetes->label_selector = read_text(scope, value, "labelSelector",
                                           "expected a label selector such as \"stage=production\", found an "
                                           "empty string; leave the key out for all Apis");
    read_namespaces(scope, json_member(value, "namespaces"), &kubernetes->namespaces);
    if (kubernetes->in_cluster)
        check_in_cluster(scope, value);
}

/* By what exists now, so that a symbolic link is no second file. */
static bool same_file(struct config_load *load, const char *a, const char *b)
{
    char *real_a;
    char *real_b;
    bool same;

    if (!a || !b || strcmp(a, b) == 0)
        return text_same(a, b);
    real_a = config_path_real(a);
    real_b = config_path_real(b);
    load->failed = load->failed || !real_a || !real_b;
    same = real_a && real_b && strcmp(real_a, real_b) == 0;
    free(real_a);
    free(real_b);
    return same;
}

static bool same_server(struct config_load *load, const struct config_kubernetes *a,
                        const struct config_kubernetes *b)
{
    return a && b && a->in_cluster == b->in_cluster && text_same(a->context, b->context) &&
           same_file(load, a->kubeconfig, b->kubeconfig);
}

static void report_server(struct config_load *load, const struct config_cluster *cluster,
                          const struct config_cluster *earlier)
{
    struct config_scope outer = config_scope_at(load, cluster->place.file, cluster->place.path);
    struct config_scope scope = config_scope_member(&outer, "kubernetes");
    const struct config_place *place = &earlier->place;
    struct yaml_mark mark = {0, 0};

    if (load->problems->dropped == 0)
        mark = yaml_locate(place->file->text, place->file->size, 0, place->path);
    config_report(&scope, PROBLEM_ERROR,
                  "cluster \"%s\" has the same kubeconfig and context as cluster \"%s\", which stands at "
                  "%s:%zu:%zu; a server must be served by one entry: put both into one, or name another "
                  "context",
                  cluster->name, earlier->name, place->file->path, mark.line, mark.column);
    config_scope_release(&scope);
    config_scope_release(&outer);
}

void config_check_servers(struct config_load *load)
{
    const struct config *config = load->config;

    for (size_t i = 1; i < config->clusters_count; i++) {
        const struct config_cluster *cluster = &config->clusters[i];
        size_t earlier = 0;
        if (!cluster->kubernetes || !cluster->name || !cluster->place.path)
            continue;
        while (earlier < i && (!config->clusters[earlier].name || !config->clusters[earlier].place.path ||
                               !same_server(load, cluster->kubernetes, config->clusters[earlier].kubernetes)))
            earlier++;
        if (earlier < i)
            report_server(load, cluster, &config->clusters[earlier]);
    }
}

void config_kubernetes_free(struct config_kubernetes *kubernetes)
{
    if (!kubernetes)
        return;
    free(kubernetes->kubeconfig);
    free(kubernetes->context);
    free(kubernetes->label_selector);
    string_list_release(&kubernetes->namespaces);
    free(kubernetes);
}

static bool same_kubernetes(const struct config_kubernetes *a, const struct config_kubernetes *b)
{
    if (!a || !b)
        return a == b;
    return a->in_cluster == b->in_cluster && text_same(a->kubeconfig, b->kubeconfig) &&
           text_same(a->context, b->context) && text_same(a->label_selector, b->label_selector) &&
           string_list_equal(&a->namespaces, &b->namespaces);
}

bool config_same_ends(const struct config_cluster *a, const struct config_cluster *b)
{
    return text_same(a->input, b->input) && text_same(a->output, b->output) &&
           a->allow_empty == b->allow_empty && same_kubernetes(a->kubernetes, b->kubernetes);
}
