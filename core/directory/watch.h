/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch - tells when something changes below a folder
 *
 * inotify, used raw: on every folder of the tree; on the folders that hold a symbolic link on the way to it
 * or in it, and on those that such a link leads to; and where the tree itself is missing, on the nearest
 * folder that is there. It says only that something may be different; what is there now, a pass over the
 * folder tells. Hidden files and folders are passed over, unless a link leads through them.
 *
 * Where the system cannot tell every change (no more watches to be had, a network file system), the watch is
 * degraded: it says why, and wants watch_rescan() called again and again, which takes everything as changed
 * and tries to do without. An overflow of the queue takes everything as changed once.
 *
 * Writing through a shared memory mapping is a change that no Linux tells.
 */
#ifndef DIRECTORY_WATCH_H
#define DIRECTORY_WATCH_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct watch;

/** Milliseconds between two rescans of a degraded watch if the options do not say. */
enum { WATCH_RESCAN_MS = 10000 };

/** Which folder, and who is told. Strings are borrowed by watch_new() only. */
struct watch_options {
    /** Absolute path. The folder need not be there (yet). */
    const char *path;
    /** Absolute path of a folder in it that is passed over (the output); NULL: none. */
    const char *skip;
    /** Symbolic links in the tree are followed, to files and to folders. Those up to `path` always are. */
    bool follow;
    /** Milliseconds; 0: WATCH_RESCAN_MS. */
    int rescan_ms;
    /**
     * Called for each change.
     *
     * @param path  below the folder, borrowed; NULL: anything may have changed. A changed folder stands for
     * all that is in it.
     */
    void (*changed)(const char *path, void *payload);
    void *payload;
    /**
     * Names the file system that a folder is on if it does not tell every change, else NULL. NULL:
     * watch_remote().
     *
     * @param folder  open.
     */
    const char *(*remote)(int folder);
};

/**
 * Starts to watch. What was there before is not told.
 *
 * @param out  set on success, owned by caller, for watch_free(). A watch that cannot see everything is a
 * success; watch_degraded() tells.
 * @return 0 or ERROR_NO_MEMORY.
 */
int watch_new(const struct watch_options *options, struct watch **out, struct error *error);

/** Ends it. NULL is fine. */
void watch_free(struct watch *watch);

/** @return what to poll for being readable; of the watch; -1: nothing as long as it is degraded. May be
 * another one after watch_rescan(). */
int watch_fd(const struct watch *watch);

/** Takes what has come, without waiting. For when the descriptor is readable. */
void watch_read(struct watch *watch);

/**
 * Takes events as if they had been read. For tests.
 *
 * @param events  struct inotify_event, one after the other.
 */
void watch_feed(struct watch *watch, const void *events, size_t size);

/** @return why not every change is seen, for people, borrowed until the next call; NULL: all are seen. */
const char *watch_degraded(const struct watch *watch);

/** @return milliseconds until watch_rescan() should be called; -1: it need not be. */
int watch_rescan_ms(const struct watch *watch);

/** Takes everything as changed, and tries again to see everything. */
void watch_rescan(struct watch *watch);

/** @return the name of the file system that this open folder is on, static, if others can change it without
 * this machine's knowing; else NULL. */
const char *watch_remote(int folder);

#endif
