/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"
#include "reconcile_stage.h"
#include "scarce.h"

#include "base/json.h"

static void a_new_route_waits_for_its_protection(void)
{
    struct stage stage;

    stage_begin(&stage, SECURED);
    stage.gateway.scripts[GATEWAY_LOCK] =
        (struct script){.code = APIGW_CONFLICT, .message = "Lock x is in the way"};
    stage_expect(
        &stage, "write Note/t1/a1\nreport\n",
        "{'validationStatus': 2, 'authenticationStatus': {'code': 3, 'lastError': 'Lock x is in the way', "
        "'resource': {}}, 'note': {'code': 2, 'resource': {'name': 'a1', 'version': 'v1'}}, 'road': "
        "{'code': 1, "
        "'lastError': 'waits for the protection: Lock x is in the way', 'resource': {}}}");
    stage_expect_result(&stage, false, false, "Conflict");
    CU_ASSERT_STRING_EQUAL(stage.message, "Lock x is in the way");
    CU_ASSERT_TRUE(
        stage_logged(&stage, "msg=\"api refused\" api=t1/a1 reason=Conflict error=\"Lock x is in the way\""));
    stage.gateway.scripts[GATEWAY_LOCK] = (struct script){0};
    stage_expect(&stage, "write Lock/t1/a1\nwrite Road/t1/a1\nreport\n", NULL);
    stage_expect_result(&stage, true, true, "");
    stage_end(&stage);
}

/* Every code of a backend, and what it becomes. */
static void codes_of_backends_become_codes_and_reasons(void)
{
    static const struct {
        int32_t code;
        json_int_t status;
        const char *reason;
    } samples[] = {{APIGW_INVALID, 3, "Invalid"},        {APIGW_CONFLICT, 3, "Conflict"},
                   {APIGW_NOT_READY, 1, "NotReady"},     {APIGW_NO_MEMORY, 3, "BackendFailed"},
                   {APIGW_INTERNAL, 3, "BackendFailed"}, {99, 3, "BackendFailed"}};
    struct stage stage;

    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        stage_begin(&stage, SECURED);
        stage.gateway.scripts[GATEWAY_ROAD] = (struct script){.code = samples[i].code, .message = "no"};
        stage_expect(&stage, "report\n", NULL);
        CU_ASSERT_EQUAL(stage_code(&stage, "road.code"), samples[i].status);
        CU_ASSERT_EQUAL(stage_code(&stage, "authenticationStatus.code"), 0);
        CU_ASSERT_TRUE(stage_says(&stage, "authenticationStatus.lastError", "backend road is refused"));
        stage_expect_result(&stage, false, false, samples[i].reason);
        stage_end(&stage);
        stage_begin(&stage, SECURED);
        stage.gateway.scripts[GATEWAY_LOCK] = (struct script){.code = samples[i].code, .message = "no"};
        stage_expect(&stage, "write Note/t1/a1\nreport\n", NULL);
        CU_ASSERT_EQUAL(stage_code(&stage, "authenticationStatus.code"), samples[i].status);
        CU_ASSERT_EQUAL(stage_code(&stage, "road.code"), 1);
        stage_expect_result(&stage, false, false, samples[i].reason);
        stage_end(&stage);
    }
}

static void a_protection_that_protects_nothing_has_failed(void)
{
    struct stage stage;

    stage_begin(&stage, SECURED);
    stage.gateway.scripts[GATEWAY_LOCK].answer = "[]";
    stage_expect(&stage, "write Note/t1/a1\nreport\n", NULL);
    stage_expect_result(&stage, false, false, "BackendFailed");
    stage_end(&stage);
}

