/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/render.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/map.h"
#include "object/owner.h"
#include "reconcile/answer.h"
#include "reconcile/clean.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One call of a backend: what find() needs, and what it remembers. */
struct call {
    const struct render_input *input;
    struct rendering *out;
    /* Answers of find() by "NUMBER KEY", freed after the call. */
    struct map *found;
    bool no_memory;
    /* A related kind that the store was never told of. */
    const struct apigw_related *missing;
};

/* Objects of one question. */
struct gathering {
    const struct store *store;
    json_t *list;
    bool failed;
};

static void free_json(void *value)
{
    json_decref(value);
}

static bool gather(const struct store_object *object, void *payload)
{
    struct gathering *gathering = payload;
    json_t *tree = store_parse(gathering->store, object);

    if (!tree) {
        gathering->failed = true;
        return false;
    }
    if (json_text_at(tree, "metadata.namespace") == NULL)
        gathering->failed = json_object_set_new(json_member(tree, "metadata"), "namespace",
                                                json_string(store_object_name_space(object))) != 0;
    if (json_array_append_new(gathering->list, tree) != 0)
        gathering->failed = true;
    return !gathering->failed;
}

static enum store_form form_of(const struct apigw_related *related)
{
    return related->form == APIGW_FORM_DNS_NAME ? STORE_FORM_SERVICE_DNS : STORE_FORM_PLAIN;
}

bool render_is_service(const struct apigw_related *related)
{
    return related->group[0] == '\0' && strcmp(related->kind, "Service") == 0 &&
           (related->flags & APIGW_RELATED_SAME_NAMESPACE) && related->form == APIGW_FORM_NAME &&
           strcmp(related->index_path, "metadata.name") == 0;
}

int render_declare(struct store *store, const struct apigw_plugin *plugin)
{
    for (uint32_t i = 0; i < plugin->related_count; i++) {
        const struct apigw_related *related = &plugin->related[i];
        int result = store_add_kind(store, related->group, related->kind);
        if (result >= 0 && !render_is_service(related))
            result = store_add_index(store, result, related->index_path, form_of(related));
        if (result < 0)
            return result;
    }
    return 0;
}

int render_index(const struct store *store, const struct apigw_related *related)
{
    int kind = store_kind(store, related->group, related->kind);

    if (kind < 0)
        return kind;
    return store_index(store, kind, related->index_path, form_of(related));
}

/* By its name. */
static json_t *look_up_service(const struct render_input *input, const char *name)
{
    struct gathering gathering = {.store = input->store, .list = json_array()};
    int kind = store_kind(input->store, "", "Service");
    const struct store_object *object =
        kind >= 0 ? store_get(input->store, kind, input->effective->api.api_namespace, name) : NULL;

    if (gathering.list && object)
        (void)gather(object, &gathering);
    if (!gathering.failed)
        return gathering.list;
    json_decref(gathering.list);
    return NULL;
}

static json_t *look_up(struct call *call, const struct apigw_related *related, const char *key)
{
    const struct render_input *input = call->input;
    bool same = related->flags & APIGW_RELATED_SAME_NAMESPACE;
    struct gathering gathering = {.store = input->store, .list = json_array()};
    int index = render_index(input->store, related);

    if (index < 0)
        call->missing = related;
    if (gathering.list && index >= 0 &&
        store_find(input->store, index, same ? input->effective->api.api_namespace : NULL, key, gather,
                   &gathering) == 0 &&
        !gathering.failed)
        return gathering.list;
    json_decref(gathering.list);
    return NULL;
}

static bool remember(struct rendering *out, uint32_t related, const char *key)
{
    struct asked *asked = realloc(out->asked, (out->asked_count + 1) * sizeof *asked);
    char *copy = asked ? strdup(key) : NULL;

    if (asked)
        out->asked = asked;
    if (!copy)
        return false;
    asked[out->asked_count++] = (struct asked){related, copy};
    return true;
}

static json_t *ask(struct call *call, uint32_t related, const char *key)
{
    const struct apigw_plugin *plugin = &call->out->backend->plugin->descriptor;
    char *name = NULL;
    json_t *list = NULL;

    if (asprintf(&name, "%u %s", (unsigned)related, key) < 0)
        return NULL;
    list = map_get(call->found, name);
    if (!list && remember(call->out, related, key)) {
        list = render_is_service(&plugin->related[related]) ? look_up_service(call->input, key)
                                                            : look_up(call, &plugin->related[related], key);
        if (list && !map_set(call->found, name, list)) {
            json_decref(list);
            list = NULL;
        }
    }
    free(name);
    return list;
}

static const json_t *find(const struct apigw_request *request, uint32_t related, const char *key)
{
    struct call *call = request->host_data;
    const json_t *list;

    if (related >= call->out->backend->plugin->descriptor.related_count || !key)
        return NULL;
    list = ask(call, related, key);
    call->no_memory = call->no_memory || !list;
    return list;
}

