/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"
#include "mutate.h"
#include "scarce.h"

#include "base/links.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { MANY = 5000 };

/* A record in a table; found by its number. */
struct thing {
    uint32_t number;
    struct link link;
    uint32_t rank; /* among those of one number */
    bool seen;
};

/* Records in a slab, and a table of them. */
struct stage {
    struct slab slab;
    struct links links;
};

static struct thing *thing_of(struct link *link)
{
    return (struct thing *)(void *)((char *)link - offsetof(struct thing, link));
}

static uint64_t by_number(const struct link *link)
{
    uint32_t number;

    memcpy(&number, (const char *)link - offsetof(struct thing, link), sizeof number);
    return links_hash((const char *)&number, sizeof number);
}

/* All in one bucket. */
static uint64_t alike(const struct link *link)
{
    (void)link;
    return 0x1234567800000007;
}

static void begin(struct stage *stage, uint64_t (*hash)(const struct link *link))
{
    *stage = (struct stage){.links = {.hash = hash}};
    stage->links.slab = &stage->slab;
}

static void end(struct stage *stage)
{
    links_release(&stage->links);
    CU_ASSERT_EQUAL(links_memory(&stage->links), 0);
    slab_release(&stage->slab);
}

static slab_ref link_at(slab_ref thing)
{
    return slab_inside(thing, offsetof(struct thing, link));
}

/* @return where it stands. */
static slab_ref add(struct stage *stage, uint32_t number, uint32_t rank)
{
    slab_ref ref = slab_alloc(&stage->slab, sizeof(struct thing));
    struct thing *thing;

    CU_ASSERT_NOT_EQUAL_FATAL(ref, 0);
    thing = slab_at(&stage->slab, ref);
    *thing = (struct thing){.number = number, .rank = rank};
    CU_ASSERT_TRUE_FATAL(links_reserve(&stage->links, 1));
    links_add(&stage->links, link_at(ref));
    return ref;
}

static struct link *at(const struct stage *stage, slab_ref thing)
{
    struct thing *found = slab_at(&stage->slab, thing);

    return &found->link;
}

static size_t count_under(const struct stage *stage, uint32_t number)
{
    uint64_t hash =
        stage->links.hash == alike ? alike(NULL) : links_hash((const char *)&number, sizeof number);
    struct link *link = links_first(&stage->links, hash);
    uint64_t ranks = 0;
    size_t count = 0;

    for (; link; link = links_next(&stage->links, link)) {
        const struct thing *thing = thing_of(link);
        if (thing->number != number)
            continue;
        /* None comes twice. */
        CU_ASSERT_EQUAL(ranks >> thing->rank & 1, 0);
        ranks |= (uint64_t)1 << thing->rank;
        count++;
    }
    return count;
}

static void count_visit(struct link *link, void *payload)
{
    struct thing *thing = thing_of(link);
    size_t *count = payload;

    CU_ASSERT_FALSE(thing->seen);
    thing->seen = true;
    (*count)++;
}

static void an_empty_table_holds_nothing(void)
{
    struct stage stage;
    struct thing alone = {.number = 1};
    size_t count = 0;

    begin(&stage, by_number);
    CU_ASSERT_PTR_NULL(links_first(&stage.links, 0));
    CU_ASSERT_PTR_NULL(links_first(&stage.links, UINT64_MAX));
    CU_ASSERT_EQUAL(links_remove(&stage.links, &alone.link), 0);
    links_each(&stage.links, count_visit, &count);
    CU_ASSERT_EQUAL(links_memory(&stage.links), 0);
    CU_ASSERT_TRUE(links_reserve(&stage.links, 0));
    CU_ASSERT_PTR_NULL(links_first(&stage.links, 0));
    CU_ASSERT_EQUAL(links_remove(&stage.links, &alone.link), 0);
    links_each(&stage.links, count_visit, &count);
    CU_ASSERT_EQUAL(count, 0);
    end(&stage);
    end(&stage);
}

