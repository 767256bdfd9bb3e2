/* SPDX-License-Identifier: Apache-2.0 */
/* What fails and is tried again, and what is told only after a while. */
#include "controller_stage.h"
#include "harness.h"

#include "base/json.h"

#include <string.h>

static void a_failed_step_is_tried_again_after_a_delay(void)
{
    struct stage stage;

    stage_begin(&stage);
    stage_start(&stage);
    (void)json_object_set_new(stage.gateway.write_codes, "Road/t1/a1", json_integer(ERROR_IO));
    stage_api(&stage, "t1/a1", "svc1", "h1", "", "");
    stage_expect(&stage, "write Note/t1/a1\nwrite Road/t1/a1\nreport t1/a1\n");
    CU_ASSERT_EQUAL(stage_code(&stage, "t1/a1", "road.code"), 3);
    CU_ASSERT_TRUE(controller_next(stage.controller) > stage.now);
    CU_ASSERT_TRUE(controller_next(stage.controller) <= stage.now + 250);
    stage_expect(&stage, "");
    (void)json_object_clear(stage.gateway.write_codes);
    stage.now = controller_next(stage.controller);
    stage_expect(&stage, "write Road/t1/a1\nreport t1/a1\n");
    CU_ASSERT_EQUAL(controller_next(stage.controller), QUEUE_NEVER);
    stage_end(&stage);
}

static void delays_grow_and_never_end(void)
{
    struct stage stage;
    int64_t longest = 0;

    stage_begin(&stage);
    stage_start(&stage);
    (void)json_object_set_new(stage.gateway.write_codes, "Road/t1/a1", json_integer(ERROR_IO));
    stage_api(&stage, "t1/a1", "svc1", "h1", "", "");
    for (int i = 0; i < 30; i++) {
        int64_t next;
        stage_run(&stage);
        next = controller_next(stage.controller);
        CU_ASSERT_TRUE_FATAL(next > stage.now && next <= stage.now + 300000);
        longest = next - stage.now > longest ? next - stage.now : longest;
        stage.now = next;
    }
    CU_ASSERT_TRUE(longest > 150000);
    /* A refusal that is for good is told once. */
    CU_ASSERT_PTR_NULL(strstr(strstr(stage.log_text, "api refused") + 1, "api refused"));
    stage_end(&stage);
}

/* Whatever refused them all lets one pass: the others do not sit out minutes. */
static void what_one_could_do_the_others_try(void)
{
    static const char *const places[] = {"Road/t1/a1", "Road/t1/a2", "Road/t1/a3"};
    struct stage stage;

    stage_begin(&stage);
    stage_start(&stage);
    for (int i = 0; i < 3; i++) {
        const char *key = places[i] + strlen("Road/");
        const char *name = key + strlen("t1/");
        (void)json_object_set_new(stage.gateway.write_codes, places[i], json_integer(ERROR_IO));
        stage_api(&stage, key, name, name, "", "");
    }
    while (stage.now < 2000000) {
        stage_run(&stage);
        stage.now = controller_next(stage.controller);
    }
    (void)json_object_clear(stage.gateway.write_codes);
    text_clear(&stage.calls);
    stage_run(&stage);
    for (int i = 0; i < 3; i++)
        CU_ASSERT_TRUE(stage_stands(&stage, places[i]));
    CU_ASSERT_EQUAL(controller_next(stage.controller), QUEUE_NEVER);
    stage_end(&stage);
}

