/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cover - which Services and hosts the protections of an Api have to cover
 *
 * Those that its routes will lead to and, as long as they lead there, those that they lead to now.
 */
#ifndef RECONCILE_COVER_H
#define RECONCILE_COVER_H

#include "apigw/plugin.h"

#include <stdbool.h>
#include <stddef.h>

struct stock;

/** Names beside the Api's own. NULL-terminated, sorted, each once; of the arena. */
struct cover_set {
    const char **services;
    const char **hosts;
    size_t services_count;
    size_t hosts_count;
};

/** What has to be covered. */
struct cover {
    struct cover_set wide;   /**< while routes move */
    struct cover_set narrow; /**< in the end */
    bool widened;            /**< the two differ */
};

/** Works it out from the routes that were rendered and those that stand. @return false if memory is short. */
bool cover_make(struct stock *stock, struct cover *cover);

/** @return whether `wide` names something that the other one and the Api itself do not. */
bool cover_is_wider(const struct cover_set *wide, const struct cover_set *narrow,
                    const struct apigw_effective *api);

/** Sets `live`, `uncovered` and `routes_unknown` of the plan's input. */
void cover_judge(struct stock *stock);

#endif
