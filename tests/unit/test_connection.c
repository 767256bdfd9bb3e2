/* SPDX-License-Identifier: Apache-2.0 */
/* Requests, connections and time. */
#include "harness.h"

#include "connection_stage.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define OK STAGE_JSON("200 OK", "2", "{}")

static const struct fault_answer good = {.bytes = OK};
static struct stage stage;

static void opens(const struct fault_answer *answers, size_t count)
{
    stage_reset(&stage);
    stage_open(&stage, answers, count);
}

static struct heard ask(const char *method, const char *body, const char *content_type)
{
    struct connection_request request = {.method = method,
                                         .target = "/a/b?c=d%20e",
                                         .body = body,
                                         .size = body ? strlen(body) : 0,
                                         .content_type = content_type};
    struct heard heard = {0};

    CU_ASSERT_EQUAL(drive_send(&stage.drive, &request, &heard, NULL), 0);
    CU_ASSERT_EQUAL(heard.told, 0);
    CU_ASSERT_TRUE(drive_until(&stage.drive, &heard.told, 10000));
    text_release(&heard.body);
    return heard;
}

static void a_request_says_who_we_are(void)
{
    static const char *const never[] = {"Accept-Encoding", "Expect",         "Authorization",
                                        "Content-Type",    "Content-Length", "curl",
                                        "Upgrade",         "Impersonate",    "Cookie"};
    char host[64];

    opens(&good, 1);
    CU_ASSERT_EQUAL(ask("GET", NULL, NULL).status, 200);
    CU_ASSERT_TRUE(fault_server_got(&stage.server, 0, "GET /a/b?c=d%20e HTTP/1.1\r\n"));
    (void)snprintf(host, sizeof host, "\r\nHost: 127.0.0.1:%d\r\n", stage.server.port);
    CU_ASSERT_TRUE(fault_server_got(&stage.server, 0, host));
    CU_ASSERT_TRUE(fault_server_got(&stage.server, 0, "\r\nUser-Agent: apigwd/"));
    CU_ASSERT_TRUE(fault_server_got(&stage.server, 0, " (linux/"));
    CU_ASSERT_TRUE(fault_server_got(&stage.server, 0, "\r\nAccept: application/json\r\n"));
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        CU_ASSERT_FALSE(fault_server_got(&stage.server, 0, never[i]));
    CU_ASSERT_STRING_EQUAL(connection_server(stage.drive.connection), stage.url);
    CU_ASSERT_PTR_NULL(connection_trouble(stage.drive.connection));
    stage_close(&stage);
}

static void bodies_are_sent_whole(void)
{
    static const char *const methods[] = {"POST", "PUT", "PATCH", "DELETE"};
    char wanted[128];

    opens(&good, 1);
    for (unsigned i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(ask(methods[i], "{\"k\":1}", i == 2 ? "application/json-patch+json" : NULL).status,
                        200);
        (void)snprintf(wanted, sizeof wanted, "%s /a/b?c=d%%20e HTTP/1.1\r\n", methods[i]);
        CU_ASSERT_TRUE(fault_server_got(&stage.server, i, wanted));
        CU_ASSERT_TRUE(fault_server_got(&stage.server, i, "\r\nContent-Length: 7\r\n"));
        CU_ASSERT_TRUE(fault_server_got(&stage.server, i, "\r\n\r\n{\"k\":1}"));
        CU_ASSERT_TRUE(fault_server_got(&stage.server, i,
                                        i == 2 ? "\r\nContent-Type: application/json-patch+json\r\n"
                                               : "\r\nContent-Type: application/json\r\n"));
    }
    for (unsigned i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(ask(methods[i], NULL, NULL).status, 200);
        CU_ASSERT_FALSE(fault_server_got(&stage.server, 4 + i, "Content-Type"));
    }
    CU_ASSERT_EQUAL(fault_server_connections(&stage.server), 1);
    stage_close(&stage);
}

/* libcurl would ask first whether it may send one of this size, and wait a second for the answer. */
static void a_large_body_is_not_announced(void)
{
    size_t size = (size_t)3 * 1024 * 1024;
    char *body = malloc(size);
    struct connection_request request = {.method = "PUT", .target = "/", .body = body, .size = size};
    struct heard heard = {0};

    opens(&good, 1);
    memset(body, 'x', size);
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &request, &heard, NULL), 0);
    free(body);
    CU_ASSERT_TRUE(drive_until(&stage.drive, &heard.told, 10000));
    CU_ASSERT_EQUAL(heard.code, 0);
    CU_ASSERT_FALSE(fault_server_got(&stage.server, 0, "Expect"));
    CU_ASSERT_TRUE(stage.server.requests[0].size > size);
    text_release(&heard.body);
    stage_close(&stage);
}

