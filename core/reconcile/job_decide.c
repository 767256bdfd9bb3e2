/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/draft.h"
#include "reconcile/job.h"

#include <stdio.h>
#include <string.h>

/* The Api, or an object that no Api stands behind. Which outputs of the Api stand already is left out: it
 * changes on the way, and would be a new status each time. */
static const char *name_holder(struct job *job, const struct claims_verdict *verdict)
{
    const struct observed *object = verdict->object;
    const struct apigw_kind *kind;
    char key[KEY_SIZE];
    const char *api = claims_api(verdict, key);

    if (api)
        return arena_format(&job->arena, "Api \"%s\"", api);
    kind = observed_descriptor(job->controller->observed, object->kind);
    return arena_format(&job->arena, "%s \"%s/%s\"", kind->kind, observed_namespace(object),
                        observed_own_name(object));
}

static bool refuse_claim(struct job *job, const struct claims_verdict *verdict)
{
    const struct entry *entry = job->entry;
    const char *holder = name_holder(job, verdict);
    const char *service = strchr(entry_asks(entry, ENTRY_SERVICE), '/') + 1;

    if (verdict->result == CLAIMS_HOST) {
        job->refusal.reason = REASON_HOSTNAME_IN_USE;
        job->refusal.text = arena_format(&job->arena, "the hostname %s is already in use by %s",
                                         entry_asks(entry, ENTRY_HOST), holder);
    } else {
        job->refusal.reason = REASON_SERVICE_IN_USE;
        job->refusal.text =
            arena_format(&job->arena, "Service \"%s\" is already published by %s", service, holder);
    }
    return holder && job->refusal.text;
}

/* The key under which the Api is woken for what a backend asked for. @return false: it needs none. */
static bool asked_key(const struct job *job, const struct apigw_related *related, const char *key,
                      char out[WAKE_KEY_SIZE])
{
    const char *own = entry_asks(job->entry, ENTRY_SERVICE);
    char service[KEY_SIZE];
    char name_space[KEY_SIZE];

    if (!render_is_service(related))
        return wake_related_key(job->controller, related, key, out);
    (void)snprintf(name_space, sizeof name_space, "%s", job->entry->key);
    (void)key_cut(name_space);
    key_format(service, name_space, key);
    if (own && strcmp(own, service) == 0)
        return false;
    wake_service_key(out, service);
    return true;
}

/* Notes what has to change for the Api to be looked at again. */
static bool note_asked(struct job *job)
{
    const struct stock *stock = &job->stock;
    const char **keys;
    size_t count = 0;
    size_t most = 0;
    char key[WAKE_KEY_SIZE];

    for (size_t i = 0; i < stock->count; i++)
        most += stock->backends[i].narrow.asked_count + stock->backends[i].wide.asked_count +
                stock->backends[i].count;
    keys = arena_array(&job->stock.arena, most + 1, sizeof *keys);
    for (size_t i = 0; keys && i < stock->count; i++) {
        const struct stock_backend *backend = &stock->backends[i];
        const struct rendering *both[] = {&backend->narrow, &backend->wide};
        for (size_t j = 0; j < 2 * backend->narrow.asked_count + 2 * backend->wide.asked_count; j++) {
            const struct rendering *from = both[j % 2];
            if (j / 2 >= from->asked_count)
                continue;
            if (asked_key(job, &backend->backend->plugin->descriptor.related[from->asked[j / 2].related],
                          from->asked[j / 2].key, key))
                keys[count++] = arena_string(&job->stock.arena, key);
        }
        for (size_t j = 0; j < backend->count; j++) {
            if (backend->plan_items[j].seen != PLAN_FOREIGN && backend->plan_items[j].seen != PLAN_UNREADABLE)
                continue;
            wake_place_key(key, backend->items[j].kind, backend->items[j].ref.name_space,
                           backend->items[j].ref.name);
            keys[count++] = arena_string(&job->stock.arena, key);
        }
    }
    for (size_t i = 0; keys && i < count; i++) {
        if (!keys[i])
            return false;
    }
    return keys && ledger_note_asked(job->controller->ledger, job->entry, keys, count);
}

