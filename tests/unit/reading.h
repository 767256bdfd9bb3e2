/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reading - what the directory source makes of a folder or a text
 */
#ifndef TESTS_READING_H
#define TESTS_READING_H

#include "base/error.h"
#include "base/problem.h"
#include "base/text.h"
#include "directory/source.h"

#include <stdbool.h>

/** A Service without a namespace, as a document. */
#define SERVICE(name) "apiVersion: v1\nkind: Service\nmetadata: {name: " name "}\n"

/** What a reading gave. */
struct reading {
    /** A folder of the test's own. */
    char root[64];
    struct source_result result;
    struct problems problems;
    /** "FILE:DOCUMENT:ITEM:NAMESPACE/NAME " of each object; the file without the root. */
    struct text taken;
    struct error error;
    int code;
};

/** Makes the folder. */
void reading_start(struct reading *reading);

/** Removes the folder and frees what was found. */
void reading_finish(struct reading *reading);

/** Takes the objects of a reading, which is the payload. */
int reading_take(const struct event *event, void *payload, struct error *error);

/** Reads the folder; what the last reading found is forgotten. */
void reading_folder(struct reading *reading, const char *skip);

/** Reads a text by the name of in.yaml, as reading_folder() does. */
void reading_text(struct reading *reading, const char *text);

/** @return whether the reading succeeded and took these objects. */
bool reading_took(const struct reading *reading, const char *expected);

/** @return whether exactly one problem was told, and its line begins like this; "/" at its beginning stands
 * for the folder. */
bool reading_told(const struct reading *reading, const char *expected);

#endif
