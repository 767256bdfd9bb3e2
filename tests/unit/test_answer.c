/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"
#include "render_stage.h"

#include "base/json.h"
#include "reconcile/answer.h"

#include <stdio.h>
#include <string.h>

static void an_empty_answer_is_fine_without_authentication(void)
{
    static const char *const answers[] = {"[]", "null"};
    struct stage stage;

    render_stage_begin(&stage, "{}");
    for (int i = GATEWAY_LOCK; i < GATEWAY_BACKENDS; i++) {
        stage.gateway.scripts[i].answer = answers[0];
        render_stage_run(&stage, i);
        CU_ASSERT_EQUAL(stage.out.code, APIGW_OK);
        CU_ASSERT_EQUAL(stage.out.count, 0);
    }
    stage.gateway.scripts[GATEWAY_ROAD].answer = answers[1];
    render_stage_run(&stage, GATEWAY_ROAD);
    CU_ASSERT_EQUAL(stage.out.code, APIGW_INTERNAL);
    render_stage_end(&stage);
}

/* Answers that break a rule, and a part of the sentence. */
static void answers_that_break_a_rule_are_refused(void)
{
    static const struct {
        const char *answer;
        const char *part;
    } samples[] = {
        {"{}", "rendered an object, expected a list"},
        {"'x'", "rendered a string"},
        {"['x']", "resource 0 is a string, expected an object"},
        {"[" ROAD("") ", null]", "resource 1 is null"},
        {"[{}]", "resource 0 is without apiVersion without kind"},
        {"[{'apiVersion': 'test.example/v1', 'kind': 1}]", "without kind"},
        {"[{'apiVersion': 'test.example/v9', 'kind': 'Road'}]",
         "test.example/v9 Road, which is none of the kinds"},
        {"[{'apiVersion': 'v1', 'kind': 'Road'}]", "none of the kinds"},
        {"[{'apiVersion': 'test.example/v1', 'kind': 'Lock'}]", "none of the kinds"},
        {"[" ROAD(", 'status': {}") "]", "has a status"},
        {"[" ROAD(", 'metadata': []") "]", "has metadata that is a list"},
        {"[" ROAD(", 'metadata': {'uid': 'x'}") "]", "has metadata.uid"},
        {"[" ROAD(", 'metadata': {'ownerReferences': []}") "]", "has metadata.ownerReferences"},
        {"[" ROAD(", 'metadata': {'finalizers': []}") "]", "has metadata.finalizers"},
        {"[" ROAD(", 'metadata': {'labels': []}") "]", "metadata.labels that is a list"},
        {"[" ROAD(", 'metadata': {'labels': {'a': 1}}") "]", "metadata.labels.a that is an integer"},
        {"[" ROAD(", 'metadata': {'annotations': {'a': {}}}") "]",
         "metadata.annotations.a that is an object"},
        {"[" ROAD(", 'metadata': {'name': 'A'}") "]", "metadata.name \"A\""},
        {"[" ROAD(", 'metadata': {'name': ''}") "]", "metadata.name \"\""},
        {"[" ROAD(", 'metadata': {'name': '../x'}") "]", "metadata.name \"../x\""},
        {"[" ROAD(", 'metadata': {'name': 7}") "]", "no name"},
        {"[" ROAD(", 'metadata': {'namespace': 't2'}") "]", "namespace \"t2\"; expected the Api's, \"t1\""},
        {"[" ROAD(", 'metadata': {'namespace': null}") "]", "is in namespace"},
        {"[" ROAD("") ", " ROAD("") "]", "is Road \"a1\" a second time"},
        {"[" ROAD("") ", " ROAD(", 'metadata': {'name': 'a1'}") "]", "a second time"},
        {"[" ROAD(", 'spec': {'to': 'svc2'}") "]", "leads to \"svc2\"; expected Service \"svc1\""},
        {"[" ROAD(", 'spec': {'to': 'svc1.t2'}") "]", "leads to \"svc1.t2\""},
        {"[" ROAD(", 'spec': {'to': 'svc1.t1.pod'}") "]", "leads to"},
        {"[" ROAD(", 'spec': {'to': 'svc10.t1.svc'}") "]", "leads to"},
        {"[" ROAD("") ", " ROAD(", 'metadata': {'name': 'b'}, 'spec': {'to': 'x'}") "]", "leads to \"x\""},
        {"[" ROAD(", 'spec': {'hosts': ['h1.kyma.local', 'h2.kyma.local']}") "]",
         "takes host \"h2.kyma.local\""},
        {"[" ROAD(", 'spec': {'hosts': ['*']}") "]", "takes host \"*\""},
    };
    struct stage stage;

    render_stage_begin(&stage, "{}");
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        stage.gateway.scripts[GATEWAY_ROAD].answer = samples[i].answer;
        render_stage_run(&stage, GATEWAY_ROAD);
        if (stage.out.code != APIGW_INTERNAL || stage.out.count != 0 ||
            !strstr(stage.out.message, samples[i].part) ||
            !strstr(stage.out.message, "plugin road (road.so) is at fault")) {
            printf("# %s: expected %s, found %d %s\n", samples[i].answer, samples[i].part, stage.out.code,
                   stage.out.message);
            CU_FAIL("not the refusal expected");
        }
    }
    CU_PASS();
    render_stage_end(&stage);
}

