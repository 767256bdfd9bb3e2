/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"
#include "scarce.h"

#include "base/log.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* A log in memory, with a clock that stands until it is moved. */
struct desk {
    struct log log;
    struct log_moment now;
    char *data;
    size_t size;
};

static struct log_moment tell_time(void *payload)
{
    const struct desk *desk = payload;

    return desk->now;
}

static void begin(struct desk *desk, enum log_format format)
{
    *desk = (struct desk){.now = {.real_ms = INT64_C(1767323045678), .monotonic_ms = 5000}};
    desk->log = (struct log){.level = LOG_LEVEL_INFO,
                             .out = open_memstream(&desk->data, &desk->size),
                             .format = format,
                             .repeats = log_repeats_new(),
                             .clock = tell_time,
                             .clock_payload = desk};
}

static void end(struct desk *desk)
{
    (void)fclose(desk->log.out);
    free(desk->data);
    log_repeats_free(desk->log.repeats);
}

static void pass(struct desk *desk, int64_t milliseconds)
{
    desk->now.real_ms += milliseconds;
    desk->now.monotonic_ms += milliseconds;
}

/* Begins a new page. */
static void turn_page(struct desk *desk)
{
    (void)fclose(desk->log.out);
    free(desk->data);
    desk->log.out = open_memstream(&desk->data, &desk->size);
}

/* What was written on this page is this. */
static bool wrote(struct desk *desk, const char *expected)
{
    bool equal;

    (void)fflush(desk->log.out);
    equal = strcmp(desk->data, expected) == 0;
    if (!equal)
        (void)printf("# %s", desk->data);
    turn_page(desk);
    return equal;
}

static unsigned lines(struct desk *desk)
{
    unsigned count = 0;

    (void)fflush(desk->log.out);
    for (const char *at = desk->data; (at = strchr(at, '\n')); at++)
        count++;
    return count;
}

static void write_line(const struct desk *desk, const char *api)
{
    log_write(&desk->log, LOG_LEVEL_WARNING, "api refused", "api", api, "none", (char *)NULL, "error",
              "a \"b\"\nc", (char *)NULL);
}

static void both_formats_have_the_same_keys(void)
{
    struct desk desk;

    begin(&desk, LOG_FORMAT_LOGFMT);
    write_line(&desk, "ns/a");
    CU_ASSERT_TRUE(wrote(&desk, "ts=2026-01-02T03:04:05.678Z level=warning msg=\"api refused\" api=ns/a "
                                "error=\"a \\\"b\\\"\\nc\"\n"));
    end(&desk);
    begin(&desk, LOG_FORMAT_JSON);
    write_line(&desk, "ns/a");
    CU_ASSERT_TRUE(wrote(&desk,
                         "{\"ts\":\"2026-01-02T03:04:05.678Z\",\"level\":\"warning\",\"msg\":\"api refused\","
                         "\"api\":\"ns/a\",\"error\":\"a \\\"b\\\"\\nc\"}\n"));
    end(&desk);
    CU_ASSERT_EQUAL(log_format_of("json"), LOG_FORMAT_JSON);
    CU_ASSERT_EQUAL(log_format_of("logfmt"), LOG_FORMAT_LOGFMT);
    CU_ASSERT_EQUAL(log_format_of("xml"), -1);
}

/* Every byte in every place of a value: still one line, still JSON. */
static void json_is_json_whatever_is_told(void)
{
    struct desk desk;
    unsigned bad = 0;

    begin(&desk, LOG_FORMAT_JSON);
    for (int first = 1; first < 256; first++) {
        for (int second = 1; second < 256; second += second < 0x7c ? 7 : 1) {
            char value[8] = {'a', (char)first, (char)second, (char)0x80, (char)0x80, 'z', 0};
            json_t *parsed;
            log_write(&desk.log, LOG_LEVEL_ERROR, value, "value", value, (char *)NULL);
            (void)fflush(desk.log.out);
            parsed = json_loads(desk.data, 0, NULL);
            bad += !parsed || strchr(desk.data, '\n') != desk.data + strlen(desk.data) - 1 ||
                   json_object_size(parsed) != 4;
            json_decref(parsed);
            turn_page(&desk);
            (void)log_tell_repeats(&desk.log, true);
            turn_page(&desk);
        }
    }
    CU_ASSERT_EQUAL(bad, 0);
    end(&desk);
}

