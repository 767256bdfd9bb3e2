/* SPDX-License-Identifier: Apache-2.0 */
/*
 * istio-virtualservice - publishes the Service of an Api under its host, by one Istio VirtualService.
 */
#include <apigw/plugin.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GROUP "networking.istio.io"
/* Number of the related kind Service, for find(). */
#define RELATED_SERVICE 0
/* A DNS name is never longer, RFC 1035. */
#define DNS_NAME_MAX 253

static const char *const versions[] = {"v1", "v1beta1", "v1alpha3", NULL};

/* Everything that is the same for all Apis. Written by create() alone, so that render() needs no lock. */
struct settings {
    const char *version; /* an element of `versions` */
    json_t *gateways;
    json_t *cors_policy; /* {} if the config sets none */
    char cluster_domain[DNS_NAME_MAX + 1];
};

static void settings_free(struct settings *settings)
{
    if (!settings)
        return;
    json_decref(settings->gateways);
    json_decref(settings->cors_policy);
    free(settings);
}

static int32_t check_texts(const json_t *config, const char *option, struct apigw_error *error)
{
    const json_t *list = json_object_get(config, option);
    const json_t *text;
    size_t i;

    if (!json_is_array(list))
        return apigw_fail(error, APIGW_INTERNAL, option, "the host gave no list for the option %s", option);
    json_array_foreach(list, i, text)
    {
        if (json_string_length(text) == 0)
            return apigw_fail(error, APIGW_INVALID, option,
                              "element %zu of %s is empty: give it a text or take it out", i, option);
    }
    return APIGW_OK;
}

static int32_t check_lists(const json_t *config, struct apigw_error *error)
{
    static const char *const options[] = {"gateways", "corsAllowOrigins", "corsAllowMethods",
                                          "corsAllowHeaders"};

    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        int32_t code = check_texts(config, options[i], error);

        if (code != APIGW_OK)
            return code;
    }
    if (json_array_size(json_object_get(config, "gateways")) == 0)
        return apigw_fail(
            error, APIGW_INVALID, "gateways",
            "gateways is empty: Istio would then apply the routes to calls inside the mesh only "
            "and publish nothing; name at least one Gateway, as NAMESPACE/NAME or as "
            "NAME.NAMESPACE.svc.cluster.local, or leave the option out");
    return APIGW_OK;
}

static int32_t set_version(struct settings *settings, const json_t *config, struct apigw_error *error)
{
    const char *wanted = json_string_value(json_object_get(config, "version"));

    if (!wanted)
        return apigw_fail(error, APIGW_INTERNAL, "version", "the host chose no version of VirtualService");
    for (size_t i = 0; versions[i]; i++) {
        if (strcmp(versions[i], wanted) == 0) {
            settings->version = versions[i];
            return APIGW_OK;
        }
    }
    return apigw_fail(error, APIGW_INVALID, "version",
                      "version \"%s\" of VirtualService is unknown: use v1, v1beta1 or v1alpha3", wanted);
}

static bool is_dns_name(const char *text)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    const char *label = text;

    for (;;) {
        size_t length = strspn(label, allowed);

        if (length == 0 || length > 63 || label[0] == '-' || label[length - 1] == '-')
            return false;
        if (label[length] == '\0')
            return strlen(text) <= DNS_NAME_MAX;
        if (label[length] != '.')
            return false;
        label += length + 1;
    }
}

static int32_t set_cluster_domain(struct settings *settings, const json_t *config, struct apigw_error *error)
{
    const char *domain = json_string_value(json_object_get(config, "clusterDomain"));

    if (!domain)
        return apigw_fail(error, APIGW_INTERNAL, "clusterDomain", "the host gave no clusterDomain");
    if (!is_dns_name(domain))
        return apigw_fail(
            error, APIGW_INVALID, "clusterDomain",
            "clusterDomain \"%s\" is not a DNS name in lower case: write it like cluster.local, "
            "without a dot at either end",
            domain);
    memcpy(settings->cluster_domain, domain, strlen(domain) + 1);
    return APIGW_OK;
}

static int add_list(json_t *policy, const char *member, const json_t *list)
{
    if (json_array_size(list) == 0)
        return 0;
    return json_object_set_new(policy, member, json_deep_copy(list));
}

