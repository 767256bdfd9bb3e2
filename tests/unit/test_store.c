/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"
#include "scarce.h"

#include "base/json.h"
#include "base/text.h"
#include "store/store.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *object(const char *name_space, const char *name, const char *targets)
{
    json_t *value = json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:[]}}", "apiVersion", "v1", "kind", "Policy",
                              "metadata", "namespace", name_space, "name", name, "spec", "targets");
    char copy[256];

    (void)snprintf(copy, sizeof copy, "%s", targets);
    for (char *at = copy, *end; *at; at = end) {
        end = at + strcspn(at, " ");
        if (*end)
            *end++ = '\0';
        (void)json_array_append_new(json_at(value, "spec.targets"), json_pack("{s:s}", "name", at));
    }
    return value;
}

static int put_from(struct store *store, int kind, const char *file, const char *name_space, const char *name,
                    const char *targets)
{
    json_t *value = object(name_space, name, targets);
    struct event event = {.object = value, .file = file, .document = 2, .item = -1};
    int result = store_put(store, kind, &event);

    json_decref(value);
    return result;
}

static int put(struct store *store, int kind, const char *name_space, const char *name, const char *targets)
{
    return put_from(store, kind, "/in/a.yaml", name_space, name, targets);
}

static bool append_key(const struct store_object *found, void *payload)
{
    text_append_format(payload, "%s/%s ", store_object_name_space(found), store_object_name(found));
    return true;
}

static bool finds(const struct store *store, int index, const char *name_space, const char *key,
                  const char *expected)
{
    struct text text = text_empty();
    bool equal;

    CU_ASSERT_EQUAL(store_find(store, index, name_space, key, append_key, &text), 0);
    equal = strcmp(text.data, expected) == 0;
    if (!equal)
        (void)printf("# %s: found '%s', expected '%s'\n", key, text.data, expected);
    text_release(&text);
    return equal;
}

static bool holds(const struct store *store, int kind, const char *expected)
{
    struct text text = text_empty();
    bool equal;

    CU_ASSERT_EQUAL(store_each(store, kind, append_key, &text), 0);
    equal = strcmp(text.data, expected) == 0;
    text_release(&text);
    return equal;
}

