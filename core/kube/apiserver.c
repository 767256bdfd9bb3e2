/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/apiserver.h"

#include "base/json.h"
#include "kube/apiserver_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct apiserver_kind api_kind = {
    .ref = {.group = API_GROUP, .version = API_VERSION, .kind = API_KIND, .plural = API_PLURAL}};

/* How often kinds that are absent are looked for: what is served by no definition comes untold. */
static const int64_t told_delay_ms = 60000;
static const int64_t untold_delay_ms = 5000;

static struct object_ref ref_of(const struct apiserver_feed *feed, const char *name_space, const char *name)
{
    struct object_ref ref = feed->kind.ref;

    ref.name_space = name_space;
    ref.name = name;
    return ref;
}

static int begin(void *payload, struct error *error)
{
    struct apiserver_feed *feed = payload;

    if (!feed->listed)
        return 0;
    map_free(feed->seen);
    feed->seen = map_new(NULL);
    return feed->seen ? 0 : error_no_memory(error);
}

static int note_seen(struct apiserver_feed *feed, const char *key, struct error *error)
{
    return !feed->seen || map_set(feed->seen, key, feed) ? 0 : error_no_memory(error);
}

/* Items of a list come without apiVersion and kind where the server has them by heart. */
static bool complete(json_t *object, const struct object_ref *ref)
{
    char version[SUBDOMAIN_MAX + LABEL_MAX + 2];

    (void)snprintf(version, sizeof version, "%s%s%s", ref->group, ref->group[0] ? "/" : "", ref->version);
    if (!json_member(object, "apiVersion") &&
        json_object_set_new(object, "apiVersion", json_string(version)) != 0)
        return false;
    return json_member(object, "kind") || json_object_set_new(object, "kind", json_string(ref->kind)) == 0;
}

static json_t *parse_status(const struct scan_object *object)
{
    return object->status ? json_parse(object->status, object->status_size, NULL) : NULL;
}

/* Where a status is a part of the Api, each one that is written is a new generation, which it names itself.
 */
static bool is_own_generation(const struct apiserver *server, const json_t *status, int64_t generation)
{
    return server->whole && json_integer_value(json_member(status, "observedGeneration")) == generation;
}

/* What changes with the user only; of an Api that cannot be read, why it cannot. */
static struct imprint mark_of(const json_t *tree, const char *problem, uint64_t seed)
{
    struct imprint mark = known_object(tree, seed);
    json_t *text = problem ? json_string(problem) : NULL;

    if (text)
        imprint_add(&mark, "problem", text, seed);
    json_decref(text);
    return mark;
}

/* Whether what is told of an object, or in a list that lacks it, is from before a write of ours. */
static bool is_outdated(const struct apiserver_feed *feed, const struct object_ref *ref, const char *version)
{
    const struct apiserver *server = feed->server;
    char place[ECHO_PLACE_SIZE];

    echo_place(place, ref);
    return echoes_outdated(server->echoes, place, version ? version : "", server->options.now->ms);
}

/* An Api: only what the user changed is news. */
static int put_api(struct apiserver_feed *feed, const char *key, const struct scan_object *object,
                   const struct event *event, struct error *error)
{
    struct apiserver *server = feed->server;
    const struct apiserver_listener *listener = &server->options.listener;
    struct imprint mark = mark_of(event->object, event->problem, server->options.seed);
    struct known *known = knowns_put(server->knowns, key, object->uid ? object->uid : "",
                                     object->resource_version ? object->resource_version : "");
    json_t *status;
    bool news;

    if (!known)
        return error_no_memory(error);
    status = parse_status(object);
    news = !imprint_equal(known->object, mark) || (known->generation != object->generation &&
                                                   !is_own_generation(server, status, object->generation));
    known->object = mark;
    /* A status that somebody else wrote is put right. */
    if (status || object->status == NULL) {
        struct imprint had = known->status;
        known_note_status(known, status, server->options.seed);
        news = news || !imprint_equal(had, known->status);
    }
    json_decref(status);
    known_set_generation(known, object->generation, news);
    return news ? listener->put(event, listener->payload, error) : 0;
}

static int put_other(struct apiserver_feed *feed, const struct scan_object *object, json_t *tree,
                     struct error *error)
{
    const struct apiserver_listener *listener = &feed->server->options.listener;
    const struct observation seen = {.ref = ref_of(feed, object->name_space, object->name),
                                     .object = tree,
                                     .uid = object->uid ? object->uid : "",
                                     .version = object->resource_version ? object->resource_version : ""};
    const struct event event = {.object = tree, .item = -1};

