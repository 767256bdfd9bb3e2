/* SPDX-License-Identifier: Apache-2.0 */
/* gateway-api - publishes an Api by an HTTPRoute of the Kubernetes Gateway API, attached to one Gateway. */
#include <apigw/plugin.h>

#include <stdlib.h>
#include <string.h>

#define GROUP "gateway.networking.k8s.io"
#define GRANT_VERSION "v1beta1"
#define LABEL_MAX_LENGTH 63
#define NAME_MAX_LENGTH 253
/* What the schema of ReferenceGrant allows in spec.from. */
#define GRANT_FROM_MAX 16

/* Numbers of the kinds, in the order of the table below. */
enum { KIND_HTTP_ROUTE, KIND_REFERENCE_GRANT };
/* Numbers of the related kinds, for find(). */
enum { RELATED_GATEWAY, RELATED_HTTP_ROUTE };

/* What all Apis share. Only read once create() has returned. */
struct settings {
    char gateway_namespace[LABEL_MAX_LENGTH + 1];
    char gateway_name[NAME_MAX_LENGTH + 1];
    char route_api_version[sizeof GROUP + 32];
    /* spec.from of every ReferenceGrant; NULL if there is none to make. */
    json_t *grant_from;
};

static int is_lower_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Whether the text is a DNS label as Kubernetes wants it. */
static int is_label(const char *text, size_t length)
{
    size_t i;

    if (length == 0 || length > LABEL_MAX_LENGTH)
        return 0;
    if (!is_lower_or_digit(text[0]) || !is_lower_or_digit(text[length - 1]))
        return 0;
    for (i = 0; i < length; i++) {
        if (!is_lower_or_digit(text[i]) && text[i] != '-')
            return 0;
    }
    return 1;
}

/* Whether the text is a DNS subdomain as Kubernetes wants it: a label has no limit of its own there. */
static int is_subdomain(const char *text, size_t length)
{
    size_t i;

    if (length == 0 || length > NAME_MAX_LENGTH)
        return 0;
    for (i = 0; i < length; i++) {
        int at_edge = i == 0 || i + 1 == length || text[i - 1] == '.' || text[i + 1] == '.';

        if (is_lower_or_digit(text[i]))
            continue;
        if ((text[i] != '-' && text[i] != '.') || at_edge)
            return 0;
    }
    return 1;
}

static int32_t read_gateway(struct settings *settings, const json_t *value, struct apigw_error *error)
{
    const char *text = json_string_value(value);
    size_t length = json_string_length(value);
    const char *slash = text ? memchr(text, '/', length) : NULL;
    const char *name;
    size_t namespace_length;
    size_t name_length;

    if (!slash)
        return apigw_fail(
            error, APIGW_INVALID, "gateway",
            "expected NAMESPACE/NAME of a Gateway, such as infra/public, and found \"%s\", which "
            "has no slash: write the namespace of the Gateway before its name",
            text ? text : "");
    name = slash + 1;
    namespace_length = (size_t)(slash - text);
    name_length = length - namespace_length - 1;
    if (memchr(name, '/', name_length))
        return apigw_fail(
            error, APIGW_INVALID, "gateway",
            "expected NAMESPACE/NAME of a Gateway, such as infra/public, and found \"%s\", which "
            "has more than one slash: leave out group, kind and listener",
            text);
    if (!is_label(text, namespace_length))
        return apigw_fail(error, APIGW_INVALID, "gateway",
                          "expected NAMESPACE/NAME of a Gateway, such as infra/public, and found \"%s\": the "
                          "namespace has to be 1 to %d lower-case letters, digits and dashes",
                          text, LABEL_MAX_LENGTH);
    if (!is_subdomain(name, name_length))
        return apigw_fail(error, APIGW_INVALID, "gateway",
                          "expected NAMESPACE/NAME of a Gateway, such as infra/public, and found \"%s\": the "
                          "name has to be 1 to %d lower-case letters, digits, dashes and dots",
                          text, NAME_MAX_LENGTH);
    memcpy(settings->gateway_namespace, text, namespace_length);
    memcpy(settings->gateway_name, name, name_length);
    return APIGW_OK;
}

