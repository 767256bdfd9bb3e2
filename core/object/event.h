/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event - what a source says
 */
#ifndef OBJECT_EVENT_H
#define OBJECT_EVENT_H

#include "base/error.h"

#include <jansson.h>
#include <stddef.h>

/** An object that a source has read. All borrowed. */
struct event {
    /** Whole object: apiVersion, kind, and a metadata.name (and namespace) that are valid names. */
    const json_t *object;
    /** File that it stands in, for people and for places of problems; NULL if in none. */
    const char *file;
    /** Number of the document in the file, from 0. */
    size_t document;
    /** Number of the item if the document is a list of objects, from 0; else -1. */
    long item;
};

/** Takes an event. @return 0; anything else stops the source, which returns it. */
typedef int (*event_fn)(const struct event *event, void *payload, struct error *error);

#endif
