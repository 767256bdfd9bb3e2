/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/job.h"

#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As often in a row is nothing reported of a key that met something else than was observed. */
enum { MOST_LOOKS = 3 };

/* A route that stands without its protection is not left to the longest delay. */
static const int64_t unprotected_ms = 5000;

bool job_anything_left(const struct job *job)
{
    const struct observed *object = observed_first(job->controller->observed, job->entry->key);

    for (; object; object = observed_next(job->controller->observed, object)) {
        if (claims_own(job->entry, object))
            return true;
    }
    return false;
}

static void log_outcome(const struct job *job)
{
    const struct outcome *outcome = &job->outcome;
    const struct entry *entry = job->entry;
    const struct log *log = job->controller->options.log;
    const char *cluster = job->controller->options.cluster;
    const char *old = entry_message(entry) ? entry_message(entry) : "";
    bool open =
        outcome->reason == REASON_INCOMPLETE || (job->stock.input.authentication && !outcome->secured);
    bool same = entry->reason == outcome->reason && strcmp(old, outcome->message) == 0;
    char writes[16];

    (void)snprintf(writes, sizeof writes, "%u", job->writes);
    if (!outcome->served && !same)
        log_write(log, LOG_LEVEL_WARNING, "api refused", "cluster", cluster, "api", entry->key, "reason",
                  reason_word(outcome->reason), "error", outcome->message, (char *)NULL);
    else if (outcome->served && outcome->reason != REASON_NONE && !same)
        log_write(log, LOG_LEVEL_WARNING,
                  open ? "api served without protection" : "api served, but not whole", "cluster", cluster,
                  "api", entry->key, "reason", reason_word(outcome->reason), "error", outcome->message,
                  (char *)NULL);
    if (outcome->served && job->writes > 0)
        log_write(log, LOG_LEVEL_INFO, "api served", "cluster", cluster, "api", entry->key, "writes", writes,
                  (char *)NULL);
    if (job->rival)
        log_write(log, LOG_LEVEL_WARNING, "hostname shared", "cluster", cluster, "api", entry->key, "error",
                  job->rival, (char *)NULL);
}

static bool note_outcome(struct job *job)
{
    const struct outcome *outcome = &job->outcome;
    struct entry *entry = job->entry;
    char *message = outcome->message[0] ? strdup(outcome->message) : NULL;

    if (outcome->message[0] && !message)
        return false;
    log_outcome(job);
    if (!entry_set_message(entry, message)) {
        free(message);
        return false;
    }
    entry->reason = outcome->reason;
    entry->served = outcome->served;
    entry->secured = outcome->secured;
    entry->ready = outcome->status.conditions[CONDITION_READY].is_true;
    return true;
}

/* Whether an Api that has taken its claims lets them go: it is refused for good, and nothing of it is
 * published. */
static int settle_state(struct job *job, struct error *error)
{
    const struct claims claims = {job->controller->ledger, job->controller->observed,
                                  &job->controller->leaves};
    struct entry *entry = job->entry;

    if (!entry->valid)
        entry->state = ENTRY_REFUSED;
    if (entry->state != ENTRY_TAKEN)
        return 0;
    if (claims_live(&claims, entry)) {
        ledger_release(job->controller->ledger, entry);
        return 0;
    }
    if (job->outcome.served || job->outcome.may_come || job->again)
        return 0;
    entry->state = ENTRY_REFUSED;
    ledger_release(job->controller->ledger, entry);
    return wake_asked(job->controller, entry, error);
}

/* Whether a report would be out of date at once: something else was met than was observed, and will be
 * observed. */
static bool looks_again(const struct job *job)
{
    return job->again && queue_failures(job->controller->queue, job->entry->key) < MOST_LOOKS;
}

/* When the key comes back. */
int job_finish(struct job *job, struct error *error)
{
    struct controller *controller = job->controller;
    struct entry *entry = job->entry;
    bool retry = job->failed || job->outcome.retry || entry->unreported;
    bool open = job->stock.input.authentication && job->stock.input.live && !job->outcome.secured && retry;
    const struct contest *contest;
    int64_t due = QUEUE_NEVER;
    int64_t since;

    if (open)
        due = job->now.ms + unprotected_ms;
    since = entry->rare ? entry->rare->waits_since_ms : 0;
    if (since > 0 && controller->options.progress_ms > 0 &&
        since + controller->options.progress_ms > job->now.ms) {
        int64_t told = since + controller->options.progress_ms;
        due = told < due ? told : due;
    }
    /* When it is over that is told. */
    contest = entry->rare ? entry->rare->contest : NULL;
    if (contest && contest_ends_ms(contest) < due)
        due = contest_ends_ms(contest);
    /* Delays count from when the sink can be asked again. */
    queue_finish(controller->queue, entry->key, retry ? QUEUE_RETRY : QUEUE_DONE,
                 job->now.ms + job->retry_ms);
    if (due != QUEUE_NEVER && !queue_add(controller->queue, entry->key, due))
        return error_no_memory(error);
    return 0;
}

