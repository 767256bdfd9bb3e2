/* SPDX-License-Identifier: Apache-2.0 */
/* Our own writes, and a server that tells of what was before them. */
#include "harness.h"

#include "connection_stage.h"
#include "kube/apiserver.h"
#include "kube/echo.h"

#include <stdio.h>
#include <string.h>

#define APIS "/apis/gateway.kyma-project.io/v1alpha2"
#define META(name, version)                                                                                  \
    "\"metadata\":{\"name\":\"" name "\",\"namespace\":\"t1\",\"uid\":\"u\",\"generation\":1,"               \
    "\"resourceVersion\":\"" version "\"}"
#define API(version, spec, status)                                                                           \
    "{\"apiVersion\":\"gateway.kyma-project.io/v1alpha2\",\"kind\":\"Api\"," META(                           \
        "a", version) ",\"spec\":{\"x\":\"" spec "\"},\"status\":{\"y\":\"" status "\"}}"
#define LOCK(version) "{\"apiVersion\":\"test.example/v1\",\"kind\":\"Lock\"," META("l", version) "}"
#define LIST(version, items) "{\"metadata\":{\"resourceVersion\":\"" version "\"},\"items\":[" items "]}"
#define EVENT(type, object) "{\"type\":\"" type "\",\"object\":" object "}\n"
#define BOOKMARK(version) EVENT("BOOKMARK", "{\"metadata\":{\"resourceVersion\":\"" version "\"}}")
#define EXPIRED EVENT("ERROR", "{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\"}")

static struct stage stage;
static struct apiserver *server;
static struct moment now;
static struct text told;
static unsigned answers_told;
static struct sink_answer last;
static char rooms[16][STAGE_ROOM];

static int put(const struct event *event, void *payload, struct error *error)
{
    const json_t *metadata = json_object_get(event->object, "metadata");

    (void)payload;
    (void)error;
    text_append_format(&told, "put %s ", json_string_value(json_object_get(metadata, "resourceVersion")));
    return 0;
}

static int gone(const struct object_ref *ref, void *payload, struct error *error)
{
    (void)payload;
    (void)error;
    text_append_format(&told, "gone %s ", ref->name);
    return 0;
}

static int observe(const struct observation *seen, void *payload, struct error *error)
{
    const char *how = seen->object ? "stands" : "lacks";

    (void)payload;
    (void)error;
    text_append_format(&told, "%s %s ", seen->problem ? "broken" : how, seen->version);
    return 0;
}

static bool knows(const struct object_ref *ref, const char *uid, const char *version, void *payload)
{
    (void)ref;
    (void)uid;
    (void)version;
    (void)payload;
    return false;
}

static int sweep(const struct object_ref *ref, bool (*seen)(const char *, const char *, void *),
                 void *seen_payload, void *payload, struct error *error)
{
    (void)ref;
    (void)payload;
    (void)error;
    text_append_format(&told, "sweep %s ", seen("t1", "l", seen_payload) ? "nothing" : "l");
    return 0;
}

static int kind(const struct object_ref *ref, enum follow_state state, const char *why, void *payload,
                struct error *error)
{
    (void)ref;
    (void)state;
    (void)why;
    (void)payload;
    (void)error;
    return 0;
}

static int answer(const char *key, const struct sink_answer *what, void *payload, struct error *error)
{
    (void)key;
    (void)payload;
    (void)error;
    last = *what;
    answers_told++;
    return 0;
}

static int recovered(void *payload, struct error *error)
{
    (void)payload;
    (void)error;
    return 0;
}

