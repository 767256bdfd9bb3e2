/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/remote.h"

#include "daemon/coming.h"
#include "daemon/identity.h"
#include "daemon/now.h"
#include "daemon/polls.h"
#include "daemon/remote_kinds.h"
#include "daemon/remote_listener.h"
#include "daemon/renewal.h"
#include "daemon/servers.h"
#include "daemon/slack.h"
#include "kube/apiserver.h"
#include "kube/connection.h"
#include "kube/definitions.h"
#include "kube/discovery.h"
#include "kube/kubeconfig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct remote {
    uv_loop_t *loop;
    struct cluster *cluster;
    const struct log *log;
    struct twins *twins;
    uv_timer_t timer;
    struct polls polls;
    struct kubeconfig *kubeconfig;
    struct renewal renewal;
    struct connection *connection;
    struct identity *identity;
    struct apiserver *server;
    struct remote_listener listener;
    struct remote_kinds kinds;
    /* Looks for the versions of owned kinds: before the server is followed, and again as long as one is
     * absent. */
    struct discovery *discovery;
    bool discovered;
    struct definitions *definitions;
    struct coming coming;
    struct slack slack;
    /* The time of this turn of the loop. */
    struct moment now;
    int64_t retry_at;
    struct error why;
};

/* A kubeconfig that is wrong, missing or of no use is read again after this time. */
static const int64_t retry_ms = 5000;
static const int64_t progress_ms = 2000;
/* Design: writes in flight. */
static const size_t most_waiting = 16;

static void step(struct remote *remote);

static void fail(struct remote *remote, const struct error *error)
{
    if (strcmp(remote->why.message, error->message) != 0)
        log_write(remote->log, LOG_LEVEL_ERROR, "cluster failed", "cluster", remote->cluster->config->name,
                  "error", error->message, (char *)NULL);
    remote->why = *error;
}

static void on_ready(int fd, int events, void *payload)
{
    struct remote *remote = payload;

    remote->now = now();
    connection_ready(remote->connection, fd, events, remote->now);
    step(remote);
}

static int make_controller(struct remote *remote, uint64_t seed, struct error *error)
{
    struct cluster *cluster = remote->cluster;
    const struct controller_options options = {
        .cluster = cluster->config->name,
        .settings = &cluster->config->settings,
        .registry = cluster->registry,
        .sink = apiserver_sink(remote->server),
        .log = remote->log,
        .progress_ms = progress_ms,
        .most_waiting = most_waiting,
        .namespaces = (const char *const *)cluster->config->kubernetes->namespaces.items,
        .selective = cluster->config->kubernetes->label_selector,
        .own_routes = true,
        .tells_all = true,
        .texts = STORE_TEXTS_SQUEEZED,
        .seed = seed};

    return controller_new(&options, &cluster->controller, error);
}

static int make_server(struct remote *remote, uint64_t seed, struct error *error)
{
    const struct config_cluster *config = remote->cluster->config;
    const struct apiserver_options options = {.connection = remote->connection,
                                              .log = remote->log,
                                              .cluster = config->name,
                                              .kinds = remote->kinds.kinds,
                                              .kinds_count = remote->kinds.kinds_count,
                                              .namespaces =
                                                  (const char *const *)config->kubernetes->namespaces.items,
                                              .label_selector = config->kubernetes->label_selector,
                                              .seed = seed,
                                              .now = &remote->now,
                                              .listener = remote_listener_of(&remote->listener)};

    return apiserver_new(&options, &remote->server, error);
}

static void drop(struct remote *remote)
{
    definitions_free(remote->definitions);
    remote->definitions = NULL;
    remote->coming = (struct coming){0};
    discovery_free(remote->discovery);
    remote->discovery = NULL;
    remote->discovered = false;
    apiserver_free(remote->server);
    remote->server = NULL;
    controller_free(remote->cluster->controller);
    remote->cluster->controller = NULL;
    identity_free(remote->identity);
    remote->identity = NULL;
    connection_free(remote->connection);
    remote->connection = NULL;
    kubeconfig_free(remote->kubeconfig);
    remote->kubeconfig = NULL;
}

static void on_discovered(void *payload)
{
    struct remote *remote = payload;

    remote->discovered = true;
}

