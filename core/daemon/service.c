/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "daemon/service.h"

#include "daemon/cluster.h"
#include "daemon/generation.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIGNAL_TERM, SIGNAL_INT, SIGNAL_HUP, SIGNALS };

static const char *name_of(const struct service_cluster *cluster)
{
    return runner_cluster(cluster->runner)->config->name;
}

static void stop_cluster(struct service_cluster *cluster)
{
    runner_stop(cluster->runner);
    generation_release(cluster->generation);
    *cluster = (struct service_cluster){0};
}

static struct service_cluster *find(const struct service *service, const char *name)
{
    for (size_t i = 0; i < service->count; i++) {
        if (service->clusters[i].runner && strcmp(name_of(&service->clusters[i]), name) == 0)
            return &service->clusters[i];
    }
    return NULL;
}

/* Clusters whose part of the config is as it was run on; the others stop, so that their folders are free, and
 * start anew. */
static int take_over(struct service *service, struct generation *next, struct error *error)
{
    size_t count = generation_count(next);
    struct service_cluster *clusters = calloc(count + 1, sizeof *clusters);
    int result = 0;

    if (!clusters)
        return error_no_memory(error);
    for (size_t i = 0; i < count; i++) {
        struct service_cluster *old = find(service, generation_config(next, i)->name);
        if (!old || !generation_same(next, i, runner_cluster(old->runner)) || !runner_is_current(old->runner))
            continue;
        clusters[i] = *old;
        *old = (struct service_cluster){0};
    }
    for (size_t i = 0; i < service->count; i++)
        stop_cluster(&service->clusters[i]);
    for (size_t i = 0; i < count && result == 0; i++) {
        if (clusters[i].runner)
            continue;
        result = runner_start(&service->loop, generation_cluster(next, i), service->options.log,
                              service->twins, &clusters[i].runner, error);
        if (result == 0) {
            generation_give(next, i);
            clusters[i].generation = generation_hold(next);
        }
    }
    free(service->clusters);
    service->clusters = clusters;
    service->count = count;
    return result;
}

/* Lines of what is wrong, as at the start. */
static void tell_problems(const struct problems *problems, struct text *outcome)
{
    problems_print(problems, outcome);
}

/* An Api that asks for authentication would lose it. */
static bool drops_protection(const struct service *service, const struct generation *next,
                             struct text *outcome)
{
    bool drops = false;

    for (size_t i = 0; i < generation_count(next); i++) {
        const struct service_cluster *old = find(service, generation_config(next, i)->name);
        size_t asking = old ? generation_drops(next, i, runner_cluster(old->runner)) : 0;
        if (asking == 0)
            continue;
        text_append_format(
            outcome,
            "error: cluster %s: %zu %s for authentication, and no enabled backend of the new config "
            "authenticates; enable one, or accept it with unprotected: accept\n",
            name_of(old), asking, asking == 1 ? "Api asks" : "Apis ask");
        drops = true;
    }
    return drops;
}

static bool reload(struct service *service, struct text *outcome)
{
    struct generation *next = NULL;
    struct problems problems = {0};
    struct error error = {0};
    int result = generation_load(&service->options, NULL, &next, &problems);

    tell_problems(&problems, outcome);
    problems_release(&problems);
    if (result == ERROR_NO_MEMORY)
        text_append_string(outcome, "error: not enough memory\n");
    if (result != 0)
        return false;
    if (drops_protection(service, next, outcome)) {
        generation_release(next);
        return false;
    }
    if (!generation_same_admin(next, service->first))
        text_append_string(outcome, "warning: admin: changes are taken at the next start\n");
    result = take_over(service, next, &error);
    generation_release(next);
    if (result != 0)
        text_append_format(outcome, "error: %s\n", error.message);
    return result == 0;
}

