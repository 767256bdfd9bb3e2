/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway.h"
#include "harness.h"

#include "base/json.h"
#include "object/owner.h"
#include "reconcile/answer.h"
#include "reconcile/render.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROAD(more) "{'apiVersion': 'test.example/v1', 'kind': 'Road'" more "}"
#define LOCK(spec) "{'apiVersion': 'test.example/v1', 'kind': 'Lock', 'spec': " spec "}"

/* What a rendering needs, and its result. */
struct stage {
    struct gateway gateway;
    struct store *store;
    json_t *api;
    struct effective effective;
    struct render_input input;
    struct rendering out;
};

static void put(struct stage *stage, const char *kind, const char *text)
{
    json_t *object = gateway_json(text);
    const struct event event = {.object = object, .item = -1};

    CU_ASSERT_EQUAL_FATAL(store_put(stage->store, store_kind(stage->store, "test.example", kind), &event), 0);
    json_decref(object);
}

static void begin(struct stage *stage, const char *spec)
{
    json_t *over = gateway_json(spec);

    *stage = (struct stage){0};
    gateway_init(&stage->gateway);
    stage->store = store_new();
    (void)store_add_index(stage->store, store_add_kind(stage->store, "test.example", "Lock"),
                          "spec.services[]", STORE_FORM_PLAIN);
    (void)store_add_index(stage->store, store_add_kind(stage->store, "test.example", "Road"), "spec.to",
                          STORE_FORM_SERVICE_DNS);
    stage->api = gateway_json(
        "{'apiVersion': 'x/v1', 'kind': 'Api', 'metadata': {'name': 'a1', 'namespace': 't1', "
        "'uid': 'u1', 'resourceVersion': '5'}, 'spec': {'service': {'name': 'svc1', 'port': 80}, "
        "'hostname': 'h1'}, 'status': {'validationStatus': 2}}");
    (void)json_object_update(json_member(stage->api, "spec"), over);
    json_decref(over);
    CU_ASSERT_EQUAL_FATAL(effective_make(stage->api, &stage->gateway.settings, &stage->effective, NULL), 0);
    stage->input = (struct render_input){.api = stage->api,
                                         .store_has_outputs = true,
                                         .effective = &stage->effective,
                                         .settings = &stage->gateway.settings,
                                         .store = stage->store};
}

static void end(struct stage *stage)
{
    rendering_release(&stage->out);
    effective_release(&stage->effective);
    json_decref(stage->api);
    store_free(stage->store);
    gateway_release(&stage->gateway);
}

static void render(struct stage *stage, int backend)
{
    rendering_release(&stage->out);
    render_backend(&stage->gateway.backends[backend], &stage->input, &stage->out);
}

#define JWT "{'authentication': [{'type': 'JWT', 'jwt': {'issuer': 'i', 'jwksUri': 'https://h/k'}}]}"

static void outputs_get_name_namespace_and_labels(void)
{
    struct stage stage;
    const struct output *output;

    begin(&stage, "{}");
    render(&stage, GATEWAY_ROAD);
    CU_ASSERT_EQUAL(stage.out.code, APIGW_OK);
    CU_ASSERT_STRING_EQUAL(stage.out.message, "");
    CU_ASSERT_EQUAL_FATAL(stage.out.count, 1);
    output = &stage.out.outputs[0];
    CU_ASSERT_STRING_EQUAL(output->ref.group, "test.example");
    CU_ASSERT_STRING_EQUAL(output->ref.version, "v1");
    CU_ASSERT_STRING_EQUAL(output->ref.kind, "Road");
    CU_ASSERT_STRING_EQUAL(output->ref.plural, "roads");
    CU_ASSERT_STRING_EQUAL(output->ref.name_space, "t1");
    CU_ASSERT_STRING_EQUAL(output->ref.name, "a1");
    CU_ASSERT_TRUE(owner_is_of(output->object, stage.api, &stage.gateway.settings));
    CU_ASSERT_STRING_EQUAL(json_text_at(output->object, "metadata.labels.apiUid"), "u1");
    CU_ASSERT_STRING_EQUAL(json_text_at(output->object, "spec.to"), "svc1.t1.svc.cluster.local");
    end(&stage);
    rendering_release(NULL);
}