    if (feed->kind.owned)
        return listener->observe(&seen, listener->payload, error);
    return listener->put(&event, listener->payload, error);
}

/* What could be made out of an Api that cannot be read; NULL if memory is short. */
static json_t *remains_of(const struct scan_object *object)
{
    json_t *tree =
        json_pack("{s:s, s:s, s:{s:s, s:s, s:s*, s:s*, s:s*}}", "apiVersion", API_GROUP "/" API_VERSION,
                  "kind", API_KIND, "metadata", "name", object->name, "namespace", object->name_space, "uid",
                  object->uid, "resourceVersion", object->resource_version, "deletionTimestamp",
                  object->deleting ? "1970-01-01T00:00:00Z" : NULL);

    if (object->generation > 0 && json_object_set_new(json_member(tree, "metadata"), "generation",
                                                      json_integer((json_int_t)object->generation)) != 0) {
        json_decref(tree);
        return NULL;
    }
    return tree;
}

/* Its status tells why, and what it had stays. */
static int put_broken_api(struct apiserver_feed *feed, const char *key, const struct scan_object *object,
                          const char *problem, struct error *error)
{
    json_t *tree = remains_of(object);
    const struct event event = {.object = tree, .item = -1, .problem = problem ? problem : "cannot be read"};
    int result = tree ? put_api(feed, key, object, &event, error) : error_no_memory(error);

    json_decref(tree);
    return result;
}

/* What cannot be read holds back its own key only. */
static int put_broken(struct apiserver_feed *feed, const struct scan_object *object, const char *problem,
                      struct error *error)
{
    const struct apiserver *server = feed->server;
    const struct apiserver_listener *listener = &server->options.listener;
    const struct observation seen = {.ref = ref_of(feed, object->name_space, object->name),
                                     .problem = problem ? problem : "cannot be read",
                                     .uid = object->uid ? object->uid : "",
                                     .version = object->resource_version ? object->resource_version : ""};

    log_write(server->options.log, LOG_LEVEL_ERROR, "object not used", "cluster", server->options.cluster,
              "kind", feed->kind.ref.kind, "namespace", object->name_space, "name", object->name, "error",
              seen.problem, (char *)NULL);
    return feed->kind.owned ? listener->observe(&seen, listener->payload, error) : 0;
}

static int put(const struct scan_object *object, const char *problem, void *payload, struct error *error)
{
    struct apiserver_feed *feed = payload;
    const struct apiserver_listener *listener = &feed->server->options.listener;
    struct event event = {.item = -1};
    char key[KEY_SIZE];
    struct object_ref ref;
    json_t *tree;
    int result;

    if (!name_is_label(object->name_space) || !name_is_segment(object->name))
        return 0;
    key_format(key, object->name_space, object->name);
    if (note_seen(feed, key, error) != 0)
        return ERROR_NO_MEMORY;
    ref = ref_of(feed, object->name_space, object->name);
    if (is_outdated(feed, &ref, object->resource_version))
        return 0;
    if (feed->kind.owned && object->uid && object->resource_version &&
        listener->knows(&ref, object->uid, object->resource_version, listener->payload))
        return 0;
    tree = object->text ? json_parse(object->text, object->size, NULL) : NULL;
    if (!tree || !complete(tree, &feed->kind.ref)) {
        json_decref(tree);
        return feed->apis ? put_broken_api(feed, key, object, problem, error)
                          : put_broken(feed, object, problem, error);
    }
    event.object = tree;
    result = feed->apis ? put_api(feed, key, object, &event, error) : put_other(feed, object, tree, error);
    json_decref(tree);
    return result;
}

static int gone(const struct scan_object *object, void *payload, struct error *error)
{
    struct apiserver_feed *feed = payload;
    const struct apiserver_listener *listener = &feed->server->options.listener;
    const struct observation nothing = {.ref = ref_of(feed, object->name_space, object->name),
                                        .uid = object->uid ? object->uid : "",
                                        .version = object->resource_version ? object->resource_version : ""};
    char key[KEY_SIZE];

    if (is_outdated(feed, &nothing.ref, object->resource_version))
        return 0;
    if (feed->kind.owned)
        return listener->observe(&nothing, listener->payload, error);
    if (feed->apis) {
        key_format(key, object->name_space, object->name);
        (void)knowns_remove(feed->server->knowns, key);
    }
    return listener->gone(&nothing.ref, listener->payload, error);
}

