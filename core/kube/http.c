/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/http.h"

#include "kube/http_exchange.h"

#include <stdlib.h>

/* Idle connections that are kept in a pool. */
static const long keep = 16;

/* Connections of a burst, each of which takes some 80 KB, are closed sooner than few that are used now and
 * then. */
enum { FEW = 4 };
static const int64_t burst_idle_ms = 3000;

/* Behind a load balancer a connection stays with one API server for ever; one that comes back, or is added,
 * is to get its share. */
static const int64_t pool_life_ms = 3600000;

/* Connections that may be used for each other's requests. */
struct http_pool {
    struct http_pool *next;
    struct http *http;
    CURLM *multi;
    size_t running;
    size_t most; /* that were running at once */
    bool stream;
    bool retired;
    bool failed; /* memory was short, and a descriptor is not polled as it should be */
    int64_t idle_since_ms;
    int64_t made_ms;
};

/* A descriptor of libcurl's that is polled. */
struct polled {
    int fd;
    struct http_pool *pool;
};

struct http {
    const struct reach *reach;
    struct http_poller poller;
    struct http_pool *pools;
    struct http_exchange *exchanges;
    struct polled *polled;
    size_t polled_count;
    size_t polled_room;
    unsigned inside; /* libcurl is calling us: nothing may be taken out */
    int64_t now_ms;
};

static struct polled *find_polled(struct http *http, int fd)
{
    for (size_t i = 0; i < http->polled_count; i++) {
        if (http->polled[i].fd == fd)
            return &http->polled[i];
    }
    return NULL;
}

static struct polled *add_polled(struct http *http, int fd)
{
    if (http->polled_count == http->polled_room) {
        size_t room = http->polled_room * 2 + 8;
        struct polled *more = realloc(http->polled, room * sizeof *more);
        if (!more)
            return NULL;
        http->polled = more;
        http->polled_room = room;
    }
    http->polled[http->polled_count] = (struct polled){.fd = fd};
    return &http->polled[http->polled_count++];
}

/* A failure is remembered: telling it to libcurl would make the whole pool useless. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *payload, void *unused)
{
    struct http_pool *pool = payload;
    struct http *http = pool->http;
    struct polled *polled = find_polled(http, fd);
    int events = what == CURL_POLL_IN      ? HTTP_READ
                 : what == CURL_POLL_OUT   ? HTTP_WRITE
                 : what == CURL_POLL_INOUT ? HTTP_READ | HTTP_WRITE
                                           : 0;

    (void)easy;
    (void)unused;
    if (!polled && events != 0)
        polled = add_polled(http, fd);
    if (!polled) {
        pool->failed = pool->failed || events != 0;
        return 0;
    }
    polled->pool = pool;
    if (events == 0)
        *polled = http->polled[--http->polled_count];
    if (http->poller.poll(fd, events, http->poller.payload) != 0)
        pool->failed = true;
    return 0;
}

static void free_pool(struct http_pool *pool)
{
    (void)curl_multi_cleanup(pool->multi);
    free(pool);
}

/* Frees the pools that nobody will use again. */
static void sweep(struct http *http)
{
    struct http_pool **link = &http->pools;

    while (http->inside == 0 && *link) {
        struct http_pool *pool = *link;
        if (!pool->retired || pool->running > 0) {
            link = &pool->next;
            continue;
        }
        *link = pool->next;
        free_pool(pool);
    }
}

static struct http_pool *pool_for(struct http *http, bool stream)
{
    struct http_pool *pool = http->pools;
    bool failed;

    while (pool && (pool->retired || pool->failed || pool->stream != stream))
        pool = pool->next;
    if (pool)
        return pool;
    pool = calloc(1, sizeof *pool);
    if (!pool)
        return NULL;
    *pool = (struct http_pool){.next = http->pools,
                               .http = http,
                               .multi = curl_multi_init(),
                               .stream = stream,
                               .idle_since_ms = http->now_ms,
                               .made_ms = http->now_ms};
    failed = !pool->multi;
    failed = failed || curl_multi_setopt(pool->multi, CURLMOPT_SOCKETFUNCTION, on_socket) != CURLM_OK;
    failed = failed || curl_multi_setopt(pool->multi, CURLMOPT_SOCKETDATA, pool) != CURLM_OK;
    failed = failed || curl_multi_setopt(pool->multi, CURLMOPT_MAXCONNECTS, keep) != CURLM_OK;
    if (failed) {
        free_pool(pool);
        return NULL;
    }
    http->pools = pool;
    return pool;
}

void http_renew(struct http *http)
{
    for (struct http_pool *pool = http->pools; pool; pool = pool->next)
        pool->retired = true;
    sweep(http);
}

/* Out of the list first, so that nobody finds it. */
static void end(struct http_exchange *exchange)
{
    struct http_pool *pool = exchange->pool;

    *exchange->link = exchange->next;
    if (exchange->next)
        exchange->next->link = exchange->link;
    (void)curl_multi_remove_handle(pool->multi, exchange->easy);
    http_exchange_free(exchange);
    pool->running--;
    pool->idle_since_ms = pool->http->now_ms;
}

