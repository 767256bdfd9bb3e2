/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/lookup.h"

#include "base/backoff.h"
#include "reconcile/claims.h"
#include "reconcile/controller_state.h"

#include <stdlib.h>
#include <string.h>

/* What is being done about it. */
enum stage { STAGE_IDLE, STAGE_WAITING, STAGE_UNDER_WAY };

/* What came of the last one. */
enum result { RESULT_NONE, RESULT_THERE, RESULT_GONE, RESULT_FAILED };

struct lookup {
    struct lookup *next; /* that waits */
    enum stage stage;
    enum result result; /* what was not judged yet; RESULT_NONE: there is none */
    enum result last;   /* what was judged last */
    bool spoilt;        /* the answer that is under way is of before */
    bool told;          /* that it is kept */
    bool failed;        /* it was told that it cannot be looked up */
    unsigned looks;     /* in a row that found it */
    unsigned failures;  /* in a row */
    int64_t asked_ms;
    int64_t due_ms;
    int64_t retry_ms; /* what the sink asked to wait */
    bool leaving;
    char uid[SINK_TEXT_SIZE];
    char key[];
};

/* Lookups must not keep writes waiting. */
static const size_t most_under_way = 4;
/* What is kept is looked up this often; whatever happens to it, not more often than the last. */
static const int64_t first_look_ms = 10000;
static const int64_t most_look_ms = 300000;
static const int64_t least_look_ms = 1000;
static const int64_t most_wait_ms = 60000;
/* Where many Apis are kept, all of them together no more often than this. */
static const int64_t share_ms = 100;

bool lookups_init(struct lookups *lookups, uint64_t seed)
{
    *lookups = (struct lookups){.table = map_new(free), .random = seed ? seed : 1};
    return lookups->table;
}

void lookups_release(struct lookups *lookups)
{
    map_free(lookups->table);
    *lookups = (struct lookups){0};
}

size_t lookups_memory(const struct lookups *lookups)
{
    return map_memory(lookups->table) + map_count(lookups->table) * sizeof(struct lookup);
}

static struct lookup *get_or_add(struct lookups *lookups, const char *key)
{
    struct lookup *lookup = map_get(lookups->table, key);
    size_t size = strlen(key) + 1;

    if (lookup)
        return lookup;
    lookup = calloc(1, sizeof *lookup + size);
    if (!lookup)
        return NULL;
    memcpy(lookup->key, key, size);
    if (map_set(lookups->table, key, lookup))
        return lookup;
    free(lookup);
    return NULL;
}

/* One that is in line or under way is forgotten when its turn or its answer comes. */
static void forget(struct lookups *lookups, struct lookup *lookup)
{
    lookup->told = false;
    lookup->spoilt = true;
    if (lookup->stage == STAGE_IDLE)
        (void)map_remove(lookups->table, lookup->key);
}

/* Whether the source would tell of the Api, if it were there. */
static bool would_be_told(const struct controller_options *options, const char *key)
{
    const char *const *name = options->namespaces;
    size_t length = strcspn(key, "/");

    if (options->selective)
        return false;
    if (!name || !*name)
        return true;
    while (*name && (strncmp(*name, key, length) != 0 || (*name)[length] != '\0'))
        name++;
    return *name;
}

/* @param uid  only outputs that were made for the Api of this uid, or do not say for which; NULL: all. */
static bool has_output(const struct controller *controller, const struct entry *entry, const char *uid)
{
    const struct observed *object = observed_first(controller->observed, entry->key);

    while (object && (!claims_own(entry, object) ||
                      (uid && observed_has_api_uid(object) && !observed_api_uid_is(object, uid))))
        object = observed_next(controller->observed, object);
    return object;
}

static void fail(struct controller *controller, struct lookup *lookup, const struct sink_found *found)
{
    struct lookups *lookups = &controller->lookups;

    if (!lookup->failed)
        log_write(controller->options.log, lookups->failing ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARNING,
                  "api cannot be looked up, its outputs stay", "cluster", controller->options.cluster, "api",
                  lookup->key, "error", found->error.message, (char *)NULL);
    lookup->failed = true;
    lookups->failing = true;
    lookup->failures++;
    lookup->retry_ms = found->retry_ms;
    lookup->result = RESULT_FAILED;
}

