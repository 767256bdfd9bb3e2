/* SPDX-License-Identifier: Apache-2.0 */
/* first-backend - publishes the Service of an Api under its host, by one Ingress. */
#include <apigw/plugin.h>

static int32_t create(const struct apigw_host *host, const json_t *config, void **instance,
                      struct apigw_error *error)
{
    (void)host;
    *instance = json_deep_copy(json_object_get(config, "ingressClass"));
    return *instance ? APIGW_OK : apigw_fail(error, APIGW_NO_MEMORY, "", "no memory for the settings");
}

static void destroy(void *instance)
{
    json_decref(instance);
}

static int32_t render(const void *instance, const struct apigw_request *request, struct apigw_result *result,
                      struct apigw_error *error)
{
    const struct apigw_effective *api = request->effective;
    json_t *backend =
        json_pack("{s:{s:s, s:{s:i}}}", "service", "name", api->service, "port", "number", (int)api->port);
    json_t *rule = json_pack("{s:s, s:{s:[{s:s, s:s, s:o}]}}", "host", api->host, "http", "paths", "path",
                             "/", "pathType", "Prefix", "backend", backend);

    result->resources =
        json_pack("[{s:s, s:s, s:{s:s, s:[o]}}]", "apiVersion", "networking.k8s.io/v1", "kind", "Ingress",
                  "spec", "ingressClassName", json_string_value(instance), "rules", rule);
    return result->resources ? APIGW_OK : apigw_fail(error, APIGW_NO_MEMORY, "", "no memory for the Ingress");
}

/* clang-format off */
static const char *const versions[] = {"v1", NULL};
static const struct apigw_path paths[] = {
    {.use = APIGW_USE_CLAIMS_HOST, .form = APIGW_FORM_NAME, .path = "spec.rules[].host"},
    {.use = APIGW_USE_LEADS_TO_SERVICE, .form = APIGW_FORM_NAME,
     .path = "spec.rules[].http.paths[].backend.service.name"},
};
static const struct apigw_kind kinds[] = {
    {.group = "networking.k8s.io", .versions = versions, .kind = "Ingress", .plural = "ingresses",
     .flags = APIGW_KIND_PRIMARY, .paths = paths, .paths_count = 2, .path_size = sizeof paths[0]},
};
static const struct apigw_option options[] = {
    {.name = "ingressClass", .type = APIGW_OPTION_STRING, .default_json = "\"nginx\"",
     .doc = "Name of the IngressClass that serves the hosts."},
};
static const struct apigw_plugin plugin = {
    .struct_size = sizeof plugin, .abi_major = APIGW_ABI_MAJOR, .abi_minor = APIGW_ABI_MINOR,
    .name = "first-backend", .version = "1.0.0", .summary = "one Ingress for each Api",
    .role = APIGW_ROLE_ROUTE, .status_key = "ingress",
    .kinds = kinds, .kinds_count = 1, .kind_size = sizeof kinds[0],
    .options = options, .options_count = 1, .option_size = sizeof options[0],
    .create = create, .destroy = destroy, .render = render,
};

const struct apigw_plugin *apigw_plugin_entry(void)
{
    return &plugin;
}
