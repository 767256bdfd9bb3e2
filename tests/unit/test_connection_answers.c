/* SPDX-License-Identifier: Apache-2.0 */
/* What is taken for an answer of an API server, and what is not. */
#include "harness.h"

#include "connection_stage.h"
#include "mutate.h"

#include <stdio.h>
#include <string.h>

#define PORTAL "a proxy or a portal in between?"
#define TYPE "Content-Type: application/json\r\n"

static struct stage stage;

/* An answer, and what is told of it. */
struct answered {
    struct fault_answer answer;
    int status;
    int code;
    const char *message; /* a part of it */
};

static void check(const struct answered *wanted)
{
    const struct heard *heard = &stage.heard;

    stage_ask_once(&stage, &wanted->answer);
    CU_ASSERT_EQUAL(heard->told, 1);
    CU_ASSERT_EQUAL(heard->status, wanted->status);
    CU_ASSERT_EQUAL(heard->code, wanted->code);
    CU_ASSERT_PTR_NOT_NULL(strstr(heard->message, wanted->message));
    if (heard->told != 1 || heard->status != wanted->status || heard->code != wanted->code ||
        !strstr(heard->message, wanted->message))
        (void)fprintf(stderr, "# wanted %s, got %d %d %s\n", wanted->message, heard->status, heard->code,
                      heard->message);
    if (wanted->code != 0) {
        CU_ASSERT_PTR_NOT_NULL(strstr(heard->message, "GET /x at http://127.0.0.1:"));
    }
    if (wanted->status == 0) {
        CU_ASSERT_FALSE(heard->refused);
        CU_ASSERT_EQUAL(heard->body.length, 0);
    }
    text_release(&stage.heard.body);
}

static void check_all(const struct answered *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check(&list[i]);
}

static void a_success_is_gathered(void)
{
    static const struct fault_answer plain = {.bytes = STAGE_JSON("200 OK", "7", "{\"a\":1}")};
    static const struct fault_answer created = {.bytes =
                                                    "HTTP/1.1 201 Created\r\ncontent-type: Application/JSON; "
                                                    "charset=utf-8\r\ncontent-length:7\r\n\r\n{\"a\":1}"};
    static const struct fault_answer chunked = {.head = STAGE_CHUNKED,
                                                .bytes =
                                                    "3\r\n{\"a\r\n4;x=y\r\n\":1}\r\n0\r\nTrailer: x\r\n\r\n",
                                                .pause_ms = 20};
    static const struct fault_answer preluded = {.head = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early "
                                                         "Hints\r\nContent-Type: text/html\r\nRetry-After: "
                                                         "7\r\nContent-Encoding: gzip\r\n\r\n",
                                                 .bytes = STAGE_JSON("200 OK", "7", "{\"a\":1}"),
                                                 .pause_ms = 20};
    static const struct fault_answer *const all[] = {&plain, &created, &chunked, &preluded};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        stage_ask_once(&stage, all[i]);
        CU_ASSERT_EQUAL(stage.heard.status, i == 1 ? 201 : 200);
        CU_ASSERT_EQUAL(stage.heard.code, 0);
        CU_ASSERT_STRING_EQUAL(stage.heard.body.data, "{\"a\":1}");
        CU_ASSERT_EQUAL(stage.heard.retry_ms, 0);
        CU_ASSERT_FALSE(stage.heard.refused);
        text_release(&stage.heard.body);
    }
}

#define STATUS(code, reason)                                                                                 \
    "{\"kind\":\"Status\",\"code\":" code ",\"reason\":\"" reason "\",\"message\":\"the very reason\"}"
#define REFUSAL(code, reason)                                                                                \
    {                                                                                                        \
        .bytes = "HTTP/1.1 " code " X\r\n" TYPE "Connection: close\r\n\r\n" STATUS(code, reason),            \
        .end = FAULT_CLOSE                                                                                   \
    }

