/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway.h"
#include "harness.h"

#include "base/json.h"
#include "reconcile/effective.h"

#include <stdio.h>
#include <string.h>

static json_t *make_api(const char *spec)
{
    json_t *api =
        gateway_json("{'metadata': {'name': 'a1', 'namespace': 't1'}, 'spec': {'service': {'name': 'svc1', "
                     "'port': 8080}, 'hostname': 'H1'}}");
    json_t *over = gateway_json(spec);

    (void)json_object_update(json_member(api, "spec"), over);
    json_decref(over);
    return api;
}

static void the_domain_is_appended_in_lower_case(void)
{
    static const struct {
        const char *hostname;
        enum host_result result;
        const char *host;
    } samples[] = {{"H1", HOST_OK, "h1.kyma.local"},
                   {"h1.KYMA.local", HOST_OK, "h1.kyma.local"},
                   {"h1.example.org", HOST_OK, "h1.example.org"},
                   {"a.sub.kyma.local", HOST_OK, "a.sub.kyma.local"},
                   {"sub.kyma.local", HOST_OK, "sub.kyma.local"},
                   {"a.b.kyma.local", HOST_LABEL, NULL},
                   {"-.kyma.local", HOST_LABEL, NULL},
                   {"a_b", HOST_LABEL, NULL},
                   {"", HOST_LABEL, NULL},
                   {"kyma.local", HOST_DOMAIN, NULL},
                   {"h1.kyma.local.", HOST_DOMAIN, NULL},
                   {"h1kyma.local", HOST_DOMAIN, NULL},
                   {".kyma.local", HOST_DOMAIN, NULL}};
    struct settings settings = {0};
    struct arena arena = {0};

    (void)string_list_add(&settings.domains, "kyma.local");
    (void)string_list_add(&settings.domains, "sub.kyma.local");
    (void)string_list_add(&settings.domains, "example.org");
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        const char *host = NULL;
        CU_ASSERT_EQUAL(effective_host(samples[i].hostname, &settings, &arena, &host), samples[i].result);
        CU_ASSERT_EQUAL(host != NULL, samples[i].host != NULL);
        if (host && samples[i].host)
            CU_ASSERT_STRING_EQUAL(host, samples[i].host);
    }
    settings_release(&settings);
    arena_release(&arena);
}

static void without_domains_nothing_can_be_completed(void)
{
    struct settings settings = {0};
    struct arena arena = {0};
    const char *host;

    CU_ASSERT_EQUAL(effective_host("h", &settings, &arena, &host), HOST_NO_DOMAIN);
    CU_ASSERT_EQUAL(effective_host("h.kyma.local", &settings, &arena, &host), HOST_DOMAIN);
    CU_ASSERT_EQUAL(effective_host("*", &settings, &arena, &host), HOST_LABEL);
    arena_release(&arena);
}

static void authentication_follows_the_flag_then_the_list(void)
{
    static const struct {
        const char *spec;
        bool on;
    } samples[] = {{"{}", false},
                   {"{'authentication': []}", false},
                   {"{'authentication': null}", false},
                   {"{'authentication': {'type': 'JWT'}}", false},
                   {"{'authentication': [{}]}", true},
                   {"{'authenticationEnabled': false}", false},
                   {"{'authenticationEnabled': false, 'authentication': [{}]}", false},
                   {"{'authenticationEnabled': true}", true},
                   {"{'authenticationEnabled': true, 'authentication': []}", true},
                   {"{'authenticationEnabled': true, 'authentication': [{}]}", true},
                   {"{'authenticationEnabled': 'false', 'authentication': [{}]}", true},
                   {"null", false},
                   {"[]", false}};

    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        json_t *spec = gateway_json(samples[i].spec);
        CU_ASSERT_EQUAL(effective_authentication(spec), samples[i].on);
        json_decref(spec);
    }
}

