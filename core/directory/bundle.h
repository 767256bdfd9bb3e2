/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bundle - all documents of one text, or none of them
 *
 * Private to the source and the input, which share here how a file is read and what is said about one that
 * cannot be.
 */
#ifndef DIRECTORY_BUNDLE_H
#define DIRECTORY_BUNDLE_H

#include "base/error.h"
#include "base/problem.h"
#include "config/yaml.h"
#include "directory/source.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/** A document of a text. */
struct bundle_document {
    json_t *value; /**< owned by the bundle */
    size_t number; /**< in the text, from 0 */
};

/** The documents of a text. Storage of the caller; all zero is empty. */
struct bundle {
    struct bundle_document *list;
    size_t count;
    size_t capacity;
};

/** A text that was read. Storage of the caller. */
struct bundle_reading {
    /** All documents; for bundle_release(). */
    struct bundle bundle;
    /** 0, ERROR_INVALID, ERROR_LIMIT or ERROR_NO_MEMORY, with its sentence. */
    struct error error;
    /** The place of the error, if it is known. */
    struct yaml_mark mark;
};

/** Reads all documents of a text. Any thread. @param reading  filled in. */
void bundle_read(const char *data, size_t size, struct bundle_reading *reading);

/**
 * Gives the objects of the documents to the reader.
 *
 * @param name  stands in problems and events as the file.
 * @return 0 or what `take` returned.
 */
int bundle_take(const struct bundle *bundle, const char *name, const char *data, size_t size,
                const struct source_reader *reader, struct error *error);

/** Frees the documents; the bundle is empty again. */
void bundle_release(struct bundle *bundle);

/**
 * Tells that a file or folder cannot be read whole.
 *
 * @param known  it could be once, and what it held counts on.
 */
void bundle_tell_broken(struct problems *problems, const char *file, struct yaml_mark mark, bool known,
                        const char *message);

/** Tells that a link leads into the output. */
void bundle_tell_skipped(struct problems *problems, const char *file);

/** @return the message of an error about a file without the file's name, which a problem has already. */
const char *bundle_reason(const struct error *error, const char *name);

#endif
