/* SPDX-License-Identifier: Apache-2.0 */
/*
 * definitions - which kinds come and go: the custom resource definitions of an API server, watched
 *
 * Only their names are told (PartialObjectMetadata), whenever one is there, has changed or is gone. A kind
 * is served a moment after its definition says so, so that whoever is told looks for it more than once. Kinds
 * that are built in or served by another server have no definition.
 */
#ifndef KUBE_DEFINITIONS_H
#define KUBE_DEFINITIONS_H

#include "base/error.h"
#include "base/log.h"
#include "kube/connection.h"
#include "object/moment.h"

#include <stdbool.h>
#include <stdint.h>

struct definitions;

/** Who is told. All borrowed, and must outlive it. */
struct definitions_options {
    struct connection *connection;
    const struct log *log;
    const char *cluster;      /**< name, for log lines */
    uint64_t seed;            /**< of the jitter */
    const struct moment *now; /**< as in struct follow_options */
    /** A definition is there, or gone; the texts are borrowed. */
    void (*told)(const char *plural, const char *group, bool gone, void *payload);
    void *payload;
};

/** @return 0 or ERROR_NO_MEMORY. @param out  set on success, for definitions_free(). */
int definitions_new(const struct definitions_options *options, struct definitions **out, struct error *error);

/** Ends it. NULL is fine. */
void definitions_free(struct definitions *definitions);

/** Does what is due. */
void definitions_tick(struct definitions *definitions);

/** @return when definitions_tick() is to be called next; INT64_MAX: not before something happens. */
int64_t definitions_due_ms(const struct definitions *definitions);

/** @return whether changes are told now. If not, we may not see definitions, or the connection is gone. */
bool definitions_watched(const struct definitions *definitions);

#endif