/* What a reload had to say beside its outcome, without the end of its last line. */
static void gather_problems(const char *outcome, bool done, struct text *out)
{
    text_append_string(out, outcome);
    if (!done && out->length == 0)
        text_append_string(out, "not enough memory");
    while (out->length > 0 && out->data[out->length - 1] == '\n')
        text_cut(out, out->length - 1);
}

bool service_reload(struct service *service, struct text *outcome)
{
    size_t from = outcome->length;
    struct text problems = text_empty();
    char number[24];
    bool done;

    (void)notify_reloading(&service->notify);
    done = reload(service, outcome);
    gather_problems(outcome->data + from, done, &problems);
    text_clear(&service->refusal);
    if (!done)
        text_append_string(&service->refusal, problems.data);
    text_append_string(outcome,
                       done ? "reloaded\n" : "refused: the config that was in force stays in force\n");
    /* By its number each is a line of its own, however often it comes. */
    (void)snprintf(number, sizeof number, "%zu", ++service->reloads);
    log_write(service->options.log, done ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR,
              done ? "config reloaded" : "config refused", "config", service->options.config, "reload",
              number, done ? "warning" : "error", problems.length > 0 ? problems.data : NULL, (char *)NULL);
    (void)notify_ready(&service->notify, done ? "Serving" : "Serving; the last reload was refused");
    text_release(&problems);
    return done;
}

bool service_ready(const struct service *service, struct text *out)
{
    bool ready = service->refusal.length == 0 && !service->stopping;

    if (out)
        text_append_format(out, "[%c] config%s\n", service->refusal.length == 0 ? '+' : '-',
                           service->refusal.length == 0 ? "" : ": the last reload was refused");
    for (size_t i = 0; i < service->count; i++) {
        const struct runner *runner = service->clusters[i].runner;
        const char *why = runner ? runner_why(runner) : "was not started";
        const char *degraded = runner ? runner_degraded(runner) : NULL;
        ready = ready && !why;
        if (out)
            text_append_format(out, "[%c] cluster %s%s%s%s%s\n", why ? '-' : '+',
                               runner ? name_of(&service->clusters[i]) : "?", why ? ": " : "", why ? why : "",
                               degraded ? "; changes are seen late: " : "", degraded ? degraded : "");
    }
    return ready;
}

/* So long, or as often as the service manager wants to hear from us. */
static uint64_t pause_of(const struct service *service, int64_t most_ms)
{
    int64_t wait = service->notify.watchdog_ms / 2;

    return (uint64_t)(wait > 0 && wait < most_ms ? wait : most_ms);
}

static void on_watchdog(uv_timer_t *timer)
{
    struct service *service = timer->data;

    (void)log_tell_repeats(service->options.log, false);
    if (!service->announced && service_ready(service, NULL))
        service->announced = notify_ready(&service->notify, "Serving") || service->notify.fd < 0;
    if (service->notify.watchdog_ms > 0)
        (void)notify_alive(&service->notify);
    /* There is no hurry any more. */
    if (service->announced)
        uv_timer_set_repeat(timer, pause_of(service, 1000));
}

static void close_signals(struct service *service)
{
    for (int i = 0; i < SIGNALS; i++)
        uv_close((uv_handle_t *)&service->signals[i], NULL);
}

static void stop(struct service *service)
{
    service->stopping = true;
    (void)notify_stopping(&service->notify);
    log_write(service->options.log, LOG_LEVEL_INFO, "stopping", (char *)NULL);
    for (size_t i = 0; i < service->count; i++)
        stop_cluster(&service->clusters[i]);
    admin_stop(service->admin);
    service->admin = NULL;
    uv_close((uv_handle_t *)&service->watchdog, NULL);
    close_signals(service);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct service *service = handle->data;
    struct text outcome = text_empty();

    if (number != SIGHUP) {
        if (!service->stopping)
            stop(service);
        return;
    }
    (void)service_reload(service, &outcome);
    text_release(&outcome);
}

