/* SPDX-License-Identifier: Apache-2.0 */
/*
 * content - what of an output is compared: kept as an imprint, not as text
 *
 * Everything but `status` and metadata; of metadata our own labels and annotations. Labels and annotations of
 * others only have to be there where they are wanted; what others add beside them is theirs.
 */
#ifndef OBJECT_CONTENT_H
#define OBJECT_CONTENT_H

#include "base/error.h"
#include "base/imprint.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/** What is compared. */
struct content {
    struct imprint imprint;
    /** What others have in metadata as JSON text: labels, annotations, finalizers, ownerReferences; NULL if
     * there is nothing. Owned, for free(). */
    char *extra;
};

/**
 * @param object  borrowed.
 * @param seed    of all contents that are compared with each other.
 * @param out     filled in on success.
 * @return 0 or ERROR_NO_MEMORY.
 */
int content_of(const json_t *object, uint64_t seed, struct content *out);

/**
 * @param wanted_extra, extra  as in struct content.
 * @return whether what is observed is what is wanted. False where memory is short: it is written once more.
 */
bool content_stands(struct imprint wanted, const char *wanted_extra, struct imprint observed,
                    const char *extra);

#endif
