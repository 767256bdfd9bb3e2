/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "base/json.h"
#include "config/schema.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const versions[] = {"v1", "v1beta1", NULL};
static const char *const colours[] = {"red", "green", NULL};
static const char *const no_choices[] = {NULL};
static const struct apigw_kind kinds[] = {{.versions = versions}};

static const struct apigw_option options[] = {
    {.name = "gateways", .type = APIGW_OPTION_STRING_LIST, .default_json = "[\"a\"]", .doc = "Gateways"},
    {.name = "mtls", .type = APIGW_OPTION_BOOL, .default_json = "true", .doc = "Mutual TLS"},
    {.name = "port", .type = APIGW_OPTION_INT, .doc = "A port", .min = 1, .max = 65535},
    {.name = "any", .type = APIGW_OPTION_INT, .doc = "Any number"},
    {.name = "version", .type = APIGW_OPTION_VERSION, .doc = "Version"},
    {.name = "colour", .type = APIGW_OPTION_STRING, .doc = "A colour", .choices = colours},
    {.name = "colours", .type = APIGW_OPTION_STRING_LIST, .doc = "Colours", .choices = colours},
    {.name = "must", .type = APIGW_OPTION_STRING, .flags = APIGW_OPTION_REQUIRED, .doc = "Needed"},
    {.name = "token",
     .type = APIGW_OPTION_STRING,
     .flags = APIGW_OPTION_SECRET,
     .default_json = "\"red\"",
     .doc = "Hidden",
     .choices = colours},
    {.name = "pin",
     .type = APIGW_OPTION_INT,
     .flags = APIGW_OPTION_SECRET,
     .doc = "Hidden too",
     .min = 0,
     .max = 9},
    {.name = "old", .type = APIGW_OPTION_BOOL, .flags = APIGW_OPTION_DEPRECATED, .doc = "Use mtls"},
};

static const struct schema schema = {
    .options = options, .count = sizeof options / sizeof options[0], .kinds = kinds, .kinds_count = 1};
static const struct schema no_options;

/* Whether a check of the JSON text prints exactly these lines. */
static bool says(const struct schema *table, const char *json, const char *path, const char *lines)
{
    json_t *value = json ? json_parse(json, strlen(json), NULL) : NULL;
    struct problems problems = {0};
    struct text out = text_empty();
    bool is_equal;

    schema_check(table, value, path, &problems);
    problems_print(&problems, &out);
    is_equal = strcmp(out.data, lines) == 0;
    if (!is_equal)
        (void)printf("# %s\n", out.data);
    text_release(&out);
    problems_release(&problems);
    json_decref(value);
    return is_equal;
}

static void right_values_pass(void)
{
    CU_ASSERT_TRUE(says(&schema, "{\"must\":\"\"}", "", ""));
    CU_ASSERT_TRUE(says(&schema,
                        "{\"must\":\"x\",\"gateways\":[],\"mtls\":false,\"port\":1,\"any\":-5,\"version\":"
                        "\"v1beta1\",\"colour\":\"green\",\"colours\":[\"red\",\"red\"],\"token\":\"green\","
                        "\"pin\":9}",
                        "", ""));
    CU_ASSERT_TRUE(says(&schema, "{\"must\":\"x\",\"port\":65535,\"any\":9223372036854775807}", "", ""));
    CU_ASSERT_TRUE(says(&no_options, "{}", "", ""));
    CU_ASSERT_TRUE(says(&no_options, "null", "", ""));
    CU_ASSERT_TRUE(says(&no_options, NULL, "", ""));
}

static void wrong_values_are_told(void)
{
    CU_ASSERT_TRUE(says(&schema, "{\"must\":1,\"gateways\":\"a\"}", "backends.x.config",
                        "error: backends.x.config.gateways: expected a list of strings, found a string\n"
                        "error: backends.x.config.must: expected a string, found an integer\n"));
    CU_ASSERT_TRUE(says(&schema, "{\"must\":\"x\",\"version\":\"v2\",\"colours\":[\"red\",\"blue\",7]}", "",
                        "error: version: \"v2\" is not one of \"v1\", \"v1beta1\"\n"
                        "error: colours[1]: \"blue\" is not one of \"red\", \"green\"\n"
                        "error: colours[2]: expected a string, found an integer\n"));
    CU_ASSERT_TRUE(says(&schema, "{\"must\":\"x\",\"port\":0,\"mtls\":\"true\"}", "",
                        "error: mtls: expected a boolean, found a string\n"
                        "error: port: 0 is out of range; expected an integer from 1 to 65535\n"));
    CU_ASSERT_TRUE(says(&schema, "{\"must\":\"x\",\"port\":65536}", "",
                        "error: port: 65536 is out of range; expected an integer from 1 to 65535\n"));
    CU_ASSERT_TRUE(says(&schema, "{\"must\":null,\"port\":1.5}", "",
                        "error: port: expected an integer, found a number\n"
                        "error: must: expected a string, found null\n"));
    CU_ASSERT_TRUE(says(&schema, "[]", "a.b", "error: a.b: expected an object, found a list\n"));
    CU_ASSERT_TRUE(
        says(&schema, NULL, "a", "error: a: required key \"must\" is missing; expected a string\n"));
    CU_ASSERT_TRUE(
        says(&schema, "{\"must\":\"x\",\"old\":true}", "", "warning: old: deprecated: Use mtls\n"));
}

