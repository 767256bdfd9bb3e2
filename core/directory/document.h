/* SPDX-License-Identifier: Apache-2.0 */
/*
 * document - from a document of a file to objects that can be used
 *
 * Private to the source. Takes lists of objects apart and refuses what is no usable object, each with its
 * place and the reason, so that one bad object hurts only itself.
 */
#ifndef DIRECTORY_DOCUMENT_H
#define DIRECTORY_DOCUMENT_H

#include "base/error.h"
#include "directory/source.h"

#include <jansson.h>
#include <stddef.h>

/** Where a document stands. All borrowed. */
struct document {
    /** Name of the file, for problems and events. */
    const char *file;
    /** The whole text of the file, for the places of problems. */
    const char *data;
    size_t size;
    /** Number of the document in the file, from 0. */
    size_t number;
};

/**
 * Gives the objects of a document to the reader; what is none is counted as refused, with a problem.
 *
 * @param value  the document; borrowed.
 * @return 0 or what `take` returned.
 */
int document_take(const struct document *document, const json_t *value, const struct source_reader *reader,
                  struct error *error);

/**
 * Gives a problem the place that its path has in the document.
 *
 * @param item  number of the list's item that the path starts from; -1: the document itself.
 */
void document_place(const struct document *document, long item, struct problem *problem);

#endif
