/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/path.h"

#include <stdio.h>
#include <string.h>

static void append_encoded(struct text *out, const char *value)
{
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    while (*value) {
        size_t plain = strspn(value, unreserved);
        text_append(out, value, plain);
        value += plain;
        if (*value)
            text_append_format(out, "%%%02X", (unsigned)(unsigned char)*value++);
    }
}

void path_add_query(struct text *out, const char *name, const char *value)
{
    if (!value || !value[0])
        return;
    text_append_format(out, "%c%s=", strchr(out->data, '?') ? '&' : '?', name);
    append_encoded(out, value);
}

static int check_version(const struct object_ref *ref, struct error *error)
{
    if (!ref->group || (ref->group[0] && !name_is_subdomain(ref->group)))
        return error_set(error, ERROR_INVALID, "\"%s\" is no API group", ref->group ? ref->group : "");
    if (!ref->version || !name_is_label(ref->version))
        return error_set(error, ERROR_INVALID, "\"%s\" is no version of an API group",
                         ref->version ? ref->version : "");
    return 0;
}

static int check_collection(const struct object_ref *ref, struct error *error)
{
    int result = check_version(ref, error);

    if (result != 0)
        return result;
    if (!ref->plural || !name_is_label(ref->plural))
        return error_set(error, ERROR_INVALID, "\"%s\" is no plural of a kind",
                         ref->plural ? ref->plural : "");
    if (ref->name_space && !name_is_label(ref->name_space))
        return error_set(error, ERROR_INVALID, "\"%s\" is no namespace", ref->name_space);
    return 0;
}

static void append_version(struct text *out, const struct object_ref *ref)
{
    if (ref->group[0])
        text_append_format(out, "/apis/%s/%s", ref->group, ref->version);
    else
        text_append_format(out, "/api/%s", ref->version);
}

static void append_collection(struct text *out, const struct object_ref *ref)
{
    append_version(out, ref);
    if (ref->name_space)
        text_append_format(out, "/namespaces/%s", ref->name_space);
    text_append_format(out, "/%s", ref->plural);
}

static int done(struct text *out, struct error *error)
{
    return out->failed ? error_no_memory(error) : 0;
}

int path_version(struct text *out, const struct object_ref *ref, struct error *error)
{
    int result = check_version(ref, error);

    if (result != 0)
        return result;
    append_version(out, ref);
    return done(out, error);
}

int path_collection(struct text *out, const struct object_ref *ref, struct error *error)
{
    int result = check_collection(ref, error);

    if (result != 0)
        return result;
    append_collection(out, ref);
    return done(out, error);
}

int path_object(struct text *out, const struct object_ref *ref, const char *subresource, struct error *error)
{
    int result = check_collection(ref, error);

    if (result != 0)
        return result;
    if (!ref->name || !name_is_segment(ref->name))
        return error_set(error, ERROR_INVALID, "\"%s\" is no name of an object", ref->name ? ref->name : "");
    append_collection(out, ref);
    text_append_string(out, "/");
    append_encoded(out, ref->name);
    if (subresource)
        text_append_format(out, "/%s", subresource);
    return done(out, error);
}

static void add_number(struct text *out, const char *name, unsigned number)
{
    char value[16];

    (void)snprintf(value, sizeof value, "%u", number);
    path_add_query(out, name, number > 0 ? value : NULL);
}

int path_of_list(struct text *out, const struct object_ref *ref, const struct path_list *list,
                 struct error *error)
{
    bool continues = list->continue_token && list->continue_token[0];
    int result;

    if (list->exact && (!list->resource_version || strcmp(list->resource_version, "0") == 0))
        return error_set(error, ERROR_INVALID, "a list of an exact resource version needs one that is not 0");
    result = path_collection(out, ref, error);
    if (result != 0)
        return result;
    add_number(out, "limit", list->limit);
    path_add_query(out, "continue", list->continue_token);
    if (!continues) {
        path_add_query(out, "resourceVersion", list->resource_version);
        path_add_query(out, "resourceVersionMatch", list->exact ? "Exact" : NULL);
    }
    path_add_query(out, "labelSelector", list->label_selector);
    path_add_query(out, "fieldSelector", list->field_selector);
    return done(out, error);
}

int path_of_watch(struct text *out, const struct object_ref *ref, const struct path_watch *watch,
                  struct error *error)
{
    int result = path_collection(out, ref, error);

    if (result != 0)
        return result;
    path_add_query(out, "watch", "true");
    path_add_query(out, "allowWatchBookmarks", "true");
    path_add_query(out, "resourceVersion", watch->resource_version);
    add_number(out, "timeoutSeconds", watch->timeout_s);
    path_add_query(out, "labelSelector", watch->label_selector);
    path_add_query(out, "fieldSelector", watch->field_selector);
    return done(out, error);
}