static void incomplete_means_absent_or_empty(void)
{
    static const struct {
        const char *element;
        bool incomplete;
    } samples[] = {{"{'type': 'JWT', 'jwt': {'issuer': 'i', 'jwksUri': 'u'}}", false},
                   {"{'type': 'OAuth', 'jwt': {'issuer': 'i', 'jwksUri': 'u'}}", false},
                   {"{'type': 1, 'jwt': {'issuer': 2, 'jwksUri': []}}", false},
                   {"{'type': 'JWT', 'jwt': 'x'}", false},
                   {"{'jwt': {'issuer': 'i', 'jwksUri': 'u'}}", true},
                   {"{'type': '', 'jwt': {'issuer': 'i', 'jwksUri': 'u'}}", true},
                   {"{'type': null, 'jwt': {'issuer': 'i', 'jwksUri': 'u'}}", true},
                   {"{'type': 'JWT'}", true},
                   {"{'type': 'JWT', 'jwt': null}", true},
                   {"{'type': 'JWT', 'jwt': {}}", true},
                   {"{'type': 'JWT', 'jwt': {'jwksUri': 'u'}}", true},
                   {"{'type': 'JWT', 'jwt': {'issuer': '', 'jwksUri': 'u'}}", true},
                   {"{'type': 'JWT', 'jwt': {'issuer': 'i'}}", true},
                   {"{'type': 'JWT', 'jwt': {'issuer': 'i', 'jwksUri': ''}}", true},
                   {"{}", true},
                   {"'JWT'", false},
                   {"null", false}};

    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        json_t *element = gateway_json(samples[i].element);
        CU_ASSERT_EQUAL(effective_incomplete(element), samples[i].incomplete);
        json_decref(element);
    }
}