static void a_refusal_is_told_in_the_servers_words(void)
{
    static const struct answered list[] = {
        {REFUSAL("400", "BadRequest"), 400, ERROR_INVALID, "HTTP 400 BadRequest: the very reason"},
        {REFUSAL("401", "Unauthorized"), 401, ERROR_FOREIGN, "HTTP 401 Unauthorized: the very reason"},
        {REFUSAL("403", "Forbidden"), 403, ERROR_FOREIGN, "HTTP 403 Forbidden: the very reason"},
        {REFUSAL("404", "NotFound"), 404, ERROR_NOT_FOUND, "HTTP 404 NotFound: the very reason"},
        {REFUSAL("408", "Timeout"), 408, ERROR_BUSY, "the very reason"},
        {REFUSAL("409", "Conflict"), 409, ERROR_CONFLICT, "HTTP 409 Conflict: the very reason"},
        {REFUSAL("410", "Expired"), 410, ERROR_INVALID, "HTTP 410 Expired: the very reason"},
        {REFUSAL("413", "RequestEntityTooLarge"), 413, ERROR_INVALID, "the very reason"},
        {REFUSAL("422", "Invalid"), 422, ERROR_INVALID, "HTTP 422 Invalid: the very reason"},
        {REFUSAL("429", "TooManyRequests"), 429, ERROR_BUSY, "HTTP 429 TooManyRequests: the very reason"},
        {REFUSAL("500", "InternalError"), 500, ERROR_BUSY, "HTTP 500 InternalError: the very reason"},
        {REFUSAL("503", "ServiceUnavailable"), 503, ERROR_BUSY, "HTTP 503 ServiceUnavailable"},
        {REFUSAL("504", "Timeout"), 504, ERROR_BUSY, "HTTP 504 Timeout: the very reason"},
        {{.bytes = "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
                   "19\r\n\r\n404 page not found\n"},
         404,
         ERROR_NOT_FOUND,
         "HTTP 404: 404 page not found"},
        {{.bytes = "HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n"},
         500,
         ERROR_BUSY,
         "HTTP 500: it does not say why"},
    };

    check_all(list, sizeof list / sizeof list[0]);
}

#define WAIT(seconds) "{\"kind\":\"Status\",\"details\":{\"retryAfterSeconds\":" seconds "}}"

static void the_wait_is_told(void)
{
    static const struct {
        struct fault_answer answer;
        int64_t retry_ms;
    } list[] = {
        {{.bytes = "HTTP/1.1 429 X\r\nRetry-After: 5\r\nContent-Length: 3\r\n\r\nno!"}, 5000},
        {{.bytes = STAGE_JSON("429 X\r\nRetry-After: 2", "51", WAIT("9"))}, 9000},
        {{.bytes = STAGE_JSON("503 X\r\nRetry-After: 8", "51", WAIT("1"))}, 8000},
        {{.bytes = STAGE_JSON("503 X", "51", WAIT("7"))}, 7000},
        {{.bytes =
              "HTTP/1.1 503 X\r\nContent-Type: text/html\r\nRetry-After: 6\r\nContent-Length: 3\r\n\r\n<p>"},
         6000},
        {{.bytes = "HTTP/1.1 503 X\r\nRetry-After: 99999999999999999999\r\nContent-Length: 0\r\n\r\n"}, 0},
        {{.bytes = "HTTP/1.1 503 X\r\nRetry-After: 4000000000\r\nContent-Length: 0\r\n\r\n"}, 300000},
        {{.bytes = "HTTP/1.1 503 X\r\nRetry-After: -7\r\nContent-Length: 0\r\n\r\n"}, 0},
        {{.bytes = "HTTP/1.1 503 X\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n"}, 0},
        {{.bytes =
              "HTTP/1.1 503 X\r\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n"},
         0},
        {{.bytes =
              "HTTP/1.1 503 X\r\nRetry-After: Sun, 06 Nov 2094 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n"},
         300000},
    };

    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        stage_ask_once(&stage, &list[i].answer);
        CU_ASSERT_EQUAL(stage.heard.code, ERROR_BUSY);
        CU_ASSERT_EQUAL(stage.heard.retry_ms, list[i].retry_ms);
    }
}