static bool was_seen(const char *name_space, const char *name, void *payload)
{
    const struct apiserver_feed *feed = payload;
    const struct object_ref ref = ref_of(feed, name_space, name);
    char key[KEY_SIZE];

    key_format(key, name_space, name);
    return map_get(feed->seen, key) || is_outdated(feed, &ref, feed->version);
}

static int end(const char *version, void *payload, struct error *error)
{
    struct apiserver_feed *feed = payload;
    const struct apiserver_listener *listener = &feed->server->options.listener;
    int result = 0;

    feed->version = version;
    if (feed->seen && follow_state(feed->follow) == FOLLOW_CURRENT)
        result = listener->sweep(&feed->kind.ref, was_seen, feed, listener->payload, error);
    map_free(feed->seen);
    feed->seen = NULL;
    feed->listed = true;
    if (feed->apis)
        apiserver_learn_status(feed->server);
    return result;
}

/* Tells how a kind is, and whether the server is there again. @return 0 or what a listener returned. */
static int tell(struct apiserver_feed *feed, const char *why)
{
    const struct apiserver_listener *listener = &feed->server->options.listener;
    bool recovered = feed->troubled && !why[0];
    int result = 0;

    feed->troubled = why[0];
    if (feed->kind.owned || feed->kind.related)
        result = listener->kind(&feed->kind.ref, follow_state(feed->follow), why, listener->payload,
                                &feed->server->failure);
    if (result == 0 && recovered)
        result = listener->recovered(listener->payload, &feed->server->failure);
    return result;
}

static void changed(void *payload)
{
    struct apiserver_feed *feed = payload;
    struct apiserver *server = feed->server;
    const char *why = follow_why(feed->follow);

    if (tell(feed, why) != 0)
        log_write(server->options.log, LOG_LEVEL_ERROR, "state of a kind not taken", "cluster",
                  server->options.cluster, "error", server->failure.message, (char *)NULL);
    if (why[0])
        log_write(server->options.log, LOG_LEVEL_WARNING, "kind not current", "cluster",
                  server->options.cluster, "kind", feed->kind.ref.kind, "error", why, (char *)NULL);
}

static bool granted(void *payload)
{
    const struct apiserver_feed *feed = payload;
    const struct apiserver *server = feed->server;

    for (size_t i = 0; i < server->feeds_count; i++)
        if (follow_granted(server->feeds[i].follow))
            return true;
    return false;
}

static int add_feed(struct apiserver *server, const struct apiserver_kind *kind, bool apis,
                    const char *name_space, struct error *error)
{
    struct apiserver_feed *feed = &server->feeds[server->feeds_count];
    struct follow_options options = {.connection = server->options.connection,
                                     .log = server->options.log,
                                     .split_status = true,
                                     .seed = server->options.seed + server->feeds_count,
                                     .now = server->options.now,
                                     .begin = begin,
                                     .put = put,
                                     .gone = gone,
                                     .end = end,
                                     .changed = changed,
                                     .granted = granted,
                                     .payload = feed};

    *feed = (struct apiserver_feed){.server = server, .kind = *kind, .apis = apis};
    feed->kind.ref.name_space = name_space;
    options.ref = feed->kind.ref;
    options.label_selector = apis ? server->options.label_selector : NULL;
    if (follow_new(&options, &feed->follow, error) != 0)
        return ERROR_NO_MEMORY;
    server->feeds_count++;
    return 0;
}

static int add_feeds(struct apiserver *server, struct error *error)
{
    const struct apiserver_options *options = &server->options;
    const char *const *namespaces = options->namespaces;
    size_t count = 0;
    int result = 0;

    while (namespaces && namespaces[count])
        count++;
    server->feeds = calloc(options->kinds_count + (count > 0 ? count : 1), sizeof *server->feeds);
    if (!server->feeds)
        return error_no_memory(error);
    for (size_t i = 0; i < count && result == 0; i++)
        result = add_feed(server, &api_kind, true, namespaces[i], error);
    if (count == 0)
        result = add_feed(server, &api_kind, true, NULL, error);
    for (size_t i = 0; i < options->kinds_count && result == 0; i++)
        result = add_feed(server, &options->kinds[i], false, NULL, error);
    return result;
}

