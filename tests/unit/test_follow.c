/* SPDX-License-Identifier: Apache-2.0 */
/* Lists and watches of one kind, as they follow each other. */
#include "harness.h"

#include "connection_stage.h"
#include "kube/follow.h"
#include "scan_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ITEM(name, version)                                                                                  \
    "{\"metadata\":{\"name\":\"" name "\",\"namespace\":\"ns\",\"resourceVersion\":\"" version "\"}}"
#define POISONED(name)                                                                                       \
    "{\"metadata\":{\"name\":\"" name "\",\"namespace\":\"ns\",\"resourceVersion\":\"1\"},"                  \
    "\"x\":\"\\u0000\"}"
#define BOOKMARK(version) EVENT("BOOKMARK", "{\"metadata\":{\"resourceVersion\":\"" version "\"}}")
#define EXPIRED EVENT("ERROR", "{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\"}")

static struct stage stage;
static struct follow *follow;
static struct moment now;
static struct text told;
static bool others_granted;
static char rooms[8][STAGE_ROOM];

static int tell(const char *before, const char *name)
{
    text_append_format(&told, "%s%s ", before, name);
    return 0;
}

static int begin(void *payload, struct error *error)
{
    (void)payload;
    (void)error;
    return tell("", "begin");
}

static int put(const struct scan_object *object, const char *problem, void *payload, struct error *error)
{
    (void)payload;
    (void)error;
    return tell(problem ? "!" : "", object->name);
}

static int gone(const struct scan_object *object, void *payload, struct error *error)
{
    (void)payload;
    (void)error;
    return tell("-", object->name);
}

static int end(const char *version, void *payload, struct error *error)
{
    (void)version;
    (void)payload;
    (void)error;
    return tell("", "end");
}

static void changed(void *payload)
{
    (void)payload;
}

static bool granted(void *payload)
{
    (void)payload;
    return others_granted;
}

static struct fault_answer listed(int number, const char *version, const char *items)
{
    char list[1024];

    (void)snprintf(list, sizeof list, "{\"metadata\":{\"resourceVersion\":\"%s\"},\"items\":[%s]}", version,
                   items);
    return stage_json(rooms[number], list);
}

static struct fault_answer watched(int number, const char *events, bool ends)
{
    return stage_watch(rooms[number], events, ends);
}

static void opens_with(uint64_t seed, const struct fault_answer *answers, size_t count)
{
    struct follow_options options = {
        .ref = {.group = "g", .version = "v1", .kind = "Thing", .plural = "things"},
        .seed = seed,
        .now = &now,
        .begin = begin,
        .put = put,
        .gone = gone,
        .end = end,
        .changed = changed,
        .granted = granted};

    others_granted = false;
    stage_reset(&stage);
    stage_open(&stage, answers, count);
    options.connection = stage.drive.connection;
    told = text_empty();
    now = drive_now(&stage.drive);
    CU_ASSERT_EQUAL_FATAL(follow_new(&options, &follow, NULL), 0);
}

static void opens(const struct fault_answer *answers, size_t count)
{
    opens_with(7, answers, count);
}

static void closes(void)
{
    follow_free(follow);
    stage_close(&stage);
    text_release(&told);
}

