/* SPDX-License-Identifier: Apache-2.0 */
/* What others do to a cluster, and what a start finds; the judge watches each. */
#include "../unit/harness.h"
#include "base/json.h"
#include "incident.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ONE "https://one.example"
#define H1 "h1.kyma.local"

static void removed(struct stage *stage)
{
    json_t *before;
    json_t *after;

    incident_serve(stage, ONE);
    before = stage_snapshot(stage, NULL);
    for (int i = 0; i < CARD_COUNT; i++) {
        stage_tamper(stage, i, "a", NULL);
        incident_rest(stage, true);
    }
    for (int i = 0; i < CARD_COUNT; i++)
        stage_tamper(stage, i, "a", NULL);
    incident_rest(stage, true);
    after = stage_snapshot(stage, NULL);
    CU_ASSERT_TRUE(json_equal(before, after));
    json_decref(before);
    json_decref(after);
}

static void test_removed(void)
{
    incident_in_each(removed);
}

static void changed(struct stage *stage)
{
    json_t *before;
    json_t *after;

    incident_serve(stage, ONE);
    before = stage_snapshot(stage, NULL);
    stage_tamper(stage, CARD_ROAD, "a", card_road("a", "h9.kyma.local", "s9"));
    incident_rest(stage, true);
    stage_tamper(stage, CARD_LOCK, "a", card_lock("a", "s9", NULL, H1, ONE));
    incident_rest(stage, true);
    stage_tamper(stage, CARD_LOCK, "a", card_lock("a", "s1", NULL, H1, "https://evil.example"));
    incident_rest(stage, true);
    after = stage_snapshot(stage, NULL);
    CU_ASSERT_TRUE(json_equal(before, after));
    json_decref(before);
    json_decref(after);
}

static void test_changed(void)
{
    incident_in_each(changed);
}

/* Something foreign inside the spec weakens it and is taken out. */
static void weakened(struct stage *stage)
{
    json_t *object;

    incident_serve(stage, ONE);
    object = incident_copy(stage, CARD_LOCK, "a");
    (void)json_object_set_new(json_member(object, "spec"), "optional", json_true());
    stage_tamper(stage, CARD_LOCK, "a", object);
    incident_rest(stage, true);
    CU_ASSERT_PTR_NULL(json_at(incident_output(stage, CARD_LOCK, "a"), "spec.optional"));
}

static void test_weakened(void)
{
    incident_in_each(weakened);
}

/* Labels and annotations of others stay, and are no reason to write. */
static void decorated(struct stage *stage)
{
    unsigned writes;
    json_t *object;

    incident_serve(stage, ONE);
    object = incident_copy(stage, CARD_ROAD, "a");
    (void)json_object_set_new(json_at(object, "metadata.labels"), "team", json_string("red"));
    stage_tamper(stage, CARD_ROAD, "a", object);
    writes = stage->writes;
    incident_rest(stage, true);
    CU_ASSERT_PTR_NOT_NULL(json_at(incident_output(stage, CARD_ROAD, "a"), "metadata.labels.team"));
    /* The status names the new version. */
    CU_ASSERT_EQUAL(stage->writes, writes + 1);
}

static void test_decorated(void)
{
    incident_in_each(decorated);
}

/* A protection that is lost and cannot be restored leaves the route as it is, and says so. */
static void lost(struct stage *stage)
{
    incident_serve(stage, ONE);
    stage_tamper(stage, CARD_LOCK, "a", NULL);
    stage_break(stage, STAGE_REFUSED, 1);
    incident_rest(stage, false);
    CU_ASSERT_PTR_NOT_NULL(incident_output(stage, CARD_ROAD, "a"));
    CU_ASSERT_EQUAL(incident_code(stage, "default/a", "authenticationStatus"), 3);
    stage_heal(stage);
    incident_rest(stage, true);
    CU_ASSERT_PTR_NOT_NULL(incident_output(stage, CARD_LOCK, "a"));
}

static void test_lost(void)
{
    incident_in_each(lost);
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
    incident_rest(stage, false);
    for (int i = 0; i < CARD_COUNT; i++)
        CU_ASSERT_PTR_NOT_NULL(json_at(incident_output(stage, i, "a"), "spec.theirs"));
    stage_tamper(stage, CARD_ROAD, "a", NULL);
    incident_rest(stage, false);
    CU_ASSERT_PTR_NULL(incident_output(stage, CARD_ROAD, "a"));
    stage_tamper(stage, CARD_LOCK, "a", NULL);
    incident_rest(stage, false);
    CU_ASSERT_PTR_NOT_NULL(incident_output(stage, CARD_ROAD, "a"));
    stage_tamper(stage, CARD_NOTE, "a", NULL);
    incident_rest(stage, true);
}

static void test_in_the_way(void)
{
    incident_in_each(in_the_way);
}

