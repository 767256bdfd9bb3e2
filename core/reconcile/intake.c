/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/controller_state.h"

#include "base/json.h"
#include "base/problem_log.h"
#include "object/condition.h"
#include "object/key.h"
#include "object/owner.h"
#include "object/place.h"
#include "reconcile/effective.h"
#include "reconcile/validate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "PATH: SENTENCE" of the first error. */
static char *first_error(const struct problems *problems)
{
    char *text = NULL;

    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->list[i];
        if (problem->severity != PROBLEM_ERROR)
            continue;
        if (asprintf(&text, "%s%s%s", problem->path, problem->path[0] ? ": " : "", problem->message) < 0)
            text = NULL;
        return text;
    }
    return strdup("is not valid");
}

static void forget_shown(struct entry *entry)
{
    entry_show(entry, ENTRY_HOST, NULL);
    entry_show(entry, ENTRY_SERVICE, NULL);
}

/* Nothing that happened before counts for what the user wants now. */
static void forgive(struct entry *entry)
{
    if (!entry->rare)
        return;
    quarrel_break_off(&entry->rare->quarrel);
    setback_forgive(entry->rare->setback);
}

/* What a valid Api asks for. */
static int ask(struct controller *controller, const json_t *api, struct entry *entry, struct error *error)
{
    struct effective effective = {0};
    char service[PLACE_SERVICE_SIZE];
    const char *texts[ENTRY_CLAIMS];
    int result = effective_make(api, controller->options.settings, &effective, error);

    if (result != 0)
        return result;
    (void)snprintf(service, sizeof service, "%s/%s", effective.api.api_namespace, effective.api.service);
    texts[ENTRY_HOST] = effective.api.host;
    texts[ENTRY_SERVICE] = service;
    if (!ledger_ask(controller->ledger, entry, texts))
        result = error_no_memory(error);
    forget_shown(entry);
    entry->port = (uint16_t)effective.api.port;
    entry->authentication = effective.api.flags & APIGW_AUTHENTICATION;
    entry->valid = result == 0;
    effective_release(&effective);
    return result;
}

static uint16_t shown_port(json_int_t port)
{
    return port > 0 && port <= UINT16_MAX ? (uint16_t)port : 0;
}

/* For whoever looks at a list of Apis; nothing is decided by it, so that memory may be short. */
static void show(const json_t *api, const struct settings *settings, struct entry *entry)
{
    const char *hostname = json_text_at(api, "spec.hostname");
    const char *service = json_text_at(api, "spec.service.name");
    const json_t *port = json_at(api, "spec.service.port");
    struct arena arena = {0};
    const char *host = NULL;

    forget_shown(entry);
    entry->port = 0;
    if (hostname && effective_host(hostname, settings, &arena, &host) == HOST_OK)
        entry_show(entry, ENTRY_HOST, host);
    if (service && name_is_label(service) && json_is_integer(port)) {
        entry_show(entry, ENTRY_SERVICE, service);
        entry->port = shown_port(json_integer_value(port));
    }
    arena_release(&arena);
}

static int refuse(struct controller *controller, const json_t *api, struct entry *entry,
                  const struct problems *problems, struct error *error)
{
    char *message = first_error(problems);

    if (!message || !entry_set_message(entry, message)) {
        free(message);
        return error_no_memory(error);
    }
    entry->reason = REASON_INVALID;
    entry->valid = false;
    show(api, controller->options.settings, entry);
    /* Of one that cannot be read: nothing is done for it either way. */
    entry->authentication = effective_authentication(json_member(api, "spec"));
    (void)ledger_ask(controller->ledger, entry, NULL);
    return 0;
}

static bool note_metadata(const json_t *api, struct entry *entry)
{
    const char *uid = json_text_at(api, "metadata.uid");
    int64_t created = condition_parse_time(json_text_at(api, "metadata.creationTimestamp"));
    const json_t *leaving = json_at(api, "metadata.deletionTimestamp");

    if (!entry_set_uid(entry, uid))
        return false;
    entry->created = created >= 0 ? created : INT64_MAX;
    entry->leaving = leaving && !json_is_null(leaving);
    entry->present = true;
    entry->seen = true;
    return true;
}

/* Validates an Api and notes what it asks for, and wakes whom that concerns. */
static int judge(struct controller *controller, const struct event *event, struct entry *entry,
                 struct error *error)
{
    struct problems problems = {0};
    int result;

