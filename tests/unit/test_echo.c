/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"
#include "scarce.h"

#include "kube/echo.h"

#include <stdio.h>
#include <string.h>

static void what_is_older_than_our_write_is_outdated(void)
{
    struct echoes *echoes = echoes_new();

    CU_ASSERT_FALSE(echoes_outdated(echoes, "a", "1", 0));
    echoes_await(echoes, "a", "100", 0);
    CU_ASSERT_TRUE(echoes_outdated(echoes, "a", "99", 1));
    CU_ASSERT_TRUE(echoes_outdated(echoes, "a", "9", 1));
    CU_ASSERT_FALSE(echoes_outdated(echoes, "b", "99", 1));
    CU_ASSERT_FALSE(echoes_outdated(echoes, "a", "100", 1));
    /* It was told: from here on all is news. */
    CU_ASSERT_FALSE(echoes_outdated(echoes, "a", "99", 1));
    echoes_await(echoes, "a", "100", 2);
    CU_ASSERT_FALSE(echoes_outdated(echoes, "a", "101", 2));
    CU_ASSERT_FALSE(echoes_outdated(echoes, "a", "99", 2));
    /* The latest write counts. */
    echoes_await(echoes, "a", "100", 3);
    echoes_await(echoes, "a", "102", 3);
    CU_ASSERT_TRUE(echoes_outdated(echoes, "a", "101", 3));
    echoes_free(echoes);
    echoes_free(NULL);
}

/* Of these no order is known. */
static void what_is_no_number_is_not_older(void)
{
    static const char *const others[] = {"", "0", "09", "9a", "-9", " 9", "9 ", "+9", "0x9"};
    struct echoes *echoes = echoes_new();

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        echoes_await(echoes, "a", "100", 0);
        CU_ASSERT_FALSE(echoes_outdated(echoes, "a", others[i], 0));
        echoes_await(echoes, "a", others[i], 0);
        CU_ASSERT_FALSE(echoes_outdated(echoes, "a", "9", 0));
    }
    echoes_await(echoes, "a", "99999999999999999999999999999999999999999", 0);
    CU_ASSERT_TRUE(echoes_outdated(echoes, "a", "99999999999999999999999999999999999999998", 0));
    echoes_free(echoes);
}

/* A server that was set back has lost what we wrote. */
static void nothing_is_waited_for_for_ever(void)
{
    struct echoes *echoes = echoes_new();
    char place[32];

    for (int i = 0; i < 100; i++) {
        (void)snprintf(place, sizeof place, "p%d", i);
        echoes_await(echoes, place, "100", i);
    }
    CU_ASSERT_EQUAL(echoes_due_ms(echoes), ECHO_LIMIT_MS);
    CU_ASSERT_TRUE(echoes_outdated(echoes, "p0", "9", ECHO_LIMIT_MS - 1));
    CU_ASSERT_FALSE(echoes_outdated(echoes, "p0", "9", ECHO_LIMIT_MS));
    CU_ASSERT_FALSE(echoes_outdated(echoes, "p50", "200", ECHO_LIMIT_MS));
    echoes_tick(echoes, ECHO_LIMIT_MS + 98);
    CU_ASSERT_FALSE(echoes_outdated(echoes, "p98", "9", 0));
    CU_ASSERT_TRUE(echoes_outdated(echoes, "p99", "9", 0));
    CU_ASSERT_EQUAL(echoes_due_ms(echoes), ECHO_LIMIT_MS + 99);
    echoes_tick(echoes, ECHO_LIMIT_MS + 99);
    CU_ASSERT_EQUAL(echoes_due_ms(echoes), INT64_MAX);
    echoes_free(echoes);
}

static void places_are_told_apart(void)
{
    const struct object_ref ref = {"g.example", "v1", "Thing", "things", "ns", "a"};
    char place[ECHO_PLACE_SIZE];

    echo_place(place, &ref);
    CU_ASSERT_STRING_EQUAL(place, "things.g.example/ns/a");
}

static void without_memory_nothing_is_noted(void)
{
    bool failed = true;

    for (size_t granted = 0; failed; granted++) {
        struct echoes *echoes;
        scarce_begin(granted);
        echoes = echoes_new();
        if (echoes)
            echoes_await(echoes, "a", "100", 0);
        failed = scarce_end();
        CU_ASSERT_TRUE(failed || echoes);
        if (echoes)
            CU_ASSERT_EQUAL(echoes_outdated(echoes, "a", "9", 0), !failed);
        echoes_free(echoes);
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"what is older than our write is outdated, until that is told",
         what_is_older_than_our_write_is_outdated},
        {"what is no number is not older", what_is_no_number_is_not_older},
        {"nothing is waited for for ever", nothing_is_waited_for_for_ever},
        {"places are told apart", places_are_told_apart},
        {"without memory nothing is noted", without_memory_nothing_is_noted},
        {NULL, NULL},
    };

    return harness_run("echo", tests);
}
