/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every plan is carried out in a small world, with every combination of failures, and after each step it is
 * looked whether anything is open that was not.
 */
#include "harness.h"

#include "apigw/plugin.h"
#include "reconcile/plan.h"

#include <stdio.h>
#include <string.h>

/* What can be of a backend. */
enum mode { MODE_FINE, MODE_REFUSES, MODE_REFUSES_NOW, MODE_DISABLED, MODE_KEPT, MODE_MISSING, MODE_COUNT };

/* What can stand at the name of an output. */
enum thing { THING_NONE, THING_OURS, THING_FOREIGN, THING_UNREADABLE, THING_COUNT };

/* Services are bits: where a route leads to now, where it is to lead to. */
enum { SERVICE_OLD = 1, SERVICE_NEW = 2, SERVICES = 4 };

/* What stands. */
struct world {
    enum thing lock;
    unsigned covers; /* of a lock of ours */
    enum thing road;
    unsigned leads; /* of a road of ours */
    bool road_good; /* it is as it is wanted */
};

/* What is wanted, and what is the matter. */
struct wish {
    enum mode lock;
    enum mode road;
    bool authentication;
    bool accept;
    bool gone;
    bool refused;
    bool withdraw;
};

/* A plan in the making. */
struct stage {
    const struct wish *wish;
    struct world world;
    unsigned wide;
    unsigned narrow;
    struct plan_item lock;
    struct plan_item road;
    struct plan_backend backends[2];
    struct plan_input input;
    struct arena arena;
    struct plan plan;
};

static enum plan_seen seen_of(enum thing thing)
{
    static const enum plan_seen seen[THING_COUNT] = {PLAN_ABSENT, PLAN_OURS, PLAN_FOREIGN, PLAN_UNREADABLE};

    return seen[thing];
}

/* What a protection has to cover, as core/reconcile/cover.c has it. */
static void set_cover(struct stage *stage)
{
    const struct wish *wish = stage->wish;
    unsigned leads = stage->world.road == THING_OURS ? stage->world.leads : 0;
    bool stays = wish->road != MODE_FINE && wish->road != MODE_DISABLED;

    if (wish->road == MODE_MISSING)
        leads = stage->world.lock == THING_OURS ? stage->world.covers : 0;
    stage->wide = SERVICE_NEW | leads;
    stage->narrow = stays ? stage->wide : (unsigned)SERVICE_NEW;
}

static bool asks(const struct wish *wish, enum mode mode)
{
    return mode == MODE_FINE && !wish->gone && !wish->refused;
}

static void add_backend(struct stage *stage, int32_t role, enum mode mode, const struct plan_item *item)
{
    if (mode == MODE_MISSING)
        return;
    stage->backends[stage->input.count++] =
        (struct plan_backend){.role = role,
                              .enabled = mode != MODE_DISABLED && mode != MODE_KEPT,
                              .kept = mode == MODE_KEPT,
                              .refused = (mode == MODE_REFUSES || mode == MODE_REFUSES_NOW) &&
                                         !stage->wish->gone && !stage->wish->refused,
                              .passing = mode == MODE_REFUSES_NOW,
                              .items = item,
                              /* What is not wanted is looked at only if it is ours. */
                              .count = item->wide || item->seen == PLAN_OURS};
}

