/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"
#include "scarce.h"

#include "base/json.h"
#include "object/condition.h"

#include <stdio.h>
#include <string.h>

static json_t *parse(const char *text)
{
    char copy[1024];
    json_t *value;

    (void)snprintf(copy, sizeof copy, "%s", text);
    for (char *c = copy; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    value = json_parse(copy, strlen(copy), NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(value);
    return value;
}

static void times_are_written_and_read(void)
{
    static const struct {
        int64_t seconds;
        const char *text;
    } cases[] = {{0, "1970-01-01T00:00:00Z"},
                 {1, "1970-01-01T00:00:01Z"},
                 {951782400, "2000-02-29T00:00:00Z"},
                 {1000000000, "2001-09-09T01:46:40Z"},
                 {INT64_C(2147483648), "2038-01-19T03:14:08Z"},
                 {INT64_C(4294967296), "2106-02-07T06:28:16Z"},
                 {INT64_C(253402300799), "9999-12-31T23:59:59Z"}};
    char text[CONDITION_TIME_SIZE];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        condition_time(text, cases[i].seconds);
        CU_ASSERT_STRING_EQUAL(text, cases[i].text);
        CU_ASSERT_EQUAL(condition_parse_time(cases[i].text), cases[i].seconds);
    }
    condition_time(text, INT64_MAX);
    CU_ASSERT_STRING_EQUAL(text, "1970-01-01T00:00:00Z");
    condition_time(text, -1);
    CU_ASSERT_TRUE(strlen(text) == CONDITION_TIME_SIZE - 1);
}

static void other_texts_are_no_times(void)
{
    static const char *const texts[] = {"",
                                        "Z",
                                        "now",
                                        "2001-09-09T01:46:40",
                                        "2001-09-09T01:46:40z",
                                        "2001-09-09t01:46:40Z",
                                        "2001-09-09 01:46:40Z",
                                        "2001-09-09T01:46:40+0",
                                        "2001-09-09T01:46:40.1Z",
                                        "2001-02-30T00:00:00Z",
                                        "2001-13-01T00:00:00Z",
                                        "2001-09-09T24:00:00Z",
                                        "2001-09-09T01:60:00Z",
                                        "2001-09-09T01:46:60Z",
                                        "1969-12-31T23:59:59Z",
                                        " 001-09-09T01:46:40Z",
                                        "2001-9-09T001:46:40Z",
                                        "2001-09-09T01:46:4 Z",
                                        "-001-09-09T01:46:40Z"};

    CU_ASSERT_EQUAL(condition_parse_time(NULL), -1);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (condition_parse_time(texts[i]) != -1) {
            printf("# %s\n", texts[i]);
            CU_FAIL("no time is taken for one");
        }
    }
}

#define CONDITION(type, status, time)                                                                        \
    "{'type': '" type "', 'status': '" status "', 'lastTransitionTime': '" time "'}"
#define OLD "2001-09-09T01:46:40Z"
#define NEW "2002-02-02T02:02:02Z"

static const char *carried(const char *previous, const char *type, char time[CONDITION_TIME_SIZE])
{
    json_t *status = parse("{'conditions': [" CONDITION("Ready", "True", NEW) ", " CONDITION(
        "Secured", "False", NEW) ", {'status': 'True'}, 7]}");
    json_t *before = previous ? parse(previous) : NULL;
    size_t number = strcmp(type, "Ready") == 0 ? 0 : 1;

    CU_ASSERT_TRUE(condition_carry(status, before));
    (void)snprintf(
        time, CONDITION_TIME_SIZE, "%s",
        json_text_at(json_array_get(json_member(status, "conditions"), number), "lastTransitionTime"));
    json_decref(status);
    json_decref(before);
    return time;
}

static void times_move_only_with_their_status(void)
{
    static const struct {
        const char *previous;
        const char *ready;
        const char *secured;
    } cases[] = {
        {NULL, NEW, NEW},
        {"{}", NEW, NEW},
        {"[]", NEW, NEW},
        {"{'conditions': {}}", NEW, NEW},
        {"{'conditions': [1, null, {}, {'type': 1}, {'type': 'Ready'}]}", NEW, NEW},
        {"{'conditions': [" CONDITION("Ready", "True", OLD) "]}", OLD, NEW},
        {"{'conditions': [" CONDITION("Ready", "False", OLD) "]}", NEW, NEW},
        {"{'conditions': [" CONDITION("Secured", "False", OLD) ", " CONDITION("Ready", "True", OLD) "]}", OLD,
         OLD},
        {"{'conditions': [" CONDITION("Ready", "True", "yesterday") "]}", NEW, NEW},
        {"{'conditions': [" CONDITION("ready", "True", OLD) "]}", NEW, NEW},
        {"{'conditions': [{'type': 'Ready', 'status': true, 'lastTransitionTime': '" OLD "'}]}", NEW, NEW},
        {"{'conditions': [{'type': 'Ready', 'status': 'True', 'lastTransitionTime': 3}]}", NEW, NEW},
        {"{'conditions': [" CONDITION("Ready", "True", OLD) ", " CONDITION("Ready", "False", NEW) "]}", OLD,
         NEW}};
    char time[CONDITION_TIME_SIZE];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CU_ASSERT_STRING_EQUAL(carried(cases[i].previous, "Ready", time), cases[i].ready);
        CU_ASSERT_STRING_EQUAL(carried(cases[i].previous, "Secured", time), cases[i].secured);
    }
}

static void short_memory_is_told(void)
{
    bool failed = true;

    for (size_t granted = 0; failed; granted++) {
        json_t *status = parse("{'conditions': [" CONDITION("Ready", "True", NEW) "]}");
        json_t *before = parse("{'conditions': [" CONDITION("Ready", "True", OLD) "]}");
        bool done;
        scarce_begin(granted);
        done = condition_carry(status, before);
        failed = scarce_end();
        CU_ASSERT_EQUAL(done, !failed);
        json_decref(status);
        json_decref(before);
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"times are written and read", times_are_written_and_read},
        {"other texts are no times", other_texts_are_no_times},
        {"times move only with their status", times_move_only_with_their_status},
        {"short memory is told", short_memory_is_told},
        {NULL, NULL}};

    return harness_run("condition", tests);
}
