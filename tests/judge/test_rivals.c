/* SPDX-License-Identifier: Apache-2.0 */
/* Who wins, who waits, and plans that are overtaken; the judge watches each. */
#include "../unit/harness.h"
#include "base/json.h"
#include "incident.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ONE "https://one.example"
#define H1 "h1.kyma.local"

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
    incident_rest(stage, true);
    CU_ASSERT_EQUAL(incident_code(stage, "default/a", "road"), 4);
    CU_ASSERT_EQUAL(incident_code(stage, "default/b", "road"), 2);
    CU_ASSERT_PTR_NOT_NULL(incident_output(stage, CARD_ROAD, "a"));
    stage_remove(stage, API_KIND, "b");
    incident_rest(stage, true);
    CU_ASSERT_EQUAL(incident_code(stage, "default/a", "road"), 2);
}

static void test_doubled(void)
{
    incident_in_each(doubled);
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
    incident_serve(stage, NULL);
    stage_put(stage, foreign_road(H1));
    incident_rest(stage, true);
    CU_ASSERT_EQUAL(incident_code(stage, "default/a", "road"), 2);
    stage_put(stage, card_api("b", "s2", "h2", NULL));
    incident_rest(stage, true);
    stage_put(stage, card_api("a", "s1", "h2", NULL));
    incident_rest(stage, true);
    CU_ASSERT_EQUAL(incident_code(stage, "default/a", "road"), 4);
    stage_remove(stage, API_KIND, "a");
    incident_rest(stage, true);
    stage_put(stage, card_api("a", "s1", "h1", NULL));
    incident_rest(stage, true);
    CU_ASSERT_EQUAL(incident_code(stage, "default/a", "road"), 4);
    stage_remove(stage, "Road", "x");
    incident_rest(stage, true);
    CU_ASSERT_EQUAL(incident_code(stage, "default/a", "road"), 2);
}

static void test_foreign_route(void)
{
    incident_in_each(foreign_route);
}

/* The next in line is served when the holder goes, the oldest first. */
static void queue_of_losers(struct stage *stage)
{
    stage_put(stage, born(card_api("a", "s1", "h1", ONE), 2020));
    stage_put(stage, born(card_api("b", "s1", "h2", NULL), 2022));
    stage_put(stage, born(card_api("c", "s1", "h3", NULL), 2021));
    stage_put(stage, born(card_api("d", "s4", "h1", ONE), 2023));
    stage_start(stage);
    incident_rest(stage, true);
    CU_ASSERT_EQUAL(incident_code(stage, "default/d", "road"), 4);
    stage_remove(stage, API_KIND, "a");
    incident_rest(stage, true);
    CU_ASSERT_EQUAL(incident_code(stage, "default/c", "road"), 2);
    CU_ASSERT_EQUAL(incident_code(stage, "default/d", "road"), 2);
    CU_ASSERT_PTR_NULL(incident_output(stage, CARD_ROAD, "b"));
    stage_put(stage, born(card_api("c", "s9", "h3", NULL), 2021));
    incident_rest(stage, true);
    CU_ASSERT_EQUAL(incident_code(stage, "default/b", "road"), 2);
}

static void test_queue_of_losers(void)
{
    incident_in_each(queue_of_losers);
}

/* Two that swap their Services or hosts wait for each other and keep what they have. */
static void swapped(struct stage *stage)
{
    stage_put(stage, born(card_api("a", "s1", "h1", ONE), 2020));
    stage_put(stage, born(card_api("b", "s2", "h2", NULL), 2021));
    stage_start(stage);
    incident_rest(stage, true);
    stage_put(stage, born(card_api("a", "s1", "h2", ONE), 2020));
    stage_put(stage, born(card_api("b", "s2", "h1", NULL), 2021));
    incident_rest(stage, true);
    stage_put(stage, born(card_api("a", "s2", "h1", ONE), 2020));
    stage_put(stage, born(card_api("b", "s1", "h2", NULL), 2021));
    incident_rest(stage, true);
    stage_put(stage, born(card_api("b", "s3", "h2", NULL), 2021));
    incident_rest(stage, true);
    CU_ASSERT_EQUAL(incident_code(stage, "default/a", "road"), 2);
}

static void test_swapped(void)
{
    incident_in_each(swapped);
}

/* An edit comes while the plan before it is under way: what it asks counts from then on. */
static void overtaken(struct stage *stage)
{
    stage_start(stage);
    incident_rest(stage, true);
    stage_put(stage, card_api("a", "s1", "h1", NULL));
    stage_begin(stage);
    stage_put(stage, card_api("a", "s1", "h1", ONE));
    incident_rest(stage, true);
    stage_put(stage, card_api("a", "s2", "h2", NULL));
    stage_begin(stage);
    stage_put(stage, card_api("a", "s3", "h3", ONE));
    incident_rest(stage, true);
    CU_ASSERT_EQUAL(incident_code(stage, "default/a", "road"), 2);
}

static void test_overtaken(void)
{
    incident_in_each(overtaken);
}

/* The same, when the Api goes meanwhile. */
static void overtaken_by_its_end(struct stage *stage)
{
    stage_start(stage);
    stage_put(stage, card_api("a", "s1", "h1", ONE));
    stage_begin(stage);
    stage_remove(stage, API_KIND, "a");
    incident_rest(stage, true);
    CU_ASSERT_EQUAL(json_object_size(stage->outputs), 0);
    CU_ASSERT_EQUAL(json_object_size(stage->statuses), 0);
}

static void test_overtaken_by_its_end(void)
{
    incident_in_each(overtaken_by_its_end);
}

