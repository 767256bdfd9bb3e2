/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "admin_stage.h"
#include "daemon/endpoint.h"
#include "folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define CLOSE " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

static bool ends(const struct text *text, const char *end)
{
    size_t length = strlen(end);
    bool equal = text->length >= length && strcmp(text->data + text->length - length, end) == 0;

    if (!equal)
        (void)printf("# %.300s\n", text->data);
    return equal;
}

static void routes_are_served(void)
{
    struct admin_stage stage;
    struct text out = text_empty();

    stage_begin(&stage, 0);
    CU_ASSERT_EQUAL(stage_ask(&stage, false, "GET /healthz" CLOSE, &out), 200);
    CU_ASSERT_TRUE(ends(&out, "\r\n\r\nok\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(out.data, "Content-Type: text/plain; charset=utf-8\r\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(out.data, "Content-Length: 3\r\n"));
    CU_ASSERT_EQUAL(stage_ask(&stage, false, "GET /healthz?verbose" CLOSE, &out), 200);
    CU_ASSERT_TRUE(ends(&out, "all is well\n"));
    CU_ASSERT_EQUAL(stage_ask(&stage, false, "GET /healthz?a=b&verbose=1" CLOSE, &out), 200);
    CU_ASSERT_TRUE(ends(&out, "all is well\n"));
    CU_ASSERT_EQUAL(stage_ask(&stage, false, "HEAD /healthz" CLOSE, &out), 200);
    CU_ASSERT_TRUE(ends(&out, "\r\n\r\n"));
    CU_ASSERT_EQUAL(stage_ask(&stage, false, "GET /explain/ns/name" CLOSE, &out), 200);
    CU_ASSERT_TRUE(ends(&out, "\r\n\r\nns/name"));
    CU_ASSERT_PTR_NOT_NULL(strstr(out.data, "Content-Type: application/json\r\n"));
    CU_ASSERT_EQUAL(stage_ask(&stage, false, "GET /healthz HTTP/1.0\r\n\r\n", &out), 200);
    CU_ASSERT_EQUAL(stage.calls, 6);
    text_release(&out);
    CU_ASSERT_TRUE(stage_end(&stage));
}

static void the_port_serves_what_is_open(void)
{
    struct admin_stage stage;
    struct text out = text_empty();

    stage_begin(&stage, 0);
    CU_ASSERT_TRUE(admin_port(stage.admin) > 0);
    CU_ASSERT_EQUAL(stage_ask(&stage, true, "GET /healthz" CLOSE, &out), 200);
    CU_ASSERT_EQUAL(stage_ask(&stage, true, "GET /explain/a" CLOSE, &out), 404);
    CU_ASSERT_EQUAL(stage_ask(&stage, true, "POST /later" CLOSE, &out), 404);
    CU_ASSERT_EQUAL(stage_ask(&stage, true, "GET /echo" CLOSE, &out), 404);
    CU_ASSERT_EQUAL(stage.calls, 1);
    text_release(&out);
    CU_ASSERT_TRUE(stage_end(&stage));
}

static void what_is_not_served_is_refused(void)
{
    static const struct {
        const char *request;
        unsigned status;
    } cases[] = {
        {"GET /" CLOSE, 404},           {"GET /healthz/" CLOSE, 404},
        {"GET /healthzz" CLOSE, 404},   {"GET /explain" CLOSE, 404},
        {"GET /../healthz" CLOSE, 404}, {"POST /healthz" CLOSE, 405},
        {"DELETE /healthz" CLOSE, 405}, {"GET /echo" CLOSE, 405},
        {"get /healthz" CLOSE, 405},    {"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", 400},
    };
    struct admin_stage stage;
    struct text out = text_empty();

    stage_begin(&stage, 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned status = stage_ask(&stage, false, cases[i].request, &out);
        if (status != cases[i].status)
            (void)printf("# %u for %s", status, cases[i].request);
        CU_ASSERT_EQUAL(status, cases[i].status);
        if (status == 405)
            CU_ASSERT_PTR_NOT_NULL(strstr(out.data, i == 7 ? "Allow: POST\r\n" : "Allow: GET, HEAD\r\n"));
    }
    CU_ASSERT_EQUAL(stage.calls, 0);
    text_release(&out);
    CU_ASSERT_TRUE(stage_end(&stage));
}

static void garbage_is_cut_off(void)
{
    static const char *const garbage[] = {
        "\r\n\r\n\r\n\r\n",
        "\x16\x03\x01\x02\x01\xfc\x03\x03\r\n\r\n",
        "GET\r\n\r\n",
        "GET /healthz\r\n\r\n",
        "GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nX\r\nHost: x\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "%%%%%%%%%%%%%%%%\n\n\n",
    };
    struct admin_stage stage;
    struct text out = text_empty();

    stage_begin(&stage, 1000);
    for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
        unsigned status = stage_ask(&stage, i % 2 == 0, garbage[i], &out);
        if (status != 0 && status < 400)
            (void)printf("# %u for case %zu\n", status, i);
        CU_ASSERT_TRUE(status == 0 || status >= 400);
    }
    CU_ASSERT_EQUAL(stage.calls, 0);
    CU_ASSERT_EQUAL(stage_ask(&stage, true, "GET /healthz" CLOSE, &out), 200);
    text_release(&out);
    CU_ASSERT_TRUE(stage_end(&stage));
}

