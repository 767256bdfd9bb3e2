/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"
#include "mutate.h"
#include "scarce.h"

#include "base/slab.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

enum { CHUNK = SLAB_WORD << SLAB_CHUNK_BITS, MANY = 2000 };

/* What a slab is to hold. */
struct record {
    slab_ref ref; /* 0: nothing */
    size_t size;
    uint64_t seed; /* of its bytes */
};

static unsigned char byte_of(const struct record *record, size_t at)
{
    return (unsigned char)(((record->seed + at) * 0x9E3779B97F4A7C15U) >> 56);
}

static void fill(const struct slab *slab, const struct record *record)
{
    unsigned char *bytes = slab_at(slab, record->ref);

    for (size_t i = 0; i < record->size; i++)
        bytes[i] = byte_of(record, i);
}

static bool is_intact(const struct slab *slab, const struct record *record)
{
    const unsigned char *bytes = slab_at(slab, record->ref);

    for (size_t i = 0; i < record->size; i++) {
        if (bytes[i] != byte_of(record, i))
            return false;
    }
    return true;
}

static bool all_intact(const struct slab *slab, const struct record *records, size_t count)
{
    bool intact = true;

    for (size_t i = 0; i < count; i++)
        intact = intact && (records[i].ref == 0 || is_intact(slab, &records[i]));
    return intact;
}

/* @return false if memory is short. */
static bool make(struct slab *slab, struct record *record, size_t size, uint64_t seed)
{
    *record = (struct record){slab_alloc(slab, size), size, seed};
    if (record->ref == 0)
        return false;
    CU_ASSERT_EQUAL((uintptr_t)slab_at(slab, record->ref) % 8, 0);
    fill(slab, record);
    return true;
}

static void drop(struct slab *slab, struct record *record)
{
    CU_ASSERT_TRUE(is_intact(slab, record));
    slab_free(slab, record->ref, record->size);
    record->ref = 0;
}

static void drop_all(struct slab *slab, struct record *records, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (records[i].ref != 0)
            drop(slab, &records[i]);
    }
    CU_ASSERT_EQUAL(slab_memory(slab), 0);
}

/* Where a record begins and ends. */
struct range {
    uintptr_t from;
    uintptr_t to;
};

static int by_start(const void *a, const void *b)
{
    const struct range *x = a;
    const struct range *y = b;

    return x->from < y->from ? -1 : x->from > y->from;
}

static void check_apart(const struct slab *slab, const struct record *records, size_t count)
{
    struct range *ranges = calloc(count, sizeof *ranges);
    size_t found = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(ranges);
    for (size_t i = 0; i < count; i++) {
        uintptr_t start = records[i].ref != 0 ? (uintptr_t)slab_at(slab, records[i].ref) : 0;
        if (start != 0)
            ranges[found++] = (struct range){start, start + records[i].size};
    }
    qsort(ranges, found, sizeof *ranges, by_start);
    for (size_t i = 1; i < found; i++)
        CU_ASSERT_TRUE(ranges[i - 1].to <= ranges[i].from && ranges[i - 1].from < ranges[i].from);
    free(ranges);
}

static void an_empty_slab_holds_nothing(void)
{
    struct slab slab = {0};

    CU_ASSERT_EQUAL(slab_memory(&slab), 0);
    slab_release(&slab);
    slab_release(&slab);
    CU_ASSERT_EQUAL(slab_memory(&slab), 0);
}

static void records_of_each_size_stand_apart(void)
{
    static struct record records[5001];
    struct slab slab = {0};

    for (size_t i = 0; i < 5001; i++)
        CU_ASSERT_TRUE_FATAL(make(&slab, &records[i], i, i * 7919));
    CU_ASSERT_TRUE(all_intact(&slab, records, 5001));
    check_apart(&slab, records, 5001);
    drop_all(&slab, records, 5001);
}

