/* SPDX-License-Identifier: Apache-2.0 */
/*
 * istio-authn-policy - asks for JSON Web Tokens at the Services of an Api, by one authentication Policy of
 * Istio 1.4 and 1.5. Later versions of Istio ignore that kind.
 */
#include <apigw/plugin.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GROUP "authentication.istio.io"
#define VERSION "v1alpha1"

/* Numbers of the related kinds, for find(). */
#define RELATED_POLICY 0
#define RELATED_SERVICE 1

/* Written by create() alone, so that render() needs no lock. */
struct settings {
    bool mtls;
};

static int32_t create(const struct apigw_host *host, const json_t *config, void **instance,
                      struct apigw_error *error)
{
    struct settings *settings = malloc(sizeof *settings);

    (void)host;
    if (!settings)
        return apigw_fail(error, APIGW_NO_MEMORY, "", "no memory for the settings");
    settings->mtls = json_is_true(json_object_get(config, "mtls"));
    *instance = settings;
    return APIGW_OK;
}

static void destroy(void *instance)
{
    free(instance);
}

static const char *match_member(int32_t match)
{
    switch (match) {
    case APIGW_MATCH_EXACT:
        return "exact";
    case APIGW_MATCH_PREFIX:
        return "prefix";
    case APIGW_MATCH_SUFFIX:
        return "suffix";
    case APIGW_MATCH_REGEX:
        return "regex";
    default:
        return NULL;
    }
}

/* A newer host may know more ways to match: what this plugin cannot say it must not leave out. */
static int32_t check_matches(const struct apigw_issuer *const *issuers, struct apigw_error *error)
{
    for (; *issuers; issuers++) {
        for (size_t i = 0; (*issuers)->excluded_paths[i]; i++) {
            int32_t match = (*issuers)->excluded_paths[i]->match;

            if (!match_member(match))
                return apigw_fail(
                    error, APIGW_INTERNAL, "spec.authentication",
                    "excluded path %zu of issuer %.200s is matched in a way (%d) that this plugin "
                    "does not know: use exact, prefix, suffix or regex, or a newer plugin",
                    i, (*issuers)->issuer, (int)match);
        }
    }
    return APIGW_OK;
}

/* Istio obeys the first Policy that it finds for a Service, so a second one can switch ours off. */
static int32_t check_rivals(const struct apigw_request *request, struct apigw_error *error)
{
    const char *const *service = request->protect_services;

    for (; *service; service++) {
        const json_t *rivals = request->find(request, RELATED_POLICY, *service);

        if (!rivals)
            return apigw_fail(error, APIGW_NO_MEMORY, "", "no memory to look for other Policies");
        if (json_array_size(rivals) == 0)
            continue;

        const json_t *metadata = json_object_get(json_array_get(rivals, 0), "metadata");
        const char *name = json_string_value(json_object_get(metadata, "name"));

        return apigw_fail(
            error, APIGW_CONFLICT, "",
            "Policy %s/%s, which this daemon did not make, targets Service %s too, and Istio obeys "
            "only one Policy for a Service: delete it or remove that target",
            request->effective->api_namespace, name ? name : "(unnamed)", *service);
    }
    return APIGW_OK;
}

static int32_t check(const struct apigw_request *request, struct apigw_error *error)
{
    const struct apigw_effective *effective = request->effective;

    if (strcmp(effective->api_name, "default") == 0)
        return apigw_fail(
            error, APIGW_INVALID, "metadata.name",
            "an Api named \"default\" cannot have authentication: its Policy would bear that name, "
            "which Istio keeps for the one that covers a whole namespace and refuses with targets; "
            "give the Api another name");
    /* A Policy without targets would cover the namespace, one without origins would let everybody in. */
    if (!request->protect_services[0])
        return apigw_fail(error, APIGW_INTERNAL, "",
                          "authentication is on, but the host named no Service to protect");
    if (!effective->issuers[0])
        return apigw_fail(error, APIGW_INTERNAL, "", "authentication is on, but the host named no issuer");

    int32_t code = check_matches(effective->issuers, error);

    return code == APIGW_OK ? check_rivals(request, error) : code;
}

static json_t *targets(const char *const *services)
{
    json_auto_t *list = json_array();

    for (; *services; services++) {
        if (json_array_append_new(list, json_pack("{s:s}", "name", *services)) != 0)
            return NULL;
    }
    return json_incref(list);
}

static json_t *excluded_paths(const struct apigw_excluded_path *const *paths)
{
    json_auto_t *list = json_array();

    for (; *paths; paths++) {
        json_t *path = json_pack("{s:s}", match_member((*paths)->match), (*paths)->value);

        if (json_array_append_new(list, path) != 0)
            return NULL;
    }
    return json_incref(list);
}

static json_t *origin(const struct apigw_issuer *issuer)
{
    json_auto_t *jwt = json_pack("{s:s, s:s}", "issuer", issuer->issuer, "jwksUri", issuer->jwks_uri);

    if (!jwt)
        return NULL;
    if (issuer->excluded_paths[0]) {
        json_t *rules = json_pack("[{s:o}]", "excluded_paths", excluded_paths(issuer->excluded_paths));

        if (json_object_set_new(jwt, "trigger_rules", rules) != 0)
            return NULL;
    }
    return json_pack("{s:O}", "jwt", jwt);
}

static json_t *origins(const struct apigw_issuer *const *issuers)
{
    json_auto_t *list = json_array();

    for (; *issuers; issuers++) {
        if (json_array_append_new(list, origin(*issuers)) != 0)
            return NULL;
    }
    return json_incref(list);
}

