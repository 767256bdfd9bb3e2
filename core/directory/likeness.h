/* SPDX-License-Identifier: Apache-2.0 */
/*
 * likeness - two texts of a status, compared line by line
 *
 * Private to the output. Most of the time the status that stands in a file differs from the one that is to
 * be written in nothing but the times of conditions, or in these and the versions of resources. Both can be
 * seen by comparing lines, without parsing what stands there.
 */
#ifndef DIRECTORY_LIKENESS_H
#define DIRECTORY_LIKENESS_H

#include "base/text.h"

#include <stddef.h>

/** How much two texts are alike. */
enum likeness {
    /** They differ in something that only a parser can judge. */
    LIKENESS_NONE,
    /** Line by line the same but for values of `lastTransitionTime` and `version`. */
    LIKENESS_VERSIONS,
    /** Line by line the same but for values of `lastTransitionTime`. */
    LIKENESS_TIMES,
};

/**
 * Compares the text that is to be written with the one that stands there. Values count as times if they are
 * such as condition_time() writes, as versions if they are one word, both also in quotes.
 *
 * @param carried  empty; if the answer is LIKENESS_VERSIONS it gets the new text with the old one's times: no
 *                 condition has changed its status then, and so their times go on. Check `carried->failed`.
 */
enum likeness likeness_of(const struct text *wanted, const char *standing, size_t size, struct text *carried);

#endif
