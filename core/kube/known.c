/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/known.h"

#include "base/json.h"

#include <string.h>

struct imprint known_object(const json_t *api, uint64_t seed)
{
    static const char *const passing[] = {"resourceVersion", "generation", "managedFields"};
    struct imprint sum = {0};
    struct imprint metadata = {0};
    const char *name;
    json_t *value;

    json_object_foreach(json_iterable(api), name, value)
    {
        if (strcmp(name, "metadata") != 0 && strcmp(name, "status") != 0)
            imprint_add(&sum, name, value, seed);
    }
    json_object_foreach(json_iterable(json_member(api, "metadata")), name, value)
    {
        bool passes = false;
        for (size_t i = 0; i < sizeof passing / sizeof *passing; i++)
            passes = passes || strcmp(name, passing[i]) == 0;
        if (!passes)
            imprint_add(&metadata, name, value, seed);
    }
    sum.low += 3 * metadata.low;
    sum.high += 3 * metadata.high;
    return sum;
}

void known_set_generation(struct known *known, int64_t generation, bool told)
{
    int64_t untold = 0;

    if (!told &&
        (known->untold == KNOWN_UNTOLD || __builtin_sub_overflow(generation, known->generation, &untold) ||
         __builtin_add_overflow(untold, known->untold, &untold) || untold <= -KNOWN_UNTOLD ||
         untold >= KNOWN_UNTOLD))
        untold = KNOWN_UNTOLD;
    known->untold = (int32_t)untold;
    known->generation = generation;
}

bool known_was_told(const struct known *known, int64_t generation)
{
    int64_t told;

    return known->untold != KNOWN_UNTOLD &&
           !__builtin_sub_overflow(known->generation, known->untold, &told) && told == generation;
}

/* @return its first letter; 0 for what is no status of a condition. */
static char value_of(const json_t *condition)
{
    static const char *const values[] = {"True", "False", "Unknown"};
    const char *word = json_string_value(json_member(condition, "status"));

    for (size_t i = 0; word && i < sizeof values / sizeof *values; i++)
        if (strcmp(word, values[i]) == 0)
            return word[0];
    return 0;
}

static enum condition_type type_of(const json_t *condition)
{
    return condition_type_of(json_string_value(json_member(condition, "type")));
}

/* All but the times. */
static struct imprint status_mark(const json_t *status, uint64_t seed)
{
    struct imprint sum = {0};
    const json_t *condition;
    const char *name;
    json_t *value;
    size_t i;

    json_object_foreach(json_iterable(status), name, value)
    {
        if (strcmp(name, "conditions") != 0)
            imprint_add(&sum, name, value, seed);
    }
    json_array_foreach(json_member(status, "conditions"), i, condition)
    {
        struct imprint mark = {0};
        json_object_foreach(json_iterable(condition), name, value)
        {
            if (strcmp(name, "lastTransitionTime") != 0)
                imprint_add(&mark, name, value, seed);
        }
        sum.low += mark.low * (2 * i + 3);
        sum.high += mark.high * (2 * i + 3);
    }
    /* A status without any member is one, too. */
    sum.low += 1;
    return sum;
}

void known_note_status(struct known *known, const json_t *status, uint64_t seed)
{
    const json_t *condition;
    size_t i;

    known->status = (struct imprint){0};
    memset(known->values, 0, sizeof known->values);
    memset(known->times_s, 0, sizeof known->times_s);
    if (status)
        known->status = status_mark(status, seed);
    json_array_foreach(json_member(status, "conditions"), i, condition)
    {
        const char *time = json_string_value(json_member(condition, "lastTransitionTime"));
        int64_t seconds = condition_parse_time(time);
        enum condition_type type = type_of(condition);
        if (type == CONDITION_COUNT)
            continue;
        known->values[type] = value_of(condition);
        known->times_s[type] = seconds > 0 && seconds <= UINT32_MAX ? (uint32_t)seconds : 0;
    }
}

bool known_same_status(const struct known *known, const json_t *status, uint64_t seed)
{
    return imprint_equal(known->status, status_mark(status, seed));
}

bool known_carry(const struct known *known, json_t *status)
{
    json_t *condition;
    size_t i;

    json_array_foreach(json_member(status, "conditions"), i, condition)
    {
        enum condition_type type = type_of(condition);
        char time[CONDITION_TIME_SIZE];
        if (type == CONDITION_COUNT || known->times_s[type] == 0 || known->values[type] == 0 ||
            known->values[type] != value_of(condition))
            continue;
        condition_time(time, known->times_s[type]);
        if (json_object_set_new(condition, "lastTransitionTime", json_string(time)) != 0)
            return false;
    }
    return true;
}
