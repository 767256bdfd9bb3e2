/* SPDX-License-Identifier: Apache-2.0 */
/* Sinks that answer later. */
#include "controller_stage.h"
#include "harness.h"

#include "base/json.h"

#include <string.h>

#define CREATED(time) "'creationTimestamp': '" time "'"

static void begin(struct stage *stage)
{
    stage_begin(stage);
    stage->pending = true;
    stage_start(stage);
}

static void a_step_waits_for_the_answer_to_the_one_before(void)
{
    struct stage stage;

    begin(&stage);
    stage_api(&stage, "t1/a1", "svc1", "h1", SECURED, "");
    stage_expect(&stage, "write Lock/t1/a1\n");
    stage_expect(&stage, "");
    CU_ASSERT_TRUE(stage_answer(&stage, "t1/a1"));
    stage_expect(&stage, "write Note/t1/a1\n");
    CU_ASSERT_TRUE(stage_answer(&stage, "t1/a1"));
    stage_expect(&stage, "write Road/t1/a1\n");
    CU_ASSERT_TRUE(stage_answer(&stage, "t1/a1"));
    stage_expect(&stage, "report t1/a1\n");
    CU_ASSERT_TRUE(stage_answer(&stage, "t1/a1"));
    stage_expect(&stage, "");
    CU_ASSERT_FALSE(stage_answer(&stage, "t1/a1"));
    CU_ASSERT_EQUAL(controller_writes(stage.controller), 3);
    CU_ASSERT_EQUAL(controller_next(stage.controller), QUEUE_NEVER);
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a1"), "");
    stage_end(&stage);
}

/* Answers the steps one after the other. @return how many there were, before nothing was left to do. */
static int answer_each(struct stage *stage)
{
    int steps = 0;

    stage_run(stage);
    while (stage_answer(stage, "t1/a1"))
        steps++;
    CU_ASSERT_EQUAL(controller_next(stage->controller), QUEUE_NEVER);
    return steps;
}

/* A watch may be faster than the answer: what it tells is what was wanted, and is no reason to begin again.
 */
static void what_a_step_did_may_be_seen_before_its_answer(void)
{
    struct stage stage;

    begin(&stage);
    stage.seen_first = true;
    stage_api(&stage, "t1/a1", "svc1", "h1", SECURED, "");
    CU_ASSERT_EQUAL(answer_each(&stage), 4);
    stage_api(&stage, "t1/a1", "svc1", "h2", SECURED, "");
    CU_ASSERT_EQUAL(answer_each(&stage), 5);
    stage_gone(&stage, "t1/a1");
    CU_ASSERT_EQUAL(answer_each(&stage), 4);
    CU_ASSERT_EQUAL(controller_writes(stage.controller), 10);
    CU_ASSERT_FALSE(stage_stands(&stage, "Road/t1/a1") || stage_stands(&stage, "Lock/t1/a1"));
    stage_end(&stage);
}

/* What the server made of it is no reason either: a server that keeps no empty lists, say. */
static void what_a_server_leaves_out_may_be_seen_before_the_answer(void)
{
    struct stage stage;

    begin(&stage);
    stage.seen_first = true;
    stage.leaves_out = true;
    stage_api(&stage, "t1/a1", "svc1", "h1", SECURED, "");
    stage_answer_all(&stage);
    stage_expect(&stage, "write Lock/t1/a1\nwrite Note/t1/a1\nwrite Road/t1/a1\nreport t1/a1\n");
    CU_ASSERT_EQUAL(controller_writes(stage.controller), 3);
    CU_ASSERT_EQUAL(controller_next(stage.controller), QUEUE_NEVER);
    stage_api(&stage, "t1/a1", "svc1", "h2", SECURED, "");
    stage_answer_all(&stage);
    stage_expect(&stage, "write Lock/t1/a1\nwrite Note/t1/a1\nwrite Road/t1/a1\nwrite Lock/t1/a1\n"
                         "report t1/a1\n");
    CU_ASSERT_EQUAL(controller_writes(stage.controller), 7);
    CU_ASSERT_EQUAL(controller_next(stage.controller), QUEUE_NEVER);
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a1"), "");
    /* The watch begins anew, and tells of all of it again. */
    stage_look(&stage, "Lock/t1/a1");
    stage_look(&stage, "Road/t1/a1");
    stage_expect(&stage, "");
    stage_end(&stage);
}

