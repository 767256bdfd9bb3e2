/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service - the daemon: clusters on a loop, signals, reload, and the answers at the admin socket
 */
#ifndef DAEMON_SERVICE_H
#define DAEMON_SERVICE_H

#include "base/log.h"
#include "base/text.h"
#include "daemon/admin.h"
#include "daemon/notify.h"
#include "daemon/runner.h"
#include "daemon/setup.h"
#include "daemon/twins.h"

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

/** What the command line says. All borrowed. */
struct service_options {
    const char *config;
    const struct string_list *plugin_dirs;
    const struct log *log;
};

/** A config that some cluster still works from. Shared by its clusters. */
struct generation;

/** A cluster that runs. */
struct service_cluster {
    struct runner *runner;
    struct generation *generation;
};

/** The daemon. Storage of the caller; members are private to service.c and service_routes.c. */
struct service {
    struct service_options options;
    uv_loop_t loop;
    uv_signal_t signals[3];
    uv_timer_t watchdog;
    struct notify notify;
    struct admin *admin;
    struct twins *twins;
    /** What it was started with; a reload does not change it. Of the first generation. */
    struct generation *first;
    struct service_cluster *clusters;
    size_t count;
    /** Why the last reload was refused; "" if it was not. */
    struct text refusal;
    size_t reloads;
    /** Ready was told to the service manager. */
    bool announced;
    bool stopping;
};

/**
 * Runs until a signal ends it: TERM and INT finish what is under way; a second one exits at once. HUP
 * reloads.
 *
 * @param setup  the config, loaded; taken over.
 * @return EXIT_GOOD; EXIT_USAGE if a backend or an address of the config cannot be had.
 */
enum exit_code service_run(const struct service_options *options, struct setup *setup);

/**
 * Takes the config file as it is now: as a whole, or not at all.
 *
 * @param outcome  gets a line for each problem and for what came of it.
 * @return whether it is in force.
 */
bool service_reload(struct service *service, struct text *outcome);

/** @return whether every cluster is ready and the config in force is the one in the file; appends a line for
 * each check to `out`, if that is not NULL. */
bool service_ready(const struct service *service, struct text *out);

/** The routes of the admin socket. Static. */
extern const struct admin_route service_routes[];

#endif
