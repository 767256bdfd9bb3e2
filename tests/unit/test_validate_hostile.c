/* SPDX-License-Identifier: Apache-2.0 */
/* Fields that somebody wrote to do harm: to a gateway, to a log, to whoever reads a terminal. */
#include "gateway.h"
#include "harness.h"

#include "base/json.h"
#include "base/text.h"
#include "base/utf8.h"
#include "object/key.h"
#include "reconcile/issuers.h"
#include "reconcile/validate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An Api that is good but for what is laid over it, checked. */
struct stage {
    struct settings settings;
    json_t *api;
    struct problems problems;
};

static void start(struct stage *stage, const char *domain)
{
    *stage = (struct stage){0};
    (void)string_list_add(&stage->settings.domains, domain);
    stage->api = gateway_json(
        "{'apiVersion': 'gateway.kyma-project.io/v1alpha2', 'kind': 'Api', 'metadata': {'name': 'a1', "
        "'namespace': 't1'}, 'spec': {'service': {'name': 'svc1', 'port': 80}, 'hostname': 'h1', "
        "'authentication': [{'type': 'JWT', 'jwt': {'issuer': 'i', 'jwksUri': 'https://h/k', 'triggerRule': "
        "{'excludedPaths': [{'exact': '/a'}]}}}]}}");
}

static void finish(struct stage *stage)
{
    problems_release(&stage->problems);
    json_decref(stage->api);
    settings_release(&stage->settings);
}

static json_t *jwt(const struct stage *stage)
{
    return json_member(json_array_get(json_at(stage->api, "spec.authentication"), 0), "jwt");
}

/* Takes the value over. */
static void set(json_t *object, const char *name, json_t *value)
{
    CU_ASSERT_EQUAL_FATAL(json_object_set_new(object, name, value), 0);
}

static json_t *many(size_t count)
{
    struct text text = text_empty();
    json_t *value;

    while (text.length < count)
        text_append_string(&text, "a");
    value = json_string(text.data);
    text_release(&text);
    return value;
}

/* Whether validation finds nothing, or first this at this path; nothing of it may be hidden. */
static bool finds(struct stage *stage, const char *path, const char *sentence)
{
    const struct problem *first;
    bool good;

    problems_release(&stage->problems);
    validate_api(stage->api, &stage->settings, &stage->problems);
    first = problems_first_error(&stage->problems);
    if (!sentence)
        good = !first;
    else
        good = first && strcmp(first->path, path) == 0 && strcmp(first->message, sentence) == 0 &&
               stage->problems.errors == 1;
    for (size_t i = 0; i < stage->problems.count; i++)
        good = good && utf8_text_shows(stage->problems.list[i].message) &&
               utf8_text_shows(stage->problems.list[i].path);
    if (!good && first)
        printf("# %s: %s\n", first->path, first->message);
    return good;
}

static const char at_issuer[] = "spec.authentication[0].jwt.issuer";
static const char at_uri[] = "spec.authentication[0].jwt.jwksUri";
static const char at_path[] = "spec.authentication[0].jwt.triggerRule.excludedPaths[0]";

static void texts_end_at_their_limits(void)
{
    static const char issuer[] = "has 2049 bytes; expected at most 2048";
    struct text uri = text_empty();
    struct stage stage;
    json_t *path;

    start(&stage, "kyma.local");
    path = json_array_get(json_at(jwt(&stage), "triggerRule.excludedPaths"), 0);
    set(jwt(&stage), "issuer", many(ISSUERS_TEXT_MAX));
    CU_ASSERT_TRUE(finds(&stage, NULL, NULL));
    set(jwt(&stage), "issuer", many(ISSUERS_TEXT_MAX + 1));
    CU_ASSERT_TRUE(finds(&stage, at_issuer, issuer));
    set(jwt(&stage), "issuer", json_string("i"));
    text_append_string(&uri, "https://h/");
    while (uri.length < ISSUERS_TEXT_MAX)
        text_append_string(&uri, "k");
    set(jwt(&stage), "jwksUri", json_string(uri.data));
    CU_ASSERT_TRUE(finds(&stage, NULL, NULL));
    text_append_string(&uri, "k");
    set(jwt(&stage), "jwksUri", json_string(uri.data));
    CU_ASSERT_TRUE(finds(&stage, at_uri, issuer));
    set(jwt(&stage), "jwksUri", json_string("https://h"));
    set(path, "exact", many(ISSUERS_TEXT_MAX));
    CU_ASSERT_TRUE(finds(&stage, NULL, NULL));
    set(path, "exact", many(ISSUERS_TEXT_MAX + 1));
    CU_ASSERT_TRUE(finds(&stage, at_path, issuer));
    text_release(&uri);
    finish(&stage);
}

