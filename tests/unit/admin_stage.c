/* SPDX-License-Identifier: Apache-2.0 */
#include "admin_stage.h"

#include "folder.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static void require(bool done, const char *what)
{
    if (done)
        return;
    (void)printf("Bail out! %s: %s\n", what, strerror(errno));
    exit(1);
}

static void on_health(struct admin_request *request, void *payload)
{
    struct admin_stage *stage = payload;
    const char *verbose = admin_query(request, "verbose");

    stage->calls++;
    if (verbose)
        admin_answer(request, 200, NULL, "all is well\n", 12);
    else
        admin_answer(request, 200, NULL, "ok\n", 3);
}

static void on_explain(struct admin_request *request, void *payload)
{
    struct admin_stage *stage = payload;
    const char *rest = admin_rest(request);

    stage->calls++;
    admin_answer(request, 200, "application/json", rest, strlen(rest));
}

static void on_echo(struct admin_request *request, void *payload)
{
    struct admin_stage *stage = payload;
    const char *body = admin_body(request);

    stage->calls++;
    admin_answer(request, 201, NULL, body, strlen(body));
}

static void on_later(struct admin_request *request, void *payload)
{
    struct admin_stage *stage = payload;

    stage->calls++;
    stage->waiting = request;
}

static void on_large(struct admin_request *request, void *payload)
{
    size_t size = 8 << 20;
    char *body = malloc(size);

    (void)payload;
    require(body != NULL, "memory");
    memset(body, 'x', size);
    admin_answer(request, 200, NULL, body, size);
    free(body);
}

static const struct admin_route routes[] = {
    {"GET", "/healthz", true, on_health}, {"GET", "/explain/", false, on_explain},
    {"POST", "/echo", false, on_echo},    {"POST", "/later", false, on_later},
    {"GET", "/large", false, on_large},   {NULL, NULL, false, NULL},
};

void stage_begin(struct admin_stage *stage, unsigned patience_ms)
{
    struct admin_options options = {.loop = &stage->loop,
                                    .routes = routes,
                                    .payload = stage,
                                    .listen = "127.0.0.1:0",
                                    .patience_ms = patience_ms};
    struct error error = {0};

    *stage = (struct admin_stage){.calls = 0};
    folder_make(stage->root);
    (void)snprintf(stage->socket, sizeof stage->socket, "%s/admin.sock", stage->root);
    options.socket = stage->socket;
    require(uv_loop_init(&stage->loop) == 0, "loop");
    if (admin_start(&options, &stage->admin, &error) != 0) {
        (void)printf("Bail out! %s\n", error.message);
        exit(1);
    }
}

bool stage_end(struct admin_stage *stage)
{
    bool clean;

    admin_stop(stage->admin);
    (void)uv_run(&stage->loop, UV_RUN_DEFAULT);
    clean = uv_loop_close(&stage->loop) == 0 && !folder_has(stage->root, "admin.sock");
    folder_remove(stage->root);
    return clean;
}

int stage_connect(const struct admin_stage *stage, bool tcp)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr_in port = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(tcp ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    port.sin_port = htons((uint16_t)admin_port(stage->admin));
    memcpy(local.sun_path, stage->socket, strlen(stage->socket) + 1);
    require(fd >= 0, "socket");
    if (tcp)
        require(connect(fd, (const struct sockaddr *)&port, sizeof port) == 0, "connect");
    else
        require(connect(fd, (const struct sockaddr *)&local, sizeof local) == 0, "connect");
    return fd;
}

void stage_send(int fd, const char *bytes)
{
    (void)send(fd, bytes, strlen(bytes), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static int64_t now_ms(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void stage_turn(struct admin_stage *stage, int milliseconds)
{
    int64_t end = now_ms() + milliseconds;

    do {
        (void)uv_run(&stage->loop, UV_RUN_NOWAIT);
        (void)nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
    } while (now_ms() < end);
}

bool stage_read(struct admin_stage *stage, int fd, const char *until, struct text *out)
{
    static char data[65536];
    int64_t end = now_ms() + 5000;

    while (now_ms() < end) {
        ssize_t size;
        if (until && strstr(out->data, until))
            return true;
        stage_turn(stage, 0);
        size = recv(fd, data, sizeof data, MSG_DONTWAIT);
        if (size == 0 || (size < 0 && errno != EAGAIN))
            return !until;
        if (size > 0)
            text_append(out, data, (size_t)size);
    }
    return false;
}

unsigned stage_ask(struct admin_stage *stage, bool tcp, const char *request, struct text *out)
{
    int fd = stage_connect(stage, tcp);
    unsigned status = 0;

    text_clear(out);
    stage_send(fd, request);
    if (!stage_read(stage, fd, NULL, out))
        (void)printf("# the connection was not closed; read: %s\n", out->data);
    else
        (void)sscanf(out->data, "HTTP/1.%*c %u", &status);
    (void)close(fd);
    return status;
}
