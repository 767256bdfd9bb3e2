/* SPDX-License-Identifier: Apache-2.0 */
/* What others do to a cluster, and what a start finds; the judge watches each. */
#include "../unit/harness.h"
#include "base/json.h"
#include "states.h"

#include <stdio.h>
#include <string.h>

#define ONE "https://one.example"
#define H1 "h1.kyma.local"

enum { ROUNDS = 400, ROUNDS_REFUSED = 60 };

/* Runs to rest and lets the judge look. */
static void rest(struct stage *stage, bool healthy)
{
    bool quiet = stage_run(stage, healthy ? ROUNDS : ROUNDS_REFUSED);

    CU_ASSERT_TRUE(quiet || !healthy);
    judge_rest(stage->judge, healthy);
    judge_print(stage->judge, healthy ? "at rest" : "with a failure");
    CU_ASSERT_EQUAL(judge_count(stage->judge), 0);
    CU_ASSERT_EQUAL(stage->complaints, 0);
    judge_forget(stage->judge);
}

/* Every incident happens under each delivery. */
static void in_each(void (*incident)(struct stage *stage))
{
    for (int i = 0; i < STAGE_DELIVERIES; i++) {
        struct stage stage;
        stage_init(&stage, (enum stage_delivery)i);
        incident(&stage);
        stage_release(&stage);
    }
}

static void serve(struct stage *stage, const char *issuer)
{
    stage_put(stage, card_api("a", "s1", "h1", issuer));
    stage_start(stage);
    rest(stage, true);
}

static json_t *output(const struct stage *stage, int backend, const char *name)
{
    struct object_ref ref = card_ref(backend, name);
    char place[KEY_SIZE + 64];

    (void)snprintf(place, sizeof place, "%s/default/%s", ref.kind, name);
    return json_member(json_object_get(stage->outputs, place), "object");
}

/* A copy of an output, to be changed. */
static json_t *copy_of(const struct stage *stage, int backend, const char *name)
{
    return json_deep_copy(output(stage, backend, name));
}

static int code_of(const struct stage *stage, const char *key, const char *part)
{
    const json_t *status = json_object_get(stage->statuses, key);

    return (int)json_integer_value(json_member(json_member(status, part), "code"));
}

static void removed(struct stage *stage)
{
    json_t *before;
    json_t *after;

    serve(stage, ONE);
    before = stage_snapshot(stage, NULL);
    for (int i = 0; i < CARD_COUNT; i++) {
        stage_tamper(stage, i, "a", NULL);
        rest(stage, true);
    }
    for (int i = 0; i < CARD_COUNT; i++)
        stage_tamper(stage, i, "a", NULL);
    rest(stage, true);
    after = stage_snapshot(stage, NULL);
    CU_ASSERT_TRUE(json_equal(before, after));
    json_decref(before);
    json_decref(after);
}

static void test_removed(void)
{
    in_each(removed);
}

static void changed(struct stage *stage)
{
    json_t *before;
    json_t *after;

    serve(stage, ONE);
    before = stage_snapshot(stage, NULL);
    stage_tamper(stage, CARD_ROAD, "a", card_road("a", "h9.kyma.local", "s9"));
    rest(stage, true);
    stage_tamper(stage, CARD_LOCK, "a", card_lock("a", "s9", NULL, H1, ONE));
    rest(stage, true);
    stage_tamper(stage, CARD_LOCK, "a", card_lock("a", "s1", NULL, H1, "https://evil.example"));
    rest(stage, true);
    after = stage_snapshot(stage, NULL);
    CU_ASSERT_TRUE(json_equal(before, after));
    json_decref(before);
    json_decref(after);
}

static void test_changed(void)
{
    in_each(changed);
}

/* Something foreign inside the spec weakens it and is taken out. */
static void weakened(struct stage *stage)
{
    json_t *object;

    serve(stage, ONE);
    object = copy_of(stage, CARD_LOCK, "a");
    (void)json_object_set_new(json_member(object, "spec"), "optional", json_true());
    stage_tamper(stage, CARD_LOCK, "a", object);
    rest(stage, true);
    CU_ASSERT_PTR_NULL(json_at(output(stage, CARD_LOCK, "a"), "spec.optional"));
}

