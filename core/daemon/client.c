/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/client.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* The largest head of an answer. */
enum { HEAD_MAX = 16384 };

/* A conversation. */
struct talk {
    const struct client_request *request;
    int fd;
    /* On the monotonic clock. */
    int64_t deadline_ms;
    struct error *error;
};

static int64_t now_ms(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int refused(const char *path, int reason, struct error *error)
{
    struct stat info;
    const struct passwd *user;
    const struct group *group;

    if (reason == ENOENT || reason == ECONNREFUSED || reason == ENOTDIR)
        return error_set(error, ERROR_NOT_FOUND,
                         "no apigwd listens at %s; is it running, and is this the path of "
                         "admin.socket in its config?",
                         path);
    if (reason != EACCES)
        return error_set(error, ERROR_IO, "%s: %s", path, strerror(reason));
    if (stat(path, &info) != 0)
        return error_set(error, ERROR_FOREIGN,
                         "%s cannot be reached: a folder on the way is closed to this user", path);
    user = getpwuid(info.st_uid);
    group = getgrgid(info.st_gid);
    return error_set(
        error, ERROR_FOREIGN, "%s is open to user %s and group %s (mode %04o) only; become one of them", path,
        user ? user->pw_name : "?", group ? group->gr_name : "?", (unsigned)info.st_mode & 07777);
}

/* A daemon whose queue is full is waited for. */
static int connect_to(struct talk *talk)
{
    const char *path = talk->request->socket;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timespec pause = {.tv_nsec = 10000000};

    if (strlen(path) >= sizeof address.sun_path)
        return error_set(talk->error, ERROR_INVALID, "the path of the socket %s is longer than %zu bytes",
                         path, sizeof address.sun_path - 1);
    memcpy(address.sun_path, path, strlen(path) + 1);
    talk->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (talk->fd < 0)
        return error_set(talk->error, ERROR_IO, "a socket: %s", strerror(errno));
    while (connect(talk->fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        if (errno != EAGAIN && errno != EINTR)
            return refused(path, errno, talk->error);
        if (now_ms() >= talk->deadline_ms)
            return error_set(talk->error, ERROR_BUSY, "apigwd at %s takes no connection", path);
        (void)nanosleep(&pause, NULL);
    }
    return 0;
}

static int await(const struct talk *talk, short events)
{
    struct pollfd poll_fd = {.fd = talk->fd, .events = events};

    for (;;) {
        int64_t left = talk->deadline_ms - now_ms();
        int ready = poll(&poll_fd, 1, left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left);
        if (ready > 0)
            return 0;
        if (ready == 0)
            return error_set(talk->error, ERROR_BUSY, "apigwd at %s did not answer within %d ms",
                             talk->request->socket, talk->request->patience_ms);
        if (errno != EINTR)
            return error_set(talk->error, ERROR_IO, "poll: %s", strerror(errno));
    }
}

static int broken(const struct talk *talk, int reason)
{
    return error_set(talk->error, ERROR_IO, "the connection to apigwd at %s broke: %s", talk->request->socket,
                     strerror(reason));
}

static int send_all(const struct talk *talk, const struct text *out)
{
    size_t done = 0;

    while (done < out->length) {
        ssize_t sent = send(talk->fd, out->data + done, out->length - done, MSG_NOSIGNAL);
        int result;
        if (sent >= 0) {
            done += (size_t)sent;
            continue;
        }
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN)
            return broken(talk, errno);
        result = await(talk, POLLOUT);
        if (result != 0)
            return result;
    }
    return 0;
}

static int receive_all(const struct talk *talk, struct text *in)
{
    char data[8192];

    for (;;) {
        ssize_t size = recv(talk->fd, data, sizeof data, 0);
        int result = 0;
        if (size == 0)
            return 0;
        if (size < 0 && errno == EAGAIN)
            result = await(talk, POLLIN);
        else if (size < 0 && errno != EINTR)
            return broken(talk, errno);
        else if (size > 0)
            text_append(in, data, (size_t)size);
        if (result == 0 && in->failed)
            result = error_no_memory(talk->error);
        if (result == 0 && in->length > (size_t)CLIENT_ANSWER_MAX + HEAD_MAX)
            result = error_set(talk->error, ERROR_LIMIT, "the answer of apigwd at %s is larger than %d bytes",
                               talk->request->socket, CLIENT_ANSWER_MAX);
        if (result != 0)
            return result;
    }
}

/* The length that the head tells; -1: none; -2: one that makes no sense. */
static int64_t told_length(const char *head, const char *end)
{
    static const char name[] = "\ncontent-length:";
    size_t length = sizeof name - 1;

    for (const char *at = head; at + length < end; at++) {
        char *after = NULL;
        unsigned long long value;
        if (strncasecmp(at, name, length) != 0)
            continue;
        at += length + strspn(at + length, " \t");
        if (*at < '0' || *at > '9')
            return -2;
        value = strtoull(at, &after, 10);
        return after && *after == '\r' && value <= CLIENT_ANSWER_MAX ? (int64_t)value : -2;
    }
    return -1;
}

/* A connection that ends early is told from an answer that is whole by its length. */
static int parse(const struct talk *talk, const struct text *in, unsigned *status, struct text *body)
{
    static const char version[] = "HTTP/1.";
    const char *end = strstr(in->data, "\r\n\r\n");
    const char *digits = in->data + sizeof version + 1;
    size_t left;
    int64_t length;

    if (in->length < 16 || strncmp(in->data, version, sizeof version - 1) != 0 || in->data[8] != ' ' ||
        !end || strspn(digits, "0123456789") != 3)
        return error_set(talk->error, ERROR_INVALID, "what listens at %s does not answer as apigwd does",
                         talk->request->socket);
    length = told_length(in->data, end);
    left = in->length - (size_t)(end + 4 - in->data);
    if (length < 0 || left != (size_t)length)
        return error_set(talk->error, ERROR_IO, "the answer of apigwd at %s is not whole",
                         talk->request->socket);
    text_append(body, end + 4, left);
    if (body->failed)
        return error_no_memory(talk->error);
    *status =
        (unsigned)(digits[0] - '0') * 100 + (unsigned)(digits[1] - '0') * 10 + (unsigned)(digits[2] - '0');
    return 0;
}

static int converse(struct talk *talk, unsigned *status, struct text *body)
{
    struct text out = text_empty();
    struct text in = text_empty();
    int result = connect_to(talk);

    text_append_format(&out, "%s %s HTTP/1.0\r\nHost: apigwd\r\nConnection: close\r\n%s\r\n",
                       talk->request->method, talk->request->target,
                       strcmp(talk->request->method, "POST") == 0 ? "Content-Length: 0\r\n" : "");
    if (result == 0 && out.failed)
        result = error_no_memory(talk->error);
    if (result == 0)
        result = send_all(talk, &out);
    if (result == 0)
        result = receive_all(talk, &in);
    if (result == 0)
        result = parse(talk, &in, status, body);
    text_release(&out);
    text_release(&in);
    return result;
}

int client_ask(const struct client_request *request, unsigned *status, struct text *body, struct error *error)
{
    struct talk talk = {
        .request = request, .fd = -1, .deadline_ms = now_ms() + request->patience_ms, .error = error};
    int result;

    if (request->target[0] != '/' || strpbrk(request->target, " \r\n\t"))
        return error_set(error, ERROR_INVALID, "'%s' is not what can be asked of apigwd", request->target);
    result = converse(&talk, status, body);
    if (talk.fd >= 0)
        (void)close(talk.fd);
    return result;
}
