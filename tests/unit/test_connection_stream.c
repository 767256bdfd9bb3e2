/* SPDX-License-Identifier: Apache-2.0 */
/* Watches, calls that are given up (also from within what they call), and many calls at once. */
#include "harness.h"

#include "connection_stage.h"

#include <signal.h>
#include <string.h>

#define OK STAGE_JSON("200 OK", "2", "{}")

static struct stage stage;
static const struct connection_request watch = {
    .method = "GET", .target = "/w?watch=true", .stream = true, .idle_ms = 90000};
static const struct connection_request get = {.method = "GET", .target = "/g"};

static void opens(const struct fault_answer *answers, size_t count)
{
    stage_reset(&stage);
    stage_open(&stage, answers, count);
}

static void a_watch_is_told_as_it_comes(void)
{
    static const struct fault_answer answers[] = {{.head = STAGE_CHUNKED "8\r\n{\"a\":1}\n\r\n",
                                                   .bytes = "8\r\n{\"a\":2}\n\r\n0\r\n\r\n",
                                                   .pause_ms = 200}};

    opens(answers, 1);
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &watch, &stage.heard, NULL), 0);
    CU_ASSERT_TRUE(drive_until(&stage.drive, &stage.heard.parts, 10000));
    CU_ASSERT_STRING_EQUAL(stage.heard.body.data, "{\"a\":1}\n");
    CU_ASSERT_EQUAL(stage.heard.told, 0);
    CU_ASSERT_TRUE(drive_until(&stage.drive, &stage.heard.told, 10000));
    CU_ASSERT_STRING_EQUAL(stage.heard.body.data, "{\"a\":1}\n{\"a\":2}\n");
    CU_ASSERT_EQUAL(stage.heard.status, 200);
    CU_ASSERT_EQUAL(stage.heard.code, 0);
    stage_close(&stage);
}

static void a_watch_may_end_before_anything_happens(void)
{
    static const struct fault_answer nothing = {.bytes = STAGE_CHUNKED "0\r\n\r\n"};

    opens(&nothing, 1);
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &watch, &stage.heard, NULL), 0);
    CU_ASSERT_TRUE(drive_until(&stage.drive, &stage.heard.told, 10000));
    CU_ASSERT_EQUAL(stage.heard.status, 200);
    CU_ASSERT_EQUAL(stage.heard.code, 0);
    stage_close(&stage);
}

static void a_cut_watch_is_a_failure(void)
{
    static const struct fault_answer cut = {.head = STAGE_CHUNKED "8\r\n{\"a\":1}\n\r\n", .end = FAULT_CLOSE};

    opens(&cut, 1);
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &watch, &stage.heard, NULL), 0);
    CU_ASSERT_TRUE(drive_until(&stage.drive, &stage.heard.told, 10000));
    CU_ASSERT_EQUAL(stage.heard.parts, 1);
    CU_ASSERT_EQUAL(stage.heard.status, 0);
    CU_ASSERT_EQUAL(stage.heard.code, ERROR_BUSY);
    stage_close(&stage);
}

static void a_refused_watch_is_told(void)
{
    static const struct fault_answer refused = {
        .bytes = STAGE_JSON("403 X", "38", "{\"kind\":\"Status\",\"reason\":\"Forbidden\"}")};

    opens(&refused, 1);
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &watch, &stage.heard, NULL), 0);
    CU_ASSERT_TRUE(drive_until(&stage.drive, &stage.heard.told, 10000));
    CU_ASSERT_EQUAL(stage.heard.parts, 0);
    CU_ASSERT_EQUAL(stage.heard.status, 403);
    CU_ASSERT_STRING_EQUAL(stage.heard.reason, "Forbidden");
    stage_close(&stage);
}

static void silence_ends_a_watch(void)
{
    static const struct fault_answer silent = {.head = STAGE_CHUNKED "8\r\n{\"a\":1}\n\r\n"};

    opens(&silent, 1);
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &watch, &stage.heard, NULL), 0);
    CU_ASSERT_TRUE(drive_until(&stage.drive, &stage.heard.parts, 10000));
    stage.drive.ahead_ms += 89000;
    drive_for(&stage.drive, 50);
    CU_ASSERT_EQUAL(stage.heard.told, 0);
    stage.drive.ahead_ms += 1000;
    drive_for(&stage.drive, 50);
    CU_ASSERT_EQUAL(stage.heard.told, 1);
    CU_ASSERT_EQUAL(stage.heard.code, ERROR_BUSY);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.heard.message, "not a byte came for 90 s"));
    drive_for(&stage.drive, 50);
    CU_ASSERT_EQUAL(fault_server_closed(&stage.server), 1);
    stage_close(&stage);
}

