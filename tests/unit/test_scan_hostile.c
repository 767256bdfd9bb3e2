/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"
#include "scan_record.h"
#include "scarce.h"

#include "base/text.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int stop_at_second(const struct scan_event *event, void *payload)
{
    int *count = payload;

    (void)event;
    return ++*count == 2 ? 42 : 0;
}

static void a_visitor_can_stop_it(void)
{
    const struct scan_options options = {.form = SCAN_LIST};
    const char *body = LIST(GOOD("a") "," GOOD("b") "," GOOD("c"));
    struct scan_list list = {0};
    int count = 0;
    struct scan *scan = scan_new(&options, stop_at_second, &count);

    CU_ASSERT_EQUAL(scan_feed(scan, body, strlen(body), NULL), 42);
    CU_ASSERT_EQUAL(scan_feed(scan, body, strlen(body), NULL), 42);
    CU_ASSERT_EQUAL(scan_finish(scan, &list, NULL), 42);
    CU_ASSERT_EQUAL(count, 2);
    scan_free(scan);
    scan_free(NULL);
}

static int count_only(const struct scan_event *event, void *payload)
{
    size_t *count = payload;

    *count += event->object.text != NULL;
    return 0;
}

/* An event of a mebibyte, in so many bytes at a time. @return the time that it took. */
static clock_t time_to_scan(const struct text *event, size_t piece)
{
    const struct scan_options options = {.form = SCAN_WATCH};
    size_t count = 0;
    struct scan *scan = scan_new(&options, count_only, &count);
    clock_t start = clock();

    for (size_t at = 0; at < event->length; at += piece) {
        size_t left = event->length - at;
        CU_ASSERT_EQUAL_FATAL(scan_feed(scan, event->data + at, left < piece ? left : piece, NULL), 0);
    }
    CU_ASSERT_EQUAL(count, 1);
    scan_free(scan);
    return clock() - start;
}

/* What has come is not read again with each piece: that would take a thousand times as long. */
static void pieces_cost_little_more_than_the_whole(void)
{
    struct text event = text_empty();
    clock_t whole;
    clock_t pieces;

    text_append_string(&event, "{\"type\":\"ADDED\",\"object\":{" META("a") ",\"x\":[");
    for (int i = 0; i < 90000; i++)
        text_append_string(&event, "\"some text\",");
    text_append_string(&event, "1]}}\n");
    whole = time_to_scan(&event, event.length);
    pieces = time_to_scan(&event, 16);
    (void)printf("# %zu bytes: as a whole in %ld us, in pieces in %ld us\n", event.length, (long)whole,
                 (long)pieces);
    CU_ASSERT_TRUE(pieces < 50 * whole + CLOCKS_PER_SEC / 10);
    text_release(&event);
}

static void memory_of_a_large_object_is_given_back(void)
{
    const struct scan_options options = {.form = SCAN_LIST};
    const char *small = GOOD("b") ",";
    size_t count = 0;
    struct scan *scan = scan_new(&options, count_only, &count);
    size_t before = mallinfo2().uordblks;

    CU_ASSERT_EQUAL(scan_feed(scan, "{\"items\":[{" META("a") ",\"x\":[",
                              strlen("{\"items\":[{" META("a") ",\"x\":["), NULL),
                    0);
    for (int i = 0; i < 400000; i++)
        (void)scan_feed(scan, "true,", 5, NULL);
    CU_ASSERT_EQUAL(scan_feed(scan, "1]},", 4, NULL), 0);
    CU_ASSERT_EQUAL(scan_feed(scan, small, strlen(small), NULL), 0);
    CU_ASSERT_EQUAL(count, 2);
    CU_ASSERT_TRUE(mallinfo2().uordblks < before + 300000);
    scan_free(scan);
}

/* Whatever comes: it ends, in pieces as in one; the record looks at each text. */
static bool holds_for(const struct scan_options *options, const char *data, size_t size,
                      struct mutate *mutate)
{
    char *whole = scan_in_pieces(options, data, size, SIZE_MAX, NULL);
    char *pieces = scan_in_pieces(options, data, size, 0, mutate);
    bool same = strcmp(whole, pieces) == 0;

    if (!same)
        (void)printf("# %.*s\n# whole: %s\n# pieces: %s\n", (int)size, data, whole, pieces);
    free(whole);
    free(pieces);
    return same;
}

