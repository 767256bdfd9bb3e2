/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usage: outage PORT [DELAY]
 *
 * A proxy on loopback to another port of it: prints its own port, then passes bytes on both ways. After
 * SIGUSR1 it closes all that is open and answers every request with 500; after SIGUSR2 it passes on again. It
 * ends by a signal.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PAIRS = 64, HEAD_SIZE = 16384 };

struct pair {
    int client; /* -1: free */
    int server; /* -1: none, the request is to be answered with 500 */
    bool answered;
    size_t size;
    char head[HEAD_SIZE];
};

struct proxy {
    int listener;
    int signals;
    in_port_t upstream;
    int delay_ms;
    bool broken;
    unsigned refused;
    struct pair pairs[PAIRS];
};

static const char refusal[] =
    "HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\",\"message\":\"out of "
    "order\","
    "\"reason\":\"InternalError\",\"code\":500}";

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static struct sockaddr_in loopback(in_port_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = port, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
}

static int listen_anywhere(void)
{
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, PAIRS) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        die("outage: listen");
    printf("%u\n", (unsigned)ntohs(address.sin_port));
    (void)fflush(stdout);
    return fd;
}

static int take_signals(void)
{
    sigset_t set;

    (void)signal(SIGPIPE, SIG_IGN);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGUSR1);
    (void)sigaddset(&set, SIGUSR2);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        die("outage: sigprocmask");
    return signalfd(-1, &set, SFD_CLOEXEC);
}

static void shut(struct pair *pair)
{
    (void)close(pair->client);
    if (pair->server >= 0)
        (void)close(pair->server);
    pair->client = -1;
    pair->server = -1;
}

static bool send_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        data += sent;
        size -= (size_t)sent;
    }
    return true;
}

/* Passes on what has come. */
static void relay(struct pair *pair, int from, int to)
{
    char data[8192];
    ssize_t got = recv(from, data, sizeof data, 0);

    if (got <= 0 || !send_all(to, data, (size_t)got))
        shut(pair);
}

/* Answers a request once its head is there, and takes the rest of it, so that the answer is not lost. */
static void refuse(struct proxy *proxy, struct pair *pair)
{
    ssize_t got = recv(pair->client, pair->head + pair->size, HEAD_SIZE - 1 - pair->size, 0);

    if (got <= 0) {
        shut(pair);
        return;
    }
    if (pair->answered)
        return;
    pair->size += (size_t)got;
    pair->head[pair->size] = '\0';
    if (!strstr(pair->head, "\r\n\r\n"))
        return;
    pair->answered = true;
    pair->size = 0;
    proxy->refused++;
    (void)send_all(pair->client, refusal, sizeof refusal - 1);
    (void)shutdown(pair->client, SHUT_WR);
}

static int reach(in_port_t port)
{
    struct sockaddr_in address = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    die("outage: connect");
    return -1;
}

static void admit(struct proxy *proxy)
{
    int client = accept(proxy->listener, NULL, NULL);

    if (client < 0)
        return;
    for (size_t i = 0; i < PAIRS; i++) {
        struct pair *pair = &proxy->pairs[i];
        if (pair->client >= 0)
            continue;
        pair->client = client;
        pair->server = proxy->broken ? -1 : reach(proxy->upstream);
        pair->answered = false;
        pair->size = 0;
        return;
    }
    (void)close(client);
}

static void take_signal(struct proxy *proxy)
{
    struct signalfd_siginfo info;

    if (read(proxy->signals, &info, sizeof info) != (ssize_t)sizeof info)
        die("outage: signalfd");
    proxy->broken = info.ssi_signo == SIGUSR1;
    if (!proxy->broken)
        (void)fprintf(stderr, "refused %u\n", proxy->refused);
    for (size_t i = 0; i < PAIRS; i++) {
        if (proxy->pairs[i].client >= 0)
            shut(&proxy->pairs[i]);
    }
}

static void serve(struct proxy *proxy)
{
    struct pollfd polls[2 + 2 * PAIRS] = {{.fd = proxy->listener, .events = POLLIN},
                                          {.fd = proxy->signals, .events = POLLIN}};

    for (size_t i = 0; i < PAIRS; i++) {
        polls[2 + 2 * i] = (struct pollfd){.fd = proxy->pairs[i].client, .events = POLLIN};
        polls[3 + 2 * i] = (struct pollfd){.fd = proxy->pairs[i].server, .events = POLLIN};
    }
    if (poll(polls, 2 + 2 * PAIRS, -1) < 0)
        die("outage: poll");
    for (size_t i = 0; i < PAIRS; i++) {
        struct pair *pair = &proxy->pairs[i];
        if (polls[2 + 2 * i].revents && pair->server < 0)
            refuse(proxy, pair);
        else if (polls[2 + 2 * i].revents) {
            (void)poll(NULL, 0, proxy->delay_ms);
            relay(pair, pair->client, pair->server);
        }
        if (polls[3 + 2 * i].revents && pair->server >= 0)
            relay(pair, pair->server, pair->client);
    }
    if (polls[1].revents)
        take_signal(proxy);
    if (polls[0].revents)
        admit(proxy);
}

int main(int argc, char **argv)
{
    static struct proxy proxy;
    long port = argc == 2 || argc == 3 ? strtol(argv[1], NULL, 10) : 0;

    if (port <= 0 || port > 65535) {
        (void)fputs("usage: outage PORT [DELAY]\n", stderr);
        return 2;
    }
    for (size_t i = 0; i < PAIRS; i++) {
        proxy.pairs[i].client = -1;
        proxy.pairs[i].server = -1;
    }
    proxy.delay_ms = argc == 3 ? (int)strtol(argv[2], NULL, 10) : 0;
    proxy.upstream = htons((in_port_t)port);
    proxy.signals = take_signals();
    proxy.listener = listen_anywhere();
    for (;;)
        serve(&proxy);
}
