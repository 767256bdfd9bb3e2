/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/stock.h"

#include "object/content.h"
#include "object/key.h"
#include "reconcile/answer.h"
#include "reconcile/cover.h"
#include "reconcile/draft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int32_t stock_role(const struct stock_backend *backend)
{
    return backend->backend->plugin->descriptor.role;
}

static bool owns_kind(const struct backend *backend, const struct apigw_kind *kind)
{
    const struct apigw_plugin *plugin = &backend->plugin->descriptor;

    for (uint32_t i = 0; i < plugin->kinds_count; i++) {
        if (strcmp(plugin->kinds[i].group, kind->group) == 0 &&
            strcmp(plugin->kinds[i].kind, kind->kind) == 0)
            return true;
    }
    return false;
}

/* Whether an object of this kind is the backend's business: of a disabled one only if no enabled one owns it.
 */
static bool looks_after(const struct stock *stock, const struct backend *backend,
                        const struct apigw_kind *kind)
{
    const struct registry *registry = stock->context->registry;

    if (!owns_kind(backend, kind))
        return false;
    for (size_t i = 0, own = SIZE_MAX; !backend->enabled && i < registry->count; i++) {
        const struct backend *other = registry->backends[i];
        if (other == backend)
            own = i;
        else if (owns_kind(other, kind) && (other->enabled || own == SIZE_MAX))
            return false;
    }
    return true;
}

static struct stock_item *find_item(const struct stock_backend *backend, int kind, const char *name)
{
    for (size_t i = 0; i < backend->count; i++) {
        if (backend->items[i].kind == kind && strcmp(backend->items[i].ref.name, name) == 0)
            return &backend->items[i];
    }
    return NULL;
}

static void note_live(struct stock_item *item, const struct observed *object)
{
    char uid[UID_SIZE];

    item->stands = true;
    (void)snprintf(item->uid, sizeof item->uid, "%s", observed_uid(object, uid));
    (void)snprintf(item->version, sizeof item->version, "%s", observed_version(object));
}

/* Whether what stands is what an output asks for. */
static bool stands(const struct output *output, const struct observed *object)
{
    return output && object &&
           content_stands(output->content.imprint, output->content.extra, object->imprint,
                          observed_extra(object));
}

static enum plan_seen see(const struct stock *stock, struct stock_item *item, const struct observed **live)
{
    const struct observed_table *table = stock->context->observed;
    const char *name_space = item->ref.name_space;
    const struct observed *object;

    if (observed_get(table, item->kind, OBSERVED_SOURCE, name_space, item->ref.name))
        return PLAN_FOREIGN;
    object = observed_get(table, item->kind, OBSERVED_SINK, name_space, item->ref.name);
    if (!object)
        return PLAN_ABSENT;
    item->error = observed_problem(object);
    if (item->error)
        return PLAN_UNREADABLE;
    if (!claims_own(stock->entry, object))
        return PLAN_FOREIGN;
    note_live(item, object);
    item->others = observed_extra(object);
    *live = object;
    return PLAN_OURS;
}

/* Looks at the place of an item. */
static int look(struct stock *stock, struct stock_item *item, struct plan_item *plan)
{
    const struct observed *live = NULL;
    enum plan_seen seen = see(stock, item, &live);
    bool same = item->wide == item->narrow;

    *plan = (struct plan_item){.seen = seen, .wide = item->wide, .narrow = item->narrow, .same = same};
    plan->narrow_stands = stands(item->narrow, live);
    plan->wide_stands = same ? plan->narrow_stands : stands(item->wide, live);
    if (!same && item->wide && item->narrow)
        plan->same = json_equal(item->wide->object, item->narrow->object);
    item->good = item->narrow && plan->narrow_stands;
    if (item->others && !(item->others = arena_string(&stock->arena, item->others)))
        return ERROR_NO_MEMORY;
    if (!item->error)
        return 0;
    item->error = arena_string(&stock->arena, item->error);
    return item->error ? 0 : ERROR_NO_MEMORY;
}

