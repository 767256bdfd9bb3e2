/* SPDX-License-Identifier: Apache-2.0 */
/* Who has a host or a Service: what the rules say, whatever the order in which things became known. */
#include "gateway.h"
#include "harness.h"

#include "base/text.h"
#include "reconcile/claims.h"

#include <stdio.h>
#include <string.h>

enum { MOST_FACTS = 6, NAMES = 4 };

/*
 * What is known, each as words:
 *   api KEY CREATED SERVICE HOST [STATE]  STATE: invalid, leaving, absent, refused, lost, taken
 *   live KIND KEY OF SERVICE HOST         an object that was made for the Api OF; "-" is no Service, no host
 *   old KIND KEY OF SERVICE HOST          the same, by the historic controller, for the uid "u"
 *   else KIND KEY HOST                    somebody else's
 *   beside KIND KEY HOST                  the same, in the input
 * Apis whose key ends in u have the uid "u".
 */
struct scene {
    const char *facts[MOST_FACTS];
    const char *api;
    /** RESULT API OBJECT RIVAL; "-" is none. */
    const char *expected;
};

/* What claims are judged from. */
struct world {
    struct gateway gateway;
    struct ledger *ledger;
    struct observed_table *table;
};

static void begin(struct world *world)
{
    *world = (struct world){0};
    gateway_init(&world->gateway);
    world->ledger = ledger_new();
    world->table = observed_new(&world->gateway.settings, 7);
    CU_ASSERT_PTR_NOT_NULL_FATAL(world->ledger);
    CU_ASSERT_PTR_NOT_NULL_FATAL(world->table);
    for (int i = 0; i < GATEWAY_BACKENDS; i++)
        CU_ASSERT_EQUAL_FATAL(observed_add_kind(world->table, &world->gateway.plugins[i].descriptor.kinds[0]),
                              i);
}

static void end(struct world *world)
{
    observed_free(world->table);
    ledger_free(world->ledger);
    gateway_release(&world->gateway);
}

static void add_api(struct world *world, char words[NAMES + 2][64])
{
    struct entry *entry = ledger_add(world->ledger, words[0]);
    const char *state = words[4];
    char service[96];
    const char *texts[ENTRY_CLAIMS] = {[ENTRY_HOST] = words[3], [ENTRY_SERVICE] = service};

    CU_ASSERT_PTR_NOT_NULL_FATAL(entry);
    (void)snprintf(service, sizeof service, "%.2s/%.63s", words[0], words[2]);
    entry->present = strcmp(state, "absent") != 0;
    entry->valid = entry->present && strcmp(state, "invalid") != 0;
    entry->leaving = strcmp(state, "leaving") == 0;
    entry->created = words[1][0] - '0';
    if (words[0][strlen(words[0]) - 1] == 'u')
        CU_ASSERT_TRUE_FATAL(entry_set_uid(entry, "u"));
    if (strcmp(state, "refused") == 0 || strcmp(state, "invalid") == 0)
        entry->state = ENTRY_REFUSED;
    else if (strcmp(state, "lost") == 0)
        entry->state = ENTRY_LOST;
    else if (strcmp(state, "taken") == 0)
        entry->state = ENTRY_TAKEN;
    if (!entry->valid)
        return;
    CU_ASSERT_TRUE_FATAL(ledger_ask(world->ledger, entry, texts));
    if (entry->state == ENTRY_TAKEN)
        CU_ASSERT_TRUE_FATAL(ledger_take(world->ledger, entry));
}

static json_t *make_object(const char *kind, const char *name_space, const char *name, const char *host,
                           const char *service)
{
    json_t *object = json_pack("{s:s, s:{s:s, s:s}, s:{}}", "kind", kind, "metadata", "namespace", name_space,
                               "name", name, "spec");
    json_t *spec = json_object_get(object, "spec");

    if (strcmp(host, "-") != 0)
        (void)json_object_set_new(spec, "hosts", json_pack("[s]", host));
    if (strcmp(service, "-") != 0 && strcmp(kind, "Road") == 0)
        (void)json_object_set_new(spec, "to", json_string(service));
    else if (strcmp(service, "-") != 0)
        (void)json_object_set_new(spec, "services", json_pack("[s]", service));
    return object;
}