static void a_live_route_keeps_standing_without_its_protection(void)
{
    struct stage stage;

    stage_begin(&stage, "{}");
    CU_ASSERT_EQUAL(stage_reconcile(&stage), 0);
    stage.gateway.scripts[GATEWAY_LOCK] = (struct script){.code = APIGW_CONFLICT, .message = "no"};
    stage_edit(&stage, SECURED);
    stage_expect(&stage, "report\n", NULL);
    CU_ASSERT_EQUAL(stage_code(&stage, "road.code"), 3);
    CU_ASSERT_TRUE(stage_says(&stage, "road.lastError", "stands without its protection: no"));
    CU_ASSERT_TRUE(stage_says(&stage, "road.resource.name", "a1"));
    stage_expect_result(&stage, false, false, "Conflict");
    stage_edit(&stage, "{'authentication': [" ISSUER("i") "], 'service': {'name': 'svc1', 'port': 81}}");
    stage_expect(&stage, "report\n", NULL);
    CU_ASSERT_EQUAL(stage_code(&stage, "road.code"), 3);
    CU_ASSERT_TRUE(stage_says(&stage, "road.lastError", "older output kept: waits for the protection: no"));
    stage_end(&stage);
}

static void an_older_protection_is_kept_and_named(void)
{
    struct stage stage;

    stage_begin(&stage, SECURED);
    CU_ASSERT_EQUAL(stage_reconcile(&stage), 0);
    stage.gateway.scripts[GATEWAY_LOCK] = (struct script){.code = APIGW_INTERNAL, .message = "broken"};
    stage_expect(&stage, "report\n", NULL);
    CU_ASSERT_EQUAL(stage_code(&stage, "authenticationStatus.code"), 3);
    CU_ASSERT_TRUE(stage_says(&stage, "authenticationStatus.lastError", "older output kept: broken"));
    CU_ASSERT_TRUE(stage_says(&stage, "authenticationStatus.resource.name", "a1"));
    stage_end(&stage);
}

static void a_foreign_route_is_left_alone_and_holds_everything_back(void)
{
    struct stage stage;
    json_t *before;

    stage_begin(&stage, SECURED);
    stage_put_foreign(&stage, "Road/t1/a1");
    before = json_deep_copy(stage.gateway.objects);
    stage_expect(&stage, "report\n", NULL);
    CU_ASSERT_TRUE(json_equal(before, stage.gateway.objects));
    CU_ASSERT_EQUAL(stage_code(&stage, "road.code"), 3);
    CU_ASSERT_TRUE(stage_says(&stage, "road.lastError",
                              "Road \"t1/a1\" (test.example) exists and was not made for this Api"));
    CU_ASSERT_PTR_NULL(json_at(stage.gateway.status, "road.resource.name"));
    CU_ASSERT_EQUAL(stage_code(&stage, "authenticationStatus.code"), 0);
    stage_expect_result(&stage, false, false, "NotOwned");
    json_decref(before);
    (void)json_object_del(stage.gateway.objects, "Road/t1/a1");
    stage_expect(&stage, "write Lock/t1/a1\nwrite Note/t1/a1\nwrite Road/t1/a1\nreport\n", NULL);
    stage_end(&stage);
}

static void an_output_of_an_api_that_was_here_before_is_foreign(void)
{
    struct stage stage;

    stage_begin(&stage, "{}");
    (void)json_object_set_new(
        stage.gateway.objects, "Road/t1/a1",
        gateway_json(
            "{'metadata': {'name': 'a1', 'namespace': 't1', 'labels': {'createdBy': 'api-controller', "
            "'apiName': 'a1', 'apiNamespace': 't1', 'apiUid': 'another'}}}"));
    stage_expect(&stage, "report\n", NULL);
    stage_expect_result(&stage, false, false, "NotOwned");
    stage_end(&stage);
}

static void a_foreign_protection_fails_closed(void)
{
    struct stage stage;

    stage_begin(&stage, SECURED);
    stage_put_foreign(&stage, "Lock/t1/a1");
    stage_expect(&stage, "write Note/t1/a1\nreport\n", NULL);
    CU_ASSERT_EQUAL(stage_code(&stage, "authenticationStatus.code"), 3);
    CU_ASSERT_TRUE(stage_says(&stage, "authenticationStatus.lastError", "Lock \"t1/a1\""));
    CU_ASSERT_EQUAL(stage_code(&stage, "road.code"), 1);
    stage_expect_result(&stage, false, false, "NotOwned");
    stage_end(&stage);
}

