/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "config/config_load.h"
#include "config/yaml.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct config_scope config_scope_at(struct config_load *load, const struct config_file *file,
                                    const char *path)
{
    struct config_scope scope = {.load = load, .file = file, .path = text_empty()};

    text_append_string(&scope.path, path);
    load->failed = load->failed || scope.path.failed;
    return scope;
}

struct config_scope config_scope_root(struct config_load *load, const struct config_file *file)
{
    return config_scope_at(load, file, "");
}

struct config_scope config_scope_member(const struct config_scope *scope, const char *name)
{
    struct config_scope member = config_scope_at(scope->load, scope->file, scope->path.data);

    yaml_path_append(&member.path, name);
    scope->load->failed = scope->load->failed || member.path.failed;
    return member;
}

struct config_scope config_scope_element(const struct config_scope *scope, size_t number)
{
    struct config_scope element = config_scope_at(scope->load, scope->file, scope->path.data);

    text_append_format(&element.path, "[%zu]", number);
    scope->load->failed = scope->load->failed || element.path.failed;
    return element;
}

void config_scope_release(struct config_scope *scope)
{
    text_release(&scope->path);
}

static bool is_there(const struct problems *problems, const struct config_file *file, const char *path,
                     const char *message)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->list[i];
        if (strcmp(problem->message, message) == 0 && strcmp(problem->path, path) == 0 &&
            strcmp(problem->file, file->path) == 0)
            return true;
    }
    return false;
}

/* What is wrong with a backend for all clusters is found once for each of them. */
void config_add_located(struct problems *problems, const struct config_file *file,
                        enum problem_severity severity, const char *path, const char *message)
{
    struct yaml_mark mark = {0, 0};

    if (is_there(problems, file, path, message))
        return;
    if (problems->dropped == 0)
        mark = yaml_locate(file->text, file->size, 0, path);
    problems_add_at(problems, severity, file->path, mark.line, mark.column, path, "%s", message);
}

void config_report(const struct config_scope *scope, enum problem_severity severity, const char *format, ...)
{
    char *message = NULL;
    va_list values;
    int size;

    va_start(values, format);
    size = vasprintf(&message, format, values);
    va_end(values);
    if (size < 0) {
        scope->load->failed = true;
        return;
    }
    config_add_located(scope->load->problems, scope->file, severity, scope->path.data, message);
    free(message);
}

struct text config_quoted(const char *string)
{
    struct text quoted = text_empty();

    yaml_quote(&quoted, string, strlen(string));
    return quoted;
}

char *config_copy(struct config_load *load, const char *string)
{
    char *copy = strdup(string);

    load->failed = load->failed || !copy;
    return copy;
}

void *config_grow(struct config_load *load, void **array, size_t count, size_t size)
{
    bool is_full = (count & (count - 1)) == 0;
    char *grown = is_full ? realloc(*array, (count > 0 ? count * 2 : 1) * size) : *array;

    if (!grown) {
        load->failed = true;
        return NULL;
    }
    *array = grown;
    memset(grown + count * size, 0, size);
    return grown + count * size;
}

static size_t collect_names(const struct config_section *section, const char **names)
{
    size_t count = 0;

    for (size_t i = 0; i < section->schemas_count; i++) {
        for (size_t j = 0; j < section->schemas[i].count; j++)
            names[count++] = section->schemas[i].options[j].name;
    }
    for (size_t i = 0; i < section->others_count; i++)
        names[count++] = section->others[i];
    return count;
}

static bool is_name(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

static void check_unknown(const struct config_section *section, const json_t *value, const char *path,
                          struct problems *problems)
{
    const char *names[32];
    size_t count = collect_names(section, names);
    const char *key;
    json_t *member;

    json_object_foreach((json_t *)(uintptr_t)value, key, member)
    {
        if (!is_name(names, count, key))
            schema_add_unknown(path, key, names, count, problems);
    }
}

/* The members that one table knows, so that the others are not unknown to it. */
static void check_table(const struct config_scope *scope, const struct schema *schema, const json_t *value,
                        struct problems *problems)
{
    json_t *known = json_object();

    scope->load->failed = scope->load->failed || !known;
    for (size_t i = 0; known && i < schema->count; i++) {
        json_t *member = json_member(value, schema->options[i].name);
        if (member && json_object_set(known, schema->options[i].name, member) != 0)
            scope->load->failed = true;
    }
    schema_check(schema, known, scope->path.data, problems);
    json_decref(known);
}

bool config_check_section(const struct config_scope *scope, const struct config_section *section,
                          const json_t *value)
{
    struct problems problems = {0};

    if (value && !json_is_null(value) && !json_is_object(value)) {
        config_report(scope, PROBLEM_ERROR, "expected an object, found %s", json_kind(value));
        return false;
    }
    if (json_is_object(value))
        check_unknown(section, value, scope->path.data, &problems);
    for (size_t i = 0; i < section->schemas_count; i++)
        check_table(scope, &section->schemas[i], value, &problems);
    for (size_t i = 0; i < problems.count; i++)
        config_add_located(scope->load->problems, scope->file, problems.list[i].severity,
                           problems.list[i].path, problems.list[i].message);
    /* Those beyond the limit of a list count all the same. */
    if (problems.dropped > 0)
        problems_add_at(scope->load->problems, PROBLEM_ERROR, scope->file->path, 0, 0, scope->path.data,
                        "%zu more problems", problems.dropped);
    problems_release(&problems);
    return true;
}
