/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "config/config_load.h"
#include "config/yaml.h"
#include "object/key.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char *const disable_choices[] = {"prune", "keep", NULL};

static const struct apigw_option entry_options[] = {
    {.name = "enabled", .type = APIGW_OPTION_BOOL, .default_json = "true", .doc = "Render its outputs"},
    {.name = "onDisable",
     .type = APIGW_OPTION_STRING,
     .default_json = "\"prune\"",
     .doc = "What becomes of its outputs where it is disabled",
     .choices = disable_choices},
    {.name = "plugin",
     .type = APIGW_OPTION_STRING,
     .doc = "Name of the plugin or path of its file; without it the name of the backend"},
    {.name = "required",
     .type = APIGW_OPTION_BOOL,
     .default_json = "true",
     .doc = "A plugin that cannot be loaded stops the start"},
};

static const struct schema entry_schema = {.options = entry_options, .count = 4};
static const char *const entry_others[] = {"config"};
static const struct config_section entry_section = {
    .schemas = &entry_schema, .schemas_count = 1, .others = entry_others, .others_count = 1};

static void check_name(const struct config_scope *scope, const char *name)
{
    struct text quoted;

    if (name_is_label(name))
        return;
    quoted = config_quoted(name);
    config_report(
        scope, PROBLEM_ERROR,
        "%s is no name of a backend; expected a DNS label: at most 63 lower-case letters, digits and "
        "dashes",
        quoted.data);
    text_release(&quoted);
}

static void check_plugin(const struct config_scope *scope, const json_t *entry)
{
    const char *plugin = json_string_value(json_member(entry, "plugin"));
    struct config_scope inner;
    struct text quoted;

    if (!plugin || strchr(plugin, '/') || name_is_label(plugin))
        return;
    inner = config_scope_member(scope, "plugin");
    quoted = config_quoted(plugin);
    config_report(&inner, PROBLEM_ERROR,
                  "%s is no name of a plugin; expected lower-case letters, digits and dashes, or the path of "
                  "a file, with a '/'",
                  quoted.data);
    text_release(&quoted);
    config_scope_release(&inner);
}

static void check_config(const struct config_scope *scope, const json_t *entry)
{
    const json_t *config = json_member(entry, "config");
    struct config_scope inner;

    if (!config || json_is_null(config) || json_is_object(config))
        return;
    inner = config_scope_member(scope, "config");
    config_report(&inner, PROBLEM_ERROR, "expected an object, found %s", json_kind(config));
    config_scope_release(&inner);
}

static void check_entry(const struct config_scope *scope, const char *name, const json_t *entry)
{
    check_name(scope, name);
    if (!config_check_section(scope, &entry_section, entry))
        return;
    check_plugin(scope, entry);
    check_config(scope, entry);
}

static const struct config_entry *find_entry(const struct config_load *load, const char *name)
{
    for (size_t i = 0; i < load->entries_count; i++) {
        if (strcmp(load->entries[i].name, name) == 0)
            return &load->entries[i];
    }
    return NULL;
}

static void add_entry(const struct config_scope *scope, const char *name, const json_t *value)
{
    struct config_load *load = scope->load;
    const struct config_entry *first = find_entry(load, name);
    struct config_entry *entry;
    void *list = load->entries;

    if (!first && load->entries_count >= CONFIG_BACKENDS_MAX) {
        config_report(scope, PROBLEM_ERROR, "too many backends; at most %d are read", CONFIG_BACKENDS_MAX);
        return;
    }
    check_entry(scope, name, value);
    if (first) {
        struct yaml_mark mark = {0, 0};
        if (load->problems->dropped == 0)
            mark = yaml_locate(first->file->text, first->file->size, 0, first->path);
        config_report(scope, PROBLEM_ERROR, "backend \"%s\" is given twice; the first stands at %s:%zu:%zu",
                      name, first->file->path, mark.line, mark.column);
        return;
    }
    entry = config_grow(load, &list, load->entries_count, sizeof *entry);
    if (!entry)
        return;
    load->entries = list;
    *entry = (struct config_entry){.name = name, .value = value, .file = scope->file};
    entry->path = config_copy(load, scope->path.data);
    load->entries_count += entry->path != NULL;
}

