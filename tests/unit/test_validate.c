/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway.h"
#include "harness.h"

#include "base/json.h"
#include "reconcile/issuers.h"
#include "reconcile/validate.h"

#include <stdio.h>
#include <string.h>

/* A case: what is laid over spec, the path of the first error ("" for none), and a part of its sentence. */
struct sample {
    const char *spec;
    const char *path;
    const char *part;
};

#define ISSUER(name) "{'type': 'JWT', 'jwt': {'issuer': '" name "', 'jwksUri': 'https://h/k'}}"
#define JWT(members) "{'authentication': [{'type': 'JWT', 'jwt': {" members "}}]}"
#define PATHS(list) JWT("'issuer': 'i', 'jwksUri': 'https://h/k', 'triggerRule': {'excludedPaths': " list "}")
#define LABEL_63 "a23456789012345678901234567890123456789012345678901234567890123"

static struct settings make_settings(void)
{
    struct settings settings = {0};

    (void)string_list_add(&settings.domains, "kyma.local");
    (void)string_list_add(&settings.domains, "sub.kyma.local");
    (void)string_list_add(&settings.domains, "example.org");
    (void)string_list_add(&settings.blocklist, "kubernetes.default");
    (void)string_list_add(&settings.blocklist, "svc-1.t1");
    return settings;
}

static json_t *make_api(const char *spec)
{
    json_t *api =
        gateway_json("{'apiVersion': 'gateway.kyma-project.io/v1alpha2', 'kind': 'Api', 'metadata': "
                     "{'name': 'a1', 'namespace': 't1'}, 'spec': {'service': {'name': 'svc1', 'port': "
                     "80}, 'hostname': 'h1'}}");
    json_t *over = gateway_json(spec);

    (void)json_object_update(json_member(api, "spec"), over);
    json_decref(over);
    return api;
}

static void check(const json_t *api, const struct settings *settings, const struct sample *sample)
{
    struct problems problems = {0};
    const struct problem *first;

    validate_api(api, settings, &problems);
    first = problems_first_error(&problems);
    if (!first != !*sample->path ||
        (first && (strcmp(first->path, sample->path) != 0 || !strstr(first->message, sample->part)))) {
        struct text text = text_empty();
        problems_print(&problems, &text);
        printf("# %s: expected %s (%s), found:\n# %s\n", sample->spec, sample->path, sample->part, text.data);
        text_release(&text);
        CU_FAIL("not the error expected");
    }
    CU_PASS();
    problems_release(&problems);
}

static void check_all(const struct sample *samples, const struct settings *settings)
{
    for (; samples->spec; samples++) {
        json_t *api = make_api(samples->spec);
        check(api, settings, samples);
        json_decref(api);
    }
}

static void run(const struct sample *samples)
{
    struct settings settings = make_settings();

    check_all(samples, &settings);
    settings_release(&settings);
}

static void services_are_names_and_ports_numbers(void)
{
    static const struct sample samples[] = {
        {"{}", "", ""},
        {"{'service': {'name': '1st', 'port': 1}}", "", ""},
        {"{'service': {'name': 'a', 'port': 65535}}", "", ""},
        {"{'service': null}", "spec.service", "found null"},
        {"{'service': 'svc1'}", "spec.service", "found a string"},
        {"{'service': []}", "spec.service", "found a list"},
        {"{'service': {'port': 80}}", "spec.service.name", "found nothing"},
        {"{'service': {'name': 3, 'port': 80}}", "spec.service.name", "found an integer"},
        {"{'service': {'name': '', 'port': 80}}", "spec.service.name", "no name of a Service"},
        {"{'service': {'name': 'Svc', 'port': 80}}", "spec.service.name", "\"Svc\""},
        {"{'service': {'name': 'a.b', 'port': 80}}", "spec.service.name", "at most 63"},
        {"{'service': {'name': 'a\\nb', 'port': 80}}", "spec.service.name", "\"a b\""},
        {"{'service': {'name': '" LABEL_63 "4', 'port': 80}}", "spec.service.name", "at most 63"},
        {"{'service': {'name': 'a'}}", "spec.service.port", "found nothing"},
        {"{'service': {'name': 'a', 'port': 0}}", "spec.service.port", "found 0"},
        {"{'service': {'name': 'a', 'port': -1}}", "spec.service.port", "found -1"},
        {"{'service': {'name': 'a', 'port': 65536}}", "spec.service.port", "1 to 65535, found 65536"},
        {"{'service': {'name': 'a', 'port': 9223372036854775807}}", "spec.service.port",
         "found 9223372036854775807"},
        {"{'service': {'name': 'a', 'port': 80.0}}", "spec.service.port", "found a number"},
        {"{'service': {'name': 'a', 'port': '80'}}", "spec.service.port", "drop the quotes"},
        {"{'service': {'name': 'a', 'port': 'http'}}", "spec.service.port", "found a string"},
        {"{'service': {'name': 'a', 'port': ''}}", "spec.service.port", "found a string"},
        {"{'service': {'name': 'a', 'port': true}}", "spec.service.port", "found a boolean"},
        {NULL, NULL, NULL}};

    run(samples);
}