static void kinds_and_indexes_are_declared_once(void)
{
    struct store *store = store_new(STORE_TEXTS_PLAIN);
    int a = store_add_kind(store, "g", "A");
    int b = store_add_kind(store, "", "A");
    int index = store_add_index(store, a, "metadata.name", STORE_FORM_PLAIN);

    CU_ASSERT_TRUE(a >= 0 && b >= 0 && a != b);
    CU_ASSERT_EQUAL(store_add_kind(store, "g", "A"), a);
    CU_ASSERT_EQUAL(store_kind(store, "", "A"), b);
    CU_ASSERT_EQUAL(store_kind(store, "g", "B"), ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(store_add_index(store, a, "metadata.name", STORE_FORM_PLAIN), index);
    CU_ASSERT_NOT_EQUAL(store_add_index(store, b, "metadata.name", STORE_FORM_PLAIN), index);
    CU_ASSERT_NOT_EQUAL(store_add_index(store, a, "metadata.name", STORE_FORM_SERVICE_DNS), index);
    CU_ASSERT_EQUAL(put(store, a, "x", "y", ""), 0);
    CU_ASSERT_EQUAL(store_add_index(store, a, "spec.late", STORE_FORM_PLAIN), ERROR_INVALID);
    CU_ASSERT_EQUAL(store_add_index(store, a, "metadata.name", STORE_FORM_PLAIN), index);
    store_free(store);
    store_free(NULL);
}

static void objects_come_back_as_they_were_put(void)
{
    struct store *store = store_new(STORE_TEXTS_PLAIN);
    int kind = store_add_kind(store, "g", "Policy");
    json_t *value = object("team", "a", "one two");
    struct event event = {.object = value, .file = "/in/list.yaml", .document = 3, .item = 4};
    const struct store_object *found;
    json_t *parsed;

    CU_ASSERT_EQUAL(store_put(store, kind, &event), 0);
    found = store_get(store, kind, "team", "a");
    CU_ASSERT_PTR_NOT_NULL_FATAL(found);
    parsed = store_parse(store, found);
    CU_ASSERT_TRUE(json_equal(parsed, value));
    CU_ASSERT_STRING_EQUAL(store_object_file(found), "/in/list.yaml");
    CU_ASSERT_EQUAL(store_object_document(found), 3);
    CU_ASSERT_EQUAL(store_object_item(found), 4);
    CU_ASSERT_PTR_NULL(store_get(store, kind, "team", "b"));
    CU_ASSERT_PTR_NULL(store_get(store, kind, "default", "a"));
    event.file = NULL;
    CU_ASSERT_EQUAL(store_put(store, kind, &event), 0);
    CU_ASSERT_PTR_NULL(store_object_file(store_get(store, kind, "team", "a")));
    CU_ASSERT_EQUAL(store_count(store, kind), 1);
    json_decref(parsed);
    json_decref(value);
    store_free(store);
}

static void a_name_that_is_cut_finds_nothing(void)
{
    struct store *store = store_new(STORE_TEXTS_PLAIN);
    int kind = store_add_kind(store, "g", "Policy");
    char name[400];

    memset(name, 'a', sizeof name);
    name[sizeof name - 1] = '\0';
    name[253] = '\0';
    CU_ASSERT_EQUAL(put(store, kind, "n", name, ""), 0);
    CU_ASSERT_PTR_NOT_NULL(store_get(store, kind, "n", name));
    name[253] = 'a';
    CU_ASSERT_PTR_NULL(store_get(store, kind, "n", name));
    CU_ASSERT_FALSE(store_remove(store, kind, "n", name));
    store_free(store);
}

static void iteration_is_sorted(void)
{
    struct store *store = store_new(STORE_TEXTS_PLAIN);
    int kind = store_add_kind(store, "g", "Policy");

    CU_ASSERT_TRUE(holds(store, kind, ""));
    CU_ASSERT_EQUAL(put(store, kind, "b", "a", ""), 0);
    CU_ASSERT_EQUAL(put(store, kind, "a-b", "a", ""), 0);
    CU_ASSERT_EQUAL(put(store, kind, "a", "z", ""), 0);
    CU_ASSERT_EQUAL(put(store, kind, "a", "c", ""), 0);
    CU_ASSERT_TRUE(holds(store, kind, "a/c a/z a-b/a b/a "));
    store_free(store);
}

static void an_index_finds_by_each_key_once(void)
{
    struct store *store = store_new(STORE_TEXTS_PLAIN);
    int kind = store_add_kind(store, "g", "Policy");
    int index = store_add_index(store, kind, "spec.targets[].name", STORE_FORM_PLAIN);

    CU_ASSERT_EQUAL(put(store, kind, "t", "b", "one two one one"), 0);
    CU_ASSERT_EQUAL(put(store, kind, "t", "a", "two"), 0);
    CU_ASSERT_EQUAL(put(store, kind, "s", "z", "two three"), 0);
    CU_ASSERT_TRUE(finds(store, index, NULL, "one", "t/b "));
    CU_ASSERT_TRUE(finds(store, index, NULL, "two", "s/z t/a t/b "));
    CU_ASSERT_TRUE(finds(store, index, "t", "two", "t/a t/b "));
    CU_ASSERT_TRUE(finds(store, index, "u", "two", ""));
    CU_ASSERT_TRUE(finds(store, index, NULL, "four", ""));
    store_free(store);
}

static void indexes_follow_replacement_and_removal(void)
{
    struct store *store = store_new(STORE_TEXTS_PLAIN);
    int kind = store_add_kind(store, "g", "Policy");
    int index = store_add_index(store, kind, "spec.targets[].name", STORE_FORM_PLAIN);
    int names = store_add_index(store, kind, "metadata.name", STORE_FORM_PLAIN);

    CU_ASSERT_EQUAL(put(store, kind, "t", "a", "one two"), 0);
    CU_ASSERT_EQUAL(put(store, kind, "t", "b", "two"), 0);
    CU_ASSERT_EQUAL(put(store, kind, "t", "a", "two three"), 0);
    CU_ASSERT_TRUE(finds(store, index, NULL, "one", ""));
    CU_ASSERT_TRUE(finds(store, index, NULL, "two", "t/a t/b "));
    CU_ASSERT_TRUE(finds(store, index, NULL, "three", "t/a "));
    CU_ASSERT_TRUE(store_remove(store, kind, "t", "a"));
    CU_ASSERT_FALSE(store_remove(store, kind, "t", "a"));
    CU_ASSERT_TRUE(finds(store, index, NULL, "three", ""));
    CU_ASSERT_TRUE(finds(store, index, NULL, "two", "t/b "));
    CU_ASSERT_TRUE(finds(store, names, NULL, "a", ""));
    CU_ASSERT_TRUE(finds(store, names, NULL, "b", "t/b "));
    CU_ASSERT_EQUAL(store_count(store, kind), 1);
    store_free(store);
}

static void dns_names_of_services_become_keys(void)
{
    static const struct {
        const char *host;
        const char *key;
    } cases[] = {
        {"web", "t/web"},
        {"web.shop", "shop/web"},
        {"web.shop.svc", "shop/web"},
        {"web.shop.svc.cluster.local", "shop/web"},
        {"web.shop.svc.other.domain", "shop/web"},
        {"web.shop.svc.cluster.local.", "shop/web"},
        {"web.shop.example.com", NULL},
        {"web.shop.svcs", NULL},
        {"*.shop.svc.cluster.local", NULL},
        {"WEB.shop.svc", NULL},
        {"web..svc", NULL},
        {".shop.svc", NULL},
        {"web/x.shop", NULL},
        {"a123456789012345678901234567890123456789012345678901234567890123.shop", NULL},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct store *store = store_new(STORE_TEXTS_PLAIN);
        int kind = store_add_kind(store, "g", "Policy");
        int index = store_add_index(store, kind, "spec.targets[].name", STORE_FORM_SERVICE_DNS);
        CU_ASSERT_EQUAL(put(store, kind, "t", "a", cases[i].host), 0);
        CU_ASSERT_TRUE(
            finds(store, index, NULL, cases[i].key ? cases[i].key : "shop/web", cases[i].key ? "t/a " : ""));
        CU_ASSERT_TRUE(finds(store, index, NULL, cases[i].host, ""));
        store_free(store);
    }
}

static void two_spellings_of_a_service_are_found_once(void)
{
    struct store *store = store_new(STORE_TEXTS_PLAIN);
    int kind = store_add_kind(store, "g", "Policy");
    int index = store_add_index(store, kind, "spec.targets[].name", STORE_FORM_SERVICE_DNS);

    CU_ASSERT_EQUAL(put(store, kind, "t", "a", "web web.t web.t.svc.cluster.local"), 0);
    CU_ASSERT_TRUE(finds(store, index, NULL, "t/web", "t/a "));
    store_free(store);
}

/* What a failed put must leave as it is. */
static bool unchanged(const struct store *store, int kind, int index)
{
    const struct store_object *old = store_get(store, kind, "t", "a");

    return holds(store, kind, "t/a t/b ") && finds(store, index, NULL, "one", "t/a ") &&
           finds(store, index, NULL, "two", "t/a t/b ") && finds(store, index, NULL, "new", "") &&
           finds(store, index, NULL, "late", "") && strcmp(store_object_file(old), "/in/a.yaml") == 0;
}

/* @return whether memory was short while the object was put. */
static bool put_scarce(size_t granted, const char *name, const char *found)
{
    struct store *store = store_new(STORE_TEXTS_PLAIN);
    int kind = store_add_kind(store, "g", "Policy");
    int index = store_add_index(store, kind, "spec.targets[].name", STORE_FORM_PLAIN);
    json_t *value = object("t", name, "two new late");
    struct event event = {.object = value, .file = "/in/b.yaml", .item = -1};
    bool failed;
    int result;

    CU_ASSERT_EQUAL(put(store, kind, "t", "a", "one two"), 0);
    CU_ASSERT_EQUAL(put(store, kind, "t", "b", "two"), 0);
    scarce_begin(granted);
    result = store_put(store, kind, &event);
    failed = scarce_end();
    CU_ASSERT_EQUAL(result, failed ? ERROR_NO_MEMORY : 0);
    CU_ASSERT_TRUE(failed ? unchanged(store, kind, index) : finds(store, index, NULL, "new", found));
    json_decref(value);
    store_free(store);
    return failed;
}

static void a_put_without_memory_changes_nothing(void)
{
    size_t granted = 0;

    while (put_scarce(granted, "a", "t/a "))
        granted++;
    CU_ASSERT_TRUE(granted > 5);
    granted = 0;
    while (put_scarce(granted, "c", "t/c "))
        granted++;
    CU_ASSERT_TRUE(granted > 5);
}

static void declaring_without_memory_fails_cleanly(void)
{
    bool failed = true;

    for (size_t granted = 0; failed; granted++) {
        struct store *store;
        int result = ERROR_NO_MEMORY;

        scarce_begin(granted);
        store = store_new(STORE_TEXTS_PLAIN);
        if (store)
            result = store_add_kind(store, "g", "Policy");
        if (result >= 0)
            result = store_add_index(store, result, "metadata.name", STORE_FORM_PLAIN);
        failed = scarce_end();
        CU_ASSERT_EQUAL(result, failed ? ERROR_NO_MEMORY : 0);
        store_free(store);
    }
}

static void many_objects_are_kept_and_found(void)
{
    struct store *store = store_new(STORE_TEXTS_PLAIN);
    int kind = store_add_kind(store, "g", "Policy");
    int index = store_add_index(store, kind, "spec.targets[].name", STORE_FORM_PLAIN);
    const size_t before = mallinfo2().uordblks;
    char name[32];
    char target[32];
    json_t *tree;
    size_t each;
    size_t size;

    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 10000; i++) {
            (void)snprintf(name, sizeof name, "api-%d", i);
            (void)snprintf(target, sizeof target, "service-%d-%d", i, round);
            CU_ASSERT_EQUAL(put_from(store, kind, name, "team", name, target), 0);
        }
    }
    each = (mallinfo2().uordblks - before) / 10000;
    tree = store_parse(store, store_get(store, kind, "team", "api-77"));
    size = json_dumpb(tree, NULL, 0, JSON_COMPACT);
    json_decref(tree);
    (void)printf("# %zu bytes for each of 10000 objects of %zu bytes\n", each, size);
    /* A tree takes ten times its text. */
    CU_ASSERT_TRUE(each < 300 + 2 * size);
    CU_ASSERT_EQUAL(store_count(store, kind), 10000);
    CU_ASSERT_TRUE(finds(store, index, NULL, "service-77-1", "team/api-77 "));
    CU_ASSERT_TRUE(finds(store, index, NULL, "service-77-0", ""));
    for (int i = 0; i < 10000; i++) {
        (void)snprintf(name, sizeof name, "api-%d", i);
        CU_ASSERT_TRUE(store_remove(store, kind, "team", name));
    }
    CU_ASSERT_TRUE(holds(store, kind, ""));
    store_free(store);
}

int main(void)
{
    static const struct test tests[] = {
        {"kinds and indexes are declared once", kinds_and_indexes_are_declared_once},
        {"objects come back as they were put", objects_come_back_as_they_were_put},
        {"a name that is too long finds nothing", a_name_that_is_cut_finds_nothing},
        {"iteration is sorted by namespace and name", iteration_is_sorted},
        {"an index finds an object by each key, once", an_index_finds_by_each_key_once},
        {"indexes follow replacement and removal", indexes_follow_replacement_and_removal},
        {"DNS names of Services become keys, other names do not", dns_names_of_services_become_keys},
        {"two spellings of a Service find an object once", two_spellings_of_a_service_are_found_once},
        {"a put without memory changes nothing", a_put_without_memory_changes_nothing},
        {"declaring without memory fails cleanly", declaring_without_memory_fails_cleanly},
        {"many objects are kept and found", many_objects_are_kept_and_found},
        {NULL, NULL},
    };

    return harness_run("store", tests);
}
