/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stage - a controller over a world in memory, with a clock, failures on demand and a judge that watches
 *
 * The stage is the source and the sink. What the user and the operator do is told to the controller and to
 * the judge; every write of the controller is told to the judge as it happens. A process that dies is a
 * controller that is dropped: the next one finds the same world and is told everything anew.
 */
#ifndef TESTS_STAGE_H
#define TESTS_STAGE_H

#include "cardboard.h"
#include "judge.h"
#include "object/moment.h"
#include "object/sink.h"

#include <jansson.h>
#include <stdbool.h>

struct controller;

/** When the sink answers. */
enum stage_delivery {
    STAGE_AT_ONCE,  /**< in the call */
    STAGE_LATER,    /**< after the run, when the write happens too */
    STAGE_REVERSED, /**< as later, the last call first */
    STAGE_GATHERED, /**< in the call, as if it were done; the writes happen at a commit after the run */
    STAGE_DELIVERIES
};

/** What happens to one write. */
enum stage_fault {
    STAGE_NO_FAULT,
    STAGE_REFUSED,     /**< refused, and all that follow at its place */
    STAGE_BUSY,        /**< not now, twice at its place; then done */
    STAGE_DIES_BEFORE, /**< the process dies before it */
    STAGE_DIES_AFTER,  /**< the process dies after it, before the answer */
    STAGE_FAULTS
};

/** The stage. Its address must not change. Read the members; change them through the functions only. */
struct stage {
    struct cardboard cardboard;
    struct judge *judge;
    struct controller *controller;
    struct sink sink;
    struct moment now;
    enum stage_delivery delivery;
    /** What the source holds: "KIND/NAMESPACE/NAME" to object. */
    json_t *inputs;
    /** What the sink holds: "KIND/NAMESPACE/NAME" to {object, uid, version, backend, name}. */
    json_t *outputs;
    /** Statuses by key. */
    json_t *statuses;
    /** Calls of the sink whose writes have not happened. */
    json_t *calls;
    /** [kind, name] of what is to be observed anew. */
    json_t *looks;
    /** Whether the source knows all that it holds. */
    bool complete;
    enum stage_fault fault;
    /** Number of the write that it happens to, from 1. */
    unsigned fault_at;
    /** Place that refuses; "" if none does. */
    char broken[KEY_SIZE + 64];
    /** How often it still does; -1: for good. */
    int broken_for;
    /** Writes since the fault was set. */
    unsigned writes;
    unsigned version;
    bool dead;
    /** Something went wrong that is no finding of the judge: a call that failed, two calls at a time. */
    unsigned complaints;
};

/** Sets the stage: an empty world, no controller. */
void stage_init(struct stage *stage, enum stage_delivery delivery);

/** Frees it. */
void stage_release(struct stage *stage);

/** Starts a controller and tells it everything. One that ran is dropped before. */
void stage_start(struct stage *stage);

/** Drops the controller. */
void stage_stop(struct stage *stage);

/** An Api, or a foreign object of an owned kind, is put into the source; told to the controller if one runs.
 * The object is moved in. */
void stage_put(struct stage *stage, json_t *object);

/** An object goes from the source. */
void stage_remove(struct stage *stage, const char *kind, const char *name);

/** Somebody changes the object of a backend in the sink, or removes it (NULL). The object is moved in. */
void stage_tamper(struct stage *stage, int backend, const char *name, json_t *object);

/** As stage_tamper() without a word to the controller, and before what waits for a commit has happened. */
void stage_tamper_unseen(struct stage *stage, int backend, const char *name, json_t *object);

/** Whether all that the source holds is known. */
void stage_complete(struct stage *stage, bool complete);

/** The operator's config (members of `cardboard`) has changed: the judge is told. Only without a controller.
 */
void stage_configure(struct stage *stage);

/** From now on the write number `at` meets the fault. */
void stage_break(struct stage *stage, enum stage_fault fault, unsigned at);

/** What failed does so no more. */
void stage_heal(struct stage *stage);

/**
 * Runs until nothing is left to do.
 *
 * @param rounds  of the clock, at most.
 * @return false if something is left.
 */
bool stage_run(struct stage *stage, unsigned rounds);

/** Lets the controller begin what is due; what it calls has not happened yet, unless the sink answers at
 * once. */
void stage_begin(struct stage *stage);

/** @return {outputs, statuses}, without uids, versions and times; owned by caller. `name` NULL: of all Apis;
 * otherwise of the Api "default/NAME". */
json_t *stage_snapshot(const struct stage *stage, const char *name);

#endif
