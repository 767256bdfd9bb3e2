/* SPDX-License-Identifier: Apache-2.0 */
/* Apis that are gone, or are going, or only seem to be. */
#include "controller_stage.h"
#include "harness.h"

#include "base/json.h"
#include "object/condition.h"

#include <string.h>

#define OURS(api) "'createdBy': 'apigwd', 'apiNamespace': 't1', 'apiName': '" api "'"

static void the_route_goes_first_and_the_protection_last(void)
{
    struct stage stage;

    stage_begin(&stage);
    stage_start(&stage);
    stage_api(&stage, "t1/a1", "svc1", "h1", SECURED, "");
    stage_run(&stage);
    text_clear(&stage.calls);
    stage_gone(&stage, "t1/a1");
    stage_expect(&stage, "remove Road/t1/a1\nremove Note/t1/a1\nremove Lock/t1/a1\nforget t1/a1\n");
    CU_ASSERT_EQUAL(json_object_size(stage.gateway.objects), 0);
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a1"), "?");
    CU_ASSERT_EQUAL(controller_next(stage.controller), QUEUE_NEVER);
    stage_gone(&stage, "t1/a1");
    stage_expect(&stage, "");
    stage_end(&stage);
}

static void a_route_that_stays_keeps_its_protection_and_its_status(void)
{
    struct stage stage;

    stage_begin(&stage);
    stage_start(&stage);
    stage_api(&stage, "t1/a1", "svc1", "h1", SECURED, "");
    stage_run(&stage);
    (void)json_object_set_new(stage.gateway.write_codes, "Road/t1/a1", json_integer(ERROR_IO));
    text_clear(&stage.calls);
    stage_gone(&stage, "t1/a1");
    stage_expect(&stage, "remove Road/t1/a1\nremove Note/t1/a1\n");
    CU_ASSERT_TRUE(stage_stands(&stage, "Lock/t1/a1"));
    (void)json_object_clear(stage.gateway.write_codes);
    stage.now = controller_next(stage.controller);
    stage_expect(&stage, "remove Road/t1/a1\nremove Lock/t1/a1\nforget t1/a1\n");
    stage_end(&stage);
}

static void what_was_left_by_one_that_is_gone_is_found_at_the_start(void)
{
    struct stage stage;

    stage_begin(&stage);
    stage_observe(&stage, "Road/t1/a1", OURS("a1"), "'spec': {'hosts': ['h.kyma.local'], 'to': 'svc1'}");
    stage_observe(&stage, "Lock/t1/a1", OURS("a1"), "'spec': {'services': ['svc1']}");
    (void)json_object_set_new(stage.statuses, "t1/a1", json_object());
    (void)json_object_set_new(stage.statuses, "t1/a9", json_object());
    stage_start(&stage);
    stage_api(&stage, "t1/a2", "svc1", "h", "", "");
    stage_run(&stage);
    CU_ASSERT_EQUAL(json_object_size(stage.statuses), 1);
    CU_ASSERT_FALSE(stage_stands(&stage, "Road/t1/a1"));
    CU_ASSERT_FALSE(stage_stands(&stage, "Lock/t1/a1"));
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a2"), "");
    stage_end(&stage);
}

static void what_is_not_ours_stays(void)
{
    struct stage stage;

    stage_begin(&stage);
    stage_start(&stage);
    stage_observe(&stage, "Road/t1/theirs", NULL, "'spec': {}");
    stage_observe(&stage, "Note/t1/a1", "'createdBy': 'apigwd', 'apiNamespace': 't9', 'apiName': 'a1'",
                  "'spec': {}");
    stage_observe(&stage, "Lock/t1/old",
                  "'createdBy': 'api-controller', 'apiNamespace': 't1', 'apiName': 'a1', 'apiUid': 'u9'",
                  "'spec': {'services': ['svc1']}");
    stage_api(&stage, "t1/a1", "svc1", "h1", "", "'uid': 'u1'");
    stage_run(&stage);
    stage_gone(&stage, "t1/a1");
    stage_run(&stage);
    CU_ASSERT_EQUAL(json_object_size(stage.gateway.objects), 3);
    stage_end(&stage);
}