/* Whether there is a mapping of names. */
static bool check_names(const struct config_scope *scope, const json_t *backends)
{
    if (!backends || json_is_null(backends))
        return false;
    if (!json_is_object(backends))
        config_report(scope, PROBLEM_ERROR, "expected an object with the names of backends, found %s",
                      json_kind(backends));
    return json_is_object(backends);
}

void config_read_backends(const struct config_scope *scope, const json_t *backends)
{
    const char *name;
    json_t *value;

    if (!check_names(scope, backends))
        return;
    json_object_foreach((json_t *)(uintptr_t)backends, name, value)
    {
        struct config_scope inner = config_scope_member(scope, name);
        add_entry(&inner, name, value);
        config_scope_release(&inner);
    }
}

static void lay_plugin(struct config_load *load, const struct config_file *file, const char *plugin,
                       struct config_backend *backend)
{
    free(backend->plugin);
    backend->plugin = strchr(plugin, '/') ? config_path_absolute(file, plugin) : strdup(plugin);
    load->failed = load->failed || !backend->plugin;
}

/* Lays an entry over a backend, member by member. */
static void lay_entry(struct config_load *load, const struct config_file *file, const json_t *entry,
                      struct config_backend *backend)
{
    const json_t *enabled = json_member(entry, "enabled");
    const json_t *required = json_member(entry, "required");
    const char *on_disable = json_string_value(json_member(entry, "onDisable"));
    const char *plugin = json_string_value(json_member(entry, "plugin"));
    json_t *config = json_member(entry, "config");

    if (enabled)
        backend->enabled = json_is_true(enabled);
    if (required)
        backend->required = json_is_true(required);
    if (on_disable)
        backend->kept = strcmp(on_disable, "keep") == 0;
    if (plugin)
        lay_plugin(load, file, plugin, backend);
    if (json_is_object(config) && json_object_update(backend->config, config) != 0)
        load->failed = true;
}

static struct config_backend *add_backend(struct config_load *load, struct config_cluster *cluster,
                                          const char *name)
{
    void *list = cluster->backends;
    struct config_backend *backend = config_grow(load, &list, cluster->backends_count, sizeof *backend);

    if (!backend)
        return NULL;
    cluster->backends = list;
    cluster->backends_count++;
    backend->name = config_copy(load, name);
    backend->plugin = config_copy(load, name);
    backend->enabled = true;
    backend->required = true;
    backend->config = json_object();
    load->failed = load->failed || !backend->config;
    return load->failed ? NULL : backend;
}

static void lay_own(const struct config_scope *scope, const char *name, const json_t *value,
                    struct config_backend *backend)
{
    struct config_scope inner = config_scope_member(scope, name);

    check_entry(&inner, name, value);
    lay_entry(scope->load, scope->file, value, backend);
    backend->own =
        (struct config_place){.file = scope->file, .path = config_copy(scope->load, inner.path.data)};
    config_scope_release(&inner);
}

static void lay_bases(const struct config_scope *scope, const json_t *backends,
                      struct config_cluster *cluster)
{
    struct config_load *load = scope->load;

    for (size_t i = 0; i < load->entries_count; i++) {
        const struct config_entry *entry = &load->entries[i];
        const json_t *own = json_member(backends, entry->name);
        struct config_backend *backend = add_backend(load, cluster, entry->name);
        if (!backend)
            return;
        lay_entry(load, entry->file, entry->value, backend);
        backend->base = (struct config_place){.file = entry->file, .path = config_copy(load, entry->path)};
        if (own)
            lay_own(scope, entry->name, own, backend);
    }
}

void config_lay_backends(const struct config_scope *scope, const json_t *backends,
                         struct config_cluster *cluster)
{
    const char *name;
    json_t *value;

    if (!check_names(scope, backends))
        backends = NULL;
    lay_bases(scope, backends, cluster);
    json_object_foreach((json_t *)(uintptr_t)backends, name, value)
    {
        struct config_backend *backend = NULL;
        if (!find_entry(scope->load, name))
            backend = add_backend(scope->load, cluster, name);
        if (backend)
            lay_own(scope, name, value, backend);
    }
}
