/* SPDX-License-Identifier: Apache-2.0 */
#include "cardboard.h"

#include "base/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const versions[] = {"v1", NULL};

static const struct apigw_path lock_paths[] = {
    {APIGW_USE_PROTECTS_SERVICE, APIGW_FORM_NAME, "spec.services[]"},
    {APIGW_USE_PROTECTS_HOST, APIGW_FORM_NAME, "spec.hosts[]"},
};
static const struct apigw_path road_paths[] = {
    {APIGW_USE_CLAIMS_HOST, APIGW_FORM_NAME, "spec.hosts[]"},
    {APIGW_USE_LEADS_TO_SERVICE, APIGW_FORM_DNS_NAME, "spec.to"},
};

#define CARD_KIND(name, names, list, count)                                                                  \
    {                                                                                                        \
        .group = "test.example", .versions = versions, .kind = name, .plural = names,                        \
        .flags = APIGW_KIND_PRIMARY, .paths_count = count, .path_size = sizeof(struct apigw_path),           \
        .paths = list                                                                                        \
    }

static const struct apigw_kind kinds[] = {CARD_KIND("Lock", "locks", lock_paths, 2),
                                          CARD_KIND("Note", "notes", NULL, 0),
                                          CARD_KIND("Road", "roads", road_paths, 2)};

json_t *card_json(const char *format, ...)
{
    char text[4096];
    struct error error = {0};
    json_t *value;
    va_list values;

    va_start(values, format);
    (void)vsnprintf(text, sizeof text, format, values);
    va_end(values);
    for (char *c = text; *c; c++) {
        if (*c == '\'')
            *c = '"';
    }
    value = json_parse(text, strlen(text), &error);
    if (!value) {
        (void)printf("Bail out! %s: %s\n", text, error.message);
        abort();
    }
    return value;
}

static json_t *strings(const char *const *list)
{
    json_t *array = json_array();

    for (; *list; list++)
        (void)json_array_append_new(array, json_string(*list));
    return array;
}

static json_t *issuers_of(const struct apigw_effective *api)
{
    json_t *array = json_array();

    for (size_t i = 0; api->issuers[i]; i++)
        (void)json_array_append_new(array, json_string(api->issuers[i]->issuer));
    return array;
}

static bool is_refused(const struct card_script *script, const struct apigw_request *request)
{
    return script->code != APIGW_OK && strcmp(script->api, request->effective->api_name) == 0;
}

static int32_t refuse(const struct card_script *script, struct apigw_error *error)
{
    return apigw_fail(error, script->code, "", "refused as planned");
}

static int32_t render_lock(const void *instance, const struct apigw_request *request,
                           struct apigw_result *result, struct apigw_error *error)
{
    if (is_refused(instance, request))
        return refuse(instance, error);
    if (request->effective->flags & APIGW_AUTHENTICATION)
        result->resources =
            json_pack("[{s:s, s:s, s:{s:o, s:o, s:o}}]", "apiVersion", "test.example/v1", "kind", "Lock",
                      "spec", "services", strings(request->protect_services), "hosts",
                      strings(request->protect_hosts), "issuers", issuers_of(request->effective));
    return APIGW_OK;
}

static int32_t render_note(const void *instance, const struct apigw_request *request,
                           struct apigw_result *result, struct apigw_error *error)
{
    if (is_refused(instance, request))
        return refuse(instance, error);
    result->resources = json_pack("[{s:s, s:s, s:{s:s}}]", "apiVersion", "test.example/v1", "kind", "Note",
                                  "spec", "host", request->effective->host);
    return APIGW_OK;
}

static int32_t render_road(const void *instance, const struct apigw_request *request,
                           struct apigw_result *result, struct apigw_error *error)
{
    const struct apigw_effective *api = request->effective;
    char to[600];

    if (is_refused(instance, request))
        return refuse(instance, error);
    (void)snprintf(to, sizeof to, "%s.%s.svc.cluster.local", api->service, api->api_namespace);
    result->resources =
        json_pack("[{s:s, s:s, s:{s:[s], s:s, s:i}}]", "apiVersion", "test.example/v1", "kind", "Road",
                  "spec", "hosts", api->host, "to", to, "port", (int)api->port);
    return APIGW_OK;
}

