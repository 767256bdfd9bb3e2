/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/apiserver_state.h"

#include "base/json.h"
#include "base/text.h"
#include "kube/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whatever is in a namespace that ends goes with it; if its end takes long, once in this time is enough. */
static const int64_t terminating_ms = 300000;

static struct apiserver *of(struct sink *sink)
{
    return (struct apiserver *)sink;
}

struct apiserver_write *apiserver_write_new(struct apiserver *server, const char *key)
{
    struct apiserver_write *write = calloc(1, sizeof *write);

    if (write)
        write->key = strdup(key);
    if (!write || !write->key) {
        free(write);
        return NULL;
    }
    write->server = server;
    write->next = server->writes;
    if (write->next)
        write->next->previous = write;
    server->writes = write;
    return write;
}

static void release(struct apiserver_write *write)
{
    json_decref(write->status);
    free(write->place);
    free(write->key);
    free(write);
}

void apiserver_write_free(struct apiserver_write *write)
{
    if (write->previous)
        write->previous->next = write->next;
    else
        write->server->writes = write->next;
    if (write->next)
        write->next->previous = write->previous;
    release(write);
}

int apiserver_write_send(struct apiserver_write *write, const struct connection_request *request,
                         void (*done)(const struct connection_answer *answer, void *payload),
                         struct error *error)
{
    const struct connection_handler handler = {.done = done, .payload = write};

    return connection_send(write->server->options.connection, request, &handler, &write->call, error);
}

void apiserver_drop_writes(struct apiserver *server)
{
    struct apiserver_write *write = server->writes;

    if (server->asking)
        connection_cancel(server->options.connection, server->asking);
    server->asking = NULL;
    server->writes = NULL;
    while (write) {
        struct apiserver_write *next = write->next;
        if (write->call)
            connection_cancel(server->options.connection, write->call);
        release(write);
        write = next;
    }
}

static void copy_text(char *to, size_t size, const char *from)
{
    (void)snprintf(to, size, "%s", from ? from : "");
}

/* The object as the server has it now. */
static void take_object(const struct connection_answer *answer, struct sink_answer *out)
{
    json_t *object = answer->body ? json_parse(answer->body, answer->size, NULL) : NULL;

    if (!object)
        out->code = error_set(&out->error, ERROR_BUSY, "the answer of the API server cannot be read");
    copy_text(out->uid, sizeof out->uid, json_text_at(object, "metadata.uid"));
    copy_text(out->version, sizeof out->version, json_text_at(object, "metadata.resourceVersion"));
    json_decref(object);
}

/* Nothing can be made where everything goes (Kubernetes, NamespaceLifecycle). */
static bool is_terminating(const struct connection_answer *answer)
{
    return answer->status == 403 && answer->refusal &&
           refusal_has_cause(answer->refusal, "NamespaceTerminating");
}

static void fill_answer(const struct apiserver_write *write, const struct connection_answer *answer,
                        struct sink_answer *out)
{
    if (write->removal && (answer->error.code == 0 || answer->status == 404))
        return;
    if (answer->error.code == 0) {
        take_object(answer, out);
        echoes_await(write->server->echoes, write->place, out->version, write->server->options.now->ms);
        return;
    }
    out->error = answer->error;
    out->code = answer->error.code;
    out->retry_ms = answer->retry_ms;
    /* 404 on a POST: the namespace or the kind is gone. */
    if (out->code == ERROR_NOT_FOUND)
        out->code = ERROR_BUSY;
    if (is_terminating(answer)) {
        out->code = ERROR_BUSY;
        out->retry_ms = terminating_ms;
    }
    if (out->code == ERROR_FOREIGN || out->code == ERROR_INVALID)
        out->code = ERROR_IO;
    out->error.code = out->code;
}

void apiserver_write_tell(struct apiserver_write *write, const struct sink_answer *answer)
{
    struct apiserver *server = write->server;
    const struct apiserver_listener *listener = &server->options.listener;
    char *key = write->key;

    write->key = NULL;
    apiserver_write_free(write);
    if (listener->answer(key, answer, listener->payload, &server->failure) != 0)
        log_write(server->options.log, LOG_LEVEL_ERROR, "answer not taken", "cluster",
                  server->options.cluster, "api", key, "error", server->failure.message, (char *)NULL);
    free(key);
}

static void on_done(const struct connection_answer *answer, void *payload)
{
    struct apiserver_write *write = payload;
    struct sink_answer out = {0};

    fill_answer(write, answer, &out);
    apiserver_write_tell(write, &out);
}

