/* SPDX-License-Identifier: Apache-2.0 */
/* Apis that a source which selects does not tell of: gone, or only out of sight. */
#include "controller_stage.h"
#include "harness.h"

#include "base/json.h"

#include <string.h>

#define UID "'uid': 'u1'"
#define REMOVED "remove Road/t1/a1\nremove Note/t1/a1\nremove Lock/t1/a1\nforget t1/a1\n"
#define OURS(name_space, api)                                                                                \
    "'createdBy': 'apigwd', 'apiNamespace': '" name_space "', 'apiName': '" api "', 'apiUid': 'u1'"

static int look_up(struct sink *sink, const char *key, struct error *error)
{
    struct stage *stage = (struct stage *)((char *)sink - offsetof(struct stage, sink));

    (void)error;
    text_append_format(&stage->calls, "look %s\n", key);
    return 0;
}

static void found(struct stage *stage, const char *key, int code, const char *uid)
{
    struct sink_found answer = {.code = code};

    (void)snprintf(answer.uid, sizeof answer.uid, "%s", uid);
    (void)error_set(&answer.error, code, "%s", code != 0 ? "the server says no" : "");
    CU_ASSERT_EQUAL_FATAL(controller_found(stage->controller, key, &answer, &stage->error), 0);
}

/* A source that selects tells of t1/a1, which is served. */
static void begin(struct stage *stage)
{
    stage_begin(stage);
    stage->sink.look_up = look_up;
    stage->options.selective = true;
    stage_start(stage);
    stage_api(stage, "t1/a1", "svc1", "h1", SECURED, UID);
    stage_run(stage);
    text_clear(&stage->calls);
}

/* The clock goes to when something is due. @return how far. */
static int64_t wait_for_it(struct stage *stage)
{
    int64_t next = controller_next(stage->controller);
    int64_t waited = next - stage->now;

    CU_ASSERT_NOT_EQUAL_FATAL(next, QUEUE_NEVER);
    stage->now = next;
    return waited;
}

static void what_left_the_selection_keeps_what_it_has(void)
{
    struct stage stage;
    int64_t least = 5000;

    begin(&stage);
    stage_gone(&stage, "t1/a1");
    stage_expect(&stage, "look t1/a1\n");
    CU_ASSERT_EQUAL(controller_next(stage.controller), stage.now + 60000);
    for (int i = 0; i < 12; i++) {
        int64_t waited;
        found(&stage, "t1/a1", 0, "u1");
        stage_expect(&stage, "");
        waited = wait_for_it(&stage);
        CU_ASSERT_TRUE(waited >= least && waited <= 2 * least);
        least = least < 150000 ? 2 * least : least;
        least = least > 150000 ? 150000 : least;
        stage_expect(&stage, "look t1/a1\n");
    }
    CU_ASSERT_TRUE(stage_stands(&stage, "Road/t1/a1") && stage_stands(&stage, "Lock/t1/a1"));
    CU_ASSERT_TRUE(stage_logged(&stage, "left the selection"));
    CU_ASSERT_PTR_EQUAL(strstr(strstr(stage.log_text, "left the selection") + 1, "left the selection"), NULL);
    CU_ASSERT_EQUAL(json_object_size(stage.statuses), 1);
    stage_end(&stage);
}

static void what_is_gone_goes_in_order(void)
{
    struct stage stage;

    begin(&stage);
    stage_gone(&stage, "t1/a1");
    stage_expect(&stage, "look t1/a1\n");
    found(&stage, "t1/a1", ERROR_NOT_FOUND, "");
    stage_expect(&stage, REMOVED);
    CU_ASSERT_EQUAL(controller_next(stage.controller), QUEUE_NEVER);
    CU_ASSERT_EQUAL(controller_kept(stage.controller), 0);
    stage_end(&stage);
}

static void another_one_of_that_name_is_not_the_same(void)
{
    struct stage stage;

    begin(&stage);
    stage_gone(&stage, "t1/a1");
    stage_expect(&stage, "look t1/a1\n");
    found(&stage, "t1/a1", 0, "u2");
    stage_expect(&stage, REMOVED);
    stage_end(&stage);
}