static void listen_to_signals(struct service *service)
{
    static const int numbers[SIGNALS] = {SIGTERM, SIGINT, SIGHUP};

    for (int i = 0; i < SIGNALS; i++) {
        (void)uv_signal_init(&service->loop, &service->signals[i]);
        service->signals[i].data = service;
        /* The first TERM or INT takes our handling with it: a second one ends the program at once, also
         * while the loop is too busy to hear of the first. */
        if (numbers[i] == SIGHUP)
            (void)uv_signal_start(&service->signals[i], on_signal, numbers[i]);
        else
            (void)uv_signal_start_oneshot(&service->signals[i], on_signal, numbers[i]);
    }
}

/* Tells the service manager soon that we are ready, and then as often as it wants to hear from us. */
static void start_watchdog(struct service *service)
{
    (void)uv_timer_init(&service->loop, &service->watchdog);
    service->watchdog.data = service;
    (void)uv_timer_start(&service->watchdog, on_watchdog, 20, pause_of(service, 100));
}

static int start_admin(struct service *service, struct error *error)
{
    const struct config_admin *config = generation_admin(service->first);
    const struct admin_options options = {.loop = &service->loop,
                                          .routes = service_routes,
                                          .payload = service,
                                          .socket = config->socket,
                                          .listen = config->listen};

    if (!config->socket && !config->listen)
        return 0;
    return admin_start(&options, &service->admin, error);
}

/* One line that says what runs. */
static void tell_start(const struct service *service)
{
    struct text names = text_empty();

    for (size_t i = 0; i < generation_count(service->first); i++)
        text_append_format(&names, "%s%s", i > 0 ? "," : "", generation_config(service->first, i)->name);
    log_write(service->options.log, LOG_LEVEL_INFO, "started", "version", PACKAGE_VERSION, "config",
              service->options.config, "clusters", names.data, (char *)NULL);
    text_release(&names);
}

static int start(struct service *service, struct setup *setup)
{
    struct notify_environment environment = {.notify_socket = getenv("NOTIFY_SOCKET"),
                                             .watchdog_usec = getenv("WATCHDOG_USEC"),
                                             .watchdog_pid = getenv("WATCHDOG_PID")};
    struct problems problems = {0};
    struct error error = {0};
    int result = generation_load(&service->options, setup, &service->first, &problems);
    bool bad = setup_print_problems(&problems);

    problems_release(&problems);
    if (result != 0) {
        if (!bad)
            (void)fputs("error: not enough memory\n", stderr);
        return result;
    }
    if (notify_open(&service->notify, &environment, &error) != 0)
        log_write(service->options.log, LOG_LEVEL_WARNING, "no service manager", "error", error.message,
                  (char *)NULL);
    tell_start(service);
    result = start_admin(service, &error);
    if (result == 0)
        result = take_over(service, service->first, &error);
    if (result != 0)
        (void)fprintf(stderr, "error: %s\n", error.message);
    return result;
}

enum exit_code service_run(const struct service_options *options, struct setup *setup)
{
    struct service service = {.options = *options, .notify = {.fd = -1}, .refusal = text_empty()};
    int result;

    if (uv_loop_init(&service.loop) != 0) {
        (void)fputs("error: the event loop cannot be made\n", stderr);
        return EXIT_REFUSED;
    }
    /* Whoever reads our logs or answers may go away. */
    (void)signal(SIGPIPE, SIG_IGN);
    service.twins = twins_new();
    if (!service.twins) {
        (void)fputs("error: not enough memory\n", stderr);
        (void)uv_loop_close(&service.loop);
        return EXIT_REFUSED;
    }
    listen_to_signals(&service);
    start_watchdog(&service);
    result = start(&service, setup);
    if (result != 0)
        stop(&service);
    (void)uv_run(&service.loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&service.loop);
    generation_release(service.first);
    (void)log_tell_repeats(options->log, true);
    notify_close(&service.notify);
    text_release(&service.refusal);
    free(service.clusters);
    twins_free(service.twins);
    return result == 0 ? EXIT_GOOD : EXIT_USAGE;
}
