/* SPDX-License-Identifier: Apache-2.0 */
/*
 * effective - what an Api means once the settings of its cluster are applied
 *
 * The one place that derives host, issuers and whether authentication is on.
 */
#ifndef RECONCILE_EFFECTIVE_H
#define RECONCILE_EFFECTIVE_H

#include "apigw/plugin.h"
#include "base/arena.h"
#include "base/error.h"
#include "object/settings.h"

#include <jansson.h>
#include <stdbool.h>

/** Effective Api with its memory. Storage of the caller; all zero is empty. */
struct effective {
    struct apigw_effective api;
    /** incompleteAuthentication: unsecured was applied: the Api asked for authentication, incompletely, and
     * is served without. */
    bool unsecured_incomplete;
    struct arena arena;
};

/** Why a host name cannot be used, or HOST_OK. */
enum host_result {
    HOST_OK,
    HOST_NO_MEMORY,
    HOST_LABEL,    /**< the part before the domain is no DNS label */
    HOST_DOMAIN,   /**< the rest is none of the domains */
    HOST_NO_DOMAIN /**< a bare label, and no domain is configured */
};

/**
 * Works out the full host name: lower-cased, the first domain appended to a bare label.
 *
 * @param host  set on HOST_OK, borrowed from the arena.
 */
enum host_result effective_host(const char *hostname, const struct settings *settings, struct arena *arena,
                                const char **host);

/** Whether authentication is on (Api documentation, authenticationEnabled and authentication). */
bool effective_authentication(const json_t *spec);

/** @return whether an element of `authentication` lacks type, jwt.issuer or jwt.jwksUri (or has it empty). */
bool effective_incomplete(const json_t *element);

/** @return whether `authentication` has elements, all of them are incomplete, and authenticationEnabled says
 * nothing: what incompleteAuthentication is about. */
bool effective_all_incomplete(const json_t *spec);

/**
 * @param api  an Api that validate_api() found no error in; borrowed.
 * @param out  filled in on success; released by effective_release().
 * @return 0 or ERROR_NO_MEMORY.
 */
int effective_make(const json_t *api, const struct settings *settings, struct effective *out,
                   struct error *error);

/** Frees the memory. NULL is fine. */
void effective_release(struct effective *effective);

#endif
