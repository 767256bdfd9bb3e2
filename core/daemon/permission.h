/* SPDX-License-Identifier: Apache-2.0 */
/*
 * permission - what the daemon must be allowed to do at the API server of a cluster
 *
 * Derived from the descriptors of its backends, so that a new backend needs no word here. Nothing is in the
 * list that the daemon does not do.
 */
#ifndef DAEMON_PERMISSION_H
#define DAEMON_PERMISSION_H

#include "plugin/registry.h"

#include <stddef.h>

/** What may be done, as bits of a set. */
enum permission_verb {
    PERMISSION_GET = 1,
    PERMISSION_LIST = 2,
    PERMISSION_WATCH = 4,
    PERMISSION_CREATE = 8,
    PERMISSION_UPDATE = 16,
    PERMISSION_PATCH = 32,
    PERMISSION_DELETE = 64
};

/** Number of verbs. */
enum { PERMISSION_VERBS = 7 };

/** Verbs on one resource. The texts are static or of a plugin's descriptor. */
struct permission {
    const char *group;       /**< "" for the core group */
    const char *plural;      /**< "virtualservices" */
    const char *subresource; /**< "status"; NULL: the object itself */
    const char *name;        /**< of the only object that is meant; NULL: of all */
    unsigned verbs;          /**< of enum permission_verb, at least one */
    const char *optional;    /**< what is not as good without it, for people; NULL: it is needed */
    const char *backend;     /**< the first backend that needs it; NULL: the program itself */
};

/** A list, without a resource in it twice. Storage of the caller; all zero is empty. */
struct permissions {
    struct permission *list; /**< owned */
    size_t count;
};

/**
 * Lists what a cluster's backends and the program itself need.
 *
 * @param registry  must outlive the list.
 * @param out       empty; for permissions_release() in any case.
 * @return 0 or ERROR_NO_MEMORY.
 */
int permissions_of(const struct registry *registry, struct permissions *out);

/** Frees the list. */
void permissions_release(struct permissions *permissions);

/** @return the word of the verb number `number`, from 0, as Kubernetes has it; its bit is 1 << number. */
const char *permission_word(unsigned number);

#endif
