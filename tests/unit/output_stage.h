/* SPDX-License-Identifier: Apache-2.0 */
/*
 * output_stage - an output on a folder of a test's own, and what it told
 */
#ifndef TESTS_OUTPUT_STAGE_H
#define TESTS_OUTPUT_STAGE_H

#include "base/text.h"
#include "directory/output.h"

#include <stdbool.h>

/** Storage of the caller. */
struct output_stage {
    char root[64];
    struct output *output;
    struct error error;
    struct sink_answer answer;
    /** What the listener was told, a line each:
     * "NAMESPACE PLURAL.GROUP KIND NAME VERSION" of an object, "... absent", "... problem: WORDS";
     * "status NAMESPACE NAME"; "failed KEY CODE: WORDS". */
    struct text told;
    /** Number of keys told as failed since the start. */
    unsigned failures;
    /** Whether lines of objects end in their compact JSON. */
    bool with_objects;
    /** What steps count on. Borrowed. */
    const struct sink_need *needs;
    size_t needs_count;
    /** What the listener returns. */
    int listener_result;
};

/** The Route team/shop of the group net.example.org. */
extern const struct object_ref output_route;
/** Its file. */
extern const char *const output_route_file;
/** The Policy team/shop of the group auth.example.org. */
extern const struct object_ref output_policy;
/** Its file. */
extern const char *const output_policy_file;
/** The status of the Api team/shop. */
extern const char *const output_status_file;

/** Opens an output in ROOT/out, where there is nothing. */
void output_stage_start(struct output_stage *stage);

/** Closes it and removes everything. */
void output_stage_finish(struct output_stage *stage);

/** Closes and opens it again. */
void output_stage_again(struct output_stage *stage);

/** @return an object of `ref` with this host, members in another order than they are to be written. */
json_t *output_make(const struct object_ref *ref, const char *host);

/** Applies an object; `stage->answer` holds the answer. @return its code. */
int output_put(struct output_stage *stage, const char *key, const struct object_ref *ref, const char *host,
               const char *version);

/** As output_put() for any object; `object` is taken. NULL: removal. */
int output_apply(struct output_stage *stage, const char *key, const struct object_ref *ref, json_t *object,
                 const char *version);

/** Reports a status of this code and time for the Api. @param time  NULL: without conditions. */
int output_tell_status(struct output_stage *stage, const char *key, int code, const char *time);

/** The Api is gone. */
int output_forget(struct output_stage *stage, const char *key);

/** Commits; `stage->told` holds what was told meanwhile. */
int output_do(struct output_stage *stage);

/** Reads all, as output_do(). */
int output_scan(struct output_stage *stage);

/** Looks at one place, as output_do(). */
int output_glance(struct output_stage *stage, const char *path);

/** @return whether the text of the answer contains the words; shows it if not. */
bool output_says(const struct output_stage *stage, const char *words);

/** @return whether what was told contains the words; shows it if not. */
bool output_told(const struct output_stage *stage, const char *words);

/** @return number of files in ROOT/out/.tmp. */
int output_temporaries(const struct output_stage *stage);

#endif
