/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/registry.h"

#include "base/text.h"
#include "config/schema.h"
#include "plugin/host.h"

#include <stdlib.h>
#include <string.h>

/* What building works on. */
struct building {
    const struct config_cluster *cluster;
    const char *const *dirs;
    const struct log *log;
    struct registry *registry;
    struct problems *problems;
};

static void backend_free(struct backend *backend)
{
    if (!backend)
        return;
    /* Only an enabled backend was created; a failed create() resets the mark. */
    if (backend->enabled && backend->plugin && backend->plugin->descriptor.destroy)
        backend->plugin->descriptor.destroy(backend->instance);
    plugin_free(backend->plugin);
    json_decref(backend->config);
    free(backend->versions);
    free(backend->pinned);
    free(backend->host);
    free(backend);
}

void registry_free(struct registry *registry)
{
    if (!registry)
        return;
    for (size_t i = registry->count; i > 0; i--)
        backend_free(registry->backends[i - 1]);
    free(registry->backends);
    free(registry);
}

static struct schema schema_of(const struct plugin *plugin)
{
    const struct apigw_plugin *descriptor = &plugin->descriptor;

    return (struct schema){.options = descriptor->options,
                           .count = descriptor->options_count,
                           .kinds = descriptor->kinds,
                           .kinds_count = descriptor->kinds_count};
}

/* What cannot be had: stops the start if it is required, else is missed. */
static void miss(struct building *building, const struct config_backend *entry, const char *option,
                 const char *message)
{
    enum problem_severity severity = entry->required ? PROBLEM_ERROR : PROBLEM_WARNING;

    if (option)
        config_add_problem(entry, severity, option, message, building->problems);
    else
        config_add_backend_problem(entry, severity, "plugin", message, building->problems);
    if (!entry->required && entry->enabled)
        building->registry->incomplete = true;
}

/* Options of a disabled backend take no effect: what is wrong with them can wait. */
static bool check_options(const struct building *building, const struct config_backend *entry,
                          const struct plugin *plugin)
{
    const struct schema schema = schema_of(plugin);
    struct problems found = {0};
    bool good;

    schema_check(&schema, entry->config, "", &found);
    good = found.errors == 0;
    for (size_t i = 0; i < found.count; i++) {
        const struct problem *problem = &found.list[i];
        config_add_problem(entry, entry->enabled ? problem->severity : PROBLEM_WARNING, problem->path,
                           problem->message, building->problems);
    }
    if (found.dropped > 0)
        config_add_problem(entry, good || !entry->enabled ? PROBLEM_WARNING : PROBLEM_ERROR, "",
                           "more problems not shown", building->problems);
    problems_release(&found);
    return good;
}

static const char *last_version(const struct apigw_kind *kind)
{
    size_t i = 0;

    while (kind->versions[i + 1])
        i++;
    return kind->versions[i];
}

/* The plugin's own text equal to the one from the config, which may be gone earlier. */
static const char *version_like(const struct apigw_kind *kind, const char *version)
{
    for (size_t i = 0; kind->versions[i]; i++) {
        if (strcmp(kind->versions[i], version) == 0)
            return kind->versions[i];
    }
    return last_version(kind);
}

/* Chooses a version for each kind, and tells the plugin where it has an option for that. */
static int choose_versions(struct backend *backend)
{
    const struct apigw_plugin *descriptor = &backend->plugin->descriptor;

    backend->versions = calloc(descriptor->kinds_count, sizeof *backend->versions);
    backend->pinned = calloc(descriptor->kinds_count, sizeof *backend->pinned);
    if (!backend->versions || !backend->pinned)
        return ERROR_NO_MEMORY;
    for (size_t i = 0; i < descriptor->kinds_count; i++)
        backend->versions[i] = last_version(&descriptor->kinds[i]);
    for (size_t i = 0; i < descriptor->options_count; i++) {
        const struct apigw_option *option = &descriptor->options[i];
        const char *wanted = json_string_value(json_object_get(backend->config, option->name));
        const char **version;

        if (option->type != APIGW_OPTION_VERSION)
            continue;
        version = &backend->versions[option->kind_index];
        backend->pinned[option->kind_index] = wanted != NULL;
        if (wanted)
            *version = version_like(&descriptor->kinds[option->kind_index], wanted);
        else if (json_object_set_new(backend->config, option->name, json_string(*version)) != 0)
            return ERROR_NO_MEMORY;
    }
    return 0;
}