/* An Api that asks for what no backend gives is not published, and keeps nobody from it. */
static void unpublishable(struct stage *stage)
{
    cardboard_enable(&stage->cardboard, CARD_LOCK, false);
    stage_configure(stage);
    stage_put(stage, born(card_api("a", "s1", "h1", ONE), 2020));
    stage_start(stage);
    incident_rest(stage, true);
    stage_put(stage, born(card_api("b", "s1", "h2", NULL), 2021));
    stage_put(stage, born(card_api("c", "s2", "h1", NULL), 2022));
    incident_rest(stage, true);
    CU_ASSERT_EQUAL(incident_code(stage, "default/b", "road"), 2);
    CU_ASSERT_EQUAL(incident_code(stage, "default/c", "road"), 2);
}

static void test_unpublishable(void)
{
    incident_in_each(unpublishable);
}

/* Who has lost one claim hears of the other one too. */
static void both_lost(struct stage *stage)
{
    json_t *before;
    json_t *after;

    stage_put(stage, card_api("a", "s1", "h1", NULL));
    stage_start(stage);
    incident_rest(stage, true);
    stage_put(stage, card_api("b", "s2", "h1", NULL));
    incident_rest(stage, true);
    stage_put(stage, card_api("c", "s2", "h3", NULL));
    incident_rest(stage, true);
    before = stage_snapshot(stage, NULL);
    stage_start(stage);
    incident_rest(stage, true);
    after = stage_snapshot(stage, NULL);
    CU_ASSERT_TRUE(json_equal(before, after));
    json_decref(before);
    json_decref(after);
}

static void test_both_lost(void)
{
    incident_in_each(both_lost);
}

/* Claims that nothing live holds go with the wish for them. */
static void given_up(struct stage *stage)
{
    stage_put(stage, born(card_api("a", "s1", "h1", ONE), 2020));
    stage_break(stage, STAGE_REFUSED, 1);
    stage_start(stage);
    incident_rest(stage, false);
    stage_put(stage, born(card_api("a", "s1", "two.labels", ONE), 2020));
    stage_put(stage, born(card_api("b", "s1", "h1", NULL), 2021));
    incident_rest(stage, true);
    CU_ASSERT_EQUAL(incident_code(stage, "default/b", "road"), 2);
}

static void test_given_up(void)
{
    incident_in_each(given_up);
}

/* A Service is held against Apis only: who routes to it by hand may. */
static void by_hand(struct stage *stage)
{
    json_t *road = card_road("x", "other.kyma.local", "s1");

    (void)json_object_del(json_member(road, "metadata"), "labels");
    stage_put(stage, road);
    stage_put(stage, card_api("a", "s1", "h1", ONE));
    stage_start(stage);
    incident_rest(stage, true);
    CU_ASSERT_EQUAL(incident_code(stage, "default/a", "road"), 2);
}

static void test_by_hand(void)
{
    incident_in_each(by_hand);
}

/* An older Api that comes first is at work when it is edited. */
static void older_at_work(struct stage *stage)
{
    stage_start(stage);
    stage_put(stage, born(card_api("a", "s1", "h1", NULL), 2020));
    stage_begin(stage);
    stage_put(stage, born(card_api("a", "s1", "h2", NULL), 2020));
    stage_put(stage, born(card_api("b", "s2", "h2", NULL), 2021));
    incident_rest(stage, true);
    CU_ASSERT_EQUAL(incident_code(stage, "default/a", "road"), 2);
    CU_ASSERT_EQUAL(incident_code(stage, "default/b", "road"), 4);
}

static void test_older_at_work(void)
{
    incident_in_each(older_at_work);
}

/* A protection goes or changes while a route waits for its commit, and nobody has told the controller yet. */
static void unseen(struct stage *stage)
{
    if (stage->delivery != STAGE_GATHERED)
        return;
    incident_serve(stage, ONE);
    for (int i = 0; i < 2; i++) {
        json_t *lock = i == 0 ? NULL : incident_copy(stage, CARD_LOCK, "a");
        if (lock)
            (void)json_object_set_new(lock, "spec", json_object());
        stage_tamper(stage, CARD_ROAD, "a", NULL);
        stage_begin(stage);
        CU_ASSERT_TRUE(json_array_size(stage->calls) > 0);
        stage_tamper_unseen(stage, CARD_LOCK, "a", lock);
        incident_rest(stage, true);
        CU_ASSERT_PTR_NOT_NULL(incident_output(stage, CARD_LOCK, "a"));
        CU_ASSERT_PTR_NOT_NULL(incident_output(stage, CARD_ROAD, "a"));
        CU_ASSERT_EQUAL(incident_code(stage, "default/a", "road"), 2);
    }
}

static void test_unseen(void)
{
    incident_in_each(unseen);
}

int main(void)
{
    static const struct test tests[] = {
        {"two live routes with one host", test_doubled},
        {"foreign routes", test_foreign_route},
        {"losers are served in turn", test_queue_of_losers},
        {"two Apis swap what they have", test_swapped},
        {"an edit overtakes the plan before it", test_overtaken},
        {"the end of an Api overtakes its plan", test_overtaken_by_its_end},
        {"who cannot be published keeps nobody waiting", test_unpublishable},
        {"who has lost one claim hears of the other", test_both_lost},
        {"claims are given up with the wish for them", test_given_up},
        {"a foreign route to the same Service", test_by_hand},
        {"a younger one waits for an older one at work", test_older_at_work},
        {"a route counts on its protection to the last", test_unseen},
        {NULL, NULL},
    };

    /* A controller that never returns ends the test. */
    (void)alarm(20);
    return harness_run("rivals", tests);
}