    /* Whoever waits for what it asked for so far may get it. */
    if (!note_metadata(event->object, entry) || wake_asked(controller, entry, error) != 0)
        return error_no_memory(error);
    entry->state = ENTRY_UNKNOWN;
    entry->edition++;
    lookup_spoil(controller, entry);
    forgive(entry);
    entry->unread = event->problem;
    if (event->problem)
        problems_add(&problems, PROBLEM_ERROR, NULL, "%s", event->problem);
    else
        validate_api(event->object, controller->options.settings, &problems);
    if (problems.count > 0 && controller->options.locate)
        controller->options.locate(event, &problems, controller->options.payload);
    problems_log(&problems, controller->options.log, controller->options.cluster, entry->key);
    if (problems.errors > 0)
        result = refuse(controller, event->object, entry, &problems, error);
    else
        result = ask(controller, event->object, entry, error);
    problems_release(&problems);
    if (result == 0)
        result = wake_asked(controller, entry, error);
    return result == 0 ? wake_key(controller, entry->key, error) : result;
}

static int put_api(struct controller *controller, const struct event *event, struct error *error)
{
    char key[KEY_SIZE];
    struct entry *entry;

    key_format(key, object_namespace(event->object), object_name(event->object));
    entry = ledger_add(controller->ledger, key);
    if (!entry || store_put(controller->store, controller->apis, event) != 0)
        return error_no_memory(error);
    return judge(controller, event, entry, error);
}

static int put_fact(struct controller *controller, const struct observed_fact *fact, bool expected,
                    struct error *error)
{
    const struct observed *object =
        observed_get(controller->observed, fact->kind, fact->side, fact->name_space, fact->name);
    bool exists = fact->object || fact->problem;

    if (!object && !exists)
        return 0;
    if (object && wake_observed(controller, object, expected, error) != 0)
        return ERROR_NO_MEMORY;
    if (exists && observed_put(controller->observed, fact) != 0)
        return error_no_memory(error);
    if (!exists)
        (void)observed_remove(controller->observed, fact->kind, fact->side, fact->name_space, fact->name);
    object = observed_get(controller->observed, fact->kind, fact->side, fact->name_space, fact->name);
    if (object && wake_observed(controller, object, expected, error) != 0)
        return ERROR_NO_MEMORY;
    /* An output of ours at the place of an object of input: from now on that stands in its way, or no longer.
     */
    if (fact->side == OBSERVED_SOURCE) {
        object = observed_get(controller->observed, fact->kind, OBSERVED_SINK, fact->name_space, fact->name);
        if (object && wake_observed(controller, object, false, error) != 0)
            return ERROR_NO_MEMORY;
    }
    return wake_place(controller, fact->kind, fact->name_space, fact->name, error);
}

static int drop_related(struct controller *controller, int kind, const char *name_space, const char *name,
                        struct error *error)
{
    const struct store_object *old = store_get(controller->store, kind, name_space, name);
    json_t *tree = old ? store_parse(controller->store, old) : NULL;
    int result = 0;

    if (old && !tree)
        return error_no_memory(error);
    if (tree)
        result = wake_related(controller, kind, tree, error);
    json_decref(tree);
    (void)store_remove(controller->store, kind, name_space, name);
    return result;
}

static int put_related(struct controller *controller, int kind, const struct event *event,
                       struct error *error)
{
    int result =
        drop_related(controller, kind, object_namespace(event->object), object_name(event->object), error);

    if (result == 0 && store_put(controller->store, kind, event) != 0)
        return error_no_memory(error);
    return result == 0 ? wake_related(controller, kind, event->object, error) : result;
}

int controller_put(const struct event *event, void *payload, struct error *error)
{
    struct controller *controller = payload;
    const char *kind = json_string_value(json_member(event->object, "kind"));
    char group[SUBDOMAIN_MAX + 1];
    struct observed_fact fact = {.side = OBSERVED_SOURCE, .object = event->object, .uid = "", .version = ""};
    int related;
    int result = 0;

    if (!kind || !object_group(event->object, group) || !object_name(event->object))
        return 0;
    if (strcmp(group, API_GROUP) == 0 && strcmp(kind, API_KIND) == 0)
        return put_api(controller, event, error);
    fact.name_space = object_namespace(event->object);
    fact.name = object_name(event->object);
    fact.kind = observed_kind(controller->observed, group, kind, NULL);
    if (fact.kind >= 0)
        result = put_fact(controller, &fact, false, error);
    related = store_kind(controller->store, group, kind);
    return result == 0 && related >= 0 ? put_related(controller, related, event, error) : result;
}

static int drop_api(struct controller *controller, const struct object_ref *ref, struct error *error)
{
    char key[KEY_SIZE];
    struct entry *entry;

    key_format(key, ref->name_space, ref->name);
    entry = ledger_get(controller->ledger, key);
    (void)store_remove(controller->store, controller->apis, ref->name_space, ref->name);
    if (!entry)
        return 0;
    if (wake_asked(controller, entry, error) != 0)
        return ERROR_NO_MEMORY;
    entry->present = false;
    forgive(entry);
    entry->valid = false;
    entry->state = ENTRY_UNKNOWN;
    entry->edition++;
    lookup_spoil(controller, entry);
    (void)ledger_ask(controller->ledger, entry, NULL);
    return wake_key(controller, key, error);
}