static void add_object(struct world *world, const char *fact, char words[NAMES + 2][64])
{
    bool ours = strcmp(fact, "live") == 0 || strcmp(fact, "old") == 0;
    char name_space[3] = {words[1][0], words[1][1], '\0'};
    const char *name = words[1] + 3;
    json_t *object =
        make_object(words[0], name_space, name, ours ? words[4] : words[2], ours ? words[3] : "-");
    struct observed_fact put = {.kind = observed_kind(world->table, "test.example", words[0], NULL),
                                .side = strcmp(fact, "beside") == 0 ? OBSERVED_SOURCE : OBSERVED_SINK,
                                .name_space = name_space,
                                .name = name,
                                .object = object,
                                .uid = "",
                                .version = ""};

    if (ours)
        (void)json_object_set_new(json_object_get(object, "metadata"), "labels",
                                  json_pack("{s:s, s:s, s:s, s:s}", "createdBy",
                                            strcmp(fact, "old") == 0 ? "api-controller" : "apigwd",
                                            "apiNamespace", name_space, "apiName", words[2] + 3, "apiUid",
                                            "u"));
    CU_ASSERT_EQUAL_FATAL(observed_put(world->table, &put), 0);
    json_decref(object);
}

static void add_fact(struct world *world, const char *text)
{
    char fact[16];
    char words[NAMES + 2][64] = {{0}};

    (void)sscanf(text, "%15s %63s %63s %63s %63s %63s", fact, words[0], words[1], words[2], words[3],
                 words[4]);
    if (strcmp(fact, "api") == 0)
        add_api(world, words);
    else
        add_object(world, fact, words);
}

static void name(struct text *out, const struct world *world, const struct observed *object)
{
    if (object)
        text_append_format(out, " %s/%s/%s", observed_descriptor(world->table, object->kind)->kind,
                           observed_namespace(object), observed_own_name(object));
    else
        text_append_string(out, " -");
}

static void judge(const struct world *world, const char *api, struct text *out)
{
    static const char *const results[] = {"free", "service", "host", "after"};
    const struct claims claims = {world->ledger, world->table, NULL};
    struct claims_verdict verdict = claims_judge(&claims, ledger_get(world->ledger, api));
    char key[KEY_SIZE];
    const char *holder = claims_api(&verdict, key);

    text_append_format(out, "%s %s", results[verdict.result], holder ? holder : "-");
    name(out, world, verdict.object);
    name(out, world, verdict.rival);
}

/* The facts in some order. */
static void try_order(const struct scene *scene, unsigned seed)
{
    const char *facts[MOST_FACTS];
    struct text found = text_empty();
    struct world world;
    size_t count = 0;

    while (count < MOST_FACTS && scene->facts[count]) {
        facts[count] = scene->facts[count];
        count++;
    }
    for (size_t i = count; seed > 0 && i > 1; i--) {
        size_t other = seed % i;
        const char *held = facts[i - 1];
        seed = seed * 1103515245U + 12345U;
        facts[i - 1] = facts[other];
        facts[other] = held;
    }
    begin(&world);
    for (size_t i = 0; i < count; i++)
        add_fact(&world, facts[i]);
    judge(&world, scene->api, &found);
    if (strcmp(found.data, scene->expected) != 0) {
        printf("# %s after %s, ...: expected %s, found %s\n", scene->api, facts[0], scene->expected,
               found.data);
        CU_FAIL("another verdict than expected");
    }
    CU_PASS();
    text_release(&found);
    end(&world);
}

static void run(const struct scene *scenes)
{
    for (; scenes->api; scenes++) {
        for (unsigned seed = 0; seed < 40; seed++)
            try_order(scenes, seed * 7919U);
    }
}

