/* SPDX-License-Identifier: Apache-2.0 */
/*
 * court - a cluster of cardboard with its judge, and short words for what happens in it
 *
 * All Apis are of the namespace "default". Objects and statuses that are handed in are moved in.
 */
#ifndef TESTS_COURT_H
#define TESTS_COURT_H

#include "cardboard.h"

/** What most Apis ask for: the host "h1" and this issuer. */
#define COURT_HOST "h1.kyma.local"
#define COURT_ISSUER "https://one.example"

/** A cluster and its judge. */
struct court {
    struct cardboard cardboard;
    struct judge *judge;
    unsigned version;
};

/** Opens a court over an empty cluster. */
void court_open(struct court *court);

/** Frees it. */
void court_close(struct court *court);

/** The user writes an Api. */
void court_api(struct court *court, json_t *api);

/** The controller writes an output, or removes one (NULL), for the Api `api`. Versions are v1, v2, ... */
void court_write_for(struct court *court, const char *api, int backend, const char *name, json_t *object);

/** The same for the Api of the output's name. */
void court_write(struct court *court, int backend, const char *name, json_t *object);

/** Somebody else writes an object, or removes one (NULL). */
void court_foreign(struct court *court, int backend, const char *name, json_t *object);

/** The controller writes a status, or removes it (NULL). */
void court_report(struct court *court, const char *name, json_t *value);

/** Asserts that the rule was broken with these words in the text; "": that none was. Forgets the findings. */
void court_expect(struct court *court, const char *rule, const char *words);

/** An open Api "a" is served: Note v1, Road v2, and its status. */
void court_serve_open(struct court *court);

/** A secured Api "a" is served: Lock v1, Note v2, Road v3, and its status. */
void court_serve_secured(struct court *court);

/** @return the object without labels. */
json_t *unlabelled(json_t *object);

/** @return the object with one label changed. */
json_t *labelled(json_t *object, const char *label, const char *value);

/** @return a Note of ours for the Api "default/NAME"; owned by caller. */
json_t *card_note(const char *name);

/** @return what a backend reports; `resource`, `version` and `error` may be NULL. */
json_t *status_part(int code, const char *resource, const char *version, const char *error);

/** @return a status of an open Api of generation 1. */
json_t *status_of(int validation, json_t *note, json_t *road, bool ready);

/** @return the status with what a secured Api has besides. */
json_t *status_secured(json_t *value, json_t *lock, bool secure);

#endif
