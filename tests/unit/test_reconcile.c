/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"
#include "reconcile_stage.h"

#include "base/json.h"

static void a_secured_api_is_served_protection_first(void)
{
    struct stage stage;

    stage_begin(&stage, SECURED);
    stage_expect(&stage, "write Lock/t1/a1\nwrite Note/t1/a1\nwrite Road/t1/a1\nreport\n",
                 "{'validationStatus': 2, 'authenticationStatus': {'code': 2, 'resource': {'name': 'a1', "
                 "'version': 'v1'}}, "
                 "'note': {'code': 2, 'resource': {'name': 'a1', 'version': 'v2'}}, 'road': {'code': 2, "
                 "'resource': {'name': "
                 "'a1', 'version': 'v3'}}}");
    stage_expect_result(&stage, true, true, "");
    CU_ASSERT_TRUE(stage.view.authentication);
    CU_ASSERT_EQUAL(stage.writes, 3);
    CU_ASSERT_STRING_EQUAL(stage.host, "h1.kyma.local");
    CU_ASSERT_STRING_EQUAL(stage.service, "svc1:80");
    CU_ASSERT_TRUE(stage_logged(&stage, "level=info msg=\"api served\" api=t1/a1 writes=3"));
    CU_ASSERT_FALSE(stage_logged(&stage, "warning"));
    stage_end(&stage);
}

static void an_open_api_has_no_protection_and_no_status_of_one(void)
{
    struct stage stage;

    stage_begin(&stage, "{}");
    stage_expect(&stage, "write Note/t1/a1\nwrite Road/t1/a1\nreport\n",
                 "{'validationStatus': 2, 'note': {'code': 2, 'resource': {'name': 'a1', 'version': 'v1'}}, "
                 "'road': {'code': "
                 "2, 'resource': {'name': 'a1', 'version': 'v2'}}}");
    stage_expect_result(&stage, true, false, "");
    CU_ASSERT_FALSE(stage.view.authentication);
    stage_end(&stage);
}

static void nothing_is_written_without_a_change(void)
{
    struct stage stage;

    stage_begin(&stage, SECURED);
    CU_ASSERT_EQUAL(stage_reconcile(&stage), 0);
    stage_expect(&stage, "report\n", NULL);
    stage_expect_result(&stage, true, true, "");
    CU_ASSERT_EQUAL(stage.writes, 0);
    stage_edit(&stage, "{'authentication': [" ISSUER("j") "]}");
    stage_expect(&stage, "write Lock/t1/a1\nreport\n", NULL);
    stage_edit(&stage, "{'authentication': [" ISSUER("j") "], 'service': {'name': 'svc1', 'port': 81}}");
    stage_expect(&stage, "write Road/t1/a1\nreport\n", NULL);
    stage_end(&stage);
}

static void an_invalid_api_writes_nothing_and_says_why_and_what_stands(void)
{
    struct stage stage;

    stage_begin(&stage, "{'service': {'name': 'svc1', 'port': 0}}");
    stage_expect(
        &stage, "report\n",
        "{'validationStatus': 3, 'note': {'code': 0, 'lastError': 'spec.service.port: expected an integer "
        "from 1 to "
        "65535, found 0', 'resource': {}}, 'road': {'code': 0, 'lastError': 'spec.service.port: expected "
        "an integer "
        "from 1 to 65535, found 0', 'resource': {}}}");
    stage_expect_result(&stage, false, false, "Invalid");
    CU_ASSERT_STRING_EQUAL(stage.message, "spec.service.port: expected an integer from 1 to 65535, found 0");
    CU_ASSERT_STRING_EQUAL(stage.host, "h1.kyma.local");
    CU_ASSERT_STRING_EQUAL(stage.service, "svc1:0");
    CU_ASSERT_TRUE(
        stage_logged(&stage, "level=error msg=\"input refused\" api=t1/a1 path=spec.service.port error="));
    stage_edit(&stage, SECURED);
    CU_ASSERT_EQUAL(stage_reconcile(&stage), 0);
    stage_edit(&stage, "{'authentication': [" ISSUER("i") "], 'hostname': '*'}");
    stage_expect(&stage, "report\n", NULL);
    CU_ASSERT_EQUAL(stage_code(&stage, "validationStatus"), 3);
    CU_ASSERT_EQUAL(stage_code(&stage, "authenticationStatus.code"), 3);
    CU_ASSERT_TRUE(
        stage_says(&stage, "authenticationStatus.lastError", "older output kept: spec.hostname: "));
    CU_ASSERT_TRUE(stage_says(&stage, "authenticationStatus.resource.name", "a1"));
    CU_ASSERT_EQUAL(stage_code(&stage, "road.code"), 3);
    CU_ASSERT_TRUE(stage_says(&stage, "road.resource.version", "v"));
    CU_ASSERT_TRUE(stage_says(&stage, "road.lastError", "older output kept: spec.hostname: "));
    CU_ASSERT_TRUE(stage.view.authentication);
    CU_ASSERT_STRING_EQUAL(stage.host, "");
    stage_end(&stage);
}

