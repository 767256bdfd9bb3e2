/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "base/json.h"
#include "config/yaml.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static json_t *read_text(const char *text, struct yaml_mark *mark, struct error *error)
{
    return yaml_read_one(text, strlen(text), &yaml_file_limits, mark, error);
}

static bool reads_as(const char *text, const char *json)
{
    struct error error = {0};
    json_t *value = read_text(text, NULL, &error);
    json_t *wanted = json_parse(json, strlen(json), NULL);
    bool is_equal = value && wanted && json_equal(value, wanted);

    if (!is_equal)
        (void)printf("# not read as %s: %s (%s)\n", json, text, error.message);
    json_decref(value);
    json_decref(wanted);
    return is_equal;
}

/* Whether the text is refused at the place with a sentence that holds the words. */
static bool refuses(const char *text, size_t line, size_t column, const char *words)
{
    struct error error = {0};
    struct yaml_mark mark = {0, 0};
    json_t *value = read_text(text, &mark, &error);
    bool is_refused =
        !value && mark.line == line && mark.column == column && strstr(error.message, words) != NULL;

    if (!is_refused)
        (void)printf("# expected %zu:%zu: %s; found %zu:%zu: %s\n", line, column, words, mark.line,
                     mark.column, error.message);
    json_decref(value);
    return is_refused;
}

static void scalars_are_those_of_json(void)
{
    static const char *const pairs[][2] = {
        {"~", "null"},
        {"null", "null"},
        {"Null", "null"},
        {"NULL", "null"},
        {"true", "true"},
        {"True", "true"},
        {"TRUE", "true"},
        {"false", "false"},
        {"0", "0"},
        {"-0", "0"},
        {"+12", "12"},
        {"-7", "-7"},
        {"1.5", "1.5"},
        {".5", "0.5"},
        {"5.", "5.0"},
        {"1e3", "1000.0"},
        {"-1.5E-3", "-0.0015"},
        {"0.0", "0.0"},
        {"0e0", "0.0"},
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"'yes'", "\"yes\""},
        {"\"017\"", "\"017\""},
        {"tRue", "\"tRue\""},
        {"yesterday", "\"yesterday\""},
        {"1.2.3", "\"1.2.3\""},
        {"10.0.0.1", "\"10.0.0.1\""},
        {"8080:80", "\"8080:80\""},
        {"2020-01-01", "\"2020-01-01\""},
        {"0x", "\"0x\""},
        {"1e", "\"1e\""},
        {"a_b", "\"a_b\""},
        {"_1", "\"_1\""},
        {"-", "[null]"},
        {".", "\".\""},
        {"...a", "\"...a\""},
        {"inf", "\"inf\""},
        {"0a", "\"0a\""},
        {"1:99", "\"1:99\""},
        {"+", "\"+\""},
        {"=", "\"=\""},
        {"a:b", "\"a:b\""},
        {"a: [1, b, {c: ~}]", "{\"a\":[1,\"b\",{\"c\":null}]}"},
        {"a:", "{\"a\":null}"},
        {"yes: 1\nno: 2\n1: 3\ntrue: 4", "{\"yes\":1,\"no\":2,\"1\":3,\"true\":4}"},
        {"\"<<\": 1", "{\"<<\":1}"},
        {"a: |\n  x\n  y\n", "{\"a\":\"x\\ny\\n\"}"},
        {"a: >-\n  x\n  y\n", "{\"a\":\"x y\"}"},
        {"'': 1", "{\"\":1}"},
        {"? a\n: b", "{\"a\":\"b\"}"}};

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        CU_ASSERT_TRUE(reads_as(pairs[i][0], pairs[i][1]));
}