static void opens(const struct fault_answer *answers, size_t count, bool locks)
{
    static const struct apiserver_kind lock = {
        .ref = {.group = "test.example", .version = "v1", .kind = "Lock", .plural = "locks"}, .owned = true};
    struct apiserver_options options = {.cluster = "c",
                                        .kinds = &lock,
                                        .kinds_count = locks ? 1 : 0,
                                        .seed = 7,
                                        .now = &now,
                                        .listener = {.put = put,
                                                     .gone = gone,
                                                     .observe = observe,
                                                     .knows = knows,
                                                     .sweep = sweep,
                                                     .kind = kind,
                                                     .recovered = recovered,
                                                     .answer = answer}};

    stage_reset(&stage);
    stage_open(&stage, answers, count);
    options.connection = stage.drive.connection;
    told = text_empty();
    answers_told = 0;
    now = drive_now(&stage.drive);
    CU_ASSERT_EQUAL_FATAL(apiserver_new(&options, &server, NULL), 0);
}

static void closes(void)
{
    apiserver_free(server);
    stage_close(&stage);
    text_release(&told);
}

static void turn(void)
{
    now = drive_now(&stage.drive);
    apiserver_tick(server);
    drive_for(&stage.drive, 2);
}

/* Turns until so many requests have come, and for a moment more. @return whether there are no more. */
static bool asks(unsigned requests)
{
    for (int i = 0; i < 2000 && fault_server_requests(&stage.server) < requests; i++)
        turn();
    for (int i = 0; i < 20; i++)
        turn();
    return fault_server_requests(&stage.server) == requests;
}

static bool is_refused(int result, int code)
{
    unsigned before = answers_told;

    for (int i = 0; i < 2000 && answers_told == before; i++)
        turn();
    return result == SINK_PENDING && answers_told == before + 1 && last.code == code;
}

static bool is_answered(int result)
{
    return is_refused(result, 0);
}

static bool tells(const char *expected)
{
    bool same = strcmp(told.data ? told.data : "", expected) == 0;

    if (!same)
        (void)printf("# %s\n", told.data);
    text_clear(&told);
    return same;
}

static struct fault_answer to(const char *request, struct fault_answer what)
{
    what.to = request;
    return what;
}

static int report(const char *text)
{
    struct sink *sink = apiserver_sink(server);
    struct sink_answer ignored;
    json_t *api =
        json_pack("{s:{s:s, s:s, s:i}}", "metadata", "name", "a", "namespace", "t1", "generation", 1);
    json_t *status = json_pack("{s:s}", "y", text);
    int result = sink->report(sink, "t1/a", api, status, &ignored);

    json_decref(api);
    json_decref(status);
    return result;
}

/* Two statuses are written while there is no watch, which then tells of both, and of an edit. */
static void statuses_of_ours_are_no_news(void)
{
    const struct fault_answer answers[] = {
        to("GET " APIS " HTTP",
           stage_json(rooms[0], "{\"resources\":[{\"name\":\"apis\"},{\"name\":\"apis/status\"}]}")),
        to("GET " APIS "/apis?resourceVersion", stage_json(rooms[1], LIST("10", API("10", "s", "old")))),
        to("PUT ", stage_json(rooms[2], API("98", "s", "one"))),
        to("PUT ", stage_json(rooms[3], API("101", "s", "two"))),
        to("?watch=true", stage_watch(rooms[4], BOOKMARK("10"), true)),
        to("?watch=true", stage_watch(rooms[5], "\n", true)),
        to("?watch=true",
           stage_watch(rooms[6],
                       EVENT("MODIFIED", API("98", "s", "one")) EVENT("MODIFIED", API("101", "s", "two"))
                           EVENT("MODIFIED", API("102", "t", "two")),
                       false)),
    };

    opens(answers, 7, false);
    CU_ASSERT_TRUE(asks(4));
    CU_ASSERT_TRUE(tells("put 10 "));
    CU_ASSERT_TRUE(is_answered(report("one")));
    CU_ASSERT_TRUE(is_answered(report("two")));
    CU_ASSERT_TRUE(fault_server_got(&stage.server, 5, "\"resourceVersion\":\"98\""));
    stage.drive.ahead_ms += 2000;
    CU_ASSERT_TRUE(asks(7));
    CU_ASSERT_TRUE(tells("put 102 "));
    /* Nor is the next one written upon what was. */
    CU_ASSERT_TRUE(is_answered(report("three")));
    CU_ASSERT_TRUE(fault_server_got(&stage.server, 7, "\"resourceVersion\":\"102\""));
    closes();
}

