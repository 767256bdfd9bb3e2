/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/sink.h"

#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"
#include "config/yaml.h"
#include "directory/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The sink as the directory fills it in. */
struct directory {
    struct sink sink;
    struct tree tree;
};

/* One output; what is written must be read again, so both have the same limits. A second document is let in
 * to be told as what it is. */
static const struct yaml_limits limits = {.bytes = 1 << 20, .documents = 2, .depth = 64};

/* Longest file name of Linux, and room for the folder of any object. */
enum { FILE_MAX = 255, FOLDER_SIZE = 16 + LABEL_MAX + 1 + LABEL_MAX + 1 + SUBDOMAIN_MAX + 1 };

/* Where an object stands. The place borrows from the rest. */
struct spot {
    struct tree_place place;
    char folder[FOLDER_SIZE];
    char file[FILE_MAX + 1];
};

static struct directory *of(struct sink *sink)
{
    return (struct directory *)sink;
}

static void file_name(char file[FILE_MAX + 1], const char *name)
{
    static const char ending[] = ".yaml";

    digest_shorten(file, name, FILE_MAX - (sizeof ending - 1));
    memcpy(file + strlen(file), ending, sizeof ending);
}

/* Names become parts of a path only after this. */
static int check_key(const char *name_space, const char *name, struct error *error)
{
    if (!name_space || !name_is_label(name_space))
        return error_set(error, ERROR_INVALID, "not a namespace that can be a folder: \"%.63s\"",
                         name_space ? name_space : "");
    if (!name || !name_is_subdomain(name))
        return error_set(error, ERROR_INVALID, "not a name that can be a file: \"%.253s\"", name ? name : "");
    return 0;
}

static int resource_spot(const struct object_ref *ref, struct spot *spot, struct error *error)
{
    int result = check_key(ref->name_space, ref->name, error);

    if (result != 0)
        return result;
    if (!name_is_label(ref->plural) || (ref->group[0] && !name_is_subdomain(ref->group)) ||
        strlen(ref->plural) + 1 + strlen(ref->group) > FILE_MAX)
        return error_set(error, ERROR_INVALID, "not a resource that can be a folder: \"%.63s.%.253s\"",
                         ref->plural, ref->group);
    (void)snprintf(spot->folder, sizeof spot->folder, "resources/%.63s/%.63s%s%.253s", ref->name_space,
                   ref->plural, ref->group[0] ? "." : "", ref->group);
    file_name(spot->file, ref->name);
    spot->place = (struct tree_place){.folder = spot->folder, .file = spot->file};
    return 0;
}