static void rubbish_is_refused_and_reported(void)
{
    static const char *const apis[] = {
        "{'apiVersion': 'gateway.kyma-project.io/v1alpha2', 'kind': 'Api', 'metadata': {'name': 'a1', "
        "'namespace': 't1'}}",
        "{'apiVersion': 'gateway.kyma-project.io/v1alpha2', 'kind': 'Api', 'metadata': {'name': 'a1', "
        "'namespace': 't1'}, 'spec': 1}",
        "{'apiVersion': 'gateway.kyma-project.io/v1alpha2', 'kind': 'Api', 'metadata': {'name': 'a1', "
        "'namespace': 't1'}, 'spec': {'authentication': 3}}"};
    struct stage stage;

    stage_begin(&stage, "{}");
    for (size_t i = 0; i < sizeof apis / sizeof *apis; i++) {
        json_decref(stage.api);
        stage.api = gateway_json(apis[i]);
        stage_expect(&stage, "report\n", NULL);
        stage_expect_result(&stage, false, false, "Invalid");
        CU_ASSERT_TRUE(stage_logged(&stage, "input refused"));
    }
    stage_end(&stage);
}

static void the_users_field_stands_before_a_plugins_sentence(void)
{
    struct stage stage;

    stage_begin(&stage, "{}");
    stage.gateway.scripts[GATEWAY_ROAD] =
        (struct script){.code = APIGW_INVALID, .path = "spec.hostname", .message = "is not nice"};
    stage_expect(&stage, "report\n", NULL);
    CU_ASSERT_TRUE(stage_says(&stage, "road.lastError", "spec.hostname: is not nice"));
    stage_end(&stage);
}

static void a_move_to_another_service_is_protected_on_both_until_it_is_done(void)
{
    struct text asked = text_empty();
    struct stage stage;

    stage_begin(&stage, SECURED);
    CU_ASSERT_EQUAL(stage_reconcile(&stage), 0);
    stage.gateway.scripts[GATEWAY_LOCK].asked = &asked;
    stage_edit(&stage, "{'authentication': [" ISSUER("i") "], 'service': {'name': 'svc2', 'port': 80}}");
    stage_expect(&stage, "write Lock/t1/a1\nwrite Road/t1/a1\nwrite Lock/t1/a1\nreport\n", NULL);
    CU_ASSERT_STRING_EQUAL(asked.data, "svc2|h1.kyma.local svc1,svc2|h1.kyma.local ");
    stage_expect_result(&stage, true, true, "");
    CU_ASSERT_EQUAL(stage.writes, 3);
    stage_expect(&stage, "report\n", NULL);
    (void)json_object_set_new(stage.gateway.write_codes, "Road/t1/a1", json_integer(ERROR_IO));
    stage_edit(&stage, "{'authentication': [" ISSUER("i") "], 'service': {'name': 'svc3', 'port': 80}}");
    stage_expect(&stage, "write Lock/t1/a1\nwrite Road/t1/a1\nreport\n", NULL);
    CU_ASSERT_EQUAL(
        json_array_size(json_at(json_member(stage.gateway.objects, "Lock/t1/a1"), "spec.services")), 2);
    CU_ASSERT_TRUE(stage_says(&stage, "road.lastError", "older output kept: "));
    stage_end(&stage);
    text_release(&asked);
}

static void a_move_to_another_host_is_protected_on_both_until_it_is_done(void)
{
    struct text asked = text_empty();
    struct stage stage;

    stage_begin(&stage, SECURED);
    CU_ASSERT_EQUAL(stage_reconcile(&stage), 0);
    stage.gateway.scripts[GATEWAY_LOCK].asked = &asked;
    stage_edit(&stage, "{'authentication': [" ISSUER("i") "], 'hostname': 'a1'}");
    stage_expect(&stage, "write Lock/t1/a1\nwrite Note/t1/a1\nwrite Road/t1/a1\nwrite Lock/t1/a1\nreport\n",
                 NULL);
    CU_ASSERT_STRING_EQUAL(asked.data, "svc1|a1.kyma.local svc1|a1.kyma.local,h1.kyma.local ");
    stage_expect_result(&stage, true, true, "");
    CU_ASSERT_EQUAL(stage.writes, 4);
    stage_expect(&stage, "report\n", NULL);
    (void)json_object_set_new(stage.gateway.write_codes, "Road/t1/a1", json_integer(ERROR_IO));
    stage_edit(&stage, "{'authentication': [" ISSUER("i") "], 'hostname': 'b1'}");
    stage_expect(&stage, "write Lock/t1/a1\nwrite Note/t1/a1\nwrite Road/t1/a1\nreport\n", NULL);
    CU_ASSERT_EQUAL(json_array_size(json_at(json_member(stage.gateway.objects, "Lock/t1/a1"), "spec.hosts")),
                    2);
    stage_end(&stage);
    text_release(&asked);
}

