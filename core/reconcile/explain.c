/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/explain.h"

#include "base/json.h"
#include "base/problem.h"
#include "object/key.h"
#include "reconcile/claims.h"
#include "reconcile/validate.h"

#include <string.h>

/* Takes `value` over. What is not known is left out. */
static void set(json_t *object, const char *name, json_t *value)
{
    if (value)
        (void)json_object_set_new(object, name, value);
}

static void set_text(json_t *object, const char *name, const char *text)
{
    if (text && text[0])
        set(object, name, json_string(text));
}

static void locate(const struct job *job, const struct store_object *object, struct problems *problems)
{
    const struct controller_options *options = &job->controller->options;
    const struct event where = {.object = job->api,
                                .file = store_object_file(object),
                                .document = store_object_document(object),
                                .item = store_object_item(object)};

    if (options->locate && where.file)
        options->locate(&where, problems, options->payload);
}

static void set_place(json_t *value, const struct problem *problem)
{
    set_text(value, "file", problem->file);
    if (problem->line > 0) {
        set(value, "line", json_integer((json_int_t)problem->line));
        set(value, "column", json_integer((json_int_t)problem->column));
    }
}

/* Where the Api stands. */
static json_t *input_value(const struct job *job, const struct store_object *object)
{
    struct problems whole = {0};
    const char *file = store_object_file(object);
    json_t *value = file ? json_object() : NULL;

    if (!value)
        return NULL;
    set_text(value, "file", file);
    set(value, "document", json_integer((json_int_t)store_object_document(object)));
    problems_add(&whole, PROBLEM_WARNING, NULL, "the document");
    locate(job, object, &whole);
    if (whole.count > 0)
        set_place(value, &whole.list[0]);
    problems_release(&whole);
    return value;
}

static json_t *problem_value(const struct problem *problem)
{
    json_t *value =
        json_pack("{s:s, s:s}", "severity", problem->severity == PROBLEM_ERROR ? "error" : "warning",
                  "message", problem->message);

    set_text(value, "path", problem->path);
    set_place(value, problem);
    return value;
}

static json_t *validation_value(const struct job *job, const struct store_object *object)
{
    struct problems problems = {0};
    json_t *list = json_array();

    if (job->entry->unread)
        problems_add(&problems, PROBLEM_ERROR, NULL, "%s",
                     entry_message(job->entry) ? entry_message(job->entry) : "cannot be read");
    else
        validate_api(job->api, job->controller->options.settings, &problems);
    locate(job, object, &problems);
    for (size_t i = 0; i < problems.count; i++)
        (void)json_array_append_new(list, problem_value(&problems.list[i]));
    problems_release(&problems);
    return json_pack("{s:b, s:o}", "valid", (int)job->entry->valid, "problems", list);
}

static const char *state_word(enum entry_state state)
{
    static const char *const words[] = {"not looked at yet", "refused: reserves nothing",
                                        "lost: somebody else holds one of them", "its own"};

    return words[state];
}

/* Who holds it; NULL: nobody does. */
static json_t *holder_value(const struct job *job, const struct claims_verdict *verdict)
{
    const struct observed *object = verdict->object;
    char key[KEY_SIZE];
    const char *api = claims_api(verdict, key);
    json_t *value;

    if (!api && !object)
        return NULL;
    value = json_object();
    if (api && strcmp(api, job->entry->key) == 0)
        set(value, "self", json_true());
    set_text(value, "api", api);
    if (object) {
        set_text(value, "kind", observed_descriptor(job->controller->observed, object->kind)->kind);
        set_text(value, "namespace", observed_namespace(object));
        set_text(value, "name", observed_own_name(object));
    }
    return value;
}

static json_t *claim_value(const struct job *job, enum entry_claim claim)
{
    const struct claims claims = {job->controller->ledger, job->controller->observed, NULL};
    struct claims_verdict verdict = claims_holder(&claims, job->entry, claim);
    json_t *value = json_object();

    set_text(value, "name", entry_asks(job->entry, claim));
    if (verdict.result == CLAIMS_AFTER)
        set_text(value, "after", verdict.api);
    else
        set(value, "holder", holder_value(job, &verdict));
    return value;
}

static json_t *claims_value(const struct job *job)
{
    const struct entry *entry = job->entry;

    if (!entry->valid)
        return json_pack("{s:s}", "state", state_word(ENTRY_REFUSED));
    return json_pack("{s:s, s:o, s:o}", "state", state_word(entry->state), "host",
                     claim_value(job, ENTRY_HOST), "service", claim_value(job, ENTRY_SERVICE));
}

/* When it was written, and when it is looked at again. */
static void set_times(json_t *value, const struct job *job)
{
    const struct queue *queue = job->controller->queue;
    const struct entry *entry = job->entry;
    int64_t due = queue_due(queue, entry->key);

    set(value, "failures", json_integer((json_int_t)queue_failures(queue, entry->key)));
    if (due != QUEUE_NEVER)
        set(value, "nextTryMs", json_integer(due > job->now.ms ? (json_int_t)(due - job->now.ms) : 0));
    if (entry->written_s > 0)
        set(value, "lastWrite", json_integer((json_int_t)entry->written_s));
}

