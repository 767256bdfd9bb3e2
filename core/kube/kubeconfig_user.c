/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "base/json.h"
#include "kube/kubeconfig_entry.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
    "act-as",
    "act-as-groups",
    "act-as-uid",
    "act-as-user-extra",
    "auth-provider",
    "client-certificate",
    "client-certificate-data",
    "client-key",
    "client-key-data",
    "exec",
    "extensions",
    "password",
    "token",
    "tokenFile",
    "username",
};

/* What an HTTP header can hold without being cut or folded. */
static bool is_header_value(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return false;
    }
    return true;
}

bool kubeconfig_is_token(const char *text)
{
    const char *at = text;

    while (*at > ' ' && *at < 0x7f)
        at++;
    return at != text && !*at;
}

static int refuse_gone(const struct kubeconfig_entry *entry)
{
    static const char *const basic[] = {"username", "password"};

    for (size_t i = 0; i < 2; i++) {
        const char *value = NULL;
        int result = kubeconfig_text(entry, basic[i], &value);
        if (result != 0)
            return result;
        if (value)
            return kubeconfig_refuse(
                entry, basic[i],
                "user names and passwords are gone from Kubernetes since 1.19; use a token, a "
                "client certificate or exec");
    }
    if (json_member(entry->value, "auth-provider") &&
        !json_is_null(json_member(entry->value, "auth-provider")))
        return kubeconfig_refuse(
            entry, "auth-provider",
            "auth-provider is gone from Kubernetes since 1.26; use exec with a program that "
            "gives credentials");
    return 0;
}

static int read_certificate(const struct kubeconfig_entry *entry, struct kubeconfig *config)
{
    bool certificate;
    bool key;
    int result = kubeconfig_blob(entry, "client-certificate", &config->certificate);

    if (result == 0)
        result = kubeconfig_blob(entry, "client-key", &config->key);
    if (result != 0)
        return result;
    certificate = config->certificate.path || config->certificate.data;
    key = config->key.path || config->key.data;
    if (certificate && !key)
        return kubeconfig_refuse(entry, "client-certificate", "there is no client-key that belongs to it");
    if (key && !certificate)
        return kubeconfig_refuse(entry, "client-key", "there is no client-certificate that belongs to it");
    return 0;
}

/* A file that is not there now would be told much later, by somebody who knows nothing of the entry. */
static int check_token_file(const struct kubeconfig_entry *entry, const char *path)
{
    struct error why = {0};
    char *data = NULL;
    size_t size = 0;

    if (file_read(AT_FDCWD, path, (size_t)64 * 1024, &data, &size, &why) != 0)
        return why.code == ERROR_NO_MEMORY ? error_no_memory(entry->error)
                                           : kubeconfig_refuse(entry, "tokenFile", "%s", why.message);
    free(data);
    return 0;
}

static int read_token(const struct kubeconfig_entry *entry, struct kubeconfig *config)
{
    int result = kubeconfig_text(entry, "token", &config->token);

    if (result != 0)
        return result;
    if (config->token && !kubeconfig_is_token(config->token))
        return kubeconfig_refuse(entry, "token", "a token holds no blanks and nothing but printable ASCII");
    result = kubeconfig_path(entry, "tokenFile", &config->token_file);
    if (result != 0 || !config->token_file)
        return result;
    return check_token_file(entry, config->token_file);
}

/* Headers that are collected; there are at most as many as room was made for. */
struct headers {
    struct kubeconfig_header *list;
    size_t count;
};

static int add_header(const struct kubeconfig_entry *entry, struct headers *headers, const char *field,
                      const char *name, const char *value)
{
    if (!is_header_value(value) || !value[0])
        return kubeconfig_refuse(entry, field,
                                 "expected a text without control characters that is not empty");
    headers->list[headers->count] =
        (struct kubeconfig_header){arena_string(entry->arena, name), arena_string(entry->arena, value)};
    if (!headers->list[headers->count].name || !headers->list[headers->count].value)
        return error_no_memory(entry->error);
    headers->count++;
    return 0;
}

/* Letters of a header's name; anything else in a key is percent-encoded, as the API server expects it. */
static const char *extra_name(const char *key, struct arena *arena)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&'*+-.^_`|~";
    char *name = arena_alloc(arena, sizeof "Impersonate-Extra-" + strlen(key) * 3);
    size_t used = sizeof "Impersonate-Extra-" - 1;

    if (!name)
        return NULL;
    memcpy(name, "Impersonate-Extra-", used);
    for (; *key; key++) {
        static const char digits[] = "0123456789ABCDEF";
        if (strchr(plain, *key)) {
            name[used++] = *key;
            continue;
        }
        name[used++] = '%';
        name[used++] = digits[(unsigned char)*key >> 4];
        name[used++] = digits[(unsigned char)*key & 15];
    }
    return name;
}