/* v1alpha3 keeps the member that Istio 1.4 knows: later versions call it deprecated but obey it. */
static int add_origins(json_t *policy, const char *version, const json_t *list)
{
    const json_t *origin;
    size_t i;

    if (strcmp(version, "v1alpha3") == 0)
        return add_list(policy, "allowOrigin", list);
    if (json_array_size(list) == 0)
        return 0;

    json_auto_t *matches = json_array();

    json_array_foreach(list, i, origin)
    {
        if (json_array_append_new(matches, json_pack("{s:s}", "exact", json_string_value(origin))) != 0)
            return -1;
    }
    return json_object_set(policy, "allowOrigins", matches);
}

static json_t *cors_policy(const json_t *config, const char *version)
{
    json_auto_t *policy = json_object();

    if (!policy || add_origins(policy, version, json_object_get(config, "corsAllowOrigins")) != 0 ||
        add_list(policy, "allowMethods", json_object_get(config, "corsAllowMethods")) != 0 ||
        add_list(policy, "allowHeaders", json_object_get(config, "corsAllowHeaders")) != 0)
        return NULL;
    return json_incref(policy);
}

static int32_t settings_fill(struct settings *settings, const json_t *config, struct apigw_error *error)
{
    int32_t code = check_lists(config, error);

    if (code == APIGW_OK)
        code = set_version(settings, config, error);
    if (code == APIGW_OK)
        code = set_cluster_domain(settings, config, error);
    if (code != APIGW_OK)
        return code;
    settings->gateways = json_deep_copy(json_object_get(config, "gateways"));
    settings->cors_policy = cors_policy(config, settings->version);
    if (!settings->gateways || !settings->cors_policy)
        return apigw_fail(error, APIGW_NO_MEMORY, "", "no memory for the settings");
    return APIGW_OK;
}

static int32_t create(const struct apigw_host *host, const json_t *config, void **instance,
                      struct apigw_error *error)
{
    struct settings *settings = calloc(1, sizeof *settings);

    (void)host;
    if (!settings)
        return apigw_fail(error, APIGW_NO_MEMORY, "", "no memory for the settings");

    int32_t code = settings_fill(settings, config, error);

    if (code != APIGW_OK) {
        settings_free(settings);
        return code;
    }
    *instance = settings;
    return APIGW_OK;
}

static void destroy(void *instance)
{
    settings_free(instance);
}

static json_t *http_route(const struct settings *settings, const struct apigw_effective *effective)
{
    json_t *destination =
        json_sprintf("%s.%s.svc.%s", effective->service, effective->api_namespace, settings->cluster_domain);
    json_auto_t *route =
        json_pack("{s:[{s:{s:s}}], s:[{s:{s:o, s:{s:I}}}]}", "match", "uri", "regex", "/.*", "route",
                  "destination", "host", destination, "port", "number", (json_int_t)effective->port);

    if (!route)
        return NULL;
    if (json_object_size(settings->cors_policy) > 0 &&
        json_object_set_new(route, "corsPolicy", json_deep_copy(settings->cors_policy)) != 0)
        return NULL;
    return json_incref(route);
}

/* For TCP, which is meant if nothing is said. */
static bool has_port(const json_t *service, uint32_t number)
{
    const json_t *port;
    size_t i;

    json_array_foreach(json_object_get(json_object_get(service, "spec"), "ports"), i, port)
    {
        const char *protocol = json_string_value(json_object_get(port, "protocol"));

        if (json_integer_value(json_object_get(port, "port")) == (json_int_t)number &&
            (!protocol || strcmp(protocol, "TCP") == 0))
            return true;
    }
    return false;
}

/* A route may come before its Service, but whoever waits for an answer wants to know. */
static int32_t look_at_service(const struct apigw_request *request, struct apigw_result *result,
                               struct apigw_error *error)
{
    const struct apigw_effective *effective = request->effective;
    const json_t *found = request->find(request, RELATED_SERVICE, effective->service);

