/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "daemon/client.h"
#include "daemon/endpoint.h"
#include "folder.h"

#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a server does with the one connection that it takes. */
struct script {
    /* Sent after the request was read. */
    const char *answer;
    /* So many "x" after that. */
    size_t filling;
    /* Keeps the connection open without a word. */
    bool silent;
};

static struct endpoint endpoint;
static char root[64];
static char path[128];

static void serve(const struct script *script)
{
    char request[1024] = "";
    int fd;
    struct pollfd poll_fd = {.fd = endpoint.fd, .events = POLLIN};

    (void)alarm(20);
    (void)poll(&poll_fd, 1, -1);
    fd = accept(endpoint.fd, NULL, NULL);
    if (recv(fd, request, sizeof request - 1, 0) <= 0 || !strstr(request, "Connection: close\r\n"))
        _exit(1);
    if (script->silent)
        (void)pause();
    (void)send(fd, script->answer, strlen(script->answer), MSG_NOSIGNAL);
    for (size_t i = 0; i < script->filling; i += 4096) {
        char block[4096];
        memset(block, 'x', sizeof block);
        if (send(fd, block, sizeof block, MSG_NOSIGNAL) < 0)
            break;
    }
    _exit(strncmp(request, "POST /x?y HTTP/1.0\r\n", 20) == 0 ? 0 : 2);
}

static int ask(const struct script *script, unsigned *status, struct text *body, struct error *error)
{
    const struct client_request request = {
        .socket = path, .method = "POST", .target = "/x?y", .patience_ms = script->silent ? 200 : 10000};
    pid_t child;
    int result;
    int code = 0;

    folder_make(root);
    (void)snprintf(path, sizeof path, "%s/s", root);
    CU_ASSERT_EQUAL_FATAL(endpoint_listen_unix(path, 0600, &endpoint, error), 0);
    child = fork();
    if (child == 0)
        serve(script);
    text_clear(body);
    result = client_ask(&request, status, body, error);
    if (script->silent)
        (void)kill(child, SIGKILL);
    (void)waitpid(child, &code, 0);
    CU_ASSERT_TRUE(script->silent || code == 0);
    endpoint_close(&endpoint);
    folder_remove(root);
    return result;
}

static void an_answer_is_read_whole(void)
{
    static const struct script script = {
        .answer = "HTTP/1.1 409 Conflict\r\nA: b\r\ncontent-LENGTH:  7\r\n\r\nline\r\n\n"};
    struct text body = text_empty();
    struct error error = {0};
    unsigned status = 0;

    CU_ASSERT_EQUAL(ask(&script, &status, &body, &error), 0);
    CU_ASSERT_EQUAL(status, 409);
    CU_ASSERT_STRING_EQUAL(body.data, "line\r\n\n");
    text_release(&body);
}

static void a_large_answer_is_read_and_a_larger_one_refused(void)
{
    static const struct script large = {.answer = "HTTP/1.0 200 OK\r\nContent-Length: 16777216\r\n\r\n",
                                        .filling = 16777216};
    static const struct script larger = {.answer = "HTTP/1.0 200 OK\r\nContent-Length: 17777216\r\n\r\n",
                                         .filling = 33554432};
    struct text body = text_empty();
    struct error error = {0};
    unsigned status = 0;

    CU_ASSERT_EQUAL(ask(&large, &status, &body, &error), 0);
    CU_ASSERT_EQUAL(body.length, 16777216);
    CU_ASSERT_EQUAL(ask(&larger, &status, &body, &error), ERROR_LIMIT);
    text_release(&body);
}