static void a_plugins_own_name_and_labels_are_kept(void)
{
    struct stage stage;

    begin(&stage, "{}");
    stage.gateway.scripts[GATEWAY_ROAD].answer =
        "[{'apiVersion': 'test.example/v2', 'kind': 'Road', 'metadata': {'name': 'other.name', 'namespace': "
        "'t1', "
        "'labels': {'mine': 'x', 'createdBy': 'me'}, 'annotations': {'note': 'y'}}}]";
    render(&stage, GATEWAY_ROAD);
    CU_ASSERT_EQUAL_FATAL(stage.out.count, 1);
    CU_ASSERT_STRING_EQUAL(stage.out.outputs[0].ref.name, "other.name");
    CU_ASSERT_STRING_EQUAL(stage.out.outputs[0].ref.version, "v2");
    CU_ASSERT_STRING_EQUAL(json_text_at(stage.out.outputs[0].object, "metadata.labels.mine"), "x");
    CU_ASSERT_STRING_EQUAL(json_text_at(stage.out.outputs[0].object, "metadata.labels.createdBy"), "apigwd");
    CU_ASSERT_STRING_EQUAL(json_text_at(stage.out.outputs[0].object, "metadata.annotations.note"), "y");
    end(&stage);
}

static void an_empty_answer_is_fine_without_authentication(void)
{
    static const char *const answers[] = {"[]", "null"};
    struct stage stage;

    begin(&stage, "{}");
    for (int i = GATEWAY_LOCK; i < GATEWAY_BACKENDS; i++) {
        stage.gateway.scripts[i].answer = answers[0];
        render(&stage, i);
        CU_ASSERT_EQUAL(stage.out.code, APIGW_OK);
        CU_ASSERT_EQUAL(stage.out.count, 0);
    }
    stage.gateway.scripts[GATEWAY_ROAD].answer = answers[1];
    render(&stage, GATEWAY_ROAD);
    CU_ASSERT_EQUAL(stage.out.code, APIGW_INTERNAL);
    end(&stage);
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

    begin(&stage, "{}");
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        stage.gateway.scripts[GATEWAY_ROAD].answer = samples[i].answer;
        render(&stage, GATEWAY_ROAD);
        if (stage.out.code != APIGW_INTERNAL || stage.out.count != 0 ||
            !strstr(stage.out.message, samples[i].part) ||
            !strstr(stage.out.message, "plugin road is at fault")) {
            printf("# %s: expected %s, found %d %s\n", samples[i].answer, samples[i].part, stage.out.code,
                   stage.out.message);
            CU_FAIL("not the refusal expected");
        }
    }
    CU_PASS();
    end(&stage);
}

static void every_way_to_write_the_service_is_taken(void)
{
    static const char *const names[] = {"svc1", "svc1.t1", "svc1.t1.svc", "svc1.t1.svc.cluster.local",
                                        "svc1.t1.svc.example.org"};
    struct stage stage;

    begin(&stage, "{}");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char answer[256];
        (void)snprintf(answer, sizeof answer,
                       "[" ROAD(", 'spec': {'hosts': ['h1.kyma.local'], 'to': '%s'}") "]", names[i]);
        stage.gateway.scripts[GATEWAY_ROAD].answer = answer;
        render(&stage, GATEWAY_ROAD);
        CU_ASSERT_EQUAL(stage.out.code, APIGW_OK);
    }
    end(&stage);
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

    begin(&stage, "{}");
    stage.gateway.scripts[GATEWAY_ROAD].render = render_many;
    render(&stage, GATEWAY_ROAD);
    CU_ASSERT_EQUAL(stage.out.code, APIGW_OK);
    CU_ASSERT_EQUAL(stage.out.count, ANSWER_OBJECTS_MAX);
    stage.effective.api.port = 81;
    render(&stage, GATEWAY_ROAD);
    CU_ASSERT_EQUAL(stage.out.code, APIGW_INTERNAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.out.message, "65 resources, expected at most 64"));
    stage.gateway.scripts[GATEWAY_ROAD].render = render_large;
    render(&stage, GATEWAY_ROAD);
    CU_ASSERT_EQUAL(stage.out.code, APIGW_INTERNAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.out.message, "expected at most 1048576"));
    end(&stage);
}

