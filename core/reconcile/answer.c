/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/answer.h"

#include "base/json.h"
#include "object/owner.h"
#include "object/place.h"
#include "reconcile/clean.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void drop_outputs(struct rendering *out)
{
    for (size_t i = 0; i < out->count; i++)
        output_release(&out->outputs[i]);
    free(out->outputs);
    out->outputs = NULL;
    out->count = 0;
}

void answer_refuse(struct rendering *out, int32_t code, const char *format, ...)
{
    char message[1024];
    va_list values;

    va_start(values, format);
    (void)vsnprintf(message, sizeof message, format, values);
    va_end(values);
    clean_text(out->message, sizeof out->message, message);
    out->code = code;
    drop_outputs(out);
}

void answer_fault(struct rendering *out, const char *format, ...)
{
    const struct plugin *plugin = out->backend->plugin;
    char message[1024];
    va_list values;

    va_start(values, format);
    (void)vsnprintf(message, sizeof message, format, values);
    va_end(values);
    answer_refuse(out, APIGW_INTERNAL, "plugin %s (%s) is at fault: %s", plugin->descriptor.name,
                  plugin->file, message);
}

static bool broken(struct rendering *out, size_t number, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* For whoever wrote the plugin. @return false, so that a check reads as one line. */
static bool broken(struct rendering *out, size_t number, const char *format, ...)
{
    char message[1024];
    va_list values;

    va_start(values, format);
    (void)vsnprintf(message, sizeof message, format, values);
    va_end(values);
    answer_fault(out, "resource %zu %s", number, message);
    return false;
}

static bool check_texts(struct rendering *out, size_t number, const json_t *metadata, const char *member)
{
    json_t *texts = json_member(metadata, member);
    const char *name;
    json_t *value;

    if (texts && !json_is_object(texts))
        return broken(out, number, "has metadata.%s that is %s, expected an object of texts", member,
                      json_kind(texts));
    json_object_foreach(texts, name, value)
    {
        if (!json_is_string(value))
            return broken(out, number, "has metadata.%s.%s that is %s, expected a text", member, name,
                          json_kind(value));
    }
    return true;
}

static bool check_members(struct rendering *out, size_t number, json_t *metadata)
{
    static const char *const allowed[] = {"name", "namespace", "labels", "annotations"};
    const char *name;
    json_t *value;

    json_object_foreach(metadata, name, value)
    {
        bool known = false;
        for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
            known = known || strcmp(name, allowed[i]) == 0;
        if (!known)
            return broken(out, number,
                          "has metadata.%s; only name, namespace, labels and annotations are a "
                          "plugin's",
                          name);
    }
    return check_texts(out, number, metadata, "labels") && check_texts(out, number, metadata, "annotations");
}

static bool check_name(struct rendering *out, size_t number, const json_t *metadata,
                       const struct apigw_effective *api)
{
    const json_t *name = json_member(metadata, "name");
    const json_t *name_space = json_member(metadata, "namespace");

    if (name && (!json_is_string(name) || !name_is_subdomain(json_string_value(name))))
        return broken(out, number, "has metadata.name \"%.80s\", which is no name",
                      json_is_string(name) ? json_string_value(name) : json_kind(name));
    if (name_space &&
        (!json_is_string(name_space) || strcmp(json_string_value(name_space), api->api_namespace) != 0))
        return broken(out, number, "is in namespace \"%.80s\"; expected the Api's, \"%s\"",
                      json_is_string(name_space) ? json_string_value(name_space) : json_kind(name_space),
                      api->api_namespace);
    return true;
}

/* Also false for a tree that holds itself. */
static bool is_shallow(json_t *value, unsigned levels)
{
    json_t *member;
    const char *name;
    size_t i;

    if (levels == 0)
        return false;
    json_object_foreach(value, name, member)
    {
        if (!is_shallow(member, levels - 1))
            return false;
    }
    json_array_foreach(value, i, member)
    {
        if (!is_shallow(member, levels - 1))
            return false;
    }
    return true;
}

/* Bytes that a text takes at most; too many to tell if it is not plain ASCII. */
static size_t most_of_text(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] < ' ' || text[i] > '~')
            return ANSWER_OBJECT_SIZE_MAX;
    }
    return 2 * size + sizeof "\"\":,";
}