static int complete(struct backend *backend, const struct config_backend *entry, bool good)
{
    const struct schema schema = schema_of(backend->plugin);

    backend->config = schema_complete(&schema, good ? entry->config : NULL);
    if (!backend->config)
        return ERROR_NO_MEMORY;
    return choose_versions(backend);
}

static void add_create_failure(struct building *building, const struct config_backend *entry,
                               const struct plugin *plugin, int32_t code, struct apigw_error *error)
{
    struct text message = text_empty();

    /* A plugin may have filled the arrays to the last byte. */
    error->path[sizeof error->path - 1] = '\0';
    error->message[sizeof error->message - 1] = '\0';
    text_append_format(&message, "backend \"%s\" cannot be made: ", entry->name);
    if (error->message[0])
        text_append_string(&message, error->message);
    else
        text_append_format(&message, "create() of %s failed with code %d and said nothing", plugin->file,
                           code);
    miss(building, entry, error->path, message.failed ? error->message : message.data);
    text_release(&message);
}

/* On failure the backend counts as not enabled, so that nothing is destroyed. */
static void create(struct building *building, const struct config_backend *entry, struct backend *backend)
{
    struct apigw_error error = {.struct_size = sizeof error};
    int32_t code = APIGW_OK;

    backend->enabled = true;
    if (backend->plugin->descriptor.create)
        code = backend->plugin->descriptor.create(&backend->host->host, backend->config, &backend->instance,
                                                  &error);
    if (code == APIGW_OK)
        return;
    backend->enabled = false;
    add_create_failure(building, entry, backend->plugin, code, &error);
}

static int load(struct building *building, const struct config_backend *entry, struct backend *backend)
{
    struct error error = {0};
    int result = plugin_load(entry->plugin, building->dirs, &backend->plugin, &error);

    if (result != 0 && result != ERROR_NO_MEMORY)
        miss(building, entry, NULL, error.message);
    return result;
}

/* Fills a backend in. @return 0, ERROR_INVALID if there will be no such backend, ERROR_NO_MEMORY. */
static int make(struct building *building, const struct config_backend *entry, struct backend *backend)
{
    bool good;
    int result = load(building, entry, backend);

    if (result != 0)
        return result == ERROR_NO_MEMORY ? result : ERROR_INVALID;
    backend->name = entry->name;
    backend->kept = entry->kept;
    backend->host = calloc(1, sizeof *backend->host);
    if (!backend->host)
        return ERROR_NO_MEMORY;
    host_init(backend->host, building->log, entry->name);
    good = check_options(building, entry, backend->plugin);
    if (!good && entry->enabled)
        return ERROR_INVALID;
    if (complete(backend, entry, good) != 0)
        return ERROR_NO_MEMORY;
    if (!entry->enabled)
        return 0;
    create(building, entry, backend);
    return backend->enabled ? 0 : ERROR_INVALID;
}

static int add(struct building *building, const struct config_backend *entry)
{
    struct registry *registry = building->registry;
    struct backend *backend = calloc(1, sizeof *backend);
    int result = backend ? make(building, entry, backend) : ERROR_NO_MEMORY;

    if (result == 0)
        registry->backends[registry->count++] = backend;
    else
        backend_free(backend);
    return result == ERROR_NO_MEMORY ? result : 0;
}

static bool same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