static void what_readers_read_differently_is_refused(void)
{
    static const char *const words[] = {"yes", "Yes", "yEs", "no", "NO", "on", "off", "Off", "y", "N"};
    static const char *const numbers[] = {"017",   "-01",      "00",    "08",    "01.5", "1_000",
                                          "1_0.5", "0x1f",     "0X1f",  "0o17",  "0b11", "-0x1F",
                                          "1:30",  "12:30:45", "09:30", "1:30.5"};
    char text[64];

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        (void)snprintf(text, sizeof text, "a: %s\n", words[i]);
        CU_ASSERT_TRUE(refuses(text, 1, 4, "without quotes is not the same to every reader of YAML"));
    }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        (void)snprintf(text, sizeof text, "- %s\n", numbers[i]);
        if (strcmp(numbers[i], "0X1f") == 0)
            CU_ASSERT_TRUE(reads_as(text, "[\"0X1f\"]"))
        else
            CU_ASSERT_TRUE(refuses(text, 1, 3, "is not the same to every reader of YAML; write it "));
    }
    CU_ASSERT_TRUE(refuses("a: Off", 1, 4,
                           "Off without quotes is not the same to every reader of YAML; write false, or "
                           "\"Off\" for the string"));
    CU_ASSERT_TRUE(refuses("a: 017", 1, 4, "write it without the leading zero, or \"017\" for the string"));
    CU_ASSERT_TRUE(refuses("a: 1_000", 1, 4, "write it without underscores"));
    CU_ASSERT_TRUE(refuses("a: 0x1f", 1, 4, "write it as a decimal number"));
    CU_ASSERT_TRUE(refuses("a: .inf", 1, 4, "no number that can be used"));
    CU_ASSERT_TRUE(refuses("a: -.Inf", 1, 4, "no number that can be used"));
    CU_ASSERT_TRUE(refuses("a: .NaN", 1, 4, "no number that can be used"));
    CU_ASSERT_TRUE(refuses("a: 9223372036854775808", 1, 4, "does not fit into 64 bits"));
    CU_ASSERT_TRUE(refuses("a: -9223372036854775809", 1, 4, "does not fit into 64 bits"));
    CU_ASSERT_TRUE(refuses("a: 1e999", 1, 4, "too large for a number"));
}

static void what_hides_or_repeats_is_refused(void)
{
    CU_ASSERT_TRUE(refuses("a: &x 1", 1, 4, "anchors (&) are not supported"));
    CU_ASSERT_TRUE(refuses("a: &x [1]", 1, 4, "anchors"));
    CU_ASSERT_TRUE(refuses("&x a: 1", 1, 1, "anchors"));
    CU_ASSERT_TRUE(refuses("a: *x", 1, 4, "aliases (*) are not supported"));
    CU_ASSERT_TRUE(refuses("*x : 1", 1, 1, "aliases"));
    CU_ASSERT_TRUE(refuses("a: !!str 1", 1, 4, "tags (!) are not supported"));
    CU_ASSERT_TRUE(refuses("a: ! 1", 1, 4, "tags"));
    CU_ASSERT_TRUE(refuses("a: !x [1]", 1, 4, "tags"));
    CU_ASSERT_TRUE(refuses("a: !<tag:yaml.org,2002:map> {}", 1, 4, "tags"));
    CU_ASSERT_TRUE(refuses("%TAG ! tag:x,2000:\n---\na: 1", 1, 1, "%TAG is not supported"));
    CU_ASSERT_TRUE(refuses("a: 1\n<<: {b: 1}", 2, 1, "merge keys"));
    CU_ASSERT_TRUE(refuses("a: 1\nb: 2\na: 3", 3, 1, "key \"a\" is given twice in one mapping"));
    CU_ASSERT_TRUE(refuses("x: {a: 1, 'a': 3}", 1, 11, "key \"a\" is given twice in one mapping"));
    CU_ASSERT_TRUE(refuses("? [a]\n: 1", 1, 3, "a list or a mapping cannot be a key"));
    CU_ASSERT_TRUE(refuses("{a: 1}: 1", 1, 1, "a list or a mapping cannot be a key"));
    CU_ASSERT_TRUE(refuses("a: 1\n?\n: 1", 2, 2, "a key is missing before ':'"));
    CU_ASSERT_TRUE(reads_as("%YAML 1.2\n---\na: 1", "{\"a\":1}"));
}

static bool refuses_bytes(const char *data, size_t size, size_t line, size_t column, const char *words)
{
    struct error error = {0};
    struct yaml_mark mark = {0, 0};
    json_t *value = yaml_read_one(data, size, &yaml_file_limits, &mark, &error);
    bool is_refused = !value && error.code == ERROR_INVALID && mark.line == line && mark.column == column &&
                      strstr(error.message, words);

    if (!is_refused)
        (void)printf("# %zu:%zu: %s\n", mark.line, mark.column, error.message);
    json_decref(value);
    return is_refused;
}

