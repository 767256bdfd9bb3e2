/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/sink.h"

#include "base/json.h"
#include "base/text.h"
#include "directory/content.h"
#include "directory/spot.h"
#include "directory/tree.h"

#include <stdlib.h>
#include <string.h>

/* The sink as the directory fills it in. */
struct directory {
    struct sink sink;
    struct tree tree;
};

static struct directory *of(struct sink *sink)
{
    return (struct directory *)sink;
}

/* Puts the file in front of a message about its content. */
static int blame(const struct directory *directory, const struct spot *spot, struct yaml_mark mark, int code,
                 struct error *error)
{
    struct error inner = {0};

    if (error)
        inner = *error;
    if (mark.line > 0)
        return error_set(error, code, "%s/%s/%s:%zu:%zu: %s", directory->tree.path, spot->folder, spot->file,
                         mark.line, mark.column, inner.message);
    return error_set(error, code, "%s/%s/%s: %s", directory->tree.path, spot->folder, spot->file,
                     inner.message);
}

/* Parses a file's content and checks that it is what belongs there. */
static int parse(const struct directory *directory, const struct spot *spot, const struct object_ref *ref,
                 const char *data, size_t size, json_t **object, struct error *error)
{
    struct error own = {0};
    struct error *why = error ? error : &own;
    struct yaml_mark mark = {0};
    json_t *parsed = content_read(data, size, &mark, why);
    int result;

    if (!parsed)
        return why->code == ERROR_NO_MEMORY ? ERROR_NO_MEMORY : blame(directory, spot, mark, why->code, why);
    result = content_check(parsed, ref, why);
    if (result != 0) {
        json_decref(parsed);
        return blame(directory, spot, (struct yaml_mark){0}, result, why);
    }
    *object = parsed;
    return 0;
}

static int sink_read(struct sink *sink, const struct object_ref *ref, struct live *out, struct error *error)
{
    const struct directory *directory = of(sink);
    struct spot spot;
    char *data = NULL;
    size_t size = 0;
    json_t *object = NULL;
    int result = spot_of_resource(ref, &spot, error);

    if (result == 0)
        result = tree_read(&directory->tree, &(struct tree_place){.folder = spot.folder, .file = spot.file},
                           content_limits.bytes, &data, &size, error);
    if (result != 0)
        return result;
    result = parse(directory, &spot, ref, data, size, &object, error);
    if (result == 0) {
        *out = (struct live){.object = object};
        content_version(out->version, data, size);
    }
    free(data);
    return result;
}

/* Whether the file may be replaced: 0, or ERROR_FOREIGN. */
typedef int (*check_fn)(const json_t *found, struct error *error);

static int allow(const json_t *found, struct error *error)
{
    (void)found;
    (void)error;
    return 0;
}

/* Where statuses go somebody might keep Apis. */
static int check_status(const json_t *found, struct error *error)
{
    if (!json_member(found, "spec"))
        return 0;
    return error_set(error, ERROR_FOREIGN, "holds an Api with its spec, not a status; move it away");
}

/* What stands at the spot: equal (1), ours to replace (0), nothing (ERROR_NOT_FOUND), or why not. */
static int compare(const struct directory *directory, const struct spot *spot, const struct object_ref *ref,
                   const struct text *text, check_fn check, struct error *error)
{
    char *data = NULL;
    size_t size = 0;
    json_t *found = NULL;
    int result = tree_read(&directory->tree, &(struct tree_place){.folder = spot->folder, .file = spot->file},
                           content_limits.bytes, &data, &size, error);

    if (result == 0 && size == text->length && memcmp(data, text->data, size) == 0) {
        free(data);
        return 1;
    }
    if (result == 0) {
        result = parse(directory, spot, ref, data, size, &found, error);
        if (result == 0 && check(found, error) != 0)
            result = blame(directory, spot, (struct yaml_mark){0}, ERROR_FOREIGN, error);
    }
    json_decref(found);
    free(data);
    if (result == ERROR_INVALID || result == ERROR_LIMIT) {
        if (error)
            error->code = ERROR_FOREIGN;
        return ERROR_FOREIGN;
    }
    return result;
}

static int put(const struct directory *directory, const struct spot *spot, const struct object_ref *ref,
               const json_t *object, check_fn check, char version[64], struct error *error)
{
    struct text text = text_empty();
    int result = content_write(object, &text, error);

    if (result != 0) {
        if (result != ERROR_NO_MEMORY)
            (void)blame(directory, spot, (struct yaml_mark){0}, result, error);
        text_release(&text);
        return result;
    }
    result = compare(directory, spot, ref, &text, check, error);
    if (result == 0 || result == ERROR_NOT_FOUND)
        result =
            tree_replace(&directory->tree, &(struct tree_place){.folder = spot->folder, .file = spot->file},
                         text.data, text.length, result == 0, error);
    if (result >= 0 && version)
        content_version(version, text.data, text.length);
    text_release(&text);
    return result > 0 ? 0 : result;
}

static int sink_write(struct sink *sink, const struct object_ref *ref, const json_t *object, char version[64],
                      struct error *error)
{
    struct spot spot;
    int result = spot_of_resource(ref, &spot, error);

    if (result == 0)
        result = content_check(object, ref, error);
    if (result != 0)
        return result;
    return put(of(sink), &spot, ref, object, allow, version, error);
}

static int sink_report(struct sink *sink, const json_t *api, const json_t *status, struct error *error)
{
    const struct object_ref ref = {.group = API_GROUP,
                                   .kind = API_KIND,
                                   .plural = API_PLURAL,
                                   .name_space = object_namespace(api),
                                   .name = object_name(api)};
    struct spot spot;
    json_t *document;
    int result = spot_of_status(ref.name_space, ref.name, &spot, error);

    if (result != 0)
        return result;
    document = json_pack("{s:s, s:s, s:{s:s, s:s}, s:o}", "apiVersion", API_GROUP "/" API_VERSION, "kind",
                         API_KIND, "metadata", "name", ref.name, "namespace", ref.name_space, "status",
                         json_deep_copy(status));
    if (!document)
        return error_no_memory(error);
    result = put(of(sink), &spot, &ref, document, check_status, NULL, error);
    json_decref(document);
    return result;
}

int directory_sink_new(const char *output, struct sink **out, struct error *error)
{
    struct directory *directory = calloc(1, sizeof *directory);
    int result;

    if (!directory)
        return error_no_memory(error);
    result = tree_open(output, &directory->tree, error);
    if (result != 0) {
        free(directory);
        return result;
    }
    directory->sink = (struct sink){.read = sink_read, .write = sink_write, .report = sink_report};
    *out = &directory->sink;
    return 0;
}

void directory_sink_free(struct sink *sink)
{
    if (!sink)
        return;
    tree_close(&of(sink)->tree);
    free(of(sink));
}
