/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/apiserver_state.h"

#include "base/json.h"
#include "base/text.h"
#include "kube/discovery.h"
#include "kube/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct object_ref api_kind = {
    .group = API_GROUP, .version = API_VERSION, .kind = API_KIND, .plural = API_PLURAL};

struct object_ref apiserver_api(const char *key, char room[KEY_SIZE])
{
    struct object_ref ref = api_kind;

    (void)snprintf(room, KEY_SIZE, "%s", key);
    ref.name = key_cut(room);
    ref.name_space = room;
    return ref;
}

/* Only what the subresource needs: the spec is not ours, and is left out. */
static json_t *put_body(const struct known *known, const struct object_ref *ref, json_t *status)
{
    char uid[UID_SIZE];

    return json_pack("{s:s, s:s, s:{s:s, s:s, s:s, s:s}, s:O}", "apiVersion", API_GROUP "/" API_VERSION,
                     "kind", API_KIND, "metadata", "name", ref->name, "namespace", ref->name_space,
                     "resourceVersion", knowns_version(known), "uid", knowns_uid(known, uid), "status",
                     status);
}

/* Touches nothing but the status of just the Api that is known. */
static json_t *patch_body(const struct known *known, json_t *status)
{
    char uid[UID_SIZE];

    return json_pack("[{s:s, s:s, s:s}, {s:s, s:s, s:s}, {s:s, s:s, s:O}]", "op", "test", "path",
                     "/metadata/uid", "value", knowns_uid(known, uid), "op", "test", "path",
                     "/metadata/resourceVersion", "value", knowns_version(known), "op", "add", "path",
                     "/status", "value", status);
}

static bool put_generation(json_t *object, int64_t generation)
{
    return json_object_set_new(object, "observedGeneration", json_integer((json_int_t)generation)) == 0;
}

/* The generation that a status is of. Where it is a part of the Api the Api gets a new one by it, as the test
 * of its version makes sure; named here, it is current when it is written. */
static bool set_generation(const struct known *known, bool current, bool whole, json_t *status)
{
    int64_t generation = known->generation + (whole ? 1 : 0);
    json_t *condition;
    bool made;
    size_t i;

    if (!current || known->generation < 0)
        return true;
    made = put_generation(status, generation);
    json_array_foreach(json_member(status, "conditions"), i, condition)
    {
        made = made && put_generation(condition, generation);
    }
    return made;
}

static void on_written(const struct connection_answer *answer, void *payload);

/* Sends the body, which is taken over. @return 0 or an error_code. */
static int send(struct apiserver_write *write, const struct object_ref *ref, json_t *body,
                struct error *error)
{
    struct connection_request request = {.method = write->whole ? "PATCH" : "PUT"};
    struct text target = text_empty();
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    int result = path_object(&target, ref, write->whole ? NULL : "status", error);

    path_add_query(&target, "fieldManager", "apigwd");
    if (result == 0 && (!text || target.failed))
        result = error_no_memory(error);
    if (result == 0) {
        request.target = target.data;
        request.content_type = write->whole ? "application/json-patch+json" : NULL;
        request.body = text;
        request.size = strlen(text);
        result = apiserver_write_send(write, &request, on_written, error);
    }
    json_decref(body);
    free(text);
    text_release(&target);
    return result;
}

/* @return 0 if it is under way, else an error_code. */
static int send_status(struct apiserver_write *write, struct error *error)
{
    const struct apiserver *server = write->server;
    const struct known *known = knowns_get(server->knowns, write->key);
    struct object_ref ref;
    char name_space[KEY_SIZE];

    if (!known)
        return error_set(error, ERROR_CONFLICT, "the Api is gone");
    ref = apiserver_api(write->key, name_space);
    write->whole = server->whole;
    if (!set_generation(known, write->current, write->whole, write->status))
        return error_no_memory(error);
    return send(write, &ref,
                write->whole ? patch_body(known, write->status) : put_body(known, &ref, write->status),
                error);
}

/* Waits until it is known where statuses are written. */
static void hold(struct apiserver_write *write)
{
    write->call = NULL;
    write->held = true;
    apiserver_learn_status(write->server);
}

/* Our own status comes back on the watch: noted here, it is no news there. */
static void note_status(const struct apiserver_write *write, const json_t *api)
{
    const struct apiserver *server = write->server;
    struct known *known = knowns_get(server->knowns, write->key);
    const json_t *generation = json_at(api, "metadata.generation");
    char name_space[KEY_SIZE];
    char place[ECHO_PLACE_SIZE];
    struct object_ref ref = apiserver_api(write->key, name_space);

    if (!known)
        return;
    echo_place(place, &ref);
    echoes_await(server->echoes, place, write->outcome.version, server->options.now->ms);
    known_note_status(known, json_member(api, "status"), server->options.seed);
    if (write->whole && json_is_integer(generation))
        known_set_generation(known, json_integer_value(generation), false);
    /* Without memory for it, it comes on the watch; until then other statuses are in conflict. */
    (void)knowns_set_version(server->knowns, known, json_text_at(api, "metadata.resourceVersion"));
}

/* @return whether it was taken: where there is a subresource after all, a status in the Api is passed over.
 */