static void everything_is_copied_and_complete(void)
{
    struct settings settings = {0};
    struct effective effective;
    const struct apigw_issuer *issuer;
    json_t *api =
        make_api("{'disableIstioAuthPolicyMTLS': true, 'authentication': [{'type': 'JWT', 'jwt': {'issuer': "
                 "'a', 'jwksUri': 'https://a', 'triggerRule': {'excludedPaths': [{'exact': '/a'}, {'prefix': "
                 "'/b'}, {'suffix': '/c'}, {'regex': '/d'}]}}}, {'type': 'JWT', 'jwt': {'issuer': 'b', "
                 "'jwksUri': 'https://b'}}]}");

    (void)string_list_add(&settings.domains, "kyma.local");
    CU_ASSERT_EQUAL_FATAL(effective_make(api, &settings, &effective, NULL), 0);
    json_decref(api);
    settings_release(&settings);
    CU_ASSERT_EQUAL(effective.api.struct_size, sizeof effective.api);
    CU_ASSERT_EQUAL(effective.api.flags, APIGW_AUTHENTICATION | APIGW_DISABLE_MTLS);
    CU_ASSERT_STRING_EQUAL(effective.api.api_namespace, "t1");
    CU_ASSERT_STRING_EQUAL(effective.api.api_name, "a1");
    CU_ASSERT_STRING_EQUAL(effective.api.host, "h1.kyma.local");
    CU_ASSERT_STRING_EQUAL(effective.api.service, "svc1");
    CU_ASSERT_EQUAL(effective.api.port, 8080);
    issuer = effective.api.issuers[0];
    CU_ASSERT_STRING_EQUAL(issuer->issuer, "a");
    CU_ASSERT_STRING_EQUAL(issuer->jwks_uri, "https://a");
    for (int32_t i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(issuer->excluded_paths[i]->match, APIGW_MATCH_EXACT + i);
    CU_ASSERT_STRING_EQUAL(issuer->excluded_paths[3]->value, "/d");
    CU_ASSERT_PTR_NULL(issuer->excluded_paths[4]);
    CU_ASSERT_STRING_EQUAL(effective.api.issuers[1]->issuer, "b");
    CU_ASSERT_PTR_NULL(effective.api.issuers[1]->excluded_paths[0]);
    CU_ASSERT_PTR_NULL(effective.api.issuers[2]);
    CU_ASSERT_FALSE(effective.unsecured_incomplete);
    effective_release(&effective);
    effective_release(NULL);
}

/* Flags and the first issuer that a spec means, "" for none. */
static void expect(const char *spec, const struct settings *settings, uint32_t flags, const char *issuer,
                   bool unsecured)
{
    json_t *api = make_api(spec);
    struct effective effective;

    CU_ASSERT_EQUAL_FATAL(effective_make(api, settings, &effective, NULL), 0);
    CU_ASSERT_EQUAL(effective.api.flags, flags);
    CU_ASSERT_EQUAL(effective.unsecured_incomplete, unsecured);
    CU_ASSERT_STRING_EQUAL(effective.api.issuers[0] ? effective.api.issuers[0]->issuer : "", issuer);
    effective_release(&effective);
    json_decref(api);
}

static void issuers_are_the_users_or_the_default(void)
{
    static const char one[] = "{'type': 'JWT', 'jwt': {'issuer': 'a', 'jwksUri': 'https://a'}}";
    struct settings settings = {.default_issuer = strdup("d"), .default_jwks_uri = strdup("https://d")};
    char spec[256];

    (void)string_list_add(&settings.domains, "kyma.local");
    expect("{}", &settings, 0, "", false);
    expect("{'authentication': []}", &settings, 0, "", false);
    expect("{'authenticationEnabled': true}", &settings, APIGW_AUTHENTICATION, "d", false);
    expect("{'authenticationEnabled': true, 'authentication': []}", &settings, APIGW_AUTHENTICATION, "d",
           false);
    (void)snprintf(spec, sizeof spec, "{'authentication': [%s]}", one);
    expect(spec, &settings, APIGW_AUTHENTICATION, "a", false);
    (void)snprintf(spec, sizeof spec, "{'authenticationEnabled': true, 'authentication': [%s]}", one);
    expect(spec, &settings, APIGW_AUTHENTICATION, "a", false);
    (void)snprintf(spec, sizeof spec, "{'authenticationEnabled': false, 'authentication': [%s]}", one);
    expect(spec, &settings, 0, "", false);
    expect("{'disableIstioAuthPolicyMTLS': false}", &settings, 0, "", false);
    settings_release(&settings);
}

static void incomplete_authentication_is_off_only_where_it_is_allowed(void)
{
    static const char one[] = "{'type': 'JWT', 'jwt': {'issuer': 'a', 'jwksUri': 'https://a'}}";
    struct settings settings = {.incomplete_unsecured = true};
    char spec[256];

    (void)string_list_add(&settings.domains, "kyma.local");
    expect("{'authentication': [{}]}", &settings, 0, "", true);
    expect("{'authentication': [{'type': 'JWT'}, {}]}", &settings, 0, "", true);
    expect("{}", &settings, 0, "", false);
    expect("{'authenticationEnabled': false, 'authentication': [{}]}", &settings, 0, "", false);
    (void)snprintf(spec, sizeof spec, "{'authentication': [%s]}", one);
    expect(spec, &settings, APIGW_AUTHENTICATION, "a", false);
    settings_release(&settings);
}

int main(void)
{
    static const struct test tests[] = {
        {"the domain is appended in lower case", the_domain_is_appended_in_lower_case},
        {"without domains nothing can be completed", without_domains_nothing_can_be_completed},
        {"authentication follows the flag, then the list", authentication_follows_the_flag_then_the_list},
        {"incomplete means absent or empty", incomplete_means_absent_or_empty},
        {"everything is copied and complete", everything_is_copied_and_complete},
        {"issuers are the user's, or the default", issuers_are_the_users_or_the_default},
        {"incomplete authentication is off only where it is allowed",
         incomplete_authentication_is_off_only_where_it_is_allowed},
        {NULL, NULL}};

    return harness_run("effective", tests);
}