static void a_watch_begins_in_time(void)
{
    static const struct fault_answer silent = {.bytes = "HTTP/1.1 200 OK\r\n"};

    opens(&silent, 1);
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &watch, &stage.heard, NULL), 0);
    drive_for(&stage.drive, 50);
    stage.drive.ahead_ms += 29000;
    drive_for(&stage.drive, 50);
    CU_ASSERT_EQUAL(stage.heard.told, 0);
    stage.drive.ahead_ms += 1000;
    CU_ASSERT_TRUE(drive_until(&stage.drive, &stage.heard.told, 100));
    CU_ASSERT_EQUAL(stage.heard.code, ERROR_BUSY);
    stage_close(&stage);
}

static void a_watch_without_a_limit_lasts(void)
{
    static const struct fault_answer silent = {.head = STAGE_CHUNKED "8\r\n{\"a\":1}\n\r\n"};
    struct connection_request request = watch;

    request.idle_ms = 0;
    opens(&silent, 1);
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &request, &stage.heard, NULL), 0);
    CU_ASSERT_TRUE(drive_until(&stage.drive, &stage.heard.parts, 10000));
    stage.drive.ahead_ms += 100000000;
    drive_for(&stage.drive, 50);
    CU_ASSERT_EQUAL(stage.heard.told, 0);
    stage_close(&stage);
}

/* What times out beside it takes the connections of others away, also those that idle, not that of a watch
 * that goes on. */
static void a_watch_survives_the_silence_of_others(void)
{
    static const struct fault_answer answers[] = {{.head = STAGE_CHUNKED "8\r\n{\"a\":1}\n\r\n"},
                                                  {.bytes = OK, .pause_ms = 50},
                                                  {.bytes = OK},
                                                  {.bytes = ""},
                                                  {.bytes = OK}};
    struct heard others[2] = {{0}};

    opens(answers, 5);
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &watch, &stage.heard, NULL), 0);
    CU_ASSERT_TRUE(drive_until(&stage.drive, &stage.heard.parts, 10000));
    for (unsigned i = 0; i < 2; i++)
        CU_ASSERT_EQUAL(drive_send(&stage.drive, &get, &others[i], NULL), 0);
    for (unsigned i = 0; i < 2; i++) {
        CU_ASSERT_TRUE(drive_until(&stage.drive, &others[i].told, 10000));
        text_release(&others[i].body);
        others[i] = (struct heard){0};
    }
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &get, &others[0], NULL), 0);
    drive_for(&stage.drive, 50);
    stage.drive.ahead_ms += 30000;
    CU_ASSERT_TRUE(drive_until(&stage.drive, &others[0].told, 100));
    drive_for(&stage.drive, 50);
    CU_ASSERT_EQUAL(fault_server_closed(&stage.server), 2);
    CU_ASSERT_EQUAL(stage.heard.told, 0);
    drive_get(&stage.drive, "/", &others[1]);
    CU_ASSERT_EQUAL(others[1].status, 200);
    CU_ASSERT_EQUAL(fault_server_connections(&stage.server), 4);
    text_release(&others[1].body);
    stage_close(&stage);
}

/* Each watch has a connection of its own: what resets one leaves the others alone. */
static void a_watch_survives_the_reset_of_another(void)
{
    static const struct fault_answer answers[] = {
        {.head = STAGE_CHUNKED "8\r\n{\"a\":1}\n\r\n"},
        {.head = STAGE_CHUNKED "8\r\n{\"a\":2}\n\r\n", .end = FAULT_RESET}};
    struct heard other = {0};

    opens(answers, 2);
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &watch, &stage.heard, NULL), 0);
    CU_ASSERT_TRUE(drive_until(&stage.drive, &stage.heard.parts, 10000));
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &watch, &other, NULL), 0);
    CU_ASSERT_TRUE(drive_until(&stage.drive, &other.told, 10000));
    CU_ASSERT_EQUAL(other.code, ERROR_BUSY);
    drive_for(&stage.drive, 50);
    CU_ASSERT_EQUAL(stage.heard.told, 0);
    CU_ASSERT_EQUAL(fault_server_connections(&stage.server), 2);
    text_release(&other.body);
    stage_close(&stage);
}

