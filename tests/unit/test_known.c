/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "kube/known.h"

#include <string.h>

enum { SEED = 11 };

static json_t *condition(const char *type, const char *status, const char *time)
{
    json_t *made = json_pack("{s:s, s:s, s:s*}", "type", type, "status", status, "lastTransitionTime", time);

    CU_ASSERT_PTR_NOT_NULL_FATAL(made);
    return made;
}

static json_t *status_of(json_t *condition)
{
    return json_pack("{s:[o]}", "conditions", condition);
}

/* The time that a condition has after one that was noted before; owned by the caller as a JSON text. */
static json_t *carried(json_t *before, json_t *after)
{
    struct known known = {0};
    json_t *old = status_of(before);
    json_t *status = status_of(after);
    json_t *time;

    known_note_status(&known, old, SEED);
    CU_ASSERT_TRUE(known_carry(&known, status));
    time = json_object_get(json_array_get(json_object_get(status, "conditions"), 0), "lastTransitionTime");
    json_incref(time);
    json_decref(old);
    json_decref(status);
    return time;
}

/* @return whether a condition that stays has this time, where it had one of now and another one before. */
static bool becomes(const char *before, const char *expected)
{
    json_t *time =
        carried(condition("Ready", "True", before), condition("Ready", "True", "2026-01-01T00:00:00Z"));
    bool same = strcmp(json_string_value(time), expected) == 0;

    json_decref(time);
    return same;
}

static void times_stay_with_their_conditions(void)
{
    CU_ASSERT_TRUE(becomes("2020-02-29T12:34:56Z", "2020-02-29T12:34:56Z"));
    CU_ASSERT_TRUE(becomes("1970-01-01T00:00:01Z", "1970-01-01T00:00:01Z"));
    CU_ASSERT_TRUE(becomes("2106-02-07T06:28:15Z", "2106-02-07T06:28:15Z"));
}

static void a_time_that_cannot_be_is_unknown(void)
{
    static const char *const times[] = {"1970-01-01T00:00:00Z",
                                        "1969-12-31T23:59:59Z",
                                        "2106-02-07T06:28:16Z",
                                        "2106-02-07T06:28:17Z",
                                        "2242-03-16T12:56:32Z",
                                        "9999-12-31T23:59:59Z",
                                        "yesterday",
                                        NULL};

    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        CU_ASSERT_TRUE(becomes(times[i], "2026-01-01T00:00:00Z"));
}

static void a_condition_that_changes_has_its_own_time(void)
{
    static const char *const others[][2] = {{"Ready", "False"}, {"Other", "True"}, {"True", "Ready"}};

    for (size_t i = 0; i < 3; i++) {
        json_t *time = carried(condition("Ready", "True", "2020-01-01T00:00:00Z"),
                               condition(others[i][0], others[i][1], "2026-01-01T00:00:00Z"));
        CU_ASSERT_STRING_EQUAL(json_string_value(time), "2026-01-01T00:00:00Z");
        json_decref(time);
    }
}

/* Noted in one order and carried in the other, among others that are not ours. */
static void the_times_of_all_of_ours_are_kept(void)
{
    static const char *const types[] = {"A", "Accepted", "Programmed", "Secured", "Ready", "F"};
    static const char *const values[] = {"True", "True", "False", "Unknown", "True", "True"};
    struct known known = {0};
    json_t *old = json_array();
    json_t *new = json_array();
    json_t *status;
    json_t *one;
    size_t i;

    for (i = 0; i < 6; i++) {
        json_array_append_new(old, condition(types[i], values[i], "2020-01-01T00:00:00Z"));
        json_array_append_new(new, condition(types[5 - i], values[5 - i], "2026-01-01T00:00:00Z"));
    }
    status = json_pack("{s:o}", "conditions", old);
    known_note_status(&known, status, SEED);
    json_decref(status);
    status = json_pack("{s:o}", "conditions", new);
    CU_ASSERT_TRUE(known_carry(&known, status));
    json_array_foreach(new, i, one)
    {
        const char *time = json_string_value(json_object_get(one, "lastTransitionTime"));
        CU_ASSERT_STRING_EQUAL(time, i > 0 && i < 5 ? "2020-01-01T00:00:00Z" : "2026-01-01T00:00:00Z");
    }
    json_decref(status);
}

static void generations_of_our_own_are_not_told(void)
{
    static const int64_t far[] = {INT64_MIN, INT64_MAX, (int64_t)INT32_MAX * 3, -(int64_t)INT32_MAX * 3};
    struct known known = {0};

    known_set_generation(&known, 7, true);
    CU_ASSERT_TRUE(known_was_told(&known, 7));
    known_set_generation(&known, 8, false);
    known_set_generation(&known, 9, false);
    CU_ASSERT_EQUAL(known.generation, 9);
    CU_ASSERT_TRUE(known_was_told(&known, 7));
    CU_ASSERT_FALSE(known_was_told(&known, 9));
    known_set_generation(&known, 6, false);
    CU_ASSERT_TRUE(known_was_told(&known, 7));
    known_set_generation(&known, 9, true);
    CU_ASSERT_TRUE(known_was_told(&known, 9));
    for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
        known_set_generation(&known, far[i], false);
        CU_ASSERT_FALSE(known_was_told(&known, far[i]));
        CU_ASSERT_FALSE(known_was_told(&known, 9));
        known_set_generation(&known, 9, false);
        CU_ASSERT_FALSE(known_was_told(&known, 9));
        known_set_generation(&known, far[i], true);
        CU_ASSERT_TRUE(known_was_told(&known, far[i]));
        known_set_generation(&known, 9, true);
    }
}

static void a_status_says_the_same_but_for_its_times(void)
{
    struct known known = {0};
    json_t *first = status_of(condition("Ready", "True", "2020-01-01T00:00:00Z"));
    json_t *same = status_of(condition("Ready", "True", "2026-01-01T00:00:00Z"));
    json_t *other = status_of(condition("Ready", "False", "2020-01-01T00:00:00Z"));
    json_t *empty = json_object();

    known_note_status(&known, first, SEED);
    CU_ASSERT_TRUE(known_same_status(&known, first, SEED));
    CU_ASSERT_TRUE(known_same_status(&known, same, SEED));
    CU_ASSERT_FALSE(known_same_status(&known, other, SEED));
    CU_ASSERT_FALSE(known_same_status(&known, empty, SEED));
    known_note_status(&known, empty, SEED);
    CU_ASSERT_TRUE(known_same_status(&known, empty, SEED));
    known_note_status(&known, NULL, SEED);
    CU_ASSERT_FALSE(known_same_status(&known, empty, SEED));
    CU_ASSERT_FALSE(known_same_status(&known, first, SEED));
    json_decref(first);
    json_decref(same);
    json_decref(other);
    json_decref(empty);
}

int main(void)
{
    static const struct test tests[] = {
        {"times stay with their conditions", times_stay_with_their_conditions},
        {"a time that cannot be is unknown", a_time_that_cannot_be_is_unknown},
        {"a condition that changes has its own time", a_condition_that_changes_has_its_own_time},
        {"the times of all of ours are kept", the_times_of_all_of_ours_are_kept},
        {"generations of our own are not told", generations_of_our_own_are_not_told},
        {"a status says the same but for its times", a_status_says_the_same_but_for_its_times},
        {NULL, NULL}};

    return harness_run("known", tests);
}
