/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway.h"
#include "harness.h"
#include "scarce.h"

#include "base/json.h"
#include "reconcile/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The gateway's three backends and what came of them. */
struct scene {
    struct gateway gateway;
    struct backend_status backends[GATEWAY_BACKENDS];
    struct api_status status;
};

/* Everything stands. */
static void begin(struct scene *scene)
{
    *scene = (struct scene){0};
    gateway_init(&scene->gateway);
    for (int i = 0; i < GATEWAY_BACKENDS; i++)
        scene->backends[i] = (struct backend_status){.backend = &scene->gateway.backends[i],
                                                     .code = STATUS_CREATED,
                                                     .reason = REASON_SERVED,
                                                     .last_error = "",
                                                     .resource_name = "a1"};
    scene->status = (struct api_status){.validation = STATUS_CREATED,
                                        .authentication = true,
                                        .authentication_error = "",
                                        .backends = scene->backends,
                                        .count = GATEWAY_BACKENDS};
    for (int i = 0; i < CONDITION_COUNT; i++)
        scene->status.conditions[i] =
            (struct condition){.is_true = true, .reason = REASON_SERVED, .message = ""};
}

static void end(struct scene *scene)
{
    gateway_release(&scene->gateway);
}

static json_t *build(const struct scene *scene)
{
    json_t *built = status_build(&scene->status, &scene->gateway.settings, 1000000000);

    CU_ASSERT_PTR_NOT_NULL_FATAL(built);
    return built;
}

static void compare(const json_t *found, const char *expected)
{
    json_t *wanted = gateway_json(expected);

    if (!json_equal(found, wanted)) {
        char *text = json_canonical(found);
        printf("# expected %s\n# found %s\n", expected, text);
        free(text);
        CU_FAIL("another status than expected");
    }
    CU_PASS();
    json_decref(wanted);
}

/* Compares all but the conditions and the list of backends, which have tests of their own. */
static void expect(const struct scene *scene, const char *expected)
{
    json_t *built = build(scene);

    CU_ASSERT_EQUAL(json_array_size(json_member(built, "conditions")), CONDITION_COUNT);
    CU_ASSERT_TRUE(json_is_array(json_member(built, "backends")));
    (void)json_object_del(built, "conditions");
    (void)json_object_del(built, "backends");
    compare(built, expected);
    json_decref(built);
}

static void expect_member(const struct scene *scene, const char *member, const char *expected)
{
    json_t *built = build(scene);

    compare(json_member(built, member), expected);
    json_decref(built);
}

static void a_served_api_has_three_codes_and_two_resources(void)
{
    struct scene scene;

    begin(&scene);
    scene.backends[GATEWAY_LOCK].resource_uid = "u1";
    scene.backends[GATEWAY_LOCK].resource_version = "7";
    scene.backends[GATEWAY_NOTE].absent = true;
    scene.backends[GATEWAY_ROAD].resource_version = "8";
    expect(&scene, "{'validationStatus': 2, 'authenticationStatus': {'code': 2, 'resource': {'name': 'a1', "
                   "'uid': 'u1', 'version': '7'}}, 'road': {'code': 2, 'resource': {'name': 'a1', 'version': "
                   "'8'}}}");
    end(&scene);
}

static void nothing_that_is_unknown_or_empty_is_written(void)
{
    struct scene scene;

    begin(&scene);
    scene.status.validation = STATUS_ERROR;
    scene.backends[GATEWAY_LOCK].code = STATUS_NOT_CREATED;
    scene.backends[GATEWAY_LOCK].resource_name = NULL;
    scene.backends[GATEWAY_NOTE].absent = true;
    scene.backends[GATEWAY_ROAD] = (struct backend_status){&scene.gateway.backends[GATEWAY_ROAD],
                                                           STATUS_ERROR,
                                                           REASON_INVALID,
                                                           "no way",
                                                           "",
                                                           "",
                                                           "",
                                                           false,
                                                           false};
    expect(&scene, "{'validationStatus': 3, 'authenticationStatus': {'code': 0, 'resource': {}}, 'road': "
                   "{'code': 3, 'lastError': 'no way', 'resource': {}}}");
    end(&scene);
}

static void what_is_silent_stands_in_the_list_alone(void)
{
    struct scene scene;

    begin(&scene);
    scene.status.authentication = false;
    scene.backends[GATEWAY_LOCK].code = STATUS_NOT_CREATED;
    scene.backends[GATEWAY_LOCK].resource_name = NULL;
    scene.backends[GATEWAY_LOCK].silent = true;
    scene.backends[GATEWAY_NOTE].absent = true;
    expect(&scene, "{'validationStatus': 2, 'road': {'code': 2, 'resource': {'name': 'a1'}}}");
    expect_member(&scene, "backends",
                  "[{'name': 'lock', 'kind': 'Lock', 'code': 0, 'resource': {}}, {'name': 'road', 'kind': "
                  "'Road', 'code': 2, 'resource': {'name': 'a1'}}]");
    end(&scene);
}