static void the_blocklist_is_exact_and_named(void)
{
    static const struct sample samples[] = {{"{'service': {'name': 'svc-1', 'port': 80}}",
                                             "spec.service.name", "\"svc-1.t1\" stands on the blocklist"},
                                            {"{'service': {'name': 'svc-2', 'port': 80}}", "", ""},
                                            {"{'service': {'name': 'kubernetes', 'port': 443}}", "", ""},
                                            {NULL, NULL, NULL}};
    static const struct sample blocked = {"kubernetes in default", "spec.service.name", "`blocklist`"};
    struct settings settings = make_settings();
    json_t *api = make_api("{'service': {'name': 'kubernetes', 'port': 443}}");

    check_all(samples, &settings);
    (void)json_object_del(json_member(api, "metadata"), "namespace");
    check(api, &settings, &blocked);
    json_decref(api);
    settings_release(&settings);
}

static void hostnames_are_one_label_before_a_domain_or_bare(void)
{
    static const struct sample samples[] = {
        {"{'hostname': 'h'}", "", ""},
        {"{'hostname': 'H1.Kyma.Local'}", "", ""},
        {"{'hostname': 'a.sub.kyma.local'}", "", ""},
        {"{'hostname': 'sub.kyma.local'}", "", ""},
        {"{'hostname': 'x.example.org'}", "", ""},
        {"{'hostname': '" LABEL_63 "'}", "", ""},
        {"{'hostname': '" LABEL_63 ".kyma.local'}", "", ""},
        {"{'hostname': null}", "spec.hostname", "found null"},
        {"{'hostname': 7}", "spec.hostname", "found an integer"},
        {"{'hostname': ''}", "spec.hostname", "is empty"},
        {"{'hostname': '" LABEL_63 "4'}", "spec.hostname", "a label of 64 characters"},
        {"{'hostname': '" LABEL_63 "45.kyma.local'}", "spec.hostname", "a label of 65 characters"},
        {"{'hostname': '*'}", "spec.hostname", "wildcard"},
        {"{'hostname': '*.kyma.local'}", "spec.hostname", "kyma.local, sub.kyma.local or example.org"},
        {"{'hostname': 'h1.kyma.local.'}", "spec.hostname", "ends in a dot"},
        {"{'hostname': 'x.h1.kyma.local'}", "spec.hostname", "more than one label"},
        {"{'hostname': 'h1.kyma.local.kyma.local'}", "spec.hostname", "more than one label"},
        {"{'hostname': 'h1.other.local'}", "spec.hostname", "none of the configured domains"},
        {"{'hostname': 'h1.kyma-local'}", "spec.hostname", "kyma.local, sub.kyma.local or example.org"},
        {"{'hostname': 'kyma.local'}", "spec.hostname", "none of the configured domains"},
        {"{'hostname': '.kyma.local'}", "spec.hostname", "none of the configured domains"},
        {"{'hostname': '-a.kyma.local'}", "spec.hostname", "no host name"},
        {"{'hostname': 'a-'}", "spec.hostname", "no host name"},
        {"{'hostname': 'a_b.kyma.local'}", "spec.hostname", "no host name"},
        {"{'hostname': 'a b'}", "spec.hostname", "no host name"},
        {"{'hostname': 'h1.kyma.local:80'}", "spec.hostname", "none of the configured domains"},
        {"{'hostname': 'https://h1.kyma.local'}", "spec.hostname", "no host name"},
        {"{'hostname': 'h\\u00e4'}", "spec.hostname", "\"h\xc3\xa4\""},
        {NULL, NULL, NULL}};

    run(samples);
}