static bool add_item(struct stock *stock, struct stock_backend *backend, const struct object_ref *ref,
                     const struct apigw_kind *kind)
{
    struct stock_item *item = &backend->items[backend->count++];

    *item = (struct stock_item){.ref = *ref};
    item->kind = observed_kind(stock->context->observed, kind->group, kind->kind, NULL);
    item->primary = kind->flags & APIGW_KIND_PRIMARY;
    item->ref.name = arena_string(&stock->arena, ref->name);
    item->ref.name_space = arena_string(&stock->arena, ref->name_space);
    return item->ref.name && item->ref.name_space;
}

static bool add_outputs(struct stock *stock, struct stock_backend *backend, const struct rendering *rendering,
                        bool wide)
{
    for (size_t i = 0; i < rendering->count; i++) {
        const struct output *output = &rendering->outputs[i];
        int kind = observed_kind(stock->context->observed, output->kind->group, output->kind->kind, NULL);
        struct stock_item *item = find_item(backend, kind, output->ref.name);
        if (!item) {
            if (!add_item(stock, backend, &output->ref, output->kind))
                return false;
            item = &backend->items[backend->count - 1];
        }
        if (wide)
            item->wide = output;
        else
            item->narrow = output;
    }
    return true;
}

/* What stands and is not wanted. */
static bool add_stale(struct stock *stock, struct stock_backend *backend)
{
    const struct stock_context *context = stock->context;
    const struct observed *object = observed_first(context->observed, stock->entry->key);

    for (; object; object = observed_next(context->observed, object)) {
        const struct apigw_kind *declared = observed_descriptor(context->observed, object->kind);
        const struct apigw_plugin *plugin = &backend->backend->plugin->descriptor;
        const struct apigw_kind *kind = NULL;
        if (!looks_after(stock, backend->backend, declared) || !claims_own(stock->entry, object) ||
            find_item(backend, object->kind, observed_own_name(object)))
            continue;
        for (uint32_t i = 0; !kind && i < plugin->kinds_count; i++) {
            if (strcmp(plugin->kinds[i].kind, declared->kind) == 0 &&
                strcmp(plugin->kinds[i].group, declared->group) == 0)
                kind = &plugin->kinds[i];
        }
        if (!kind || !add_item(stock, backend,
                               &(struct object_ref){.group = kind->group,
                                                    .version = backend_version(backend->backend, kind),
                                                    .kind = kind->kind,
                                                    .plural = kind->plural,
                                                    .name_space = observed_namespace(object),
                                                    .name = observed_own_name(object)},
                               kind))
            return false;
    }
    return true;
}

static size_t count_own(const struct stock *stock)
{
    const struct observed *object = observed_first(stock->context->observed, stock->entry->key);
    size_t count = 0;

    for (; object; object = observed_next(stock->context->observed, object))
        count++;
    return count;
}

static bool list_items(struct stock *stock, struct stock_backend *backend)
{
    const struct rendering *wide = backend->wide.backend ? &backend->wide : &backend->narrow;
    size_t most = backend->narrow.count + wide->count + count_own(stock) + 1;

    backend->items = arena_array(&stock->arena, most, sizeof *backend->items);
    backend->plan_items = arena_array(&stock->arena, most, sizeof *backend->plan_items);
    if (!backend->items || !backend->plan_items || !add_outputs(stock, backend, &backend->narrow, false) ||
        !add_outputs(stock, backend, wide, true) || !add_stale(stock, backend))
        return false;
    for (size_t i = 0; i < backend->count; i++) {
        if (look(stock, &backend->items[i], &backend->plan_items[i]) != 0)
            return false;
    }
    return true;
}

static const struct kind_trouble *trouble_of(const struct stock *stock, const struct apigw_kind *kind)
{
    char name[KIND_SIZE];

    kind_format(name, kind->kind, kind->group);
    return stock->context->troubles ? map_get(stock->context->troubles, name) : NULL;
}

