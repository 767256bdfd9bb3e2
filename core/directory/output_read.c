/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/output_state.h"

#include "base/ahead.h"
#include "base/file.h"
#include "base/json.h"
#include "directory/listing.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A pass over the folders. */
struct reading {
    struct output *output;
    const struct output_listener *listener;
    /* Only this folder of a namespace, and only this folder of a kind in it; NULL: all. */
    const char *name_space;
    const char *kinds;
    struct ahead *ahead;
};

static struct object_ref ref_of(const struct spot *spot)
{
    return (struct object_ref){.group = spot->status ? API_GROUP : spot->group,
                               .kind = spot->status ? API_KIND : NULL,
                               .plural = spot->status ? API_PLURAL : spot->plural,
                               .name_space = spot->name_space,
                               .name = spot->name};
}

/* Reads the object that stands in a file; if the name of the file is cut, the spot learns the whole. Whatever
 * is wrong with it is ERROR_INVALID, ERROR_LIMIT, ERROR_IO or ERROR_FOREIGN. */
static int read_object(const struct output *output, int folder, struct spot *spot, struct standing *standing,
                       json_t **object, struct error *error)
{
    int result =
        file_read_nofollow(folder, spot->file, content_limits.bytes, &standing->data, &standing->size, error);
    struct object_ref ref = ref_of(spot);
    struct yaml_mark mark;
    json_t *parsed;
    const char *name;

    if (result == ERROR_NO_MEMORY || result == ERROR_NOT_FOUND)
        return result;
    if (result != 0) {
        const struct error inner = *error;
        return error_set(error, result, "%s/%s/%s", output->tree.path, spot->folder, inner.message);
    }
    parsed = content_read(standing->data, standing->size, &mark, error);
    if (!parsed)
        return error->code == ERROR_NO_MEMORY ? ERROR_NO_MEMORY
                                              : output_blame(output, spot, mark, ERROR_INVALID, error);
    name = object_name(parsed);
    if (spot->cut && name && spot_is_of(spot, name)) {
        (void)snprintf(spot->name, sizeof spot->name, "%s", name);
        spot->cut = false;
    }
    result = content_check(parsed, &ref, error);
    if (result != 0) {
        json_decref(parsed);
        return output_blame(output, spot, (struct yaml_mark){0}, result, error);
    }
    *object = parsed;
    return 0;
}

/* What stands in a file. */
struct found {
    struct spot spot;
    struct standing standing;
    json_t *object;
    void *prepared;
    const struct output_listener *listener;
    /* The folder says that it is a regular file. */
    bool regular;
    /* Of read_object(); of a status 0 if there is something to tell. */
    int result;
    struct error why;
};

static struct observation observation_of(struct found *found)
{
    struct observation observation = {
        .ref = ref_of(&found->spot), .uid = "", .version = "", .prepared = &found->prepared};

    if (found->object) {
        observation.ref.kind = json_text_at(found->object, "kind");
        observation.object = found->object;
        observation.version = found->standing.version;
    } else if (found->result != ERROR_NOT_FOUND) {
        observation.problem = found->why.message;
    }
    return observation;
}

static void find_resource(const struct output *output, int folder, struct found *found)
{
    const struct output_listener *listener = found->listener;
    struct standing *standing = &found->standing;
    struct observation observation;

    found->result = read_object(output, folder, &found->spot, standing, &found->object, &found->why);
    if (found->result != 0)
        return;
    content_version(standing->version, standing->data, standing->size);
    (void)json_object_del(found->object, "status");
    if (!listener->prepare)
        return;
    observation = observation_of(found);
    found->prepared = listener->prepare(&observation, listener->payload);
}

