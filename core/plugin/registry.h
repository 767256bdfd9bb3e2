/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry - the backends of one cluster: plugins, instances, order
 */
#ifndef PLUGIN_REGISTRY_H
#define PLUGIN_REGISTRY_H

#include "apigw/plugin.h"
#include "base/error.h"
#include "base/log.h"
#include "base/problem.h"
#include "config/config.h"
#include "plugin/loader.h"

#include <stdbool.h>
#include <stddef.h>

/** A configured, named instance of a plugin. Owned by its registry. */
struct backend {
    /** Name in the config. Borrowed from the config. */
    const char *name;
    /** Owned. */
    struct plugin *plugin;
    /** False: loaded for its kinds only, has no instance. */
    bool enabled;
    /** Where it is disabled, its outputs stay. */
    bool kept;
    /** Checked, complete. Owned. */
    json_t *config;
    /** Of the plugin; NULL is a valid instance. */
    void *instance;
    /** Version chosen for each kind of the plugin, in its order. Borrowed from the descriptor. */
    const char **versions;
    /** Whether the config says the version, for each kind. Owned. */
    bool *pinned;
    /** Host services of this backend. Private; owned. */
    struct host_services *host;
};

/** Backends in the order in which they are applied: authentication, other, route; within a role as in the
 * config. */
struct registry {
    struct backend **backends;
    size_t count;
    /** A backend that is not required could not be loaded or made. */
    bool incomplete;
};

/**
 * Loads the plugins of a cluster, checks their options, makes the instances.
 *
 * @param cluster   must outlive the registry.
 * @param dirs      where plugins are looked for, NULL-terminated.
 * @param log       for lines of plugins; must outlive the registry. May be NULL.
 * @param out       set on success, owned by caller, for registry_free().
 * @param problems  errors and warnings with places, also about two backends with one status key or kind.
 * @return 0, ERROR_INVALID (problems holds an error) or ERROR_NO_MEMORY.
 */
int registry_build(const struct config_cluster *cluster, const char *const *dirs, const struct log *log,
                   struct registry **out, struct problems *problems);

/** Destroys the instances and frees the registry. NULL is fine. */
void registry_free(struct registry *registry);

/** @return whether an enabled backend has the role. */
bool registry_has_role(const struct registry *registry, enum apigw_role role);

/**
 * @return whether an Api that asks for authentication may be published although no enabled backend can
 *         authenticate: the settings accept it, and no enabled backend is missing.
 */
bool registry_accepts_unprotected(const struct registry *registry, const struct settings *settings);

/**
 * Has a backend render a kind in another version, as it was discovered: its instance is made anew. What the
 * config says stays.
 *
 * @param kind  number of the kind in its descriptor; `version` is one of its versions.
 * @return 0, ERROR_INVALID if the plugin refuses (the backend works on as before), or ERROR_NO_MEMORY.
 */
int backend_choose_version(struct backend *backend, size_t kind, const char *version, struct error *error);

/** @return whether two backends are configured alike and were loaded from the same bytes; versions that were
 * discovered do not count. */
bool backend_same(const struct backend *a, const struct backend *b);

/** @return the version in which the backend renders a kind of its descriptor. Borrowed. */
const char *backend_version(const struct backend *backend, const struct apigw_kind *kind);

#endif
