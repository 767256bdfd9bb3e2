/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/follow.h"

#include "base/backoff.h"
#include "base/text.h"
#include "kube/denial.h"
#include "kube/path.h"
#include "kube/refusal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is under way or waits for its time. */
enum phase { PHASE_LIST_DUE, PHASE_LISTING, PHASE_WATCH_DUE, PHASE_WATCHING };

/* Where a list begins: what the server has at hand, never older than what is known, or what is certain. */
enum start { START_CACHED, START_CERTAIN };

struct follow {
    struct follow_options options;
    enum phase phase;
    enum start start;
    enum follow_state state;
    char why[512];
    /* Where the watch goes on; "" as long as there was no list. */
    char version[64];
    struct scan *scan;
    struct connection_call *call;
    int64_t due_ms;
    int64_t opened_ms; /* of the watch */
    int64_t absent_ms; /* delay of a kind that is absent */
    int64_t hurry_ms;  /* until then the kind is looked for often */
    struct denial denial;
    int64_t whole_ms; /* when all is listed anew; 0: it was not listed yet */
    unsigned failures;
    uint64_t jitter;
    bool heard;           /* the watch said something */
    bool leaving;         /* it is told that the kind goes, and the server still serves it */
    bool bookmarked;      /* the server sends bookmarks: silence means that the connection is dead */
    bool expired;         /* the watch was told that its version is too old */
    bool silent;          /* the last failure was that the server did not answer */
    bool nameless;        /* an object of the list has no name that can be read */
    bool granted;         /* the server let us read it once */
    struct error failure; /* what a listener returned */
};

/* client-go's reflector: 800 ms doubling to 30 s, jittered. */
static const int64_t first_delay_ms = 800;
static const int64_t most_delay_ms = 30000;
/* Of a server that does not answer at all: to knock costs nobody anything, and when it is back it has been
 * waited for long enough. */
static const int64_t silent_delay_ms = 8000;
/* A kind that is not there or not permitted is looked for this often. */
static const int64_t absent_delay_ms = 5000;
/* One that is about to come is looked for this often, for so long: its definition is there before it is
 * served, and is gone before it is not. */
static const int64_t hurry_delay_ms = 100;
static const int64_t hurry_time_ms = 10000;
static const int64_t leave_delay_ms = 300;
/* A kind that is denied, as long as that is not believed. */
static const int64_t denied_delay_ms = 200;
/* What a server has failed to tell in a watch it never tells: once in a while all is listed anew. */
static const int64_t certain_delay_ms = INT64_C(3600) * 1000;
/* Bookmarks come about once a minute. */
static const int64_t heartbeat_ms = 90000;
/* A watch that ended sooner, without a word, was refused in fact. */
static const int64_t short_ms = 1000;

static void wait_for(struct follow *follow, enum phase phase, int64_t delay_ms)
{
    int64_t extra =
        delay_ms > 1 ? (int64_t)(backoff_random(&follow->jitter) % (uint64_t)(delay_ms / 2 + 1)) : 0;

    follow->phase = phase;
    follow->due_ms = follow->options.now->ms + delay_ms + extra;
}

/* Backs off, at most so long, but at least as long as the server said. */
static void back_off(struct follow *follow, enum phase phase, int64_t most_ms, int64_t least_ms)
{
    int64_t delay = backoff_delay(first_delay_ms, ++follow->failures, most_ms);

    wait_for(follow, phase, delay > least_ms ? delay : least_ms);
}

/* Whoever answers again, be it that he is not ready yet, is another one than he who was silent. */
static void back_off_from_answer(struct follow *follow, enum phase phase,
                                 const struct connection_answer *answer)
{
    bool silent = answer->status == 0;

    if (silent != follow->silent)
        follow->failures = 0;
    follow->silent = silent;
    back_off(follow, phase, silent ? silent_delay_ms : most_delay_ms, answer->retry_ms);
}

static void set_state(struct follow *follow, enum follow_state state, const char *why)
{
    if (follow->state == state && strcmp(follow->why, why) == 0)
        return;
    follow->state = state;
    (void)snprintf(follow->why, sizeof follow->why, "%s", why);
    follow->options.changed(follow->options.payload);
}

static void drop_scan(struct follow *follow)
{
    scan_free(follow->scan);
    follow->scan = NULL;
}