static void what_is_not_wanted_is_not_read(void)
{
    static const struct fault_answer answers[] = {
        {.head = STAGE_CHUNKED "8\r\n{\"a\":1}\n\r\n", .bytes = "8\r\n{\"a\":2}\n\r\n", .pause_ms = 50},
        {.bytes = OK}};
    struct heard other = {0};

    opens(answers, 2);
    stage.heard.refuse_data = true;
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &watch, &stage.heard, NULL), 0);
    CU_ASSERT_TRUE(drive_until(&stage.drive, &stage.heard.told, 10000));
    CU_ASSERT_EQUAL(stage.heard.parts, 1);
    CU_ASSERT_EQUAL(stage.heard.status, 0);
    CU_ASSERT_EQUAL(stage.heard.code, ERROR_INVALID);
    drive_for(&stage.drive, 100);
    CU_ASSERT_EQUAL(fault_server_closed(&stage.server), 1);
    drive_get(&stage.drive, "/", &other);
    CU_ASSERT_EQUAL(other.status, 200);
    text_release(&other.body);
    stage_close(&stage);
}

/* For `also`. */
struct victims {
    struct connection_call *calls[2];
    size_t count;
    struct heard *waiting; /* is sent and cancelled at once; NULL: none */
};

static void cancel_victims(struct heard *heard)
{
    struct victims *victims = heard->payload;

    if (victims->waiting) {
        struct connection_call *call = NULL;
        CU_ASSERT_EQUAL(drive_send(&stage.drive, &get, victims->waiting, &call), 0);
        connection_cancel(stage.drive.connection, call);
    }
    while (victims->count > 0)
        connection_cancel(stage.drive.connection, victims->calls[--victims->count]);
}

/* Itself, one that is on the wire, one that waits. */
static void data_may_cancel(void)
{
    static const struct fault_answer answers[] = {
        {.bytes = ""},
        {.head = STAGE_CHUNKED "8\r\n{\"a\":1}\n\r\n", .bytes = "8\r\n{\"a\":2}\n\r\n"},
        {.bytes = OK}};
    struct heard silent = {0};
    struct heard waiting = {0};
    struct victims victims = {.count = 2, .waiting = &waiting};

    opens(answers, 3);
    stage.heard.also = cancel_victims;
    stage.heard.payload = &victims;
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &get, &silent, &victims.calls[0]), 0);
    drive_for(&stage.drive, 50);
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &watch, &stage.heard, &victims.calls[1]), 0);
    CU_ASSERT_TRUE(drive_until(&stage.drive, &stage.heard.parts, 10000));
    drive_for(&stage.drive, 100);
    CU_ASSERT_EQUAL(stage.heard.parts, 1);
    CU_ASSERT_EQUAL(stage.heard.told + silent.told + waiting.told, 0);
    stage.heard.also = NULL;
    drive_get(&stage.drive, "/", &waiting);
    CU_ASSERT_EQUAL(waiting.status, 200);
    text_release(&waiting.body);
    stage_close(&stage);
}

static void done_may_cancel(void)
{
    static const struct fault_answer answers[] = {{.bytes = OK, .pause_ms = 200}, {.bytes = ""}};
    struct victims victims = {.count = 2};
    struct heard silent = {0};
    struct heard other = {0};

    opens(answers, 2);
    stage.heard.also = cancel_victims;
    stage.heard.payload = &victims;
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &get, &stage.heard, NULL), 0);
    while (fault_server_requests(&stage.server) == 0)
        drive_for(&stage.drive, 1);
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &get, &silent, &victims.calls[0]), 0);
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &watch, &other, &victims.calls[1]), 0);
    CU_ASSERT_TRUE(drive_until(&stage.drive, &stage.heard.told, 10000));
    drive_for(&stage.drive, 100);
    CU_ASSERT_EQUAL(silent.told + other.told, 0);
    CU_ASSERT_EQUAL(victims.count, 0);
    stage_close(&stage);
}

static void done_may_send(struct heard *heard)
{
    struct heard *next = heard->payload;

    CU_ASSERT_EQUAL(drive_send(&stage.drive, &get, next, NULL), 0);
    CU_ASSERT_EQUAL(next->told, 0);
}

static void an_end_may_be_a_beginning(void)
{
    static const struct fault_answer good = {.bytes = OK};
    struct heard next = {0};

    opens(&good, 1);
    stage.heard.also = done_may_send;
    stage.heard.payload = &next;
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &get, &stage.heard, NULL), 0);
    CU_ASSERT_TRUE(drive_until(&stage.drive, &next.told, 10000));
    CU_ASSERT_EQUAL(next.status, 200);
    CU_ASSERT_EQUAL(fault_server_connections(&stage.server), 1);
    text_release(&next.body);
    stage_close(&stage);
}

static void what_waits_can_be_cancelled(void)
{
    static const struct fault_answer good = {.bytes = OK};
    struct connection_call *call = NULL;

    opens(&good, 1);
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &get, &stage.heard, &call), 0);
    connection_cancel(stage.drive.connection, call);
    drive_for(&stage.drive, 50);
    CU_ASSERT_EQUAL(fault_server_connections(&stage.server), 0);
    CU_ASSERT_EQUAL(stage.heard.told, 0);
    /* One that is left when it is freed. */
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &get, &stage.heard, NULL), 0);
    stage_close(&stage);
}

