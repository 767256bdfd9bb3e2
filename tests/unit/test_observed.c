/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway.h"
#include "harness.h"
#include "scarce.h"

#include "base/json.h"
#include "store/observed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LABELS(api)                                                                                          \
    "'labels': {'createdBy': 'apigwd', 'apiNamespace': 't1', 'apiName': '" api "', 'apiUid': 'u1'}"
#define OURS(api, spec) "{'metadata': {'namespace': 't1', " LABELS(api) "}, 'spec': " spec "}"
#define THEIRS(spec) "{'metadata': {'namespace': 't1'}, 'spec': " spec "}"

enum { LOCK, NOTE, ROAD };

/* A table of the gateway's kinds. */
struct stage {
    struct gateway gateway;
    struct observed_table *table;
};

static void begin(struct stage *stage)
{
    gateway_init(&stage->gateway);
    stage->table = observed_new(&stage->gateway.settings, 9);
    CU_ASSERT_PTR_NOT_NULL_FATAL(stage->table);
    for (int i = 0; i < GATEWAY_BACKENDS; i++)
        CU_ASSERT_EQUAL_FATAL(observed_add_kind(stage->table, &stage->gateway.plugins[i].descriptor.kinds[0]),
                              i);
}

static void end(struct stage *stage)
{
    observed_free(stage->table);
    gateway_release(&stage->gateway);
}

static int put_at(struct stage *stage, int kind, enum observed_side side, const char *name, const char *text)
{
    json_t *object = text ? gateway_json(text) : NULL;
    const struct observed_fact fact = {.kind = kind,
                                       .side = side,
                                       .name_space = "t1",
                                       .name = name,
                                       .object = object,
                                       .problem = text ? NULL : "no access",
                                       .uid = "id",
                                       .version = "7"};
    int result = observed_put(stage->table, &fact);

    json_decref(object);
    return result;
}

static void put(struct stage *stage, int kind, const char *name, const char *text)
{
    CU_ASSERT_EQUAL_FATAL(put_at(stage, kind, OBSERVED_SINK, name, text), 0);
}

/* The uses of a key, sorted by the objects' names: "NAME:USE NAME:USE". */
static void expect_names(const struct stage *stage, const char *key, const char *expected)
{
    struct text found = text_empty();

    for (char letter = 'a'; letter <= 'z'; letter++) {
        for (unsigned use = 1; use <= 8; use *= 2) {
            const struct observed_name *name = observed_first_name(stage->table, key);
            for (; name; name = observed_next_name(stage->table, name)) {
                const char *of = observed_own_name(observed_of_name(name));
                if (of[0] == letter && name->use == use)
                    text_append_format(&found, "%s%s:%u", found.length > 0 ? " " : "", of, use);
            }
        }
    }
    if (strcmp(found.data, expected) != 0) {
        printf("# %s: expected %s, found %s\n", key, expected, found.data);
        CU_FAIL("other names than expected");
    }
    CU_PASS();
    text_release(&found);
}

static size_t count_of(const struct stage *stage, const char *api)
{
    size_t count = 0;

    for (const struct observed *object = observed_first(stage->table, api); object;
         object = observed_next(stage->table, object)) {
        char key[KEY_SIZE];
        CU_ASSERT_TRUE(observed_is_of(object, api));
        CU_ASSERT_STRING_EQUAL(observed_api_key(object, key), api);
        count++;
    }
    return count;
}