static void begin(struct stage *stage, const struct world *world, const struct wish *wish)
{
    bool lock = wish->authentication && asks(wish, wish->lock);
    bool road = asks(wish, wish->road);
    bool live = world->road == THING_OURS && wish->road != MODE_MISSING;
    unsigned covers = world->lock == THING_OURS && wish->lock != MODE_MISSING ? world->covers : 0;

    *stage = (struct stage){.wish = wish, .world = *world};
    set_cover(stage);
    stage->lock = (struct plan_item){.seen = seen_of(world->lock),
                                     .wide = lock,
                                     .narrow = lock,
                                     .wide_stands = covers == stage->wide,
                                     .narrow_stands = covers == stage->narrow,
                                     .same = stage->wide == stage->narrow};
    stage->road = (struct plan_item){.seen = seen_of(world->road),
                                     .wide = road,
                                     .narrow = road,
                                     .wide_stands = live && world->road_good,
                                     .narrow_stands = live && world->road_good,
                                     .same = true};
    stage->input = (struct plan_input){.backends = stage->backends,
                                       .gone = wish->gone,
                                       .refused = wish->refused,
                                       .authentication = wish->authentication,
                                       .accept_unprotected = wish->accept,
                                       .routes_unknown = wish->road == MODE_MISSING,
                                       .live = live,
                                       .uncovered = live && (world->leads & ~covers) != 0,
                                       .withdraw = wish->withdraw};
    add_backend(stage, APIGW_ROLE_AUTHENTICATION, wish->lock, &stage->lock);
    add_backend(stage, APIGW_ROLE_ROUTE, wish->road, &stage->road);
    CU_ASSERT_TRUE_FATAL(plan_make(&stage->input, &stage->arena, &stage->plan));
}

/* Services that a road leads to and no lock covers. */
static unsigned open_services(const struct world *world)
{
    unsigned covers = world->lock == THING_OURS ? world->covers : 0;

    return world->road == THING_OURS ? world->leads & ~covers : 0;
}

static void do_step(struct stage *stage, const struct plan_step *step)
{
    struct world *world = &stage->world;
    bool lock = stage->backends[step->backend].role == APIGW_ROLE_AUTHENTICATION;
    enum thing *thing = lock ? &world->lock : &world->road;

    if (*thing == THING_FOREIGN || *thing == THING_UNREADABLE)
        CU_FAIL("what is not ours was touched");
    *thing = plan_removes(step->phase) ? THING_NONE : THING_OURS;
    if (lock)
        world->covers = step->phase == PLAN_PROTECT ? stage->wide : stage->narrow;
    else
        world->leads = SERVICE_NEW;
    world->road_good = lock ? world->road_good : *thing == THING_OURS;
}

static bool step_is_skipped(const struct stage *stage, const struct plan_step *step)
{
    bool lock = stage->backends[step->backend].role == APIGW_ROLE_AUTHENTICATION;
    enum thing thing = lock ? stage->world.lock : stage->world.road;

    return step->dropped || (plan_removes(step->phase) && thing == THING_NONE);
}

/* Whether what is open now may be open. */
static bool may_open(const struct wish *wish)
{
    bool none = wish->lock == MODE_DISABLED || wish->lock == MODE_KEPT || wish->lock == MODE_MISSING;

    if (wish->gone)
        return false;
    return !wish->authentication || (wish->accept && none);
}

static void complain(const struct stage *stage, const struct world *before, size_t step, unsigned failures)
{
    const struct wish *wish = stage->wish;

    printf("# step %zu, failures %u: lock %d covers %u road %d leads %u good %d; wish: lock %d road %d "
           "authentication %d accept %d gone %d refused %d withdraw %d\n",
           step, failures, before->lock, before->covers, before->road, before->leads, before->road_good,
           wish->lock, wish->road, wish->authentication, wish->accept, wish->gone, wish->refused,
           wish->withdraw);
}

/* Carries a plan out; a step whose bit is set fails. @return number of steps tried. */
static unsigned carry_out(struct stage *stage, unsigned failures, bool for_good)
{
    const struct world before = stage->world;
    unsigned tried = 0;

    for (size_t i = 0; i < stage->plan.count; i++) {
        if (step_is_skipped(stage, &stage->plan.steps[i]))
            continue;
        if (failures >> tried++ & 1)
            plan_fail(&stage->input, &stage->plan, i, for_good);
        else
            do_step(stage, &stage->plan.steps[i]);
        if ((open_services(&stage->world) & ~open_services(&before)) != 0 && !may_open(stage->wish)) {
            complain(stage, &before, i, failures);
            CU_FAIL("something is open that was not");
        }
    }
    return tried;
}

