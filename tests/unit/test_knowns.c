/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"
#include "mutate.h"
#include "scarce.h"

#include "kube/knowns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 10000 };

#define UUID "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
#define OTHER "6ba7b810-9dad-11d1-80b4-00c04fd430c9"

static struct knowns *begin(void)
{
    struct knowns *knowns = knowns_new();

    CU_ASSERT_PTR_NOT_NULL_FATAL(knowns);
    return knowns;
}

/* What stands in an Api that was filled with a number. */
static struct known filled(uint64_t number)
{
    struct known known = {.object = {number, ~number},
                          .status = {number * 3, number * 5},
                          .generation = (int64_t)number,
                          .untold = -(int32_t)number};

    for (uint32_t i = 0; i < CONDITION_COUNT; i++) {
        known.values[i] = (char)('a' + (number + i) % 26);
        known.times_s[i] = UINT32_MAX - (uint32_t)number - i;
    }
    return known;
}

/* @return whether an Api is known like this, and filled with the number. */
static bool is_known(const struct knowns *knowns, const char *key, const char *uid, const char *version,
                     uint64_t number)
{
    const struct known *known = knowns_get(knowns, key);
    struct known expected = filled(number);
    char buffer[UID_SIZE];

    return known && memcmp(known, &expected, sizeof expected) == 0 &&
           strcmp(knowns_uid(known, buffer), uid) == 0 && strcmp(knowns_version(known), version) == 0;
}

static void put(struct knowns *knowns, const char *key, const char *uid, const char *version, uint64_t number)
{
    struct known *known = knowns_put(knowns, key, uid, version);

    CU_ASSERT_PTR_NOT_NULL_FATAL(known);
    CU_ASSERT_PTR_EQUAL(known, knowns_get(knowns, key));
    *known = filled(number);
}

static void an_empty_table_knows_nothing(void)
{
    struct knowns *knowns = begin();

    CU_ASSERT_PTR_NULL(knowns_get(knowns, "t1/a"));
    CU_ASSERT_FALSE(knowns_remove(knowns, "t1/a"));
    knowns_free(knowns);
    knowns_free(NULL);
}

static void one_that_was_not_known_is_zero(void)
{
    struct knowns *knowns = begin();
    const struct known zero = {0};
    const struct known *known;

    put(knowns, "t1/b", UUID, "1", 77);
    CU_ASSERT_TRUE(knowns_remove(knowns, "t1/b"));
    put(knowns, "t1/c", UUID, "1", 78);
    known = knowns_put(knowns, "t1/a", UUID, "1");
    CU_ASSERT_PTR_NOT_NULL_FATAL(known);
    CU_ASSERT_EQUAL(memcmp(known, &zero, sizeof zero), 0);
    knowns_free(knowns);
}

static void each_is_found_by_its_key(void)
{
    static const char *const keys[] = {"t1/a", "t1/b", "t2/a", "t1/aa", "t1a/a"};
    struct knowns *knowns = begin();

    for (size_t i = 0; i < 5; i++)
        put(knowns, keys[i], keys[i], "1", i);
    for (size_t i = 0; i < 5; i++)
        CU_ASSERT_TRUE(is_known(knowns, keys[i], keys[i], "1", i));
    CU_ASSERT_PTR_NULL(knowns_get(knowns, "t1/"));
    CU_ASSERT_PTR_NULL(knowns_get(knowns, "t1/aaa"));
    CU_ASSERT_TRUE(knowns_remove(knowns, "t2/a"));
    CU_ASSERT_FALSE(knowns_remove(knowns, "t2/a"));
    CU_ASSERT_PTR_NULL(knowns_get(knowns, "t2/a"));
    CU_ASSERT_TRUE(is_known(knowns, "t1/a", "t1/a", "1", 0));
    knowns_free(knowns);
}

/* From each form of uid and version to each other one. */
static void any_uid_and_version_is_kept(void)
{
    static char long_text[200001];
    const char *const texts[] = {"", "u", "t", "1", "999999", "1000000", UUID, OTHER, UUID "0", long_text};
    enum { TEXTS = sizeof texts / sizeof *texts };
    struct knowns *knowns = begin();

    memset(long_text, 'x', sizeof long_text - 1);
    put(knowns, "t1/other", OTHER, "5", 5);
    put(knowns, "t1/a", "", "", 9);
    for (size_t i = 0; i < TEXTS * TEXTS; i++) {
        for (size_t j = 0; j < TEXTS * TEXTS; j++) {
            const char *uid = texts[j / TEXTS];
            const char *version = texts[j % TEXTS];
            CU_ASSERT_PTR_NOT_NULL_FATAL(knowns_put(knowns, "t1/a", texts[i / TEXTS], texts[i % TEXTS]));
            CU_ASSERT_PTR_NOT_NULL_FATAL(knowns_put(knowns, "t1/a", uid, version));
            CU_ASSERT_TRUE(is_known(knowns, "t1/a", uid, version, 9));
        }
    }
    CU_ASSERT_TRUE(is_known(knowns, "t1/other", OTHER, "5", 5));
    knowns_free(knowns);
}

