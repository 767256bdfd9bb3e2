/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "base/digest.h"

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

/* What a value is, and what it holds. */
static uint64_t combine(uint64_t type, uint64_t content)
{
    const uint64_t both[2] = {type, content};

    return digest_number((const char *)both, sizeof both);
}

/* Members are added up, so that their order does not count. */
static uint64_t digest_members(const json_t *object)
{
    uint64_t sum = 0;
    const char *name;
    json_t *member;

    json_object_foreach(json_iterable(object), name, member)
    {
        sum += combine(digest_number(name, strlen(name)), json_digest(member));
    }
    return sum;
}

static uint64_t digest_elements(const json_t *array)
{
    uint64_t chain = 0;
    json_t *element;
    size_t i;

    json_array_foreach(array, i, element)
    {
        chain = combine(chain, json_digest(element));
    }
    return combine(json_array_size(array), chain);
}

uint64_t json_digest(const json_t *value)
{
    uint64_t content = 0;
    double real;

    switch (json_typeof(value)) {
    case JSON_OBJECT:
        content = digest_members(value);
        break;
    case JSON_ARRAY:
        content = digest_elements(value);
        break;
    case JSON_STRING:
        content = digest_number(json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        content = (uint64_t)json_integer_value(value);
        break;
    case JSON_REAL:
        real = json_real_value(value);
        memcpy(&content, &real, sizeof content);
        break;
    default:
        break;
    }
    return combine((uint64_t)json_typeof(value), content);
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
