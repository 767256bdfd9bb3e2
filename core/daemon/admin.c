/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/admin.h"

#include "base/text.h"
#include "daemon/endpoint.h"
#include "daemon/reply.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* How often deadlines are looked at while somebody is connected; and how long an answer has to be taken. */
enum { TICK_MS = 1000, TAKE_MS = 60000, PATIENCE_MS = 10000 };

/* A line and headers of 8 KiB and what the library keeps beside them; a body; what of a longer one is read to
 * be able to refuse it; connections. */
enum { MEMORY = 10 * 1024, BODY_MAX = 4096, BODY_READ = 65536, CONNECTIONS = 64 };

/* Somebody who is connected. */
struct peer {
    struct server *server;
    int fd;
    /* On the loop's clock, when the connection is cut. */
    uint64_t deadline_ms;
    /* Waits for its answer: our matter, not theirs. Owned by the library's connection. */
    struct admin_request *waiting;
    struct peer *next;
    struct peer *previous;
};

struct admin_request {
    struct MHD_Connection *connection;
    struct peer *peer;
    const struct admin_route *route;
    const char *rest;
    struct text body;
    /* All that was sent, also what was not kept. */
    size_t sent;
    unsigned status;
    struct MHD_Response *response;
    /* Why it is not served; 0: it is. And the methods that the path has. */
    unsigned refused;
    struct text allowed;
    /* The handler was called; the answer is given. */
    bool called;
    bool answered;
};

/* One listening socket. */
struct server {
    struct admin *admin;
    struct endpoint endpoint;
    struct MHD_Daemon *daemon;
    /* Only routes that are open. */
    bool open_only;
    uv_poll_t poll;
    uv_timer_t timer;
    bool has_poll;
    bool has_timer;
    struct peer *peers;
    /* Somebody left. */
    bool left;
};

struct admin {
    struct admin_options options;
    struct server servers[2];
    size_t count;
    /* Handles of the loop that are not closed yet. */
    unsigned handles;
    bool stopping;
};

static void turn(struct server *server);

static uint64_t now_ms(const struct server *server)
{
    return uv_now(server->admin->options.loop);
}

static uint64_t patience_ms(const struct server *server)
{
    unsigned wanted = server->admin->options.patience_ms;

    return wanted > 0 ? wanted : PATIENCE_MS;
}

static void on_peer(void *payload, struct MHD_Connection *connection, void **context,
                    enum MHD_ConnectionNotificationCode what)
{
    struct server *server = payload;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct peer *peer = *context;

    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        peer = calloc(1, sizeof *peer);
        *context = peer;
        if (!peer)
            return;
        *peer = (struct peer){.server = server, .fd = info ? info->connect_fd : -1, .next = server->peers};
        peer->deadline_ms = now_ms(server) + patience_ms(server);
        if (server->peers)
            server->peers->previous = peer;
        server->peers = peer;
        return;
    }
    server->left = true;
    if (!peer)
        return;
    if (peer->next)
        peer->next->previous = peer->previous;
    if (peer->previous)
        peer->previous->next = peer->next;
    else
        server->peers = peer->next;
    free(peer);
}

static bool says_too_much(struct MHD_Connection *connection)
{
    const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");

    return length && strtoull(length, NULL, 10) > BODY_MAX;
}

/* The headers are there. */
static enum MHD_Result begin(struct server *server, struct MHD_Connection *connection, const char *path,
                             const char *method, void **context)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct admin_request *request = calloc(1, sizeof *request);

    if (!request || !info || !info->socket_context) {
        free(request);
        return MHD_NO;
    }
    request->connection = connection;
    request->peer = info->socket_context;
    request->body = text_empty();
    request->allowed = text_empty();
    *context = request;
    request->route =
        reply_route(server->admin->options.routes, server->open_only, path, method, &request->allowed);
    if (request->route)
        request->rest = path + strlen(request->route->path);
    else if (request->allowed.length > 0 || request->allowed.failed)
        request->refused = MHD_HTTP_METHOD_NOT_ALLOWED;
    else
        request->refused = MHD_HTTP_NOT_FOUND;
    /* Before it is sent; the connection ends then. All else is refused at the end of the request, and more
     * may follow. */
    return says_too_much(connection) ? reply_refuse(connection, MHD_HTTP_CONTENT_TOO_LARGE, NULL) : MHD_YES;
}

