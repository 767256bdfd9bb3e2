/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/reply.h"

#include <string.h>

static bool matches(const struct admin_route *route, const char *path, bool open_only)
{
    size_t length = strlen(route->path);

    if (open_only && !route->open)
        return false;
    return route->path[length - 1] == '/' ? strncmp(route->path, path, length) == 0
                                          : strcmp(route->path, path) == 0;
}

static bool allows(const struct admin_route *route, const char *method)
{
    return strcmp(route->method, method) == 0 ||
           (strcmp(route->method, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

const struct admin_route *reply_route(const struct admin_route *routes, bool open_only, const char *path,
                                      const char *method, struct text *allowed)
{
    for (const struct admin_route *route = routes; route->method; route++) {
        if (!matches(route, path, open_only))
            continue;
        if (allows(route, method))
            return route;
        text_append_format(allowed, "%s%s", allowed->length > 0 ? ", " : "", route->method);
        if (strcmp(route->method, "GET") == 0)
            text_append_string(allowed, ", HEAD");
    }
    return NULL;
}

struct MHD_Response *reply_new(const char *type, const char *body, size_t size)
{
    /* The library takes no const pointer, and copies. */
    union {
        const char *from;
        void *to;
    } data = {.from = body};
    struct MHD_Response *response = MHD_create_response_from_buffer(size, data.to, MHD_RESPMEM_MUST_COPY);

    if (response && (MHD_add_response_header(response, "Content-Type",
                                             type ? type : "text/plain; charset=utf-8") != MHD_YES ||
                     MHD_add_response_header(response, "Cache-Control", "no-store") != MHD_YES ||
                     MHD_add_response_header(response, "X-Content-Type-Options", "nosniff") != MHD_YES)) {
        MHD_destroy_response(response);
        return NULL;
    }
    return response;
}

static const char *words_of(unsigned status)
{
    switch (status) {
    case MHD_HTTP_NOT_FOUND:
        return "not found\n";
    case MHD_HTTP_METHOD_NOT_ALLOWED:
        return "method not allowed\n";
    case MHD_HTTP_CONTENT_TOO_LARGE:
        return "the body is too large\n";
    default:
        return "stopping\n";
    }
}

enum MHD_Result reply_refuse(struct MHD_Connection *connection, unsigned status, const char *allowed)
{
    const char *words = words_of(status);
    struct MHD_Response *response = reply_new(NULL, words, strlen(words));
    enum MHD_Result result = response ? MHD_YES : MHD_NO;

    if (response && allowed && allowed[0] != '\0')
        result = MHD_add_response_header(response, "Allow", allowed);
    if (result == MHD_YES)
        result = MHD_queue_response(connection, status, response);
    if (response)
        MHD_destroy_response(response);
    return result;
}
