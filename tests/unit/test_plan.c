/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "apigw/plugin.h"
#include "base/text.h"
#include "reconcile/plan.h"

#include <stdio.h>
#include <string.h>

/*
 * A scene is three words: a backend that authenticates, another one, one that routes; "_" is no backend, "."
 * one without items. Each letter of a word is an item:
 *   -  wanted, nothing stands           =  stands as it is wanted       ~  stands otherwise
 *   w  stands otherwise, and is wanted one way while routes move and another way in the end
 *   m  the same, and stands as it is wanted while routes move
 *   n  the same, and stands as it is wanted in the end
 *   v  wanted only while routes move, and does not stand
 *   x  stands and is not wanted         f  foreign                      u  cannot be read
 * In front may stand: ! it refused to render, ? so that it may pass, d it is disabled, k disabled and kept, b
 * nobody knows what stands of it.
 *
 * Flags: a the Api asks for authentication, c without it is accepted, g the Api is gone, r it is refused, l a
 * route is live, o that is not covered, w withdraw, q there may be routes that nobody here knows.
 *
 * What is expected: a letter for each backend (S stands, R refused, N not ours, U not readable, H held, W
 * waits, X not written, G goes), then the steps as PHASE BACKEND.ITEM: P protect, O other, R route, W
 * withdraw, U unpublish, E remove other, N narrow, D unprotect.
 */
struct scene {
    const char *words;
    const char *flags;
    const char *expected;
};

enum { MOST_BACKENDS = 4, MOST_ITEMS = 4 };

/* A plan in the making. */
struct stage {
    struct plan_item items[MOST_BACKENDS][MOST_ITEMS];
    struct plan_backend backends[MOST_BACKENDS];
    struct plan_input input;
    struct arena arena;
    struct plan plan;
};

static struct plan_item make_item(char letter)
{
    switch (letter) {
    case '-':
        return (struct plan_item){PLAN_ABSENT, true, true, false, false, true};
    case '=':
        return (struct plan_item){PLAN_OURS, true, true, true, true, true};
    case '~':
        return (struct plan_item){PLAN_OURS, true, true, false, false, true};
    case 'w':
        return (struct plan_item){PLAN_OURS, true, true, false, false, false};
    case 'm':
        return (struct plan_item){PLAN_OURS, true, true, true, false, false};
    case 'n':
        return (struct plan_item){PLAN_OURS, true, true, false, true, false};
    case 'v':
        return (struct plan_item){PLAN_ABSENT, true, false, false, false, false};
    case 'x':
        return (struct plan_item){PLAN_OURS, false, false, false, false, true};
    case 'f':
        return (struct plan_item){PLAN_FOREIGN, true, true, false, false, true};
    default:
        return (struct plan_item){PLAN_UNREADABLE, true, true, false, false, true};
    }
}

static void add_backend(struct stage *stage, int32_t role, const char **words)
{
    struct plan_item *items = stage->items[stage->input.count];
    struct plan_backend backend = {.role = role, .enabled = true, .items = items};

    if (**words == '_') {
        *words += strcspn(*words, " ") + 1;
        return;
    }
    for (; **words && **words != ' '; ++*words) {
        char letter = **words;
        if (letter == '!' || letter == '?')
            backend.refused = true;
        else if (letter == 'd' || letter == 'k')
            backend.enabled = false;
        else if (letter != '.' && letter != 'b')
            items[backend.count++] = make_item(letter);
        backend.passing = backend.passing || letter == '?';
        backend.kept = backend.kept || letter == 'k';
        backend.unseen = backend.unseen || letter == 'b';
    }
    *words += **words == ' ';
    stage->backends[stage->input.count++] = backend;
}

static void begin(struct stage *stage, const char *words, const char *flags)
{
    *stage = (struct stage){.input.backends = stage->backends};
    add_backend(stage, APIGW_ROLE_AUTHENTICATION, &words);
    add_backend(stage, APIGW_ROLE_OTHER, &words);
    add_backend(stage, APIGW_ROLE_ROUTE, &words);
    stage->input.authentication = strchr(flags, 'a');
    stage->input.accept_unprotected = strchr(flags, 'c');
    stage->input.gone = strchr(flags, 'g');
    stage->input.refused = strchr(flags, 'r');
    stage->input.live = strchr(flags, 'l');
    stage->input.uncovered = strchr(flags, 'o');
    stage->input.withdraw = strchr(flags, 'w');
    stage->input.routes_unknown = strchr(flags, 'q');
    CU_ASSERT_TRUE_FATAL(plan_make(&stage->input, &stage->arena, &stage->plan));
}

