/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/known.h"

#include "base/json.h"
#include "object/condition.h"

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

static uint32_t condition_mark(const json_t *condition, uint64_t seed)
{
    struct imprint mark = {0};

    imprint_add(&mark, "type", json_member(condition, "type"), seed);
    imprint_add(&mark, "status", json_member(condition, "status"), seed);
    return (uint32_t)mark.low;
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

void known_note_status(struct known_status *known, const json_t *status, uint64_t seed)
{
    const json_t *condition;
    size_t i;

    *known = (struct known_status){0};
    if (status)
        known->imprint = status_mark(status, seed);
    json_array_foreach(json_member(status, "conditions"), i, condition)
    {
        const char *time = json_string_value(json_member(condition, "lastTransitionTime"));
        int64_t seconds = condition_parse_time(time);
        if (i >= KNOWN_CONDITIONS)
            break;
        known->conditions[i].mark = condition_mark(condition, seed);
        known->conditions[i].time_s = seconds > 0 && seconds <= UINT32_MAX ? (uint32_t)seconds : 0;
    }
}

bool known_same_status(const struct known_status *known, const json_t *status, uint64_t seed)
{
    return imprint_equal(known->imprint, status_mark(status, seed));
}

bool known_carry(const struct known_status *known, json_t *status, uint64_t seed)
{
    json_t *condition;
    size_t i;

    json_array_foreach(json_member(status, "conditions"), i, condition)
    {
        uint32_t mark = condition_mark(condition, seed);
        for (size_t j = 0; j < KNOWN_CONDITIONS; j++) {
            char time[CONDITION_TIME_SIZE];
            if (known->conditions[j].time_s == 0 || known->conditions[j].mark != mark)
                continue;
            condition_time(time, known->conditions[j].time_s);
            if (json_object_set_new(condition, "lastTransitionTime", json_string(time)) != 0)
                return false;
        }
    }
    return true;
}
