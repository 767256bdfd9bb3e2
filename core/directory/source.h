/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source - a folder of YAML and JSON files as the input of a cluster
 *
 * Reads *.yaml, *.yml and *.json below a folder, in path order, several documents and lists of objects a
 * file. Only regular files that a path inside the folder or a symbolic link leads to; a link cycle is met
 * once. A file that cannot be read whole is quarantined: nothing of it is known, everything else goes on.
 */
#ifndef DIRECTORY_SOURCE_H
#define DIRECTORY_SOURCE_H

#include "base/error.h"
#include "base/problem.h"
#include "object/event.h"

#include <stdbool.h>
#include <stddef.h>

/** What came of reading a folder. */
struct source_result {
    size_t files;       /**< read */
    size_t quarantined; /**< files that could not be read whole: it is not known which Apis they hold */
    size_t objects;     /**< given to `take` */
    size_t refused;     /**< documents and list items that are no usable object */
};

/** Who takes the objects. All borrowed. */
struct source_reader {
    event_fn take;
    void *payload;
    struct source_result *result;
    struct problems *problems;
};

/**
 * Reads a folder to its end. A file's objects are given on only after the whole file was read without an
 * error.
 *
 * @param input   absolute path of the folder.
 * @param skip    absolute path of a folder that is passed over (the output); NULL: none.
 * @return 0; ERROR_NOT_FOUND or ERROR_IO if the folder itself cannot be read (nothing is known then);
 *         ERROR_NO_MEMORY; or what `take` returned.
 */
int source_read_directory(const char *input, const char *skip, const struct source_reader *reader,
                          struct error *error);

/**
 * Reads the objects of one text, as source_read_directory() does for each file.
 *
 * @param name  stands in problems and events as the file.
 */
int source_read_text(const char *name, const char *data, size_t size, const struct source_reader *reader,
                     struct error *error);

/**
 * Gives problems without a place (from validation) the place that their paths have in the object's file.
 * Reads the file again; where it has changed or is gone, only the file is told.
 *
 * @param file      as in struct event.
 * @param document  as in struct event.
 * @param item      as in struct event.
 * @param from      problems before this one are left alone.
 */
void source_locate(const char *file, size_t document, long item, struct problems *problems, size_t from);

/** As source_locate(), in a text at hand. */
void source_locate_text(const char *name, const char *data, size_t size, size_t document, long item,
                        struct problems *problems, size_t from);

#endif
