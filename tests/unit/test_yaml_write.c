/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "base/json.h"
#include "config/yaml.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool stands_at(const char *text, size_t document, const char *path, size_t line, size_t column)
{
    struct yaml_mark mark = yaml_locate(text, strlen(text), document, path);

    if (mark.line != line || mark.column != column)
        (void)printf("# %s: %zu:%zu\n", path, mark.line, mark.column);
    return mark.line == line && mark.column == column;
}

static void paths_are_built_as_they_are_read(void)
{
    static const char *const names[] = {"plain", "a.b/c", "x[0]", "\"",   "'",
                                        "\\",    "",      "a\nb", "\x01", "\xc3\xa4"};
    struct text path = text_empty();

    yaml_path_append(&path, "clusters");
    text_append_string(&path, "[0]");
    yaml_path_append(&path, "backends");
    yaml_path_append(&path, "a.b");
    yaml_path_append(&path, "c\"d");
    yaml_path_append(&path, "e");
    CU_ASSERT_STRING_EQUAL(path.data, "clusters[0].backends[\"a.b\"][\"c\\\"d\"].e");
    text_release(&path);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        json_t *value = json_pack("{s:{s:i,s:[i]}}", "top", "first", 1, names[i], 1);
        struct text text = text_empty();
        CU_ASSERT_EQUAL(yaml_write(value, &text, NULL), 0);
        yaml_path_append(&path, "top");
        yaml_path_append(&path, names[i]);
        CU_ASSERT_TRUE(stands_at(text.data, 0, path.data, 3, 3));
        text_release(&text);
        text_release(&path);
        json_decref(value);
    }
}

static bool writes(const char *json, const char *yaml)
{
    json_t *value = json_parse(json, strlen(json), NULL);
    struct text text = text_empty();
    bool is_equal = yaml_write(value, &text, NULL) == 0 && strcmp(text.data, yaml) == 0;

    if (!is_equal)
        (void)printf("# %s: %s\n", json, text.data);
    text_release(&text);
    json_decref(value);
    return is_equal;
}

static void values_are_written_as_people_write_them(void)
{
    CU_ASSERT_TRUE(writes("{\"kind\":\"Api\",\"spec\":{\"port\":443,\"list\":[{\"a\":1,\"b\":[]},{\"c\":{}}],"
                          "\"on\":true,\"none\":null,\"hosts\":[\"*\",\"x.y\"]},\"m\":[[1,[2]],[]]}",
                          "kind: Api\nspec:\n  port: 443\n  list:\n  - a: 1\n    b: []\n  - c: {}\n"
                          "  \"on\": true\n  none: null\n  hosts:\n  - \"*\"\n  - x.y\n"
                          "m:\n- - 1\n  - - 2\n- []\n"));
    CU_ASSERT_TRUE(writes("{}", "{}\n"));
    CU_ASSERT_TRUE(writes("[]", "[]\n"));
    CU_ASSERT_TRUE(writes("\"x y\"", "x y\n"));
    CU_ASSERT_TRUE(writes("[0.1,1e300,-2.5e-9,3.0,0.30000000000000004]",
                          "- 0.1\n- 1.0e+300\n- -2.5e-09\n- 3.0\n- 0.30000000000000004\n"));
    CU_ASSERT_TRUE(writes("\"https://a.b/c?d=e#f\"", "https://a.b/c?d=e#f\n"));
}

static const char *const misread[] = {"",
                                      "yes",
                                      "No",
                                      "ON",
                                      "off",
                                      "y",
                                      "N",
                                      "true",
                                      "False",
                                      "null",
                                      "~",
                                      "1",
                                      "-1",
                                      "+1",
                                      "1.5",
                                      ".5",
                                      "1e3",
                                      "017",
                                      "0x1f",
                                      "0o7",
                                      "0b1",
                                      "1_000",
                                      "1:30",
                                      ".inf",
                                      ".nan",
                                      "2020-01-01",
                                      "2001-12-14t21:59:43.10-05:00",
                                      "=",
                                      "<<",
                                      "-",
                                      "---",
                                      "...",
                                      " a",
                                      "a ",
                                      "a: b",
                                      "a #b",
                                      "a:",
                                      "#a",
                                      "&a",
                                      "*a",
                                      "!a",
                                      "|",
                                      ">",
                                      "%a",
                                      "@a",
                                      "`a",
                                      "[a",
                                      "{a",
                                      "]",
                                      "}",
                                      ",",
                                      "?",
                                      "? a",
                                      "- a",
                                      "'a",
                                      "\"a",
                                      "a\"b",
                                      "a\\b",
                                      "a\nb",
                                      "a\tb",
                                      "a\rb",
                                      "\x7f",
                                      "\x1b[0m",
                                      "\xc2\x85",
                                      "\xe2\x80\xa8",
                                      "\xef\xbb\xbf",
                                      "\xc3\xa4",
                                      "\xef\xbf\xbf",
                                      "1,000",
                                      "12e03",
                                      "NULL"};