static void turn(void)
{
    now = drive_now(&stage.drive);
    follow_tick(follow);
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

static void passes(int64_t ms)
{
    stage.drive.ahead_ms += ms;
}

static bool got(unsigned request, const char *text)
{
    bool found = fault_server_got(&stage.server, request, text);

    if (!found)
        (void)printf("# request %u: %.200s\n", request, stage.server.requests[request].text);
    return found;
}

static bool lacks(unsigned request, const char *text)
{
    return request < fault_server_requests(&stage.server) &&
           !strstr(stage.server.requests[request].text, text);
}

/* One object that cannot be read costs neither the list nor the watch. */
static void a_watch_follows_a_list(void)
{
    const struct fault_answer answers[] = {
        listed(0, "9", ITEM("a", "3") "," POISONED("c") "," ITEM("b", "4")),
        watched(1, EVENT("ADDED", POISONED("e")) EVENT("ADDED", ITEM("d", "10")), false)};

    opens(answers, 2);
    CU_ASSERT_TRUE(asks(2));
    CU_ASSERT_STRING_EQUAL(told.data, "begin a !c b end !e d ");
    CU_ASSERT_EQUAL(follow_state(follow), FOLLOW_CURRENT);
    CU_ASSERT_TRUE(got(0, "GET /apis/g/v1/things?resourceVersion=0 "));
    CU_ASSERT_TRUE(got(0, "\r\nAccept-Encoding: gzip\r\n"));
    CU_ASSERT_TRUE(got(1, "GET /apis/g/v1/things?watch=true&allowWatchBookmarks=true&resourceVersion=9&"));
    CU_ASSERT_TRUE(lacks(1, "Accept-Encoding"));
    closes();
}

/* What is there comes by a list, which ends: a server may take up a watch that begins with it and never say
 * that this was all. */
static void no_list_comes_by_a_watch(void)
{
    const struct fault_answer answers[] = {listed(0, "9", ""), watched(1, EXPIRED, true),
                                           listed(2, "9", ""), watched(3, EXPIRED, true),
                                           listed(4, "9", ""), watched(5, BOOKMARK("9"), false)};

    opens(answers, 6);
    CU_ASSERT_TRUE(asks(4));
    passes(2000);
    CU_ASSERT_TRUE(asks(6));
    for (unsigned i = 0; i < 6; i++)
        CU_ASSERT_TRUE(lacks(i, "sendInitialEvents"));
    closes();
}

/* A list that begins and does not go on is given up, and asked for again. */
static void a_list_that_stalls_is_given_up(void)
{
    static const struct fault_answer stalled = {.bytes = STAGE_CHUNKED "d\r\n{\"items\":[{}\r\n"};
    const struct fault_answer answers[] = {stalled, listed(1, "9", ITEM("a", "3")),
                                           watched(2, BOOKMARK("9"), false)};

    opens(answers, 3);
    CU_ASSERT_TRUE(asks(1));
    passes(29000);
    CU_ASSERT_TRUE(asks(1));
    passes(1000);
    CU_ASSERT_TRUE(asks(1));
    passes(2000);
    CU_ASSERT_TRUE(asks(3));
    CU_ASSERT_EQUAL(follow_state(follow), FOLLOW_CURRENT);
    CU_ASSERT_NOT_EQUAL(stage.server.requests[1].connection, stage.server.requests[0].connection);
    closes();
}

/* Who has sent bookmarks and is silent now is dead, whatever his system still acknowledges. The watch goes on
 * where it was, by a new connection. */
static void silence_after_a_bookmark_ends_a_watch(void)
{
    const struct fault_answer answers[] = {listed(0, "9", ""), watched(1, BOOKMARK("20"), false),
                                           watched(2, BOOKMARK("21"), false)};

    opens(answers, 3);
    CU_ASSERT_TRUE(asks(2));
    passes(89000);
    CU_ASSERT_TRUE(asks(2));
    CU_ASSERT_TRUE(follow_connected(follow));
    passes(1000);
    CU_ASSERT_TRUE(asks(2));
    CU_ASSERT_FALSE(follow_connected(follow));
    CU_ASSERT_NOT_EQUAL(follow_why(follow)[0], '\0');
    passes(2000);
    CU_ASSERT_TRUE(asks(3));
    CU_ASSERT_TRUE(got(2, "&resourceVersion=20&"));
    CU_ASSERT_NOT_EQUAL(stage.server.requests[2].connection, stage.server.requests[1].connection);
    CU_ASSERT_STRING_EQUAL(follow_why(follow), "");
    /* Nor is another one waited for in the next watch. */
    passes(91000);
    CU_ASSERT_TRUE(asks(3));
    CU_ASSERT_FALSE(follow_connected(follow));
    CU_ASSERT_STRING_EQUAL(told.data, "begin end ");
    closes();
}

/* Not every server has bookmarks: then only its own end of the watch can be waited for, and five seconds. */
static void without_bookmarks_the_servers_end_is_waited_for(void)
{
    const struct fault_answer answers[] = {listed(0, "9", ""),
                                           watched(1, EVENT("ADDED", ITEM("a", "12")), false),
                                           watched(2, BOOKMARK("13"), false)};
    const char *timeout;
    long timeout_s;

    opens(answers, 3);
    CU_ASSERT_TRUE(asks(2));
    timeout = strstr(stage.server.requests[1].text, "&timeoutSeconds=");
    CU_ASSERT_PTR_NOT_NULL_FATAL(timeout);
    timeout_s = strtol(timeout + strlen("&timeoutSeconds="), NULL, 10);
    CU_ASSERT_TRUE(timeout_s >= 300 && timeout_s < 600);
    passes((timeout_s + 4) * 1000);
    CU_ASSERT_TRUE(asks(2));
    CU_ASSERT_TRUE(follow_connected(follow));
    passes(1000);
    CU_ASSERT_TRUE(asks(2));
    CU_ASSERT_FALSE(follow_connected(follow));
    passes(2000);
    CU_ASSERT_TRUE(asks(3));
    CU_ASSERT_TRUE(got(2, "&resourceVersion=12&"));
    closes();
}

/* Another server of the same cluster may be behind: what it has at hand must not undo what is known. */
static void no_list_is_older_than_what_is_known(void)
{
    const struct fault_answer answers[] = {
        listed(0, "9", ITEM("a", "3")),
        watched(1, EVENT("ADDED", ITEM("b", "15")) EXPIRED, true),
        listed(2, "16", ""),
        watched(3, EXPIRED, true),
        listed(4, "17", ""),
        watched(5, BOOKMARK("17"), false),
    };

    opens(answers, 6);
    CU_ASSERT_TRUE(asks(4));
    CU_ASSERT_TRUE(got(2, "GET /apis/g/v1/things?resourceVersion=15 "));
    CU_ASSERT_TRUE(got(3, "&resourceVersion=16&"));
    /* Told so twice, it asks for what is certain, and not in a hurry. */
    passes(2000);
    CU_ASSERT_TRUE(asks(6));
    CU_ASSERT_TRUE(got(4, "GET /apis/g/v1/things HTTP/1.1\r\n"));
    CU_ASSERT_STRING_EQUAL(told.data, "begin a end b begin end begin end ");
    closes();
}

/* The deletion of "a" was lost on the way. */
static void once_in_a_while_all_is_listed(void)
{
    const struct fault_answer answers[] = {
        listed(0, "9", ITEM("a", "3")),
        watched(1, BOOKMARK("20"), false),
        watched(2, EVENT("ADDED", ITEM("b", "21")), true),
        watched(3, BOOKMARK("22"), false),
        watched(4, EVENT("ADDED", ITEM("c", "23")), true),
        listed(5, "30", ITEM("b", "21")),
        watched(6, BOOKMARK("30"), false),
    };

    opens(answers, 7);
    CU_ASSERT_TRUE(asks(2));
    passes(3500L * 1000);
    CU_ASSERT_TRUE(asks(2));
    passes(2000);
    CU_ASSERT_TRUE(asks(4));
    passes(2000L * 1000);
    CU_ASSERT_TRUE(asks(4));
    passes(2000);
    CU_ASSERT_TRUE(asks(7));
    CU_ASSERT_TRUE(got(5, "GET /apis/g/v1/things HTTP/1.1\r\n"));
    CU_ASSERT_TRUE(got(6, "&resourceVersion=30&"));
    CU_ASSERT_STRING_EQUAL(told.data, "begin a end b c begin b end ");
    closes();
}

/* Watches that end as soon as they have told something, one in a minute. @return ms from the first list to
 * the next one. */
static int64_t lists_again_after(uint64_t seed)
{
    const struct fault_answer answers[] = {listed(0, "9", ""),
                                           watched(1, EVENT("ADDED", ITEM("b", "21")), true)};
    int64_t since;
    int64_t after;

    opens_with(seed, answers, 2);
    since = now.ms;
    for (int i = 0; i < 2000 && !strstr(told.data, "end b "); i++)
        turn();
    for (int i = 0; i < 5000 && !strstr(told.data, "b begin") && now.ms < since + 7200L * 1000; i++) {
        /* Nothing that is under way is to look as if it had stalled. */
        if (!follow_connected(follow))
            passes(60000);
        turn();
    }
    after = strstr(told.data, "b begin") ? now.ms - since : 0;
    closes();
    return after;
}

/* Kinds of one cluster, which have seeds that follow each other, and clusters are not listed all at once. */
static void not_all_is_listed_at_the_same_time(void)
{
    int64_t one_ms = lists_again_after(7);
    int64_t other_ms = lists_again_after(8);

    CU_ASSERT_TRUE(one_ms >= 3600L * 1000 && one_ms <= 5520L * 1000);
    CU_ASSERT_TRUE(other_ms >= 3600L * 1000 && other_ms <= 5520L * 1000);
    CU_ASSERT_TRUE(one_ms + 180000 < other_ms || other_ms + 180000 < one_ms);
}

/* While nobody answers it knocks at least once in 12 s; and whoever answers again has a fresh start. */
static void a_server_that_is_back_is_not_waited_for(void)
{
    enum { SILENT = 8 };
    struct fault_answer answers[SILENT + 3];
    unsigned count = 0;

    while (count < SILENT)
        answers[count++] = (struct fault_answer){.bytes = "", .end = FAULT_CLOSE};
    answers[count++] = (struct fault_answer){
        .bytes = STAGE_JSON("429 Too Many Requests\r\nRetry-After: 1", "2", "{}"), .end = FAULT_CLOSE};
    answers[count++] = listed(0, "9", "");
    answers[count++] = watched(1, BOOKMARK("9"), false);
    opens(answers, count);
    for (unsigned i = 1; i <= SILENT; i++) {
        CU_ASSERT_TRUE(asks(i));
        passes(12000);
    }
    CU_ASSERT_TRUE(asks(SILENT + 1));
    CU_ASSERT_PTR_NOT_NULL(strstr(follow_why(follow), "429"));
    passes(2000);
    CU_ASSERT_TRUE(asks(count));
    CU_ASSERT_EQUAL(follow_state(follow), FOLLOW_CURRENT);
    closes();
}

/* Denied is what every server says that has just started: one that lets us read another kind means it. */
static void a_no_is_doubted_at_first(void)
{
    static const struct fault_answer no = {.bytes = STAGE_JSON("403 Forbidden", "2", "{}")};
    const struct fault_answer stays[] = {no, no, no, no}, means[] = {no, no, no},
                              starts[] = {no, listed(0, "9", ""), watched(1, BOOKMARK("9"), false)};

    opens(stays, 4);
    CU_ASSERT_TRUE(asks(1));
    passes(1000);
    CU_ASSERT_TRUE(asks(2));
    passes(3000);
    CU_ASSERT_TRUE(asks(3));
    CU_ASSERT_EQUAL(follow_state(follow), FOLLOW_UNKNOWN);
    CU_ASSERT_PTR_NOT_NULL(strstr(follow_why(follow), "403"));
    passes(1500);
    CU_ASSERT_TRUE(asks(4));
    CU_ASSERT_EQUAL(follow_state(follow), FOLLOW_FORBIDDEN);
    CU_ASSERT_FALSE(follow_granted(follow));
    closes();

    opens(means, 3);
    others_granted = true;
    CU_ASSERT_TRUE(asks(1));
    CU_ASSERT_EQUAL(follow_state(follow), FOLLOW_UNKNOWN);
    passes(250);
    CU_ASSERT_TRUE(asks(2));
    CU_ASSERT_EQUAL(follow_state(follow), FOLLOW_FORBIDDEN);
    passes(7500);
    CU_ASSERT_TRUE(asks(3));
    closes();

    opens(starts, 3);
    CU_ASSERT_TRUE(asks(1));
    passes(1000);
    CU_ASSERT_TRUE(asks(3));
    CU_ASSERT_EQUAL(follow_state(follow), FOLLOW_CURRENT);
    CU_ASSERT_TRUE(follow_granted(follow));
    closes();
}

int main(void)
{
    static const struct test tests[] = {
        {"a watch follows a list, and what cannot be read harms only itself", a_watch_follows_a_list},
        {"no list comes by a watch", no_list_comes_by_a_watch},
        {"a list that stalls is given up", a_list_that_stalls_is_given_up},
        {"silence after a bookmark ends a watch, which goes on where it was",
         silence_after_a_bookmark_ends_a_watch},
        {"without bookmarks the server's end is waited for", without_bookmarks_the_servers_end_is_waited_for},
        {"no list is older than what is known", no_list_is_older_than_what_is_known},
        {"once in a while all is listed", once_in_a_while_all_is_listed},
        {"not all is listed at the same time", not_all_is_listed_at_the_same_time},
        {"a server that is back is not waited for", a_server_that_is_back_is_not_waited_for},
        {"a no is doubted at first", a_no_is_doubted_at_first},
        {NULL, NULL},
    };

    return harness_run("follow", tests);
}
