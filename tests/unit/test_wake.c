/* SPDX-License-Identifier: Apache-2.0 */
#include "controller_stage.h"
#include "harness.h"

#include "base/json.h"

#include <string.h>

#define CREATED(time) "'creationTimestamp': '" time "'"
#define OURS(api) "'createdBy': 'apigwd', 'apiNamespace': 't1', 'apiName': '" api "'"

static void the_first_in_line_is_served(void)
{
    static const char *const orders[][3] = {{"t1/a1", "t1/a2", "t1/a3"}, {"t1/a3", "t1/a2", "t1/a1"},
                                            {"t1/a2", "t1/a3", "t1/a1"}, {"t1/a2", "t1/a1", "t1/a3"},
                                            {"t1/a3", "t1/a1", "t1/a2"}, {"t1/a1", "t1/a3", "t1/a2"}};

    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        struct stage stage;
        stage_begin(&stage);
        stage_start(&stage);
        for (int j = 0; j < 3; j++) {
            char service[16];
            (void)snprintf(service, sizeof service, "svc%c", orders[i][j][4]);
            /* The second one is the oldest. */
            stage_api(&stage, orders[i][j], service, "h", "",
                      orders[i][j][4] == '2' ? CREATED("2020-01-01T00:00:00Z")
                                             : CREATED("2021-01-01T00:00:00Z"));
        }
        stage_run(&stage);
        CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a2"), "");
        CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a1"), "HostnameInUse");
        CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a3"), "HostnameInUse");
        CU_ASSERT_EQUAL(stage_code(&stage, "t1/a1", "road.code"), 4);
        CU_ASSERT_EQUAL(stage_code(&stage, "t1/a1", "validationStatus"), 2);
        CU_ASSERT_TRUE(stage_says(&stage, "t1/a1", "Api \"t1/a2\""));
        stage_end(&stage);
    }
}

static void a_loser_is_served_when_the_holder_goes(void)
{
    struct stage stage;

    stage_begin(&stage);
    stage_start(&stage);
    stage_api(&stage, "t1/a1", "svc1", "h", "", "");
    stage_run(&stage);
    stage_api(&stage, "t2/a2", "svc2", "h", "", "");
    stage_api(&stage, "t1/a3", "svc1", "h3", "", "");
    stage_run(&stage);
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t2/a2"), "HostnameInUse");
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a3"), "ServiceInUse");
    CU_ASSERT_EQUAL(stage_code(&stage, "t1/a3", "validationStatus"), 5);
    CU_ASSERT_TRUE(stage_says(&stage, "t1/a3", "Api \"t1/a1\""));
    CU_ASSERT_EQUAL(controller_next(stage.controller), QUEUE_NEVER);
    stage_gone(&stage, "t1/a1");
    stage_run(&stage);
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t2/a2"), "");
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a3"), "");
    CU_ASSERT_FALSE(stage_stands(&stage, "Road/t1/a1"));
    CU_ASSERT_EQUAL(stage_code(&stage, "t1/a3", "validationStatus"), 2);
    stage_end(&stage);
}

static void a_loser_is_served_when_the_holder_asks_for_something_else(void)
{
    struct stage stage;

    stage_begin(&stage);
    stage_start(&stage);
    stage_api(&stage, "t1/a1", "svc1", "h", "", "");
    stage_run(&stage);
    stage_api(&stage, "t1/a2", "svc2", "h", "", "");
    stage_api(&stage, "t1/a3", "svc1", "h3", "", "");
    stage_run(&stage);
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a2"), "HostnameInUse");
    stage_api(&stage, "t1/a1", "svc1", "h1", "", "");
    stage_run(&stage);
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a2"), "");
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a3"), "ServiceInUse");
    stage_api(&stage, "t1/a1", "svc4", "h1", "", "");
    stage_run(&stage);
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a1"), "");
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a3"), "");
    stage_end(&stage);
}