static void test_weakened(void)
{
    in_each(weakened);
}

/* Labels and annotations of others stay, and are no reason to write. */
static void decorated(struct stage *stage)
{
    unsigned writes;
    json_t *object;

    serve(stage, ONE);
    object = copy_of(stage, CARD_ROAD, "a");
    (void)json_object_set_new(json_at(object, "metadata.labels"), "team", json_string("red"));
    stage_tamper(stage, CARD_ROAD, "a", object);
    writes = stage->writes;
    rest(stage, true);
    CU_ASSERT_PTR_NOT_NULL(json_at(output(stage, CARD_ROAD, "a"), "metadata.labels.team"));
    /* The status names the new version. */
    CU_ASSERT_EQUAL(stage->writes, writes + 1);
}

static void test_decorated(void)
{
    in_each(decorated);
}

/* A protection that is lost and cannot be restored leaves the route as it is, and says so. */
static void lost(struct stage *stage)
{
    serve(stage, ONE);
    stage_tamper(stage, CARD_LOCK, "a", NULL);
    stage_break(stage, STAGE_REFUSED, 1);
    rest(stage, false);
    CU_ASSERT_PTR_NOT_NULL(output(stage, CARD_ROAD, "a"));
    CU_ASSERT_EQUAL(code_of(stage, "default/a", "authenticationStatus"), 3);
    stage_heal(stage);
    rest(stage, true);
    CU_ASSERT_PTR_NOT_NULL(output(stage, CARD_LOCK, "a"));
}

static void test_lost(void)
{
    in_each(lost);
}

/* Somebody else's object has the name of an output. */
static void in_the_way(struct stage *stage)
{
    for (int i = 0; i < CARD_COUNT; i++) {
        json_t *object =
            card_json("{'apiVersion': 'test.example/v1', 'kind': '%s', 'metadata': {'name': 'a', "
                      "'namespace': 'default'}, 'spec': {'theirs': true}}",
                      card_ref(i, "a").kind);
        stage_tamper(stage, i, "a", object);
    }
    stage_put(stage, card_api("a", "s1", "h1", ONE));
    stage_start(stage);
    rest(stage, false);
    for (int i = 0; i < CARD_COUNT; i++)
        CU_ASSERT_PTR_NOT_NULL(json_at(output(stage, i, "a"), "spec.theirs"));
    stage_tamper(stage, CARD_ROAD, "a", NULL);
    rest(stage, false);
    CU_ASSERT_PTR_NULL(output(stage, CARD_ROAD, "a"));
    stage_tamper(stage, CARD_LOCK, "a", NULL);
    rest(stage, false);
    CU_ASSERT_PTR_NOT_NULL(output(stage, CARD_ROAD, "a"));
    stage_tamper(stage, CARD_NOTE, "a", NULL);
    rest(stage, true);
}

static void test_in_the_way(void)
{
    in_each(in_the_way);
}

/* Our protection loses its labels: it is no longer ours, and the route stays. */
static void disowned(struct stage *stage)
{
    json_t *object;

    serve(stage, ONE);
    object = copy_of(stage, CARD_LOCK, "a");
    (void)json_object_del(json_member(object, "metadata"), "labels");
    stage_tamper(stage, CARD_LOCK, "a", object);
    rest(stage, false);
    CU_ASSERT_PTR_NULL(json_at(output(stage, CARD_LOCK, "a"), "metadata.labels"));
    CU_ASSERT_PTR_NOT_NULL(output(stage, CARD_ROAD, "a"));
}

static void test_disowned(void)
{
    in_each(disowned);
}

