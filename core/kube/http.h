/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http - exchanges with one server over libcurl, and nothing of Kubernetes
 *
 * HTTP/1.1 with connections that are kept. With few requests under way it costs no more than HTTP/2 and needs
 * half the system calls; a connection that breaks takes one request with it instead of all; and one that has
 * timed out is closed, where libcurl would go on to use one of HTTP/2. Watches have connections of their own.
 *
 * Connections are kept in pools. A pool that is not trusted any more, after a timeout or when a certificate
 * was renewed, or that is an hour old, gets nothing new: what runs in it ends in peace, what idles in it is
 * never used again.
 *
 * TLS is always verified. Redirects are not followed. Names and secrets come in; messages hold no secret.
 */
#ifndef KUBE_HTTP_H
#define KUBE_HTTP_H

#include "base/error.h"
#include "kube/credential.h"
#include "kube/reach.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http;

/** A request and its answer. */
struct http_exchange;

/** What a descriptor is polled for. */
enum { HTTP_READ = 1, HTTP_WRITE = 2 };

/** Who polls. */
struct http_poller {
    /** Polls a descriptor from now on for these events; 0: no longer. @return 0 or ERROR_NO_MEMORY. */
    int (*poll)(int fd, int events, void *payload);
    void *payload;
};

/** What is asked. Borrowed by http_start() only, but the body until the exchange ends. */
struct http_request {
    const char *method;
    const char *target; /**< path and query */
    const char *const
        *headers; /**< "Name: value", "Name;" without a value, "Name:" to leave one out; ends with NULL */
    const char *authorization; /**< one more header; NULL: none */
    const char *content_type;  /**< of the body, one more header; NULL: none */
    const char *body;          /**< NULL: none */
    size_t size;
    bool compress; /**< the answer may be compressed */
    bool stream;   /**< has a connection among those of watches */
    /** Authorities, certificate and key of it are used. */
    const struct credential_state *identity;
};

/** How an answer begins. */
struct http_head {
    int status;
    const char *content_type; /**< NULL: none is told. Borrowed */
    int64_t retry_after_s;    /**< -1: none is told */
    int64_t date_s;           /**< the server's clock, seconds since the epoch; 0: none is told */
    bool encoded;             /**< it is compressed */
    bool has_length;          /**< it is told where it ends */
};

/** Who takes the answer. Both are called from within http_ready() and http_tick(). */
struct http_taker {
    /** The head has come; told once. @return false to take no more. */
    bool (*head)(const struct http_head *head, void *payload);
    /** A part of the body has come. @return false to take no more. */
    bool (*body)(const char *data, size_t size, void *payload);
    void *payload;
};

/**
 * @param reach   borrowed; must live longer.
 * @param poller  copied; its payload must live longer.
 * @return 0 or ERROR_NO_MEMORY. Nothing was connected yet.
 */
int http_new(const struct reach *reach, const struct http_poller *poller, struct http **out,
             struct error *error);

/** Frees it with all that runs; nobody is told. NULL is fine. Not from within a taker. */
void http_free(struct http *http);

/**
 * Starts an exchange; it goes on by http_tick().
 *
 * @param taker     copied.
 * @param exchange  set on success; valid until http_ended() gives its payload, or http_stop().
 * @return 0 or ERROR_NO_MEMORY.
 */
int http_start(struct http *http, const struct http_request *request, const struct http_taker *taker,
               struct http_exchange **exchange, struct error *error);

/** Ends an exchange, also from within a taker. Its connection is not used again. */
void http_stop(struct http *http, struct http_exchange *exchange);

/** What starts from now on gets new connections; what runs goes on. */
void http_renew(struct http *http);

/** A descriptor that is polled is ready. @return false if it is none of ours. */
bool http_ready(struct http *http, int fd, int events, int64_t now_ms);

/** Does what is due. */
void http_tick(struct http *http, int64_t now_ms);

/** @return when http_tick() is to be called, on the clock of now_ms; INT64_MAX: not before something happens.
 */
int64_t http_due_ms(const struct http *http, int64_t now_ms);

/**
 * Takes an exchange that has ended out of it. Not from within a taker.
 *
 * @param why  set to why its answer is not whole: ERROR_BUSY, ERROR_NO_MEMORY, or ERROR_INVALID if our
 * certificate and key do not belong together; code 0: it is. Where the taker wanted no more it is not whole
 * either.
 * @return the payload of its taker; NULL: none has ended.
 */
void *http_ended(struct http *http, struct error *why);

#endif