static void one_that_is_being_deleted_out_of_sight_is_gone(void)
{
    const struct sink_found leaving = {.leaving = true, .uid = "u1"};
    struct stage stage;

    begin(&stage);
    stage_gone(&stage, "t1/a1");
    stage_expect(&stage, "look t1/a1\n");
    CU_ASSERT_EQUAL(controller_found(stage.controller, "t1/a1", &leaving, &stage.error), 0);
    stage_expect(&stage, REMOVED);
    stage_end(&stage);
}

static void a_lookup_that_fails_concludes_nothing(void)
{
    struct stage stage;
    int64_t least = 500;

    begin(&stage);
    stage_gone(&stage, "t1/a1");
    stage_expect(&stage, "look t1/a1\n");
    for (int i = 0; i < 8; i++) {
        int64_t waited;
        found(&stage, "t1/a1", i % 2 ? ERROR_BUSY : ERROR_FOREIGN, "");
        stage_expect(&stage, "");
        waited = wait_for_it(&stage);
        CU_ASSERT_TRUE(waited >= least && waited <= 2 * least);
        least *= 2;
        stage_expect(&stage, "look t1/a1\n");
    }
    CU_ASSERT_TRUE(stage_logged(&stage, "cannot be looked up"));
    found(&stage, "t1/a1", ERROR_NOT_FOUND, "");
    stage_expect(&stage, REMOVED);
    stage_end(&stage);
}

static void a_delay_that_the_sink_asks_for_is_kept(void)
{
    const struct sink_found busy = {.code = ERROR_BUSY, .retry_ms = 60000};
    struct stage stage;

    begin(&stage);
    stage_gone(&stage, "t1/a1");
    stage_run(&stage);
    CU_ASSERT_EQUAL(controller_found(stage.controller, "t1/a1", &busy, &stage.error), 0);
    stage_run(&stage);
    CU_ASSERT_EQUAL(wait_for_it(&stage), 60000);
    stage_end(&stage);
}

static void an_answer_that_is_out_of_date_is_not_believed(void)
{
    struct stage stage;

    begin(&stage);
    stage_gone(&stage, "t1/a1");
    stage_expect(&stage, "look t1/a1\n");
    stage_api(&stage, "t1/a1", "svc1", "h1", SECURED, UID);
    stage_run(&stage);
    stage_gone(&stage, "t1/a1");
    stage_run(&stage);
    text_clear(&stage.calls);
    found(&stage, "t1/a1", ERROR_NOT_FOUND, "");
    stage_expect(&stage, "look t1/a1\n");
    found(&stage, "t1/a1", 0, "u1");
    stage_expect(&stage, "");
    stage_end(&stage);
}

static void what_comes_back_is_managed_again(void)
{
    struct stage stage;

    begin(&stage);
    stage_gone(&stage, "t1/a1");
    stage_run(&stage);
    found(&stage, "t1/a1", 0, "u1");
    stage_run(&stage);
    text_clear(&stage.calls);
    stage_api(&stage, "t1/a1", "svc1", "h1", SECURED, UID);
    stage_expect(&stage, "report t1/a1\n");
    CU_ASSERT_STRING_EQUAL(stage_reason(&stage, "t1/a1"), "");
    stage.now += 400000;
    stage_expect(&stage, "");
    /* While it is looked up. */
    stage_gone(&stage, "t1/a1");
    stage_expect(&stage, "look t1/a1\n");
    stage_api(&stage, "t1/a1", "svc1", "h2", SECURED, UID);
    stage_expect(&stage, "write Lock/t1/a1\nwrite Note/t1/a1\nwrite Road/t1/a1\nwrite Lock/t1/a1\n"
                         "report t1/a1\n");
    found(&stage, "t1/a1", ERROR_NOT_FOUND, "");
    stage_expect(&stage, "");
    CU_ASSERT_EQUAL(controller_next(stage.controller), QUEUE_NEVER);
    stage_end(&stage);
}

