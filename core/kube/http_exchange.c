/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/http_exchange.h"

#include "base/text.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>

/* With name lookup, proxy and TLS. */
static const long connect_ms = 10000;
/* All heads of an answer together. */
static const size_t head_max = (size_t)64 * 1024;

/* Keepalive finds a dead peer of an idle connection after a minute, the user timeout one that takes no bytes.
 */
static curl_socket_t open_socket(void *payload, curlsocktype purpose, struct curl_sockaddr *address)
{
    static const int yes = 1;
    static const int idle = 30;
    static const int interval = 10;
    static const int probes = 3;
    static const int unsent_ms = 30000;
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

    (void)payload;
    (void)purpose;
    if (fd < 0 || (address->family != AF_INET && address->family != AF_INET6))
        return fd < 0 ? CURL_SOCKET_BAD : fd;
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unsent_ms, sizeof unsent_ms);
    return fd;
}

/* @return the value of a line's header, if it has that name. */
static const char *value_of(const char *line, size_t size, const char *name)
{
    size_t length = strlen(name);

    if (size < length || strncasecmp(line, name, length) != 0)
        return NULL;
    while (length < size && (line[length] == ' ' || line[length] == '\t'))
        length++;
    return line + length;
}

static bool is_word(const char *value, const char *end, const char *word)
{
    return (size_t)(end - value) >= strlen(word) && strncasecmp(value, word, strlen(word)) == 0;
}

static bool tell_head(struct http_exchange *exchange)
{
    char *type = NULL;
    long status = 0;
    curl_off_t retry = 0;

    (void)curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
    /* What comes before the real answer, such as 100 Continue. */
    if (status < 200)
        return true;
    (void)curl_easy_getinfo(exchange->easy, CURLINFO_CONTENT_TYPE, &type);
    if (exchange->retry_told)
        (void)curl_easy_getinfo(exchange->easy, CURLINFO_RETRY_AFTER, &retry);
    exchange->head.status = (int)status;
    exchange->head.content_type = type;
    exchange->head.retry_after_s = exchange->retry_told && retry >= 0 ? retry : -1;
    exchange->head_told = true;
    return exchange->taker.head(&exchange->head, exchange->taker.payload);
}

/* libcurl passes over one that it cannot count to. */
static bool is_length(const char *value, const char *end)
{
    const char *c = value;

    while (c < end && *c >= '0' && *c <= '9')
        c++;
    return c > value && c - value <= 18;
}

static int64_t date_of(const char *value, const char *end)
{
    char date[64];
    size_t size = (size_t)(end - value);
    time_t at;

    if (size >= sizeof date)
        return 0;
    memcpy(date, value, size);
    date[size] = '\0';
    at = curl_getdate(date, NULL);
    return at > 0 ? at : 0;
}

static void read_header(struct http_exchange *exchange, const char *line, size_t size)
{
    const char *end = line + size;
    const char *value;

    if (value_of(line, size, "retry-after:"))
        exchange->retry_told = true;
    else if ((value = value_of(line, size, "content-length:")) != NULL)
        exchange->head.has_length = is_length(value, end);
    else if ((value = value_of(line, size, "date:")) != NULL)
        exchange->head.date_s = date_of(value, end);
    else if ((value = value_of(line, size, "content-encoding:")) != NULL)
        exchange->head.encoded = !is_word(value, end, "identity");
    else if ((value = value_of(line, size, "transfer-encoding:")) != NULL)
        exchange->head.has_length = is_word(value, end, "chunked");
}

static size_t on_header(char *line, size_t one, size_t size, void *payload)
{
    struct http_exchange *exchange = payload;

    (void)one;
    exchange->head_size += size;
    if (exchange->head_size > head_max)
        exchange->own_why = "the head of the answer is too long";
    if (exchange->stopped || exchange->own_why)
        return 0;
    /* Trailers say nothing that we want to know. */
    if (exchange->head_told)
        return size;
    if (value_of(line, size, "HTTP/")) {
        exchange->head = (struct http_head){.retry_after_s = -1};
        exchange->retry_told = false;
    } else if (line[0] == '\r' || line[0] == '\n') {
        return tell_head(exchange) ? size : 0;
    } else {
        read_header(exchange, line, size);
    }
    return size;
}

static size_t on_body(char *data, size_t one, size_t size, void *payload)
{
    struct http_exchange *exchange = payload;

    (void)one;
    if (exchange->stopped || !exchange->head_told)
        return 0;
    return exchange->taker.body(data, size, exchange->taker.payload) ? size : 0;
}

static bool set_basics(struct http_exchange *exchange)
{
    CURL *easy = exchange->easy;
    bool bad = false;

    bad |= curl_easy_setopt(easy, CURLOPT_PRIVATE, exchange) != CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->why) != CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) != CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) != CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_ms) != CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)HTTP_IDLE_S) != CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) != CURLE_OK;
    /* One TLS record; libcurl takes 64 KB for each of a dozen handles otherwise. */
    bad |= curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, 16384L) != CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) != CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) != CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header) != CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange) != CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) != CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange) != CURLE_OK;
    return !bad;
}

static struct curl_blob blob_of(const struct kubeconfig_blob *given)
{
    /* libcurl copies it and does not write to it. */
    return (struct curl_blob){
        .data = (void *)(uintptr_t)given->data, .len = given->size, .flags = CURL_BLOB_COPY};
}

