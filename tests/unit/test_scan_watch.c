/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"
#include "scan_record.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

static bool watch_gives(const char *body, const char *expected)
{
    return scan_gives(&(struct scan_options){.form = SCAN_WATCH}, body, expected);
}

static void events_are_told_one_by_one(void)
{
    CU_ASSERT_TRUE(watch_gives(EVENT("ADDED", GOOD("a")) EVENT("MODIFIED", GOOD("a"))
                                   EVENT("DELETED", GOOD("a")),
                               "added ns/a u 7 -1 " GOOD("a") "\nmodified ns/a u 7 -1 " GOOD(
                                   "a") "\n"
                                        "deleted ns/a u 7 -1 " GOOD("a") "\n"));
    CU_ASSERT_TRUE(watch_gives("{\"object\":" GOOD("a") ",\"x\":[],\"type\":\"ADDED\"}",
                               "added ns/a u 7 -1 " GOOD("a") "\n"));
    CU_ASSERT_TRUE(watch_gives("\n\r\n" EVENT("BOOKMARK", "{\"metadata\":{\"resourceVersion\":\"12\"}}") "\n",
                               "bookmark -/- - 12 -1 {\"metadata\":{\"resourceVersion\":\"12\"}}\n"));
    CU_ASSERT_TRUE(watch_gives(EVENT("BOOKMARK", "{\"metadata\":{}}"),
                               "bookmark -/- - - -1 !a bookmark without a resource version\n"));
    CU_ASSERT_TRUE(watch_gives(EVENT("MOVED", "{\"x\":1}"), "unknown -/- - - -1 type=MOVED {\"x\":1}\n"));
    CU_ASSERT_TRUE(watch_gives("", ""));
}

static void a_refusal_is_read(void)
{
    CU_ASSERT_TRUE(watch_gives(
        EVENT("ERROR",
              "{\"kind\":\"Status\",\"metadata\":{},\"status\":\"Failure\",\"message\":\"too old\\nversion\","
              "\"reason\":\"Expired\",\"code\":410,\"details\":{\"retryAfterSeconds\":5}}"),
        "error -/- - - -1 410 Expired too old version 5 "
        "{\"kind\":\"Status\",\"metadata\":{},\"status\":\"Failure\","
        "\"message\":\"too "
        "old\\nversion\",\"reason\":\"Expired\",\"code\":410,\"details\":{\"retryAfterSeconds\":5}}\n"));
    CU_ASSERT_TRUE(watch_gives(
        EVENT("ERROR", "{\"kind\":\"\\u0000\"}"),
        "error -/- - - -1 0   -1 !kind: the character \\u0000, which no text of ours can hold\n"));
}

static void a_bad_line_harms_only_itself(void)
{
    CU_ASSERT_TRUE(watch_gives(EVENT("ADDED", "{" META("c") ",\"x\":\"\\u0000\"}") EVENT("ADDED", GOOD("a")),
                               "added ns/c u 7 -1 !x: the character \\u0000, which no text of ours can hold\n"
                               "added ns/a u 7 -1 " GOOD("a") "\n"));
    CU_ASSERT_TRUE(
        watch_gives("{\"type\":\"ADDED\",\"object\":{" META("c") ",\"x\":\"\n" EVENT("ADDED", GOOD("a")),
                    "broken ns/c u 7 -1 !the line ends inside an event\nadded ns/a u 7 -1 " GOOD("a") "\n"));
    CU_ASSERT_TRUE(watch_gives("<html>\n" EVENT("ADDED", GOOD("a")),
                               "broken -/- - - -1 !the line is no event\nadded ns/a u 7 -1 " GOOD("a") "\n"));
    CU_ASSERT_TRUE(watch_gives("{\"type\":\"ADDED\"]}\n" EVENT("ADDED", GOOD("a")),
                               "broken -/- - - -1 !the line is no event\nadded ns/a u 7 -1 " GOOD("a") "\n"));
    CU_ASSERT_TRUE(watch_gives("{\"type\":\"ADDED\"}\n{\"object\":" GOOD("c") "}\n" EVENT("ADDED", "null"),
                               "broken -/- - - -1 !an event without an object\n"
                               "broken ns/c u 7 -1 !an event without a type\n"
                               "added -/- - - -1 !expected an object\n"));
    CU_ASSERT_TRUE(watch_gives("{\"type\":\"ADDED\",\"type\":\"DELETED\",\"object\":" GOOD("c") "}\n",
                               "broken -/- - - -1 !the line is no event\n"));
    CU_ASSERT_TRUE(watch_gives(EVENT("ADDED", "{\"metadata\":{\"namespace\":\"ns\"}}"),
                               "added ns/- - - -1 !metadata.name is missing or is no name\n"));
    CU_ASSERT_TRUE(watch_gives("{\"type\":\"ADDED\",\"object\":{" META("c"),
                               "failed -3: a watch that cannot be read: it ended inside an event\n"));
    CU_ASSERT_TRUE(watch_gives("x", "broken -/- - - -1 !the line is no event\n"));
}