static void large_records_stand_in_one_piece(void)
{
    static const size_t sizes[] = {1023,      1024,      1025,          CHUNK - 1,     CHUNK,
                                   CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1, 5 * CHUNK - 3, 40 * CHUNK + 17,
                                   1,         CHUNK + 8};
    enum { SIZES = sizeof sizes / sizeof *sizes };
    struct slab slab = {0};
    struct record records[SIZES];

    for (size_t i = 0; i < SIZES; i++)
        CU_ASSERT_TRUE_FATAL(make(&slab, &records[i], sizes[i], i));
    check_apart(&slab, records, SIZES);
    for (size_t i = 0; i < SIZES; i++) {
        const char *start = slab_at(&slab, records[i].ref);
        for (size_t at = 0; at < sizes[i]; at += SLAB_WORD)
            CU_ASSERT_PTR_EQUAL(slab_at(&slab, slab_inside(records[i].ref, at)), start + at);
    }
    CU_ASSERT_TRUE(all_intact(&slab, records, SIZES));
    /* A hole is found again, and one that is too narrow is not taken. */
    drop(&slab, &records[8]);
    drop(&slab, &records[4]);
    CU_ASSERT_TRUE_FATAL(make(&slab, &records[8], 6 * CHUNK, 100));
    CU_ASSERT_TRUE_FATAL(make(&slab, &records[4], CHUNK, 101));
    check_apart(&slab, records, SIZES);
    CU_ASSERT_TRUE(all_intact(&slab, records, SIZES));
    drop_all(&slab, records, SIZES);
}

static void the_first_record_may_be_large(void)
{
    for (size_t i = 1; i <= 20; i++) {
        struct slab slab = {0};
        struct record record;
        CU_ASSERT_TRUE_FATAL(make(&slab, &record, i * CHUNK, i));
        drop(&slab, &record);
        CU_ASSERT_EQUAL(slab_memory(&slab), 0);
    }
}

static void numbers_of_large_records_are_used_again(void)
{
    struct slab slab = {0};
    struct record stays;
    struct record passing;
    size_t memory;

    CU_ASSERT_TRUE_FATAL(make(&slab, &stays, 10, 1));
    CU_ASSERT_TRUE_FATAL(make(&slab, &passing, 3 * CHUNK, 2));
    memory = slab_memory(&slab);
    for (uint64_t i = 0; i < 10000; i++) {
        slab_free(&slab, passing.ref, passing.size);
        passing.ref = slab_alloc(&slab, passing.size);
        CU_ASSERT_NOT_EQUAL_FATAL(passing.ref, 0);
    }
    CU_ASSERT_EQUAL(slab_memory(&slab), memory);
    slab_free(&slab, passing.ref, passing.size);
    CU_ASSERT_EQUAL(slab_memory(&slab), memory - 3 * (size_t)CHUNK);
    slab_free(&slab, stays.ref, stays.size);
    CU_ASSERT_EQUAL(slab_memory(&slab), 0);
}

static void what_is_too_large_is_refused(void)
{
    struct slab slab = {0};

    CU_ASSERT_EQUAL(slab_alloc(&slab, SIZE_MAX), 0);
    CU_ASSERT_EQUAL(slab_alloc(&slab, SIZE_MAX - CHUNK), 0);
    CU_ASSERT_EQUAL(slab_alloc(&slab, (size_t)CHUNK << 20), 0);
    CU_ASSERT_EQUAL(slab_memory(&slab), 0);
}

static size_t size_by_kind(struct mutate *mutate, size_t kind)
{
    if (kind == 0)
        return mutate_number(mutate, 3 * CHUNK);
    return kind < 5 ? mutate_number(mutate, 1200) : mutate_number(mutate, 200);
}

static void random_records_stay_as_they_are(void)
{
    static struct record records[300];
    struct mutate mutate = mutate_begin(20260101, 0);
    struct slab slab = {0};

    for (size_t step = 0; step < 30000; step++) {
        /* Mostly fuller for a while, then emptier. */
        bool grows = mutate_number(&mutate, 8) < (step / 2000 % 2 == 0 ? 6U : 2U);
        struct record *record = &records[mutate_number(&mutate, 300)];
        if (record->ref != 0 && !grows)
            drop(&slab, record);
        else if (record->ref == 0 && grows)
            CU_ASSERT_TRUE_FATAL(
                make(&slab, record, size_by_kind(&mutate, mutate_number(&mutate, 50)), step));
        if (step % 500 == 0) {
            CU_ASSERT_TRUE(all_intact(&slab, records, 300));
            check_apart(&slab, records, 300);
        }
    }
    drop_all(&slab, records, 300);
}

static void small_records_take_their_size(void)
{
    static struct record records[10000];
    struct slab slab = {0};

    for (size_t i = 0; i < 10000; i++)
        CU_ASSERT_TRUE_FATAL(make(&slab, &records[i], 132, i));
    CU_ASSERT_TRUE(slab_memory(&slab) >= 10000 * (size_t)136);
    CU_ASSERT_TRUE(slab_memory(&slab) <= 10000 * (size_t)136 + 3 * (size_t)CHUNK);
    drop_all(&slab, records, 10000);
}