static void what_the_historic_controller_made_is_taken_over(void)
{
    struct stage stage;

    stage_begin(&stage);
    stage_start(&stage);
    stage_observe(&stage, "Road/t1/a1",
                  "'createdBy': 'api-controller', 'apiNamespace': 't1', 'apiName': 'a1', 'apiUid': 'u1'",
                  "'spec': {'hosts': ['h1.kyma.local'], 'to': 'svc1'}");
    stage_observe(&stage, "Road/t1/a1-old",
                  "'createdBy': 'api-controller', 'apiNamespace': 't1', 'apiName': 'a1', 'apiUid': 'u1'",
                  "'spec': {'hosts': ['h1.kyma.local'], 'to': 'svc1'}");
    stage_api(&stage, "t1/a1", "svc1", "h1", "", "'uid': 'u1'");
    stage_expect(&stage, "write Note/t1/a1\nwrite Road/t1/a1\nremove Road/t1/a1-old\nreport t1/a1\n");
    CU_ASSERT_STRING_EQUAL(
        json_text_at(json_member(stage.gateway.objects, "Road/t1/a1"), "metadata.labels.createdBy"),
        "apigwd");
    stage_end(&stage);
}

static void as_long_as_the_input_is_not_whole_nothing_goes(void)
{
    struct stage stage;

    stage_begin(&stage);
    stage_start(&stage);
    stage_api(&stage, "t1/a1", "svc1", "h1", SECURED, "");
    stage_run(&stage);
    text_clear(&stage.calls);
    stage_start(&stage);
    CU_ASSERT_EQUAL(controller_set_complete(stage.controller, false, &stage.error), 0);
    stage_expect(&stage, "");
    /* Who is there is served meanwhile. */
    stage_api(&stage, "t1/a2", "svc2", "h2", "", "");
    stage_expect(&stage, "write Note/t1/a2\nwrite Road/t1/a2\nreport t1/a2\n");
    CU_ASSERT_EQUAL(controller_set_complete(stage.controller, true, &stage.error), 0);
    stage_expect(&stage, "remove Road/t1/a1\nremove Note/t1/a1\nremove Lock/t1/a1\nforget t1/a1\n");
    stage_end(&stage);
}

static void what_only_seems_to_be_gone_keeps_its_claims(void)
{
    struct stage stage;

    stage_begin(&stage);
    stage_start(&stage);
    stage_api(&stage, "t1/a1", "svc1", "h1", "", "");
    stage_run(&stage);
    stage_start(&stage);
    CU_ASSERT_EQUAL(controller_set_complete(stage.controller, false, &stage.error), 0);
    stage_api(&stage, "t1/a2", "svc2", "h1", "", "");
    stage_run(&stage);
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a2"), "HostnameInUse");
    CU_ASSERT_TRUE(stage_says(&stage, "t1/a2", "Api \"t1/a1\""));
    CU_ASSERT_EQUAL(controller_set_complete(stage.controller, true, &stage.error), 0);
    stage_run(&stage);
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a2"), "");
    stage_end(&stage);
}

static void for_one_that_leaves_nothing_is_made_and_all_goes(void)
{
    static const char leaving[] = "'deletionTimestamp': '2026-01-01T00:00:00Z'";
    struct stage stage;

    stage_begin(&stage);
    stage_start(&stage);
    stage_api(&stage, "t1/a1", "svc1", "h1", SECURED, leaving);
    stage_expect(&stage, "");
    stage_api(&stage, "t1/a2", "svc1", "h1", SECURED, "");
    stage_run(&stage);
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a2"), "");
    text_clear(&stage.calls);
    /* Also while the input is not whole: this is known. */
    CU_ASSERT_EQUAL(controller_set_complete(stage.controller, false, &stage.error), 0);
    stage_api(&stage, "t1/a2", "svc1", "h1", SECURED, leaving);
    stage_expect(&stage, "remove Road/t1/a2\nremove Note/t1/a2\nremove Lock/t1/a2\nforget t1/a2\n");
    stage_end(&stage);
}

static void what_disabled_backends_left_goes_too(void)
{
    struct stage stage;

    stage_begin(&stage);
    stage_start(&stage);
    stage_api(&stage, "t1/a1", "svc1", "h1", SECURED, "");
    stage_run(&stage);
    for (int i = 0; i < GATEWAY_BACKENDS; i++)
        gateway_disable(&stage.gateway, i);
    stage_start(&stage);
    text_clear(&stage.calls);
    stage_expect(&stage, "remove Road/t1/a1\nremove Note/t1/a1\nremove Lock/t1/a1\nforget t1/a1\n");
    stage_end(&stage);
}

