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
    /** Whole object: apiVersion, kind, a metadata.name (of an Api a DNS subdomain, of other kinds what
     * name_is_segment() allows) and, if there is one, a metadata.namespace that is a DNS label. */
    const json_t *object;
    /** File that it stands in, for people and for places of problems; NULL if in none. */
    const char *file;
    /** Number of the document in the file, from 0. */
    size_t document;
    /** Number of the item if the document is a list of objects, from 0; else -1. */
    long item;
    /** Why the object cannot be read, with the path if one is to blame; `object` is then what could be made
     * out: the above, uid and generation. Apis only. NULL: it can. */
    const char *problem;
};

/** Takes an event. @return 0; anything else stops the source, which returns it. */
typedef int (*event_fn)(const struct event *event, void *payload, struct error *error);

#endif