static void every_backend_has_a_name_and_a_kind(void)
{
    struct scene scene;

    begin(&scene);
    scene.gateway.backends[GATEWAY_NOTE].name = "my-notes";
    scene.backends[GATEWAY_NOTE].code = STATUS_ERROR;
    scene.backends[GATEWAY_NOTE].last_error = "no";
    expect_member(&scene, "backends",
                  "[{'name': 'lock', 'kind': 'Lock', 'code': 2, 'resource': {'name': 'a1'}}, {'name': "
                  "'my-notes', 'kind': 'Note', 'code': 3, 'lastError': 'no', 'resource': {'name': 'a1'}}, "
                  "{'name': 'road', 'kind': 'Road', 'code': 2, 'resource': {'name': 'a1'}}]");
    scene.status.count = 0;
    expect_member(&scene, "backends", "[]");
    end(&scene);
}

static void the_core_reports_authentication_where_no_backend_does(void)
{
    struct scene scene;

    begin(&scene);
    gateway_disable(&scene.gateway, GATEWAY_LOCK);
    scene.status.authentication_error = "none can";
    scene.backends[GATEWAY_LOCK].silent = scene.backends[GATEWAY_LOCK].absent = true;
    scene.backends[GATEWAY_LOCK].resource_name = NULL;
    scene.backends[GATEWAY_NOTE].absent = true;
    scene.backends[GATEWAY_ROAD].code = STATUS_IN_PROGRESS;
    scene.backends[GATEWAY_ROAD].last_error = "waits";
    scene.backends[GATEWAY_ROAD].resource_name = NULL;
    expect(&scene, "{'validationStatus': 2, 'authenticationStatus': {'code': 3, 'lastError': 'none can', "
                   "'resource': {}}, 'road': {'code': 1, 'lastError': 'waits', 'resource': {}}}");
    scene.status.validation = STATUS_ERROR;
    scene.status.authentication_error = "";
    scene.status.count = 0;
    expect(&scene, "{'validationStatus': 3, 'authenticationStatus': {'code': 0, 'resource': {}}}");
    scene.status.authentication = false;
    expect(&scene, "{'validationStatus': 3}");
    end(&scene);
}

static void what_a_disabled_protection_left_is_named(void)
{
    struct scene scene;

    begin(&scene);
    gateway_disable(&scene.gateway, GATEWAY_LOCK);
    scene.status.authentication_error = "none can";
    scene.status.validation = STATUS_SERVICE_OCCUPIED;
    scene.backends[GATEWAY_LOCK].silent = true;
    scene.status.count = 1;
    expect(&scene, "{'validationStatus': 5, 'authenticationStatus': {'code': 3, 'lastError': 'none can', "
                   "'resource': {'name': 'a1'}}}");
    end(&scene);
}

static void aliases_mirror_where_they_are_asked_for(void)
{
    struct scene scene;

    begin(&scene);
    scene.status.authentication = false;
    scene.gateway.settings.status_aliases = true;
    scene.backends[GATEWAY_LOCK].silent = true;
    scene.backends[GATEWAY_ROAD].code = STATUS_HOST_OCCUPIED;
    scene.backends[GATEWAY_ROAD].last_error = "x";
    expect(&scene,
           "{'validationStatus': 2, 'note': {'code': 2, 'resource': {'name': 'a1'}}, 'road': {'code': "
           "4, 'lastError': 'x', 'resource': {'name': 'a1'}}, 'roadStatus': {'code': 4, 'lastError': "
           "'x', 'resource': {'name': 'a1'}}}");
    end(&scene);
}

static void conditions_have_a_reason_a_message_and_a_time(void)
{
    struct scene scene;

    begin(&scene);
    scene.status.conditions[CONDITION_SECURED] =
        (struct condition){.reason = REASON_CONFLICT, .message = "Lock x"};
    expect_member(
        &scene, "conditions",
        "[{'type': 'Accepted', 'status': 'True', 'reason': 'Served', 'message': 'Everything that the Api "
        "asks "
        "for stands.', 'lastTransitionTime': '2001-09-09T01:46:40Z'}, {'type': 'Programmed', 'status': "
        "'True', 'reason': 'Served', 'message': 'Everything that the Api asks for stands.', "
        "'lastTransitionTime': '2001-09-09T01:46:40Z'}, {'type': 'Secured', 'status': 'False', 'reason': "
        "'Conflict', 'message': 'Lock x', 'lastTransitionTime': '2001-09-09T01:46:40Z'}, {'type': 'Ready', "
        "'status': 'True', 'reason': 'Served', 'message': 'Everything that the Api asks for stands.', "
        "'lastTransitionTime': '2001-09-09T01:46:40Z'}]");
    end(&scene);
}