static void only_utf8_is_read(void)
{
    CU_ASSERT_TRUE(reads_as("\xef\xbb\xbf"
                            "a: 1\r\nb:\r\n- \xc3\xa4\r\n",
                            "{\"a\":1,\"b\":[\"\xc3\xa4\"]}"));
    CU_ASSERT_TRUE(reads_as("\xef\xbb\xbf\r\n{\"a\": 1}", "{\"a\":1}"));
    CU_ASSERT_TRUE(reads_as("a: \xf0\x9f\x98\x80", "{\"a\":\"\xf0\x9f\x98\x80\"}"));
    CU_ASSERT_TRUE(refuses_bytes("\xff\xfe"
                                 "a\0:\0",
                                 6, 1, 1, "UTF-16; expected UTF-8"));
    CU_ASSERT_TRUE(refuses_bytes("\xfe\xff\0a\0:", 6, 1, 1, "UTF-16"));
    CU_ASSERT_TRUE(refuses_bytes("a: 1\nb: \0", 9, 2, 4, "NUL byte"));
    CU_ASSERT_TRUE(refuses_bytes("{\"a\": \"\0\"}", 10, 1, 8, "NUL byte"));
    CU_ASSERT_TRUE(refuses_bytes("a: \xc3\xa4\xff", 6, 1, 5, "byte 0xff is not UTF-8"));
    CU_ASSERT_TRUE(refuses("a: \xc0\xaf", 1, 4, "not UTF-8"));
    CU_ASSERT_TRUE(refuses("a: \xe0\x80\xaf", 1, 4, "not UTF-8"));
    CU_ASSERT_TRUE(refuses("a: \xed\xa0\x80", 1, 4, "not UTF-8"));
    CU_ASSERT_TRUE(refuses("a: \xf4\x90\x80\x80", 1, 4, "not UTF-8"));
    CU_ASSERT_TRUE(refuses("a: \xc3", 1, 4, "not UTF-8"));
    CU_ASSERT_TRUE(refuses("a: b\nc: \x01", 2, 4, "control characters are not allowed (character U+0001)"));
    CU_ASSERT_TRUE(refuses("a: \"x\\0y\"", 1, 4, "NUL character"));
    CU_ASSERT_TRUE(refuses("\"x\\0y\": 1", 1, 1, "NUL character"));
}

static void json_is_read_as_json(void)
{
    CU_ASSERT_TRUE(reads_as(" \n{\"a\":\t[1, 2.5e3, true, null, \"\\ud83d\\ude00\"]}\n",
                            "{\"a\":[1,2500.0,true,null,\"\xf0\x9f\x98\x80\"]}"));
    CU_ASSERT_TRUE(reads_as("{a: b, c: [d]}", "{\"a\":\"b\",\"c\":[\"d\"]}"));
    CU_ASSERT_TRUE(reads_as("[1, 2,]", "[1,2]"));
    CU_ASSERT_TRUE(reads_as("[]", "[]"));
    CU_ASSERT_TRUE(reads_as("{}", "{}"));
    CU_ASSERT_TRUE(refuses("{\"a\":\n \"x\\u0000\"}", 2, 2, "NUL character"));
    CU_ASSERT_TRUE(refuses("{\"a\": 1,\n \"a\": 2}", 2, 2, "key \"a\" is given twice"));
    CU_ASSERT_TRUE(refuses("{a: b, c: yes}", 1, 11, "without quotes"));
    CU_ASSERT_TRUE(refuses("[12345678901234567890]", 1, 2, "64 bits"));
    /* The surrogate pair stops libyaml early; what is really wrong stands behind it. */
    CU_ASSERT_TRUE(refuses("{\"a\": \"\\ud83d\\ude00\",\n \"b\" 1}", 2, 6, "':' expected near '1'"));
    CU_ASSERT_TRUE(refuses("{\"a\": 1}\n{\"b\": 2}", 2, 1, "end of file expected near '{'"));
}

