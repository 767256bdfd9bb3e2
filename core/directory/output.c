/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/output_state.h"

#include "base/json.h"
#include "object/owner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct output *output_of(struct sink *sink)
{
    return (struct output *)sink;
}

/* The object with what others have put on the one that stands there. */
static int write_wanted(const struct sink_step *step, const json_t *found, struct text *text,
                        struct error *error)
{
    json_t *wanted = json_copy(json_iterable(step->object));
    json_t *metadata = json_copy_all(json_member(step->object, "metadata"));
    int result;

    if (!wanted || !metadata || json_object_set_new(wanted, "metadata", metadata) != 0 ||
        !owner_keep_others(wanted, found))
        result = error_no_memory(error);
    else
        result = content_write(wanted, text, error);
    json_decref(wanted);
    return result;
}

/* The text to write. */
static int compose(const struct output *output, const struct spot *spot, const struct sink_step *step,
                   const struct standing *standing, struct text *text, struct error *error)
{
    json_t *found = NULL;
    int result = 0;

    if (standing->data)
        result = output_parse(output, spot, &step->ref, standing, &found, error);
    if (result != 0)
        return result;
    result = found ? write_wanted(step, found, text, error) : content_write(step->object, text, error);
    json_decref(found);
    return result == 0 || result == ERROR_NO_MEMORY
               ? result
               : output_blame(output, spot, (struct yaml_mark){0}, result, error);
}

/* What stands there is not what the step is about: an object of that place, or something foreign. */
static int refuse(const struct output *output, const struct spot *spot, const struct sink_step *step,
                  const struct standing *standing, struct error *error)
{
    json_t *found = NULL;
    int result;

    if (!standing->data) {
        (void)error_set(error, ERROR_CONFLICT, "is gone, although nobody here removed it");
        return output_blame(output, spot, (struct yaml_mark){0}, ERROR_CONFLICT, error);
    }
    result = output_parse(output, spot, &step->ref, standing, &found, error);
    if (result != 0)
        return result;
    json_decref(found);
    (void)error_set(error, ERROR_CONFLICT,
                    step->version[0] ? "was changed by somebody else meanwhile"
                                     : "was put there by somebody else meanwhile");
    return output_blame(output, spot, (struct yaml_mark){0}, ERROR_CONFLICT, error);
}

static int put(struct output *output, const struct output_step *where, const struct sink_step *step,
               const struct standing *standing, struct sink_answer *answer)
{
    struct output_step next = *where;
    struct text text = text_empty();
    int result = compose(output, where->spot, step, standing, &text, &answer->error);

    next.text = &text;
    if (result == 0 && (!standing->data || text.length != standing->size ||
                        memcmp(text.data, standing->data, text.length) != 0))
        result = output_stage(output, &next, &answer->error);
    else if (result == 0)
        (void)map_remove(output->refused, where->place);
    if (result == 0)
        content_version(answer->version, text.data, text.length);
    text_release(&text);
    return result;
}

static int take(struct output *output, const struct output_step *where, const struct standing *standing,
                struct sink_answer *answer)
{
    if (standing->data)
        return output_stage(output, where, &answer->error);
    (void)map_remove(output->refused, where->place);
    return 0;
}

static int decide(struct output *output, const struct spot *spot, const char *place,
                  const struct sink_step *step, struct sink_answer *answer)
{
    struct standing standing;
    int result = output_standing(output, spot, place, &standing, &answer->error);
    struct output_step where = {.key = step->key, .spot = spot, .place = place, .before = &standing.trace};

    if (result != 0)
        return result;
    if (strcmp(standing.version, step->version) != 0 && (standing.data || step->object))
        result = refuse(output, spot, step, &standing, &answer->error);
    else if (step->object)
        result = output_needs_take(output, step, &where.needs, &answer->error);
    if (result == 0 && step->object)
        result = put(output, &where, step, &standing, answer);
    else if (result == 0)
        result = take(output, &where, &standing, answer);
    free(standing.data);
    return result;
}

