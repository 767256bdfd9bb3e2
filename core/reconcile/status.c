/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/status.h"

#include "base/json.h"
#include "reconcile/clean.h"

/* The key of the role authentication: the core reports it itself where no backend does. */
static const char authentication_key[] = "authenticationStatus";

/* Status is read by people; more than this they do not read. */
#define TEXT_SIZE 1024

/* Sets a text, unless there is nothing to say. */
static bool set_text(json_t *object, const char *name, const char *text)
{
    char clean[TEXT_SIZE];

    if (!text || !*text)
        return true;
    clean_text(clean, sizeof clean, text);
    return json_object_set_new(object, name, json_string(clean)) == 0;
}

static json_t *make_resource(const struct backend_status *backend)
{
    json_t *resource = json_object();

    if (resource && (!backend || (set_text(resource, "name", backend->resource_name) &&
                                  set_text(resource, "uid", backend->resource_uid) &&
                                  set_text(resource, "version", backend->resource_version))))
        return resource;
    json_decref(resource);
    return NULL;
}

/* Adds code, lastError and resource. */
static bool fill_part(json_t *part, enum status_code code, const char *last_error,
                      const struct backend_status *backend)
{
    return json_object_set_new(part, "code", json_integer(code)) == 0 &&
           set_text(part, "lastError", last_error) &&
           json_object_set_new(part, "resource", make_resource(backend)) == 0;
}

static json_t *make_part(enum status_code code, const char *last_error, const struct backend_status *backend)
{
    json_t *part = json_object();

    if (part && fill_part(part, code, last_error, backend))
        return part;
    json_decref(part);
    return NULL;
}

static bool add_part(json_t *status, const struct backend_status *backend, bool aliases)
{
    const struct apigw_plugin *plugin = &backend->backend->plugin->descriptor;
    json_t *part;

    if (backend->silent || backend->absent)
        return true;
    part = make_part(backend->code, backend->last_error, backend);
    if (part && aliases && plugin->status_alias &&
        json_object_set_new(status, plugin->status_alias, json_copy_all(part)) != 0) {
        json_decref(part);
        return false;
    }
    return part && json_object_set_new(status, plugin->status_key, part) == 0;
}

/* The core's own answer where no enabled backend authenticates; what a disabled one left may still stand. */
static bool add_missing_authentication(json_t *status, const struct api_status *api)
{
    enum status_code code = api->validation == STATUS_CREATED ? STATUS_ERROR : STATUS_NOT_CREATED;
    const struct backend_status *left = NULL;

    if (!api->authentication)
        return true;
    for (size_t i = 0; i < api->count; i++) {
        const struct backend_status *backend = &api->backends[i];
        if (backend->backend->plugin->descriptor.role != APIGW_ROLE_AUTHENTICATION)
            continue;
        if (backend->backend->enabled)
            return true;
        if (backend->resource_name)
            left = backend;
    }
    if (left)
        code = STATUS_ERROR;
    return json_object_set_new(status, authentication_key,
                               make_part(code, api->authentication_error, left)) == 0;
}

static json_t *make_backend(const struct backend_status *backend)
{
    const struct plugin *plugin = backend->backend->plugin;
    const char *kind = plugin->descriptor.kinds[plugin_primary_kind(plugin)].kind;
    json_t *value = json_object();

    if (value && set_text(value, "name", backend->backend->name) && set_text(value, "kind", kind) &&
        fill_part(value, backend->code, backend->last_error, backend))
        return value;
    json_decref(value);
    return NULL;
}

static bool add_backends(json_t *status, const struct api_status *api)
{
    json_t *list = json_array();

    for (size_t i = 0; i < api->count; i++) {
        if (!api->backends[i].absent && json_array_append_new(list, make_backend(&api->backends[i])) != 0) {
            json_decref(list);
            return false;
        }
    }
    return json_object_set_new(status, "backends", list) == 0;
}

static json_t *make_condition(const char *type, const struct condition *condition, int64_t generation,
                              const char *time)
{
    const char *word = condition->is_unknown ? "Unknown" : condition->is_true ? "True" : "False";
    json_t *value = json_object();
    bool made = json_object_set_new(value, "type", json_string(type)) == 0 &&
                json_object_set_new(value, "status", json_string(word)) == 0 &&
                set_text(value, "reason", reason_word(condition->reason)) &&
                set_text(value, "message",
                         condition->message[0] ? condition->message : reason_meaning(condition->reason)) &&
                json_object_set_new(value, "lastTransitionTime", json_string(time)) == 0;

    if (made && (generation == 0 ||
                 json_object_set_new(value, "observedGeneration", json_integer((json_int_t)generation)) == 0))
        return value;
    json_decref(value);
    return NULL;
}

static bool add_conditions(json_t *status, const struct api_status *api, int64_t wall_s)
{
    json_t *list = json_array();
    char time[CONDITION_TIME_SIZE];

    condition_time(time, wall_s);
    for (int i = 0; i < CONDITION_COUNT; i++) {
        json_t *value = make_condition(condition_type_word((enum condition_type)i), &api->conditions[i],
                                       api->generation, time);
        if (json_array_append_new(list, value) != 0) {
            json_decref(list);
            return false;
        }
    }
    return json_object_set_new(status, "conditions", list) == 0;
}

json_t *status_build(const struct api_status *api, const struct settings *settings, int64_t wall_s)
{
    json_t *status = json_object();
    bool made = json_object_set_new(status, "validationStatus", json_integer(api->validation)) == 0;

    for (size_t i = 0; made && i < api->count; i++)
        made = add_part(status, &api->backends[i], settings->status_aliases);
    made = made && add_missing_authentication(status, api);
    if (made && api->generation != 0)
        made =
            json_object_set_new(status, "observedGeneration", json_integer((json_int_t)api->generation)) == 0;
    if (made && add_conditions(status, api, wall_s) && add_backends(status, api))
        return status;
    json_decref(status);
    return NULL;
}