/* With every combination of failures. */
static void try_failures(const struct world *world, const struct wish *wish)
{
    for (unsigned failures = 0; failures < 16; failures++) {
        struct stage stage;
        begin(&stage, world, wish);
        (void)carry_out(&stage, failures, failures % 3 == 0);
        arena_release(&stage.arena);
    }
}

/* Looks again until nothing is left to do. */
static void settle(const struct world *world, const struct wish *wish)
{
    struct world now = *world;
    /* Without its route an Api is planned anew, and may need less protection. */
    bool unpublished = false;

    for (int turn = 0; turn < 3; turn++) {
        struct stage stage;
        unsigned tried;
        begin(&stage, &now, wish);
        tried = carry_out(&stage, 0, false);
        if (turn > 0 && tried > 0 && !unpublished)
            complain(&stage, world, tried, 0);
        /* One look does it all. */
        CU_ASSERT_TRUE_FATAL(turn == 0 || tried == 0 || unpublished);
        unpublished = turn == 0 && now.road == THING_OURS && stage.world.road != THING_OURS;
        now = stage.world;
        arena_release(&stage.arena);
    }
    if (wish->lock != MODE_FINE || wish->road != MODE_FINE || wish->gone || wish->refused ||
        now.lock == THING_FOREIGN || now.lock == THING_UNREADABLE || now.road == THING_FOREIGN ||
        now.road == THING_UNREADABLE)
        return;
    if (now.road != THING_OURS || !now.road_good || now.leads != SERVICE_NEW ||
        (now.lock == THING_OURS) != wish->authentication ||
        (wish->authentication && now.covers != SERVICE_NEW)) {
        complain(&(struct stage){.wish = wish}, world, 0, 0);
        CU_FAIL("not everything stands as it is wanted in the end");
    }
}

static bool makes_sense(const struct world *world)
{
    return (world->lock == THING_OURS || world->covers == 0) &&
           (world->road == THING_OURS ? world->leads == SERVICE_OLD || world->leads == SERVICE_NEW
                                      : world->leads == 0 && !world->road_good) &&
           (!world->road_good || world->leads == SERVICE_NEW);
}

static void visit_worlds(const struct wish *wish, void (*visit)(const struct world *, const struct wish *))
{
    for (int i = 0; i < THING_COUNT * THING_COUNT * SERVICES * SERVICES * 2; i++) {
        const struct world world = {.lock = (enum thing)(i % THING_COUNT),
                                    .road = (enum thing)(i / THING_COUNT % THING_COUNT),
                                    .covers = (unsigned)(i / THING_COUNT / THING_COUNT % SERVICES),
                                    .leads = (unsigned)(i / THING_COUNT / THING_COUNT / SERVICES % SERVICES),
                                    .road_good = i / THING_COUNT / THING_COUNT / SERVICES / SERVICES};
        if (makes_sense(&world))
            visit(&world, wish);
    }
}

static void visit_all(void (*visit)(const struct world *, const struct wish *))
{
    for (int i = 0; i < MODE_COUNT * MODE_COUNT * 32; i++) {
        int flags = i / MODE_COUNT / MODE_COUNT;
        const struct wish wish = {.lock = (enum mode)(i % MODE_COUNT),
                                  .road = (enum mode)(i / MODE_COUNT % MODE_COUNT),
                                  .authentication = flags & 1,
                                  .accept = flags & 2,
                                  .gone = flags & 4,
                                  .refused = flags & 8,
                                  .withdraw = flags & 16};
        if (!wish.gone || !wish.refused)
            visit_worlds(&wish, visit);
    }
    CU_PASS();
}

static void no_failure_opens_anything(void)
{
    visit_all(try_failures);
}

static void one_look_does_it_all(void)
{
    visit_all(settle);
}

int main(void)
{
    static const struct test tests[] = {
        {"no combination of failures opens anything or touches what is not ours", no_failure_opens_anything},
        {"one look does all there is to do", one_look_does_it_all},
        {NULL, NULL}};

    return harness_run("plan rules", tests);
}
