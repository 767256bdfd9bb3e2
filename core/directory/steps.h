/* SPDX-License-Identifier: Apache-2.0 */
/*
 * steps - what a walk through an input meets, listed before any of it is looked at
 *
 * Private to the input.
 */
#ifndef DIRECTORY_STEPS_H
#define DIRECTORY_STEPS_H

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/** As the visits of struct walk_visitor. */
enum step_kind { STEP_FILE, STEP_SKIPPED, STEP_UNREADABLE };

/** One visit. Texts of the steps. */
struct step {
    enum step_kind kind;
    const char *path;
    const char *message; /**< of what is unreadable; NULL otherwise */
};

/** Storage of the caller; all zero but for `most` is empty. */
struct steps {
    struct step *list; /**< owned */
    size_t count;
    size_t capacity;
    size_t most; /**< steps that are listed at most */
    bool full;   /**< there are more */
    struct arena arena;
};

/**
 * Walks through a folder (directory/walk.h), and lists what it meets, in path order.
 *
 * @return 0, also if not all is listed; or as walk_folder().
 */
int steps_list(struct steps *steps, const char *root, const char *skip, struct error *error);

/** Frees the list. */
void steps_release(struct steps *steps);

#endif
