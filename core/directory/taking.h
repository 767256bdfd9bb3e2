/* SPDX-License-Identifier: Apache-2.0 */
/*
 * taking - from the content of one file to what the listener of an input is told
 *
 * Private to the input.
 */
#ifndef DIRECTORY_TAKING_H
#define DIRECTORY_TAKING_H

#include "config/yaml.h"
#include "directory/bundle.h"
#include "directory/input.h"
#include "directory/inventory.h"

/** Who takes. All borrowed. */
struct taking {
    struct inventory *inventory;
    const struct input_listener *listener;
    /** put() is counted there. */
    struct input_result *result;
};

/**
 * Takes the content of a file: its objects become its places, and those that count and are new, changed or
 * moved are put. A content that cannot be read whole breaks the file; it keeps the places that it had.
 *
 * Done in path order: what earlier files hold must be settled.
 *
 * @param reading  of the data; NULL: it is read now.
 * @return 0, ERROR_NO_MEMORY or what put() returned; the file is then stale and must be taken again.
 */
int taking_file(const struct taking *taking, struct inventory_file *file, const char *data, size_t size,
                const struct bundle_reading *reading, struct error *error);

/** Breaks a file or folder for a reason that is not its content, and tells it once. */
void taking_break(const struct taking *taking, struct inventory_file *file, const char *message);

#endif
