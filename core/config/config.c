/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config.h"

#include "base/json.h"
#include "config/config_load.h"
#include "config/yaml.h"
#include "object/owner.h"

#include <stdlib.h>
#include <string.h>

static void read_plugin_dirs(const struct config_scope *root, const json_t *dirs)
{
    struct config_scope scope = config_scope_member(root, "pluginDirs");
    struct config_load *load = root->load;
    json_t *element;
    size_t i;

    json_array_foreach(dirs, i, element)
    {
        const char *path = json_string_value(element);
        char *absolute = path && path[0] ? config_path_absolute(root->file, path) : NULL;
        if (path && !path[0]) {
            struct config_scope inner = config_scope_element(&scope, i);
            config_report(&inner, PROBLEM_ERROR, "expected the path of a folder, found an empty string");
            config_scope_release(&inner);
        } else if (path && (!absolute || !string_list_add(&load->config->plugin_dirs, absolute))) {
            load->failed = true;
        }
        free(absolute);
    }
    config_scope_release(&scope);
}

/** Reads one key of a file's root. */
typedef void (*read_fn)(const struct config_scope *scope, const json_t *value);

static void read_key(struct config_load *load, size_t number, const char *key, read_fn read)
{
    struct config_scope root = config_scope_root(load, load->config->files[number]);
    struct config_scope scope = config_scope_member(&root, key);

    read(&scope, json_member(load->roots[number], key));
    config_scope_release(&scope);
    config_scope_release(&root);
}

static void read_main_settings(struct config_load *load)
{
    struct config_scope root = config_scope_root(load, load->config->files[0]);

    config_read_settings(&root, load->roots[0], &load->settings);
    read_plugin_dirs(&root, json_member(load->roots[0], "pluginDirs"));
    config_scope_release(&root);
}

static bool has_clusters(const struct config_load *load)
{
    for (size_t i = 0; i < load->config->files_count; i++) {
        const json_t *clusters = json_member(load->roots[i], "clusters");
        bool is_wrong = clusters && !json_is_null(clusters) && !json_is_array(clusters);
        if (is_wrong || json_array_size(clusters) > 0)
            return true;
    }
    return false;
}

static void report_no_cluster(struct config_load *load)
{
    struct config_scope scope = config_scope_root(load, load->config->files[0]);

    config_report(&scope, PROBLEM_ERROR, "no cluster is given; expected at least one under \"clusters\"");
    config_scope_release(&scope);
}

/* Whatever a cluster builds on is read before it, in whatever file and order it stands. */
static void read_parts(struct config_load *load)
{
    read_main_settings(load);
    read_key(load, 0, "admin", config_read_admin);
    read_key(load, 0, "include", config_read_includes);
    for (size_t i = 0; i < load->config->files_count; i++)
        read_key(load, i, "backends", config_read_backends);
    for (size_t i = 0; i < load->config->files_count; i++)
        read_key(load, i, "clusters", config_read_clusters);
    if (!has_clusters(load))
        report_no_cluster(load);
    config_check_folders(load);
    config_check_servers(load);
}

static size_t file_number(const struct config *config, const char *path)
{
    size_t number = 0;

    while (number < config->files_count && strcmp(config->files[number]->path, path) != 0)
        number++;
    return number;
}

static bool stands_before(const struct config *config, const struct problem *a, const struct problem *b)
{
    size_t file_a = file_number(config, a->file);
    size_t file_b = file_number(config, b->file);

    if (file_a != file_b)
        return file_a < file_b;
    return a->line != b->line ? a->line < b->line : a->column < b->column;
}

/* Found table by table, read from top to bottom. There are at most as many as a list of problems holds. */
static void sort_problems(const struct config *config, struct problem *list, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct problem moved = list[i];
        size_t to = i;
        for (; to > 0 && stands_before(config, &moved, &list[to - 1]); to--)
            list[to] = list[to - 1];
        list[to] = moved;
    }
}

static void release(struct config_load *load)
{
    for (size_t i = 0; load->config && i < load->config->files_count; i++)
        json_decref(load->roots[i]);
    free(load->roots);
    for (size_t i = 0; i < load->entries_count; i++)
        free(load->entries[i].path);
    free(load->entries);
    settings_release(&load->settings);
}

int config_load(const char *path, struct config **config, struct problems *problems)
{
    struct config_load load = {.config = calloc(1, sizeof *load.config), .problems = problems};
    size_t before = problems->errors;
    size_t first = problems->count;
    int result = 0;

    load.settings.created_by = strdup(OWNER_CREATED_BY);
    load.failed = !load.config || !load.settings.created_by;
    if (!load.failed && config_read_main(&load, path))
        read_parts(&load);
    if (!load.failed && problems->count > first)
        sort_problems(load.config, problems->list + first, problems->count - first);
    if (load.failed)
        result = ERROR_NO_MEMORY;
    else if (problems->errors > before)
        result = ERROR_INVALID;
    release(&load);
    if (result != 0)
        config_free(load.config);
    else
        *config = load.config;
    return result;
}

void config_free(struct config *config)
{
    if (!config)
        return;
    for (size_t i = 0; i < config->clusters_count; i++)
        config_cluster_release(&config->clusters[i]);
    free(config->clusters);
    for (size_t i = 0; i < config->files_count; i++) {
        free(config->files[i]->path);
        free(config->files[i]->text);
        free(config->files[i]);
    }
    free(config->files);
    free(config->admin.listen);
    free(config->admin.socket);
    string_list_release(&config->plugin_dirs);
    free(config);
}

/* The path of an option's place. */
static struct text option_path(const struct config_place *place, const char *option)
{
    struct text path = text_empty();

    text_append_format(&path, "%s.config%s%s", place->path, option[0] && option[0] != '[' ? "." : "", option);
    return path;
}

/* Whether the option's first part, the key below `config`, stands at the place. A member never begins where
 * the key `config` does. */
static bool stands_at(const struct config_place *place, const char *option)
{
    const struct config_file *file = place->file;
    struct text whole;
    struct text path;
    struct yaml_mark outer;
    struct yaml_mark inner;

    if (!file)
        return false;
    whole = option_path(place, "");
    path = option_path(place, option);
    outer = yaml_locate(file->text, file->size, 0, option[0] ? whole.data : place->path);
    inner = yaml_locate(file->text, file->size, 0, path.data);
    text_release(&whole);
    text_release(&path);
    return outer.line != inner.line || outer.column != inner.column;
}

void config_add_problem(const struct config_backend *backend, enum problem_severity severity,
                        const char *option, const char *message, struct problems *problems)
{
    const struct config_place *place = &backend->base;
    struct text path;

    if (stands_at(&backend->own, option) || !backend->base.file)
        place = &backend->own;
    if (!place->file) {
        problems_add(problems, severity, option, "%s", message);
        return;
    }
    path = option_path(place, option);
    config_add_located(problems, place->file, severity, path.data, message);
    text_release(&path);
}

const struct config_cluster *config_cluster(const struct config *config, const char *name)
{
    if (!name)
        return config->clusters_count == 1 ? &config->clusters[0] : NULL;
    for (size_t i = 0; i < config->clusters_count; i++) {
        if (strcmp(config->clusters[i].name, name) == 0)
            return &config->clusters[i];
    }
    return NULL;
}
