/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan - what is done for an Api, and in which order
 *
 * Pure: from what each backend wants and what stands at each name follow the steps. After every single one of
 * them nothing is more exposed than before, and nothing new is exposed without its protection:
 *
 *   1  protections are written, wide: they cover what routes lead to now and what they will lead to
 *   2  other outputs are written
 *   3  routes are written, if every protection stands
 *   4  routes that are no longer wanted are removed
 *   5  other outputs that are no longer wanted are removed
 *   6  protections are written as they are wanted in the end, if all routes stand where they should
 *   7  protections that are no longer wanted are removed, likewise
 *
 * What is not ours, or cannot be read, is never touched, and nothing else of its backend is written. If no
 * route can be written as it is wanted, nothing is written at all, so that an Api that is not published gets
 * no protection either. Of a backend that does not render nothing is removed.
 */
#ifndef RECONCILE_PLAN_H
#define RECONCILE_PLAN_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What stands at the name of an output. */
enum plan_seen {
    PLAN_ABSENT,    /**< nothing */
    PLAN_OURS,      /**< an output of this Api */
    PLAN_FOREIGN,   /**< not ours */
    PLAN_UNREADABLE /**< something that cannot be read */
};

/** A name at which something stands or is wanted. */
struct plan_item {
    enum plan_seen seen;
    /** It is wanted while routes move, and in the end. */
    bool wide;
    bool narrow;
    /** It stands as it is wanted then. */
    bool wide_stands;
    bool narrow_stands;
    /** Both wishes are the same. */
    bool same;
};

/** A backend. */
struct plan_backend {
    /** enum apigw_role. */
    int32_t role;
    /** Outputs are wanted; otherwise an operator has disabled it, and they go. */
    bool enabled;
    /** Disabled, but its outputs stay. */
    bool kept;
    /** It refused to render; it has no wishes then. */
    bool refused;
    /** The refusal may pass by itself. */
    bool passing;
    /** Nobody knows what stands of it: nothing of it is removed. */
    bool unseen;
    /** In the order of the plugin, then what is no longer wanted. Borrowed. */
    const struct plan_item *items;
    size_t count;
};

/** Everything that is decided on. */
struct plan_input {
    /** By role: authentication, other, route. Borrowed. */
    const struct plan_backend *backends;
    size_t count;
    /** The Api is known to be gone: everything of it goes. */
    bool gone;
    /** Nothing is made or removed for it, whatever the backends want. */
    bool refused;
    /** The Api asks for authentication. */
    bool authentication;
    /** It may be published although no backend can authenticate. */
    bool accept_unprotected;
    /** Some route may stand that no backend here knows: what is protected stays protected. */
    bool routes_unknown;
    /** A route of it is live; and leads to what no live protection of it covers, as far as anybody knows. */
    bool live;
    bool uncovered;
    /** onProtectionLost: withdraw. */
    bool withdraw;
};

/** What becomes of a backend. */
enum plan_state {
    PLAN_STANDS,       /**< all outputs stand, or will once they are written */
    PLAN_REFUSED,      /**< it did not render */
    PLAN_NOT_OURS,     /**< an output is foreign */
    PLAN_NOT_READABLE, /**< an output cannot be read */
    PLAN_HELD,         /**< nothing is wrong with it; the route is refused */
    PLAN_WAITS,        /**< a route without its protection */
    PLAN_NOT_WRITTEN,  /**< a step failed */
    PLAN_GOES          /**< it is disabled, or the Api is gone: its outputs go */
};

/** No backend, no item. */
#define PLAN_NONE SIZE_MAX

/** What becomes of a backend, and why. */
struct plan_decision {
    enum plan_state state;
    /** The item to blame, or PLAN_NONE. */
    size_t item;
    /** PLAN_HELD, PLAN_WAITS: the backend to blame; PLAN_NONE: there is no backend that authenticates. */
    size_t backend;
};

/** What a step does, in the order in which they are done. */
enum plan_phase {
    PLAN_PROTECT,      /**< writes the wide wish of a protection */
    PLAN_OTHER,        /**< writes another output */
    PLAN_PUBLISH,      /**< writes a route */
    PLAN_WITHDRAW,     /**< removes a route that has lost its protection */
    PLAN_UNPUBLISH,    /**< removes a route that is no longer wanted */
    PLAN_REMOVE_OTHER, /**< removes another output */
    PLAN_NARROW,       /**< writes the final wish of a protection */
    PLAN_UNPROTECT     /**< removes a protection */
};

/** A step. */
struct plan_step {
    enum plan_phase phase;
    size_t backend;
    size_t item;
    /** Not done, after another one failed or, of PLAN_WITHDRAW, as long as none has. */
    bool dropped;
};

/** The plan. Memory is the arena's. */
struct plan {
    /** One for each backend. */
    struct plan_decision *decisions;
    /** In order. */
    struct plan_step *steps;
    size_t count;
    /** Routes were withdrawn, or are to be. */
    bool withdrawn;
};

/** @return whether the step removes; otherwise it writes. */
bool plan_removes(enum plan_phase phase);

/** Works the plan out. @return false if memory is short. */
bool plan_make(const struct plan_input *input, struct arena *arena, struct plan *plan);

/**
 * Takes note that a step failed, and drops those that must not follow it.
 *
 * @param refused  it was refused for good: where a protection is lost, routes are withdrawn if the input says
 * so.
 */
void plan_fail(const struct plan_input *input, struct plan *plan, size_t step, bool refused);

#endif
