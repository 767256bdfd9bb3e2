/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/notify.h"

#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* A number without sign and space. */
static bool parse_number(const char *text, uint64_t *out)
{
    char *end = NULL;
    unsigned long long value;

    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    value = strtoull(text, &end, 10);
    if (errno != 0 || *end != '\0')
        return false;
    *out = value;
    return true;
}

static int parse_watchdog(const struct notify_environment *environment, int64_t *out, struct error *error)
{
    uint64_t microseconds = 0;
    uint64_t pid = (uint64_t)getpid();

    if (!environment->watchdog_usec)
        return 0;
    if (!parse_number(environment->watchdog_usec, &microseconds) || microseconds == 0 ||
        microseconds > (uint64_t)INT64_MAX)
        return error_set(error, ERROR_INVALID, "WATCHDOG_USEC is '%s', not a number of microseconds",
                         environment->watchdog_usec);
    if (environment->watchdog_pid && !parse_number(environment->watchdog_pid, &pid))
        return error_set(error, ERROR_INVALID, "WATCHDOG_PID is '%s', not the number of a process",
                         environment->watchdog_pid);
    /* Meant for another process, such as the one that started us. */
    if (pid != (uint64_t)getpid())
        return 0;
    *out = microseconds >= 1000 ? (int64_t)(microseconds / 1000) : 1;
    return 0;
}

static int connect_to(const char *name, struct error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(name);
    int fd;

    if ((name[0] != '/' && name[0] != '@') || length < 2 || length >= sizeof address.sun_path)
        return error_set(error, ERROR_INVALID,
                         "NOTIFY_SOCKET is '%s', neither an absolute path nor @NAME of fewer "
                         "than %zu bytes",
                         name, sizeof address.sun_path);
    memcpy(address.sun_path, name, length);
    if (name[0] == '@')
        address.sun_path[0] = '\0';
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return error_set(error, ERROR_IO, "a socket for the service manager: %s", strerror(errno));
    if (connect(fd, (const struct sockaddr *)&address,
                (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) != 0) {
        int reason = errno;
        (void)close(fd);
        return error_set(error, ERROR_IO, "the service manager at NOTIFY_SOCKET=%s cannot be reached: %s",
                         name, strerror(reason));
    }
    return fd;
}

int notify_open(struct notify *notify, const struct notify_environment *environment, struct error *error)
{
    int64_t watchdog_ms = 0;
    int fd;
    int result;

    *notify = (struct notify){.fd = -1};
    if (!environment->notify_socket)
        return 0;
    result = parse_watchdog(environment, &watchdog_ms, error);
    if (result != 0)
        return result;
    fd = connect_to(environment->notify_socket, error);
    if (fd < 0)
        return fd;
    *notify = (struct notify){.fd = fd, .watchdog_ms = watchdog_ms};
    return 0;
}

void notify_close(struct notify *notify)
{
    if (notify->fd >= 0)
        (void)close(notify->fd);
    *notify = (struct notify){.fd = -1};
}

static bool send_lines(const struct notify *notify, const char *lines, size_t size)
{
    ssize_t sent;

    if (notify->fd < 0)
        return false;
    do
        sent = send(notify->fd, lines, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)size;
}

static void append_status(struct text *lines, const char *status)
{
    text_append_string(lines, "STATUS=");
    for (; *status; status++)
        text_append(lines, *status == '\n' || *status == '\r' ? " " : status, 1);
    text_append_string(lines, "\n");
}

/* The head alone still goes out where there is no memory for the status. */
static bool send_status(const struct notify *notify, const char *head, const char *status)
{
    struct text lines = text_empty();
    bool sent;

    text_append_string(&lines, head);
    append_status(&lines, status);
    sent = lines.failed ? head[0] != '\0' && send_lines(notify, head, strlen(head))
                        : send_lines(notify, lines.data, lines.length);
    text_release(&lines);
    return sent;
}

bool notify_ready(const struct notify *notify, const char *status)
{
    return send_status(notify, "READY=1\n", status);
}

bool notify_reloading(const struct notify *notify)
{
    struct timespec now = {0};
    char lines[64];
    int length;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    length = snprintf(lines, sizeof lines, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64 "\n",
                      (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
    return length > 0 && send_lines(notify, lines, (size_t)length);
}

bool notify_stopping(const struct notify *notify)
{
    static const char line[] = "STOPPING=1\n";

    return send_lines(notify, line, sizeof line - 1);
}

bool notify_status(const struct notify *notify, const char *status)
{
    return send_status(notify, "", status);
}

bool notify_alive(const struct notify *notify)
{
    static const char line[] = "WATCHDOG=1\n";

    return send_lines(notify, line, sizeof line - 1);
}