/* Asks the sink, or gets in line. */
static int ask(struct controller *controller, struct lookup *lookup, struct error *error)
{
    struct lookups *lookups = &controller->lookups;
    struct sink *sink = controller->options.sink;
    struct sink_found found = {0};

    if (lookups->under_way >= most_under_way) {
        lookup->stage = STAGE_WAITING;
        lookup->next = NULL;
        *(lookups->first ? &lookups->last->next : &lookups->first) = lookup;
        lookups->last = lookup;
        return 0;
    }
    lookup->asked_ms = controller->now_ms;
    found.code = sink->look_up(sink, lookup->key, &found.error);
    if (found.code == 0) {
        lookup->stage = STAGE_UNDER_WAY;
        lookups->under_way++;
        return 0;
    }
    if (found.code == ERROR_NO_MEMORY)
        return error_no_memory(error);
    fail(controller, lookup, &found);
    return 0;
}

/* It is there: it keeps what it has, and what it had taken without anything to show for it others may have.
 */
static int keep(struct controller *controller, struct lookup *lookup, struct entry *entry,
                struct error *error)
{
    if (!lookup->told)
        log_write(controller->options.log, LOG_LEVEL_INFO,
                  entry->seen ? "api left the selection, what it has stays"
                              : "api not selected, what it has stays",
                  "cluster", controller->options.cluster, "api", entry->key, (char *)NULL);
    lookup->told = true;
    if (wake_taken(controller, entry, error) != 0)
        return ERROR_NO_MEMORY;
    ledger_release(controller->ledger, entry);
    return 0;
}

static void set_due(struct lookups *lookups, struct lookup *lookup, int64_t now_ms)
{
    int64_t share = (int64_t)map_count(lookups->table) * share_ms;
    int64_t most = share > most_look_ms ? share : most_look_ms;
    int64_t delay;

    if (lookup->last == RESULT_FAILED) {
        delay = backoff_jitter(&lookups->random, backoff_delay(least_look_ms, lookup->failures, most));
        delay = delay > lookup->retry_ms ? delay : lookup->retry_ms;
    } else {
        delay = backoff_jitter(&lookups->random, backoff_delay(first_look_ms, lookup->looks, most));
    }
    lookup->due_ms = now_ms + delay;
}

/* What a lookup found is judged once: by the next time it may be otherwise. */
static int conclude(struct controller *controller, struct lookup *lookup, struct entry *entry, bool *gone,
                    struct error *error)
{
    bool there =
        lookup->result == RESULT_THERE && !lookup->leaving && has_output(controller, entry, lookup->uid);

    lookup->last = lookup->result;
    lookup->result = RESULT_NONE;
    if (lookup->last != RESULT_FAILED && !there) {
        forget(&controller->lookups, lookup);
        *gone = true;
        return 0;
    }
    if (there)
        lookup->looks++;
    set_due(&controller->lookups, lookup, controller->now_ms);
    return there ? keep(controller, lookup, entry, error) : 0;
}

/* There is room for the next one in line; whoever came back meanwhile is passed over. */
static int next_in_line(struct controller *controller, struct error *error)
{
    struct lookups *lookups = &controller->lookups;

    while (lookups->first && lookups->under_way < most_under_way) {
        struct lookup *lookup = lookups->first;
        const struct entry *entry = ledger_get(controller->ledger, lookup->key);
        lookups->first = lookup->next;
        lookup->stage = STAGE_IDLE;
        lookup->spoilt = false;
        if (entry && !entry->present)
            return wake_key(controller, entry->key, error);
        (void)map_remove(lookups->table, lookup->key);
    }
    return 0;
}

/* Goes on with what is known of it. */
static int go_on(struct controller *controller, struct lookup *lookup, struct entry *entry, bool *gone,
                 struct error *error)
{
    int result = 0;

    if (lookup->stage == STAGE_IDLE && lookup->result == RESULT_NONE && lookup->due_ms <= controller->now_ms)
        result = ask(controller, lookup, error);
    /* Its answer calls the key; should memory be short then, this does. */
    if (result == 0 && lookup->stage != STAGE_IDLE &&
        !queue_add(controller->queue, entry->key, controller->now_ms + most_wait_ms))
        return error_no_memory(error);
    if (result != 0 || lookup->stage != STAGE_IDLE)
        return result;
    if (lookup->result != RESULT_NONE)
        result = conclude(controller, lookup, entry, gone, error);
    if (result != 0 || *gone)
        return result;
    return queue_add(controller->queue, entry->key, lookup->due_ms) ? 0 : error_no_memory(error);
}