int apiserver_new(const struct apiserver_options *options, struct apiserver **out, struct error *error)
{
    struct apiserver *server = calloc(1, sizeof *server);

    if (!server)
        return error_no_memory(error);
    server->options = *options;
    server->sink = (struct sink){.apply = apiserver_apply,
                                 .report = apiserver_report,
                                 .look_up = apiserver_look_up,
                                 .ask_manager = apiserver_ask_manager};
    server->knowns = knowns_new();
    server->echoes = echoes_new();
    if (!server->knowns || !server->echoes || add_feeds(server, error) != 0) {
        apiserver_free(server);
        return error_no_memory(error);
    }
    *out = server;
    return 0;
}

void apiserver_free(struct apiserver *server)
{
    if (!server)
        return;
    apiserver_drop_writes(server);
    apiserver_drop_questions(server);
    for (size_t i = 0; i < server->feeds_count; i++) {
        follow_free(server->feeds[i].follow);
        map_free(server->feeds[i].seen);
    }
    free(server->feeds);
    knowns_free(server->knowns);
    echoes_free(server->echoes);
    free(server);
}

struct sink *apiserver_sink(struct apiserver *server)
{
    return &server->sink;
}

void apiserver_tick(struct apiserver *server)
{
    echoes_tick(server->echoes, server->options.now->ms);
    for (size_t i = 0; i < server->feeds_count; i++)
        follow_tick(server->feeds[i].follow);
}

int64_t apiserver_due_ms(const struct apiserver *server)
{
    int64_t due = echoes_due_ms(server->echoes);

    for (size_t i = 0; i < server->feeds_count; i++) {
        int64_t next = follow_due_ms(server->feeds[i].follow);
        due = next < due ? next : due;
    }
    return due;
}

bool apiserver_observed(const struct apiserver *server)
{
    for (size_t i = 0; i < server->feeds_count; i++) {
        if (follow_state(server->feeds[i].follow) == FOLLOW_UNKNOWN)
            return false;
    }
    return true;
}

bool apiserver_absent(const struct apiserver *server)
{
    for (size_t i = 0; i < server->feeds_count; i++) {
        if (server->feeds[i].kind.owned && follow_state(server->feeds[i].follow) == FOLLOW_ABSENT)
            return true;
    }
    return false;
}

bool apiserver_take_definition(struct apiserver *server, const char *plural, const char *group, bool gone)
{
    bool comes = false;

    for (size_t i = 0; i < server->feeds_count; i++) {
        const struct apiserver_feed *feed = &server->feeds[i];
        if (strcmp(feed->kind.ref.plural, plural) != 0 || strcmp(feed->kind.ref.group, group) != 0)
            continue;
        follow_look_again(feed->follow, gone);
        comes = comes || (!gone && follow_state(feed->follow) == FOLLOW_ABSENT);
    }
    return comes;
}

void apiserver_set_told(struct apiserver *server, bool told)
{
    for (size_t i = 0; i < server->feeds_count; i++)
        follow_set_absent_delay(server->feeds[i].follow, told ? told_delay_ms : untold_delay_ms);
}

bool apiserver_complete(const struct apiserver *server)
{
    for (size_t i = 0; i < server->feeds_count; i++) {
        const struct apiserver_feed *feed = &server->feeds[i];
        if (feed->apis && (follow_state(feed->follow) != FOLLOW_CURRENT || !feed->listed))
            return false;
    }
    return true;
}

const char *apiserver_trouble(const struct apiserver *server)
{
    struct apiserver *own = (struct apiserver *)(uintptr_t)server;

    for (size_t i = 0; i < server->feeds_count; i++) {
        const struct apiserver_feed *feed = &server->feeds[i];
        const char *why = follow_why(feed->follow);
        bool needed = feed->apis || follow_state(feed->follow) == FOLLOW_UNKNOWN ||
                      follow_state(feed->follow) == FOLLOW_CURRENT;
        if (!needed || (!why[0] && follow_state(feed->follow) == FOLLOW_CURRENT))
            continue;
        (void)snprintf(own->trouble, sizeof own->trouble, "%s: %s", feed->kind.ref.kind,
                       why[0] ? why : "was not listed yet");
        return own->trouble;
    }
    return NULL;
}
