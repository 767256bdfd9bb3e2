/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ask.h"

#include "daemon/now.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct ask {
    struct connection *connection;
    int64_t patience_ms;
    struct pollfd *polled; /* owned */
    size_t count;
    size_t room;
    struct ask_answer *answer; /* of the question under way; NULL: it was answered */
};

/* How long poll() sleeps at most, so that what the connection learns by itself is seen. */
static const int64_t nap_ms = 1000;

static size_t find(const struct ask *ask, int fd)
{
    size_t i = 0;

    while (i < ask->count && ask->polled[i].fd != fd)
        i++;
    return i;
}

static int change_poll(int fd, int events, void *payload)
{
    struct ask *ask = payload;
    size_t at = find(ask, fd);

    if (events == 0) {
        if (at < ask->count)
            ask->polled[at] = ask->polled[--ask->count];
        return 0;
    }
    if (at == ask->room) {
        size_t room = ask->room > 0 ? ask->room * 2 : 4;
        struct pollfd *grown = realloc(ask->polled, room * sizeof *grown);
        if (!grown)
            return ERROR_NO_MEMORY;
        ask->polled = grown;
        ask->room = room;
    }
    ask->polled[at] = (struct pollfd){.fd = fd,
                                      .events = (short)((events & CONNECTION_READ ? POLLIN : 0) |
                                                        (events & CONNECTION_WRITE ? POLLOUT : 0))};
    if (at == ask->count)
        ask->count++;
    return 0;
}

static void take(const struct connection_answer *given, void *payload)
{
    struct ask *ask = payload;
    struct ask_answer *answer = ask->answer;

    ask->answer = NULL;
    answer->status = given->status;
    answer->date_s = given->date_s;
    answer->error = given->error;
    if (given->error.code == 0 && given->body)
        text_append(&answer->body, given->body, given->size);
    if (answer->body.failed)
        (void)error_no_memory(&answer->error);
}

/* What is ready changes what is polled: one at a time, the others are ready in the next round. */
static void serve_one(struct ask *ask)
{
    for (size_t i = 0; i < ask->count; i++) {
        const short ready = ask->polled[i].revents;
        int events = 0;
        if (ready == 0)
            continue;
        if (ready & (POLLIN | POLLHUP | POLLERR | POLLNVAL))
            events |= CONNECTION_READ;
        if (ready & (POLLOUT | POLLERR))
            events |= CONNECTION_WRITE;
        connection_ready(ask->connection, ask->polled[i].fd, events, now());
        return;
    }
}

static void wait_once(struct ask *ask, int64_t until_ms)
{
    const struct moment before = now();
    const int64_t due_ms = connection_due_ms(ask->connection, before);
    int64_t sleep_ms = until_ms - before.ms;

    if (due_ms < until_ms)
        sleep_ms = due_ms - before.ms;
    if (sleep_ms > nap_ms)
        sleep_ms = nap_ms;
    if (poll(ask->polled, ask->count, sleep_ms > 0 ? (int)sleep_ms : 0) > 0)
        serve_one(ask);
    if (ask->answer && connection_due_ms(ask->connection, now()) <= now().ms)
        connection_tick(ask->connection, now());
}

static int give_up(const struct ask *ask, struct ask_answer *answer)
{
    const char *trouble = connection_trouble(ask->connection);

    if (trouble)
        return error_set(&answer->error, ERROR_BUSY, "%s: no credentials: %s", ask_server(ask), trouble);
    return error_set(&answer->error, ERROR_BUSY, "%s: no answer within %lld s", ask_server(ask),
                     (long long)ask->patience_ms / 1000);
}

int ask_for(struct ask *ask, const struct connection_request *request, struct ask_answer *answer)
{
    const struct connection_handler handler = {.done = take, .payload = ask};
    const int64_t until_ms = now().ms + ask->patience_ms;
    struct connection_call *call = NULL;

    *answer = (struct ask_answer){.body = text_empty()};
    ask->answer = answer;
    if (connection_send(ask->connection, request, &handler, &call, &answer->error) != 0) {
        ask->answer = NULL;
        return answer->error.code;
    }
    while (ask->answer && now().ms < until_ms)
        wait_once(ask, until_ms);
    if (!ask->answer)
        return answer->error.code;
    ask->answer = NULL;
    connection_cancel(ask->connection, call);
    return give_up(ask, answer);
}

void ask_release(struct ask_answer *answer)
{
    text_release(&answer->body);
    *answer = (struct ask_answer){.body = text_empty()};
}

int ask_open(const struct kubeconfig *config, int64_t patience_ms, struct ask **out, struct error *error)
{
    struct ask *ask = calloc(1, sizeof *ask);
    const struct connection_poller poller = {.poll = change_poll, .payload = ask};
    int result;

    if (!ask)
        return error_no_memory(error);
    /* A server that goes away is told, and does not end us. */
    (void)signal(SIGPIPE, SIG_IGN);
    ask->patience_ms = patience_ms;
    result = connection_new(config, &poller, &ask->connection, error);
    if (result != 0) {
        ask_close(ask);
        return result;
    }
    *out = ask;
    return 0;
}

void ask_close(struct ask *ask)
{
    if (!ask)
        return;
    connection_free(ask->connection);
    free(ask->polled);
    free(ask);
}

const char *ask_server(const struct ask *ask)
{
    return connection_server(ask->connection);
}