static void a_table_begins_anew_after_its_release(void)
{
    struct stage stage;

    begin(&stage, by_number);
    (void)add(&stage, 1, 0);
    links_release(&stage.links);
    CU_ASSERT_EQUAL(stage.links.count, 0);
    CU_ASSERT_EQUAL(count_under(&stage, 1), 0);
    (void)add(&stage, 2, 0);
    CU_ASSERT_EQUAL(count_under(&stage, 1), 0);
    CU_ASSERT_EQUAL(count_under(&stage, 2), 1);
    end(&stage);
}

/* The same with a table of one bucket. */
static void several_things_stand_under_one_hash_of(uint64_t (*hash)(const struct link *link))
{
    static const uint32_t numbers[] = {1, 2, 1, 0, 1, 2};
    struct stage stage;
    slab_ref refs[6];

    begin(&stage, hash);
    for (uint32_t i = 0; i < 6; i++)
        refs[i] = add(&stage, numbers[i], i);
    CU_ASSERT_EQUAL(stage.links.count, 6);
    CU_ASSERT_EQUAL(count_under(&stage, 1), 3);
    CU_ASSERT_EQUAL(count_under(&stage, 2), 2);
    CU_ASSERT_EQUAL(count_under(&stage, 0), 1);
    CU_ASSERT_EQUAL(count_under(&stage, 3), 0);
    CU_ASSERT_EQUAL(links_remove(&stage.links, at(&stage, refs[2])), link_at(refs[2]));
    CU_ASSERT_EQUAL(count_under(&stage, 1), 2);
    /* What is not there any more is not removed again. */
    CU_ASSERT_EQUAL(links_remove(&stage.links, at(&stage, refs[2])), 0);
    CU_ASSERT_EQUAL(stage.links.count, 5);
    CU_ASSERT_EQUAL(links_remove(&stage.links, at(&stage, refs[4])), link_at(refs[4]));
    CU_ASSERT_EQUAL(links_remove(&stage.links, at(&stage, refs[0])), link_at(refs[0]));
    CU_ASSERT_EQUAL(count_under(&stage, 1), 0);
    CU_ASSERT_EQUAL(count_under(&stage, 2), 2);
    links_add(&stage.links, link_at(refs[2]));
    CU_ASSERT_EQUAL(count_under(&stage, 1), 1);
    CU_ASSERT_EQUAL(stage.links.count, 4);
    end(&stage);
}

static void several_things_stand_under_one_hash(void)
{
    several_things_stand_under_one_hash_of(by_number);
    several_things_stand_under_one_hash_of(alike);
}

static void tables_grow_and_keep_everything(void)
{
    static slab_ref refs[MANY];
    struct stage stage;
    size_t count = 0;

    begin(&stage, by_number);
    for (uint32_t i = 0; i < MANY; i++)
        refs[i] = add(&stage, i / 2, i % 2);
    for (uint32_t i = 0; i < MANY / 2; i++)
        CU_ASSERT_EQUAL(count_under(&stage, i), 2);
    CU_ASSERT_TRUE(links_memory(&stage.links) >= MANY * sizeof(slab_ref) / 8);
    CU_ASSERT_TRUE(links_memory(&stage.links) <= MANY * sizeof(slab_ref) / 2);
    for (uint32_t i = 0; i < MANY; i += 2)
        CU_ASSERT_EQUAL(links_remove(&stage.links, at(&stage, refs[i])), link_at(refs[i]));
    for (uint32_t i = 0; i < MANY / 2; i++)
        CU_ASSERT_EQUAL(count_under(&stage, i), 1);
    links_each(&stage.links, count_visit, &count);
    CU_ASSERT_EQUAL(count, MANY / 2);
    end(&stage);
}

/* A visit that frees what it is shown. */
struct freeing {
    struct stage *stage;
    slab_ref refs[MANY]; /* by number */
    size_t count;
};

