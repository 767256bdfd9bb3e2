/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/controller_state.h"

#include "base/json.h"
#include "object/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int wake_key(struct controller *controller, const char *key, struct error *error)
{
    return queue_add(controller->queue, key, 0) ? 0 : error_no_memory(error);
}

int wake_all(struct controller *controller, struct error *error)
{
    struct entry **entries = ledger_sorted(controller->ledger);
    int result = entries ? 0 : error_no_memory(error);

    for (size_t i = 0; result == 0 && entries[i]; i++)
        result = wake_key(controller, entries[i]->key, error);
    free(entries);
    return result;
}

/* @param refused  those too that are refused for good: what they are told depends on who holds it. */
static int wake_claim(struct controller *controller, const char *claim, const struct entry *except,
                      bool refused, struct error *error)
{
    for (struct entry *entry = ledger_first(controller->ledger, claim, false); entry;
         entry = ledger_next(controller->ledger, entry, claim, false)) {
        if (entry == except || (entry->state == ENTRY_REFUSED && !refused))
            continue;
        if (entry->state == ENTRY_LOST)
            entry->state = ENTRY_UNKNOWN;
        if (wake_key(controller, entry->key, error) != 0)
            return ERROR_NO_MEMORY;
    }
    return 0;
}

/* Wakes everybody else who asks for one of two claims, each NULL if there is none. */
static int wake_claims(struct controller *controller, const char *host, const char *service,
                       const struct entry *except, struct error *error)
{
    if (host && wake_claim(controller, host, except, false, error) != 0)
        return ERROR_NO_MEMORY;
    return service ? wake_claim(controller, service, except, false, error) : 0;
}

int wake_asked(struct controller *controller, const struct entry *entry, struct error *error)
{
    return wake_claims(controller, entry_asks(entry, ENTRY_HOST), entry_asks(entry, ENTRY_SERVICE), entry,
                       error);
}

int wake_taken(struct controller *controller, const struct entry *entry, struct error *error)
{
    return wake_claims(controller, entry_takes(entry, ENTRY_HOST), entry_takes(entry, ENTRY_SERVICE), entry,
                       error);
}

int wake_leaves(struct controller *controller, struct error *error)
{
    const struct leave *leave;

    while ((leave = leaves_first(&controller->leaves))) {
        struct entry *entry = leave->entry;
        if (wake_claim(controller, leave->key, entry, true, error) != 0 ||
            (!entry->present && wake_key(controller, entry->key, error) != 0))
            return ERROR_NO_MEMORY;
        leaves_drop(&controller->leaves);
    }
    return 0;
}

static int wake_askers(struct controller *controller, const char *key, struct error *error)
{
    for (const struct entry_ask *ask = ledger_first_asked(controller->ledger, key); ask;
         ask = ledger_next_asked(controller->ledger, ask)) {
        if (wake_key(controller, ledger_asker(controller->ledger, ask)->key, error) != 0)
            return ERROR_NO_MEMORY;
    }
    return 0;
}

void wake_place_key(char out[WAKE_KEY_SIZE], int kind, const char *name_space, const char *name)
{
    (void)snprintf(out, WAKE_KEY_SIZE, "place %d %.63s/%.253s", kind, name_space, name);
}

int wake_place(struct controller *controller, int kind, const char *name_space, const char *name,
               struct error *error)
{
    char key[WAKE_KEY_SIZE];

    wake_place_key(key, kind, name_space, name);
    return wake_askers(controller, key, error);
}

int wake_names(struct controller *controller, const struct observed *object, const struct entry *except,
               struct error *error)
{
    const struct observed_name *name = NULL;

    while ((name = observed_each_name(object, name))) {
        if (wake_claim(controller, name->key, except, true, error) != 0)
            return ERROR_NO_MEMORY;
    }
    return 0;
}

/* What somebody else has may not be taken any more: plans that are under way count on it. */
static void overtake_askers(struct controller *controller, const struct observed *object)
{
    const struct observed_name *name = NULL;

    while ((name = observed_each_name(object, name))) {
        for (struct entry *entry = ledger_first(controller->ledger, name->key, false); entry;
             entry = ledger_next(controller->ledger, entry, name->key, false))
            entry->edition++;
    }
}

int wake_observed(struct controller *controller, const struct observed *object, bool expected,
                  struct error *error)
{
    struct entry *owner = NULL;
    char key[KEY_SIZE];

    if (object->ours && expected) {
        owner = ledger_get(controller->ledger, observed_api_key(object, key));
    } else if (object->ours) {
        owner = ledger_add(controller->ledger, observed_api_key(object, key));
        if (!owner || wake_key(controller, owner->key, error) != 0)
            return error_no_memory(error);
        /* A plan that is under way counts on it. */
        owner->edition++;
        lookup_spoil(controller, owner);
    } else {
        overtake_askers(controller, object);
    }
    return wake_names(controller, object, owner, error);
}

void wake_service_key(char out[WAKE_KEY_SIZE], const char *service)
{
    (void)snprintf(out, WAKE_KEY_SIZE, "service %s", service);
}

/* Those that publish a Service, and those that asked for one that they do not publish. */
static int wake_service(struct controller *controller, const json_t *object, struct error *error)
{
    char key[WAKE_KEY_SIZE];
    char service[KEY_SIZE];

    key_format(service, object_namespace(object), object_name(object));
    for (const struct entry *entry = ledger_first(controller->ledger, service, false); entry;
         entry = ledger_next(controller->ledger, entry, service, false)) {
        if (wake_key(controller, entry->key, error) != 0)
            return ERROR_NO_MEMORY;
    }
    wake_service_key(key, service);
    return wake_askers(controller, key, error);
}

bool wake_related_key(const struct controller *controller, const struct apigw_related *related,
                      const char *key, char out[WAKE_KEY_SIZE])
{
    int index = render_index(controller->store, related);
    int length = snprintf(out, WAKE_KEY_SIZE, "related %d %s", index, key);

    return index >= 0 && length > 0 && length < WAKE_KEY_SIZE;
}

/* The texts of one index, as they are looked at. */
struct related_visit {
    struct controller *controller;
    const struct apigw_related *related;
    const char *name_space;
    struct error *error;
    int result;
};

static bool visit_related(const char *text, void *payload)
{
    struct related_visit *visit = payload;
    char service[PLACE_SERVICE_SIZE];
    char key[WAKE_KEY_SIZE];

    if (visit->related->form == APIGW_FORM_DNS_NAME) {
        if (!place_service(text, APIGW_FORM_DNS_NAME, visit->name_space, service))
            return true;
        text = service;
    }
    if (wake_related_key(visit->controller, visit->related, text, key))
        visit->result = wake_askers(visit->controller, key, visit->error);
    return visit->result == 0;
}

int wake_related(struct controller *controller, int kind, const json_t *object, struct error *error)
{
    const struct registry *registry = controller->options.registry;
    struct related_visit visit = {
        .controller = controller, .name_space = object_namespace(object), .error = error};

    if (store_kind(controller->store, "", "Service") == kind)
        visit.result = wake_service(controller, object, error);
    for (size_t i = 0; i < registry->count && visit.result == 0; i++) {
        const struct apigw_plugin *plugin = &registry->backends[i]->plugin->descriptor;
        for (uint32_t j = 0; j < plugin->related_count && visit.result == 0; j++) {
            visit.related = &plugin->related[j];
            if (store_kind(controller->store, visit.related->group, visit.related->kind) == kind)
                (void)json_each_text(object, visit.related->index_path, visit_related, &visit);
        }
    }
    return visit.result;
}
