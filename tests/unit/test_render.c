/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"
#include "render_stage.h"

#include "base/json.h"
#include "object/owner.h"
#include "reconcile/stock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(struct stage *stage, const char *kind, const char *text)
{
    const char *group = strcmp(kind, "Service") == 0 ? "" : "test.example";
    json_t *object = gateway_json(text);
    const struct event event = {.object = object, .item = -1};

    CU_ASSERT_EQUAL_FATAL(store_put(stage->store, store_add_kind(stage->store, group, kind), &event), 0);
    json_decref(object);
}

static void outputs_get_name_namespace_and_labels(void)
{
    struct stage stage;
    const struct output *output;

    render_stage_begin(&stage, "{}");
    render_stage_run(&stage, GATEWAY_ROAD);
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
    CU_ASSERT_STRING_EQUAL(owner_of(output->object, &stage.gateway.settings).name, "a1");
    CU_ASSERT_STRING_EQUAL(json_text_at(output->object, "metadata.labels.apiUid"), "u1");
    CU_ASSERT_STRING_EQUAL(json_text_at(output->object, "spec.to"), "svc1.t1.svc.cluster.local");
    render_stage_end(&stage);
    rendering_release(NULL);
}

static void a_plugins_own_name_and_labels_are_kept(void)
{
    struct stage stage;

    render_stage_begin(&stage, "{}");
    stage.gateway.scripts[GATEWAY_ROAD].answer =
        "[{'apiVersion': 'test.example/v2', 'kind': 'Road', 'metadata': {'name': 'other.name', 'namespace': "
        "'t1', "
        "'labels': {'mine': 'x', 'createdBy': 'me'}, 'annotations': {'note': 'y'}}}]";
    render_stage_run(&stage, GATEWAY_ROAD);
    CU_ASSERT_EQUAL_FATAL(stage.out.count, 1);
    CU_ASSERT_STRING_EQUAL(stage.out.outputs[0].ref.name, "other.name");
    CU_ASSERT_STRING_EQUAL(stage.out.outputs[0].ref.version, "v2");
    CU_ASSERT_STRING_EQUAL(json_text_at(stage.out.outputs[0].object, "metadata.labels.mine"), "x");
    CU_ASSERT_STRING_EQUAL(json_text_at(stage.out.outputs[0].object, "metadata.labels.createdBy"), "apigwd");
    CU_ASSERT_STRING_EQUAL(json_text_at(stage.out.outputs[0].object, "metadata.annotations.note"), "y");
    render_stage_end(&stage);
}

static void refusals_pass_with_their_text(void)
{
    static const struct {
        int32_t code;
        const char *message;
        int32_t expected;
        const char *text;
    } samples[] = {
        {APIGW_INVALID, "no", APIGW_INVALID, "no"},
        {APIGW_CONFLICT, "taken by x", APIGW_CONFLICT, "taken by x"},
        {APIGW_NOT_READY, "wait", APIGW_NOT_READY, "wait"},
        {APIGW_NO_MEMORY, "none", APIGW_NO_MEMORY, "none"},
        {APIGW_INTERNAL, "bug", APIGW_INTERNAL, "bug"},
        {APIGW_CONFLICT, "", APIGW_CONFLICT, "plugin road refused and gave no reason"},
        {APIGW_CONFLICT, "a\x1b[1m\nb\xc3", APIGW_CONFLICT, "a?[1m b?"},
        {6, "x", APIGW_INTERNAL, "plugin road (road.so) is at fault: it returned 6, which is no code"},
        {-1, "x", APIGW_INTERNAL, "plugin road (road.so) is at fault: it returned -1, which is no code"}};
    struct stage stage;

    render_stage_begin(&stage, "{}");
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        stage.gateway.scripts[GATEWAY_ROAD].code = samples[i].code;
        stage.gateway.scripts[GATEWAY_ROAD].message = samples[i].message;
        stage.gateway.scripts[GATEWAY_ROAD].path = "spec.\n";
        render_stage_run(&stage, GATEWAY_ROAD);
        CU_ASSERT_EQUAL(stage.out.code, samples[i].expected);
        CU_ASSERT_STRING_EQUAL(stage.out.message, samples[i].text);
        CU_ASSERT_STRING_EQUAL(stage.out.path, samples[i].code < 0 || samples[i].code > 5 ? "" : "spec. ");
    }
    render_stage_end(&stage);
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

    render_stage_begin(&stage, "{}");
    stage.gateway.scripts[GATEWAY_ROAD].render = render_and_refuse;
    render_stage_run(&stage, GATEWAY_ROAD);
    CU_ASSERT_EQUAL(stage.out.code, APIGW_INVALID);
    CU_ASSERT_EQUAL(stage.out.count, 0);
    CU_ASSERT_EQUAL(strlen(stage.out.message), sizeof stage.out.message - 1);
    CU_ASSERT_EQUAL(strlen(stage.out.path), sizeof stage.out.path - 1);
    render_stage_end(&stage);
}

