/* SPDX-License-Identifier: Apache-2.0 */
#include "states.h"

#include "base/json.h"

#include <string.h>

#define ONE "https://one.example"
#define TWO "https://two.example"

static const struct state states[] = {
    {.name = "absent", .comparison = COMPARE_ALL},
    {"open", "s1", "h1", NULL, .comparison = COMPARE_ALL},
    {"open elsewhere", "s2", "h1", NULL, .comparison = COMPARE_ALL},
    {"open, other host", "s1", "h2", NULL, .comparison = COMPARE_ALL},
    {"secured", "s1", "h1", ONE, .comparison = COMPARE_ALL},
    {"secured, other issuer", "s1", "h1", TWO, .comparison = COMPARE_ALL},
    {"secured elsewhere", "s2", "h1", ONE, .comparison = COMPARE_ALL},
    {"secured, other host", "s1", "h2", ONE, .comparison = COMPARE_ALL},
    {"secured, all other", "s2", "h2", TWO, .comparison = COMPARE_ALL},
    {"host held", "s1", "held", NULL, .comparison = COMPARE_KEPT},
    {"host held, secured", "s2", "held", TWO, .comparison = COMPARE_KEPT},
    {"host foreign", "s1", "foreign", NULL, .comparison = COMPARE_KEPT},
    {"host foreign, secured", "s1", "foreign", ONE, .comparison = COMPARE_KEPT},
    {"Service held", "sb", "h1", NULL, .comparison = COMPARE_KEPT},
    {"Service held, secured", "sb", "h2", TWO, .comparison = COMPARE_KEPT},
    {"both held", "sb", "held", ONE, .comparison = COMPARE_KEPT},
    {"invalid", "s1", "two.labels", NULL, .comparison = COMPARE_KEPT},
    {"invalid, secured", "s2", "two.labels", ONE, .comparison = COMPARE_KEPT},
    {"Lock refuses", "s1", "h1", ONE, .lock_refuses = true, .comparison = COMPARE_DOORS},
    {"Lock refuses elsewhere", "s2", "h2", ONE, .lock_refuses = true, .comparison = COMPARE_DOORS},
    {"Road refuses", "s2", "h1", NULL, .road_refuses = true, .comparison = COMPARE_ROADS},
    {"Road refuses, secured", "s1", "h1", TWO, .road_refuses = true, .comparison = COMPARE_ROADS},
    {"no Lock", "s1", "h1", ONE, .without_lock = true, .comparison = COMPARE_DOORS},
    {"no Lock, open", "s1", "h1", NULL, .without_lock = true, .comparison = COMPARE_NOTHING},
    {"no Lock, accepted", "s1", "h1", ONE, .without_lock = true, .accept = true, .comparison = COMPARE_ALL},
    {"no Lock, accepted elsewhere", "s2", "h2", ONE, .without_lock = true, .accept = true,
     .comparison = COMPARE_ALL},
    {"no Road", "s1", "h1", NULL, .without_road = true, .comparison = COMPARE_NOTHING},
    {"no Road, secured", "s1", "h1", ONE, .without_road = true, .comparison = COMPARE_NOTHING},
    {"no Lock, accepted, kept", "s1", "h1", ONE, .without_lock = true, .accept = true, .keep = true,
     .comparison = COMPARE_NOTHING},
    {"no Road, kept", "s2", "h1", ONE, .without_road = true, .keep = true, .comparison = COMPARE_NOTHING},
    {"secured or withdrawn", "s1", "h1", ONE, .withdraw = true, .comparison = COMPARE_ALL},
    {"secured elsewhere or withdrawn", "s2", "h2", TWO, .withdraw = true, .comparison = COMPARE_ALL},
    {"Lock refuses, withdrawn", "s1", "h1", ONE, .withdraw = true, .lock_refuses = true,
     .comparison = COMPARE_NOTHING},
    {"deleting", "s1", "h1", ONE, .deleting = true, .comparison = COMPARE_ALL},
    {"what the neighbour had", "sb", "held", ONE, .neighbour = NEIGHBOUR_GOES, .comparison = COMPARE_ALL},
    {"what the neighbour leaves", "sb", "held", NULL, .neighbour = NEIGHBOUR_MOVES,
     .comparison = COMPARE_ALL},
};

const struct state *states_all(size_t *count)
{
    *count = sizeof states / sizeof *states;
    return states;
}

/* An Api as an API server has it. */
static json_t *api_of(const char *name, const char *service, const char *host, const char *issuer,
                      int generation)
{
    json_t *api = card_api(name, service, host, issuer);
    json_t *metadata = json_member(api, "metadata");

    (void)json_object_set_new(metadata, "uid", json_sprintf("uid-%s", name));
    (void)json_object_set_new(metadata, "creationTimestamp",
                              json_sprintf("202%d-01-01T00:00:00Z", strcmp(name, "b") == 0 ? 0 : 1));
    (void)json_object_set_new(metadata, "generation", json_integer(generation));
    return api;
}

static bool is_there(const struct stage *stage, const json_t *object)
{
    const json_t *present;
    char place[KEY_SIZE + 64];

    (void)snprintf(place, sizeof place, "%s/default/%s", json_text_at(object, "kind"), object_name(object));
    present = json_object_get(stage->inputs, place);
    return present && json_equal(json_member(present, "spec"), json_member(object, "spec")) &&
           !json_at(object, "metadata.deletionTimestamp") == !json_at(present, "metadata.deletionTimestamp");
}

