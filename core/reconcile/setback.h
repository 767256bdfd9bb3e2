/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setback - steps that were answered as done and then could not be
 *
 * A sink that gathers says at its commit what could not be done. The Api's status tells that first, and then
 * the steps are tried again, later and later: what fails again and again must not keep everybody else from
 * their turn. Where something else was met than was observed, it is observed anew, and the first tries after
 * it come at once and are not worth telling.
 */
#ifndef RECONCILE_SETBACK_H
#define RECONCILE_SETBACK_H

#include <stdbool.h>
#include <stdint.h>

/** The setbacks of one Api. Private to setback.c. */
struct setback;

/**
 * Notes one.
 *
 * @param setback  made if it is NULL; owned by caller, for setback_free().
 * @param why      what is told first; NULL: there is nothing to tell.
 * @param met      something else was met than was observed.
 * @return false if memory is short.
 */
bool setback_note(struct setback **setback, const char *why, bool met, int64_t now_ms);

/** Frees it. NULL is fine. */
void setback_free(struct setback *setback);

/** @return how long the steps wait before they are tried again, in ms; 0 if setback is NULL. */
int64_t setback_wait(const struct setback *setback);

/** Takes what is to be told; NULL if there is nothing. Owned by caller. */
char *setback_take(struct setback *setback);

/** The user wants something new, which is tried at once. NULL is fine. */
void setback_forgive(struct setback *setback);

#endif