static void mutated_bodies_hold(void)
{
    static const char *const pieces[] = {"\"",
                                         "\\",
                                         "\\u0000",
                                         "{",
                                         "}",
                                         "[",
                                         "]",
                                         ",",
                                         ":",
                                         "\n",
                                         "null",
                                         "\xff",
                                         "\"metadata\":{",
                                         "\"managedFields\":[",
                                         "\"name\":",
                                         "\"items\":[",
                                         "\"status\":",
                                         " ",
                                         NULL};
    static const char *const bodies[] = {
        LIST("{" META("a") ",\"spec\":{\"x\":[1,\"y\"]},\"status\":{}}," GOOD(
            "b") ",{\"metadata\":{\"managedFields\":"
                 "[{\"f:x\":{}}],\"name\":\"c\",\"resourceVersion\":\"1\"}}"),
        EVENT("ADDED", "{" META("a") ",\"spec\":{\"x\":[1,\"y\"]},\"status\":{}}")
            EVENT("BOOKMARK", "{\"metadata\":{\"resourceVersion\":\"1\"}}")
                EVENT("ERROR", "{\"kind\":\"Status\",\"code\":410}") EVENT("DELETED", GOOD("b")),
    };
    struct mutate mutate = mutate_begin(7, 1500);
    char buffer[4096];
    bool same = true;
    size_t rounds = 0;

    for (; same && rounds < 40000 && mutate_goes_on(&mutate); rounds++) {
        struct scan_options options = {.form = rounds % 2 ? SCAN_WATCH : SCAN_LIST,
                                       .split_status = mutate_number(&mutate, 2) == 0,
                                       .object_max = mutate_number(&mutate, 4) == 0 ? 100 : 0};
        const char *body = bodies[rounds % 2];
        size_t size = strlen(body);
        memcpy(buffer, body, size);
        size = mutate_text(&mutate, buffer, size, sizeof buffer, pieces);
        same = holds_for(&options, buffer, size, &mutate);
    }
    CU_ASSERT_TRUE(same);
    CU_ASSERT_TRUE(rounds > 100);
}

static bool scan_scarce(size_t granted, const struct scan_options *options, const char *body, size_t expected)
{
    size_t count = 0;
    struct scan_list list = {0};
    struct error error = {0};
    struct scan *scan;
    int result = ERROR_NO_MEMORY;
    bool failed;

    scarce_begin(granted);
    scan = scan_new(options, count_only, &count);
    if (scan)
        result = scan_feed(scan, body, strlen(body), NULL);
    if (result == 0)
        result = scan_finish(scan, &list, &error);
    failed = scarce_end();
    CU_ASSERT_EQUAL(result, failed ? ERROR_NO_MEMORY : 0);
    CU_ASSERT_TRUE(failed || count == expected);
    scan_free(scan);
    return failed;
}

static void without_memory_it_fails_and_tells_nothing_wrong(void)
{
    static const struct scan_options list = {.form = SCAN_LIST, .split_status = true};
    static const struct scan_options watch = {.form = SCAN_WATCH};
    size_t granted = 0;

    while (scan_scarce(granted, &list,
                       LIST("{" META("a") ",\"x\":{\"b\":1,\"a\":1.5},\"status\":{}}," GOOD("b")), 2))
        granted++;
    CU_ASSERT_TRUE(granted > 10);
    granted = 0;
    while (scan_scarce(granted, &watch,
                       EVENT("ADDED", GOOD("a"))
                           EVENT("BOOKMARK", "{\"metadata\":{\"resourceVersion\":\"1\"}}")
                               EVENT("ERROR", "{\"kind\":\"Status\",\"code\":410}"),
                       3))
        granted++;
    CU_ASSERT_TRUE(granted > 10);
}

int main(void)
{
    static const struct test tests[] = {
        {"a visitor can stop it", a_visitor_can_stop_it},
        {"pieces cost little more than the whole", pieces_cost_little_more_than_the_whole},
        {"memory of a large object is given back", memory_of_a_large_object_is_given_back},
        {"mutated bodies: in pieces as in one, and every text has a tree", mutated_bodies_hold},
        {"without memory it fails and tells nothing wrong", without_memory_it_fails_and_tells_nothing_wrong},
        {NULL, NULL},
    };

    return harness_run("scan_hostile", tests);
}