static void kinds_are_known_by_either_name(void)
{
    struct stage stage;

    begin(&stage);
    CU_ASSERT_EQUAL(observed_kind(stage.table, "test.example", "Lock", NULL), LOCK);
    CU_ASSERT_EQUAL(observed_kind(stage.table, "test.example", NULL, "roads"), ROAD);
    CU_ASSERT_EQUAL(observed_kind(stage.table, "test.example", "Note", "notes"), NOTE);
    CU_ASSERT_EQUAL(observed_kind(stage.table, "test.example", "Note", "roads"), ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(observed_kind(stage.table, "other.example", "Note", NULL), ERROR_NOT_FOUND);
    /* A kind that two backends own is one. */
    CU_ASSERT_EQUAL(observed_add_kind(stage.table, observed_descriptor(stage.table, ROAD)), ROAD);
    CU_ASSERT_EQUAL(observed_seed(stage.table), 9);
    end(&stage);
    observed_free(NULL);
}

static void what_is_put_in_is_found(void)
{
    struct stage stage;
    const struct observed *object;
    char key[KEY_SIZE];
    char uid[UID_SIZE];

    begin(&stage);
    put(&stage, ROAD, "a", OURS("a1", "{'hosts': ['h'], 'to': 'svc'}"));
    object = observed_get(stage.table, ROAD, OBSERVED_SINK, "t1", "a");
    CU_ASSERT_PTR_NOT_NULL_FATAL(object);
    CU_ASSERT_TRUE(object->ours);
    CU_ASSERT_FALSE(object->historic);
    CU_ASSERT_STRING_EQUAL(observed_namespace(object), "t1");
    CU_ASSERT_STRING_EQUAL(observed_own_name(object), "a");
    CU_ASSERT_TRUE(observed_api_uid_is(object, "u1") && !observed_api_uid_is(object, ""));
    CU_ASSERT_STRING_EQUAL(observed_uid(object, uid), "id");
    CU_ASSERT_TRUE(observed_uid_is(object, "id") && !observed_uid_is(object, "u1"));
    CU_ASSERT_STRING_EQUAL(observed_version(object), "7");
    CU_ASSERT_PTR_NULL(observed_problem(object));
    CU_ASSERT_PTR_NULL(observed_extra(object));
    CU_ASSERT_STRING_EQUAL(observed_api_key(object, key), "t1/a1");
    CU_ASSERT_EQUAL(object->kind, ROAD);
    CU_ASSERT_PTR_NULL(observed_get(stage.table, NOTE, OBSERVED_SINK, "t1", "a"));
    CU_ASSERT_PTR_NULL(observed_get(stage.table, ROAD, OBSERVED_SOURCE, "t1", "a"));
    CU_ASSERT_PTR_NULL(observed_get(stage.table, ROAD, OBSERVED_SINK, "t2", "a"));
    CU_ASSERT_PTR_NULL(observed_get(stage.table, ROAD, OBSERVED_SINK, "t1", "b"));
    end(&stage);
}

static void what_was_made_ahead_is_put_in_as_it_is(void)
{
    json_t *object = gateway_json(OURS("a1", "{'services': ['svc1']}"));
    struct observed_fact fact = {.kind = LOCK,
                                 .side = OBSERVED_SINK,
                                 .name_space = "t1",
                                 .name = "a1",
                                 .object = object,
                                 .uid = "id",
                                 .version = "7"};
    struct observed *made;
    struct stage stage;

    begin(&stage);
    observed_discard(NULL);
    observed_discard(observed_make(stage.table, &fact));
    CU_ASSERT_EQUAL(observed_count(stage.table), 0);
    made = observed_make(stage.table, &fact);
    fact.made = &made;
    CU_ASSERT_EQUAL(observed_put(stage.table, &fact), 0);
    CU_ASSERT_PTR_NULL(made);
    CU_ASSERT_PTR_NOT_NULL(observed_get(stage.table, LOCK, OBSERVED_SINK, "t1", "a1"));
    CU_ASSERT_PTR_NOT_NULL(observed_first_name(stage.table, "t1/svc1"));
    /* Nothing was made: it is now. */
    CU_ASSERT_EQUAL(observed_put(stage.table, &fact), 0);
    CU_ASSERT_EQUAL(observed_count(stage.table), 1);
    CU_ASSERT_PTR_NOT_NULL(observed_first_name(stage.table, "t1/svc1"));
    end(&stage);
    json_decref(object);
}

static void what_is_replaced_leaves_nothing_behind(void)
{
    struct stage stage;
    size_t memory;

    begin(&stage);
    put(&stage, ROAD, "a", THEIRS("{}"));
    (void)observed_remove(stage.table, ROAD, OBSERVED_SINK, "t1", "a");
    memory = observed_memory(stage.table);
    put(&stage, ROAD, "a", OURS("a1", "{'hosts': ['h', 'g'], 'to': 'svc'}"));
    put(&stage, ROAD, "a", OURS("a2", "{'hosts': ['f'], 'to': 'svc2'}"));
    CU_ASSERT_EQUAL(observed_count(stage.table), 1);
    CU_ASSERT_EQUAL(count_of(&stage, "t1/a1"), 0);
    CU_ASSERT_EQUAL(count_of(&stage, "t1/a2"), 1);
    expect_names(&stage, "h", "");
    expect_names(&stage, "f", "a:1");
    expect_names(&stage, "t1/svc2", "a:2");
    put(&stage, ROAD, "a", NULL);
    CU_ASSERT_STRING_EQUAL(observed_problem(observed_get(stage.table, ROAD, OBSERVED_SINK, "t1", "a")),
                           "no access");
    CU_ASSERT_FALSE(observed_get(stage.table, ROAD, OBSERVED_SINK, "t1", "a")->ours);
    expect_names(&stage, "f", "");
    CU_ASSERT_TRUE(observed_remove(stage.table, ROAD, OBSERVED_SINK, "t1", "a"));
    CU_ASSERT_FALSE(observed_remove(stage.table, ROAD, OBSERVED_SINK, "t1", "a"));
    CU_ASSERT_EQUAL(observed_count(stage.table), 0);
    CU_ASSERT_EQUAL(observed_memory(stage.table), memory);
    end(&stage);
}

/* With thousands of outputs it is the text that would cost. */
static void what_is_put_in_keeps_no_text(void)
{
    struct stage stage;
    struct text ours = text_empty();
    struct text theirs = text_empty();
    size_t before;

    text_append_format(&ours, OURS("a1", "{'hosts': ['h'], 'to': 'svc', 'x': '%010240d'}"), 0);
    text_append_format(&theirs, THEIRS("{'hosts': ['g'], 'to': 'svc', 'x': '%010240d'}"), 0);
    begin(&stage);
    put(&stage, ROAD, "a", OURS("a1", "{}"));
    before = observed_memory(stage.table);
    put(&stage, ROAD, "b", ours.data);
    put(&stage, ROAD, "c", theirs.data);
    expect_names(&stage, "h", "b:1");
    CU_ASSERT_TRUE(observed_memory(stage.table) < before + 1024);
    end(&stage);
    text_release(&ours);
    text_release(&theirs);
}

static void names_stand_in_the_index_by_their_use(void)
{
    struct stage stage;

    begin(&stage);
    put(&stage, ROAD, "a", OURS("a1", "{'hosts': ['H', 'h', 'G.x'], 'to': 'svc.t2.svc.cluster.local'}"));
    put(&stage, LOCK, "b", OURS("a1", "{'hosts': ['h'], 'services': ['svc', 'other', 'svc']}"));
    put(&stage, ROAD, "c", OURS("a2", "{'hosts': ['*.x', '*', 'ns/h', 7], 'to': 'not.a.service'}"));
    expect_names(&stage, "h", "a:1 b:8");
    expect_names(&stage, "g.x", "a:1");
    expect_names(&stage, "G.x", "");
    expect_names(&stage, "t2/svc", "a:2");
    expect_names(&stage, "t1/svc", "b:4");
    expect_names(&stage, "t1/other", "b:4");
    CU_ASSERT_PTR_NULL(observed_each_name(observed_get(stage.table, ROAD, OBSERVED_SINK, "t1", "c"), NULL));
    CU_ASSERT_EQUAL(count_of(&stage, "t1/a1"), 2);
    end(&stage);
}

static void of_others_only_hosts_count(void)
{
    struct stage stage;
    char key[KEY_SIZE];

    begin(&stage);
    put(&stage, ROAD, "a", THEIRS("{'hosts': ['h'], 'to': 'svc'}"));
    put(&stage, LOCK, "b", THEIRS("{'hosts': ['h'], 'services': ['svc']}"));
    CU_ASSERT_EQUAL_FATAL(
        put_at(&stage, ROAD, OBSERVED_SOURCE, "c", OURS("a1", "{'hosts': ['h'], 'to': 'svc'}")), 0);
    expect_names(&stage, "h", "a:1 c:1");
    expect_names(&stage, "t1/svc", "");
    /* What stands beside the Apis is never ours, whatever it says. */
    CU_ASSERT_FALSE(observed_get(stage.table, ROAD, OBSERVED_SOURCE, "t1", "c")->ours);
    CU_ASSERT_EQUAL(count_of(&stage, "t1/a1"), 0);
    CU_ASSERT_FALSE(observed_is_of(observed_get(stage.table, ROAD, OBSERVED_SOURCE, "t1", "c"), "t1/a1"));
    CU_ASSERT_STRING_EQUAL(observed_api_key(observed_get(stage.table, ROAD, OBSERVED_SOURCE, "t1", "c"), key),
                           "");
    end(&stage);
}

static void both_sides_of_a_place_are_told_apart(void)
{
    struct stage stage;

    begin(&stage);
    put(&stage, ROAD, "a", OURS("a1", "{'hosts': ['h'], 'to': 'svc'}"));
    CU_ASSERT_EQUAL_FATAL(put_at(&stage, ROAD, OBSERVED_SOURCE, "a", THEIRS("{'hosts': ['g']}")), 0);
    CU_ASSERT_EQUAL(observed_count(stage.table), 2);
    CU_ASSERT_TRUE(observed_remove(stage.table, ROAD, OBSERVED_SOURCE, "t1", "a"));
    CU_ASSERT_PTR_NOT_NULL(observed_get(stage.table, ROAD, OBSERVED_SINK, "t1", "a"));
    expect_names(&stage, "g", "");
    expect_names(&stage, "h", "a:1");
    end(&stage);
}

static void the_historic_controllers_are_marked(void)
{
    struct stage stage;
    const struct observed *object;

    begin(&stage);
    put(&stage, ROAD, "a",
        "{'metadata': {'namespace': 't1', 'labels': {'createdBy': 'api-controller', 'apiNamespace': 't1', "
        "'apiName': 'a1', 'mine': 'x'}}, 'spec': {}}");
    object = observed_get(stage.table, ROAD, OBSERVED_SINK, "t1", "a");
    CU_ASSERT_TRUE(object->ours);
    CU_ASSERT_TRUE(object->historic);
    CU_ASSERT_FALSE(observed_has_api_uid(object));
    CU_ASSERT_STRING_EQUAL(observed_extra(object), "{\"labels\":{\"mine\":\"x\"}}");
    end(&stage);
}

/* As an API server has them: the names are those of the Api, the uids are UUIDs. */
static void put_real(struct stage *stage, int kind, unsigned number)
{
    char name[32];
    char uid[UID_SIZE];
    struct text text = text_empty();
    struct observed_fact fact = {
        .kind = kind, .name_space = "shop-17", .name = name, .uid = uid, .version = "1234567"};
    json_t *object;

    (void)snprintf(name, sizeof name, "api-%06u", number);
    (void)snprintf(uid, sizeof uid, "%08x-0000-4000-8000-00000000000%d", number, kind);
    text_append_format(&text,
                       "{'metadata': {'namespace': 'shop-17', 'labels': {'createdBy': 'apigwd', "
                       "'apiNamespace': 'shop-17', 'apiName': '%s', 'apiUid': '%s'}}, 'spec': ",
                       name, uid);
    if (kind == ROAD)
        text_append_format(&text, "{'hosts': ['%s.kyma.local'], 'to': 'svc-%06u'}}", name, number);
    else
        text_append_format(&text, "{'services': ['svc-%06u']}}", number);
    object = gateway_json(text.data);
    fact.object = object;
    CU_ASSERT_EQUAL_FATAL(observed_put(stage->table, &fact), 0);
    json_decref(object);
    text_release(&text);
}

static void thousands_take_little_room(void)
{
    enum { APIS = 10000 };
    struct stage stage;
    char key[64];
    size_t before;

    begin(&stage);
    for (unsigned i = 0; i < APIS; i++) {
        put_real(&stage, ROAD, i);
        if (i % 2)
            put_real(&stage, LOCK, i);
    }
    (void)printf("# %zu bytes an object\n", observed_memory(stage.table) / observed_count(stage.table));
    CU_ASSERT_TRUE(observed_memory(stage.table) / observed_count(stage.table) < 180);
    for (unsigned i = 0; i < APIS; i += 97) {
        (void)snprintf(key, sizeof key, "shop-17/api-%06u", i);
        CU_ASSERT_EQUAL(count_of(&stage, key), i % 2 + 1);
        (void)snprintf(key, sizeof key, "shop-17/svc-%06u", i);
        CU_ASSERT_PTR_NOT_NULL(observed_first_name(stage.table, key));
    }
    /* What comes and goes leaves no holes behind that nothing fits into. */
    before = observed_memory(stage.table);
    for (unsigned i = 0; i < APIS; i++)
        put_real(&stage, ROAD, i);
    CU_ASSERT_TRUE(observed_memory(stage.table) < before + 32768);
    end(&stage);
}

static void names_of_any_length_are_told_apart(void)
{
    static const size_t lengths[] = {1, 63, 64, 253, 254, 255, 5000, 70000};
    char *name = malloc(70001);
    struct stage stage;

    CU_ASSERT_PTR_NOT_NULL_FATAL(name);
    begin(&stage);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        memset(name, 'n', lengths[i]);
        name[lengths[i]] = '\0';
        put(&stage, ROAD, name, THEIRS("{'hosts': ['h']}"));
        put(&stage, LOCK, name, OURS("a1", "{'services': ['svc']}"));
        CU_ASSERT_EQUAL(observed_count(stage.table), 2 * i + 2);
    }
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        const struct observed *object;
        memset(name, 'n', lengths[i]);
        name[lengths[i]] = '\0';
        object = observed_get(stage.table, LOCK, OBSERVED_SINK, "t1", name);
        CU_ASSERT_PTR_NOT_NULL_FATAL(object);
        CU_ASSERT_STRING_EQUAL(observed_own_name(object), name);
        CU_ASSERT_TRUE(observed_remove(stage.table, ROAD, OBSERVED_SINK, "t1", name));
    }
    expect_names(&stage, "h", "");
    CU_ASSERT_EQUAL(count_of(&stage, "t1/a1"), sizeof lengths / sizeof *lengths);
    end(&stage);
    free(name);
}

