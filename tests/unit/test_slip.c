/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway.h"
#include "harness.h"

#include "reconcile/clean.h"
#include "reconcile/slip.h"

#include <stdio.h>
#include <string.h>

/* An Api, the path and a part of the sentence of the one problem that is to be found in it. */
struct slip {
    const char *api;
    const char *path;
    const char *part;
};

#define JWT "'jwt': {'issuer': 'i', 'jwksUri': 'https://h/k'}"
#define ELEMENT "{'type': 'JWT', " JWT "}"

static void expect_one(const struct slip *slip, enum problem_severity severity)
{
    json_t *api = gateway_json(slip->api);
    struct problems problems = {0};

    slip_check(api, &problems);
    if (problems.count != 1 || problems.list[0].severity != severity ||
        strcmp(problems.list[0].path, slip->path) != 0 || !strstr(problems.list[0].message, slip->part)) {
        struct text text = text_empty();
        problems_print(&problems, &text);
        printf("# %s: expected %s (%s), found %zu:\n# %s\n", slip->api, slip->path, slip->part,
               problems.count, text.data);
        text_release(&text);
        CU_FAIL("not the one problem expected");
    }
    CU_PASS();
    problems_release(&problems);
    json_decref(api);
}

static void expect_all(const struct slip *slips, enum problem_severity severity)
{
    for (; slips->api; slips++)
        expect_one(slips, severity);
}

static void a_right_api_has_no_problem(void)
{
    static const char *const apis[] = {
        "{}",
        "{'apiVersion': 'x', 'kind': 'Api', 'metadata': {'labels': {'authentication': 'x', 'jwt': 'y'}}, "
        "'spec': "
        "{}}",
        "{'spec': {'authentication': []}}",
        "{'spec': {'service': {'name': 'a', 'port': 1}, 'hostname': 'h', 'authenticationEnabled': true, "
        "'disableIstioAuthPolicyMTLS': true, 'authentication': [{'type': 'JWT', 'jwt': {'issuer': 'i', "
        "'jwksUri': 'u', 'triggerRule': {'excludedPaths': [{'exact': '/a'}, {'prefix': '/b'}, {'suffix': "
        "'/c'}, "
        "{'regex': '/d'}]}}}, " ELEMENT "]}, 'status': {'authentication': 1, 'anything': 2}}",
        NULL};

    for (size_t i = 0; apis[i]; i++) {
        json_t *api = gateway_json(apis[i]);
        struct problems problems = {0};
        slip_check(api, &problems);
        CU_ASSERT_EQUAL(problems.count, 0);
        problems_release(&problems);
        json_decref(api);
    }
}

static void fields_one_slip_away_are_errors(void)
{
    static const struct slip slips[] = {
        {"{'spec': {'authentications': [" ELEMENT "]}}", "spec.authentications", "\"authentication\""},
        {"{'spec': {'Authentication': [" ELEMENT "]}}", "spec.Authentication", "\"authentication\""},
        {"{'spec': {'authentcation': []}}", "spec.authentcation", "\"authentication\""},
        {"{'spec': {'authnetication': []}}", "spec.authnetication", "\"authentication\""},
        {"{'spec': {'authentication-enabled': true}}", "spec.authentication-enabled",
         "\"authenticationEnabled\""},
        {"{'spec': {'authenticationenabled': true}}", "spec.authenticationenabled",
         "\"authenticationEnabled\""},
        {"{'spec': {'hostName': 'h'}}", "spec.hostName", "\"hostname\""},
        {"{'spec': {'service': {'ports': 80}}}", "spec.service.ports", "\"port\""},
        {"{'spec': {'services': {}}}", "spec.services", "\"service\""},
        {"{'Spec': {}}", "Spec", "\"spec\""},
        {"{'metdata': {}}", "metdata", "\"metadata\""},
        {NULL, NULL, NULL}};

    expect_all(slips, PROBLEM_ERROR);
}