/* What is left behind as many of 1000 bytes as there is room for, in each of two chunks. */
static void the_rest_of_a_chunk_is_used(void)
{
    enum { FULL = CHUNK / 1000 * 2, REST = CHUNK % 1000 };
    static struct record records[FULL + 2];
    struct slab slab = {0};
    size_t memory;

    for (size_t i = 0; i < FULL; i++)
        CU_ASSERT_TRUE_FATAL(make(&slab, &records[i], 1000, i));
    memory = slab_memory(&slab);
    CU_ASSERT_TRUE_FATAL(make(&slab, &records[FULL], REST, FULL));
    CU_ASSERT_TRUE_FATAL(make(&slab, &records[FULL + 1], REST, FULL + 1));
    CU_ASSERT_EQUAL(slab_memory(&slab), memory + REST);
    CU_ASSERT_TRUE(all_intact(&slab, records, FULL + 2));
    check_apart(&slab, records, FULL + 2);
    drop_all(&slab, records, FULL + 2);
}

static void room_of_one_size_is_used_again(void)
{
    static struct record records[MANY];
    struct mutate mutate = mutate_begin(5, 0);
    struct slab slab = {0};
    size_t memory;

    for (size_t i = 0; i < MANY; i++)
        CU_ASSERT_TRUE_FATAL(make(&slab, &records[i], 100, i));
    memory = slab_memory(&slab);
    for (size_t step = 0; step < 50000; step++) {
        struct record *record = &records[mutate_number(&mutate, MANY)];
        drop(&slab, record);
        CU_ASSERT_TRUE_FATAL(make(&slab, record, 97 + step % 8, step));
    }
    CU_ASSERT_EQUAL(slab_memory(&slab), memory);
    drop_all(&slab, records, MANY);
}

/* @return what the slab takes after a step, at most. */
static size_t churn(struct slab *slab, struct record *records, struct mutate *mutate, size_t steps)
{
    size_t most = 0;

    for (size_t step = 0; step < steps; step++) {
        struct record *record = &records[mutate_number(mutate, MANY)];
        if (record->ref != 0)
            drop(slab, record);
        else
            CU_ASSERT_TRUE_FATAL(make(slab, record, 40 + mutate_number(mutate, 400), step));
        most = slab_memory(slab) > most ? slab_memory(slab) : most;
    }
    return most;
}

/* Half of the records are there at a time, of 240 bytes on average. */
static void room_of_mixed_sizes_is_used_again(void)
{
    static struct record records[MANY];
    struct mutate mutate = mutate_begin(6, 0);
    struct slab slab = {0};
    size_t soon = churn(&slab, records, &mutate, 50000);
    size_t late = churn(&slab, records, &mutate, 200000);

    CU_ASSERT_TRUE(soon <= (size_t)MANY / 2 * 240 * 2);
    CU_ASSERT_TRUE(late <= soon + soon / 4);
    CU_ASSERT_TRUE(all_intact(&slab, records, MANY));
    drop_all(&slab, records, MANY);
}

/* What was needed for larger ones is cut up for smaller ones. */
static void room_of_larger_records_serves_smaller_ones(void)
{
    static struct record records[MANY];
    struct slab slab = {0};
    size_t memory;

    for (size_t i = 0; i < CHUNK / 800; i++)
        CU_ASSERT_TRUE_FATAL(make(&slab, &records[i], 800, i));
    memory = slab_memory(&slab);
    for (size_t i = 1; i < CHUNK / 800; i++)
        drop(&slab, &records[i]);
    for (size_t i = 1; i < (CHUNK / 800 - 1) * 10; i++)
        CU_ASSERT_TRUE_FATAL(make(&slab, &records[i], 80, i));
    CU_ASSERT_TRUE(slab_memory(&slab) <= memory + CHUNK % 800);
    CU_ASSERT_TRUE(all_intact(&slab, records, MANY));
    check_apart(&slab, records, MANY);
    drop_all(&slab, records, MANY);
}

enum { SCARCE_RECORDS = 120 };

static size_t scarce_size(size_t i)
{
    return i % 6 == 5 ? CHUNK + 100 * i : 20 * i + 500;
}