/* A kind that is not served has no objects; of one that we may not see there may be any. */
static bool note_unseen(struct stock *stock, struct stock_backend *backend)
{
    const struct apigw_plugin *plugin = &backend->backend->plugin->descriptor;

    for (uint32_t i = 0; i < plugin->kinds_count && !backend->unseen; i++) {
        const struct kind_trouble *trouble = trouble_of(stock, &plugin->kinds[i]);
        if (!trouble || trouble->absent)
            continue;
        backend->unseen = arena_format(&stock->arena, "%s of group %s: %s", plugin->kinds[i].kind,
                                       plugin->kinds[i].group, trouble->why);
        if (!backend->unseen)
            return false;
    }
    return true;
}

bool stock_protections(struct stock *stock, const struct sink_need **needs, size_t *count)
{
    struct sink_need *list;
    size_t most = 0;

    *count = 0;
    for (size_t i = 0; i < stock->count; i++)
        most += stock->backends[i].count;
    list = stock->input.authentication ? arena_array(&stock->arena, most, sizeof *list) : NULL;
    *needs = list;
    for (size_t i = 0; list && i < stock->count; i++) {
        const struct stock_backend *backend = &stock->backends[i];
        for (size_t j = 0; stock_role(backend) == APIGW_ROLE_AUTHENTICATION && j < backend->count; j++) {
            const struct stock_item *item = &backend->items[j];
            if (item->wide && item->stands)
                list[(*count)++] = (struct sink_need){item->ref, item->version};
        }
    }
    return list || !stock->input.authentication;
}

const char *stock_unseen(const struct stock *stock, int32_t role)
{
    for (size_t i = 0; i < stock->count; i++) {
        if (stock_role(&stock->backends[i]) == role && stock->backends[i].unseen)
            return stock->backends[i].unseen;
    }
    return NULL;
}

/* What cannot be written is not wished for; the Api says why. */
static void check_troubles(const struct stock *stock, struct rendering *out)
{
    for (size_t i = 0; i < out->count; i++) {
        const struct apigw_kind *kind = out->outputs[i].kind;
        const struct kind_trouble *trouble = trouble_of(stock, kind);
        if (!trouble)
            continue;
        answer_refuse(out, trouble->absent ? APIGW_NOT_READY : APIGW_INTERNAL, "%s of group %s: %s",
                      kind->kind, kind->group, trouble->why);
        out->unseen = !trouble->absent;
        return;
    }
}

struct render_input stock_input(const struct stock_context *context, const json_t *api,
                                const struct effective *effective)
{
    return (struct render_input){.api = api,
                                 .effective = effective,
                                 .settings = context->settings,
                                 .store = context->store,
                                 .seed = observed_seed(context->observed),
                                 .own_routes = context->own_routes,
                                 .tells_all = context->tells_all,
                                 .troubles = context->troubles};
}

static void render(const struct stock *stock, const struct stock_backend *backend, const json_t *api,
                   const struct cover_set *cover, struct rendering *out)
{
    struct render_input input = stock_input(stock->context, api, stock->effective);

    input.live_services = cover->services;
    input.live_hosts = cover->hosts;
    render_backend(backend->backend, &input, out);
    check_troubles(stock, out);
}

static const struct cover_set nothing = {0};

/* Takes what was drafted, as if nothing had to be covered but what the Api itself asks for, or renders. */
static void render_narrow(struct stock *stock, size_t number, const json_t *api,
                          const struct cover_set *cover, struct draft *draft)
{
    struct stock_backend *backend = &stock->backends[number];

    if (!draft || cover_is_wider(cover, &nothing, &stock->effective->api)) {
        render(stock, backend, api, cover, &backend->narrow);
        return;
    }
    backend->narrow = draft->renderings[number];
    draft->renderings[number] = (struct rendering){0};
    check_troubles(stock, &backend->narrow);
}

/* Routes come first: what protections have to cover follows from them. */
static bool render_all(struct stock *stock, const json_t *api, struct draft *draft)
{
    struct cover cover;

    for (size_t i = 0; i < stock->count; i++) {
        if (stock->backends[i].backend->enabled &&
            stock_role(&stock->backends[i]) != APIGW_ROLE_AUTHENTICATION)
            render_narrow(stock, i, api, &nothing, draft);
    }
    if (!cover_make(stock, &cover))
        return false;
    for (size_t i = 0; i < stock->count; i++) {
        struct stock_backend *backend = &stock->backends[i];
        if (!backend->backend->enabled || stock_role(backend) != APIGW_ROLE_AUTHENTICATION)
            continue;
        render_narrow(stock, i, api, &cover.narrow, draft);
        if (cover.widened && backend->narrow.code == APIGW_OK)
            render(stock, backend, api, &cover.wide, &backend->wide);
    }
    return true;
}