static void text_that_is_valid_is_kept(void)
{
    static const char *const kept[] = {"\xc3\xa4\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xec\x95\x88"};
    static const char *const mended[] = {"\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\xff"};
    struct desk desk;

    begin(&desk, LOG_FORMAT_JSON);
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        log_write(&desk.log, LOG_LEVEL_ERROR, "x", "value", kept[i], (char *)NULL);
        (void)fflush(desk.log.out);
        CU_ASSERT_PTR_NOT_NULL(strstr(desk.data, kept[i]));
    }
    turn_page(&desk);
    for (size_t i = 0; i < sizeof mended / sizeof mended[0]; i++) {
        log_write(&desk.log, LOG_LEVEL_ERROR, "x", "value", mended[i], (char *)NULL);
        (void)fflush(desk.log.out);
        CU_ASSERT_PTR_NULL(strstr(desk.data, mended[i]));
    }
    CU_ASSERT_PTR_NOT_NULL(strstr(desk.data, "\"value\":\"\\ufffd\"}"));
    end(&desk);
}

static void what_comes_again_is_counted(void)
{
    struct desk desk;

    begin(&desk, LOG_FORMAT_LOGFMT);
    write_line(&desk, "ns/a");
    CU_ASSERT_EQUAL(log_tell_repeats(&desk.log, false), -1);
    for (int i = 0; i < 12; i++) {
        pass(&desk, 1000);
        write_line(&desk, "ns/a");
    }
    CU_ASSERT_EQUAL(lines(&desk), 1);
    write_line(&desk, "ns/b");
    log_write(&desk.log, LOG_LEVEL_ERROR, "api refused", "api", "ns/a", "error", "a \"b\"\nc", (char *)NULL);
    CU_ASSERT_EQUAL(lines(&desk), 3);
    CU_ASSERT_EQUAL(log_tell_repeats(&desk.log, false), 48000);
    pass(&desk, 47999);
    CU_ASSERT_EQUAL(log_tell_repeats(&desk.log, false), 1);
    turn_page(&desk);
    pass(&desk, 1);
    CU_ASSERT_EQUAL(log_tell_repeats(&desk.log, false), -1);
    CU_ASSERT_TRUE(wrote(&desk, "ts=2026-01-02T03:05:05.678Z level=warning msg=\"repeated\" times=12 "
                                "event=\"api refused\" api=ns/a error=\"a \\\"b\\\"\\nc\"\n"));
    write_line(&desk, "ns/a");
    CU_ASSERT_EQUAL(lines(&desk), 1);
    end(&desk);
}

static void a_line_after_the_minute_tells_the_count_first(void)
{
    struct desk desk;

    begin(&desk, LOG_FORMAT_JSON);
    log_write(&desk.log, LOG_LEVEL_INFO, "x", (char *)NULL);
    log_write(&desk.log, LOG_LEVEL_INFO, "x", (char *)NULL);
    turn_page(&desk);
    pass(&desk, LOG_REPEAT_MS);
    log_write(&desk.log, LOG_LEVEL_INFO, "x", (char *)NULL);
    CU_ASSERT_TRUE(wrote(&desk,
                         "{\"ts\":\"2026-01-02T03:05:05.678Z\",\"level\":\"info\",\"msg\":\"repeated\","
                         "\"times\":\"1\",\"event\":\"x\"}\n"
                         "{\"ts\":\"2026-01-02T03:05:05.678Z\",\"level\":\"info\",\"msg\":\"x\"}\n"));
    end(&desk);
}

