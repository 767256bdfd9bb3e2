/* SPDX-License-Identifier: Apache-2.0 */
/*
 * descriptor - what a plugin says of itself, checked and in the host's form
 *
 * A plugin may be built with an older or, within one version, a longer header. Sizes are checked before
 * anything is copied, elements are copied one by one at the plugin's distance into zeroed elements of the
 * host's size, and every field is checked before anybody else sees it.
 */
#ifndef PLUGIN_DESCRIPTOR_H
#define PLUGIN_DESCRIPTOR_H

#include "apigw/plugin.h"
#include "base/error.h"

#include <stdbool.h>

/** Greatest number of kinds of a plugin. */
enum { DESCRIPTOR_KINDS_MAX = 16 };

/** Holds the elements of a copied descriptor. Private. */
struct plugin_arrays;

/**
 * Checks the versions and sizes of a descriptor and copies it.
 *
 * @param found   of the plugin. Borrowed; its texts must outlive the copy.
 * @param out     set on success: the host's copy, not yet checked by descriptor_check().
 * @param arrays  set on success: what the copy's elements live in, owned by caller, for
 *                plugin_arrays_free().
 * @return 0, ERROR_INVALID with what was found and what was wanted, or ERROR_NO_MEMORY. The message does not
 *         name the file.
 */
int descriptor_copy(const struct apigw_plugin *found, struct apigw_plugin *out, struct plugin_arrays **arrays,
                    struct error *error);

/** Frees the elements. NULL is fine. */
void plugin_arrays_free(struct plugin_arrays *arrays);

/** Checks every field of a copied descriptor. @return as descriptor_copy(). */
int descriptor_check(const struct apigw_plugin *descriptor, struct error *error);

/** @return whether the text may name a plugin: 1 to 63 of a-z, 0-9 and '-'. */
bool descriptor_name_valid(const char *name);

#endif