static int refuse(struct sink_answer *answer, int code, const char *message)
{
    answer->code = error_set(&answer->error, code, "%s", message);
    return 0;
}

static int send(struct apiserver *server, const struct sink_step *step,
                const struct connection_request *request, struct sink_answer *answer)
{
    struct apiserver_write *write = apiserver_write_new(server, step->key);
    char place[ECHO_PLACE_SIZE];

    if (!write)
        return refuse(answer, ERROR_NO_MEMORY, "not enough memory");
    echo_place(place, &step->ref);
    write->place = strdup(place);
    write->removal = !step->object;
    if (!write->place) {
        apiserver_write_free(write);
        return refuse(answer, ERROR_NO_MEMORY, "not enough memory");
    }
    if (apiserver_write_send(write, request, on_done, &answer->error) != 0) {
        apiserver_write_free(write);
        answer->code = answer->error.code;
        return 0;
    }
    return SINK_PENDING;
}

/* Adds what others have in an object of members, without touching what is there. */
static bool carry_members(json_t *metadata, const char *name, const json_t *others)
{
    json_t *own = json_member(metadata, name);

    if (!others)
        return true;
    if (!own)
        return json_object_set(metadata, name, (json_t *)(uintptr_t)others) == 0;
    return json_object_update_missing(own, (json_t *)(uintptr_t)others) == 0;
}

static bool carry_list(json_t *metadata, const char *name, const json_t *others)
{
    json_t *own = json_member(metadata, name);

    if (!others)
        return true;
    if (!own)
        return json_object_set(metadata, name, (json_t *)(uintptr_t)others) == 0;
    return json_array_extend(own, (json_t *)(uintptr_t)others) == 0;
}

/* What others have in the metadata stays theirs. */
static bool carry_others(json_t *metadata, const char *text)
{
    json_t *others = text ? json_parse(text, strlen(text), NULL) : NULL;
    bool carried = !text || (others && carry_members(metadata, "labels", json_member(others, "labels")) &&
                             carry_members(metadata, "annotations", json_member(others, "annotations")) &&
                             carry_list(metadata, "finalizers", json_member(others, "finalizers")) &&
                             carry_list(metadata, "ownerReferences", json_member(others, "ownerReferences")));

    json_decref(others);
    return carried;
}

/* The object to be written, as text; NULL if memory is short. */
static char *body_of(const struct sink_step *step)
{
    json_t *object = json_deep_copy(step->object);
    json_t *metadata = json_member(object, "metadata");
    bool made = metadata != NULL;
    char *text = NULL;

    if (made && step->version[0])
        made = json_object_set_new(metadata, "uid", json_string(step->uid)) == 0 &&
               json_object_set_new(metadata, "resourceVersion", json_string(step->version)) == 0 &&
               carry_others(metadata, step->others);
    if (made)
        text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return text;
}

/* Just what was observed: what somebody took over meanwhile, for an Api of the same name perhaps, is his. */
static char *removal_of(const struct sink_step *step)
{
    char *text = NULL;

    if (asprintf(&text,
                 "{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\",\"propagationPolicy\":\"Background\","
                 "\"preconditions\":{\"uid\":\"%s\",\"resourceVersion\":\"%s\"}}",
                 step->uid, step->version) < 0)
        return NULL;
    return text;
}

int apiserver_apply(struct sink *sink, const struct sink_step *step, struct sink_answer *answer)
{
    struct apiserver *server = of(sink);
    bool create = step->object && !step->version[0];
    struct connection_request request = {.method = !step->object ? "DELETE" : create ? "POST" : "PUT"};
    struct text target = text_empty();
    char *body = step->object ? body_of(step) : removal_of(step);
    int result;

    *answer = (struct sink_answer){0};
    if (create)
        result = path_collection(&target, &step->ref, &answer->error);
    else
        result = path_object(&target, &step->ref, NULL, &answer->error);
    path_add_query(&target, "fieldManager", step->object ? "apigwd" : NULL);
    if (result != 0 || !body || target.failed) {
        answer->code = result != 0 ? result : error_no_memory(&answer->error);
        free(body);
        text_release(&target);
        return 0;
    }
    request.target = target.data;
    request.body = body;
    request.size = strlen(body);
    result = send(server, step, &request, answer);
    free(body);
    text_release(&target);
    return result;
}
