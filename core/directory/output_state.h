/* SPDX-License-Identifier: Apache-2.0 */
/*
 * output_state - what the parts of the output share
 *
 * Private to the output.
 */
#ifndef DIRECTORY_OUTPUT_STATE_H
#define DIRECTORY_OUTPUT_STATE_H

#include "base/text.h"
#include "directory/batch.h"
#include "directory/content.h"
#include "directory/folders.h"
#include "directory/output.h"
#include "directory/spot.h"
#include "directory/tree.h"
#include "directory/written.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** An output. Steps come in by its sink. */
struct output {
    /** First, so that it is found from its sink. */
    struct sink sink;
    struct tree tree;
    struct folders folders;
    struct batch batch;
    /** Places whose last step could not be done at a commit; the next one there is done at once, so that its
     * answer is the truth. */
    struct map *refused;
    /** What was moved to its place since output_watched(). */
    struct written written;
    /** Of the last temporary file. */
    uint64_t number;
    /** Somebody watches the folder. */
    bool watched;
    /** Something was done that no sync came after. */
    bool unsynced;
    /** The open folders may have been moved away meanwhile. */
    bool stale;
    /** Why something could not be written; code 0: a commit since wrote all that it should. */
    struct error trouble;
    /** That came after the last commit. */
    bool troubled;
};

/** What stands at a place, or is staged to. */
struct standing {
    /** NUL-terminated, owned, for free(); NULL: nothing stands there. */
    char *data;
    size_t size;
    struct trace trace;
    /** "" if nothing stands there. */
    char version[CONTENT_VERSION_SIZE];
};

/** A step on its way into the batch. All borrowed. */
struct output_step {
    const char *key;
    const struct spot *spot;
    const char *place;
    bool report;
    /** What is written; NULL: removal. */
    const struct text *text;
    /** What stands there. */
    const struct trace *before;
    struct batch_needs needs;
};

/** @return the output that a sink belongs to. */
struct output *output_of(struct sink *sink);

/** Puts the file, and the mark if there is one, in front of the message. @param error  not NULL. @return
 * code. */
int output_blame(const struct output *output, const struct spot *spot, struct yaml_mark mark, int code,
                 struct error *error);

/** Before the first look at the folders: what was open in an earlier pass is opened anew. */
void output_refresh(struct output *output);

/**
 * Reads what stands at a place or, if a step is staged there, what will.
 *
 * @param standing  filled in on success; its data is the caller's.
 * @return 0; ERROR_FOREIGN if something stands in the way; ERROR_IO; ERROR_NO_MEMORY.
 */
int output_standing(struct output *output, const struct spot *spot, const char *place,
                    struct standing *standing, struct error *error);

/**
 * Parses what stands there, which must be the object of `ref`.
 *
 * @param error  not NULL.
 * @return 0; ERROR_FOREIGN if it is something else; ERROR_NO_MEMORY.
 */
int output_parse(const struct output *output, const struct spot *spot, const struct object_ref *ref,
                 const struct standing *standing, json_t **object, struct error *error);

/** Writes the temporary file and adds the step to the batch, or does it at once where the last one was
 * refused.
 * @param error  not NULL. @return 0 or what the sink is to answer. */
int output_stage(struct output *output, const struct output_step *step, struct error *error);

/** Removes a temporary file; 0 is none. */
void output_discard(struct output *output, uint64_t temporary);

/** @return what a temporary file looks like; renaming it changes only the time of change. */
struct trace output_trace_of_temporary(struct output *output, uint64_t temporary);

/**
 * Looks at what a step counts on. What is not as the step says is noted, to be observed anew.
 *
 * @param needs  set on success.
 * @return 0; ERROR_CONFLICT; ERROR_FOREIGN if something stands in the way; ERROR_IO; ERROR_NO_MEMORY.
 */
int output_needs_take(struct output *output, const struct sink_step *step, struct batch_needs *needs,
                      struct error *error);

/** Looks at it once more, just before the step is done. @return 0; ERROR_CONFLICT, and what does not stand is
 * noted, to be observed anew; ERROR_NO_MEMORY. */
int output_needs_check(struct output *output, const struct batch_needs *needs, struct error *error);

/**
 * Does a step: the rename, or the removal.
 *
 * @param temporary  is gone afterwards, on failure too.
 * @return 0; ERROR_CONFLICT if something else than `before` stands there, or not what it needs;
 * ERROR_FOREIGN; ERROR_IO; ERROR_NO_MEMORY.
 */
int output_carry_out(struct output *output, const char *place, uint64_t temporary, const struct trace *before,
                     const struct batch_needs *needs, struct error *error);

/** Syncs and does the steps that wait, resources and then, if wanted, reports; steps that fail, and the later
 * ones of their keys, are marked. @return 0 or ERROR_NO_MEMORY. */
int output_perform(struct output *output, bool reports);

/** Removes the folder of a spot, and the ones above, if they are empty. */
void output_prune(struct output *output, const struct spot *spot);

/** Tells what stands at a spot now, staged steps aside. */
int output_observe(struct output *output, const struct spot *spot, const struct output_listener *listener,
                   struct error *error);

/** Notes that something could not be written. Other errors than ERROR_IO are passed over. */
void output_note(struct output *output, const struct error *why);

/** Ends an answer. @param code  0, or why not; its sentence is there already. */
void output_answer(struct output *output, struct sink_answer *answer, int code);

/** As sink.report. */
int output_report(struct sink *sink, const char *key, const json_t *api, const json_t *status,
                  struct sink_answer *answer);

#endif
