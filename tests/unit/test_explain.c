/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "base/json.h"
#include "gateway.h"
#include "reconcile/controller.h"
#include "scarce.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct moment start = {.ms = 1000, .wall_s = 1000000000};

/* A controller with its gateway. */
struct stage {
    struct gateway gateway;
    struct controller *controller;
};

/* Every problem stands at line 7, column 3. */
static void locate(const struct event *where, struct problems *problems, void *payload)
{
    (void)payload;
    for (size_t i = 0; i < problems->count; i++)
        (void)problem_place(&problems->list[i], where->file, 7, 3);
}

static void begin(struct stage *stage)
{
    struct controller_options options = {.settings = &stage->gateway.settings,
                                         .registry = &stage->gateway.registry,
                                         .locate = locate,
                                         .seed = 1};

    gateway_init(&stage->gateway);
    options.sink = &stage->gateway.sink;
    CU_ASSERT_EQUAL_FATAL(controller_new(&options, &stage->controller, NULL), 0);
    controller_set_observed(stage->controller, true);
}

static void end(struct stage *stage)
{
    controller_free(stage->controller);
    gateway_release(&stage->gateway);
}

/* The Api t1/NAME with this spec stands in x.yaml. */
static void put(struct stage *stage, const char *name, const char *spec, const char *more)
{
    json_t *api =
        json_pack("{s:s, s:s, s:{s:s, s:s}, s:o}", "apiVersion", "gateway.kyma-project.io/v1alpha2", "kind",
                  "Api", "metadata", "name", name, "namespace", "t1", "spec", gateway_json(spec));
    const struct event event = {.object = api, .file = "x.yaml", .document = 2, .item = -1};
    json_t *metadata = gateway_json(more);

    (void)json_object_update(json_member(api, "metadata"), metadata);
    json_decref(metadata);
    CU_ASSERT_EQUAL(controller_put(&event, stage->controller, NULL), 0);
    json_decref(api);
}

static void run(struct stage *stage)
{
    CU_ASSERT_EQUAL(controller_set_complete(stage->controller, true, NULL), 0);
    CU_ASSERT_EQUAL(controller_run(stage->controller, start, NULL), 0);
}

static json_t *explain(struct stage *stage, const char *key, int64_t after_ms)
{
    const struct moment now = {.ms = start.ms + after_ms, .wall_s = start.wall_s};
    json_t *value = NULL;

    CU_ASSERT_EQUAL_FATAL(controller_explain(stage->controller, key, now, &value, NULL), 0);
    return value;
}

/* Compares the value at a path with JSON; NULL: there is none. */
static bool is(const json_t *value, const char *path, const char *wanted)
{
    const json_t *found = json_at(value, path);
    json_t *expected = wanted ? gateway_json(wanted) : NULL;
    bool same = found && expected ? json_equal(found, expected) : !found && !expected;

    if (!same) {
        char *text = found ? json_dumps(found, JSON_ENCODE_ANY) : NULL;
        printf("# %s: expected %s, found %s\n", path, wanted ? wanted : "none", text ? text : "none");
        free(text);
    }
    json_decref(expected);
    return same;
}

#define PLAIN "{'service': {'name': 'svc1', 'port': 80}, 'hostname': 'h1'}"

static void an_api_that_is_served_is_explained(void)
{
    struct stage stage;
    json_t *value;

    begin(&stage);
    put(&stage, "a1", PLAIN, "{}");
    run(&stage);
    value = explain(&stage, "t1/a1", 0);
    CU_ASSERT_TRUE(is(value, "api", "'t1/a1'"));
    CU_ASSERT_TRUE(is(value, "input", "{'file': 'x.yaml', 'document': 2, 'line': 7, 'column': 3}"));
    CU_ASSERT_TRUE(is(value, "validation", "{'valid': true, 'problems': []}"));
    CU_ASSERT_TRUE(is(value, "served", "true"));
    CU_ASSERT_TRUE(
        is(value, "claims",
           "{'state': 'its own', 'host': {'name': 'h1.kyma.local', 'holder': {'self': true, 'api': "
           "'t1/a1', 'kind': 'Road', 'namespace': 't1', 'name': 'a1'}}, 'service': {'name': "
           "'t1/svc1', 'holder': {'self': true, 'api': 't1/a1', 'kind': 'Road', 'namespace': 't1', "
           "'name': 'a1'}}}"));
    CU_ASSERT_TRUE(is(value, "lastWrite", "1000000000"));
    CU_ASSERT_TRUE(is(value, "failures", "0"));
    CU_ASSERT_TRUE(is(value, "nextTryMs", NULL));
    CU_ASSERT_TRUE(is(value, "pending", "[]"));
    CU_ASSERT_EQUAL(json_array_size(json_member(value, "backends")), 3);
    json_decref(value);
    end(&stage);
}

static void a_loser_names_the_holder(void)
{
    struct stage stage;
    json_t *value;

    begin(&stage);
    put(&stage, "a1", PLAIN, "{'creationTimestamp': '2020-01-01T00:00:00Z'}");
    put(&stage, "a2", "{'service': {'name': 'svc2', 'port': 80}, 'hostname': 'h1'}", "{}");
    run(&stage);
    value = explain(&stage, "t1/a2", 0);
    CU_ASSERT_TRUE(is(value, "served", "false"));
    CU_ASSERT_TRUE(is(value, "reason", "'HostnameInUse'"));
    CU_ASSERT_TRUE(
        is(value, "claims.host",
           "{'name': 'h1.kyma.local', 'holder': {'api': 't1/a1', 'kind': 'Road', 'namespace': 't1', "
           "'name': 'a1'}}"));
    CU_ASSERT_TRUE(is(value, "claims.service", "{'name': 't1/svc2'}"));
    CU_ASSERT_TRUE(is(value, "lastWrite", NULL));
    json_decref(value);
    end(&stage);
}