static void syntax_errors_have_places(void)
{
    CU_ASSERT_TRUE(refuses("a: b: c", 1, 5, "mapping values are not allowed in this context"));
    CU_ASSERT_TRUE(refuses("a:\n\tb: 1", 2, 1, "a tab cannot indent YAML; use spaces"));
    CU_ASSERT_TRUE(
        refuses("a: [1, 2\nb: 3", 2, 2,
                "did not find expected ',' or ']' while parsing a flow sequence that begins on line 1"));
    CU_ASSERT_TRUE(refuses("a: \"x", 1, 6, "found unexpected end of stream"));
    CU_ASSERT_TRUE(refuses("@", 1, 1, "cannot start any token"));
    CU_ASSERT_TRUE(refuses("- a\nb: 1", 2, 1, "did not find expected '-' indicator"));
}

/** Collects what yaml_read() visits. */
struct seen {
    struct text text;
    size_t stop_at;
};

static int see(json_t *document, size_t number, size_t line, void *payload)
{
    struct seen *seen = payload;
    char *json = json_canonical(document);

    text_append_format(&seen->text, "%zu@%zu=%s;", number, line, json);
    free(json);
    return number == seen->stop_at ? 77 : 0;
}

static int read_all(const char *text, const struct yaml_limits *limits, struct seen *seen,
                    struct yaml_mark *mark, struct error *error)
{
    *seen = (struct seen){.text = text_empty(), .stop_at = SIZE_MAX};
    return yaml_read(text, strlen(text), limits, see, seen, mark, error);
}

static void documents_are_counted_and_the_empty_passed_over(void)
{
    struct seen seen;
    struct error error = {0};
    struct yaml_mark mark = {0, 0};

    CU_ASSERT_EQUAL(read_all("# c\n---\n---\na: 1\n---\n\n# d\n- 2\n---\nnull\n---\n", &yaml_file_limits,
                             &seen, NULL, NULL),
                    0);
    CU_ASSERT_STRING_EQUAL(seen.text.data, "1@4={\"a\":1};2@8=[2];3@10=null;");
    text_release(&seen.text);
    CU_ASSERT_EQUAL(read_all("a\n---\nb: [\n", &yaml_file_limits, &seen, &mark, &error), ERROR_INVALID);
    CU_ASSERT_STRING_EQUAL(seen.text.data, "0@1=\"a\";");
    CU_ASSERT_EQUAL(mark.line, 4);
    text_release(&seen.text);
    seen = (struct seen){.text = text_empty(), .stop_at = 1};
    CU_ASSERT_EQUAL(yaml_read("a\n---\nb\n---\nc\n", 14, &yaml_file_limits, see, &seen, NULL, NULL), 77);
    CU_ASSERT_STRING_EQUAL(seen.text.data, "0@1=\"a\";1@3=\"b\";");
    text_release(&seen.text);
    CU_ASSERT_TRUE(reads_as("", "null"));
    CU_ASSERT_TRUE(reads_as("# nothing\n---\n", "null"));
    CU_ASSERT_TRUE(reads_as("---\na: 1\n---\n", "{\"a\":1}"));
    CU_ASSERT_TRUE(refuses("a: 1\n---\nb: 1\n", 3, 1, "a second document begins here; expected only one"));
    CU_ASSERT_PTR_NULL(yaml_read_one("[", 1, &yaml_file_limits, NULL, NULL));
    json_decref(yaml_read_one(NULL, 0, &yaml_file_limits, NULL, NULL));
}