    if (!found)
        return apigw_fail(error, APIGW_NO_MEMORY, "", "no memory to look for the Service");
    if (json_array_size(found) == 0) {
        if (request->knows(request, RELATED_SERVICE))
            (void)snprintf(result->warning, sizeof result->warning,
                           "Service \"%s\" does not exist: nothing answers at this host until it does",
                           effective->service);
    } else if (!has_port(json_array_get(found, 0), effective->port)) {
        (void)snprintf(result->warning, sizeof result->warning,
                       "Service \"%s\" has no port %u: nothing answers at this host until it has, or until "
                       "spec.service.port names another one",
                       effective->service, (unsigned)effective->port);
    }
    return APIGW_OK;
}

static int32_t render(const void *instance, const struct apigw_request *request, struct apigw_result *result,
                      struct apigw_error *error)
{
    const struct settings *settings = instance;
    const struct apigw_effective *effective = request->effective;

    result->resources =
        json_pack("[{s:s+, s:s, s:{s:[s], s:o, s:[o]}}]", "apiVersion", GROUP "/", settings->version, "kind",
                  "VirtualService", "spec", "hosts", effective->host, "gateways",
                  json_deep_copy(settings->gateways), "http", http_route(settings, effective));
    if (!result->resources)
        return apigw_fail(error, APIGW_NO_MEMORY, "", "no memory for the VirtualService");
    return look_at_service(request, result, error);
}

static const struct apigw_path paths[] = {
    {APIGW_USE_CLAIMS_HOST, APIGW_FORM_NAME, "spec.hosts[]"},
    {APIGW_USE_LEADS_TO_SERVICE, APIGW_FORM_DNS_NAME, "spec.http[].route[].destination.host"},
    {APIGW_USE_LEADS_TO_SERVICE, APIGW_FORM_DNS_NAME, "spec.http[].mirror.host"},
    {APIGW_USE_LEADS_TO_SERVICE, APIGW_FORM_DNS_NAME, "spec.tls[].route[].destination.host"},
    {APIGW_USE_LEADS_TO_SERVICE, APIGW_FORM_DNS_NAME, "spec.tcp[].route[].destination.host"},
};

static const struct apigw_kind kinds[] = {
    {
        .group = GROUP,
        .versions = versions,
        .kind = "VirtualService",
        .plural = "virtualservices",
        .flags = APIGW_KIND_PRIMARY,
        .paths_count = sizeof paths / sizeof paths[0],
        .path_size = sizeof paths[0],
        .paths = paths,
    },
};

static const char *const service_versions[] = {"v1", NULL};

static const struct apigw_related related[] = {
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
        .name = "version",
        .type = APIGW_OPTION_VERSION,
        .doc =
            "Version of VirtualService to write; without it the daemon chooses one that the cluster serves.",
    },
    {
        .name = "gateways",
        .type = APIGW_OPTION_STRING_LIST,
        .default_json = "[\"kyma-gateway.kyma-system.svc.cluster.local\"]",
        .doc = "Istio Gateways that publish the hosts, as NAMESPACE/NAME or as a DNS name; at least one.",
    },
    {
        .name = "corsAllowOrigins",
        .type = APIGW_OPTION_STRING_LIST,
        .default_json = "[]",
        .doc = "Origins whose pages may call the services, each matched as a whole; \"*\" is any.",
    },
    {
        .name = "corsAllowMethods",
        .type = APIGW_OPTION_STRING_LIST,
        .default_json = "[]",
        .doc = "HTTP methods that pages of another origin may use.",
    },
    {
        .name = "corsAllowHeaders",
        .type = APIGW_OPTION_STRING_LIST,
        .default_json = "[]",
        .doc = "Request headers that pages of another origin may send.",
    },
    {
        .name = "clusterDomain",
        .type = APIGW_OPTION_STRING,
        .default_json = "\"cluster.local\"",
        .doc = "DNS domain of the cluster, the end of every Service's full name.",
    },
};

static const struct apigw_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_major = APIGW_ABI_MAJOR,
    .abi_minor = APIGW_ABI_MINOR,
    .role = APIGW_ROLE_ROUTE,
    .name = "istio-virtualservice",
    .version = "1.0.0",
    .summary = "one Istio VirtualService for each Api: its host leads to its Service",
    .status_key = "virtualService",
    .status_alias = "virtualServiceStatus",
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
