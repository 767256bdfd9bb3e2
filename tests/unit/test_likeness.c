/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "directory/likeness.h"

#include <string.h>

#define OLD "2026-01-02T03:04:05Z"
#define NEW "2026-01-02T03:04:06Z"

/* Whether two texts are as much alike as they should be, and what is carried. */
static bool alike(const char *wanted, const char *standing, enum likeness likeness, const char *carried)
{
    struct text text = text_empty();
    struct text result = text_empty();
    bool good;

    text_append_string(&text, wanted);
    good = likeness_of(&text, standing, strlen(standing), &result) == likeness &&
           (!carried || strcmp(result.data, carried) == 0);
    if (!good)
        printf("# %s# %s# %s\n", wanted, standing, result.data);
    text_release(&text);
    text_release(&result);
    return good;
}

static void times_differ(void)
{
    CU_ASSERT_TRUE(alike("a: 1\n", "a: 1\n", LIKENESS_TIMES, NULL));
    CU_ASSERT_TRUE(alike("", "", LIKENESS_TIMES, NULL));
    CU_ASSERT_TRUE(alike("- type: A\n  lastTransitionTime: \"" NEW "\"\n",
                         "- type: A\n  lastTransitionTime: \"" OLD "\"\n", LIKENESS_TIMES, NULL));
    CU_ASSERT_TRUE(alike("- lastTransitionTime: \"" NEW "\"\n", "- lastTransitionTime: " OLD "\n",
                         LIKENESS_TIMES, NULL));
    CU_ASSERT_TRUE(alike("a: 1\n", "a: 1", LIKENESS_TIMES, NULL));
}

static void versions_differ(void)
{
    CU_ASSERT_TRUE(alike("  version: a1\n- lastTransitionTime: \"" NEW "\"\n",
                         "  version: \"17\"\n- lastTransitionTime: \"" OLD "\"\n", LIKENESS_VERSIONS,
                         "  version: a1\n- lastTransitionTime: \"" OLD "\"\n"));
    CU_ASSERT_TRUE(alike("version: a1\nlastTransitionTime: \"" NEW "\"\n",
                         "version: a2\nlastTransitionTime: " OLD, LIKENESS_VERSIONS,
                         "version: a1\nlastTransitionTime: " OLD "\n"));
    CU_ASSERT_TRUE(alike("version: a1\n", "version: b1\n", LIKENESS_VERSIONS, "version: a1\n"));
}

static void more_differs(void)
{
    static const char *const pairs[][2] = {
        {"a: 1\n", "a: 2\n"},
        {"a: 1\n", ""},
        {"", "a: 1\n"},
        {"a: 1\nb: 2\n", "a: 1\n"},
        {"a: 1\n", "a: 1\n\n"},
        {"a: 1\n", "a: 1\nspec: {}\n"},
        /* Another place, another member, another kind of value. */
        {"  version: a\n", "   version: b\n"},
        {"- version: a\n", "  version: b\n"},
        {"version: a\n", "versions: b\n"},
        {"aversion: a\n", "aversion: b\n"},
        {"version: a\n", "lastTransitionTime: \"" OLD "\"\n"},
        {"lastTransitionTime: \"" NEW "\"\n", "lastTransitionTime: \"soon\"\n"},
        {"lastTransitionTime: \"" NEW "\"\n", "lastTransitionTime: \"2026-13-02T03:04:05Z\"\n"},
        {"lastTransitionTime: \"" NEW "\"\n", "lastTransitionTime: \"" OLD "\n"},
        {"lastTransitionTime: \"" NEW "\"\n", "lastTransitionTime: \n"},
        /* What a parser would take for more than a word. */
        {"version: a\n", "version: \"b\n"},
        {"version: a\n", "version: \n"},
        {"version: a\n", "version: \"\"\n"},
        {"version: a\n", "version: {b: c}\n"},
        {"version: a\n", "version: &b\n"},
        {"version: a\n", "version: b # c\n"},
        {"version: a\n", "version: |\n"},
        {"version: a\n", "version: b\r\n"},
    };

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        CU_ASSERT_TRUE(alike(pairs[i][0], pairs[i][1], LIKENESS_NONE, NULL));
}

int main(void)
{
    static const struct test tests[] = {
        {"times differ", times_differ},
        {"versions differ, and the times go on", versions_differ},
        {"more differs, and a parser has to judge", more_differs},
        {NULL, NULL},
    };

    return harness_run("likeness", tests);
}