static void every_way_to_write_the_service_is_taken(void)
{
    static const char *const names[] = {"svc1", "svc1.t1", "svc1.t1.svc", "svc1.t1.svc.cluster.local",
                                        "svc1.t1.svc.example.org"};
    struct stage stage;

    render_stage_begin(&stage, "{}");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char answer[256];
        (void)snprintf(answer, sizeof answer,
                       "[" ROAD(", 'spec': {'hosts': ['h1.kyma.local'], 'to': '%s'}") "]", names[i]);
        stage.gateway.scripts[GATEWAY_ROAD].answer = answer;
        render_stage_run(&stage, GATEWAY_ROAD);
        CU_ASSERT_EQUAL(stage.out.code, APIGW_OK);
    }
    render_stage_end(&stage);
}

static int32_t render_many(const struct apigw_request *request, struct apigw_result *result,
                           struct apigw_error *error)
{
    (void)request, (void)error;
    result->resources = json_array();
    for (int i = 0; i < ANSWER_OBJECTS_MAX + (request->effective->port == 81); i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "n%d", i);
        (void)json_array_append_new(result->resources,
                                    json_pack("{s:s, s:s, s:{s:s}}", "apiVersion", "test.example/v1", "kind",
                                              "Road", "metadata", "name", name));
    }
    return APIGW_OK;
}

static int32_t render_large(const struct apigw_request *request, struct apigw_result *result,
                            struct apigw_error *error)
{
    static char text[ANSWER_OBJECT_SIZE_MAX + 1];

    (void)request, (void)error;
    memset(text, 'x', sizeof text - 1);
    result->resources =
        json_pack("[{s:s, s:s, s:s}]", "apiVersion", "test.example/v1", "kind", "Road", "spec", text);
    return APIGW_OK;
}

static void numbers_and_sizes_are_bounded(void)
{
    struct stage stage;

    render_stage_begin(&stage, "{}");
    stage.gateway.scripts[GATEWAY_ROAD].render = render_many;
    render_stage_run(&stage, GATEWAY_ROAD);
    CU_ASSERT_EQUAL(stage.out.code, APIGW_OK);
    CU_ASSERT_EQUAL(stage.out.count, ANSWER_OBJECTS_MAX);
    stage.effective.api.port = 81;
    render_stage_run(&stage, GATEWAY_ROAD);
    CU_ASSERT_EQUAL(stage.out.code, APIGW_INTERNAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.out.message, "65 resources, expected at most 64"));
    stage.gateway.scripts[GATEWAY_ROAD].render = render_large;
    render_stage_run(&stage, GATEWAY_ROAD);
    CU_ASSERT_EQUAL(stage.out.code, APIGW_INTERNAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.out.message, "expected at most 1048576"));
    render_stage_end(&stage);
}

