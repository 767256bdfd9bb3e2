/* SPDX-License-Identifier: Apache-2.0 */
/*
 * output - a folder as the sink of a cluster
 *
 * Resources stand in OUTPUT/resources/NAMESPACE/PLURAL.GROUP/NAME.yaml, statuses in
 * OUTPUT/status/NAMESPACE/NAME.yaml. No path leads out of OUTPUT: names are checked, and symbolic links
 * below OUTPUT are not followed. A file with equal content is not opened for writing.
 *
 * Steps are gathered: apply() and report() write a temporary file in OUTPUT/.tmp and answer as if it were in
 * its place. output_commit() syncs the file system once, renames and unlinks in the order of the steps,
 * statuses last, and syncs once more. Whoever reads at any moment, or after a crash, sees whole files only.
 */
#ifndef DIRECTORY_OUTPUT_H
#define DIRECTORY_OUTPUT_H

#include "base/error.h"
#include "object/observation.h"
#include "object/sink.h"

#include <stddef.h>

struct output;

/** Who is told. All borrowed. */
struct output_listener {
    observation_fn observe;
    /** A status stands there. */
    int (*status)(const char *name_space, const char *name, void *payload, struct error *error);
    /** A step that was answered as done could not be done; what stands there now was observed before. */
    int (*failed)(const char *key, const struct error *why, void *payload, struct error *error);
    void *payload;
};

/**
 * Opens the folder, made if it does not exist, for one writer.
 *
 * @param path  absolute.
 * @param out   set on success, owned by caller, for output_close().
 * @return 0, ERROR_IO or ERROR_NO_MEMORY.
 */
int output_open(const char *path, struct output **out, struct error *error);

/** Closes the folder. Steps that were not committed are dropped, their temporary files removed. NULL is fine.
 */
void output_close(struct output *output);

/** @return the sink; of the output. */
struct sink *output_sink(struct output *output);

/** Tells every resource and every status that stands in the folder. @return 0, ERROR_IO, ERROR_NO_MEMORY or
 * what the listener returned. */
int output_read(struct output *output, const struct output_listener *listener, struct error *error);

/**
 * Makes happen what was gathered.
 *
 * @return 0, also if steps could not be done (they are told); ERROR_NO_MEMORY; or what the listener returned.
 */
int output_commit(struct output *output, const struct output_listener *listener, struct error *error);

/** @return number of steps and reports that wait for a commit. */
size_t output_pending(const struct output *output);

#endif
