/* SPDX-License-Identifier: Apache-2.0 */
#include "fault_server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static void insist(bool good, const char *what)
{
    if (good)
        return;
    perror(what);
    exit(99);
}

/* Where the connection ends meanwhile, the rest is not sent. */
static bool send_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        data += sent;
        size -= (size_t)sent;
    }
    return true;
}

static const struct fault_answer *choose(struct fault_server *server, const char *request)
{
    const struct fault_answer *last = NULL;

    insist(server->count <= FAULT_REQUESTS, "too many answers");
    for (size_t i = 0; i < server->count; i++) {
        if (server->answers[i].to && !strstr(request, server->answers[i].to))
            continue;
        last = &server->answers[i];
        if (!server->given[i]) {
            server->given[i] = true;
            break;
        }
    }
    insist(last, request);
    return last;
}

static bool answer(struct fault_server *server, const struct fault_connection *connection)
{
    const struct fault_answer *what = choose(server, connection->text);
    size_t times = what->times > 0 ? what->times : 1;
    bool sent = !what->head || send_all(connection->fd, what->head, strlen(what->head));
    struct linger now = {.l_onoff = 1};

    if (what->pause_ms > 0)
        (void)usleep((unsigned)what->pause_ms * 1000);
    for (size_t i = 0; sent && what->bytes && i < times; i++)
        sent = send_all(connection->fd, what->bytes, what->size > 0 ? what->size : strlen(what->bytes));
    if (what->end == FAULT_RESET)
        (void)setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    return sent && what->end == FAULT_KEEP;
}

static void record(struct fault_server *server, const struct fault_connection *connection)
{
    unsigned number;

    (void)pthread_mutex_lock(&server->lock);
    number = server->request_count++;
    insist(number < FAULT_REQUESTS, "too many requests");
    memcpy(server->requests[number].text, connection->text, sizeof connection->text);
    server->requests[number].size = connection->size;
    server->requests[number].connection = connection->number;
    (void)pthread_mutex_unlock(&server->lock);
}

static size_t size_of_request(const struct fault_server *server, const struct fault_connection *connection)
{
    const char *end = strstr(connection->text, "\r\n\r\n");
    const char *length = strcasestr(connection->text, "\r\nContent-Length:");

    if (server->raw)
        return connection->size;
    if (!end)
        return 0;
    return (size_t)(end + 4 - connection->text) +
           (length && length < end ? strtoul(length + 17, NULL, 10) : 0);
}

/* @return whether the connection stays. */
static bool take(struct fault_server *server, struct fault_connection *connection)
{
    char data[8192];
    ssize_t size = recv(connection->fd, data, sizeof data, 0);
    size_t room = sizeof connection->text - 1;
    bool stays = true;

    if (size <= 0) {
        (void)pthread_mutex_lock(&server->lock);
        server->closed_count++;
        (void)pthread_mutex_unlock(&server->lock);
        return false;
    }
    if (connection->size < room) {
        size_t part = room - connection->size < (size_t)size ? room - connection->size : (size_t)size;
        memcpy(connection->text + connection->size, data, part);
        connection->text[connection->size + part] = '\0';
    }
    connection->size += (size_t)size;
    if (connection->awaited == 0)
        connection->awaited = size_of_request(server, connection);
    if (connection->awaited > 0 && connection->size >= connection->awaited) {
        record(server, connection);
        stays = answer(server, connection);
        connection->size = 0;
        connection->awaited = 0;
        memset(connection->text, 0, sizeof connection->text);
    }
    return stays;
}

static void open_one(struct fault_server *server)
{
    struct fault_connection *connection = &server->open[server->open_count];

    insist(server->open_count < FAULT_CONNECTIONS, "too many connections");
    memset(connection, 0, sizeof *connection);
    connection->fd = accept(server->listener, NULL, NULL);
    insist(connection->fd >= 0, "accept");
    (void)pthread_mutex_lock(&server->lock);
    connection->number = server->connection_count++;
    server->open_count++;
    if (server->open_count > server->most_open)
        server->most_open = server->open_count;
    (void)pthread_mutex_unlock(&server->lock);
}

static void *serve(void *payload)
{
    struct fault_server *server = payload;

    for (;;) {
        struct pollfd fds[FAULT_CONNECTIONS + 2] = {{.fd = server->wake[0], .events = POLLIN},
                                                    {.fd = server->listener, .events = POLLIN}};
        unsigned count = server->open_count;
        for (unsigned i = 0; i < count; i++)
            fds[i + 2] = (struct pollfd){.fd = server->open[i].fd, .events = POLLIN};
        insist(poll(fds, count + 2, -1) > 0, "poll");
        if (fds[0].revents)
            return NULL;
        for (unsigned i = count; i-- > 0;) {
            if (!fds[i + 2].revents || take(server, &server->open[i]))
                continue;
            (void)close(server->open[i].fd);
            server->open[i] = server->open[--server->open_count];
        }
        if (fds[1].revents)
            open_one(server);
    }
}

void fault_server_start(struct fault_server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;

    insist(pthread_mutex_init(&server->lock, NULL) == 0 && pipe(server->wake) == 0, "pipe");
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    insist(server->listener >= 0, "socket");
    insist(bind(server->listener, (const struct sockaddr *)&address, size) == 0, "bind");
    insist(listen(server->listener, 64) == 0, "listen");
    insist(getsockname(server->listener, (struct sockaddr *)&address, &size) == 0, "getsockname");
    server->port = ntohs(address.sin_port);
    insist(pthread_create(&server->thread, NULL, serve, server) == 0, "thread");
}

void fault_server_stop(struct fault_server *server)
{
    insist(write(server->wake[1], "x", 1) == 1, "write");
    (void)pthread_join(server->thread, NULL);
    for (unsigned i = 0; i < server->open_count; i++)
        (void)close(server->open[i].fd);
    (void)close(server->listener);
    (void)close(server->wake[0]);
    (void)close(server->wake[1]);
    (void)pthread_mutex_destroy(&server->lock);
}

static unsigned locked(struct fault_server *server, const unsigned *number)
{
    unsigned value;

    (void)pthread_mutex_lock(&server->lock);
    value = *number;
    (void)pthread_mutex_unlock(&server->lock);
    return value;
}

unsigned fault_server_requests(struct fault_server *server)
{
    return locked(server, &server->request_count);
}

unsigned fault_server_connections(struct fault_server *server)
{
    return locked(server, &server->connection_count);
}

unsigned fault_server_closed(struct fault_server *server)
{
    return locked(server, &server->closed_count);
}

bool fault_server_got(struct fault_server *server, unsigned request, const char *text)
{
    return request < fault_server_requests(server) && strstr(server->requests[request].text, text);
}