static enum MHD_Result keep(struct admin_request *request, const char *data, size_t *size)
{
    request->sent += *size;
    if (request->sent <= BODY_MAX)
        text_append(&request->body, data, *size);
    *size = 0;
    return request->sent > BODY_READ || request->body.failed ? MHD_NO : MHD_YES;
}

/* The answer is given. */
static enum MHD_Result send_answer(struct admin_request *request)
{
    struct peer *peer = request->peer;

    peer->waiting = NULL;
    peer->deadline_ms = now_ms(peer->server) + TAKE_MS;
    if (!request->response)
        return MHD_NO;
    return MHD_queue_response(request->connection, request->status, request->response);
}

static enum MHD_Result on_request(void *payload, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *data, size_t *size,
                                  void **context)
{
    struct server *server = payload;
    struct admin_request *request = *context;

    (void)version;
    if (!request)
        return begin(server, connection, path, method, context);
    if (*size > 0)
        return keep(request, data, size);
    if (request->sent > BODY_MAX)
        request->refused = MHD_HTTP_CONTENT_TOO_LARGE;
    if (request->refused != 0)
        return reply_refuse(connection, request->refused, request->allowed.data);
    if (!request->called) {
        request->called = true;
        request->route->handle(request, server->admin->options.payload);
        if (!request->answered) {
            request->peer->waiting = request;
            MHD_suspend_connection(connection);
            return MHD_YES;
        }
    }
    return send_answer(request);
}

static void on_completed(void *payload, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode how)
{
    struct server *server = payload;
    struct admin_request *request = *context;

    (void)connection;
    (void)how;
    if (!request)
        return;
    request->peer->deadline_ms = now_ms(server) + patience_ms(server);
    if (request->response)
        MHD_destroy_response(request->response);
    text_release(&request->body);
    text_release(&request->allowed);
    free(request);
    *context = NULL;
}

const char *admin_rest(const struct admin_request *request)
{
    return request->rest;
}

/* One parameter that is looked for. */
struct query {
    const char *name;
    const char *value;
};

static enum MHD_Result take_query(void *payload, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct query *query = payload;

    (void)kind;
    if (strcmp(name, query->name) != 0)
        return MHD_YES;
    query->value = value ? value : "";
    return MHD_NO;
}

const char *admin_query(const struct admin_request *request, const char *name)
{
    struct query query = {.name = name};

    (void)MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND, take_query, &query);
    return query.value;
}

const char *admin_body(const struct admin_request *request)
{
    return request->body.data;
}

void admin_answer(struct admin_request *request, unsigned status, const char *type, const char *body,
                  size_t size)
{
    struct server *server = request->peer->server;

    if (request->answered)
        return;
    request->answered = true;
    request->status = status;
    request->response = reply_new(type, body, size);
    if (!request->peer->waiting)
        return;
    MHD_resume_connection(request->connection);
    if (server->has_timer && !server->admin->stopping)
        turn(server);
}

/* Who takes too long is cut off; the library only looks at silence. */
static void cut_the_slow(struct server *server)
{
    uint64_t now = now_ms(server);

    for (struct peer *peer = server->peers; peer; peer = peer->next) {
        if (!peer->waiting && peer->fd >= 0 && now >= peer->deadline_ms)
            (void)shutdown(peer->fd, SHUT_RDWR);
    }
}

/* The library stops to listen when all places are taken. That one is free again it finds out when it runs
 * next, and nothing but us would make it. */
static void run(struct server *server)
{
    do {
        server->left = false;
        (void)MHD_run(server->daemon);
    } while (server->left);
}

static void on_timer(uv_timer_t *timer)
{
    struct server *server = timer->data;

    cut_the_slow(server);
    run(server);
    turn(server);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct server *server = poll->data;

    (void)status;
    (void)events;
    run(server);
    turn(server);
}

/* When the library wants to run again; no timer runs while nobody is connected. */
static void turn(struct server *server)
{
    MHD_UNSIGNED_LONG_LONG wanted = 0;
    uint64_t wait = server->peers ? TICK_MS : UINT64_MAX;

    if (server->peers && patience_ms(server) / 4 < wait)
        wait = patience_ms(server) / 4;
    if (MHD_get_timeout(server->daemon, &wanted) == MHD_YES && wanted < wait)
        wait = wanted;
    if (wait == UINT64_MAX)
        (void)uv_timer_stop(&server->timer);
    else
        (void)uv_timer_start(&server->timer, on_timer, wait, 0);
}