static void what_hides_or_controls_is_refused(void)
{
    static const char *const texts[] = {"a\nb",           "a\x1b[31m",    "\xe2\x80\xaegnp", "a\xc2\x9b",
                                        "a\xe2\x80\x8b",  "\xef\xbb\xbf", "a\x7f",           "a\tb",
                                        "a\xe2\x80\xa8z", "a\rb"};
    static const char sentence[] =
        "holds a character that cannot be seen or controls how others are; remove it";

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct stage stage;
        json_t *path;

        start(&stage, "kyma.local");
        path = json_array_get(json_at(jwt(&stage), "triggerRule.excludedPaths"), 0);
        set(jwt(&stage), "issuer", json_string(texts[i]));
        CU_ASSERT_TRUE(finds(&stage, at_issuer, sentence));
        set(jwt(&stage), "issuer", json_string("i"));
        set(path, "exact", json_string(texts[i]));
        CU_ASSERT_TRUE(finds(&stage, at_path, sentence));
        set(path, "exact", json_string("/a"));
        set(jwt(&stage), "jwksUri", json_string(texts[i]));
        CU_ASSERT_TRUE(finds(&stage, at_uri, sentence));
        finish(&stage);
    }
}

/* The same in fields whose values are shown. */
static void what_is_shown_of_a_value_is_clean(void)
{
    struct stage stage;

    start(&stage, "kyma.local");
    set(json_at(stage.api, "spec.service"), "name", json_string("\xe2\x80\xaegnp\x1b[0m"));
    CU_ASSERT_TRUE(
        finds(&stage, "spec.service.name",
              "\"?gnp?[0m\" is no name of a Service: expected a-z, 0-9 and '-', a letter or digit at "
              "both ends, at most 63 characters"));
    set(json_at(stage.api, "spec.service"), "name", json_string("svc1"));
    set(json_at(stage.api, "spec"), "hostname", json_string("h\xe2\x80\xae*"));
    CU_ASSERT_TRUE(finds(&stage, "spec.hostname",
                         "\"h?*\" is a wildcard; expected one name, a label alone or before a domain "
                         "(kyma.local)"));
    set(json_at(stage.api, "spec"), "hostname", json_string("h"));
    set(json_at(stage.api, "spec"), "x\xe2\x80\xaey\n", json_integer(1));
    CU_ASSERT_TRUE(
        finds(&stage, "spec[\"x\\u202ey\\n\"]",
              "unknown field that looks like authentication; write it as spec.authentication: [{type: "
              "JWT, jwt: {issuer: ..., jwksUri: ...}}], or remove it"));
    finish(&stage);
}

static void passwords_are_not_told(void)
{
    struct stage stage;

    start(&stage, "kyma.local");
    set(jwt(&stage), "jwksUri", json_string("https://user:secret@h/k"));
    CU_ASSERT_TRUE(finds(&stage, NULL, NULL));
    set(jwt(&stage), "jwksUri", json_string("https://user:secret@h:0/k"));
    CU_ASSERT_TRUE(finds(&stage, at_uri,
                         "found \"...@...\"; expected an absolute http or https URL (https://HOST/PATH)"));
    set(jwt(&stage), "jwksUri", json_string("https://h /k"));
    CU_ASSERT_TRUE(
        finds(&stage, at_uri,
              "found \"https://h /k\"; expected an absolute http or https URL (https://HOST/PATH)"));
    finish(&stage);
}

