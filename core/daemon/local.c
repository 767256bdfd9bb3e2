/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/local.h"

#include "daemon/now.h"
#include "daemon/slack.h"
#include "directory/output.h"
#include "directory/quiet.h"
#include "directory/watch.h"

#include <stdlib.h>
#include <string.h>

/* What could not be opened is tried again after this time. */
static const int64_t retry_ms = 2000;

/* A status that says "in progress" is written if nothing better comes within this time. */
static const int64_t progress_ms = 2000;

struct local;

/* A watch, polled by the loop. */
struct eye {
    struct local *local;
    struct watch *watch;
    /* Owned by the loop while it closes; NULL: there is nothing to poll. */
    uv_poll_t *poll;
    int fd;
    int64_t rescan_at;
};

struct local {
    uv_loop_t *loop;
    struct cluster *cluster;
    const struct log *log;
    uv_timer_t timer;
    struct eye input;
    struct eye output;
    struct quiet quiet;
    struct slack slack;
    /* The sink was opened and read; not yet: at retry_at. */
    bool started;
    int64_t retry_at;
    /* The input was read to its end at least once. */
    bool listed;
    /* It was told that it is ready, and not yet that it is not. */
    bool ready;
    struct error why;
};

static void arm(struct local *local);

static void free_handle(uv_handle_t *handle)
{
    free(handle);
}

static void stop_polling(struct eye *eye)
{
    if (eye->poll)
        uv_close((uv_handle_t *)eye->poll, free_handle);
    eye->poll = NULL;
    eye->fd = -1;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct eye *eye = poll->data;

    (void)status;
    (void)events;
    watch_read(eye->watch);
    arm(eye->local);
}

/* Polls what the watch has now; after a rescan it may be another descriptor. */
static void poll_watch(struct eye *eye)
{
    int fd = watch_fd(eye->watch);

    if (fd == eye->fd)
        return;
    stop_polling(eye);
    if (fd < 0)
        return;
    eye->poll = malloc(sizeof *eye->poll);
    if (!eye->poll || uv_poll_init(eye->local->loop, eye->poll, fd) != 0) {
        free(eye->poll);
        eye->poll = NULL;
        return;
    }
    eye->fd = fd;
    eye->poll->data = eye;
    (void)uv_poll_start(eye->poll, UV_READABLE, on_readable);
}

static void input_changed(const char *path, void *payload)
{
    struct local *local = payload;

    (void)path;
    quiet_change(&local->quiet, now().ms);
}

static void fail(struct local *local, const struct error *error)
{
    if (strcmp(local->why.message, error->message) != 0)
        log_write(local->log, LOG_LEVEL_ERROR, "cluster not ready", "cluster", local->cluster->config->name,
                  "error", error->message, (char *)NULL);
    local->why = *error;
    local->ready = false;
}

static void recover(struct local *local)
{
    local->why = (struct error){0};
    if (local->ready || local_why(local))
        return;
    local->ready = true;
    log_write(local->log, LOG_LEVEL_INFO, "cluster ready", "cluster", local->cluster->config->name,
              (char *)NULL);
}

/* Somebody changed what stands in the output, or we did. */
static void output_changed(const char *path, void *payload)
{
    struct local *local = payload;
    struct error error = {0};

    if (!local->started)
        return;
    if (cluster_look(local->cluster, path ? path : "", &error) == 0)
        return;
    fail(local, &error);
    local->retry_at = now().ms + retry_ms;
}

static int open_eye(struct local *local, struct eye *eye, const struct watch_options *options,
                    struct error *error)
{
    *eye = (struct eye){.local = local, .fd = -1};
    return watch_new(options, &eye->watch, error);
}

static int open_eyes(struct local *local, struct error *error)
{
    const struct config_cluster *config = local->cluster->config;
    const struct watch_options input = {.path = config->input,
                                        .skip = config->output,
                                        .follow = true,
                                        .changed = input_changed,
                                        .payload = local};
    const struct watch_options output = {.path = config->output, .changed = output_changed, .payload = local};
    int result = open_eye(local, &local->input, &input, error);

    return result == 0 ? open_eye(local, &local->output, &output, error) : result;
}

/* Opens the sink and reads it. */
static void start(struct local *local, int64_t at)
{
    struct error error = {0};

    if (cluster_start(local->cluster, progress_ms, &error) != 0) {
        fail(local, &error);
        local->retry_at = at + retry_ms;
        return;
    }
    output_watched(local->cluster->output);
    local->started = true;
    recover(local);
    quiet_change(&local->quiet, at);
}

