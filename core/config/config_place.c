/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config.h"

#include "base/text.h"
#include "config/config_load.h"
#include "config/yaml.h"

static struct text path_at(const struct config_place *place, const char *key)
{
    struct text path = text_empty();

    text_append_format(&path, "%s%s%s", place->path, key[0] ? "." : "", key);
    return path;
}

/* Whether the key stands at the place; one that does not is located where the place itself is. */
static bool stands_at(const struct config_place *place, const char *key)
{
    struct yaml_mark outer;
    struct yaml_mark inner;
    struct text path;

    if (!place->file)
        return false;
    path = path_at(place, key);
    outer = yaml_locate(place->file->text, place->file->size, 0, place->path);
    inner = yaml_locate(place->file->text, place->file->size, 0, path.data);
    text_release(&path);
    return outer.line != inner.line || outer.column != inner.column;
}

void config_add_backend_problem(const struct config_backend *backend, enum problem_severity severity,
                                const char *key, const char *message, struct problems *problems)
{
    const struct config_place *place = &backend->base;
    struct text path;

    if (stands_at(&backend->own, key) || !backend->base.file)
        place = &backend->own;
    if (!place->file) {
        problems_add(problems, severity, key, "%s", message);
        return;
    }
    path = path_at(place, key);
    config_add_located(problems, place->file, severity, path.data, message);
    text_release(&path);
}
