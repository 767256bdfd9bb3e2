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
 *
 * A step that fails at the commit takes the later ones of its key with it, the status included. The next step
 * at its place is then done at once, after whatever its key waits for, so that a refusal that lasts gets into
 * a status.
 */
#ifndef DIRECTORY_OUTPUT_H
#define DIRECTORY_OUTPUT_H

#include "base/error.h"
#include "object/observation.h"
#include "object/sink.h"

#include <stdbool.h>
#include <stddef.h>

/** Room for the path of a file below the folder. */
#define OUTPUT_PATH_SIZE 1024

struct output;

/** Who is told. All borrowed. */
struct output_listener {
    observation_fn observe;
    /**
     * Does ahead what observe() does with an object that can be read, for as much of it as changes nothing.
     * Any thread. NULL: nothing is done ahead.
     *
     * @return for `prepared` of the observation, and discard() if it is still there then; NULL: nothing was
     *         done, which is no failure.
     */
    void *(*prepare)(const struct observation *observation, const void *payload);
    void (*discard)(void *prepared);
    /** A status stands there, or somebody has been at one, and it may be gone. */
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

/**
 * Goes after the folder if it is another one now: removed, replaced, mounted over. What is at the path is
 * opened, made if nothing is, for one writer; nothing of what stood in the folder before need be there.
 *
 * @param moved  set to whether it was; everything has to be read again then.
 * @return 0; ERROR_IO or ERROR_NO_MEMORY: the folder as it was stays open, to be asked again.
 */
int output_follow(struct output *output, bool *moved, struct error *error);

/** @return why a file could not be written lately (the disk is full, or only reads), borrowed until the next
 * call; NULL: the last commit wrote what it should, or nothing was to be written yet. */
const char *output_trouble(const struct output *output);

/** @return the sink; of the output. */
struct sink *output_sink(struct output *output);

/** Tells every resource and every status that stands in the folder. @return 0, ERROR_IO, ERROR_NO_MEMORY or
 * what the listener returned. */
int output_read(struct output *output, const struct output_listener *listener, struct error *error);

/**
 * As output_read(), of one folder only.
 *
 * @param path  below the folder: "resources", "resources/NAMESPACE", "resources/NAMESPACE/PLURAL.GROUP",
 *              "status", "status/NAMESPACE", or "" for all.
 */
int output_read_below(struct output *output, const char *path, const struct output_listener *listener,
                      struct error *error);

/** Writes the path of an object's file below the folder, for output_look(). @return false if an object of
 * this name has none. */
bool output_path(const struct object_ref *ref, char path[OUTPUT_PATH_SIZE]);

/**
 * Somebody watches the folder and will ask output_look() for every change, those by our own steps too. From
 * now on a file that stands as a step of ours has left it, whose answer said so, is told by nothing but
 * output_commit(): not by output_look() nor by output_read().
 */
void output_watched(struct output *output);

/**
 * Tells what stands at one place now, as output_read() would, or that nothing does. A place where a step
 * waits is passed over: the commit looks there.
 *
 * @param path  below the folder: "resources/NAMESPACE/PLURAL.GROUP/NAME.yaml", "status/NAMESPACE/NAME.yaml".
 * Where no object of ours could stand, nothing is told; of a status only that it may be another one, or gone.
 * @return 0, ERROR_NO_MEMORY or what the listener returned.
 */
int output_look(struct output *output, const char *path, const struct output_listener *listener,
                struct error *error);

/**
 * Makes happen what was gathered. Where apply() found other than what its step said, that place is told
 * again.
 *
 * @return 0, also if steps could not be done (they are told); ERROR_NO_MEMORY; or what the listener returned.
 */
int output_commit(struct output *output, const struct output_listener *listener, struct error *error);

/** @return number of steps, reports and places to tell that wait for a commit; 0: it would do nothing. */
size_t output_pending(const struct output *output);

#endif