static void refusals_pass_with_their_text(void)
{
    static const struct {
        int32_t code;
        const char *message;
        int32_t expected;
        const char *text;
    } samples[] = {{APIGW_INVALID, "no", APIGW_INVALID, "no"},
                   {APIGW_CONFLICT, "taken by x", APIGW_CONFLICT, "taken by x"},
                   {APIGW_NOT_READY, "wait", APIGW_NOT_READY, "wait"},
                   {APIGW_NO_MEMORY, "none", APIGW_NO_MEMORY, "none"},
                   {APIGW_INTERNAL, "bug", APIGW_INTERNAL, "bug"},
                   {APIGW_CONFLICT, "", APIGW_CONFLICT, "plugin road refused and gave no reason"},
                   {APIGW_CONFLICT, "a\x1b[1m\nb\xc3", APIGW_CONFLICT, "a?[1m b?"},
                   {6, "x", APIGW_INTERNAL, "plugin road is at fault: it returned 6, which is no code"},
                   {-1, "x", APIGW_INTERNAL, "plugin road is at fault: it returned -1, which is no code"}};
    struct stage stage;

    begin(&stage, "{}");
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        stage.gateway.scripts[GATEWAY_ROAD].code = samples[i].code;
        stage.gateway.scripts[GATEWAY_ROAD].message = samples[i].message;
        stage.gateway.scripts[GATEWAY_ROAD].path = "spec.\n";
        render(&stage, GATEWAY_ROAD);
        CU_ASSERT_EQUAL(stage.out.code, samples[i].expected);
        CU_ASSERT_STRING_EQUAL(stage.out.message, samples[i].text);
        CU_ASSERT_STRING_EQUAL(stage.out.path, samples[i].code < 0 || samples[i].code > 5 ? "" : "spec. ");
    }
    end(&stage);
}

static int32_t render_and_refuse(const struct apigw_request *request, struct apigw_result *result,
                                 struct apigw_error *error)
{
    (void)request;
    result->resources = json_pack("[{}]");
    memset(error->message, 'x', sizeof error->message);
    memset(error->path, 'y', sizeof error->path);
    return APIGW_INVALID;
}

static void what_stands_beside_a_refusal_is_dropped(void)
{
    struct stage stage;

    begin(&stage, "{}");
    stage.gateway.scripts[GATEWAY_ROAD].render = render_and_refuse;
    render(&stage, GATEWAY_ROAD);
    CU_ASSERT_EQUAL(stage.out.code, APIGW_INVALID);
    CU_ASSERT_EQUAL(stage.out.count, 0);
    CU_ASSERT_EQUAL(strlen(stage.out.message), sizeof stage.out.message - 1);
    CU_ASSERT_EQUAL(strlen(stage.out.path), sizeof stage.out.path - 1);
    end(&stage);
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

    begin(&stage, JWT);
    stage.input.live_services = services;
    stage.input.live_hosts = hosts;
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        stage.gateway.scripts[GATEWAY_LOCK].answer = samples[i].answer;
        render(&stage, GATEWAY_LOCK);
        CU_ASSERT_EQUAL(stage.out.code, samples[i].code);
        CU_ASSERT_PTR_NOT_NULL(strstr(stage.out.message, samples[i].part));
    }
    end(&stage);
}

static void what_is_to_be_protected_is_sorted_and_stands_once(void)
{
    static const char *const services[] = {"a", "svc1", "z", NULL};
    static const char *const hosts[] = {"h1.kyma.local", "i.kyma.local", NULL};
    struct text asked = text_empty();
    struct stage stage;

    begin(&stage, JWT);
    stage.gateway.scripts[GATEWAY_LOCK].asked = &asked;
    render(&stage, GATEWAY_LOCK);
    CU_ASSERT_EQUAL(stage.out.code, APIGW_OK);
    stage.input.live_services = services;
    stage.input.live_hosts = hosts;
    render(&stage, GATEWAY_LOCK);
    CU_ASSERT_EQUAL(stage.out.code, APIGW_OK);
    CU_ASSERT_STRING_EQUAL(asked.data, "svc1|h1.kyma.local a,svc1,z|h1.kyma.local,i.kyma.local ");
    end(&stage);
    text_clear(&asked);
    begin(&stage, "{}");
    stage.input.live_services = services;
    stage.gateway.scripts[GATEWAY_ROAD].asked = &asked;
    render(&stage, GATEWAY_ROAD);
    CU_ASSERT_STRING_EQUAL(asked.data, "| ");
    end(&stage);
    text_release(&asked);
}

