/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/input.h"

#include "base/ahead.h"
#include "base/digest.h"
#include "directory/bundle.h"
#include "directory/inventory.h"
#include "directory/loading.h"
#include "directory/steps.h"
#include "directory/taking.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Times of files are told apart by a tick of the kernel's clock, on some file systems by two seconds. What
 * was changed so shortly before it was read may change again and look the same. */
static const int64_t settle_ns = INT64_C(2000000000);

struct input {
    char *path;
    char *skip;
    bool allow_empty;
    size_t max_files;
    struct inventory inventory;
    /* It was told that there are too many files. */
    bool full;
};

/* A pass through the folder: what there is is listed first, and then looked at in that order. */
struct pass {
    struct input *input;
    struct error *error;
    int root; /* the folder, open, and where paths below it begin */
    size_t length;
    struct steps steps;
    /* Nothing is known of the folder yet, so that every file will be read. */
    bool first;
    const struct taking *taking;
    struct input_result *result;
    /* Where the walk is in the list of files; what comes before was met, or is gone. */
    struct inventory_file **at;
};

int input_new(const struct input_options *options, struct input **out, struct error *error)
{
    struct input *input = calloc(1, sizeof *input);

    if (!input)
        return error_no_memory(error);
    input->path = strdup(options->path);
    input->skip = options->skip ? strdup(options->skip) : NULL;
    input->allow_empty = options->allow_empty;
    input->max_files = options->max_files > 0 ? options->max_files : INPUT_MAX_FILES;
    if (!input->path || (options->skip && !input->skip)) {
        input_free(input);
        return error_no_memory(error);
    }
    *out = input;
    return 0;
}

void input_free(struct input *input)
{
    if (!input)
        return;
    inventory_release(&input->inventory);
    free(input->path);
    free(input->skip);
    free(input);
}

/* Takes the file that the walk is at out of the list. */
static void drop(const struct pass *pass)
{
    struct inventory_file *file = *pass->at;

    *pass->at = file->next;
    inventory_file_free(file);
}

static void pass_on(struct pass *pass)
{
    pass->at = &(*pass->at)->next;
}

/* Goes to a path. What the walk has passed over is not there any more. Returns NULL if the path is not in the
 * list. */
static struct inventory_file *go_to(struct pass *pass, const char *path)
{
    int order = 1;

    while (*pass->at && (order = inventory_compare((*pass->at)->path, path)) < 0)
        drop(pass);
    return order == 0 ? *pass->at : NULL;
}

static struct inventory_file *add(const struct pass *pass, const char *path, struct error *error)
{
    struct inventory_file *file = inventory_file_new(path);

    if (!file) {
        (void)error_no_memory(error);
        return NULL;
    }
    file->next = *pass->at;
    *pass->at = file;
    return file;
}

