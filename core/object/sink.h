/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sink - where outputs and statuses are written, whatever is behind it
 */
#ifndef OBJECT_SINK_H
#define OBJECT_SINK_H

#include "base/error.h"
#include "object/key.h"

#include <jansson.h>

/** What a sink answers about an object that exists. */
struct live {
    /** The object. Owned by whoever asked, for json_decref(). */
    json_t *object;
    /** uid; "" where there is none (a directory). */
    char uid[64];
    /** resourceVersion or, in a directory, a digest of the content. */
    char version[64];
};

/** Where outputs and statuses are written. Filled in by the directory or, later, by the API server. */
struct sink {
    /**
     * Reads an object as it now is.
     *
     * @return 0; ERROR_NOT_FOUND; ERROR_IO, ERROR_INVALID or ERROR_LIMIT if it is there and cannot be read.
     */
    int (*read)(struct sink *sink, const struct object_ref *ref, struct live *out, struct error *error);
    /**
     * Creates or replaces an object.
     *
     * @param version  set to the version that it has now.
     * @return 0 or an error_code.
     */
    int (*write)(struct sink *sink, const struct object_ref *ref, const json_t *object, char version[64],
                 struct error *error);
    /**
     * Reports the status of an Api; equal content is not written again.
     *
     * @param api     the Api; borrowed.
     * @param status  value of its `status`; borrowed.
     */
    int (*report)(struct sink *sink, const json_t *api, const json_t *status, struct error *error);
};

#endif