static void unknown_keys_get_a_suggestion(void)
{
    static const struct schema two = {.options = options, .count = 2};

    CU_ASSERT_TRUE(says(&two, "{\"gatways\":[]}", "",
                        "error: gatways: unknown key \"gatways\"; did you mean \"gateways\"?\n"));
    CU_ASSERT_TRUE(
        says(&two, "{\"mTLS\":true}", "", "error: mTLS: unknown key \"mTLS\"; did you mean \"mtls\"?\n"));
    CU_ASSERT_TRUE(
        says(&two, "{\"x.y\\n\":true}", "a",
             "error: a[\"x.y\\n\"]: unknown key \"x.y\\n\"; expected one of \"gateways\", \"mtls\"\n"));
    CU_ASSERT_TRUE(
        says(&no_options, "{\"a\":1}", "", "error: a: unknown key \"a\"; no keys are expected here\n"));
}

static void secrets_are_never_shown(void)
{
    struct text out = text_empty();

    CU_ASSERT_TRUE(says(&schema, "{\"must\":\"x\",\"token\":\"hunter2\",\"pin\":1234}", "",
                        "error: token: the value is not one of \"red\", \"green\"\n"
                        "error: pin: the value is out of range; expected an integer from 0 to 9\n"));
    schema_describe(&schema, &out);
    CU_ASSERT_PTR_NULL(strstr(out.data, "\"red\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(out.data, "(secret)"));
    text_release(&out);
}

static void defaults_are_filled_in(void)
{
    json_t *value = json_pack("{s:b,s:s}", "mtls", 0, "must", "x");
    json_t *complete = schema_complete(&schema, value);
    static const struct apigw_option broken = {
        .name = "a", .type = APIGW_OPTION_BOOL, .default_json = "tru", .doc = "d"};
    static const struct schema bad = {.options = &broken, .count = 1};
    char *text = json_canonical(complete);

    CU_ASSERT_STRING_EQUAL(text, "{\"gateways\":[\"a\"],\"mtls\":false,\"must\":\"x\",\"token\":\"red\"}");
    CU_ASSERT_EQUAL(json_object_size(value), 2);
    free(text);
    json_decref(complete);
    json_decref(value);
    complete = schema_complete(&schema, NULL);
    CU_ASSERT_TRUE(json_is_true(json_member(complete, "mtls")));
    json_decref(complete);
    CU_ASSERT_PTR_NULL(schema_complete(&bad, NULL));
}

static bool refuses(struct apigw_option option, const char *message)
{
    const struct schema table = {.options = &option, .count = 1, .kinds = kinds, .kinds_count = 1};
    struct error error = {0};
    bool is_refused =
        schema_check_table(&table, &error) == ERROR_INVALID && strcmp(error.message, message) == 0;

    if (!is_refused)
        (void)printf("# %s\n", error.message);
    return is_refused;
}

static void tables_are_checked(void)
{
    static const struct apigw_option twice[] = {{.name = "a", .type = APIGW_OPTION_BOOL, .doc = "d"},
                                                {.name = "a", .type = APIGW_OPTION_INT, .doc = "d"}};
    static const struct schema doubled = {.options = twice, .count = 2};
    static const struct schema missing = {.count = 2};
    const struct apigw_option good = {.name = "a", .type = APIGW_OPTION_STRING, .doc = "d"};
    struct apigw_option option;
    struct error error = {0};

    CU_ASSERT_EQUAL(schema_check_table(&schema, &error), 0);
    CU_ASSERT_EQUAL(schema_check_table(&no_options, &error), 0);
    CU_ASSERT_EQUAL(schema_check_table(&doubled, &error), ERROR_INVALID);
    CU_ASSERT_STRING_EQUAL(error.message, "option \"a\" stands there twice");
    CU_ASSERT_EQUAL(schema_check_table(&missing, &error), ERROR_INVALID);
#define REFUSES(member, value, message)                                                                      \
    option = good;                                                                                           \
    option.member = value;                                                                                   \
    CU_ASSERT_TRUE(refuses(option, message))
    REFUSES(name, NULL, "option number 0 has no name");
    REFUSES(name, "", "option \"\": the name is not lowerCamelCase");
    REFUSES(name, "Aa", "option \"Aa\": the name is not lowerCamelCase");
    REFUSES(name, "a-b", "option \"a-b\": the name is not lowerCamelCase");
    REFUSES(type, 0, "option \"a\": the type is unknown");
    REFUSES(type, 6, "option \"a\": the type is unknown");
    REFUSES(flags, 8, "option \"a\": a flag is unknown");
    REFUSES(doc, NULL, "option \"a\": doc must be one sentence on one line");
    REFUSES(doc, "x\n", "option \"a\": doc must be one sentence on one line");
    REFUSES(choices, no_choices, "option \"a\": the list of choices is empty");
    REFUSES(max, 5, "option \"a\": only an integer has limits");
    REFUSES(default_json, "x", "option \"a\": the default is no JSON");
    REFUSES(default_json, "1", "option \"a\": the default is wrong: expected a string, found an integer");
#undef REFUSES
    option = (struct apigw_option){.name = "a", .type = APIGW_OPTION_BOOL, .doc = "d", .choices = colours};
    CU_ASSERT_TRUE(refuses(option, "option \"a\": only a string or a list of strings has choices"));
    option = (struct apigw_option){.name = "a", .type = APIGW_OPTION_INT, .doc = "d", .min = 2, .max = 1};
    CU_ASSERT_TRUE(refuses(option, "option \"a\": min is greater than max"));
    option = (struct apigw_option){
        .name = "a", .type = APIGW_OPTION_INT, .doc = "d", .default_json = "3", .max = 2};
    CU_ASSERT_TRUE(refuses(option,
                           "option \"a\": the default is wrong: 3 is out of range; expected an integer "
                           "from 0 to 2"));
    option = (struct apigw_option){.name = "a", .type = APIGW_OPTION_VERSION, .doc = "d", .kind_index = 1};
    CU_ASSERT_TRUE(refuses(option, "option \"a\": there is no kind of that kind_index"));
    option = (struct apigw_option){
        .name = "a", .type = APIGW_OPTION_VERSION, .doc = "d", .default_json = "\"v7\""};
    CU_ASSERT_TRUE(
        refuses(option, "option \"a\": the default is wrong: \"v7\" is not one of \"v1\", \"v1beta1\""));
    option = good;
    option.flags = APIGW_OPTION_REQUIRED;
    option.default_json = "\"\"";
    CU_ASSERT_TRUE(refuses(option, "option \"a\": a required option has no default"));
}

static void tables_are_described(void)
{
    static const struct apigw_option few[] = {
        {.name = "gateways", .type = APIGW_OPTION_STRING_LIST, .default_json = "[\"a\"]", .doc = "Gateways"},
        {.name = "port", .type = APIGW_OPTION_INT, .doc = "A port", .min = 1, .max = 9},
        {.name = "version", .type = APIGW_OPTION_VERSION, .doc = "Version"},
        {.name = "must",
         .type = APIGW_OPTION_STRING,
         .flags = APIGW_OPTION_REQUIRED | APIGW_OPTION_DEPRECATED,
         .doc = "Needed"}};
    static const struct schema table = {.options = few, .count = 4, .kinds = kinds, .kinds_count = 1};
    struct text out = text_empty();

    schema_describe(&table, &out);
    CU_ASSERT_STRING_EQUAL(out.data, "OPTION    TYPE                 DEFAULT     DESCRIPTION\n"
                                     "gateways  list of strings      [\"a\"]       Gateways\n"
                                     "port      integer 1..9         (none)      A port\n"
                                     "version   version: v1|v1beta1  (chosen)    Version\n"
                                     "must      string               (required)  Deprecated: Needed\n");
    text_clear(&out);
    schema_describe(&no_options, &out);
    CU_ASSERT_STRING_EQUAL(out.data, "no options\n");
    text_release(&out);
}

int main(void)
{
    static const struct test tests[] = {
        {"right values pass, at both ends of a range", right_values_pass},
        {"wrong values are told with what was expected", wrong_values_are_told},
        {"unknown keys get a suggestion", unknown_keys_get_a_suggestion},
        {"secrets are never shown", secrets_are_never_shown},
        {"defaults are filled in", defaults_are_filled_in},
        {"tables are checked", tables_are_checked},
        {"tables are described", tables_are_described},
        {NULL, NULL},
    };

    return harness_run("schema", tests);
}
