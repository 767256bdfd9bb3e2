/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway.h"

#include "base/json.h"
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const versions[] = {"v2", "v1", NULL};

static const struct apigw_path lock_paths[] = {
    {APIGW_USE_PROTECTS_SERVICE, APIGW_FORM_NAME, "spec.services[]"},
    {APIGW_USE_PROTECTS_HOST, APIGW_FORM_NAME, "spec.hosts[]"},
};
static const struct apigw_path road_paths[] = {
    {APIGW_USE_CLAIMS_HOST, APIGW_FORM_NAME, "spec.hosts[]"},
    {APIGW_USE_LEADS_TO_SERVICE, APIGW_FORM_DNS_NAME, "spec.to"},
};

#define KIND(name, names, list, count)                                                                       \
    {                                                                                                        \
        .group = "test.example", .versions = versions, .kind = name, .plural = names,                        \
        .flags = APIGW_KIND_PRIMARY, .paths_count = count, .path_size = sizeof(struct apigw_path),           \
        .paths = list                                                                                        \
    }

static const struct apigw_kind kinds[] = {KIND("Lock", "locks", lock_paths, 2),
                                          KIND("Note", "notes", NULL, 0),
                                          KIND("Road", "roads", road_paths, 2)};

static const struct apigw_related related[] = {
    {"test.example", versions, "Lock", "locks", APIGW_RELATED_SAME_NAMESPACE, APIGW_FORM_NAME,
     "spec.services[]"},
    {"test.example", versions, "Road", "roads", 0, APIGW_FORM_DNS_NAME, "spec.to"},
    {"", versions, "Service", "services", APIGW_RELATED_SAME_NAMESPACE, APIGW_FORM_NAME, "metadata.name"},
};

json_t *gateway_json(const char *text)
{
    char *copy = strdup(text);
    struct error error = {0};
    json_t *value;

    for (char *c = copy; *c; c++) {
        if (*c == '\'')
            *c = '"';
    }
    value = json_parse(copy, strlen(copy), &error);
    if (!value)
        printf("# %s\n# %s\n", text, error.message);
    CU_ASSERT_PTR_NOT_NULL_FATAL(value);
    free(copy);
    return value;
}

static json_t *strings(const char *const *list)
{
    json_t *array = json_array();

    for (; *list; list++)
        (void)json_array_append_new(array, json_string(*list));
    return array;
}

static void note(struct text *out, const char *const *services, const char *const *hosts)
{
    for (const char *const *s = services; *s; s++)
        text_append_format(out, "%s%s", s == services ? "" : ",", *s);
    text_append_string(out, "|");
    for (const char *const *h = hosts; *h; h++)
        text_append_format(out, "%s%s", h == hosts ? "" : ",", *h);
    text_append_string(out, " ");
}

static json_t *make(int32_t role, const struct apigw_request *request)
{
    const struct apigw_effective *api = request->effective;
    char to[200];

    if (role == APIGW_ROLE_AUTHENTICATION && !(api->flags & APIGW_AUTHENTICATION))
        return NULL;
    if (role == APIGW_ROLE_AUTHENTICATION)
        return json_pack("[{s:s, s:s, s:{s:o, s:o, s:s}}]", "apiVersion", "test.example/v1", "kind", "Lock",
                         "spec", "services", strings(request->protect_services), "hosts",
                         strings(request->protect_hosts), "issuer", api->issuers[0]->issuer);
    if (role == APIGW_ROLE_OTHER)
        return json_pack("[{s:s, s:s, s:{s:s}}]", "apiVersion", "test.example/v1", "kind", "Note", "spec",
                         "host", api->host);
    (void)snprintf(to, sizeof to, "%s.%s.svc.cluster.local", api->service, api->api_namespace);
    return json_pack("[{s:s, s:s, s:{s:[s], s:s, s:i}}]", "apiVersion", "test.example/v1", "kind", "Road",
                     "spec", "hosts", api->host, "to", to, "port", (int)api->port);
}

static int32_t play(const struct script *script, int32_t role, const struct apigw_request *request,
                    struct apigw_result *result, struct apigw_error *error)
{
    if (script->asked)
        note(script->asked, request->protect_services, request->protect_hosts);
    if (script->render)
        return script->render(request, result, error);
    if (script->code != APIGW_OK)
        return apigw_fail(error, script->code, script->path ? script->path : "", "%s",
                          script->message ? script->message : "");
    result->resources = script->answer ? gateway_json(script->answer) : make(role, request);
    return APIGW_OK;
}

static int32_t render_lock(const void *instance, const struct apigw_request *request,
                           struct apigw_result *result, struct apigw_error *error)
{
    return play(instance, APIGW_ROLE_AUTHENTICATION, request, result, error);
}

static int32_t render_note(const void *instance, const struct apigw_request *request,
                           struct apigw_result *result, struct apigw_error *error)
{
    return play(instance, APIGW_ROLE_OTHER, request, result, error);
}

static int32_t render_road(const void *instance, const struct apigw_request *request,
                           struct apigw_result *result, struct apigw_error *error)
{
    return play(instance, APIGW_ROLE_ROUTE, request, result, error);
}

