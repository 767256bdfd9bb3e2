/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sink - where outputs and statuses are written, whatever is behind it
 *
 * What the controller asks for one Api comes in order, the next step only after the answer to the one before.
 * A sink that gathers (a directory) answers at once, as if the step were done, and makes the steps of a key
 * happen in that order at its commit; if one of them cannot be done then, the later ones of the key are not
 * done either, its report included, and the key is told as failed.
 */
#ifndef OBJECT_SINK_H
#define OBJECT_SINK_H

#include "base/error.h"
#include "object/key.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Room for a uid or a version. */
#define SINK_TEXT_SIZE 64

/** The answer comes later (controller_answer()). */
#define SINK_PENDING 1

/** What a step counts on: an object of ours that is to stand as it was observed or written. All borrowed. */
struct sink_need {
    struct object_ref ref;
    const char *version;
};

/** What is done to an output. All borrowed. */
struct sink_step {
    /** Key of the Api, "NAMESPACE/NAME". */
    const char *key;
    struct object_ref ref;
    /** The object as it is wanted, whole; NULL: it is removed. */
    const json_t *object;
    /** uid and version of what was observed there, which the step may replace or remove; "" each: nothing
     * stands there. If something else stands there, the answer is ERROR_CONFLICT, nothing has changed, and
     * the sink has what stands there observed anew. */
    const char *uid;
    const char *version;
    /** What others have in the metadata of what was observed, as JSON text: labels, annotations, finalizers,
     * ownerReferences; it stays. NULL: nothing. */
    const char *others;
    /** Of a route that asks for authentication: the protections it is written behind. A sink that can look at
     * them for next to nothing (a directory) does so last of all, and answers ERROR_CONFLICT if one of them
     * does not stand any more; it is observed anew. */
    const struct sink_need *needs;
    size_t needs_count;
};

/** What came of a step. */
struct sink_answer {
    /** 0 or an error_code: ERROR_CONFLICT if other than what was observed stands there, ERROR_FOREIGN if
     * something stands in the way, ERROR_BUSY if it may pass by itself, ERROR_IO or ERROR_LIMIT if it was
     * refused. ERROR_NO_MEMORY. */
    int code;
    /** Of the object as it is now; "" if it is gone or where there is none (a directory has no uid). */
    char uid[SINK_TEXT_SIZE];
    char version[SINK_TEXT_SIZE];
    /** Earliest time of another try from now on, in ms; 0 if the sink does not say. */
    int64_t retry_ms;
    /** Why not. */
    struct error error;
};

/** What the lookup of an Api found. */
struct sink_found {
    /** 0: it is there; ERROR_NOT_FOUND: it is not. Anything else: that is not known. */
    int code;
    /** It has a deletionTimestamp. */
    bool leaving;
    /** uid of the Api that is there. */
    char uid[SINK_TEXT_SIZE];
    /** As in struct sink_answer. */
    int64_t retry_ms;
    /** Why it is not known. */
    struct error error;
};

/** Who changed an object, as the API server notes it. All borrowed, none NULL. */
struct sink_manager {
    const char *name;
    const char *operation; /**< "Update", "Apply" */
    const char *time;      /**< RFC 3339; "" if it is not told */
};

/** Where outputs and statuses are written. Filled in by the directory or the API server. */
struct sink {
    /**
     * Creates, replaces or removes an output.
     *
     * @param answer  filled in unless SINK_PENDING is returned. Removing what is gone already is a success.
     * @return 0 if the answer is there (good or bad), or SINK_PENDING.
     */
    int (*apply)(struct sink *sink, const struct sink_step *step, struct sink_answer *answer);
    /**
     * Reports the status of an Api. Equal content is not written again: where nothing but the times of
     * conditions differ, the old ones stay (condition_carry()).
     *
     * @param key     of the Api; its status is what this step is about.
     * @param api     the Api; borrowed. NULL: it is gone, and so goes its status.
     * @param status  value of its `status`; borrowed; NULL if `api` is.
     * @return as apply().
     */
    int (*report)(struct sink *sink, const char *key, const json_t *api, const json_t *status,
                  struct sink_answer *answer);
    /**
     * Looks whether an Api is there, also one that the source does not select. NULL: the source tells of all.
     *
     * @param key  copied.
     * @return 0: the answer comes later, once (controller_found()). Else an error_code, and none comes.
     */
    int (*look_up)(struct sink *sink, const char *key, struct error *error);
    /**
     * Asks who, other than us, changed an output last; controller_take_manager() is told, later, if that is
     * known. NULL: the sink does not know.
     *
     * @param key  of the Api.
     * @param ref  group, version, plural, namespace and name of the output; borrowed.
     */
    void (*ask_manager)(struct sink *sink, const char *key, const struct object_ref *ref);
};

#endif
