/* SPDX-License-Identifier: Apache-2.0 */
/*
 * discovery - which version of a kind a server serves
 *
 * Of each kind the versions are tried in the order in which they are wished for; the first that is served
 * counts. What cannot be told at the moment is tried again.
 */
#ifndef KUBE_DISCOVERY_H
#define KUBE_DISCOVERY_H

#include "base/error.h"
#include "kube/connection.h"
#include "object/moment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct discovery;

/** A kind that is looked for. All borrowed, and must outlive the discovery. */
struct discovery_wish {
    const char *group;
    const char *plural;
    /** In the order of preference, NULL-terminated. */
    const char *const *versions;
};

/** How. All borrowed, and must outlive it; the wishes too. */
struct discovery_options {
    struct connection *connection;
    const struct discovery_wish *wishes;
    size_t count;
    const struct moment *now; /**< as in struct follow_options */
    /** Everything is known. The discovery must not be freed in it. */
    void (*done)(void *payload);
    void *payload;
};

/** @return whether the answer, a list of resources (APIResourceList), has one of this name, such as "apis" or
 * "apis/status". */
bool discovery_lists(const struct connection_answer *answer, const char *name);

/** @return 0 or ERROR_NO_MEMORY. @param out  set on success, for discovery_free(). */
int discovery_new(const struct discovery_options *options, struct discovery **out, struct error *error);

/** Ends it. NULL is fine. */
void discovery_free(struct discovery *discovery);

/** Does what is due. */
void discovery_tick(struct discovery *discovery);

/** @return when discovery_tick() is to be called next; INT64_MAX: not before something happens. */
int64_t discovery_due_ms(const struct discovery *discovery);

/** @return the version of a wish that is served; NULL: none is. Static texts of the wish. */
const char *discovery_version(const struct discovery *discovery, size_t wish);

/** @return why it is not done yet, for people; "" if there is nothing to say. Borrowed. */
const char *discovery_why(const struct discovery *discovery);

#endif