static void without_a_domain_no_hostname_will_do(void)
{
    static const struct sample samples[] = {{"{'hostname': 'h'}", "spec.hostname", "`domain`"},
                                            {"{'hostname': 'h.kyma.local'}", "spec.hostname", "`domain`"},
                                            {"{'hostname': '-'}", "spec.hostname", "none is configured"},
                                            {NULL, NULL, NULL}};
    struct settings settings = {0};

    check_all(samples, &settings);
}

static void whole_apis_are_checked(void)
{
    static const struct {
        const char *api;
        struct sample sample;
    } samples[] = {
        {"{'metadata': {'name': 'a1'}}", {"no spec", "spec", "found nothing"}},
        {"{'metadata': {'name': 'a1'}, 'spec': null}", {"null spec", "spec", "found null"}},
        {"{'metadata': {'name': 'a1'}, 'spec': []}", {"list as spec", "spec", "found a list"}},
        {"{'spec': {}}", {"no name", "metadata.name", "expected a name"}},
        {"{'metadata': {'name': 'A'}, 'spec': {}}", {"bad name", "metadata.name", "expected a name"}},
        {"{'metadata': {'name': 'a', 'namespace': 'a.b'}, 'spec': {}}",
         {"bad namespace", "metadata.namespace", "expected a name"}},
        {"[]", {"no object", "metadata.name", "expected a name"}}};
    struct settings settings = make_settings();

    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        json_t *api = gateway_json(samples[i].api);
        check(api, &settings, &samples[i].sample);
        json_decref(api);
    }
    settings_release(&settings);
}

static void all_errors_are_found_at_once(void)
{
    struct settings settings = make_settings();
    json_t *api =
        gateway_json("{'metadata': {'name': 'a1'}, 'spec': {'service': {'name': 'A', 'port': 0}, 'hostname': "
                     "'*', 'authentication': [{}], 'disableIstioAuthPolicyMTLS': 1}}");
    struct problems problems = {0};

    validate_api(api, &settings, &problems);
    CU_ASSERT_EQUAL(problems.errors, 6);
    problems_release(&problems);
    json_decref(api);
    settings_release(&settings);
}

static void flags_are_booleans(void)
{
    static const struct sample samples[] = {
        {"{'authenticationEnabled': false, 'disableIstioAuthPolicyMTLS': true}", "", ""},
        {"{'authenticationEnabled': 'true'}", "spec.authenticationEnabled", "found a string"},
        {"{'authenticationEnabled': 1}", "spec.authenticationEnabled", "found an integer"},
        {"{'disableIstioAuthPolicyMTLS': 'yes'}", "spec.disableIstioAuthPolicyMTLS", "found a string"},
        {"{'disableIstioAuthPolicyMTLS': null}", "spec.disableIstioAuthPolicyMTLS", "found null"},
        {NULL, NULL, NULL}};

    run(samples);
}

static void authentication_on_without_a_list_needs_a_default(void)
{
    static const struct sample without[] = {
        {"{'authenticationEnabled': true}", "spec.authenticationEnabled", "`defaultIssuer`"},
        {"{'authenticationEnabled': true, 'authentication': []}", "spec.authenticationEnabled",
         "`defaultIssuer`"},
        {"{'authenticationEnabled': true, 'authentication': [" ISSUER("i") "]}", "", ""},
        {"{'authentication': []}", "", ""},
        {NULL, NULL, NULL}};
    static const struct sample with[] = {{"{'authenticationEnabled': true}", "", ""},
                                         {"{'authenticationEnabled': true, 'authentication': []}", "", ""},
                                         {NULL, NULL, NULL}};
    struct settings settings = make_settings();

    check_all(without, &settings);
    settings.default_issuer = strdup("i");
    check_all(without, &settings);
    settings.default_jwks_uri = strdup("https://h/k");
    check_all(with, &settings);
    settings_release(&settings);
}