static void a_restart_without_a_change_writes_nothing(void)
{
    static const char *const orders[][3] = {
        {"t1/a1", "t1/a2", "t1/a3"}, {"t1/a3", "t1/a2", "t1/a1"}, {"t1/a2", "t1/a3", "t1/a1"}};
    json_t *statuses;
    struct stage stage;

    stage_begin(&stage);
    stage_start(&stage);
    stage_api(&stage, "t1/a1", "svc1", "h1", SECURED, "");
    stage_run(&stage);
    stage_api(&stage, "t1/a2", "svc2", "h1", SECURED, "");
    stage_api(&stage, "t1/a3", "svc1", "h3", SECURED, "");
    stage_run(&stage);
    statuses = json_deep_copy(stage.statuses);
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        stage_start(&stage);
        stage.now += 100000;
        for (int j = 0; j < 3; j++)
            stage_api(&stage, orders[i][j], orders[i][j][4] == '2' ? "svc2" : "svc1",
                      orders[i][j][4] == '3' ? "h3" : "h1", SECURED, "");
        text_clear(&stage.calls);
        stage_run(&stage);
        CU_ASSERT_PTR_NULL(strstr(stage.calls.data, "write"));
        CU_ASSERT_PTR_NULL(strstr(stage.calls.data, "remove"));
        CU_ASSERT_PTR_NULL(strstr(stage.calls.data, "forget"));
        /* But for the times of conditions, which the sink carries over. */
        (void)condition_carry(json_member(stage.statuses, "t1/a1"), json_member(statuses, "t1/a1"));
        (void)condition_carry(json_member(stage.statuses, "t1/a2"), json_member(statuses, "t1/a2"));
        (void)condition_carry(json_member(stage.statuses, "t1/a3"), json_member(statuses, "t1/a3"));
        CU_ASSERT_TRUE(json_equal(stage.statuses, statuses));
    }
    json_decref(statuses);
    stage_end(&stage);
}

static int refuse_report(struct sink *sink, const char *key, const json_t *api, const json_t *status,
                         struct sink_answer *answer)
{
    (void)sink;
    (void)key;
    (void)status;
    *answer = (struct sink_answer){0};
    /* As an API server: the status of an Api that is gone has gone with it. */
    if (api)
        answer->code = error_set(&answer->error, ERROR_CONFLICT, "is not there");
    return 0;
}

static void a_status_that_never_came_into_being_is_owed_to_nobody(void)
{
    struct stage stage;

    stage_begin(&stage);
    stage.sink.report = refuse_report;
    stage_start(&stage);
    stage_api(&stage, "t1/a1", "svc1", "h1", SECURED, "");
    stage_run(&stage);
    CU_ASSERT_EQUAL(controller_unreported(stage.controller), 1);
    stage_gone(&stage, "t1/a1");
    stage_run(&stage);
    CU_ASSERT_EQUAL(json_object_size(stage.gateway.objects), 0);
    CU_ASSERT_EQUAL(controller_unreported(stage.controller), 0);
    CU_ASSERT_EQUAL(controller_kept(stage.controller), 0);
    CU_ASSERT_EQUAL(controller_next(stage.controller), QUEUE_NEVER);
    stage_end(&stage);
}

int main(void)
{
    static const struct test tests[] = {
        {"the route goes first and the protection last", the_route_goes_first_and_the_protection_last},
        {"a route that stays keeps its protection and its status",
         a_route_that_stays_keeps_its_protection_and_its_status},
        {"what was left by one that is gone is found at the start",
         what_was_left_by_one_that_is_gone_is_found_at_the_start},
        {"what is not ours stays", what_is_not_ours_stays},
        {"what the historic controller made is taken over", what_the_historic_controller_made_is_taken_over},
        {"as long as the input is not whole nothing goes", as_long_as_the_input_is_not_whole_nothing_goes},
        {"what only seems to be gone keeps its claims", what_only_seems_to_be_gone_keeps_its_claims},
        {"for one that leaves nothing is made, and all goes",
         for_one_that_leaves_nothing_is_made_and_all_goes},
        {"what disabled backends left goes too", what_disabled_backends_left_goes_too},
        {"a status that never came into being is owed to nobody",
         a_status_that_never_came_into_being_is_owed_to_nobody},
        {"a restart without a change writes nothing", a_restart_without_a_change_writes_nothing},
        {NULL, NULL}};

    return harness_run("gone", tests);
}