static void what_is_to_be_protected_is_sorted_and_stands_once(void)
{
    static const char *const services[] = {"a", "svc1", "z", NULL};
    static const char *const hosts[] = {"h1.kyma.local", "i.kyma.local", NULL};
    struct text asked = text_empty();
    struct stage stage;

    render_stage_begin(&stage, JWT);
    stage.gateway.scripts[GATEWAY_LOCK].asked = &asked;
    render_stage_run(&stage, GATEWAY_LOCK);
    CU_ASSERT_EQUAL(stage.out.code, APIGW_OK);
    stage.input.live_services = services;
    stage.input.live_hosts = hosts;
    render_stage_run(&stage, GATEWAY_LOCK);
    CU_ASSERT_EQUAL(stage.out.code, APIGW_OK);
    CU_ASSERT_STRING_EQUAL(asked.data, "svc1|h1.kyma.local a,svc1,z|h1.kyma.local,i.kyma.local ");
    render_stage_end(&stage);
    text_clear(&asked);
    render_stage_begin(&stage, "{}");
    stage.input.live_services = services;
    stage.gateway.scripts[GATEWAY_ROAD].asked = &asked;
    render_stage_run(&stage, GATEWAY_ROAD);
    CU_ASSERT_STRING_EQUAL(asked.data, "| ");
    render_stage_end(&stage);
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

    render_stage_begin(&stage, "{}");
    before = json_canonical(stage.api);
    stage.gateway.scripts[GATEWAY_ROAD].render = render_spoiling;
    render_stage_run(&stage, GATEWAY_ROAD);
    after = json_canonical(stage.api);
    CU_ASSERT_STRING_EQUAL(before, after);
    free(before);
    free(after);
    render_stage_end(&stage);
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
    put(stage, "Road",
        "{'apiVersion': 'test.example/v1', 'kind': 'Road', 'metadata': {'name': 'r', 'namespace': 't2'}, "
        "'spec': {'to': 'svc1.t1.svc.cluster.local'}}");
    put(stage, "Road",
        "{'apiVersion': 'test.example/v1', 'kind': 'Road', 'metadata': {'name': 'r', 'namespace': 't1'}, "
        "'spec': {'to': 'svc1'}}");
}

static void find_answers_from_the_index(void)
{
    struct stage stage;

    render_stage_begin(&stage, "{}");
    put_related(&stage);
    stage.gateway.scripts[GATEWAY_ROAD].render = render_finding;
    render_stage_run(&stage, GATEWAY_ROAD);
    CU_ASSERT_STRING_EQUAL(stage.out.message, "1 locks (theirs), 0, 2 roads (t1, t2)");
    CU_ASSERT_EQUAL(stage.out.code, APIGW_CONFLICT);
    CU_ASSERT_EQUAL_FATAL(stage.out.asked_count, 3);
    CU_ASSERT_STRING_EQUAL(stage.out.asked[0].key, "svc1");
    CU_ASSERT_STRING_EQUAL(stage.out.asked[1].key, "nobody");
    CU_ASSERT_EQUAL(stage.out.asked[1].related, 0);
    CU_ASSERT_STRING_EQUAL(stage.out.asked[2].key, "t1/svc1");
    CU_ASSERT_EQUAL(stage.out.asked[2].related, 1);
    render_stage_end(&stage);
}

/* Warns of what it finds of the Service of the Api. */
static int32_t render_warning(const struct apigw_request *request, struct apigw_result *result,
                              struct apigw_error *error)
{
    const json_t *found = request->find(request, 2, request->effective->service);

    (void)error;
    CU_ASSERT_EQUAL(request->knows(request, 3), 0);
    (void)snprintf(result->warning, sizeof result->warning, "%zu found, %s \xff", json_array_size(found),
                   request->knows(request, 2) ? "known" : "unknown");
    return APIGW_OK;
}