static void what_cannot_be_sent_is_refused(void)
{
    static const struct connection_request bad[] = {
        {.method = "GET", .target = "/a b"},
        {.method = "GET", .target = "/a\r\nX: y"},
        {.method = "GET", .target = "/a\n"},
        {.method = "GET", .target = "/a#b"},
        {.method = "GET", .target = "/\xc3\xa4"},
        {.method = "GET", .target = ""},
        {.method = "GET", .target = "a"},
        {.method = "GET", .target = "@other.example/"},
        {.method = "GET", .target = ":80/"},
        {.method = "GET\r\n", .target = "/"},
        {.method = "get", .target = "/"},
        {.method = "", .target = "/"},
        {.method = "CONNECT", .target = "/"},
        {.method = "PUT", .target = "/", .body = "x", .size = 1, .content_type = "a\r\nX: y"},
        {.method = "PUT", .target = "/", .body = "x", .size = 1, .content_type = ""},
    };
    struct heard heard = {0};

    opens(&good, 1);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CU_ASSERT_EQUAL(drive_send(&stage.drive, &bad[i], &heard, NULL), ERROR_INVALID);
    drive_for(&stage.drive, 50);
    CU_ASSERT_EQUAL(heard.told, 0);
    CU_ASSERT_EQUAL(fault_server_connections(&stage.server), 0);
    /* Sent as it is. */
    drive_get(&stage.drive, "/a/../%2e%2e/b", &stage.heard);
    CU_ASSERT_TRUE(fault_server_got(&stage.server, 0, "GET /a/../%2e%2e/b HTTP"));
    stage_close(&stage);
}

/* {"a":1} */
static const char packed[] = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\x4a\x54\xb2\x32\xac\x05"
                             "\x00\xaf\xac\x1b\x56\x07\x00\x00\x00";

static void compression_is_asked_for(void)
{
    static const struct fault_answer answers[] = {
        {.head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: "
                 "gzip\r\nContent-Length: 27\r\n\r\n",
         .bytes = packed,
         .size = 27},
        {.head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: "
                 "gzip\r\nContent-Length: 27\r\n\r\n",
         .bytes = "this is no gzip, honestly!!",
         .size = 27},
        {.bytes = OK}};
    struct connection_request request = {.method = "GET", .target = "/", .compress = true};
    struct heard heard[3] = {{0}};

    opens(answers, 3);
    for (unsigned i = 0; i < 3; i++) {
        request.stream = i == 2;
        CU_ASSERT_EQUAL(drive_send(&stage.drive, &request, &heard[i], NULL), 0);
        CU_ASSERT_TRUE(drive_until(&stage.drive, &heard[i].told, 10000));
        CU_ASSERT_EQUAL(fault_server_got(&stage.server, i, "\r\nAccept-Encoding: gzip\r\n"), i != 2);
    }
    CU_ASSERT_STRING_EQUAL(heard[0].body.data, "{\"a\":1}");
    CU_ASSERT_EQUAL(heard[1].code, ERROR_BUSY);
    CU_ASSERT_EQUAL(heard[2].code, 0);
    for (unsigned i = 0; i < 3; i++)
        text_release(&heard[i].body);
    stage_close(&stage);
    stage_reset(&stage);
    stage.config.disable_compression = true;
    stage_open(&stage, &good, 1);
    request.stream = false;
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &request, &stage.heard, NULL), 0);
    CU_ASSERT_TRUE(drive_until(&stage.drive, &stage.heard.told, 10000));
    CU_ASSERT_FALSE(fault_server_got(&stage.server, 0, "Accept-Encoding"));
    stage_close(&stage);
}

/* Cut before the first byte, or in two parts, of which libcurl reads the first. */
static void what_is_packed_badly_is_no_answer(void)
{
    static const size_t sizes[] = {11, 54};
    char twice[54];
    char head[256];

    memcpy(twice, packed, 27);
    memcpy(twice + 27, packed, 27);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const struct fault_answer answer = {.head = head, .bytes = twice, .size = sizes[i]};
        struct connection_request request = {.method = "GET", .target = "/", .compress = true};
        (void)snprintf(head, sizeof head,
                       "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
                       "Content-Length: %zu\r\n\r\n",
                       sizes[i]);
        opens(&answer, 1);
        CU_ASSERT_EQUAL(drive_send(&stage.drive, &request, &stage.heard, NULL), 0);
        CU_ASSERT_TRUE(drive_until(&stage.drive, &stage.heard.told, 10000));
        CU_ASSERT_EQUAL(stage.heard.code, ERROR_BUSY);
        stage_close(&stage);
    }
}

