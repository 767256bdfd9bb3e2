/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "daemon/check.h"
#include "kube/path.h"
#include "object/key.h"

#include <string.h>

/* A kind, and what of it is needed. Borrowed. */
struct wanted {
    const char *group;
    const char *const *versions; /* newest first */
    const char *kind;
    const char *plural;
    const char *pinned;  /* the one version that the config asks for; NULL: any of them */
    const char *backend; /* NULL: the program itself */
    bool related;        /* is read only, and may be missing */
};

/* A kind that a gateway ignores once it serves another one. */
struct superseded {
    const char *group;
    const char *plural;
    const char *kind;
    const char *by_group;
    const char *const *by_versions;
    const char *by_plural;
    const char *by_kind;
    const char *gateway;
};

static const char *const security_versions[] = {"v1", "v1beta1", NULL};
static const struct superseded superseded[] = {
    {"authentication.istio.io", "policies", "Policy", "security.istio.io", security_versions,
     "requestauthentications", "RequestAuthentication", "Istio"},
};

static bool lists(const json_t *resources, const char *name)
{
    const json_t *resource;
    size_t i;

    json_array_foreach(resources, i, resource)
    {
        const char *found = json_text_at(resource, "name");
        if (found && strcmp(found, name) == 0)
            return true;
    }
    return false;
}

/* Asks what a group's version has. @return its resources, for json_decref(); null if it is not served; NULL:
 * told that it cannot be known. */
static json_t *resources_of(struct check *check, const char *group, const char *version)
{
    const struct object_ref ref = {.group = group, .version = version};
    struct text target = text_empty();
    struct ask_answer answer = {0};
    json_t *value = NULL;
    json_t *resources = NULL;
    int result = path_version(&target, &ref, &answer.error);

    if (result == 0)
        result = check_ask(check, target.data, NULL, &value, &answer);
    if (result == 0)
        resources = json_incref(json_member(value, "resources"));
    if (result == ERROR_NOT_FOUND || (result == 0 && !resources))
        resources = json_null();
    else if (result != 0)
        check_tell(check, CHECK_BAD, "whether %s/%s is served cannot be asked: %s", group, version,
                   answer.error.message);
    json_decref(value);
    ask_release(&answer);
    text_release(&target);
    return resources;
}

/* Collects the versions in which a kind is served. @return false: told that it cannot be known. */
static bool collect(struct check *check, const char *group, const char *const *versions, const char *plural,
                    struct string_list *served)
{
    for (size_t i = 0; versions[i]; i++) {
        json_t *resources = resources_of(check, group, versions[i]);
        bool good = resources && (!lists(resources, plural) || string_list_add(served, versions[i]));
        json_decref(resources);
        if (!good)
            return false;
    }
    return true;
}

static void append_list(struct text *out, const char *const *items)
{
    for (size_t i = 0; items && items[i]; i++)
        text_append_format(out, "%s%s", i > 0 ? ", " : "", items[i]);
}

/* @param name  of the kind, with its resource. */
static void tell_missing(struct check *check, const struct wanted *wanted, const char *name,
                         const char *versions)
{
    if (wanted->related)
        check_tell(check, CHECK_WARNING, "%s is not served as %s; backend %s reads it and will find none",
                   name, versions, wanted->backend);
    else if (wanted->backend)
        check_tell(check, CHECK_BAD,
                   "%s is not served as %s; install its CRD, or disable backend %s in this cluster", name,
                   versions, wanted->backend);
    else
        check_tell(check, CHECK_BAD, "%s is not served as %s; apply crd.yaml of etc/kubernetes", name,
                   versions);
}

static void tell_served(struct check *check, const struct wanted *wanted, const struct string_list *served)
{
    struct text name = text_empty();
    struct text have = text_empty();
    struct text known = text_empty();

    text_append_format(&name, "%s (", wanted->kind);
    resource_append(&name, wanted->plural, wanted->group);
    text_append_string(&name, ")");
    append_list(&have, (const char *const *)served->items);
    append_list(&known, wanted->versions);
    if (served->count == 0)
        tell_missing(check, wanted, name.data, known.data);
    else if (wanted->pinned && !string_list_has(served, wanted->pinned))
        check_tell(check, CHECK_BAD,
                   "%s is served as %s, but backend %s is told to write %s; change or remove its option",
                   name.data, have.data, wanted->backend, wanted->pinned);
    else
        check_tell(check, CHECK_GOOD, "%s is served as %s", name.data, have.data);
    text_release(&known);
    text_release(&have);
    text_release(&name);
}

/* @return false: told that it cannot be known. */
static bool check_kind(struct check *check, const struct wanted *wanted)
{
    struct string_list served = {0};
    bool known = collect(check, wanted->group, wanted->versions, wanted->plural, &served);

    if (known)
        tell_served(check, wanted, &served);
    string_list_release(&served);
    return known;
}