static void elements_are_complete_and_of_type_jwt(void)
{
    static const struct sample samples[] = {
        {"{'authentication': [" ISSUER("a") ", " ISSUER("b") "]}", "", ""},
        {"{'authentication': [{}]}", "spec.authentication[0].type", "is missing; expected JWT"},
        {"{'authentication': [" ISSUER("a") ", {}]}", "spec.authentication[1].type", "is missing"},
        {"{'authentication': ['JWT']}", "spec.authentication[0]", "expected an object"},
        {"{'authentication': [null]}", "spec.authentication[0]", "expected an object"},
        {"{'authentication': [[]]}", "spec.authentication[0]", "expected an object"},
        {"{'authentication': [{'type': 'jwt', 'jwt': {'issuer': 'i', 'jwksUri': 'https://h/k'}}]}",
         "spec.authentication[0].type", "did you mean JWT?"},
        {"{'authentication': [{'type': 'OAuth', 'jwt': {'issuer': 'i', 'jwksUri': 'https://h/k'}}]}",
         "spec.authentication[0].type", "the only type there is"},
        {"{'authentication': [{'type': '', 'jwt': {'issuer': 'i', 'jwksUri': 'https://h/k'}}]}",
         "spec.authentication[0].type", "is empty"},
        {"{'authentication': [{'type': null, 'jwt': {'issuer': 'i', 'jwksUri': 'https://h/k'}}]}",
         "spec.authentication[0].type", "is empty"},
        {"{'authentication': [{'type': 1, 'jwt': {'issuer': 'i', 'jwksUri': 'https://h/k'}}]}",
         "spec.authentication[0].type", "found an integer"},
        {"{'authentication': [{'type': 'JWT'}]}", "spec.authentication[0].jwt", "found nothing"},
        {"{'authentication': [{'type': 'JWT', 'jwt': null}]}", "spec.authentication[0].jwt", "found null"},
        {"{'authentication': [{'type': 'JWT', 'jwt': 'x'}]}", "spec.authentication[0].jwt", "found a string"},
        {"{'authentication': [{'type': 'JWT', 'jwt': []}]}", "spec.authentication[0].jwt", "found a list"},
        {JWT("'jwksUri': 'https://h/k'"), "spec.authentication[0].jwt.issuer", "is missing"},
        {JWT("'issuer': '', 'jwksUri': 'https://h/k'"), "spec.authentication[0].jwt.issuer", "is empty"},
        {JWT("'issuer': ' ', 'jwksUri': 'https://h/k'"), "spec.authentication[0].jwt.issuer", "is blank"},
        {JWT("'issuer': 4, 'jwksUri': 'https://h/k'"), "spec.authentication[0].jwt.issuer",
         "found an integer"},
        {JWT("'issuer': 'i'"), "spec.authentication[0].jwt.jwksUri", "is missing"},
        {JWT("'issuer': 'i', 'jwksUri': null"), "spec.authentication[0].jwt.jwksUri", "is empty"},
        {JWT("'issuer': 'i', 'jwksUri': 'foo'"), "spec.authentication[0].jwt.jwksUri", "found \"foo\""},
        {JWT("'issuer': 'i', 'jwksUri': 'ftp://x/keys'"), "spec.authentication[0].jwt.jwksUri",
         "http or https"},
        {NULL, NULL, NULL}};

    run(samples);
}

static void an_issuer_stands_once(void)
{
    static const struct sample samples[] = {
        {"{'authentication': [" ISSUER("a") ", " ISSUER("a") "]}", "spec.authentication[1].jwt.issuer",
         "same issuer as spec.authentication[0]"},
        {"{'authentication': [" ISSUER("a") ", " ISSUER("b") ", " ISSUER("c") ", " ISSUER("b") "]}",
         "spec.authentication[3].jwt.issuer", "same issuer as spec.authentication[1]"},
        {NULL, NULL, NULL}};

    run(samples);
}

