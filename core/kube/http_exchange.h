/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_exchange - one handle of libcurl: what it is told, and what it hears. Private to kube/http.c
 */
#ifndef KUBE_HTTP_EXCHANGE_H
#define KUBE_HTTP_EXCHANGE_H

#include "kube/http.h"

#include <curl/curl.h>

/** Seconds that a connection may idle. API servers close what idles for 90 s; so as not to cross them we are
 * first. */
enum { HTTP_IDLE_S = 80 };

/** Begins as http_exchange_new() makes it. */
struct http_exchange {
    struct http_exchange *next;  /**< of kube/http.c */
    struct http_exchange **link; /**< of kube/http.c: what points here */
    struct http_pool *pool;      /**< of kube/http.c */
    CURL *easy;
    struct curl_slist *headers;
    struct curl_slist *connect_to;
    struct http_taker taker;
    struct http_head head;
    size_t head_size;
    bool head_told;
    bool retry_told;           /**< there was a header Retry-After */
    bool stopped;              /**< the taker is not told of anything any more */
    const char *own_why;       /**< why it was given up here; NULL: it was not */
    char why[CURL_ERROR_SIZE]; /**< of libcurl */
};

/**
 * Makes one that is ready for curl_multi_add_handle().
 *
 * @param reach  borrowed as long as it lives.
 * @return owned by caller, for http_exchange_free(); NULL if memory is short.
 */
struct http_exchange *http_exchange_new(const struct reach *reach, const struct http_request *request,
                                        const struct http_taker *taker);

/** Frees it; it must be in no multi handle and in no list. NULL is fine. */
void http_exchange_free(struct http_exchange *exchange);

/** Sets *why to what a result of libcurl means. */
void http_exchange_explain(const struct http_exchange *exchange, CURLcode code, struct error *why);

#endif