/* Bytes that a value takes at most. */
static size_t most_of(json_t *value)
{
    size_t bytes = 32;
    const char *name;
    json_t *member;
    size_t i;

    if (json_is_string(value))
        return most_of_text(json_string_value(value), json_string_length(value));
    json_object_foreach(value, name, member)
    {
        bytes += most_of_text(name, strlen(name)) + most_of(member);
    }
    json_array_foreach(value, i, member)
    {
        bytes += most_of(member);
    }
    return bytes;
}

/* Size comes first: what follows walks the whole tree. */
static bool check_size(struct rendering *out, size_t number, json_t *resource)
{
    size_t size;

    if (!json_is_object(resource))
        return broken(out, number, "is %s, expected an object", json_kind(resource));
    if (!is_shallow(resource, ANSWER_DEPTH_MAX))
        return broken(out, number, "is nested too deeply; expected at most %d levels", ANSWER_DEPTH_MAX);
    if (most_of(resource) < ANSWER_OBJECT_SIZE_MAX)
        return true;
    size = json_dumpb(resource, NULL, 0, JSON_COMPACT);
    if (size == 0) {
        answer_refuse(out, APIGW_NO_MEMORY, "not enough memory");
        return false;
    }
    return size <= ANSWER_OBJECT_SIZE_MAX ||
           broken(out, number, "has %zu bytes; expected at most %d", size, ANSWER_OBJECT_SIZE_MAX);
}

/* NULL if it is none of the plugin's. */
static const struct apigw_kind *check_kind(struct rendering *out, size_t number, const json_t *resource)
{
    const char *version = json_string_value(json_member(resource, "apiVersion"));
    const char *name = json_string_value(json_member(resource, "kind"));
    const struct apigw_kind *kind = NULL;

    if (version && name)
        kind = plugin_kind_of(out->backend->plugin, version, name);
    if (!kind)
        (void)broken(out, number, "is %.80s %.80s, which is none of the kinds it declares",
                     version ? version : "without apiVersion", name ? name : "without kind");
    return kind;
}

static bool check_resource(struct rendering *out, size_t number, const json_t *resource,
                           const struct apigw_effective *api)
{
    json_t *metadata = json_member(resource, "metadata");

    if (json_member(resource, "status"))
        return broken(out, number, "has a status; only the owner of a kind writes it");
    if (metadata && !json_is_object(metadata))
        return broken(out, number, "has metadata that is %s, expected an object", json_kind(metadata));
    return check_members(out, number, metadata) && check_name(out, number, metadata, api);
}

/* A copy: plugins may share parts between objects, and with what they keep. */
static json_t *complete(const json_t *resource, const struct render_input *input)
{
    const struct apigw_effective *api = &input->effective->api;
    json_t *object = json_copy_all(resource);
    json_t *metadata = json_member(object, "metadata");
    bool made = object;

    if (object && !metadata) {
        metadata = json_object();
        made = json_object_set_new(object, "metadata", metadata) == 0;
    }
    if (made && !json_member(metadata, "name"))
        made = json_object_set_new(metadata, "name", json_string(api->api_name)) == 0;
    made = made && json_object_set_new(metadata, "namespace", json_string(api->api_namespace)) == 0 &&
           owner_label(object, input->api, input->settings);
    if (made)
        return object;
    json_decref(object);
    return NULL;
}

static struct object_ref make_ref(const struct apigw_kind *kind, const json_t *object)
{
    const char *version = json_text_at(object, "apiVersion");
    const char *slash = strchr(version, '/');

    return (struct object_ref){.group = kind->group,
                               .version = slash ? slash + 1 : version,
                               .kind = kind->kind,
                               .plural = kind->plural,
                               .name_space = json_text_at(object, "metadata.namespace"),
                               .name = json_text_at(object, "metadata.name")};
}

static bool add(struct rendering *out, size_t number, json_t *resource, const struct render_input *input)
{
    struct output output = {0};

    if (!check_size(out, number, resource) || !(output.kind = check_kind(out, number, resource)) ||
        !check_resource(out, number, resource, &input->effective->api))
        return false;
    output.object = complete(resource, input);
    if (!output.object) {
        answer_refuse(out, APIGW_NO_MEMORY, "not enough memory");
        return false;
    }
    output.ref = make_ref(output.kind, output.object);
    out->outputs[out->count++] = output;
    for (size_t i = 0; i + 1 < out->count; i++) {
        if (out->outputs[i].kind == output.kind && strcmp(out->outputs[i].ref.name, output.ref.name) == 0)
            return broken(out, number, "is %s \"%s\" a second time", output.kind->kind, output.ref.name);
    }
    return true;
}

