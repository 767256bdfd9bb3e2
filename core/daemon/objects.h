/* SPDX-License-Identifier: Apache-2.0 */
/*
 * objects - the objects of files, for the commands that look at them without a sink
 */
#ifndef DAEMON_OBJECTS_H
#define DAEMON_OBJECTS_H

#include "base/error.h"
#include "base/problem.h"
#include "object/event.h"
#include "plugin/registry.h"
#include "store/store.h"

/** Objects by kind. Storage of the caller. */
struct objects {
    /** Owned. */
    struct store *store;
    /** Number of the kind Api in the store. */
    int apis;
    /** Where objects that stand in a second place are told. Borrowed. */
    struct problems *problems;
};

/** Makes an empty store with the indexes that the backends ask for. @return 0 or ERROR_NO_MEMORY. */
int objects_init(struct objects *objects, const struct registry *registry, struct problems *problems);

/** Frees the store. */
void objects_release(struct objects *objects);

/** Takes an object (event_fn; `payload` is the objects); kinds that nobody asked for are passed over. */
int objects_take(const struct event *event, void *payload, struct error *error);

#endif