static json_t *explain(const struct job *job, const struct store_object *object)
{
    const struct entry *entry = job->entry;
    json_t *value = json_pack("{s:s, s:b, s:b, s:b, s:b}", "api", entry->key, "authentication",
                              (int)entry->authentication, "served", (int)entry->served, "secured",
                              (int)entry->secured, "ready", (int)entry->ready);

    if (!value)
        return NULL;
    set(value, "input", input_value(job, object));
    set(value, "validation", validation_value(job, object));
    set_text(value, "reason", reason_word(entry->reason));
    set_text(value, "message", entry_message(entry));
    if (entry->leaving)
        set(value, "leaving", json_true());
    set(value, "claims", claims_value(job));
    set(value, "backends", explain_backends(job));
    set(value, "pending", explain_steps(job));
    set_times(value, job);
    return value;
}

/* As a reconcile would decide now, without doing or noting anything. */
static int look(struct job *job, struct error *error)
{
    const struct claims claims = {job->controller->ledger, job->controller->observed, NULL};
    struct claims_verdict verdict = {.result = CLAIMS_FREE};
    const struct effective *effective = NULL;
    int result = 0;

    if (job->entry->valid && !job->entry->leaving)
        verdict = claims_judge(&claims, job->entry);
    if (job->entry->leaving) {
        job->refusal.reason = REASON_NOT_ACCEPTED;
        job->refusal.text = "is being removed";
    } else if (!job->entry->valid || verdict.result != CLAIMS_FREE) {
        job->refusal.reason = job->entry->reason;
        job->refusal.text = entry_message(job->entry) ? entry_message(job->entry) : "not decided yet";
    } else {
        result = effective_make(job->api, job->controller->options.settings, &job->effective, error);
        effective = &job->effective;
    }
    if (result == 0)
        result =
            stock_take(&job->controller->context, job->entry, job->api, effective, NULL, &job->stock, error);
    if (result != 0)
        return result;
    job->stock.input.gone = job->entry->leaving;
    job->stock.input.refused = !effective && !job->entry->leaving;
    if (plan_make(&job->stock.input, &job->stock.arena, &job->plan) &&
        outcome_make(&job->stock, &job->plan, &job->refusal, NULL, NULL, &job->outcome))
        return 0;
    return error_no_memory(error);
}

/* What stands of an Api that is not told of. */
static json_t *outputs_value(const struct controller *controller, const struct entry *entry)
{
    const struct observed *object = observed_first(controller->observed, entry->key);
    json_t *list = json_array();

    for (; object; object = observed_next(controller->observed, object)) {
        json_t *value;
        if (!claims_own(entry, object))
            continue;
        value = json_pack("{s:s, s:s, s:s, s:b}", "kind",
                          observed_descriptor(controller->observed, object->kind)->kind, "namespace",
                          observed_namespace(object), "name", observed_own_name(object), "exists", 1);
        set_text(value, "version", observed_version(object));
        (void)json_array_append_new(list, value);
    }
    return list;
}

static int explain_untold(const struct controller *controller, const struct entry *entry, struct moment now,
                          json_t **out, struct error *error)
{
    const char *message = lookup_sentence(controller, entry);
    int64_t due = queue_due(controller->queue, entry->key);

    if (!message)
        return error_set(error, ERROR_NOT_FOUND, "no such Api");
    *out = json_pack("{s:s, s:b, s:s, s:o}", "api", entry->key, "told", 0, "message", message, "outputs",
                     outputs_value(controller, entry));
    if (*out && due != QUEUE_NEVER)
        set(*out, "nextTryMs", json_integer(due > now.ms ? (json_int_t)(due - now.ms) : 0));
    return *out ? 0 : error_no_memory(error);
}

int controller_explain(struct controller *controller, const char *key, struct moment now, json_t **out,
                       struct error *error)
{
    struct entry *entry = ledger_get(controller->ledger, key);
    const char *slash = strchr(key, '/');
    char name_space[KEY_SIZE] = "";
    const struct store_object *object = NULL;
    struct job *job;
    int result;

    if (!entry || !slash)
        return error_set(error, ERROR_NOT_FOUND, "no such Api");
    if (!entry->present)
        return explain_untold(controller, entry, now, out, error);
    memcpy(name_space, key, (size_t)(slash - key));
    object = store_get(controller->store, controller->apis, name_space, slash + 1);
    job = object ? job_new(controller, entry) : NULL;
    if (!job || !(job->api = store_parse(controller->store, object))) {
        job_free(job);
        return error_no_memory(error);
    }
    job->now = now;
    result = look(job, error);
    if (result == 0) {
        *out = explain(job, object);
        result = *out ? 0 : error_no_memory(error);
    }
    job_free(job);
    return result;
}
