/* SPDX-License-Identifier: Apache-2.0 */
#include "object/key.h"

#include "base/json.h"

#include <stdio.h>
#include <string.h>

static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* A DNS label of this length at the beginning of the text. */
static bool label(const char *text, size_t length)
{
    if (length == 0 || length > LABEL_MAX || !is_alphanumeric(text[0]) || !is_alphanumeric(text[length - 1]))
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!is_alphanumeric(text[i]) && text[i] != '-')
            return false;
    }
    return true;
}

bool name_is_label(const char *name)
{
    return label(name, strlen(name));
}

bool name_is_service(const char *name)
{
    return name[0] >= 'a' && name[0] <= 'z' && name_is_label(name);
}

/* Kubernetes bounds the whole name only, not each of its labels (RFC 1123 subdomain of apimachinery). */
bool name_is_subdomain(const char *name)
{
    size_t length = strlen(name);

    if (length == 0 || length > SUBDOMAIN_MAX)
        return false;
    for (size_t i = 0; i < length; i++) {
        bool edge = i == 0 || i == length - 1 || name[i - 1] == '.' || name[i + 1] == '.';
        if (is_alphanumeric(name[i]))
            continue;
        if (edge || (name[i] != '-' && name[i] != '.'))
            return false;
    }
    return true;
}

bool name_is_segment(const char *name)
{
    size_t length = strlen(name);

    if (length == 0 || length > SUBDOMAIN_MAX || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (name[i] <= ' ' || name[i] > '~' || name[i] == '/' || name[i] == '%')
            return false;
    }
    return true;
}

bool name_is_label_value(const char *value)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    static const char all[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    size_t length = strlen(value);

    return length > 0 && length <= SUBDOMAIN_MAX && strspn(value, all) == length &&
           strchr(letters, value[0]) && strchr(letters, value[length - 1]);
}

void kind_format(char out[KIND_SIZE], const char *kind, const char *group)
{
    (void)snprintf(out, KIND_SIZE, "%.63s.%.253s", kind, group);
}

void resource_append(struct text *out, const char *plural, const char *group)
{
    text_append_string(out, plural);
    if (group[0])
        text_append_format(out, ".%s", group);
}

void key_format(char key[KEY_SIZE], const char *name_space, const char *name)
{
    size_t before = strnlen(name_space, KEY_SIZE - 1);
    size_t after = strnlen(name, KEY_SIZE - 1);

    memcpy(key, name_space, before);
    key[before] = '\0';
    if (before == KEY_SIZE - 1)
        return;
    key[before++] = '/';
    if (after > KEY_SIZE - 1 - before)
        after = KEY_SIZE - 1 - before;
    memcpy(key + before, name, after);
    key[before + after] = '\0';
}

char *key_cut(char *key)
{
    char *slash = strchr(key, '/');

    if (!slash)
        return key + strlen(key);
    *slash = '\0';
    return slash + 1;
}

bool object_is(const json_t *object, const char *group, const char *kind)
{
    const char *version = json_string_value(json_member(object, "apiVersion"));
    const char *found = json_string_value(json_member(object, "kind"));
    size_t length = strlen(group);

    if (!version || !found || strcmp(found, kind) != 0)
        return false;
    if (length == 0)
        return !strchr(version, '/');
    return strncmp(version, group, length) == 0 && version[length] == '/';
}

const char *object_namespace(const json_t *object)
{
    const char *name_space = json_text_at(object, "metadata.namespace");

    return name_space ? name_space : "default";
}

const char *object_name(const json_t *object)
{
    return json_text_at(object, "metadata.name");
}

bool object_group(const json_t *object, char group[SUBDOMAIN_MAX + 1])
{
    const char *version = json_string_value(json_member(object, "apiVersion"));
    const char *slash = version ? strchr(version, '/') : NULL;
    size_t length = slash ? (size_t)(slash - version) : 0;

    if (!version || length > SUBDOMAIN_MAX)
        return false;
    memcpy(group, version, length);
    group[length] = '\0';
    return true;
}
