/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/outcome.h"

#include "object/place.h"

#include <string.h>

const char outcome_no_authentication[] =
    "the Api asks for authentication, and no enabled backend can authenticate; who runs the gateway has to "
    "enable one";

static const char incomplete_text[] = "served without protection: every element of spec.authentication is "
                                      "incomplete; give type, jwt.issuer and "
                                      "jwt.jwksUri";

static enum reason reason_of(int32_t code)
{
    switch (code) {
    case APIGW_INVALID:
        return REASON_INVALID;
    case APIGW_CONFLICT:
        return REASON_CONFLICT;
    case APIGW_NOT_READY:
        return REASON_NOT_READY;
    default:
        return REASON_BACKEND_FAILED;
    }
}

static int32_t role_of(const struct pass_backend *backend)
{
    return backend->backend->plugin->descriptor.role;
}

/* Whether all of it is there as it is wanted. */
static bool all_equal(const struct pass_backend *backend)
{
    for (size_t i = 0; i < backend->rendering.count; i++) {
        if (backend->seen[i].seen != PLAN_EQUAL)
            return false;
    }
    return backend->rendering.count > 0;
}

static void stands(struct pass *pass, const struct pass_backend *backend, struct outcome *out)
{
    if (backend->rendering.count == 0)
        return;
    *out = (struct outcome){STATUS_CREATED, REASON_SERVED, ""};
    if (role_of(backend) != APIGW_ROLE_ROUTE || !pass->effective->unsecured_incomplete)
        return;
    out->reason = REASON_INCOMPLETE;
    out->text = incomplete_text;
}

static void refused(struct pass *pass, const struct pass_backend *backend, struct outcome *out)
{
    const struct rendering *rendering = &backend->rendering;

    out->code = rendering->code == APIGW_NOT_READY ? STATUS_IN_PROGRESS : STATUS_ERROR;
    out->reason = reason_of(rendering->code);
    out->text = arena_format(&pass->arena, "%s%s%s", rendering->path, rendering->path[0] ? ": " : "",
                             rendering->message);
}

static bool other_service(const char *text, int32_t form, void *payload)
{
    const char **found = payload;

    (void)form;
    *found = text;
    return false;
}

static const char *move_text(struct pass *pass, const struct pass_backend *backend, size_t number)
{
    const struct output *output = &backend->rendering.outputs[number];
    bool route = role_of(backend) == APIGW_ROLE_ROUTE;
    const char *wanted = pass->effective->api.service;
    const char *kind = output->ref.kind;
    const char *service = "another";

    (void)place_each(output->kind, route ? APIGW_USE_LEADS_TO_SERVICE : APIGW_USE_PROTECTS_SERVICE,
                     backend->outputs[number].live.object, other_service, &service);
    if (route)
        return arena_format(
            &pass->arena,
            "%s \"%s/%s\" leads to \"%s\", and a live route cannot be moved to another Service "
            "(\"%s\") yet; set spec.service.name back, or remove the %s first",
            kind, output->ref.name_space, output->ref.name, service, wanted, kind);
    return arena_format(
        &pass->arena,
        "%s \"%s/%s\" protects \"%s\", to which a route may still lead that no enabled backend "
        "looks after; set spec.service.name back, enable the backend of the route, or remove "
        "the %s first",
        kind, output->ref.name_space, output->ref.name, service, kind);
}

/* A failure that one output is to blame for. */
static void blamed(struct pass *pass, const struct pass_backend *backend,
                   const struct plan_decision *decision, struct outcome *out)
{
    const struct object_ref *ref = &backend->rendering.outputs[decision->output].ref;
    const struct pass_output *output = &backend->outputs[decision->output];

    out->code = STATUS_ERROR;
    if (decision->state == PLAN_MOVES) {
        out->reason = REASON_MOVE_REFUSED;
        out->text = move_text(pass, backend, decision->output);
    } else if (decision->state == PLAN_NOT_OURS) {
        out->reason = REASON_NOT_OWNED;
        out->text =
            arena_format(&pass->arena,
                         "%s \"%s/%s\" (%s) exists and was not made for this Api, so it is left as it is; "
                         "remove or rename it",
                         ref->kind, ref->name_space, ref->name, ref->group);
    } else {
        bool read = decision->state == PLAN_NOT_READABLE;
        out->reason = read ? REASON_UNREADABLE : REASON_WRITE_FAILED;
        if (output->error_code == ERROR_FOREIGN)
            out->reason = REASON_NOT_OWNED;
        out->text =
            arena_format(&pass->arena, "%s \"%s/%s\" (%s) cannot be %s: %s", ref->kind, ref->name_space,
                         ref->name, ref->group, read ? "read" : "written", output->error);
    }
}