static void whoever_holds_it_keeps_it(void)
{
    static const struct scene scenes[] = {
        {{"api t1/a 2 s h", "live Road t1/a t1/a s h"}, "t1/a", "free - - -"},
        {{"api t1/a 2 s h", "live Road t1/a t1/a s h", "api t1/b 1 x h"}, "t1/a", "free - - -"},
        {{"api t1/a 2 s h", "live Road t1/a t1/a s h", "api t1/b 1 x h"}, "t1/b", "host t1/a Road/t1/a -"},
        {{"api t1/a 2 s h", "live Road t1/a t1/a s h", "api t1/b 1 s x"}, "t1/b", "service t1/a Road/t1/a -"},
        {{"api t1/a 2 s h", "live Road t1/a t1/a s h", "api t2/b 1 s h"}, "t2/b", "host t1/a Road/t1/a -"},
        {{"api t1/a 2 s h", "live Road t1/a t1/a s h", "api t2/b 1 s x"}, "t2/b", "free - - -"},
        /* Both are held: the Service is told. */
        {{"api t1/a 2 s h", "live Road t1/a t1/a s h", "api t1/b 1 s h"}, "t1/b", "service t1/a Road/t1/a -"},
        /* A protection alone holds the Service. */
        {{"api t1/a 2 s h", "live Lock t1/a t1/a s -", "api t1/b 1 s x"}, "t1/b", "service t1/a Lock/t1/a -"},
        /* The route is told rather than the protection. */
        {{"api t1/a 2 s h", "live Lock t1/a t1/a s -", "live Road t1/a t1/a s h", "api t1/b 1 s x"},
         "t1/b",
         "service t1/a Road/t1/a -"},
        {{"api t1/a 2 s h", "live Road t1/z t1/a s h", "live Road t1/y t1/a s h", "api t1/b 1 s x"},
         "t1/b",
         "service t1/a Road/t1/y -"},
        {{NULL}, NULL, NULL}};

    run(scenes);
}

static void of_several_that_are_live_the_oldest_holds(void)
{
    static const struct scene scenes[] = {
        {{"api t1/a 2 s h", "live Road t1/a t1/a s h", "api t1/b 1 x h", "live Road t1/b t1/b x h"},
         "t1/a",
         "host t1/b Road/t1/b -"},
        {{"api t1/a 2 s h", "live Road t1/a t1/a s h", "api t1/b 1 x h", "live Road t1/b t1/b x h"},
         "t1/b",
         "free - - -"},
        {{"api t1/a 1 s h", "live Road t1/a t1/a s h", "api t1/b 1 x h", "live Road t1/b t1/b x h"},
         "t1/b",
         "host t1/a Road/t1/a -"},
        {{NULL}, NULL, NULL}};

    run(scenes);
}

static void without_a_holder_the_oldest_is_first(void)
{
    static const struct scene scenes[] = {
        {{"api t1/a 2 s h", "api t1/b 1 x h"}, "t1/b", "free - - -"},
        {{"api t1/a 2 s h", "api t1/b 1 x h"}, "t1/a", "after t1/b - -"},
        {{"api t1/a 1 s h", "api t1/b 1 x h"}, "t1/a", "free - - -"},
        {{"api t1/a 1 s h", "api t1/b 1 x h"}, "t1/b", "after t1/a - -"},
        {{"api t1/a 3 s h", "api t1/b 2 x h", "api t1/c 1 s y"}, "t1/a", "after t1/c - -"},
        {{"api t1/a 3 s h", "api t1/b 1 x h", "api t1/c 2 y h"}, "t1/a", "after t1/b - -"},
        /* Those that were refused or lost something else reserve nothing, nor those that go. */
        {{"api t1/a 2 s h", "api t1/b 1 x h refused"}, "t1/a", "free - - -"},
        {{"api t1/a 2 s h", "api t1/b 1 x h lost"}, "t1/a", "free - - -"},
        {{"api t1/a 2 s h", "api t1/b 1 x h leaving"}, "t1/a", "free - - -"},
        {{"api t1/a 2 s h", "api t1/b 1 x h invalid"}, "t1/a", "free - - -"},
        /* What is held for certain is told before what may be. */
        {{"api t1/a 3 s h", "api t1/b 1 s x", "api t1/c 2 y h", "live Road t1/c t1/c y h"},
         "t1/a",
         "host t1/c Road/t1/c -"},
        {{NULL}, NULL, NULL}};

    run(scenes);
}

