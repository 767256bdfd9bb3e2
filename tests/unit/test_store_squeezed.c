/* SPDX-License-Identifier: Apache-2.0 */
/* A store whose texts are squeezed gives the same answers as one whose texts are plain. */
#include "harness.h"
#include "scarce.h"

#include "base/json.h"
#include "base/text.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MANY = 10000, STEPS = 6000, NAMES = 150 };

static uint64_t next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* As an API server tells of an Api. */
static json_t *make_api(unsigned i, uint64_t *seed)
{
    uint64_t a = next(seed);
    uint64_t b = next(seed);
    struct text text = text_empty();
    json_t *api;

    text_append_format(
        &text,
        "{\"apiVersion\":\"gateway.kyma-project.io/v1alpha2\",\"kind\":\"Api\",\"metadata\":{"
        "\"creationTimestamp\":\"2026-11-%02uT%02u:%02u:%02uZ\",\"generation\":1,\"labels\":{\"app\":"
        "\"orders-%u\"},\"name\":\"orders-%u\",\"namespace\":\"team-%u\",\"resourceVersion\":\"%u\",\"uid\":"
        "\"%08x-%04x-4%03x-%04x-%012llx\"},\"spec\":{\"service\":{\"name\":\"orders-service-%u\",\"port\":"
        "8080},"
        "\"hostname\":\"orders-%u\"",
        1 + i / 5000, 10 + i / 3600 % 12, i / 60 % 60, i % 60, i, i, i / 200, 200 + i * 3,
        (unsigned)(a >> 32), (unsigned)(a & 0xffff), (unsigned)(a >> 16 & 0xfff),
        0x8000 | (unsigned)(b >> 50), (unsigned long long)(b & 0xffffffffffff), i, i);
    if (i % 2 == 0)
        text_append_string(
            &text, ",\"authentication\":[{\"type\":\"JWT\",\"jwt\":{\"issuer\":\"https://dex.kyma.local\","
                   "\"jwksUri\":\"http://dex-service.kyma-system.svc.cluster.local:5556/keys\"}}]");
    text_append_string(&text, "}}");
    api = json_parse(text.data, text.length, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(api);
    text_release(&text);
    return api;
}

static int put(struct store *store, int kind, const json_t *object)
{
    return store_put(store, kind, &(struct event){.object = object, .item = -1});
}

static bool stands(const struct store *store, int kind, const json_t *object)
{
    const char *name = json_text_at(object, "metadata.name");
    const char *name_space = json_text_at(object, "metadata.namespace");
    const struct store_object *found = store_get(store, kind, name_space, name);
    json_t *tree = found ? store_parse(store, found) : NULL;
    bool equal = tree && json_equal(tree, object) && strcmp(store_object_name(found), name) == 0 &&
                 strcmp(store_object_name_space(found), name_space) == 0;

    json_decref(tree);
    return equal;
}

static void objects_come_back_from_the_first_to_the_last(void)
{
    struct store *store = store_new(STORE_TEXTS_SQUEEZED);
    int kinds[] = {store_add_kind(store, "g", "Api"), store_add_kind(store, "g", "Other")};
    json_t *apis[60];
    uint64_t seed = 3;

    for (unsigned i = 0; i < 60; i++) {
        apis[i] = make_api(i, &seed);
        /* The second kind lags behind, and so has another primer. */
        CU_ASSERT_EQUAL(put(store, kinds[0], apis[i]), 0);
        if (i >= 20)
            CU_ASSERT_EQUAL(put(store, kinds[1], apis[i - i % 2]), 0);
        for (unsigned j = 0; j <= i; j++)
            CU_ASSERT_TRUE(stands(store, kinds[0], apis[j]));
        for (unsigned j = 20; j <= i; j += 2)
            CU_ASSERT_TRUE(stands(store, kinds[1], apis[j]));
    }
    /* What the primer was made of goes, and comes back. */
    for (unsigned i = 0; i < 15; i++)
        CU_ASSERT_TRUE(store_remove(store, kinds[0], json_text_at(apis[i], "metadata.namespace"),
                                    json_text_at(apis[i], "metadata.name")));
    for (unsigned i = 15; i < 60; i++)
        CU_ASSERT_TRUE(stands(store, kinds[0], apis[i]));
    for (unsigned i = 0; i < 15; i++) {
        json_object_set_new(apis[i], "more", json_integer(i));
        CU_ASSERT_EQUAL(put(store, kinds[0], apis[i]), 0);
    }
    for (unsigned i = 0; i < 60; i++) {
        CU_ASSERT_TRUE(stands(store, kinds[0], apis[i]));
        json_decref(apis[i]);
    }
    CU_ASSERT_EQUAL(store_count(store, kinds[0]), 60);
    CU_ASSERT_EQUAL(store_count(store, kinds[1]), 20);
    store_free(store);
}

static bool append_whole(const struct store_object *found, void *payload)
{
    text_append_format(payload, "%s/%s %s %zu %ld\n", store_object_name_space(found),
                       store_object_name(found), store_object_file(found) ? store_object_file(found) : "-",
                       store_object_document(found), store_object_item(found));
    return true;
}

/* Two stores that are told the same. */
struct pair {
    struct store *stores[2];
    uint64_t seed;
};

static json_t *random_object(uint64_t *seed)
{
    unsigned name = (unsigned)(next(seed) % NAMES);
    json_t *object = make_api(name, seed);
    json_t *targets = json_array();
    size_t fill = next(seed) % 40 == 0 ? next(seed) % 3000 : 0;
    char *noise = calloc(fill + 1, 1);

    for (size_t i = next(seed) % 5; i > 0; i--)
        (void)json_array_append_new(
            targets, json_pack("{s:o}", "name", json_sprintf("t%u", (unsigned)(next(seed) % 40))));
    (void)json_object_set_new(json_member(object, "spec"), "targets", targets);
    for (size_t i = 0; i < fill; i++)
        noise[i] = (char)(1 + next(seed) % 127);
    (void)json_object_set_new(object, "noise", json_string(noise));
    free(noise);
    return object;
}

static void change(struct pair *pair, int kind)
{
    json_t *object = random_object(&pair->seed);
    struct event event = {.object = object,
                          .file = next(&pair->seed) % 2   ? NULL
                                  : next(&pair->seed) % 2 ? "/a"
                                                          : "/bb",
                          .document = next(&pair->seed) % 2 ? 0 : next(&pair->seed) % 1000,
                          .item = next(&pair->seed) % 2 ? -1 : (long)(next(&pair->seed) % 300)};
    bool goes = next(&pair->seed) % 3 == 0;
    bool there[2] = {false, false};

    for (int i = 0; i < 2; i++) {
        if (goes)
            there[i] = store_remove(pair->stores[i], kind, json_text_at(object, "metadata.namespace"),
                                    json_text_at(object, "metadata.name"));
        else
            CU_ASSERT_EQUAL(store_put(pair->stores[i], kind, &event), 0);
        if (!goes)
            CU_ASSERT_TRUE(stands(pair->stores[i], kind, object));
    }
    CU_ASSERT_EQUAL(there[0], there[1]);
    json_decref(object);
}

static void look(const struct pair *pair, int kind, int index)
{
    struct text texts[2] = {text_empty(), text_empty()};
    char key[16];

    for (int i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL(store_each(pair->stores[i], kind, append_whole, &texts[i]), 0);
        for (unsigned j = 0; j < 40; j++) {
            (void)snprintf(key, sizeof key, "t%u", j);
            text_append_format(&texts[i], "%s:\n", key);
            CU_ASSERT_EQUAL(store_find(pair->stores[i], index, NULL, key, append_whole, &texts[i]), 0);
        }
    }
    CU_ASSERT_STRING_EQUAL(texts[0].data, texts[1].data);
    text_release(&texts[0]);
    text_release(&texts[1]);
}

static void both_ways_answer_alike(void)
{
    struct pair pair = {{store_new(STORE_TEXTS_PLAIN), store_new(STORE_TEXTS_SQUEEZED)}, 5};
    int kinds[2] = {0, 0};
    int index = 0;

    for (int i = 0; i < 2; i++) {
        kinds[0] = store_add_kind(pair.stores[i], "g", "Api");
        kinds[1] = store_add_kind(pair.stores[i], "g", "Other");
        index = store_add_index(pair.stores[i], kinds[0], "spec.targets[].name", STORE_FORM_PLAIN);
    }
    for (int step = 0; step < STEPS; step++) {
        change(&pair, kinds[next(&pair.seed) % 2]);
        if (step % 500 == 0)
            look(&pair, kinds[0], index);
    }
    look(&pair, kinds[0], index);
    for (int i = 0; i < 2; i++)
        store_free(pair.stores[i]);
}

static double microseconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static bool parse_one(const struct store_object *object, void *payload)
{
    json_t *tree = store_parse(payload, object);

    CU_ASSERT_PTR_NOT_NULL(tree);
    json_decref(tree);
    return true;
}

/* @return bytes for each of many. */
static size_t measure(enum store_texts texts)
{
    struct store *store = store_new(texts);
    int kind = store_add_kind(store, "g", "Api");
    uint64_t seed = 21;
    double putting = 0;
    double parsing;
    size_t each;

    for (unsigned i = 0; i < MANY; i++) {
        json_t *api = make_api(i, &seed);
        double begun = microseconds();
        CU_ASSERT_EQUAL(put(store, kind, api), 0);
        putting += microseconds() - begun;
        json_decref(api);
    }
    parsing = microseconds();
    CU_ASSERT_EQUAL(store_each(store, kind, parse_one, store), 0);
    parsing = microseconds() - parsing;
    each = store_memory(store) / MANY;
    (void)printf("# %s: %zu bytes for each of %d Apis; %.1f us to put, %.1f us to parse\n",
                 texts == STORE_TEXTS_PLAIN ? "plain" : "squeezed", each, MANY, putting / MANY,
                 parsing / MANY);
    store_free(store);
    return each;
}

static void many_apis_take_little(void)
{
    CU_ASSERT_TRUE(measure(STORE_TEXTS_PLAIN) < 500);
    CU_ASSERT_TRUE(measure(STORE_TEXTS_SQUEEZED) <= 120);
}

static void a_huge_object_comes_back(void)
{
    struct store *store = store_new(STORE_TEXTS_SQUEEZED);
    int kind = store_add_kind(store, "g", "Api");
    uint64_t seed = 23;

    for (unsigned i = 0; i < 12; i++) {
        json_t *api = make_api(i, &seed);
        json_t *list = json_array();
        /* The first one, before there is a primer, the last one, and one between. */
        for (unsigned j = 0; i % 5 == 0 && j < 4000; j++)
            (void)json_array_append_new(list, make_api(j, &seed));
        json_object_set_new(api, "list", list);
        CU_ASSERT_EQUAL(put(store, kind, api), 0);
        CU_ASSERT_TRUE(stands(store, kind, api));
        json_decref(api);
    }
    store_free(store);
}

/* @param before  objects that are there. @return whether memory was short. */
static bool put_scarce(size_t granted, unsigned before)
{
    struct store *store = store_new(STORE_TEXTS_SQUEEZED);
    int kind = store_add_kind(store, "g", "Api");
    uint64_t seed = 29;
    json_t *old = NULL;
    json_t *api;
    bool failed;
    int result;

    for (unsigned i = 0; i < before; i++) {
        json_decref(old);
        old = make_api(i, &seed);
        CU_ASSERT_EQUAL(put(store, kind, old), 0);
    }
    api = old ? json_deep_copy(old) : make_api(0, &seed);
    json_object_set_new(api, "new", json_true());
    scarce_begin(granted);
    result = put(store, kind, api);
    failed = scarce_end();
    CU_ASSERT_EQUAL(result, failed ? ERROR_NO_MEMORY : 0);
    CU_ASSERT_EQUAL(store_count(store, kind), before > 0 ? before : !failed);
    if (before > 0 || !failed)
        CU_ASSERT_TRUE(stands(store, kind, failed ? old : api));
    CU_ASSERT_EQUAL(put(store, kind, api), 0);
    CU_ASSERT_TRUE(stands(store, kind, api));
    json_decref(api);
    json_decref(old);
    store_free(store);
    return failed;
}

static void a_put_without_memory_changes_nothing(void)
{
    /* The first of all; the last before the primer is full; the first that is packed; one of many. */
    static const unsigned befores[] = {0, 1, 6, 7, 8, 9, 10, 20};

    for (size_t i = 0; i < sizeof befores / sizeof *befores; i++) {
        size_t granted = 0;
        while (put_scarce(granted, befores[i]))
            granted++;
        CU_ASSERT_TRUE(granted > 1);
    }
}

static void a_parse_without_memory_says_so(void)
{
    struct store *store = store_new(STORE_TEXTS_SQUEEZED);
    int kind = store_add_kind(store, "g", "Api");
    const struct store_object *object;
    uint64_t seed = 31;
    bool failed = true;

    for (unsigned i = 0; i < 20; i++) {
        json_t *api = make_api(i, &seed);
        CU_ASSERT_EQUAL(put(store, kind, api), 0);
        json_decref(api);
    }
    object = store_get(store, kind, "team-0", "orders-19");
    for (size_t granted = 0; failed; granted++) {
        json_t *tree;
        scarce_begin(granted);
        tree = store_parse(store, object);
        failed = scarce_end();
        CU_ASSERT_EQUAL(tree == NULL, failed);
        json_decref(tree);
    }
    store_free(store);
}

int main(void)
{
    static const struct test tests[] = {
        {"objects of two kinds come back, from the first to the last",
         objects_come_back_from_the_first_to_the_last},
        {"squeezed or plain, a store answers alike", both_ways_answer_alike},
        {"many Apis take little memory", many_apis_take_little},
        {"a huge object comes back", a_huge_object_comes_back},
        {"a put without memory changes nothing", a_put_without_memory_changes_nothing},
        {"a parse without memory says so", a_parse_without_memory_says_so},
        {NULL, NULL},
    };

    return harness_run("store squeezed", tests);
}
