/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan - what may be written for an Api, and in which order
 *
 * Pure: from what each backend rendered and what stands at each output's name follows what is done. The
 * rules:
 *   - authentication is written before other, other before route;
 *   - a route is written only if authentication is off or every protection stands;
 *   - what is not ours, or cannot be read, is never overwritten, and nothing else of its backend is written;
 *   - if no route can be written as it is wanted (refused, not ours, cannot be read), nothing is written at
 *     all, so that an Api that is not published gets no protection either;
 *   - a live route is not moved to another Service; then nothing is written at all.
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
    PLAN_EQUAL,     /**< what is wanted */
    PLAN_DIFFERENT, /**< ours, and other than wanted */
    PLAN_FOREIGN,   /**< not ours */
    PLAN_UNREADABLE /**< something that cannot be read */
};

/** An output. */
struct plan_output {
    enum plan_seen seen;
    /** It is ours, and writing it would take a route to another Service or a protection off one that a route
     * which no enabled backend looks after may still lead to. */
    bool moves;
};

/** A backend that has rendered. */
struct plan_backend {
    /** enum apigw_role. */
    int32_t role;
    /** It refused. It has no outputs then. */
    bool refused;
    /** In the order of the plugin. Borrowed. */
    const struct plan_output *outputs;
    size_t count;
};

/** Everything that is decided on. */
struct plan_input {
    /** In the order of the registry: authentication, other, route. Borrowed. */
    const struct plan_backend *backends;
    size_t count;
    /** The Api asks for authentication. */
    bool authentication;
    /** It may be published although no backend can authenticate. */
    bool accept_unprotected;
};

/** What becomes of a backend. */
enum plan_state {
    PLAN_STANDS,       /**< all outputs stand, or will once they are written */
    PLAN_REFUSED,      /**< it did not render */
    PLAN_NOT_OURS,     /**< an output is foreign */
    PLAN_NOT_READABLE, /**< an output cannot be read */
    PLAN_MOVES,        /**< a live route would move to another Service */
    PLAN_HELD,         /**< nothing is wrong with it; the route is refused */
    PLAN_WAITS,        /**< a route without its protection */
    PLAN_NOT_WRITTEN   /**< a write failed */
};

/** No backend, no output. */
#define PLAN_NONE SIZE_MAX

/** What becomes of a backend, and why. */
struct plan_decision {
    enum plan_state state;
    /** The output to blame, or PLAN_NONE. */
    size_t output;
    /** PLAN_HELD, PLAN_WAITS: the backend to blame; PLAN_NONE: there is no backend that authenticates. */
    size_t backend;
};

/** A write. */
struct plan_action {
    size_t backend;
    size_t output;
    /** Given up after another one failed. */
    bool dropped;
};

/** The plan. Memory is the arena's. */
struct plan {
    /** One for each backend. */
    struct plan_decision *decisions;
    /** In order. */
    struct plan_action *actions;
    size_t count;
};

/** Works the plan out. @return false if memory is short. */
bool plan_make(const struct plan_input *input, struct arena *arena, struct plan *plan);

/** Takes note that a write failed, and drops those that must not follow it. */
void plan_fail(const struct plan_input *input, struct plan *plan, size_t action);

#endif