int controller_gone(const struct object_ref *ref, void *payload, struct error *error)
{
    struct controller *controller = payload;
    struct observed_fact fact = {.side = OBSERVED_SOURCE, .name_space = ref->name_space, .name = ref->name};
    int related;
    int result = 0;

    if (strcmp(ref->group, API_GROUP) == 0 && strcmp(ref->kind, API_KIND) == 0)
        return drop_api(controller, ref, error);
    fact.kind = observed_kind(controller->observed, ref->group, ref->kind, NULL);
    if (fact.kind >= 0)
        result = put_fact(controller, &fact, false, error);
    related = store_kind(controller->store, ref->group, ref->kind);
    if (result == 0 && related >= 0)
        result = drop_related(controller, related, ref->name_space, ref->name, error);
    return result;
}

/* Outputs of ours that no backend of the config owns any more stay, and somebody has to know. */
static int tell_orphan(struct controller *controller, const struct observation *observation,
                       struct error *error)
{
    const struct object_ref *ref = &observation->ref;
    char kind[KIND_SIZE];

    if (!observation->object || !owner_of(observation->object, controller->options.settings).ours)
        return 0;
    kind_format(kind, ref->plural ? ref->plural : ref->kind, ref->group);
    if (map_get(controller->orphans, kind))
        return 0;
    log_write(
        controller->options.log, LOG_LEVEL_WARNING, "outputs without a backend", "cluster",
        controller->options.cluster, "kind", kind, "error",
        "no backend of the config owns this kind any more, so that its outputs are left as they are; name "
        "the backend with enabled: false to have them removed",
        (char *)NULL);
    return map_set(controller->orphans, kind, controller) ? 0 : error_no_memory(error);
}

/* What is not ours may be asked for by backends. */
static int observe_related(struct controller *controller, const struct observation *observation,
                           struct error *error)
{
    const struct object_ref *ref = &observation->ref;
    const struct event event = {.object = observation->object, .item = -1};
    int kind = ref->kind ? store_kind(controller->store, ref->group, ref->kind) : ERROR_NOT_FOUND;

    if (kind < 0)
        return 0;
    if (observation->object && !owner_of(observation->object, controller->options.settings).ours)
        return put_related(controller, kind, &event, error);
    return drop_related(controller, kind, ref->name_space, ref->name, error);
}

static struct observed_fact fact_of(const struct controller *controller,
                                    const struct observation *observation)
{
    return (struct observed_fact){.kind = observed_kind(controller->observed, observation->ref.group,
                                                        observation->ref.kind, observation->ref.plural),
                                  .side = OBSERVED_SINK,
                                  .name_space = observation->ref.name_space,
                                  .name = observation->ref.name,
                                  .object = observation->object,
                                  .problem = observation->problem,
                                  .uid = observation->uid,
                                  .version = observation->version};
}

void *controller_prepare(const struct observation *observation, const void *payload)
{
    const struct controller *controller = payload;
    const struct observed_fact fact = fact_of(controller, observation);

    return fact.kind >= 0 ? observed_make(controller->observed, &fact) : NULL;
}

void controller_discard(void *prepared)
{
    observed_discard(prepared);
}

int controller_observe(const struct observation *observation, void *payload, struct error *error)
{
    struct controller *controller = payload;
    struct observation whole = *observation;
    const struct observed *known;
    struct observed_fact fact = fact_of(controller, observation);
    struct observed *made = observation->prepared ? *observation->prepared : NULL;
    struct touch touch;
    bool expected;
    int result;

    if (fact.kind < 0)
        return tell_orphan(controller, observation, error);
    whole.ref.kind = observed_descriptor(controller->observed, fact.kind)->kind;
    known = observed_get(controller->observed, fact.kind, OBSERVED_SINK, fact.name_space, fact.name);
    /* Our own write comes back. */
    if (known && fact.object && !known->broken && fact.version[0] &&
        strcmp(observed_version(known), fact.version) == 0 && observed_uid_is(known, fact.uid))
        return 0;
    if (!made && fact.object)
        made = observed_make(controller->observed, &fact);
    if (!made && fact.object)
        return error_no_memory(error);
    fact.made = &made;
    expected = job_meet(controller, &fact);
    result = touch_begin(controller, known, &touch, error);
    if (result == 0)
        result = put_fact(controller, &fact, expected, error);
    if (observation->prepared)
        *observation->prepared = made;
    else
        observed_discard(made);
    if (result == 0)
        result = touch_end(controller, &touch, &whole.ref, fact.kind, error);
    free(touch.extra);
    return result == 0 ? observe_related(controller, &whole, error) : result;
}

int controller_observe_status(const char *name_space, const char *name, void *payload, struct error *error)
{
    struct controller *controller = payload;
    char key[KEY_SIZE];
    struct entry *entry;

    key_format(key, name_space, name);
    entry = ledger_add(controller->ledger, key);
    if (!entry)
        return error_no_memory(error);
    entry->has_status = true;
    return wake_key(controller, key, error);
}
