/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "base/text.h"
#include "reconcile/pattern.h"

#include <stdio.h>
#include <string.h>

static void what_a_gateway_compiles_is_taken(void)
{
    static const char *const good[] = {
        "",
        "/",
        "/.*",
        "^/status$",
        "/a|/b|",
        "/(a|b)+/c?",
        "/(?:a|b)*?/.{2}",
        "/(?=a)(?!b)[^c]",
        "/\\d+\\.\\w{2,}\\b/[\\w.-]*",
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "[]a]",
        "[^]]",
        "[a-]",
        "[-a]",
        "[[:alpha:]_]+",
        "[\\]a]",
        "[\\x41-\\u005a]",
        "}]a",
        "\\{\\}",
        "\\(",
        "(a{100}){10}",
    };

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (pattern_fault(good[i]))
            printf("# %s: %s\n", good[i], pattern_fault(good[i]));
        CU_ASSERT_PTR_NULL(pattern_fault(good[i]));
    }
}

static void what_breaks_a_gateway_is_refused(void)
{
    static const char *const bad[][2] = {
        {"(", "has a '(' that is not closed"},
        {"((a)", "has a '(' that is not closed"},
        {"a)", "has a ')' without its '('"},
        {"[a", "has a '[' that is not closed"},
        {"[", "has a '[' that is not closed"},
        {"[^", "has a '[' that is not closed"},
        {"[a\\]", "has a '[' that is not closed"},
        {"[a-", "has a '[' that is not closed"},
        {"[[:alpha]", "has a class like [:alpha:] that is not closed"},
        {"[z-a]", "has a range that ends before it begins"},
        {"[\\x42-\\x41]", "has a range that ends before it begins"},
        {"[\\d-a]", "has a range that begins or ends with a class"},
        {"[a-[:alpha:]]", "has a range that begins or ends with a class"},
        {"*", "has a repetition with nothing to repeat before it"},
        {"a|*", "has a repetition with nothing to repeat before it"},
        {"(+a)", "has a repetition with nothing to repeat before it"},
        {"a**", "has a repetition with nothing to repeat before it"},
        {"^*", "has a repetition with nothing to repeat before it"},
        {"\\b+", "has a repetition with nothing to repeat before it"},
        {"(?=a)*", "has a repetition with nothing to repeat before it"},
        {"{2}", "has a repetition with nothing to repeat before it"},
        {"a{", "has a '{' that does not begin {N}, {N,} or {N,M}; for the character write \\{"},
        {"a{x}", "has a '{' that does not begin {N}, {N,} or {N,M}; for the character write \\{"},
        {"a{2", "has a '{' that does not begin {N}, {N,} or {N,M}; for the character write \\{"},
        {"a{2,x}", "has a '{' that does not begin {N}, {N,} or {N,M}; for the character write \\{"},
        {"a{,2}", "has a '{' that does not begin {N}, {N,} or {N,M}; for the character write \\{"},
        {"a{3,2}", "has a repetition {N,M} that ends before it begins"},
        {"(?<a>b)", "has a '(?' with something else than ':', '=' or '!' behind it"},
        {"(?", "has a '(?' with something else than ':', '=' or '!' behind it"},
        {"a\\", "ends in a backslash"},
        {"[\\", "ends in a backslash"},
        {"\\x4", "has \\x or \\u without its digits"},
        {"\\u004g", "has \\x or \\u without its digits"},
        {"\\cA", "has \\c, a control character, which no path holds"},
        {"(a)\\1", "refers back to a group, which not every gateway can"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *fault = pattern_fault(bad[i][0]);
        if (!fault || strcmp(fault, bad[i][1]) != 0)
            printf("# %s: %s\n", bad[i][0], fault ? fault : "taken");
        CU_ASSERT_TRUE(fault && strcmp(fault, bad[i][1]) == 0);
    }
}

static const char *nested(struct text *text, unsigned levels)
{
    text_clear(text);
    for (unsigned i = 0; i < levels; i++)
        text_append_string(text, "(");
    text_append_string(text, "a");
    for (unsigned i = 0; i < levels; i++)
        text_append_string(text, ")");
    return text->data;
}

static void size_has_limits_from_both_sides(void)
{
    static const char much[] = "is too long, or repeats too much; expected something simpler";
    static const char *const bad[] = {"a{10001}",
                                      "a{0,10001}",
                                      "(a{100}){100}",
                                      "((a{99}){99}){99}",
                                      "a{99999999999999999999}",
                                      "a{18446744073709551617}",
                                      "a{5000}b{5001}"};
    struct text text = text_empty();

    CU_ASSERT_PTR_NULL(pattern_fault("a{10000}"));
    CU_ASSERT_PTR_NULL(pattern_fault("a{10000,}"));
    CU_ASSERT_PTR_NULL(pattern_fault("(a{99}){100}"));
    CU_ASSERT_PTR_NULL(pattern_fault("a{5000}b{5000}"));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *fault = pattern_fault(bad[i]);
        if (!fault)
            printf("# taken: %s\n", bad[i]);
        CU_ASSERT_TRUE(fault && strcmp(fault, much) == 0);
    }
    CU_ASSERT_PTR_NULL(pattern_fault(nested(&text, PATTERN_DEPTH_MAX)));
    CU_ASSERT_STRING_EQUAL(pattern_fault(nested(&text, PATTERN_DEPTH_MAX + 1)), "is nested too deeply");
    text_release(&text);
}

int main(void)
{
    static const struct test tests[] = {
        {"what a gateway compiles is taken", what_a_gateway_compiles_is_taken},
        {"what breaks a gateway is refused", what_breaks_a_gateway_is_refused},
        {"size has limits, from both sides", size_has_limits_from_both_sides},
        {NULL, NULL},
    };

    return harness_run("pattern", tests);
}