static void held(struct pass *pass, const struct pass_backend *backend, size_t by, struct outcome *out)
{
    if (backend->rendering.count == 0)
        return;
    if (all_equal(backend)) {
        *out = (struct outcome){STATUS_CREATED, REASON_HELD, ""};
        return;
    }
    out->reason = REASON_HELD;
    out->text = arena_format(&pass->arena, "not attempted, because backend %s is refused",
                             pass->backends[by].backend->name);
}

static void waits(struct pass *pass, const struct pass_backend *backend, const char *cause,
                  struct outcome *out)
{
    bool live = backend->resource.name;

    out->code = live ? STATUS_ERROR : STATUS_IN_PROGRESS;
    out->reason = REASON_PROTECTION_MISSING;
    out->text = arena_format(
        &pass->arena, "%s: %s",
        live && all_equal(backend) ? "stands without its protection" : "waits for the protection", cause);
}

/* Codes tell the last wish; that something older still stands has to be said. */
static void say_older(struct pass *pass, const struct pass_backend *backend, struct outcome *out)
{
    if (out->code != STATUS_ERROR || !backend->resource.name || backend->written || !out->text)
        return;
    if (role_of(backend) == APIGW_ROLE_ROUTE && out->reason == REASON_PROTECTION_MISSING &&
        all_equal(backend))
        return;
    out->text = arena_format(&pass->arena, "older output kept: %s", out->text);
}

static void make(struct pass *pass, size_t number, struct outcome *outcomes)
{
    const struct plan_decision *decision = &pass->plan.decisions[number];
    const struct pass_backend *backend = &pass->backends[number];
    struct outcome *out = &outcomes[number];

    *out = (struct outcome){STATUS_NOT_CREATED, REASON_NONE, ""};
    if (decision->state == PLAN_STANDS)
        stands(pass, backend, out);
    else if (decision->state == PLAN_REFUSED)
        refused(pass, backend, out);
    else if (decision->state == PLAN_HELD)
        held(pass, backend, decision->backend, out);
    else if (decision->state == PLAN_WAITS)
        waits(pass, backend,
              decision->backend == PLAN_NONE ? outcome_no_authentication : outcomes[decision->backend].text,
              out);
    else
        blamed(pass, backend, decision, out);
    say_older(pass, backend, out);
}

struct outcome *outcomes_of(struct pass *pass)
{
    struct outcome *outcomes = arena_array(&pass->arena, pass->count + 1, sizeof *outcomes);

    for (size_t i = 0; outcomes && i < pass->count; i++) {
        make(pass, i, outcomes);
        if (!outcomes[i].text)
            return NULL;
    }
    return outcomes;
}

/* Whether every backend of the role stands, and some output of it. */
static bool role_stands(const struct pass *pass, int32_t role)
{
    bool any = false;

    for (size_t i = 0; i < pass->count; i++) {
        if (role_of(&pass->backends[i]) != role)
            continue;
        if (pass->plan.decisions[i].state != PLAN_STANDS)
            return false;
        any = any || pass->backends[i].rendering.count > 0;
    }
    return any;
}

bool outcome_secured(const struct pass *pass)
{
    return pass_authentication(pass) && role_stands(pass, APIGW_ROLE_AUTHENTICATION);
}

bool outcome_published(const struct pass *pass)
{
    return role_stands(pass, APIGW_ROLE_ROUTE);
}