/* Nobody writes what is there already: its generation would not change. */
static void put_unless_there(struct stage *stage, json_t *object)
{
    if (is_there(stage, object))
        json_decref(object);
    else
        stage_put(stage, object);
}

static void put_neighbour(struct stage *stage, const struct state *state, int generation)
{
    if (state->neighbour == NEIGHBOUR_GOES)
        stage_remove(stage, API_KIND, "b");
    else if (state->neighbour == NEIGHBOUR_MOVES)
        put_unless_there(stage, api_of("b", "s9", "h9", ONE, generation));
    else
        put_unless_there(stage, api_of("b", "sb", "held", ONE, generation));
}

static void put_api(struct stage *stage, const struct state *state, int generation)
{
    json_t *api;

    if (!state->service) {
        stage_remove(stage, API_KIND, "a");
        return;
    }
    api = api_of("a", state->service, state->host, state->issuer, generation);
    if (state->deleting)
        (void)json_object_set_new(json_member(api, "metadata"), "deletionTimestamp",
                                  json_string("2026-01-01T00:00:00Z"));
    put_unless_there(stage, api);
}

static void put_foreign_road(struct stage *stage)
{
    json_t *road = card_road("x", "foreign.kyma.local", "elsewhere");

    (void)json_object_del(json_member(road, "metadata"), "labels");
    put_unless_there(stage, road);
}

/* A backend that starts or ceases to refuse is another one, so that ends the controller too. */
static void script(struct stage *stage, int backend, bool refuses)
{
    struct card_script wanted = {refuses ? APIGW_INVALID : APIGW_OK, "a"};

    if (stage->cardboard.scripts[backend].code != wanted.code)
        stage_stop(stage);
    stage->cardboard.scripts[backend] = wanted;
}

/* The operator's config; a change of it ends the controller. */
static void configure(struct stage *stage, const struct state *state)
{
    struct cardboard *cardboard = &stage->cardboard;

    script(stage, CARD_LOCK, state->lock_refuses);
    script(stage, CARD_ROAD, state->road_refuses);
    judge_excuse(stage->judge, "default/a", state->lock_refuses || state->road_refuses);
    if (cardboard->kinds[CARD_LOCK].enabled == !state->without_lock &&
        cardboard->kinds[CARD_ROAD].enabled == !state->without_road &&
        cardboard->judged.accept == state->accept && cardboard->judged.withdraw == state->withdraw &&
        cardboard->kinds[CARD_LOCK].keep == state->keep)
        return;
    stage_stop(stage);
    cardboard_enable(cardboard, CARD_LOCK, !state->without_lock);
    cardboard_enable(cardboard, CARD_ROAD, !state->without_road);
    cardboard_keep(cardboard, CARD_LOCK, state->keep);
    cardboard_keep(cardboard, CARD_ROAD, state->keep);
    cardboard_accept(cardboard, state->accept);
    cardboard_withdraw(cardboard, state->withdraw);
    stage_configure(stage);
}

void state_enter(struct stage *stage, const struct state *state, int generation)
{
    configure(stage, state);
    put_foreign_road(stage);
    put_api(stage, state, generation);
    put_neighbour(stage, state, generation);
    if (!stage->controller)
        stage_start(stage);
}

/* A neighbour that comes back may find somebody else in its place. */
static enum comparison compare_how(const struct state *from, const struct state *to)
{
    if (from->neighbour != to->neighbour && from->neighbour != NEIGHBOUR_STAYS)
        return COMPARE_NOTHING;
    return to->comparison;
}

static void drop(json_t *outputs, const char *kind)
{
    const char *place;
    json_t *value;
    void *next;

    json_object_foreach_safe(outputs, next, place, value)
    {
        if (strncmp(place, kind, strlen(kind)) == 0)
            (void)json_object_del(outputs, place);
    }
}

/* Only the outputs of "a", which all have its name. */
static json_t *outputs_of_api(const json_t *snapshot)
{
    json_t *outputs = json_object();
    const char *place;
    json_t *value;

    json_object_foreach(json_member(snapshot, "outputs"), place, value)
    {
        if (strcmp(strrchr(place, '/') + 1, "a") == 0)
            (void)json_object_set(outputs, place, value);
    }
    return outputs;
}

void state_compare(const struct stage *stage, const struct state *from, const struct state *to,
                   const json_t *before, const json_t *fresh, json_t **expected, json_t **found)
{
    enum comparison how = compare_how(from, to);
    json_t *now = stage_snapshot(stage, NULL);

    *expected = json_null();
    *found = json_null();
    if (how == COMPARE_ALL) {
        *expected = json_deep_copy(fresh);
        *found = json_incref(now);
    } else if (how != COMPARE_NOTHING) {
        *expected = outputs_of_api(before);
        *found = outputs_of_api(now);
    }
    if (how == COMPARE_DOORS || how == COMPARE_ROADS) {
        drop(*expected, "Note/");
        drop(*found, "Note/");
    }
    if (how == COMPARE_ROADS) {
        drop(*expected, "Lock/");
        drop(*found, "Lock/");
    }
    json_decref(now);
}
