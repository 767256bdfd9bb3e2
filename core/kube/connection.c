/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/connection.h"

#include "config.h"
#include "kube/connection_call.h"
#include "kube/credential.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

/* Requests on the wire at a time, watches not counted; more would only wait in the server. */
static const size_t most_sent = 16;

struct connection {
    const struct kubeconfig *config;
    struct connection_poller poller;
    struct reach reach;
    struct arena arena;
    const char *const *headers[3]; /* by enum connection_form */
    struct credential *credential;
    int credential_fd; /* that is polled; -1: none */
    int64_t look_ms;   /* when credentials are looked at again; while a program runs, that is said from now on
                          only */
    uint64_t generation;
    uint64_t token; /* counts those that were refused */
    bool stepped;
    struct error trouble; /* of the last look for credentials; code 0: none */
    struct http *http;
    struct connection_call *calls; /* oldest first */
    struct connection_call **calls_end;
    size_t sent;
    bool settling;
    struct moment now;
};

static const char *architecture(const char *machine)
{
    if (strcmp(machine, "x86_64") == 0)
        return "amd64";
    return strcmp(machine, "aarch64") == 0 ? "arm64" : machine;
}

/* An empty value needs a sign of its own in libcurl, which would leave the header out else. */
static const char *header(struct arena *arena, const struct kubeconfig_header *given)
{
    return arena_format(arena, given->value[0] ? "%s: %s" : "%s;", given->name, given->value);
}

static bool is_header(const struct kubeconfig_header *given)
{
    for (const char *c = given->name; *c; c++) {
        if (*c <= ' ' || *c > '~' || strchr(":;", *c))
            return false;
    }
    for (const char *c = given->value; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return false;
    }
    return given->name[0] != '\0';
}

/* Those of each request of a form. "Expect:" leaves out what libcurl adds to a large body, and would wait
 * for. */
static int make_headers(struct connection *connection, enum connection_form form, struct error *error)
{
    static const char *const accepted[] = {
        [CONNECTION_WHOLE] = "Accept: application/json",
        [CONNECTION_METADATA] = "Accept: application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
        [CONNECTION_METADATA_LIST] = /* too long to stand beside it */
        "Accept: application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
    };
    const struct kubeconfig_header *given = connection->config->impersonate;
    struct utsname system = {0};
    size_t count = 0;
    const char **headers;

    (void)uname(&system);
    while (given && given[count].name)
        count++;
    headers = arena_array(&connection->arena, count + 5, sizeof *headers);
    if (!headers)
        return error_no_memory(error);
    headers[0] = arena_format(&connection->arena, "User-Agent: apigwd/%s (linux/%s)", PACKAGE_VERSION,
                              architecture(system.machine));
    headers[1] = accepted[form];
    headers[2] = "Expect:";
    for (size_t i = 0; i < count; i++) {
        if (!is_header(&given[i]))
            return error_set(error, ERROR_INVALID,
                             "%.200s: a header of impersonation holds a control character",
                             connection->config->origin);
        headers[3 + i] = header(&connection->arena, &given[i]);
        if (!headers[3 + i])
            return error_no_memory(error);
    }
    if (connection->reach.host) {
        headers[3 + count] = arena_format(&connection->arena, "Host: %s", connection->reach.host);
        if (!headers[3 + count])
            return error_no_memory(error);
    }
    connection->headers[form] = headers;
    return headers[0] ? 0 : error_no_memory(error);
}

int connection_new(const struct kubeconfig *config, const struct connection_poller *poller,
                   struct connection **out, struct error *error)
{
    struct connection *connection = calloc(1, sizeof *connection);
    struct proxy_environment environment = proxy_environment();
    struct http_poller below = {.poll = poller->poll, .payload = poller->payload};
    int result;

    if (!connection)
        return error_no_memory(error);
    connection->config = config;
    connection->poller = *poller;
    connection->credential_fd = -1;
    connection->calls_end = &connection->calls;
    connection->credential = credential_new(config);
    result = connection->credential ? reach_read(config, &environment, &connection->reach, error)
                                    : error_no_memory(error);
    for (int form = CONNECTION_WHOLE; form <= (int)CONNECTION_METADATA_LIST && result == 0; form++)
        result = make_headers(connection, (enum connection_form)form, error);
    if (result == 0)
        result = http_new(&connection->reach, &below, &connection->http, error);
    if (result != 0) {
        connection_free(connection);
        return result;
    }
    *out = connection;
    return 0;
}

