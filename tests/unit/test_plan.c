/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "apigw/plugin.h"
#include "base/text.h"
#include "reconcile/plan.h"

#include <stdio.h>
#include <string.h>

/* One letter for each output: - absent, = equal, ~ different, f foreign, u unreadable, m moves; "!" alone:
 * the backend refused. The first word is of an authentication backend, then other, then route; "" is a
 * backend that wants nothing, NULL no backend. */
struct scene {
    const char *lock;
    const char *note;
    const char *road;
    bool authentication;
    bool accept;
    /* State letters of the backends (S stands, R refused, N not ours, U not readable, M moves, H held, W
     * waits, X not written), then the actions as BACKEND-OUTPUT. */
    const char *expected;
};

static struct plan_output outputs_of[3][4];

static struct plan_backend make_backend(int number, int32_t role, const char *word)
{
    struct plan_backend backend = {.role = role, .outputs = outputs_of[number]};

    if (strcmp(word, "!") == 0) {
        backend.refused = true;
        return backend;
    }
    for (; *word; word++) {
        struct plan_output *output = &outputs_of[number][backend.count++];
        *output = (struct plan_output){.seen = *word == '-'   ? PLAN_ABSENT
                                               : *word == '=' ? PLAN_EQUAL
                                               : *word == 'f' ? PLAN_FOREIGN
                                               : *word == 'u' ? PLAN_UNREADABLE
                                                              : PLAN_DIFFERENT,
                                       .moves = *word == 'm'};
    }
    return backend;
}

static struct plan_input make_input(const struct scene *scene, struct plan_backend backends[3])
{
    struct plan_input input = {
        .backends = backends, .authentication = scene->authentication, .accept_unprotected = scene->accept};

    if (scene->lock)
        backends[input.count++] = make_backend(0, APIGW_ROLE_AUTHENTICATION, scene->lock);
    if (scene->note)
        backends[input.count++] = make_backend(1, APIGW_ROLE_OTHER, scene->note);
    if (scene->road)
        backends[input.count++] = make_backend(2, APIGW_ROLE_ROUTE, scene->road);
    return input;
}

static void describe(const struct plan_input *input, const struct plan *plan, struct text *out)
{
    for (size_t i = 0; i < input->count; i++)
        text_append_format(out, "%c", "SRNUMHWX"[plan->decisions[i].state]);
    for (size_t i = 0; i < plan->count; i++) {
        if (!plan->actions[i].dropped)
            text_append_format(out, " %zu-%zu", plan->actions[i].backend, plan->actions[i].output);
    }
}

static void expect(const struct scene *scene, const struct plan_input *input, const struct plan *plan,
                   const char *expected)
{
    struct text text = text_empty();

    describe(input, plan, &text);
    if (strcmp(text.data, expected) != 0) {
        printf("# lock %s note %s road %s authentication %d accept %d: expected %s, found %s\n",
               scene->lock ? scene->lock : "(none)", scene->note ? scene->note : "(none)",
               scene->road ? scene->road : "(none)", scene->authentication, scene->accept, expected,
               text.data);
        CU_FAIL("another plan than expected");
    }
    CU_PASS();
    text_release(&text);
}

static void run(const struct scene *scenes)
{
    for (; scenes->expected; scenes++) {
        struct plan_backend backends[3];
        struct plan_input input = make_input(scenes, backends);
        struct arena arena = {0};
        struct plan plan;
        CU_ASSERT_TRUE_FATAL(plan_make(&input, &arena, &plan));
        expect(scenes, &input, &plan, scenes->expected);
        arena_release(&arena);
    }
}

static void protections_come_first_and_routes_last(void)
{
    static const struct scene scenes[] = {{"-", "-", "-", true, false, "SSS 0-0 1-0 2-0"},
                                          {"--", "", "--", true, false, "SSS 0-0 0-1 2-0 2-1"},
                                          {"~", "~", "~", true, false, "SSS 0-0 1-0 2-0"},
                                          {"", "-", "-", false, false, "SSS 1-0 2-0"},
                                          {NULL, NULL, "-", false, false, "S 0-0"},
                                          {"-", NULL, NULL, true, false, "S 0-0"},
                                          {NULL, NULL, NULL, true, false, ""},
                                          {NULL, NULL, NULL, false, false, NULL}};

    run(scenes);
}

static void what_stands_is_not_written(void)
{
    static const struct scene scenes[] = {{"=", "=", "=", true, false, "SSS"},
                                          {"=", "=", "~", true, false, "SSS 2-0"},
                                          {"~", "=", "=", true, false, "SSS 0-0"},
                                          {"=-=", "=", "=~", true, false, "SSS 0-1 2-1"},
                                          {NULL, NULL, NULL, false, false, NULL}};

    run(scenes);
}