int lookup_judge(struct controller *controller, struct entry *entry, bool *gone, struct error *error)
{
    struct lookup *lookup = map_get(controller->lookups.table, entry->key);
    int result = 0;

    *gone = false;
    if (!controller->complete)
        return 0;
    if (would_be_told(&controller->options, entry->key) || !has_output(controller, entry, NULL)) {
        if (lookup)
            forget(&controller->lookups, lookup);
        *gone = true;
    } else if (controller->options.sink->look_up) {
        lookup = get_or_add(&controller->lookups, entry->key);
        result = lookup ? go_on(controller, lookup, entry, gone, error) : error_no_memory(error);
    }
    /* One that was called and did not ask leaves its room to the next. */
    return result == 0 ? next_in_line(controller, error) : result;
}

void lookup_spoil(struct controller *controller, const struct entry *entry)
{
    struct lookup *lookup = map_get(controller->lookups.table, entry->key);

    if (!lookup)
        return;
    if (entry->present) {
        forget(&controller->lookups, lookup);
        return;
    }
    lookup->spoilt = lookup->stage == STAGE_UNDER_WAY;
    lookup->result = RESULT_NONE;
    lookup->looks = 0;
    if (lookup->last != RESULT_FAILED && lookup->due_ms > lookup->asked_ms + least_look_ms)
        lookup->due_ms = lookup->asked_ms + least_look_ms;
}

/* What is looked for among all. */
struct renewal {
    struct controller *controller;
    struct error *error;
    int result;
};

static bool renew(const char *key, void *value, void *payload)
{
    struct renewal *renewal = payload;
    struct lookups *lookups = &renewal->controller->lookups;
    struct lookup *lookup = value;
    int64_t soon = (int64_t)map_count(lookups->table) * share_ms;

    if (lookup->stage != STAGE_IDLE)
        return true;
    lookup->looks = 0;
    soon = renewal->controller->now_ms + backoff_jitter(&lookups->random, soon);
    lookup->due_ms = lookup->due_ms < soon ? lookup->due_ms : soon;
    renewal->result = wake_key(renewal->controller, key, renewal->error);
    return renewal->result == 0;
}

int lookup_renew(struct controller *controller, struct error *error)
{
    struct renewal renewal = {controller, error, 0};

    map_each(controller->lookups.table, renew, &renewal);
    return renewal.result;
}

int controller_found(struct controller *controller, const char *key, const struct sink_found *found,
                     struct error *error)
{
    struct lookups *lookups = &controller->lookups;
    struct lookup *lookup = map_get(lookups->table, key);
    const struct entry *entry = ledger_get(controller->ledger, key);
    int result = 0;

    if (!lookup || lookup->stage != STAGE_UNDER_WAY)
        return 0;
    lookups->under_way--;
    lookup->stage = STAGE_IDLE;
    if (!entry || entry->present) {
        (void)map_remove(lookups->table, key);
        return next_in_line(controller, error);
    }
    if (lookup->spoilt) {
        lookup->spoilt = false;
    } else if (found->code != 0 && found->code != ERROR_NOT_FOUND) {
        fail(controller, lookup, found);
    } else {
        lookup->result = found->code == 0 ? RESULT_THERE : RESULT_GONE;
        lookup->leaving = found->leaving;
        memcpy(lookup->uid, found->uid, sizeof lookup->uid);
        lookup->uid[sizeof lookup->uid - 1] = '\0';
        lookup->failures = 0;
        lookup->failed = lookups->failing = false;
    }
    result = wake_key(controller, key, error);
    return result == 0 ? next_in_line(controller, error) : result;
}

const char *lookup_sentence(const struct controller *controller, const struct entry *entry)
{
    const struct lookup *lookup = map_get(controller->lookups.table, entry->key);

    if (entry->present || !has_output(controller, entry, NULL))
        return NULL;
    if (lookup && lookup->last == RESULT_FAILED)
        return "is not told of and cannot be looked up; what it has stays until it can";
    if (lookup && lookup->last == RESULT_THERE)
        return "is there, but no longer selected by namespaces or labelSelector; what it has stays as it is";
    return "is not told of; what it has stays until it is known whether it is gone";
}