static void unknown_fields_inside_authentication_are_errors(void)
{
    static const struct slip slips[] = {
        {"{'spec': {'authentication': [{'type': 'JWT', 'color': 1, " JWT "}]}}",
         "spec.authentication[0].color", "type, jwt"},
        {"{'spec': {'authentication': [{'Type': 'JWT', " JWT "}]}}", "spec.authentication[0].Type",
         "\"type\""},
        {"{'spec': {'authentication': [" ELEMENT ", {'type': 'JWT', 'JWT': {}}]}}",
         "spec.authentication[1].JWT", "\"jwt\""},
        {"{'spec': {'authentication': [{'type': 'JWT', 'jwt': {'issuer': 'i', 'jwks_uri': 'u'}}]}}",
         "spec.authentication[0].jwt.jwks_uri", "\"jwksUri\""},
        {"{'spec': {'authentication': [{'type': 'JWT', 'jwt': {'issuer': 'i', 'audience': 'u'}}]}}",
         "spec.authentication[0].jwt.audience", "issuer, jwksUri, triggerRule"},
        {"{'spec': {'authentication': [{'type': 'JWT', 'jwt': {'excludedPaths': []}}]}}",
         "spec.authentication[0].jwt.excludedPaths", "belongs to spec.authentication[].jwt.triggerRule"},
        {"{'spec': {'authentication': [{'type': 'JWT', 'jwt': {'triggerRule': {'excludePaths': []}}}]}}",
         "spec.authentication[0].jwt.triggerRule.excludePaths", "\"excludedPaths\""},
        {"{'spec': {'authentication': [{'type': 'JWT', 'jwt': {'triggerRule': {'includedPaths': []}}}]}}",
         "spec.authentication[0].jwt.triggerRule.includedPaths", "expected excludedPaths"},
        {"{'spec': {'authentication': [{'type': 'JWT', 'jwt': {'triggerRule': {'excludedPaths': [{'exact': "
         "'/a', "
         "'foo': 'b'}]}}}]}}",
         "spec.authentication[0].jwt.triggerRule.excludedPaths[0].foo", "exact, prefix, suffix, regex"},
        {NULL, NULL, NULL}};

    expect_all(slips, PROBLEM_ERROR);
}

static void the_flattened_form_is_one_error_that_shows_the_right_one(void)
{
    static const struct slip slips[] = {
        {"{'spec': {'authentication': [{'type': 'JWT', 'issuer': 'i', 'jwksUri': 'u'}]}}",
         "spec.authentication[0]", "{type: JWT, jwt: {issuer: ..., jwksUri: ...}}"},
        {"{'spec': {'authentication': [{'type': 'JWT', 'jwt': null, 'issuer': 'i', 'jwksUri': 'u'}]}}",
         "spec.authentication[0]", "belong inside jwt"},
        {"{'spec': {'authentication': [" ELEMENT ", {'type': 'JWT', 'jwksURI': 'u', 'Issuer': 'i'}]}}",
         "spec.authentication[1]", "belong inside jwt"},
        {"{'spec': {'authentication': [{'type': 'JWT', 'triggerRule': {}, " JWT "}]}}",
         "spec.authentication[0]", "belong inside jwt"},
        {NULL, NULL, NULL}};

    expect_all(slips, PROBLEM_ERROR);
}

static void authentication_at_the_wrong_place_is_an_error(void)
{
    static const struct slip slips[] = {
        {"{'authentication': []}", "authentication", "belongs to spec.authentication"},
        {"{'authentications': []}", "authentications", "belongs to spec.authentication"},
        {"{'authenticationEnabled': true}", "authenticationEnabled", "belongs to spec.authenticationEnabled"},
        {"{'metadata': {'authentication': []}}", "metadata.authentication", "belongs to spec.authentication"},
        {"{'metadata': {'jwt': {}}}", "metadata.jwt", "belongs to spec.authentication[].jwt"},
        {"{'spec': {'service': {'authentication': []}}}", "spec.service.authentication",
         "belongs to spec.authentication"},
        {"{'spec': {'service': {'Authentication': []}}}", "spec.service.Authentication",
         "belongs to spec.authentication"},
        {"{'spec': {'jwt': {}}}", "spec.jwt", "belongs to spec.authentication[].jwt"},
        {"{'spec': {'issuer': 'i'}}", "spec.issuer", "belongs to spec.authentication[].jwt.issuer"},
        {"{'spec': {'jwksUri': 'i'}}", "spec.jwksUri", "belongs to spec.authentication[].jwt.jwksUri"},
        {"{'spec': {'excludedPaths': []}}", "spec.excludedPaths",
         "belongs to spec.authentication[].jwt.triggerRule.excludedPaths"},
        {NULL, NULL, NULL}};

    expect_all(slips, PROBLEM_ERROR);
}

