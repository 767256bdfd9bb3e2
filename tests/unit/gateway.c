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
        gateway->plugins[i].descriptor = (struct apigw_plugin){.struct_size = sizeof(struct apigw_plugin),
                                                               .abi_major = APIGW_ABI_MAJOR,
                                                               .role = list[i].role,
                                                               .name = list[i].name,
                                                               .status_key = list[i].key,
                                                               .status_alias = list[i].alias,
                                                               .kinds_count = 1,
                                                               .kind_size = sizeof(struct apigw_kind),
                                                               .kinds = &kinds[i],
                                                               .related_count = 2,
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

static int sink_read(struct sink *sink, const struct object_ref *ref, struct live *out, struct error *error)
{
    struct gateway *gateway = owner(sink);
    char key[KEY_SIZE + 16];
    json_t *object;
    int code;

    name_object(key, ref);
    text_append_format(&gateway->calls, "read %s\n", key);
    code = planned(gateway->read_codes, key, "read", error);
    object = json_member(gateway->objects, key);
    if (code == 0 && !object)
        code = error_set(error, ERROR_NOT_FOUND, "%s does not exist", key);
    if (code != 0)
        return code;
    *out = (struct live){.object = json_deep_copy(object)};
    (void)snprintf(out->version, sizeof out->version, "v%u", gateway->version);
    return 0;
}

static int sink_write(struct sink *sink, const struct object_ref *ref, const json_t *object, char version[64],
                      struct error *error)
{
    struct gateway *gateway = owner(sink);
    char key[KEY_SIZE + 16];
    int code;

    name_object(key, ref);
    text_append_format(&gateway->calls, "write %s\n", key);
    code = planned(gateway->write_codes, key, "write", error);
    if (code != 0)
        return code;
    (void)json_object_set_new(gateway->objects, key, json_deep_copy(object));
    (void)snprintf(version, 64, "v%u", ++gateway->version);
    return 0;
}

static int sink_report(struct sink *sink, const json_t *api, const json_t *status, struct error *error)
{
    struct gateway *gateway = owner(sink);

    (void)api;
    text_append_string(&gateway->calls, "report\n");
    if (gateway->report_code != 0)
        return error_set(error, gateway->report_code, "report fails as planned");
    json_decref(gateway->status);
    gateway->status = json_deep_copy(status);
    return 0;
}

void gateway_init(struct gateway *gateway)
{
    *gateway = (struct gateway){.versions = {"v1"},
                                .objects = json_object(),
                                .read_codes = json_object(),
                                .write_codes = json_object(),
                                .calls = text_empty(),
                                .sink = {sink_read, sink_write, sink_report}};
    init_plugins(gateway);
    gateway->registry = (struct registry){.backends = gateway->list, .count = GATEWAY_BACKENDS};
    gateway->settings.created_by = strdup("apigwd");
    (void)string_list_add(&gateway->settings.domains, "kyma.local");
}

void gateway_release(struct gateway *gateway)
{
    json_decref(gateway->objects);
    json_decref(gateway->read_codes);
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
    struct text writes = text_empty();
    char *rest = gateway->calls.data;
    char *line;

    while (*rest && (line = strsep(&rest, "\n"))) {
        if (strncmp(line, "read ", 5) != 0)
            text_append_format(&writes, "%s\n", line);
        if (!rest)
            break;
    }
    text_clear(&gateway->calls);
    return text_take(&writes);
}
