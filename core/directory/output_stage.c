/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/output_state.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int output_blame(const struct output *output, const struct spot *spot, struct yaml_mark mark, int code,
                 struct error *error)
{
    const struct error inner = *error;

    if (mark.line > 0)
        return error_set(error, code, "%s/%s/%s:%zu:%zu: %s", output->tree.path, spot->folder, spot->file,
                         mark.line, mark.column, inner.message);
    return error_set(error, code, "%s/%s/%s: %s", output->tree.path, spot->folder, spot->file, inner.message);
}

void output_refresh(struct output *output)
{
    if (output->stale)
        folders_clear(&output->folders);
    output->stale = false;
}

/* Reads an open file, and its trace of the same moment. */
static int read_open(int fd, const char *name, struct standing *standing, struct error *error)
{
    struct stat info;
    int result;

    if (fstat(fd, &info) != 0)
        return error_set(error, ERROR_IO, "%s: %s", name, strerror(errno));
    result = file_read_open(fd, name, content_limits.bytes, &standing->data, &standing->size, error);
    if (result != 0)
        return result;
    standing->trace = trace_of(&info);
    content_version(standing->version, standing->data, standing->size);
    return 0;
}

static int read_traced(int folder, const char *name, struct standing *standing, struct error *error)
{
    int fd = -1;
    int result = file_open_nofollow(folder, name, &fd, error);

    if (result != 0)
        return result;
    result = read_open(fd, name, standing, error);
    (void)close(fd);
    return result;
}

/* Puts the folder in front of a message that begins with the file. */
static void complete(const struct output *output, const char *folder, struct error *error)
{
    const struct error inner = *error;

    (void)error_set(error, inner.code, "%s/%s/%s", output->tree.path, folder, inner.message);
}

/* For whoever writes, what stands in the way is somebody else's. */
static int as_obstacle(struct error *error)
{
    if (error->code == ERROR_INVALID || error->code == ERROR_LIMIT)
        error->code = ERROR_FOREIGN;
    return error->code;
}

static int read_file(struct output *output, const char *folder, const char *file, struct standing *standing,
                     struct error *error)
{
    int fd = -1;
    int result = folders_open(&output->folders, folder, false, &fd, error);

    if (result != 0)
        return as_obstacle(error);
    result = read_traced(fd, file, standing, error);
    if (result != 0 && result != ERROR_NO_MEMORY)
        complete(output, folder, error);
    return result == 0 ? 0 : as_obstacle(error);
}

int output_standing(struct output *output, const struct spot *spot, const char *place,
                    struct standing *standing, struct error *error)
{
    const struct staged *staged = batch_find(&output->batch, place);
    char temporary[TREE_TEMPORARY_SIZE];
    int result;

    *standing = (struct standing){0};
    if (!staged) {
        result = read_file(output, spot->folder, spot->file, standing, error);
        return result == ERROR_NOT_FOUND ? 0 : result;
    }
    if (staged->temporary == 0)
        return 0;
    tree_temporary(temporary, staged->temporary);
    result = read_file(output, TREE_TEMPORARY, temporary, standing, error);
    standing->trace.changed_ns = -1;
    if (result == ERROR_NOT_FOUND)
        result = error->code = ERROR_IO;
    return result;
}

int output_parse(const struct output *output, const struct spot *spot, const struct object_ref *ref,
                 const struct standing *standing, json_t **object, struct error *error)
{
    struct yaml_mark mark;
    json_t *parsed = content_read(standing->data, standing->size, &mark, error);

    if (!parsed && error->code == ERROR_NO_MEMORY)
        return ERROR_NO_MEMORY;
    if (!parsed)
        return output_blame(output, spot, mark, ERROR_FOREIGN, error);
    if (content_check(parsed, ref, error) != 0) {
        json_decref(parsed);
        return output_blame(output, spot, (struct yaml_mark){0}, ERROR_FOREIGN, error);
    }
    *object = parsed;
    return 0;
}

