/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of a job, what comes of them, and what is observed meanwhile. */
#include "reconcile/job.h"

#include "object/content.h"
#include "object/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A key that failed so often in a row waits for a second or more. */
enum { LONG_FAILED = 3 };

/* What failed just now is not tried again at once because something else has worked. */
static const int64_t calm_ms = 5000;

/* Not with each of many that come through together. */
static const int64_t hurry_ms = 1000;

/* What the object had is free only when the sink has done the step. */
static bool note_leaves(struct job *job, const struct observed *object)
{
    struct controller *controller = job->controller;
    const struct observed_name *name = NULL;

    if (!controller->options.gathers)
        return true;
    while ((name = observed_each_name(object, name))) {
        if (!leaves_note(&controller->leaves, job->entry, name->key))
            return false;
    }
    return true;
}

void job_comes_through(struct job *job)
{
    struct controller *controller = job->controller;

    if (queue_failures(controller->queue, job->entry->key) < LONG_FAILED ||
        job->now.ms < controller->hurried_ms + hurry_ms)
        return;
    controller->hurried_ms = job->now.ms;
    queue_hurry(controller->queue, job->now.ms, calm_ms);
}

static void count_write(struct job *job)
{
    job_comes_through(job);
    job->writes++;
    job->controller->writes++;
    job->entry->written_s = (uint32_t)job->now.wall_s;
}

/* Notes in the table what a step has done. */
static int note_done(struct job *job, struct stock_item *item, const struct output *output,
                     const struct sink_answer *answer, struct error *error)
{
    struct observed_table *observed = job->controller->observed;
    const struct observed_fact fact = {.kind = item->kind,
                                       .side = OBSERVED_SINK,
                                       .name_space = item->ref.name_space,
                                       .name = item->ref.name,
                                       .object = output ? output->object : NULL,
                                       .uid = answer->uid,
                                       .version = answer->version};
    const struct observed *object =
        observed_get(observed, item->kind, OBSERVED_SINK, item->ref.name_space, item->ref.name);

    if (object && !note_leaves(job, object))
        return error_no_memory(error);
    if (object && wake_names(job->controller, object, job->entry, error) != 0)
        return ERROR_NO_MEMORY;
    if (!output)
        (void)observed_remove(observed, item->kind, OBSERVED_SINK, item->ref.name_space, item->ref.name);
    else if (observed_put(observed, &fact) != 0)
        return error_no_memory(error);
    /* Whoever waits for one of its names is to know what stands there now. */
    object = observed_get(observed, item->kind, OBSERVED_SINK, item->ref.name_space, item->ref.name);
    if (object && wake_names(job->controller, object, job->entry, error) != 0)
        return ERROR_NO_MEMORY;
    item->stands = output;
    item->good = output && output == item->narrow;
    if (output && item->narrow && output != item->narrow)
        item->good = json_equal(output->object, item->narrow->object);
    item->written = true;
    memcpy(item->uid, answer->uid, sizeof item->uid);
    memcpy(item->version, answer->version, sizeof item->version);
    item->uid[sizeof item->uid - 1] = item->version[sizeof item->version - 1] = '\0';
    count_write(job);
    return 0;
}

static const struct output *output_of(const struct job *job, const struct plan_step *step)
{
    const struct stock_item *item = &job->stock.backends[step->backend].items[step->item];

    if (plan_removes(step->phase))
        return NULL;
    return step->phase == PLAN_PROTECT ? item->wide : item->narrow;
}

/* What is observed at the place next is to wake the Api, although nothing was known to stand in its way. */
static bool note_place(struct job *job, const struct stock_item *item)
{
    struct ledger *ledger = job->controller->ledger;
    const struct entry_ask *ask = NULL;
    char place[WAKE_KEY_SIZE];
    const char **keys;
    size_t count = 0;

    while ((ask = ledger_each_asked(ledger, job->entry, ask)))
        count++;
    keys = arena_array(&job->stock.arena, count + 1, sizeof *keys);
    if (!keys)
        return false;
    count = 0;
    while ((ask = ledger_each_asked(ledger, job->entry, ask)))
        keys[count++] = ask->key;
    wake_place_key(place, item->kind, item->ref.name_space, item->ref.name);
    keys[count] = place;
    return ledger_note_asked(ledger, job->entry, keys, count + 1);
}

static struct stock_item *item_of(const struct job *job)
{
    const struct plan_step *step = &job->plan.steps[job->next];

    return &job->stock.backends[step->backend].items[step->item];
}

/* What was observed, and whether a step leads to it. */
struct meeting {
    const struct observed_fact *fact;
    bool expected;
};

/* Whether the step that is under way leads to what was observed. */
static bool is_expected(const struct job *job, const struct observed_fact *fact)
{
    const struct output *output = output_of(job, &job->plan.steps[job->next]);
    const struct observed *made = *fact->made;

    if (!output || !fact->object)
        return !output && !fact->object && !fact->problem;
    return content_stands(output->content.imprint, output->content.extra, made->imprint,
                          observed_extra(made));
}