static void take_out(struct connection *connection, struct connection_call *call)
{
    *call->link = call->next;
    if (call->next)
        call->next->link = call->link;
    else
        connection->calls_end = call->link;
}

static void put_last(struct connection *connection, struct connection_call *call)
{
    call->next = NULL;
    call->link = connection->calls_end;
    *call->link = call;
    connection->calls_end = &call->next;
}

static void unpoll_program(struct connection *connection)
{
    if (connection->credential_fd >= 0)
        (void)connection->poller.poll(connection->credential_fd, 0, connection->poller.payload);
    connection->credential_fd = -1;
}

void connection_free(struct connection *connection)
{
    if (!connection)
        return;
    http_free(connection->http);
    while (connection->calls) {
        struct connection_call *call = connection->calls;
        take_out(connection, call);
        connection_call_free(call);
    }
    unpoll_program(connection);
    credential_free(connection->credential);
    reach_release(&connection->reach);
    arena_release(&connection->arena);
    free(connection);
}

int connection_send(struct connection *connection, const struct connection_request *request,
                    const struct connection_handler *handler, struct connection_call **out,
                    struct error *error)
{
    struct connection_call *call = NULL;
    int result = connection_call_new(request, handler, &call, error);

    if (result != 0)
        return result;
    call->now = &connection->now;
    put_last(connection, call);
    if (out)
        *out = call;
    return 0;
}

/* Ends what is on the wire. */
static void stop(struct connection *connection, struct connection_call *call)
{
    if (call->exchange) {
        http_stop(connection->http, call->exchange);
        connection->sent -= call->stream ? 0 : 1;
    }
    call->exchange = NULL;
}

void connection_cancel(struct connection *connection, struct connection_call *call)
{
    stop(connection, call);
    take_out(connection, call);
    if (call->taking)
        call->cancelled = true;
    else
        connection_call_free(call);
}

static void tell(struct connection *connection, struct connection_call *call, const struct error *why)
{
    take_out(connection, call);
    connection_call_tell(call, connection->config->server, why);
    connection_call_free(call);
}

/* Only what is read or asked for anew can be better. */
static bool can_renew(const struct connection *connection)
{
    return connection->config->token_file || connection->config->exec;
}

/* Once. @return whether it is. */
static bool send_again(struct connection_call *call)
{
    if (call->sent_again)
        return false;
    connection_call_reset(call);
    call->sent_again = true;
    return true;
}

/* @return whether it is sent again. The first of those that were sent with a token has it forgotten. */
static bool unauthorized(struct connection *connection, struct connection_call *call)
{
    if (!can_renew(connection))
        return false;
    if (call->token == connection->token) {
        credential_refused(connection->credential, connection->now);
        connection->look_ms = credential_due_ms(connection->credential, connection->now);
        connection->token++;
    }
    return send_again(call);
}

/* Connections that were made with other certificates are given up. */
static void take_generation(struct connection *connection)
{
    uint64_t generation = credential_state(connection->credential).generation;

    if (generation != connection->generation)
        http_renew(connection->http);
    connection->generation = generation;
}

/* @return whether it is sent again, with the certificate and key from before. */
static bool mismatched(struct connection *connection, struct connection_call *call, struct error *why)
{
    bool back = true;

    why->code = ERROR_BUSY;
    /* The first of those that were sent with the pair sees to it. */
    if (call->generation == connection->generation) {
        back = credential_mismatched(connection->credential, connection->now);
        connection->look_ms = credential_due_ms(connection->credential, connection->now);
        take_generation(connection);
    }
    return back && send_again(call);
}

static bool end_one(struct connection *connection)
{
    struct error why = {0};
    struct connection_call *call = http_ended(connection->http, &why);

    if (!call)
        return false;
    call->exchange = NULL;
    connection->sent -= call->stream ? 0 : 1;
    if (call->status == 401 && unauthorized(connection, call))
        return true;
    if (why.code == ERROR_INVALID && mismatched(connection, call, &why))
        return true;
    tell(connection, call, &why);
    return true;
}

const char *connection_trouble(const struct connection *connection)
{
    if (credential_state(connection->credential).ready)
        return NULL;
    return connection->trouble.code != 0 ? connection->trouble.message : "credentials are being looked for";
}

/* What waits for its turn waits as long as there are credentials. */
static int64_t deadline_of(const struct connection *connection, const struct connection_call *call)
{
    if (!call->exchange && credential_state(connection->credential).ready)
        return INT64_MAX;
    return connection_call_deadline(call);
}