/* A status key of both; NULL if there is none. */
static const char *shared_key(const struct apigw_plugin *a, const struct apigw_plugin *b)
{
    if (same(a->status_key, b->status_key) || same(a->status_key, b->status_alias))
        return a->status_key;
    if (same(a->status_alias, b->status_key) || same(a->status_alias, b->status_alias))
        return a->status_alias;
    return NULL;
}

/* A kind of both; NULL if there is none. */
static const struct apigw_kind *shared_kind(const struct apigw_plugin *a, const struct apigw_plugin *b)
{
    for (size_t i = 0; i < a->kinds_count; i++) {
        for (size_t j = 0; j < b->kinds_count; j++) {
            if (same(a->kinds[i].group, b->kinds[j].group) && same(a->kinds[i].kind, b->kinds[j].kind))
                return &a->kinds[i];
        }
    }
    return NULL;
}

static const struct config_backend *entry_of(const struct building *building, const struct backend *backend)
{
    const struct config_cluster *cluster = building->cluster;
    size_t i = 0;

    while (i + 1 < cluster->backends_count && cluster->backends[i].name != backend->name)
        i++;
    return &cluster->backends[i];
}

static void check_pair(struct building *building, const struct backend *a, const struct backend *b)
{
    const struct apigw_plugin *first = &a->plugin->descriptor;
    const struct apigw_plugin *second = &b->plugin->descriptor;
    const char *key = shared_key(first, second);
    const struct apigw_kind *kind = shared_kind(first, second);
    struct text message = text_empty();

    if (key || kind) {
        text_append_format(&message, "backends \"%s\" and \"%s\" of cluster \"%s\" both ", a->name, b->name,
                           building->cluster->name);
        if (key)
            text_append_format(&message, "report under the status key \"%s\"", key);
        if (kind)
            text_append_format(&message, "%sown the kind %s of group \"%s\"", key ? " and " : "", kind->kind,
                               kind->group);
        text_append_string(&message, "; expected at most one such backend enabled: disable one of them");
        config_add_backend_problem(entry_of(building, b), PROBLEM_ERROR, "plugin", message.data,
                                   building->problems);
    }
    text_release(&message);
}

static void check_pairs(struct building *building)
{
    const struct registry *registry = building->registry;

    for (size_t i = 0; i < registry->count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (registry->backends[i]->enabled && registry->backends[j]->enabled)
                check_pair(building, registry->backends[j], registry->backends[i]);
        }
    }
}

/* By insertion, as it has to be stable and there are few. */
static void sort(struct registry *registry)
{
    for (size_t i = 1; i < registry->count; i++) {
        struct backend *moving = registry->backends[i];
        size_t j = i;

        while (j > 0 &&
               registry->backends[j - 1]->plugin->descriptor.role > moving->plugin->descriptor.role) {
            registry->backends[j] = registry->backends[j - 1];
            j--;
        }
        registry->backends[j] = moving;
    }
}

static struct registry *registry_new(size_t count)
{
    struct registry *registry = calloc(1, sizeof *registry);

    if (!registry)
        return NULL;
    registry->backends = calloc(count + 1, sizeof(struct backend *));
    if (registry->backends)
        return registry;
    free(registry);
    return NULL;
}

int registry_build(const struct config_cluster *cluster, const char *const *dirs, const struct log *log,
                   struct registry **out, struct problems *problems)
{
    struct building building = {.cluster = cluster, .dirs = dirs, .log = log, .problems = problems};
    const size_t errors = problems->errors;
    int result = 0;

    building.registry = registry_new(cluster->backends_count);
    if (!building.registry)
        return ERROR_NO_MEMORY;
    for (size_t i = 0; result == 0 && i < cluster->backends_count; i++)
        result = add(&building, &cluster->backends[i]);
    if (result == 0) {
        check_pairs(&building);
        result = problems->errors > errors ? ERROR_INVALID : 0;
    }
    sort(building.registry);
    if (result != 0) {
        registry_free(building.registry);
        return result;
    }
    *out = building.registry;
    return 0;
}

