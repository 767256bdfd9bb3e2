/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config.h"

#include "base/text.h"
#include "config/yaml.h"

static struct text path_at(const struct config_place *place, const char *path)
{
    struct text whole = text_empty();

    text_append_format(&whole, "%s%s%s", place->path, path[0] && path[0] != '[' ? "." : "", path);
    return whole;
}

/* Whether the path stands below the place; one that does not is located where the place itself is. */
static bool stands_at(const struct config_place *place, const char *path)
{
    struct yaml_mark outer;
    struct yaml_mark inner;
    struct text whole;

    if (!place->file)
        return false;
    whole = path_at(place, path);
    outer = yaml_locate(place->file->text, place->file->size, 0, place->path);
    inner = yaml_locate(place->file->text, place->file->size, 0, whole.data);
    text_release(&whole);
    return outer.line != inner.line || outer.column != inner.column;
}

/* The cluster's own entry is the one to change unless only the one for all has the path. */
static const struct config_place *place_of(const struct config_backend *backend, const char *path)
{
    if (stands_at(&backend->own, path) || !backend->base.file)
        return &backend->own;
    return stands_at(&backend->base, path) || !backend->own.file ? &backend->base : &backend->own;
}

static void add(const struct config_backend *backend, enum problem_severity severity, const char *path,
                const char *message, struct problems *problems)
{
    const struct config_place *place = place_of(backend, path);
    struct yaml_mark mark;
    struct text whole;

    if (!place->file) {
        problems_add(problems, severity, path, "%s", message);
        return;
    }
    whole = path_at(place, path);
    mark = yaml_locate(place->file->text, place->file->size, 0, whole.data);
    problems_add_at(problems, severity, place->file->path, mark.line, mark.column, whole.data, "%s", message);
    text_release(&whole);
}

void config_add_problem(const struct config_backend *backend, enum problem_severity severity,
                        const char *option, const char *message, struct problems *problems)
{
    struct text path = text_empty();

    text_append_format(&path, "config%s%s", option[0] && option[0] != '[' ? "." : "", option);
    add(backend, severity, path.data, message, problems);
    text_release(&path);
}

void config_add_backend_problem(const struct config_backend *backend, enum problem_severity severity,
                                const char *key, const char *message, struct problems *problems)
{
    add(backend, severity, key, message, problems);
}
