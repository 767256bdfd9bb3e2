/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/input.h"

#include "base/digest.h"
#include "base/file.h"
#include "directory/bundle.h"
#include "directory/inventory.h"
#include "directory/taking.h"
#include "directory/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
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

/* A pass through the folder. */
struct pass {
    struct input *input;
    const struct taking *taking;
    struct input_result *result;
    /* Where the walk is in the list of files; what comes before was met, or is gone. */
    struct inventory_file **at;
    size_t met;
    /* There are more files than are read. */
    bool full;
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

/* Writes the signature of what is about to be read down. */
static void sign(struct inventory_file *file, const struct stat *info)
{
    struct timespec now = {0};
    int64_t limit;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    limit = nanoseconds(now) - settle_ns;
    file->signature = signature_of(info);
    file->settled = file->signature.changed_ns < limit && file->signature.modified_ns < limit;
}

/* Takes a content unless it is what was taken last and nothing of it is to be told. */
static int take(const struct pass *pass, struct inventory_file *file, const char *data, size_t size,
                struct error *error)
{
    bool taken = (file->known || file->broken) && !file->stale && file->digest == digest_number(data, size);

    pass->result->read++;
    if (taken && (file->broken || !inventory_file_wants(file)))
        return 0;
    return taking_file(pass->taking, file, data, size, error);
}

static int read_open(const struct pass *pass, struct inventory_file *file, int fd, const char *name,
                     struct error *error)
{
    struct error own = {0};
    struct stat info;
    char *data = NULL;
    size_t size = 0;
    int result;

    if (fstat(fd, &info) != 0) {
        taking_break(pass->taking, file, strerror(errno));
        return 0;
    }
    sign(file, &info);
    result = file_read_known(fd, &info, name, yaml_file_limits.bytes, &data, &size, &own);
    if (result == ERROR_NO_MEMORY)
        return error_no_memory(error);
    if (result != 0) {
        taking_break(pass->taking, file, bundle_reason(&own, name));
        return 0;
    }
    /* Whoever writes in place empties a file first, and may be kept waiting before the first byte. */
    if (size == 0 && file->count > 0 && !pass->input->allow_empty)
        taking_break(pass->taking, file, "is empty, although it held objects; remove it if they are to go");
    else
        result = take(pass, file, data, size, error);
    free(data);
    return result;
}

static int read_file(struct pass *pass, const struct walk_file *entry, struct error *error)
{
    struct inventory_file *file = *pass->at;
    int fd = walk_open(entry);
    int result = 0;

    /* Removed since the folder was listed. */
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        drop(pass);
        return 0;
    }
    if (fd < 0) {
        taking_break(pass->taking, file, errno == ENXIO ? "not a regular file" : strerror(errno));
    } else {
        result = read_open(pass, file, fd, entry->name, error);
        (void)close(fd);
    }
    pass_on(pass);
    return result;
}

/* Counts what is met; says whether that is more than is read. */
static bool is_full(struct pass *pass)
{
    if (pass->met++ < pass->input->max_files)
        return false;
    pass->full = true;
    return true;
}

static int visit_file(const struct walk_file *entry, void *payload, struct error *error)
{
    struct pass *pass = payload;
    struct inventory_file *file;
    struct stat info;

    if (is_full(pass))
        return WALK_STOP;
    file = go_to(pass, entry->path);
    if (!file) {
        file = add(pass, entry->path, error);
        return file ? read_file(pass, entry, error) : ERROR_NO_MEMORY;
    }
    if (!entry->info && fstatat(entry->folder, entry->name, &info, 0) != 0)
        return read_file(pass, entry, error);
    if (!is_unchanged(file, entry->info ? entry->info : &info))
        return read_file(pass, entry, error);
    pass_on(pass);
    return 0;
}

/* What we wrote is no input; it is remembered so that it is told once. */
static int visit_skipped(const char *path, void *payload, struct error *error)
{
    struct pass *pass = payload;
    struct inventory_file *file;

    if (is_full(pass))
        return WALK_STOP;
    file = go_to(pass, path);
    if (file && (file->known || file->broken)) {
        drop(pass);
        file = NULL;
    }
    if (!file) {
        file = add(pass, path, error);
        if (!file)
            return ERROR_NO_MEMORY;
        bundle_tell_skipped(pass->taking->listener->problems, path);
    }
    pass_on(pass);
    return 0;
}

/* What is known of a folder that cannot be read are the files in it, which keep what they held. */
static int visit_unreadable(const char *path, const char *message, void *payload, struct error *error)
{
    struct pass *pass = payload;
    size_t length = strlen(path);
    struct inventory_file *file;
    struct inventory_file *below;

    if (is_full(pass))
        return WALK_STOP;
    file = go_to(pass, path);
    if (!file)
        file = add(pass, path, error);
    if (!file)
        return ERROR_NO_MEMORY;
    pass_on(pass);
    while ((below = *pass->at) && strncmp(below->path, path, length) == 0 && below->path[length] == '/') {
        file->partly |= below->known;
        pass_on(pass);
    }
    taking_break(pass->taking, file, message);
    return 0;
}

static void tell_full(const struct pass *pass)
{
    struct input *input = pass->input;

    if (pass->full && !input->full)
        problems_add_at(pass->taking->listener->problems, PROBLEM_ERROR, input->path, 0, 0, NULL,
                        "more than %zu files; the others are not read", input->max_files);
    input->full = pass->full;
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

int input_pass(struct input *input, const struct input_listener *listener, bool quiet,
               struct input_result *result, struct error *error)
{
    const struct taking taking = {.inventory = &input->inventory, .listener = listener, .result = result};
    struct pass pass = {.input = input, .taking = &taking, .result = result, .at = &input->inventory.files};
    const struct walk_visitor visitor = {
        .file = visit_file, .skipped = visit_skipped, .unreadable = visit_unreadable, .payload = &pass};
    int walked;

    *result = (struct input_result){0};
    walked = walk_folder(input->path, input->skip, &visitor, error);
    if (pass.full)
        walked = 0;
    if (walked == 0) {
        /* What comes after the last file that was met is gone, or was not looked at. */
        while (*pass.at && !pass.full)
            drop(&pass);
        tell_full(&pass);
    }
    return settle(&pass, walked, quiet, error);
}