static int32_t read_grant_from(struct settings *settings, const json_t *list, struct apigw_error *error)
{
    size_t count = json_array_size(list);
    size_t i;

    if (count == 0)
        return APIGW_OK;
    if (count > GRANT_FROM_MAX)
        return apigw_fail(error, APIGW_INVALID, "grantFrom",
                          "has %zu namespaces and a ReferenceGrant takes %d: leave some out", count,
                          GRANT_FROM_MAX);
    settings->grant_from = json_array();
    if (!settings->grant_from)
        return apigw_fail(error, APIGW_NO_MEMORY, "", "no memory for the settings");
    for (i = 0; i < count; i++) {
        const json_t *value = json_array_get(list, i);
        const char *name = json_string_value(value);
        char path[32];

        (void)snprintf(path, sizeof path, "grantFrom[%zu]", i);
        if (!name || !is_label(name, json_string_length(value)))
            return apigw_fail(error, APIGW_INVALID, path,
                              "\"%s\" is not a namespace: expected 1 to %d lower-case letters, digits and "
                              "dashes",
                              name ? name : "", LABEL_MAX_LENGTH);
        if (json_array_append_new(settings->grant_from, json_pack("{s:s, s:s, s:s}", "group", GROUP, "kind",
                                                                  "HTTPRoute", "namespace", name)) != 0)
            return apigw_fail(error, APIGW_NO_MEMORY, "", "no memory for the settings");
    }
    return APIGW_OK;
}

static void destroy(void *instance)
{
    struct settings *settings = instance;

    if (!settings)
        return;
    json_decref(settings->grant_from);
    free(settings);
}

static int32_t create(const struct apigw_host *host, const json_t *config, void **instance,
                      struct apigw_error *error)
{
    struct settings *settings = calloc(1, sizeof *settings);
    const char *version = json_string_value(json_object_get(config, "version"));
    int32_t code;

    (void)host;
    if (!settings)
        return apigw_fail(error, APIGW_NO_MEMORY, "", "no memory for the settings");
    if (version)
        (void)snprintf(settings->route_api_version, sizeof settings->route_api_version, GROUP "/%s", version);
    code = version ? read_gateway(settings, json_object_get(config, "gateway"), error)
                   : apigw_fail(error, APIGW_INTERNAL, "version", "no version of HTTPRoute was chosen");
    if (code == APIGW_OK)
        code = read_grant_from(settings, json_object_get(config, "grantFrom"), error);
    if (code != APIGW_OK) {
        destroy(settings);
        return code;
    }
    *instance = settings;
    return APIGW_OK;
}

/* The text of a member, or what holds if it is absent or not a text. */
static const char *text_or(const json_t *object, const char *key, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : otherwise;
}

/* find() promises that it is there. */
static const char *namespace_of(const json_t *object)
{
    return json_string_value(json_object_get(json_object_get(object, "metadata"), "namespace"));
}

static const char *name_of(const json_t *object)
{
    return json_string_value(json_object_get(json_object_get(object, "metadata"), "name"));
}

static int32_t check_gateway(const struct settings *settings, const struct apigw_request *request,
                             struct apigw_error *error)
{
    const json_t *gateways = request->find(request, RELATED_GATEWAY, settings->gateway_name);
    size_t i;

    if (!gateways)
        return apigw_fail(error, APIGW_NO_MEMORY, "", "no memory to look for the Gateway");
    for (i = 0; i < json_array_size(gateways); i++) {
        if (strcmp(namespace_of(json_array_get(gateways, i)), settings->gateway_namespace) == 0)
            return APIGW_OK;
    }
    return apigw_fail(error, APIGW_NOT_READY, "",
                      "Gateway %s/%s is not there: create it, or name another one in the option gateway",
                      settings->gateway_namespace, settings->gateway_name);
}