static void limits_hold_from_both_sides(void)
{
    static const struct yaml_limits limits = {.bytes = 20, .documents = 2, .depth = 3};
    struct seen seen;
    struct error error = {0};
    struct yaml_mark mark = {0, 0};

    CU_ASSERT_EQUAL(read_all("aaaaaaaaaaaaaaaaaaaa", &limits, &seen, NULL, NULL), 0);
    text_release(&seen.text);
    CU_ASSERT_EQUAL(read_all("aaaaaaaaaaaaaaaaaaaaa", &limits, &seen, &mark, &error), ERROR_LIMIT);
    CU_ASSERT_STRING_EQUAL(error.message, "21 bytes are too many; at most 20 are read");
    CU_ASSERT_EQUAL(read_all("a\n---\nb", &limits, &seen, NULL, NULL), 0);
    text_release(&seen.text);
    CU_ASSERT_EQUAL(read_all("a\n---\n---\nb", &limits, &seen, &mark, &error), ERROR_LIMIT);
    CU_ASSERT_STRING_EQUAL(error.message, "too many documents; at most 2 are read");
    CU_ASSERT_EQUAL(mark.line, 3);
    text_release(&seen.text);
    CU_ASSERT_EQUAL(read_all("[[[1]]]", &limits, &seen, NULL, NULL), 0);
    text_release(&seen.text);
    CU_ASSERT_EQUAL(read_all("[\"[[[\",\n[[[1]]]]", &limits, &seen, &mark, &error), ERROR_LIMIT);
    CU_ASSERT_STRING_EQUAL(error.message, "nested too deeply; at most 3 levels are read");
    CU_ASSERT_EQUAL(mark.line, 2);
    CU_ASSERT_EQUAL(mark.column, 3);
    CU_ASSERT_EQUAL(read_all("a:\n- b:\n  - 1", &yaml_file_limits, &seen, NULL, NULL), 0);
    text_release(&seen.text);
    CU_ASSERT_EQUAL(read_all("a: {b: [1]}", &limits, &seen, NULL, NULL), 0);
    text_release(&seen.text);
    CU_ASSERT_EQUAL(read_all("a: {b: [[]]}", &limits, &seen, &mark, &error), ERROR_LIMIT);
    CU_ASSERT_EQUAL(mark.column, 9);
}

static char *repeat(const char *what, size_t size)
{
    char *data = malloc(size + 1);

    for (size_t i = 0; i < size; i++)
        data[i] = what[i % strlen(what)];
    data[size] = '\0';
    return data;
}

static void deep_nesting_is_refused_at_once(void)
{
    static const char *const patterns[] = {"[", "{", "- ", "? ", "[{a: "};
    static const size_t sizes[] = {40000, 1024UL * 1024UL};
    clock_t start = clock();

    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        for (size_t j = 0; j < 2; j++) {
            char *text = repeat(patterns[i], sizes[j]);
            struct error error = {0};
            CU_ASSERT_PTR_NULL(yaml_read_one(text, sizes[j], &yaml_file_limits, NULL, &error));
            CU_ASSERT_EQUAL(error.code,
                            patterns[i][0] == '{' || patterns[i][0] == '?' ? ERROR_INVALID : ERROR_LIMIT);
            (void)yaml_locate(text, sizes[j], 0, "a[0].b");
            (void)yaml_locate(text, sizes[j], 1, "a");
            free(text);
        }
    }
    (void)printf("# %.1f ms\n", (double)(clock() - start) * 1000.0 / (double)CLOCKS_PER_SEC);
    /* Ten texts, three walks each, 50 ms in all: quadratic work would take minutes. */
    CU_ASSERT_TRUE(clock() - start < 30 * CLOCKS_PER_SEC);
}

static bool stands_at(const char *text, size_t document, const char *path, size_t line, size_t column)
{
    struct yaml_mark mark = yaml_locate(text, strlen(text), document, path);

    if (mark.line != line || mark.column != column)
        (void)printf("# %s: %zu:%zu\n", path, mark.line, mark.column);
    return mark.line == line && mark.column == column;
}