static void end(struct stage *stage)
{
    arena_release(&stage->arena);
}

static void expect(const struct stage *stage, const struct scene *scene, const char *expected)
{
    struct text text = text_empty();

    for (size_t i = 0; i < stage->input.count; i++)
        text_append_format(&text, "%c", "SRNUHWXG"[stage->plan.decisions[i].state]);
    for (size_t i = 0; i < stage->plan.count; i++) {
        const struct plan_step *step = &stage->plan.steps[i];
        if (!step->dropped)
            text_append_format(&text, " %c%zu.%zu", "PORWUEND"[step->phase], step -> backend, step -> item);
    }
    if (strcmp(text.data, expected) != 0) {
        printf("# %s (%s): expected %s, found %s\n", scene->words, scene->flags, expected, text.data);
        CU_FAIL("another plan than expected");
    }
    CU_PASS();
    text_release(&text);
}

static void run(const struct scene *scenes)
{
    for (; scenes->words; scenes++) {
        struct stage stage;
        begin(&stage, scenes->words, scenes->flags);
        expect(&stage, scenes, scenes->expected);
        end(&stage);
    }
}

static void protections_come_first_and_routes_last(void)
{
    static const struct scene scenes[] = {{"- - -", "a", "SSS P0.0 O1.0 R2.0"},
                                          {"-- . --", "a", "SSS P0.0 P0.1 R2.0 R2.1"},
                                          {"~ ~ ~", "al", "SSS P0.0 O1.0 R2.0"},
                                          {". - -", "", "SSS O1.0 R2.0"},
                                          {"_ _ -", "", "S R0.0"},
                                          {"- _ _", "a", "S P0.0"},
                                          {"_ _ _", "a", ""},
                                          {NULL, NULL, NULL}};

    run(scenes);
}

static void what_stands_is_not_written(void)
{
    static const struct scene scenes[] = {{"= = =", "al", "SSS"},      {"= = ~", "al", "SSS R2.0"},
                                          {"~ = =", "al", "SSS P0.0"}, {"=-= = =~", "al", "SSS P0.1 R2.1"},
                                          {"= = =", "alo", "SSS"},     {NULL, NULL, NULL}};

    run(scenes);
}

static void protections_are_wide_while_routes_move(void)
{
    static const struct scene scenes[] = {{"w = ~", "al", "SSS P0.0 R2.0 N0.0"},
                                          {"m = ~", "al", "SSS R2.0 N0.0"},
                                          {"m = =", "al", "SSS N0.0"},
                                          {"n = ~", "al", "SSS P0.0 R2.0 N0.0"},
                                          {"v- = ~", "al", "SSS P0.0 P0.1 R2.0 D0.0"},
                                          {"ww = ~~", "al", "SSS P0.0 P0.1 R2.0 R2.1 N0.0 N0.1"},
                                          {"wx = ~", "al", "SSS P0.0 R2.0 N0.0 D0.1"},
                                          {NULL, NULL, NULL}};

    run(scenes);
}

static void what_is_no_longer_wanted_goes_in_reverse(void)
{
    static const struct scene scenes[] = {{"=x =x =x", "al", "SSS U2.1 E1.1 D0.1"},
                                          {"xx xx =", "l", "SSS E1.1 E1.0 D0.1 D0.0"},
                                          {"x = -x", "l", "SSS R2.0 U2.1 D0.0"},
                                          {"= = x", "al", "SSS U2.0"},
                                          {"x x x", "g", "GGG U2.0 E1.0 D0.0"},
                                          {"xx xx xx", "ga", "GGG U2.1 U2.0 E1.1 E1.0 D0.1 D0.0"},
                                          {"x _ _", "g", "G D0.0"},
                                          {"_ x _", "g", "G E0.0"},
                                          {NULL, NULL, NULL}};

    run(scenes);
}

