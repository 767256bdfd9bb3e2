/* SPDX-License-Identifier: Apache-2.0 */
/* Many Apis, few hosts and Services, users and operators without a plan, and a judge. Each storm is told by
 * its seed; APIGW_STORMS says how many there are, APIGW_STORM which one only. */
#include "../unit/harness.h"
#include "base/json.h"
#include "stage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { APIS = 5, SERVICES = 3, HOSTS = 4, EVENTS = 40, ROUNDS = 1200, STORMS = 150, SHOWN = 10 };

/* A storm on its way. */
struct storm {
    struct stage stage;
    uint64_t random;
    unsigned seed;
    unsigned event;
    int generation;
    unsigned failures;
};

/* xorshift64*; its own, so that a seed means the same everywhere. */
static unsigned roll(struct storm *storm, unsigned sides)
{
    storm->random ^= storm->random >> 12;
    storm->random ^= storm->random << 25;
    storm->random ^= storm->random >> 27;
    return (unsigned)((storm->random * UINT64_C(2685821657736338717)) >> 33) % sides;
}

static void name_api(struct storm *storm, char name[8])
{
    (void)snprintf(name, 8, "a%u", roll(storm, APIS));
}

static void edit(struct storm *storm)
{
    static const char *const issuers[] = {NULL, "https://one.example", "https://two.example"};
    char name[8];
    char service[8];
    char host[16];
    json_t *api;

    name_api(storm, name);
    (void)snprintf(service, sizeof service, "s%u", roll(storm, SERVICES));
    if (roll(storm, 12) == 0)
        (void)snprintf(host, sizeof host, "two.labels");
    else
        (void)snprintf(host, sizeof host, "h%u", roll(storm, HOSTS));
    api = card_api(name, service, host, issuers[roll(storm, 3)]);
    (void)json_object_set_new(json_member(api, "metadata"), "generation", json_integer(++storm->generation));
    (void)json_object_set_new(json_member(api, "metadata"), "creationTimestamp",
                              json_sprintf("202%c-01-01T00:00:00Z", name[1]));
    stage_put(&storm->stage, api);
}

static void forget(struct storm *storm)
{
    char name[8];

    name_api(storm, name);
    stage_remove(&storm->stage, API_KIND, name);
}

/* Somebody removes an output. */
static void tamper(struct storm *storm)
{
    int backend = (int)roll(storm, CARD_COUNT);
    char name[8];

    name_api(storm, name);
    stage_tamper(&storm->stage, backend, name, NULL);
}

static void add_foreign(struct storm *storm)
{
    char host[32];
    json_t *road;

    (void)snprintf(host, sizeof host, "h%u.kyma.local", roll(storm, HOSTS));
    road = card_road("x", host, "elsewhere");
    (void)json_object_del(json_member(road, "metadata"), "labels");
    stage_put(&storm->stage, road);
}

static void operate(struct storm *storm)
{
    struct cardboard *cardboard = &storm->stage.cardboard;
    int backend = roll(storm, 2) ? CARD_LOCK : CARD_ROAD;

    stage_stop(&storm->stage);
    if (roll(storm, 3) == 0)
        cardboard_accept(cardboard, !cardboard->judged.accept);
    else
        cardboard_enable(cardboard, backend, !cardboard->kinds[backend].enabled);
    stage_configure(&storm->stage);
    stage_start(&storm->stage);
}

/* The rolls each by itself: the order of arguments is the compiler's. */
static void damage(struct storm *storm)
{
    enum stage_fault fault = (enum stage_fault)roll(storm, STAGE_FAULTS);
    unsigned at = 1 + roll(storm, 5);

    stage_break(&storm->stage, fault, at);
}

static void happen(struct storm *storm)
{
    unsigned what = roll(storm, 20);

    if (what < 11)
        edit(storm);
    else if (what < 14)
        forget(storm);
    else if (what < 15)
        tamper(storm);
    else if (what < 16)
        add_foreign(storm);
    else if (what < 17)
        stage_remove(&storm->stage, "Road", "x");
    else if (what < 18)
        stage_start(&storm->stage);
    else if (what < 19)
        operate(storm);
    else
        damage(storm);
}

static void hear(struct storm *storm, const char *when)
{
    char where[64];

    if (judge_count(storm->stage.judge) == 0 && storm->stage.complaints == 0)
        return;
    (void)snprintf(where, sizeof where, "storm %u, event %u, %s", storm->seed, storm->event, when);
    if (storm->failures++ < SHOWN)
        judge_print(storm->stage.judge, where);
    judge_forget(storm->stage.judge);
    storm->stage.complaints = 0;
}

/* Whether every valid Api could be published. */
static bool is_whole(const struct cardboard *cardboard)
{
    return cardboard->kinds[CARD_ROAD].enabled &&
           (cardboard->kinds[CARD_LOCK].enabled || cardboard->judged.accept);
}

/* All failures pass: everything has to be well. */
static void calm_down(struct storm *storm)
{
    struct stage *stage = &storm->stage;

    stage_heal(stage);
    if (!stage_run(stage, ROUNDS)) {
        (void)printf("# storm %u, event %u: it does not come to rest\n", storm->seed, storm->event);
        storm->failures++;
    }
    judge_rest(stage->judge, is_whole(&stage->cardboard));
    hear(storm, "at rest");
    stage_start(stage);
    (void)stage_run(stage, ROUNDS);
    judge_rest(stage->judge, is_whole(&stage->cardboard));
    hear(storm, "after another start");
}

static unsigned rage(unsigned seed)
{
    struct storm storm = {.seed = seed, .random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1};
    unsigned failures;

    /* A controller that never returns ends the test. */
    (void)alarm(20);
    stage_init(&storm.stage, (enum stage_delivery)roll(&storm, STAGE_DELIVERIES));
    stage_start(&storm.stage);
    for (storm.event = 1; storm.event <= EVENTS && storm.failures == 0; storm.event++) {
        happen(&storm);
        (void)stage_run(&storm.stage, roll(&storm, 4));
        hear(&storm, "on the way");
        if (roll(&storm, 6) == 0)
            calm_down(&storm);
    }
    calm_down(&storm);
    failures = storm.failures;
    (void)alarm(0);
    stage_release(&storm.stage);
    return failures;
}

static unsigned number_from(const char *variable, unsigned otherwise)
{
    const char *text = getenv(variable);
    char *end;
    unsigned long value;

    if (!text)
        return otherwise;
    errno = 0;
    value = strtoul(text, &end, 10);
    return errno == 0 && *end == '\0' && end != text && value < 100000000 ? (unsigned)value : otherwise;
}

static void test_storms(void)
{
    unsigned only = number_from("APIGW_STORM", 0);
    unsigned count = only ? only : number_from("APIGW_STORMS", STORMS);
    unsigned failed = 0;

    for (unsigned seed = only ? only : 1; seed <= count && failed < 5; seed++)
        failed += rage(seed) > 0;
    (void)printf("# %u storms of %d events, %u failed\n", only ? 1 : count, EVENTS, failed);
    CU_ASSERT_EQUAL(failed, 0);
}

int main(void)
{
    static const struct test tests[] = {
        {"storms", test_storms},
        {NULL, NULL},
    };

    return harness_run("storm", tests);
}