static int32_t render_warning_in_vain(const struct apigw_request *request, struct apigw_result *result,
                                      struct apigw_error *error)
{
    (void)request;
    memset(result->warning, 'w', sizeof result->warning);
    return apigw_fail(error, APIGW_NOT_READY, "", "later");
}

static void a_warning_is_taken(void)
{
    struct kind_trouble trouble = {.absent = false};
    struct map *troubles = map_new(NULL);
    struct stage stage;

    render_stage_begin(&stage, "{}");
    stage.gateway.scripts[GATEWAY_ROAD].render = render_warning;
    render_stage_run(&stage, GATEWAY_ROAD);
    CU_ASSERT_EQUAL(stage.out.code, APIGW_OK);
    CU_ASSERT_STRING_EQUAL(stage.out.warning, "0 found, unknown ?");
    put(&stage, "Service",
        "{'apiVersion': 'v1', 'kind': 'Service', 'metadata': {'name': 'svc1', 'namespace': 't2'}}");
    stage.input.tells_all = true;
    render_stage_run(&stage, GATEWAY_ROAD);
    CU_ASSERT_STRING_EQUAL(stage.out.warning, "0 found, known ?");
    put(&stage, "Service",
        "{'apiVersion': 'v1', 'kind': 'Service', 'metadata': {'name': 'svc1', 'namespace': 't1'}}");
    render_stage_run(&stage, GATEWAY_ROAD);
    CU_ASSERT_STRING_EQUAL(stage.out.warning, "1 found, known ?");
    /* Of what may not be read nothing is known. */
    CU_ASSERT_TRUE_FATAL(troubles && map_set(troubles, "Service.", &trouble));
    stage.input.troubles = troubles;
    render_stage_run(&stage, GATEWAY_ROAD);
    CU_ASSERT_STRING_EQUAL(stage.out.warning, "1 found, unknown ?");
    stage.gateway.scripts[GATEWAY_ROAD].render = render_warning_in_vain;
    render_stage_run(&stage, GATEWAY_ROAD);
    CU_ASSERT_EQUAL(stage.out.code, APIGW_NOT_READY);
    CU_ASSERT_STRING_EQUAL(stage.out.warning, "");
    map_free(troubles);
    render_stage_end(&stage);
}

static int32_t render_asking_wrongly(const struct apigw_request *request, struct apigw_result *result,
                                     struct apigw_error *error)
{
    (void)result, (void)error;
    CU_ASSERT_PTR_NULL(request->find(request, 3, "x"));
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

    render_stage_begin(&stage, "{}");
    stage.gateway.scripts[GATEWAY_ROAD].render = render_asking_wrongly;
    render_stage_run(&stage, GATEWAY_ROAD);
    CU_ASSERT_EQUAL(stage.out.code, APIGW_OK);
    CU_ASSERT_EQUAL(stage.out.asked_count, 0);
    store_free(stage.store);
    stage.store = store_new(STORE_TEXTS_PLAIN);
    stage.input.store = stage.store;
    stage.gateway.scripts[GATEWAY_ROAD].render = render_ignoring_failure;
    render_stage_run(&stage, GATEWAY_ROAD);
    CU_ASSERT_EQUAL(stage.out.code, APIGW_INTERNAL);
    CU_ASSERT_STRING_EQUAL(stage.out.message,
                           "Lock of group \"test.example\" cannot be looked up by spec.services[]");
    render_stage_end(&stage);
}

int main(void)
{
    static const struct test tests[] = {
        {"outputs get name, namespace and labels", outputs_get_name_namespace_and_labels},
        {"a plugin's own name and labels are kept", a_plugins_own_name_and_labels_are_kept},
        {"refusals pass with their text", refusals_pass_with_their_text},
        {"what stands beside a refusal is dropped", what_stands_beside_a_refusal_is_dropped},
        {"what is to be protected is sorted and stands once",
         what_is_to_be_protected_is_sorted_and_stands_once},
        {"a plugin sees no status and cannot spoil the Api",
         a_plugin_sees_no_status_and_cannot_spoil_the_api},
        {"find answers from the index", find_answers_from_the_index},
        {"a warning is taken", a_warning_is_taken},
        {"find that cannot answer makes the backend fail", find_that_cannot_answer_makes_the_backend_fail},
        {NULL, NULL}};

    return harness_run("render", tests);
}
