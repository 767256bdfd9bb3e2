/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"
#include "mutate.h"
#include "random_json.h"
#include "scarce.h"

#include "base/json.h"
#include "kube/tokens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A copy without anything behind it, so that a read beyond the end is seen. */
static char *exact(const char *data, size_t size)
{
    char *copy = calloc(1, size > 0 ? size : 1);

    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

static void disagree(const char *what, const char *data, size_t size)
{
    (void)printf("# %s: %.*s\n", what, (int)(size < 400 ? size : 400), data);
}

/* The tree and the tokens have one opinion. jansson passes over a NUL byte behind a number, which is no
 * JSON. */
static bool agrees(struct tokens *tokens, const char *data, size_t size)
{
    struct error error = {0};
    char *copy = exact(data, size);
    json_t *tree = json_parse(copy, size, NULL);
    int result = tokens_read(tokens, copy, size, &error);
    bool valid = tree && !memchr(data, 0, size);
    bool same = result == ERROR_LIMIT || valid == (result == 0);

    if (!same)
        disagree(error.message, data, size);
    json_decref(tree);
    free(copy);
    return same;
}

static bool agree_on(const char *text)
{
    struct tokens tokens = {0};
    bool same = agrees(&tokens, text, strlen(text));

    tokens_release(&tokens);
    return same;
}

static const char *const texts[] = {
    "{}",
    "[]",
    " { } ",
    "\n[ ]\t",
    "null",
    "true",
    "false",
    "nul",
    "nulll",
    "truefalse",
    "",
    " ",
    "x",
    "{",
    "[",
    "]",
    "}",
    "[1,2",
    "[1,]",
    "[,1]",
    "{\"a\":1,}",
    "{,}",
    "{\"a\"}",
    "{\"a\":}",
    "{a:1}",
    "{\"a\" 1}",
    "{\"a\":1 \"b\":2}",
    "[1 2]",
    "{} {}",
    "{}x",
    "[}",
    "{]",
    "{\"b\":1,\"a\":2}",
    "{ \"b\" : 1 , \"a\" : [ ] }",
    "{\"a\":1,\"a\":2}",
    "{\"a\":1,\"\\u0061\":2}",
    "{\"b\":0,\"a\":1,\"b\":2}",
    "{\"a\":{\"b\":1,\"b\":2}}",
    "{\"\":1}",
    "{\"\":1,\"\":2}",
    "{\"aa\":1,\"a\":2}",
    "{\"a\":1,\"aa\":2}",
    "{\"\\u00e4\":1,\"z\":2,\"\xc3\xa4\":3}",
    "{\"\xf0\x9f\x98\x80\":1,\"\xef\xbf\xbd\":2}",
    "{\"\\ud83d\\ude00\":1,\"\\ufffd\":2}",
    "0",
    "-0",
    "00",
    "01",
    "-",
    "-01",
    "1.",
    ".5",
    "+1",
    "1.0",
    "-0.0",
    "0e0",
    "1e5",
    "1E+5",
    "1e",
    "1e+",
    "1.5e-3",
    "1e308",
    "1e309",
    "-1e999",
    "1e-999",
    "0.1",
    "123456789.125",
    "100000000000000000000.0",
    "1.0e22",
    "5e-324",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "99999999999999999999",
    "1234567890123456789",
    "10000000000000000000",
    "0x10",
    "1_000",
    "NaN",
    "Infinity",
    "\"\"",
    "\"a",
    "\"\\\"",
    "\"\\",
    "\"\\\\\"",
    "\"\\/\"",
    "\"\\b\\f\\n\\r\\t\"",
    "\"\\a\"",
    "\"\\u\"",
    "\"\\u12\"",
    "\"\\u00zz\"",
    "\"\\u0000\"",
    "\"a\\u0000b\"",
    "{\"\\u0000\":1}",
    "\"\\u0001\\u001f\\u007f\"",
    "\"\x7f\"",
    "\"\\u003c\\u2028\"",
    "\"\\ud800\"",
    "\"\\udc00\"",
    "\"\\ud800\\u0041\"",
    "\"\\ud800x\"",
    "\"\\ud83d\\ude00\"",
    "\"\\uDBFF\\uDFFF\"",
    "\"\\ud83d\\ud83d\\ude00\"",
    "\"\t\"",
    "\"\n\"",
    "\"\x01\"",
    "\"\xc3\xa4\"",
    "\"\xc3\"",
    "\"\xc3(\"",
    "\"\xc0\x80\"",
    "\"\xc1\xbf\"",
    "\"\xe0\x80\x80\"",
    "\"\xe0\xa0\x80\"",
    "\"\xed\x9f\xbf\"",
    "\"\xed\xa0\x80\"",
    "\"\xee\x80\x80\"",
    "\"\xf0\x8f\xbf\xbf\"",
    "\"\xf0\x90\x80\x80\"",
    "\"\xf4\x8f\xbf\xbf\"",
    "\"\xf4\x90\x80\x80\"",
    "\"\xf5\x80\x80\x80\"",
    "\"\xff\"",
    "\"\x80\"",
    "\"\xe2\x82\"",
    "\"\xf0\x9f\x98\"",
    "\xef\xbb\xbf{}",
    "\"abcdefgh\\\"ijklmnop\"",
    "\"abcdefghijklmno\xc3\xa4\"",
    "{\"a\":1}\n",
    "\v1",
    "1\f",
    "[{\"b\":[{\"d\":1.50,\"c\":-0}],\"a\":\"\\u0041\"}]",
    "{\"a\":tru}",
    "{\"a\":[1,{\"b\":2]}}",
    "/* */1",
    NULL,
};

static void a_text_is_valid_if_it_has_a_tree(void)
{
    for (size_t i = 0; texts[i]; i++)
        CU_ASSERT_TRUE(agree_on(texts[i]));
}

static char *nest(unsigned depth, const char *open, const char *close)
{
    struct text text = text_empty();

    for (unsigned i = 0; i < depth; i++)
        text_append_string(&text, open);
    text_append_string(&text, "1");
    for (unsigned i = 0; i < depth; i++)
        text_append_string(&text, close);
    return text_take(&text);
}

static int read_nested(unsigned depth, const char *open, const char *close)
{
    struct tokens tokens = {0};
    struct error error = {0};
    char *text = nest(depth, open, close);
    int result = tokens_read(&tokens, text, strlen(text), &error);

    tokens_release(&tokens);
    free(text);
    return result;
}

static void a_nul_byte_is_no_json(void)
{
    struct tokens tokens = {0};

    CU_ASSERT_TRUE(agrees(&tokens, "78\0", 3));
    CU_ASSERT_TRUE(agrees(&tokens, "[78\0]", 5));
    CU_ASSERT_TRUE(agrees(&tokens, "[\"a\0\"]", 6));
    CU_ASSERT_TRUE(agrees(&tokens, "{}\0", 3));
    tokens_release(&tokens);
    tokens_release(NULL);
}

static void depth_has_a_limit(void)
{
    CU_ASSERT_EQUAL(read_nested(TOKENS_DEPTH, "[", "]"), 0);
    CU_ASSERT_EQUAL(read_nested(TOKENS_DEPTH + 1, "[", "]"), ERROR_LIMIT);
    CU_ASSERT_EQUAL(read_nested(TOKENS_DEPTH, "{\"a\":", "}"), 0);
    CU_ASSERT_EQUAL(read_nested(TOKENS_DEPTH + 1, "{\"a\":", "}"), ERROR_LIMIT);
    CU_ASSERT_EQUAL(read_nested(1000000, "[", "]"), ERROR_LIMIT);
}

static bool tells(const char *text, const char *expected)
{
    struct tokens tokens = {0};
    struct error error = {0};
    int result = tokens_read(&tokens, text, strlen(text), &error);
    bool same = result < 0 && strcmp(error.message, expected) == 0;

    if (!same)
        (void)printf("# %s\n", error.message);
    tokens_release(&tokens);
    return same;
}

static void a_message_tells_the_path(void)
{
    CU_ASSERT_TRUE(tells("{\"spec\":{\"list\":[1,{\"x\":\"\\u0000\"}]}}",
                         "spec.list[1].x: the character \\u0000, which no text of ours can hold"));
    CU_ASSERT_TRUE(tells("{\"a\":[0,18446744073709551616]}", "a[1]: an integer beyond 64 bits"));
    CU_ASSERT_TRUE(tells("{\"a\":{\"y\":1,\"x\":2,\"y\":3}}", "a.y: the name stands twice in its object"));
    CU_ASSERT_TRUE(tells("{\"a\":", "a: the text ends too early"));
    CU_ASSERT_TRUE(tells("{\"a\":\"\\ud800\"}", "a: half of a surrogate pair"));
    CU_ASSERT_TRUE(tells("{\"a\":\"\xff\"}", "a: bytes that are no UTF-8"));
    CU_ASSERT_TRUE(tells("{\"a\":1e999}", "a: a number beyond what a double can hold"));
    CU_ASSERT_TRUE(tells("{\"\\u0061\\n\\u001b\\/\\\"\\\\\\u00e4\\ud83d\\ude00\":x}",
                         "a\\n\\u001B/\\\"\\\\\xc3\xa4\xf0\x9f\x98\x80: not a value of JSON"));
}

/* So many that what they need is not kept: the text that comes next begins without memory. */
static void a_name_that_stands_twice_is_found_among_many(void)
{
    struct tokens tokens = {0};
    struct error error = {0};
    struct text text = text_empty();

    for (int i = 9999; i >= 0; i--)
        text_append_format(&text, "%s\"n%d\":[]", i < 9999 ? "," : "{", i * 7919 % 10007);
    CU_ASSERT_EQUAL(tokens_read(&tokens, "{\"b\":0,\"a\":0}", 13, &error), 0);
    text_append_string(&text, "}");
    CU_ASSERT_EQUAL(tokens_read(&tokens, text.data, text.length, &error), 0);
    text.data[text.length - 1] = ',';
    text_append_string(&text, "\"n\\u0037919\":0}");
    CU_ASSERT_EQUAL(tokens_read(&tokens, text.data, text.length, &error), ERROR_INVALID);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "7919: the name stands twice in its object"));
    CU_ASSERT_EQUAL(tokens_read(&tokens, "{\"b\":0,\"a\":0}", 13, &error), 0);
    text_release(&text);
    tokens_release(&tokens);
}

