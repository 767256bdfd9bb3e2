/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledger - the Apis, by their keys, by what they ask for and by what they have taken
 *
 * A key is in the ledger as long as its Api is there, or anything of it stands in the sink.
 */
#ifndef RECONCILE_LEDGER_H
#define RECONCILE_LEDGER_H

#include "reconcile/entry.h"

#include <stdbool.h>
#include <stddef.h>

struct ledger;

/** @return owned by caller, for ledger_free(); NULL if memory is short. */
struct ledger *ledger_new(void);

/** Frees the ledger. NULL is fine. */
void ledger_free(struct ledger *ledger);

/** @return the entry of a key, or NULL. Valid until ledger_remove(). */
struct entry *ledger_get(const struct ledger *ledger, const char *key);

/** @return the entry of a key, made if there is none; NULL if memory is short. */
struct entry *ledger_add(struct ledger *ledger, const char *key);

/** Forgets an entry. */
void ledger_remove(struct ledger *ledger, struct entry *entry);

/**
 * Notes what an Api asks for.
 *
 * @param texts  of each claim; NULL: it asks for nothing.
 * @return false if memory is short; nothing has changed then.
 */
bool ledger_ask(struct ledger *ledger, struct entry *entry, const char *const texts[ENTRY_CLAIMS]);

/** The Api takes what it asks for. @return as above. */
bool ledger_take(struct ledger *ledger, struct entry *entry);

/** @return whether the Api has taken just what it asks for. */
bool ledger_has_taken(const struct entry *entry);

/** The Api lets go of what it had taken. */
void ledger_release(struct ledger *ledger, struct entry *entry);

/** Notes the related keys that its backends asked for, instead of those before. @return false if memory is
 * short; nothing has changed then. */
bool ledger_note_asked(struct ledger *ledger, struct entry *entry, const char *const *keys, size_t count);

/** @return the first entry that asks for (`takes` false) or has taken a claim, or NULL. */
struct entry *ledger_first(const struct ledger *ledger, const char *claim, bool takes);

/** @return the next one after an entry that asks for the claim, or has taken it; NULL if there is none. */
struct entry *ledger_next(const struct ledger *ledger, const struct entry *entry, const char *claim,
                          bool takes);

/** @return the next related key of an entry after one of them; NULL: the first one. NULL if there is none. */
const struct entry_ask *ledger_each_asked(const struct ledger *ledger, const struct entry *entry,
                                          const struct entry_ask *after);

/** @return where a related key was asked for first, in no order that means anything; NULL: nowhere. */
const struct entry_ask *ledger_first_asked(const struct ledger *ledger, const char *key);

/** @return where the same key was asked for besides; NULL: nowhere. */
const struct entry_ask *ledger_next_asked(const struct ledger *ledger, const struct entry_ask *ask);

/** @return the entry that asked. */
struct entry *ledger_asker(const struct ledger *ledger, const struct entry_ask *ask);

/** @return number of entries. */
size_t ledger_count(const struct ledger *ledger);

/** @return number of entries whose Api is not there. */
size_t ledger_count_absent(const struct ledger *ledger);

/** Lists the entries sorted by key. @return owned by caller, for free(), ledger_count() long; NULL if memory
 * is short. */
struct entry **ledger_sorted(const struct ledger *ledger);

/** @return bytes that the ledger holds. */
size_t ledger_memory(const struct ledger *ledger);

#endif
