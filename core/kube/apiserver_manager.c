/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/apiserver_state.h"

#include "base/json.h"
#include "base/text.h"
#include "kube/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whose changes are ours. */
static const char own_name[] = "apigwd";

static void unlink_question(struct apiserver_question *question)
{
    struct apiserver_question **link = &question->server->questions;

    while (*link != question)
        link = &(*link)->next;
    *link = question->next;
    free(question);
}

void apiserver_drop_questions(struct apiserver *server)
{
    while (server->questions) {
        connection_cancel(server->options.connection, server->questions->call);
        unlink_question(server->questions);
    }
}

static const char *text_of(const json_t *entry, const char *name)
{
    const char *text = json_string_value(json_member(entry, name));

    return text ? text : "";
}

/* The most recent one that is not us; who only writes the status does not quarrel. Times are RFC 3339 in UTC
 * with seconds, so that their texts sort. */
static bool find_manager(const json_t *object, struct sink_manager *out)
{
    const json_t *entry;
    bool found = false;
    size_t i;

    json_array_foreach(json_at(object, "metadata.managedFields"), i, entry)
    {
        const struct sink_manager manager = {.name = text_of(entry, "manager"),
                                             .operation = text_of(entry, "operation"),
                                             .time = text_of(entry, "time")};
        if (!manager.name[0] || strcmp(manager.name, own_name) == 0 || text_of(entry, "subresource")[0] ||
            (found && strcmp(manager.time, out->time) < 0))
            continue;
        *out = manager;
        found = true;
    }
    return found;
}

static void on_done(const struct connection_answer *answer, void *payload)
{
    struct apiserver_question *question = payload;
    struct apiserver *server = question->server;
    const struct apiserver_listener *listener = &server->options.listener;
    json_t *object = answer->body ? json_parse(answer->body, answer->size, NULL) : NULL;
    struct sink_manager manager = {0};

    question->ref.name_space = question->place;
    question->ref.name = question->name;
    if (find_manager(object, &manager) &&
        listener->manager(question->key, &question->ref, &manager, listener->payload, &server->failure) != 0)
        log_write(server->options.log, LOG_LEVEL_ERROR, "answer not taken", "cluster",
                  server->options.cluster, "api", question->key, "error", server->failure.message,
                  (char *)NULL);
    json_decref(object);
    unlink_question(question);
}

/* Only what is told of a kind that is followed outlives the question. */
static const struct object_ref *followed(const struct apiserver *server, const struct object_ref *ref)
{
    for (size_t i = 0; i < server->feeds_count; i++) {
        const struct object_ref *own = &server->feeds[i].kind.ref;
        if (strcmp(own->group, ref->group) == 0 && strcmp(own->kind, ref->kind) == 0)
            return own;
    }
    return NULL;
}

void apiserver_ask_manager(struct sink *sink, const char *key, const struct object_ref *ref)
{
    struct apiserver *server = (struct apiserver *)sink;
    const struct object_ref *kind = followed(server, ref);
    struct apiserver_question *question = kind ? calloc(1, sizeof *question) : NULL;
    const struct connection_handler handler = {.done = on_done, .payload = question};
    struct connection_request request = {.method = "GET", .form = CONNECTION_METADATA};
    struct text target = text_empty();

    /* What cannot be asked is not known. */
    if (!question)
        return;
    *question = (struct apiserver_question){.next = server->questions, .server = server, .ref = *kind};
    server->questions = question;
    (void)snprintf(question->key, sizeof question->key, "%s", key);
    key_format(question->place, ref->name_space, ref->name);
    question->name = key_cut(question->place);
    if (path_object(&target, ref, NULL, &server->failure) == 0 && !target.failed)
        request.target = target.data;
    if (!request.target || connection_send(server->options.connection, &request, &handler, &question->call,
                                           &server->failure) != 0)
        unlink_question(question);
    text_release(&target);
}
