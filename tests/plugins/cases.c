/* SPDX-License-Identifier: Apache-2.0 */
#include "cases.h"

#include "base/file.h"
#include "base/json.h"
#include "base/problem.h"
#include "config/yaml.h"
#include "object/key.h"
#include "object/owner.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *bench_open(struct bench *bench, const char *file, const json_t *config)
{
    static const char *const nowhere[] = {NULL};
    struct problems problems = {0};
    struct text why = text_empty();
    char *copy = NULL;

    /* Without a slash it would be the name of an installed plugin. */
    if (asprintf(&copy, "%s%s", strchr(file, '/') ? "" : "./", file) < 0)
        abort();
    *bench = (struct bench){.entry = {.name = strdup("backend"),
                                      .plugin = copy,
                                      .enabled = true,
                                      .required = true,
                                      .config = config ? json_deep_copy(config) : json_object()}};
    bench->cluster =
        (struct config_cluster){.name = bench->entry.name, .backends = &bench->entry, .backends_count = 1};
    if (registry_build(&bench->cluster, nowhere, NULL, &bench->registry, &problems) == 0)
        return NULL;
    problems_print(&problems, &why);
    problems_release(&problems);
    bench_close(bench);
    return text_take(&why);
}

void bench_close(struct bench *bench)
{
    registry_free(bench->registry);
    free(bench->entry.name);
    free(bench->entry.plugin);
    json_decref(bench->entry.config);
    *bench = (struct bench){0};
}

static int put(struct store *store, const json_t *object)
{
    const char *version = json_text_at(object, "apiVersion");
    const char *kind = json_text_at(object, "kind");
    const char *slash = version ? strchr(version, '/') : NULL;
    char group[SUBDOMAIN_MAX + 1] = "";
    int number;

    if (!version || !kind)
        return -1;
    (void)snprintf(group, sizeof group, "%.*s", slash ? (int)(slash - version) : 0, version);
    number = store_kind(store, group, kind);
    return number < 0 ? number : store_put(store, number, &(struct event){.object = object, .item = -1});
}

struct store *bench_store(const struct bench *bench, const json_t *objects)
{
    const struct apigw_plugin *plugin = &bench->registry->backends[0]->plugin->descriptor;
    struct store *store = store_new(STORE_TEXTS_PLAIN);
    json_t *object;
    size_t i;

    if (!store || render_declare(store, plugin) != 0) {
        store_free(store);
        return NULL;
    }
    json_array_foreach(objects, i, object)
    {
        if (put(store, object) != 0) {
            store_free(store);
            return NULL;
        }
    }
    return store;
}

static int keep(json_t *document, size_t number, size_t line, void *payload)
{
    (void)number;
    (void)line;
    return json_array_append(payload, document);
}

json_t *documents_read(const char *path, char **why)
{
    struct error error = {0};
    struct yaml_mark mark = {0};
    json_t *documents = json_array();
    char *data = NULL;
    size_t size = 0;

    if (file_read(AT_FDCWD, path, yaml_file_limits.bytes, &data, &size, &error) == 0 &&
        yaml_read(data, size, &yaml_file_limits, keep, documents, &mark, &error) == 0) {
        free(data);
        return documents;
    }
    free(data);
    json_decref(documents);
    if (asprintf(why, "%s:%zu:%zu: %s", path, mark.line, mark.column, error.message) < 0)
        *why = NULL;
    return NULL;
}

static void settings_of(struct golden_case *golden)
{
    const json_t *domain = json_at(golden->head, "settings.domain");
    const json_t *list = json_member(golden->head, "protect");
    const char *issuer = json_text_at(golden->head, "settings.defaultIssuer.issuer");
    const char *keys = json_text_at(golden->head, "settings.defaultIssuer.jwksUri");
    json_t *value;
    size_t i;

    golden->settings.created_by = strdup(OWNER_CREATED_BY);
    golden->settings.default_issuer = issuer ? strdup(issuer) : NULL;
    golden->settings.default_jwks_uri = keys ? strdup(keys) : NULL;
    if (json_is_string(domain))
        (void)string_list_add(&golden->settings.domains, json_string_value(domain));
    json_array_foreach(domain, i, value)
    {
        (void)string_list_add(&golden->settings.domains, json_string_value(value));
    }
    if (golden->settings.domains.count == 0)
        (void)string_list_add(&golden->settings.domains, "kyma.local");
    json_array_foreach(list, i, value)
    {
        (void)string_list_add(&golden->protect, json_string_value(value));
    }
}

char *case_read(struct golden_case *golden, const char *path)
{
    char *why = NULL;
    json_t *documents = documents_read(path, &why);

    *golden = (struct golden_case){0};
    if (!documents)
        return why;
    golden->head = json_incref(json_array_get(documents, 0));
    golden->api = json_incref(json_array_get(documents, 1));
    (void)json_array_remove(documents, 0);
    (void)json_array_remove(documents, 0);
    golden->others = documents;
    if (!golden->api || !object_is(golden->api, API_GROUP, API_KIND))
        return strdup("the second document is no Api");
    settings_of(golden);
    return NULL;
}

void case_release(struct golden_case *golden)
{
    json_decref(golden->head);
    json_decref(golden->api);
    json_decref(golden->others);
    settings_release(&golden->settings);
    string_list_release(&golden->protect);
    *golden = (struct golden_case){0};
}

struct render_input case_input(const struct golden_case *golden, const json_t *api,
                               const struct effective *effective, const struct store *store)
{
    return (struct render_input){.api = api,
                                 .effective = effective,
                                 .settings = &golden->settings,
                                 .store = store,
                                 .tells_all = json_array_size(golden->others) > 0,
                                 .live_services = (const char *const *)golden->protect.items};
}