static int32_t render_spoiling(const struct apigw_request *request, struct apigw_result *result,
                               struct apigw_error *error)
{
    json_t *spec = json_member(request->api, "spec");

    (void)result, (void)error;
    CU_ASSERT_PTR_NULL(json_member(request->api, "status"));
    CU_ASSERT_STRING_EQUAL(json_text_at(request->api, "metadata.uid"), "u1");
    (void)json_object_clear(spec);
    return APIGW_OK;
}

static void a_plugin_sees_no_status_and_cannot_spoil_the_api(void)
{
    struct stage stage;
    char *before;
    char *after;

    begin(&stage, "{}");
    before = json_canonical(stage.api);
    stage.gateway.scripts[GATEWAY_ROAD].render = render_spoiling;
    render(&stage, GATEWAY_ROAD);
    after = json_canonical(stage.api);
    CU_ASSERT_STRING_EQUAL(before, after);
    free(before);
    free(after);
    end(&stage);
}

static int32_t render_finding(const struct apigw_request *request, struct apigw_result *result,
                              struct apigw_error *error)
{
    const json_t *locks = request->find(request, 0, "svc1");
    const json_t *none = request->find(request, 0, "nobody");
    const json_t *roads = request->find(request, 1, "t1/svc1");

    (void)result;
    if (request->find(request, 0, "svc1") != locks)
        return apigw_fail(error, APIGW_INTERNAL, "", "asked twice, answered twice");
    return apigw_fail(error, APIGW_CONFLICT, "", "%zu locks (%s), %zu, %zu roads (%s, %s)",
                      json_array_size(locks), json_text_at(json_array_get(locks, 0), "metadata.name"),
                      json_array_size(none), json_array_size(roads),
                      json_text_at(json_array_get(roads, 0), "metadata.namespace"),
                      json_text_at(json_array_get(roads, 1), "metadata.namespace"));
}

static void put_related(struct stage *stage)
{
    put(stage, "Lock",
        "{'apiVersion': 'test.example/v1', 'kind': 'Lock', 'metadata': {'name': 'theirs', 'namespace': "
        "'t1'}, 'spec': {'services': ['svc1', 'svc1', 'x']}}");
    put(stage, "Lock",
        "{'apiVersion': 'test.example/v1', 'kind': 'Lock', 'metadata': {'name': 'far', 'namespace': "
        "'t2'}, 'spec': {'services': ['svc1']}}");
    put(stage, "Lock",
        "{'apiVersion': 'test.example/v1', 'kind': 'Lock', 'metadata': {'name': 'ours', 'namespace': "
        "'t1', 'labels': {'createdBy': 'apigwd', 'apiName': 'a9', 'apiNamespace': 't1'}}, 'spec': "
        "{'services': ['svc1']}}");
    put(stage, "Road",
        "{'apiVersion': 'test.example/v1', 'kind': 'Road', 'metadata': {'name': 'r', 'namespace': 't2'}, "
        "'spec': {'to': 'svc1.t1.svc.cluster.local'}}");
    put(stage, "Road",
        "{'apiVersion': 'test.example/v1', 'kind': 'Road', 'metadata': {'name': 'r', 'namespace': 't1'}, "
        "'spec': {'to': 'svc1'}}");
}

static void find_answers_from_the_index_and_passes_ours_over(void)
{
    struct stage stage;

    begin(&stage, "{}");
    put_related(&stage);
    stage.gateway.scripts[GATEWAY_ROAD].render = render_finding;
    render(&stage, GATEWAY_ROAD);
    CU_ASSERT_STRING_EQUAL(stage.out.message, "1 locks (theirs), 0, 2 roads (t1, t2)");
    CU_ASSERT_EQUAL(stage.out.code, APIGW_CONFLICT);
    CU_ASSERT_EQUAL_FATAL(stage.out.asked_count, 3);
    CU_ASSERT_STRING_EQUAL(stage.out.asked[0].key, "svc1");
    CU_ASSERT_STRING_EQUAL(stage.out.asked[1].key, "nobody");
    CU_ASSERT_EQUAL(stage.out.asked[1].related, 0);
    CU_ASSERT_STRING_EQUAL(stage.out.asked[2].key, "t1/svc1");
    CU_ASSERT_EQUAL(stage.out.asked[2].related, 1);
    end(&stage);
}