int http_start(struct http *http, const struct http_request *request, const struct http_taker *taker,
               struct http_exchange **out, struct error *error)
{
    struct http_pool *pool = pool_for(http, request->stream);
    struct http_exchange *exchange = pool ? http_exchange_new(http->reach, request, taker) : NULL;

    if (!exchange)
        return error_no_memory(error);
    if (curl_multi_add_handle(pool->multi, exchange->easy) != CURLM_OK) {
        http_exchange_free(exchange);
        return error_no_memory(error);
    }
    exchange->pool = pool;
    exchange->next = http->exchanges;
    exchange->link = &http->exchanges;
    if (exchange->next)
        exchange->next->link = &exchange->next;
    http->exchanges = exchange;
    pool->running++;
    if (pool->running > pool->most)
        pool->most = pool->running;
    *out = exchange;
    return 0;
}

void http_stop(struct http *http, struct http_exchange *exchange)
{
    exchange->stopped = true;
    if (http->inside > 0)
        return;
    end(exchange);
    sweep(http);
}

static void act(struct http_pool *pool, int fd, int events)
{
    struct http *http = pool->http;
    int mask = (events & HTTP_READ ? CURL_CSELECT_IN : 0) | (events & HTTP_WRITE ? CURL_CSELECT_OUT : 0);
    int running;

    http->inside++;
    if (curl_multi_socket_action(pool->multi, fd, mask, &running) != CURLM_OK)
        pool->failed = true;
    http->inside--;
}

bool http_ready(struct http *http, int fd, int events, int64_t now_ms)
{
    const struct polled *polled = find_polled(http, fd);

    http->now_ms = now_ms;
    if (polled)
        act(polled->pool, fd, events);
    return polled != NULL;
}

/* When a pool without requests is closed. */
static int64_t idle_until(const struct http_pool *pool)
{
    return pool->idle_since_ms + (pool->most > FEW ? burst_idle_ms : HTTP_IDLE_S * 1000);
}

void http_tick(struct http *http, int64_t now_ms)
{
    http->now_ms = now_ms;
    for (struct http_pool *pool = http->pools; pool; pool = pool->next) {
        long wait_ms = -1;
        if (curl_multi_timeout(pool->multi, &wait_ms) == CURLM_OK && wait_ms == 0)
            act(pool, CURL_SOCKET_TIMEOUT, 0);
        if (pool->running == 0 && (pool->failed || idle_until(pool) <= now_ms))
            pool->retired = true;
        if (now_ms - pool->made_ms >= pool_life_ms)
            pool->retired = true;
    }
    sweep(http);
}

/* libcurl's timers run on its own clock; what is left of them is asked for each time, since it does not say
 * again what it has said once. */
int64_t http_due_ms(const struct http *http, int64_t now_ms)
{
    int64_t due = INT64_MAX;

    for (const struct http_pool *pool = http->pools; pool; pool = pool->next) {
        long wait_ms = -1;
        int64_t at = pool->running == 0 ? idle_until(pool) : INT64_MAX;
        if (pool->failed)
            at = now_ms;
        due = at < due ? at : due;
        if (curl_multi_timeout(pool->multi, &wait_ms) == CURLM_OK && wait_ms >= 0 && now_ms + wait_ms < due)
            due = now_ms + wait_ms;
    }
    return due;
}

/* The next whose end libcurl tells, or whose pool cannot go on. */
static struct http_exchange *next_ended(struct http *http, CURLcode *code)
{
    for (struct http_exchange *exchange = http->exchanges; exchange; exchange = exchange->next) {
        *code = CURLE_OUT_OF_MEMORY;
        if (exchange->pool->failed || exchange->stopped)
            return exchange;
    }
    for (struct http_pool *pool = http->pools; pool; pool = pool->next) {
        int left;
        const CURLMsg *message = curl_multi_info_read(pool->multi, &left);
        char *ended = NULL;
        if (!message)
            continue;
        *code = message->data.result;
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &ended);
        return (struct http_exchange *)(void *)ended;
    }
    return NULL;
}

void *http_ended(struct http *http, struct error *why)
{
    struct http_exchange *exchange;
    void *payload = NULL;
    CURLcode code;

    while (!payload && (exchange = next_ended(http, &code)) != NULL) {
        if (exchange->pool->failed)
            exchange->pool->retired = true;
        if (!exchange->stopped) {
            payload = exchange->taker.payload;
            if (exchange->pool->failed)
                (void)error_no_memory(why);
            else
                http_exchange_explain(exchange, code, why);
        }
        end(exchange);
        /* Those that idle may be as dead. */
        if (code == CURLE_OPERATION_TIMEDOUT)
            http_renew(http);
    }
    sweep(http);
    return payload;
}

int http_new(const struct reach *reach, const struct http_poller *poller, struct http **out,
             struct error *error)
{
    struct http *http;

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return error_no_memory(error);
    http = calloc(1, sizeof *http);
    if (!http) {
        curl_global_cleanup();
        return error_no_memory(error);
    }
    http->reach = reach;
    http->poller = *poller;
    *out = http;
    return 0;
}

void http_free(struct http *http)
{
    if (!http)
        return;
    while (http->exchanges)
        end(http->exchanges);
    http_renew(http);
    free(http->polled);
    free(http);
    curl_global_cleanup();
}
