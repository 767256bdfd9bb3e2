/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/connection_call.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const size_t refusal_max = (size_t)64 * 1024;
static const size_t answer_max = (size_t)3 * 1024 * 1024;
static const int64_t answer_ms = 30000;
/* As told by a server, which may have it wrong. */
static const int64_t retry_most_s = 300;

static bool is_method(const char *method)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (strcmp(method, methods[i]) == 0)
            return true;
    }
    return false;
}

static bool is_printable(const char *text, char first)
{
    for (const char *c = text; *c; c++) {
        if (*c < first || *c > '~')
            return false;
    }
    return true;
}

/* What could end a line would smuggle in a header. */
static int check(const struct connection_request *request, struct error *error)
{
    const char *target = request->target;

    if (!is_method(request->method))
        return error_set(error, ERROR_INVALID, "the method '%.20s' cannot be sent", request->method);
    if (target[0] != '/' || !is_printable(target, '!') || strchr(target, '#'))
        return error_set(
            error, ERROR_INVALID,
            "'%.300s' is no path with a query; expected printable ASCII after a slash, without blanks",
            target);
    if (request->content_type && (!request->content_type[0] || !is_printable(request->content_type, ' ')))
        return error_set(error, ERROR_INVALID, "a content type that cannot be sent");
    return 0;
}

static bool copy(struct connection_call *call, const struct connection_request *request)
{
    bool has_body = request->body != NULL;
    const char *type = request->content_type ? request->content_type : "application/json";

    call->method = strdup(request->method);
    call->target = strdup(request->target);
    if (has_body) {
        call->content_type = strdup(type);
        call->body = malloc(request->size + 1);
    }
    if (!call->method || !call->target || (has_body && (!call->content_type || !call->body)))
        return false;
    if (has_body && request->size > 0)
        memcpy(call->body, request->body, request->size);
    call->size = has_body ? request->size : 0;
    return true;
}

int connection_call_new(const struct connection_request *request, const struct connection_handler *handler,
                        struct connection_call **out, struct error *error)
{
    int result = check(request, error);
    struct connection_call *call = result == 0 ? calloc(1, sizeof *call) : NULL;

    if (result != 0)
        return result;
    if (!call)
        return error_no_memory(error);
    call->handler = *handler;
    call->form = request->form;
    call->compress = request->compress && !request->stream;
    call->stream = request->stream;
    call->idle_ms = request->stream ? request->idle_ms : 0;
    call->since_ms = -1;
    call->body_in = text_empty();
    if (!copy(call, request)) {
        connection_call_free(call);
        return error_no_memory(error);
    }
    *out = call;
    return 0;
}

void connection_call_free(struct connection_call *call)
{
    if (!call)
        return;
    free(call->method);
    free(call->target);
    free(call->content_type);
    free(call->body);
    text_release(&call->body_in);
    free(call);
}

void connection_call_reset(struct connection_call *call)
{
    call->exchange = NULL;
    call->since_ms = -1;
    call->status = 0;
    call->foreign = false;
    call->cut = false;
    call->has_body = false;
    call->retry_ms = 0;
    call->date_s = 0;
    call->verdict = (struct error){0};
    text_clear(&call->body_in);
}

static bool is_success(const struct connection_call *call)
{
    return call->status >= 200 && call->status < 300;
}

static bool is_type(const char *found, const char *type)
{
    size_t length = strlen(type);

    return found && strncasecmp(found, type, length) == 0 &&
           (!found[length] || strchr("; \t", found[length]));
}

static int64_t retry_ms_of(int64_t seconds)
{
    return (seconds > retry_most_s ? retry_most_s : seconds) * 1000;
}

static bool refuse(struct connection_call *call, const char *what)
{
    call->foreign = true;
    (void)error_set(&call->verdict, ERROR_BUSY, "HTTP %d %s; a proxy or a portal in between?", call->status,
                    what);
    return false;
}

static bool take_head(const struct http_head *head, void *payload)
{
    struct connection_call *call = payload;

    call->status = head->status;
    call->date_s = head->date_s;
    call->heard_ms = call->now->ms;
    if (head->retry_after_s > 0)
        call->retry_ms = retry_ms_of(head->retry_after_s);
    if (head->status < 400 && !is_success(call))
        return refuse(call, "leads elsewhere, and is not followed");
    if (is_type(head->content_type, "text/html"))
        return refuse(call, "with a page of HTML");
    if (!is_success(call))
        return true;
    if (!is_type(head->content_type, "application/json"))
        return refuse(call, "without JSON");
    if (!head->has_length)
        return refuse(call, "that does not tell where it ends");
    if (head->encoded && !call->compress)
        return refuse(call, "that is compressed though nobody asked for it");
    if (call->handler.begun)
        call->handler.begun(call->handler.payload);
    return true;
}