static void what_was_never_seen_is_looked_up_too(void)
{
    struct stage stage;

    begin(&stage);
    stage_start(&stage);
    stage_expect(&stage, "look t1/a1\n");
    found(&stage, "t1/a1", 0, "u1");
    stage_expect(&stage, "");
    CU_ASSERT_TRUE(stage_logged(&stage, "not selected"));
    stage_start(&stage);
    stage_expect(&stage, "look t1/a1\n");
    found(&stage, "t1/a1", ERROR_NOT_FOUND, "");
    stage_expect(&stage, REMOVED);
    stage_end(&stage);
}

static void nothing_is_asked_before_all_was_told(void)
{
    struct stage stage;

    begin(&stage);
    CU_ASSERT_EQUAL(controller_set_complete(stage.controller, false, &stage.error), 0);
    stage_gone(&stage, "t1/a1");
    stage_expect(&stage, "");
    CU_ASSERT_EQUAL(controller_set_complete(stage.controller, true, &stage.error), 0);
    stage_expect(&stage, "look t1/a1\n");
    stage_end(&stage);
}

static void where_nothing_stands_nothing_is_asked(void)
{
    struct stage stage;

    begin(&stage);
    stage_api(&stage, "t1/a2", "svc1", "BAD HOST", "", "'uid': 'u2'");
    stage_expect(&stage, "report t1/a2\n");
    stage_gone(&stage, "t1/a2");
    stage_expect(&stage, "forget t1/a2\n");
    CU_ASSERT_EQUAL(controller_kept(stage.controller), 0);
    stage_end(&stage);
}

static void other_namespaces_are_out_of_sight(void)
{
    static const char *const namespaces[] = {"t", "t1", NULL};
    struct stage stage;

    stage_begin(&stage);
    stage.sink.look_up = look_up;
    stage.options.namespaces = namespaces;
    stage_observe(&stage, "Road/t1/a1", OURS("t1", "a1"), "'spec': {'hosts': ['h.kyma.local'], 'to': 's'}");
    stage_observe(&stage, "Road/t12/a1", OURS("t12", "a1"), "'spec': {'hosts': ['i.kyma.local'], 'to': 's'}");
    stage_start(&stage);
    stage_run(&stage);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.calls.data, "look t12/a1\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.calls.data, "remove Road/t1/a1\n"));
    CU_ASSERT_FALSE(stage_stands(&stage, "Road/t1/a1"));
    CU_ASSERT_TRUE(stage_stands(&stage, "Road/t12/a1"));
    stage_end(&stage);
}

static void a_source_without_lookups_keeps_what_may_be_there(void)
{
    struct stage stage;

    begin(&stage);
    stage.sink.look_up = NULL;
    stage_gone(&stage, "t1/a1");
    stage_expect(&stage, "");
    CU_ASSERT_EQUAL(controller_kept(stage.controller), 1);
    stage_end(&stage);
}

static void what_happens_to_its_outputs_is_a_reason_to_look(void)
{
    struct stage stage;

    begin(&stage);
    stage_gone(&stage, "t1/a1");
    stage_run(&stage);
    found(&stage, "t1/a1", 0, "u1");
    stage_run(&stage);
    text_clear(&stage.calls);
    /* As a garbage collector does it. */
    stage.now += 2000;
    stage_observe(&stage, "Road/t1/a1", NULL, NULL);
    stage_expect(&stage, "look t1/a1\n");
    found(&stage, "t1/a1", ERROR_NOT_FOUND, "");
    stage_expect(&stage, "remove Note/t1/a1\nremove Lock/t1/a1\nforget t1/a1\n");
    stage_end(&stage);
}

static bool none(const char *name_space, const char *name, void *payload)
{
    (void)name_space;
    (void)name;
    (void)payload;
    return false;
}

