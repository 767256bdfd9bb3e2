/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "base/digest.h"
#include "base/text.h"

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

static void append_escaped(struct text *out, char c)
{
    if (c == '"' || c == '\\')
        text_append_format(out, "\\%c", c);
    else
        text_append_format(out, "\\u%04x", (unsigned)(unsigned char)c);
}

static void append_string(struct text *out, const char *data, size_t size)
{
    text_append(out, "\"", 1);
    while (size > 0) {
        size_t plain = 0;
        while (plain < size && data[plain] != '"' && data[plain] != '\\' && (unsigned char)data[plain] >= ' ')
            plain++;
        text_append(out, data, plain);
        if (plain < size)
            append_escaped(out, data[plain++]);
        data += plain;
        size -= plain;
    }
    text_append(out, "\"", 1);
}

static void append_real(struct text *out, const json_t *value)
{
    char digits[64];
    size_t size = json_dumpb(value, digits, sizeof digits, JSON_ENCODE_ANY);

    out->failed = out->failed || size == 0 || size > sizeof digits;
    if (!out->failed)
        text_append(out, digits, size);
}

static void append_value(struct text *out, const json_t *value);

static void append_container(struct text *out, const json_t *value)
{
    bool is_list = json_is_array(value);
    bool more = false;
    const char *name;
    json_t *member;
    size_t i;

    text_append(out, is_list ? "[" : "{", 1);
    json_array_foreach(value, i, member)
    {
        text_append(out, ",", i > 0);
        append_value(out, member);
    }
    json_object_foreach(json_iterable(value), name, member)
    {
        text_append(out, ",", more);
        append_string(out, name, strlen(name));
        text_append(out, ":", 1);
        append_value(out, member);
        more = true;
    }
    text_append(out, is_list ? "]" : "}", 1);
}

static void append_value(struct text *out, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        append_container(out, value);
        break;
    case JSON_STRING:
        append_string(out, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        text_append_integer(out, json_integer_value(value));
        break;
    case JSON_REAL:
        append_real(out, value);
        break;
    case JSON_TRUE:
        text_append_string(out, "true");
        break;
    case JSON_FALSE:
        text_append_string(out, "false");
        break;
    case JSON_NULL:
        text_append_string(out, "null");
        break;
    }
}

char *json_compact(const json_t *value)
{
    struct text text = text_empty();

    append_value(&text, value);
    return text_take(&text);
}

static json_t *copy_object(const json_t *value)
{
    json_t *copy = json_object();
    const char *name;
    json_t *member;

    json_object_foreach(json_iterable(value), name, member)
    {
        if (json_object_set_new_nocheck(copy, name, json_copy_all(member)) == 0)
            continue;
        json_decref(copy);
        return NULL;
    }
    return copy;
}

static json_t *copy_array(const json_t *value)
{
    json_t *copy = json_array();
    json_t *member;
    size_t i;

    json_array_foreach(value, i, member)
    {
        if (json_array_append_new(copy, json_copy_all(member)) == 0)
            continue;
        json_decref(copy);
        return NULL;
    }
    return copy;
}

json_t *json_copy_all(const json_t *value)
{
    if (json_is_object(value))
        return copy_object(value);
    if (json_is_array(value))
        return copy_array(value);
    return json_copy(json_iterable(value));
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