void output_note(struct output *output, const struct error *why)
{
    if (why->code != ERROR_IO)
        return;
    output->trouble = *why;
    output->troubled = true;
}

void output_answer(struct output *output, struct sink_answer *answer, int code)
{
    answer->code = code;
    if (code != 0)
        output_note(output, &answer->error);
    /* What was not there may have been looked for. */
    if (code == 0)
        answer->error = (struct error){0};
}

static int apply(struct sink *sink, const struct sink_step *step, struct sink_answer *answer)
{
    struct output *output = output_of(sink);
    /* The step may borrow from the answer before. */
    struct sink_answer made = {0};
    char place[SPOT_PLACE_SIZE];
    struct spot spot;
    int result;

    output_refresh(output);
    result = spot_of_resource(&step->ref, &spot, &made.error);
    if (result == 0 && step->object)
        result = content_check(step->object, &step->ref, &made.error);
    if (result == 0) {
        spot_place(&spot, place);
        result = decide(output, &spot, place, step, &made);
        /* Whoever asked believes something else to stand there. */
        if ((result == ERROR_CONFLICT || result == ERROR_FOREIGN) && !batch_look(&output->batch, place))
            result = error_no_memory(&made.error);
    }
    output_answer(output, &made, result);
    *answer = made;
    return 0;
}

int output_open(const char *path, struct output **out, struct error *error)
{
    struct output *output = calloc(1, sizeof *output);
    int result;

    if (!output)
        return error_no_memory(error);
    output->refused = map_new(NULL);
    result = output->refused ? tree_open(path, &output->tree, error) : error_no_memory(error);
    if (result != 0) {
        map_free(output->refused);
        free(output);
        return result;
    }
    output->sink = (struct sink){.apply = apply, .report = output_report};
    output->folders.tree = &output->tree;
    output->number = tree_number();
    *out = output;
    return 0;
}

static bool is_there(const struct tree *tree)
{
    struct stat open;
    struct stat there;

    return fstat(tree->fd, &open) == 0 && stat(tree->path, &there) == 0 && open.st_dev == there.st_dev &&
           open.st_ino == there.st_ino;
}

int output_follow(struct output *output, bool *moved, struct error *error)
{
    struct tree next;
    int result;

    *moved = false;
    if (is_there(&output->tree))
        return 0;
    result = tree_open(output->tree.path, &next, error);
    if (result != 0)
        return result;
    folders_clear(&output->folders);
    tree_close(&output->tree);
    output->tree = next;
    *moved = true;
    return 0;
}

const char *output_trouble(const struct output *output)
{
    return output->trouble.code != 0 ? output->trouble.message : NULL;
}

static void drop(struct output *output, const struct staged_list *list)
{
    struct spot spot;

    for (const struct staged *staged = list->first; staged; staged = staged->next) {
        if (staged->state != STAGED_WAITING || staged->temporary == 0)
            continue;
        output_discard(output, staged->temporary);
        if (spot_of_place(&spot, staged->place))
            output_prune(output, &spot);
    }
}

void output_close(struct output *output)
{
    if (!output)
        return;
    drop(output, &output->batch.resources);
    drop(output, &output->batch.reports);
    batch_clear(&output->batch);
    map_free(output->refused);
    written_clear(&output->written);
    folders_clear(&output->folders);
    tree_close(&output->tree);
    free(output);
}

void output_watched(struct output *output)
{
    output->watched = true;
}

struct sink *output_sink(struct output *output)
{
    return &output->sink;
}

size_t output_pending(const struct output *output)
{
    const struct batch *batch = &output->batch;
    bool more = output->unsynced || batch->count > batch->waiting;

    return batch->waiting + batch->look_count + (more ? 1 : 0);
}

bool output_path(const struct object_ref *ref, char path[OUTPUT_PATH_SIZE])
{
    struct spot spot;
    int length;

    if (spot_of_resource(ref, &spot, NULL) != 0)
        return false;
    length = snprintf(path, OUTPUT_PATH_SIZE, "%s/%s", spot.folder, spot.file);
    return length > 0 && length < OUTPUT_PATH_SIZE;
}
