/* SPDX-License-Identifier: Apache-2.0 */
/*
 * generation - a config with all its clusters, their backends loaded and made, before any of it takes effect
 */
#ifndef DAEMON_GENERATION_H
#define DAEMON_GENERATION_H

#include "base/problem.h"
#include "config/config.h"
#include "daemon/cluster.h"
#include "daemon/service.h"
#include "daemon/setup.h"

#include <stdbool.h>
#include <stddef.h>

struct generation;

/**
 * Loads a config and opens its clusters; nothing is started.
 *
 * @param setup     a config that was loaded already, taken over also on failure; NULL: the file is read.
 * @param out       set on success, held by the caller, for generation_release().
 * @param problems  what is wrong, with places; warnings also on success.
 * @return 0, ERROR_INVALID (problems holds an error) or ERROR_NO_MEMORY.
 */
int generation_load(const struct service_options *options, struct setup *setup, struct generation **out,
                    struct problems *problems);

/** Holds it once more. @return the same. */
struct generation *generation_hold(struct generation *generation);

/** Lets go; the last one frees it, and the clusters that were not given away. NULL is fine. */
void generation_release(struct generation *generation);

/** @return number of clusters. */
size_t generation_count(const struct generation *generation);

/** @return the config of a cluster. Borrowed. */
const struct config_cluster *generation_config(const struct generation *generation, size_t number);

/** @return a cluster that was not given away. Borrowed. */
struct cluster *generation_cluster(const struct generation *generation, size_t number);

/** A cluster is somebody else's from now on, who holds the generation as long as it lives. */
void generation_give(struct generation *generation, size_t number);

/** @return the admin part of the config. Borrowed. */
const struct config_admin *generation_admin(const struct generation *generation);

/** @return whether two generations have the same admin part. */
bool generation_same_admin(const struct generation *a, const struct generation *b);

/** @return whether a running cluster would not change: the same folders, settings, backends and plugin files.
 */
bool generation_same(const struct generation *generation, size_t number, const struct cluster *running);

/** @return the number of Apis that ask for authentication and would lose the last backend that authenticates;
 * 0: none, or the settings accept it. */
size_t generation_drops(const struct generation *generation, size_t number, const struct cluster *running);

#endif