static void a_holder_that_edits_itself_onto_a_held_host_keeps_what_it_had(void)
{
    struct stage stage;

    stage_begin(&stage);
    stage_start(&stage);
    stage_api(&stage, "t1/a1", "svc1", "h1", "", CREATED("2020-01-01T00:00:00Z"));
    stage_api(&stage, "t1/a2", "svc2", "h2", "", CREATED("2021-01-01T00:00:00Z"));
    stage_expect(&stage, "write Note/t1/a1\nwrite Road/t1/a1\nreport t1/a1\nwrite Note/t1/a2\nwrite "
                         "Road/t1/a2\nreport t1/a2\n");
    stage_api(&stage, "t1/a1", "svc1", "h2", "", CREATED("2020-01-01T00:00:00Z"));
    stage_expect(&stage, "report t1/a2\nreport t1/a1\n");
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a1"), "HostnameInUse");
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a2"), "");
    CU_ASSERT_STRING_EQUAL(stage_text(&stage, "t1/a1", "road.resource.name"), "a1");
    stage_start(&stage);
    stage_api(&stage, "t1/a1", "svc1", "h2", "", CREATED("2020-01-01T00:00:00Z"));
    stage_api(&stage, "t1/a2", "svc2", "h2", "", CREATED("2021-01-01T00:00:00Z"));
    stage_run(&stage);
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a1"), "HostnameInUse");
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a2"), "");
    stage_end(&stage);
}

static void a_foreign_host_holds_until_it_goes(void)
{
    struct stage stage;

    stage_begin(&stage);
    stage_start(&stage);
    stage_observe(&stage, "Road/t9/theirs", NULL, "'spec': {'hosts': ['H.kyma.local']}");
    stage_api(&stage, "t1/a1", "svc1", "h", "", "");
    stage_expect(&stage, "report t1/a1\n");
    CU_ASSERT_EQUAL(stage_code(&stage, "t1/a1", "road.code"), 4);
    CU_ASSERT_TRUE(stage_says(&stage, "t1/a1", "Road \"t9/theirs\""));
    stage_observe(&stage, "Road/t9/theirs", NULL, NULL);
    stage_expect(&stage, "write Note/t1/a1\nwrite Road/t1/a1\nreport t1/a1\n");
    /* One that comes later never takes it away. */
    stage_source(&stage, "Road/t9/later", "'spec': {'hosts': ['h.kyma.local']}");
    stage_expect(&stage, "report t1/a1\n");
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a1"), "");
    CU_ASSERT_TRUE(stage_logged(&stage, "hostname shared"));
    CU_ASSERT_TRUE(stage_logged(&stage, "t9/later"));
    stage_end(&stage);
}

static void an_object_at_an_outputs_place_holds_until_it_goes(void)
{
    struct stage stage;

    stage_begin(&stage);
    stage_start(&stage);
    stage_observe(&stage, "Road/t1/a1", NULL, "'spec': {}");
    stage_source(&stage, "Road/t1/a2", "'spec': {}");
    stage_api(&stage, "t1/a1", "svc1", "h1", "", "");
    stage_api(&stage, "t1/a2", "svc2", "h2", "", "");
    stage_expect(&stage, "report t1/a1\nreport t1/a2\n");
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a1"), "NotOwned");
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a2"), "NotOwned");
    stage_observe(&stage, "Road/t1/a1", NULL, NULL);
    stage_expect(&stage, "write Note/t1/a1\nwrite Road/t1/a1\nreport t1/a1\n");
    stage_source_gone(&stage, "Road/t1/a2");
    stage_expect(&stage, "write Note/t1/a2\nwrite Road/t1/a2\nreport t1/a2\n");
    stage_end(&stage);
}

/* A Road that is in somebody's way: any Lock on the Service that is not ours. */
static int32_t render_unless_locked(const struct apigw_request *request, struct apigw_result *result,
                                    struct apigw_error *error)
{
    const json_t *found = request->find(request, 0, request->effective->service);

    if (json_array_size(found) > 0)
        return apigw_fail(error, APIGW_CONFLICT, "", "a Lock is in the way");
    result->resources = gateway_json("[{'apiVersion': 'test.example/v1', 'kind': 'Road', 'spec': {}}]");
    return APIGW_OK;
}