/* Authorities of our own take the place of the system's, of which libcurl would add a folder. A proxy of
 * https may be known to either. Sessions of TLS are not resumed: they would outlive the certificate they
 * began with. */
static bool set_tls(CURL *easy, const struct credential_state *identity)
{
    struct curl_blob ca = blob_of(&identity->ca);
    struct curl_blob certificate = blob_of(&identity->certificate);
    struct curl_blob key = blob_of(&identity->key);
    bool bad = false;

    bad |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) != CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) != CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) != CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L) != CURLE_OK;
    if (ca.data) {
        bad |= curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &ca) != CURLE_OK;
        bad |= curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) != CURLE_OK;
        bad |= curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO_BLOB, &ca) != CURLE_OK;
    }
    if (certificate.data && key.data) {
        bad |= curl_easy_setopt(easy, CURLOPT_SSLCERT_BLOB, &certificate) != CURLE_OK;
        bad |= curl_easy_setopt(easy, CURLOPT_SSLKEY_BLOB, &key) != CURLE_OK;
    }
    return !bad;
}

/* The environment is not asked by libcurl: reach.c has done so. */
static bool set_way(struct http_exchange *exchange, const struct reach *reach)
{
    CURL *easy = exchange->easy;
    bool bad = false;

    bad |= curl_easy_setopt(easy, CURLOPT_PROXY, reach->proxy ? reach->proxy : "") != CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_NOPROXY, "") != CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_PROXYUSERNAME, reach->proxy_user) != CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_PROXYPASSWORD, reach->proxy_password) != CURLE_OK;
    if (reach->connect_to) {
        exchange->connect_to = curl_slist_append(NULL, reach->connect_to);
        bad |= !exchange->connect_to;
        bad |= curl_easy_setopt(easy, CURLOPT_CONNECT_TO, exchange->connect_to) != CURLE_OK;
    }
    return !bad;
}

static bool add_header(struct http_exchange *exchange, const char *name, const char *value)
{
    struct curl_slist *list;
    struct text line = text_empty();

    text_append_string(&line, name);
    text_append_string(&line, value);
    list = line.failed ? NULL : curl_slist_append(exchange->headers, line.data);
    text_release(&line);
    if (list)
        exchange->headers = list;
    return list != NULL;
}

static bool set_request(struct http_exchange *exchange, const struct http_request *request, const char *base)
{
    CURL *easy = exchange->easy;
    bool post = request->body || strcmp(request->method, "POST") == 0;
    bool bad = false;
    struct text url = text_empty();

    for (size_t i = 0; request->headers && request->headers[i]; i++)
        bad |= !add_header(exchange, request->headers[i], "");
    bad |= request->authorization && !add_header(exchange, "Authorization: ", request->authorization);
    bad |= request->content_type && !add_header(exchange, "Content-Type: ", request->content_type);
    /* Else libcurl would make one up. */
    bad |= post && !request->content_type && !add_header(exchange, "Content-Type:", "");
    text_append_string(&url, base);
    text_append_string(&url, request->target);
    bad |= url.failed || curl_easy_setopt(easy, CURLOPT_URL, url.data) != CURLE_OK;
    text_release(&url);
    bad |= curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L) != CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_HTTPHEADER, exchange->headers) != CURLE_OK;
    bad |= curl_easy_setopt(easy, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE) != CURLE_OK;
    if (post) {
        bad |= curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->size) != CURLE_OK;
        bad |= curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body ? request->body : "") != CURLE_OK;
    }
    bad |= curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method) != CURLE_OK;
    /* There are few of them, and they stay: they get along with a smaller one than libcurl's 16 KB. */
    if (request->stream)
        bad |= curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 4096L) != CURLE_OK;
    if (request->compress)
        bad |= curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip") != CURLE_OK;
    return !bad;
}

struct http_exchange *http_exchange_new(const struct reach *reach, const struct http_request *request,
                                        const struct http_taker *taker)
{
    struct http_exchange *exchange = calloc(1, sizeof *exchange);

    if (!exchange)
        return NULL;
    exchange->easy = curl_easy_init();
    exchange->taker = *taker;
    exchange->head.retry_after_s = -1;
    if (exchange->easy && set_basics(exchange) && set_tls(exchange->easy, request->identity) &&
        set_way(exchange, reach) && set_request(exchange, request, reach->url))
        return exchange;
    http_exchange_free(exchange);
    return NULL;
}

void http_exchange_free(struct http_exchange *exchange)
{
    if (!exchange)
        return;
    curl_easy_cleanup(exchange->easy);
    curl_slist_free_all(exchange->headers);
    curl_slist_free_all(exchange->connect_to);
    free(exchange);
}

void http_exchange_explain(const struct http_exchange *exchange, CURLcode code, struct error *why)
{
    const char *text = exchange->own_why ? exchange->own_why : exchange->why;

    *why = (struct error){0};
    if (code == CURLE_OK && exchange->head_told)
        return;
    /* libcurl is content with a head that is cut within a line. */
    if (code == CURLE_OK)
        text = "the answer ends within its head";
    /* libcurl also says so of a line that is too long for it. */
    if (code == CURLE_OUT_OF_MEMORY && !exchange->own_why)
        text = "memory is short, or a line of the answer is too long";
    (void)error_set(why, code == CURLE_SSL_CERTPROBLEM ? ERROR_INVALID : ERROR_BUSY, "%s",
                    *text ? text : curl_easy_strerror(code));
    for (char *c = why->message; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
    }
}
