/* SPDX-License-Identifier: Apache-2.0 */
/*
 * observation - what stands at a place of the sink, or does not
 */
#ifndef OBJECT_OBSERVATION_H
#define OBJECT_OBSERVATION_H

#include "base/error.h"
#include "object/key.h"

#include <jansson.h>

/** What stands at a place of the sink. All borrowed. */
struct observation {
    /** Group, namespace and name, and of kind and plural the one that is known or both; the other and the
     * version may be NULL. */
    struct object_ref ref;
    /** The object, as a plugin would render it: without `status` and without metadata that an API server
     * adds. NULL: something that cannot be read stands there, or, without a `problem`, nothing does. */
    const json_t *object;
    /** Why it cannot be read, with its path; NULL if it can. */
    const char *problem;
    /** uid and version, "" where there is none; of what is gone those of its end. Not NULL. */
    const char *uid;
    const char *version;
    /** What was prepared of it by whoever takes it, who may move it out; NULL: nothing. */
    void **prepared;
};

/** Takes an observation. @return 0; anything else stops the sink, which returns it. */
typedef int (*observation_fn)(const struct observation *observation, void *payload, struct error *error);

#endif