static void what_would_be_read_as_something_else_is_quoted(void)
{

    for (size_t i = 0; i < sizeof misread / sizeof misread[0]; i++) {
        json_t *value = json_pack("[s,{s:s}]", misread[i], misread[i], misread[i]);
        struct text text = text_empty();
        json_t *back;
        CU_ASSERT_EQUAL(yaml_write(value, &text, NULL), 0);
        CU_ASSERT_EQUAL(strncmp(text.data, "- \"", 3), 0);
        CU_ASSERT_PTR_NOT_NULL(strstr(text.data, "\n- \""));
        back = yaml_read_one(text.data, text.length, &yaml_file_limits, NULL, NULL);
        CU_ASSERT_TRUE(json_equal(value, back));
        json_decref(back);
        json_decref(value);
        text_release(&text);
    }
    CU_ASSERT_TRUE(writes("\"a\\nb\\u001b\\u2028\"", "\"a\\nb\\x1b\\u2028\"\n"));
    /* What turns or hides text is told as what it is to whoever looks into a file. */
    CU_ASSERT_TRUE(writes("\"\\u202egnp.exe\\u200b\"", "\"\\u202egnp.exe\\u200b\"\n"));
    CU_ASSERT_TRUE(writes("\"\\udb40\\udc01\"", "\"\\U000e0001\"\n"));
}

static uint64_t draw(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* They mean something to some reader of YAML. */
static const char *const pieces[] = {"a",
                                     "Z",
                                     "0",
                                     "1",
                                     "7",
                                     " ",
                                     "  ",
                                     ":",
                                     ": ",
                                     " #",
                                     "#",
                                     "-",
                                     "- ",
                                     "---",
                                     "...",
                                     ".",
                                     ",",
                                     "[",
                                     "]",
                                     "{",
                                     "}",
                                     "&",
                                     "*",
                                     "!",
                                     "|",
                                     ">",
                                     "'",
                                     "\"",
                                     "%",
                                     "@",
                                     "`",
                                     "?",
                                     "\\",
                                     "/",
                                     "~",
                                     "=",
                                     "<<",
                                     "\n",
                                     "\t",
                                     "\r",
                                     "\x01",
                                     "\x7f",
                                     "\xc3\xa4",
                                     "\xc2\x85",
                                     "\xc2\xa0",
                                     "\xe2\x80\xa9",
                                     "\xe2\x80\xae",
                                     "\xf3\xa0\x80\x81",
                                     "\xef\xbb\xbf",
                                     "\xf0\x9f\x98\x80",
                                     "yes",
                                     "no",
                                     "true",
                                     "null",
                                     "0x",
                                     "e",
                                     "_",
                                     "+",
                                     "inf",
                                     "2020-01-01",
                                     "T12:30"};

static json_t *random_string(uint64_t *state)
{
    struct text text = text_empty();
    size_t count = draw(state) % 7;
    json_t *value;

    if (draw(state) % 200 == 0)
        count = 2000;
    while (count-- > 0)
        text_append_string(&text, pieces[draw(state) % (sizeof pieces / sizeof pieces[0])]);
    value = json_string(text.data);
    text_release(&text);
    return value;
}

static json_t *random_real(uint64_t *state)
{
    double value = (double)(int64_t)draw(state);

    for (uint64_t i = draw(state) % 300; i > 0; i--)
        value = draw(state) % 2 ? value * 7.3 : value / 9.1;
    return json_real(value == value && value < 1e308 && value > -1e308 ? value : 0.25);
}

static json_t *random_value(uint64_t *state, unsigned depth)
{
    uint64_t kind = draw(state) % (depth > 5 ? 6 : 10);
    size_t count = draw(state) % 5;
    json_t *value;

    switch (kind) {
    case 0:
        return json_null();
    case 1:
        return json_boolean((int)(draw(state) % 2));
    case 2:
        return json_integer((json_int_t)draw(state) >> draw(state) % 64);
    case 3:
        return random_real(state);
    case 4:
    case 5:
        return random_string(state);
    case 6:
    case 7:
        value = json_array();
        while (count-- > 0)
            (void)json_array_append_new(value, random_value(state, depth + 1));
        return value;
    default:
        value = json_object();
        while (count-- > 0) {
            json_t *key = random_string(state);
            (void)json_object_set_new(value, json_string_value(key), random_value(state, depth + 1));
            json_decref(key);
        }
        return value;
    }
}

static void what_is_written_is_read_back_equal(void)
{
    uint64_t state = 20240117;

    for (int i = 0; i < 5000; i++) {
        json_t *value = random_value(&state, 0);
        struct text text = text_empty();
        struct error error = {0};
        json_t *back;
        CU_ASSERT_EQUAL(yaml_write(value, &text, NULL), 0);
        back = yaml_read_one(text.data, text.length, &yaml_file_limits, NULL, &error);
        if (!json_equal(value, back))
            (void)printf("# number %d: %s\n%s", i, error.message, text.data);
        CU_ASSERT_TRUE_FATAL(json_equal(value, back));
        json_decref(back);
        json_decref(value);
        text_release(&text);
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"paths are built as they are read", paths_are_built_as_they_are_read},
        {"values are written as people write them", values_are_written_as_people_write_them},
        {"what would be read as something else is quoted", what_would_be_read_as_something_else_is_quoted},
        {"what is written is read back equal, 5,000 times", what_is_written_is_read_back_equal},
        {NULL, NULL},
    };

    return harness_run("yaml_write", tests);
}