/* Notes whether the Api's status could not be written, and tells it the first time. */
static void note_report(struct job *job, const struct sink_answer *answer)
{
    struct entry *entry = job->entry;
    bool failed = answer->code != 0;

    if (failed && !entry->unreported) {
        job->controller->unreported++;
        log_write(job->controller->options.log, LOG_LEVEL_ERROR, "status not written", "cluster",
                  job->controller->options.cluster, "api", entry->key, "error", answer->error.message,
                  (char *)NULL);
    } else if (!failed && entry->unreported) {
        job->controller->unreported--;
    }
    entry->unreported = failed;
}

int job_take_report(struct job *job, const struct sink_answer *answer, struct error *error)
{
    static const struct sink_answer done = {0};
    struct entry *entry = job->entry;

    if (answer->code == ERROR_NO_MEMORY)
        return error_no_memory(error);
    /* What stands where the status of an Api that is gone would be is somebody else's. */
    if (!job->api && answer->code == ERROR_FOREIGN) {
        entry->has_status = false;
        note_report(job, &done);
        return 0;
    }
    if (entry->unreported && answer->code == 0)
        job_comes_through(job);
    note_report(job, answer);
    if (answer->code != 0 && answer->retry_ms > job->retry_ms)
        job->retry_ms = answer->retry_ms;
    if (answer->code == 0)
        entry->has_status = job->api != NULL;
    return 0;
}

/* Whether a status that only says "in progress" waits for better news. Where memory is short, none does. */
static bool holds_back(struct job *job)
{
    struct entry *entry = job->entry;
    int64_t now = job->now.ms > 0 ? job->now.ms : 1;

    if (!job->outcome.in_progress && entry->rare) {
        entry->rare->waits_since_ms = 0;
        entry_tidy(entry);
    }
    if (!job->outcome.in_progress || !entry_need_rare(entry))
        return false;
    if (entry->rare->waits_since_ms == 0)
        entry->rare->waits_since_ms = now;
    /* This time is not waited: what failed would be tried before it was told, again and again. */
    return !job->undone && now - entry->rare->waits_since_ms < job->controller->options.progress_ms;
}

/* @return 0, SINK_PENDING or ERROR_NO_MEMORY. */
static int report(struct job *job, struct error *error)
{
    struct controller *controller = job->controller;
    struct sink *sink = controller->options.sink;
    struct sink_answer answer = {0};
    json_t *status = NULL;
    int result;

    /* A status that could not be written may stand there all the same. */
    if (!job->api &&
        ((!job->entry->has_status && !job->entry->unreported) || job->failed || job_anything_left(job)))
        return 0;
    if (looks_again(job))
        return 0;
    if (job->api) {
        job->outcome.status.generation = json_integer_value(json_at(job->api, "metadata.generation"));
        if (holds_back(job))
            return 0;
        status = status_build(&job->outcome.status, controller->options.settings, job->now.wall_s);
        if (!status)
            return error_no_memory(error);
    }
    result = sink->report(sink, job->entry->key, job->api, status, &answer);
    json_decref(status);
    return result == SINK_PENDING ? SINK_PENDING : job_take_report(job, &answer, error);
}

/* Whether what came of the Api is worth telling: not if it has become invalid while a step waited, for then
 * stands why in the entry, and it is looked at next. */
static bool tells(const struct job *job)
{
    return !looks_again(job) && (job->entry->valid || job->refusal.reason == REASON_INVALID);
}

/* What is to be said of an output that somebody changes over and over; after some calm it is forgotten. */
static bool tell_contest(struct job *job, const char **text)
{
    struct entry_rare *rare = job->entry->rare;

    if (!rare || !rare->contest)
        return true;
    if (contest_ends_ms(rare->contest) <= job->now.ms) {
        contest_free(rare->contest);
        rare->contest = NULL;
        entry_tidy(job->entry);
        return true;
    }
    *text = contest_text(rare->contest, &job->arena);
    return *text;
}

int job_report(struct job *job, struct error *error)
{
    const char *contest = NULL;

    job->reporting = true;
    if (!tell_contest(job, &contest) ||
        !outcome_make(&job->stock, &job->plan, &job->refusal, job->rival, contest, &job->outcome))
        return error_no_memory(error);
    if (job->api && tells(job) && !note_outcome(job))
        return error_no_memory(error);
    if (job->api && settle_state(job, error) != 0)
        return error_no_memory(error);
    return report(job, error);
}
