/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin/descriptor.h"

#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

struct plugin_arrays {
    struct arena arena;
};

/* Sizes in version 1.0, which never shrink: up to the end of the last member that 1.0 has. */
#define SIZE_UP_TO(type, member) (offsetof(type, member) + sizeof((type *)0)->member)
static const size_t prefix_size = SIZE_UP_TO(struct apigw_plugin, abi_minor);
static const size_t plugin_size = SIZE_UP_TO(struct apigw_plugin, render);
static const size_t kind_size = SIZE_UP_TO(struct apigw_kind, paths);
static const size_t path_size = SIZE_UP_TO(struct apigw_path, path);
static const size_t related_size = SIZE_UP_TO(struct apigw_related, index_path);
static const size_t option_size = SIZE_UP_TO(struct apigw_option, kind_index);

/* An array as a plugin has it. */
struct elements {
    const char *name; /* of one element, for messages */
    const void *first;
    size_t count;
    size_t size; /* of one element as the plugin was built */
    size_t size_1_0;
    size_t host_size;
    size_t max;
};

void plugin_arrays_free(struct plugin_arrays *arrays)
{
    if (!arrays)
        return;
    arena_release(&arrays->arena);
    free(arrays);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int check_version(const struct apigw_plugin *found, struct error *error)
{
    if (found->struct_size < prefix_size)
        return error_set(error, ERROR_INVALID,
                         "the descriptor says it has %u bytes, expected at least %zu "
                         "(struct_size = sizeof(struct apigw_plugin))",
                         found->struct_size, prefix_size);
    if (found->abi_major != APIGW_ABI_MAJOR)
        return error_set(error, ERROR_INVALID,
                         "built for plugin ABI %u.%u, expected %u.0 to %u.%u: build it against this "
                         "program's apigw/plugin.h",
                         found->abi_major, found->abi_minor, APIGW_ABI_MAJOR, APIGW_ABI_MAJOR,
                         APIGW_ABI_MINOR);
    if (found->abi_minor > APIGW_ABI_MINOR)
        return error_set(error, ERROR_INVALID,
                         "built for plugin ABI %u.%u, newer than this program's; expected at most %u.%u: "
                         "install a newer apigwd or build the plugin against an older apigw/plugin.h",
                         found->abi_major, found->abi_minor, APIGW_ABI_MAJOR, APIGW_ABI_MINOR);
    if (found->struct_size < plugin_size)
        return error_set(error, ERROR_INVALID,
                         "the descriptor says it has %u bytes, expected at least the %zu of ABI %u.0 "
                         "(struct_size = sizeof(struct apigw_plugin))",
                         found->struct_size, plugin_size, APIGW_ABI_MAJOR);
    return 0;
}

/* Copies elements at the plugin's distance into new ones of the host's size. */
static int copy_elements(struct arena *arena, const struct elements *from, void **to, struct error *error)
{
    char *copy;

    *to = NULL;
    if (from->count > from->max)
        return error_set(error, ERROR_INVALID, "%ss: %zu elements, expected at most %zu", from->name,
                         from->count, from->max);
    if (from->count == 0)
        return 0;
    if (!from->first)
        return error_set(error, ERROR_INVALID, "%ss: found NULL, expected %zu elements", from->name,
                         from->count);
    if (from->size < from->size_1_0)
        return error_set(error, ERROR_INVALID,
                         "%s_size is %zu, expected at least the %zu of ABI %u.0 (sizeof(struct apigw_%s))",
                         from->name, from->size, from->size_1_0, APIGW_ABI_MAJOR, from->name);
    copy = arena_array(arena, from->count, from->host_size);
    if (!copy)
        return error_no_memory(error);
    for (size_t i = 0; i < from->count; i++)
        memcpy(copy + i * from->host_size, (const char *)from->first + i * from->size,
               smaller(from->size, from->host_size));
    *to = copy;
    return 0;
}

/* The paths are arrays inside of an array. */
static int copy_kinds(struct arena *arena, struct apigw_plugin *plugin, struct error *error)
{
    const struct elements kinds = {.name = "kind",
                                   .first = plugin->kinds,
                                   .count = plugin->kinds_count,
                                   .size = plugin->kind_size,
                                   .size_1_0 = kind_size,
                                   .host_size = sizeof(struct apigw_kind),
                                   .max = DESCRIPTOR_KINDS_MAX};
    void *copy = NULL;
    struct apigw_kind *kind;
    int result = copy_elements(arena, &kinds, &copy, error);

    kind = copy;
    plugin->kinds = kind;
    plugin->kind_size = sizeof *kind;
    for (size_t i = 0; result == 0 && kind && i < plugin->kinds_count; i++) {
        const struct elements paths = {.name = "path",
                                       .first = kind[i].paths,
                                       .count = kind[i].paths_count,
                                       .size = kind[i].path_size,
                                       .size_1_0 = path_size,
                                       .host_size = sizeof(struct apigw_path),
                                       .max = 64};
        result = copy_elements(arena, &paths, &copy, error);
        if (result != 0)
            (void)error_wrap(error, "kinds[%zu]", i);
        kind[i].paths = copy;
        kind[i].path_size = sizeof(struct apigw_path);
    }
    return result;
}

static int copy_related(struct arena *arena, struct apigw_plugin *plugin, struct error *error)
{
    const struct elements related = {.name = "related",
                                     .first = plugin->related,
                                     .count = plugin->related_count,
                                     .size = plugin->related_size,
                                     .size_1_0 = related_size,
                                     .host_size = sizeof(struct apigw_related),
                                     .max = 64};
    void *copy = NULL;
    int result = copy_elements(arena, &related, &copy, error);

    plugin->related = copy;
    plugin->related_size = sizeof(struct apigw_related);
    return result;
}

static int copy_options(struct arena *arena, struct apigw_plugin *plugin, struct error *error)
{
    const struct elements options = {.name = "option",
                                     .first = plugin->options,
                                     .count = plugin->options_count,
                                     .size = plugin->option_size,
                                     .size_1_0 = option_size,
                                     .host_size = sizeof(struct apigw_option),
                                     .max = 256};
    void *copy = NULL;
    int result = copy_elements(arena, &options, &copy, error);

    plugin->options = copy;
    plugin->option_size = sizeof(struct apigw_option);
    return result;
}

int descriptor_copy(const struct apigw_plugin *found, struct apigw_plugin *out, struct plugin_arrays **arrays,
                    struct error *error)
{
    struct apigw_plugin copy = {0};
    struct plugin_arrays *own;
    int result = check_version(found, error);

    if (result != 0)
        return result;
    own = calloc(1, sizeof *own);
    if (!own)
        return error_no_memory(error);
    memcpy(&copy, found, smaller(found->struct_size, sizeof copy));
    copy.struct_size = sizeof copy;
    result = copy_kinds(&own->arena, &copy, error);
    if (result == 0)
        result = copy_related(&own->arena, &copy, error);
    if (result == 0)
        result = copy_options(&own->arena, &copy, error);
    if (result != 0) {
        plugin_arrays_free(own);
        return result;
    }
    *out = copy;
    *arrays = own;
    return 0;
}