static void generated_and_mutated_texts_agree(void)
{
    static const char *const pieces[] = {"\"",
                                         "\\",
                                         "\\u0000",
                                         "\\ud800",
                                         "{",
                                         "}",
                                         "[",
                                         "]",
                                         ",",
                                         ":",
                                         "1e999",
                                         "\xff",
                                         "\xed\xa0\x80",
                                         "-0",
                                         "18446744073709551616",
                                         " ",
                                         "\n",
                                         "null",
                                         "\"a\":1,",
                                         "\\u0061",
                                         "0.5",
                                         "\xc3",
                                         NULL};
    struct mutate mutate = mutate_begin(20261124, 1500);
    struct tokens tokens = {0};
    char buffer[8192];
    bool same = true;
    size_t rounds = 0;

    for (; same && rounds < 60000 && mutate_goes_on(&mutate); rounds++) {
        struct text text = text_empty();
        size_t size;
        random_json(&mutate, &text);
        size = text.length < sizeof buffer / 2 ? text.length : sizeof buffer / 2;
        memcpy(buffer, text.data, size);
        same = agrees(&tokens, text.data, text.length);
        size = mutate_text(&mutate, buffer, size, sizeof buffer, pieces);
        same = same && agrees(&tokens, buffer, size);
        text_release(&text);
    }
    CU_ASSERT_TRUE(same);
    CU_ASSERT_TRUE(rounds > 100);
    tokens_release(&tokens);
}

