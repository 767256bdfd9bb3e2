/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/apiserver_state.h"

#include "base/json.h"
#include "base/text.h"
#include "kube/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct apiserver *of(struct sink *sink)
{
    return (struct apiserver *)sink;
}

static void unlink_write(struct apiserver_write *write)
{
    if (write->previous)
        write->previous->next = write->next;
    else
        write->server->writes = write->next;
    if (write->next)
        write->next->previous = write->previous;
    free(write->key);
    free(write);
}

void apiserver_drop_writes(struct apiserver *server)
{
    struct apiserver_write *write = server->writes;

    server->writes = NULL;
    while (write) {
        struct apiserver_write *next = write->next;
        if (write->call)
            connection_cancel(server->options.connection, write->call);
        free(write->key);
        free(write);
        write = next;
    }
}

static void copy_text(char *to, size_t size, const char *from)
{
    (void)snprintf(to, size, "%s", from ? from : "");
}

/* The object as the server has it now. */
static bool read_object(const struct connection_answer *answer, struct sink_answer *out, json_t **object)
{
    *object = answer->body ? json_parse(answer->body, answer->size, NULL) : NULL;
    if (!*object) {
        out->code = error_set(&out->error, ERROR_BUSY, "the answer of the API server cannot be read");
        return false;
    }
    copy_text(out->uid, sizeof out->uid, json_text_at(*object, "metadata.uid"));
    copy_text(out->version, sizeof out->version, json_text_at(*object, "metadata.resourceVersion"));
    return true;
}

/* Our own status comes back on the watch: noted here, it is no news there. An Api that cannot be read comes
 * back in an answer that cannot be either (NULL): what was sent is what stands there then. */
static void note_status(const struct apiserver_write *write, const json_t *api)
{
    const struct apiserver *server = write->server;
    struct known *known = map_get(server->known, write->key);

    if (known && !api)
        known->status = write->sent;
    if (!known || !api)
        return;
    known_note_status(known, json_member(api, "status"), server->options.seed);
    copy_text(known->version, sizeof known->version, json_text_at(api, "metadata.resourceVersion"));
}

static void fill_answer(const struct apiserver_write *write, const struct connection_answer *answer,
                        struct sink_answer *out)
{
    json_t *object = NULL;

    if (write->removal && (answer->error.code == 0 || answer->status == 404))
        return;
    if (answer->error.code == 0) {
        if (!read_object(answer, out, &object) && write->status)
            *out = (struct sink_answer){0};
        if (write->status)
            note_status(write, object);
        json_decref(object);
        return;
    }
    out->error = answer->error;
    out->code = answer->error.code;
    out->retry_ms = answer->retry_ms;
    /* 404 on a PUT: what was to be replaced is gone. 404 on a POST: the namespace or the kind is. */
    if (out->code == ERROR_NOT_FOUND)
        out->code = write->status ? ERROR_CONFLICT : ERROR_BUSY;
    if (out->code == ERROR_FOREIGN || out->code == ERROR_INVALID)
        out->code = ERROR_IO;
    out->error.code = out->code;
}

static void on_done(const struct connection_answer *answer, void *payload)
{
    struct apiserver_write *write = payload;
    const struct apiserver_listener *listener = &write->server->options.listener;
    struct apiserver *server = write->server;
    struct sink_answer out = {0};
    char *key = write->key;

    fill_answer(write, answer, &out);
    write->key = NULL;
    unlink_write(write);
    if (listener->answer(key, &out, listener->payload, &server->failure) != 0)
        log_write(server->options.log, LOG_LEVEL_ERROR, "answer not taken", "cluster",
                  server->options.cluster, "api", key, "error", server->failure.message, (char *)NULL);
    free(key);
}

static int refuse(struct sink_answer *answer, int code, const char *message)
{
    answer->code = error_set(&answer->error, code, "%s", message);
    return 0;
}

/* Sends a request; the body is taken over. */
static int send(struct apiserver *server, const char *key, const struct connection_request *request,
                bool status, struct sink_answer *answer)
{
    struct apiserver_write *write = calloc(1, sizeof *write);
    const struct connection_handler handler = {.done = on_done, .payload = write};

    if (write)
        write->key = strdup(key);
    if (!write || !write->key) {
        free(write);
        return refuse(answer, ERROR_NO_MEMORY, "not enough memory");
    }
    write->server = server;
    write->status = status;
    write->removal = strcmp(request->method, "DELETE") == 0;
    write->next = server->writes;
    if (write->next)
        write->next->previous = write;
    server->writes = write;
    if (connection_send(server->options.connection, request, &handler, &write->call, &answer->error) != 0) {
        unlink_write(write);
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

static char *removal_of(const struct sink_step *step)
{
    char *text = NULL;

    if (asprintf(&text,
                 "{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\",\"propagationPolicy\":\"Background\","
                 "\"preconditions\":{\"uid\":\"%s\"}}",
                 step->uid) < 0)
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
    result = send(server, step->key, &request, false, answer);
    free(body);
    text_release(&target);
    return result;
}

/* Only what the subresource needs: the spec is not ours, and is left out. */
static char *status_body(const struct known *known, const struct object_ref *ref, json_t *status)
{
    json_t *body =
        json_pack("{s:s, s:s, s:{s:s, s:s, s:s, s:s}, s:O}", "apiVersion", API_GROUP "/" API_VERSION, "kind",
                  API_KIND, "metadata", "name", ref->name, "namespace", ref->name_space, "resourceVersion",
                  known->version, "uid", known->uid, "status", status);
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;

    json_decref(body);
    return text;
}

static int put_status(struct apiserver *server, const char *key, const struct known *known, json_t *status,
                      struct sink_answer *answer)
{
    struct connection_request request = {.method = "PUT"};
    struct object_ref ref = {
        .group = API_GROUP, .version = API_VERSION, .kind = API_KIND, .plural = API_PLURAL};
    struct text target = text_empty();
    char name_space[KEY_SIZE];
    char *body;
    int result;

    (void)snprintf(name_space, sizeof name_space, "%s", key);
    ref.name = key_cut(name_space);
    ref.name_space = name_space;
    body = status_body(known, &ref, status);
    result = path_object(&target, &ref, "status", &answer->error);
    path_add_query(&target, "fieldManager", "apigwd");
    if (result != 0 || !body || target.failed) {
        answer->code = result != 0 ? result : error_no_memory(&answer->error);
    } else {
        request.target = target.data;
        request.body = body;
        request.size = strlen(body);
        result = send(server, key, &request, true, answer);
    }
    free(body);
    text_release(&target);
    return answer->code != 0 ? 0 : result;
}

int apiserver_report(struct sink *sink, const char *key, const json_t *api, const json_t *status,
                     struct sink_answer *answer)
{
    struct apiserver *server = of(sink);
    const struct known *known = map_get(server->known, key);
    json_t *copy;
    int result;

    *answer = (struct sink_answer){0};
    /* The status of an Api that is gone has gone with it. */
    if (!api || !known || known_same_status(known, status, server->options.seed))
        return 0;
    copy = json_deep_copy(status);
    if (!copy || !known_carry(known, copy, server->options.seed)) {
        json_decref(copy);
        return refuse(answer, ERROR_NO_MEMORY, "not enough memory");
    }
    result = put_status(server, key, known, copy, answer);
    if (result == SINK_PENDING)
        server->writes->sent = known_status_mark(copy, server->options.seed);
    json_decref(copy);
    return result;
}
