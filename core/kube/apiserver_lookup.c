/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/apiserver_state.h"

#include "base/json.h"
#include "base/text.h"
#include "kube/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The Api that is there. What cannot be read says nothing. */
static void take_api(const struct connection_answer *answer, struct sink_found *found)
{
    json_t *api = answer->body ? json_parse(answer->body, answer->size, NULL) : NULL;
    const char *uid = json_text_at(api, "metadata.uid");
    const json_t *leaving = json_at(api, "metadata.deletionTimestamp");

    if (uid) {
        (void)snprintf(found->uid, sizeof found->uid, "%s", uid);
        found->leaving = leaving && !json_is_null(leaving);
    } else {
        found->code = error_set(&found->error, ERROR_BUSY, "the answer of the API server cannot be read");
    }
    json_decref(api);
}

static void take(const char *key, const struct connection_answer *answer, struct sink_found *found)
{
    if (answer->error.code == 0) {
        take_api(answer, found);
        return;
    }
    found->code = answer->error.code;
    found->error = answer->error;
    found->retry_ms = answer->retry_ms;
    /* Where the kind is missing, 404 is said of everything. */
    if (found->code == ERROR_NOT_FOUND &&
        !(answer->refusal && refusal_names(answer->refusal, API_PLURAL, strchr(key, '/') + 1)))
        found->code = found->error.code = ERROR_BUSY;
}

static void on_found(const struct connection_answer *answer, void *payload)
{
    struct apiserver_write *write = payload;
    struct apiserver *server = write->server;
    const struct apiserver_listener *listener = &server->options.listener;
    struct sink_found found = {0};
    char *key = write->key;

    take(key, answer, &found);
    write->key = NULL;
    apiserver_write_free(write);
    if (listener->found(key, &found, listener->payload, &server->failure) != 0)
        log_write(server->options.log, LOG_LEVEL_ERROR, "answer not taken", "cluster",
                  server->options.cluster, "api", key, "error", server->failure.message, (char *)NULL);
    free(key);
}

int apiserver_look_up(struct sink *sink, const char *key, struct error *error)
{
    struct apiserver *server = (struct apiserver *)sink;
    struct apiserver_write *write = apiserver_write_new(server, key);
    struct object_ref ref;
    struct connection_request request = {.method = "GET"};
    struct text target = text_empty();
    char name_space[KEY_SIZE];
    int result;

    if (!write)
        return error_no_memory(error);
    ref = apiserver_api(key, name_space);
    result = path_object(&target, &ref, NULL, error);
    request.target = target.data;
    if (result == 0)
        result = apiserver_write_send(write, &request, on_found, error);
    if (result != 0)
        apiserver_write_free(write);
    text_release(&target);
    return result;
}
