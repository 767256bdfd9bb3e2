/* SPDX-License-Identifier: Apache-2.0 */
/*
 * passing - a folder of a test's own that an input reads in passes, and what it tells
 *
 * A test that lists passing.c among its sources links with PASSING_LINK: the clock of the code under test
 * goes as the test says, so that files need not grow old.
 */
#ifndef TESTS_PASSING_H
#define TESTS_PASSING_H

#include "base/error.h"
#include "base/problem.h"
#include "base/text.h"
#include "directory/input.h"

#include <stdbool.h>

/** An Api without a namespace; what its hostname is makes the difference between two of one name. */
#define API(name, host)                                                                                      \
    "apiVersion: gateway.kyma-project.io/v1alpha2\nkind: Api\nmetadata: {name: " name "}\n"                  \
    "spec: {hostname: " host "}\n"

/** An input and what its last pass told. */
struct passing {
    char root[64];
    struct input *input;
    struct input_result result;
    struct problems problems;
    /** "+NAME=HOST@FILE:DOCUMENT:ITEM " for each put, "-NAME " for each gone. FILE is without the
     * folder. */
    struct text told;
    struct error error;
    int code;
    /** The calls of the listener that still succeed; SIZE_MAX: all. */
    size_t granted;
};

/** Makes the folder and its input. */
void passing_start(struct passing *passing);

/** As passing_start(), with options but the path. */
void passing_start_with(struct passing *passing, struct input_options options);

/** Removes both. */
void passing_finish(struct passing *passing);

/** Says whether files are old enough to be trusted, by the clock of the code under test: it runs a minute
 * ahead then, and the files' own clock has made a step. */
void passing_trust(bool trust);

/** Makes a pass; the files are old enough to be trusted. */
void passing_go(struct passing *passing, bool quiet);

/** As passing_go(), right after the last change. */
void passing_go_at_once(struct passing *passing, bool quiet);

/** Removes a file. */
void passing_remove(const struct passing *passing, const char *path);

/** Renames a file or folder. */
void passing_move(const struct passing *passing, const char *from, const char *to);

/** @return whether the pass succeeded and told just this. */
bool passing_told(const struct passing *passing, const char *expected);

/** Makes a quiet pass. @return whether it told just this. */
bool passing_tells(struct passing *passing, const char *expected);

/** @return whether the last pass found this number of problems, and one of their lines holds the words. */
bool passing_found(const struct passing *passing, size_t count, const char *words);

#endif