static int discover(struct remote *remote, struct error *error)
{
    const struct discovery_options options = {.connection = remote->connection,
                                              .wishes = remote->kinds.wishes,
                                              .count = remote->kinds.wishes_count,
                                              .now = &remote->now,
                                              .done = on_discovered,
                                              .payload = remote};

    remote->discovered = false;
    coming_looked(&remote->coming, remote->now.ms);
    return discovery_new(&options, &remote->discovery, error);
}

/* A kind that is absent may come now, in whatever version. */
static void on_definition(const char *plural, const char *group, bool gone, void *payload)
{
    struct remote *remote = payload;

    if (apiserver_take_definition(remote->server, plural, group, gone))
        coming_announced(&remote->coming, remote->now.ms);
}

static int make_definitions(struct remote *remote, uint64_t seed, struct error *error)
{
    const struct definitions_options options = {.connection = remote->connection,
                                                .log = remote->log,
                                                .cluster = remote->cluster->config->name,
                                                .seed = seed,
                                                .now = &remote->now,
                                                .told = on_definition,
                                                .payload = remote};

    return definitions_new(&options, &remote->definitions, error);
}

static int make_identity(struct remote *remote, struct error *error)
{
    const struct identity_options options = {.connection = remote->connection,
                                             .twins = remote->twins,
                                             .cluster = remote->cluster->config->name,
                                             .log = remote->log,
                                             .now = &remote->now};

    return identity_new(&options, &remote->identity, error);
}

/* Everything that can be made without the server. */
static int open_connection(struct remote *remote, struct error *error)
{
    const struct connection_poller poller = {.poll = polls_set, .payload = &remote->polls};
    int result = servers_load(remote->cluster->config->kubernetes, &remote->kubeconfig, error);

    if (result == 0)
        result = connection_new(remote->kubeconfig, &poller, &remote->connection, error);
    if (result == 0)
        result = make_identity(remote, error);
    if (result == 0)
        result = discover(remote, error);
    if (result != 0)
        drop(remote);
    return result;
}

/* The versions are known: the server is followed. */
static int open_server(struct remote *remote, struct error *error)
{
    uint64_t seed = imprint_seed();
    int result = remote_kinds_choose(remote->cluster->registry, remote->discovery, error);

    discovery_free(remote->discovery);
    remote->discovery = NULL;
    if (result == 0 && !remote_kinds_list(&remote->kinds, remote->cluster->registry))
        result = error_no_memory(error);
    if (result == 0)
        result = make_server(remote, seed, error);
    if (result == 0)
        result = make_definitions(remote, seed + 1, error);
    if (result == 0)
        result = make_controller(remote, seed, error);
    if (result != 0)
        drop(remote);
    return result;
}

/* As long as an owned kind is absent it may come, in whatever version. @return whether all begins anew. */
static bool rediscover(struct remote *remote)
{
    struct error error = {0};
    bool differ;

    if (remote->discovery && remote->discovered) {
        differ = remote_kinds_differ(remote->cluster->registry, remote->discovery);
        discovery_free(remote->discovery);
        remote->discovery = NULL;
        return differ;
    }
    if (!remote->discovery && apiserver_absent(remote->server) && remote->coming.due_ms <= remote->now.ms)
        (void)discover(remote, &error);
    return false;
}

