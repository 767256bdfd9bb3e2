/* SPDX-License-Identifier: Apache-2.0 */
/*
 * batch - all documents of one text, or none of them
 *
 * Private to the source and the input, which share here how a file is read and what is said about one that
 * cannot be.
 */
#ifndef DIRECTORY_BATCH_H
#define DIRECTORY_BATCH_H

#include "base/error.h"
#include "base/problem.h"
#include "config/yaml.h"
#include "directory/source.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/** A document of a text. */
struct batch_document {
    json_t *value; /**< owned by the batch */
    size_t number; /**< in the text, from 0 */
};

/** The documents of a text. Storage of the caller; all zero is empty. */
struct batch {
    struct batch_document *list;
    size_t count;
    size_t capacity;
};

/**
 * Reads all documents of a text.
 *
 * @param batch  empty; for batch_release(), on failure too.
 * @param mark   on failure set to the place of the error, if it is known.
 * @param error  not NULL.
 * @return 0, ERROR_INVALID, ERROR_LIMIT or ERROR_NO_MEMORY.
 */
int batch_read(const char *data, size_t size, struct batch *batch, struct yaml_mark *mark,
               struct error *error);

/**
 * Gives the objects of the documents to the reader.
 *
 * @param name  stands in problems and events as the file.
 * @return 0 or what `take` returned.
 */
int batch_take(const struct batch *batch, const char *name, const char *data, size_t size,
               const struct source_reader *reader, struct error *error);

/** Frees the documents; the batch is empty again. */
void batch_release(struct batch *batch);

/**
 * Tells that a file or folder cannot be read whole.
 *
 * @param known  it could be once, and what it held counts on.
 */
void batch_tell_broken(struct problems *problems, const char *file, struct yaml_mark mark, bool known,
                       const char *message);

/** Tells that something with the name of an input is no file. */
void batch_tell_other(struct problems *problems, const char *file);

/** @return the message of an error about a file without the file's name, which a problem has already. */
const char *batch_reason(const struct error *error, const char *name);

#endif
