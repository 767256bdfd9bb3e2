/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/controller.h"

#include "object/key.h"
#include "reconcile/controller_state.h"
#include "reconcile/render.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct queue_backoff usual_backoff = {.first_ms = 250, .most_ms = 300000};

static bool make_parts(struct controller *controller)
{
    struct queue_backoff backoff = controller->options.backoff;
    uint64_t seed = controller->options.seed;

    if (backoff.first_ms == 0)
        backoff = usual_backoff;
    if (backoff.seed == 0)
        backoff.seed = seed;
    leaves_init(&controller->leaves);
    controller->ledger = ledger_new();
    controller->observed = observed_new(controller->options.settings, seed);
    controller->store = store_new(controller->options.texts);
    controller->queue = queue_new(&backoff);
    controller->jobs = map_new(NULL);
    controller->orphans = map_new(NULL);
    controller->troubles = map_new(free);
    return lookups_init(&controller->lookups, seed) && controller->ledger && controller->observed &&
           controller->store && controller->queue && controller->jobs && controller->orphans &&
           controller->troubles;
}

/* Kinds and indexes of all backends, the disabled ones too. */
static int declare(struct controller *controller)
{
    const struct registry *registry = controller->options.registry;

    controller->apis = store_add_kind(controller->store, API_GROUP, API_KIND);
    if (controller->apis < 0)
        return controller->apis;
    for (size_t i = 0; i < registry->count; i++) {
        const struct apigw_plugin *plugin = &registry->backends[i]->plugin->descriptor;
        int result = render_declare(controller->store, plugin);
        for (uint32_t j = 0; j < plugin->kinds_count && result >= 0; j++)
            result = observed_add_kind(controller->observed, &plugin->kinds[j]);
        if (result < 0)
            return result;
    }
    return 0;
}

int controller_new(const struct controller_options *options, struct controller **out, struct error *error)
{
    struct controller *controller = calloc(1, sizeof *controller);
    int result = ERROR_NO_MEMORY;

    if (!controller)
        return error_no_memory(error);
    controller->options = *options;
    if (make_parts(controller))
        result = declare(controller);
    if (result != 0) {
        controller_free(controller);
        return error_set(error, result, "%s",
                         result == ERROR_NO_MEMORY ? "not enough memory" : "the indexes cannot be made");
    }
    controller->context = (struct stock_context){.settings = options->settings,
                                                 .registry = options->registry,
                                                 .store = controller->store,
                                                 .observed = controller->observed,
                                                 .ledger = controller->ledger,
                                                 .own_routes = options->own_routes,
                                                 .tells_all = options->tells_all,
                                                 .troubles = controller->troubles};
    *out = controller;
    return 0;
}

static bool free_job(const char *key, void *value, void *payload)
{
    (void)key;
    (void)payload;
    job_free(value);
    return true;
}

void controller_free(struct controller *controller)
{
    if (!controller)
        return;
    if (controller->jobs)
        map_each(controller->jobs, free_job, NULL);
    map_free(controller->jobs);
    map_free(controller->orphans);
    map_free(controller->troubles);
    lookups_release(&controller->lookups);
    leaves_release(&controller->leaves);
    queue_free(controller->queue);
    store_free(controller->store);
    observed_free(controller->observed);
    ledger_free(controller->ledger);
    free(controller);
}

/* Those that only seemed to be gone may be so now. */
static int wake_absent(struct controller *controller, struct error *error)
{
    struct entry **entries = ledger_sorted(controller->ledger);
    int result = entries ? 0 : error_no_memory(error);

    for (size_t i = 0; result == 0 && entries[i]; i++) {
        if (!entries[i]->present)
            result = wake_key(controller, entries[i]->key, error);
    }
    free(entries);
    return result;
}

int controller_set_complete(struct controller *controller, bool complete, struct error *error)
{
    bool news = complete && !controller->complete;

    controller->complete = complete;
    controller->listed = true;
    return news ? wake_absent(controller, error) : 0;
}

void controller_set_observed(struct controller *controller, bool observed)
{
    controller->observed_all = observed;
}

int controller_recovered(struct controller *controller, struct moment now, struct error *error)
{
    controller->now_ms = now.ms;
    queue_hurry(controller->queue, now.ms, 0);
    return lookup_renew(controller, error);
}