static void rubbish_is_nobodys(void)
{
    static const char *const texts[] = {"{}", "[]", "{'spec': 1}",
                                        "{'metadata': 'x', 'spec': {'hosts': {'h': 1}, 'to': ['x']}}",
                                        "{'spec': {'hosts': [['h'], null, {}], 'to': {}}}"};
    struct stage stage;

    begin(&stage);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const struct observed *object;
        put(&stage, ROAD, "a", texts[i]);
        object = observed_get(stage.table, ROAD, OBSERVED_SINK, "t1", "a");
        CU_ASSERT_FALSE(object->ours);
        CU_ASSERT_PTR_NULL(observed_each_name(object, NULL));
    }
    end(&stage);
}

static void without_memory_nothing_changes(void)
{
    struct stage stage;
    bool failed = true;

    begin(&stage);
    put(&stage, ROAD, "a", OURS("a1", "{'hosts': ['h'], 'to': 'svc'}"));
    for (size_t granted = 0; failed; granted++) {
        json_t *object = gateway_json("{'metadata': {'namespace': 't1', 'labels': {'createdBy': 'apigwd', "
                                      "'apiNamespace': 't1', 'apiName': 'a2', 'mine': 'x'}}, 'spec': "
                                      "{'hosts': ['g', 'f'], 'to': 'other'}}");
        const struct observed_fact fact = {.kind = ROAD,
                                           .side = OBSERVED_SINK,
                                           .name_space = "t1",
                                           .name = "a",
                                           .object = object,
                                           .uid = "id",
                                           .version = "8"};
        int result;
        scarce_begin(granted);
        result = observed_put(stage.table, &fact);
        failed = scarce_end();
        CU_ASSERT_EQUAL(result, failed ? ERROR_NO_MEMORY : 0);
        expect_names(&stage, "h", failed ? "a:1" : "");
        expect_names(&stage, "g", failed ? "" : "a:1");
        CU_ASSERT_EQUAL(count_of(&stage, failed ? "t1/a1" : "t1/a2"), 1);
        json_decref(object);
    }
    end(&stage);
}

int main(void)
{
    static const struct test tests[] = {
        {"kinds are known by either name", kinds_are_known_by_either_name},
        {"what is put in is found", what_is_put_in_is_found},
        {"what was made ahead is put in as it is", what_was_made_ahead_is_put_in_as_it_is},
        {"what is replaced leaves nothing behind", what_is_replaced_leaves_nothing_behind},
        {"what is put in keeps no text", what_is_put_in_keeps_no_text},
        {"names stand in the index by their use", names_stand_in_the_index_by_their_use},
        {"of others only hosts count", of_others_only_hosts_count},
        {"both sides of a place are told apart", both_sides_of_a_place_are_told_apart},
        {"the historic controller's are marked", the_historic_controllers_are_marked},
        {"thousands take little room", thousands_take_little_room},
        {"names of any length are told apart", names_of_any_length_are_told_apart},
        {"rubbish is nobody's", rubbish_is_nobodys},
        {"without memory nothing changes", without_memory_nothing_changes},
        {NULL, NULL}};

    return harness_run("observed", tests);
}
