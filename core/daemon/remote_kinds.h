/* SPDX-License-Identifier: Apache-2.0 */
/*
 * remote_kinds - which kinds of an API server the backends of a cluster own and read, and in which versions
 */
#ifndef DAEMON_REMOTE_KINDS_H
#define DAEMON_REMOTE_KINDS_H

#include "base/error.h"
#include "kube/apiserver.h"
#include "kube/discovery.h"
#include "plugin/registry.h"

#include <stdbool.h>
#include <stddef.h>

/** Kinds, and wishes for their versions. Storage of the caller; all zero is empty. Texts are of the plugins.
 */
struct remote_kinds {
    /** Owned. */
    struct apiserver_kind *kinds;
    size_t kinds_count;
    /** One for each kind that a backend owns, in the order of the registry. Owned. */
    struct discovery_wish *wishes;
    size_t wishes_count;
};

/** Frees the lists; they are empty again. */
void remote_kinds_release(struct remote_kinds *kinds);

/** Lists the wishes. @return false if memory is short. */
bool remote_kinds_wish(struct remote_kinds *kinds, const struct registry *registry);

/** Lists the kinds in the versions that are rendered: those that backends own, the disabled ones too, and
 * those that enabled ones read. @return false if memory is short. */
bool remote_kinds_list(struct remote_kinds *kinds, const struct registry *registry);

/** @return whether some kind is served in another version than the one that is rendered. */
bool remote_kinds_differ(const struct registry *registry, const struct discovery *discovery);

/** Has the backends render what was discovered. @return 0, ERROR_INVALID or ERROR_NO_MEMORY. */
int remote_kinds_choose(const struct registry *registry, const struct discovery *discovery,
                        struct error *error);

#endif