/* A request of one header of this size. */
static unsigned ask_with_header(struct admin_stage *stage, size_t size, struct text *out)
{
    struct text request = text_empty();
    unsigned status;

    text_append_string(&request, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: ");
    for (size_t i = 0; i < size; i++)
        text_append(&request, "y", 1);
    text_append_string(&request, "\r\n\r\n");
    status = stage_ask(stage, false, request.data, out);
    text_release(&request);
    return status;
}

static unsigned post(struct admin_stage *stage, size_t size, bool chunked, struct text *out)
{
    struct text request = text_empty();
    unsigned status;

    text_append_string(&request, "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
    if (chunked)
        text_append_format(&request, "Transfer-Encoding: chunked\r\n\r\n%zx\r\n", size);
    else
        text_append_format(&request, "Content-Length: %zu\r\n\r\n", size);
    for (size_t i = 0; i < size; i++)
        text_append(&request, "z", 1);
    if (chunked)
        text_append_string(&request, "\r\n0\r\n\r\n");
    status = stage_ask(stage, false, request.data, out);
    text_release(&request);
    return status;
}

static void what_is_too_large_is_refused(void)
{
    struct admin_stage stage;
    struct text out = text_empty();
    unsigned status;

    stage_begin(&stage, 1000);
    CU_ASSERT_EQUAL(ask_with_header(&stage, 7000, &out), 200);
    status = ask_with_header(&stage, 11000, &out);
    CU_ASSERT_TRUE(status == 413 || status == 414 || status == 431);
    CU_ASSERT_EQUAL(post(&stage, 4096, false, &out), 201);
    CU_ASSERT_TRUE(ends(&out, "zzzz"));
    CU_ASSERT_EQUAL(post(&stage, 4096, true, &out), 201);
    CU_ASSERT_EQUAL(stage.calls, 3);
    CU_ASSERT_EQUAL(post(&stage, 4097, false, &out), 413);
    CU_ASSERT_EQUAL(post(&stage, 4097, true, &out), 413);
    status = post(&stage, 100000, true, &out);
    CU_ASSERT_TRUE(status == 0 || status == 413);
    CU_ASSERT_EQUAL(stage.calls, 3);
    text_release(&out);
    CU_ASSERT_TRUE(stage_end(&stage));
}

static void requests_may_follow_each_other(void)
{
    struct admin_stage stage;
    struct text out = text_empty();
    const char *at;
    unsigned answers = 0;
    int fd;

    stage_begin(&stage, 0);
    fd = stage_connect(&stage, true);
    stage_send(fd, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"
                   "GET /healthz?verbose HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    CU_ASSERT_TRUE(stage_read(&stage, fd, NULL, &out));
    for (at = out.data; (at = strstr(at, "HTTP/1.1 ")); at++)
        answers++;
    CU_ASSERT_EQUAL(answers, 3);
    CU_ASSERT_TRUE(ends(&out, "all is well\n"));
    (void)close(fd);
    text_release(&out);
    CU_ASSERT_TRUE(stage_end(&stage));
}

static void an_answer_may_come_later(void)
{
    struct admin_stage stage;
    struct text out = text_empty();
    int fd;

    stage_begin(&stage, 300);
    fd = stage_connect(&stage, false);
    stage_send(fd, "POST /later HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    stage_turn(&stage, 1500);
    CU_ASSERT_PTR_NOT_NULL_FATAL(stage.waiting);
    CU_ASSERT_EQUAL(recv(fd, &(char){0}, 1, MSG_DONTWAIT), -1);
    admin_answer(stage.waiting, 409, NULL, "refused\n", 8);
    CU_ASSERT_TRUE(stage_read(&stage, fd, NULL, &out));
    CU_ASSERT_TRUE(ends(&out, "refused\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(out.data, "HTTP/1.1 409 "));
    CU_ASSERT_EQUAL(stage.calls, 1);
    (void)close(fd);
    /* Whoever asked is gone. */
    stage.waiting = NULL;
    fd = stage_connect(&stage, false);
    stage_send(fd, "POST /later HTTP/1.1\r\nHost: x\r\n\r\n");
    stage_turn(&stage, 50);
    (void)close(fd);
    stage_turn(&stage, 50);
    CU_ASSERT_PTR_NOT_NULL_FATAL(stage.waiting);
    admin_answer(stage.waiting, 200, NULL, "nobody hears\n", 13);
    stage_turn(&stage, 50);
    /* Who still waits when it ends is told. */
    stage.waiting = NULL;
    fd = stage_connect(&stage, false);
    stage_send(fd, "POST /later HTTP/1.1\r\nHost: x\r\n\r\n");
    stage_turn(&stage, 50);
    CU_ASSERT_PTR_NOT_NULL(stage.waiting);
    CU_ASSERT_TRUE(stage_end(&stage));
    {
        char data[512];
        ssize_t size = recv(fd, data, sizeof data - 1, MSG_DONTWAIT);
        data[size > 0 ? size : 0] = '\0';
        CU_ASSERT_PTR_NOT_NULL(strstr(data, "HTTP/1.1 503 "));
    }
    (void)close(fd);
    text_release(&out);
}

static void the_slow_are_cut(void)
{
    struct admin_stage stage;
    struct text out = text_empty();
    int silent;
    int drip;

    stage_begin(&stage, 600);
    silent = stage_connect(&stage, true);
    drip = stage_connect(&stage, true);
    stage_send(drip, "GET /healthz HTTP/1.1\r\n");
    for (int i = 0; i < 12; i++) {
        stage_send(drip, "X: y\r\n");
        stage_turn(&stage, 100);
    }
    CU_ASSERT_TRUE(stage_read(&stage, silent, NULL, &out));
    stage_send(drip, "Host: x\r\n\r\n");
    CU_ASSERT_TRUE(stage_read(&stage, drip, NULL, &out));
    CU_ASSERT_EQUAL(stage.calls, 0);
    (void)close(silent);
    (void)close(drip);
    text_release(&out);
    CU_ASSERT_TRUE(stage_end(&stage));
}

/* More than may be connected, all silent: those beyond are served when the silent ones were cut. */
static void a_crowd_does_not_shut_others_out(void)
{
    struct admin_stage stage;
    struct text out = text_empty();
    int fds[100];
    unsigned served = 0;

    stage_begin(&stage, 800);
    for (size_t i = 0; i < 100; i++) {
        fds[i] = stage_connect(&stage, true);
        stage_turn(&stage, 0);
    }
    CU_ASSERT_EQUAL(stage_ask(&stage, false, "GET /healthz" CLOSE, &out), 200);
    CU_ASSERT_EQUAL(stage_ask(&stage, true, "GET /healthz" CLOSE, &out), 200);
    for (size_t i = 0; i < 100; i++)
        (void)close(fds[i]);
    stage_turn(&stage, 50);
    for (size_t i = 0; i < 60; i++) {
        fds[i] = stage_connect(&stage, i % 2 == 0);
        stage_send(fds[i], "GET /healthz" CLOSE);
    }
    for (size_t i = 0; i < 60; i++) {
        text_clear(&out);
        served += stage_read(&stage, fds[i], NULL, &out) && strstr(out.data, " 200 ");
        (void)close(fds[i]);
    }
    CU_ASSERT_EQUAL(served, 60);
    text_release(&out);
    CU_ASSERT_TRUE(stage_end(&stage));
}

static void a_large_answer_arrives_whole(void)
{
    struct admin_stage stage;
    struct text out = text_empty();

    stage_begin(&stage, 0);
    CU_ASSERT_EQUAL(stage_ask(&stage, false, "GET /large" CLOSE, &out), 200);
    CU_ASSERT_TRUE(out.length > 8 << 20);
    text_release(&out);
    CU_ASSERT_TRUE(stage_end(&stage));
}

/* Without anybody there is nothing that wakes the loop. */
static void nothing_runs_while_nobody_asks(void)
{
    struct admin_stage stage;
    struct text out = text_empty();

    stage_begin(&stage, 0);
    stage_turn(&stage, 20);
    CU_ASSERT_EQUAL(uv_backend_timeout(&stage.loop), -1);
    CU_ASSERT_EQUAL(stage_ask(&stage, false, "GET /healthz" CLOSE, &out), 200);
    stage_turn(&stage, 20);
    CU_ASSERT_EQUAL(uv_backend_timeout(&stage.loop), -1);
    text_release(&out);
    CU_ASSERT_TRUE(stage_end(&stage));
}

static void a_socket_file_is_replaced_if_nobody_listens(void)
{
    struct admin_stage stage;
    struct endpoint endpoint;
    struct error error = {0};
    struct stat info;
    char path[160];
    char long_path[200];
    mode_t old = umask(0077);

    stage_begin(&stage, 0);
    CU_ASSERT_TRUE(stat(stage.socket, &info) == 0 && S_ISSOCK(info.st_mode) &&
                   (info.st_mode & 07777) == 0660);
    (void)umask(old);
    CU_ASSERT_EQUAL(endpoint_listen_unix(stage.socket, 0600, &endpoint, &error), ERROR_CONFLICT);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, stage.socket));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "admin.socket"));
    (void)snprintf(path, sizeof path, "%s/left", stage.root);
    CU_ASSERT_EQUAL(endpoint_listen_unix(path, 0600, &endpoint, &error), 0);
    CU_ASSERT_EQUAL(close(endpoint.fd), 0);
    endpoint.fd = -1;
    {
        struct endpoint second;
        CU_ASSERT_EQUAL(endpoint_listen_unix(path, 0640, &second, &error), 0);
        /* The first one does not remove what is not its own any more. */
        endpoint_close(&endpoint);
        CU_ASSERT_TRUE(folder_has(stage.root, "left"));
        endpoint_close(&second);
        CU_ASSERT_FALSE(folder_has(stage.root, "left"));
    }
    folder_write(stage.root, "left", "precious");
    CU_ASSERT_EQUAL(endpoint_listen_unix(path, 0600, &endpoint, &error), ERROR_FOREIGN);
    CU_ASSERT_TRUE(folder_holds(stage.root, "left", "precious"));
    memset(long_path, 'x', sizeof long_path);
    long_path[0] = '/';
    long_path[sizeof long_path - 1] = '\0';
    CU_ASSERT_EQUAL(endpoint_listen_unix(long_path, 0600, &endpoint, &error), ERROR_INVALID);
    CU_ASSERT_EQUAL(endpoint_listen_unix("/nonexistent/s", 0600, &endpoint, &error), ERROR_IO);
    CU_ASSERT_TRUE(stage_end(&stage));
}

static void addresses_are_read(void)
{
    static const char *const wrong[] = {"",       "8080",  "127.0.0.1", "127.0.0.1:", "127.0.0.1:x",
                                        "host:1", "[::1]", "::1:80",    "[::1:80",    ":65536",
                                        ":-1",    "[]:1",  "1.2.3:1",   ": 80",       "[127.0.0.1]:1"};
    static const char *const right[] = {"127.0.0.1:0", ":0", "localhost:0", "0.0.0.0:0"};
    struct endpoint endpoint;
    struct error error = {0};
    char taken[32];

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CU_ASSERT_EQUAL(endpoint_listen_tcp(wrong[i], &endpoint, &error), ERROR_INVALID);
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
        CU_ASSERT_EQUAL(endpoint_listen_tcp(right[i], &endpoint, &error), 0);
        CU_ASSERT_TRUE(endpoint_port(endpoint.fd) > 0);
        endpoint_close(&endpoint);
    }
    CU_ASSERT_EQUAL(endpoint_listen_tcp(":0", &endpoint, &error), 0);
    (void)snprintf(taken, sizeof taken, "127.0.0.1:%u", endpoint_port(endpoint.fd));
    {
        struct endpoint second;
        CU_ASSERT_EQUAL(endpoint_listen_tcp(taken, &second, &error), ERROR_CONFLICT);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.message, taken));
    }
    endpoint_close(&endpoint);
}

