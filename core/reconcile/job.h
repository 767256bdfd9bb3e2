/* SPDX-License-Identifier: Apache-2.0 */
/*
 * job - one way through an Api: decide, do the steps one after the other, report
 *
 * Private to the job's own files. A job ends in one call where the sink answers at once, and otherwise waits
 * in the controller's table between two calls.
 */
#ifndef RECONCILE_JOB_H
#define RECONCILE_JOB_H

#include "base/arena.h"
#include "reconcile/controller_state.h"
#include "reconcile/outcome.h"
#include "reconcile/plan.h"

/** What was decided, and how far it has come. */
struct job {
    struct controller *controller;
    struct entry *entry;
    /** NULL: the Api is gone. Owned. */
    json_t *api;
    struct effective effective;
    /** What was worked out before its turn came; NULL: nothing. Borrowed until job_decide() has ended. */
    struct draft *draft;
    struct stock stock;
    struct plan plan;
    /** Of the texts that come before the stock. */
    struct arena arena;
    struct refusal refusal;
    /** An object of somebody else that has the host too; NULL: none. Of the arena. */
    const char *rival;
    struct outcome outcome;
    unsigned edition; /* of the entry, from which it was decided */
    /* A commit could not do what had been answered as done: this time that is told, and nothing is tried.
     * NULL: it could. Owned. */
    char *undone;
    size_t next; /* step */
    /* What was observed at the step's place while its answer was awaited: is there anything, and which. */
    bool met;
    bool met_object;
    char met_uid[SINK_TEXT_SIZE];
    char met_version[SINK_TEXT_SIZE];
    bool withdrew;    /* a route is gone for want of a protection */
    bool unpublished; /* a route is gone, which the Api may have needed a protection for */
    bool reporting;   /* the steps are done */
    bool again;       /* something else was met than was observed */
    bool failed;
    int64_t retry_ms; /* the longest that the sink asked to wait */
    unsigned writes;
    struct moment now;
};

/** @return a job without an Api, for job_free(); NULL if memory is short. */
struct job *job_new(struct controller *controller, struct entry *entry);

/** Whether an Api is looked at now. */
enum job_begun {
    JOB_DECIDED, /**< the plan is made */
    JOB_AFTER    /**< an older Api goes first */
};

/**
 * Decides everything: whether the Api is accepted, what is wanted, what is done.
 *
 * @param begun  set on success.
 * @param first  set to the key of the Api that goes first; borrowed.
 * @return 0 or ERROR_NO_MEMORY.
 */
int job_decide(struct job *job, enum job_begun *begun, const char **first, struct error *error);

/** The sink did something for the key. If it had refused that for long, others may have been refused for the
 * same reason: they are tried soon, and do not sit out minutes. */
void job_comes_through(struct job *job);

/** Does the steps, until the sink answers one later, an edit overtakes them or none is left. @return 0,
 * SINK_PENDING or ERROR_NO_MEMORY. */
int job_do_steps(struct job *job, struct error *error);

/** Takes the answer to the step that was done last; it is changed where what was observed meanwhile is newer.
 * @return 0 or ERROR_NO_MEMORY. */
int job_take_answer(struct job *job, struct sink_answer *answer, struct error *error);

/** @return whether what the Api asks for has changed, or it is gone: what was decided holds no longer. */
bool job_is_overtaken(const struct job *job);

/** Works out what came of it, and reports it. @return 0, SINK_PENDING or ERROR_NO_MEMORY. */
int job_report(struct job *job, struct error *error);

/** Takes the answer to the report. @return 0 or ERROR_NO_MEMORY. */
int job_take_report(struct job *job, const struct sink_answer *answer, struct error *error);

/** Ends the turn of the key in the queue. @return 0 or ERROR_NO_MEMORY. */
int job_finish(struct job *job, struct error *error);

/** @return whether outputs of the Api stand. */
bool job_anything_left(const struct job *job);

#endif