static void expressions_that_break_a_gateway_are_refused(void)
{
    struct stage stage;
    json_t *paths;

    start(&stage, "kyma.local");
    paths = json_at(jwt(&stage), "triggerRule.excludedPaths");
    (void)json_array_clear(paths);
    (void)json_array_append_new(paths, json_pack("{s:s}", "regex", "/a(b|c)*"));
    CU_ASSERT_TRUE(finds(&stage, NULL, NULL));
    (void)json_array_set_new(paths, 0, json_pack("{s:s}", "regex", "/a(b"));
    CU_ASSERT_TRUE(finds(&stage, at_path, "the regular expression has a '(' that is not closed"));
    /* The others are plain texts. */
    (void)json_array_set_new(paths, 0, json_pack("{s:s}", "prefix", "/a(b"));
    CU_ASSERT_TRUE(finds(&stage, NULL, NULL));
    finish(&stage);
}

static void names_and_labels_end_at_their_limits(void)
{
    static const char name[] = "expected a name of a-z, 0-9, '-' and '.', at most 253 characters";
    static const char space[] = "expected a name of a-z, 0-9 and '-', at most 63 characters";
    struct stage stage;
    json_t *metadata;

    start(&stage, "kyma.local");
    metadata = json_member(stage.api, "metadata");
    set(metadata, "name", many(253));
    CU_ASSERT_TRUE(finds(&stage, NULL, NULL));
    set(metadata, "name", many(254));
    CU_ASSERT_TRUE(finds(&stage, "metadata.name", name));
    set(metadata, "name", json_string("a1"));
    set(metadata, "namespace", many(63));
    CU_ASSERT_TRUE(finds(&stage, NULL, NULL));
    set(metadata, "namespace", many(64));
    CU_ASSERT_TRUE(finds(&stage, "metadata.namespace", space));
    finish(&stage);
}

static void hosts_end_at_253_characters(void)
{
    char domain[SUBDOMAIN_MAX + 1];
    struct stage stage;

    memset(domain, 'd', sizeof domain - 1);
    domain[sizeof domain - 1] = '\0';
    for (size_t i = 50; i < SUBDOMAIN_MAX; i += 50)
        domain[i] = '.';
    domain[SUBDOMAIN_MAX - 64] = '\0';
    start(&stage, domain);
    set(json_at(stage.api, "spec"), "hostname", many(63));
    CU_ASSERT_TRUE(finds(&stage, NULL, NULL));
    finish(&stage);
    domain[SUBDOMAIN_MAX - 64] = 'd';
    domain[SUBDOMAIN_MAX - 63] = '\0';
    start(&stage, domain);
    set(json_at(stage.api, "spec"), "hostname", many(63));
    CU_ASSERT_TRUE(finds(&stage, "spec.hostname",
                         "makes a host of 254 characters with its domain; expected at most 253"));
    set(json_at(stage.api, "spec"), "hostname", many(62));
    CU_ASSERT_TRUE(finds(&stage, NULL, NULL));
    finish(&stage);
}

static void what_becomes_a_label_can_be_one(void)
{
    static const char *const bad[] = {"",
                                      "a b",
                                      "a\n",
                                      "../a",
                                      "-a",
                                      "a-",
                                      "a/b",
                                      "a\x1b",
                                      "\xc3\xa4",
                                      "\xe2\x80\xae"
                                      "a",
                                      ".",
                                      NULL};
    static const char *const good[] = {"a", "1", "0A_b.c-9", "e9c5ae9c-3f7c-11e9-b210-d663bd873d93", NULL};
    static const char sentence[] =
        "cannot be the value of a label: expected letters, digits, '-', '_' and '.', a "
        "letter or digit at both ends, at most 253; remove it";
    static const char *const names[] = {"uid", "resourceVersion"};
    char path[64];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct stage stage;
        json_t *metadata;

        (void)snprintf(path, sizeof path, "metadata.%s", names[i]);
        start(&stage, "kyma.local");
        metadata = json_member(stage.api, "metadata");
        for (size_t j = 0; good[j]; j++) {
            set(metadata, names[i], json_string(good[j]));
            CU_ASSERT_TRUE(finds(&stage, NULL, NULL));
        }
        for (size_t j = 0; bad[j]; j++) {
            set(metadata, names[i], json_string(bad[j]));
            CU_ASSERT_TRUE(finds(&stage, path, sentence));
        }
        set(metadata, names[i], many(253));
        CU_ASSERT_TRUE(finds(&stage, NULL, NULL));
        set(metadata, names[i], many(254));
        CU_ASSERT_TRUE(finds(&stage, path, sentence));
        set(metadata, names[i], json_integer(7));
        CU_ASSERT_TRUE(finds(&stage, path, sentence));
        set(metadata, names[i], json_null());
        CU_ASSERT_TRUE(finds(&stage, NULL, NULL));
        finish(&stage);
    }
}