static int32_t render_asking_wrongly(const struct apigw_request *request, struct apigw_result *result,
                                     struct apigw_error *error)
{
    (void)result, (void)error;
    CU_ASSERT_PTR_NULL(request->find(request, 2, "x"));
    CU_ASSERT_PTR_NULL(request->find(request, UINT32_MAX, "x"));
    CU_ASSERT_PTR_NULL(request->find(request, 0, NULL));
    return APIGW_OK;
}

static int32_t render_ignoring_failure(const struct apigw_request *request, struct apigw_result *result,
                                       struct apigw_error *error)
{
    (void)result, (void)error;
    CU_ASSERT_PTR_NULL(request->find(request, 0, "svc1"));
    return APIGW_OK;
}

static void find_that_cannot_answer_makes_the_backend_fail(void)
{
    struct stage stage;

    begin(&stage, "{}");
    stage.gateway.scripts[GATEWAY_ROAD].render = render_asking_wrongly;
    render(&stage, GATEWAY_ROAD);
    CU_ASSERT_EQUAL(stage.out.code, APIGW_OK);
    CU_ASSERT_EQUAL(stage.out.asked_count, 0);
    store_free(stage.store);
    stage.store = store_new();
    stage.input.store = stage.store;
    stage.gateway.scripts[GATEWAY_ROAD].render = render_ignoring_failure;
    render(&stage, GATEWAY_ROAD);
    CU_ASSERT_EQUAL(stage.out.code, APIGW_INTERNAL);
    CU_ASSERT_STRING_EQUAL(stage.out.message,
                           "Lock of group \"test.example\" cannot be looked up by spec.services[]");
    end(&stage);
}

static void a_tree_that_holds_itself_is_refused(void)
{
    json_t *list = gateway_json("[" ROAD(", 'spec': {'part': {}}") "]");
    json_t *road = json_array_get(list, 0);
    const struct apigw_request request = {.struct_size = sizeof request};
    struct stage stage;

    begin(&stage, "{}");
    (void)json_object_set(json_at(road, "spec.part"), "whole", road);
    stage.out.backend = &stage.gateway.backends[GATEWAY_ROAD];
    answer_check(&stage.input, &request, list, &stage.out);
    CU_ASSERT_EQUAL(stage.out.code, APIGW_INTERNAL);
    CU_ASSERT_STRING_EQUAL(
        stage.out.message,
        "plugin road is at fault: resource 0 is nested too deeply; expected at most 64 levels");
    (void)json_object_clear(json_at(road, "spec.part"));
    json_decref(list);
    end(&stage);
}

int main(void)
{
    static const struct test tests[] = {
        {"outputs get name, namespace and labels", outputs_get_name_namespace_and_labels},
        {"a plugin's own name and labels are kept", a_plugins_own_name_and_labels_are_kept},
        {"an empty answer is fine without authentication", an_empty_answer_is_fine_without_authentication},
        {"answers that break a rule are refused", answers_that_break_a_rule_are_refused},
        {"every way to write the Service is taken", every_way_to_write_the_service_is_taken},
        {"numbers and sizes are bounded", numbers_and_sizes_are_bounded},
        {"refusals pass with their text", refusals_pass_with_their_text},
        {"what stands beside a refusal is dropped", what_stands_beside_a_refusal_is_dropped},
        {"protections cover what they are asked for", protections_cover_what_they_are_asked_for},
        {"what is to be protected is sorted and stands once",
         what_is_to_be_protected_is_sorted_and_stands_once},
        {"a plugin sees no status and cannot spoil the Api",
         a_plugin_sees_no_status_and_cannot_spoil_the_api},
        {"find answers from the index and passes ours over",
         find_answers_from_the_index_and_passes_ours_over},
        {"find that cannot answer makes the backend fail", find_that_cannot_answer_makes_the_backend_fail},
        {"a tree that holds itself is refused", a_tree_that_holds_itself_is_refused},
        {NULL, NULL}};

    return harness_run("render", tests);
}