static void a_related_object_wakes_whom_it_concerns(void)
{
    struct stage stage;

    stage_begin(&stage);
    stage.gateway.scripts[GATEWAY_ROAD].render = render_unless_locked;
    stage_start(&stage);
    stage_source(&stage, "Lock/t1/theirs", "'spec': {'services': ['svc1', 'svc9']}");
    stage_api(&stage, "t1/a1", "svc1", "h1", "", "");
    stage_api(&stage, "t1/a2", "svc2", "h2", "", "");
    stage_run(&stage);
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a1"), "Conflict");
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a2"), "");
    text_clear(&stage.calls);
    /* It lets go of one and takes the other. */
    stage_source(&stage, "Lock/t1/theirs", "'spec': {'services': ['svc2', 'svc9']}");
    stage_expect(&stage, "write Note/t1/a1\nwrite Road/t1/a1\nreport t1/a1\nreport t1/a2\n");
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a2"), "Conflict");
    stage_source_gone(&stage, "Lock/t1/theirs");
    stage_expect(&stage, "report t1/a2\n");
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a2"), "");
    stage_observe(&stage, "Lock/t1/x", NULL, "'spec': {'services': ['svc1']}");
    stage_expect(&stage, "report t1/a1\n");
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a1"), "Conflict");
    /* Elsewhere it concerns nobody. */
    stage_source(&stage, "Lock/t2/far", "'spec': {'services': ['svc2']}");
    stage_run(&stage);
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a2"), "");
    stage_end(&stage);
}

/* Both look at the Service of the Api, the lock at another one, too. */
static int32_t render_watching(const struct apigw_request *request, struct apigw_result *result,
                               struct apigw_error *error)
{
    const struct apigw_effective *api = request->effective;
    const json_t *found = request->find(request, 2, api->service);

    (void)error;
    result->resources =
        json_pack("[{s:s, s:s, s:{s:[s], s:s, s:i}}]", "apiVersion", "test.example/v1", "kind", "Road",
                  "spec", "hosts", api->host, "to", api->service, "port", (int)api->port);
    if (request->knows(request, 2) && json_array_size(found) == 0)
        (void)snprintf(result->warning, sizeof result->warning, "no Service %s", api->service);
    return APIGW_OK;
}

static int32_t render_watching_another(const struct apigw_request *request, struct apigw_result *result,
                                       struct apigw_error *error)
{
    const json_t *found = request->find(request, 2, "other");

    (void)error;
    result->resources = json_pack("[{s:s, s:s, s:{s:[s], s:[s], s:s}}]", "apiVersion", "test.example/v1",
                                  "kind", "Lock", "spec", "services", request->effective->service, "hosts",
                                  request->effective->host, "issuer", "i");
    if (json_array_size(found) > 0)
        (void)snprintf(result->warning, sizeof result->warning, "another Service");
    return APIGW_OK;
}

static void service(struct stage *stage, const char *name_space, const char *name, bool there)
{
    const struct object_ref ref = {
        .group = "", .kind = "Service", .plural = "services", .name_space = name_space, .name = name};
    json_t *object = json_pack("{s:s, s:s, s:{s:s, s:s}}", "apiVersion", "v1", "kind", "Service", "metadata",
                               "name", name, "namespace", name_space);
    const struct event event = {.object = object, .item = -1};

    CU_ASSERT_EQUAL_FATAL(there ? controller_put(&event, stage->controller, &stage->error)
                                : controller_gone(&ref, stage->controller, &stage->error),
                          0);
    json_decref(object);
}

/* Of the condition of this number. */
static const char *condition_says(const struct stage *stage, const char *key, int number)
{
    const json_t *list = json_member(json_member(stage->statuses, key), "conditions");

    return json_text_at(json_array_get(list, (size_t)number), "message");
}

