/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tunnel - a proxy of HTTP that knows CONNECT, on loopback, for tests
 *
 *   tunnel SECRET LOG
 *
 * Prints its port. Whatever host is asked for, it connects to that port of this machine. Requests must hold
 * SECRET, else they get 407. All that it is told before a tunnel stands is appended to LOG. Ends with its
 * parent.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void insist(bool good, const char *what)
{
    if (good)
        return;
    perror(what);
    exit(1);
}

static void end_with_parent(void)
{
    insist(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0, "prctl");
}

static int loopback(int port, bool listens)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    insist(fd >= 0, "socket");
    if (listens)
        insist(bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 16) == 0,
               "bind");
    else
        insist(connect(fd, (const struct sockaddr *)&address, sizeof address) == 0, "connect");
    return fd;
}

static void say(int fd, const char *text)
{
    insist(write(fd, text, strlen(text)) == (ssize_t)strlen(text), "write");
}

static void read_head(int fd, char *head, size_t room)
{
    size_t size = 0;

    while (size + 1 < room && read(fd, head + size, 1) == 1) {
        head[++size] = '\0';
        if (size >= 4 && strcmp(head + size - 4, "\r\n\r\n") == 0)
            return;
    }
    exit(1);
}

static bool forward(int from, int to)
{
    char data[2048];
    ssize_t size = read(from, data, sizeof data);

    return size > 0 && write(to, data, (size_t)size) == size;
}

static void serve(int client, const char *secret, const char *log)
{
    char head[4096] = "";
    int file = open(log, O_WRONLY | O_APPEND | O_CREAT, 0600);
    const char *port;
    int server;

    read_head(client, head, sizeof head);
    say(file, head);
    port = strchr(head, ':');
    if (!strstr(head, secret)) {
        say(client, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
        return;
    }
    insist(port != NULL, "port");
    server = loopback((int)strtol(port + 1, NULL, 10), false);
    say(client, "HTTP/1.1 200 Connection established\r\nX-Of-The-Proxy: 1\r\n\r\n");
    for (;;) {
        struct pollfd fds[2] = {{.fd = client, .events = POLLIN}, {.fd = server, .events = POLLIN}};
        insist(poll(fds, 2, -1) > 0, "poll");
        if ((fds[0].revents && !forward(client, server)) || (fds[1].revents && !forward(server, client)))
            return;
    }
}

int main(int argc, char **argv)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    int listener;

    insist(argc == 3, "usage: tunnel SECRET LOG");
    end_with_parent();
    (void)signal(SIGCHLD, SIG_IGN);
    listener = loopback(0, true);
    insist(getsockname(listener, (struct sockaddr *)&address, &size) == 0, "getsockname");
    (void)printf("%d\n", ntohs(address.sin_port));
    (void)fflush(stdout);
    for (;;) {
        int client = accept(listener, NULL, NULL);
        insist(client >= 0, "accept");
        if (fork() == 0) {
            end_with_parent();
            serve(client, argv[1], argv[2]);
            exit(0);
        }
        (void)close(client);
    }
}