static void free_visit(struct link *link, void *payload)
{
    struct freeing *freeing = payload;
    slab_ref ref = freeing->refs[thing_of(link)->number];

    CU_ASSERT_PTR_EQUAL(at(freeing->stage, ref), link);
    memset(thing_of(link), 0xff, sizeof(struct thing));
    slab_free(&freeing->stage->slab, ref, sizeof(struct thing));
    freeing->count++;
}

static void free_in_visits(uint64_t (*hash)(const struct link *link), uint32_t count)
{
    static struct freeing freeing;
    struct stage stage;

    begin(&stage, hash);
    freeing.stage = &stage;
    freeing.count = 0;
    for (uint32_t i = 0; i < count; i++)
        freeing.refs[i] = add(&stage, i, 0);
    links_each(&stage.links, free_visit, &freeing);
    CU_ASSERT_EQUAL(freeing.count, count);
    CU_ASSERT_EQUAL(slab_memory(&stage.slab), 0);
    end(&stage);
}

static void a_visit_may_free_what_it_is_shown(void)
{
    free_in_visits(by_number, MANY);
    free_in_visits(alike, 100);
    free_in_visits(by_number, 1);
}

static void the_room_of_a_burst_is_given_back(void)
{
    static slab_ref refs[MANY];
    struct stage stage;
    size_t little;

    begin(&stage, by_number);
    refs[0] = add(&stage, 0, 0);
    little = links_memory(&stage.links);
    for (uint32_t i = 1; i < MANY; i++)
        refs[i] = add(&stage, i, 0);
    CU_ASSERT_TRUE(links_memory(&stage.links) > little);
    for (uint32_t i = 0; i < MANY; i++) {
        CU_ASSERT_NOT_EQUAL(links_remove(&stage.links, at(&stage, refs[i])), 0);
        slab_free(&stage.slab, refs[i], sizeof(struct thing));
    }
    CU_ASSERT_EQUAL(links_memory(&stage.links), little);
    CU_ASSERT_EQUAL(stage.links.count, 0);
    CU_ASSERT_EQUAL(count_under(&stage, 0), 0);
    for (uint32_t i = 0; i < 1000; i++)
        (void)add(&stage, i, 0);
    for (uint32_t i = 0; i < 1000; i++)
        CU_ASSERT_EQUAL(count_under(&stage, i), 1);
    end(&stage);
}

/* Shrinking wants memory, too. */
static void a_burst_may_end_without_memory(void)
{
    static slab_ref refs[1000];
    struct stage stage;

    begin(&stage, by_number);
    for (uint32_t i = 0; i < 1000; i++)
        refs[i] = add(&stage, i, 0);
    scarce_begin(0);
    for (uint32_t i = 0; i < 1000; i++)
        CU_ASSERT_NOT_EQUAL(links_remove(&stage.links, at(&stage, refs[i])), 0);
    CU_ASSERT_TRUE(scarce_end());
    CU_ASSERT_EQUAL(stage.links.count, 0);
    (void)add(&stage, 7, 0);
    CU_ASSERT_EQUAL(count_under(&stage, 7), 1);
    end(&stage);
}

static void without_memory_nothing_changes(void)
{
    struct stage stage;
    bool made;

    begin(&stage, by_number);
    scarce_begin(0);
    made = links_reserve(&stage.links, 1);
    CU_ASSERT_TRUE(scarce_end());
    CU_ASSERT_FALSE(made);
    CU_ASSERT_EQUAL(links_memory(&stage.links), 0);
    for (uint32_t i = 0; i < 64; i++)
        (void)add(&stage, 1, i);
    scarce_begin(0);
    made = links_reserve(&stage.links, 1000);
    CU_ASSERT_TRUE(scarce_end());
    CU_ASSERT_FALSE(made);
    CU_ASSERT_EQUAL(count_under(&stage, 1), 64);
    CU_ASSERT_TRUE(links_reserve(&stage.links, 1000));
    CU_ASSERT_EQUAL(count_under(&stage, 1), 64);
    CU_ASSERT_FALSE(links_reserve(&stage.links, SIZE_MAX));
    CU_ASSERT_EQUAL(count_under(&stage, 1), 64);
    end(&stage);
}