/* What was opened before the failure is closed. */
static void a_start_that_fails_leaves_nothing(void)
{
    static const struct admin_route none[] = {{NULL, NULL, false, NULL}};
    struct admin_options options = {.routes = none, .listen = "nonsense"};
    struct admin *admin = NULL;
    struct error error = {0};
    char root[64];
    uv_loop_t loop;

    folder_make(root);
    options.socket = folder_path(root, "s");
    options.loop = &loop;
    CU_ASSERT_EQUAL(uv_loop_init(&loop), 0);
    CU_ASSERT_EQUAL(admin_start(&options, &admin, &error), ERROR_INVALID);
    CU_ASSERT_PTR_NULL(admin);
    CU_ASSERT_FALSE(folder_has(root, "s"));
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    CU_ASSERT_EQUAL(uv_loop_close(&loop), 0);
    admin_stop(NULL);
    folder_remove(root);
}

int main(void)
{
    static const struct test tests[] = {
        {"routes are served", routes_are_served},
        {"the port serves what is open", the_port_serves_what_is_open},
        {"what is not served is refused", what_is_not_served_is_refused},
        {"garbage is cut off", garbage_is_cut_off},
        {"what is too large is refused", what_is_too_large_is_refused},
        {"requests may follow each other", requests_may_follow_each_other},
        {"an answer may come later", an_answer_may_come_later},
        {"the slow are cut", the_slow_are_cut},
        {"a crowd does not shut others out", a_crowd_does_not_shut_others_out},
        {"a large answer arrives whole", a_large_answer_arrives_whole},
        {"nothing runs while nobody asks", nothing_runs_while_nobody_asks},
        {"a socket file is replaced if nobody listens", a_socket_file_is_replaced_if_nobody_listens},
        {"addresses are read", addresses_are_read},
        {"a start that fails leaves nothing", a_start_that_fails_leaves_nothing},
        {NULL, NULL},
    };

    return harness_run("admin", tests);
}