static void a_closed_connection_is_replaced(void)
{
    static const struct fault_answer answers[] = {{.bytes = OK, .end = FAULT_CLOSE}, {.bytes = OK}};

    opens(answers, 2);
    CU_ASSERT_EQUAL(ask("GET", NULL, NULL).status, 200);
    drive_for(&stage.drive, 50);
    CU_ASSERT_EQUAL(ask("PUT", "{}", NULL).status, 200);
    CU_ASSERT_EQUAL(fault_server_requests(&stage.server), 2);
    CU_ASSERT_EQUAL(fault_server_connections(&stage.server), 2);
    stage_close(&stage);
}

static void nobody_listens(void)
{
    opens(&good, 1);
    fault_server_stop(&stage.server);
    drive_get(&stage.drive, "/x", &stage.heard);
    CU_ASSERT_EQUAL(stage.heard.status, 0);
    CU_ASSERT_EQUAL(stage.heard.code, ERROR_BUSY);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.heard.message, "GET /x at http://127.0.0.1:"));
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.heard.message, "Failed to connect"));
    drive_free(&stage.drive);
}

static void a_name_is_nobodys(void)
{
    stage_reset(&stage);
    stage.config.server = "http://no-such-host.invalid:1";
    stage_open(&stage, &good, 1);
    drive_get(&stage.drive, "/", &stage.heard);
    CU_ASSERT_EQUAL(stage.heard.code, ERROR_BUSY);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.heard.message, "no-such-host.invalid"));
    stage_close(&stage);
}

/* Two connections are kept; the server falls silent: neither is used again. */
static void after_silence_connections_are_new(void)
{
    static const struct fault_answer answers[] = {
        {.bytes = OK, .pause_ms = 50}, {.bytes = OK}, {.bytes = ""}, {.bytes = OK}};
    struct connection_request request = {.method = "GET", .target = "/"};
    struct heard heard[2] = {{0}};

    opens(answers, 4);
    for (unsigned i = 0; i < 2; i++)
        CU_ASSERT_EQUAL(drive_send(&stage.drive, &request, &heard[i], NULL), 0);
    CU_ASSERT_TRUE(drive_until(&stage.drive, &heard[0].told, 10000));
    CU_ASSERT_TRUE(drive_until(&stage.drive, &heard[1].told, 10000));
    CU_ASSERT_EQUAL(fault_server_connections(&stage.server), 2);
    text_release(&stage.heard.body);
    stage.heard = (struct heard){0};
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &request, &stage.heard, NULL), 0);
    drive_for(&stage.drive, 50);
    CU_ASSERT_EQUAL(fault_server_requests(&stage.server), 3);
    stage.drive.ahead_ms += 29000;
    drive_for(&stage.drive, 50);
    CU_ASSERT_EQUAL(stage.heard.told, 0);
    stage.drive.ahead_ms += 1000;
    drive_for(&stage.drive, 50);
    CU_ASSERT_EQUAL(stage.heard.told, 1);
    CU_ASSERT_EQUAL(stage.heard.code, ERROR_BUSY);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.heard.message, "no whole answer within 30 s"));
    drive_for(&stage.drive, 50);
    CU_ASSERT_EQUAL(fault_server_closed(&stage.server), 2);
    CU_ASSERT_EQUAL(ask("GET", NULL, NULL).status, 200);
    CU_ASSERT_EQUAL(stage.server.requests[3].connection, 2);
    for (unsigned i = 0; i < 2; i++)
        text_release(&heard[i].body);
    stage_close(&stage);
}

/* Makes the connection anew, with what has been set in stage.config since. */
static void reopen(void)
{
    drive_free(&stage.drive);
    stage.drive = (struct drive){0};
    CU_ASSERT_EQUAL_FATAL(drive_new(&stage.drive, &stage.config, NULL), 0);
}

/* A connection that does not come about makes those suspect that idle: by a SOCKS proxy, one is good, and one
 * is never answered. */
