/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/runner.h"

#include "daemon/now.h"
#include "directory/output.h"
#include "directory/quiet.h"
#include "directory/watch.h"

#include <stdlib.h>
#include <string.h>

/* What could not be opened is tried again after this time. */
static const int64_t retry_ms = 2000;

/* A status that says "in progress" is written if nothing better comes within this time. */
static const int64_t progress_ms = 2000;

struct runner;

/* A watch, polled by the loop. */
struct eye {
    struct runner *runner;
    struct watch *watch;
    /* Owned by the loop while it closes; NULL: there is nothing to poll. */
    uv_poll_t *poll;
    int fd;
    int64_t rescan_at;
};

struct runner {
    uv_loop_t *loop;
    struct cluster *cluster;
    const struct log *log;
    uv_timer_t timer;
    struct eye input;
    struct eye output;
    struct quiet quiet;
    /* The sink was opened and read; not yet: at retry_at. */
    bool started;
    int64_t retry_at;
    /* The input was read to its end at least once. */
    bool listed;
    struct error why;
};

static void arm(struct runner *runner);

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
    arm(eye->runner);
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
    if (!eye->poll || uv_poll_init(eye->runner->loop, eye->poll, fd) != 0) {
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
    struct runner *runner = payload;

    (void)path;
    quiet_change(&runner->quiet, now().ms);
}

static void fail(struct runner *runner, const struct error *error)
{
    if (strcmp(runner->why.message, error->message) != 0)
        log_write(runner->log, LOG_LEVEL_ERROR, "cluster failed", "cluster", runner->cluster->config->name,
                  "error", error->message, (char *)NULL);
    runner->why = *error;
}

static void recover(struct runner *runner)
{
    if (runner->why.code != 0)
        log_write(runner->log, LOG_LEVEL_INFO, "cluster recovered", "cluster", runner->cluster->config->name,
                  (char *)NULL);
    runner->why = (struct error){0};
}

/* Somebody changed what stands in the output, or we did. */
static void output_changed(const char *path, void *payload)
{
    struct runner *runner = payload;
    struct error error = {0};

    if (!runner->started)
        return;
    if (cluster_look(runner->cluster, path ? path : "", &error) != 0)
        fail(runner, &error);
}

static int open_eye(struct runner *runner, struct eye *eye, const struct watch_options *options,
                    struct error *error)
{
    *eye = (struct eye){.runner = runner, .fd = -1};
    return watch_new(options, &eye->watch, error);
}

static int open_eyes(struct runner *runner, struct error *error)
{
    const struct config_cluster *config = runner->cluster->config;
    const struct watch_options input = {.path = config->input,
                                        .skip = config->output,
                                        .follow = true,
                                        .changed = input_changed,
                                        .payload = runner};
    const struct watch_options output = {
        .path = config->output, .changed = output_changed, .payload = runner};
    int result = open_eye(runner, &runner->input, &input, error);

    return result == 0 ? open_eye(runner, &runner->output, &output, error) : result;
}

/* Opens the sink and reads it. */
static void start(struct runner *runner, int64_t at)
{
    struct error error = {0};

    if (cluster_start(runner->cluster, progress_ms, &error) != 0) {
        fail(runner, &error);
        runner->retry_at = at + retry_ms;
        return;
    }
    output_watched(runner->cluster->output);
    runner->started = true;
    recover(runner);
    quiet_change(&runner->quiet, at);
}

/* What seems to be gone after a pass is gone only if nothing has changed while it was made. */
static void pass(struct runner *runner, struct moment moment)
{
    struct error error = {0};
    bool quiet = quiet_pass(&runner->quiet, moment.ms);
    int result = cluster_read(runner->cluster, quiet, &error);
    bool complete;

    watch_read(runner->input.watch);
    complete = result == 0 && quiet && runner->cluster->read.complete && quiet_due_ms(&runner->quiet) < 0;
    if (result == 0 || runner->listed) {
        struct error second = {0};
        if (cluster_settle(runner->cluster, complete, moment, &second) != 0 && result == 0) {
            error = second;
            result = second.code;
        }
    }
    if (result != 0) {
        fail(runner, &error);
        runner->retry_at = moment.ms + retry_ms;
        return;
    }
    runner->retry_at = 0;
    runner->listed = runner->listed || quiet;
    recover(runner);
}

