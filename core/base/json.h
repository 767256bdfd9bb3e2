/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json - what jansson leaves open: paths, limits, compact text
 *
 * A path is member names joined by dots; "[]" after a name stands for every element of a list:
 * "spec.http[].route[].destination.host". In messages elements are numbered: "spec.authentication[1].jwt".
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Called for each text that stands at a path. @return false to stop. */
typedef bool (*json_text_fn)(const char *text, void *payload);

/** @return the member, borrowed; NULL if `object` is NULL or no object, or there is none. */
json_t *json_member(const json_t *object, const char *name);

/** @return the value at a path without "[]", borrowed; NULL if there is none. */
json_t *json_at(const json_t *root, const char *path);

/** @return the text at a path without "[]", borrowed; NULL if there is none or it is no string. */
const char *json_text_at(const json_t *root, const char *path);

/** Visits every string at the path. @return false if a visit stopped it. */
bool json_each_text(const json_t *root, const char *path, json_text_fn visit, void *payload);

/**
 * Parses one JSON value; duplicate keys, NUL characters and anything after the value are errors, with line
 * and column.
 *
 * @return owned by caller, for json_decref(); NULL on failure.
 */
json_t *json_parse(const char *data, size_t size, struct error *error);

/**
 * Canonical text: members sorted, no white space. Equal values give equal texts.
 *
 * @return owned by caller, for free(); NULL if memory is short.
 */
char *json_canonical(const json_t *value);

/**
 * Compact text: no white space, members in their order.
 *
 * @param value  its texts are UTF-8, as those of all values that were parsed.
 * @return owned by caller, for free(); NULL if memory is short.
 */
char *json_compact(const json_t *value);

/**
 * A copy of a value and all that it holds. As json_deep_copy(), without its costly look for a value that
 * holds itself, which `value` must not be.
 *
 * @return owned by caller, for json_decref(); NULL if memory is short, or `value` is NULL.
 */
json_t *json_copy_all(const json_t *value);

/** @return a digest of the value, without a text of it: equal values give equal digests, whatever the order
 * of members. As base/digest.h, it does not withstand somebody who looks for two values with one digest. */
uint64_t json_digest(const json_t *value);

/** @return the same value for jansson's iterators, which take no const; nothing may be changed through it. */
json_t *json_iterable(const json_t *value);

/** @return what a value is, for people: "an object", "a string"; "nothing" for NULL. Static. */
const char *json_kind(const json_t *value);

#endif