static void another_version_changes_nothing_else(void)
{
    struct knowns *knowns = begin();
    struct known *known;
    char version[400] = "";

    put(knowns, "t1/a", UUID, "", 3);
    put(knowns, "t1/b", "", "", 4);
    known = knowns_get(knowns, "t1/a");
    for (size_t i = 0; i < 2 * (sizeof version - 1) && known; i++) {
        size_t length = i < sizeof version - 1 ? i : 2 * (sizeof version - 1) - i;
        memset(version, '7', length);
        version[length] = '\0';
        known = knowns_set_version(knowns, known, version);
        CU_ASSERT_PTR_EQUAL(known, knowns_get(knowns, "t1/a"));
        CU_ASSERT_TRUE(is_known(knowns, "t1/a", UUID, version, 3));
    }
    CU_ASSERT_PTR_NOT_NULL(known);
    CU_ASSERT_TRUE(is_known(knowns, "t1/b", "", "", 4));
    knowns_free(knowns);
}

/* As a cluster tells of it. */
struct typical {
    char key[20];
    char uid[UID_SIZE];
    char version[7];
};

static struct typical typical(unsigned i)
{
    struct typical made;

    (void)snprintf(made.key, sizeof made.key, "team-%03u/shop-%05u", i % 1000U, i % 100000U);
    (void)snprintf(made.uid, sizeof made.uid, "%08x-9dad-41d1-80b4-00c04fd430c8", i * 2654435761U);
    (void)snprintf(made.version, sizeof made.version, "%06u", (100000 + 7 * i) % 1000000U);
    CU_ASSERT_EQUAL(strlen(made.key), 19);
    CU_ASSERT_EQUAL(strlen(made.version), 6);
    return made;
}

static void put_many(struct knowns *knowns)
{
    for (unsigned i = 0; i < MANY; i++) {
        struct typical one = typical(i);
        put(knowns, one.key, one.uid, one.version, i);
    }
}

/* 112 bytes, and the table. */
static void an_api_takes_little_room(void)
{
    struct knowns *knowns = begin();
    size_t memory;

    put_many(knowns);
    memory = knowns_memory(knowns);
    (void)printf("# %zu.%zu bytes for an Api\n", memory / MANY, memory % MANY * 10 / MANY);
    CU_ASSERT_TRUE(memory <= (size_t)MANY * 114);
    CU_ASSERT_TRUE(memory >= (size_t)MANY * 112);
    for (unsigned i = 0; i < MANY; i++) {
        struct typical one = typical(i);
        CU_ASSERT_TRUE(is_known(knowns, one.key, one.uid, one.version, i));
    }
    knowns_free(knowns);
}

static void the_room_of_a_burst_is_given_back(void)
{
    struct knowns *knowns = begin();
    size_t little;

    put(knowns, "t1/a", UUID, "1", 1);
    CU_ASSERT_TRUE(knowns_remove(knowns, "t1/a"));
    little = knowns_memory(knowns);
    put_many(knowns);
    for (unsigned i = 0; i < MANY; i++) {
        struct typical one = typical(i);
        CU_ASSERT_TRUE(knowns_remove(knowns, one.key));
    }
    CU_ASSERT_EQUAL(knowns_memory(knowns), little);
    knowns_free(knowns);
}

/* Versions get longer and shorter, for as long as a cluster runs. */
static void changes_take_no_more_room(void)
{
    struct mutate mutate = mutate_begin(4, 0);
    struct knowns *knowns = begin();
    size_t memory = 0;

    for (size_t step = 0; step < 100000; step++) {
        char key[16];
        char version[16];
        (void)snprintf(key, sizeof key, "t1/%zu", mutate_number(&mutate, 500));
        (void)snprintf(version, sizeof version, "1%0*u", (int)mutate_number(&mutate, 11), 0U);
        if (mutate_number(&mutate, 10) == 0)
            (void)knowns_remove(knowns, key);
        else
            CU_ASSERT_PTR_NOT_NULL_FATAL(knowns_put(knowns, key, UUID, version));
        if (step == 50000)
            memory = knowns_memory(knowns);
    }
    CU_ASSERT_TRUE(memory <= 500 * (size_t)136 * 2);
    CU_ASSERT_TRUE(knowns_memory(knowns) <= memory + memory / 4);
    knowns_free(knowns);
}