static void an_answer_that_is_none_is_refused(void)
{
    static const struct {
        const char *answer;
        int result;
    } cases[] = {
        {"", ERROR_INVALID},
        {"SSH-2.0-OpenSSH_9.2\r\n\r\n", ERROR_INVALID},
        {"HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n", ERROR_INVALID},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", ERROR_INVALID},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfour", ERROR_IO},
        {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nfour", ERROR_IO},
        {"HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\nfour", ERROR_IO},
        {"HTTP/1.1 200 OK\r\nContent-Length: 4x\r\n\r\nfour", ERROR_IO},
        {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nfour", ERROR_IO},
        {"HTTP/1.1 200 OK\r\nX: y\r\n\r\nContent-Length: 4\r\n", ERROR_IO},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct script script = {.answer = cases[i].answer};
        struct text body = text_empty();
        struct error error = {0};
        unsigned status = 7;
        int result = ask(&script, &status, &body, &error);
        if (result != cases[i].result)
            (void)printf("# case %zu: %d %s\n", i, result, error.message);
        CU_ASSERT_EQUAL(result, cases[i].result);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.message, path));
        CU_ASSERT_EQUAL(status, 7);
        text_release(&body);
    }
}

static void nobody_waits_for_ever(void)
{
    static const struct script script = {.silent = true};
    struct text body = text_empty();
    struct error error = {0};
    unsigned status = 0;

    CU_ASSERT_EQUAL(ask(&script, &status, &body, &error), ERROR_BUSY);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "200 ms"));
    text_release(&body);
}

static int ask_at(const char *socket, const char *target, struct error *error)
{
    const struct client_request request = {
        .socket = socket, .method = "GET", .target = target, .patience_ms = 100};
    struct text body = text_empty();
    unsigned status = 0;
    int result = client_ask(&request, &status, &body, error);

    text_release(&body);
    return result;
}

static void a_daemon_that_is_not_there_is_told(void)
{
    struct error error = {0};
    char long_path[200];

    folder_make(root);
    CU_ASSERT_EQUAL(ask_at(folder_path(root, "s"), "/", &error), ERROR_NOT_FOUND);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "admin.socket"));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, root));
    CU_ASSERT_EQUAL(endpoint_listen_unix(folder_path(root, "s"), 0600, &endpoint, &error), 0);
    (void)close(endpoint.fd);
    CU_ASSERT_EQUAL(ask_at(folder_path(root, "s"), "/", &error), ERROR_NOT_FOUND);
    endpoint.fd = -1;
    endpoint_close(&endpoint);
    memset(long_path, 'x', sizeof long_path);
    long_path[sizeof long_path - 1] = '\0';
    CU_ASSERT_EQUAL(ask_at(long_path, "/", &error), ERROR_INVALID);
    CU_ASSERT_EQUAL(ask_at("/s", "no-slash", &error), ERROR_INVALID);
    CU_ASSERT_EQUAL(ask_at("/s", "/a\r\nX: y", &error), ERROR_INVALID);
    CU_ASSERT_EQUAL(ask_at("/s", "/a b", &error), ERROR_INVALID);
    folder_remove(root);
}

/* Nobody sees the doors of others: in a process that is not root any more. */
static void a_closed_door_is_told_with_who_may(void)
{
    struct error error = {0};
    pid_t child;
    int code = 0;

    folder_make(root);
    CU_ASSERT_EQUAL(chmod(root, 0755), 0);
    (void)snprintf(path, sizeof path, "%s/s", root);
    CU_ASSERT_EQUAL(endpoint_listen_unix(path, 0000, &endpoint, &error), 0);
    child = fork();
    if (child == 0) {
        if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setgid(65534) != 0 || setuid(65534) != 0))
            _exit(1);
        _exit(ask_at(path, "/", &error) == ERROR_FOREIGN && strstr(error.message, "mode 0000") &&
                      strstr(error.message, "user ") && strstr(error.message, "group ")
                  ? 0
                  : 2);
    }
    CU_ASSERT_EQUAL(waitpid(child, &code, 0), child);
    CU_ASSERT_EQUAL(code, 0);
    endpoint_close(&endpoint);
    folder_remove(root);
}

int main(void)
{
    static const struct test tests[] = {
        {"an answer is read whole", an_answer_is_read_whole},
        {"a large answer is read, and a larger one refused", a_large_answer_is_read_and_a_larger_one_refused},
        {"an answer that is none is refused", an_answer_that_is_none_is_refused},
        {"nobody waits for ever", nobody_waits_for_ever},
        {"a daemon that is not there is told", a_daemon_that_is_not_there_is_told},
        {"a closed door is told with who may", a_closed_door_is_told_with_who_may},
        {NULL, NULL},
    };

    return harness_run("client", tests);
}
