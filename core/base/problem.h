/* SPDX-License-Identifier: Apache-2.0 */
/*
 * problem - what is wrong with an input, all of it at once, each with its place
 *
 * Checks of a config file or of an Api collect problems instead of stopping at the first, so that one look
 * mends them all. Printed as a compiler would: "FILE:LINE:COLUMN: error: PATH: SENTENCE".
 */
#ifndef BASE_PROBLEM_H
#define BASE_PROBLEM_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

/** How bad it is. */
enum problem_severity {
    PROBLEM_ERROR,  /**< the input is not used */
    PROBLEM_WARNING /**< the input is used; somebody should look */
};

/** One problem. Owned by its list. */
struct problem {
    enum problem_severity severity;
    /** File it stands in, "" if none. Not NULL. */
    char *file;
    /** From 1; 0 if not known. */
    size_t line;
    /** From 1, in characters; 0 if not known. */
    size_t column;
    /** Path in the document, "spec.service.port"; "" for the whole. Not NULL. */
    char *path;
    /** One sentence. Not NULL. */
    char *message;
};

/** A list of problems in the order found. Storage of the caller; all zero is an empty list. */
struct problems {
    struct problem *list;
    size_t count;
    /** How many are errors; counts also what could not be stored for lack of memory. */
    size_t errors;
    /** Problems beyond the limits are counted here and dropped, as those without memory: of the first 100
     * all are kept, behind them the first 10 of each part (problems_begin()), at most 1,000. */
    size_t dropped;
    size_t begun; /**< where the part begins; private */
};

/** Frees the list; it is empty again. NULL is fine. */
void problems_release(struct problems *problems);

/** A new part begins, such as another file: it has room of its own for problems, however many the parts
 * before have. */
void problems_begin(struct problems *problems);

/** Adds a problem without a place. `path` may be NULL: the whole document. */
void problems_add(struct problems *problems, enum problem_severity severity, const char *path,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));

/** Adds a problem at a place. `file` and `path` may be NULL. */
void problems_add_at(struct problems *problems, enum problem_severity severity, const char *file, size_t line,
                     size_t column, const char *path, const char *format, ...)
    __attribute__((format(printf, 7, 8)));

/** Sets the place of a problem. @return false if memory is short. */
bool problem_place(struct problem *problem, const char *file, size_t line, size_t column);

/** @return the first error, borrowed; NULL if there is none. */
const struct problem *problems_first_error(const struct problems *problems);

/** Appends the problems, each as a line "FILE:LINE:COLUMN: error: PATH: SENTENCE\n" in which what is not
 * known is left out and what does not show is escaped (utf8_append_string()), and a last line if some were
 * dropped. */
void problems_print(const struct problems *problems, struct text *out);

#endif