/* Where nothing splits the status off, whoever may edit an Api can write it, and each status counts as an
 * edit. */
static void check_api(struct check *check)
{
    static const char *const versions[] = {API_VERSION, NULL};
    const struct wanted api = {
        .group = API_GROUP, .versions = versions, .kind = API_KIND, .plural = API_PLURAL};
    json_t *resources;

    if (!check_kind(check, &api))
        return;
    resources = resources_of(check, API_GROUP, API_VERSION);
    if (lists(resources, API_PLURAL) && !lists(resources, API_PLURAL "/status"))
        check_tell(
            check, CHECK_WARNING,
            "the kind Api has no status of its own (no subresource), so that statuses are written into Apis, "
            "which takes the verb patch on apis; better apply crd.yaml of etc/kubernetes");
    json_decref(resources);
}

/* The version that the config asks for; NULL: none. */
static const char *pinned(const struct check *check, const struct backend *backend, uint32_t kind)
{
    const struct config_cluster *config = check->cluster->config;
    const struct apigw_plugin *plugin = &backend->plugin->descriptor;

    for (size_t i = 0; i < config->backends_count; i++) {
        if (strcmp(config->backends[i].name, backend->name) != 0)
            continue;
        for (uint32_t o = 0; o < plugin->options_count; o++) {
            const struct apigw_option *option = &plugin->options[o];
            if (option->type == APIGW_OPTION_VERSION && option->kind_index == kind)
                return json_string_value(json_member(config->backends[i].config, option->name));
        }
    }
    return NULL;
}

static bool owns(const struct registry *registry, const char *group, const char *plural)
{
    for (size_t b = 0; b < registry->count; b++) {
        const struct apigw_plugin *plugin = &registry->backends[b]->plugin->descriptor;
        for (uint32_t i = 0; i < plugin->kinds_count && registry->backends[b]->enabled; i++) {
            if (strcmp(plugin->kinds[i].group, group) == 0 && strcmp(plugin->kinds[i].plural, plural) == 0)
                return true;
        }
    }
    return false;
}

/* Whether an enabled backend before this one reads a kind, so that it was told of already. */
static bool read_before(const struct registry *registry, const struct backend *backend,
                        const struct apigw_related *kind)
{
    for (size_t b = 0; b < registry->count && registry->backends[b] != backend; b++) {
        const struct apigw_plugin *plugin = &registry->backends[b]->plugin->descriptor;
        for (uint32_t i = 0; i < plugin->related_count && registry->backends[b]->enabled; i++) {
            if (strcmp(plugin->related[i].group, kind->group) == 0 &&
                strcmp(plugin->related[i].plural, kind->plural) == 0)
                return true;
        }
    }
    return false;
}

static void check_superseded(struct check *check, const struct superseded *kind)
{
    struct string_list served = {0};

    if (owns(check->cluster->registry, kind->group, kind->plural) &&
        collect(check, kind->by_group, kind->by_versions, kind->by_plural, &served) && served.count > 0)
        check_tell(
            check, CHECK_WARNING,
            "%s (%s) is served: this %s ignores %s (%s), so what it is to protect is OPEN; disable its "
            "backend in this cluster, then Apis that ask for authentication are not published",
            kind->by_kind, kind->by_group, kind->gateway, kind->kind, kind->group);
    string_list_release(&served);
}

static bool check_backend(struct check *check, const struct backend *backend)
{
    const struct apigw_plugin *plugin = &backend->plugin->descriptor;
    bool known = true;

    for (uint32_t i = 0; i < plugin->kinds_count && known; i++) {
        const struct apigw_kind *kind = &plugin->kinds[i];
        known = check_kind(check, &(struct wanted){.group = kind->group,
                                                   .versions = kind->versions,
                                                   .kind = kind->kind,
                                                   .plural = kind->plural,
                                                   .pinned = pinned(check, backend, i),
                                                   .backend = backend->name});
    }
    for (uint32_t i = 0; i < plugin->related_count && known; i++) {
        const struct apigw_related *kind = &plugin->related[i];
        if (!owns(check->cluster->registry, kind->group, kind->plural) &&
            !read_before(check->cluster->registry, backend, kind))
            known = check_kind(check, &(struct wanted){.group = kind->group,
                                                       .versions = kind->versions,
                                                       .kind = kind->kind,
                                                       .plural = kind->plural,
                                                       .backend = backend->name,
                                                       .related = true});
    }
    return known;
}

void check_kinds(struct check *check)
{
    const struct registry *registry = check->cluster->registry;
    bool known = true;

    check_api(check);
    for (size_t i = 0; i < registry->count && known; i++) {
        if (registry->backends[i]->enabled)
            known = check_backend(check, registry->backends[i]);
    }
    for (size_t i = 0; i < sizeof superseded / sizeof superseded[0] && known; i++)
        check_superseded(check, &superseded[i]);
}