static void without_a_backend_that_authenticates_nothing_is_published(void)
{
    struct stage stage;

    stage_begin(&stage, SECURED);
    gateway_disable(&stage.gateway, GATEWAY_LOCK);
    stage_expect(&stage, "write Note/t1/a1\nreport\n", NULL);
    CU_ASSERT_EQUAL(stage_code(&stage, "authenticationStatus.code"), 3);
    CU_ASSERT_TRUE(
        stage_says(&stage, "authenticationStatus.lastError", "no enabled backend can authenticate"));
    CU_ASSERT_EQUAL(stage_code(&stage, "road.code"), 1);
    stage_expect_result(&stage, false, false, "ProtectionMissing");
    stage.gateway.settings.accept_unprotected = true;
    stage.gateway.registry.incomplete = true;
    stage_expect(&stage, "report\n", NULL);
    stage_expect_result(&stage, false, false, "ProtectionMissing");
    stage.gateway.registry.incomplete = false;
    stage_expect(&stage, "write Road/t1/a1\nreport\n", NULL);
    CU_ASSERT_EQUAL(stage_code(&stage, "authenticationStatus.code"), 3);
    CU_ASSERT_EQUAL(stage_code(&stage, "road.code"), 2);
    stage_expect_result(&stage, true, false, "ProtectionMissing");
    CU_ASSERT_TRUE(stage_logged(&stage, "api served without protection"));
    stage_edit(&stage, "{}");
    stage_expect(&stage, "report\n", NULL);
    stage_expect_result(&stage, true, false, "");
    stage_end(&stage);
}

static void without_a_route_nothing_is_served(void)
{
    struct stage stage;

    stage_begin(&stage, SECURED);
    gateway_disable(&stage.gateway, GATEWAY_ROAD);
    stage_expect(&stage, "report\n", NULL);
    CU_ASSERT_EQUAL(stage_code(&stage, "authenticationStatus.code"), 0);
    CU_ASSERT_TRUE(stage_says(&stage, "authenticationStatus.lastError",
                              "not attempted, because backend road is disabled"));
    CU_ASSERT_PTR_NULL(json_member(stage.gateway.status, "road"));
    stage_expect_result(&stage, false, false, "NoRoute");
    stage_end(&stage);
    stage_begin(&stage, SECURED);
    stage.gateway.registry.count = GATEWAY_ROAD;
    stage_expect(&stage, "write Lock/t1/a1\nwrite Note/t1/a1\nreport\n", NULL);
    stage_expect_result(&stage, false, true, "NoRoute");
    stage_end(&stage);
    stage_begin(&stage, "{}");
    stage.gateway.scripts[GATEWAY_ROAD].answer = "[]";
    stage_expect(&stage, "write Note/t1/a1\nreport\n", NULL);
    CU_ASSERT_EQUAL(stage_code(&stage, "road.code"), 0);
    stage_expect_result(&stage, false, false, "NoRoute");
    stage_end(&stage);
}

static void incomplete_authentication_is_served_openly_and_said(void)
{
    struct stage stage;

    stage_begin(&stage, "{'authentication': [{'type': 'JWT'}]}");
    stage_expect(&stage, "report\n", NULL);
    stage_expect_result(&stage, false, false, "Invalid");
    stage.gateway.settings.incomplete_unsecured = true;
    stage_expect(&stage, "write Note/t1/a1\nwrite Road/t1/a1\nreport\n", NULL);
    CU_ASSERT_EQUAL(stage_code(&stage, "road.code"), 2);
    CU_ASSERT_TRUE(stage_says(&stage, "road.lastError", "served without protection"));
    CU_ASSERT_PTR_NULL(json_member(stage.gateway.status, "authenticationStatus"));
    stage_expect_result(&stage, true, false, "IncompleteAuthentication");
    CU_ASSERT_TRUE(stage_logged(&stage, "level=warning msg=\"api served without protection\" api=t1/a1 "
                                        "reason=IncompleteAuthentication"));
    CU_ASSERT_STRING_EQUAL(stage_condition(&stage, "Secured"), "False");
    CU_ASSERT_STRING_EQUAL(stage_condition(&stage, "Ready"), "True");
    stage_end(&stage);
}

int main(void)
{
    static const struct test tests[] = {
        {"a secured Api is served, protection first", a_secured_api_is_served_protection_first},
        {"an open Api has no protection and no status of one",
         an_open_api_has_no_protection_and_no_status_of_one},
        {"nothing is written without a change", nothing_is_written_without_a_change},
        {"an invalid Api writes nothing and says why and what stands",
         an_invalid_api_writes_nothing_and_says_why_and_what_stands},
        {"rubbish is refused and reported", rubbish_is_refused_and_reported},
        {"the user's field stands before a plugin's sentence",
         the_users_field_stands_before_a_plugins_sentence},
        {"a move to another Service is protected on both until it is done",
         a_move_to_another_service_is_protected_on_both_until_it_is_done},
        {"a move to another host is protected on both until it is done",
         a_move_to_another_host_is_protected_on_both_until_it_is_done},
        {"without a backend that authenticates nothing is published",
         without_a_backend_that_authenticates_nothing_is_published},
        {"without a route nothing is served", without_a_route_nothing_is_served},
        {"incomplete authentication is served openly, and said",
         incomplete_authentication_is_served_openly_and_said},
        {NULL, NULL}};

    return harness_run("reconcile", tests);
}
