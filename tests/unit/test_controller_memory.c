/* SPDX-License-Identifier: Apache-2.0 */
/* A controller that runs out of memory somewhere, and gets it back. */
#include "controller_stage.h"
#include "harness.h"
#include "scarce.h"

#include "base/json.h"

static const char *const places[] = {"Lock/t1/a1", "Note/t1/a1", "Road/t1/a1",
                                     "Lock/t1/a2", "Note/t1/a2", "Road/t1/a2"};

/* The younger one asks for the host of the older one. */
static json_t *make_api(const char *name, const char *service)
{
    return json_pack("{s:s, s:s, s:{s:s, s:s, s:s}, s:{s:{s:s, s:i}, s:s, s:[{s:s, s:{s:s, s:s}}]}}",
                     "apiVersion", "gateway.kyma-project.io/v1alpha2", "kind", "Api", "metadata", "namespace",
                     "t1", "name", name, "uid", name, "spec", "service", "name", service, "port", 80,
                     "hostname", "h", "authentication", "type", "JWT", "jwt", "issuer", "i", "jwksUri",
                     "https://h/k");
}

/* One thing after the other, up to the first that fails. @return its result. */
static int work(struct stage *stage, const json_t *first, const json_t *second)
{
    const struct event events[] = {{.object = first, .item = -1}, {.object = second, .item = -1}};
    const struct object_ref ref = {API_GROUP, API_VERSION, API_KIND, API_PLURAL, "t1", "a1"};
    struct moment now = {.ms = stage->now, .wall_s = 1000000000};
    int result = controller_put(&events[0], stage->controller, &stage->error);

    if (result == 0)
        result = controller_put(&events[1], stage->controller, &stage->error);
    if (result == 0)
        result = controller_run(stage->controller, now, &stage->error);
    if (result == 0)
        result = controller_gone(&ref, stage->controller, &stage->error);
    if (result == 0)
        result = controller_run(stage->controller, now, &stage->error);
    return result;
}

/* With so many allocations. @return whether they were too few. */
static bool try_work(size_t granted)
{
    json_t *first = make_api("a1", "svc1");
    json_t *second = make_api("a2", "svc2");
    struct stage stage;
    bool failed;
    int result;

    stage_begin(&stage);
    stage_start(&stage);
    scarce_begin(granted);
    result = work(&stage, first, second);
    failed = scarce_end();
    /* A backend for want of memory is no error of the controller's. */
    CU_ASSERT_TRUE(result == 0 || result == ERROR_NO_MEMORY);
    CU_ASSERT_TRUE(failed || result == 0);
    for (int i = 0; i < 6; i += 3)
        CU_ASSERT_FALSE(stage_stands(&stage, places[i + 2]) && !stage_stands(&stage, places[i]));
    /* With memory everything is made good. */
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        stage_look(&stage, places[i]);
    stage.now += 600000;
    CU_ASSERT_EQUAL(work(&stage, first, second), 0);
    stage.now += 600000;
    stage_run(&stage);
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a1"), "?");
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a2"), "");
    CU_ASSERT_EQUAL(json_object_size(stage.gateway.objects), 3);
    CU_ASSERT_EQUAL(controller_next(stage.controller), QUEUE_NEVER);
    CU_ASSERT_EQUAL(controller_unreported(stage.controller), 0);
    json_decref(first);
    json_decref(second);
    stage_end(&stage);
    return failed;
}

static void memory_that_comes_back_makes_all_good(void)
{
    size_t granted = 0;

    while (try_work(granted))
        granted++;
    CU_ASSERT_TRUE(granted > 100);
}

static int look_up(struct sink *sink, const char *key, struct error *error)
{
    (void)sink;
    (void)key;
    (void)error;
    return 0;
}

/* An Api that is not told of any more is looked up, and is not there. @return the first result that is no
 * success. */
static int work_out_of_sight(struct stage *stage)
{
    const struct object_ref ref = {API_GROUP, API_VERSION, API_KIND, API_PLURAL, "t1", "a1"};
    const struct sink_found found = {.code = ERROR_NOT_FOUND};
    struct moment now = {.ms = stage->now, .wall_s = 1000000000};
    int result = controller_gone(&ref, stage->controller, &stage->error);

    if (result == 0)
        result = controller_run(stage->controller, now, &stage->error);
    if (result == 0)
        result = controller_found(stage->controller, "t1/a1", &found, &stage->error);
    if (result == 0)
        result = controller_run(stage->controller, now, &stage->error);
    return result;
}

static bool try_out_of_sight(size_t granted)
{
    json_t *api = make_api("a1", "svc1");
    const struct event event = {.object = api, .item = -1};
    const struct sink_found found = {.code = ERROR_NOT_FOUND};
    struct stage stage;
    bool failed;
    int result;

    stage_begin(&stage);
    stage.sink.look_up = look_up;
    stage.options.selective = true;
    stage_start(&stage);
    CU_ASSERT_EQUAL_FATAL(controller_put(&event, stage.controller, &stage.error), 0);
    stage_run(&stage);
    CU_ASSERT_EQUAL(json_object_size(stage.gateway.objects), 3);
    scarce_begin(granted);
    result = work_out_of_sight(&stage);
    failed = scarce_end();
    CU_ASSERT_TRUE(failed ? result == 0 || result == ERROR_NO_MEMORY : result == 0);
    CU_ASSERT_FALSE(stage_stands(&stage, places[2]) && !stage_stands(&stage, places[0]));
    for (int i = 0; i < 3; i++)
        stage_look(&stage, places[i]);
    for (int i = 0; i < 4; i++) {
        stage.now += 600000;
        stage_run(&stage);
        if (i == 0 && json_object_size(stage.gateway.objects) == 3)
            CU_ASSERT_EQUAL(work_out_of_sight(&stage), 0);
        CU_ASSERT_EQUAL(controller_found(stage.controller, "t1/a1", &found, &stage.error), 0);
    }
    CU_ASSERT_EQUAL(json_object_size(stage.gateway.objects), 0);
    CU_ASSERT_EQUAL(controller_kept(stage.controller), 0);
    CU_ASSERT_EQUAL(controller_next(stage.controller), QUEUE_NEVER);
    json_decref(api);
    stage_end(&stage);
    return failed;
}

static void memory_that_comes_back_finds_what_is_out_of_sight(void)
{
    size_t granted = 0;

    while (try_out_of_sight(granted))
        granted++;
    CU_ASSERT_TRUE(granted > 10);
}

static void a_controller_is_made_whole_or_not_at_all(void)
{
    bool failed = true;

    for (size_t granted = 0; failed; granted++) {
        struct stage stage;
        int result;
        stage_begin(&stage);
        scarce_begin(granted);
        result = controller_new(&stage.options, &stage.controller, &stage.error);
        failed = scarce_end();
        CU_ASSERT_EQUAL(result, failed ? ERROR_NO_MEMORY : 0);
        CU_ASSERT_EQUAL(stage.controller == NULL, failed);
        CU_ASSERT_TRUE(failed || controller_memory(stage.controller) > 0);
        stage_end(&stage);
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"a controller is made whole or not at all", a_controller_is_made_whole_or_not_at_all},
        {"memory that comes back makes all good", memory_that_comes_back_makes_all_good},
        {"memory that comes back finds what is out of sight",
         memory_that_comes_back_finds_what_is_out_of_sight},
        {NULL, NULL}};

    return harness_run("controller memory", tests);
}
