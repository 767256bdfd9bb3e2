/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quarrel - how soon what others did to our outputs is undone
 *
 * At once, as a rule. Where somebody does it over and over, each repair waits longer, at most 5 s, so that
 * two who want different things do not keep an API server busy; after some calm all is as before.
 */
#ifndef RECONCILE_QUARREL_H
#define RECONCILE_QUARREL_H

#include <stdbool.h>
#include <stdint.h>

/** Of one Api. All zero: peace. Private to quarrel.c. */
struct quarrel {
    int64_t last_ms;  /**< of the last repair that counted */
    int64_t until_ms; /**< the repair waits until then; 0: none waits */
    unsigned repairs; /**< that are remembered */
    bool touched;     /**< somebody did something since */
};

/** Somebody changed or removed an output. */
void quarrel_touch(struct quarrel *quarrel);

/** The user wants something new, which does not wait. */
void quarrel_break_off(struct quarrel *quarrel);

/** The Api's turn has come. @return until when it waits, in ms, for quarrel_touch() alone was the reason; 0:
 * it does not. */
int64_t quarrel_wait(struct quarrel *quarrel, int64_t now_ms);

/** @return whether the next repair would wait: somebody does it over and over. */
bool quarrel_is_on(const struct quarrel *quarrel, int64_t now_ms);

/** @return whether it is other than peace. */
bool quarrel_is_remembered(const struct quarrel *quarrel);

/** @return whether a repair waits. */
bool quarrel_waits(const struct quarrel *quarrel);

#endif