static void a_service_wakes_who_publishes_it(void)
{
    enum { PROGRAMMED = 1, SECURED_AT = 2, READY = 3 };
    struct stage stage;

    stage_begin(&stage);
    stage.options.tells_all = true;
    stage.gateway.scripts[GATEWAY_ROAD].render = render_watching;
    stage.gateway.scripts[GATEWAY_LOCK].render = render_watching_another;
    stage_start(&stage);
    stage_api(&stage, "t1/a1", "svc1", "h1", SECURED, "");
    stage_api(&stage, "t1/a2", "svc2", "h2", "", "");
    service(&stage, "t1", "svc2", true);
    stage_run(&stage);
    CU_ASSERT_EQUAL(stage_code(&stage, "t1/a1", "road.code"), 2);
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a1"), "");
    CU_ASSERT_STRING_EQUAL(condition_says(&stage, "t1/a1", PROGRAMMED), "no Service svc1");
    CU_ASSERT_STRING_EQUAL(condition_says(&stage, "t1/a1", READY), "no Service svc1");
    CU_ASSERT_PTR_NULL(strstr(condition_says(&stage, "t1/a2", PROGRAMMED), "no Service"));
    text_clear(&stage.calls);
    /* One of that name elsewhere concerns nobody. */
    service(&stage, "t2", "svc1", true);
    stage_expect(&stage, "");
    service(&stage, "t1", "svc1", true);
    stage_expect(&stage, "report t1/a1\n");
    CU_ASSERT_PTR_NULL(strstr(condition_says(&stage, "t1/a1", PROGRAMMED), "no Service"));
    service(&stage, "t1", "svc2", false);
    stage_expect(&stage, "report t1/a2\n");
    CU_ASSERT_STRING_EQUAL(condition_says(&stage, "t1/a2", READY), "no Service svc2");
    /* One that is not its own was asked for. */
    service(&stage, "t1", "other", true);
    stage_run(&stage);
    CU_ASSERT_STRING_EQUAL(condition_says(&stage, "t1/a1", SECURED_AT), "another Service");
    CU_ASSERT_STRING_EQUAL(condition_says(&stage, "t1/a1", READY), "another Service");
    service(&stage, "t1", "other", false);
    stage_run(&stage);
    CU_ASSERT_PTR_NULL(strstr(condition_says(&stage, "t1/a1", SECURED_AT), "another Service"));
    stage_end(&stage);
}

static void outputs_of_ours_are_in_nobodys_way(void)
{
    struct stage stage;

    stage_begin(&stage);
    stage.gateway.scripts[GATEWAY_ROAD].render = render_unless_locked;
    stage_start(&stage);
    stage_observe(&stage, "Lock/t1/a1", OURS("a1"), "'spec': {'services': ['svc1']}");
    stage_api(&stage, "t1/a1", "svc1", "h1", SECURED, "");
    stage_run(&stage);
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a1"), "");
    stage_end(&stage);
}

static void what_is_bent_by_hand_is_bent_back(void)
{
    struct stage stage;

    stage_begin(&stage);
    stage_start(&stage);
    stage_api(&stage, "t1/a1", "svc1", "h1", SECURED, "");
    stage_run(&stage);
    text_clear(&stage.calls);
    stage_observe(&stage, "Road/t1/a1", OURS("a1"),
                  "'spec': {'hosts': ['h1.kyma.local', 'h2.kyma.local'], 'to': 'svc2'}");
    /* The hosts and Services that it was bent to are nobody's. */
    stage_api(&stage, "t1/a2", "svc2", "h2", "", "");
    stage_run(&stage);
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a1"), "");
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a2"), "");
    stage_observe(&stage, "Lock/t1/a1", NULL, NULL);
    text_clear(&stage.calls);
    stage_expect(&stage, "write Lock/t1/a1\nreport t1/a1\n");
    stage_observe(&stage, "Note/t1/a1", OURS("a1") ", 'theirs': 'x'", "'spec': {'host': 'h1.kyma.local'}");
    stage_expect(&stage, "report t1/a1\n");
    stage_end(&stage);
}

/* A server that keeps no empty lists, say, tells of our write without what it left out. */
static void leave_out(struct stage *stage, const char *object_key)
{
    json_t *object = json_object_get(stage->gateway.objects, object_key);

    CU_ASSERT_EQUAL_FATAL(json_object_clear(json_object_get(object, "spec")), 0);
    stage_look(stage, object_key);
}