static void an_event_of_an_endless_type_harms_only_itself(void)
{
    static const char *const begins[] = {"{\"type\":\"", "{\""};

    for (size_t i = 0; i < 2; i++) {
        struct text body = text_empty();
        text_append_string(&body, begins[i]);
        for (int j = 0; j < 70000; j++)
            text_append_string(&body, "x");
        text_append_string(&body, "\",\"object\":" GOOD("c") "}\n" EVENT("ADDED", GOOD("a")));
        CU_ASSERT_TRUE(watch_gives(body.data, "broken -/- - - -1 !the line is no event\n"
                                              "added ns/a u 7 -1 " GOOD("a") "\n"));
        text_release(&body);
    }
}

static bool refusal_is(int code, const char *body, const char *expected)
{
    struct refusal refusal;
    struct text text = text_empty();
    bool same;

    CU_ASSERT_EQUAL(refusal_read(&refusal, code, body, body ? strlen(body) : 0, NULL), 0);
    text_append_format(&text, "%d %d [%s] [%s] %lld %d", refusal.code, refusal.is_status, refusal.reason,
                       refusal.message, (long long)refusal.retry_after_s, refusal_is_expired(&refusal));
    same = strcmp(text.data, expected) == 0;
    if (!same)
        (void)printf("# %s\n", text.data);
    text_release(&text);
    refusal_release(&refusal);
    return same;
}

static void refusals_of_all_sorts_are_read(void)
{
    struct refusal refusal;
    const char *large = "{\"kind\":\"Status\",\"code\":504,\"details\":{\"causes\":[{\"reason\":"
                        "\"ResourceVersionTooLarge\"}]}}";

    CU_ASSERT_TRUE(refusal_is(404, "404 page not found\n", "404 0 [] [404 page not found] -1 0"));
    CU_ASSERT_TRUE(
        refusal_is(429, "Too many\r\n\x1b[31m requests", "429 0 [] [Too many [31m requests] -1 0"));
    CU_ASSERT_TRUE(refusal_is(502, NULL, "502 0 [] [] -1 0"));
    CU_ASSERT_TRUE(refusal_is(200, "{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\"}",
                              "410 1 [Expired] [] -1 1"));
    CU_ASSERT_TRUE(refusal_is(500,
                              "{\"kind\":\"Status\",\"code\":\"x\",\"details\":{\"retryAfterSeconds\":-4}}",
                              "500 1 [] [] -1 0"));
    CU_ASSERT_TRUE(refusal_is(500, "{\"kind\":\"Other\"}", "500 0 [] [{\"kind\":\"Other\"}] -1 0"));
    CU_ASSERT_EQUAL(refusal_read(&refusal, 0, large, strlen(large), NULL), 0);
    CU_ASSERT_TRUE(refusal_has_cause(&refusal, "ResourceVersionTooLarge"));
    CU_ASSERT_FALSE(refusal_has_cause(&refusal, "FieldManagerConflict"));
    refusal_release(&refusal);
    refusal_release(NULL);
}

/* What no parser takes is text like any other, and the code is that of the answer. */
static void a_refusal_that_cannot_be_parsed_is_text(void)
{
    struct text body = text_empty();
    struct text expected = text_empty();

    text_append_string(&expected, "500 0 [] [");
    for (int i = 0; i < 60000; i++) {
        text_append_string(&body, "[");
        if (i < 256)
            text_append_string(&expected, "[");
    }
    text_append_string(&expected, "] -1 0");
    CU_ASSERT_TRUE(refusal_is(500, body.data, expected.data));
    CU_ASSERT_TRUE(refusal_is(500, "{\"kind\":\"Status\",\"kind\":\"x\"}",
                              "500 0 [] [{\"kind\":\"Status\",\"kind\":\"x\"}] -1 0"));
    CU_ASSERT_TRUE(refusal_is(500, "{\"kind\":\"x\",\"kind\":\"Status\",\"code\":410}",
                              "500 0 [] [{\"kind\":\"x\",\"kind\":\"Status\",\"code\":410}] -1 0"));
    text_release(&body);
    text_release(&expected);
}

int main(void)
{
    static const struct test tests[] = {
        {"events are told one by one", events_are_told_one_by_one},
        {"a refusal in a watch is read", a_refusal_is_read},
        {"a bad line harms only itself", a_bad_line_harms_only_itself},
        {"an event of an endless type harms only itself", an_event_of_an_endless_type_harms_only_itself},
        {"refusals of all sorts are read", refusals_of_all_sorts_are_read},
        {"a refusal that cannot be parsed is text", a_refusal_that_cannot_be_parsed_is_text},
        {NULL, NULL},
    };

    return harness_run("scan_watch", tests);
}