static void init_plugins(struct gateway *gateway)
{
    static char files[GATEWAY_BACKENDS][8] = {"lock.so", "note.so", "road.so"};
    static const struct {
        const char *name;
        const char *key;
        const char *alias;
        int32_t role;
        int32_t (*render)(const void *, const struct apigw_request *, struct apigw_result *,
                          struct apigw_error *);
    } list[] = {{"lock", "authenticationStatus", NULL, APIGW_ROLE_AUTHENTICATION, render_lock},
                {"note", "note", NULL, APIGW_ROLE_OTHER, render_note},
                {"road", "road", "roadStatus", APIGW_ROLE_ROUTE, render_road}};

    for (int i = 0; i < GATEWAY_BACKENDS; i++) {
        gateway->plugins[i].file = files[i];
        gateway->plugins[i].descriptor =
            (struct apigw_plugin){.struct_size = sizeof(struct apigw_plugin),
                                  .abi_major = APIGW_ABI_MAJOR,
                                  .role = list[i].role,
                                  .name = list[i].name,
                                  .status_key = list[i].key,
                                  .status_alias = list[i].alias,
                                  .kinds_count = 1,
                                  .kind_size = sizeof(struct apigw_kind),
                                  .kinds = &kinds[i],
                                  .related_count = sizeof related / sizeof *related,
                                  .related_size = sizeof(struct apigw_related),
                                  .related = related,
                                  .render = list[i].render};
        gateway->backends[i] = (struct backend){.name = list[i].name,
                                                .plugin = &gateway->plugins[i],
                                                .enabled = true,
                                                .instance = &gateway->scripts[i],
                                                .versions = gateway->versions};
        gateway->list[i] = &gateway->backends[i];
    }
}

static struct gateway *owner(struct sink *sink)
{
    return (struct gateway *)((char *)sink - offsetof(struct gateway, sink));
}

static void name_object(char key[KEY_SIZE + 16], const struct object_ref *ref)
{
    (void)snprintf(key, KEY_SIZE + 16, "%s/%s/%s", ref->kind, ref->name_space, ref->name);
}

static int planned(const json_t *codes, const char *key, const char *what, struct error *error)
{
    int code = (int)json_integer_value(json_member(codes, key));

    return code == 0 ? 0 : error_set(error, code, "%s of %s fails as planned", what, key);
}

static int answer_code(struct sink_answer *answer, int code, const char *message)
{
    answer->code = code;
    (void)error_set(&answer->error, code, "%s", message);
    return 0;
}

static int sink_apply(struct sink *sink, const struct sink_step *step, struct sink_answer *answer)
{
    struct gateway *gateway = owner(sink);
    char key[KEY_SIZE + 16];

    name_object(key, &step->ref);
    text_append_format(&gateway->calls, "%s %s\n", step->object ? "write" : "remove", key);
    *answer = (struct sink_answer){0};
    answer->code = planned(gateway->write_codes, key, "write", &answer->error);
    if (answer->code != 0)
        return 0;
    if ((json_member(gateway->objects, key) == NULL) != (step->version[0] == '\0'))
        return answer_code(answer, ERROR_CONFLICT, "other than what was observed stands there");
    if (!step->object) {
        (void)json_object_del(gateway->objects, key);
        return 0;
    }
    (void)json_object_set_new(gateway->objects, key, json_deep_copy(step->object));
    (void)snprintf(answer->version, sizeof answer->version, "v%u", ++gateway->version);
    (void)json_object_set_new(gateway->versions_of, key, json_string(answer->version));
    return 0;
}

static int sink_report(struct sink *sink, const char *key, const json_t *api, const json_t *status,
                       struct sink_answer *answer)
{
    struct gateway *gateway = owner(sink);

    text_append_format(&gateway->calls, api ? "report\n" : "forget %s\n", key);
    *answer = (struct sink_answer){0};
    if (gateway->report_code != 0)
        return answer_code(answer, gateway->report_code, "report fails as planned");
    json_decref(gateway->status);
    gateway->status = json_deep_copy(status);
    return 0;
}

void gateway_init(struct gateway *gateway)
{
    *gateway = (struct gateway){.versions = {"v1"},
                                .objects = json_object(),
                                .versions_of = json_object(),
                                .problems = json_object(),
                                .write_codes = json_object(),
                                .calls = text_empty(),
                                .sink = {.apply = sink_apply, .report = sink_report}};
    init_plugins(gateway);
    gateway->registry = (struct registry){.backends = gateway->list, .count = GATEWAY_BACKENDS};
    gateway->settings.created_by = strdup("apigwd");
    (void)string_list_add(&gateway->settings.domains, "kyma.local");
}

void gateway_release(struct gateway *gateway)
{
    json_decref(gateway->objects);
    json_decref(gateway->versions_of);
    json_decref(gateway->problems);
    json_decref(gateway->write_codes);
    json_decref(gateway->status);
    text_release(&gateway->calls);
    settings_release(&gateway->settings);
}

void gateway_disable(struct gateway *gateway, int backend)
{
    gateway->backends[backend].enabled = false;
}

char *gateway_writes(struct gateway *gateway)
{
    char *writes = strdup(gateway->calls.data);

    text_clear(&gateway->calls);
    return writes;
}