static void note_sigpipe(struct heard *heard)
{
    struct sigaction *now = heard->payload;

    /* Its end is told when libcurl is done. */
    if (heard->told == 0)
        CU_ASSERT_EQUAL(sigaction(SIGPIPE, NULL, now), 0);
}

/* What is done with a signal is up to the whole program, also while libcurl is at work. */
static void signals_are_left_alone(void)
{
    static const struct fault_answer answers[] = {
        {.head = STAGE_CHUNKED "8\r\n{\"a\":1}\n\r\n", .bytes = "0\r\n\r\n"}};
    const struct sigaction usual = {.sa_handler = SIG_DFL};
    struct sigaction now = {.sa_handler = SIG_ERR};
    struct sigaction was;

    opens(answers, 1);
    stage.heard.also = note_sigpipe;
    stage.heard.payload = &now;
    CU_ASSERT_EQUAL_FATAL(sigaction(SIGPIPE, &usual, &was), 0);
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &watch, &stage.heard, NULL), 0);
    CU_ASSERT_TRUE(drive_until(&stage.drive, &stage.heard.parts, 10000));
    CU_ASSERT_EQUAL(sigaction(SIGPIPE, &was, NULL), 0);
    CU_ASSERT_TRUE(now.sa_handler == SIG_DFL);
    stage_close(&stage);
}

static void without_room_to_poll(void)
{
    static const struct fault_answer good = {.bytes = OK};

    opens(&good, 1);
    stage.drive.refuse = true;
    drive_get(&stage.drive, "/", &stage.heard);
    CU_ASSERT_EQUAL(stage.heard.told, 1);
    CU_ASSERT_EQUAL(stage.heard.code, ERROR_NO_MEMORY);
    stage.drive.refuse = false;
    drive_get(&stage.drive, "/", &stage.heard);
    CU_ASSERT_EQUAL(stage.heard.status, 200);
    stage_close(&stage);
}

static bool all_told(const struct heard *heard, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!heard[i].told)
            return false;
    }
    return true;
}

/* Each takes memory, which is not to be held for what comes now and then. */
static void connections_of_a_burst_are_given_up_soon(void)
{
    static const struct fault_answer good = {.bytes = OK};
    enum { BURST = 8 };
    struct heard heard[BURST] = {0};

    opens(&good, 1);
    for (size_t i = 0; i < BURST; i++)
        CU_ASSERT_EQUAL(drive_send(&stage.drive, &get, &heard[i], NULL), 0);
    for (int turns = 0; turns < 100 && !all_told(heard, BURST); turns++)
        drive_for(&stage.drive, 50);
    CU_ASSERT_TRUE(all_told(heard, BURST));
    CU_ASSERT_TRUE(fault_server_connections(&stage.server) > 4);
    CU_ASSERT_EQUAL(fault_server_closed(&stage.server), 0);
    stage.drive.ahead_ms += 3000;
    drive_for(&stage.drive, 50);
    CU_ASSERT_EQUAL(fault_server_closed(&stage.server), fault_server_connections(&stage.server));
    drive_get(&stage.drive, "/g", &stage.heard);
    CU_ASSERT_EQUAL(stage.heard.status, 200);
    for (size_t i = 0; i < BURST; i++)
        text_release(&heard[i].body);
    stage_close(&stage);
}

int main(void)
{
    static const struct test tests[] = {
        {"a watch is told as it comes", a_watch_is_told_as_it_comes},
        {"a watch may end before anything happens", a_watch_may_end_before_anything_happens},
        {"a watch that is cut is a failure", a_cut_watch_is_a_failure},
        {"a watch that is refused is told", a_refused_watch_is_told},
        {"silence ends a watch", silence_ends_a_watch},
        {"a watch begins in time", a_watch_begins_in_time},
        {"a watch without a limit lasts", a_watch_without_a_limit_lasts},
        {"a watch survives the silence of others", a_watch_survives_the_silence_of_others},
        {"a watch survives the reset of another", a_watch_survives_the_reset_of_another},
        {"what is not wanted is not read", what_is_not_wanted_is_not_read},
        {"data() may cancel, also itself", data_may_cancel},
        {"done() may cancel", done_may_cancel},
        {"done() may send", an_end_may_be_a_beginning},
        {"what waits can be cancelled", what_waits_can_be_cancelled},
        {"signals are left alone", signals_are_left_alone},
        {"without room to poll it fails, and recovers", without_room_to_poll},
        {"connections of a burst are given up soon", connections_of_a_burst_are_given_up_soon},
        {NULL, NULL},
    };

    return harness_run("connection_stream", tests);
}