static void a_route_waits_for_every_protection(void)
{
    static const struct scene scenes[] = {
        {"! - -", "a", "RSW O1.0"},    {"! - ~", "al", "RSW O1.0"},    {"! - =", "al", "RSW O1.0"},
        {"f - -", "a", "NSW O1.0"},    {"u - ~", "al", "USW O1.0"},    {"-f - -", "a", "NSW O1.0"},
        {"! - -", "ac", "RSW O1.0"},   {"! - -", "", "RSS O1.0 R2.0"}, {"f - -", "", "NSS O1.0 R2.0"},
        {"!x - ~x", "al", "RSW O1.0"}, {"f - -x", "al", "NSW O1.0"},   {"!x - x", "a", "RSW O1.0"},
        {"!x x =", "l", "RSS E1.0"},   {"? - -", "a", "RSW O1.0"},     {NULL, NULL, NULL}};

    run(scenes);
}

static void without_a_backend_that_authenticates_the_operator_decides(void)
{
    static const struct scene scenes[] = {
        {"_ - -", "a", "SW O0.0"},         {"_ _ =", "al", "W"},    {"_ _ ~", "al", "W"},
        {"_ - -", "ac", "SS O0.0 R1.0"},   {"_ _ -", "", "S R0.0"}, {"d. - -", "a", "GSW O1.0"},
        {"d. - -", "ac", "GSS O1.0 R2.0"}, {NULL, NULL, NULL}};

    run(scenes);
}

static void a_disabled_protection_goes_only_where_that_opens_nothing(void)
{
    static const struct scene scenes[] = {{"dx = =", "al", "GSW"},
                                          {"dx = ~", "al", "GSW"},
                                          {"dx = =", "alc", "GSS D0.0"},
                                          {"dx = =", "l", "GSS D0.0"},
                                          {"dx = -", "a", "GSW"},
                                          {"kx = =", "l", "GSS"},
                                          {"kx = =", "alc", "GSS"},
                                          {"kx kx kx", "g", "GGG U2.0 E1.0 D0.0"},
                                          {"= dx =", "al", "SGS E1.0"},
                                          {"= kx =", "al", "SGS"},
                                          {NULL, NULL, NULL}};

    run(scenes);
}

static void a_disabled_route_goes_before_its_protection(void)
{
    static const struct scene scenes[] = {{"- - d.", "a", "HHG"},
                                          {"= = dx", "al", "HHG U2.0"},
                                          {"x x dx", "l", "SHG U2.0 D0.0"},
                                          {"= = kx", "al", "HHG"},
                                          {NULL, NULL, NULL}};

    run(scenes);
}

static void a_refused_route_holds_everything_back(void)
{
    static const struct scene scenes[] = {
        {"- - !", "a", "HHR"},  {"- - f", "a", "HHN"},   {"- - u", "a", "HHU"},    {"~ = f-", "a", "HHN"},
        {"! - !", "a", "RHR"},  {"f - f", "a", "NHN"},   {". - !", "", "HHR"},     {"_ - !", "ac", "HR"},
        {"x x !x", "l", "HHR"}, {"w = !x", "al", "HHR"}, {"dx = !x", "al", "GHR"}, {NULL, NULL, NULL}};

    run(scenes);
}

static void others_hold_nothing_back(void)
{
    static const struct scene scenes[] = {{"- ! -", "a", "SRS P0.0 R2.0"},
                                          {"- f -", "a", "SNS P0.0 R2.0"},
                                          {"- u- -", "a", "SUS P0.0 R2.0"},
                                          {"w !x ~", "al", "SRS P0.0 R2.0 N0.0"},
                                          {NULL, NULL, NULL}};

    run(scenes);
}

static void nothing_is_done_for_a_refused_api(void)
{
    static const struct scene scenes[] = {{"x x x", "r", "SSS"},          {"x x x", "ral", "SSS"},
                                          {"dx dx dx", "r", "GGG"},       {"x x x", "ralw", "SSS"},
                                          {"x x x", "ralow", "SSS W2.0"}, {"x x x", "ralo", "SSS"},
                                          {"x x x", "rlow", "SSS"},       {NULL, NULL, NULL}};

    run(scenes);
}

