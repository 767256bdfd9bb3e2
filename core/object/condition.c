/* SPDX-License-Identifier: Apache-2.0 */
#include "object/condition.h"

#include "base/json.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

void condition_time(char out[CONDITION_TIME_SIZE], int64_t seconds)
{
    time_t when = (time_t)seconds;
    struct tm parts = {0};

    (void)gmtime_r(&when, &parts);
    if (strftime(out, CONDITION_TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &parts) != CONDITION_TIME_SIZE - 1)
        (void)snprintf(out, CONDITION_TIME_SIZE, "1970-01-01T00:00:00Z");
}

int64_t condition_parse_time(const char *text)
{
    struct tm parts = {0};
    char again[CONDITION_TIME_SIZE];
    const char *end;
    int64_t seconds;

    if (!text || strlen(text) != CONDITION_TIME_SIZE - 1)
        return -1;
    end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    if (!end || *end)
        return -1;
    seconds = (int64_t)timegm(&parts);
    if (seconds < 0)
        return -1;
    /* The one form that it is written in: strptime() takes more. */
    condition_time(again, seconds);
    return strcmp(again, text) == 0 ? seconds : -1;
}

static const json_t *condition_of(const json_t *conditions, const char *type)
{
    const json_t *condition;
    size_t i;

    json_array_foreach(conditions, i, condition)
    {
        const char *found = json_string_value(json_member(condition, "type"));
        if (found && strcmp(found, type) == 0)
            return condition;
    }
    return NULL;
}

/* The time that goes on counting; NULL: the condition has changed, or there is none. */
static const char *time_before(const json_t *condition, const json_t *previous)
{
    const char *type = json_string_value(json_member(condition, "type"));
    const json_t *old = type ? condition_of(previous, type) : NULL;
    const char *time = json_string_value(json_member(old, "lastTransitionTime"));

    if (!old || !json_equal(json_member(condition, "status"), json_member(old, "status")))
        return NULL;
    return condition_parse_time(time) >= 0 ? time : NULL;
}

bool condition_carry(json_t *status, const json_t *previous)
{
    const json_t *conditions = json_member(status, "conditions");
    const json_t *old = json_member(previous, "conditions");
    json_t *condition;
    size_t i;

    json_array_foreach(conditions, i, condition)
    {
        const char *time = time_before(condition, old);
        if (time && json_object_set_new(condition, "lastTransitionTime", json_string(time)) != 0)
            return false;
    }
    return true;
}
