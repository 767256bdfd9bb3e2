/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"
#include "scarce.h"

#include "base/json_pool.h"

#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An object as they come: texts of all lengths, numbers, nested. */
static json_t *tree(size_t members)
{
    json_t *root = json_object();
    char name[32];

    for (size_t i = 0; root && i < members; i++) {
        (void)snprintf(name, sizeof name, "name-%zu", i);
        (void)json_object_set_new(
            root, name,
            json_pack("{s:s, s:[i, b, s]}", "text", name, "list", (int)i, i % 2, "a text that is longer"));
    }
    return root;
}

/* With the lists, under a malloc() that can be made to refuse. */
static void begin(void)
{
    scarce_begin((size_t)1 << 40);
    json_pool_use();
}

static void what_one_tree_had_is_enough_for_the_next(void)
{
    json_t *first;
    json_t *second;
    char *text;

    begin();
    first = tree(20);
    text = json_dumps(first, JSON_SORT_KEYS);
    json_decref(first);
    CU_ASSERT_TRUE(json_pool_kept() > 0);
    /* Some of more than 200: malloc() may give a larger piece than was asked for, which waits in another
     * list. */
    scarce_begin(10);
    json_pool_use();
    second = tree(20);
    CU_ASSERT_FALSE(scarce_end());
    CU_ASSERT_EQUAL(json_object_size(second), 20);
    begin();
    first = json_loads(text, 0, NULL);
    CU_ASSERT_TRUE(json_equal(first, second));
    json_decref(first);
    json_decref(second);
    free(text);
}

static void short_memory_is_told(void)
{
    json_t *kept[2000];
    size_t count = 0;

    begin();
    scarce_begin(0);
    json_pool_use();
    while (count < 2000 && (kept[count] = json_string("a text that is long enough for a list of its own")))
        count++;
    CU_ASSERT_TRUE(scarce_end());
    CU_ASSERT_TRUE(count < 2000);
    while (count > 0)
        json_decref(kept[--count]);
}

static void not_more_is_kept_than_said(void)
{
    char long_text[4096];
    json_t *large;
    size_t before;

    begin();
    large = tree(20000);
    json_decref(large);
    CU_ASSERT_TRUE(json_pool_kept() <= JSON_POOL_MAX);
    CU_ASSERT_TRUE(json_pool_kept() > JSON_POOL_MAX / 2);
    large = tree(20000);
    CU_ASSERT_TRUE(json_pool_kept() < JSON_POOL_MAX / 2);
    before = json_pool_kept();
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    json_decref(json_string(long_text));
    /* The value may wait, its text may not. */
    CU_ASSERT_TRUE(json_pool_kept() < before + 256);
    json_decref(large);
}

static void *elsewhere(void *payload)
{
    json_t **values = payload;

    json_decref(values[0]);
    values[0] = tree(3);
    json_decref(tree(3));
    values[1] = json_integer((json_int_t)json_pool_kept());
    return NULL;
}

static void other_threads_have_none(void)
{
    json_t *values[2] = {NULL, NULL};
    pthread_t thread;

    begin();
    values[0] = tree(3);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, elsewhere, values), 0);
    CU_ASSERT_EQUAL(pthread_join(thread, NULL), 0);
    CU_ASSERT_EQUAL(json_integer_value(values[1]), 0);
    CU_ASSERT_EQUAL(json_object_size(values[0]), 3);
    json_decref(values[0]);
    json_decref(values[1]);
}

static void *joined(void *payload)
{
    size_t *kept = payload;

    json_pool_join();
    json_decref(tree(3));
    kept[0] = json_pool_kept();
    json_pool_leave();
    kept[1] = json_pool_kept();
    json_decref(tree(3));
    kept[2] = json_pool_kept();
    return NULL;
}

static void a_thread_that_joins_has_its_own(void)
{
    size_t kept[3] = {0};
    pthread_t thread;
    size_t before;

    begin();
    before = json_pool_kept();
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, joined, kept), 0);
    CU_ASSERT_EQUAL(pthread_join(thread, NULL), 0);
    CU_ASSERT_TRUE(kept[0] > 0);
    CU_ASSERT_EQUAL(kept[1], 0);
    CU_ASSERT_EQUAL(kept[2], 0);
    CU_ASSERT_EQUAL(json_pool_kept(), before);
}

static void values_from_before_stay_good(void)
{
    json_t *before;

    json_set_alloc_funcs(malloc, free);
    before = tree(5);
    begin();
    CU_ASSERT_EQUAL(json_object_set_new(before, "more", tree(2)), 0);
    CU_ASSERT_EQUAL(json_object_size(before), 6);
    json_decref(before);
}

int main(void)
{
    static const struct test tests[] = {
        {"what one tree had is enough for the next", what_one_tree_had_is_enough_for_the_next},
        {"short memory is told", short_memory_is_told},
        {"not more is kept than is said", not_more_is_kept_than_said},
        {"other threads have none", other_threads_have_none},
        {"a thread that joins has its own", a_thread_that_joins_has_its_own},
        {"values from before stay good", values_from_before_stay_good},
        {NULL, NULL},
    };

    return harness_run("json_pool", tests);
}
