/* SPDX-License-Identifier: Apache-2.0 */
/* second-backend - publishes an Api by an Ingress with TLS, whose key pair cert-manager keeps in a Secret. */
#include <apigw/plugin.h>

#include <stdio.h>
#include <string.h>

#define SUFFIX "-tls"
#define NAME_MAX_LENGTH 253

/* Numbers of the kinds, in the order of the table below. */
enum { KIND_INGRESS, KIND_CERTIFICATE };
/* Numbers of the related kinds, for find(). */
enum { RELATED_CERTIFICATE, RELATED_SERVICE };

static int32_t create(const struct apigw_host *host, const json_t *config, void **instance,
                      struct apigw_error *error)
{
    (void)host;
    *instance = json_deep_copy(config);
    return *instance ? APIGW_OK : apigw_fail(error, APIGW_NO_MEMORY, "", "no memory for the settings");
}

static void destroy(void *instance)
{
    json_decref(instance);
}

/* Two Certificates that write one Secret overwrite each other for ever. */
static int32_t check_secret(const struct apigw_request *request, const char *secret,
                            struct apigw_error *error)
{
    const json_t *others = request->find(request, RELATED_CERTIFICATE, secret);
    const char *name;

    if (!others)
        return apigw_fail(error, APIGW_NO_MEMORY, "", "no memory to look for other Certificates");
    if (json_array_size(others) == 0)
        return APIGW_OK;
    name = json_string_value(json_object_get(json_object_get(json_array_get(others, 0), "metadata"), "name"));
    return apigw_fail(error, APIGW_CONFLICT, "",
                      "Certificate %s/%s, which is not ours, writes Secret %s too: delete it or give it "
                      "another secretName",
                      request->effective->api_namespace, name, secret);
}

/* The Service may come later, and whoever waits for an answer until then wants to know why there is none. */
static int32_t look_at_service(const struct apigw_request *request, struct apigw_result *result,
                               struct apigw_error *error)
{
    const char *name = request->effective->service;
    const json_t *services = request->find(request, RELATED_SERVICE, name);

    if (!services)
        return apigw_fail(error, APIGW_NO_MEMORY, "", "no memory to look for the Service");
    if (json_array_size(services) == 0 && request->knows(request, RELATED_SERVICE))
        (void)snprintf(result->warning, sizeof result->warning,
                       "Service \"%s\" does not exist: create it, or name another one in spec.service.name",
                       name);
    return APIGW_OK;
}

static json_t *certificate(const json_t *config, const struct apigw_effective *api, const char *secret)
{
    return json_pack("{s:s, s:s, s:{s:s, s:[s], s:{s:s, s:s}}}", "apiVersion", "cert-manager.io/v1", "kind",
                     "Certificate", "spec", "secretName", secret, "dnsNames", api->host, "issuerRef", "kind",
                     "ClusterIssuer", "name", json_string_value(json_object_get(config, "clusterIssuer")));
}

static json_t *ingress(const json_t *config, const struct apigw_effective *api, const char *secret)
{
    json_t *backend =
        json_pack("{s:{s:s, s:{s:i}}}", "service", "name", api->service, "port", "number", (int)api->port);
    json_t *rule = json_pack("{s:s, s:{s:[{s:s, s:s, s:o}]}}", "host", api->host, "http", "paths", "path",
                             "/", "pathType", "Prefix", "backend", backend);
    json_t *tls = json_pack("{s:[s], s:s}", "hosts", api->host, "secretName", secret);

    return json_pack("{s:s, s:s, s:{s:s, s:[o], s:[o]}}", "apiVersion", "networking.k8s.io/v1", "kind",
                     "Ingress", "spec", "ingressClassName",
                     json_string_value(json_object_get(config, "ingressClass")), "tls", tls, "rules", rule);
}

static int32_t render(const void *instance, const struct apigw_request *request, struct apigw_result *result,
                      struct apigw_error *error)
{
    const struct apigw_effective *api = request->effective;
    char secret[NAME_MAX_LENGTH + 1];
    int32_t code;

    if (strlen(api->api_name) > NAME_MAX_LENGTH - strlen(SUFFIX))
        return apigw_fail(error, APIGW_INVALID, "metadata.name",
                          "the name has %zu characters and the Secret is called NAME%s: use at most %zu",
                          strlen(api->api_name), SUFFIX, NAME_MAX_LENGTH - strlen(SUFFIX));
    (void)snprintf(secret, sizeof secret, "%s" SUFFIX, api->api_name);
    code = check_secret(request, secret, error);
    if (code == APIGW_OK)
        code = look_at_service(request, result, error);
    if (code != APIGW_OK)
        return code;
    result->resources =
        json_pack("[o, o]", certificate(instance, api, secret), ingress(instance, api, secret));
    return result->resources ? APIGW_OK : apigw_fail(error, APIGW_NO_MEMORY, "", "no memory for the objects");
}

static const char *const v1[] = {"v1", NULL};

static const struct apigw_path ingress_paths[] = {
    {.use = APIGW_USE_CLAIMS_HOST, .form = APIGW_FORM_NAME, .path = "spec.rules[].host"},
    {.use = APIGW_USE_LEADS_TO_SERVICE,
     .form = APIGW_FORM_NAME,
     .path = "spec.rules[].http.paths[].backend.service.name"},
};

static const struct apigw_kind kinds[] = {
    [KIND_INGRESS] = {.group = "networking.k8s.io",
                      .versions = v1,
                      .kind = "Ingress",
                      .plural = "ingresses",
                      .flags = APIGW_KIND_PRIMARY,
                      .paths_count = sizeof ingress_paths / sizeof ingress_paths[0],
                      .path_size = sizeof ingress_paths[0],
                      .paths = ingress_paths},
    [KIND_CERTIFICATE] = {.group = "cert-manager.io",
                          .versions = v1,
                          .kind = "Certificate",
                          .plural = "certificates",
                          .path_size = sizeof(struct apigw_path)},
};

static const struct apigw_related related[] = {
    [RELATED_CERTIFICATE] = {.group = "cert-manager.io",
                             .versions = v1,
                             .kind = "Certificate",
                             .plural = "certificates",
                             .flags = APIGW_RELATED_SAME_NAMESPACE,
                             .form = APIGW_FORM_NAME,
                             .index_path = "spec.secretName"},
    [RELATED_SERVICE] = {.group = "",
                         .versions = v1,
                         .kind = "Service",
                         .plural = "services",
                         .flags = APIGW_RELATED_SAME_NAMESPACE,
                         .form = APIGW_FORM_NAME,
                         .index_path = "metadata.name"},
};

static const struct apigw_option options[] = {
    {.name = "clusterIssuer",
     .type = APIGW_OPTION_STRING,
     .flags = APIGW_OPTION_REQUIRED,
     .doc = "Name of the ClusterIssuer of cert-manager that signs the certificates."},
    {.name = "ingressClass",
     .type = APIGW_OPTION_STRING,
     .default_json = "\"nginx\"",
     .doc = "Name of the IngressClass that serves the hosts."},
};

static const struct apigw_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_major = APIGW_ABI_MAJOR,
    .abi_minor = APIGW_ABI_MINOR,
    .role = APIGW_ROLE_ROUTE,
    .name = "second-backend",
    .version = "1.0.0",
    .summary = "one Ingress with TLS and its Certificate for each Api",
    .status_key = "ingress",
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