static void what_a_server_leaves_out_is_not_written_on_and_on(void)
{
    struct stage stage;

    stage_begin(&stage);
    stage_start(&stage);
    stage_api(&stage, "t1/a1", "svc1", "h1", SECURED, "");
    stage_run(&stage);
    text_clear(&stage.calls);
    leave_out(&stage, "Note/t1/a1");
    stage_expect(&stage, "");
    /* A start meets it as it is. */
    stage_start(&stage);
    stage_api(&stage, "t1/a1", "svc1", "h1", SECURED, "");
    stage_expect(&stage, "write Note/t1/a1\nreport t1/a1\n");
    for (int i = 0; i < 3; i++) {
        leave_out(&stage, "Note/t1/a1");
        stage_expect(&stage, "");
    }
    CU_ASSERT_EQUAL(controller_next(stage.controller), QUEUE_NEVER);
    stage_end(&stage);
}

/* All of a kind was listed, and what is there is told by `payload`. */
static bool is_there(const char *name_space, const char *name, void *payload)
{
    const bool *there = payload;

    (void)name_space;
    (void)name;
    return *there;
}

static void sweep(struct stage *stage, const char *kind, const char *name_space, bool there)
{
    const struct object_ref ref = {
        .group = "test.example", .version = "v1", .kind = kind, .name_space = name_space};

    CU_ASSERT_EQUAL_FATAL(controller_sweep(stage->controller, &ref, is_there, &there, &stage->error), 0);
}

static void what_a_new_list_lacks_is_made_again(void)
{
    struct stage stage;

    stage_begin(&stage);
    stage_start(&stage);
    stage_api(&stage, "t1/a1", "svc1", "h1", SECURED, "");
    stage_run(&stage);
    text_clear(&stage.calls);
    sweep(&stage, "Lock", NULL, true);
    stage_expect(&stage, "");
    /* A list of another namespace says nothing of this one. */
    sweep(&stage, "Lock", "t2", false);
    stage_expect(&stage, "");
    CU_ASSERT_EQUAL(controller_next(stage.controller), QUEUE_NEVER);
    (void)json_object_del(stage.gateway.objects, "Lock/t1/a1");
    sweep(&stage, "Lock", NULL, false);
    stage_expect(&stage, "write Lock/t1/a1\nreport t1/a1\n");
    (void)json_object_del(stage.gateway.objects, "Road/t1/a1");
    sweep(&stage, "Road", "t1", false);
    stage_expect(&stage, "write Road/t1/a1\nreport t1/a1\n");
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a1"), "");
    CU_ASSERT_EQUAL(controller_next(stage.controller), QUEUE_NEVER);
    stage_end(&stage);
}

int main(void)
{
    static const struct test tests[] = {
        {"the first in line is served, whatever the order", the_first_in_line_is_served},
        {"a loser is served when the holder goes", a_loser_is_served_when_the_holder_goes},
        {"a loser is served when the holder asks for something else",
         a_loser_is_served_when_the_holder_asks_for_something_else},
        {"a holder that edits itself onto a held host keeps what it had",
         a_holder_that_edits_itself_onto_a_held_host_keeps_what_it_had},
        {"a foreign host holds until it goes", a_foreign_host_holds_until_it_goes},
        {"an object at an output's place holds until it goes",
         an_object_at_an_outputs_place_holds_until_it_goes},
        {"a related object wakes whom it concerns", a_related_object_wakes_whom_it_concerns},
        {"a Service wakes who publishes it", a_service_wakes_who_publishes_it},
        {"outputs of ours are in nobody's way", outputs_of_ours_are_in_nobodys_way},
        {"what is bent by hand is bent back", what_is_bent_by_hand_is_bent_back},
        {"what a server leaves out is not written on and on",
         what_a_server_leaves_out_is_not_written_on_and_on},
        {"what a new list lacks is made again", what_a_new_list_lacks_is_made_again},
        {NULL, NULL}};

    return harness_run("wake", tests);
}