/* And it may be all that ever comes. */
static void what_was_seen_counts_if_the_answer_is_lost(void)
{
    struct stage stage;

    begin(&stage);
    stage.seen_first = true;
    stage.loses_answer = true;
    stage_api(&stage, "t1/a1", "svc1", "h1", "", "");
    stage_run(&stage);
    CU_ASSERT_TRUE(stage_answer(&stage, "t1/a1"));
    stage.loses_answer = false;
    while (stage_answer(&stage, "t1/a1"))
        continue;
    CU_ASSERT_TRUE(stage_stands(&stage, "Note/t1/a1") && stage_stands(&stage, "Road/t1/a1"));
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a1"), "WriteFailed");
    text_clear(&stage.calls);
    stage.now = controller_next(stage.controller);
    stage_expect(&stage, "report t1/a1\n");
    (void)stage_answer(&stage, "t1/a1");
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a1"), "");
    CU_ASSERT_EQUAL(controller_next(stage.controller), QUEUE_NEVER);
    stage_end(&stage);
}

static void keys_go_on_in_any_order_of_answers(void)
{
    static const char *const keys[] = {"t1/a1", "t1/a2", "t1/a3", "t1/a4"};

    for (unsigned seed = 0; seed < 50; seed++) {
        struct stage stage;
        unsigned random = seed * 2654435761U + 1;
        begin(&stage);
        for (size_t i = 0; i < 4; i++) {
            char service[8];
            char host[8];
            (void)snprintf(service, sizeof service, "s%zu", i);
            (void)snprintf(host, sizeof host, "h%zu", i);
            stage_api(&stage, keys[i], service, host, i % 2 == 0 ? SECURED : "", "");
        }
        stage_run(&stage);
        for (int i = 0; i < 200 && stage.waiting_count > 0; i++) {
            random = random * 1664525U + 1013904223U;
            (void)stage_answer(&stage, keys[random >> 30]);
            stage_run(&stage);
        }
        CU_ASSERT_EQUAL(stage.waiting_count, 0);
        CU_ASSERT_EQUAL(controller_writes(stage.controller), 10);
        for (size_t i = 0; i < 4; i++)
            CU_ASSERT_STRING_EQUAL(stage_reason(&stage, keys[i]), "");
        stage_end(&stage);
    }
}

static void nothing_is_taken_from_under_a_job(void)
{
    struct stage stage;

    begin(&stage);
    stage_api(&stage, "t1/a2", "svc2", "h", "", CREATED("2021-01-01T00:00:00Z"));
    stage_run(&stage);
    /* An older one comes while nothing of the younger one stands yet, and one that wants its Service. */
    stage_api(&stage, "t1/a1", "svc1", "h", "", CREATED("2020-01-01T00:00:00Z"));
    stage_api(&stage, "t1/a0", "svc2", "h0", "", CREATED("2020-01-01T00:00:00Z"));
    stage_answer_all(&stage);
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a2"), "");
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a1"), "HostnameInUse");
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a0"), "ServiceInUse");
    CU_ASSERT_TRUE(stage_says(&stage, "t1/a1", "Api \"t1/a2\""));
    CU_ASSERT_TRUE(stage_says(&stage, "t1/a0", "Api \"t1/a2\""));
    stage_end(&stage);
}

