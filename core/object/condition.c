/* SPDX-License-Identifier: Apache-2.0 */
#include "object/condition.h"

#include "base/json.h"

#include <string.h>
#include <time.h>

/* Where the numbers stand in "1970-01-01T00:00:00Z", and how many digits each has. */
static const struct number {
    size_t at;
    size_t digits;
} numbers[] = {{0, 4}, {5, 2}, {8, 2}, {11, 2}, {14, 2}, {17, 2}};

enum { NUMBERS = sizeof numbers / sizeof *numbers };

static const char epoch[CONDITION_TIME_SIZE] = "1970-01-01T00:00:00Z";

static const char *const types[CONDITION_COUNT] = {
    [CONDITION_ACCEPTED] = "Accepted",
    [CONDITION_PROGRAMMED] = "Programmed",
    [CONDITION_SECURED] = "Secured",
    [CONDITION_READY] = "Ready",
};

const char *condition_type_word(enum condition_type type)
{
    return types[type];
}

enum condition_type condition_type_of(const char *word)
{
    int type = 0;

    while (type < CONDITION_COUNT && !(word && strcmp(word, types[type]) == 0))
        type++;
    return (enum condition_type)type;
}

static void put_number(char *text, const struct number *number, int value)
{
    for (size_t i = number->digits; i > 0; i--, value /= 10)
        text[number->at + i - 1] = (char)('0' + value % 10);
}

void condition_time(char out[CONDITION_TIME_SIZE], int64_t seconds)
{
    time_t when = (time_t)seconds;
    struct tm parts = {0};

    memcpy(out, epoch, sizeof epoch);
    if (!gmtime_r(&when, &parts) || parts.tm_year < -1900 || parts.tm_year > 9999 - 1900)
        return;
    put_number(out, &numbers[0], parts.tm_year + 1900);
    put_number(out, &numbers[1], parts.tm_mon + 1);
    put_number(out, &numbers[2], parts.tm_mday);
    put_number(out, &numbers[3], parts.tm_hour);
    put_number(out, &numbers[4], parts.tm_min);
    put_number(out, &numbers[5], parts.tm_sec);
}

/* The number that stands there; -1 if it is none. */
static int number_at(const char *text, const struct number *number)
{
    int value = 0;

    for (size_t i = 0; i < number->digits; i++) {
        char digit = text[number->at + i];
        if (digit < '0' || digit > '9')
            return -1;
        value = 10 * value + (digit - '0');
    }
    return value;
}

/* What stands between the numbers. */
static bool has_form(const char *text)
{
    if (strlen(text) != sizeof epoch - 1)
        return false;
    for (size_t i = 0; i < sizeof epoch; i++) {
        bool digit = epoch[i] >= '0' && epoch[i] <= '9';
        if (!digit && text[i] != epoch[i])
            return false;
    }
    return true;
}

/* The one form that it is written in, and nothing that a calendar does not have. */
int64_t condition_parse_time(const char *text)
{
    int values[NUMBERS];
    struct tm parts = {0};
    int64_t seconds;

    if (!text || !has_form(text))
        return -1;
    for (size_t i = 0; i < NUMBERS; i++) {
        values[i] = number_at(text, &numbers[i]);
        if (values[i] < 0)
            return -1;
    }
    parts = (struct tm){.tm_year = values[0] - 1900,
                        .tm_mon = values[1] - 1,
                        .tm_mday = values[2],
                        .tm_hour = values[3],
                        .tm_min = values[4],
                        .tm_sec = values[5]};
    seconds = (int64_t)timegm(&parts);
    /* timegm() takes the 31st of April for the 1st of May. */
    if (seconds < 0 || parts.tm_mon != values[1] - 1 || parts.tm_mday != values[2] ||
        parts.tm_hour != values[3] || parts.tm_min != values[4] || parts.tm_sec != values[5])
        return -1;
    return seconds;
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
