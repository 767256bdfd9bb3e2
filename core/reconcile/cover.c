/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/cover.h"

#include "object/place.h"
#include "reconcile/stock.h"

#include <stdlib.h>
#include <string.h>

static bool add(struct stock *stock, const char ***names, size_t *count, const char *name)
{
    const char **grown;

    for (size_t i = 0; i < *count; i++) {
        if (strcmp((*names)[i], name) == 0)
            return true;
    }
    grown = arena_array(&stock->arena, *count + 2, sizeof *grown);
    if (!grown)
        return false;
    if (*count > 0)
        memcpy(grown, *names, *count * sizeof *grown);
    grown[*count] = arena_string(&stock->arena, name);
    *names = grown;
    return grown[(*count)++];
}

/* The Service's name, if it is one of the Api's namespace. */
static const char *local_service(const struct stock *stock, const char *key)
{
    size_t length = strcspn(stock->entry->key, "/");

    return strncmp(key, stock->entry->key, length + 1) == 0 ? key + length + 1 : NULL;
}

/* Whether a Service belongs to another Api: a route that somebody bent towards it is bent back, and what
 * protects it is not ours to say. */
static bool is_elsewhere(const struct stock *stock, const char *key)
{
    const struct ledger *ledger = stock->context->ledger;

    for (const struct entry *other = ledger_first(ledger, key, false); other;
         other = ledger_next(ledger, other, key, false)) {
        if (other != stock->entry && other->state == ENTRY_TAKEN)
            return true;
    }
    return false;
}

static bool add_name(struct stock *stock, struct cover_set *set, const struct observed_name *name,
                     unsigned uses)
{
    const char *service;

    if ((name->use & uses & (OBSERVED_LEADS_TO | OBSERVED_PROTECTS_SERVICE)) != 0) {
        service = local_service(stock, name->key);
        return !service || is_elsewhere(stock, name->key) ||
               add(stock, &set->services, &set->services_count, service);
    }
    if ((name->use & uses & (OBSERVED_CLAIMS_HOST | OBSERVED_PROTECTS_HOST)) != 0)
        return add(stock, &set->hosts, &set->hosts_count, name->key);
    return true;
}

static bool is_route(const struct stock *stock, int kind, bool *refused)
{
    const struct apigw_kind *found = observed_descriptor(stock->context->observed, kind);

    for (size_t i = 0; i < stock->count; i++) {
        const struct apigw_plugin *plugin = &stock->backends[i].backend->plugin->descriptor;
        for (uint32_t j = 0; plugin->role == APIGW_ROLE_ROUTE && j < plugin->kinds_count; j++) {
            if (strcmp(plugin->kinds[j].kind, found->kind) != 0 ||
                strcmp(plugin->kinds[j].group, found->group) != 0)
                continue;
            *refused = stock->backends[i].narrow.code != APIGW_OK || stock->backends[i].backend->kept;
            return true;
        }
    }
    return false;
}

/* Whether a route may stand that no backend here looks after, or that we may not see. */
static bool routes_unknown(const struct stock *stock)
{
    const struct registry *registry = stock->context->registry;

    if (stock_unseen(stock, APIGW_ROLE_ROUTE))
        return true;
    for (size_t i = 0; i < registry->count; i++) {
        if (registry->backends[i]->plugin->descriptor.role == APIGW_ROLE_ROUTE)
            return registry->incomplete;
    }
    return true;
}

/* Adds what the objects of the Api name. */
static bool add_live(struct stock *stock, struct cover_set *set, bool staying_only, unsigned uses)
{
    const struct observed *object = observed_first(stock->context->observed, stock->entry->key);

    for (; object; object = observed_next(stock->context->observed, object)) {
        bool refused = false;
        bool route = is_route(stock, object->kind, &refused);
        const struct observed_name *name = NULL;
        if (!claims_own(stock->entry, object) || object->broken ||
            (route ? staying_only && !refused : !(uses & OBSERVED_PROTECTS_SERVICE)))
            continue;
        while ((name = observed_each_name(object, name))) {
            if (!add_name(stock, set, name, uses))
                return false;
        }
    }
    return true;
}