/* What was answered is done; what was still to come of the old plan is not. */
static void an_edit_while_a_job_waits_ends_its_plan(void)
{
    struct stage stage;

    begin(&stage);
    stage_api(&stage, "t1/a1", "svc1", "h1", "", "");
    stage_expect(&stage, "write Note/t1/a1\n");
    stage_api(&stage, "t1/a1", "svc1", "h2", "", "");
    stage_expect(&stage, "");
    (void)stage_answer(&stage, "t1/a1");
    stage_expect(&stage, "write Note/t1/a1\n");
    stage_answer_all(&stage);
    CU_ASSERT_STRING_EQUAL(json_text_at(json_member(stage.gateway.objects, "Note/t1/a1"), "spec.host"),
                           "h2.kyma.local");
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a1"), "");
    CU_ASSERT_EQUAL(controller_next(stage.controller), QUEUE_NEVER);
    stage_end(&stage);
}

static void an_api_that_goes_while_a_job_waits_leaves_nothing(void)
{
    for (int answers = 0; answers < 4; answers++) {
        struct stage stage;
        begin(&stage);
        stage_api(&stage, "t1/a1", "svc1", "h1", SECURED, "");
        stage_run(&stage);
        for (int i = 0; i < answers; i++)
            (void)stage_answer(&stage, "t1/a1");
        stage_gone(&stage, "t1/a1");
        stage_answer_all(&stage);
        CU_ASSERT_EQUAL(json_object_size(stage.gateway.objects), 0);
        CU_ASSERT_EQUAL(json_object_size(stage.statuses), 0);
        CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a1"), "?");
        stage_end(&stage);
    }
}

static void an_edit_that_is_wrong_while_a_job_waits_says_what_is_wrong(void)
{
    struct stage stage;

    begin(&stage);
    stage_api(&stage, "t1/a1", "svc1", "h1", "", "");
    stage_run(&stage);
    stage_api(&stage, "t1/a1", "svc1", "*", "", "");
    stage_answer_all(&stage);
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a1"), "Invalid");
    CU_ASSERT_TRUE(stage_says(&stage, "t1/a1", "spec.hostname"));
    CU_ASSERT_PTR_NOT_NULL(strstr(stage_text(&stage, "t1/a1", "road.lastError"), "spec.hostname"));
    stage_end(&stage);
}

/* The older one is busy, and asks for something new: the younger one waits for what comes of that. */
static void whoever_waits_for_a_busy_api_does_not_spin(void)
{
    struct stage stage;

    begin(&stage);
    stage_api(&stage, "t1/a1", "svc1", "h1", "", CREATED("2020-01-01T00:00:00Z"));
    stage_run(&stage);
    stage_api(&stage, "t1/a1", "svc1", "h2", "", CREATED("2020-01-01T00:00:00Z"));
    stage_api(&stage, "t1/a2", "svc2", "h2", "", CREATED("2021-01-01T00:00:00Z"));
    stage_api(&stage, "t1/a3", "svc2", "h3", "", CREATED("2022-01-01T00:00:00Z"));
    stage_run(&stage);
    stage_answer_all(&stage);
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a1"), "");
    /* The second one lost its host, so that the third one has the Service that both ask for. */
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a2"), "ServiceInUse");
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a3"), "");
    stage_end(&stage);
}

static void a_busy_api_that_turns_away_lets_others_in(void)
{
    static const char *const services[] = {"svc1", "BAD", "held"};

    for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
        struct stage stage;
        begin(&stage);
        stage_api(&stage, "t1/a0", "held", "h0", "", "");
        stage_answer_all(&stage);
        stage_api(&stage, "t1/a1", "svc1", "h1", "", CREATED("2020-01-01T00:00:00Z"));
        stage_run(&stage);
        stage_api(&stage, "t1/a1", services[i], "h2", "", CREATED("2020-01-01T00:00:00Z"));
        stage_api(&stage, "t1/a2", "svc2", "h2", "", CREATED("2021-01-01T00:00:00Z"));
        stage_run(&stage);
        if (i == 0)
            stage_api(&stage, "t1/a1", "svc1", "h3", "", CREATED("2020-01-01T00:00:00Z"));
        stage_answer_all(&stage);
        CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a2"), "");
        stage_end(&stage);
    }
}