/* Outputs of an Api that is not known stay until all Apis are. */
static void unknown(struct stage *stage)
{
    serve(stage, ONE);
    stage_stop(stage);
    stage_remove(stage, API_KIND, "a");
    stage_complete(stage, false);
    stage_start(stage);
    rest(stage, true);
    for (int i = 0; i < CARD_COUNT; i++)
        CU_ASSERT_PTR_NOT_NULL(output(stage, i, "a"));
    stage_complete(stage, true);
    rest(stage, true);
    for (int i = 0; i < CARD_COUNT; i++)
        CU_ASSERT_PTR_NULL(output(stage, i, "a"));
    CU_ASSERT_PTR_NULL(json_object_get(stage->statuses, "default/a"));
}

static void test_unknown(void)
{
    in_each(unknown);
}

static json_t *historic(json_t *object)
{
    (void)json_object_set_new(json_at(object, "metadata.labels"), "createdBy", json_string("api-controller"));
    (void)json_object_set_new(json_at(object, "metadata.labels"), "apiUid", json_string("u1"));
    return object;
}

/* What the historic controller made is taken over in place. */
static void taken_over(struct stage *stage)
{
    json_t *api;

    stage_tamper(stage, CARD_ROAD, "a", historic(card_road("a", H1, "s1")));
    stage_tamper(stage, CARD_LOCK, "a", historic(card_lock("a", "s1", NULL, H1, ONE)));
    api = card_api("a", "s1", "h1", ONE);
    (void)json_object_set_new(json_member(api, "metadata"), "uid", json_string("u1"));
    stage_put(stage, api);
    stage_start(stage);
    rest(stage, true);
    CU_ASSERT_STRING_EQUAL(json_text_at(output(stage, CARD_LOCK, "a"), "metadata.labels.createdBy"),
                           "apigwd");
    CU_ASSERT_STRING_EQUAL(json_text_at(output(stage, CARD_ROAD, "a"), "metadata.labels.createdBy"),
                           "apigwd");
}

static void test_taken_over(void)
{
    in_each(taken_over);
}

static json_t *born(json_t *api, int year)
{
    (void)json_object_set_new(json_member(api, "metadata"), "creationTimestamp",
                              json_sprintf("%d-01-01T00:00:00Z", year));
    return api;
}

/* Two live routes with one host: the oldest holds it, the other stays as it is. */
static void doubled(struct stage *stage)
{
    stage_tamper(stage, CARD_ROAD, "a", card_road("a", H1, "s1"));
    stage_tamper(stage, CARD_ROAD, "b", card_road("b", H1, "s2"));
    stage_put(stage, born(card_api("a", "s1", "h1", NULL), 2022));
    stage_put(stage, born(card_api("b", "s2", "h1", NULL), 2021));
    stage_start(stage);
    rest(stage, true);
    CU_ASSERT_EQUAL(code_of(stage, "default/a", "road"), 4);
    CU_ASSERT_EQUAL(code_of(stage, "default/b", "road"), 2);
    CU_ASSERT_PTR_NOT_NULL(output(stage, CARD_ROAD, "a"));
    stage_remove(stage, API_KIND, "b");
    rest(stage, true);
    CU_ASSERT_EQUAL(code_of(stage, "default/a", "road"), 2);
}

static void test_doubled(void)
{
    in_each(doubled);
}

static json_t *foreign_road(const char *host)
{
    json_t *road = card_road("x", host, "elsewhere");

    (void)json_object_del(json_member(road, "metadata"), "labels");
    return road;
}

/* A foreign route that comes later takes nothing; one that was first is waited for. */
static void foreign_route(struct stage *stage)
{
    serve(stage, NULL);
    stage_put(stage, foreign_road(H1));
    rest(stage, true);
    CU_ASSERT_EQUAL(code_of(stage, "default/a", "road"), 2);
    stage_put(stage, card_api("b", "s2", "h2", NULL));
    rest(stage, true);
    stage_put(stage, card_api("a", "s1", "h2", NULL));
    rest(stage, true);
    CU_ASSERT_EQUAL(code_of(stage, "default/a", "road"), 4);
    stage_remove(stage, API_KIND, "a");
    rest(stage, true);
    stage_put(stage, card_api("a", "s1", "h1", NULL));
    rest(stage, true);
    CU_ASSERT_EQUAL(code_of(stage, "default/a", "road"), 4);
    stage_remove(stage, "Road", "x");
    rest(stage, true);
    CU_ASSERT_EQUAL(code_of(stage, "default/a", "road"), 2);
}