static bool meet(const char *key, void *value, void *payload)
{
    struct job *job = value;
    struct meeting *meeting = payload;
    const struct observed_fact *fact = meeting->fact;
    const struct stock_item *item;

    (void)key;
    if (job->reporting)
        return true;
    item = item_of(job);
    if (item->kind != fact->kind || strcmp(item->ref.name, fact->name) != 0 ||
        strcmp(item->ref.name_space, fact->name_space) != 0)
        return true;
    job->met = true;
    job->met_object = fact->object || fact->problem;
    (void)snprintf(job->met_uid, sizeof job->met_uid, "%s", fact->uid);
    (void)snprintf(job->met_version, sizeof job->met_version, "%s", fact->version);
    meeting->expected = is_expected(job, fact);
    return true;
}

bool job_meet(struct controller *controller, const struct observed_fact *fact)
{
    struct meeting meeting = {.fact = fact};

    map_each(controller->jobs, meet, &meeting);
    return meeting.expected;
}

/* Versions of an API server are numbers that grow (Kubernetes, "Resource versions"). Where they are none,
 * what was observed counts: if it is the older one, our write is observed after it. */
static bool is_older(const char *version, const char *than)
{
    size_t length = strlen(version);
    size_t other = strlen(than);

    if (length == 0 || other == 0 || strspn(version, "0123456789") != length ||
        strspn(than, "0123456789") != other)
        return false;
    return length != other ? length < other : strcmp(version, than) < 0;
}

/* Whether what was observed while the answer was on its way is newer than what the answer tells of. */
static bool is_outrun(const struct job *job, const struct sink_answer *answer)
{
    bool same = strcmp(job->met_uid, answer->uid) == 0 && strcmp(job->met_version, answer->version) == 0;

    if (!job->met || answer->code != 0)
        return false;
    /* What we removed is gone; something else may have taken its place. */
    if (!output_of(job, &job->plan.steps[job->next]))
        return job->met_object && strcmp(job->met_uid, item_of(job)->uid) != 0;
    return !(same && job->met_object) && !is_older(job->met_version, answer->version);
}

/* What was done is undone already: as if something else had been met. Where memory is short, the repair does
 * not wait. */
static void tell_outrun(struct job *job, struct sink_answer *answer)
{
    struct entry_rare *rare = entry_need_rare(job->entry);

    if (rare)
        quarrel_touch(&rare->quarrel);
    count_write(job);
    *answer = (struct sink_answer){0};
    (void)error_set(&answer->error, answer->code = ERROR_CONFLICT, "somebody else has changed it since");
}

int job_take_answer(struct job *job, struct sink_answer *answer, struct error *error)
{
    const struct plan_step *step = &job->plan.steps[job->next];
    struct stock_item *item = item_of(job);

    if (is_outrun(job, answer))
        tell_outrun(job, answer);
    job->met = false;
    if (answer->code == 0) {
        int result = note_done(job, item, output_of(job, step), answer, error);
        job->next++;
        job->withdrew = job->withdrew || step->phase == PLAN_WITHDRAW;
        job->unpublished =
            job->unpublished || (job->api && (step->phase == PLAN_UNPUBLISH || step->phase == PLAN_WITHDRAW));
        return result;
    }
    if (answer->code == ERROR_NO_MEMORY)
        return error_no_memory(error);
    item->error = arena_string(&job->stock.arena, answer->error.message);
    item->error_code = answer->code;
    if (!item->error)
        return error_no_memory(error);
    /* What stands there is observed anew, which wakes the key. */
    if ((answer->code == ERROR_CONFLICT || answer->code == ERROR_FOREIGN) && !note_place(job, item))
        return error_no_memory(error);
    job->again = job->again || answer->code == ERROR_CONFLICT;
    job->failed = true;
    job->retry_ms = answer->retry_ms > job->retry_ms ? answer->retry_ms : job->retry_ms;
    plan_fail(&job->stock.input, &job->plan, job->next,
              answer->code != ERROR_BUSY && answer->code != ERROR_CONFLICT);
    job->next++;
    return 0;
}

bool job_is_overtaken(const struct job *job)
{
    return job->edition != job->entry->edition;
}

int job_do_steps(struct job *job, struct error *error)
{
    struct sink *sink = job->controller->options.sink;

    while (job->next < job->plan.count && !job_is_overtaken(job)) {
        const struct plan_step *planned = &job->plan.steps[job->next];
        const struct stock_item *item = item_of(job);
        const struct output *output = output_of(job, planned);
        struct sink_step step = {.key = job->entry->key,
                                 .ref = item->ref,
                                 .object = output ? output->object : NULL,
                                 .uid = item->stands ? item->uid : "",
                                 .version = item->stands ? item->version : "",
                                 .others = item->stands ? item->others : NULL};
        struct sink_answer answer = {0};
        int result = 0;
        if (planned->dropped || (plan_removes(planned->phase) && !item->stands)) {
            job->next++;
            continue;
        }
        if (job->undone && (planned->phase != PLAN_WITHDRAW || job->entry->withdrew))
            (void)error_set(&answer.error, answer.code = ERROR_IO, "%s", job->undone);
        else if (planned->phase == PLAN_PUBLISH &&
                 !stock_protections(&job->stock, &step.needs, &step.needs_count))
            result = error_no_memory(error);
        else
            result = sink->apply(sink, &step, &answer);
        if (result != 0)
            return result;
        result = job_take_answer(job, &answer, error);
        if (result != 0)
            return result;
    }
    return 0;
}