static int32_t knows(const struct apigw_request *request, uint32_t related)
{
    const struct call *call = request->host_data;
    const struct apigw_plugin *plugin = &call->out->backend->plugin->descriptor;
    char name[KIND_SIZE];

    if (related >= plugin->related_count || !call->input->tells_all)
        return 0;
    kind_format(name, plugin->related[related].kind, plugin->related[related].group);
    return !call->input->troubles || !map_get(call->input->troubles, name);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The wanted name and the live ones, sorted, each once; none if authentication is off. */
static const char *const *names_to_protect(const struct effective *effective, const char *wanted,
                                           const char *const *live, struct arena *arena)
{
    size_t count = 0;
    size_t kept = 0;
    const char **names;

    while (live && live[count])
        count++;
    names = arena_array(arena, count + 2, sizeof *names);
    if (!names || !(effective->api.flags & APIGW_AUTHENTICATION))
        return names;
    if (count > 0)
        memcpy(names, live, count * sizeof *names);
    names[count++] = wanted;
    qsort(names, count, sizeof *names, compare);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(names[kept], names[i]) != 0)
            names[++kept] = names[i];
    }
    names[kept + 1] = NULL;
    return names;
}

static void refuse_code(struct rendering *out, int32_t code, const struct apigw_error *error)
{
    const char *name = out->backend->plugin->descriptor.name;

    if (code < APIGW_OK || code > APIGW_INTERNAL) {
        answer_fault(out, "it returned %d, which is no code", (int)code);
        return;
    }
    clean_text(out->path, sizeof out->path, error->path);
    if (error->message[0])
        answer_refuse(out, code, "%s", error->message);
    else
        answer_refuse(out, code, "plugin %s refused and gave no reason", name);
}

static void call_plugin(struct call *call, const struct apigw_request *request)
{
    const struct backend *backend = call->out->backend;
    struct apigw_result result = {.struct_size = (uint32_t)sizeof result};
    struct apigw_error error = {.struct_size = (uint32_t)sizeof error};
    int32_t code = backend->plugin->descriptor.render(backend->instance, request, &result, &error);

    /* A plugin may have written up to the last byte. */
    error.path[sizeof error.path - 1] = '\0';
    error.message[sizeof error.message - 1] = '\0';
    result.warning[sizeof result.warning - 1] = '\0';
    if (call->missing)
        answer_refuse(call->out, APIGW_INTERNAL, "%s of group \"%s\" cannot be looked up by %s",
                      call->missing->kind, call->missing->group, call->missing->index_path);
    else if (call->no_memory)
        answer_refuse(call->out, APIGW_NO_MEMORY, "not enough memory");
    else if (code != APIGW_OK)
        refuse_code(call->out, code, &error);
    else
        answer_check(call->input, request, result.resources, call->out);
    if (call->out->code == APIGW_OK)
        clean_text(call->out->warning, sizeof call->out->warning, result.warning);
    json_decref(result.resources);
}

/* A copy of its own, so that a plugin that changes it harms nobody else. */
static json_t *without_status(const json_t *api)
{
    json_t *copy = json_copy_all(api);

    if (copy)
        (void)json_object_del(copy, "status");
    return copy;
}

/* Protections have no owner: a garbage collector could take one before its route. */
static void refer(const struct render_input *input, struct rendering *out)
{
    if (!input->own_routes || out->backend->plugin->descriptor.role != APIGW_ROLE_ROUTE)
        return;
    for (size_t i = 0; i < out->count; i++) {
        if (!owner_refer(out->outputs[i].object, input->api)) {
            answer_refuse(out, APIGW_NO_MEMORY, "not enough memory");
            return;
        }
    }
}

/* Of the objects as they are written. */
static void imprint(uint64_t seed, struct rendering *out)
{
    for (size_t i = 0; i < out->count; i++) {
        if (content_of(out->outputs[i].object, seed, &out->outputs[i].content) != 0) {
            answer_refuse(out, APIGW_NO_MEMORY, "not enough memory");
            return;
        }
    }
}

void render_backend(const struct backend *backend, const struct render_input *input, struct rendering *out)
{
    const struct apigw_effective *effective = &input->effective->api;
    struct arena arena = {0};
    json_t *api = without_status(input->api);
    struct call call = {.input = input, .out = out, .found = map_new(free_json)};
    struct apigw_request request = {
        .struct_size = (uint32_t)sizeof request,
        .api = api,
        .effective = effective,
        .protect_services =
            names_to_protect(input->effective, effective->service, input->live_services, &arena),
        .protect_hosts = names_to_protect(input->effective, effective->host, input->live_hosts, &arena),
        .find = find,
        .host_data = &call,
        .knows = knows};

    *out = (struct rendering){.backend = backend};
    if (api && call.found && request.protect_services && request.protect_hosts)
        call_plugin(&call, &request);
    else
        answer_refuse(out, APIGW_NO_MEMORY, "not enough memory");
    map_free(call.found);
    refer(input, out);
    imprint(input->seed, out);
    json_decref(api);
    arena_release(&arena);
}

void output_release(struct output *output)
{
    json_decref(output->object);
    free(output->content.extra);
}

void rendering_release(struct rendering *rendering)
{
    if (!rendering)
        return;
    for (size_t i = 0; i < rendering->count; i++)
        output_release(&rendering->outputs[i]);
    for (size_t i = 0; i < rendering->asked_count; i++)
        free(rendering->asked[i].key);
    free(rendering->outputs);
    free(rendering->asked);
    *rendering = (struct rendering){0};
}