static void test_foreign_route(void)
{
    in_each(foreign_route);
}

/* The next in line is served when the holder goes, the oldest first. */
static void queue_of_losers(struct stage *stage)
{
    stage_put(stage, born(card_api("a", "s1", "h1", ONE), 2020));
    stage_put(stage, born(card_api("b", "s1", "h2", NULL), 2022));
    stage_put(stage, born(card_api("c", "s1", "h3", NULL), 2021));
    stage_put(stage, born(card_api("d", "s4", "h1", ONE), 2023));
    stage_start(stage);
    rest(stage, true);
    CU_ASSERT_EQUAL(code_of(stage, "default/d", "road"), 4);
    stage_remove(stage, API_KIND, "a");
    rest(stage, true);
    CU_ASSERT_EQUAL(code_of(stage, "default/c", "road"), 2);
    CU_ASSERT_EQUAL(code_of(stage, "default/d", "road"), 2);
    CU_ASSERT_PTR_NULL(output(stage, CARD_ROAD, "b"));
    stage_put(stage, born(card_api("c", "s9", "h3", NULL), 2021));
    rest(stage, true);
    CU_ASSERT_EQUAL(code_of(stage, "default/b", "road"), 2);
}

static void test_queue_of_losers(void)
{
    in_each(queue_of_losers);
}

/* Two that swap their Services or hosts wait for each other and keep what they have. */
static void swapped(struct stage *stage)
{
    stage_put(stage, born(card_api("a", "s1", "h1", ONE), 2020));
    stage_put(stage, born(card_api("b", "s2", "h2", NULL), 2021));
    stage_start(stage);
    rest(stage, true);
    stage_put(stage, born(card_api("a", "s1", "h2", ONE), 2020));
    stage_put(stage, born(card_api("b", "s2", "h1", NULL), 2021));
    rest(stage, true);
    stage_put(stage, born(card_api("a", "s2", "h1", ONE), 2020));
    stage_put(stage, born(card_api("b", "s1", "h2", NULL), 2021));
    rest(stage, true);
    stage_put(stage, born(card_api("b", "s3", "h2", NULL), 2021));
    rest(stage, true);
    CU_ASSERT_EQUAL(code_of(stage, "default/a", "road"), 2);
}

static void test_swapped(void)
{
    in_each(swapped);
}

/* A status that somebody forged changes nothing, and is put right when it is seen. */
static void forged(struct stage *stage)
{
    json_t *forgery = card_json("{'validationStatus': 3, 'road': {'code': 4}}");

    serve(stage, ONE);
    stage_stop(stage);
    judge_foreign_status(stage->judge, "default/a", forgery);
    (void)json_object_set_new(stage->statuses, "default/a", forgery);
    stage_start(stage);
    rest(stage, true);
    CU_ASSERT_EQUAL(code_of(stage, "default/a", "road"), 2);
}

static void test_forged(void)
{
    in_each(forged);
}

int main(void)
{
    static const struct test tests[] = {
        {"outputs that somebody removed come back", test_removed},
        {"outputs that somebody changed are put right", test_changed},
        {"nothing foreign stays inside a spec", test_weakened},
        {"labels of others are no reason to write", test_decorated},
        {"a lost protection that cannot be restored", test_lost},
        {"somebody else's objects stand in the way", test_in_the_way},
        {"a protection that lost its labels", test_disowned},
        {"outputs of unknown Apis stay", test_unknown},
        {"the historic controller's outputs are taken over", test_taken_over},
        {"two live routes with one host", test_doubled},
        {"foreign routes", test_foreign_route},
        {"losers are served in turn", test_queue_of_losers},
        {"two Apis swap what they have", test_swapped},
        {"a forged status", test_forged},
        {NULL, NULL},
    };

    return harness_run("incidents", tests);
}