static bool has(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

bool cover_is_wider(const struct cover_set *wide, const struct cover_set *narrow,
                    const struct apigw_effective *api)
{
    for (size_t i = 0; i < wide->services_count; i++) {
        if (strcmp(wide->services[i], api->service) != 0 &&
            !has(narrow->services, narrow->services_count, wide->services[i]))
            return true;
    }
    for (size_t i = 0; i < wide->hosts_count; i++) {
        if (strcmp(wide->hosts[i], api->host) != 0 &&
            !has(narrow->hosts, narrow->hosts_count, wide->hosts[i]))
            return true;
    }
    return false;
}

bool cover_make(struct stock *stock, struct cover *cover)
{
    const unsigned routes = OBSERVED_LEADS_TO | OBSERVED_CLAIMS_HOST;
    const unsigned all = routes | OBSERVED_PROTECTS_SERVICE | OBSERVED_PROTECTS_HOST;
    bool unknown = routes_unknown(stock);

    *cover = (struct cover){{0}, {0}, false};
    if (!(stock->effective->api.flags & APIGW_AUTHENTICATION))
        return true;
    /* What refuses to render stays as it is, and so does what leads to it. */
    if (!add_live(stock, &cover->narrow, true, routes) || !add_live(stock, &cover->wide, false, routes))
        return false;
    if (unknown &&
        (!add_live(stock, &cover->narrow, false, all) || !add_live(stock, &cover->wide, false, all)))
        return false;
    cover->widened = cover_is_wider(&cover->wide, &cover->narrow, &stock->effective->api);
    return true;
}

/* Whether protections are told from their Services or their hosts, by what their kinds declare. */
static bool declares(const struct stock *stock, int32_t use)
{
    for (size_t i = 0; i < stock->count; i++) {
        const struct apigw_plugin *plugin = &stock->backends[i].backend->plugin->descriptor;
        for (uint32_t j = 0; plugin->role == APIGW_ROLE_AUTHENTICATION && j < plugin->kinds_count; j++) {
            if (place_declared(&plugin->kinds[j], use))
                return true;
        }
    }
    return false;
}

static bool is_protected(const struct stock *stock, const char *key, unsigned use)
{
    const struct observed_name *name = observed_first_name(stock->context->observed, key);

    for (; name; name = observed_next_name(stock->context->observed, name)) {
        if (name->use == use && claims_own(stock->entry, observed_of_name(name)))
            return true;
    }
    return false;
}

static bool is_uncovered(const struct stock *stock, const struct observed *route)
{
    bool services = declares(stock, APIGW_USE_PROTECTS_SERVICE);
    bool hosts = declares(stock, APIGW_USE_PROTECTS_HOST);
    const struct observed_name *name = NULL;

    while ((name = observed_each_name(route, name))) {
        if (name->use == OBSERVED_LEADS_TO && services &&
            !is_protected(stock, name->key, OBSERVED_PROTECTS_SERVICE))
            return true;
        if (name->use == OBSERVED_CLAIMS_HOST && hosts &&
            !is_protected(stock, name->key, OBSERVED_PROTECTS_HOST))
            return true;
    }
    return !services && !hosts;
}

void cover_judge(struct stock *stock)
{
    const struct observed *object = observed_first(stock->context->observed, stock->entry->key);

    bool known = !stock_unseen(stock, APIGW_ROLE_AUTHENTICATION);

    stock->input.routes_unknown = routes_unknown(stock);
    for (; object; object = observed_next(stock->context->observed, object)) {
        bool refused = false;
        if (!claims_own(stock->entry, object) || !is_route(stock, object->kind, &refused))
            continue;
        stock->input.live = true;
        stock->input.uncovered = stock->input.uncovered || (known && is_uncovered(stock, object));
    }
}