static void what_is_taken_is_held_before_it_stands(void)
{
    static const struct scene scenes[] = {
        {{"api t1/a 2 s h taken", "api t1/b 1 x h"}, "t1/b", "host t1/a - -"},
        {{"api t1/a 2 s h taken", "api t1/b 1 s x"}, "t1/b", "service t1/a - -"},
        {{"api t1/a 2 s h taken", "api t1/b 1 x h"}, "t1/a", "free - - -"},
        {{"api t1/a 2 s h taken", "live Road t1/a t1/a s h", "api t1/b 1 x h"},
         "t1/b",
         "host t1/a Road/t1/a -"},
        /* Against Apis; nothing of it stands yet. */
        {{"api t1/a 2 s h taken", "else Road t2/x h"}, "t1/a", "host - Road/t2/x -"},
        {{NULL}, NULL, NULL}};

    run(scenes);
}

static void hosts_of_others_count_unless_ours_is_live(void)
{
    static const struct scene scenes[] = {
        {{"api t1/a 1 s h", "else Road t2/x h"}, "t1/a", "host - Road/t2/x -"},
        {{"api t1/a 1 s h", "beside Road t2/x H"}, "t1/a", "host - Road/t2/x -"},
        {{"api t1/a 1 s h", "else Road t2/x *"}, "t1/a", "free - - -"},
        {{"api t1/a 1 s h", "else Road t2/x h", "live Road t1/a t1/a s h"}, "t1/a", "free - - Road/t2/x"},
        {{"api t1/a 1 s h", "else Road t2/x h", "live Road t1/a t1/a s h", "api t1/b 0 x h"},
         "t1/b",
         "host t1/a Road/t1/a -"},
        /* Of several the same is told each time. */
        {{"api t1/a 1 s h", "else Road t2/y h", "else Road t2/x h", "else Road t3/w h", "else Road t2/z h"},
         "t1/a",
         "host - Road/t2/x -"},
        {{"api t1/a 1 s h", "live Road t1/a t1/a s h", "else Road t2/y h", "else Road t2/x h"},
         "t1/a",
         "free - - Road/t2/x"},
        /* What others protect does not matter. */
        {{"api t1/a 1 s h", "else Lock t2/x h"}, "t1/a", "free - - -"},
        {{NULL}, NULL, NULL}};

    run(scenes);
}

static void what_the_historic_controller_made_counts_by_its_uid(void)
{
    static const struct scene scenes[] = {
        {{"api t1/au 2 s h", "old Road t1/x t1/au s h", "api t1/b 1 x h"}, "t1/b", "host t1/au Road/t1/x -"},
        {{"api t1/au 2 s h", "old Road t1/x t1/au s h"}, "t1/au", "free - - -"},
        {{"api t1/a 2 s h", "old Road t1/x t1/a s h"}, "t1/a", "host - Road/t1/x -"},
        {{"api t1/a 2 s h", "live Road t1/x t1/a s h"}, "t1/a", "free - - -"},
        {{NULL}, NULL, NULL}};

    run(scenes);
}