/* Takes stock and makes the plan, whatever the Api has come to. */
static int decide(struct job *job, struct error *error)
{
    bool wanted = job->api && job->refusal.reason == REASON_NONE;
    int result = stock_take(&job->controller->context, job->entry, job->api, wanted ? &job->effective : NULL,
                            job->draft, &job->stock, error);

    if (result != 0)
        return result;
    job->stock.input.gone = !job->api;
    job->stock.input.refused = job->api && !wanted;
    if (!note_asked(job) || !plan_make(&job->stock.input, &job->stock.arena, &job->plan))
        return error_no_memory(error);
    return 0;
}

/* Lets go of what the Api had taken, for whoever waits for it. */
static int release_taken(struct job *job, struct error *error)
{
    struct controller *controller = job->controller;

    if (wake_taken(controller, job->entry, error) != 0)
        return ERROR_NO_MEMORY;
    ledger_release(controller->ledger, job->entry);
    return 0;
}

static bool settle_claims(struct job *job, struct claims_verdict *verdict)
{
    const struct claims claims = {job->controller->ledger, job->controller->observed,
                                  &job->controller->leaves};
    struct entry *entry = job->entry;

    *verdict = claims_judge(&claims, entry);
    if (verdict->result == CLAIMS_AFTER)
        return true;
    if (verdict->result != CLAIMS_FREE) {
        entry->state = ENTRY_LOST;
        return release_taken(job, NULL) == 0 && refuse_claim(job, verdict);
    }
    entry->state = ENTRY_TAKEN;
    if (!ledger_has_taken(entry) && release_taken(job, NULL) != 0)
        return false;
    if (verdict->rival) {
        struct claims_verdict named = {.object = verdict->rival};
        const char *holder = name_holder(job, &named);
        job->rival = holder
                         ? arena_format(&job->arena, "%s, which apigwd did not make, has the hostname %s too",
                                        holder, entry_asks(entry, ENTRY_HOST))
                         : NULL;
        if (!job->rival)
            return false;
    }
    return claims_live(&claims, entry) || ledger_take(job->controller->ledger, entry);
}

static int make_effective(struct job *job, struct error *error)
{
    if (!job->draft)
        return effective_make(job->api, job->controller->options.settings, &job->effective, error);
    job->effective = job->draft->effective;
    job->draft->effective = (struct effective){0};
    return 0;
}

static int begin(struct job *job, struct claims_verdict *verdict, struct error *error)
{
    struct entry *entry = job->entry;

    /* What is left of an Api that is gone is observed. */
    if (!job->api)
        return release_taken(job, error) == 0 ? decide(job, error) : ERROR_NO_MEMORY;
    if (!entry->valid) {
        const char *message = entry_message(entry);
        if (release_taken(job, error) != 0)
            return ERROR_NO_MEMORY;
        job->refusal.reason = REASON_INVALID;
        job->refusal.text = arena_string(&job->arena, message ? message : "is not valid");
        if (!job->refusal.text)
            return error_no_memory(error);
        return decide(job, error);
    }
    if (!settle_claims(job, verdict))
        return error_no_memory(error);
    if (verdict->result == CLAIMS_AFTER)
        return 0;
    if (verdict->result == CLAIMS_FREE && make_effective(job, error) != 0)
        return ERROR_NO_MEMORY;
    return decide(job, error);
}

int job_decide(struct job *job, enum job_begun *begun, const char **first, struct error *error)
{
    struct claims_verdict verdict = {.result = CLAIMS_FREE};
    int result = begin(job, &verdict, error);

    *begun = verdict.result == CLAIMS_AFTER ? JOB_AFTER : JOB_DECIDED;
    *first = verdict.api;
    return result;
}
