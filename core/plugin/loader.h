/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loader - a plugin file becomes a checked descriptor
 *
 * The file is opened once, checked (a regular file that nobody else may write), copied to memory of our own
 * and loaded from there: whoever replaces or truncates it on disk changes nothing in a running process, and
 * loading it again really gives the new one. The descriptor is copied field by field into structs of the
 * host's size, so that no older plugin is read beyond its end.
 */
#ifndef PLUGIN_LOADER_H
#define PLUGIN_LOADER_H

#include "apigw/plugin.h"
#include "base/error.h"
#include "base/imprint.h"

#include <stddef.h>

/** A loaded plugin. */
struct plugin {
    /** File it came from, absolute. Owned. */
    char *file;
    /** Of the bytes that were loaded, to tell a replaced file. */
    struct imprint content;
    /** The mapped object. Owned. */
    void *object;
    /** The host's copy of the descriptor; kinds, related and options point to arrays of host-sized elements
     * that the plugin owns through `arrays`. Texts stand in the mapped object. */
    struct apigw_plugin descriptor;
    /** Private. */
    struct plugin_arrays *arrays;
};

/**
 * Resolves, loads and checks a plugin.
 *
 * @param plugin  a name ("my-backend"), looked for as NAME.so in each of dirs; or a path with a '/'.
 * @param dirs    NULL-terminated folders in order. Not NULL.
 * @param out     set on success, owned by caller, for plugin_free().
 * @return 0; ERROR_NOT_FOUND (the message lists where it was looked for), ERROR_INVALID, ERROR_IO or
 *         ERROR_NO_MEMORY. The message is one line that names the file, what was found and what was wanted.
 */
int plugin_load(const char *plugin, const char *const *dirs, struct plugin **out, struct error *error);

/** Frees a plugin and unmaps its object: nothing of it, no text of its descriptor either, may be used any
 * more. Under AddressSanitizer it stays mapped, so that what it leaked has a name. NULL is fine. */
void plugin_free(struct plugin *plugin);

/** @return the index of the primary kind of a checked descriptor. */
size_t plugin_primary_kind(const struct plugin *plugin);

/** @return the kind that owns objects of this apiVersion and kind, or NULL. */
const struct apigw_kind *plugin_kind_of(const struct plugin *plugin, const char *api_version,
                                        const char *kind);

#endif
