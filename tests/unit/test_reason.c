/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "reconcile/reason.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static void none_says_nothing(void)
{
    CU_ASSERT_STRING_EQUAL(reason_word(REASON_NONE), "");
    CU_ASSERT_STRING_EQUAL(reason_meaning(REASON_NONE), "");
    CU_ASSERT_STRING_EQUAL(reason_remedy(REASON_NONE), "");
}

/* What the Kubernetes API conventions ask of a condition's reason. */
static bool is_camel_case(const char *word)
{
    if (!isupper((unsigned char)word[0]))
        return false;
    while (isalnum((unsigned char)*word))
        word++;
    return !*word;
}

static void every_reason_has_a_word_of_its_own(void)
{
    for (int i = REASON_NONE + 1; i < REASON_COUNT; i++) {
        const char *word = reason_word((enum reason)i);
        CU_ASSERT_PTR_NOT_NULL_FATAL(word);
        CU_ASSERT_TRUE(is_camel_case(word));
        CU_ASSERT_TRUE(strlen(word) < 32);
        for (int j = REASON_NONE; j < i; j++)
            CU_ASSERT_STRING_NOT_EQUAL(word, reason_word((enum reason)j));
    }
}

static void every_reason_is_explained_in_sentences(void)
{
    for (int i = REASON_NONE + 1; i < REASON_COUNT; i++) {
        const char *texts[] = {reason_meaning((enum reason)i), reason_remedy((enum reason)i)};
        CU_ASSERT_PTR_NOT_NULL_FATAL(texts[0]);
        CU_ASSERT_PTR_NOT_NULL_FATAL(texts[1]);
        CU_ASSERT_STRING_NOT_EQUAL(texts[0], "");
        for (int k = 0; k < 2; k++) {
            size_t length = strlen(texts[k]);
            CU_ASSERT_TRUE(length == 0 ||
                           (texts[k][length - 1] == '.' && isupper((unsigned char)texts[k][0])));
        }
        for (int j = REASON_NONE; j < i; j++)
            CU_ASSERT_STRING_NOT_EQUAL(texts[0], reason_meaning((enum reason)j));
    }
}

static void every_failure_has_a_remedy(void)
{
    static const enum reason fine[] = {REASON_ACCEPTED, REASON_SERVED, REASON_SECURED};

    for (int i = REASON_NONE + 1; i < REASON_COUNT; i++) {
        bool good = false;
        for (size_t j = 0; j < sizeof fine / sizeof *fine; j++)
            good = good || fine[j] == (enum reason)i;
        CU_ASSERT_EQUAL(reason_remedy((enum reason)i)[0] == '\0', good);
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"no reason says nothing", none_says_nothing},
        {"every reason has a word of its own", every_reason_has_a_word_of_its_own},
        {"every reason is explained in sentences", every_reason_is_explained_in_sentences},
        {"every failure has a remedy", every_failure_has_a_remedy},
        {NULL, NULL}};

    return harness_run("reason", tests);
}