#define UUID "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
#define LONG "uid-and-version-of-another-form-that-no-server-of-today-has-and-that-the-API-allows"
#define STANDING(uid, version, status)                                                                       \
    "{\"apiVersion\":\"gateway.kyma-project.io/v1alpha2\",\"kind\":\"Api\",\"metadata\":{\"name\":\"a\","    \
    "\"namespace\":\"t1\",\"uid\":\"" uid "\",\"generation\":1,\"resourceVersion\":\"" version               \
    "\"},\"spec\":{\"x\":\"s\"},\"status\":{\"y\":\"" status "\"}}"
#define WRITES(uid, version) "\"resourceVersion\":\"" version "\",\"uid\":\"" uid "\"}"
/* Of the Api that stands, and on what it was, to the letter. */
static void statuses_are_written_upon_what_stands(void)
{
    const struct fault_answer answers[] = {
        to("GET " APIS " HTTP",
           stage_json(rooms[0], "{\"resources\":[{\"name\":\"apis\"},{\"name\":\"apis/status\"}]}")),
        to("GET " APIS "/apis?resourceVersion", stage_json(rooms[1], LIST("9", STANDING(UUID, "9", "old")))),
        to("PUT ", stage_json(rooms[2], STANDING(UUID, "10000000", "one"))),
        to("PUT ", stage_json(rooms[3], STANDING(UUID, LONG "1", "two"))),
        to("PUT ", stage_json(rooms[4], STANDING(UUID, "8", "three"))),
        to("PUT ", stage_json(rooms[5], STANDING(LONG, LONG, "five"))),
        to("?watch=true", stage_watch(rooms[6], BOOKMARK("10"), true)),
        to("?watch=true", stage_watch(rooms[7], "\n", true)),
        to("?watch=true", stage_watch(rooms[8], EVENT("MODIFIED", STANDING(LONG, LONG, "four")), false)),
    };

    opens(answers, 9, false);
    CU_ASSERT_TRUE(asks(4));
    CU_ASSERT_TRUE(is_answered(report("one")));
    CU_ASSERT_TRUE(fault_server_got(&stage.server, 4, WRITES(UUID, "9")));
    CU_ASSERT_TRUE(is_answered(report("two")));
    CU_ASSERT_TRUE(fault_server_got(&stage.server, 5, WRITES(UUID, "10000000")));
    CU_ASSERT_TRUE(is_answered(report("three")));
    CU_ASSERT_TRUE(fault_server_got(&stage.server, 6, WRITES(UUID, LONG "1")));
    text_clear(&told);
    stage.drive.ahead_ms += 2000;
    CU_ASSERT_TRUE(asks(8));
    CU_ASSERT_TRUE(tells("put " LONG " "));
    CU_ASSERT_TRUE(is_answered(report("five")));
    CU_ASSERT_TRUE(fault_server_got(&stage.server, 8, WRITES(LONG, LONG)));
    closes();
}

static int apply(const char *version)
{
    struct sink *sink = apiserver_sink(server);
    struct sink_answer ignored;
    json_t *object = json_pack("{s:{s:s, s:s}}", "metadata", "name", "l", "namespace", "t1");
    const struct sink_step step = {.key = "t1/a",
                                   .ref = {"test.example", "v1", "Lock", "locks", "t1", "l"},
                                   .object = object,
                                   .uid = version[0] ? "u" : "",
                                   .version = version};
    int result = sink->apply(sink, &step, &ignored);

    json_decref(object);
    return result;
}

