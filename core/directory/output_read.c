/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/output_state.h"

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

/* Tells what stands in the file, or that nothing does. */
static int observe_resource(const struct reading *reading, int folder, struct spot *spot, struct error *error)
{
    struct error why = {0};
    struct standing standing = {0};
    struct observation observation = {.ref = ref_of(spot), .uid = "", .version = ""};
    json_t *object = NULL;
    int result = read_object(reading->output, folder, spot, &standing, &object, &why);

    if (result == ERROR_NO_MEMORY) {
        free(standing.data);
        return error_no_memory(error);
    }
    if (object) {
        content_version(standing.version, standing.data, standing.size);
        (void)json_object_del(object, "status");
        observation.ref.kind = json_text_at(object, "kind");
        observation.object = object;
        observation.version = standing.version;
    } else if (result != ERROR_NOT_FOUND) {
        observation.problem = why.message;
    }
    result = reading->listener->observe(&observation, reading->listener->payload, error);
    json_decref(object);
    free(standing.data);
    return result;
}

/* Tells a status whose name is known. What it says is nobody's business. */
static int observe_status(const struct reading *reading, int folder, struct spot *spot, struct error *error)
{
    struct error why = {0};
    struct standing standing = {0};
    json_t *object = NULL;
    struct stat info;
    int result;

    if (fstatat(folder, spot->file, &info, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(info.st_mode))
        return 0;
    if (spot->cut) {
        result = read_object(reading->output, folder, spot, &standing, &object, &why);
        json_decref(object);
        free(standing.data);
        if (result != 0)
            return result == ERROR_NO_MEMORY ? error_no_memory(error) : 0;
    }
    return reading->listener->status(spot->name_space, spot->name, reading->listener->payload, error);
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

static int observe_file(const struct reading *reading, int folder, struct spot *spot, struct error *error)
{
    return spot->status ? observe_status(reading, folder, spot, error)
                        : observe_resource(reading, folder, spot, error);
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

static int read_files(const struct reading *reading, int above, const char *name_space, const char *kinds,
                      struct error *error)
{
    struct listing files = {0};
    struct spot spot;
    int result;

    if (!spot_set_folder(&spot, name_space, kinds))
        return 0;
    result = list(reading, above, spot.folder, &files, error);
    for (size_t i = 0; i < files.count && result == 0; i++) {
        (void)spot_set_folder(&spot, name_space, kinds);
        if (spot_set_file(&spot, files.entries[i].name) &&
            !is_known(reading->output, dirfd(files.folder), &spot))
            result = observe_file(reading, dirfd(files.folder), &spot, error);
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
    if (!top[0] || strcmp(top, "resources") == 0)
        result = read_top(&reading, "resources", false, error);
    if (result == 0 && (!top[0] || strcmp(top, "status") == 0))
        result = read_top(&reading, "status", true, error);
    return result;
}

int output_observe(struct output *output, const struct spot *spot, const struct output_listener *listener,
                   struct error *error)
{
    const struct reading reading = {.output = output, .listener = listener};
    struct observation observation = {.ref = ref_of(spot), .uid = "", .version = ""};
    struct error why = {0};
    struct spot at = *spot;
    int folder = -1;
    int result = folders_open(&output->folders, spot->folder, false, &folder, &why);

    if (result == 0)
        return observe_file(&reading, folder, &at, error);
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
