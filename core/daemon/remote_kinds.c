/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/remote_kinds.h"

#include <stdlib.h>
#include <string.h>

void remote_kinds_release(struct remote_kinds *kinds)
{
    free(kinds->kinds);
    free(kinds->wishes);
    *kinds = (struct remote_kinds){0};
}

bool remote_kinds_wish(struct remote_kinds *kinds, const struct registry *registry)
{
    size_t most = 1;

    for (size_t i = 0; i < registry->count; i++)
        most += registry->backends[i]->plugin->descriptor.kinds_count;
    kinds->wishes = calloc(most, sizeof *kinds->wishes);
    for (size_t i = 0; i < registry->count && kinds->wishes; i++) {
        const struct apigw_plugin *plugin = &registry->backends[i]->plugin->descriptor;
        for (uint32_t j = 0; j < plugin->kinds_count; j++)
            kinds->wishes[kinds->wishes_count++] =
                (struct discovery_wish){.group = plugin->kinds[j].group,
                                        .plural = plugin->kinds[j].plural,
                                        .versions = plugin->kinds[j].versions};
    }
    return kinds->wishes;
}

static struct apiserver_kind *find_kind(struct remote_kinds *kinds, const char *group, const char *kind)
{
    for (size_t i = 0; i < kinds->kinds_count; i++) {
        const struct object_ref *ref = &kinds->kinds[i].ref;
        if (strcmp(ref->group, group) == 0 && strcmp(ref->kind, kind) == 0)
            return &kinds->kinds[i];
    }
    return NULL;
}

static struct apiserver_kind *add_kind(struct remote_kinds *kinds, const struct object_ref *ref)
{
    struct apiserver_kind *found = find_kind(kinds, ref->group, ref->kind);

    if (!found) {
        found = &kinds->kinds[kinds->kinds_count++];
        found->ref = *ref;
    }
    return found;
}

static const char *last_of(const char *const *versions)
{
    while (versions[1])
        versions++;
    return *versions;
}

bool remote_kinds_list(struct remote_kinds *kinds, const struct registry *registry)
{
    size_t most = 1;

    for (size_t i = 0; i < registry->count; i++) {
        const struct apigw_plugin *plugin = &registry->backends[i]->plugin->descriptor;
        most += plugin->kinds_count + plugin->related_count;
    }
    free(kinds->kinds);
    kinds->kinds_count = 0;
    kinds->kinds = calloc(most, sizeof *kinds->kinds);
    if (!kinds->kinds)
        return false;
    for (size_t i = 0; i < registry->count; i++) {
        const struct backend *backend = registry->backends[i];
        const struct apigw_plugin *plugin = &backend->plugin->descriptor;
        for (uint32_t j = 0; j < plugin->kinds_count; j++) {
            const struct apigw_kind *kind = &plugin->kinds[j];
            add_kind(kinds, &(struct object_ref){.group = kind->group,
                                                 .version = backend_version(backend, kind),
                                                 .kind = kind->kind,
                                                 .plural = kind->plural})
                ->owned = true;
        }
        for (uint32_t j = 0; backend->enabled && j < plugin->related_count; j++) {
            const struct apigw_related *related = &plugin->related[j];
            add_kind(kinds, &(struct object_ref){.group = related->group,
                                                 .version = last_of(related->versions),
                                                 .kind = related->kind,
                                                 .plural = related->plural})
                ->related = true;
        }
    }
    return true;
}

bool remote_kinds_differ(const struct registry *registry, const struct discovery *discovery)
{
    size_t wish = 0;

    for (size_t i = 0; i < registry->count; i++) {
        const struct backend *backend = registry->backends[i];
        for (uint32_t j = 0; j < backend->plugin->descriptor.kinds_count; j++, wish++) {
            const char *version = discovery_version(discovery, wish);
            if (version && !backend->pinned[j] && strcmp(version, backend->versions[j]) != 0)
                return true;
        }
    }
    return false;
}

int remote_kinds_choose(const struct registry *registry, const struct discovery *discovery,
                        struct error *error)
{
    size_t wish = 0;
    int result = 0;

    for (size_t i = 0; i < registry->count; i++) {
        struct backend *backend = registry->backends[i];
        for (uint32_t j = 0; j < backend->plugin->descriptor.kinds_count && result == 0; j++, wish++) {
            const char *version = discovery_version(discovery, wish);
            if (version)
                result = backend_choose_version(backend, j, version, error);
        }
    }
    return result;
}