static void ports_are_integers(void)
{
    static const char real[] =
        "expected an integer from 1 to 65535, found a number with a point or an exponent; "
        "write it without";
    struct stage stage;
    json_t *service;

    start(&stage, "kyma.local");
    service = json_at(stage.api, "spec.service");
    set(service, "port", json_real(80.0));
    CU_ASSERT_TRUE(finds(&stage, "spec.service.port", real));
    set(service, "port", json_real(8e1));
    CU_ASSERT_TRUE(finds(&stage, "spec.service.port", real));
    set(service, "port", json_integer(1));
    CU_ASSERT_TRUE(finds(&stage, NULL, NULL));
    set(service, "port", json_integer(65535));
    CU_ASSERT_TRUE(finds(&stage, NULL, NULL));
    set(service, "port", json_integer(0));
    CU_ASSERT_TRUE(finds(&stage, "spec.service.port", "expected an integer from 1 to 65535, found 0"));
    set(service, "port", json_integer(65536));
    CU_ASSERT_TRUE(finds(&stage, "spec.service.port", "expected an integer from 1 to 65535, found 65536"));
    set(service, "port", json_integer(4294967296 + 80));
    CU_ASSERT_TRUE(
        finds(&stage, "spec.service.port", "expected an integer from 1 to 65535, found 4294967376"));
    finish(&stage);
}

static void long_keys_are_cut(void)
{
    struct stage stage;
    json_t *key = many(300);

    start(&stage, "kyma.local");
    set(json_at(stage.api, "spec"), json_string_value(key), json_integer(1));
    CU_ASSERT_TRUE(finds(&stage, NULL, NULL));
    CU_ASSERT_EQUAL(stage.problems.count, 1);
    CU_ASSERT_TRUE(strlen(stage.problems.list[0].path) < 100);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.problems.list[0].path, "spec.aaa"));
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.problems.list[0].path, "aaa..."));
    json_decref(key);
    finish(&stage);
}

static void a_hundred_problems_are_shown(void)
{
    struct text text = text_empty();
    struct stage stage;
    char name[32];

    start(&stage, "kyma.local");
    for (unsigned i = 0; i < 100; i++) {
        (void)snprintf(name, sizeof name, "zz%u", i);
        set(json_at(stage.api, "spec"), name, json_integer(1));
    }
    CU_ASSERT_TRUE(finds(&stage, NULL, NULL));
    CU_ASSERT_EQUAL(stage.problems.count, 100);
    CU_ASSERT_EQUAL(stage.problems.dropped, 0);
    set(json_at(stage.api, "spec"), "zz100", json_integer(1));
    CU_ASSERT_TRUE(finds(&stage, NULL, NULL));
    CU_ASSERT_EQUAL(stage.problems.count, 100);
    CU_ASSERT_EQUAL(stage.problems.dropped, 1);
    problems_print(&stage.problems, &text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text.data, "\n1 more problems not shown\n"));
    text_release(&text);
    finish(&stage);
}

int main(void)
{
    static const struct test tests[] = {
        {"issuers, URLs and patterns end at their limits", texts_end_at_their_limits},
        {"what hides or controls text is refused", what_hides_or_controls_is_refused},
        {"what is shown of a value is clean", what_is_shown_of_a_value_is_clean},
        {"passwords are not told", passwords_are_not_told},
        {"expressions that break a gateway are refused", expressions_that_break_a_gateway_are_refused},
        {"names end at their limits", names_and_labels_end_at_their_limits},
        {"hosts end at 253 characters", hosts_end_at_253_characters},
        {"what becomes a label can be one", what_becomes_a_label_can_be_one},
        {"ports are integers in range", ports_are_integers},
        {"long keys are cut", long_keys_are_cut},
        {"a hundred problems are shown", a_hundred_problems_are_shown},
        {NULL, NULL}};

    return harness_run("validate_hostile", tests);
}