static void init_backends(struct cardboard *cardboard)
{
    static char files[CARD_COUNT][8] = {"lock.so", "note.so", "road.so"};
    static const struct {
        const char *name;
        const char *key;
        int32_t role;
        int32_t (*render)(const void *, const struct apigw_request *, struct apigw_result *,
                          struct apigw_error *);
    } list[] = {{"lock", "authenticationStatus", APIGW_ROLE_AUTHENTICATION, render_lock},
                {"note", "note", APIGW_ROLE_OTHER, render_note},
                {"road", "road", APIGW_ROLE_ROUTE, render_road}};

    for (int i = 0; i < CARD_COUNT; i++) {
        cardboard->plugins[i].file = files[i];
        cardboard->plugins[i].descriptor = (struct apigw_plugin){.struct_size = sizeof(struct apigw_plugin),
                                                                 .abi_major = APIGW_ABI_MAJOR,
                                                                 .role = list[i].role,
                                                                 .name = list[i].name,
                                                                 .status_key = list[i].key,
                                                                 .kinds_count = 1,
                                                                 .kind_size = sizeof(struct apigw_kind),
                                                                 .kinds = &kinds[i],
                                                                 .render = list[i].render};
        cardboard->backends[i] = (struct backend){.name = list[i].name,
                                                  .plugin = &cardboard->plugins[i],
                                                  .enabled = true,
                                                  .instance = &cardboard->scripts[i],
                                                  .versions = cardboard->versions};
        cardboard->list[i] = &cardboard->backends[i];
        cardboard->kinds[i] = (struct judge_kind){
            .kind = &kinds[i], .role = list[i].role, .status_key = list[i].key, .enabled = true};
    }
}

void cardboard_init(struct cardboard *cardboard)
{
    *cardboard = (struct cardboard){.versions = {"v1"}};
    init_backends(cardboard);
    cardboard->kinds[CARD_LOCK].issuers = "spec.issuers[]";
    cardboard->registry = (struct registry){.backends = cardboard->list, .count = CARD_COUNT};
    cardboard->settings.created_by = strdup("apigwd");
    (void)string_list_add(&cardboard->settings.domains, "kyma.local");
    cardboard->judged = (struct judge_config){
        .kinds = cardboard->kinds, .count = CARD_COUNT, .created_by = "apigwd", .domain = "kyma.local"};
}

void cardboard_release(struct cardboard *cardboard)
{
    settings_release(&cardboard->settings);
}

void cardboard_enable(struct cardboard *cardboard, int backend, bool enabled)
{
    cardboard->backends[backend].enabled = enabled;
    cardboard->kinds[backend].enabled = enabled;
}

void cardboard_keep(struct cardboard *cardboard, int backend, bool keep)
{
    cardboard->backends[backend].kept = keep;
    cardboard->kinds[backend].keep = keep;
}

void cardboard_withdraw(struct cardboard *cardboard, bool withdraw)
{
    cardboard->settings.withdraw_unprotected = withdraw;
    cardboard->judged.withdraw = withdraw;
}

void cardboard_accept(struct cardboard *cardboard, bool accept)
{
    cardboard->settings.accept_unprotected = accept;
    cardboard->judged.accept = accept;
}

json_t *card_api(const char *name, const char *service, const char *host, const char *issuer)
{
    json_t *api = card_json("{'apiVersion': 'gateway.kyma-project.io/v1alpha2', 'kind': 'Api', 'metadata': "
                            "{'name': '%s', 'namespace': 'default', 'generation': 1}, 'spec': {'service': "
                            "{'name': '%s', 'port': 80}, 'hostname': '%s'}}",
                            name, service, host);

    if (issuer)
        (void)json_object_set_new(json_member(api, "spec"), "authentication",
                                  card_json("[{'type': 'JWT', 'jwt': {'issuer': '%s', 'jwksUri': "
                                            "'https://keys.example/%s'}}]",
                                            issuer, name));
    return api;
}

static json_t *output(const char *kind, const char *name, json_t *spec)
{
    return json_pack("{s:s, s:s, s:{s:s, s:s, s:{s:s, s:s, s:s}}, s:o}", "apiVersion", "test.example/v1",
                     "kind", kind, "metadata", "name", name, "namespace", "default", "labels", "createdBy",
                     "apigwd", "apiNamespace", "default", "apiName", name, "spec", spec);
}

json_t *card_road(const char *name, const char *host, const char *service)
{
    return output(
        "Road", name,
        card_json("{'hosts': ['%s'], 'to': '%s.default.svc.cluster.local', 'port': 80}", host, service));
}

json_t *card_lock(const char *name, const char *service, const char *second, const char *host,
                  const char *issuer)
{
    json_t *spec =
        card_json("{'services': ['%s'], 'hosts': ['%s'], 'issuers': ['%s']}", service, host, issuer);

    if (second)
        (void)json_array_append_new(json_member(spec, "services"), json_string(second));
    return output("Lock", name, spec);
}

struct object_ref card_ref(int backend, const char *name)
{
    return (struct object_ref){"test.example",        "v1",      kinds[backend].kind,
                               kinds[backend].plural, "default", name};
}