/* A status whose name is known. What it says is nobody's business. */
static void find_status(const struct output *output, int folder, struct found *found)
{
    struct stat info;

    if (!found->regular &&
        (fstatat(folder, found->spot.file, &info, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(info.st_mode)))
        found->result = ERROR_NOT_FOUND;
    else if (found->spot.cut)
        found->result =
            read_object(output, folder, &found->spot, &found->standing, &found->object, &found->why);
}

/* Looks at the file of a spot. Changes nothing but `found`: this is done by two threads. */
static void find(const struct output *output, int folder, struct found *found)
{
    if (found->spot.status)
        find_status(output, folder, found);
    else
        find_resource(output, folder, found);
}

static void release_found(void *item)
{
    struct found *found = item;

    if (found->prepared)
        found->listener->discard(found->prepared);
    json_decref(found->object);
    free(found->standing.data);
}

static int tell_resource(struct found *found, struct error *error)
{
    const struct observation observation = observation_of(found);

    return found->listener->observe(&observation, found->listener->payload, error);
}

/* Tells what stands in the file, or that nothing does. */
static int tell(struct found *found, struct error *error)
{
    const struct output_listener *listener = found->listener;

    if (found->result == ERROR_NO_MEMORY)
        return error_no_memory(error);
    if (!found->spot.status)
        return tell_resource(found, error);
    return found->result == 0
               ? listener->status(found->spot.name_space, found->spot.name, listener->payload, error)
               : 0;
}

static int observe_file(const struct reading *reading, int folder, const struct spot *spot,
                        struct error *error)
{
    struct found found = {.spot = *spot, .listener = reading->listener};
    int result;

    find(reading->output, folder, &found);
    result = tell(&found, error);
    release_found(&found);
    return result;
}

/* Whether the listener knows what stands there, because we have written it. */
static bool is_known(struct output *output, int folder, const struct spot *spot)
{
    char place[SPOT_PLACE_SIZE];
    struct stat info;

    if (output->written.count == 0)
        return false;
    spot_place(spot, place);
    if (fstatat(folder, spot->file, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
        written_stands(&output->written, place, &info))
        return true;
    written_forget(&output->written, place);
    return false;
}

/* Lists a folder below another. Where there is none there is nothing to tell: 0 and an empty listing. */
static int list(const struct reading *reading, int above, const char *path, struct listing *listing,
                struct error *error)
{
    char shown[PATH_MAX + SPOT_FOLDER_SIZE];
    const char *slash = strrchr(path, '/');
    int fd = -1;
    int result;

    (void)snprintf(shown, sizeof shown, "%s/%s", reading->output->tree.path, path);
    result = tree_step(above, slash ? slash + 1 : path, false, shown, &fd, error);
    if (result == ERROR_NOT_FOUND || (slash && result == ERROR_INVALID))
        return 0;
    /* What should stand in a folder of ours is not known. */
    if (result == ERROR_INVALID && error)
        error->code = ERROR_IO;
    if (result != 0)
        return ERROR_IO;
    result = listing_read(fd, listing, error);
    if (result != 0 && result != ERROR_NO_MEMORY)
        (void)error_wrap(error, "%s", shown);
    return result;
}

static bool wanted(const char *only, const char *name)
{
    return !only || strcmp(only, name) == 0;
}

/* The files of a folder. */
struct row {
    const struct reading *reading;
    int folder;
    const struct listing *files;
    /* With the folders. */
    const struct spot *spot;
    struct error *error;
};

static void find_in_row(size_t index, void *item, const void *payload)
{
    const struct row *row = payload;
    struct found *found = item;

    found->spot = *row->spot;
    found->listener = row->reading->listener;
    found->regular = row->files->entries[index].type == DT_REG;
    (void)spot_set_file(&found->spot, row->files->entries[index].name);
    find(row->reading->output, row->folder, found);
}

static int tell_of_row(size_t index, void *item, void *payload)
{
    const struct row *row = payload;

    (void)index;
    return tell(item, row->error);
}

static const struct ahead_work row_work = {.size = sizeof(struct found),
                                           .items = AHEAD_ITEMS_MAX,
                                           .make = find_in_row,
                                           .hand_over = tell_of_row,
                                           .release = release_found};

/* Moves the names that there is something to tell of to the front, in their order. @return how many. */
static size_t choose(const struct reading *reading, const struct spot *folder, const struct listing *files)
{
    struct spot spot = *folder;
    size_t chosen = 0;

    for (size_t i = 0; i < files->count; i++) {
        struct listing_entry entry = files->entries[i];
        if (!spot_set_file(&spot, entry.name) || is_known(reading->output, dirfd(files->folder), &spot))
            continue;
        files->entries[i] = files->entries[chosen];
        files->entries[chosen++] = entry;
    }
    return chosen;
}

/* A status is looked at faster than a thread is told of it. */
static int read_statuses(struct row *row, size_t count)
{
    int result = 0;

    for (size_t i = 0; i < count && result == 0; i++) {
        struct found found = {0};
        find_in_row(i, &found, row);
        result = tell_of_row(i, &found, row);
        release_found(&found);
    }
    return result;
}

static int read_files(const struct reading *reading, int above, const char *name_space, const char *kinds,
                      struct error *error)
{
    struct listing files = {0};
    struct spot spot;
    struct row row = {.reading = reading, .files = &files, .spot = &spot, .error = error};
    size_t count;
    int result;

    if (!spot_set_folder(&spot, name_space, kinds))
        return 0;
    result = list(reading, above, spot.folder, &files, error);
    if (result == 0 && files.count > 0) {
        row.folder = dirfd(files.folder);
        count = choose(reading, &spot, &files);
        result = spot.status ? read_statuses(&row, count) : ahead_run(reading->ahead, count, &row);
    }
    listing_release(&files);
    return result;
}

static int read_kinds(const struct reading *reading, int above, const char *name_space, struct error *error)
{
    char path[SPOT_FOLDER_SIZE];
    struct listing kinds = {0};
    int result;

    if (!name_is_label(name_space))
        return 0;
    (void)snprintf(path, sizeof path, "resources/%s", name_space);
    result = list(reading, above, path, &kinds, error);
    for (size_t i = 0; i < kinds.count && result == 0; i++) {
        if (wanted(reading->kinds, kinds.entries[i].name))
            result = read_files(reading, dirfd(kinds.folder), name_space, kinds.entries[i].name, error);
    }
    listing_release(&kinds);
    return result;
}

static int read_top(const struct reading *reading, const char *top, bool status, struct error *error)
{
    struct listing spaces = {0};
    int result = list(reading, reading->output->tree.fd, top, &spaces, error);

    for (size_t i = 0; i < spaces.count && result == 0; i++) {
        int above = dirfd(spaces.folder);
        if (!wanted(reading->name_space, spaces.entries[i].name))
            continue;
        result = status ? read_files(reading, above, spaces.entries[i].name, NULL, error)
                        : read_kinds(reading, above, spaces.entries[i].name, error);
    }
    listing_release(&spaces);
    return result;
}

int output_read(struct output *output, const struct output_listener *listener, struct error *error)
{
    return output_read_below(output, "", listener, error);
}

int output_read_below(struct output *output, const char *path, const struct output_listener *listener,
                      struct error *error)
{
    struct reading reading = {.output = output, .listener = listener};
    char parts[SPOT_FOLDER_SIZE];
    char *rest = parts;
    const char *top;
    int result = 0;

    if (snprintf(parts, sizeof parts, "%s", path) >= (int)sizeof parts)
        return 0;
    top = strsep(&rest, "/");
    reading.name_space = strsep(&rest, "/");
    reading.kinds = strsep(&rest, "/");
    output_refresh(output);
    reading.ahead = ahead_new(&row_work);
    if (!reading.ahead)
        return error_no_memory(error);
    if (!top[0] || strcmp(top, "resources") == 0)
        result = read_top(&reading, "resources", false, error);
    if (result == 0 && (!top[0] || strcmp(top, "status") == 0))
        result = read_top(&reading, "status", true, error);
    ahead_free(reading.ahead);
    return result;
}

int output_observe(struct output *output, const struct spot *spot, const struct output_listener *listener,
                   struct error *error)
{
    const struct reading reading = {.output = output, .listener = listener};
    struct observation observation = {.ref = ref_of(spot), .uid = "", .version = ""};
    struct error why = {0};
    int folder = -1;
    int result = folders_open(&output->folders, spot->folder, false, &folder, &why);

    if (result == 0)
        return observe_file(&reading, folder, spot, error);
    if (spot->status)
        return 0;
    if (result != ERROR_NOT_FOUND)
        observation.problem = why.message;
    return listener->observe(&observation, listener->payload, error);
}

int output_look(struct output *output, const char *path, const struct output_listener *listener,
                struct error *error)
{
    char place[SPOT_PLACE_SIZE];
    struct spot spot;
    int folder = -1;

    if (!spot_of_path(&spot, path))
        return 0;
    spot_place(&spot, place);
    /* The commit looks, and tells if it is not what was found when the step was staged. */
    if (batch_find(&output->batch, place))
        return 0;
    output_refresh(output);
    if (folders_open(&output->folders, spot.folder, false, &folder, NULL) == 0 &&
        is_known(output, folder, &spot))
        return 0;
    written_forget(&output->written, place);
    /* Whatever was done to a status: its key has to be reported again. */
    if (spot.status && !spot.cut)
        return listener->status(spot.name_space, spot.name, listener->payload, error);
    return output_observe(output, &spot, listener, error);
}