static void places_are_found_by_path(void)
{
    static const char text[] = "\xef\xbb\xbf# c\n"
                               "spec:\n"
                               "  list:\n"
                               "  - a: 1\n"
                               "  - b: {c: [x, \xc3\xa4, y], 'd.e\"f': 2}\n"
                               "  other: [[1, 2], [3, z: 4]]\n"
                               "---\n"
                               "---\n"
                               "spec: 7\n"
                               "\"\\u2028 \\n\\x01\\xc4\\\\\": 1\n";

    CU_ASSERT_TRUE(stands_at(text, 0, "", 2, 1));
    CU_ASSERT_TRUE(stands_at(text, 0, "spec", 2, 1));
    CU_ASSERT_TRUE(stands_at(text, 0, "spec.list", 3, 3));
    CU_ASSERT_TRUE(stands_at(text, 0, "spec.list[0]", 4, 5));
    CU_ASSERT_TRUE(stands_at(text, 0, "spec.list[1].b.c[2]", 5, 19));
    CU_ASSERT_TRUE(stands_at(text, 0, "spec.list[1].b[\"d.e\\\"f\"]", 5, 23));
    CU_ASSERT_TRUE(stands_at(text, 0, "spec.other[1][1].z", 6, 23));
    CU_ASSERT_TRUE(stands_at(text, 0, "spec.other[1][7]", 6, 19));
    CU_ASSERT_TRUE(stands_at(text, 0, "spec.none.at.all", 2, 1));
    CU_ASSERT_TRUE(stands_at(text, 0, "spec.list.a", 3, 3));
    CU_ASSERT_TRUE(stands_at(text, 0, "spec[0]", 2, 1));
    CU_ASSERT_TRUE(stands_at(text, 2, "spec.more", 9, 1));
    CU_ASSERT_TRUE(stands_at("\xf3\xa0\x80\x81: 1\n\xe2\x80\xae: 1\n", 0, "[\"\\u202e\"]", 2, 1));
    CU_ASSERT_TRUE(stands_at("a: 1\n\xf3\xa0\x80\x81: 1\n", 0, "[\"\\U000e0001\"]", 2, 1));
    CU_ASSERT_TRUE(stands_at(text, 2, "[\"\\u2028 \\n\\x01\\xc4\\\\\"]", 10, 1));
    CU_ASSERT_TRUE(stands_at(text, 3, "spec", 0, 0));
    CU_ASSERT_TRUE(stands_at("", 0, "a", 0, 0));
    CU_ASSERT_TRUE(stands_at("\x01", 0, "a", 0, 0));
    CU_ASSERT_TRUE(stands_at("{\n \"a\": {\"b\": [1,\n2]}}", 0, "a.b[1]", 3, 1));
    /* Paths that nobody should write do no harm. */
    CU_ASSERT_TRUE(stands_at("a: 1", 0, "[", 1, 1));
    CU_ASSERT_TRUE(stands_at("a: 1", 0, "[\"a", 1, 1));
    CU_ASSERT_TRUE(stands_at("a: 1", 0, "[\"\\", 1, 1));
    CU_ASSERT_TRUE(stands_at("a: 1", 0, "a..b", 1, 1));
    CU_ASSERT_TRUE(yaml_locate(NULL, 0, 0, "a").line == 0);
}

static uint64_t draw(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void rubbish_is_refused_without_harm(void)
{
    uint64_t state = 7;
    size_t refused = 0;

    for (int i = 0; i < 20000; i++) {
        static const char bytes[] = "ab:-?[]{},#&*!|>'\"%@`\\ \n\t\r019.~=<\xc3\xa4\xef\xbb\xbf\x01";
        char text[48];
        size_t size = draw(&state) % sizeof text;
        json_t *value;
        for (size_t j = 0; j < size; j++)
            text[j] = bytes[draw(&state) % sizeof bytes];
        value = yaml_read_one(text, size, &yaml_file_limits, NULL, NULL);
        refused += value == NULL;
        json_decref(value);
        (void)yaml_locate(text, size, 0, "a[0].b");
    }
    CU_ASSERT_TRUE(refused > 0);
}

int main(void)
{
    static const struct test tests[] = {
        {"scalars are those of JSON", scalars_are_those_of_json},
        {"what readers read differently is refused", what_readers_read_differently_is_refused},
        {"anchors, aliases, tags, merges, duplicates and odd keys are refused",
         what_hides_or_repeats_is_refused},
        {"only UTF-8 without NUL is read", only_utf8_is_read},
        {"JSON is read as JSON, flow style as YAML", json_is_read_as_json},
        {"syntax errors have places", syntax_errors_have_places},
        {"documents are counted and the empty passed over", documents_are_counted_and_the_empty_passed_over},
        {"limits hold from both sides", limits_hold_from_both_sides},
        {"deep nesting is refused at once", deep_nesting_is_refused_at_once},
        {"places are found by path", places_are_found_by_path},
        {"rubbish is refused without harm", rubbish_is_refused_without_harm},
        {NULL, NULL},
    };

    return harness_run("yaml", tests);
}