/* One that keeps being refused is not tried with each success of others. */
static void what_others_can_do_is_not_tried_all_the_time(void)
{
    struct stage stage;
    int64_t due;

    stage_begin(&stage);
    stage_start(&stage);
    (void)json_object_set_new(stage.gateway.write_codes, "Road/t1/a1", json_integer(ERROR_IO));
    stage_api(&stage, "t1/a1", "s1", "h1", "", "");
    while (stage.now < 2000000) {
        stage_run(&stage);
        stage.now = controller_next(stage.controller);
    }
    stage_run(&stage);
    due = controller_next(stage.controller);
    CU_ASSERT_TRUE(due > stage.now + 60000);
    /* Another one fails once, and then does not. */
    (void)json_object_set_new(stage.gateway.write_codes, "Road/t1/a2", json_integer(ERROR_IO));
    stage_api(&stage, "t1/a2", "s2", "h2", "", "");
    stage_run(&stage);
    stage.now = controller_next(stage.controller);
    (void)json_object_del(stage.gateway.write_codes, "Road/t1/a2");
    text_clear(&stage.calls);
    stage_expect(&stage, "write Road/t1/a2\nreport t1/a2\n");
    CU_ASSERT_EQUAL(controller_next(stage.controller), due);
    /* And one that never failed. */
    stage.now += 20000;
    stage_api(&stage, "t1/a3", "s3", "h3", "", "");
    stage_expect(&stage, "write Note/t1/a3\nwrite Road/t1/a3\nreport t1/a3\n");
    CU_ASSERT_EQUAL(controller_next(stage.controller), due);
    stage_end(&stage);
}

static void a_route_without_its_protection_is_seen_to_every_five_seconds(void)
{
    struct stage stage;

    stage_begin(&stage);
    stage_start(&stage);
    stage_api(&stage, "t1/a1", "svc1", "h1", SECURED, "");
    stage_run(&stage);
    (void)json_object_set_new(stage.gateway.write_codes, "Lock/t1/a1", json_integer(ERROR_IO));
    stage_observe(&stage, "Lock/t1/a1", NULL, NULL);
    for (int i = 0; i < 20; i++) {
        stage_run(&stage);
        CU_ASSERT_TRUE_FATAL(controller_next(stage.controller) <= stage.now + 5000);
        stage.now = controller_next(stage.controller);
    }
    CU_ASSERT_EQUAL(stage_code(&stage, "t1/a1", "authenticationStatus.code"), 3);
    CU_ASSERT_TRUE(stage_stands(&stage, "Road/t1/a1"));
    (void)json_object_clear(stage.gateway.write_codes);
    text_clear(&stage.calls);
    stage_expect(&stage, "write Lock/t1/a1\nreport t1/a1\n");
    stage_end(&stage);
}

static void a_status_that_fails_is_tried_again(void)
{
    struct stage stage;

    stage_begin(&stage);
    stage_start(&stage);
    stage.gateway.report_code = ERROR_IO;
    stage_api(&stage, "t1/a1", "svc1", "h1", "", "");
    stage_expect(&stage, "write Note/t1/a1\nwrite Road/t1/a1\nreport t1/a1\n");
    CU_ASSERT_EQUAL(controller_unreported(stage.controller), 1);
    stage.now = controller_next(stage.controller);
    stage_expect(&stage, "report t1/a1\n");
    CU_ASSERT_EQUAL(controller_unreported(stage.controller), 1);
    stage.gateway.report_code = 0;
    stage.now = controller_next(stage.controller);
    stage_expect(&stage, "report t1/a1\n");
    CU_ASSERT_EQUAL(controller_unreported(stage.controller), 0);
    CU_ASSERT_EQUAL(controller_next(stage.controller), QUEUE_NEVER);
    CU_ASSERT_EQUAL(controller_writes(stage.controller), 2);
    stage_end(&stage);
}

static void a_status_that_cannot_be_forgotten_is_tried_again(void)
{
    struct stage stage;

    stage_begin(&stage);
    stage_start(&stage);
    stage_api(&stage, "t1/a1", "svc1", "h1", "", "");
    stage_run(&stage);
    stage.gateway.report_code = ERROR_IO;
    stage_gone(&stage, "t1/a1");
    text_clear(&stage.calls);
    stage_expect(&stage, "remove Road/t1/a1\nremove Note/t1/a1\nforget t1/a1\n");
    CU_ASSERT_EQUAL(controller_unreported(stage.controller), 1);
    stage.gateway.report_code = 0;
    stage.now = controller_next(stage.controller);
    stage_expect(&stage, "forget t1/a1\n");
    CU_ASSERT_EQUAL(controller_unreported(stage.controller), 0);
    CU_ASSERT_EQUAL(controller_next(stage.controller), QUEUE_NEVER);
    stage_end(&stage);
}