/* What seems to be gone after a pass is gone only if nothing has changed while it was made. */
static void pass(struct local *local, struct moment moment)
{
    struct error error = {0};
    bool quiet = quiet_pass(&local->quiet, moment.ms);
    int result = cluster_read(local->cluster, quiet, &error);
    bool complete;

    watch_read(local->input.watch);
    complete = result == 0 && quiet && local->cluster->read.complete && quiet_due_ms(&local->quiet) < 0;
    if (result == 0 || local->listed) {
        struct error second = {0};
        if (cluster_settle(local->cluster, complete, moment, &second) != 0 && result == 0) {
            error = second;
            result = second.code;
        }
    }
    if (result != 0) {
        fail(local, &error);
        local->retry_at = moment.ms + retry_ms;
        return;
    }
    local->retry_at = 0;
    local->listed = local->listed || quiet;
    recover(local);
}

static void work(struct local *local, struct moment moment)
{
    struct error error = {0};

    if (cluster_run(local->cluster, moment, &error) != 0) {
        fail(local, &error);
        local->retry_at = moment.ms + retry_ms;
    }
}

static int64_t rescan_due(const struct eye *eye)
{
    return watch_rescan_ms(eye->watch) >= 0 ? eye->rescan_at : QUEUE_NEVER;
}

static void rescan(struct eye *eye, int64_t at)
{
    int wait = watch_rescan_ms(eye->watch);

    if (wait < 0)
        return;
    if (eye->rescan_at == 0)
        eye->rescan_at = at + wait;
    if (eye->rescan_at > at)
        return;
    watch_rescan(eye->watch);
    eye->rescan_at = at + wait;
}

static int64_t pass_due(const struct local *local)
{
    int64_t due = quiet_due_ms(&local->quiet);

    if (local->retry_at > 0 && (due < 0 || local->retry_at < due))
        due = local->retry_at;
    return due < 0 ? QUEUE_NEVER : due;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* When something has to be done next. */
static int64_t next_due(const struct local *local)
{
    int64_t due = least(rescan_due(&local->input), rescan_due(&local->output));

    if (!local->started)
        return least(due, local->retry_at);
    due = least(due, slack_due_ms(&local->slack));
    return least(due, least(pass_due(local), controller_next(local->cluster->controller)));
}

static void on_timer(uv_timer_t *timer)
{
    struct local *local = timer->data;
    struct moment moment = now();

    rescan(&local->input, moment.ms);
    rescan(&local->output, moment.ms);
    if (!local->started && local->retry_at <= moment.ms)
        start(local, moment.ms);
    if (local->started && pass_due(local) <= moment.ms)
        pass(local, moment);
    else if (local->started && controller_next(local->cluster->controller) <= moment.ms)
        work(local, moment);
    if (local->started)
        slack_note(&local->slack, controller_turns(local->cluster->controller),
                   controller_is_idle(local->cluster->controller, moment.ms), moment.ms);
    arm(local);
}

static void arm(struct local *local)
{
    int64_t due = next_due(local);
    int64_t at = now().ms;

    poll_watch(&local->input);
    poll_watch(&local->output);
    if (due == QUEUE_NEVER)
        (void)uv_timer_stop(&local->timer);
    else
        (void)uv_timer_start(&local->timer, on_timer, due > at ? (uint64_t)(due - at) : 0, 0);
}

int local_start(uv_loop_t *loop, struct cluster *cluster, const struct log *log, struct local **out,
                struct error *error)
{
    struct local *local = calloc(1, sizeof *local);
    int result;

    if (!local)
        return error_no_memory(error);
    *local = (struct local){.loop = loop, .cluster = cluster, .log = log};
    result = open_eyes(local, error);
    if (result != 0) {
        watch_free(local->input.watch);
        watch_free(local->output.watch);
        free(local);
        return result;
    }
    (void)uv_timer_init(loop, &local->timer);
    local->timer.data = local;
    start(local, now().ms);
    arm(local);
    *out = local;
    return 0;
}

static void free_local(uv_handle_t *handle)
{
    free(handle->data);
}

void local_stop(struct local *local)
{
    if (!local)
        return;
    stop_polling(&local->input);
    stop_polling(&local->output);
    watch_free(local->input.watch);
    watch_free(local->output.watch);
    local->cluster = NULL;
    uv_close((uv_handle_t *)&local->timer, free_local);
}

const char *local_why(const struct local *local)
{
    const struct cluster *cluster = local->cluster;

    if (local->why.code != 0)
        return local->why.message;
    if (!local->started)
        return "the output was not read yet";
    /* What cannot be told in a status is told here. */
    if (controller_unreported(cluster->controller) > 0 && output_trouble(cluster->output))
        return output_trouble(cluster->output);
    return local->listed ? NULL : "the input was not read to its end yet";
}

const char *local_degraded(const struct local *local)
{
    const char *input = watch_degraded(local->input.watch);

    return input ? input : watch_degraded(local->output.watch);
}