int controller_answer(struct controller *controller, const char *key, const struct sink_answer *answer,
                      struct moment now, struct error *error)
{
    return job_answer(controller, key, answer, now, error);
}

int controller_failed(const char *key, const struct error *why, void *payload, struct error *error)
{
    struct controller *controller = payload;
    struct entry *entry = ledger_add(controller->ledger, key);
    int64_t due;

    if (!entry)
        return error_no_memory(error);
    log_write(controller->options.log, LOG_LEVEL_WARNING, "write not done", "cluster",
              controller->options.cluster, "api", key, "error", why->message, (char *)NULL);
    if (!entry_need_rare(entry) || !setback_note(&entry->rare->setback, entry->stepped ? why->message : NULL,
                                                 why->code == ERROR_CONFLICT, controller->now_ms))
        return error_no_memory(error);
    if (!entry->unreported)
        controller->unreported++;
    entry->unreported = true;
    /* It may have been the removal of the status that was not done. */
    entry->has_status = true;
    /* What a step came to is told at once; a status that could not be is tried again later. */
    due = controller->now_ms + (entry->stepped ? 0 : setback_wait(entry->rare->setback));
    return queue_add(controller->queue, key, due) ? 0 : error_no_memory(error);
}

int controller_committed(struct controller *controller, struct error *error)
{
    return wake_leaves(controller, error);
}

static struct controller_view view_of(const struct entry *entry, char name_space[KEY_SIZE])
{
    const char *host = entry->valid ? entry_asks(entry, ENTRY_HOST) : entry_shown(entry, ENTRY_HOST);
    const char *service =
        entry->valid ? strchr(entry_asks(entry, ENTRY_SERVICE), '/') + 1 : entry_shown(entry, ENTRY_SERVICE);
    const char *message = entry_message(entry);
    const char *name;

    (void)snprintf(name_space, KEY_SIZE, "%s", entry->key);
    name = key_cut(name_space);
    return (struct controller_view){.name_space = name_space,
                                    .name = name,
                                    .host = host ? host : "",
                                    .service = service ? service : "",
                                    .port = entry->port,
                                    .authentication = entry->authentication,
                                    .secured = entry->secured,
                                    .served = entry->served,
                                    .ready = entry->ready,
                                    .reason = entry->reason,
                                    .message = message ? message : ""};
}

int controller_each(const struct controller *controller,
                    bool (*visit)(const struct controller_view *view, void *payload), void *payload)
{
    struct entry **entries = ledger_sorted(controller->ledger);
    char name_space[KEY_SIZE];

    if (!entries)
        return ERROR_NO_MEMORY;
    for (size_t i = 0; entries[i]; i++) {
        struct controller_view view;
        if (!entries[i]->present || entries[i]->leaving)
            continue;
        view = view_of(entries[i], name_space);
        if (!visit(&view, payload))
            break;
    }
    free(entries);
    return 0;
}

/* A visitor of places. */
struct places {
    const struct observed_table *observed;
    void (*visit)(const struct object_ref *ref, void *payload);
    void *payload;
};

static void visit_place(const struct observed *object, void *payload)
{
    const struct places *places = payload;
    const struct apigw_kind *kind = observed_descriptor(places->observed, object->kind);
    const struct object_ref ref = {.group = kind->group,
                                   .kind = kind->kind,
                                   .plural = kind->plural,
                                   .name_space = observed_namespace(object),
                                   .name = observed_own_name(object)};

    if (!object->beside)
        places->visit(&ref, places->payload);
}

void controller_each_place(const struct controller *controller,
                           void (*visit)(const struct object_ref *ref, void *payload), void *payload)
{
    struct places places = {controller->observed, visit, payload};

    observed_each(controller->observed, visit_place, &places);
}

size_t controller_kept(const struct controller *controller)
{
    return ledger_count_absent(controller->ledger);
}

size_t controller_writes(const struct controller *controller)
{
    return controller->writes;
}

size_t controller_unreported(const struct controller *controller)
{
    return controller->unreported;
}

size_t controller_memory(const struct controller *controller)
{
    return ledger_memory(controller->ledger) + observed_memory(controller->observed) +
           store_memory(controller->store) + lookups_memory(&controller->lookups);
}
