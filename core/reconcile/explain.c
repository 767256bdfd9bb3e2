/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/job.h"

#include "base/json.h"
#include "object/key.h"

#include <string.h>

/* What one backend wants, and whether it stands. */
static json_t *item_value(const struct stock_item *item)
{
    const struct output *output = item->narrow ? item->narrow : item->wide;
    json_t *value = json_pack("{s:s, s:s, s:b, s:b}", "kind", item->ref.kind, "name", item->ref.name,
                              "exists", (int)item->stands, "asWanted", (int)item->good);

    if (value && item->stands && item->version[0])
        (void)json_object_set_new(value, "version", json_string(item->version));
    if (value && item->error)
        (void)json_object_set_new(value, "error", json_string(item->error));
    if (value && output)
        (void)json_object_set(value, "wanted", output->object);
    return value;
}

static json_t *backend_value(const struct job *job, size_t number)
{
    static const char *const roles[] = {"", "authentication", "other", "route"};
    const struct stock_backend *backend = &job->stock.backends[number];
    const struct backend_status *status = &job->outcome.status.backends[number];
    json_t *items = json_array();
    json_t *value = json_pack("{s:s, s:s, s:b, s:i, s:O}", "name", backend->backend->name, "role",
                              roles[stock_role(backend)], "enabled", (int)backend->backend->enabled, "code",
                              (int)status->code, "outputs", items);

    for (size_t i = 0; i < backend->count; i++)
        (void)json_array_append_new(items, item_value(&backend->items[i]));
    json_decref(items);
    if (value && status->last_error[0])
        (void)json_object_set_new(value, "lastError", json_string(status->last_error));
    return value;
}

static const char *state_word(enum entry_state state)
{
    static const char *const words[] = {"not looked at yet", "refused: reserves nothing",
                                        "lost: somebody else holds one of them", "its own"};

    return words[state];
}

static json_t *claims_value(const struct entry *entry)
{
    if (!entry->valid)
        return json_object();
    return json_pack("{s:s, s:s, s:s}", "host", entry->asks[ENTRY_HOST].key, "service",
                     entry->asks[ENTRY_SERVICE].key, "state", state_word(entry->state));
}

static json_t *steps_value(const struct job *job)
{
    static const char *const words[] = {
        "protect",  "write", "publish", "withdraw", "unpublish", "remove", "narrow the protection",
        "unprotect"};
    json_t *list = json_array();

    for (size_t i = 0; i < job->plan.count; i++) {
        const struct plan_step *step = &job->plan.steps[i];
        const struct stock_item *item = &job->stock.backends[step->backend].items[step->item];
        if (!step->dropped)
            (void)json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "do", words[step->phase], "kind",
                                                        item->ref.kind, "name", item->ref.name));
    }
    return list;
}

static json_t *explain(struct job *job, const struct store_object *object)
{
    const struct entry *entry = job->entry;
    json_t *backends = json_array();
    json_t *value = json_pack("{s:s, s:o, s:o, s:i, s:O}", "api", entry->key, "claims", claims_value(entry),
                              "pending", steps_value(job), "failures",
                              (int)queue_failures(job->controller->queue, entry->key), "backends", backends);

    for (size_t i = 0; i < job->stock.count; i++)
        (void)json_array_append_new(backends, backend_value(job, i));
    json_decref(backends);
    if (value && object && object->file)
        (void)json_object_set_new(
            value, "input", json_pack("{s:s, s:i}", "file", object->file, "document", (int)object->document));
    if (value && entry->reason != REASON_NONE)
        (void)json_object_set_new(value, "reason", json_string(reason_word(entry->reason)));
    if (value && entry->message)
        (void)json_object_set_new(value, "message", json_string(entry->message));
    return value;
}

/* As a reconcile would decide now, without doing or noting anything. */
static int look(struct job *job, struct error *error)
{
    const struct claims claims = {job->controller->ledger, job->controller->observed};
    struct claims_verdict verdict = {.result = CLAIMS_FREE};
    const struct effective *effective = NULL;
    int result = 0;

    if (job->entry->valid)
        verdict = claims_judge(&claims, job->entry);
    if (!job->entry->valid || verdict.result != CLAIMS_FREE) {
        job->refusal.reason = job->entry->reason;
        job->refusal.text = job->entry->message ? job->entry->message : "not decided yet";
    } else {
        result = effective_make(job->api, job->controller->options.settings, &job->effective, error);
        effective = &job->effective;
    }
    if (result == 0)
        result = stock_take(&job->controller->context, job->entry, job->api, effective, &job->stock, error);
    if (result != 0)
        return result;
    job->stock.input.refused = !effective;
    if (plan_make(&job->stock.input, &job->stock.arena, &job->plan) &&
        outcome_make(&job->stock, &job->plan, &job->refusal, NULL, &job->outcome))
        return 0;
    return error_no_memory(error);
}

int controller_explain(struct controller *controller, const char *key, json_t **out, struct error *error)
{
    struct entry *entry = ledger_get(controller->ledger, key);
    const char *slash = strchr(key, '/');
    char name_space[KEY_SIZE] = "";
    const struct store_object *object = NULL;
    struct job *job;
    int result;

    if (!entry || !slash || !entry->present)
        return error_set(error, ERROR_NOT_FOUND, "no such Api");
    memcpy(name_space, key, (size_t)(slash - key));
    object = store_get(controller->store, controller->apis, name_space, slash + 1);
    job = object ? job_new(controller, entry) : NULL;
    if (!job || !(job->api = store_parse(object))) {
        job_free(job);
        return error_no_memory(error);
    }
    result = look(job, error);
    if (result == 0) {
        *out = explain(job, object);
        result = *out ? 0 : error_no_memory(error);
    }
    job_free(job);
    return result;
}