static int run(struct remote *remote, struct error *error)
{
    struct controller *controller = remote->cluster->controller;
    bool told;
    int result = 0;

    definitions_tick(remote->definitions);
    told = definitions_watched(remote->definitions);
    if (coming_set_told(&remote->coming, told, remote->now.ms))
        apiserver_set_told(remote->server, told);
    apiserver_tick(remote->server);
    if (identity_clear(remote->identity) && apiserver_observed(remote->server)) {
        controller_set_observed(controller, true);
        result = controller_set_complete(controller, apiserver_complete(remote->server), error);
        if (result == 0)
            result = controller_run(controller, remote->now, error);
    }
    slack_note(&remote->slack, controller_turns(controller), controller_is_idle(controller, remote->now.ms),
               remote->now.ms);
    return result;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void on_timer(uv_timer_t *timer)
{
    struct remote *remote = timer->data;

    remote->now = now();
    step(remote);
}

static int64_t next_due(const struct remote *remote)
{
    int64_t due;

    if (!remote->connection)
        return remote->retry_at;
    due = least(connection_due_ms(remote->connection, remote->now), identity_due_ms(remote->identity));
    due = least(due, remote->renewal.due_ms);
    if (identity_refused(remote->identity))
        due = least(due, remote->retry_at);
    if (remote->discovery)
        due = least(due, discovery_due_ms(remote->discovery));
    if (!remote->server)
        return due;
    if (!remote->discovery && apiserver_absent(remote->server))
        due = least(due, remote->coming.due_ms);
    due = least(due, apiserver_due_ms(remote->server));
    due = least(due, definitions_due_ms(remote->definitions));
    due = least(due, slack_due_ms(&remote->slack));
    /* What is due waits for leave. */
    return identity_clear(remote->identity) ? least(due, controller_next(remote->cluster->controller)) : due;
}

static void arm(struct remote *remote)
{
    int64_t due = next_due(remote);

    if (due == INT64_MAX)
        (void)uv_timer_stop(&remote->timer);
    else
        (void)uv_timer_start(&remote->timer, on_timer,
                             due > remote->now.ms ? (uint64_t)(due - remote->now.ms) : 0, 0);
}

/* Opens what is to be opened: what failed, or was refused (the credentials may have been put right), when
 * that is due. */
static int reopen(struct remote *remote, struct error *error)
{
    bool due = remote->retry_at <= remote->now.ms;

    if (remote->connection && renewal_look(&remote->renewal, remote->cluster->config, remote->kubeconfig,
                                           remote->now.ms, remote->log)) {
        drop(remote);
        due = true;
    }
    if (remote->connection && (!due || !identity_refused(remote->identity)))
        return 0;
    if (!due)
        return remote->why.code;
    drop(remote);
    remote->retry_at = remote->now.ms + retry_ms;
    return open_connection(remote, error);
}

/* One thing after the other: connection, versions, then what there is. */
static int advance(struct remote *remote, struct error *error)
{
    int result = reopen(remote, error);

    if (result != 0)
        return result;
    connection_tick(remote->connection, remote->now);
    identity_tick(remote->identity);
    if (remote->discovery)
        discovery_tick(remote->discovery);
    if (!remote->server && remote->discovered)
        result = open_server(remote, error);
    if (result == 0 && remote->server && rediscover(remote)) {
        drop(remote);
        result = open_connection(remote, error);
    }
    return result == 0 && remote->server ? run(remote, error) : result;
}

static void step(struct remote *remote)
{
    struct error error = remote->why;
    int result = advance(remote, &error);

    if (result == 0)
        remote->why = (struct error){0};
    else
        fail(remote, &error);
    arm(remote);
}

int remote_start(uv_loop_t *loop, struct cluster *cluster, const struct log *log, struct twins *twins,
                 struct remote **out, struct error *error)
{
    struct remote *remote = calloc(1, sizeof *remote);

    if (!remote)
        return error_no_memory(error);
    *remote = (struct remote){.loop = loop, .cluster = cluster, .log = log, .twins = twins, .now = now()};
    remote->listener = (struct remote_listener){.cluster = cluster, .now = &remote->now};
    remote->polls = (struct polls){.loop = loop, .ready = on_ready, .payload = remote};
    if (!remote_kinds_wish(&remote->kinds, cluster->registry)) {
        free(remote);
        return error_no_memory(error);
    }
    (void)uv_timer_init(loop, &remote->timer);
    remote->timer.data = remote;
    step(remote);
    *out = remote;
    return 0;
}

static void free_remote(uv_handle_t *handle)
{
    struct remote *remote = handle->data;

    remote_kinds_release(&remote->kinds);
    free(remote);
}

void remote_stop(struct remote *remote)
{
    if (!remote)
        return;
    drop(remote);
    polls_release(&remote->polls);
    uv_close((uv_handle_t *)&remote->timer, free_remote);
}

const char *remote_why(const struct remote *remote)
{
    const char *trouble;

    if (remote->why.code != 0)
        return remote->why.message;
    if (!remote->connection)
        return "was not started yet";
    trouble = connection_trouble(remote->connection);
    if (!trouble)
        trouble = identity_why(remote->identity);
    if (trouble)
        return trouble;
    if (remote->server)
        return apiserver_trouble(remote->server);
    return discovery_why(remote->discovery)[0] ? discovery_why(remote->discovery)
                                               : "the versions of its kinds are not known yet";
}

bool remote_is_current(const struct remote *remote)
{
    return !remote->kubeconfig || renewal_is_current(remote->cluster->config, remote->kubeconfig);
}
