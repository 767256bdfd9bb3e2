/* SPDX-License-Identifier: Apache-2.0 */
/*
 * refusal - what an API server says when it does not do what it was asked
 *
 * Usually a Status object. An unknown path is answered in plain text, and so is a request too many; a proxy
 * in between sends HTML.
 */
#ifndef KUBE_REFUSAL_H
#define KUBE_REFUSAL_H

#include "base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Storage of the caller. The texts live as long as it does. */
struct refusal {
    int code;              /**< as in HTTP; 0 if nobody said */
    bool is_status;        /**< a Status object said so, and not a proxy or a path that is unknown */
    const char *reason;    /**< "Expired", "Conflict"; "" if there is none */
    const char *message;   /**< of the server, for people, in one line; "" if there is none */
    int64_t retry_after_s; /**< seconds to wait as told in the body; -1 if nobody said */
    json_t *root;          /**< private */
    char *own;             /**< private */
};

/**
 * Reads the body of an answer that is no success, or the object of a watch's ERROR event.
 *
 * @param refusal  filled in; for refusal_release().
 * @param code     of HTTP; used if the body does not say better; 0: none.
 * @param body     may be NULL if size is 0; not used afterwards.
 * @return 0 or ERROR_NO_MEMORY.
 */
int refusal_read(struct refusal *refusal, int code, const char *body, size_t size, struct error *error);

/** Frees what it holds. NULL is fine. */
void refusal_release(struct refusal *refusal);

/** @return whether one of the causes has this reason, such as "ResourceVersionTooLarge". */
bool refusal_has_cause(const struct refusal *refusal, const char *reason);

/** @return whether it says what in the object is refused. */
bool refusal_has_causes(const struct refusal *refusal);

/** @return whether it is about just this object: one that is missing is named, a kind or a path that is
 * missing is not. @param plural  of its kind. */
bool refusal_names(const struct refusal *refusal, const char *plural, const char *name);

/** @return whether it tells that a resource version is too old to go on from: 410, "Expired" or "Gone". */
bool refusal_is_expired(const struct refusal *refusal);

#endif