static bool take_api(struct apiserver_write *write, const json_t *api)
{
    struct sink_answer *out = &write->outcome;
    struct known wanted = {0};
    uint64_t seed = write->server->options.seed;

    /* An Api that cannot be read comes back in an answer that cannot be either: what was sent stands there.
     */
    if (!api) {
        struct known *known = knowns_get(write->server->knowns, write->key);
        if (known)
            known_note_status(known, write->status, seed);
        return true;
    }
    if (!json_text_at(api, "metadata.uid") || !json_text_at(api, "metadata.resourceVersion")) {
        out->code = error_set(&out->error, ERROR_BUSY, "the answer of the API server cannot be read");
        return true;
    }
    (void)snprintf(out->uid, sizeof out->uid, "%s", json_text_at(api, "metadata.uid"));
    (void)snprintf(out->version, sizeof out->version, "%s", json_text_at(api, "metadata.resourceVersion"));
    note_status(write, api);
    known_note_status(&wanted, json_member(api, "status"), seed);
    return !write->whole || known_same_status(&wanted, write->status, seed);
}

/* 422 without a cause: a test of the patch failed, and nothing else is said. */
static bool is_overtaken(const struct apiserver_write *write, const struct connection_answer *answer)
{
    return write->whole && answer->status == 422 && answer->refusal && !refusal_has_causes(answer->refusal);
}

static void take_refusal(struct apiserver_write *write, const struct connection_answer *answer)
{
    struct sink_answer *out = &write->outcome;

    out->error = answer->error;
    out->code = answer->error.code;
    out->retry_ms = answer->retry_ms;
    if (out->code == ERROR_NOT_FOUND || is_overtaken(write, answer))
        out->code = ERROR_CONFLICT;
    if (out->code == ERROR_FOREIGN || out->code == ERROR_INVALID)
        out->code = ERROR_IO;
    out->error.code = out->code;
}

static void on_written(const struct connection_answer *answer, void *payload)
{
    struct apiserver_write *write = payload;
    struct sink_answer out;
    json_t *api = NULL;
    bool doubted;

    write->outcome = (struct sink_answer){0};
    if (answer->error.code == 0) {
        api = answer->body ? json_parse(answer->body, answer->size, NULL) : NULL;
        doubted = !take_api(write, api);
        json_decref(api);
    } else {
        take_refusal(write, answer);
        /* What is said of a subresource that is not there is what is said of an Api that is not there. */
        doubted = !write->whole && answer->status == 404;
    }
    if (doubted) {
        hold(write);
        return;
    }
    out = write->outcome;
    apiserver_write_tell(write, &out);
}

/* Where it is to be written is known now, or, with an error, cannot be known. */
static void release(struct apiserver_write *write, const struct error *error)
{
    struct sink_answer out = write->outcome;
    bool unsent = out.code == 0 && !out.uid[0];

    write->held = false;
    if (error->code != 0 && out.code == 0) {
        out.code = ERROR_BUSY;
        out.error = *error;
    } else if (error->code == 0 && (unsent || write->whole != write->server->whole)) {
        out = (struct sink_answer){0};
        out.code = send_status(write, &out.error);
        if (out.code == 0)
            return;
    }
    apiserver_write_tell(write, &out);
}

static void release_all(struct apiserver *server, const struct error *error)
{
    struct apiserver_write *write = server->writes;

    /* What is told may bring new ones, but those are not held. */
    while (write) {
        if (write->held && !server->asking) {
            release(write, error);
            write = server->writes;
        } else {
            write = write->next;
        }
    }
}

static void on_learned(const struct connection_answer *answer, void *payload)
{
    struct apiserver *server = payload;

    server->asking = NULL;
    if (answer->error.code == 0 && discovery_lists(answer, API_PLURAL)) {
        bool whole = !discovery_lists(answer, API_PLURAL "/status");
        if (whole != server->whole)
            log_write(server->options.log, LOG_LEVEL_INFO,
                      whole ? "kind has no status subresource, statuses are written into the objects"
                            : "kind has a status subresource, statuses are written there",
                      "cluster", server->options.cluster, "kind", API_KIND, (char *)NULL);
        server->whole = whole;
    }
    release_all(server, &answer->error);
}

void apiserver_learn_status(struct apiserver *server)
{
    const struct connection_handler handler = {.done = on_learned, .payload = server};
    struct connection_request request = {.method = "GET"};
    struct text target = text_empty();
    struct error error = {0};
    int result;

    if (server->asking)
        return;
    result = path_version(&target, &api_kind, &error);
    request.target = target.data;
    if (result == 0)
        result = connection_send(server->options.connection, &request, &handler, &server->asking, &error);
    text_release(&target);
    if (result != 0)
        release_all(server, &error);
}

static int report_failure(struct apiserver_write *write, const struct error *error,
                          struct sink_answer *answer)
{
    if (write)
        apiserver_write_free(write);
    answer->error = *error;
    answer->code = error->code;
    return 0;
}

int apiserver_report(struct sink *sink, const char *key, const json_t *api, const json_t *status,
                     struct sink_answer *answer)
{
    struct apiserver *server = (struct apiserver *)sink;
    const struct known *known = knowns_get(server->knowns, key);
    struct apiserver_write *write;
    struct error error = {0};

    *answer = (struct sink_answer){0};
    /* The status of an Api that is gone has gone with it. */
    if (!api || !known || known_same_status(known, status, server->options.seed))
        return 0;
    (void)error_no_memory(&error);
    write = apiserver_write_new(server, key);
    if (!write)
        return report_failure(NULL, &error, answer);
    write->current = known_was_told(known, json_integer_value(json_at(api, "metadata.generation")));
    write->status = json_deep_copy(status);
    if (!write->status || !set_generation(known, write->current, false, write->status))
        return report_failure(write, &error, answer);
    if (known_same_status(known, write->status, server->options.seed)) {
        apiserver_write_free(write);
        return 0;
    }
    if (!known_carry(known, write->status))
        return report_failure(write, &error, answer);
    write->held = server->asking;
    if (!write->held && send_status(write, &error) != 0)
        return report_failure(write, &error, answer);
    return SINK_PENDING;
}
