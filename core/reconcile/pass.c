/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/pass.h"

#include "object/key.h"
#include "object/owner.h"
#include "object/place.h"

#include <string.h>

int pass_init(struct pass *pass, const struct reconciler *reconciler, const json_t *api,
              const struct effective *effective, struct error *error)
{
    const struct registry *registry = reconciler->registry;

    *pass = (struct pass){.reconciler = reconciler, .api = api, .effective = effective};
    pass->backends = arena_array(&pass->arena, registry->count + 1, sizeof *pass->backends);
    if (!pass->backends)
        return error_no_memory(error);
    for (size_t i = 0; i < registry->count; i++) {
        if (registry->backends[i]->enabled)
            pass->backends[pass->count++].backend = registry->backends[i];
    }
    return 0;
}

void pass_release(struct pass *pass)
{
    for (size_t i = 0; i < pass->count; i++) {
        struct pass_backend *backend = &pass->backends[i];
        for (size_t j = 0; backend->outputs && j < backend->rendering.count; j++)
            json_decref(backend->outputs[j].live.object);
        rendering_release(&backend->rendering);
    }
    arena_release(&pass->arena);
    *pass = (struct pass){0};
}

bool pass_authentication(const struct pass *pass)
{
    return pass->effective && pass->effective->api.flags & APIGW_AUTHENTICATION;
}

bool pass_silent(const struct pass *pass, const struct pass_backend *backend)
{
    return backend->backend->plugin->descriptor.role == APIGW_ROLE_AUTHENTICATION &&
           !pass_authentication(pass);
}

static int32_t role_of(const struct pass_backend *backend)
{
    return backend->backend->plugin->descriptor.role;
}

/* The live route of this Api, and the Service that it should lead to. */
struct leads {
    const struct apigw_effective *api;
    bool elsewhere;
};

static bool leads_elsewhere(const char *text, int32_t form, void *payload)
{
    struct leads *leads = payload;

    leads->elsewhere = !place_is_service(text, form, leads->api->api_namespace, leads->api->service);
    return !leads->elsewhere;
}

static enum plan_seen judge(const struct pass *pass, const struct output *output, int code,
                            const struct live *live)
{
    if (code == ERROR_NOT_FOUND)
        return PLAN_ABSENT;
    if (code != 0)
        return PLAN_UNREADABLE;
    if (!owner_is_of(live->object, pass->api, pass->reconciler->settings))
        return PLAN_FOREIGN;
    return owner_equal(output->object, live->object) ? PLAN_EQUAL : PLAN_DIFFERENT;
}

static bool note_resource(struct pass *pass, struct pass_backend *backend, const char *name,
                          const struct live *live)
{
    backend->resource.uid = arena_string(&pass->arena, live->uid);
    backend->resource.version = arena_string(&pass->arena, live->version);
    backend->resource.name = arena_string(&pass->arena, name);
    return backend->resource.uid && backend->resource.version && backend->resource.name;
}

/* What of a live object must not point away from the Api's Service; 0 if that is free. A route that no
 * enabled backend looks after is not read: it may still lead where the protection pointed. */
static int32_t use_that_stays(const struct pass *pass, const struct pass_backend *backend)
{
    const struct registry *registry = pass->reconciler->registry;

    if (role_of(backend) == APIGW_ROLE_ROUTE)
        return APIGW_USE_LEADS_TO_SERVICE;
    if (role_of(backend) == APIGW_ROLE_AUTHENTICATION &&
        (registry->incomplete || !registry_has_role(registry, APIGW_ROLE_ROUTE)))
        return APIGW_USE_PROTECTS_SERVICE;
    return 0;
}

static bool observe_output(struct pass *pass, struct pass_backend *backend, size_t number)
{
    const struct output *output = &backend->rendering.outputs[number];
    struct pass_output *found = &backend->outputs[number];
    struct plan_output *seen = &backend->seen[number];
    struct sink *sink = pass->reconciler->sink;
    struct leads leads = {.api = &pass->effective->api};
    struct error error = {0};
    int32_t use;

    found->error_code = sink->read(sink, &output->ref, &found->live, &error);
    if (found->error_code != 0)
        found->live.object = NULL;
    seen->seen = judge(pass, output, found->error_code, &found->live);
    found->error = arena_string(&pass->arena, error.message);
    use = use_that_stays(pass, backend);
    if (use != 0 && seen->seen == PLAN_DIFFERENT)
        (void)place_each(output->kind, use, found->live.object, leads_elsewhere, &leads);
    seen->moves = leads.elsewhere;
    if (!found->error)
        return false;
    if ((output->kind->flags & APIGW_KIND_PRIMARY) && !backend->resource.name &&
        (seen->seen == PLAN_EQUAL || seen->seen == PLAN_DIFFERENT))
        return note_resource(pass, backend, output->ref.name, &found->live);
    return true;
}

static bool observe(struct pass *pass, struct pass_backend *backend)
{
    size_t count = backend->rendering.count;

    backend->outputs = arena_array(&pass->arena, count + 1, sizeof *backend->outputs);
    backend->seen = arena_array(&pass->arena, count + 1, sizeof *backend->seen);
    if (!backend->outputs || !backend->seen)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!observe_output(pass, backend, i))
            return false;
    }
    return true;
}