static void excluded_paths_have_exactly_one_pattern(void)
{
    static const struct sample samples[] = {
        {PATHS("[]"), "", ""},
        {PATHS("null"), "", ""},
        {JWT("'issuer': 'i', 'jwksUri': 'https://h/k', 'triggerRule': null"), "", ""},
        {JWT("'issuer': 'i', 'jwksUri': 'https://h/k', 'triggerRule': {}"), "", ""},
        {PATHS("[{'exact': '/a'}, {'prefix': '/b'}, {'suffix': '/c'}, {'regex': '^/d$'}]"), "", ""},
        {JWT("'issuer': 'i', 'jwksUri': 'https://h/k', 'triggerRule': []"),
         "spec.authentication[0].jwt.triggerRule", "expected an object"},
        {PATHS("{}"), "spec.authentication[0].jwt.triggerRule.excludedPaths", "expected a list"},
        {PATHS("[{}]"), "spec.authentication[0].jwt.triggerRule.excludedPaths[0]", "found none"},
        {PATHS("['/a']"), "spec.authentication[0].jwt.triggerRule.excludedPaths[0]", "found none"},
        {PATHS("[{'exact': '/a', 'prefix': '/b'}]"),
         "spec.authentication[0].jwt.triggerRule.excludedPaths[0]", "found several"},
        {PATHS("[{'exact': '/a'}, {'exact': ''}]"), "spec.authentication[0].jwt.triggerRule.excludedPaths[1]",
         "not empty"},
        {PATHS("[{'regex': null}]"), "spec.authentication[0].jwt.triggerRule.excludedPaths[0]", "not empty"},
        {PATHS("[{'prefix': ['/a']}]"), "spec.authentication[0].jwt.triggerRule.excludedPaths[0]",
         "not empty"},
        {NULL, NULL, NULL}};

    run(samples);
}

static void off_is_off_whatever_the_list_says(void)
{
    static const struct sample samples[] = {
        {"{'authenticationEnabled': false, 'authentication': [{}]}", "", ""},
        {"{'authenticationEnabled': false, 'authentication': [{'type': 'OAuth'}]}", "", ""},
        {"{'authenticationEnabled': false, 'authentication': [" ISSUER("a") ", " ISSUER("a") "]}", "", ""},
        {"{'authenticationEnabled': false, 'authentication': ['JWT']}", "spec.authentication[0]",
         "found a string"},
        {"{'authenticationEnabled': false, 'authentication': [{'typo': 1}]}", "spec.authentication[0].typo",
         "unknown field"},
        {"{'authenticationEnabled': false, 'authentication': {}}", "spec.authentication", "must be a list"},
        {NULL, NULL, NULL}};

    run(samples);
}

static void incomplete_elements_are_forgiven_only_all_together(void)
{
    static const struct sample samples[] = {
        {"{'authentication': [{}]}", "", ""},
        {"{'authentication': [{'type': 'JWT'}]}", "", ""},
        {"{'authentication': [{'type': 'JWT', 'jwt': null}]}", "", ""},
        {"{'authentication': [{'type': 'JWT', 'jwt': {}}, {'type': ''}]}", "", ""},
        {JWT("'issuer': '', 'jwksUri': 'https://h/k'"), "", ""},
        {"{'authentication': [" ISSUER("a") ", {}]}", "spec.authentication[1].type", "is missing"},
        {"{'authentication': [{}, " ISSUER("a") "]}", "spec.authentication[0].type", "is missing"},
        {"{'authenticationEnabled': true, 'authentication': [{}]}", "spec.authentication[0].type",
         "is missing"},
        {"{'authentication': [{'type': 'OAuth'}]}", "spec.authentication[0].type", "the only type there is"},
        {"{'authentication': [{'type': 'jwt'}]}", "spec.authentication[0].type", "did you mean JWT?"},
        {"{'authentication': [{'type': 1}]}", "spec.authentication[0].type", "found an integer"},
        {"{'authentication': [{'type': 'JWT', 'jwt': 'x'}]}", "spec.authentication[0].jwt", "found a string"},
        {JWT("'jwksUri': 'foo'"), "spec.authentication[0].jwt.jwksUri", "found \"foo\""},
        {JWT("'issuer': 5"), "spec.authentication[0].jwt.issuer", "found an integer"},
        {"{'authentication': ['JWT']}", "spec.authentication[0]", "expected an object"},
        {"{'authentication': [{'type': 'JWT', 'issuer': 'i'}]}", "spec.authentication[0]",
         "belong inside jwt"},
        {"{'authentication': [{'type': 'JWT'}, {'jwt': {'issuer': 'i', 'jwksUri': 'https://h/k'}}]}",
         "spec.authentication[1]", "remove the dash"},
        {"{'authentications': [{}]}", "spec.authentications", "did you mean"},
        {"{'authentication': null}", "spec.authentication", "is empty"},
        {NULL, NULL, NULL}};
    struct settings settings = make_settings();
    struct problems problems = {0};
    json_t *api = make_api("{'authentication': [{}]}");

    settings.incomplete_unsecured = true;
    check_all(samples, &settings);
    validate_api(api, &settings, &problems);
    CU_ASSERT_EQUAL_FATAL(problems.count, 1);
    CU_ASSERT_EQUAL(problems.list[0].severity, PROBLEM_WARNING);
    CU_ASSERT_STRING_EQUAL(problems.list[0].path, "spec.authentication");
    CU_ASSERT_PTR_NOT_NULL(strstr(problems.list[0].message, "served without protection"));
    problems_release(&problems);
    json_decref(api);
    settings_release(&settings);
}