bool registry_has_role(const struct registry *registry, enum apigw_role role)
{
    for (size_t i = 0; i < registry->count; i++) {
        const struct backend *backend = registry->backends[i];
        if (backend->enabled && backend->plugin->descriptor.role == (int32_t)role)
            return true;
    }
    return false;
}

/* The option that tells the plugin which version it renders a kind in; NULL: it has none. */
static const struct apigw_option *version_option(const struct apigw_plugin *plugin, size_t kind)
{
    for (uint32_t i = 0; i < plugin->options_count; i++) {
        if (plugin->options[i].type == APIGW_OPTION_VERSION && plugin->options[i].kind_index == kind)
            return &plugin->options[i];
    }
    return NULL;
}

/* Makes the instance anew from a config; the old one serves on if that fails. */
static int remake(struct backend *backend, json_t *config, struct error *error)
{
    const struct apigw_plugin *plugin = &backend->plugin->descriptor;
    struct apigw_error why = {.struct_size = sizeof why};
    void *instance = NULL;

    if (plugin->create && plugin->create(&backend->host->host, config, &instance, &why) != APIGW_OK) {
        why.message[sizeof why.message - 1] = '\0';
        return error_set(error, ERROR_INVALID, "backend %s: %s", backend->name, why.message);
    }
    if (plugin->destroy)
        plugin->destroy(backend->instance);
    backend->instance = instance;
    json_decref(backend->config);
    backend->config = json_incref(config);
    return 0;
}

int backend_choose_version(struct backend *backend, size_t kind, const char *version, struct error *error)
{
    const struct apigw_option *option = version_option(&backend->plugin->descriptor, kind);
    json_t *config;
    int result = 0;

    if (backend->pinned[kind] || strcmp(backend->versions[kind], version) == 0)
        return 0;
    if (option && backend->enabled) {
        config = json_deep_copy(backend->config);
        if (!config || json_object_set_new(config, option->name, json_string(version)) != 0)
            result = error_no_memory(error);
        else
            result = remake(backend, config, error);
        json_decref(config);
    }
    /* A plugin without such an option renders one version only. */
    if (result == 0 && (option || !backend->enabled))
        backend->versions[kind] = version_like(&backend->plugin->descriptor.kinds[kind], version);
    return result;
}

/* Whether a key of the config holds a version that the host filled in. */
static bool is_discovered(const struct backend *backend, const char *name)
{
    const struct apigw_plugin *plugin = &backend->plugin->descriptor;

    for (uint32_t i = 0; i < plugin->options_count; i++) {
        const struct apigw_option *option = &plugin->options[i];
        if (option->type == APIGW_OPTION_VERSION && strcmp(option->name, name) == 0)
            return !backend->pinned[option->kind_index];
    }
    return false;
}

static bool same_config(const struct backend *a, const struct backend *b)
{
    const char *name;
    json_t *value;

    if (json_object_size(a->config) != json_object_size(b->config))
        return false;
    json_object_foreach(a->config, name, value)
    {
        bool discovered = is_discovered(a, name);
        if (discovered != is_discovered(b, name) ||
            (!discovered && !json_equal(value, json_object_get(b->config, name))))
            return false;
    }
    return true;
}

bool backend_same(const struct backend *a, const struct backend *b)
{
    return strcmp(a->name, b->name) == 0 && a->enabled == b->enabled && a->kept == b->kept &&
           strcmp(a->plugin->file, b->plugin->file) == 0 &&
           imprint_equal(a->plugin->content, b->plugin->content) && same_config(a, b);
}

const char *backend_version(const struct backend *backend, const struct apigw_kind *kind)
{
    return backend->versions[kind - backend->plugin->descriptor.kinds];
}

bool registry_accepts_unprotected(const struct registry *registry, const struct settings *settings)
{
    return settings->accept_unprotected && !registry->incomplete;
}
