/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pass - one way through an Api: render, look at what stands, plan, write in order
 */
#ifndef RECONCILE_PASS_H
#define RECONCILE_PASS_H

#include "base/arena.h"
#include "base/error.h"
#include "object/sink.h"
#include "reconcile/effective.h"
#include "reconcile/plan.h"
#include "reconcile/reconcile.h"
#include "reconcile/render.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/** What stands at the name of an output. */
struct pass_output {
    /** Its object is owned by the pass; NULL if there is none that can be read. */
    struct live live;
    /** Why it cannot be read or could not be written, "" if it could. Of the arena. */
    const char *error;
    /** The code that came with it. */
    int error_code;
};

/** One enabled backend. */
struct pass_backend {
    const struct backend *backend;
    struct rendering rendering;
    /** One for each output of the rendering. Of the arena. */
    struct pass_output *outputs;
    /** The same for the plan. Of the arena. */
    struct plan_output *seen;
    /** The primary object of this Api that exists, as far as it is known; name NULL if none does. Texts are
     * of the arena. */
    struct {
        const char *name;
        const char *uid;
        const char *version;
    } resource;
    /** The primary object was written in this pass. */
    bool written;
};

/** Storage of the caller, filled by pass_init(). */
struct pass {
    const struct reconciler *reconciler;
    const json_t *api;
    /** NULL: the Api is not valid; only what exists is looked at. */
    const struct effective *effective;
    struct arena arena;
    /** Enabled backends in the order of the registry. Of the arena. */
    struct pass_backend *backends;
    size_t count;
    struct plan_input input;
    struct plan plan;
    /** Hosts of live routes; NULL-terminated. Of the arena; the texts are of the live objects. */
    const char **live_hosts;
    size_t live_count;
    /** Protections cover a host that the Api does not ask for: once the route has moved, a second pass has
     * to take it away. */
    bool widened;
    unsigned writes;
};

/** @return 0 or ERROR_NO_MEMORY; pass_release() in either case. */
int pass_init(struct pass *pass, const struct reconciler *reconciler, const json_t *api,
              const struct effective *effective, struct error *error);

/** Decides everything, then writes. Failures of backends and of the sink are in the plan's decisions.
 *
 * @return 0 or ERROR_NO_MEMORY. */
int pass_run(struct pass *pass, struct error *error);

/** Only finds out which primary objects of the Api exist under its name. */
void pass_look(struct pass *pass);

/** @return whether the Api asks for authentication. */
bool pass_authentication(const struct pass *pass);

/** @return whether nothing is reported of the backend: it protects, and authentication is off. */
bool pass_silent(const struct pass *pass, const struct pass_backend *backend);

/** Frees what the pass holds. */
void pass_release(struct pass *pass);

#endif
