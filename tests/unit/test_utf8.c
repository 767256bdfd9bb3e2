/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "base/log.h"
#include "base/problem.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void characters_are_read(void)
{
    static const struct {
        const char *bytes;
        size_t size;
        size_t length;
        uint32_t code;
    } cases[] = {
        {"a", 1, 1, 'a'},
        {"", 1, 1, 0},
        {"\x7f", 1, 1, 0x7f},
        {"\xc2\x80", 2, 2, 0x80},
        {"\xdf\xbf", 2, 2, 0x7ff},
        {"\xe0\xa0\x80", 3, 3, 0x800},
        {"\xed\x9f\xbf", 3, 3, 0xd7ff},
        {"\xee\x80\x80", 3, 3, 0xe000},
        {"\xf0\x90\x80\x80", 4, 4, 0x10000},
        {"\xf4\x8f\xbf\xbf", 4, 4, 0x10ffff},
        {"\x80", 1, 0, 0},
        {"\xbf", 1, 0, 0},
        {"\xc0\x80", 2, 0, 0},
        {"\xc1\xbf", 2, 0, 0},
        {"\xc2", 1, 0, 0},
        {"\xc2 ", 2, 0, 0},
        {"\xe0\x9f\xbf", 3, 0, 0},
        {"\xe2\x82", 2, 0, 0},
        {"\xe2\x82 ", 3, 0, 0},
        {"\xed\xa0\x80", 3, 0, 0},
        {"\xed\xbf\xbf", 3, 0, 0},
        {"\xf0\x8f\xbf\xbf", 4, 0, 0},
        {"\xf0\x90\x80", 3, 0, 0},
        {"\xf4\x90\x80\x80", 4, 0, 0},
        {"\xf5\x80\x80\x80", 4, 0, 0},
        {"\xff", 1, 0, 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t code = 0;
        CU_ASSERT_EQUAL(utf8_read(cases[i].bytes, cases[i].size, &code), cases[i].length);
        CU_ASSERT_EQUAL(code, cases[i].code);
    }
}

static void what_deceives_does_not_show(void)
{
    static const uint32_t hidden[] = {0,      0x1b,    0x1f,    0x7f,    0x80,     0x9b,    0x9f,
                                      0xad,   0x61c,   0x200b,  0x200f,  0x2028,   0x2029,  0x202a,
                                      0x202e, 0x2066,  0x2069,  0xfeff,  0xfffe,   0xffff,  0xfdd0,
                                      0x3164, 0x1fffe, 0xe0001, 0xe0fff, 0x10ffff, 0x110000};
    static const uint32_t shown[] = {' ',    'a',    '~',    0xa0,    0xac,    0xae,    0xe4,    0x200a,
                                     0x2010, 0x2027, 0x202f, 0x205f,  0x2070,  0x20ac,  0x4e00,  0xfdcf,
                                     0xfdf0, 0xfffc, 0xfffd, 0x10000, 0x1f600, 0xdfffd, 0xe1000, 0x10fffd};

    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
        if (utf8_shows(hidden[i]))
            printf("# shows: U+%04X\n", (unsigned)hidden[i]);
        CU_ASSERT_FALSE(utf8_shows(hidden[i]));
    }
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        if (!utf8_shows(shown[i]))
            printf("# does not show: U+%04X\n", (unsigned)shown[i]);
        CU_ASSERT_TRUE(utf8_shows(shown[i]));
    }
    CU_ASSERT_TRUE(utf8_text_shows(""));
    CU_ASSERT_TRUE(utf8_text_shows("a \xc3\xa4 \xf0\x9f\x98\x80"));
    CU_ASSERT_FALSE(utf8_text_shows("a\n"));
    CU_ASSERT_FALSE(utf8_text_shows("a\xe2\x80\xae"));
    CU_ASSERT_FALSE(utf8_text_shows("a\xc3"));
}

static void what_does_not_show_is_escaped(void)
{
    struct text text = text_empty();

    utf8_append_string(&text, "a\"\\\n\t\r\x1b[31m\x7f");
    utf8_append_string(&text, "\xc3\xa4\xc2\x9b\xe2\x80\xae\xf3\xa0\x80\x81\xff\xc3");
    CU_ASSERT_STRING_EQUAL(text.data,
                           "a\"\\\\n\\t\\r\\x1b[31m\\x7f\xc3\xa4\\x9b\\u202e\\U000e0001\\xff\\xc3");
    text_release(&text);
}

#define HOSTILE "a\x1b[31m\nlevel=error \xe2\x80\xae\xc2\x9b\xff"
#define ESCAPED "a\\x1b[31m\\nlevel=error \\u202e\\x9b\\xff"

static void log_lines_show_everything(void)
{
    char *data = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&data, &size);
    const struct log log = {.level = LOG_LEVEL_INFO, .out = out};

    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    log_write(&log, LOG_LEVEL_INFO, HOSTILE, "at", HOSTILE, (char *)NULL);
    (void)fclose(out);
    CU_ASSERT_PTR_NOT_NULL(strstr(data, " level=info msg=\"" ESCAPED "\" at=\"" ESCAPED "\"\n"));
    CU_ASSERT_PTR_EQUAL(strchr(data, '\n'), data + size - 1);
    free(data);
}

static void problems_show_everything(void)
{
    struct problems problems = {0};
    struct text text = text_empty();

    problems_add_at(&problems, PROBLEM_ERROR, HOSTILE, 1, 2, HOSTILE, "%s", HOSTILE);
    problems_add_at(&problems, PROBLEM_WARNING, HOSTILE, 0, 0, NULL, "%s", HOSTILE);
    problems_print(&problems, &text);
    CU_ASSERT_STRING_EQUAL(text.data, ESCAPED ":1:2: error: " ESCAPED ": " ESCAPED "\n" ESCAPED
                                              ": warning: " ESCAPED "\n");
    text_release(&text);
    problems_release(&problems);
}

int main(void)
{
    static const struct test tests[] = {
        {"characters are read, what is none is not", characters_are_read},
        {"what deceives does not show", what_deceives_does_not_show},
        {"what does not show is escaped", what_does_not_show_is_escaped},
        {"log lines show everything", log_lines_show_everything},
        {"problems show everything", problems_show_everything},
        {NULL, NULL},
    };

    return harness_run("utf8", tests);
}
