/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "object/uid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const canonical[] = {
    "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "01234567-89ab-cdef-0123-456789abcdef", "fedcba98-7654-3210-fedc-ba9876543210",
    "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "6ba7b810-9dad-11d1-80b4-00c04fd430c9"};

enum { CANONICAL = sizeof canonical / sizeof *canonical };

static const char *const others[] = {"",
                                     "u",
                                     "t",
                                     "a",
                                     "0",
                                     "\x80\xff",
                                     "6BA7B810-9DAD-11D1-80B4-00C04FD430C8",
                                     "6ba7b810-9dad-11d1-80b4-00c04fd430c",
                                     "6ba7b810-9dad-11d1-80b4-00c04fd430c8 ",
                                     "6ba7b810-9dad-11d1-80b4-00c04fd430c88",
                                     "6ba7b810-9dad-11d1-80b4-00c04fd430cg",
                                     "6ba7b810-9dad-11d1-80b4-00c04fd430c:",
                                     "6ba7b810-9dad-11d1-80b4-00c04fd430c/",
                                     "6ba7b810-9dad-11d1-80b4-00c04fd430c`",
                                     "6ba7b810-9dad-11d1-80b4_00c04fd430c8",
                                     "6ba7b8109-dad-11d1-80b4-00c04fd430c8",
                                     "6ba7b810-9dad-11d1-80b4-00c04fd4-0c8",
                                     "6ba7b810-9dad-11d1-80b4000c04fd430c8",
                                     "6ba7b8109dad11d180b400c04fd430c8",
                                     "{6ba7b810-9dad-11d1-80b4-00c04fd430c8}",
                                     "a uid of more than thirty-six characters, as no cluster has one"};

enum { OTHERS = sizeof others / sizeof *others };

static const char *text_of(size_t i)
{
    return i < CANONICAL ? canonical[i] : others[i - CANONICAL];
}

/* In memory of its exact size, so that reading beyond its end is seen. */
static char *packed(const char *uid)
{
    size_t size = uid_packed_size(uid);
    char *made = malloc(size);

    CU_ASSERT_PTR_NOT_NULL_FATAL(made);
    CU_ASSERT_PTR_EQUAL(uid_pack(made, uid), made + size);
    CU_ASSERT_PTR_EQUAL(uid_skip(made), made + size);
    return made;
}

static void what_was_packed_comes_out(void)
{
    for (size_t i = 0; i < CANONICAL + OTHERS; i++) {
        char buffer[UID_SIZE];
        char *made = packed(text_of(i));
        CU_ASSERT_STRING_EQUAL(uid_text(made, buffer), text_of(i));
        CU_ASSERT_EQUAL(uid_is_empty(made), text_of(i)[0] == '\0');
        free(made);
    }
}

static void a_canonical_one_is_packed_and_nothing_else_is(void)
{
    for (size_t i = 0; i < CANONICAL; i++)
        CU_ASSERT_EQUAL(uid_packed_size(canonical[i]), 17);
    for (size_t i = 0; i < OTHERS; i++)
        CU_ASSERT_EQUAL(uid_packed_size(others[i]), strlen(others[i]) + 2);
}

static void each_is_itself_only(void)
{
    for (size_t i = 0; i < CANONICAL + OTHERS; i++) {
        char *made = packed(text_of(i));
        for (size_t j = 0; j < CANONICAL + OTHERS; j++)
            CU_ASSERT_EQUAL(uid_is(made, text_of(j)), i == j);
        free(made);
    }
}

/* Each digit counts, in each place. */
static void one_digit_makes_another(void)
{
    char uid[UID_SIZE];

    for (size_t i = 0; i < UID_SIZE - 1; i++) {
        char *made = packed(canonical[2]);
        (void)snprintf(uid, sizeof uid, "%s", canonical[2]);
        uid[i] = uid[i] == '-' ? '0' : uid[i] == 'f' ? 'e' : 'f';
        CU_ASSERT_FALSE(uid_is(made, uid));
        free(made);
        made = packed(uid);
        CU_ASSERT_FALSE(uid_is(made, canonical[2]));
        CU_ASSERT_TRUE(uid_is(made, uid));
        free(made);
    }
}

static void packed_ones_stand_one_after_the_other(void)
{
    char room[2048];
    char *end = room;
    const char *at = room;

    for (size_t i = 0; i < CANONICAL + OTHERS; i++)
        end = uid_pack(end, text_of(CANONICAL + OTHERS - 1 - i));
    for (size_t i = 0; i < CANONICAL + OTHERS; i++) {
        CU_ASSERT_TRUE(uid_is(at, text_of(CANONICAL + OTHERS - 1 - i)));
        at = uid_skip(at);
    }
    CU_ASSERT_PTR_EQUAL(at, end);
}

int main(void)
{
    static const struct test tests[] = {
        {"what was packed comes out", what_was_packed_comes_out},
        {"a canonical one is packed and nothing else is", a_canonical_one_is_packed_and_nothing_else_is},
        {"each is itself only", each_is_itself_only},
        {"one digit makes another", one_digit_makes_another},
        {"packed ones stand one after the other", packed_ones_stand_one_after_the_other},
        {NULL, NULL}};

    return harness_run("uid", tests);
}
