/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status - outcomes become the status of an Api
 */
#ifndef RECONCILE_STATUS_H
#define RECONCILE_STATUS_H

#include "object/condition.h"
#include "object/settings.h"
#include "plugin/registry.h"
#include "reconcile/reason.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The codes of the Api's documentation. */
enum status_code {
    STATUS_NOT_CREATED = 0,     /**< not attempted, nothing exists */
    STATUS_IN_PROGRESS = 1,     /**< comes by itself */
    STATUS_CREATED = 2,         /**< stands as wanted */
    STATUS_ERROR = 3,           /**< refused */
    STATUS_HOST_OCCUPIED = 4,   /**< another VirtualService has the host */
    STATUS_SERVICE_OCCUPIED = 5 /**< another Api has the Service */
};

/** What came of one backend. All texts borrowed. */
struct backend_status {
    const struct backend *backend;
    enum status_code code;
    enum reason reason;
    /** "" if there is nothing to say. Not NULL. */
    const char *last_error;
    /** Of the primary object that exists; NULL each if unknown or if none exists. */
    const char *resource_name;
    const char *resource_uid;
    const char *resource_version;
    /** Not reported under its status key: it protects, and authentication is off; or it is disabled. */
    bool silent;
    /** Not reported at all: it is disabled, and nothing of it is left. */
    bool absent;
};

/** A condition. Texts borrowed. */
struct condition {
    bool is_true;
    enum reason reason;
    /** Not NULL; "" is replaced by the meaning of the reason. */
    const char *message;
    /** Nobody knows; `is_true` is false then. */
    bool is_unknown;
};

/** What came of an Api. */
struct api_status {
    enum status_code validation;
    /** metadata.generation; 0: it has none. */
    int64_t generation;
    /** The Api asks for authentication (also where nothing can provide it). */
    bool authentication;
    /** For `authenticationStatus` where no enabled backend authenticates; "" if there is nothing to say. */
    const char *authentication_error;
    const struct backend_status *backends;
    size_t count;
    struct condition conditions[CONDITION_COUNT];
};

/**
 * Builds the value of `status`: validationStatus, for each backend {code, lastError, resource} under the
 * status key of its plugin and under its alias where the settings ask for it, observedGeneration, conditions,
 * backends.
 *
 * @param wall_s  time of conditions that have changed, in seconds since the epoch.
 * @return owned by caller; NULL if memory is short.
 */
json_t *status_build(const struct api_status *api, const struct settings *settings, int64_t wall_s);

#endif