static json_t *policy_spec(const struct apigw_request *request, bool mtls)
{
    json_auto_t *spec = json_pack("{s:o, s:o, s:s}", "targets", targets(request->protect_services), "origins",
                                  origins(request->effective->issuers), "principalBinding", "USE_ORIGIN");

    if (!spec)
        return NULL;
    if (mtls && json_object_set_new(spec, "peers", json_pack("[{s:{}}]", "mtls")) != 0)
        return NULL;
    return json_incref(spec);
}

/* Istio chooses by the port's name whether it looks into HTTP: PROTOCOL or PROTOCOL-SUFFIX (Istio 1.4
 * and 1.5, "Protocol Selection"). */
static bool is_http(const char *name)
{
    static const char *const protocols[] = {"http", "http2", "grpc", "grpc-web"};

    for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++) {
        size_t length = strlen(protocols[i]);

        if (strncmp(name, protocols[i], length) == 0 && (name[length] == '\0' || name[length] == '-'))
            return true;
    }
    return false;
}

/* A Service may have ports of one number for TCP, which is meant if nothing is said, and for UDP. */
static const json_t *find_port(const json_t *service, uint32_t number)
{
    const json_t *port;
    size_t i;

    json_array_foreach(json_object_get(json_object_get(service, "spec"), "ports"), i, port)
    {
        const char *protocol = json_string_value(json_object_get(port, "protocol"));

        if (json_integer_value(json_object_get(port, "port")) == (json_int_t)number &&
            (!protocol || strcmp(protocol, "TCP") == 0))
            return port;
    }
    return NULL;
}

/* Where Istio sees no HTTP it sees no token either, and lets everybody pass. */
static int32_t look_at_port(const struct apigw_request *request, struct apigw_result *result,
                            struct apigw_error *error)
{
    const struct apigw_effective *effective = request->effective;
    const json_t *found = request->find(request, RELATED_SERVICE, effective->service);

    if (!found)
        return apigw_fail(error, APIGW_NO_MEMORY, "", "no memory to look for the Service");

    const json_t *port = find_port(json_array_get(found, 0), effective->port);
    const char *told = json_string_value(json_object_get(port, "name"));
    char name[64];

    (void)snprintf(name, sizeof name, "%s", told ? told : "");
    apigw_cut(name, sizeof name);
    if (port && !is_http(name))
        (void)snprintf(
            result->warning, sizeof result->warning,
            "tokens may not be checked: port %u of Service \"%s\" %s%s%s, which Istio does not take "
            "for HTTP; name it http, or http- and a suffix",
            (unsigned)effective->port, effective->service, told ? "has the name \"" : "has no name", name,
            told ? "\"" : "");
    return APIGW_OK;
}

static int32_t render(const void *instance, const struct apigw_request *request, struct apigw_result *result,
                      struct apigw_error *error)
{
    const struct settings *settings = instance;
    uint32_t flags = request->effective->flags;

    if (!(flags & APIGW_AUTHENTICATION))
        return APIGW_OK;

    int32_t code = check(request, error);

    if (code != APIGW_OK)
        return code;

    bool mtls = settings->mtls && !(flags & APIGW_DISABLE_MTLS);

    result->resources = json_pack("[{s:s, s:s, s:o}]", "apiVersion", GROUP "/" VERSION, "kind", "Policy",
                                  "spec", policy_spec(request, mtls));
    if (!result->resources)
        return apigw_fail(error, APIGW_NO_MEMORY, "", "no memory for the Policy");
    return look_at_port(request, result, error);
}

static const char *const versions[] = {VERSION, NULL};

static const char *const service_versions[] = {"v1", NULL};

static const struct apigw_path paths[] = {
    {APIGW_USE_PROTECTS_SERVICE, APIGW_FORM_NAME, "spec.targets[].name"},
};

static const struct apigw_kind kinds[] = {
    {
        .group = GROUP,
        .versions = versions,
        .kind = "Policy",
        .plural = "policies",
        .flags = APIGW_KIND_PRIMARY,
        .paths_count = sizeof paths / sizeof paths[0],
        .path_size = sizeof paths[0],
        .paths = paths,
    },
};

static const struct apigw_related related[] = {
    [RELATED_POLICY] =
        {
            .group = GROUP,
            .versions = versions,
            .kind = "Policy",
            .plural = "policies",
            .flags = APIGW_RELATED_SAME_NAMESPACE,
            .form = APIGW_FORM_NAME,
            .index_path = "spec.targets[].name",
        },
    [RELATED_SERVICE] =
        {
            .group = "",
            .versions = service_versions,
            .kind = "Service",
            .plural = "services",
            .flags = APIGW_RELATED_SAME_NAMESPACE,
            .form = APIGW_FORM_NAME,
            .index_path = "metadata.name",
        },
};

static const struct apigw_option options[] = {
    {
        .name = "mtls",
        .type = APIGW_OPTION_BOOL,
        .default_json = "true",
        .doc = "Ask for mutual TLS at the protected Services, unless an Api sets disableIstioAuthPolicyMTLS.",
    },
};

static const struct apigw_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_major = APIGW_ABI_MAJOR,
    .abi_minor = APIGW_ABI_MINOR,
    .role = APIGW_ROLE_AUTHENTICATION,
    .name = "istio-authn-policy",
    .version = "1.0.0",
    .summary =
        "one authentication Policy for each Api with issuers: Istio 1.4 and 1.5 only, ignored by later ones",
    .status_key = "authenticationStatus",
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
