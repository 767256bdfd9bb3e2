/* SPDX-License-Identifier: Apache-2.0 */
/* The limits of an input file from both sides, and texts that are made to keep a reader busy. */
#include "harness.h"

#include "base/text.h"
#include "config/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int count(json_t *document, size_t number, size_t line, void *payload)
{
    size_t *documents = payload;

    (void)document;
    (void)number;
    (void)line;
    ++*documents;
    return 0;
}

/* Whether the text is read, or refused with this sentence at the place. Frees the text. */
static bool ends(struct text *text, const char *sentence, size_t line, size_t column)
{
    struct error error = {0};
    struct yaml_mark mark = {0};
    size_t documents = 0;
    int result = yaml_read(text->data, text->length, &yaml_file_limits, count, &documents, &mark, &error);
    bool good = sentence ? result == ERROR_LIMIT && strcmp(error.message, sentence) == 0 &&
                               mark.line == line && mark.column == column
                         : result == 0 && documents > 0;

    if (!good)
        printf("# expected %zu:%zu: %s; found %d at %zu:%zu: %s\n", line, column,
               sentence ? sentence : "good", result, mark.line, mark.column, error.message);
    text_release(text);
    return good && !text->failed;
}

static struct text repeat(const char *before, const char *what, size_t times, const char *after)
{
    struct text text = text_empty();

    text_append_string(&text, before);
    for (size_t i = 0; i < times; i++)
        text_append_string(&text, what);
    text_append_string(&text, after);
    return text;
}

static void a_mebibyte_is_read_and_a_byte_more_is_not(void)
{
    static const size_t most = 1024UL * 1024UL;
    static const char sentence[] = "1048577 bytes are too many; at most 1048576 are read";
    struct text text;

    CU_ASSERT_EQUAL(yaml_file_limits.bytes, most);
    text = repeat("", "a", most - 1, "");
    CU_ASSERT_TRUE(ends(&text, NULL, 0, 0));
    text = repeat("", "a", most, "");
    CU_ASSERT_TRUE(ends(&text, NULL, 0, 0));
    text = repeat("", "a", most + 1, "");
    CU_ASSERT_TRUE(ends(&text, sentence, 0, 0));
    text = repeat("[\"", "a", most - 4, "\"]");
    CU_ASSERT_TRUE(ends(&text, NULL, 0, 0));
    text = repeat("[\"", "a", most - 3, "\"]");
    CU_ASSERT_TRUE(ends(&text, sentence, 0, 0));
}

static void a_thousand_documents_are_read_and_one_more_is_not(void)
{
    static const char sentence[] = "too many documents; at most 1000 are read";
    struct text text = repeat("", "---\na\n", 1000, "");

    CU_ASSERT_TRUE(ends(&text, NULL, 0, 0));
    text = repeat("", "---\na\n", 1001, "");
    CU_ASSERT_TRUE(ends(&text, sentence, 2001, 1));
    /* Empty ones count. */
    text = repeat("a\n", "---\n", 999, "");
    CU_ASSERT_TRUE(ends(&text, NULL, 0, 0));
    text = repeat("a\n", "---\n", 1000, "");
    CU_ASSERT_TRUE(ends(&text, sentence, 1001, 1));
}

static struct text nested(const char *open, const char *inner, const char *close, size_t levels)
{
    struct text text = repeat("", open, levels, inner);

    for (size_t i = 0; i < levels; i++)
        text_append_string(&text, close);
    return text;
}

static void sixty_four_levels_are_read_and_one_more_is_not(void)
{
    static const char sentence[] = "nested too deeply; at most 64 levels are read";
    struct text text = nested("[", "1", "]", 64);

    CU_ASSERT_TRUE(ends(&text, NULL, 0, 0));
    text = nested("[", "1", "]", 65);
    CU_ASSERT_TRUE(ends(&text, sentence, 1, 65));
    text = nested("[", "a", "]", 64);
    CU_ASSERT_TRUE(ends(&text, NULL, 0, 0));
    text = nested("[", "a", "]", 65);
    CU_ASSERT_TRUE(ends(&text, sentence, 1, 65));
    text = nested("{\"a\":", "1", "}", 64);
    CU_ASSERT_TRUE(ends(&text, NULL, 0, 0));
    text = nested("{\"a\":", "1", "}", 65);
    CU_ASSERT_TRUE(ends(&text, sentence, 1, 5 * 64 + 1));
    text = nested("- ", "a", "", 64);
    CU_ASSERT_TRUE(ends(&text, NULL, 0, 0));
    text = nested("- ", "a", "", 65);
    CU_ASSERT_TRUE(ends(&text, sentence, 1, 129));
}

static void a_hundred_thousand_values_are_read_and_one_more_is_not(void)
{
    static const char sentence[] = "too many values; at most 100000 are read";
    /* With the list itself. */
    struct text text = repeat("", "- a\n", 99999, "");

    CU_ASSERT_TRUE(ends(&text, NULL, 0, 0));
    text = repeat("", "- a\n", 100000, "");
    CU_ASSERT_TRUE(ends(&text, sentence, 100000, 3));
    text = repeat("", "- {}\n", 99999, "");
    CU_ASSERT_TRUE(ends(&text, NULL, 0, 0));
    text = repeat("", "- {}\n", 100000, "");
    CU_ASSERT_TRUE(ends(&text, sentence, 100000, 3));
    text = repeat("[", "{}, ", 99998, "{}]");
    CU_ASSERT_TRUE(ends(&text, NULL, 0, 0));
    text = repeat("[", "{ }, ", 99999, "[]]");
    CU_ASSERT_TRUE(ends(&text, sentence, 1, 2 + 5 * 99999));
    text = repeat("[", "{\"a\":\"],[,\\\"\"},", 49998, "{\"b\":[]}]");
    CU_ASSERT_TRUE(ends(&text, NULL, 0, 0));
    text = repeat("[", "{\"a\":\"\"},", 49999, "[1]]");
    CU_ASSERT_TRUE(ends(&text, sentence, 1, 9 * 49999 + 3));
    /* The limit is that of the text, not of a document. */
    text = repeat("", "---\n- a\n- [b, c, d, e]\n", 100, "");
    CU_ASSERT_TRUE(ends(&text, NULL, 0, 0));
    text = repeat("", "- a\n", 99999, "---\na\n");
    CU_ASSERT_TRUE(ends(&text, sentence, 100001, 1));
}