/* A backend that renders nothing may still have left its primary object under the Api's name. */
static void look_by_name(struct pass *pass, struct pass_backend *backend)
{
    const struct plugin *plugin = backend->backend->plugin;
    const struct apigw_kind *kind = &plugin->descriptor.kinds[plugin_primary_kind(plugin)];
    struct object_ref ref = {.group = kind->group,
                             .version = backend_version(backend->backend, kind),
                             .kind = kind->kind,
                             .plural = kind->plural,
                             .name_space = object_namespace(pass->api),
                             .name = object_name(pass->api)};
    struct sink *sink = pass->reconciler->sink;
    struct live live = {0};
    struct error error = {0};

    if (!ref.name || sink->read(sink, &ref, &live, &error) != 0)
        return;
    if (owner_is_of(live.object, pass->api, pass->reconciler->settings))
        (void)note_resource(pass, backend, ref.name, &live);
    json_decref(live.object);
}

void pass_look(struct pass *pass)
{
    for (size_t i = 0; i < pass->count; i++)
        look_by_name(pass, &pass->backends[i]);
}

static bool has_primary(const struct pass_backend *backend)
{
    for (size_t i = 0; i < backend->rendering.count; i++) {
        if (backend->rendering.outputs[i].kind->flags & APIGW_KIND_PRIMARY)
            return true;
    }
    return false;
}

static bool add_host(const char *text, int32_t form, void *payload)
{
    struct pass *pass = payload;
    const char **hosts = arena_array(&pass->arena, pass->live_count + 2, sizeof *hosts);

    (void)form;
    if (!hosts)
        return false;
    for (size_t i = 0; i < pass->live_count; i++)
        hosts[i] = pass->live_hosts[i];
    hosts[pass->live_count++] = text;
    pass->live_hosts = hosts;
    pass->widened = pass->widened || strcmp(text, pass->effective->api.host) != 0;
    return true;
}

/* Protections have to cover what the live routes take until those have moved. */
static bool gather_hosts(struct pass *pass, const struct pass_backend *backend)
{
    for (size_t i = 0; i < backend->rendering.count; i++) {
        enum plan_seen seen = backend->seen[i].seen;
        if ((seen == PLAN_EQUAL || seen == PLAN_DIFFERENT) &&
            !place_each(backend->rendering.outputs[i].kind, APIGW_USE_CLAIMS_HOST,
                        backend->outputs[i].live.object, add_host, pass))
            return false;
    }
    return true;
}

static bool take_stock(struct pass *pass, bool routes)
{
    const struct reconciler *reconciler = pass->reconciler;
    const struct render_input input = {.api = pass->api,
                                       .store_has_outputs = pass->reconciler->store_has_outputs,
                                       .effective = pass->effective,
                                       .settings = reconciler->settings,
                                       .store = reconciler->store,
                                       .live_hosts = routes ? NULL : pass->live_hosts};

    for (size_t i = 0; i < pass->count; i++) {
        struct pass_backend *backend = &pass->backends[i];
        if ((role_of(backend) == APIGW_ROLE_ROUTE) != routes)
            continue;
        render_backend(backend->backend, &input, &backend->rendering);
        if (!observe(pass, backend) || (routes && !gather_hosts(pass, backend)))
            return false;
        if (!has_primary(backend) && !pass_silent(pass, backend))
            look_by_name(pass, backend);
    }
    return true;
}

static bool decide(struct pass *pass)
{
    struct plan_backend *backends = arena_array(&pass->arena, pass->count + 1, sizeof *backends);

    if (!backends)
        return false;
    for (size_t i = 0; i < pass->count; i++) {
        const struct pass_backend *backend = &pass->backends[i];
        backends[i] = (struct plan_backend){.role = role_of(backend),
                                            .refused = backend->rendering.code != APIGW_OK,
                                            .outputs = backend->seen,
                                            .count = backend->rendering.count};
    }
    pass->input = (struct plan_input){.backends = backends,
                                      .count = pass->count,
                                      .authentication = pass_authentication(pass),
                                      .accept_unprotected = registry_accepts_unprotected(
                                          pass->reconciler->registry, pass->reconciler->settings)};
    return plan_make(&pass->input, &pass->arena, &pass->plan);
}

static bool note_write(struct pass *pass, struct pass_backend *backend, size_t number, const char *version)
{
    const struct output *output = &backend->rendering.outputs[number];
    struct live live = backend->outputs[number].live;

    pass->writes++;
    if (!(output->kind->flags & APIGW_KIND_PRIMARY) ||
        (backend->resource.name && strcmp(backend->resource.name, output->ref.name) != 0))
        return true;
    backend->written = true;
    (void)memcpy(live.version, version, sizeof live.version);
    return note_resource(pass, backend, output->ref.name, &live);
}

static bool write_output(struct pass *pass, size_t action)
{
    const struct plan_action *write = &pass->plan.actions[action];
    struct pass_backend *backend = &pass->backends[write->backend];
    struct pass_output *output = &backend->outputs[write->output];
    const struct output *wanted = &backend->rendering.outputs[write->output];
    struct sink *sink = pass->reconciler->sink;
    char version[64] = "";
    struct error error = {0};
    int code = sink->write(sink, &wanted->ref, wanted->object, version, &error);

    if (code == 0)
        return note_write(pass, backend, write->output, version);
    output->error_code = code;
    output->error = arena_string(&pass->arena, error.message);
    plan_fail(&pass->input, &pass->plan, action);
    return output->error;
}

int pass_run(struct pass *pass, struct error *error)
{
    bool fine = take_stock(pass, true) && take_stock(pass, false) && decide(pass);

    for (size_t i = 0; fine && i < pass->plan.count; i++) {
        if (!pass->plan.actions[i].dropped)
            fine = write_output(pass, i);
    }
    return fine ? 0 : error_no_memory(error);
}