static void what_nobody_knows_is_neither_true_nor_false(void)
{
    struct scene scene;
    json_t *built;
    const json_t *secured;

    begin(&scene);
    scene.status.conditions[CONDITION_SECURED] =
        (struct condition){.is_unknown = true, .reason = REASON_NOT_PERMITTED, .message = ""};
    built = build(&scene);
    secured = json_array_get(json_member(built, "conditions"), CONDITION_SECURED);
    CU_ASSERT_STRING_EQUAL(json_text_at(secured, "status"), "Unknown");
    CU_ASSERT_STRING_EQUAL(json_text_at(secured, "message"), reason_meaning(REASON_NOT_PERMITTED));
    json_decref(built);
    end(&scene);
}

static void the_generation_is_told_if_there_is_one(void)
{
    struct scene scene;
    json_t *built;
    const json_t *condition;
    size_t i;

    begin(&scene);
    built = build(&scene);
    CU_ASSERT_PTR_NULL(json_member(built, "observedGeneration"));
    json_decref(built);
    scene.status.generation = INT64_C(5000000000);
    built = build(&scene);
    CU_ASSERT_EQUAL(json_integer_value(json_member(built, "observedGeneration")), INT64_C(5000000000));
    json_array_foreach(json_member(built, "conditions"), i, condition)
    {
        CU_ASSERT_EQUAL(json_integer_value(json_member(condition, "observedGeneration")),
                        INT64_C(5000000000));
    }
    CU_ASSERT_EQUAL(i, CONDITION_COUNT);
    json_decref(built);
    end(&scene);
}

static void texts_that_are_no_utf8_or_endless_are_reported_all_the_same(void)
{
    char text[3000];
    struct scene scene;
    json_t *built;

    begin(&scene);
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    text[0] = '\xc3';
    text[1] = '\n';
    scene.backends[GATEWAY_ROAD].last_error = text;
    scene.status.conditions[CONDITION_READY].message = text;
    built = build(&scene);
    CU_ASSERT_EQUAL(strlen(json_text_at(built, "road.lastError")), 1023);
    CU_ASSERT_EQUAL(strncmp(json_text_at(built, "road.lastError"), "? xx", 4), 0);
    CU_ASSERT_EQUAL(
        strncmp(json_text_at(json_array_get(json_member(built, "conditions"), CONDITION_READY), "message"),
                "? xx", 4),
        0);
    json_decref(built);
    end(&scene);
}

static void a_status_is_whole_or_not_at_all(void)
{
    struct scene scene;
    json_t *whole;
    bool failed = true;
    size_t granted = 0;

    begin(&scene);
    scene.gateway.settings.status_aliases = true;
    scene.status.generation = 3;
    gateway_disable(&scene.gateway, GATEWAY_LOCK);
    scene.status.authentication_error = "none can";
    whole = build(&scene);
    for (; failed; granted++) {
        json_t *built;
        scarce_begin(granted);
        built = status_build(&scene.status, &scene.gateway.settings, 1000000000);
        failed = scarce_end();
        CU_ASSERT_EQUAL(built == NULL, failed);
        if (built)
            CU_ASSERT_TRUE(json_equal(built, whole));
        json_decref(built);
    }
    CU_ASSERT_TRUE(granted > 50);
    json_decref(whole);
    end(&scene);
}

int main(void)
{
    static const struct test tests[] = {
        {"a served Api has three codes and two resources", a_served_api_has_three_codes_and_two_resources},
        {"nothing that is unknown or empty is written", nothing_that_is_unknown_or_empty_is_written},
        {"what is silent stands in the list alone", what_is_silent_stands_in_the_list_alone},
        {"every backend has a name and a kind", every_backend_has_a_name_and_a_kind},
        {"the core reports authentication where no backend does",
         the_core_reports_authentication_where_no_backend_does},
        {"what a disabled protection left is named", what_a_disabled_protection_left_is_named},
        {"aliases mirror where they are asked for", aliases_mirror_where_they_are_asked_for},
        {"conditions have a reason, a message and a time", conditions_have_a_reason_a_message_and_a_time},
        {"what nobody knows is neither true nor false", what_nobody_knows_is_neither_true_nor_false},
        {"the generation is told if there is one", the_generation_is_told_if_there_is_one},
        {"texts that are no UTF-8 or endless are reported all the same",
         texts_that_are_no_utf8_or_endless_are_reported_all_the_same},
        {"a status is whole or not at all", a_status_is_whole_or_not_at_all},
        {NULL, NULL}};

    return harness_run("status", tests);
}