static bool reads(const char *data, bool wanted)
{
    struct error error = {0};
    json_t *value = yaml_read_one(data, strlen(data), &yaml_file_limits, NULL, &error);
    bool good = value ? wanted : !wanted && strstr(error.message, "does not fit into 64 bits");

    if (!good)
        printf("# %s: %s\n", data, error.message);
    json_decref(value);
    return good;
}

static void integers_end_at_64_bits(void)
{
    CU_ASSERT_TRUE(reads("a: 9223372036854775807", true));
    CU_ASSERT_TRUE(reads("a: 9223372036854775808", false));
    CU_ASSERT_TRUE(reads("a: -9223372036854775808", true));
    CU_ASSERT_TRUE(reads("a: -9223372036854775809", false));
    CU_ASSERT_TRUE(reads("{\"a\": 9223372036854775807}", true));
    CU_ASSERT_TRUE(reads("{\"a\": 9223372036854775808}", false));
    CU_ASSERT_TRUE(reads("{\"a\": -9223372036854775808}", true));
    CU_ASSERT_TRUE(reads("{\"a\": -9223372036854775809}", false));
    CU_ASSERT_TRUE(reads("{\"a\": 18446744073709551616}", false));
}

static void tags_by_the_thousand_cost_nothing(void)
{
    static const char *const breaks[] = {"\n", "\r", "\r\n", "\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9"};
    clock_t writing = 0;
    clock_t reading = 0;

    for (size_t i = 0; i < sizeof breaks / sizeof *breaks; i++) {
        struct text text = text_empty();
        struct error error = {0};
        struct yaml_mark mark = {0};

        writing -= clock();
        text_append_format(&text, "# a comment%s", breaks[i]);
        for (unsigned tag = 0; tag < 40000; tag++)
            text_append_format(&text, "%%TAG !%u! x%s", tag, breaks[i]);
        text_append_string(&text, "--- a\n");
        writing += clock();
        reading -= clock();
        CU_ASSERT_PTR_NULL(yaml_read_one(text.data, text.length, &yaml_file_limits, &mark, &error));
        CU_ASSERT_STRING_EQUAL(error.message, "%TAG is not supported; write values without tags");
        CU_ASSERT_TRUE(i > 0 || (mark.line == 2 && mark.column == 1));
        CU_ASSERT_EQUAL(yaml_locate(text.data, text.length, 0, "a").line, 0);
        reading += clock();
        text_release(&text);
    }
    /* Where every tag is compared with those before it, reading takes a hundred times as long as writing;
     * a ratio says the same under valgrind. */
    printf("# written in %ld us, read in %ld us\n", (long)writing, (long)reading);
    CU_ASSERT_TRUE(reading < 4 * writing);
}

static void what_only_looks_like_tags_is_read(void)
{
    struct text text = repeat("a: |\n", "  %TAG is no tag\n", 1000, "");

    CU_ASSERT_TRUE(ends(&text, NULL, 0, 0));
    text = repeat("# ", "%TAG %TAG ", 1000, "\na: 1\n");
    CU_ASSERT_TRUE(ends(&text, NULL, 0, 0));
    text = repeat("a: \"", "\n%TA", 17, "\"\n");
    CU_ASSERT_TRUE(ends(&text, NULL, 0, 0));
}

static void other_encodings_are_named(void)
{
    static const struct {
        const char *data;
        size_t size;
        const char *sentence;
    } cases[] = {
        {"\xff\xfe"
         "a\0",
         4, "the text is in UTF-16; expected UTF-8"},
        {"\xfe\xff\0a", 4, "the text is in UTF-16; expected UTF-8"},
        {"\xff\xfe\0\0a\0\0\0", 8, "the text is in UTF-32; expected UTF-8"},
        {"\0\0\xfe\xff\0\0\0a", 8, "the text is in UTF-32; expected UTF-8"},
        {"a\0:\0", 4, "the text holds a NUL byte; expected UTF-8 text"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = {0};
        CU_ASSERT_PTR_NULL(yaml_read_one(cases[i].data, cases[i].size, &yaml_file_limits, NULL, &error));
        CU_ASSERT_STRING_EQUAL(error.message, cases[i].sentence);
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"a mebibyte is read, and a byte more is not", a_mebibyte_is_read_and_a_byte_more_is_not},
        {"a thousand documents are read, and one more is not",
         a_thousand_documents_are_read_and_one_more_is_not},
        {"sixty-four levels are read, and one more is not", sixty_four_levels_are_read_and_one_more_is_not},
        {"a hundred thousand values are read, and one more is not",
         a_hundred_thousand_values_are_read_and_one_more_is_not},
        {"integers end at 64 bits", integers_end_at_64_bits},
        {"tags by the thousand cost nothing", tags_by_the_thousand_cost_nothing},
        {"what only looks like tags is read", what_only_looks_like_tags_is_read},
        {"other encodings are named", other_encodings_are_named},
        {NULL, NULL},
    };

    return harness_run("yaml_limits", tests);
}