static int64_t nanoseconds(struct timespec time)
{
    return (int64_t)time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static struct inventory_signature signature_of(const struct stat *info)
{
    return (struct inventory_signature){.device = info->st_dev,
                                        .inode = info->st_ino,
                                        .size = info->st_size,
                                        .changed_ns = nanoseconds(info->st_ctim),
                                        .modified_ns = nanoseconds(info->st_mtim)};
}

static bool is_unchanged(const struct inventory_file *file, const struct stat *info)
{
    const struct inventory_signature now = signature_of(info);
    const struct inventory_signature *then = &file->signature;

    return file->settled && !file->stale && now.device == then->device && now.inode == then->inode &&
           now.size == then->size && now.changed_ns == then->changed_ns &&
           now.modified_ns == then->modified_ns && (file->broken || !inventory_file_wants(file));
}

/* Writes the signature of what was read down. */
static void sign(struct inventory_file *file, const struct loading *loading)
{
    int64_t limit = nanoseconds(loading->opened) - settle_ns;

    file->signature = signature_of(&loading->info);
    file->settled = file->signature.changed_ns < limit && file->signature.modified_ns < limit;
}

/* Takes a content unless it is what was taken last and nothing of it is to be told. */
static int take_content(const struct pass *pass, struct inventory_file *file, const struct loading *loading)
{
    bool taken = (file->known || file->broken) && !file->stale &&
                 file->digest == digest_number(loading->data, loading->size);

    pass->result->read++;
    if (taken && (file->broken || !inventory_file_wants(file)))
        return 0;
    return taking_file(pass->taking, file, loading->data, loading->size,
                       loading->parsed ? &loading->reading : NULL, pass->error);
}

static int take_opened(const struct pass *pass, struct inventory_file *file, const struct loading *loading)
{
    const char *name = strrchr(file->path, '/') + 1;

    sign(file, loading);
    if (loading->error.code == ERROR_NO_MEMORY)
        return error_no_memory(pass->error);
    if (!loading->data)
        taking_break(pass->taking, file, bundle_reason(&loading->error, name));
    /* Whoever writes in place empties a file first, and may be kept waiting before the first byte. */
    else if (loading->size == 0 && file->count > 0 && !pass->input->allow_empty)
        taking_break(pass->taking, file, "is empty, although it held objects; remove it if they are to go");
    else
        return take_content(pass, file, loading);
    return 0;
}

static const char *below(const struct pass *pass, const char *path)
{
    return path + pass->length;
}

/* Takes the file that the walk is at, which is read now if it was not read ahead. */
static int take_file(struct pass *pass, struct loading *loading)
{
    struct inventory_file *file = *pass->at;
    int result = 0;

    if (!loading->done)
        loading_read(loading, pass->root, below(pass, file->path));
    /* Removed since the folder was listed. */
    if (loading->reason == ENOENT || loading->reason == ENOTDIR) {
        drop(pass);
        return 0;
    }
    if (loading->reason != 0)
        taking_break(pass->taking, file,
                     loading->reason == ENXIO ? "not a regular file" : strerror(loading->reason));
    else
        result = take_opened(pass, file, loading);
    pass_on(pass);
    return result;
}

static int meet_file(struct pass *pass, const char *path, struct loading *loading)
{
    struct inventory_file *file = go_to(pass, path);
    struct stat info;

    if (!file)
        return add(pass, path, pass->error) ? take_file(pass, loading) : ERROR_NO_MEMORY;
    if (fstatat(pass->root, below(pass, path), &info, 0) != 0 || !is_unchanged(file, &info))
        return take_file(pass, loading);
    pass_on(pass);
    return 0;
}

/* What we wrote is no input; it is remembered so that it is told once. */
static int meet_skipped(struct pass *pass, const char *path)
{
    struct inventory_file *file = go_to(pass, path);

    if (file && (file->known || file->broken)) {
        drop(pass);
        file = NULL;
    }
    if (!file) {
        file = add(pass, path, pass->error);
        if (!file)
            return ERROR_NO_MEMORY;
        bundle_tell_skipped(pass->taking->listener->problems, path);
    }
    pass_on(pass);
    return 0;
}

/* What is known of a folder that cannot be read are the files in it, which keep what they held. */
static int meet_unreadable(struct pass *pass, const char *path, const char *message)
{
    size_t length = strlen(path);
    struct inventory_file *file = go_to(pass, path);
    struct inventory_file *inside;

    if (!file)
        file = add(pass, path, pass->error);
    if (!file)
        return ERROR_NO_MEMORY;
    pass_on(pass);
    while ((inside = *pass->at) && strncmp(inside->path, path, length) == 0 && inside->path[length] == '/') {
        file->partly |= inside->known;
        pass_on(pass);
    }
    taking_break(pass->taking, file, message);
    return 0;
}

/* In either thread. */
static void load_step(size_t index, void *item, const void *payload)
{
    const struct pass *pass = payload;
    const struct step *step = &pass->steps.list[index];

    if (pass->first && step->kind == STEP_FILE)
        loading_ahead(item, pass->root, below(pass, step->path));
}

static int take_step(size_t index, void *item, void *payload)
{
    struct pass *pass = payload;
    const struct step *step = &pass->steps.list[index];

    if (step->kind == STEP_FILE)
        return meet_file(pass, step->path, item);
    if (step->kind == STEP_SKIPPED)
        return meet_skipped(pass, step->path);
    return meet_unreadable(pass, step->path, step->message);
}

static void release_step(void *item)
{
    loading_release(item);
}

static int take_steps(struct pass *pass)
{
    static const struct ahead_work work = {.size = sizeof(struct loading),
                                           .items = 8,
                                           .make = load_step,
                                           .hand_over = take_step,
                                           .release = release_step};
    struct ahead *ahead = ahead_new(&work);
    int result = ahead ? ahead_run(ahead, pass->steps.count, pass) : error_no_memory(pass->error);

    ahead_free(ahead);
    return result;
}

static void tell_full(const struct pass *pass)
{
    struct input *input = pass->input;

    if (pass->steps.full && !input->full)
        problems_add_at(pass->taking->listener->problems, PROBLEM_ERROR, input->path, 0, 0, NULL,
                        "more than %zu files; the others are not read", input->max_files);
    input->full = pass->steps.full;
}

static void count_files(const struct input *input, struct input_result *result)
{
    for (const struct inventory_file *file = input->inventory.files; file; file = file->next) {
        result->files += file->known;
        result->quarantined += file->broken;
        result->unknown += file->broken && !file->known && !file->partly;
        result->refused += file->refused;
        result->repeated += file->repeated;
    }
    result->quarantined += input->full;
    result->unknown += input->full;
}

/* What the records say. */
struct census {
    struct input_result *result;
    /* Apis that stand in a file. */
    size_t standing;
};

static int count_record(struct inventory_record *record, void *payload)
{
    struct census *census = payload;
    bool stands = inventory_first(record) != NULL;

    if (record->told_place == 0)
        return record->places ? INVENTORY_KEEP : INVENTORY_FREE;
    census->result->objects++;
    census->result->apis += record->kind->is_api;
    census->result->held += !stands;
    census->standing += stands && record->kind->is_api;
    return INVENTORY_KEEP;
}

/* Who is told what is gone. */
struct farewell {
    const struct input_listener *listener;
    struct input_result *result;
    struct error *error;
};

static int tell_gone(struct inventory_record *record, void *payload)
{
    const struct farewell *farewell = payload;
    const struct object_ref ref = {.group = record->kind->group,
                                   .kind = record->kind->kind,
                                   .name_space = record->text,
                                   .name = record->text + record->name_offset};
    int result;

    if (record->places)
        return INVENTORY_KEEP;
    result = farewell->listener->gone(&ref, farewell->listener->payload, farewell->error);
    if (result != 0)
        return result;
    farewell->result->gone++;
    farewell->result->held--;
    farewell->result->objects--;
    farewell->result->apis -= record->kind->is_api;
    return INVENTORY_FREE;
}

/* Ends a pass: counts, and tells what is gone if that is certain. */
static int settle(const struct pass *pass, int walked, bool quiet, struct error *error)
{
    struct input *input = pass->input;
    struct input_result *result = pass->result;
    struct census census = {.result = result};
    struct farewell farewell = {.listener = pass->taking->listener, .result = result, .error = error};

    count_files(input, result);
    (void)inventory_sweep(&input->inventory, count_record, &census);
    if (walked != 0)
        return walked;
    result->complete = result->unknown == 0 && (census.standing > 0 || input->allow_empty);
    if (!quiet || !result->complete || result->quarantined > 0 || result->held == 0)
        return 0;
    walked = inventory_sweep(&input->inventory, tell_gone, &farewell);
    result->complete = walked == 0;
    return walked;
}

/* As walk_folder() builds its paths. */
static int open_root(struct pass *pass)
{
    const char *path = pass->input->path;

    pass->length = strlen(path);
    while (pass->length > 0 && path[pass->length - 1] == '/')
        pass->length--;
    pass->length++;
    pass->root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (pass->root >= 0)
        return 0;
    return error_set(pass->error, ERROR_IO, "the input folder %s cannot be read: %s", path, strerror(errno));
}

/* Lists the folder and looks at what is there. */
static int go_through(struct pass *pass)
{
    const struct input *input = pass->input;
    int result = steps_list(&pass->steps, input->path, input->skip, pass->error);

    if (result == 0)
        result = open_root(pass);
    if (result == 0)
        result = take_steps(pass);
    if (result != 0)
        return result;
    /* What comes after the last file that was met is gone, or was not looked at. */
    while (*pass->at && !pass->steps.full)
        drop(pass);
    tell_full(pass);
    return 0;
}

int input_pass(struct input *input, const struct input_listener *listener, bool quiet,
               struct input_result *result, struct error *error)
{
    const struct taking taking = {.inventory = &input->inventory, .listener = listener, .result = result};
    struct pass pass = {.input = input,
                        .error = error,
                        .root = -1,
                        .steps = {.most = input->max_files},
                        .first = !input->inventory.files,
                        .taking = &taking,
                        .result = result,
                        .at = &input->inventory.files};
    int walked;

    *result = (struct input_result){0};
    walked = go_through(&pass);
    if (pass.root >= 0)
        (void)close(pass.root);
    steps_release(&pass.steps);
    return settle(&pass, walked, quiet, error);
}