static bool read_scarce(size_t granted, const char *text)
{
    struct tokens tokens = {0};
    struct error error = {0};
    bool failed;
    int result;

    scarce_begin(granted);
    result = tokens_read(&tokens, text, strlen(text), &error);
    failed = scarce_end();
    CU_ASSERT_EQUAL(result, failed ? ERROR_NO_MEMORY : 0);
    CU_ASSERT_EQUAL(error.code, result);
    tokens_release(&tokens);
    return failed;
}

static void without_memory_nothing_is_wrong(void)
{
    struct text text = text_empty();
    size_t granted = 0;

    text_append_string(&text, "{\"spec\":{\"z\":1.5,\"a\":[");
    for (int i = 0; i < 300; i++)
        text_append_format(&text, "%s{\"b\":0,\"a\":\"\\u003c\"}", i > 0 ? "," : "");
    text_append_string(&text, "]}}");
    while (read_scarce(granted, text.data))
        granted++;
    CU_ASSERT_TRUE(granted > 5);
    text_release(&text);
}

int main(void)
{
    static const struct test tests[] = {
        {"a text is valid if jansson reads it", a_text_is_valid_if_it_has_a_tree},
        {"a NUL byte is no JSON", a_nul_byte_is_no_json},
        {"nesting has a limit", depth_has_a_limit},
        {"a message tells the path", a_message_tells_the_path},
        {"a name that stands twice is found among many", a_name_that_stands_twice_is_found_among_many},
        {"generated and mutated texts: one opinion with jansson", generated_and_mutated_texts_agree},
        {"without memory it fails cleanly", without_memory_nothing_is_wrong},
        {NULL, NULL},
    };

    return harness_run("tokens", tests);
}