static void drift_is_no_claim(void)
{
    static const struct scene scenes[] = {
        /* A bends to b's host. */
        {{"api t1/a 1 s h", "live Road t1/a t1/a s g", "api t1/b 2 x g", "live Road t1/b t1/b x g"},
         "t1/b",
         "free - - -"},
        {{"api t1/a 1 s h", "live Road t1/a t1/a y h", "api t1/b 2 y g", "live Lock t1/b t1/b y -"},
         "t1/b",
         "free - - -"},
        /* Until it was bent back nobody new gets it. */
        {{"api t1/a 1 s h", "live Road t1/a t1/a s g", "api t1/b 2 x g"}, "t1/b", "host t1/a Road/t1/a -"},
        /* What an Api that is not valid wants is not known. */
        {{"api t1/a 1 s h invalid", "live Road t1/a t1/a s g", "api t1/b 2 x g"},
         "t1/b",
         "host t1/a Road/t1/a -"},
        {{"api t1/a 3 s h invalid", "live Road t1/a t1/a s g", "api t1/b 2 x g", "live Road t1/b t1/b x g"},
         "t1/b",
         "free - - -"},
        {{NULL}, NULL, NULL}};

    run(scenes);
}

static void what_is_to_go_holds_until_it_has_gone(void)
{
    static const struct scene scenes[] = {
        {{"api t1/a 1 s h leaving", "live Road t1/a t1/a s h", "api t1/b 2 x h"},
         "t1/b",
         "host t1/a Road/t1/a -"},
        {{"api t1/a 1 s h absent", "live Road t1/a t1/a s h", "api t1/b 2 x h"},
         "t1/b",
         "host t1/a Road/t1/a -"},
        {{"live Lock t1/a t1/a s -", "api t1/b 2 s h"}, "t1/b", "service t1/a Lock/t1/a -"},
        {{"live Road t1/a t1/a s h", "api t1/b 2 x h", "live Road t1/b t1/b x h"}, "t1/b", "free - - -"},
        /* Of several that go the same is told each time. */
        {{"live Road t1/d t1/d s h", "live Road t1/c t1/c s h", "api t1/e 1 s h absent",
          "live Road t1/e t1/e s h", "api t1/b 2 x h"},
         "t1/b",
         "host t1/e Road/t1/e -"},
        {{"live Road t1/d t1/d s h", "live Road t1/c t1/c s h", "api t1/b 2 x h"},
         "t1/b",
         "host t1/c Road/t1/c -"},
        {{NULL}, NULL, NULL}};

    run(scenes);
}

static void claims_are_live_if_both_are(void)
{
    static const struct {
        const char *facts[3];
        bool live;
    } cases[] = {{{"api t1/a 1 s h", "live Road t1/a t1/a s h", NULL}, true},
                 {{"api t1/a 1 s h", "live Road t1/a t1/a x h", NULL}, false},
                 {{"api t1/a 1 s h", "live Road t1/a t1/a s x", NULL}, false},
                 {{"api t1/a 1 s h", "live Road t1/a t1/b s h", NULL}, false},
                 {{"api t1/a 1 s h", "live Lock t1/a t1/a s h", NULL}, false},
                 {{"api t1/a 1 s h", "live Road t1/a t1/a - h", "live Lock t1/a t1/a s -"}, true},
                 {{"api t1/a 1 s h", NULL, NULL}, false}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world world;
        begin(&world);
        for (int j = 0; j < 3 && cases[i].facts[j]; j++)
            add_fact(&world, cases[i].facts[j]);
        CU_ASSERT_EQUAL(
            claims_live(&(struct claims){world.ledger, world.table, NULL}, ledger_get(world.ledger, "t1/a")),
            cases[i].live);
        end(&world);
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"whoever holds it keeps it", whoever_holds_it_keeps_it},
        {"of several that are live the oldest holds", of_several_that_are_live_the_oldest_holds},
        {"without a holder the oldest is first", without_a_holder_the_oldest_is_first},
        {"what is taken is held before it stands", what_is_taken_is_held_before_it_stands},
        {"hosts of others count unless ours is live", hosts_of_others_count_unless_ours_is_live},
        {"what the historic controller made counts by its uid",
         what_the_historic_controller_made_counts_by_its_uid},
        {"drift is no claim", drift_is_no_claim},
        {"what is to go holds until it has gone", what_is_to_go_holds_until_it_has_gone},
        {"claims are live if both are", claims_are_live_if_both_are},
        {NULL, NULL}};

    return harness_run("claims", tests);
}
