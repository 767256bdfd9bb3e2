/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/output_state.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int refuse(const struct output *output, const struct spot *spot, int code, const char *why,
                  struct error *error)
{
    return error_set(error, code, "%s/%s/%s: %s", output->tree.path, spot->folder, spot->file, why);
}

static int refuse_system(const struct output *output, const struct spot *spot, bool write,
                         struct error *error)
{
    return error_set(error, ERROR_IO, "%s/%s/%s: cannot be %s: %s", output->tree.path, spot->folder,
                     spot->file, write ? "written" : "removed", strerror(errno));
}

/* Whether what is to go is what was looked at when that was decided: 0; ERROR_NOT_FOUND if it is gone. */
static int check_before(const struct output *output, int folder, const struct spot *spot,
                        const struct trace *before, struct error *error)
{
    struct stat info;

    if (fstatat(folder, spot->file, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? refuse(output, spot, ERROR_NOT_FOUND, "is gone", error)
                               : refuse_system(output, spot, true, error);
    if (trace_fits(before, &info))
        return 0;
    return refuse(output, spot, ERROR_CONFLICT, "was changed by somebody else meanwhile", error);
}

static int remove_file(const struct output *output, int folder, const struct spot *spot,
                       const struct trace *before, struct error *error)
{
    int result = check_before(output, folder, spot, before, error);

    if (result != 0)
        return result;
    return unlinkat(folder, spot->file, 0) == 0 || errno == ENOENT
               ? 0
               : refuse_system(output, spot, false, error);
}

/* Remembers what was moved to a place, if that is what stands there. */
static void note(struct output *output, int folder, const char *file, const char *place,
                 const struct trace *moved)
{
    struct stat info;

    if (fstatat(folder, file, &info, AT_SYMLINK_NOFOLLOW) == 0 && trace_fits(moved, &info))
        written_note(&output->written, place, &info);
    else
        written_forget(&output->written, place);
}

static int move_file(struct output *output, int folder, const struct spot *spot, const char *place,
                     uint64_t temporary, const struct trace *before, struct error *error)
{
    struct trace moved = {0};
    char name[TREE_TEMPORARY_SIZE];
    bool exists = before->inode != 0;
    int scratch = -1;
    int result = exists ? check_before(output, folder, spot, before, error) : 0;

    if (result == ERROR_NOT_FOUND)
        return error->code = ERROR_CONFLICT;
    if (result == 0)
        result = folders_open(&output->folders, TREE_TEMPORARY, false, &scratch, error);
    if (result != 0)
        return result;
    tree_temporary(name, temporary);
    if (output->watched)
        moved = output_trace_of_temporary(output, temporary);
    if (tree_move(scratch, name, folder, spot->file, exists) == 0) {
        if (output->watched)
            note(output, folder, spot->file, place, &moved);
        return 0;
    }
    if (errno == EEXIST || errno == EISDIR)
        return refuse(output, spot, ERROR_CONFLICT, "something else was put there meanwhile", error);
    return refuse_system(output, spot, true, error);
}

int output_carry_out(struct output *output, const char *place, uint64_t temporary, const struct trace *before,
                     const struct batch_needs *needs, struct error *error)
{
    struct spot spot;
    int folder = -1;
    int result;

    if (!spot_of_place(&spot, place))
        return error_set(error, ERROR_INVALID, "%s: no place of an object", place);
    written_forget(&output->written, place);
    result = folders_open(&output->folders, spot.folder, temporary != 0, &folder, error);
    if (result == 0 && needs->count > 0) {
        result = output_needs_check(output, needs, error);
        /* It may have had to make way for others. */
        if (result == 0)
            result = folders_open(&output->folders, spot.folder, false, &folder, error);
    }
    if (result == 0 && temporary == 0)
        result = remove_file(output, folder, &spot, before, error);
    else if (result == 0)
        result = move_file(output, folder, &spot, place, temporary, before, error);
    /* What is to be removed is gone already. */
    if (result == ERROR_NOT_FOUND && temporary == 0)
        return 0;
    if (result == 0)
        return 0;
    output_discard(output, temporary);
    if (result == ERROR_NOT_FOUND)
        error->code = ERROR_IO;
    if (result == ERROR_INVALID)
        error->code = ERROR_FOREIGN;
    return error->code;
}

/* The step failed, or the one before it of its key, or the sync before all. */
static void fail(struct output *output, struct staged *staged, const struct error *why)
{
    output_discard(output, staged->temporary);
    batch_fail(&output->batch, staged, why);
}

/* Does the steps of a list that wait. @return false if memory is short. */
static bool run(struct output *output, const struct staged_list *list, const struct error *broken)
{
    /* What a place in the map stands for does not matter. */
    void *const marker = output;
    bool remembered = true;

    for (struct staged *staged = list->first; staged; staged = staged->next) {
        struct error error = *broken;
        int result = broken->code;
        bool dropped = staged->key->code != 0;

        if (staged->state != STAGED_WAITING)
            continue;
        if (result == 0 && !dropped) {
            result = output_carry_out(output, staged->place, staged->temporary, &staged->before,
                                      &staged->needs, &error);
            output->unsynced = output->unsynced || result == 0;
        }
        if (result == 0 && !dropped) {
            batch_done(&output->batch, staged);
            continue;
        }
        fail(output, staged, &error);
        if (!dropped && list == &output->batch.resources)
            remembered = map_set(output->refused, staged->place, marker) && remembered;
    }
    return remembered;
}

static int sync_all(const struct output *output, struct error *error)
{
    if (syncfs(output->tree.fd) == 0)
        return 0;
    return error_set(error, ERROR_IO, "%s: cannot be synced: %s", output->tree.path, strerror(errno));
}

int output_perform(struct output *output, bool reports)
{
    struct error broken = {0};
    bool remembered;

    if (output->batch.waiting == 0)
        return 0;
    /* From here on what counts is what is there now. */
    folders_clear(&output->folders);
    (void)sync_all(output, &broken);
    remembered = run(output, &output->batch.resources, &broken);
    if (reports)
        remembered = run(output, &output->batch.reports, &broken) && remembered;
    return remembered ? 0 : ERROR_NO_MEMORY;
}

/* Removes one folder that is empty. @return whether the one above may be now. */
static bool remove_folder(struct output *output, char *folder)
{
    char *slash = strrchr(folder, '/');
    int above = -1;

    if (!slash)
        return false;
    *slash = '\0';
    return folders_open(&output->folders, folder, false, &above, NULL) == 0 &&
           unlinkat(above, slash + 1, AT_REMOVEDIR) == 0;
}

void output_prune(struct output *output, const struct spot *spot)
{
    char folder[SPOT_FOLDER_SIZE];
    bool removed = false;

    memcpy(folder, spot->folder, sizeof folder);
    while (remove_folder(output, folder))
        removed = true;
    /* One that is gone may be among those that are open. */
    if (removed)
        folders_clear(&output->folders);
}

/* Folders that a step has left empty, each once while its files follow one another. */
static void prune(struct output *output, const struct staged_list *list)
{
    struct spot last = {0};
    struct spot spot;

    for (const struct staged *staged = list->first; staged; staged = staged->next) {
        if (staged->state == STAGED_DONE && staged->temporary != 0)
            continue;
        if (!spot_of_place(&spot, staged->place) || strcmp(spot.folder, last.folder) == 0)
            continue;
        output_prune(output, &spot);
        last = spot;
    }
}

/* The last sync failed: nobody knows what will be there after a crash. */
static void distrust(struct batch *batch, const struct error *why)
{
    for (struct batch_key *key = batch->first_key; key; key = key->next) {
        if (key->code != 0)
            continue;
        key->code = why->code;
        key->why = arena_string(&batch->arena, why->message);
    }
}

static int observe_place(struct output *output, const char *place, const struct output_listener *listener,
                         struct error *error)
{
    struct spot spot;

    return spot_of_place(&spot, place) ? output_observe(output, &spot, listener, error) : 0;
}

static int observe_failed(struct output *output, const struct staged_list *list,
                          const struct output_listener *listener, struct error *error)
{
    int result = 0;

    for (const struct staged *staged = list->first; staged && result == 0; staged = staged->next) {
        if (staged->state == STAGED_FAILED)
            result = observe_place(output, staged->place, listener, error);
    }
    return result;
}

static bool has_written(const struct staged_list *list)
{
    const struct staged *staged = list->first;

    while (staged && (staged->state != STAGED_DONE || staged->temporary == 0))
        staged = staged->next;
    return staged;
}

/* Before the steps are forgotten. */
static void note_trouble(struct output *output)
{
    const struct batch *batch = &output->batch;
    struct error why;

    for (const struct batch_key *key = batch->first_key; key; key = key->next) {
        (void)error_set(&why, key->code, "%s", key->why ? key->why : "");
        if (key->code != 0)
            output_note(output, &why);
    }
    if (!output->troubled && (has_written(&batch->resources) || has_written(&batch->reports)))
        output->trouble = (struct error){0};
    output->troubled = false;
}

static int tell(struct output *output, const struct output_listener *listener, struct error *error)
{
    const struct batch *batch = &output->batch;
    int result = observe_failed(output, &batch->resources, listener, error);

    if (result == 0)
        result = observe_failed(output, &batch->reports, listener, error);
    for (const struct batch_place *look = batch->looks; look && result == 0; look = look->next)
        result = observe_place(output, look->place, listener, error);
    for (const struct batch_key *key = batch->first_key; key && result == 0; key = key->next) {
        struct error why;
        if (key->code == 0)
            continue;
        (void)error_set(&why, key->code, "%s", key->why ? key->why : "not enough memory");
        result = listener->failed(key->text, &why, listener->payload, error);
    }
    return result;
}

int output_commit(struct output *output, const struct output_listener *listener, struct error *error)
{
    struct error broken = {0};
    bool changed = output->batch.waiting > 0;
    int remembered = output_perform(output, true);
    int result;

    output->stale = true;
    if (changed || output->unsynced) {
        prune(output, &output->batch.resources);
        prune(output, &output->batch.reports);
    }
    if (output->unsynced && sync_all(output, &broken) != 0)
        distrust(&output->batch, &broken);
    output->unsynced = false;
    note_trouble(output);
    result = tell(output, listener, error);
    batch_clear(&output->batch);
    if (changed)
        folders_clear(&output->folders);
    if (result == 0 && remembered != 0)
        return error_no_memory(error);
    return result;
}