static void on_closed(uv_handle_t *handle)
{
    struct server *server = handle->data;
    struct admin *admin = server->admin;

    if (--admin->handles == 0)
        free(admin);
}

static int start_daemon(struct server *server, struct error *error)
{
    unsigned seconds = (unsigned)((patience_ms(server) + 999) / 1000);

    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, server, MHD_OPTION_LISTEN_SOCKET,
        server->endpoint.fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
        MHD_OPTION_CONNECTION_TIMEOUT, seconds, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY,
        MHD_OPTION_NOTIFY_CONNECTION, on_peer, server, MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    if (!server->daemon)
        return error_set(error, ERROR_IO, "the admin server cannot be started");
    /* The library closes it. */
    server->endpoint.fd = -1;
    return 0;
}

static int start_server(struct server *server, struct error *error)
{
    uv_loop_t *loop = server->admin->options.loop;
    const union MHD_DaemonInfo *info;
    int result = start_daemon(server, error);

    if (result != 0)
        return result;
    info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    server->poll.data = server;
    server->timer.data = server;
    server->has_timer = uv_timer_init(loop, &server->timer) == 0;
    server->admin->handles += server->has_timer;
    server->has_poll = server->has_timer && info && uv_poll_init(loop, &server->poll, info->epoll_fd) == 0;
    server->admin->handles += server->has_poll;
    if (!server->has_poll || uv_poll_start(&server->poll, UV_READABLE, on_readable) != 0)
        return error_set(error, ERROR_IO, "the admin server cannot be put on the loop");
    return 0;
}

static int open_servers(struct admin *admin, struct error *error)
{
    const struct admin_options *options = &admin->options;
    int result = 0;

    if (options->socket) {
        struct server *server = &admin->servers[admin->count++];
        *server = (struct server){.admin = admin};
        result = endpoint_listen_unix(options->socket, options->mode ? options->mode : 0660,
                                      &server->endpoint, error);
    }
    if (result == 0 && options->listen) {
        struct server *server = &admin->servers[admin->count++];
        *server = (struct server){.admin = admin, .open_only = true};
        result = endpoint_listen_tcp(options->listen, &server->endpoint, error);
    }
    for (size_t i = 0; i < admin->count && result == 0; i++)
        result = start_server(&admin->servers[i], error);
    return result;
}

int admin_start(const struct admin_options *options, struct admin **out, struct error *error)
{
    struct admin *admin = calloc(1, sizeof *admin);
    int result;

    if (!admin)
        return error_no_memory(error);
    admin->options = *options;
    result = open_servers(admin, error);
    admin->options.socket = NULL;
    admin->options.listen = NULL;
    if (result == 0)
        *out = admin;
    else
        admin_stop(admin);
    return result;
}

/* The library must not be stopped while a connection waits. */
static void release_waiting(struct server *server)
{
    static const char words[] = "stopping\n";

    for (struct peer *peer = server->peers; peer; peer = peer->next) {
        if (peer->waiting)
            admin_answer(peer->waiting, MHD_HTTP_SERVICE_UNAVAILABLE, NULL, words, sizeof words - 1);
    }
    (void)MHD_run(server->daemon);
}

static void stop_server(struct server *server)
{
    if (server->has_poll)
        (void)uv_poll_stop(&server->poll);
    if (server->daemon) {
        release_waiting(server);
        MHD_stop_daemon(server->daemon);
    }
    endpoint_close(&server->endpoint);
    if (server->has_poll)
        uv_close((uv_handle_t *)&server->poll, on_closed);
    if (server->has_timer)
        uv_close((uv_handle_t *)&server->timer, on_closed);
}

void admin_stop(struct admin *admin)
{
    if (!admin)
        return;
    admin->stopping = true;
    for (size_t i = 0; i < admin->count; i++)
        stop_server(&admin->servers[i]);
    if (admin->handles == 0)
        free(admin);
}

unsigned admin_port(const struct admin *admin)
{
    for (size_t i = 0; i < admin->count; i++) {
        const union MHD_DaemonInfo *info =
            MHD_get_daemon_info(admin->servers[i].daemon, MHD_DAEMON_INFO_LISTEN_FD);
        if (admin->servers[i].open_only && info)
            return endpoint_port(info->listen_fd);
    }
    return 0;
}
