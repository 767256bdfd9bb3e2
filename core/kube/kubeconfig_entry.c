/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/kubeconfig_entry.h"

#include "base/file.h"
#include "base/json.h"
#include "base/similar.h"
#include "base/text.h"
#include "config/yaml.h"
#include "kube/base64.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The path of a field as yaml_locate() reads it. */
static void append_place(struct text *path, const struct kubeconfig_entry *entry, const char *field)
{
    text_append_format(path, "%ss[%zu]", entry->kind, entry->number);
    if (field[0])
        text_append_format(path, ".%s.%s", entry->kind, field);
}

int kubeconfig_refuse(const struct kubeconfig_entry *entry, const char *field, const char *format, ...)
{
    const struct kubeconfig_file *file = entry->file;
    struct yaml_mark mark = {0, 0};
    struct text path = text_empty();
    char what[512];
    va_list values;

    va_start(values, format);
    (void)vsnprintf(what, sizeof what, format, values);
    va_end(values);
    append_place(&path, entry, field);
    if (!path.failed)
        mark = yaml_locate(file->text, file->size, 0, path.data);
    text_release(&path);
    return error_set(entry->error, ERROR_INVALID, "%.200s:%zu:%zu: %s \"%.100s\"%s%.100s: %s", file->path,
                     mark.line, mark.column, entry->kind, entry->name, field[0] ? ", " : "", field, what);
}

static json_t *field_of(const struct kubeconfig_entry *entry, const char *field)
{
    json_t *value = field[0] ? json_at(entry->value, field) : entry->value;

    return json_is_null(value) ? NULL : value;
}

/* What stands where a key should be may be a secret that slipped; then it is not shown. */
static bool is_key(const char *name)
{
    size_t length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_");

    return length > 0 && length <= 40 && !name[length];
}

int kubeconfig_check_names(const struct kubeconfig_entry *entry, const char *field, const char *const names[],
                           size_t count)
{
    json_t *object = field_of(entry, field);
    const char *name;
    json_t *value;

    if (object && !json_is_object(object))
        return kubeconfig_refuse(entry, field, "expected an object, found %s", json_kind(object));
    json_object_foreach(object, name, value)
    {
        const char *similar = similar_find(name, names, count);
        char path[128];
        if (similar && strcmp(similar, name) == 0)
            continue;
        if (!is_key(name))
            return kubeconfig_refuse(entry, field, "a key in it is not known");
        (void)snprintf(path, sizeof path, "%s%s%s", field, field[0] ? "." : "", name);
        if (similar)
            return kubeconfig_refuse(entry, path, "this key is not known; did you mean \"%s\"?", similar);
        return kubeconfig_refuse(entry, path, "this key is not known");
    }
    return 0;
}

static int copy_text(const struct kubeconfig_entry *entry, const char *text, const char **out)
{
    *out = arena_string(entry->arena, text);
    return *out ? 0 : error_no_memory(entry->error);
}

int kubeconfig_text(const struct kubeconfig_entry *entry, const char *field, const char **out)
{
    const json_t *value = field_of(entry, field);

    *out = NULL;
    if (!value)
        return 0;
    if (!json_is_string(value))
        return kubeconfig_refuse(entry, field, "expected a string, found %s", json_kind(value));
    return json_string_length(value) > 0 ? copy_text(entry, json_string_value(value), out) : 0;
}

int kubeconfig_bool(const struct kubeconfig_entry *entry, const char *field, bool *out)
{
    const json_t *value = field_of(entry, field);

    *out = json_is_true(value);
    if (value && !json_is_boolean(value))
        return kubeconfig_refuse(entry, field, "expected true or false, found %s", json_kind(value));
    return 0;
}

const char *kubeconfig_resolve(const struct kubeconfig_file *file, const char *path, struct arena *arena)
{
    const char *slash = strrchr(file->path, '/');

    if (path[0] == '/' || !slash)
        return arena_string(arena, path);
    return arena_format(arena, "%.*s/%s", (int)(slash - file->path), file->path, path);
}

int kubeconfig_path(const struct kubeconfig_entry *entry, const char *field, const char **out)
{
    int result = kubeconfig_text(entry, field, out);

    if (result != 0 || !*out)
        return result;
    *out = kubeconfig_resolve(entry->file, *out, entry->arena);
    return *out ? 0 : error_no_memory(entry->error);
}

int kubeconfig_texts(const struct kubeconfig_entry *entry, const char *field, const char *const **out)
{
    const json_t *list = field_of(entry, field);
    const char **texts;
    json_t *element;
    size_t i;

    if (list && !json_is_array(list))
        return kubeconfig_refuse(entry, field, "expected a list of strings, found %s", json_kind(list));
    texts = arena_array(entry->arena, json_array_size(list) + 1, sizeof *texts);
    if (!texts)
        return error_no_memory(entry->error);
    json_array_foreach(list, i, element)
    {
        if (!json_is_string(element)) {
            char path[128];
            (void)snprintf(path, sizeof path, "%s[%zu]", field, i);
            return kubeconfig_refuse(entry, path, "expected a string, found %s", json_kind(element));
        }
        if (copy_text(entry, json_string_value(element), &texts[i]) != 0)
            return ERROR_NO_MEMORY;
    }
    *out = texts;
    return 0;
}

static bool is_pem(const char *data)
{
    return strstr(data, "-----BEGIN ") != NULL;
}

static int read_data(const struct kubeconfig_entry *entry, const char *field, const char *text,
                     struct kubeconfig_blob *out)
{
    char *data = arena_alloc(entry->arena, base64_room(strlen(text)));

    if (!data)
        return error_no_memory(entry->error);
    if (!base64_decode(text, data, &out->size))
        return kubeconfig_refuse(entry, field, "expected base64");
    if (strlen(data) != out->size || !is_pem(data))
        return kubeconfig_refuse(entry, field, "expected PEM in base64, which begins with \"-----BEGIN\"");
    out->data = data;
    return 0;
}

/* A file that is not there now would be told much later, by somebody who knows nothing of the entry. */
static int check_file(const struct kubeconfig_entry *entry, const char *field, const char *path)
{
    struct error why = {0};
    char *data = NULL;
    size_t size = 0;
    bool pem;

    if (file_read(AT_FDCWD, path, (size_t)1024 * 1024, &data, &size, &why) != 0)
        return why.code == ERROR_NO_MEMORY ? error_no_memory(entry->error)
                                           : kubeconfig_refuse(entry, field, "%s", why.message);
    pem = is_pem(data);
    free(data);
    return pem ? 0
               : kubeconfig_refuse(entry, field, "%.300s holds no PEM, which begins with \"-----BEGIN\"",
                                   path);
}

int kubeconfig_blob(const struct kubeconfig_entry *entry, const char *field, struct kubeconfig_blob *out)
{
    char data_field[64];
    const char *text = NULL;
    int result;

    *out = (struct kubeconfig_blob){0};
    (void)snprintf(data_field, sizeof data_field, "%s-data", field);
    result = kubeconfig_text(entry, data_field, &text);
    if (result != 0)
        return result;
    if (text)
        return read_data(entry, data_field, text, out);
    result = kubeconfig_path(entry, field, &out->path);
    if (result != 0 || !out->path)
        return result;
    return check_file(entry, field, out->path);
}