static int add_extra(const struct kubeconfig_entry *entry, struct headers *headers)
{
    json_t *extra = json_member(entry->value, "act-as-user-extra");
    const char *key;
    json_t *values;

    json_object_foreach(extra, key, values)
    {
        const char *name = extra_name(key, entry->arena);
        json_t *value;
        size_t i;
        if (!name)
            return error_no_memory(entry->error);
        json_array_foreach(values, i, value)
        {
            int result = add_header(entry, headers, "act-as-user-extra", name, json_string_value(value));
            if (result != 0)
                return result;
        }
    }
    return 0;
}

/* Counts the values, and that they are lists of strings. */
static int count_extra(const struct kubeconfig_entry *entry, size_t *count)
{
    json_t *extra = json_member(entry->value, "act-as-user-extra");
    const char *key;
    json_t *values;

    *count = 0;
    if (extra && !json_is_object(extra) && !json_is_null(extra))
        return kubeconfig_refuse(entry, "act-as-user-extra", "expected an object, found %s",
                                 json_kind(extra));
    json_object_foreach(extra, key, values)
    {
        json_t *value;
        size_t i;
        if (!json_is_array(values))
            return kubeconfig_refuse(entry, "act-as-user-extra", "expected lists of strings in it, found %s",
                                     json_kind(values));
        json_array_foreach(values, i, value)
        {
            if (!json_is_string(value))
                return kubeconfig_refuse(entry, "act-as-user-extra",
                                         "expected lists of strings in it, found %s", json_kind(value));
            (*count)++;
        }
    }
    return 0;
}

static int add_headers(const struct kubeconfig_entry *entry, const char *user, const char *const *groups,
                       struct headers *headers)
{
    const char *uid = NULL;
    int result = kubeconfig_text(entry, "act-as-uid", &uid);

    if (result == 0)
        result = add_header(entry, headers, "act-as", "Impersonate-User", user);
    if (result == 0 && uid)
        result = add_header(entry, headers, "act-as-uid", "Impersonate-Uid", uid);
    for (; result == 0 && *groups; groups++)
        result = add_header(entry, headers, "act-as-groups", "Impersonate-Group", *groups);
    return result != 0 ? result : add_extra(entry, headers);
}

static int read_impersonation(const struct kubeconfig_entry *entry, struct kubeconfig *config)
{
    const char *user = NULL;
    const char *uid = NULL;
    const char *const *groups = NULL;
    size_t extra = 0;
    struct headers headers = {0};
    int result = kubeconfig_text(entry, "act-as", &user);

    if (result == 0)
        result = kubeconfig_text(entry, "act-as-uid", &uid);
    if (result == 0)
        result = kubeconfig_texts(entry, "act-as-groups", &groups);
    if (result == 0)
        result = count_extra(entry, &extra);
    if (result != 0)
        return result;
    if (!user && (uid || groups[0] || extra > 0))
        return kubeconfig_refuse(entry, "", "act-as-uid, act-as-groups and act-as-user-extra need act-as");
    if (!user)
        return 0;
    headers.list =
        arena_array(entry->arena, json_array_size(json_member(entry->value, "act-as-groups")) + extra + 3,
                    sizeof *headers.list);
    if (!headers.list)
        return error_no_memory(entry->error);
    config->impersonate = headers.list;
    return add_headers(entry, user, groups, &headers);
}

int kubeconfig_read_user(const struct kubeconfig_entry *entry, struct kubeconfig *config)
{
    int result = kubeconfig_check_names(entry, "", names, sizeof names / sizeof names[0]);

    if (result == 0)
        result = refuse_gone(entry);
    if (result == 0)
        result = read_certificate(entry, config);
    if (result == 0)
        result = read_token(entry, config);
    if (result == 0)
        result = kubeconfig_read_exec(entry, config);
    if (result == 0)
        result = read_impersonation(entry, config);
    if (result == 0 && config->exec &&
        (config->token || config->token_file || config->certificate.path || config->certificate.data))
        return kubeconfig_refuse(entry, "exec",
                                 "beside a token or a client certificate it is not clear which counts; "
                                 "leave one of them out");
    return result;
}