static void work(struct runner *runner, struct moment moment)
{
    struct error error = {0};

    if (cluster_run(runner->cluster, moment, &error) != 0) {
        fail(runner, &error);
        runner->retry_at = moment.ms + retry_ms;
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

static int64_t pass_due(const struct runner *runner)
{
    int64_t due = quiet_due_ms(&runner->quiet);

    if (runner->retry_at > 0 && (due < 0 || runner->retry_at < due))
        due = runner->retry_at;
    return due < 0 ? QUEUE_NEVER : due;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* When something has to be done next. */
static int64_t next_due(const struct runner *runner)
{
    int64_t due = least(rescan_due(&runner->input), rescan_due(&runner->output));

    if (!runner->started)
        return least(due, runner->retry_at);
    return least(due, least(pass_due(runner), controller_next(runner->cluster->controller)));
}

static void on_timer(uv_timer_t *timer)
{
    struct runner *runner = timer->data;
    struct moment moment = now();

    rescan(&runner->input, moment.ms);
    rescan(&runner->output, moment.ms);
    if (!runner->started && runner->retry_at <= moment.ms)
        start(runner, moment.ms);
    if (runner->started && pass_due(runner) <= moment.ms)
        pass(runner, moment);
    else if (runner->started && controller_next(runner->cluster->controller) <= moment.ms)
        work(runner, moment);
    arm(runner);
}

static void arm(struct runner *runner)
{
    int64_t due = next_due(runner);
    int64_t at = now().ms;

    poll_watch(&runner->input);
    poll_watch(&runner->output);
    if (due == QUEUE_NEVER)
        (void)uv_timer_stop(&runner->timer);
    else
        (void)uv_timer_start(&runner->timer, on_timer, due > at ? (uint64_t)(due - at) : 0, 0);
}

int runner_start(uv_loop_t *loop, struct cluster *cluster, const struct log *log, struct runner **out,
                 struct error *error)
{
    struct runner *runner = calloc(1, sizeof *runner);
    int result;

    if (!runner)
        return error_no_memory(error);
    *runner = (struct runner){.loop = loop, .cluster = cluster, .log = log};
    result = open_eyes(runner, error);
    if (result != 0) {
        watch_free(runner->input.watch);
        watch_free(runner->output.watch);
        free(runner);
        return result;
    }
    (void)uv_timer_init(loop, &runner->timer);
    runner->timer.data = runner;
    start(runner, now().ms);
    arm(runner);
    *out = runner;
    return 0;
}

static void free_runner(uv_handle_t *handle)
{
    free(handle->data);
}

void runner_stop(struct runner *runner)
{
    if (!runner)
        return;
    stop_polling(&runner->input);
    stop_polling(&runner->output);
    watch_free(runner->input.watch);
    watch_free(runner->output.watch);
    cluster_close(runner->cluster);
    runner->cluster = NULL;
    uv_close((uv_handle_t *)&runner->timer, free_runner);
}

struct cluster *runner_cluster(const struct runner *runner)
{
    return runner->cluster;
}

const char *runner_why(const struct runner *runner)
{
    if (runner->why.code != 0)
        return runner->why.message;
    if (!runner->started)
        return "the output was not read yet";
    return runner->listed ? NULL : "the input was not read to its end yet";
}

const char *runner_degraded(const struct runner *runner)
{
    const char *input = watch_degraded(runner->input.watch);

    return input ? input : watch_degraded(runner->output.watch);
}