static void what_looks_like_authentication_is_an_error(void)
{
    static const struct slip slips[] = {
        {"{'spec': {'auth': []}}", "spec.auth", "looks like authentication"},
        {"{'spec': {'autentificationEnabled': true}}", "spec.autentificationEnabled",
         "looks like authentication"},
        {"{'spec': {'enableAutentication': true}}", "spec.enableAutentication", "looks like authentication"},
        {"{'spec': {'\u0430uthenticationEnabled': true}}", "spec.\u0430uthenticationEnabled",
         "looks like authentication"},
        {"{'spec': {'check': [{'oidc': {'jwks': 'u'}}]}}", "spec.check", "looks like authentication"},
        {"{'spec': {'oauth2': {}}}", "spec.oauth2", "looks like authentication"},
        {"{'spec': {'service.authentication': 1}}", "spec[\"service.authentication\"]",
         "looks like authentication"},
        {"{'spec': {'service': {'authn': []}}}", "spec.service.authn", "looks like authentication"},
        {"{'spec': {'security': [" ELEMENT "]}}", "spec.security", "looks like authentication"},
        {"{'policy': {'deep': [[{'JwksURI': 'u'}]]}}", "policy", "looks like authentication"},
        {NULL, NULL, NULL},
    };

    expect_all(slips, PROBLEM_ERROR);
}

static void authentication_that_is_no_list_is_an_error(void)
{
    static const struct slip slips[] = {
        {"{'spec': {'authentication': null}}", "spec.authentication", "is empty"},
        {"{'spec': {'authentication': " ELEMENT "}}", "spec.authentication", "found an object"},
        {"{'spec': {'authentication': 'JWT'}}", "spec.authentication", "found a string"},
        {"{'spec': {'authentication': true}}", "spec.authentication", "found a boolean"},
        {"{'spec': {'authenticationEnabled': null}}", "spec.authenticationEnabled", "is empty"},
        {NULL, NULL, NULL}};

    expect_all(slips, PROBLEM_ERROR);
}

static void one_dash_too_many_is_an_error(void)
{
    static const struct slip slips[] = {{"{'spec': {'authentication': [{'type': 'JWT'}, {" JWT "}]}}",
                                         "spec.authentication[1]", "remove the dash"},
                                        {"{'spec': {'authentication': [{" JWT "}, {'type': 'JWT'}]}}",
                                         "spec.authentication[1]", "remove the dash"},
                                        {"{'spec': {'authentication': [" ELEMENT ", {'type': 'JWT'}, {" JWT
                                         "}]}}",
                                         "spec.authentication[2]", "remove the dash"},
                                        {NULL, NULL, NULL}};

    expect_all(slips, PROBLEM_ERROR);
}

static void other_unknown_fields_are_warnings(void)
{
    static const struct slip slips[] = {
        {"{'extra': 1}", "extra", "passed over"},
        {"{'spec': {'timeout': '3s'}}", "spec.timeout", "one of service, hostname"},
        {"{'spec': {'service': {'external': false}}}", "spec.service.external", "name, port"},
        {"{'spec': {'type': 'JWT'}}", "spec.type", "passed over"},
        {NULL, NULL, NULL}};

    expect_all(slips, PROBLEM_WARNING);
}