#define LOCKS "GET /apis/test.example/v1/locks?"
/* A lock is made, and narrowed: neither an event nor a list from before that says that it is not so. */
static void outputs_of_ours_are_not_taken_back(void)
{
    const struct fault_answer answers[] = {
        to("GET " APIS " HTTP", stage_json(rooms[0], "{\"resources\":[]}")),
        to("GET " APIS "/apis?resourceVersion", stage_json(rooms[1], LIST("10", ""))),
        to("GET " APIS "/apis?watch", stage_watch(rooms[2], BOOKMARK("10"), false)),
        to(LOCKS "resourceVersion", stage_json(rooms[3], LIST("10", ""))),
        to("GET /apis/test.example/v1/locks HTTP", stage_json(rooms[4], LIST("99", ""))),
        to("GET /apis/test.example/v1/locks HTTP", stage_json(rooms[5], LIST("101", ""))),
        to("POST ", stage_json(rooms[6], LOCK("98"))),
        to("PUT ", stage_json(rooms[7], LOCK("100"))),
        to(LOCKS "watch", stage_watch(rooms[8], "\n", true)),
        to(LOCKS "watch",
           stage_watch(rooms[9], EVENT("DELETED", LOCK("97")) EVENT("ADDED", LOCK("98")) EXPIRED, true)),
        to(LOCKS "watch", stage_watch(rooms[10], EXPIRED, true)),
        to(LOCKS "watch", stage_watch(rooms[11], EVENT("ADDED", LOCK("102")), false)),
    };

    opens(answers, sizeof answers / sizeof answers[0], true);
    CU_ASSERT_TRUE(asks(5));
    CU_ASSERT_TRUE(is_answered(apply("")));
    CU_ASSERT_TRUE(is_answered(apply("98")));
    CU_ASSERT_TRUE(tells(""));
    stage.drive.ahead_ms += 2000;
    CU_ASSERT_TRUE(asks(10));
    CU_ASSERT_TRUE(tells("sweep nothing "));
    stage.drive.ahead_ms += 2000;
    CU_ASSERT_TRUE(asks(12));
    CU_ASSERT_TRUE(tells("sweep l stands 102 "));
    closes();
}

#define HUGE                                                                                                 \
    "{\"apiVersion\":\"test.example/v1\",\"kind\":\"Lock\"," META("l", "98") ",\"x\":18446744073709551616}"
/* Nothing says what a write has made if the answer to it cannot be read: the watch tells of it. */
static void an_answer_that_cannot_be_read_is_none(void)
{
    const struct fault_answer answers[] = {
        to("GET " APIS " HTTP", stage_json(rooms[0], "{\"resources\":[]}")),
        to("GET " APIS "/apis?resourceVersion", stage_json(rooms[1], LIST("10", ""))),
        to("GET " APIS "/apis?watch", stage_watch(rooms[2], BOOKMARK("10"), false)),
        to(LOCKS "resourceVersion", stage_json(rooms[3], LIST("10", ""))),
        to("POST ", stage_json(rooms[4], HUGE)),
        to(LOCKS "watch", stage_watch(rooms[5], "\n", true)),
        to(LOCKS "watch", stage_watch(rooms[6], EVENT("ADDED", HUGE), false)),
    };

    opens(answers, sizeof answers / sizeof answers[0], true);
    CU_ASSERT_TRUE(asks(5));
    CU_ASSERT_TRUE(is_refused(apply(""), ERROR_BUSY));
    CU_ASSERT_PTR_NOT_NULL(strstr(last.error.message, "cannot be read"));
    CU_ASSERT_STRING_EQUAL(last.version, "");
    stage.drive.ahead_ms += 2000;
    CU_ASSERT_TRUE(asks(7));
    CU_ASSERT_TRUE(tells("broken 98 "));
    closes();
}