static void what_others_say_is_no_answer(void)
{
    static const struct answered list[] = {
        {{.bytes = "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"},
         0,
         ERROR_BUSY,
         "HTTP 502 with a page of HTML; " PORTAL},
        {{.bytes = "HTTP/1.1 404 X\r\nContent-Type: text/html; charset=x\r\nContent-Length: 6\r\n\r\n<html>"},
         0,
         ERROR_BUSY,
         "HTTP 404 with a page of HTML"},
        {{.bytes = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 7\r\n\r\n{\"a\":1}"},
         0,
         ERROR_BUSY,
         "HTTP 200 with a page of HTML"},
        {{.bytes = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}"},
         0,
         ERROR_BUSY,
         "HTTP 200 without JSON"},
        {{.bytes = "HTTP/1.1 200 OK\r\nContent-Type: application/jsonp\r\nContent-Length: 2\r\n\r\n{}"},
         0,
         ERROR_BUSY,
         "HTTP 200 without JSON"},
        {{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"}, 0, ERROR_BUSY, "HTTP 200 without JSON"},
        {{.bytes = STAGE_JSON("200 OK", "0", "")}, 0, ERROR_BUSY, "HTTP 200 without a body"},
        {{.bytes = "HTTP/1.1 204 No Content\r\n\r\n"}, 0, ERROR_BUSY, "HTTP 204 without JSON"},
        {{.bytes = "HTTP/1.1 200 OK\r\n" TYPE "\r\n{}", .end = FAULT_CLOSE},
         0,
         ERROR_BUSY,
         "HTTP 200 that does not tell where it ends"},
        {{.bytes = "HTTP/1.0 200 OK\r\n" TYPE "\r\n{}", .end = FAULT_CLOSE}, 0, ERROR_BUSY, "where it ends"},
        {{.bytes = "HTTP/1.1 200 OK\r\n" TYPE "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"},
         0,
         ERROR_BUSY,
         "compressed though nobody asked"},
        {{.bytes = "HTTP/1.1 304 Not Modified\r\n\r\n"}, 0, ERROR_BUSY, "HTTP 304 leads elsewhere"},
    };

    check_all(list, sizeof list / sizeof list[0]);
}

static void redirects_are_not_followed(void)
{
    static const char *const codes[] = {"301", "302", "303", "307", "308"};
    char bytes[256];

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        const struct fault_answer answer = {.bytes = bytes};
        (void)snprintf(bytes, sizeof bytes,
                       "HTTP/1.1 %s X\r\nLocation: /s3cret\r\n" TYPE "Content-Length: 2\r\n\r\n{}", codes[i]);
        stage_ask_once(&stage, &answer);
        CU_ASSERT_EQUAL(stage.heard.status, 0);
        CU_ASSERT_EQUAL(stage.heard.code, ERROR_BUSY);
        CU_ASSERT_PTR_NOT_NULL(strstr(stage.heard.message, "leads elsewhere, and is not followed"));
        CU_ASSERT_PTR_NULL(strstr(stage.heard.message, "s3cret"));
        CU_ASSERT_EQUAL(fault_server_requests(&stage.server), 1);
    }
}

static void a_broken_answer_is_none(void)
{
    static const struct answered list[] = {
        {{.bytes = STAGE_JSON("200 OK", "8", "{\"a\":1}"), .end = FAULT_CLOSE}, 0, ERROR_BUSY, ""},
        {{.bytes = STAGE_JSON("200 OK", "8", "{\"a\":1}"), .end = FAULT_RESET}, 0, ERROR_BUSY, ""},
        {{.bytes = STAGE_JSON("403 X", "77", STATUS("403", "Forbidden")), .end = FAULT_CLOSE},
         403,
         ERROR_FOREIGN,
         ""},
        {{.bytes = STAGE_JSON("403 X", "800", STATUS("403", "Forbidden")), .end = FAULT_CLOSE},
         0,
         ERROR_BUSY,
         ""},
        {{.head = STAGE_CHUNKED, .bytes = "7\r\n{\"a\":1}\r\n", .end = FAULT_CLOSE}, 0, ERROR_BUSY, ""},
        {{.head = STAGE_CHUNKED, .bytes = "7\r\n{\"a\":1}\r\n0\r\n", .end = FAULT_CLOSE}, 0, ERROR_BUSY, ""},
        {{.head = STAGE_CHUNKED, .bytes = "9\r\n{\"a\":1}", .end = FAULT_RESET}, 0, ERROR_BUSY, ""},
        {{.head = STAGE_CHUNKED, .bytes = "x\r\n{\"a\":1}\r\n0\r\n\r\n"}, 0, ERROR_BUSY, ""},
        {{.head = STAGE_CHUNKED, .bytes = "-7\r\n{\"a\":1}\r\n0\r\n\r\n"}, 0, ERROR_BUSY, ""},
        {{.head = STAGE_CHUNKED, .bytes = "fffffffffffffffff\r\n{\"a\":1}\r\n0\r\n\r\n"}, 0, ERROR_BUSY, ""},
        {{.bytes = "HTTP/1.1 200 OK\r\n" TYPE "Content-Length: 2\r\n", .end = FAULT_CLOSE},
         0,
         ERROR_BUSY,
         ""},
        {{.bytes = "HTTP/1.1 200 OK\r\n" TYPE "Content-Length: -2\r\n\r\n{}"}, 0, ERROR_BUSY, ""},
        {{.bytes = "HTTP/1.1 200 OK\r\n" TYPE "Content-Length: 99999999999999999999\r\n\r\n{}"},
         0,
         ERROR_BUSY,
         "where it ends"},
        {{.bytes = "{\"a\":1}\n", .end = FAULT_CLOSE}, 0, ERROR_BUSY, ""},
        {{.bytes = "SSH-2.0-OpenSSH\r\n", .end = FAULT_CLOSE}, 0, ERROR_BUSY, ""},
        {{.bytes = "HTTP/2 200 OK\r\n\r\n", .end = FAULT_CLOSE}, 0, ERROR_BUSY, ""},
        {{.bytes = "HTTP/1.1 99 X\r\n\r\n", .end = FAULT_CLOSE}, 0, ERROR_BUSY, ""},
        {{.bytes = "HTTP/1.1 banana\r\n\r\n", .end = FAULT_CLOSE}, 0, ERROR_BUSY, ""},
        {{.bytes = "\0\0\0\0\0\0\0\0", .size = 8, .end = FAULT_CLOSE}, 0, ERROR_BUSY, ""},
        {{.bytes = "HTTP/1.1 200 OK\r\nContent-Type: appl\0cation\r\n\r\n", .size = 46, .end = FAULT_CLOSE},
         0,
         ERROR_BUSY,
         ""},
        {{.bytes = "HTTP/1.1 200 OK\r\n" TYPE "Content-Length: 8\r\n\r\n{\"a\":1}\0", .size = 78},
         0,
         ERROR_BUSY,
         "holds a NUL byte"},
        {{.bytes = "HTTP/1.1 200 OK\r\n" TYPE "Content-Len", .end = FAULT_CLOSE},
         0,
         ERROR_BUSY,
         "within its head"},
        {{.bytes = "HTTP/1.1 403 X\r\nContent-Length: 2", .end = FAULT_CLOSE},
         0,
         ERROR_BUSY,
         "within its head"},
        {{.end = FAULT_CLOSE}, 0, ERROR_BUSY, ""},
        {{.end = FAULT_RESET}, 0, ERROR_BUSY, ""},
    };

    check_all(list, sizeof list / sizeof list[0]);
}

static void a_head_has_a_limit(void)
{
    static const struct answered list[] = {
        {{.head = "HTTP/1.1 200 OK\r\n",
          .bytes = "X-Filling: 0123456789012345678901234567890123456789\r\n",
          .times = 3000},
         0,
         ERROR_BUSY,
         "the head of the answer is too long"},
        {{.head = "HTTP/1.1 200 OK\r\nX: ",
          .bytes = "0123456789012345678901234567890123456789",
          .times = 30000},
         0,
         ERROR_BUSY,
         ""},
        {{.bytes = "HTTP/1.1 100 Continue\r\n\r\n", .times = 10000},
         0,
         ERROR_BUSY,
         "the head of the answer is too long"},
        {{.head = STAGE_CHUNKED "1\r\n{\r\n0\r\n",
          .bytes = "X-Filling: 0123456789012345678901234567890\r\n",
          .times = 3000},
         0,
         ERROR_BUSY,
         "the head of the answer is too long"},
    };

    check_all(list, sizeof list / sizeof list[0]);
}

static void a_body_has_a_limit(void)
{
    static const struct answered list[] = {
        {{.head = "HTTP/1.1 200 OK\r\n" TYPE "Content-Length: 3145729\r\n\r\n[",
          .bytes = "0123456789abcdef",
          .times = 196608},
         0,
         ERROR_LIMIT,
         "larger than 3145728 bytes"},
        {{.head = STAGE_CHUNKED, .bytes = "10\r\n0123456789abcdef\r\n", .times = 1000000},
         0,
         ERROR_LIMIT,
         "larger than"},
        {{.head = "HTTP/1.1 403 X\r\nContent-Length: 10000000\r\n\r\nwhy: ",
          .bytes = "0123456789abcdef",
          .times = 600000},
         403,
         ERROR_FOREIGN,
         "HTTP 403: why: 0123"},
    };
    static const struct fault_answer most = {.head =
                                                 "HTTP/1.1 200 OK\r\n" TYPE "Content-Length: 3145728\r\n\r\n",
                                             .bytes = "0123456789abcdef",
                                             .times = 196608};

    check_all(list, sizeof list / sizeof list[0]);
    stage_ask_once(&stage, &most);
    CU_ASSERT_EQUAL(stage.heard.code, 0);
    CU_ASSERT_EQUAL(stage.heard.body.length, 3145728);
    text_release(&stage.heard.body);
}

/* Whatever comes, it is told once, and what is told as a success is a body of the length that was told. */
static void rubbish_is_survived(void)
{
    static const char *const seeds[] = {
        STAGE_JSON("200 OK\r\nRetry-After: 7", "7", "{\"a\":1}"),
        STAGE_CHUNKED "3\r\n{\"a\r\n4;x=y\r\n\":1}\r\n0\r\nTrailer: x\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 429 X\r\nRetry-After: 3\r\nContent-Length: 2\r\n\r\n{}",
    };
    static const char *const pieces[] = {"\r\n\r\n",
                                         "HTTP/1.1 ",
                                         "Content-Length: ",
                                         "Transfer-Encoding: chunked\r\n",
                                         "Content-Encoding: gzip\r\n",
                                         "99999999999",
                                         "0\r\n\r\n",
                                         "\n",
                                         NULL};
    struct mutate mutate = mutate_begin(7, 60000);

    for (size_t i = 0; i < 300 && mutate_goes_on(&mutate); i++) {
        char text[1024];
        size_t size = strlen(seeds[i % 3]);
        struct fault_answer answer = {.bytes = text, .end = FAULT_CLOSE};
        memcpy(text, seeds[i % 3], size);
        answer.size = mutate_text(&mutate, text, size, sizeof text, pieces);
        stage_ask_once(&stage, &answer);
        CU_ASSERT_EQUAL(stage.heard.told, 1);
        CU_ASSERT_EQUAL(stage.heard.code == 0, stage.heard.status >= 200 && stage.heard.status < 300);
        CU_ASSERT_TRUE(stage.heard.retry_ms >= 0 && stage.heard.retry_ms <= 300000);
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"a success is gathered", a_success_is_gathered},
        {"a refusal is told in the server's words", a_refusal_is_told_in_the_servers_words},
        {"how long to wait is told, within reason", the_wait_is_told},
        {"what proxies and portals say is no answer", what_others_say_is_no_answer},
        {"redirects are not followed", redirects_are_not_followed},
        {"a broken answer is none", a_broken_answer_is_none},
        {"a head has a limit", a_head_has_a_limit},
        {"a body has a limit", a_body_has_a_limit},
        {"rubbish is survived", rubbish_is_survived},
        {NULL, NULL},
    };

    return harness_run("connection_answers", tests);
}
