/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal - the records of a journal, as the recorder and the scripts have written them
 */
#ifndef TESTS_JOURNAL_H
#define TESTS_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

/** A record. Borrowed from the journal until it is released. */
struct record {
    /** "start", "read" and so on; "" at the end. */
    const char *type;
    const char *path;
    /** NUL behind it. */
    const char *data;
    size_t size;
};

/** A journal that is in memory. */
struct journal {
    struct record *records;
    size_t count;
    /** Records that a kill cut short. */
    size_t torn;
    /** All texts. Owned. */
    char *text;
    char *copies;
};

/** Reads a journal whole. @return false with errno. */
bool journal_read(const char *file, struct journal *journal);

/** Frees it. */
void journal_release(struct journal *journal);

/** @return whether a "list" has a name, which ends after `length` bytes. */
bool record_lists(const struct record *record, const char *name, size_t length);

#endif
