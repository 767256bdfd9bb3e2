/* SPDX-License-Identifier: Apache-2.0 */
/*
 * draft - what can be worked out for an Api before its turn: its tree, what it means, what its backends want
 *
 * These follow from the text of the Api, the settings, the backends and the related objects, none of which
 * changes while the queue is run; claims, plans and outputs do, and what live routes ask protections to cover
 * beside the Api itself. So a second thread may make drafts
 * (base/ahead.h) for the Apis whose turn comes next. It is all the same work, done earlier: an Api whose turn
 * comes without a draft gets the same answer.
 */
#ifndef RECONCILE_DRAFT_H
#define RECONCILE_DRAFT_H

#include "reconcile/effective.h"
#include "reconcile/render.h"
#include "reconcile/stock.h"

#include <jansson.h>
#include <stdbool.h>

/** Storage of the caller; all zero is none. */
struct draft {
    /** NULL: there was not enough memory, and nothing else is there. Owned. */
    json_t *api;
    struct effective effective;
    /** One for each backend of the registry, filled in for those that are enabled, and made as if nothing had
     * to be covered but what the Api itself asks for. Owned. */
    struct rendering *renderings;
    size_t count;
    /** The outputs of the renderings once more, so that whoever made them frees them, with the memory of the
     * next draft in mind (base/json_pool.h). Owned. */
    json_t *outputs;
};

/**
 * Makes a draft. Any thread; nothing else must change what `context` leads to meanwhile.
 *
 * @param object  an Api that is valid; borrowed.
 * @param draft   all zero; filled in, for draft_release().
 */
void draft_make(const struct stock_context *context, const struct store_object *object, struct draft *draft);

/** Frees what is left of it. */
void draft_release(struct draft *draft);

#endif
