/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/permission.h"

#include "object/key.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const unsigned reading = PERMISSION_GET | PERMISSION_LIST | PERMISSION_WATCH;

/* Outputs are made by POST, replaced by PUT and removed by DELETE; nothing is ever merged into them. */
static const unsigned writing = PERMISSION_CREATE | PERMISSION_UPDATE | PERMISSION_DELETE;

/* What every cluster needs, whatever its backends. */
static const struct permission own[] = {
    {.group = API_GROUP, .plural = API_PLURAL, .verbs = reading},
    /* By a PUT, or a JSON Patch. */
    {.group = API_GROUP,
     .plural = API_PLURAL,
     .subresource = "status",
     .verbs = PERMISSION_UPDATE | PERMISSION_PATCH},
    /* Kinds come and go, and so do their versions. */
    {.group = "apiextensions.k8s.io",
     .plural = "customresourcedefinitions",
     .verbs = PERMISSION_LIST | PERMISSION_WATCH,
     .optional = "without it, kinds that come are found within 10 s instead of at once"},
    /* Its uid tells one server under two names. */
    {.group = "", .plural = "namespaces", .name = "kube-system", .verbs = PERMISSION_GET},
};

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : !a && !b;
}

static bool add(struct permissions *permissions, const struct permission *wanted)
{
    struct permission *list;

    for (size_t i = 0; i < permissions->count; i++) {
        struct permission *have = &permissions->list[i];
        if (same(have->group, wanted->group) && same(have->plural, wanted->plural) &&
            same(have->subresource, wanted->subresource) && same(have->name, wanted->name)) {
            have->verbs |= wanted->verbs;
            return true;
        }
    }
    list = realloc(permissions->list, (permissions->count + 1) * sizeof *list);
    if (!list)
        return false;
    permissions->list = list;
    list[permissions->count++] = *wanted;
    return true;
}

/* What a disabled backend left is pruned, unless it is kept; nothing else of it is touched. */
static unsigned verbs_of(const struct backend *backend)
{
    if (backend->enabled)
        return reading | writing;
    return backend->kept ? reading : reading | PERMISSION_DELETE;
}

static bool add_backend(struct permissions *permissions, const struct backend *backend)
{
    const struct apigw_plugin *plugin = &backend->plugin->descriptor;
    bool good = true;

    for (uint32_t i = 0; i < plugin->kinds_count && good; i++)
        good = add(permissions, &(struct permission){.group = plugin->kinds[i].group,
                                                     .plural = plugin->kinds[i].plural,
                                                     .verbs = verbs_of(backend),
                                                     .backend = backend->name});
    for (uint32_t i = 0; i < plugin->related_count && good && backend->enabled; i++)
        good = add(permissions, &(struct permission){.group = plugin->related[i].group,
                                                     .plural = plugin->related[i].plural,
                                                     .verbs = reading,
                                                     .backend = backend->name});
    return good;
}

int permissions_of(const struct registry *registry, struct permissions *out)
{
    bool good = true;

    for (size_t i = 0; i < sizeof own / sizeof own[0] && good; i++)
        good = add(out, &own[i]);
    for (size_t i = 0; i < registry->count && good; i++)
        good = add_backend(out, registry->backends[i]);
    return good ? 0 : ERROR_NO_MEMORY;
}

void permissions_release(struct permissions *permissions)
{
    free(permissions->list);
    *permissions = (struct permissions){0};
}

const char *permission_word(unsigned number)
{
    static const char *const words[PERMISSION_VERBS] = {"get",    "list",  "watch", "create",
                                                        "update", "patch", "delete"};

    return words[number];
}