/* @return whether it waits to see if the server stays with its no. */
static bool doubted(struct follow *follow, const struct connection_answer *answer)
{
    const struct follow_options *options = &follow->options;
    bool granted = follow->state == FOLLOW_UNKNOWN && options->granted && options->granted(options->payload);

    if (answer->status != 403 || follow->state == FOLLOW_FORBIDDEN ||
        denial_stands(&follow->denial, options->now->ms, granted))
        return false;
    set_state(follow, follow->state, answer->error.message);
    wait_for(follow, follow->version[0] ? PHASE_WATCH_DUE : PHASE_LIST_DUE, denied_delay_ms);
    return true;
}

/* Tries again soon, but not before the server wants it: it says 429 for a second when a kind is new. */
static void hurry(struct follow *follow, int64_t least_ms)
{
    wait_for(follow, PHASE_LIST_DUE, 0);
    follow->due_ms = follow->options.now->ms + (least_ms > hurry_delay_ms ? least_ms : hurry_delay_ms);
}

/* A kind that was listed keeps what is known of it; it only says why nothing new comes. */
static void refused(struct follow *follow, const struct connection_answer *answer, enum phase phase)
{
    enum follow_state state = follow->state;

    if (doubted(follow, answer))
        return;
    /* It has gone, as was told: nothing to hurry for. */
    if (follow->leaving && answer->status == 404) {
        follow->leaving = false;
        follow->hurry_ms = 0;
    }
    if (answer->status == 403)
        state = FOLLOW_FORBIDDEN;
    else if (answer->status == 404)
        state = FOLLOW_ABSENT;
    /* A kind that is about to come answers this and that before it is there. */
    if (answer->status == 403 || answer->status == 404 ||
        (state != FOLLOW_ABSENT && state != FOLLOW_FORBIDDEN))
        set_state(follow, state, answer->error.message);
    if (follow->options.now->ms < follow->hurry_ms)
        hurry(follow, answer->retry_ms);
    else if (answer->status == 404)
        wait_for(follow, PHASE_LIST_DUE, follow->absent_ms);
    else if (answer->status == 403)
        wait_for(follow, PHASE_LIST_DUE,
                 follow->options.denied_ms > 0 ? follow->options.denied_ms : absent_delay_ms);
    else
        back_off_from_answer(follow, phase, answer);
}

static bool has_name(const struct follow *follow, const struct scan_object *object)
{
    return object->name && (object->name_space || follow->options.no_namespace);
}

static int take_object(struct follow *follow, const struct scan_event *event)
{
    const struct follow_options *options = &follow->options;

    if (!has_name(follow, &event->object)) {
        follow->nameless = true;
        log_write(options->log, LOG_LEVEL_ERROR, "object without a name", "kind", options->ref.kind, "error",
                  event->problem ? event->problem : "namespace or name cannot be read", (char *)NULL);
        return 0;
    }
    return options->put(&event->object, event->problem, options->payload, &follow->failure);
}

static void note_version(struct follow *follow, const char *version)
{
    if (version && strlen(version) < sizeof follow->version)
        (void)snprintf(follow->version, sizeof follow->version, "%s", version);
}

static int take_item(const struct scan_event *event, void *payload)
{
    struct follow *follow = payload;

    return event->type == SCAN_ITEM ? take_object(follow, event) : 0;
}

static int take_event(const struct scan_event *event, void *payload)
{
    struct follow *follow = payload;
    const struct follow_options *options = &follow->options;
    int result = 0;

    follow->heard = true;
    switch (event->type) {
    case SCAN_ADDED:
    case SCAN_MODIFIED:
        result = take_object(follow, event);
        break;
    case SCAN_DELETED:
        if (has_name(follow, &event->object))
            result = options->gone(&event->object, options->payload, &follow->failure);
        break;
    case SCAN_BOOKMARK:
        follow->bookmarked = true;
        connection_set_idle(follow->call, heartbeat_ms);
        break;
    case SCAN_ERROR:
        follow->expired = refusal_is_expired(event->refusal);
        return 0;
    default:
        log_write(options->log, LOG_LEVEL_WARNING, "event not understood", "kind", options->ref.kind, "type",
                  event->type_name, "error", event->problem, (char *)NULL);
        return 0;
    }
    if (result == 0)
        note_version(follow, event->object.resource_version);
    return result;
}

static bool on_data(const char *data, size_t size, void *payload)
{
    struct follow *follow = payload;

    return scan_feed(follow->scan, data, size, &follow->failure) == 0;
}

/* A watch goes on where it was: what was wrong with the server is over. */
static void on_begun(void *payload)
{
    struct follow *follow = payload;

    follow->granted = true;
    if (follow->phase != PHASE_WATCHING)
        return;
    follow->denial = (struct denial){0};
    if (follow->state == FOLLOW_CURRENT)
        set_state(follow, FOLLOW_CURRENT, "");
}