/* @return whether so many allocations were enough. */
static bool fill_with(size_t granted)
{
    struct record records[SCARCE_RECORDS] = {0};
    struct slab slab = {0};
    bool enough = true;

    scarce_begin(granted);
    for (size_t i = 0; i < SCARCE_RECORDS; i++) {
        size_t memory = slab_memory(&slab);
        if (make(&slab, &records[i], scarce_size(i), i))
            continue;
        CU_ASSERT_TRUE(enough);
        CU_ASSERT_TRUE(scarce_end());
        enough = false;
        CU_ASSERT_EQUAL(slab_memory(&slab), memory);
        CU_ASSERT_TRUE(all_intact(&slab, records, SCARCE_RECORDS));
        CU_ASSERT_TRUE_FATAL(make(&slab, &records[i], scarce_size(i), i));
    }
    (void)scarce_end();
    CU_ASSERT_TRUE(all_intact(&slab, records, SCARCE_RECORDS));
    check_apart(&slab, records, SCARCE_RECORDS);
    drop_all(&slab, records, SCARCE_RECORDS);
    return enough;
}

static void without_memory_nothing_changes(void)
{
    size_t granted = 0;

    while (!fill_with(granted))
        granted++;
    /* Chunks, large records, and their numbers twice at least. */
    CU_ASSERT_TRUE(granted > 14);
}

static void what_is_freed_needs_no_memory(void)
{
    struct record records[8];
    struct slab slab = {0};

    for (size_t i = 0; i < 8; i++)
        CU_ASSERT_TRUE_FATAL(make(&slab, &records[i], 400, i));
    scarce_begin(0);
    for (size_t i = 0; i < 8; i += 2)
        drop(&slab, &records[i]);
    for (size_t i = 0; i < 8; i += 2)
        CU_ASSERT_TRUE(make(&slab, &records[i], 400 - 8 * i, i));
    CU_ASSERT_FALSE(scarce_end());
    CU_ASSERT_TRUE(all_intact(&slab, records, 8));
    drop_all(&slab, records, 8);
}

/* The sanitizer tells whoever reads beyond a record, or one that is free. */
static void what_is_no_record_may_not_be_touched(void)
{
#ifdef __SANITIZE_ADDRESS__
    struct slab slab = {0};
    slab_ref stays = slab_alloc(&slab, 16);
    slab_ref goes = slab_alloc(&slab, 13);
    char *bytes = slab_at(&slab, goes);

    CU_ASSERT_EQUAL_FATAL(stays == 0 || goes == 0, false);
    for (size_t i = 0; i < 13; i++)
        CU_ASSERT_FALSE(__asan_address_is_poisoned(bytes + i));
    for (size_t i = 13; i < 64; i++)
        CU_ASSERT_TRUE(__asan_address_is_poisoned(bytes + i));
    slab_free(&slab, goes, 13);
    for (size_t i = 0; i < 64; i++)
        CU_ASSERT_TRUE(__asan_address_is_poisoned(bytes + i));
    slab_free(&slab, stays, 16);
#endif
}

/* What stands behind a record that was made alone is not the slab's. */
static void what_is_not_the_slabs_stays_forbidden(void)
{
#ifdef __SANITIZE_ADDRESS__
    struct slab slab = {0};
    char *behind;
    slab_ref large = slab_alloc(&slab, 2000);

    CU_ASSERT_NOT_EQUAL_FATAL(large, 0);
    behind = (char *)slab_at(&slab, large) + 2000;
    CU_ASSERT_TRUE(__asan_address_is_poisoned(behind));
    slab_free(&slab, large, 2000);
    CU_ASSERT_TRUE(__asan_address_is_poisoned(behind));
#endif
}

int main(void)
{
    static const struct test tests[] = {
        {"an empty slab holds nothing", an_empty_slab_holds_nothing},
        {"records of each size stand apart", records_of_each_size_stand_apart},
        {"large records stand in one piece", large_records_stand_in_one_piece},
        {"the first record may be large", the_first_record_may_be_large},
        {"numbers of large records are used again", numbers_of_large_records_are_used_again},
        {"what is too large is refused", what_is_too_large_is_refused},
        {"random records stay as they are", random_records_stay_as_they_are},
        {"small records take their size", small_records_take_their_size},
        {"the rest of a chunk is used", the_rest_of_a_chunk_is_used},
        {"room of one size is used again", room_of_one_size_is_used_again},
        {"room of mixed sizes is used again", room_of_mixed_sizes_is_used_again},
        {"room of larger records serves smaller ones", room_of_larger_records_serves_smaller_ones},
        {"without memory nothing changes", without_memory_nothing_changes},
        {"what is freed needs no memory", what_is_freed_needs_no_memory},
        {"what is no record may not be touched", what_is_no_record_may_not_be_touched},
        {"what is not the slab's stays forbidden", what_is_not_the_slabs_stays_forbidden},
        {NULL, NULL}};

    return harness_run("slab", tests);
}
