/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/job.h"
#include "reconcile/draft.h"

#include "base/json.h"
#include "object/key.h"

#include <stdio.h>
#include <stdlib.h>

struct job *job_new(struct controller *controller, struct entry *entry)
{
    struct job *job = calloc(1, sizeof *job);

    if (!job)
        return NULL;
    job->controller = controller;
    job->entry = entry;
    job->refusal = (struct refusal){REASON_NONE, ""};
    return job;
}

void job_free(void *value)
{
    struct job *job = value;

    if (!job)
        return;
    stock_release(&job->stock);
    arena_release(&job->arena);
    effective_release(&job->effective);
    free(job->undone);
    json_decref(job->api);
    free(job);
}
/* Protections cover what stood when the plan was made, so that without the route there may be less to do. */
static bool is_to_be_planned_anew(const struct job *job)
{
    return job_is_overtaken(job) || (job->unpublished && !job->failed && !job->undone && !job->reporting);
}

/* For the case that a commit cannot do it. */
static void note_written(const struct job *job)
{
    struct entry *entry = job->entry;

    entry->stepped = job->writes > 0 || (entry->continued && entry->stepped);
    entry->withdrew = job->withdrew || (entry->continued && entry->withdrew);
    entry->continued = false;
}

static int end(struct job *job, struct error *error)
{
    struct controller *controller = job->controller;
    struct entry *entry = job->entry;
    bool forget = !job->api && !entry->present && !job_anything_left(job) && !entry->has_status &&
                  !entry->unreported && entry->leaves == 0;
    int result = job_finish(job, error);

    note_written(job);
    if (forget)
        ledger_remove(controller->ledger, entry);
    job_free(job);
    return result;
}

/* The key is looked at again, which an edit has asked for already. */
static int start_over(struct job *job, struct error *error)
{
    struct controller *controller = job->controller;
    const char *key = job->entry->key;

    note_written(job);
    job->entry->continued = true;
    queue_finish(controller->queue, key, QUEUE_DONE, job->now.ms);
    job_free(job);
    return wake_key(controller, key, error);
}

/* Goes on as far as it can; keeps the job where the sink answers later. */
static int advance(struct job *job, struct error *error)
{
    struct controller *controller = job->controller;
    int result = job->reporting ? 0 : job_do_steps(job, error);

    if (result == 0 && is_to_be_planned_anew(job))
        return start_over(job, error);
    if (result == 0 && !job->reporting)
        result = job_report(job, error);
    if (result == SINK_PENDING) {
        if (map_set(controller->jobs, job->entry->key, job))
            return 0;
        result = error_no_memory(error);
    }
    if (result == 0)
        return end(job, error);
    queue_finish(controller->queue, job->entry->key, QUEUE_RETRY, job->now.ms);
    job_free(job);
    return result;
}

/* An older Api goes first. One that waits for an answer, or itself for another one, cannot be looked at now:
 * the key comes back when that one was. */
static int defer(struct controller *controller, struct job *job, const char *first, struct error *error)
{
    const char *key = job->entry->key;
    struct entry *older = ledger_get(controller->ledger, first);
    int result = 0;

    queue_finish(controller->queue, key, QUEUE_DONE, job->now.ms);
    if (older->leaves > 0 || older->waits || (older->rare && quarrel_waits(&older->rare->quarrel)) ||
        map_get(controller->jobs, first)) {
        older->awaited = true;
        job->entry->waits = true;
    } else {
        result = wake_key(controller, first, error);
        if (result == 0)
            result = wake_key(controller, key, error);
    }
    job_free(job);
    return result;
}

/* Wakes those that waited for what became of an Api. */
static int wake_waiting(struct controller *controller, struct entry *entry, struct error *error)
{
    if (!entry->awaited)
        return 0;
    entry->awaited = false;
    return wake_asked(controller, entry, error);
}

const struct store_object *job_object(const struct controller *controller, const struct entry *entry)
{
    char name_space[KEY_SIZE];
    const char *name;

    if (!entry->present || entry->leaving)
        return NULL;
    (void)snprintf(name_space, sizeof name_space, "%s", entry->key);
    name = key_cut(name_space);
    return store_get(controller->store, controller->apis, name_space, name);
}

/* The Api's tree; NULL without an error: it is gone. */
static int parse_api(const struct controller *controller, const struct entry *entry, struct draft *draft,
                     json_t **api, struct error *error)
{
    const struct store_object *object = draft ? NULL : job_object(controller, entry);

    if (draft) {
        *api = json_incref(draft->api);
        return 0;
    }
    *api = object ? store_parse(controller->store, object) : NULL;
    return object && !*api ? error_no_memory(error) : 0;
}

int job_start(struct controller *controller, struct entry *entry, struct draft *draft, struct moment now,
              struct error *error)
{
    enum job_begun begun = JOB_DECIDED;
    const char *first = NULL;
    struct setback *setback;
    struct job *job;
    json_t *api = NULL;
    int64_t until = entry->rare ? quarrel_wait(&entry->rare->quarrel, now.ms) : 0;
    bool gone = true;
    int result;

    if (until > 0) {
        queue_finish(controller->queue, entry->key, QUEUE_DONE, now.ms);
        return queue_add(controller->queue, entry->key, until) ? 0 : error_no_memory(error);
    }
    if (draft && !draft->api)
        draft = NULL;
    result = parse_api(controller, entry, draft, &api, error);
    if (result == 0 && !api && !entry->present)
        result = lookup_judge(controller, entry, &gone, error);
    /* What only seems to be gone stays as it is. */
    if (result == 0 && !gone) {
        queue_finish(controller->queue, entry->key, QUEUE_DONE, now.ms);
        return 0;
    }
    job = result == 0 ? job_new(controller, entry) : NULL;
    if (!job) {
        json_decref(api);
        queue_finish(controller->queue, entry->key, QUEUE_RETRY, now.ms);
        return error_no_memory(error);
    }
    job->api = api;
    job->draft = draft;
    job->now = now;
    job->edition = entry->edition;
    setback = entry->rare ? entry->rare->setback : NULL;
    job->undone = setback_take(setback);
    if (job->undone)
        job->retry_ms = setback_wait(setback);
    entry->waits = false;
    result = job_decide(job, &begun, &first, error);
    job->draft = NULL;
    if (result == 0 && begun == JOB_AFTER)
        return defer(controller, job, first, error);
    if (result == 0)
        result = wake_waiting(controller, entry, error);
    if (result == 0)
        return advance(job, error);
    queue_finish(controller->queue, entry->key, QUEUE_RETRY, now.ms);
    job_free(job);
    return result;
}

int job_answer(struct controller *controller, const char *key, const struct sink_answer *answered,
               struct moment now, struct error *error)
{
    struct job *job = map_get(controller->jobs, key);
    struct sink_answer answer = *answered;
    int result;

    if (!job)
        return 0;
    (void)map_remove(controller->jobs, key);
    job->now = now;
    result = job->reporting ? job_take_report(job, &answer, error) : job_take_answer(job, &answer, error);
    if (result == 0)
        return advance(job, error);
    queue_finish(controller->queue, key, QUEUE_RETRY, now.ms);
    job_free(job);
    return result;
}