static void end_list(struct follow *follow, const struct connection_answer *answer)
{
    const struct follow_options *options = &follow->options;
    struct scan_list list = {0};
    int result = answer->error.code;

    if (result == 0)
        result = scan_finish(follow->scan, &list, &follow->failure);
    if (result == 0) {
        note_version(follow, list.resource_version);
        set_state(follow, follow->nameless ? FOLLOW_UNREADABLE : FOLLOW_CURRENT,
                  follow->nameless ? "an object has no name that can be read" : "");
        result = options->end(follow->version, options->payload, &follow->failure);
    }
    drop_scan(follow);
    if (result == 0) {
        follow->failures = follow->expired ? follow->failures : 0;
        follow->denial = (struct denial){0};
        if (follow->whole_ms == 0 || follow->start == START_CERTAIN) {
            wait_for(follow, PHASE_WATCH_DUE, certain_delay_ms);
            follow->whole_ms = follow->due_ms;
        }
        follow->start = START_CACHED;
        wait_for(follow, PHASE_WATCH_DUE, 0);
        follow->due_ms = follow->options.now->ms;
    } else if (answer->refusal && refusal_has_cause(answer->refusal, "ResourceVersionTooLarge")) {
        follow->start = START_CERTAIN;
        wait_for(follow, PHASE_LIST_DUE, 0);
    } else if (answer->error.code != 0) {
        refused(follow, answer, PHASE_LIST_DUE);
    } else {
        set_state(follow, follow->state, follow->failure.message);
        back_off(follow, PHASE_LIST_DUE, most_delay_ms, 0);
    }
}

static void end_watch(struct follow *follow, const struct connection_answer *answer)
{
    bool brief = follow->options.now->ms - follow->opened_ms < short_ms && !follow->heard;

    drop_scan(follow);
    if (follow->expired || (answer->refusal && refusal_is_expired(answer->refusal))) {
        /* Told twice in a row: what the server has at hand is too old itself. */
        follow->expired = true;
        follow->start = follow->failures > 0 ? START_CERTAIN : START_CACHED;
        follow->failures++;
        wait_for(follow, PHASE_LIST_DUE, follow->failures > 1 ? first_delay_ms : 0);
        return;
    }
    if (answer->status == 404 || answer->status == 403) {
        refused(follow, answer, PHASE_LIST_DUE);
        return;
    }
    if (answer->error.code != 0 && answer->status != 200) {
        refused(follow, answer, PHASE_WATCH_DUE);
        return;
    }
    if (brief) {
        back_off(follow, PHASE_WATCH_DUE, most_delay_ms, 0);
        return;
    }
    follow->failures = 0;
    wait_for(follow, PHASE_WATCH_DUE, 0);
}

static void on_done(const struct connection_answer *answer, void *payload)
{
    struct follow *follow = payload;

    follow->call = NULL;
    if (follow->phase == PHASE_LISTING)
        end_list(follow, answer);
    else
        end_watch(follow, answer);
}

static bool send(struct follow *follow, const struct connection_request *request, enum phase phase)
{
    const struct connection_handler handler = {
        .data = on_data, .begun = on_begun, .done = on_done, .payload = follow};
    const bool watch = phase == PHASE_WATCHING;
    const struct scan_options scan = {.form = watch ? SCAN_WATCH : SCAN_LIST,
                                      .split_status = follow->options.split_status};

    drop_scan(follow);
    follow->failure = (struct error){0};
    follow->scan = scan_new(&scan, watch ? take_event : take_item, follow);
    if (!follow->scan || connection_send(follow->options.connection, request, &handler, &follow->call,
                                         &follow->failure) != 0) {
        drop_scan(follow);
        return false;
    }
    follow->phase = phase;
    follow->due_ms = INT64_MAX;
    follow->leaving = follow->leaving && follow->options.now->ms < follow->hurry_ms;
    /* The server may watch what is not there any more. */
    if (follow->leaving && watch)
        follow->due_ms = follow->options.now->ms + leave_delay_ms;
    return true;
}

