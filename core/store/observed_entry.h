/* SPDX-License-Identifier: Apache-2.0 */
/*
 * observed_entry - how an object stands in the table of observed objects
 *
 * Private to the store. An entry is one piece without pointers, so that it can be made anywhere and moved
 * into the table: its names, and behind them, each with its end, its namespace, its own name, the name of its
 * Api if that is another one, its uid, the uid of its Api if it is ours, its resourceVersion, why it cannot
 * be read, and what others have in it.
 */
#ifndef STORE_OBSERVED_ENTRY_H
#define STORE_OBSERVED_ENTRY_H

#include "store/observed.h"

/** As observed_make(). @param kind  of the fact. */
struct observed *observed_entry_make(const struct apigw_kind *kind, const struct settings *settings,
                                     uint64_t seed, const struct observed_fact *fact);

/** @return bytes of an entry. */
size_t observed_entry_size(const struct observed *object);

/** @return name of the Api that an object of ours was made for. */
const char *observed_api_name(const struct observed *object);

#endif
