/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 64 };

/* An address of either family. */
union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static int new_socket(int family)
{
    return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* Whether somebody listens at a socket file. A queue that is full is somebody, too. */
static bool is_alive(const struct sockaddr_un *address)
{
    int fd = new_socket(AF_UNIX);
    bool alive =
        fd >= 0 && (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 || errno == EAGAIN);

    if (fd >= 0)
        (void)close(fd);
    return alive;
}

/* Makes room for a socket file. */
static int clear(const struct sockaddr_un *address, struct error *error)
{
    const char *path = address->sun_path;
    struct stat info;

    if (lstat(path, &info) != 0)
        return errno == ENOENT ? 0 : error_set(error, ERROR_IO, "%s: %s", path, strerror(errno));
    if (!S_ISSOCK(info.st_mode))
        return error_set(error, ERROR_FOREIGN,
                         "%s is no socket; remove it, or name another path in admin.socket", path);
    if (is_alive(address))
        return error_set(error, ERROR_CONFLICT,
                         "a process listens at %s already; stop it, or name another path in "
                         "admin.socket",
                         path);
    if (unlink(path) != 0 && errno != ENOENT)
        return error_set(error, ERROR_IO, "the socket %s that a dead process left cannot be removed: %s",
                         path, strerror(errno));
    return 0;
}

/* The mode is set before the file is made, so that it is never wider than asked, and after, since the umask
 * cuts it. */
static int bind_unix(int fd, const struct sockaddr_un *address, mode_t mode, struct stat *info)
{
    if (fchmod(fd, mode) != 0 || bind(fd, (const struct sockaddr *)address, sizeof *address) != 0)
        return -1;
    if (chmod(address->sun_path, mode) == 0 && listen(fd, BACKLOG) == 0 &&
        lstat(address->sun_path, info) == 0)
        return 0;
    (void)unlink(address->sun_path);
    return -1;
}

int endpoint_listen_unix(const char *path, mode_t mode, struct endpoint *endpoint, struct error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat info = {0};
    char *copy;
    int result;
    int fd;

    *endpoint = (struct endpoint){.fd = -1};
    if (strlen(path) >= sizeof address.sun_path)
        return error_set(error, ERROR_INVALID, "the path of the socket %s is longer than %zu bytes", path,
                         sizeof address.sun_path - 1);
    memcpy(address.sun_path, path, strlen(path) + 1);
    result = clear(&address, error);
    if (result != 0)
        return result;
    copy = strdup(path);
    if (!copy)
        return error_no_memory(error);
    fd = new_socket(AF_UNIX);
    if (fd < 0 || bind_unix(fd, &address, mode, &info) != 0) {
        result = error_set(error, ERROR_IO, "the socket %s cannot be made: %s", path, strerror(errno));
        if (fd >= 0)
            (void)close(fd);
        free(copy);
        return result;
    }
    *endpoint = (struct endpoint){.fd = fd, .path = copy, .device = info.st_dev, .inode = info.st_ino};
    return 0;
}

static bool parse_port(const char *text, in_port_t *port)
{
    char *end = NULL;
    unsigned long value = strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end != '\0' || value > 65535)
        return false;
    *port = htons((in_port_t)value);
    return true;
}

static bool parse_host(const char *host, union address *address)
{
    size_t length = strlen(host);
    char inner[INET6_ADDRSTRLEN];

    if (host[0] == '[' && host[length - 1] == ']' && length - 2 < sizeof inner) {
        memcpy(inner, host + 1, length - 2);
        inner[length - 2] = '\0';
        address->v6.sin6_family = AF_INET6;
        return inet_pton(AF_INET6, inner, &address->v6.sin6_addr) == 1;
    }
    address->v4.sin_family = AF_INET;
    if (length == 0 || strcmp(host, "localhost") == 0)
        host = "127.0.0.1";
    return inet_pton(AF_INET, host, &address->v4.sin_addr) == 1;
}

static bool parse(const char *listen, union address *address)
{
    const char *colon = strrchr(listen, ':');
    char host[INET6_ADDRSTRLEN + 3];
    in_port_t port = 0;
    size_t length = colon ? (size_t)(colon - listen) : 0;

    if (!colon || length >= sizeof host || !parse_port(colon + 1, &port))
        return false;
    memcpy(host, listen, length);
    host[length] = '\0';
    if (!parse_host(host, address))
        return false;
    /* Both families keep the port at the same place; said by name all the same. */
    if (address->any.sa_family == AF_INET6)
        address->v6.sin6_port = port;
    else
        address->v4.sin_port = port;
    return true;
}

int endpoint_listen_tcp(const char *listen_at, struct endpoint *endpoint, struct error *error)
{
    union address address;
    const int on = 1;
    int fd;

    *endpoint = (struct endpoint){.fd = -1};
    memset(&address, 0, sizeof address);
    if (!parse(listen_at, &address))
        return error_set(error, ERROR_INVALID,
                         "admin.listen is '%s', not an IP address and a port such as "
                         "127.0.0.1:8080 or [::1]:8080",
                         listen_at);
    fd = new_socket(address.any.sa_family);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, &address.any, sizeof address) != 0 || listen(fd, BACKLOG) != 0) {
        int reason = errno;
        if (fd >= 0)
            (void)close(fd);
        return error_set(error, reason == EADDRINUSE ? ERROR_CONFLICT : ERROR_IO,
                         "cannot listen at admin.listen %s: %s", listen_at, strerror(reason));
    }
    endpoint->fd = fd;
    return 0;
}

unsigned endpoint_port(int fd)
{
    union address address;
    socklen_t size = sizeof address;

    memset(&address, 0, sizeof address);
    if (getsockname(fd, &address.any, &size) != 0)
        return 0;
    if (address.any.sa_family == AF_INET6)
        return ntohs(address.v6.sin6_port);
    return address.any.sa_family == AF_INET ? ntohs(address.v4.sin_port) : 0;
}

/* The number of a file is given to the next one once it is free: it is ours only if nobody listens there
 * either. */
static bool is_ours(const struct endpoint *endpoint)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat info;

    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", endpoint->path);
    return lstat(endpoint->path, &info) == 0 && info.st_dev == endpoint->device &&
           info.st_ino == endpoint->inode && !is_alive(&address);
}

void endpoint_close(struct endpoint *endpoint)
{
    if (endpoint->fd >= 0)
        (void)close(endpoint->fd);
    if (endpoint->path && is_ours(endpoint))
        (void)unlink(endpoint->path);
    free(endpoint->path);
    *endpoint = (struct endpoint){.fd = -1};
}