static void begin_list(struct follow *follow)
{
    const char *known = follow->version[0] ? follow->version : "0";
    const struct path_list list = {.resource_version = follow->start == START_CACHED ? known : NULL,
                                   .label_selector = follow->options.label_selector};
    struct connection_request request = {.method = "GET",
                                         .form = follow->options.metadata ? CONNECTION_METADATA_LIST
                                                                          : CONNECTION_WHOLE,
                                         .compress = true};
    struct text target = text_empty();

    follow->nameless = false;
    if (path_of_list(&target, &follow->options.ref, &list, &follow->failure) == 0 &&
        follow->options.begin(follow->options.payload, &follow->failure) == 0) {
        request.target = target.data;
        if (send(follow, &request, PHASE_LISTING)) {
            text_release(&target);
            return;
        }
    }
    text_release(&target);
    back_off(follow, PHASE_LIST_DUE, most_delay_ms, 0);
}

static void begin_watch(struct follow *follow)
{
    const struct path_watch watch = {.resource_version = follow->version,
                                     .timeout_s = 300 + (unsigned)(backoff_random(&follow->jitter) % 300),
                                     .label_selector = follow->options.label_selector};
    struct connection_request request = {.method = "GET",
                                         .form = follow->options.metadata ? CONNECTION_METADATA
                                                                          : CONNECTION_WHOLE,
                                         .stream = true,
                                         .idle_ms = follow->bookmarked ? heartbeat_ms : 0};
    struct text target = text_empty();

    follow->heard = false;
    follow->expired = false;
    follow->opened_ms = follow->options.now->ms;
    if (path_of_watch(&target, &follow->options.ref, &watch, &follow->failure) == 0) {
        request.target = target.data;
        /* Without bookmarks the server's own end is the last that can be waited for. */
        if (!follow->bookmarked)
            request.idle_ms = ((int64_t)watch.timeout_s + 5) * 1000;
        if (send(follow, &request, PHASE_WATCHING)) {
            text_release(&target);
            return;
        }
    }
    text_release(&target);
    back_off(follow, PHASE_WATCH_DUE, most_delay_ms, 0);
}

int follow_new(const struct follow_options *options, struct follow **out, struct error *error)
{
    struct follow *follow = calloc(1, sizeof *follow);

    if (!follow)
        return error_no_memory(error);
    follow->options = *options;
    follow->jitter = options->seed ? options->seed : 1;
    follow->absent_ms = absent_delay_ms;
    *out = follow;
    return 0;
}

void follow_free(struct follow *follow)
{
    if (!follow)
        return;
    if (follow->call)
        connection_cancel(follow->options.connection, follow->call);
    drop_scan(follow);
    free(follow);
}

/* What is under way may be of a kind that is there no more. */
static void give_up(struct follow *follow)
{
    if (follow->call)
        connection_cancel(follow->options.connection, follow->call);
    follow->call = NULL;
    drop_scan(follow);
    follow->phase = PHASE_LIST_DUE;
}

void follow_tick(struct follow *follow)
{
    if (follow->due_ms > follow->options.now->ms)
        return;
    if (follow->leaving && follow->call)
        give_up(follow);
    if (follow->phase == PHASE_WATCH_DUE && follow->failures == 0 &&
        follow->whole_ms <= follow->options.now->ms) {
        follow->start = START_CERTAIN;
        follow->phase = PHASE_LIST_DUE;
    }
    if (follow->phase == PHASE_LIST_DUE)
        begin_list(follow);
    else if (follow->phase == PHASE_WATCH_DUE)
        begin_watch(follow);
}

int64_t follow_due_ms(const struct follow *follow)
{
    return follow->due_ms;
}

void follow_look_again(struct follow *follow, bool gone)
{
    int64_t now = follow->options.now->ms;

    follow->leaving = gone;
    if (gone) {
        /* The server needs a moment, too. */
        follow->due_ms = now + hurry_delay_ms;
    } else if (follow->state == FOLLOW_ABSENT && follow->phase == PHASE_LIST_DUE) {
        follow->due_ms = now;
    }
    if (gone || follow->state == FOLLOW_ABSENT)
        follow->hurry_ms = now + hurry_time_ms;
}

void follow_set_absent_delay(struct follow *follow, int64_t delay_ms)
{
    follow->absent_ms = delay_ms;
    if (follow->state == FOLLOW_ABSENT && follow->phase == PHASE_LIST_DUE &&
        follow->options.now->ms >= follow->hurry_ms)
        wait_for(follow, PHASE_LIST_DUE, delay_ms);
}

enum follow_state follow_state(const struct follow *follow)
{
    return follow->state;
}

const char *follow_why(const struct follow *follow)
{
    return follow->why;
}

bool follow_granted(const struct follow *follow)
{
    return follow->granted;
}

bool follow_connected(const struct follow *follow)
{
    return follow->phase == PHASE_WATCHING;
}
