/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "base/json.h"
#include "config/config_load.h"
#include "config/yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A pattern that was meant for a folder of its own and matches a whole tree. */
static const size_t max_files = 1000;

static const char *const included_keys[] = {"backends", "clusters"};
static const struct config_section included_section = {.others = included_keys, .others_count = 2};

static const struct apigw_option main_options[] = {
    {.name = "pluginDirs",
     .type = APIGW_OPTION_STRING_LIST,
     .default_json = "[]",
     .doc = "Folders to look for plugins in, before the installed one"},
};

static const char *const main_keys[] = {"backends",      "clusters", "admin",
                                        "defaultIssuer", "domain",   "include"};

static void check_main_keys(const struct config_scope *scope, const json_t *root)
{
    const struct schema schemas[] = {{.options = main_options, .count = 1}, config_settings_schema};
    const struct config_section section = {.schemas = schemas,
                                           .schemas_count = 2,
                                           .others = main_keys,
                                           .others_count = sizeof main_keys / sizeof main_keys[0]};

    (void)config_check_section(scope, &section, root);
}

static bool is_main_only(const char *key)
{
    if (strcmp(key, main_options[0].name) == 0)
        return true;
    for (size_t i = 2; i < sizeof main_keys / sizeof main_keys[0]; i++) {
        if (strcmp(key, main_keys[i]) == 0)
            return true;
    }
    for (size_t i = 0; i < config_settings_schema.count; i++) {
        if (strcmp(key, config_settings_schema.options[i].name) == 0)
            return true;
    }
    return false;
}

/* Settings in an included file would make what holds depend on which files are there, and folders of plugins
 * would let a file change what the names in others mean. */
static void check_included_keys(const struct config_scope *scope, const json_t *root)
{
    json_t *others = json_object();
    const char *key;
    json_t *value;

    scope->load->failed = scope->load->failed || !others;
    json_object_foreach((json_t *)(uintptr_t)root, key, value)
    {
        struct config_scope inner = config_scope_member(scope, key);
        if (is_main_only(key))
            config_report(&inner, PROBLEM_ERROR,
                          "\"%s\" may stand in the main file only; an included file holds \"backends\" and "
                          "\"clusters\"",
                          key);
        else if (others && json_object_set(others, key, value) != 0)
            scope->load->failed = true;
        config_scope_release(&inner);
    }
    (void)config_check_section(scope, &included_section, others);
    json_decref(others);
}

/* Takes the text over. */
static struct config_file *add_file(struct config_load *load, const char *path, char *text, size_t size)
{
    struct config *config = load->config;
    void *files = config->files;
    void *roots = load->roots;
    struct config_file **place = config_grow(load, &files, config->files_count, sizeof *place);
    struct config_file *file = place ? calloc(1, sizeof *file) : NULL;

    config->files = files;
    if (!config_grow(load, &roots, config->files_count, sizeof *load->roots) || !file) {
        load->failed = true;
        load->roots = roots;
        free(file);
        free(text);
        return NULL;
    }
    load->roots = roots;
    *file = (struct config_file){.path = config_copy(load, path), .text = text, .size = size};
    *place = file;
    config->files_count++;
    return file->path ? file : NULL;
}

/* The root of a text: an object, or null where nothing stands. NULL if there is none such. */
static json_t *parse(struct config_load *load, const struct config_file *file)
{
    struct yaml_mark mark = {0, 0};
    struct error error = {0};
    json_t *root = yaml_read_one(file->text, file->size, &yaml_file_limits, &mark, &error);

    if (!root && error.code == ERROR_NO_MEMORY)
        load->failed = true;
    else if (!root)
        problems_add_at(load->problems, PROBLEM_ERROR, file->path, mark.line, mark.column, NULL, "%s",
                        error.message);
    if (root && !json_is_object(root) && !json_is_null(root)) {
        struct config_scope scope = config_scope_root(load, file);
        config_report(&scope, PROBLEM_ERROR, "expected an object with the keys of a config, found %s",
                      json_kind(root));
        config_scope_release(&scope);
        json_decref(root);
        root = NULL;
    }
    return root;
}

/* Reads a file and puts it behind the others; NULL if it could not be used. */
static const struct config_file *read_one(struct config_load *load, const char *path, struct error *error)
{
    size_t number = load->config->files_count;
    const struct config_file *file;
    char *text = NULL;
    size_t size = 0;

    if (file_read(AT_FDCWD, path, yaml_file_limits.bytes, &text, &size, error) != 0)
        return NULL;
    file = add_file(load, path, text, size);
    if (file)
        load->roots[number] = parse(load, file);
    return file && load->roots[number] ? file : NULL;
}