static void a_route_waits_for_every_protection(void)
{
    static const struct scene scenes[] = {
        {"!", "-", "-", true, false, "RSW 1-0"},      {"!", "-", "~", true, false, "RSW 1-0"},
        {"!", "-", "=", true, false, "RSW 1-0"},      {"f", "-", "-", true, false, "NSW 1-0"},
        {"u", "-", "~", true, false, "USW 1-0"},      {"-f", "-", "-", true, false, "NSW 1-0"},
        {"!", "-", "-", true, true, "RSW 1-0"},       {"!", "-", "-", false, false, "RSS 1-0 2-0"},
        {"f", "-", "-", false, false, "NSS 1-0 2-0"}, {NULL, NULL, NULL, false, false, NULL}};

    run(scenes);
}

static void without_a_backend_that_authenticates_the_operator_decides(void)
{
    static const struct scene scenes[] = {
        {NULL, "-", "-", true, false, "SW 0-0"},  {NULL, NULL, "=", true, false, "W"},
        {NULL, NULL, "~", true, false, "W"},      {NULL, "-", "-", true, true, "SS 0-0 1-0"},
        {NULL, NULL, "-", false, false, "S 0-0"}, {NULL, NULL, NULL, false, false, NULL}};

    run(scenes);
}

static void a_refused_route_holds_everything_back(void)
{
    static const struct scene scenes[] = {
        {"-", "-", "!", true, false, "HHR"},   {"-", "-", "f", true, false, "HHN"},
        {"-", "-", "u", true, false, "HHU"},   {"~", "=", "f-", true, false, "HHN"},
        {"!", "-", "!", true, false, "RHR"},   {"f", "-", "f", true, false, "NHN"},
        {"", "-", "!", false, false, "HHR"},   {"-", "-", "m", true, false, "HHM"},
        {"=", "-", "=m", true, false, "HHM"},  {"-", "-", "m", false, false, "HHM"},
        {"f", "-", "m", true, false, "NHM"},   {NULL, "-", "!", true, true, "HR"},
        {NULL, NULL, NULL, false, false, NULL}};

    run(scenes);
}

static void others_hold_nothing_back(void)
{
    static const struct scene scenes[] = {{"-", "!", "-", true, false, "SRS 0-0 2-0"},
                                          {"-", "f", "-", true, false, "SNS 0-0 2-0"},
                                          {"-", "u-", "-", true, false, "SUS 0-0 2-0"},
                                          {NULL, NULL, NULL, false, false, NULL}};

    run(scenes);
}

/* Never: a write of what is not ours or of a backend that does not stand; a route before its protections. */
static void check_rules(const struct plan_input *input, const struct plan *plan)
{
    size_t last = 0;

    for (size_t i = 0; i < plan->count; i++) {
        const struct plan_action *action = &plan->actions[i];
        const struct plan_output *output = &input->backends[action->backend].outputs[action->output];
        if (plan->decisions[action->backend].state != PLAN_STANDS || output->moves ||
            (output->seen != PLAN_ABSENT && output->seen != PLAN_DIFFERENT) || action->backend < last)
            CU_FAIL("a write that must not be");
        last = action->backend;
        if (input->backends[action->backend].role != APIGW_ROLE_ROUTE || !input->authentication)
            continue;
        for (size_t j = 0; j < action->backend; j++) {
            if (input->backends[j].role == APIGW_ROLE_AUTHENTICATION &&
                plan->decisions[j].state != PLAN_STANDS)
                CU_FAIL("a route without its protection");
        }
        if (input->backends[0].role != APIGW_ROLE_AUTHENTICATION && !input->accept_unprotected)
            CU_FAIL("a route without any protection");
    }
}

/* Every combination of two outputs for each backend, or none. */
static void no_combination_breaks_a_rule(void)
{
    static const char *const words[] = {NULL, "",   "!",  "-",  "=",  "~",  "f",  "u",  "m",  "--",
                                        "-=", "=-", "~=", "-f", "f-", "=u", "-m", "m=", "==", "~~"};
    size_t count = sizeof words / sizeof *words;

    for (size_t i = 0; i < count * count * count * 4; i++) {
        struct scene scene = {.lock = words[i % count],
                              .note = words[i / count % count],
                              .road = words[i / count / count % count],
                              .authentication = i / count / count / count & 1,
                              .accept = i / count / count / count & 2};
        struct plan_backend backends[3];
        struct plan_input input;
        struct arena arena = {0};
        struct plan plan;
        if ((scene.lock && strchr(scene.lock, 'm')) || (scene.note && strchr(scene.note, 'm')))
            continue;
        input = make_input(&scene, backends);
        if (!plan_make(&input, &arena, &plan))
            CU_FAIL("no memory");
        check_rules(&input, &plan);
        for (size_t j = 0; j < plan.count; j++) {
            if (plan.actions[j].dropped)
                continue;
            plan_fail(&input, &plan, j);
            if (plan.decisions[plan.actions[j].backend].state != PLAN_NOT_WRITTEN)
                CU_FAIL("a failure that is not noted");
            break;
        }
        arena_release(&arena);
    }
    CU_PASS();
}