/* A server that was set back to an older state never comes to what we wrote. */
static void what_we_wrote_is_not_waited_for_without_end(void)
{
    const struct fault_answer answers[] = {
        to("GET " APIS " HTTP", stage_json(rooms[0], "{\"resources\":[]}")),
        to("GET " APIS "/apis?resourceVersion", stage_json(rooms[1], LIST("10", ""))),
        to("GET " APIS "/apis?watch", stage_watch(rooms[2], BOOKMARK("10"), false)),
        to(LOCKS "resourceVersion", stage_json(rooms[3], LIST("10", ""))),
        to("PUT ", stage_json(rooms[4], LOCK("100"))),
        to(LOCKS "watch", stage_watch(rooms[5], "\n", true)),
        to(LOCKS "watch", stage_watch(rooms[6], EVENT("MODIFIED", LOCK("98")), true)),
        to(LOCKS "watch", stage_watch(rooms[7], "\n", true)),
        to(LOCKS "watch", stage_watch(rooms[8], EVENT("MODIFIED", LOCK("98")), false)),
    };

    opens(answers, sizeof answers / sizeof answers[0], true);
    CU_ASSERT_TRUE(asks(5));
    CU_ASSERT_TRUE(is_answered(apply("7")));
    stage.drive.ahead_ms += 2000;
    CU_ASSERT_TRUE(asks(8));
    CU_ASSERT_TRUE(tells(""));
    stage.drive.ahead_ms += ECHO_LIMIT_MS;
    CU_ASSERT_TRUE(asks(9));
    CU_ASSERT_TRUE(tells("stands 98 "));
    closes();
}

static struct fault_answer refuses(char room[STAGE_ROOM], const char *status)
{
    (void)snprintf(
        room, STAGE_ROOM,
        "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
        strlen(status), status);
    return (struct fault_answer){.bytes = room};
}

#define FORBIDDEN(details)                                                                                   \
    "{\"kind\":\"Status\",\"code\":403,\"reason\":\"Forbidden\",\"message\":\"no new content\"" details "}"
/* In a namespace that ends nothing can be made, which is no mistake of anybody and lasts until it is gone. */
static void a_namespace_that_ends_is_left_alone(void)
{
    static const char ends[] = FORBIDDEN(
        ",\"details\":{\"causes\":[{\"reason\":\"NamespaceTerminating\",\"field\":\"metadata.namespace\"}]}");
    const struct fault_answer answers[] = {
        to("GET " APIS " HTTP", stage_json(rooms[0], "{\"resources\":[]}")),
        to("GET " APIS "/apis?resourceVersion", stage_json(rooms[1], LIST("10", ""))),
        to("GET " APIS "/apis?watch", stage_watch(rooms[2], BOOKMARK("10"), false)),
        to("POST ", refuses(rooms[3], ends)),
        to("POST ", refuses(rooms[4], FORBIDDEN(""))),
        to("PUT ", refuses(rooms[5], FORBIDDEN(",\"details\":{\"causes\":[{\"reason\":\"Other\"}]}"))),
    };

    opens(answers, sizeof answers / sizeof answers[0], false);
    CU_ASSERT_TRUE(asks(3));
    CU_ASSERT_TRUE(is_refused(apply(""), ERROR_BUSY));
    CU_ASSERT_EQUAL(last.retry_ms, 300000);
    CU_ASSERT_PTR_NOT_NULL(strstr(last.error.message, "no new content"));
    CU_ASSERT_TRUE(is_refused(apply(""), ERROR_IO));
    CU_ASSERT_EQUAL(last.retry_ms, 0);
    CU_ASSERT_TRUE(is_refused(apply("7"), ERROR_IO));
    closes();
}

int main(void)
{
    static const struct test tests[] = {
        {"statuses of ours are no news", statuses_of_ours_are_no_news},
        {"statuses are written upon what stands", statuses_are_written_upon_what_stands},
        {"outputs of ours are not taken back", outputs_of_ours_are_not_taken_back},
        {"an answer that cannot be read is none", an_answer_that_cannot_be_read_is_none},
        {"what we wrote is not waited for without end", what_we_wrote_is_not_waited_for_without_end},
        {"a namespace that ends is left alone", a_namespace_that_ends_is_left_alone},
        {NULL, NULL},
    };

    return harness_run("apiserver", tests);
}