/* Whether a route has the configured Gateway among its parents. The defaults are those of its schema. */
static int is_attached(const struct settings *settings, const json_t *route)
{
    const json_t *parents = json_object_get(json_object_get(route, "spec"), "parentRefs");
    size_t i;

    for (i = 0; i < json_array_size(parents); i++) {
        const json_t *parent = json_array_get(parents, i);

        if (strcmp(text_or(parent, "name", ""), settings->gateway_name) == 0 &&
            strcmp(text_or(parent, "namespace", namespace_of(route)), settings->gateway_namespace) == 0 &&
            strcmp(text_or(parent, "kind", "Gateway"), "Gateway") == 0 &&
            strcmp(text_or(parent, "group", GROUP), GROUP) == 0)
            return 1;
    }
    return 0;
}

/* Of two routes with one host a Gateway follows the older one, so ours might never get a request. */
static int32_t check_host(const struct settings *settings, const struct apigw_request *request,
                          struct apigw_error *error)
{
    const char *host = request->effective->host;
    const json_t *routes = request->find(request, RELATED_HTTP_ROUTE, host);
    size_t i;

    if (!routes)
        return apigw_fail(error, APIGW_NO_MEMORY, "", "no memory to look for other HTTPRoutes");
    for (i = 0; i < json_array_size(routes); i++) {
        const json_t *route = json_array_get(routes, i);

        if (is_attached(settings, route))
            return apigw_fail(
                error, APIGW_CONFLICT, "",
                "HTTPRoute %s/%s, which is not ours, has host %s at Gateway %s/%s already: delete "
                "it, take the host out of its hostnames, or give the Api another hostname",
                namespace_of(route), name_of(route), host, settings->gateway_namespace,
                settings->gateway_name);
    }
    return APIGW_OK;
}

/* Members that the schema has defaults for are written out: then what is read back is what was written. */
static json_t *http_route(const struct settings *settings, const struct apigw_effective *api)
{
    json_t *parent = json_pack("{s:s, s:s, s:s, s:s}", "group", GROUP, "kind", "Gateway", "namespace",
                               settings->gateway_namespace, "name", settings->gateway_name);
    json_t *match = json_pack("{s:{s:s, s:s}}", "path", "type", "PathPrefix", "value", "/");
    json_t *backend = json_pack("{s:s, s:s, s:s, s:i, s:i}", "group", "", "kind", "Service", "name",
                                api->service, "port", (int)api->port, "weight", 1);
    json_t *rule = json_pack("{s:[o], s:[o]}", "matches", match, "backendRefs", backend);

    return json_pack("{s:s, s:s, s:{s:[o], s:[s], s:[o]}}", "apiVersion", settings->route_api_version, "kind",
                     "HTTPRoute", "spec", "parentRefs", parent, "hostnames", api->host, "rules", rule);
}

static json_t *reference_grant(const struct settings *settings, const struct apigw_effective *api)
{
    json_t *from = json_deep_copy(settings->grant_from);
    json_t *to = json_pack("{s:s, s:s, s:s}", "group", "", "kind", "Service", "name", api->service);

    return json_pack("{s:s, s:s, s:{s:o, s:[o]}}", "apiVersion", GROUP "/" GRANT_VERSION, "kind",
                     "ReferenceGrant", "spec", "from", from, "to", to);
}

static int32_t render(const void *instance, const struct apigw_request *request, struct apigw_result *result,
                      struct apigw_error *error)
{
    const struct settings *settings = instance;
    const struct apigw_effective *api = request->effective;
    int32_t code = check_gateway(settings, request, error);

    if (code == APIGW_OK)
        code = check_host(settings, request, error);
    if (code != APIGW_OK)
        return code;
    if (settings->grant_from)
        result->resources = json_pack("[o, o]", http_route(settings, api), reference_grant(settings, api));
    else
        result->resources = json_pack("[o]", http_route(settings, api));
    return result->resources ? APIGW_OK : apigw_fail(error, APIGW_NO_MEMORY, "", "no memory for the objects");
}