static void a_new_list_is_a_reason_to_look(void)
{
    static const struct object_ref apis = {
        .group = API_GROUP, .version = API_VERSION, .kind = API_KIND, .plural = API_PLURAL};
    struct stage stage;

    begin(&stage);
    stage_gone(&stage, "t1/a1");
    stage_run(&stage);
    found(&stage, "t1/a1", 0, "u1");
    stage_run(&stage);
    text_clear(&stage.calls);
    CU_ASSERT_EQUAL(controller_sweep(stage.controller, &apis, none, NULL, &stage.error), 0);
    stage.now += 100;
    stage_expect(&stage, "look t1/a1\n");
    stage_end(&stage);
}

/* Few at a time, and each of them in the end. */
static void many_are_looked_up_in_their_turn(void)
{
    struct stage stage;
    size_t looked = 0;
    char key[KEY_SIZE];

    begin(&stage);
    for (int i = 2; i <= 20; i++) {
        char name[8];
        (void)snprintf(key, sizeof key, "t1/a%d", i);
        (void)snprintf(name, sizeof name, "n%d", i);
        stage_api(&stage, key, name, name, "", UID);
    }
    stage_run(&stage);
    text_clear(&stage.calls);
    stage_start(&stage);
    for (stage_run(&stage); stage.calls.length > 0; stage_run(&stage)) {
        size_t lines = 0;
        (void)snprintf(key, sizeof key, "%.*s", (int)strcspn(stage.calls.data + 5, "\n"),
                       stage.calls.data + 5);
        for (const char *at = stage.calls.data; *at; at++)
            lines += *at == '\n';
        CU_ASSERT_TRUE_FATAL(lines <= 4);
        (void)memmove(stage.calls.data, strchr(stage.calls.data, '\n') + 1,
                      strlen(strchr(stage.calls.data, '\n')));
        stage.calls.length = strlen(stage.calls.data);
        /* Some come back meanwhile. */
        if (looked == 3)
            stage_api(&stage, "t1/a19", "n19", "n19", "", UID);
        found(&stage, key, 0, "u1");
        looked++;
        if (looked == 3)
            continue;
        stage_run(&stage);
        if (strstr(stage.calls.data, "report t1/a19\n")) {
            char *report = strstr(stage.calls.data, "report t1/a19\n");
            (void)memmove(report, report + 14, strlen(report + 14) + 1);
            stage.calls.length = strlen(stage.calls.data);
        }
    }
    CU_ASSERT_TRUE(looked == 19 || looked == 20);
    CU_ASSERT_EQUAL(json_object_size(stage.gateway.objects), 3 + 2 * 19);
    CU_ASSERT_NOT_EQUAL(controller_next(stage.controller), QUEUE_NEVER);
    stage_end(&stage);
}

int main(void)
{
    static const struct test tests[] = {
        {"what left the selection keeps what it has", what_left_the_selection_keeps_what_it_has},
        {"what is gone goes in order", what_is_gone_goes_in_order},
        {"another one of that name is not the same", another_one_of_that_name_is_not_the_same},
        {"one that is being deleted out of sight is gone", one_that_is_being_deleted_out_of_sight_is_gone},
        {"a lookup that fails concludes nothing", a_lookup_that_fails_concludes_nothing},
        {"a delay that the sink asks for is kept", a_delay_that_the_sink_asks_for_is_kept},
        {"an answer that is out of date is not believed", an_answer_that_is_out_of_date_is_not_believed},
        {"what comes back is managed again", what_comes_back_is_managed_again},
        {"what was never seen is looked up too", what_was_never_seen_is_looked_up_too},
        {"nothing is asked before all was told", nothing_is_asked_before_all_was_told},
        {"where nothing stands nothing is asked", where_nothing_stands_nothing_is_asked},
        {"other namespaces are out of sight", other_namespaces_are_out_of_sight},
        {"a source without lookups keeps what may be there",
         a_source_without_lookups_keeps_what_may_be_there},
        {"what happens to its outputs is a reason to look", what_happens_to_its_outputs_is_a_reason_to_look},
        {"a new list is a reason to look", a_new_list_is_a_reason_to_look},
        {"many are looked up in their turn", many_are_looked_up_in_their_turn},
        {NULL, NULL}};

    return harness_run("lookup", tests);
}