static int status_spot(const struct object_ref *ref, struct spot *spot, struct error *error)
{
    int result = check_key(ref->name_space, ref->name, error);

    if (result != 0)
        return result;
    (void)snprintf(spot->folder, sizeof spot->folder, "status/%s", ref->name_space);
    file_name(spot->file, ref->name);
    spot->place = (struct tree_place){.folder = spot->folder, .file = spot->file};
    return 0;
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

/* Whether the object is the one that belongs to its file. */
static int check_identity(const json_t *object, const struct object_ref *ref, struct error *error)
{
    const char *kind = json_text_at(object, "kind");
    const char *version = json_text_at(object, "apiVersion");
    const char *name = object_name(object);

    if (!json_is_object(object))
        return error_set(error, ERROR_INVALID, "holds %s instead of the %s %s/%s; move it away",
                         json_kind(object), ref->kind, ref->name_space, ref->name);
    if (object_is(object, ref->group, ref->kind) && name && strcmp(name, ref->name) == 0 &&
        strcmp(object_namespace(object), ref->name_space) == 0)
        return 0;
    return error_set(
        error, ERROR_INVALID, "holds %.100s %.100s %.63s/%.253s instead of the %s %s/%s; move it away",
        version ? version : "(no apiVersion)", kind ? kind : "(no kind)", object_namespace(object),
        name ? name : "(no name)", ref->kind, ref->name_space, ref->name);
}

/* Parses a file's content and checks that it is what belongs there. */
static int parse(const struct directory *directory, const struct spot *spot, const struct object_ref *ref,
                 const char *data, size_t size, json_t **object, struct error *error)
{
    struct error own = {0};
    struct error *why = error ? error : &own;
    struct yaml_mark mark = {0};
    json_t *parsed = yaml_read_one(data, size, &limits, &mark, why);
    int result;

    if (!parsed)
        return why->code == ERROR_NO_MEMORY ? ERROR_NO_MEMORY : blame(directory, spot, mark, why->code, why);
    result = check_identity(parsed, ref, why);
    if (result != 0) {
        json_decref(parsed);
        return blame(directory, spot, (struct yaml_mark){0}, result, why);
    }
    *object = parsed;
    return 0;
}

static void set_version(char version[64], const char *data, size_t size)
{
    struct digest digest = digest_of(data, size);

    memcpy(version, digest.hex, sizeof digest.hex);
}

static int sink_read(struct sink *sink, const struct object_ref *ref, struct live *out, struct error *error)
{
    const struct directory *directory = of(sink);
    struct spot spot;
    char *data = NULL;
    size_t size = 0;
    json_t *object = NULL;
    int result = resource_spot(ref, &spot, error);

    if (result == 0)
        result = tree_read(&directory->tree, &spot.place, limits.bytes, &data, &size, error);
    if (result != 0)
        return result;
    result = parse(directory, &spot, ref, data, size, &object, error);
    if (result == 0) {
        *out = (struct live){.object = object};
        set_version(out->version, data, size);
    }
    free(data);
    return result;
}

/* Moves a member to the end of the ordered object. */
static bool move_member(json_t *to, json_t *from, const char *name)
{
    json_t *value = json_member(from, name);

    return !value || (json_object_set(to, name, value) == 0 && json_object_del(from, name) == 0);
}

/* The object's copy with these members first, in this order; takes the copy over. */
static json_t *put_first(json_t *copy, const char *const *names)
{
    json_t *ordered = copy ? json_object() : NULL;
    bool done = ordered != NULL;

    for (; done && *names; names++)
        done = move_member(ordered, copy, *names);
    if (done && json_object_update(ordered, copy) == 0) {
        json_decref(copy);
        return ordered;
    }
    json_decref(copy);
    json_decref(ordered);
    return NULL;
}

/* A copy as people expect to read it. */
static json_t *arrange(const json_t *object)
{
    static const char *const top[] = {"apiVersion", "kind", "metadata", NULL};
    static const char *const metadata[] = {"name", "namespace", "labels", "annotations", NULL};
    json_t *result = put_first(json_deep_copy(object), top);
    json_t *inner = json_member(result, "metadata");

    if (!json_is_object(inner))
        return result;
    inner = put_first(json_incref(inner), metadata);
    if (json_object_set_new(result, "metadata", inner) == 0)
        return result;
    json_decref(result);
    return NULL;
}

static unsigned depth_of(const json_t *value)
{
    unsigned deepest = 0;
    void *at;
    json_t *container = json_iterable(value);

    for (size_t i = 0; i < json_array_size(value); i++) {
        unsigned depth = depth_of(json_array_get(value, i));
        deepest = depth > deepest ? depth : deepest;
    }
    for (at = json_object_iter(container); at; at = json_object_iter_next(container, at)) {
        unsigned depth = depth_of(json_object_iter_value(at));
        deepest = depth > deepest ? depth : deepest;
    }
    return json_is_array(value) || json_is_object(value) ? deepest + 1 : 0;
}

/* What could not be read again is not written. */
static int serialise(const json_t *object, struct text *out, struct error *error)
{
    json_t *ordered;
    int result;

    if (depth_of(object) > limits.depth)
        return error_set(error, ERROR_LIMIT, "nested too deeply; at most %u levels are written",
                         limits.depth);
    ordered = arrange(object);
    result = ordered ? yaml_write(ordered, out, error) : error_no_memory(error);
    json_decref(ordered);
    if (result == 0 && out->failed)
        result = error_no_memory(error);
    if (result == 0 && out->length > limits.bytes)
        result = error_set(error, ERROR_LIMIT, "%zu bytes are too many; at most %zu are written", out->length,
                           limits.bytes);
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
    int result = tree_read(&directory->tree, &spot->place, limits.bytes, &data, &size, error);

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
    int result = serialise(object, &text, error);

    if (result != 0) {
        if (result != ERROR_NO_MEMORY)
            (void)blame(directory, spot, (struct yaml_mark){0}, result, error);
        text_release(&text);
        return result;
    }
    result = compare(directory, spot, ref, &text, check, error);
    if (result == 0 || result == ERROR_NOT_FOUND)
        result = tree_replace(&directory->tree, &spot->place, text.data, text.length, result == 0, error);
    if (result >= 0 && version)
        set_version(version, text.data, text.length);
    text_release(&text);
    return result > 0 ? 0 : result;
}

static int sink_write(struct sink *sink, const struct object_ref *ref, const json_t *object, char version[64],
                      struct error *error)
{
    struct spot spot;
    int result = resource_spot(ref, &spot, error);

    if (result == 0)
        result = check_identity(object, ref, error);
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
    int result = status_spot(&ref, &spot, error);

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
