/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern - whether a gateway can use a regular expression
 *
 * A gateway that is given an expression that it cannot compile refuses its whole configuration, also that of
 * the other Apis, and one that repeats a million times takes its memory. So both are refused before.
 */
#ifndef RECONCILE_PATTERN_H
#define RECONCILE_PATTERN_H

/** Greatest number of states that an expression may need, roughly: each character, class and group is one,
 * and what is repeated N times counts N times. */
#define PATTERN_STATES_MAX 10000
/** Greatest depth of groups. */
#define PATTERN_DEPTH_MAX 32

/**
 * Checks a regular expression by the grammar of ECMAScript as C++ has it.
 *
 * @return NULL if it is good; else what is wrong with it, as the end of a sentence. Static.
 */
const char *pattern_fault(const char *regex);

#endif
