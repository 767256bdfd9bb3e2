/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_record - what a scan tells, one line for each object or event
 */
#ifndef TESTS_SCAN_RECORD_H
#define TESTS_SCAN_RECORD_H

#include "mutate.h"

#include "kube/scan.h"

#include <stdbool.h>
#include <stddef.h>

/** Metadata of an object of this name. */
#define META(name)                                                                                           \
    "\"metadata\":{\"name\":\"" name "\",\"namespace\":\"ns\",\"resourceVersion\":\"7\",\"uid\":\"u\"}"
/** A list of these items. */
#define LIST(items) "{\"kind\":\"ApiList\",\"metadata\":{\"resourceVersion\":\"9\"},\"items\":[" items "]}"
/** A small object. */
#define GOOD(name) "{" META(name) "}"
/** What is recorded of a small item. */
#define TOLD(name) "item ns/" name " u 7 -1 {" META(name) "}\n"
/** A line of a watch. */
#define EVENT(type, object) "{\"type\":\"" type "\",\"object\":" object "}\n"

/**
 * Scans a body and records what is told.
 *
 * @param piece   bytes fed at a time; 0: any number.
 * @param mutate  gives the numbers then; else not used.
 * @return owned by caller, for free().
 */
char *scan_in_pieces(const struct scan_options *options, const char *data, size_t size, size_t piece,
                     struct mutate *mutate);

/** @return whether the record is this one, in pieces of several sizes. */
bool scan_gives(const struct scan_options *options, const char *body, const char *expected);

#endif
