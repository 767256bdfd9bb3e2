/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/status.h"

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

static json_t *make_part(enum status_code code, const char *last_error, const struct backend_status *backend)
{
    json_t *part = json_object();
    json_t *resource = json_object();
    bool made = json_object_set_new(part, "code", json_integer(code)) == 0 &&
                set_text(part, "lastError", last_error) &&
                (!backend || (set_text(resource, "name", backend->resource_name) &&
                              set_text(resource, "uid", backend->resource_uid) &&
                              set_text(resource, "version", backend->resource_version)));

    made = json_object_set_new(part, "resource", resource) == 0 && made;
    if (made)
        return part;
    json_decref(part);
    return NULL;
}

static bool add_backend(json_t *status, const struct backend_status *backend, bool aliases)
{
    const struct apigw_plugin *plugin = &backend->backend->plugin->descriptor;
    json_t *part;

    if (backend->silent)
        return true;
    part = make_part(backend->code, backend->last_error, backend);
    if (part && aliases && plugin->status_alias &&
        json_object_set_new(status, plugin->status_alias, json_deep_copy(part)) != 0) {
        json_decref(part);
        return false;
    }
    return part && json_object_set_new(status, plugin->status_key, part) == 0;
}

static bool add_missing_authentication(json_t *status, const struct api_status *api)
{
    enum status_code code = api->validation == STATUS_CREATED ? STATUS_ERROR : STATUS_NOT_CREATED;

    if (!api->authentication)
        return true;
    for (size_t i = 0; i < api->count; i++) {
        if (api->backends[i].backend->plugin->descriptor.role == APIGW_ROLE_AUTHENTICATION)
            return true;
    }
    return json_object_set_new(status, authentication_key,
                               make_part(code, api->authentication_error, NULL)) == 0;
}

json_t *status_build(const struct api_status *api, const struct settings *settings)
{
    json_t *status = json_object();
    bool made = json_object_set_new(status, "validationStatus", json_integer(api->validation)) == 0;

    for (size_t i = 0; made && i < api->count; i++)
        made = add_backend(status, &api->backends[i], settings->status_aliases);
    if (made && add_missing_authentication(status, api))
        return status;
    json_decref(status);
    return NULL;
}
