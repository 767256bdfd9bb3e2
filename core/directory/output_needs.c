/* SPDX-License-Identifier: Apache-2.0 */
/* What a step counts on: looked at when it is staged, and once more just before it is done. */
#include "directory/output_state.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

struct trace output_trace_of_temporary(struct output *output, uint64_t temporary)
{
    char name[TREE_TEMPORARY_SIZE];
    struct trace trace = {0};
    struct stat info;
    int fd = -1;

    tree_temporary(name, temporary);
    if (folders_open(&output->folders, TREE_TEMPORARY, false, &fd, NULL) == 0 &&
        fstatat(fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0)
        trace = trace_of(&info);
    trace.changed_ns = -1;
    return trace;
}

/* Whoever asked believes something else to stand there. */
static int refuse(struct output *output, const struct spot *spot, const char *place, struct error *error)
{
    if (!batch_look(&output->batch, place))
        return error_no_memory(error);
    return error_set(error, ERROR_CONFLICT,
                     "%s/%s/%s: was changed or removed by somebody else meanwhile, and a route needs it",
                     output->tree.path, spot->folder, spot->file);
}

/* What stands at the place of a need is what it should be, or will be once the steps before are done. */
static int take_one(struct output *output, const struct sink_need *need, struct batch_need *taken,
                    struct error *error)
{
    char place[SPOT_PLACE_SIZE];
    const struct staged *staged;
    struct standing standing;
    struct spot spot;
    bool same;
    int result = spot_of_resource(&need->ref, &spot, error);

    if (result != 0)
        return result;
    spot_place(&spot, place);
    taken->place = arena_string(&output->batch.arena, place);
    if (!taken->place)
        return error_no_memory(error);
    staged = batch_find(&output->batch, place);
    if (staged && staged->temporary != 0) {
        taken->trace = output_trace_of_temporary(output, staged->temporary);
        return 0;
    }
    result = output_standing(output, &spot, place, &standing, error);
    if (result != 0)
        return result;
    same = standing.data && strcmp(standing.version, need->version) == 0;
    taken->trace = standing.trace;
    free(standing.data);
    return same ? 0 : refuse(output, &spot, place, error);
}

int output_needs_take(struct output *output, const struct sink_step *step, struct batch_needs *needs,
                      struct error *error)
{
    struct batch_need *list;
    int result = 0;

    *needs = (struct batch_needs){0};
    if (step->needs_count == 0)
        return 0;
    list = arena_array(&output->batch.arena, step->needs_count, sizeof *list);
    if (!list)
        return error_no_memory(error);
    for (size_t i = 0; i < step->needs_count && result == 0; i++)
        result = take_one(output, &step->needs[i], &list[i], error);
    if (result == 0)
        *needs = (struct batch_needs){list, step->needs_count};
    return result;
}

static bool stands(struct output *output, const struct spot *spot, const struct trace *trace)
{
    struct stat info;
    int folder = -1;

    return folders_open(&output->folders, spot->folder, false, &folder, NULL) == 0 &&
           fstatat(folder, spot->file, &info, AT_SYMLINK_NOFOLLOW) == 0 && trace_fits(trace, &info);
}

int output_needs_check(struct output *output, const struct batch_needs *needs, struct error *error)
{
    struct spot spot = {0};

    for (size_t i = 0; i < needs->count; i++) {
        const struct batch_need *need = &needs->list[i];
        if (!spot_of_place(&spot, need->place) || !stands(output, &spot, &need->trace))
            return refuse(output, &spot, need->place, error);
    }
    return 0;
}