/* After silence all connections are suspect. */
static bool expire_one(struct connection *connection)
{
    struct connection_call *call = connection->calls;
    struct error why = {0};

    while (call && connection->now.ms < deadline_of(connection, call))
        call = call->next;
    if (!call)
        return false;
    connection_call_late(call, connection_trouble(connection), &why);
    if (call->exchange)
        http_renew(connection->http);
    stop(connection, call);
    tell(connection, call, &why);
    return true;
}

static bool may_start(const struct connection *connection, const struct connection_call *call)
{
    return !call->exchange && (call->stream || connection->sent < most_sent);
}

static struct connection_call *first_to_start(const struct connection *connection)
{
    struct connection_call *call = connection->calls;

    while (call && !may_start(connection, call))
        call = call->next;
    return call;
}

static int start(struct connection *connection, struct connection_call *call,
                 const struct credential_state *identity, struct error *error)
{
    struct http_request request = {.method = call->method,
                                   .target = call->target,
                                   .headers = connection->headers[call->form],
                                   .content_type = call->content_type,
                                   .body = call->body,
                                   .size = call->size,
                                   .compress = call->compress && !connection->config->disable_compression,
                                   .stream = call->stream,
                                   .identity = identity};
    struct http_taker taker = connection_call_taker(call);
    struct text authorization = text_empty();
    int result;

    if (identity->token) {
        text_append_string(&authorization, "Bearer ");
        text_append_string(&authorization, identity->token);
        request.authorization = authorization.data;
    }
    result = authorization.failed ? error_no_memory(error)
                                  : http_start(connection->http, &request, &taker, &call->exchange, error);
    text_release(&authorization);
    if (result != 0)
        return result;
    call->token = connection->token;
    call->generation = identity->generation;
    call->since_ms = connection->now.ms;
    connection->sent += call->stream ? 0 : 1;
    return 0;
}

static bool start_one(struct connection *connection)
{
    struct credential_state identity = credential_state(connection->credential);
    struct connection_call *call = connection->stepped && identity.ready ? first_to_start(connection) : NULL;
    struct error why = {0};

    if (!call)
        return false;
    if (start(connection, call, &identity, &why) != 0)
        tell(connection, call, &why);
    return true;
}

/* Time begins to run for those that were not seen before. */
static void see(struct connection *connection)
{
    for (struct connection_call *call = connection->calls; call; call = call->next) {
        if (call->since_ms < 0)
            call->since_ms = connection->now.ms;
    }
}

static void step_credential(struct connection *connection)
{
    struct credential *credential = connection->credential;
    struct error why = {0};
    int fd;

    /* Its number may be another's after the step. */
    unpoll_program(connection);
    if (credential_step(credential, connection->now, &why) != 0)
        connection->trouble = why;
    else if (credential_state(credential).ready)
        connection->trouble = (struct error){0};
    connection->stepped = true;
    connection->look_ms = credential_due_ms(credential, connection->now);
    take_generation(connection);
    fd = credential_fd(credential);
    if (fd >= 0 && connection->poller.poll(fd, CONNECTION_READ, connection->poller.payload) == 0)
        connection->credential_fd = fd;
}

static void settle(struct connection *connection)
{
    if (connection->settling)
        return;
    connection->settling = true;
    do {
        if (!connection->stepped || connection->now.ms >= connection->look_ms)
            step_credential(connection);
        see(connection);
    } while (end_one(connection) || expire_one(connection) || start_one(connection));
    connection->settling = false;
}

void connection_ready(struct connection *connection, int fd, int events, struct moment now)
{
    connection->now = now;
    if (fd == connection->credential_fd)
        step_credential(connection);
    else
        (void)http_ready(connection->http, fd, events, now.ms);
    settle(connection);
}

void connection_tick(struct connection *connection, struct moment now)
{
    connection->now = now;
    http_tick(connection->http, now.ms);
    settle(connection);
}

int64_t connection_due_ms(const struct connection *connection, struct moment now)
{
    int64_t due = connection->stepped ? connection->look_ms : now.ms;
    int64_t other = http_due_ms(connection->http, now.ms);
    bool ready = connection->stepped && credential_state(connection->credential).ready;

    due = other < due ? other : due;
    for (const struct connection_call *call = connection->calls; call; call = call->next) {
        int64_t at = deadline_of(connection, call);
        if (call->since_ms < 0 || (ready && may_start(connection, call)))
            return now.ms;
        due = at < due ? at : due;
    }
    return due;
}

const char *connection_server(const struct connection *connection)
{
    return connection->config->server;
}