static bool gather(struct connection_call *call, const char *data, size_t size)
{
    size_t most = is_success(call) ? answer_max : refusal_max;
    size_t room = most - call->body_in.length;

    if (size > room && is_success(call)) {
        (void)error_set(&call->verdict, ERROR_LIMIT, "the answer is larger than %zu bytes", answer_max);
        return false;
    }
    call->cut = size > room;
    text_append(&call->body_in, data, call->cut ? room : size);
    if (call->body_in.failed) {
        (void)error_no_memory(&call->verdict);
        return false;
    }
    return !call->cut;
}

static bool take_body(const char *data, size_t size, void *payload)
{
    struct connection_call *call = payload;
    bool taken;

    call->heard_ms = call->now->ms;
    call->has_body = true;
    if (!is_success(call) || !call->handler.data)
        return gather(call, data, size);
    call->taking = true;
    taken = call->handler.data(data, size, call->handler.payload);
    call->taking = false;
    if (call->cancelled) {
        connection_call_free(call);
        return false;
    }
    if (taken)
        return true;
    (void)error_set(&call->verdict, ERROR_INVALID, "what came was not taken");
    return false;
}

struct http_taker connection_call_taker(struct connection_call *call)
{
    return (struct http_taker){.head = take_head, .body = take_body, .payload = call};
}

void connection_set_idle(struct connection_call *call, int64_t idle_ms)
{
    call->idle_ms = idle_ms;
}

int64_t connection_call_deadline(const struct connection_call *call)
{
    if (call->since_ms < 0)
        return INT64_MAX;
    if (!call->stream || call->status == 0)
        return call->since_ms + answer_ms;
    return call->idle_ms > 0 ? call->heard_ms + call->idle_ms : INT64_MAX;
}

void connection_call_late(const struct connection_call *call, const char *trouble, struct error *why)
{
    if (!call->exchange)
        (void)error_set(why, ERROR_BUSY, "not sent within %d s: %s", (int)(answer_ms / 1000),
                        trouble ? trouble : "no credentials");
    else if (call->stream && call->status != 0)
        (void)error_set(why, ERROR_BUSY, "not a byte came for %d s", (int)(call->idle_ms / 1000));
    else
        (void)error_set(why, ERROR_BUSY, "no whole answer within %d s", (int)(answer_ms / 1000));
}

static int code_of(int status)
{
    switch (status) {
    case 401:
    case 403:
        return ERROR_FOREIGN;
    case 404:
        return ERROR_NOT_FOUND;
    case 408:
    case 429:
        return ERROR_BUSY;
    case 409:
        return ERROR_CONFLICT;
    default:
        return status >= 500 ? ERROR_BUSY : ERROR_INVALID;
    }
}

/* Reads what the server refused; the answer's error tells it. */
static void read_refusal(struct connection_call *call, struct connection_answer *answer,
                         struct refusal *refusal)
{
    if (refusal_read(refusal, call->status, call->body_in.data, call->body_in.length, &answer->error) != 0)
        return;
    answer->status = call->status;
    answer->refusal = refusal;
    if (refusal->retry_after_s > 0 && retry_ms_of(refusal->retry_after_s) > answer->retry_ms)
        answer->retry_ms = retry_ms_of(refusal->retry_after_s);
    (void)error_set(&answer->error, code_of(call->status), "HTTP %d%s%.60s: %.600s", call->status,
                    refusal->reason[0] ? " " : "", refusal->reason,
                    refusal->message[0] ? refusal->message : "it does not say why");
}

static void read_success(struct connection_call *call, struct connection_answer *answer)
{
    /* A watch may end before anything has happened. */
    if (!call->has_body && !call->stream) {
        (void)error_set(&answer->error, ERROR_BUSY, "HTTP %d without a body", call->status);
        return;
    }
    if (call->handler.data) {
        answer->status = call->status;
        return;
    }
    if (memchr(call->body_in.data, '\0', call->body_in.length)) {
        (void)error_set(&answer->error, ERROR_BUSY, "the answer holds a NUL byte, which no JSON does");
        return;
    }
    answer->status = call->status;
    answer->body = call->body_in.data;
    answer->size = call->body_in.length;
}

static int path_length(const char *target)
{
    size_t length = strcspn(target, "?");

    return length < 250 ? (int)length : 250;
}

void connection_call_tell(struct connection_call *call, const char *server, const struct error *why)
{
    struct connection_answer answer = {.retry_ms = call->retry_ms, .date_s = call->date_s};
    struct refusal refusal = {0};
    bool refused = call->status >= 400 && !call->foreign;

    if (call->verdict.code != 0)
        answer.error = call->verdict;
    else if (why->code != 0 && !(refused && call->cut))
        answer.error = *why;
    else if (refused)
        read_refusal(call, &answer, &refusal);
    else
        read_success(call, &answer);
    if (answer.error.code != 0)
        /* Without the query, which differs from try to try: the text goes into statuses. */
        (void)error_wrap(&answer.error, "%s %.*s at %.150s", call->method, path_length(call->target),
                         call->target, server);
    call->handler.done(&answer, call->handler.payload);
    if (answer.refusal)
        refusal_release(&refusal);
}
