/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reconcile - one Api: validate, render, plan, apply in order, report
 *
 * Everything is decided before anything is written. I/O happens behind struct sink only.
 */
#ifndef RECONCILE_RECONCILE_H
#define RECONCILE_RECONCILE_H

#include "base/error.h"
#include "base/log.h"
#include "base/problem.h"
#include "object/settings.h"
#include "object/sink.h"
#include "plugin/registry.h"
#include "reconcile/status.h"
#include "store/store.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/** What came of an Api, for summaries and exit codes. */
struct reconcile_result {
    /** A route stands as the Api asks and, if it asks for authentication, so does a protection, or the
     * operator accepts that none does. */
    bool served;
    /** The Api asks for authentication. */
    bool authentication;
    /** A protection stands. */
    bool secured;
    /** Objects created or replaced. */
    unsigned writes;
    /** Full host name, "" if it could not be worked out. */
    char host[256];
    /** "SERVICE:PORT", "" if unknown. */
    char service[80];
    /** One word, in CamelCase: why not, or served how; "" if served as asked. */
    char reason[32];
    /** The same for people. */
    char message[768];
};

/** What all Apis of a cluster share. All borrowed. */
struct reconciler {
    const struct settings *settings;
    const struct registry *registry;
    const struct store *store;
    /** As in struct render_input. */
    bool store_has_outputs;
    struct sink *sink;
    const struct log *log;
};

/**
 * Makes what an Api asks for stand, and reports.
 *
 * @param api       whole object with valid namespace and name; borrowed.
 * @param problems  what validation found; places are the caller's business. Not NULL.
 * @return 0, also if the Api cannot be served (result and status say why); ERROR_NO_MEMORY; ERROR_IO if the
 *         status could not be written.
 */
int reconcile_api(const struct reconciler *reconciler, const json_t *api, struct problems *problems,
                  struct reconcile_result *result, struct error *error);

#endif