static const char *const served_versions[] = {"v1", "v1beta1", NULL};
static const char *const grant_versions[] = {GRANT_VERSION, NULL};

static const struct apigw_path http_route_paths[] = {
    {.use = APIGW_USE_CLAIMS_HOST, .form = APIGW_FORM_NAME, .path = "spec.hostnames[]"},
    {.use = APIGW_USE_LEADS_TO_SERVICE, .form = APIGW_FORM_NAME, .path = "spec.rules[].backendRefs[].name"},
};

/* A grant sends no requests, but lets the routes of others do so: the Service is as exposed as by a route. */
static const struct apigw_path reference_grant_paths[] = {
    {.use = APIGW_USE_LEADS_TO_SERVICE, .form = APIGW_FORM_NAME, .path = "spec.to[].name"},
};

static const struct apigw_kind kinds[] = {
    [KIND_HTTP_ROUTE] = {.group = GROUP,
                         .versions = served_versions,
                         .kind = "HTTPRoute",
                         .plural = "httproutes",
                         .flags = APIGW_KIND_PRIMARY,
                         .paths_count = sizeof http_route_paths / sizeof http_route_paths[0],
                         .path_size = sizeof http_route_paths[0],
                         .paths = http_route_paths},
    [KIND_REFERENCE_GRANT] = {.group = GROUP,
                              .versions = grant_versions,
                              .kind = "ReferenceGrant",
                              .plural = "referencegrants",
                              .paths_count = sizeof reference_grant_paths / sizeof reference_grant_paths[0],
                              .path_size = sizeof reference_grant_paths[0],
                              .paths = reference_grant_paths},
};

static const struct apigw_related related[] = {
    [RELATED_GATEWAY] = {.group = GROUP,
                         .versions = served_versions,
                         .kind = "Gateway",
                         .plural = "gateways",
                         .form = APIGW_FORM_NAME,
                         .index_path = "metadata.name"},
    [RELATED_HTTP_ROUTE] = {.group = GROUP,
                            .versions = served_versions,
                            .kind = "HTTPRoute",
                            .plural = "httproutes",
                            .form = APIGW_FORM_NAME,
                            .index_path = "spec.hostnames[]"},
};

static const struct apigw_option options[] = {
    {.name = "gateway",
     .type = APIGW_OPTION_STRING,
     .flags = APIGW_OPTION_REQUIRED,
     .doc = "The Gateway that serves the hosts, as NAMESPACE/NAME."},
    {.name = "grantFrom",
     .type = APIGW_OPTION_STRING_LIST,
     .default_json = "[]",
     .doc =
         "Namespaces whose HTTPRoutes may lead to the Services of Apis; empty: no ReferenceGrant is made."},
    {.name = "version",
     .type = APIGW_OPTION_VERSION,
     .doc = "Version of HTTPRoute.",
     .kind_index = KIND_HTTP_ROUTE},
};

static const struct apigw_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_major = APIGW_ABI_MAJOR,
    .abi_minor = APIGW_ABI_MINOR,
    .role = APIGW_ROLE_ROUTE,
    .name = "gateway-api",
    .version = "1.0.0",
    .summary = "one HTTPRoute (Gateway API v1, v1beta1) and, if wanted, one ReferenceGrant for each Api",
    .status_key = "httpRoute",
    .kinds_count = sizeof kinds / sizeof kinds[0],
    .kind_size = sizeof kinds[0],
    .kinds = kinds,
    .related_count = sizeof related / sizeof related[0],
    .related_size = sizeof related[0],
    .related = related,
    .options_count = sizeof options / sizeof options[0],
    .option_size = sizeof options[0],
    .options = options,
    .create = create,
    .destroy = destroy,
    .render = render,
};

const struct apigw_plugin *apigw_plugin_entry(void)
{
    return &plugin;
}
