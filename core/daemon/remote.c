/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/remote.h"

#include "daemon/identity.h"
#include "daemon/now.h"
#include "daemon/servers.h"
#include "kube/apiserver.h"
#include "kube/connection.h"
#include "kube/kubeconfig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* A descriptor of the connection that the loop polls. */
struct socket_poll {
    uv_poll_t poll; /* first: the loop closes it */
    struct remote *remote;
    struct socket_poll *next;
    int fd;
};

struct remote {
    uv_loop_t *loop;
    struct cluster *cluster;
    const struct log *log;
    struct twins *twins;
    uv_timer_t timer;
    struct socket_poll *polls;
    struct kubeconfig *kubeconfig;
    struct connection *connection;
    struct identity *identity;
    struct apiserver *server;
    struct apiserver_kind *kinds;
    size_t kinds_count;
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

static void free_poll(uv_handle_t *handle)
{
    free(handle);
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
    struct socket_poll *found = (struct socket_poll *)poll;
    struct remote *remote = found->remote;
    int ready = (events & UV_READABLE ? CONNECTION_READ : 0) | (events & UV_WRITABLE ? CONNECTION_WRITE : 0);

    /* What is wrong with a socket shows when it is read. */
    if (status < 0)
        ready = CONNECTION_READ | CONNECTION_WRITE;
    remote->now = now();
    connection_ready(remote->connection, found->fd, ready, remote->now);
    step(remote);
}

static struct socket_poll **find_poll(struct remote *remote, int fd)
{
    struct socket_poll **at = &remote->polls;

    while (*at && (*at)->fd != fd)
        at = &(*at)->next;
    return at;
}

static struct socket_poll *add_poll(struct remote *remote, int fd)
{
    struct socket_poll *added = calloc(1, sizeof *added);

    if (!added)
        return NULL;
    if (uv_poll_init(remote->loop, &added->poll, fd) != 0) {
        free(added);
        return NULL;
    }
    added->remote = remote;
    added->fd = fd;
    added->next = remote->polls;
    remote->polls = added;
    return added;
}

static void remove_poll(struct socket_poll **at)
{
    struct socket_poll *removed = *at;

    *at = removed->next;
    uv_close((uv_handle_t *)&removed->poll, free_poll);
}

/* Polls a descriptor for the connection. */
static int set_poll(int fd, int events, void *payload)
{
    struct remote *remote = payload;
    struct socket_poll **at = find_poll(remote, fd);
    struct socket_poll *found = *at;
    int wanted = (events & CONNECTION_READ ? UV_READABLE : 0) | (events & CONNECTION_WRITE ? UV_WRITABLE : 0);

    if (events == 0) {
        if (found)
            remove_poll(at);
        return 0;
    }
    if (!found)
        found = add_poll(remote, fd);
    if (!found || uv_poll_start(&found->poll, wanted, on_socket) != 0)
        return ERROR_NO_MEMORY;
    return 0;
}

static int take_answer(const char *key, const struct sink_answer *answer, void *payload, struct error *error)
{
    struct remote *remote = payload;

    return controller_answer(remote->cluster->controller, key, answer, remote->now, error);
}

static int take_put(const struct event *event, void *payload, struct error *error)
{
    const struct remote *remote = payload;

    return controller_put(event, remote->cluster->controller, error);
}

static int take_gone(const struct object_ref *ref, void *payload, struct error *error)
{
    const struct remote *remote = payload;

    return controller_gone(ref, remote->cluster->controller, error);
}

static int take_observation(const struct observation *seen, void *payload, struct error *error)
{
    const struct remote *remote = payload;

    return controller_observe(seen, remote->cluster->controller, error);
}

static bool is_known(const struct object_ref *ref, const char *uid, const char *version, void *payload)
{
    const struct remote *remote = payload;

    return controller_knows(remote->cluster->controller, ref, uid, version);
}

static int sweep(const struct object_ref *ref, bool (*seen)(const char *, const char *, void *),
                 void *seen_payload, void *payload, struct error *error)
{
    const struct remote *remote = payload;

    return controller_sweep(remote->cluster->controller, ref, seen, seen_payload, error);
}

static int take_kind(const struct object_ref *ref, enum follow_state state, const char *why, void *payload,
                     struct error *error)
{
    const struct remote *remote = payload;
    struct controller *controller = remote->cluster->controller;

