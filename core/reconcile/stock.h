/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stock - what the backends want for an Api, beside what stands: everything that a plan is made from
 */
#ifndef RECONCILE_STOCK_H
#define RECONCILE_STOCK_H

#include "base/arena.h"
#include "base/error.h"
#include "base/map.h"
#include "object/sink.h"
#include "reconcile/claims.h"
#include "reconcile/effective.h"
#include "reconcile/ledger.h"
#include "reconcile/plan.h"
#include "reconcile/render.h"
#include "store/observed.h"
#include "store/store.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/** What all Apis of a cluster share. All borrowed. */
struct stock_context {
    const struct settings *settings;
    const struct registry *registry;
    const struct store *store;
    struct observed_table *observed;
    struct ledger *ledger;
    /** As in struct render_input. */
    bool own_routes;
    bool tells_all;
    /** Kinds that the sink does not have or does not let us see; NULL: none. Key "KIND.GROUP" -> struct
     * kind_trouble. */
    const struct map *troubles;
};

/** Why outputs of a kind cannot be had. */
struct kind_trouble {
    /** It may come by itself: it is not served (yet). Otherwise we are not permitted. */
    bool absent;
    char why[512];
};

/** A name at which something of a backend stands or is wanted. */
struct stock_item {
    /** Group, version, kind, plural, namespace and name. Texts of the arena or the descriptor. */
    struct object_ref ref;
    /** Number of the kind in the observed table. */
    int kind;
    bool primary;
    /** What is wanted while routes move, and in the end; NULL: nothing. Of the renderings. */
    const struct output *wide;
    const struct output *narrow;
    /** An object of ours stands there now, with this uid and version. */
    bool stands;
    /** Metadata of others, as in struct sink_step; NULL: none. Of the arena. */
    const char *others;
    char uid[SINK_TEXT_SIZE];
    char version[SINK_TEXT_SIZE];
    /** It stands as it is wanted in the end. */
    bool good;
    /** It was written in this pass. */
    bool written;
    /** Why it cannot be read or a step failed; NULL if neither. Of the arena. */
    const char *error;
    int error_code;
};

/** A backend of the registry. */
struct stock_backend {
    const struct backend *backend;
    /** What it wants in the end, and while routes move (only if that differs). */
    struct rendering narrow;
    struct rendering wide;
    /** In the order of the plugin, then what is no longer wanted. Of the arena. */
    struct stock_item *items;
    /** The same for the plan. Of the arena. */
    struct plan_item *plan_items;
    size_t count;
    /** Why nobody knows what stands of a kind of it: we may not see it; NULL: it is known. Of the arena. */
    const char *unseen;
};

/** Storage of the caller. */
struct stock {
    const struct stock_context *context;
    const struct entry *entry;
    /** NULL: nothing is wanted, only what stands is looked at. */
    const struct effective *effective;
    struct arena arena;
    /** One for each backend of the registry. Of the arena. */
    struct stock_backend *backends;
    size_t count;
    struct plan_input input;
};

struct draft;

/** @return what a backend works from for an Api, but for what it has to cover. All borrowed. */
struct render_input stock_input(const struct stock_context *context, const json_t *api,
                                const struct effective *effective);

/**
 * Renders and looks.
 *
 * @param api        as the user wrote it; NULL if `effective` is.
 * @param effective  NULL: the Api is gone, or refused before it came to that.
 * @param draft      of `api`; its renderings are moved out of it; NULL: there is none.
 * @param stock      filled in, for stock_release() in any case.
 * @return 0 or ERROR_NO_MEMORY.
 */
int stock_take(const struct stock_context *context, const struct entry *entry, const json_t *api,
               const struct effective *effective, struct draft *draft, struct stock *stock,
               struct error *error);

/** Frees what the stock holds. */
void stock_release(struct stock *stock);

/** @return the backend's primary object that stands, the first in its order; NULL if none does. */
const struct stock_item *stock_primary(const struct stock_backend *backend);

/** @return whether all that the backend wants in the end stands, and that it wants something. */
bool stock_all_good(const struct stock_backend *backend);

/** @return the role of the backend (enum apigw_role). */
int32_t stock_role(const struct stock_backend *backend);

/**
 * Lists the protections that are wanted and stand, for the routes that are written behind them; none if the
 * Api does not ask for authentication.
 *
 * @param needs  set on success; of the stock's arena.
 * @return false if memory is short.
 */
bool stock_protections(struct stock *stock, const struct sink_need **needs, size_t *count);

/** @return why nobody knows what stands of the backends of a role (enum apigw_role), the disabled ones too;
 * NULL: it is known. Of the arena. */
const char *stock_unseen(const struct stock *stock, int32_t role);

#endif