bool config_read_main(struct config_load *load, const char *path)
{
    struct error error = {0};
    const struct config_file *file = read_one(load, path, &error);
    size_t length = strlen(path);
    struct config_scope scope;

    if (error.code == ERROR_NO_MEMORY)
        load->failed = true;
    else if (error.code != 0)
        problems_add_at(load->problems, PROBLEM_ERROR, path, 0, 0, NULL, "cannot be read: %s",
                        strncmp(error.message, path, length) == 0 && error.message[length] == ':'
                            ? error.message + length + 2
                            : error.message);
    if (!file)
        return false;
    scope = config_scope_root(load, file);
    check_main_keys(&scope, load->roots[0]);
    config_scope_release(&scope);
    return true;
}

static bool is_read_already(const struct config_load *load, const char *path)
{
    struct stat wanted;

    if (stat(path, &wanted) != 0)
        return false;
    for (size_t i = 0; i < load->config->files_count; i++) {
        struct stat info;
        if (stat(load->config->files[i]->path, &info) == 0 && info.st_dev == wanted.st_dev &&
            info.st_ino == wanted.st_ino)
            return true;
    }
    return false;
}

static void include_file(const struct config_scope *scope, const char *path)
{
    struct config_load *load = scope->load;
    struct error error = {0};
    const struct config_file *file;
    struct config_scope inner;

    if (is_read_already(load, path))
        return;
    if (load->config->files_count == max_files) {
        config_report(scope, PROBLEM_ERROR, "too many files; at most %zu are read", max_files);
        return;
    }
    file = read_one(load, path, &error);
    if (error.code == ERROR_NO_MEMORY)
        load->failed = true;
    else if (error.code != 0)
        config_report(scope, PROBLEM_ERROR, "cannot be included: %s", error.message);
    if (!file)
        return;
    inner = config_scope_root(load, file);
    check_included_keys(&inner, load->roots[load->config->files_count - 1]);
    config_scope_release(&inner);
}

static int is_serious(const char *path, int code)
{
    (void)path;
    return code != ENOENT && code != ENOTDIR;
}

/* The folder of the including file is no pattern, whatever stands in its name. */
static char *absolute_pattern(const struct config_file *file, const char *pattern)
{
    char *folder = pattern[0] == '/' ? strdup("") : config_path_absolute(file, ".");
    struct text out = text_empty();

    if (!folder)
        return NULL;
    for (const char *c = folder; *c; c++) {
        if (strchr("*?[]\\", *c))
            text_append_string(&out, "\\");
        text_append(&out, c, 1);
    }
    if (pattern[0] != '/')
        text_append_string(&out, "/");
    text_append_string(&out, pattern);
    free(folder);
    return text_take(&out);
}

static void include_matches(const struct config_scope *scope, const char *pattern)
{
    char *absolute = absolute_pattern(scope->file, pattern);
    glob_t found = {0};
    int result = absolute ? glob(absolute, 0, is_serious, &found) : GLOB_NOSPACE;

    if (result == GLOB_NOSPACE)
        scope->load->failed = true;
    else if (result == GLOB_ABORTED)
        config_report(scope, PROBLEM_ERROR, "cannot be included: a folder of %s cannot be read", absolute);
    for (size_t i = 0; result == 0 && i < found.gl_pathc; i++)
        include_file(scope, found.gl_pathv[i]);
    globfree(&found);
    free(absolute);
}

static void include_path(const struct config_scope *scope, const json_t *value)
{
    const char *pattern = json_string_value(value);
    char *path;

    if (!pattern || !pattern[0]) {
        config_report(scope, PROBLEM_ERROR,
                      "expected a path or a pattern such as \"plugins.d/*.yaml\", found %s",
                      pattern ? "an empty string" : json_kind(value));
        return;
    }
    if (strpbrk(pattern, "*?[")) {
        include_matches(scope, pattern);
        return;
    }
    path = config_path_absolute(scope->file, pattern);
    if (path)
        include_file(scope, path);
    else
        scope->load->failed = true;
    free(path);
}

void config_read_includes(const struct config_scope *scope, const json_t *include)
{
    json_t *element;
    size_t i;

    if (!include || json_is_null(include))
        return;
    if (json_is_string(include))
        include_path(scope, include);
    else if (!json_is_array(include))
        config_report(scope, PROBLEM_ERROR, "expected a string or a list of strings, found %s",
                      json_kind(include));
    json_array_foreach(include, i, element)
    {
        struct config_scope inner = config_scope_element(scope, i);
        include_path(&inner, element);
        config_scope_release(&inner);
    }
}