    switch (state) {
    case FOLLOW_UNKNOWN:
        return 0;
    case FOLLOW_ABSENT:
        return controller_set_kind(controller, ref, CONTROLLER_KIND_ABSENT, why, error);
    case FOLLOW_FORBIDDEN:
        return controller_set_kind(controller, ref, CONTROLLER_KIND_FORBIDDEN, why, error);
    default:
        return controller_set_kind(controller, ref, CONTROLLER_KIND_CURRENT, "", error);
    }
}

static struct apiserver_kind *find_kind(struct remote *remote, const char *group, const char *kind)
{
    for (size_t i = 0; i < remote->kinds_count; i++) {
        const struct object_ref *ref = &remote->kinds[i].ref;
        if (strcmp(ref->group, group) == 0 && strcmp(ref->kind, kind) == 0)
            return &remote->kinds[i];
    }
    return NULL;
}

static struct apiserver_kind *add_kind(struct remote *remote, const struct object_ref *ref)
{
    struct apiserver_kind *found = find_kind(remote, ref->group, ref->kind);

    if (!found) {
        found = &remote->kinds[remote->kinds_count++];
        found->ref = *ref;
    }
    return found;
}

static const char *last_of(const char *const *versions)
{
    while (versions[1])
        versions++;
    return *versions;
}

/* Kinds that backends own, the disabled ones too, and those that they read. */
static bool list_kinds(struct remote *remote)
{
    const struct registry *registry = remote->cluster->registry;
    size_t most = 1;

    for (size_t i = 0; i < registry->count; i++) {
        const struct apigw_plugin *plugin = &registry->backends[i]->plugin->descriptor;
        most += plugin->kinds_count + plugin->related_count;
    }
    remote->kinds = calloc(most, sizeof *remote->kinds);
    if (!remote->kinds)
        return false;
    for (size_t i = 0; i < registry->count; i++) {
        const struct backend *backend = registry->backends[i];
        const struct apigw_plugin *plugin = &backend->plugin->descriptor;
        for (uint32_t j = 0; j < plugin->kinds_count; j++) {
            const struct apigw_kind *kind = &plugin->kinds[j];
            add_kind(remote, &(struct object_ref){.group = kind->group,
                                                  .version = backend_version(backend, kind),
                                                  .kind = kind->kind,
                                                  .plural = kind->plural})
                ->owned = true;
        }
        for (uint32_t j = 0; backend->enabled && j < plugin->related_count; j++) {
            const struct apigw_related *related = &plugin->related[j];
            add_kind(remote, &(struct object_ref){.group = related->group,
                                                  .version = last_of(related->versions),
                                                  .kind = related->kind,
                                                  .plural = related->plural})
                ->related = true;
        }
    }
    return true;
}

static uint64_t make_seed(void)
{
    uint64_t seed = 0;

    if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
        seed = (uint64_t)now().ms;
    return seed ? seed : 1;
}

static int make_controller(struct remote *remote, uint64_t seed, struct error *error)
{
    struct cluster *cluster = remote->cluster;
    const struct controller_options options = {.cluster = cluster->config->name,
                                               .settings = &cluster->config->settings,
                                               .registry = cluster->registry,
                                               .sink = apiserver_sink(remote->server),
                                               .log = remote->log,
                                               .progress_ms = progress_ms,
                                               .most_waiting = most_waiting,
                                               .own_routes = true,
                                               .seed = seed};

    return controller_new(&options, &cluster->controller, error);
}

static int make_server(struct remote *remote, uint64_t seed, struct error *error)
{
    const struct config_cluster *config = remote->cluster->config;
    const struct apiserver_options options = {.connection = remote->connection,
                                              .log = remote->log,
                                              .cluster = config->name,
                                              .kinds = remote->kinds,
                                              .kinds_count = remote->kinds_count,
                                              .namespaces =
                                                  (const char *const *)config->kubernetes->namespaces.items,
                                              .label_selector = config->kubernetes->label_selector,
                                              .seed = seed,
                                              .now = &remote->now,
                                              .listener = {.put = take_put,
                                                           .gone = take_gone,
                                                           .observe = take_observation,
                                                           .knows = is_known,
                                                           .sweep = sweep,
                                                           .kind = take_kind,
                                                           .answer = take_answer,
                                                           .payload = remote}};

    return apiserver_new(&options, &remote->server, error);
}

static void drop(struct remote *remote)
{
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
static int open_server(struct remote *remote, struct error *error)
{
    const struct connection_poller poller = {.poll = set_poll, .payload = remote};
    uint64_t seed = make_seed();
    int result = servers_load(remote->cluster->config->kubernetes, &remote->kubeconfig, error);

    if (result == 0)
        result = connection_new(remote->kubeconfig, &poller, &remote->connection, error);
    if (result == 0)
        result = make_identity(remote, error);
    if (result == 0)
        result = make_server(remote, seed, error);
    if (result == 0)
        result = make_controller(remote, seed, error);
    if (result != 0)
        drop(remote);
    return result;
}

static int run(struct remote *remote, struct error *error)
{
    struct controller *controller = remote->cluster->controller;
    int result = 0;

    connection_tick(remote->connection, remote->now);
    identity_tick(remote->identity);
    apiserver_tick(remote->server);
    if (identity_clear(remote->identity) && apiserver_observed(remote->server)) {
        controller_set_observed(controller, true);
        result = controller_set_complete(controller, apiserver_complete(remote->server), error);
        if (result == 0)
            result = controller_run(controller, remote->now, error);
    }
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

static int64_t due_of(const struct remote *remote)
{
    int64_t due = least(connection_due_ms(remote->connection, remote->now), apiserver_due_ms(remote->server));

    due = least(due, identity_due_ms(remote->identity));
    if (identity_refused(remote->identity))
        due = least(due, remote->retry_at);
    /* What is due waits for leave. */
    return identity_clear(remote->identity) ? least(due, controller_next(remote->cluster->controller)) : due;
}

static void arm(struct remote *remote)
{
    int64_t due = remote->retry_at;

    if (remote->server)
        due = due_of(remote);
    if (due == INT64_MAX)
        (void)uv_timer_stop(&remote->timer);
    else
        (void)uv_timer_start(&remote->timer, on_timer,
                             due > remote->now.ms ? (uint64_t)(due - remote->now.ms) : 0, 0);
}

static void step(struct remote *remote)
{
    struct error error = {0};

    /* Credentials may have been put right in the kubeconfig. */
    if (remote->server && identity_refused(remote->identity) && remote->retry_at <= remote->now.ms)
        drop(remote);
    if (!remote->server && remote->retry_at <= remote->now.ms) {
        if (open_server(remote, &error) != 0) {
            fail(remote, &error);
        } else {
            remote->why = (struct error){0};
        }
        remote->retry_at = remote->now.ms + retry_ms;
    }
    if (remote->server && run(remote, &error) != 0)
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
    if (!list_kinds(remote)) {
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

    free(remote->kinds);
    free(remote);
}

void remote_stop(struct remote *remote)
{
    if (!remote)
        return;
    drop(remote);
    while (remote->polls)
        remove_poll(&remote->polls);
    uv_close((uv_handle_t *)&remote->timer, free_remote);
}

const char *remote_why(const struct remote *remote)
{
    const char *trouble;

    if (remote->why.code != 0)
        return remote->why.message;
    if (!remote->server)
        return "was not started yet";
    trouble = connection_trouble(remote->connection);
    if (!trouble)
        trouble = identity_why(remote->identity);
    return trouble ? trouble : apiserver_trouble(remote->server);
}