static void in_progress_is_told_after_two_seconds(void)
{
    struct stage stage;

    stage_begin(&stage);
    stage.options.progress_ms = 2000;
    stage_start(&stage);
    stage.gateway.scripts[GATEWAY_ROAD] = (struct script){.code = APIGW_NOT_READY, .message = "waits for X"};
    stage_api(&stage, "t1/a1", "svc1", "h1", "", "");
    stage_expect(&stage, "");
    for (int i = 0; i < 20 && controller_next(stage.controller) < 3000; i++) {
        stage.now = controller_next(stage.controller);
        stage_expect(&stage, "");
    }
    CU_ASSERT_EQUAL(controller_next(stage.controller), 3000);
    stage.now = 3000;
    stage_expect(&stage, "report t1/a1\n");
    CU_ASSERT_EQUAL(stage_code(&stage, "t1/a1", "road.code"), 1);
    CU_ASSERT_STRING_EQUAL(stage_text(&stage, "t1/a1", "road.lastError"), "waits for X");
    /* What comes in time is all that is told. */
    stage.gateway.scripts[GATEWAY_ROAD] = (struct script){0};
    stage.now = controller_next(stage.controller);
    stage_expect(&stage, "write Note/t1/a1\nwrite Road/t1/a1\nreport t1/a1\n");
    CU_ASSERT_EQUAL(controller_next(stage.controller), QUEUE_NEVER);
    stage.gateway.scripts[GATEWAY_ROAD] = (struct script){.code = APIGW_NOT_READY, .message = "waits for X"};
    stage_api(&stage, "t1/a1", "svc1", "h2", "", "");
    stage_expect(&stage, "");
    stage.gateway.scripts[GATEWAY_ROAD] = (struct script){0};
    stage.now = controller_next(stage.controller);
    stage_expect(&stage, "write Note/t1/a1\nwrite Road/t1/a1\nreport t1/a1\n");
    stage_end(&stage);
}

static void what_is_busy_is_in_progress(void)
{
    struct stage stage;

    stage_begin(&stage);
    stage_start(&stage);
    (void)json_object_set_new(stage.gateway.write_codes, "Road/t1/a1", json_integer(ERROR_BUSY));
    stage_api(&stage, "t1/a1", "svc1", "h1", "", "");
    stage_run(&stage);
    CU_ASSERT_EQUAL(stage_code(&stage, "t1/a1", "road.code"), 1);
    /* It keeps its claims: a younger one does not get them meanwhile. */
    stage_api(&stage, "t1/a2", "svc2", "h1", "", "");
    stage_run(&stage);
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a2"), "HostnameInUse");
    /* If it is no longer valid, it has nothing to keep. */
    stage_api(&stage, "t1/a1", "svc1", "*", "", "");
    stage_run(&stage);
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a2"), "");
    stage_end(&stage);
}

static void nothing_is_tried_before_the_sink_may_be_asked_again(void)
{
    struct stage stage;

    stage_begin(&stage);
    stage_start(&stage);
    stage.retry_ms = 60000;
    (void)json_object_set_new(stage.gateway.write_codes, "Road/t1/a1", json_integer(ERROR_BUSY));
    stage_api(&stage, "t1/a1", "svc1", "h1", "", "");
    stage_run(&stage);
    CU_ASSERT_TRUE(controller_next(stage.controller) > stage.now + 60000);
    CU_ASSERT_TRUE(controller_next(stage.controller) <= stage.now + 60250);
    stage_end(&stage);
}