static void values_of_any_type_are_survived(void)
{
    static const char *const values[] = {
        "null", "true", "1", "1.5", "''", "[]", "[[]]", "[null, 1, 'x', {}]", "{}", "{'a': {'b': []}}"};
    static const char *const places[] = {
        "%s",
        "{'spec': %s}",
        "{'metadata': %s}",
        "{'spec': {'service': %s}}",
        "{'spec': {'authentication': [%s]}}",
        "{'spec': {'authentication': [{'type': %s}]}}",
        "{'spec': {'authentication': [{'jwt': %s}]}}",
        "{'spec': {'authentication': [{'jwt': {'triggerRule': %s}}]}}",
        "{'spec': {'authentication': [{'jwt': {'triggerRule': {'excludedPaths': %s}}}]}}"};

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        for (size_t j = 0; j < sizeof values / sizeof *values; j++) {
            const char *hole = strchr(places[i], '%');
            struct problems problems = {0};
            char text[256];
            json_t *api;
            (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(hole - places[i]), places[i], values[j],
                           hole + 2);
            api = gateway_json(text);
            slip_check(api, &problems);
            problems_release(&problems);
            json_decref(api);
        }
    }
    CU_PASS();
}

static void names_are_cleaned_in_paths(void)
{
    json_t *api = gateway_json("{'a\\u001b[31mb\\nc\\u0085': 1}");
    struct problems problems = {0};

    slip_check(api, &problems);
    CU_ASSERT_STRING_EQUAL(problems.list[0].path, "[\"a\\x1b[31mb\\nc\\x85\"]");
    problems_release(&problems);
    json_decref(api);
}

static void texts_are_cleaned_and_cut_between_characters(void)
{
    char out[16];
    char exact[8];

    clean_text(out, sizeof out, "short");
    CU_ASSERT_STRING_EQUAL(out, "short");
    clean_text(out, sizeof out, "123456789012345");
    CU_ASSERT_STRING_EQUAL(out, "123456789012345");
    clean_text(out, sizeof out, "1234567890123456");
    CU_ASSERT_STRING_EQUAL(out, "123456789012...");
    clean_text(out, sizeof out, "12345678901\xc3\xa4xyzw");
    CU_ASSERT_STRING_EQUAL(out, "12345678901...");
    clean_text(out, sizeof out, "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
    CU_ASSERT_STRING_EQUAL(out, "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
    clean_text(out, sizeof out, "\xc3(\xc0\x80\xed\xa0\x80\xff");
    CU_ASSERT_STRING_EQUAL(out, "?(??????");
    clean_text(out, sizeof out, "\xf4\x90\x80\x80\x7f\xe2\x82");
    CU_ASSERT_STRING_EQUAL(out, "???????");
    clean_text(out, sizeof out, "a\xe2\x80\xae\xc2\x9b\xe2\x80\xa8z");
    CU_ASSERT_STRING_EQUAL(out, "a???z");
    clean_text(exact, sizeof exact, "");
    CU_ASSERT_STRING_EQUAL(exact, "");
}

int main(void)
{
    static const struct test tests[] = {
        {"an Api without slips has no problem", a_right_api_has_no_problem},
        {"fields one slip away from a known one are errors", fields_one_slip_away_are_errors},
        {"unknown fields inside authentication are errors", unknown_fields_inside_authentication_are_errors},
        {"the flattened form is one error that shows the right one",
         the_flattened_form_is_one_error_that_shows_the_right_one},
        {"authentication at the wrong place is an error", authentication_at_the_wrong_place_is_an_error},
        {"authentication that is no list is an error", authentication_that_is_no_list_is_an_error},
        {"one dash too many is an error", one_dash_too_many_is_an_error},
        {"what looks like authentication is an error", what_looks_like_authentication_is_an_error},
        {"other unknown fields are warnings", other_unknown_fields_are_warnings},
        {"values of any type are survived", values_of_any_type_are_survived},
        {"a user's names are cleaned in paths", names_are_cleaned_in_paths},
        {"texts are cleaned and cut between characters", texts_are_cleaned_and_cut_between_characters},
        {NULL, NULL}};

    return harness_run("slip", tests);
}