static void protections_cover_what_they_are_asked_for(void)
{
    static const struct {
        const char *answer;
        int32_t code;
        const char *part;
    } samples[] = {
        {"[]", APIGW_INTERNAL, "rendered nothing for an Api that asks for authentication"},
        {"[" LOCK("{}") "]", APIGW_INTERNAL, "protects Service \"svc0\""},
        {"[" LOCK("{'services': ['svc0', 'svc1']}") "]", APIGW_INTERNAL, "protects Service \"svc2\""},
        {"[" LOCK("{'services': ['svc0', 'svc1', 'svc2']}") "]", APIGW_INTERNAL,
         "protects host \"h0.kyma.local\""},
        {"[" LOCK("{'services': ['svc0', 'svc1', 'svc2'], 'hosts': ['h0.kyma.local', 'H1.kyma.local']}") "]",
         APIGW_INTERNAL, "protects host \"h1.kyma.local\""},
        {"[" LOCK("{'services': ['svc2', 'svc1', 'svc0'], 'hosts': ['h1.kyma.local', 'h0.kyma.local', "
                  "'more']}") "]",
         APIGW_OK, ""},
        {"[" LOCK(
             "{'services': ['svc0', 'svc1'], 'hosts': ['h0.kyma.local']}") ", {'apiVersion': "
                                                                           "'test.example/v1', 'kind': "
                                                                           "'Lock', 'metadata': {'name': "
                                                                           "'b'}, 'spec': {'services': "
                                                                           "['svc2'], 'hosts': "
                                                                           "['h1.kyma.local']}}]",
         APIGW_OK, ""}};
    static const char *const services[] = {"svc0", "svc1", "svc2", NULL};
    static const char *const hosts[] = {"h0.kyma.local", NULL};
    struct stage stage;

    render_stage_begin(&stage, JWT);
    stage.input.live_services = services;
    stage.input.live_hosts = hosts;
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        stage.gateway.scripts[GATEWAY_LOCK].answer = samples[i].answer;
        render_stage_run(&stage, GATEWAY_LOCK);
        CU_ASSERT_EQUAL(stage.out.code, samples[i].code);
        CU_ASSERT_PTR_NOT_NULL(strstr(stage.out.message, samples[i].part));
    }
    render_stage_end(&stage);
}

static void a_tree_that_holds_itself_is_refused(void)
{
    json_t *list = gateway_json("[" ROAD(", 'spec': {'part': {}}") "]");
    json_t *road = json_array_get(list, 0);
    const struct apigw_request request = {.struct_size = sizeof request};
    struct stage stage;

    render_stage_begin(&stage, "{}");
    (void)json_object_set(json_at(road, "spec.part"), "whole", road);
    stage.out.backend = &stage.gateway.backends[GATEWAY_ROAD];
    answer_check(&stage.input, &request, list, &stage.out);
    CU_ASSERT_EQUAL(stage.out.code, APIGW_INTERNAL);
    CU_ASSERT_STRING_EQUAL(
        stage.out.message,
        "plugin road (road.so) is at fault: resource 0 is nested too deeply; expected at most 64 levels");
    (void)json_object_clear(json_at(road, "spec.part"));
    json_decref(list);
    render_stage_end(&stage);
}

int main(void)
{
    static const struct test tests[] = {
        {"an empty answer is fine without authentication", an_empty_answer_is_fine_without_authentication},
        {"answers that break a rule are refused", answers_that_break_a_rule_are_refused},
        {"every way to write the Service is taken", every_way_to_write_the_service_is_taken},
        {"numbers and sizes are bounded", numbers_and_sizes_are_bounded},
        {"protections cover what they are asked for", protections_cover_what_they_are_asked_for},
        {"a tree that holds itself is refused", a_tree_that_holds_itself_is_refused},
        {NULL, NULL}};

    return harness_run("answer", tests);
}
