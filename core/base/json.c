/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <string.h>

json_t *json_member(const json_t *object, const char *name)
{
    return json_object_get(object, name);
}

/* Looks the first name of the path up. Tells what follows it, and whether a list was asked for. */
static json_t *step(const json_t *value, const char **path, bool *list)
{
    size_t length = strcspn(*path, ".[");
    json_t *member = json_object_getn(value, *path, length);

    *path += length;
    *list = **path == '[';
    if (*list)
        *path += 2;
    if (**path == '.')
        (*path)++;
    return member;
}

json_t *json_at(const json_t *root, const char *path)
{
    json_t *value = NULL;
    bool list = false;

    while (*path) {
        value = step(root, &path, &list);
        if (!value)
            return NULL;
        root = value;
    }
    return value;
}

const char *json_text_at(const json_t *root, const char *path)
{
    return json_string_value(json_at(root, path));
}

bool json_each_text(const json_t *root, const char *path, json_text_fn visit, void *payload)
{
    bool list = false;
    json_t *value = step(root, &path, &list);
    json_t *element;
    size_t i;

    if (!list && *path)
        return json_each_text(value, path, visit, payload);
    if (!list)
        return !json_is_string(value) || visit(json_string_value(value), payload);
    json_array_foreach(value, i, element)
    {
        if (*path ? !json_each_text(element, path, visit, payload)
                  : json_is_string(element) && !visit(json_string_value(element), payload))
            return false;
    }
    return true;
}

json_t *json_parse(const char *data, size_t size, struct error *error)
{
    json_error_t where;
    json_t *value = json_loadb(data, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &where);

    if (!value)
        (void)error_set(error, ERROR_INVALID, "%d:%d: %s", where.line, where.column, where.text);
    return value;
}

char *json_canonical(const json_t *value)
{
    return json_dumps(value, JSON_SORT_KEYS | JSON_COMPACT | JSON_ENCODE_ANY);
}

json_t *json_iterable(const json_t *value)
{
    json_t *result;

    memcpy(&result, &value, sizeof result);
    return result;
}

const char *json_kind(const json_t *value)
{
    if (!value)
        return "nothing";
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "a list";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
        return "an integer";
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "a boolean";
    case JSON_NULL:
        return "null";
    }
    return "nothing";
}