static void a_controller_with_jobs_in_flight_is_dropped_whole(void)
{
    struct stage stage;

    begin(&stage);
    stage_api(&stage, "t1/a1", "svc1", "h1", SECURED, "");
    stage_api(&stage, "t1/a2", "svc2", "h2", "", "");
    stage_run(&stage);
    (void)stage_answer(&stage, "t1/a2");
    CU_ASSERT_EQUAL(stage.waiting_count, 2);
    stage_end(&stage);
}

static void an_answer_that_nobody_waits_for_is_passed_over(void)
{
    struct stage stage;
    const struct sink_answer answer = {0};

    begin(&stage);
    CU_ASSERT_EQUAL(controller_answer(stage.controller, "t1/a1", &answer, (struct moment){0}, NULL), 0);
    stage_api(&stage, "t1/a1", "svc1", "h1", "", "");
    CU_ASSERT_EQUAL(controller_answer(stage.controller, "t1/a1", &answer, (struct moment){0}, NULL), 0);
    stage_expect(&stage, "write Note/t1/a1\n");
    stage_answer_all(&stage);
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a1"), "");
    stage_end(&stage);
}

/* Somebody changed what stands there between our look and our write. */
static void a_conflict_is_looked_at_again(void)
{
    struct stage stage;

    begin(&stage);
    stage_api(&stage, "t1/a1", "svc1", "h1", "", "");
    stage_run(&stage);
    (void)stage_answer(&stage, "t1/a1");
    /* A Road of somebody else's has just been made. */
    (void)json_object_set_new(stage.gateway.objects, "Road/t1/a1",
                              gateway_json("{'metadata': {'name': 'a1', 'namespace': 't1'}, 'spec': {}}"));
    (void)stage_answer(&stage, "t1/a1");
    stage_observe(&stage, "Road/t1/a1", NULL, "'spec': {}");
    stage_answer_all(&stage);
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a1"), "NotOwned");
    CU_ASSERT_FALSE(stage_logged(&stage, "WriteFailed"));
    stage_end(&stage);
}

int main(void)
{
    static const struct test tests[] = {
        {"a step waits for the answer to the one before", a_step_waits_for_the_answer_to_the_one_before},
        {"what a step did may be seen before its answer", what_a_step_did_may_be_seen_before_its_answer},
        {"what a server leaves out may be seen before the answer",
         what_a_server_leaves_out_may_be_seen_before_the_answer},
        {"what was seen counts if the answer is lost", what_was_seen_counts_if_the_answer_is_lost},
        {"keys go on in any order of answers", keys_go_on_in_any_order_of_answers},
        {"nothing is taken from under a job", nothing_is_taken_from_under_a_job},
        {"an edit while a job waits ends its plan", an_edit_while_a_job_waits_ends_its_plan},
        {"an Api that goes while a job waits leaves nothing",
         an_api_that_goes_while_a_job_waits_leaves_nothing},
        {"an edit that is wrong while a job waits says what is wrong",
         an_edit_that_is_wrong_while_a_job_waits_says_what_is_wrong},
        {"a controller with jobs in flight is dropped whole",
         a_controller_with_jobs_in_flight_is_dropped_whole},
        {"an answer that nobody waits for is passed over", an_answer_that_nobody_waits_for_is_passed_over},
        {"a conflict is looked at again", a_conflict_is_looked_at_again},
        {"a busy Api that turns away lets others in", a_busy_api_that_turns_away_lets_others_in},
        {"whoever waits for a busy Api does not spin", whoever_waits_for_a_busy_api_does_not_spin},
        {NULL, NULL}};

    return harness_run("pending", tests);
}