static void routes_that_nobody_knows_keep_their_protection(void)
{
    static const struct scene scenes[] = {{"x _ _", "gq", "G"},     {"x x _", "gq", "GG E1.0"},
                                          {"x _ _", "q", "S D0.0"}, {"=x _ _", "aq", "S"},
                                          {"dx _ _", "aqc", "G"},   {"x = =", "gq", "GGG U2.0 E1.0"},
                                          {NULL, NULL, NULL}};

    run(scenes);
}

static void a_route_that_lost_its_protection_is_withdrawn_if_that_is_wished(void)
{
    static const struct scene scenes[] = {{"! = =", "alow", "RSW W2.0"},
                                          {"f = =", "alow", "NSW W2.0"},
                                          {"u = =x", "alow", "USW W2.1 W2.0"},
                                          {"! = =", "alo", "RSW"},
                                          {"! = =", "alw", "RSW"},
                                          {"? = =", "alow", "RSW"},
                                          {"! = =", "low", "RSS"},
                                          {"- = =", "alow", "SSS P0.0"},
                                          {"! - -", "aw", "RSW O1.0"},
                                          {"! = f", "alow", "RHN"},
                                          {NULL, NULL, NULL}};

    run(scenes);
}

static void of_what_nobody_sees_nothing_goes(void)
{
    static const struct scene scenes[] = {{"b!= = =", "alw", "RSW"},     {"b!=x = =x", "alw", "RSW"},
                                          {"bx = =", "l", "SSS"},        {"bx x x", "gl", "GGG U2.0 E1.0"},
                                          {"x x bx", "glq", "GGG E1.0"}, {"x = b!=", "alq", "HHR"},
                                          {"bdx = =", "al", "GSW"},      {NULL, NULL, NULL}};

    run(scenes);
}

/* A step fails; the ones before it were done. */
struct failure {
    struct scene scene;
    size_t step;
    bool refused;
};

static void a_failed_step_stops_what_depends_on_it(void)
{
    static const struct failure cases[] = {{{"- - -", "a", "XSW P0.0 O1.0"}, 0, true},
                                           {{"-- - --", "a", "XSW P0.0 O1.0"}, 0, true},
                                           {{"-- - -", "a", "XSW P0.0 P0.1 O1.0"}, 1, true},
                                           {{"- - =", "al", "XSW P0.0 O1.0"}, 0, false},
                                           {{"- -- -", "a", "SXS P0.0 O1.0 R2.0"}, 1, true},
                                           {{"- - --", "a", "SSX P0.0 O1.0 R2.0"}, 2, true},
                                           {{"- - -", "", "XSS P0.0 O1.0 R2.0"}, 0, true},
                                           {{"w - ~", "al", "XSW P0.0 O1.0"}, 0, true},
                                           {{"w = ~", "al", "SSX P0.0 R2.0"}, 1, true},
                                           {{"wx = ~x", "al", "SSX P0.0 R2.0"}, 1, true},
                                           {{"wx = =x", "al", "SSX P0.0 U2.1"}, 1, true},
                                           {{"w = ~", "al", "XSW P0.0 R2.0 N0.0"}, 2, true},
                                           {{"wx = ~", "al", "XSW P0.0 R2.0 N0.0"}, 2, true},
                                           {{"=xx = =", "al", "XSW D0.2"}, 0, true},
                                           {{"x x x", "g", "GGX U2.0 E1.0"}, 0, true},
                                           {{"x x x", "g", "GXG U2.0 E1.0 D0.0"}, 1, true},
                                           {{"xx x xx", "g", "GGX U2.1 E1.0"}, 0, false},
                                           {{"x = ~x", "l", "SSX R2.0"}, 0, true},
                                           {{"~ = =", "alow", "XSW P0.0 W2.0"}, 0, true},
                                           {{"~ = =", "alow", "XSW P0.0"}, 0, false},
                                           {{"~ = =", "alo", "XSW P0.0"}, 0, true},
                                           {{"~ = =", "alw", "XSW P0.0"}, 0, true},
                                           {{"~ = =x", "alow", "XSW P0.0 W2.1 W2.0"}, 0, true}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stage stage;
        size_t step = 0;
        begin(&stage, cases[i].scene.words, cases[i].scene.flags);
        for (size_t done = 0; stage.plan.steps[step].dropped || done < cases[i].step; step++)
            done += !stage.plan.steps[step].dropped;
        plan_fail(&stage.input, &stage.plan, step, cases[i].refused);
        expect(&stage, &cases[i].scene, cases[i].scene.expected);
        CU_ASSERT_EQUAL(stage.plan.withdrawn, strchr(cases[i].scene.expected + 3, 'W') != NULL);
        end(&stage);
    }
}