static void after_a_connection_that_fails_connections_are_new(void)
{
    static const struct fault_answer answers[] = {{.bytes = "\x05\x00", .size = 2},
                                                  {.bytes = "\x05\x00\x00\x01\0\0\0\0\0\0", .size = 10},
                                                  {.bytes = OK, .pause_ms = 100},
                                                  {.bytes = ""}};
    struct connection_request request = {.method = "GET", .target = "/"};
    char proxy[64];
    struct heard heard = {0};

    stage_reset(&stage);
    stage.server.raw = true;
    stage_open(&stage, answers, 4);
    (void)snprintf(proxy, sizeof proxy, "socks5://127.0.0.1:%d", stage.server.port);
    stage.config.proxy = proxy;
    reopen();
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &request, &heard, NULL), 0);
    while (fault_server_requests(&stage.server) < 3)
        drive_for(&stage.drive, 1);
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &request, &stage.heard, NULL), 0);
    CU_ASSERT_TRUE(drive_until(&stage.drive, &heard.told, 10000));
    CU_ASSERT_EQUAL(heard.status, 200);
    drive_for(&stage.drive, 100);
    CU_ASSERT_EQUAL(fault_server_connections(&stage.server), 2);
    CU_ASSERT_EQUAL(fault_server_closed(&stage.server), 0);
    CU_ASSERT_TRUE(drive_until(&stage.drive, &stage.heard.told, 15000));
    CU_ASSERT_EQUAL(stage.heard.code, ERROR_BUSY);
    drive_for(&stage.drive, 50);
    CU_ASSERT_EQUAL(fault_server_closed(&stage.server), 2);
    text_release(&heard.body);
    stage_close(&stage);
}

static bool greeted_with(const char *text, size_t size)
{
    const struct fault_request *hello = &stage.server.requests[0];
    size_t kept = hello->size < sizeof hello->text ? hello->size : sizeof hello->text;

    return memmem(hello->text, kept, text, size);
}

/* All that goes on at a time would share one connection, and its fate. */
static void http_2_is_not_offered(void)
{
    static const struct fault_answer nothing = {.bytes = "", .end = FAULT_CLOSE};
    char url[64];

    stage_reset(&stage);
    stage.server.raw = true;
    stage_open(&stage, &nothing, 1);
    (void)snprintf(url, sizeof url, "https://127.0.0.1:%d", stage.server.port);
    stage.config.server = url;
    reopen();
    drive_get(&stage.drive, "/", &stage.heard);
    CU_ASSERT_EQUAL(stage.heard.code, ERROR_BUSY);
    CU_ASSERT_EQUAL_FATAL(fault_server_requests(&stage.server), 1);
    CU_ASSERT_TRUE(greeted_with("\x08http/1.1", 9));
    CU_ASSERT_FALSE(greeted_with("\x02h2", 3));
    stage_close(&stage);
}

/* A drop now and then does not make an answer. */
static void a_slow_answer_has_no_more_time(void)
{
    static const struct fault_answer slow = {.head = STAGE_CHUNKED "1\r\n{\r\n"};
    struct connection_request request = {.method = "GET", .target = "/"};

    opens(&slow, 1);
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &request, &stage.heard, NULL), 0);
    drive_for(&stage.drive, 50);
    stage.drive.ahead_ms += 30000;
    CU_ASSERT_TRUE(drive_until(&stage.drive, &stage.heard.told, 100));
    CU_ASSERT_EQUAL(stage.heard.status, 0);
    CU_ASSERT_EQUAL(stage.heard.code, ERROR_BUSY);
    stage_close(&stage);
}

static void idle_connections_are_given_up(void)
{
    opens(&good, 1);
    CU_ASSERT_EQUAL(ask("GET", NULL, NULL).status, 200);
    stage.drive.ahead_ms += 79000;
    drive_for(&stage.drive, 50);
    CU_ASSERT_EQUAL(fault_server_closed(&stage.server), 0);
    stage.drive.ahead_ms += 1000;
    drive_for(&stage.drive, 50);
    CU_ASSERT_EQUAL(fault_server_closed(&stage.server), 1);
    /* After that it is not woken but to look for credentials. */
    CU_ASSERT_TRUE(connection_due_ms(stage.drive.connection, drive_now(&stage.drive)) >=
                   drive_now(&stage.drive).ms + 30000);
    CU_ASSERT_EQUAL(ask("GET", NULL, NULL).status, 200);
    stage_close(&stage);
}