/* What is looked for in the outputs, or what all of them must be. */
struct search {
    const struct apigw_effective *api;
    const char *wanted;
    bool host;
    /** Set to a text that is not what is wanted. */
    const char *other;
};

static bool is_wanted(const struct search *search, const char *text, int32_t form)
{
    if (search->host)
        return strcmp(text, search->wanted) == 0;
    return place_is_service(text, form, search->api->api_namespace, search->wanted);
}

static bool stop_at_wanted(const char *text, int32_t form, void *payload)
{
    return !is_wanted(payload, text, form);
}

static bool stop_at_other(const char *text, int32_t form, void *payload)
{
    struct search *search = payload;

    if (is_wanted(search, text, form))
        return true;
    search->other = text;
    return false;
}

static bool each_output(const struct rendering *out, int32_t use, place_fn visit, struct search *search)
{
    for (size_t i = 0; i < out->count; i++) {
        if (!place_each(out->outputs[i].kind, use, out->outputs[i].object, visit, search))
            return false;
    }
    return true;
}

/* Whether the plugin tells where its kinds protect at all. */
static bool tells(const struct backend *backend, int32_t use)
{
    const struct apigw_plugin *plugin = &backend->plugin->descriptor;

    for (uint32_t i = 0; i < plugin->kinds_count; i++) {
        if (place_declared(&plugin->kinds[i], use))
            return true;
    }
    return false;
}

static bool covers(struct rendering *out, const struct apigw_effective *api, const char *const *names,
                   bool host)
{
    int32_t use = host ? APIGW_USE_PROTECTS_HOST : APIGW_USE_PROTECTS_SERVICE;

    if (!tells(out->backend, use))
        return true;
    for (; *names; names++) {
        struct search search = {.api = api, .wanted = *names, .host = host};
        if (!each_output(out, use, stop_at_wanted, &search))
            continue;
        answer_fault(out, "nothing that it rendered protects %s \"%s\"", host ? "host" : "Service", *names);
        return false;
    }
    return true;
}

static void check_protection(struct rendering *out, const struct apigw_request *request)
{
    if (!(request->effective->flags & APIGW_AUTHENTICATION))
        return;
    if (out->count == 0)
        answer_fault(out, "it rendered nothing for an Api that asks for authentication");
    else if (covers(out, request->effective, request->protect_services, false))
        (void)covers(out, request->effective, request->protect_hosts, true);
}

static void check_route(struct rendering *out, const struct apigw_effective *api)
{
    struct search service = {.api = api, .wanted = api->service};
    struct search host = {.api = api, .wanted = api->host, .host = true};

    if (!each_output(out, APIGW_USE_LEADS_TO_SERVICE, stop_at_other, &service))
        answer_fault(out, "its route leads to \"%.80s\"; expected Service \"%s\"", service.other,
                     api->service);
    else if (!each_output(out, APIGW_USE_CLAIMS_HOST, stop_at_other, &host))
        answer_fault(out, "its route takes host \"%.80s\"; expected \"%s\"", host.other, api->host);
}

void answer_check(const struct render_input *input, const struct apigw_request *request,
                  const json_t *resources, struct rendering *out)
{
    const struct apigw_plugin *plugin = &out->backend->plugin->descriptor;
    size_t count = json_array_size(resources);

    out->code = APIGW_OK;
    if (resources && !json_is_array(resources))
        answer_fault(out, "it rendered %s, expected a list", json_kind(resources));
    else if (count > ANSWER_OBJECTS_MAX)
        answer_fault(out, "it rendered %zu resources, expected at most %d", count, ANSWER_OBJECTS_MAX);
    else if (!(out->outputs = calloc(count + 1, sizeof *out->outputs)))
        answer_refuse(out, APIGW_NO_MEMORY, "not enough memory");
    for (size_t i = 0; out->code == APIGW_OK && i < count; i++)
        (void)add(out, i, json_array_get(resources, i), input);
    if (out->code == APIGW_OK && plugin->role == APIGW_ROLE_AUTHENTICATION)
        check_protection(out, request);
    if (out->code == APIGW_OK && plugin->role == APIGW_ROLE_ROUTE)
        check_route(out, &input->effective->api);
}
