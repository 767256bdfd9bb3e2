/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "base/imprint.h"
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct imprint of_text(const char *text, uint64_t seed)
{
    char *copy = strdup(text);
    struct imprint imprint;
    json_t *value;

    for (char *c = copy; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    value = json_loads(copy, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    if (!value)
        printf("# %s\n", text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(value);
    imprint = imprint_of(value, seed);
    json_decref(value);
    free(copy);
    return imprint;
}

static void the_order_of_members_does_not_count(void)
{
    static const char *const pairs[][2] = {
        {"{'a': 1, 'b': 2, 'c': 3}", "{'c': 3, 'a': 1, 'b': 2}"},
        {"[{'a': {'x': 1, 'y': []}, 'b': null}]", "[{'b': null, 'a': {'y': [], 'x': 1}}]"},
        {"{'a': 1}", " { 'a' :1 } "},
        {"{'a': 1, 'a': 2}", "{'a': 2}"}};

    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        CU_ASSERT_TRUE(imprint_equal(of_text(pairs[i][0], 5), of_text(pairs[i][1], 5)));
}

static const char *const different[] = {"null",
                                        "true",
                                        "false",
                                        "0",
                                        "1",
                                        "-1",
                                        "1.0",
                                        "0.0",
                                        "1.5",
                                        "''",
                                        "'0'",
                                        "'1'",
                                        "'null'",
                                        "'a'",
                                        "'A'",
                                        "'a '",
                                        "'a\\u0000'",
                                        "'a\\u0000b'",
                                        "[]",
                                        "{}",
                                        "[[]]",
                                        "[{}]",
                                        "[null]",
                                        "['']",
                                        "[0]",
                                        "[1, 2]",
                                        "[2, 1]",
                                        "[1, 2, 0]",
                                        "[[1], 2]",
                                        "[1, [2]]",
                                        "[[1, 2]]",
                                        "[1, 1]",
                                        "[1]",
                                        "[12]",
                                        "['1', '2']",
                                        "['12']",
                                        "{'a': null}",
                                        "{'': null}",
                                        "{'a': {}}",
                                        "{'a': []}",
                                        "{'a': 1}",
                                        "{'a': 2}",
                                        "{'b': 1}",
                                        "{'a': '1'}",
                                        "{'a': 'b'}",
                                        "{'b': 'a'}",
                                        "{'a': 1, 'b': 2}",
                                        "{'a': 2, 'b': 1}",
                                        "{'a': 1, 'b': 1}",
                                        "{'a': {'b': 1}}",
                                        "{'a': [{'b': 1}]}",
                                        "[{'a': 1}, {'b': 2}]",
                                        "[{'a': 1, 'b': 2}]",
                                        "{'a': {'b': 1}, 'c': 2}",
                                        "{'a': {'b': 1, 'c': 2}}",
                                        "{'a': {'c': 2}, 'b': 1}",
                                        "9223372036854775807",
                                        "-9223372036854775808",
                                        "[true]",
                                        "[false]",
                                        "['a', ['b']]",
                                        "[['a'], 'b']"};

static void every_value_has_an_imprint_of_its_own(void)
{
    size_t count = sizeof different / sizeof *different;

    CU_ASSERT_FALSE(imprint_equal(imprint_of(NULL, 5), of_text("null", 5)));
    for (size_t i = 0; i < count; i++) {
        struct imprint first = of_text(different[i], 5);
        CU_ASSERT_TRUE(imprint_equal(first, of_text(different[i], 5)));
        CU_ASSERT_FALSE(imprint_equal(first, imprint_of(NULL, 5)));
        for (size_t j = 0; j < i; j++) {
            struct imprint second = of_text(different[j], 5);
            if (first.low == second.low || first.high == second.high) {
                printf("# %s and %s\n", different[i], different[j]);
                CU_FAIL("two values with one imprint");
            }
        }
    }
}

static void the_seed_matters(void)
{
    static const char *const values[] = {"null", "true", "1", "1.5", "''", "'a'", "[]", "{}", "{'a': [1]}"};

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        for (uint64_t seed = 1; seed < 20; seed++)
            CU_ASSERT_FALSE(imprint_equal(of_text(values[i], 0), of_text(values[i], seed)));
    }
}

static void members_are_added_in_any_order(void)
{
    json_t *one = json_integer(1);
    json_t *two = json_string("2");
    struct imprint first = {0};
    struct imprint second = {0};
    struct imprint swapped = {0};

    imprint_add(&first, "a", one, 5);
    imprint_add(&first, "b", two, 5);
    imprint_add(&second, "b", two, 5);
    CU_ASSERT_FALSE(imprint_equal(first, second));
    imprint_add(&second, "a", one, 5);
    CU_ASSERT_TRUE(imprint_equal(first, second));
    imprint_add(&swapped, "a", two, 5);
    imprint_add(&swapped, "b", one, 5);
    CU_ASSERT_FALSE(imprint_equal(first, swapped));
    /* Twice is not never. */
    imprint_add(&second, "c", one, 5);
    imprint_add(&second, "c", one, 5);
    CU_ASSERT_FALSE(imprint_equal(first, second));
    /* A member that is not there counts too, and is not null. */
    swapped = second = first;
    imprint_add(&second, "d", NULL, 5);
    CU_ASSERT_FALSE(imprint_equal(first, second));
    imprint_add(&swapped, "d", json_null(), 5);
    CU_ASSERT_FALSE(imprint_equal(second, swapped));
    json_decref(one);
    json_decref(two);
}

static void deep_and_wide_values_are_no_trouble(void)
{
    json_t *deep = json_array();
    json_t *wide = json_object();
    struct imprint before;

    for (int i = 0; i < 1000; i++) {
        char name[16];
        deep = json_pack("[o]", deep);
        (void)snprintf(name, sizeof name, "m%d", i);
        (void)json_object_set_new(wide, name, json_integer(i));
    }
    before = imprint_of(wide, 5);
    (void)json_object_set_new(wide, "m500", json_integer(501));
    CU_ASSERT_FALSE(imprint_equal(before, imprint_of(wide, 5)));
    (void)json_object_del(wide, "m500");
    (void)json_object_set_new(wide, "m500", json_integer(500));
    CU_ASSERT_TRUE(imprint_equal(before, imprint_of(wide, 5)));
    before = imprint_of(deep, 5);
    CU_ASSERT_TRUE(imprint_equal(before, imprint_of(deep, 5)));
    CU_ASSERT_FALSE(imprint_equal(before, imprint_of(json_array_get(deep, 0), 5)));
    json_decref(deep);
    json_decref(wide);
}

int main(void)
{
    static const struct test tests[] = {
        {"the order of members does not count", the_order_of_members_does_not_count},
        {"every value has an imprint of its own", every_value_has_an_imprint_of_its_own},
        {"the seed matters", the_seed_matters},
        {"members are added in any order", members_are_added_in_any_order},
        {"deep and wide values are no trouble", deep_and_wide_values_are_no_trouble},
        {NULL, NULL}};

    return harness_run("imprint", tests);
}