/* Our protection loses its labels: it is no longer ours, and the route stays. */
static void disowned(struct stage *stage)
{
    json_t *object;

    incident_serve(stage, ONE);
    object = incident_copy(stage, CARD_LOCK, "a");
    (void)json_object_del(json_member(object, "metadata"), "labels");
    stage_tamper(stage, CARD_LOCK, "a", object);
    incident_rest(stage, false);
    CU_ASSERT_PTR_NULL(json_at(incident_output(stage, CARD_LOCK, "a"), "metadata.labels"));
    CU_ASSERT_PTR_NOT_NULL(incident_output(stage, CARD_ROAD, "a"));
}

static void test_disowned(void)
{
    incident_in_each(disowned);
}

/* Outputs of an Api that is not known stay until all Apis are. */
static void unknown(struct stage *stage)
{
    incident_serve(stage, ONE);
    stage_stop(stage);
    stage_remove(stage, API_KIND, "a");
    stage_complete(stage, false);
    stage_start(stage);
    incident_rest(stage, true);
    for (int i = 0; i < CARD_COUNT; i++)
        CU_ASSERT_PTR_NOT_NULL(incident_output(stage, i, "a"));
    stage_complete(stage, true);
    incident_rest(stage, true);
    for (int i = 0; i < CARD_COUNT; i++)
        CU_ASSERT_PTR_NULL(incident_output(stage, i, "a"));
    CU_ASSERT_PTR_NULL(json_object_get(stage->statuses, "default/a"));
}

static void test_unknown(void)
{
    incident_in_each(unknown);
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
    incident_rest(stage, true);
    CU_ASSERT_STRING_EQUAL(json_text_at(incident_output(stage, CARD_LOCK, "a"), "metadata.labels.createdBy"),
                           "apigwd");
    CU_ASSERT_STRING_EQUAL(json_text_at(incident_output(stage, CARD_ROAD, "a"), "metadata.labels.createdBy"),
                           "apigwd");
}

static void test_taken_over(void)
{
    incident_in_each(taken_over);
}

/* What the historic controller made for an Api of the same name is not ours. */
static void not_taken_over(struct stage *stage)
{
    json_t *api = card_api("a", "s1", "h1", ONE);

    stage_tamper(stage, CARD_ROAD, "a", historic(card_road("a", "h7.kyma.local", "s7")));
    (void)json_object_set_new(json_member(api, "metadata"), "uid", json_string("u2"));
    stage_put(stage, api);
    stage_start(stage);
    incident_rest(stage, false);
    CU_ASSERT_STRING_EQUAL(json_text_at(incident_output(stage, CARD_ROAD, "a"), "metadata.labels.createdBy"),
                           "api-controller");
}

static void test_not_taken_over(void)
{
    incident_in_each(not_taken_over);
}

/* A status that somebody forged changes nothing, and is put right when it is seen. */
static void forged(struct stage *stage)
{
    json_t *forgery = card_json("{'validationStatus': 3, 'road': {'code': 4}}");

    incident_serve(stage, ONE);
    stage_stop(stage);
    judge_foreign_status(stage->judge, "default/a", forgery);
    (void)json_object_set_new(stage->statuses, "default/a", forgery);
    stage_start(stage);
    incident_rest(stage, true);
    CU_ASSERT_EQUAL(incident_code(stage, "default/a", "road"), 2);
}

static void test_forged(void)
{
    incident_in_each(forged);
}

/* An output goes while the answer to the step that made it is on its way: it comes back all the same, and no
 * route is published before its protection stands. */
static void outrun(struct stage *stage)
{
    stage_start(stage);
    for (int backend = 0; backend < CARD_COUNT; backend++) {
        for (unsigned steps = 0; steps < 8; steps++) {
            stage_put(stage, card_api("a", "s1", "h1", ONE));
            (void)stage_run(stage, steps);
            stage_tamper(stage, backend, "a", NULL);
            incident_rest(stage, true);
            CU_ASSERT_PTR_NOT_NULL(incident_output(stage, backend, "a"));
            stage_remove(stage, API_KIND, "a");
            incident_rest(stage, true);
        }
    }
}

static void test_outrun(void)
{
    incident_in_each(outrun);
}

/* An Api whose status could not be written goes, and is forgotten. */
static void untold(struct stage *stage)
{
    stage_start(stage);
    stage_break(stage, STAGE_REFUSED, 1);
    stage_put(stage, card_api("a", "s1", "more.labels.than.one", ONE));
    (void)stage_run(stage, 5);
    CU_ASSERT_PTR_NULL(json_object_get(stage->statuses, "default/a"));
    stage_remove(stage, API_KIND, "a");
    stage_heal(stage);
    incident_rest(stage, true);
}

static void test_untold(void)
{
    incident_in_each(untold);
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
        {"those of another Api of the name are not", test_not_taken_over},
        {"a forged status", test_forged},
        {"outputs that go while the answer is on its way", test_outrun},
        {"an Api goes whose status could not be written", test_untold},
        {NULL, NULL},
    };

    /* A controller that never returns ends the test. */
    (void)alarm(20);
    return harness_run("incidents", tests);
}