static void blame_names_who_stands_in_the_way(void)
{
    static const struct {
        const char *words;
        size_t number;
        size_t item;
        size_t backend;
    } cases[] = {{"-f - -", 0, 1, PLAN_NONE},        {"-f - -", 2, PLAN_NONE, 0},
                 {"_ - -", 1, PLAN_NONE, PLAN_NONE}, {"- - -u", 0, PLAN_NONE, 2},
                 {"- - -u", 2, 1, PLAN_NONE},        {"- - d.", 0, PLAN_NONE, 2},
                 {"= - -", 2, PLAN_NONE, PLAN_NONE}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stage stage;
        begin(&stage, cases[i].words, "a");
        CU_ASSERT_EQUAL(stage.plan.decisions[cases[i].number].item, cases[i].item);
        CU_ASSERT_EQUAL(stage.plan.decisions[cases[i].number].backend, cases[i].backend);
        end(&stage);
    }
}

/* With two routes, one that is refused does not take the other with it, and all protections count. */
static void one_refused_route_of_two_holds_nothing_back(void)
{
    const struct plan_item absent = make_item('-');
    const struct plan_item foreign = make_item('f');
    const struct plan_item stale = make_item('x');
    const struct plan_backend backends[] = {
        {.role = APIGW_ROLE_AUTHENTICATION, .enabled = true, .items = &absent, .count = 1},
        {.role = APIGW_ROLE_AUTHENTICATION, .enabled = true, .items = &stale, .count = 1},
        {.role = APIGW_ROLE_ROUTE, .enabled = true, .items = &foreign, .count = 1},
        {.role = APIGW_ROLE_ROUTE, .enabled = true, .items = &absent, .count = 1}};
    static const struct scene scene = {"four backends", "a", NULL};
    struct stage stage = {.input = {.backends = backends, .count = 4, .authentication = true}};

    CU_ASSERT_TRUE_FATAL(plan_make(&stage.input, &stage.arena, &stage.plan));
    /* One of the routes does not stand as it should, so that nothing of the protections goes. */
    expect(&stage, &scene, "SSNS P0.0 R3.0");
    plan_fail(&stage.input, &stage.plan, 0, true);
    /* A protection alone would only shut out the callers inside the cluster. */
    expect(&stage, &scene, "XHNW P0.0");
    end(&stage);
}

int main(void)
{
    static const struct test tests[] = {
        {"protections come first and routes last", protections_come_first_and_routes_last},
        {"what stands is not written", what_stands_is_not_written},
        {"protections are wide while routes move", protections_are_wide_while_routes_move},
        {"what is no longer wanted goes in reverse", what_is_no_longer_wanted_goes_in_reverse},
        {"a route waits for every protection", a_route_waits_for_every_protection},
        {"without a backend that authenticates the operator decides",
         without_a_backend_that_authenticates_the_operator_decides},
        {"a disabled protection goes only where that opens nothing",
         a_disabled_protection_goes_only_where_that_opens_nothing},
        {"a disabled route goes before its protection", a_disabled_route_goes_before_its_protection},
        {"a refused route holds everything back", a_refused_route_holds_everything_back},
        {"backends of role other hold nothing back", others_hold_nothing_back},
        {"nothing is done for a refused Api", nothing_is_done_for_a_refused_api},
        {"routes that nobody knows keep their protection", routes_that_nobody_knows_keep_their_protection},
        {"of what nobody sees nothing goes", of_what_nobody_sees_nothing_goes},
        {"a route that lost its protection is withdrawn if that is wished",
         a_route_that_lost_its_protection_is_withdrawn_if_that_is_wished},
        {"a failed step stops what depends on it", a_failed_step_stops_what_depends_on_it},
        {"blame names who stands in the way", blame_names_who_stands_in_the_way},
        {"one refused route of two holds nothing back", one_refused_route_of_two_holds_nothing_back},
        {NULL, NULL}};

    return harness_run("plan", tests);
}