static void what_is_wrong_has_its_place(void)
{
    struct stage stage;
    json_t *value;

    begin(&stage);
    put(&stage, "a1", "{'service': {'name': 'svc1', 'port': 0}, 'hostname': 'h1'}", "{}");
    run(&stage);
    value = explain(&stage, "t1/a1", 0);
    CU_ASSERT_TRUE(is(value, "validation.valid", "false"));
    CU_ASSERT_EQUAL(json_array_size(json_at(value, "validation.problems")), 1);
    CU_ASSERT_TRUE(
        is(json_array_get(json_at(value, "validation.problems"), 0), "path", "'spec.service.port'"));
    CU_ASSERT_TRUE(is(json_array_get(json_at(value, "validation.problems"), 0), "line", "7"));
    CU_ASSERT_TRUE(is(value, "claims", "{'state': 'refused: reserves nothing'}"));
    json_decref(value);
    end(&stage);
}

static void what_failed_tells_when_it_is_tried_again(void)
{
    struct stage stage;
    json_t *value;
    json_int_t wait;

    begin(&stage);
    (void)json_object_set_new(stage.gateway.write_codes, "Road/t1/a1", json_integer(ERROR_IO));
    put(&stage, "a1", PLAIN, "{}");
    run(&stage);
    value = explain(&stage, "t1/a1", 0);
    CU_ASSERT_TRUE(is(value, "failures", "1"));
    wait = json_integer_value(json_member(value, "nextTryMs"));
    CU_ASSERT_TRUE(wait >= 125 && wait <= 250);
    CU_ASSERT_EQUAL(json_array_size(json_member(value, "pending")), 1);
    CU_ASSERT_TRUE(is(json_array_get(json_member(value, "pending"), 0), "do", "'publish'"));
    json_decref(value);
    value = explain(&stage, "t1/a1", 100000);
    CU_ASSERT_TRUE(is(value, "nextTryMs", "0"));
    json_decref(value);
    end(&stage);
}

static void an_api_that_leaves_is_to_be_removed(void)
{
    struct stage stage;
    json_t *value;

    begin(&stage);
    put(&stage, "a1", PLAIN, "{}");
    run(&stage);
    put(&stage, "a1", PLAIN, "{'deletionTimestamp': '2020-01-01T00:00:00Z'}");
    value = explain(&stage, "t1/a1", 0);
    CU_ASSERT_TRUE(is(value, "leaving", "true"));
    CU_ASSERT_EQUAL(json_array_size(json_member(value, "pending")), 2);
    CU_ASSERT_TRUE(is(json_array_get(json_member(value, "pending"), 0), "do", "'unpublish'"));
    json_decref(value);
    end(&stage);
}

static void an_api_that_is_not_there_is_not_found(void)
{
    static const char *const keys[] = {"t1/a2", "t1", "t1/", "/a1", "", "t1/a1/x"};
    struct stage stage;

    begin(&stage);
    put(&stage, "a1", PLAIN, "{}");
    run(&stage);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        json_t *value = NULL;
        CU_ASSERT_EQUAL(controller_explain(stage.controller, keys[i], start, &value, NULL), ERROR_NOT_FOUND);
        CU_ASSERT_PTR_NULL(value);
    }
    end(&stage);
}

/* Nothing is noted or done by it, whatever is refused. */
static void memory_may_be_short(void)
{
    struct stage stage;
    bool failed = true;
    char *calls;

    begin(&stage);
    put(&stage, "a1", "{'service': {'name': 'svc1', 'port': 80}, 'hostname': 'h1', 'colour': 'red'}", "{}");
    run(&stage);
    free(gateway_writes(&stage.gateway));
    for (size_t granted = 0; failed && granted < 5000; granted++) {
        json_t *value = NULL;
        int result;
        scarce_begin(granted);
        result = controller_explain(stage.controller, "t1/a1", start, &value, NULL);
        failed = scarce_end();
        CU_ASSERT_TRUE(result == 0 ? value != NULL : result == ERROR_NO_MEMORY && !value);
        json_decref(value);
    }
    CU_ASSERT_FALSE(failed);
    calls = gateway_writes(&stage.gateway);
    CU_ASSERT_STRING_EQUAL(calls, "");
    free(calls);
    end(&stage);
}

int main(void)
{
    static const struct test tests[] = {
        {"an Api that is served is explained", an_api_that_is_served_is_explained},
        {"a loser names the holder of each claim", a_loser_names_the_holder},
        {"what is wrong has its place", what_is_wrong_has_its_place},
        {"what failed tells when it is tried again", what_failed_tells_when_it_is_tried_again},
        {"an Api that leaves is to be removed", an_api_that_leaves_is_to_be_removed},
        {"an Api that is not there is not found", an_api_that_is_not_there_is_not_found},
        {"memory may be short", memory_may_be_short},
        {NULL, NULL},
    };

    return harness_run("explain", tests);
}
