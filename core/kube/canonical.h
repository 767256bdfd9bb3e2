/* SPDX-License-Identifier: Apache-2.0 */
/*
 * canonical - the canonical form of a JSON text, and its digest, without a tree
 *
 * Members sorted, no white space, strings and numbers as jansson writes them: the same bytes that
 * json_canonical() gives for the tree. So what was observed in a cluster can be compared with what is wanted
 * without being parsed.
 */
#ifndef KUBE_CANONICAL_H
#define KUBE_CANONICAL_H

#include "base/digest.h"
#include "base/error.h"
#include "base/text.h"
#include "kube/tokens.h"

#include <stddef.h>

/**
 * Appends the canonical form of a value.
 *
 * @param tokens  a text that was read; its stack is used.
 * @param number  of the value's token; 0 is the whole text.
 * @return 0 or ERROR_NO_MEMORY.
 */
int canonical_append(struct tokens *tokens, uint32_t number, struct text *out, struct error *error);

/**
 * Digest of an object that holds only some members of another: that of json_canonical() of such a tree.
 *
 * @param tokens  where to cut the text up; used again.
 * @param text    an object's text.
 * @param names   of the members that count, sorted; one that is not there is left out.
 * @param digest  set on success.
 * @return 0, ERROR_INVALID (also if it is no object), ERROR_LIMIT or ERROR_NO_MEMORY.
 */
int canonical_digest(struct tokens *tokens, const char *text, size_t size, const char *const names[],
                     size_t names_count, struct digest *digest, struct error *error);

#endif