static void what_cannot_be_read_is_never_overwritten(void)
{
    struct stage stage;

    stage_begin(&stage, SECURED);
    (void)json_object_set_new(stage.gateway.problems, "Road/t1/a1", json_string("no access"));
    stage_expect(&stage, "report\n", NULL);
    CU_ASSERT_TRUE(
        stage_says(&stage, "road.lastError", "Road \"t1/a1\" (test.example) cannot be read: no access"));
    stage_expect_result(&stage, false, false, "Unreadable");
    stage_end(&stage);
    stage_begin(&stage, SECURED);
    (void)json_object_set_new(stage.gateway.problems, "Lock/t1/a1", json_string("no access"));
    stage_expect(&stage, "write Note/t1/a1\nreport\n", NULL);
    stage_expect_result(&stage, false, false, "Unreadable");
    stage_end(&stage);
}

static void a_protection_that_cannot_be_written_keeps_the_route_back(void)
{
    struct stage stage;

    stage_begin(&stage, SECURED);
    (void)json_object_set_new(stage.gateway.write_codes, "Lock/t1/a1", json_integer(ERROR_IO));
    stage_expect(&stage, "write Lock/t1/a1\nwrite Note/t1/a1\nreport\n", NULL);
    CU_ASSERT_EQUAL(stage_code(&stage, "authenticationStatus.code"), 3);
    CU_ASSERT_TRUE(
        stage_says(&stage, "authenticationStatus.lastError", "cannot be written: write of Lock/t1/a1 fails"));
    CU_ASSERT_EQUAL(stage_code(&stage, "road.code"), 1);
    CU_ASSERT_EQUAL(stage.writes, 1);
    stage_expect_result(&stage, false, false, "WriteFailed");
    stage_end(&stage);
}

static void only_the_route_fails_and_the_protection_stays(void)
{
    struct stage stage;

    stage_begin(&stage, SECURED);
    (void)json_object_set_new(stage.gateway.write_codes, "Road/t1/a1", json_integer(ERROR_FOREIGN));
    stage_expect(&stage, "write Lock/t1/a1\nwrite Note/t1/a1\nwrite Road/t1/a1\nreport\n", NULL);
    CU_ASSERT_EQUAL(stage_code(&stage, "authenticationStatus.code"), 2);
    CU_ASSERT_EQUAL(stage_code(&stage, "road.code"), 3);
    stage_expect_result(&stage, false, true, "NotOwned");
    (void)json_object_clear(stage.gateway.write_codes);
    stage_expect(&stage, "write Road/t1/a1\nreport\n", NULL);
    (void)json_object_set_new(stage.gateway.write_codes, "Road/t1/a1", json_integer(ERROR_IO));
    stage_edit(&stage, "{'authentication': [" ISSUER("i") "], 'service': {'name': 'svc1', 'port': 81}}");
    stage_expect(&stage, "write Road/t1/a1\nreport\n", NULL);
    CU_ASSERT_TRUE(stage_says(&stage, "road.lastError", "older output kept: Road \"t1/a1\""));
    stage_expect_result(&stage, false, true, "WriteFailed");
    stage_end(&stage);
}

static void role_other_holds_nothing_back(void)
{
    struct stage stage;

    stage_begin(&stage, SECURED);
    stage.gateway.scripts[GATEWAY_NOTE] = (struct script){.code = APIGW_INTERNAL, .message = "no"};
    stage_expect(&stage, "write Lock/t1/a1\nwrite Road/t1/a1\nreport\n", NULL);
    CU_ASSERT_EQUAL(stage_code(&stage, "note.code"), 3);
    stage_expect_result(&stage, true, true, "BackendFailed");
    CU_ASSERT_TRUE(stage_logged(&stage, "msg=\"api served, but not whole\" api=t1/a1 reason=BackendFailed"));
    CU_ASSERT_STRING_EQUAL(stage_condition(&stage, "Programmed"), "False");
    CU_ASSERT_STRING_EQUAL(stage_condition(&stage, "Ready"), "False");
    stage_end(&stage);
}

static void a_status_that_cannot_be_written_is_counted(void)
{
    struct stage stage;

    stage_begin(&stage, "{}");
    stage.gateway.report_code = ERROR_FOREIGN;
    CU_ASSERT_EQUAL(stage_reconcile(&stage), 0);
    CU_ASSERT_EQUAL(stage.unreported, 1);
    CU_ASSERT_TRUE(stage_logged(
        &stage, "level=error msg=\"status not written\" api=t1/a1 error=\"report fails as planned\""));
    stage_expect_result(&stage, true, false, "");
    stage.gateway.report_code = ERROR_NO_MEMORY;
    CU_ASSERT_EQUAL(stage_reconcile(&stage), ERROR_NO_MEMORY);
    stage_end(&stage);
}

