/* SPDX-License-Identifier: Apache-2.0 */
/*
 * coming - when the versions of kinds that are absent are looked for
 *
 * Every 10 s; where the server tells of definitions that come and go, once a minute (a kind that is served by
 * none comes untold), but often for a while after one came: it is served a moment later.
 */
#ifndef DAEMON_COMING_H
#define DAEMON_COMING_H

#include <stdbool.h>
#include <stdint.h>

/** Of one cluster; all zero is its beginning. All times are in ms of the monotonic clock. */
struct coming {
    int64_t due_ms;   /**< of the next look */
    int64_t hurry_ms; /**< private: until then it is looked for often */
    bool told;        /**< private */
};

/** It is being looked for: sets when that is due again. */
void coming_looked(struct coming *coming, int64_t now_ms);

/** A definition came, or changed, of a kind that is absent. */
void coming_announced(struct coming *coming, int64_t now_ms);

/** Whether the server tells of definitions now. @return whether that has changed. */
bool coming_set_told(struct coming *coming, bool told, int64_t now_ms);

#endif