static void a_failed_write_stops_what_depends_on_it(void)
{
    static const struct {
        struct scene scene;
        size_t action;
        const char *after;
    } cases[] = {{{"-", "-", "-", true, false, NULL}, 0, "XSW 0-0 1-0"},
                 {{"--", "-", "--", true, false, NULL}, 0, "XSW 0-0 1-0"},
                 {{"--", "-", "-", true, false, NULL}, 1, "XSW 0-0 0-1 1-0"},
                 {{"-", "-", "=", true, false, NULL}, 0, "XSW 0-0 1-0"},
                 {{"-", "--", "-", true, false, NULL}, 1, "SXS 0-0 1-0 2-0"},
                 {{"-", "-", "--", true, false, NULL}, 2, "SSX 0-0 1-0 2-0"},
                 {{"-", "-", "-", false, false, NULL}, 0, "XSS 0-0 1-0 2-0"}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct plan_backend backends[3];
        struct plan_input input = make_input(&cases[i].scene, backends);
        struct arena arena = {0};
        struct plan plan;
        CU_ASSERT_TRUE_FATAL(plan_make(&input, &arena, &plan));
        plan_fail(&input, &plan, cases[i].action);
        expect(&cases[i].scene, &input, &plan, cases[i].after);
        arena_release(&arena);
    }
}

static void blame_names_who_stands_in_the_way(void)
{
    static const struct scene waits = {"-f", "-", "-", true, false, NULL};
    static const struct scene none = {NULL, "-", "-", true, false, NULL};
    static const struct scene held = {"-", "-", "-u", true, false, NULL};
    struct plan_backend backends[3];
    struct plan_input input = make_input(&waits, backends);
    struct arena arena = {0};
    struct plan plan;

    CU_ASSERT_TRUE_FATAL(plan_make(&input, &arena, &plan));
    CU_ASSERT_EQUAL(plan.decisions[0].output, 1);
    CU_ASSERT_EQUAL(plan.decisions[2].backend, 0);
    input = make_input(&none, backends);
    CU_ASSERT_TRUE_FATAL(plan_make(&input, &arena, &plan));
    CU_ASSERT_EQUAL(plan.decisions[1].backend, PLAN_NONE);
    input = make_input(&held, backends);
    CU_ASSERT_TRUE_FATAL(plan_make(&input, &arena, &plan));
    CU_ASSERT_EQUAL(plan.decisions[0].backend, 2);
    CU_ASSERT_EQUAL(plan.decisions[2].output, 1);
    arena_release(&arena);
}

/* With two routes, one that is refused does not take the other with it, and all protections count. */
static void one_refused_route_of_two_holds_nothing_back(void)
{
    static const struct plan_output absent = {PLAN_ABSENT, false};
    static const struct plan_output foreign = {PLAN_FOREIGN, false};
    const struct plan_backend backends[] = {{APIGW_ROLE_AUTHENTICATION, false, &absent, 1},
                                            {APIGW_ROLE_AUTHENTICATION, false, &absent, 1},
                                            {APIGW_ROLE_ROUTE, false, &foreign, 1},
                                            {APIGW_ROLE_ROUTE, false, &absent, 1}};
    const struct plan_input input = {backends, 4, true, false};
    static const struct scene scene = {0};
    struct arena arena = {0};
    struct plan plan;

    CU_ASSERT_TRUE_FATAL(plan_make(&input, &arena, &plan));
    expect(&scene, &input, &plan, "SSNS 0-0 1-0 3-0");
    plan_fail(&input, &plan, 1);
    expect(&scene, &input, &plan, "SXNW 0-0 1-0");
    arena_release(&arena);
}

int main(void)
{
    static const struct test tests[] = {
        {"protections come first and routes last", protections_come_first_and_routes_last},
        {"what stands is not written", what_stands_is_not_written},
        {"a route waits for every protection", a_route_waits_for_every_protection},
        {"without a backend that authenticates the operator decides",
         without_a_backend_that_authenticates_the_operator_decides},
        {"a refused route holds everything back", a_refused_route_holds_everything_back},
        {"backends of role other hold nothing back", others_hold_nothing_back},
        {"no combination breaks a rule", no_combination_breaks_a_rule},
        {"a failed write stops what depends on it", a_failed_write_stops_what_depends_on_it},
        {"blame names who stands in the way", blame_names_who_stands_in_the_way},
        {"one refused route of two holds nothing back", one_refused_route_of_two_holds_nothing_back},
        {NULL, NULL}};

    return harness_run("plan", tests);
}