static void at_the_end_all_is_told(void)
{
    struct desk desk;

    begin(&desk, LOG_FORMAT_LOGFMT);
    for (int i = 0; i < 3; i++) {
        write_line(&desk, "ns/a");
        write_line(&desk, "ns/b");
    }
    write_line(&desk, "ns/c");
    CU_ASSERT_EQUAL(lines(&desk), 3);
    CU_ASSERT_EQUAL(log_tell_repeats(&desk.log, true), -1);
    CU_ASSERT_EQUAL(lines(&desk), 5);
    CU_ASSERT_EQUAL(log_tell_repeats(&desk.log, true), -1);
    CU_ASSERT_EQUAL(lines(&desk), 5);
    CU_ASSERT_EQUAL(log_tell_repeats(NULL, true), -1);
    end(&desk);
}

/* The oldest goes when there is no place left; what was counted of it is told. */
static void memory_is_bounded(void)
{
    struct desk desk;
    char name[32];
    char *large = malloc(4001);

    begin(&desk, LOG_FORMAT_LOGFMT);
    write_line(&desk, "first");
    write_line(&desk, "first");
    for (int i = 0; i < 63; i++) {
        pass(&desk, 1);
        (void)snprintf(name, sizeof name, "n/%d", i);
        write_line(&desk, name);
    }
    CU_ASSERT_EQUAL(lines(&desk), 64);
    pass(&desk, 1);
    write_line(&desk, "one more");
    CU_ASSERT_EQUAL(lines(&desk), 66);
    CU_ASSERT_PTR_NOT_NULL(strstr(desk.data, "msg=\"repeated\" times=1 event=\"api refused\" api=first"));
    write_line(&desk, "first");
    CU_ASSERT_EQUAL(lines(&desk), 67);
    write_line(&desk, "n/62");
    CU_ASSERT_EQUAL(lines(&desk), 67);
    CU_ASSERT_PTR_NOT_NULL_FATAL(large);
    memset(large, 'x', 4000);
    large[4000] = '\0';
    write_line(&desk, large);
    write_line(&desk, large);
    CU_ASSERT_EQUAL(lines(&desk), 69);
    free(large);
    end(&desk);
}

static void without_a_memory_every_line_is_written(void)
{
    struct desk desk;
    struct log_repeats *repeats;

    begin(&desk, LOG_FORMAT_LOGFMT);
    repeats = desk.log.repeats;
    desk.log.repeats = NULL;
    write_line(&desk, "ns/a");
    write_line(&desk, "ns/a");
    CU_ASSERT_EQUAL(lines(&desk), 2);
    CU_ASSERT_EQUAL(log_tell_repeats(&desk.log, true), -1);
    desk.log.repeats = repeats;
    log_repeats_free(NULL);
    end(&desk);
}

static void short_memory_harms_nothing(void)
{
    struct desk desk;
    bool failed = true;

    for (size_t granted = 0; failed && granted < 200; granted++) {
        begin(&desk, LOG_FORMAT_JSON);
        log_write(&desk.log, LOG_LEVEL_INFO, "there is a buffer", (char *)NULL);
        scarce_begin(granted);
        write_line(&desk, "ns/a");
        write_line(&desk, "ns/a");
        (void)log_tell_repeats(&desk.log, true);
        failed = scarce_end();
        write_line(&desk, "ns/a");
        CU_ASSERT_TRUE(lines(&desk) >= 2);
        end(&desk);
    }
    CU_ASSERT_FALSE(failed);
    scarce_begin(0);
    CU_ASSERT_PTR_NULL(log_repeats_new());
    (void)scarce_end();
}

int main(void)
{
    static const struct test tests[] = {
        {"both formats have the same keys", both_formats_have_the_same_keys},
        {"JSON is JSON, whatever is told", json_is_json_whatever_is_told},
        {"text that is valid is kept", text_that_is_valid_is_kept},
        {"what comes again is counted", what_comes_again_is_counted},
        {"a line after the minute tells the count first", a_line_after_the_minute_tells_the_count_first},
        {"at the end all is told", at_the_end_all_is_told},
        {"memory is bounded", memory_is_bounded},
        {"without a memory every line is written", without_a_memory_every_line_is_written},
        {"short memory harms nothing", short_memory_harms_nothing},
        {NULL, NULL},
    };

    return harness_run("log", tests);
}
