/* SPDX-License-Identifier: Apache-2.0 */
/*
 * canned FOLDER - an API server that answers out of a folder, for what a real one cannot be made to show
 *
 * Listens at a free port of 127.0.0.1, writes its number to FOLDER/port and serves until it is killed, one
 * request a connection. A request for /a/b is answered with the file FOLDER/a_b: the status of HTTP on the
 * first line, then the body; if there is none, by 404. FOLDER/date, if it is there, has seconds by which the
 * clock is ahead, or the word none. A SelfSubjectAccessReview is answered by FOLDER/denied, which has a line
 * "VERB RESOURCE" for each that is not allowed; everything else is.
 */
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { path_size = 4096, request_max = 64 << 10 };

static const char reviews[] = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

/* @return the content of FOLDER/NAME, owned by caller; NULL if there is no such file. */
static char *read_name(const char *folder, const char *name)
{
    char path[path_size];
    char *data = NULL;
    size_t size = 0;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return file_read(AT_FDCWD, path, 1 << 20, &data, &size, NULL) == 0 ? data : NULL;
}

/* The body of a request, once all of it is there; NULL: more is to come. */
static const char *whole(const char *request, size_t size)
{
    const char *end = strstr(request, "\r\n\r\n");
    const char *length = strcasestr(request, "\r\nContent-Length:");
    size_t body = length ? strtoul(length + 17, NULL, 10) : 0;

    if (!end || (size_t)(end + 4 - request) + body > size)
        return NULL;
    return end + 4;
}

static const char *receive(int fd, struct text *request)
{
    char buffer[4096];
    ssize_t got;

    while (request->length < request_max && (got = read(fd, buffer, sizeof buffer)) > 0) {
        const char *body;
        text_append(request, buffer, (size_t)got);
        body = whole(request->data, request->length);
        if (body)
            return body;
    }
    return NULL;
}

static void append_date(const char *folder, struct text *out)
{
    char *ahead = read_name(folder, "date");
    time_t at = time(NULL) + (ahead ? strtol(ahead, NULL, 10) : 0);
    struct tm parts;
    char date[64];

    if (!ahead || strncmp(ahead, "none", 4) != 0) {
        (void)gmtime_r(&at, &parts);
        (void)strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &parts);
        text_append_format(out, "Date: %s\r\n", date);
    }
    free(ahead);
}

static void respond(int fd, const char *folder, int status, const char *body)
{
    struct text out = text_empty();

    text_append_format(&out, "HTTP/1.1 %d Canned\r\nContent-Type: application/json\r\nConnection: close\r\n",
                       status);
    append_date(folder, &out);
    text_append_format(&out, "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
    if (write(fd, out.data, out.length) != (ssize_t)out.length)
        (void)fputs("canned: the answer was not taken\n", stderr);
    text_release(&out);
}

static bool is_denied(const char *folder, const char *body)
{
    json_t *value = json_parse(body, strlen(body), NULL);
    const char *verb = json_text_at(value, "spec.resourceAttributes.verb");
    const char *plural = json_text_at(value, "spec.resourceAttributes.resource");
    char *denied = read_name(folder, "denied");
    char line[path_size];
    bool found;

    (void)snprintf(line, sizeof line, "%s %s\n", verb ? verb : "", plural ? plural : "");
    found = !verb || !plural || (denied && strstr(denied, line));
    free(denied);
    json_decref(value);
    return found;
}

/* A file's name for a target: without the first slash, with _ for the others, without a query. */
static void name_of(const char *target, char name[path_size])
{
    size_t i = 0;

    for (target++; *target && !strchr(" ?\r\n", *target) && i + 1 < path_size; target++)
        name[i++] = *target == '/' ? '_' : *target;
    name[i] = '\0';
}

static void answer(int fd, const char *folder, const char *request, const char *body)
{
    const char *target = strchr(request, '/');
    char name[path_size] = "";
    char *file;
    char *rest = NULL;

    if (target)
        name_of(target, name);
    file = read_name(folder, name);
    if (file) {
        int status = (int)strtol(file, &rest, 10);
        respond(fd, folder, status, rest);
    } else if (target && strncmp(target, reviews, strlen(reviews)) == 0) {
        respond(fd, folder, 201,
                is_denied(folder, body) ? "{\"status\": {\"allowed\": false}}"
                                        : "{\"status\": {\"allowed\": true}}");
    } else {
        respond(fd, folder, 404, "{\"kind\": \"Status\", \"status\": \"Failure\", \"code\": 404}");
    }
    free(file);
}

static int listen_at(const char *folder)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char path[path_size];
    char part[path_size + 8];
    FILE *file;

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 16) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        return -1;
    (void)snprintf(path, sizeof path, "%s/port", folder);
    (void)snprintf(part, sizeof part, "%s.new", path);
    file = fopen(part, "w");
    if (!file || fprintf(file, "%u\n", (unsigned)ntohs(address.sin_port)) < 0 || fclose(file) != 0)
        return -1;
    return rename(part, path) == 0 ? fd : -1;
}

int main(int argc, char **argv)
{
    int at = argc == 2 ? listen_at(argv[1]) : -1;

    if (at < 0) {
        (void)fputs("usage: canned FOLDER\n", stderr);
        return 2;
    }
    for (;;) {
        struct text request = text_empty();
        int fd = accept(at, NULL, NULL);
        const char *body = fd >= 0 ? receive(fd, &request) : NULL;
        if (body)
            answer(fd, argv[1], request.data, body);
        if (fd >= 0)
            (void)close(fd);
        text_release(&request);
    }
}
