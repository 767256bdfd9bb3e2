/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/content.h"

#include "base/digest.h"
#include "base/json.h"

#include <string.h>

/* A second document is let in to be told as what it is. */
const struct yaml_limits content_limits = {.bytes = 1 << 20, .documents = 2, .depth = 64};

/* Moves a member to the end of another object. */
static bool move_member(json_t *to, json_t *from, const char *name)
{
    json_t *value = json_member(from, name);

    if (!value)
        return true;
    if (json_object_set(to, name, value) != 0)
        return false;
    (void)json_object_del(from, name);
    return true;
}

/* The members with these names first, in this order, the others as they were. Takes the object, which is
 * nobody else's; its values may be. */
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

/* Whether the members with these names come first as it is. */
static bool are_first(const json_t *object, const char *const *names)
{
    json_t *container = json_iterable(object);
    void *at = json_object_iter(container);

    for (; *names; names++) {
        if (!json_member(object, *names))
            continue;
        if (strcmp(json_object_iter_key(at), *names) != 0)
            return false;
        at = json_object_iter_next(container, at);
    }
    return true;
}

/* As people expect to read it; shares what is deeper with the object. */
static json_t *arrange(const json_t *object)
{
    static const char *const top[] = {"apiVersion", "kind", "metadata", NULL};
    static const char *const metadata[] = {"name", "namespace", "labels", "annotations", NULL};
    json_t *result;
    json_t *inner;

    if (are_first(object, top) && are_first(json_member(object, "metadata"), metadata))
        return json_incref(json_iterable(object));
    result = put_first(json_copy(json_iterable(object)), top);
    inner = json_member(result, "metadata");
    if (!json_is_object(inner))
        return result;
    inner = put_first(json_copy(inner), metadata);
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
int content_write(const json_t *object, struct text *out, struct error *error)
{
    size_t before = out->length;
    json_t *ordered;
    int result;

    if (depth_of(object) > content_limits.depth)
        return error_set(error, ERROR_LIMIT, "nested too deeply; at most %u levels are written",
                         content_limits.depth);
    ordered = arrange(object);
    result = ordered ? yaml_write(ordered, out, error) : error_no_memory(error);
    json_decref(ordered);
    if (result == 0 && out->failed)
        result = error_no_memory(error);
    if (result == 0 && out->length - before > content_limits.bytes)
        result = error_set(error, ERROR_LIMIT, "%zu bytes are too many; at most %zu are written",
                           out->length - before, content_limits.bytes);
    return result;
}

json_t *content_read(const char *data, size_t size, struct yaml_mark *mark, struct error *error)
{
    *mark = (struct yaml_mark){0};
    return yaml_read_one(data, size, &content_limits, mark, error);
}

/* apiVersion of the group and, if it matters, the kind. */
static bool is_kind(const json_t *object, const struct object_ref *ref)
{
    const char *kind = json_text_at(object, "kind");

    return kind && object_is(object, ref->group, ref->kind ? ref->kind : kind);
}

int content_check(const json_t *object, const struct object_ref *ref, struct error *error)
{
    const char *wanted = ref->kind ? ref->kind : ref->plural;
    const char *kind = json_text_at(object, "kind");
    const char *version = json_text_at(object, "apiVersion");
    const char *name = object_name(object);

    if (!json_is_object(object))
        return error_set(error, ERROR_INVALID, "holds %s instead of the %s %s/%s; move it away",
                         json_kind(object), wanted, ref->name_space, ref->name);
    if (is_kind(object, ref) && name && strcmp(name, ref->name) == 0 &&
        strcmp(object_namespace(object), ref->name_space) == 0)
        return 0;
    return error_set(error, ERROR_INVALID,
                     "holds %.100s %.100s %.63s/%.253s instead of the %s %s/%s; move it away",
                     version ? version : "(no apiVersion)", kind ? kind : "(no kind)",
                     object_namespace(object), name ? name : "(no name)", wanted, ref->name_space, ref->name);
}

void content_version(char version[CONTENT_VERSION_SIZE], const char *data, size_t size)
{
    struct digest digest = digest_of(data, size);

    memcpy(version, digest.hex, sizeof digest.hex);
}
