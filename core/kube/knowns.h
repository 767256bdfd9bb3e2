/* SPDX-License-Identifier: Apache-2.0 */
/*
 * knowns - what is known of each Api, found by its key
 */
#ifndef KUBE_KNOWNS_H
#define KUBE_KNOWNS_H

#include "kube/known.h"
#include "object/uid.h"

#include <stdbool.h>
#include <stddef.h>

struct knowns;

/** @return owned by caller, for knowns_free(); NULL if memory is short. */
struct knowns *knowns_new(void);

/** Frees all of it. NULL is fine. */
void knowns_free(struct knowns *knowns);

/**
 * Notes uid and version of an Api. One that was not known is all zero but for them.
 *
 * @param key      "NAMESPACE/NAME"; copied, as the others.
 * @param uid      "" if it has none.
 * @param version  "" if it has none.
 * @return the Api, borrowed until this or knowns_set_version() is called for it, or it is removed; NULL if
 *         memory is short; nothing has changed then.
 */
struct known *knowns_put(struct knowns *knowns, const char *key, const char *uid, const char *version);

/** Notes another version of an Api. @return as knowns_put(). */
struct known *knowns_set_version(struct knowns *knowns, struct known *known, const char *version);

/** @return the Api, borrowed as with knowns_put(); NULL if it is not known. */
struct known *knowns_get(const struct knowns *knowns, const char *key);

/** Forgets an Api. @return whether it was known. */
bool knowns_remove(struct knowns *knowns, const char *key);

/** @return the uid of an Api; in the buffer, or borrowed as the Api is. */
const char *knowns_uid(const struct known *known, char buffer[UID_SIZE]);

/** @return the version of an Api; borrowed as the Api is. */
const char *knowns_version(const struct known *known);

/** @return bytes that all of it takes. */
size_t knowns_memory(const struct knowns *knowns);

#endif
