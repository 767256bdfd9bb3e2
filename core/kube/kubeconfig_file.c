/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "base/json.h"
#include "config/yaml.h"
#include "kube/kubeconfig_entry.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {"cluster", "user", "context"};

static int refuse_at(const struct kubeconfig_file *file, const char *path, const char *what,
                     struct error *error)
{
    struct yaml_mark mark = yaml_locate(file->text, file->size, 0, path);

    return error_set(error, ERROR_INVALID, "%s:%zu:%zu: %s: %s", file->path, mark.line, mark.column, path,
                     what);
}

static int check_element(const struct kubeconfig_file *file, const char *kind, size_t number,
                         struct error *error)
{
    char list[16];
    char path[64];
    const json_t *element;
    const json_t *value;

    (void)snprintf(list, sizeof list, "%ss", kind);
    (void)snprintf(path, sizeof path, "%s[%zu]", list, number);
    element = json_array_get(json_member(file->root, list), number);
    value = json_member(element, kind);
    if (!json_string_value(json_member(element, "name")))
        return refuse_at(file, path, "expected an object with a name", error);
    if (value && !json_is_object(value) && !json_is_null(value)) {
        (void)snprintf(path, sizeof path, "%s[%zu].%s", list, number, kind);
        return refuse_at(file, path, "expected an object", error);
    }
    for (size_t i = 0; i < number; i++) {
        const char *name = json_string_value(json_member(element, "name"));
        const json_t *other = json_array_get(json_member(file->root, list), i);
        if (strcmp(name, json_string_value(json_member(other, "name"))) == 0)
            return refuse_at(file, path, "an entry of this name stands in the file already", error);
    }
    return 0;
}

static int check_list(const struct kubeconfig_file *file, const char *kind, struct error *error)
{
    char name[16];
    const json_t *list;

    (void)snprintf(name, sizeof name, "%ss", kind);
    list = json_member(file->root, name);
    if (!list || json_is_null(list))
        return 0;
    if (!json_is_array(list))
        return refuse_at(file, name, "expected a list of entries", error);
    /* Each is compared with all before it. */
    if (json_array_size(list) > 10000)
        return error_set(error, ERROR_LIMIT, "%s: %s: too many entries; at most 10000 are read", file->path,
                         name);
    for (size_t i = 0; i < json_array_size(list); i++) {
        int result = check_element(file, kind, i, error);
        if (result != 0)
            return result;
    }
    return 0;
}

static int check_root(const struct kubeconfig_file *file, struct error *error)
{
    const json_t *current = json_member(file->root, "current-context");
    int result = 0;

    if (json_is_null(file->root))
        return 0;
    if (!json_is_object(file->root))
        return error_set(error, ERROR_INVALID, "%s: expected a kubeconfig, found %s", file->path,
                         json_kind(file->root));
    if (current && !json_is_string(current) && !json_is_null(current))
        return refuse_at(file, "current-context", "expected a string", error);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && result == 0; i++)
        result = check_list(file, kinds[i], error);
    return result;
}

/* The reader's own message may quote what it stumbled over, and that may be a token. */
static int parse(struct kubeconfig_file *file, struct error *error)
{
    struct yaml_mark mark = {0, 0};
    struct error why = {0};

    file->root = yaml_read_one(file->text, file->size, &yaml_file_limits, &mark, &why);
    if (file->root)
        return check_root(file, error);
    if (why.code == ERROR_NO_MEMORY)
        return error_no_memory(error);
    return error_set(
        error, why.code,
        "%s:%zu:%zu: this cannot be read as YAML of one meaning; texts that look like numbers, yes or "
        "no need quotes, and a key, an anchor or a tag may be wrong here",
        file->path, mark.line, mark.column);
}

static void release_file(struct kubeconfig_file *file)
{
    free(file->path);
    free(file->text);
    json_decref(file->root);
}

int kubeconfig_add_file(struct kubeconfig_files *files, const char *path, struct error *error)
{
    struct kubeconfig_file *list = realloc(files->list, (files->count + 1) * sizeof *list);
    struct kubeconfig_file file = {0};
    int result;

    if (!list)
        return error_no_memory(error);
    files->list = list;
    result = file_read(AT_FDCWD, path, yaml_file_limits.bytes, &file.text, &file.size, error);
    if (result != 0)
        return result;
    file.path = strdup(path);
    result = file.path ? parse(&file, error) : error_no_memory(error);
    if (result != 0) {
        release_file(&file);
        return result;
    }
    list[files->count++] = file;
    return 0;
}

void kubeconfig_release_files(struct kubeconfig_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        release_file(&files->list[i]);
    free(files->list);
    *files = (struct kubeconfig_files){0};
}

bool kubeconfig_find(const struct kubeconfig_files *files, struct kubeconfig_entry *entry)
{
    char list[16];

    (void)snprintf(list, sizeof list, "%ss", entry->kind);
    for (size_t i = 0; i < files->count; i++) {
        const json_t *entries = json_member(files->list[i].root, list);
        json_t *element;
        size_t number;
        json_array_foreach(entries, number, element)
        {
            if (strcmp(json_string_value(json_member(element, "name")), entry->name) != 0)
                continue;
            entry->file = &files->list[i];
            entry->number = number;
            entry->value = json_member(element, entry->kind);
            return true;
        }
    }
    return false;
}
