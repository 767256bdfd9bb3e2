/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway.h"
#include "harness.h"

#include "base/json.h"
#include "reconcile/reason.h"
#include "reconcile/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect(const struct api_status *status, const struct settings *settings, const char *expected)
{
    json_t *built = status_build(status, settings);
    json_t *wanted = gateway_json(expected);

    CU_ASSERT_PTR_NOT_NULL_FATAL(built);
    if (!json_equal(built, wanted)) {
        char *text = json_canonical(built);
        printf("# expected %s\n# found %s\n", expected, text);
        free(text);
        CU_FAIL("another status than expected");
    }
    CU_PASS();
    json_decref(built);
    json_decref(wanted);
}

static void a_served_api_has_three_codes_and_two_resources(void)
{
    struct gateway gateway;
    struct backend_status backends[2];
    struct api_status status = {STATUS_CREATED, true, "", backends, 2};

    gateway_init(&gateway);
    backends[0] =
        (struct backend_status){&gateway.backends[GATEWAY_LOCK], STATUS_CREATED, "", "a1", "u1", "7", false};
    backends[1] =
        (struct backend_status){&gateway.backends[GATEWAY_ROAD], STATUS_CREATED, "", "a1", NULL, "8", false};
    expect(
        &status, &gateway.settings,
        "{'validationStatus': 2, 'authenticationStatus': {'code': 2, 'resource': {'name': 'a1', 'uid': 'u1', "
        "'version': '7'}}, 'road': {'code': 2, 'resource': {'name': 'a1', 'version': '8'}}}");
    gateway_release(&gateway);
}

static void nothing_that_is_unknown_or_empty_is_written(void)
{
    struct gateway gateway;
    struct backend_status backends[2];
    struct api_status status = {STATUS_ERROR, true, "", backends, 2};

    gateway_init(&gateway);
    backends[0] = (struct backend_status){
        &gateway.backends[GATEWAY_LOCK], STATUS_NOT_CREATED, NULL, NULL, NULL, NULL, false};
    backends[1] =
        (struct backend_status){&gateway.backends[GATEWAY_ROAD], STATUS_ERROR, "no way", "", "", "", false};
    expect(&status, &gateway.settings,
           "{'validationStatus': 3, 'authenticationStatus': {'code': 0, 'resource': {}}, 'road': {'code': 3, "
           "'lastError': 'no way', 'resource': {}}}");
    gateway_release(&gateway);
}

static void a_protection_is_silent_while_authentication_is_off(void)
{
    struct gateway gateway;
    struct backend_status backends[2];
    struct api_status status = {STATUS_CREATED, false, "", backends, 2};

    gateway_init(&gateway);
    backends[0] = (struct backend_status){
        &gateway.backends[GATEWAY_LOCK], STATUS_NOT_CREATED, "", NULL, NULL, NULL, true};
    backends[1] =
        (struct backend_status){&gateway.backends[GATEWAY_ROAD], STATUS_CREATED, "", "a1", NULL, NULL, false};
    expect(&status, &gateway.settings,
           "{'validationStatus': 2, 'road': {'code': 2, 'resource': {'name': 'a1'}}}");
    gateway_release(&gateway);
}

static void the_core_reports_authentication_where_no_backend_does(void)
{
    struct gateway gateway;
    struct backend_status backend;
    struct api_status status = {STATUS_CREATED, true, "none can", &backend, 1};

    gateway_init(&gateway);
    backend = (struct backend_status){
        &gateway.backends[GATEWAY_ROAD], STATUS_IN_PROGRESS, "waits", NULL, NULL, NULL, false};
    expect(&status, &gateway.settings,
           "{'validationStatus': 2, 'authenticationStatus': {'code': 3, 'lastError': 'none can', 'resource': "
           "{}}, "
           "'road': {'code': 1, 'lastError': 'waits', 'resource': {}}}");
    status.validation = STATUS_ERROR;
    status.authentication_error = "";
    status.count = 0;
    expect(&status, &gateway.settings,
           "{'validationStatus': 3, 'authenticationStatus': {'code': 0, 'resource': {}}}");
    status.authentication = false;
    expect(&status, &gateway.settings, "{'validationStatus': 3}");
    gateway_release(&gateway);
}

static void aliases_mirror_where_they_are_asked_for(void)
{
    struct gateway gateway;
    struct backend_status backends[2];
    struct api_status status = {STATUS_CREATED, false, "", backends, 2};

    gateway_init(&gateway);
    gateway.settings.status_aliases = true;
    backends[0] =
        (struct backend_status){&gateway.backends[GATEWAY_NOTE], STATUS_CREATED, "", "n", NULL, NULL, false};
    backends[1] =
        (struct backend_status){&gateway.backends[GATEWAY_ROAD], STATUS_ERROR, "x", "a1", "u", "8", false};
    expect(&status, &gateway.settings,
           "{'validationStatus': 2, 'note': {'code': 2, 'resource': {'name': 'n'}}, 'road': {'code': 3, "
           "'lastError': "
           "'x', 'resource': {'name': 'a1', 'uid': 'u', 'version': '8'}}, 'roadStatus': {'code': 3, "
           "'lastError': 'x', "
           "'resource': {'name': 'a1', 'uid': 'u', 'version': '8'}}}");
    gateway_release(&gateway);
}

static void texts_that_are_no_utf8_or_endless_are_reported_all_the_same(void)
{
    char text[3000];
    struct gateway gateway;
    struct backend_status backend;
    struct api_status status = {STATUS_CREATED, false, "", &backend, 1};
    json_t *built;

    gateway_init(&gateway);
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    text[0] = '\xc3';
    text[1] = '\n';
    backend =
        (struct backend_status){&gateway.backends[GATEWAY_ROAD], STATUS_ERROR, text, NULL, NULL, NULL, false};
    built = status_build(&status, &gateway.settings);
    CU_ASSERT_PTR_NOT_NULL_FATAL(built);
    CU_ASSERT_EQUAL(strlen(json_text_at(built, "road.lastError")), 1023);
    CU_ASSERT_EQUAL(strncmp(json_text_at(built, "road.lastError"), "? xx", 4), 0);
    json_decref(built);
    gateway_release(&gateway);
}

static void every_reason_has_a_word_of_its_own(void)
{
    CU_ASSERT_STRING_EQUAL(reason_word(REASON_NONE), "");
    for (int i = REASON_NONE; i <= REASON_NO_ROUTE; i++) {
        CU_ASSERT_TRUE(strlen(reason_word((enum reason)i)) < 32);
        for (int j = REASON_NONE; j < i; j++)
            CU_ASSERT_STRING_NOT_EQUAL(reason_word((enum reason)i), reason_word((enum reason)j));
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"a served Api has three codes and two resources", a_served_api_has_three_codes_and_two_resources},
        {"nothing that is unknown or empty is written", nothing_that_is_unknown_or_empty_is_written},
        {"a protection is silent while authentication is off",
         a_protection_is_silent_while_authentication_is_off},
        {"the core reports authentication where no backend does",
         the_core_reports_authentication_where_no_backend_does},
        {"aliases mirror where they are asked for", aliases_mirror_where_they_are_asked_for},
        {"texts that are no UTF-8 or endless are reported all the same",
         texts_that_are_no_utf8_or_endless_are_reported_all_the_same},
        {"every reason has a word of its own", every_reason_has_a_word_of_its_own},
        {NULL, NULL}};

    return harness_run("status", tests);
}
