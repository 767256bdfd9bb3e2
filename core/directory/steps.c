/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/steps.h"

#include "directory/walk.h"

#include <stdlib.h>

static int add(struct steps *steps, enum step_kind kind, const char *path, const char *message,
               struct error *error)
{
    struct step step = {.kind = kind};

    if (steps->count == steps->most) {
        steps->full = true;
        return WALK_STOP;
    }
    if (steps->count == steps->capacity) {
        size_t larger = steps->capacity > 0 ? steps->capacity * 2 : 64;
        struct step *list = realloc(steps->list, larger * sizeof *list);
        if (!list)
            return error_no_memory(error);
        steps->list = list;
        steps->capacity = larger;
    }
    step.path = arena_string(&steps->arena, path);
    step.message = message ? arena_string(&steps->arena, message) : NULL;
    if (!step.path || (message && !step.message))
        return error_no_memory(error);
    steps->list[steps->count++] = step;
    return 0;
}

static int add_file(const struct walk_file *file, void *payload, struct error *error)
{
    return add(payload, STEP_FILE, file->path, NULL, error);
}

static int add_skipped(const char *path, void *payload, struct error *error)
{
    return add(payload, STEP_SKIPPED, path, NULL, error);
}

static int add_unreadable(const char *path, const char *message, void *payload, struct error *error)
{
    return add(payload, STEP_UNREADABLE, path, message, error);
}

int steps_list(struct steps *steps, const char *root, const char *skip, struct error *error)
{
    const struct walk_visitor visitor = {
        .file = add_file, .skipped = add_skipped, .unreadable = add_unreadable, .payload = steps};
    int result = walk_folder(root, skip, &visitor, error);

    return steps->full ? 0 : result;
}

void steps_release(struct steps *steps)
{
    free(steps->list);
    arena_release(&steps->arena);
    *steps = (struct steps){.most = steps->most};
}
