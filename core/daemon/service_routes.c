/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/service.h"

#include "base/json.h"
#include "base/utf8.h"
#include "daemon/now.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* The loop answers, so it turns. */
static void healthz(struct admin_request *request, void *payload)
{
    (void)payload;
    if (admin_query(request, "verbose"))
        admin_answer(request, 200, NULL, "[+] loop\nok\n", 12);
    else
        admin_answer(request, 200, NULL, "ok\n", 3);
}

static void answer_text(struct admin_request *request, unsigned status, struct text *text)
{
    if (text->failed)
        admin_answer(request, 500, NULL, "not enough memory\n", 18);
    else
        admin_answer(request, status, NULL, text->data, text->length);
    text_release(text);
}

static void readyz(struct admin_request *request, void *payload)
{
    struct text checks = text_empty();
    bool ready = service_ready(payload, &checks);

    if (ready && !admin_query(request, "verbose"))
        text_clear(&checks);
    text_append_string(&checks, ready ? "ok\n" : "not ready\n");
    answer_text(request, ready ? 200 : 503, &checks);
}

static void reload(struct admin_request *request, void *payload)
{
    struct text outcome = text_empty();
    bool done = service_reload(payload, &outcome);

    answer_text(request, done ? 200 : 409, &outcome);
}

static bool add_text(json_t *object, const char *name, const char *text)
{
    return !text || !text[0] || json_object_set_new(object, name, json_string(text)) == 0;
}

static json_t *api_value(const struct controller_view *view)
{
    json_t *value =
        json_pack("{s:s, s:s, s:i, s:b, s:b, s:b, s:b}", "namespace", view->name_space, "name", view->name,
                  "port", (int)view->port, "authentication", (int)view->authentication, "secured",
                  (int)view->secured, "served", (int)view->served, "ready", (int)view->ready);

    if (value && add_text(value, "host", view->host) && add_text(value, "service", view->service) &&
        add_text(value, "reason", reason_word(view->reason)) && add_text(value, "message", view->message))
        return value;
    json_decref(value);
    return NULL;
}

/* The Apis of a namespace, or of all. */
struct selection {
    const char *name_space;
    json_t *apis;
};

static bool add_api(const struct controller_view *view, void *payload)
{
    const struct selection *selection = payload;

    if (selection->name_space && strcmp(selection->name_space, view->name_space) != 0)
        return true;
    return json_array_append_new(selection->apis, api_value(view)) == 0;
}

static json_t *cluster_value(const struct runner *runner, const char *name_space)
{
    const struct cluster *cluster = runner_cluster(runner);
    const char *why = runner_why(runner);
    struct selection selection = {name_space, json_array()};
    json_t *value = json_pack("{s:s, s:b, s:O}", "name", cluster->config->name, "ready", why == NULL, "apis",
                              selection.apis);

    if (value && add_text(value, "why", why) && add_text(value, "degraded", runner_degraded(runner)) &&
        (!cluster->controller || controller_each(cluster->controller, add_api, &selection) == 0)) {
        json_decref(selection.apis);
        return value;
    }
    json_decref(selection.apis);
    json_decref(value);
    return NULL;
}

static void answer_json(struct admin_request *request, unsigned status, json_t *value)
{
    char *text = value ? json_dumps(value, JSON_COMPACT) : NULL;

    if (text)
        admin_answer(request, status, "application/json", text, strlen(text));
    else
        admin_answer(request, 500, NULL, "not enough memory\n", 18);
    free(text);
    json_decref(value);
}

/* Whether the cluster is asked for: by ?cluster=NAME, or all are. */
static const struct runner *chosen(const struct service *service, size_t number, const char *name)
{
    const struct runner *runner = service->clusters[number].runner;

    if (!runner || (name && strcmp(name, runner_cluster(runner)->config->name) != 0))
        return NULL;
    return runner;
}

/* Answers if there is no such cluster. */
static bool knows(const struct service *service, const char *name, struct admin_request *request)
{
    struct text answer = text_empty();

    for (size_t i = 0; i < service->count; i++) {
        if (!name || chosen(service, i, name))
            return true;
    }
    text_append_string(&answer, "no cluster ");
    utf8_quote(&answer, name ? name : "", name ? strlen(name) : 0);
    text_append_string(&answer, "; there are:");
    for (size_t i = 0; i < service->count; i++) {
        if (service->clusters[i].runner)
            text_append_format(&answer, " %s", runner_cluster(service->clusters[i].runner)->config->name);
    }
    text_append_string(&answer, "\n");
    answer_text(request, 400, &answer);
    return false;
}

static json_t *service_value(const struct service *service, json_t *clusters)
{
    json_t *value = json_pack("{s:s, s:b, s:o}", "version", PACKAGE_VERSION, "ready",
                              (int)service_ready(service, NULL), "clusters", clusters);

    if (value && add_text(value, "refusal", service->refusal.data))
        return value;
    json_decref(value);
    return NULL;
}

/* Adds what a cluster says to a list. @return false if memory is short. */
typedef bool (*say_fn)(const struct runner *runner, struct admin_request *request, json_t *list);

/* What the clusters say that are asked for; NULL if memory is short, or if none has the name: then *answered.
 */
static json_t *gather(const struct service *service, struct admin_request *request, say_fn say,
                      bool *answered)
{
    const char *name = admin_query(request, "cluster");
    json_t *list;
    bool made;

    *answered = !knows(service, name, request);
    if (*answered)
        return NULL;
    list = json_array();
    made = list;
    for (size_t i = 0; i < service->count && made; i++) {
        const struct runner *runner = chosen(service, i, name);
        if (runner)
            made = say(runner, request, list);
    }
    if (made)
        return list;
    json_decref(list);
    return NULL;
}

static bool say_status(const struct runner *runner, struct admin_request *request, json_t *list)
{
    return json_array_append_new(list, cluster_value(runner, admin_query(request, "namespace"))) == 0;
}

/* "/status", with ?cluster=NAME and ?namespace=NAME. */
static void status(struct admin_request *request, void *payload)
{
    const struct service *service = payload;
    bool answered;
    json_t *list = gather(service, request, say_status, &answered);

    if (!answered)
        answer_json(request, 200, list ? service_value(service, list) : NULL);
}

/* What a cluster has to say about an Api; nothing if it does not have it. */
static bool say_explanation(const struct runner *runner, struct admin_request *request, json_t *list)
{
    struct cluster *cluster = runner_cluster(runner);
    struct error error = {0};
    json_t *value = NULL;

    if (cluster_explain(cluster, admin_rest(request), now(), &value, &error) != 0)
        return error.code == ERROR_NOT_FOUND;
    if (json_object_set_new(value, "cluster", json_string(cluster->config->name)) == 0)
        return json_array_append_new(list, value) == 0;
    json_decref(value);
    return false;
}

/* "/explain/NAMESPACE/NAME", with ?cluster=NAME where there are several. */
static void explain(struct admin_request *request, void *payload)
{
    bool answered;
    json_t *list = gather(payload, request, say_explanation, &answered);

    if (answered)
        return;
    if (list && json_array_size(list) == 0) {
        json_decref(list);
        admin_answer(request, 404, NULL, "no such Api\n", 12);
        return;
    }
    answer_json(request, 200, list);
}

const struct admin_route service_routes[] = {
    {"GET", "/healthz", true, healthz}, {"GET", "/readyz", true, readyz},
    {"GET", "/status", false, status},  {"GET", "/explain/", false, explain},
    {"POST", "/reload", false, reload}, {NULL, NULL, false, NULL},
};