static const struct rendering *failed_rendering(const struct stock_backend *backend)
{
    if (backend->narrow.code != APIGW_OK)
        return &backend->narrow;
    return backend->wide.code != APIGW_OK ? &backend->wide : NULL;
}

/* A wish that cannot be had on the way cannot be had at all. */
static void settle_failure(struct stock_backend *backend)
{
    if (backend->narrow.code != APIGW_OK || backend->wide.code == APIGW_OK)
        return;
    rendering_release(&backend->narrow);
    backend->narrow = backend->wide;
    backend->wide = (struct rendering){0};
}

static bool fill_input(struct stock *stock)
{
    const struct registry *registry = stock->context->registry;
    struct plan_backend *backends = arena_array(&stock->arena, stock->count + 1, sizeof *backends);

    for (size_t i = 0; backends && i < stock->count; i++) {
        const struct stock_backend *backend = &stock->backends[i];
        const struct rendering *failed = failed_rendering(backend);
        int32_t code = failed ? failed->code : APIGW_OK;
        backends[i] = (struct plan_backend){.role = stock_role(backend),
                                            .enabled = backend->backend->enabled,
                                            .kept = backend->backend->kept,
                                            .refused = failed,
                                            .unseen = backend->unseen,
                                            .passing = code == APIGW_NOT_READY || code == APIGW_NO_MEMORY,
                                            .items = backend->plan_items,
                                            .count = backend->count};
    }
    stock->input.backends = backends;
    stock->input.count = stock->count;
    stock->input.authentication =
        stock->effective ? stock->effective->api.flags & APIGW_AUTHENTICATION : stock->entry->authentication;
    stock->input.accept_unprotected = registry_accepts_unprotected(registry, stock->context->settings);
    stock->input.withdraw = stock->context->settings->withdraw_unprotected;
    return backends;
}

int stock_take(const struct stock_context *context, const struct entry *entry, const json_t *api,
               const struct effective *effective, struct draft *draft, struct stock *stock,
               struct error *error)
{
    const struct registry *registry = context->registry;
    bool fine = true;

    *stock = (struct stock){.context = context, .entry = entry, .effective = effective};
    stock->backends = arena_array(&stock->arena, registry->count + 1, sizeof *stock->backends);
    if (!stock->backends)
        return error_no_memory(error);
    stock->count = registry->count;
    for (size_t i = 0; fine && i < stock->count; i++) {
        stock->backends[i].backend = registry->backends[i];
        fine = note_unseen(stock, &stock->backends[i]);
    }
    fine = fine && (!effective || render_all(stock, api, draft));
    for (size_t i = 0; fine && i < stock->count; i++) {
        settle_failure(&stock->backends[i]);
        fine = list_items(stock, &stock->backends[i]);
    }
    if (!fine || !fill_input(stock))
        return error_no_memory(error);
    cover_judge(stock);
    return 0;
}

void stock_release(struct stock *stock)
{
    for (size_t i = 0; i < stock->count; i++) {
        rendering_release(&stock->backends[i].narrow);
        rendering_release(&stock->backends[i].wide);
    }
    arena_release(&stock->arena);
    *stock = (struct stock){0};
}

const struct stock_item *stock_primary(const struct stock_backend *backend)
{
    for (size_t i = 0; i < backend->count; i++) {
        if (backend->items[i].primary && backend->items[i].stands)
            return &backend->items[i];
    }
    return NULL;
}

bool stock_all_good(const struct stock_backend *backend)
{
    bool any = false;

    for (size_t i = 0; i < backend->count; i++) {
        const struct stock_item *item = &backend->items[i];
        if (item->narrow && !item->good)
            return false;
        any = any || item->narrow;
    }
    return any;
}