static void what_a_commit_could_not_do_is_told_and_done_again(void)
{
    struct error why = {0};
    struct stage stage;

    stage_begin(&stage);
    stage_start(&stage);
    stage_api(&stage, "t1/a1", "svc1", "h1", "", "");
    stage_run(&stage);
    (void)error_set(&why, ERROR_IO, "the disk is full");
    stage_observe(&stage, "Road/t1/a1", NULL, NULL);
    text_clear(&stage.calls);
    CU_ASSERT_EQUAL(controller_failed("t1/a1", &why, stage.controller, &stage.error), 0);
    CU_ASSERT_TRUE(
        stage_logged(&stage, "msg=\"write not done\" cluster=c1 api=t1/a1 error=\"the disk is full\""));
    /* It is told before it is tried again. */
    stage_expect(&stage, "report t1/a1\n");
    CU_ASSERT_TRUE(stage_says(&stage, "t1/a1", "the disk is full"));
    stage.now = controller_next(stage.controller);
    stage_expect(&stage, "write Road/t1/a1\nreport t1/a1\n");
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a1"), "");
    stage_end(&stage);
}

/* It was observed anew, which the next plan counts on. */
static void what_a_commit_met_is_not_told_at_first(void)
{
    struct error why = {0};
    struct stage stage;

    stage_begin(&stage);
    stage_start(&stage);
    stage_api(&stage, "t1/a1", "svc1", "h1", "", "");
    stage_run(&stage);
    (void)error_set(&why, ERROR_CONFLICT, "was changed by somebody else meanwhile");
    for (int i = 0; i < 3; i++) {
        stage_observe(&stage, "Road/t1/a1", NULL, NULL);
        text_clear(&stage.calls);
        CU_ASSERT_EQUAL(controller_failed("t1/a1", &why, stage.controller, &stage.error), 0);
        stage_expect(&stage, "write Road/t1/a1\nreport t1/a1\n");
        CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a1"), "");
    }
    stage_observe(&stage, "Road/t1/a1", NULL, NULL);
    text_clear(&stage.calls);
    CU_ASSERT_EQUAL(controller_failed("t1/a1", &why, stage.controller, &stage.error), 0);
    stage_expect(&stage, "report t1/a1\n");
    CU_ASSERT_TRUE(stage_says(&stage, "t1/a1", "was changed by somebody else meanwhile"));
    stage_end(&stage);
}

static void nothing_is_decided_before_everything_was_said(void)
{
    struct stage stage;

    stage_begin(&stage);
    CU_ASSERT_EQUAL_FATAL(controller_new(&stage.options, &stage.controller, &stage.error), 0);
    stage_api(&stage, "t1/a1", "svc1", "h1", "", "");
    stage_expect(&stage, "");
    CU_ASSERT_EQUAL(controller_next(stage.controller), QUEUE_NEVER);
    CU_ASSERT_EQUAL(controller_set_complete(stage.controller, true, &stage.error), 0);
    stage_expect(&stage, "");
    CU_ASSERT_EQUAL(controller_next(stage.controller), QUEUE_NEVER);
    controller_set_observed(stage.controller, true);
    stage_expect(&stage, "write Note/t1/a1\nwrite Road/t1/a1\nreport t1/a1\n");
    stage_end(&stage);
}

int main(void)
{
    static const struct test tests[] = {
        {"a failed step is tried again after a delay", a_failed_step_is_tried_again_after_a_delay},
        {"delays grow and never end", delays_grow_and_never_end},
        {"what one could do the others try", what_one_could_do_the_others_try},
        {"what others can do is not tried all the time", what_others_can_do_is_not_tried_all_the_time},
        {"a route without its protection is seen to every five seconds",
         a_route_without_its_protection_is_seen_to_every_five_seconds},
        {"a status that fails is tried again", a_status_that_fails_is_tried_again},
        {"a status that cannot be forgotten is tried again",
         a_status_that_cannot_be_forgotten_is_tried_again},
        {"in progress is told after two seconds", in_progress_is_told_after_two_seconds},
        {"what is busy is in progress", what_is_busy_is_in_progress},
        {"nothing is tried before the sink may be asked again",
         nothing_is_tried_before_the_sink_may_be_asked_again},
        {"what a commit could not do is told and done again",
         what_a_commit_could_not_do_is_told_and_done_again},
        {"what a commit met is not told at first", what_a_commit_met_is_not_told_at_first},
        {"nothing is decided before everything was said", nothing_is_decided_before_everything_was_said},
        {NULL, NULL}};

    return harness_run("retry", tests);
}