static void a_slip_silences_what_follows_from_it(void)
{
    struct settings settings = make_settings();
    struct problems problems = {0};
    json_t *api = make_api("{'authentication': [{'type': 'JWT', 'issuer': 'i', 'jwksUri': 'u'}]}");

    validate_api(api, &settings, &problems);
    CU_ASSERT_EQUAL(problems.count, 1);
    problems_release(&problems);
    json_decref(api);
    settings_release(&settings);
}

static void urls_are_absolute(void)
{
    static const char *const good[] = {"https://accounts.google.com",
                                       "http://dex-service.kyma-system.svc.cluster.local:5556/keys",
                                       "HTTPS://h",
                                       "http://1.2.3.4:80/x?y#z",
                                       "http://[::1]:8080/k",
                                       "https://user:word@h/k",
                                       "https://h?x",
                                       "https://h_1/@x",
                                       NULL};
    static const char *const bad[] = {"",
                                      "h",
                                      "/k",
                                      "//h/k",
                                      "ftp://h/k",
                                      "http:/h",
                                      "http://",
                                      "https:///k",
                                      "http://:80/k",
                                      "http://h:/k",
                                      "http://h:0/k",
                                      "http://h:65536/k",
                                      "http://h:99999999999/k",
                                      "http://h:a/k",
                                      "http://h b/k",
                                      "http://h/k k",
                                      "http://h/k\n",
                                      "http://@/k",
                                      "http://[]/k",
                                      "http://[::1/k",
                                      "http://.h/k",
                                      "http://h\\k",
                                      "http://h\xc3\xa4/k",
                                      " http://h",
                                      "file:///k",
                                      NULL};

    for (size_t i = 0; good[i]; i++) {
        if (!issuers_url(good[i]))
            CU_FAIL_FATAL("a good URL is refused");
    }
    for (size_t i = 0; bad[i]; i++) {
        if (issuers_url(bad[i])) {
            printf("# %s\n", bad[i]);
            CU_FAIL("a bad URL is taken");
        }
    }
    CU_PASS();
}

int main(void)
{
    static const struct test tests[] = {
        {"Services are names and ports numbers", services_are_names_and_ports_numbers},
        {"the blocklist is exact and named", the_blocklist_is_exact_and_named},
        {"hostnames are one label before a domain, or bare", hostnames_are_one_label_before_a_domain_or_bare},
        {"without a domain no hostname will do", without_a_domain_no_hostname_will_do},
        {"an Api without name or spec is an error", whole_apis_are_checked},
        {"all errors are found at once", all_errors_are_found_at_once},
        {"flags are booleans", flags_are_booleans},
        {"authentication on without a list needs a default issuer",
         authentication_on_without_a_list_needs_a_default},
        {"elements are complete and of type JWT", elements_are_complete_and_of_type_jwt},
        {"an issuer stands once", an_issuer_stands_once},
        {"excluded paths have exactly one pattern", excluded_paths_have_exactly_one_pattern},
        {"off is off whatever the list says", off_is_off_whatever_the_list_says},
        {"incomplete elements are forgiven only all together",
         incomplete_elements_are_forgiven_only_all_together},
        {"a slip silences what follows from it", a_slip_silences_what_follows_from_it},
        {"URLs of key sets are absolute", urls_are_absolute},
        {NULL, NULL}};

    return harness_run("validate", tests);
}
