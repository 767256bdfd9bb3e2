/* SPDX-License-Identifier: Apache-2.0 */
#include "walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* Turns until all has to be at rest. */
    ROUNDS = 400,
    /* Turns in which a failure that does not pass is met again and again. */
    ROUNDS_REFUSED = 24,
    /* Failures that are shown. */
    SHOWN = 12
};

/* One pair on its way. */
struct step {
    struct walk *walk;
    const struct state *from;
    const struct state *to;
    enum stage_fault fault;
    unsigned at;
    struct stage *stage;
};

static const char *const fault_names[] = {"no fault", "refused", "busy", "dies before", "dies after"};

static void fail(const struct step *step, const char *what)
{
    if (step->walk->failures++ < SHOWN)
        (void)printf("# %s -> %s, %s, write %u: %s\n", step->from ? step->from->name : "nothing",
                     step->to->name, fault_names[step->fault], step->at, what);
}

/* What the judge has found since the last time. */
static void hear(const struct step *step)
{
    char where[256];

    if (judge_count(step->stage->judge) == 0 && step->stage->complaints == 0)
        return;
    (void)snprintf(where, sizeof where, "%s -> %s, %s, write %u", step->from ? step->from->name : "nothing",
                   step->to->name, fault_names[step->fault], step->at);
    if (step->walk->failures++ < SHOWN)
        judge_print(step->stage->judge, where);
    judge_forget(step->stage->judge);
    step->stage->complaints = 0;
}

/* Runs to rest, where all has to be well; then a new process has nothing to do. */
static void come_to_rest(const struct step *step)
{
    if (!stage_run(step->stage, ROUNDS))
        fail(step, "it does not come to rest");
    judge_rest(step->stage->judge, true);
    hear(step);
    stage_start(step->stage);
    if (!stage_run(step->stage, ROUNDS))
        fail(step, "it does not come to rest after another start");
    judge_rest(step->stage->judge, true);
    hear(step);
}

/* What a fresh controller makes of a state; owned by caller. */
static json_t *fresh_world(struct walk *walk, const struct state *state)
{
    struct stage stage;
    struct step step = {walk, NULL, state, STAGE_NO_FAULT, 0, &stage};
    json_t *snapshot;

    stage_init(&stage, walk->delivery);
    state_enter(&stage, state, 1);
    come_to_rest(&step);
    snapshot = stage_snapshot(&stage, NULL);
    stage_release(&stage);
    return snapshot;
}

/* Generations tell how often the user wrote, not what. */
static void drop_generations(json_t *value)
{
    json_t *member;
    const char *key;

    json_object_foreach(json_object_get(value, "statuses"), key, member)
    {
        json_t *condition;
        size_t i;
        (void)json_object_del(member, "observedGeneration");
        json_array_foreach(json_object_get(member, "conditions"), i, condition)
        {
            (void)json_object_del(condition, "observedGeneration");
        }
    }
}

static void compare(const struct step *step, const json_t *before, const json_t *fresh)
{
    json_t *expected;
    json_t *found;

    state_compare(step->stage, step->from, step->to, before, fresh, &expected, &found);
    drop_generations(expected);
    drop_generations(found);
    if (!json_equal(expected, found)) {
        char *one = json_dumps(expected, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
        char *two = json_dumps(found, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
        fail(step, "the world is not what it should be");
        if (step->walk->failures < SHOWN)
            (void)printf("#   expected %s\n#   found    %s\n", one, two);
        free(one);
        free(two);
    }
    json_decref(expected);
    json_decref(found);
}

/* Goes from one state to the other and looks at what stands; false if there was no such write. */
static bool go(const struct step *step, const json_t *before, const json_t *fresh)
{
    struct stage *stage = step->stage;
    bool neighbour_refused = false;
    unsigned writes;

    if (step->walk->asleep)
        stage_stop(stage);
    stage_break(stage, step->fault, step->at);
    state_enter(stage, step->to, 2);
    if (step->fault == STAGE_REFUSED) {
        (void)stage_run(stage, ROUNDS_REFUSED);
        /* A status that cannot be written does not tell. */
        if (strncmp(stage->broken, "status ", 7) != 0)
            judge_rest(stage->judge, !stage->broken[0]);
        hear(step);
        /* A neighbour that cannot have its route reserves nothing: the Api may have got what it wanted. */
        neighbour_refused = strcmp(stage->broken, "Road/default/b") == 0;
        stage_heal(stage);
    }
    writes = stage->writes;
    come_to_rest(step);
    step->walk->writes += step->fault == STAGE_NO_FAULT ? stage->writes : 0;
    if (step->fault != STAGE_NO_FAULT && writes < step->at && stage->writes < step->at)
        return false;
    if (!neighbour_refused)
        compare(step, before, fresh);
    return true;
}

/* @return whether there was a write of this number. */
static bool walk_pair(struct walk *walk, const struct state *from, const struct state *to, unsigned at,
                      enum stage_fault fault, const json_t *fresh)
{
    struct stage stage;
    struct step step = {walk, NULL, from, STAGE_NO_FAULT, 0, &stage};
    json_t *before;
    bool more;

    stage_init(&stage, walk->delivery);
    state_enter(&stage, from, 1);
    come_to_rest(&step);
    before = stage_snapshot(&stage, NULL);
    step = (struct step){walk, from, to, fault, at, &stage};
    more = go(&step, before, fresh);
    json_decref(before);
    stage_release(&stage);
    return more;
}

/* To look at one pair closely, with APIGW_TRACE: APIGW_FROM and APIGW_TO are names of states. */
static bool is_asked(const char *variable, const char *name)
{
    const char *only = getenv(variable);

    return !only || strcmp(only, name) == 0;
}

/* With faults each pair is walked under one delivery, in turn, unless the whole table is asked for. */
static bool is_turn(const struct walk *walk, enum stage_fault fault, size_t pair)
{
    return fault == STAGE_NO_FAULT || walk->whole ||
           (pair + (size_t)fault) % STAGE_DELIVERIES == (size_t)walk->delivery;
}

static void walk_all(struct walk *walk, enum stage_fault fault)
{
    size_t count;
    const struct state *states = states_all(&count);

    for (size_t i = 0; i < count; i++) {
        json_t *fresh;
        if (!is_asked("APIGW_TO", states[i].name))
            continue;
        fresh = fresh_world(walk, &states[i]);
        for (size_t j = 0; j < count; j++) {
            if (!is_asked("APIGW_FROM", states[j].name) || !is_turn(walk, fault, i + j))
                continue;
            walk->pairs++;
            for (unsigned at = 1; walk_pair(walk, &states[j], &states[i], at, fault, fresh); at++) {
                if (fault == STAGE_NO_FAULT)
                    break;
                walk->writes++;
            }
        }
        json_decref(fresh);
    }
}

void walk_plain(struct walk *walk)
{
    walk_all(walk, STAGE_NO_FAULT);
}

void walk_fault(struct walk *walk, enum stage_fault fault)
{
    walk_all(walk, fault);
}
