/* SPDX-License-Identifier: Apache-2.0 */
/*
 * input - a folder of YAML and JSON files as the source of a cluster, read again and again
 *
 * A pass walks the folder, reads what is new or has changed since the pass before, and says what came of it:
 * objects that are there, new or changed, and objects that are known to be gone. The first pass reads
 * everything; `--once` is a first pass and nothing more.
 *
 *   - What two files hold counts as the first in path order has it; the other place is a problem that
 *     names both. When the first one goes, the next one counts.
 *   - An object that moves between files is never gone in between.
 *   - A file that cannot be read whole any more, or is emptied, keeps what it last held. One that never
 *     could be read makes the input incomplete. The same holds for a folder in it.
 *   - A problem is told when it is found, and again only when its file is read again because that file,
 *     or which of several files counts, has changed.
 *   - A folder that is missing, cannot be read or holds not one Api is no reason to take anything as gone;
 *     the last only unless `allow_empty`.
 */
#ifndef DIRECTORY_INPUT_H
#define DIRECTORY_INPUT_H

#include "base/error.h"
#include "base/problem.h"
#include "object/event.h"
#include "object/key.h"

#include <stdbool.h>
#include <stddef.h>

struct input;

/** Greatest number of files unless the options say otherwise. What comes later in path order is not read, and
 * the input is incomplete. */
#define INPUT_MAX_FILES 100000

/** Which folder, and how. All borrowed by input_new() only. */
struct input_options {
    /** Absolute path. */
    const char *path;
    /** Absolute path of a folder that is passed over (the output); NULL: none. */
    const char *skip;
    /** A folder without an Api is believed. */
    bool allow_empty;
    /** Greatest number of files with the name of an input; 0: INPUT_MAX_FILES. */
    size_t max_files;
};

/** Who is told. All borrowed. */
struct input_listener {
    /** An object is there, new or changed. */
    event_fn put;
    /** An object is gone; group, kind, namespace and name of `ref` are set. */
    int (*gone)(const struct object_ref *ref, void *payload, struct error *error);
    void *payload;
    /** What is wrong with the files that were read in this pass, with places. */
    struct problems *problems;
};

/** What came of a pass, and what the folder holds after it. */
struct input_result {
    size_t files;   /**< files whose content is known: read whole, now or once */
    size_t read;    /**< files that were opened and read in this pass */
    size_t objects; /**< objects that count: those that were put and are not gone */
    size_t apis;    /**< Apis among them */
    size_t held;    /**< those of the objects that stand in no file any more and are not told as gone yet */
    size_t quarantined; /**< files and folders that cannot be read whole now */
    size_t unknown;     /**< those of them of which nothing is known: the input is incomplete */
    size_t refused;     /**< documents and list items that are no usable object */
    size_t repeated;    /**< objects that stand in an earlier file, or earlier in the same file, too */
    size_t put;         /**< calls of put() in this pass */
    size_t gone;        /**< calls of gone() in this pass */
    /** No file is unknown, and the folder holds an Api or need not: an object that was never put is not
     * there, unless a quarantined file got it after it was last read whole. */
    bool complete;
};

/** @return 0 or ERROR_NO_MEMORY. @param out  set on success, owned by caller, for input_free(). */
int input_new(const struct input_options *options, struct input **out, struct error *error);

/** Frees an input. NULL is fine. */
void input_free(struct input *input);

/**
 * Makes a pass.
 *
 * put() is called in path order, for an object that is new, has changed or counts in another place now;
 * gone() at the end of the pass, in no order that means anything. Both are called again in the next pass if
 * they fail.
 *
 * A file is opened only if what stat() says of it has changed, or is so recent that another change could hide
 * behind it; a content that is the same as before is told nobody.
 *
 * @param quiet   nothing has been changing for a while: what is gone is told, if the input is complete and no
 *                file is quarantined, which might hold it now. Otherwise it is held for such a pass.
 * @param result  filled in, on failure too; it is not complete then.
 * @return 0; ERROR_NOT_FOUND or ERROR_IO if the folder itself cannot be read (nothing is told then, and what
 * was there counts on); ERROR_NO_MEMORY; or what a listener returned.
 */
int input_pass(struct input *input, const struct input_listener *listener, bool quiet,
               struct input_result *result, struct error *error);

#endif