static void a_protection_that_fails_while_it_is_not_asked_for_holds_nothing_back(void)
{
    struct stage stage;

    stage_begin(&stage, "{}");
    stage.gateway.scripts[GATEWAY_LOCK] = (struct script){.code = APIGW_INTERNAL, .message = "no"};
    stage_expect(&stage, "write Note/t1/a1\nwrite Road/t1/a1\nreport\n", NULL);
    CU_ASSERT_PTR_NULL(json_member(stage.gateway.status, "authenticationStatus"));
    stage_expect_result(&stage, true, false, "BackendFailed");
    CU_ASSERT_STRING_EQUAL(stage_condition(&stage, "Ready"), "False");
    stage_end(&stage);
}

static void accepting_no_protection_excuses_no_failed_one(void)
{
    struct stage stage;

    stage_begin(&stage, SECURED);
    stage.gateway.settings.accept_unprotected = true;
    stage.gateway.scripts[GATEWAY_LOCK] = (struct script){.code = APIGW_INTERNAL, .message = "no"};
    stage_expect(&stage, "write Note/t1/a1\nreport\n", NULL);
    stage_expect_result(&stage, false, false, "BackendFailed");
    stage_end(&stage);
}

/* One run with so many allocations granted. @return whether one failed. */
static bool run_scarce(size_t granted, const char *spec)
{
    struct stage stage;
    bool failed;
    int code;

    stage_begin(&stage, spec);
    scarce_begin(granted);
    code = stage_reconcile(&stage);
    failed = scarce_end();
    if (code != 0 && code != ERROR_NO_MEMORY && code != ERROR_IO)
        CU_FAIL("a code that there is not");
    if (!failed && code != 0)
        CU_FAIL("memory was enough");
    /* What was written, was written in order. */
    if (json_member(stage.gateway.objects, "Road/t1/a1") && !json_member(stage.gateway.objects, "Lock/t1/a1"))
        CU_FAIL("a route without its protection");
    stage_end(&stage);
    return failed;
}

static void memory_that_runs_out_opens_nothing(void)
{
    static const char *const specs[] = {SECURED, "{'authentication': [{}], 'hostname': '*', 'typo': 1}"};

    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        size_t granted = 0;
        while (run_scarce(granted, specs[i]))
            granted++;
        CU_ASSERT_TRUE(granted > 20);
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"a new route waits for its protection", a_new_route_waits_for_its_protection},
        {"codes of backends become codes and reasons", codes_of_backends_become_codes_and_reasons},
        {"a protection that protects nothing has failed", a_protection_that_protects_nothing_has_failed},
        {"a live route keeps standing without its protection",
         a_live_route_keeps_standing_without_its_protection},
        {"an older protection is kept and named", an_older_protection_is_kept_and_named},
        {"a foreign route is left alone and holds everything back",
         a_foreign_route_is_left_alone_and_holds_everything_back},
        {"what the historic controller made for another Api of the name is foreign",
         an_output_of_an_api_that_was_here_before_is_foreign},
        {"a foreign protection fails closed", a_foreign_protection_fails_closed},
        {"what cannot be read is never overwritten", what_cannot_be_read_is_never_overwritten},
        {"a protection that cannot be written keeps the route back",
         a_protection_that_cannot_be_written_keeps_the_route_back},
        {"only the route fails, and the protection stays", only_the_route_fails_and_the_protection_stays},
        {"role other holds nothing back", role_other_holds_nothing_back},
        {"accepting no protection excuses no failed one", accepting_no_protection_excuses_no_failed_one},
        {"a protection that fails while it is not asked for holds nothing back",
         a_protection_that_fails_while_it_is_not_asked_for_holds_nothing_back},
        {"a status that cannot be written is counted", a_status_that_cannot_be_written_is_counted},
        {"memory that runs out opens nothing", memory_that_runs_out_opens_nothing},
        {NULL, NULL}};

    return harness_run("reconcile failures", tests);
}