/* However busy: behind a load balancer one that comes back is to get its share. */
static void busy_connections_are_given_up_in_the_end(void)
{
    opens(&good, 1);
    for (int minutes = 0; minutes < 59; minutes++) {
        CU_ASSERT_EQUAL(ask("GET", NULL, NULL).status, 200);
        stage.drive.ahead_ms += 60000;
    }
    CU_ASSERT_EQUAL(ask("GET", NULL, NULL).status, 200);
    CU_ASSERT_EQUAL(fault_server_connections(&stage.server), 1);
    stage.drive.ahead_ms += 60000;
    CU_ASSERT_EQUAL(ask("GET", NULL, NULL).status, 200);
    CU_ASSERT_EQUAL(ask("GET", NULL, NULL).status, 200);
    CU_ASSERT_EQUAL(fault_server_connections(&stage.server), 2);
    stage_close(&stage);
}

static int option(int fd, int level, int name)
{
    int value = -1;
    socklen_t size = sizeof value;

    (void)getsockopt(fd, level, name, &value, &size);
    return value;
}

static void sockets_notice_a_dead_peer(void)
{
    static const struct fault_answer silent = {.bytes = ""};
    struct connection_request request = {.method = "GET", .target = "/"};
    int fd;

    opens(&silent, 1);
    CU_ASSERT_EQUAL(drive_send(&stage.drive, &request, &stage.heard, NULL), 0);
    drive_for(&stage.drive, 50);
    fd = stage.drive.last_fd;
    CU_ASSERT_EQUAL(option(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
    CU_ASSERT_EQUAL(option(fd, IPPROTO_TCP, TCP_KEEPIDLE), 30);
    CU_ASSERT_EQUAL(option(fd, IPPROTO_TCP, TCP_KEEPINTVL), 10);
    CU_ASSERT_EQUAL(option(fd, IPPROTO_TCP, TCP_KEEPCNT), 3);
    CU_ASSERT_EQUAL(option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 30000);
    CU_ASSERT_EQUAL(option(fd, IPPROTO_TCP, TCP_NODELAY), 1);
    CU_ASSERT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    /* It is freed with a request under way. */
    stage_close(&stage);
    CU_ASSERT_EQUAL(stage.heard.told, 0);
}

static void sixteen_are_on_the_wire(void)
{
    static const struct fault_answer slow = {.bytes = OK, .pause_ms = 5};
    struct connection_request request = {.method = "PUT", .target = "/", .body = "{}", .size = 2};
    static struct heard heard[50];

    opens(&slow, 1);
    for (unsigned i = 0; i < 50; i++)
        CU_ASSERT_EQUAL(drive_send(&stage.drive, &request, &heard[i], NULL), 0);
    for (unsigned i = 0; i < 50; i++) {
        CU_ASSERT_TRUE(drive_until(&stage.drive, &heard[i].told, 10000));
        CU_ASSERT_EQUAL(heard[i].code, 0);
        text_release(&heard[i].body);
    }
    CU_ASSERT_EQUAL(fault_server_connections(&stage.server), 16);
    CU_ASSERT_EQUAL(stage.server.most_open, 16);
    stage_close(&stage);
}

int main(void)
{
    static const struct test tests[] = {
        {"a request says who we are, and no more", a_request_says_who_we_are},
        {"bodies are sent whole, whatever the method", bodies_are_sent_whole},
        {"a large body is not announced", a_large_body_is_not_announced},
        {"what cannot be sent or would smuggle in a header is refused", what_cannot_be_sent_is_refused},
        {"compression is asked for, never of a watch", compression_is_asked_for},
        {"what is packed badly is no answer", what_is_packed_badly_is_no_answer},
        {"a connection that was closed meanwhile is replaced", a_closed_connection_is_replaced},
        {"nobody listens", nobody_listens},
        {"a name is nobody's", a_name_is_nobodys},
        {"after silence connections are new", after_silence_connections_are_new},
        {"after a connection that fails connections are new",
         after_a_connection_that_fails_connections_are_new},
        {"HTTP/2 is not offered", http_2_is_not_offered},
        {"a slow answer has no more time", a_slow_answer_has_no_more_time},
        {"idle connections are given up", idle_connections_are_given_up},
        {"busy connections are given up in the end", busy_connections_are_given_up_in_the_end},
        {"sockets notice a dead peer", sockets_notice_a_dead_peer},
        {"sixteen requests are on the wire at a time", sixteen_are_on_the_wire},
        {NULL, NULL},
    };

    return harness_run("connection", tests);
}