/* A new file with the text; errno if that fails, and nothing is left behind. */
static int write_file(int folder, const char *name, const struct text *text, bool sync)
{
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    int reason = 0;

    if (fd < 0)
        return errno;
    if (file_write_open(fd, text->data, text->length) != 0 || (sync && fdatasync(fd) != 0))
        reason = errno;
    if (close(fd) != 0 && reason == 0)
        reason = errno;
    if (reason != 0)
        (void)unlinkat(folder, name, 0);
    return reason;
}

static int write_temporary(struct output *output, const struct output_step *step, bool sync,
                           uint64_t *temporary, struct error *error)
{
    char name[TREE_TEMPORARY_SIZE];
    int fd = -1;
    int result = folders_open(&output->folders, TREE_TEMPORARY, true, &fd, error);
    int reason;

    if (result != 0)
        return result;
    do
        tree_temporary(name, ++output->number);
    while (output->number == 0);
    reason = write_file(fd, name, step->text, sync);
    if (reason != 0)
        return error_set(error, ERROR_IO, "%s/%s/%s: cannot be written: %s", output->tree.path,
                         step->spot->folder, step->spot->file, strerror(reason));
    *temporary = output->number;
    return 0;
}

void output_discard(struct output *output, uint64_t temporary)
{
    char name[TREE_TEMPORARY_SIZE];
    int fd = -1;

    if (temporary == 0 || folders_open(&output->folders, TREE_TEMPORARY, false, &fd, NULL) != 0)
        return;
    tree_temporary(name, temporary);
    (void)unlinkat(fd, name, 0);
}

/* What the key, or whoever has a step at the place, waits for comes first. */
static int settle_before(struct output *output, const struct output_step *step, struct error *error)
{
    const struct batch_key *key = batch_key(&output->batch, step->key);
    int result = 0;

    if ((key && key->waiting > 0) || batch_find(&output->batch, step->place))
        result = output_perform(output, false);
    key = batch_key(&output->batch, step->key);
    if (result != 0)
        return error_no_memory(error);
    if (key && key->code != 0)
        return error_set(error, key->code, "an earlier step could not be done: %s",
                         key->why ? key->why : "not enough memory");
    return 0;
}

static int do_at_once(struct output *output, const struct output_step *step, uint64_t temporary,
                      struct error *error)
{
    int result = settle_before(output, step, error);

    if (result == 0)
        result = output_carry_out(output, step->place, temporary, step->before, &step->needs, error);
    else
        output_discard(output, temporary);
    if (result != 0 || !step->text)
        output_prune(output, step->spot);
    if (result != 0)
        return result;
    (void)map_remove(output->refused, step->place);
    output->unsynced = true;
    return 0;
}

/* Why no temporary file could be made, as the sink answers it; nothing is left behind. */
static int as_answer(struct output *output, const struct output_step *step, struct error *error)
{
    output_prune(output, step->spot);
    output->stale = true;
    /* A folder that was removed while it was used. */
    if (error->code == ERROR_NOT_FOUND)
        error->code = ERROR_IO;
    return as_obstacle(error);
}

int output_stage(struct output *output, const struct output_step *step, struct error *error)
{
    bool at_once = !step->report && map_get(output->refused, step->place);
    struct staged *staged;
    uint64_t temporary = 0;
    int fd = -1;
    int result = folders_writable(&output->folders, step->spot->folder, &fd, error);

    if (result == 0 && step->text)
        result = write_temporary(output, step, at_once, &temporary, error);
    if (result != 0)
        return as_answer(output, step, error);
    if (at_once)
        return do_at_once(output, step, temporary, error);
    staged = batch_add(&output->batch, step->key, step->place, step->report, temporary, step->before);
    if (!staged) {
        output_discard(output, temporary);
        return error_no_memory(error);
    }
    staged->needs = step->needs;
    return 0;
}