static void what_is_reserved_needs_no_memory(void)
{
    static slab_ref refs[100];
    struct stage stage;

    begin(&stage, by_number);
    for (uint32_t i = 0; i < 100; i++) {
        struct thing *thing;
        refs[i] = slab_alloc(&stage.slab, sizeof *thing);
        CU_ASSERT_NOT_EQUAL_FATAL(refs[i], 0);
        thing = slab_at(&stage.slab, refs[i]);
        *thing = (struct thing){.number = i};
    }
    CU_ASSERT_TRUE(links_reserve(&stage.links, 100));
    scarce_begin(0);
    for (uint32_t i = 0; i < 100; i++)
        links_add(&stage.links, link_at(refs[i]));
    CU_ASSERT_FALSE(scarce_end());
    CU_ASSERT_EQUAL(count_under(&stage, 99), 1);
    end(&stage);
}

/* Against a count of what stands under each number. */
static void random_changes_are_kept(void)
{
    static slab_ref refs[400][8];
    struct mutate mutate = mutate_begin(20260102, 0);
    struct stage stage;
    size_t total = 0;

    begin(&stage, by_number);
    for (size_t step = 0; step < 40000; step++) {
        uint32_t number = (uint32_t)mutate_number(&mutate, 400);
        uint32_t rank = (uint32_t)mutate_number(&mutate, 8);
        slab_ref *ref = &refs[number][rank];
        size_t count = 0;
        if (*ref == 0) {
            *ref = add(&stage, number, rank);
            total++;
        } else {
            CU_ASSERT_EQUAL(links_remove(&stage.links, at(&stage, *ref)), link_at(*ref));
            slab_free(&stage.slab, *ref, sizeof(struct thing));
            *ref = 0;
            total--;
        }
        for (size_t i = 0; i < 8; i++)
            count += refs[number][i] != 0;
        CU_ASSERT_EQUAL(count_under(&stage, number), count);
        CU_ASSERT_EQUAL(stage.links.count, total);
    }
    end(&stage);
}

static void a_hash_depends_on_everything(void)
{
    CU_ASSERT_EQUAL(links_hash("ab", 2), links_hash("abc", 2));
    CU_ASSERT_NOT_EQUAL(links_hash("ab", 2), links_hash("ab", 1));
    CU_ASSERT_NOT_EQUAL(links_hash("ab", 2), links_hash("ac", 2));
    CU_ASSERT_EQUAL(links_hash_pair("ab", 1, "cd", 2), links_hash_pair("ax", 1, "cde", 2));
    CU_ASSERT_NOT_EQUAL(links_hash_pair("ab", 2, "c", 1), links_hash_pair("a", 1, "bc", 2));
    CU_ASSERT_NOT_EQUAL(links_hash_pair("a", 1, "b", 1), links_hash_pair("b", 1, "a", 1));
    CU_ASSERT_NOT_EQUAL(links_hash_pair("a", 1, "b", 1), links_hash_pair("c", 1, "b", 1));
}

int main(void)
{
    static const struct test tests[] = {
        {"an empty table holds nothing", an_empty_table_holds_nothing},
        {"a table begins anew after its release", a_table_begins_anew_after_its_release},
        {"several things stand under one hash", several_things_stand_under_one_hash},
        {"tables grow and keep everything", tables_grow_and_keep_everything},
        {"a visit may free what it is shown", a_visit_may_free_what_it_is_shown},
        {"the room of a burst is given back", the_room_of_a_burst_is_given_back},
        {"a burst may end without memory", a_burst_may_end_without_memory},
        {"without memory nothing changes", without_memory_nothing_changes},
        {"what is reserved needs no memory", what_is_reserved_needs_no_memory},
        {"random changes are kept", random_changes_are_kept},
        {"a hash depends on everything", a_hash_depends_on_everything},
        {NULL, NULL}};

    return harness_run("links", tests);
}