static void without_memory_there_is_no_table(void)
{
    struct knowns *knowns;

    scarce_begin(0);
    knowns = knowns_new();
    CU_ASSERT_TRUE(scarce_end());
    CU_ASSERT_PTR_NULL(knowns);
}

/* A first Api, or the one that needs a larger table, with so many allocations. @return whether it was known
 * then. */
static bool put_with(unsigned before, size_t granted)
{
    struct knowns *knowns = begin();
    char key[16];
    bool known;

    for (unsigned i = 0; i < before; i++) {
        (void)snprintf(key, sizeof key, "t1/%u", i);
        put(knowns, key, UUID, "1", i);
    }
    scarce_begin(granted);
    known = knowns_put(knowns, "t1/a", UUID, "1");
    CU_ASSERT_EQUAL(scarce_end(), !known);
    CU_ASSERT_EQUAL(knowns_get(knowns, "t1/a") != NULL, known);
    for (unsigned i = 0; i < before; i++) {
        (void)snprintf(key, sizeof key, "t1/%u", i);
        CU_ASSERT_TRUE(is_known(knowns, key, UUID, "1", i));
    }
    put(knowns, "t1/a", UUID, "1", 1);
    CU_ASSERT_TRUE(is_known(knowns, "t1/a", UUID, "1", 1));
    knowns_free(knowns);
    return known;
}

static void without_memory_it_is_not_known(void)
{
    size_t granted = 0;

    while (!put_with(0, granted))
        granted++;
    CU_ASSERT_EQUAL(granted, 3);
    /* The table has to grow. */
    CU_ASSERT_FALSE(put_with(259, 0));
    CU_ASSERT_TRUE(put_with(259, 1));
}

static void one_that_becomes_another_needs_no_larger_table(void)
{
    struct knowns *knowns = begin();
    char key[16];

    for (unsigned i = 0; i < 259; i++) {
        (void)snprintf(key, sizeof key, "t1/%u", i);
        put(knowns, key, UUID, "1", i);
    }
    scarce_begin(0);
    CU_ASSERT_PTR_NOT_NULL(knowns_put(knowns, "t1/0", OTHER, "1"));
    CU_ASSERT_FALSE(scarce_end());
    CU_ASSERT_TRUE(is_known(knowns, "t1/0", OTHER, "1", 0));
    knowns_free(knowns);
}

/* What stands stays as it was, where it cannot become longer; what does not, needs no memory. */
static void without_memory_it_stays_as_it_was(void)
{
    static char long_text[200001];
    struct knowns *knowns = begin();
    struct known *known;

    memset(long_text, 'x', sizeof long_text - 1);
    put(knowns, "t1/a", UUID, "999", 8);
    put(knowns, "t1/b", UUID, "999", 9);
    scarce_begin(0);
    CU_ASSERT_PTR_NULL(knowns_put(knowns, "t1/a", UUID, long_text));
    CU_ASSERT_PTR_NULL(knowns_put(knowns, "t1/a", long_text, "999"));
    known = knowns_get(knowns, "t1/a");
    CU_ASSERT_PTR_NULL(known ? knowns_set_version(knowns, known, long_text) : known);
    CU_ASSERT_TRUE(scarce_end());
    CU_ASSERT_TRUE(is_known(knowns, "t1/a", UUID, "999", 8));
    CU_ASSERT_TRUE(is_known(knowns, "t1/b", UUID, "999", 9));
    scarce_begin(0);
    CU_ASSERT_PTR_EQUAL(knowns_put(knowns, "t1/a", UUID, "9981"), known);
    CU_ASSERT_FALSE(scarce_end());
    CU_ASSERT_TRUE(is_known(knowns, "t1/a", UUID, "9981", 8));
    knowns_free(knowns);
}

int main(void)
{
    static const struct test tests[] = {
        {"an empty table knows nothing", an_empty_table_knows_nothing},
        {"one that was not known is zero", one_that_was_not_known_is_zero},
        {"each is found by its key", each_is_found_by_its_key},
        {"any uid and version is kept", any_uid_and_version_is_kept},
        {"another version changes nothing else", another_version_changes_nothing_else},
        {"an Api takes little room", an_api_takes_little_room},
        {"the room of a burst is given back", the_room_of_a_burst_is_given_back},
        {"changes take no more room", changes_take_no_more_room},
        {"without memory there is no table", without_memory_there_is_no_table},
        {"without memory it is not known", without_memory_it_is_not_known},
        {"one that becomes another needs no larger table", one_that_becomes_another_needs_no_larger_table},
        {"without memory it stays as it was", without_memory_it_stays_as_it_was},
        {NULL, NULL}};

    return harness_run("knowns", tests);
}
