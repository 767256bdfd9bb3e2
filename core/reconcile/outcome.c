/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/outcome.h"

#include "object/place.h"

#include <string.h>

static const char no_authentication[] =
    "the Api asks for authentication, and no enabled backend can authenticate; who runs the gateway has to "
    "enable one";

static const char incomplete_text[] = "served without protection: every element of spec.authentication is "
                                      "incomplete; give type, jwt.issuer and jwt.jwksUri";

static const char unread_text[] =
    "what the Api asks for cannot be read; what it had before is kept, with the protection that it had";

static const char no_route[] = "no enabled backend publishes it; who runs the gateway has to enable one";

/* What all functions here work on. */
struct making {
    struct stock *stock;
    const struct plan *plan;
    const struct refusal *refusal;
    const char *contest;
    struct backend_status *backends;
    struct arena *arena;
};

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

static bool authentication_of(const struct making *making)
{
    return making->stock->input.authentication;
}

static void say(struct backend_status *out, enum status_code code, enum reason reason, const char *text)
{
    out->code = code;
    out->reason = reason;
    out->last_error = text;
}

static void stands(const struct making *making, const struct stock_backend *backend,
                   struct backend_status *out)
{
    const struct effective *effective = making->stock->effective;

    if (backend->narrow.count == 0)
        return;
    say(out, STATUS_CREATED, REASON_SERVED, "");
    if (stock_role(backend) == APIGW_ROLE_ROUTE && effective->unsecured_incomplete)
        say(out, STATUS_CREATED, REASON_INCOMPLETE, incomplete_text);
}

static void refused(const struct making *making, const struct stock_backend *backend,
                    struct backend_status *out)
{
    const struct rendering *rendering = &backend->narrow;

    say(out, rendering->code == APIGW_NOT_READY ? STATUS_IN_PROGRESS : STATUS_ERROR,
        rendering->unseen ? REASON_NOT_PERMITTED : reason_of(rendering->code),
        arena_format(making->arena, "%s%s%s", rendering->path, rendering->path[0] ? ": " : "",
                     rendering->message));
}

/* A failure that one output is to blame for. */
static void blamed(const struct making *making, const struct stock_backend *backend,
                   const struct plan_decision *decision, struct backend_status *out)
{
    const struct stock_item *item = &backend->items[decision->item];
    const struct object_ref *ref = &item->ref;
    bool read = decision->state == PLAN_NOT_READABLE;

    if (decision->state == PLAN_NOT_OURS || item->error_code == ERROR_FOREIGN) {
        say(out, STATUS_ERROR, REASON_NOT_OWNED,
            arena_format(
                making->arena,
                "%s \"%s/%s\" (%s) exists and was not made for this Api, so it is left as it is; remove "
                "or rename it%s%s",
                ref->kind, ref->name_space, ref->name, ref->group, item->error ? ": " : "",
                item->error ? item->error : ""));
        return;
    }
    say(out, item->error_code == ERROR_BUSY ? STATUS_IN_PROGRESS : STATUS_ERROR,
        read ? REASON_UNREADABLE : REASON_WRITE_FAILED,
        arena_format(making->arena, "%s \"%s/%s\" (%s) cannot be %s: %s", ref->kind, ref->name_space,
                     ref->name, ref->group,
                     read            ? "read"
                     : !item->narrow ? "removed"
                                     : "written",
                     item->error ? item->error : "no reason given"));
}

static void held(const struct making *making, const struct stock_backend *backend, size_t by,
                 struct backend_status *out)
{
    const struct backend *other = making->stock->backends[by].backend;

    if (backend->narrow.count == 0)
        return;
    if (stock_all_good(backend))
        say(out, STATUS_CREATED, REASON_HELD, "");
    else
        say(out, stock_primary(backend) ? STATUS_ERROR : STATUS_NOT_CREATED, REASON_HELD,
            arena_format(making->arena, "not attempted, because backend %s is %s", other->name,
                         other->enabled ? "refused" : "disabled"));
}

static void waits(const struct making *making, const struct stock_backend *backend,
                  const struct plan_decision *decision, struct backend_status *out)
{
    const char *cause =
        decision->backend == PLAN_NONE ? no_authentication : making->backends[decision->backend].last_error;
    bool live = stock_primary(backend);
    bool known = !stock_unseen(making->stock, APIGW_ROLE_AUTHENTICATION);
    const char *how = "waits for the protection";

    if (live && stock_all_good(backend))
        how = known ? "stands without its protection"
                    : "stands, and it is not known whether its protection does";
    say(out, live ? STATUS_ERROR : STATUS_IN_PROGRESS,
        known ? REASON_PROTECTION_MISSING : REASON_NOT_PERMITTED,
        arena_format(making->arena, "%s: %s", how, cause));
}

/* Codes tell the last wish; that something older still stands has to be said. */
static void say_older(const struct making *making, const struct stock_backend *backend,
                      struct backend_status *out)
{
    const struct stock_item *primary = stock_primary(backend);

    if (out->code != STATUS_ERROR || !primary || primary->written)
        return;
    if ((out->reason == REASON_PROTECTION_MISSING || out->reason == REASON_NOT_PERMITTED) &&
        stock_all_good(backend))
        return;
    if (out->last_error)
        out->last_error = arena_format(making->arena, "older output kept: %s", out->last_error);
}

/* Nothing was attempted. */
static void not_accepted(const struct making *making, const struct stock_backend *backend,
                         struct backend_status *out)
{
    const struct plan_input *input = &making->stock->input;
    int32_t role = stock_role(backend);

    if (role == APIGW_ROLE_ROUTE && making->refusal->reason == REASON_HOSTNAME_IN_USE)
        say(out, STATUS_HOST_OCCUPIED, REASON_HOSTNAME_IN_USE, making->refusal->text);
    else if (role == APIGW_ROLE_AUTHENTICATION && input->authentication && input->live && input->uncovered)
        say(out, STATUS_ERROR, REASON_PROTECTION_MISSING,
            arena_format(making->arena, "a route stands without its protection: %s", making->refusal->text));
    else
        say(out, stock_primary(backend) || backend->unseen ? STATUS_ERROR : STATUS_NOT_CREATED,
            REASON_NOT_ACCEPTED, making->refusal->text);
}

static void decided(const struct making *making, size_t number, struct backend_status *out)
{
    const struct plan_decision *decision = &making->plan->decisions[number];
    const struct stock_backend *backend = &making->stock->backends[number];

    switch (decision->state) {
    case PLAN_STANDS:
        stands(making, backend, out);
        break;
    case PLAN_REFUSED:
        refused(making, backend, out);
        break;
    case PLAN_HELD:
        held(making, backend, decision->backend, out);
        break;
    case PLAN_WAITS:
        waits(making, backend, decision, out);
        break;
    case PLAN_GOES:
        break;
    default:
        blamed(making, backend, decision, out);
    }
}

static void make(const struct making *making, size_t number)
{
    const struct stock_backend *backend = &making->stock->backends[number];
    const struct stock_item *primary = stock_primary(backend);
    struct backend_status *out = &making->backends[number];

    *out = (struct backend_status){.backend = backend->backend, .last_error = ""};
    if (primary) {
        out->resource_name = primary->ref.name;
        out->resource_uid = primary->uid;
        out->resource_version = primary->version;
    }
    out->silent = !backend->backend->enabled ||
                  (stock_role(backend) == APIGW_ROLE_AUTHENTICATION && !authentication_of(making) &&
                   !(primary && making->stock->entry->unread));
    out->absent = !backend->backend->enabled && !primary;
    if (making->refusal->reason != REASON_NONE && backend->backend->enabled)
        not_accepted(making, backend, out);
    else if (making->refusal->reason == REASON_NONE)
        decided(making, number, out);
    say_older(making, backend, out);
}

/* Whether every enabled backend of the role stands, and some output of it. */
static bool role_stands(const struct making *making, int32_t role)
{
    bool any = false;

    if (making->refusal->reason != REASON_NONE)
        return false;
    for (size_t i = 0; i < making->stock->count; i++) {
        const struct stock_backend *backend = &making->stock->backends[i];
        if (stock_role(backend) != role || !backend->backend->enabled)
            continue;
        if (making->plan->decisions[i].state != PLAN_STANDS)
            return false;
        any = any || backend->narrow.count > 0;
    }
    return any;
}

static bool is_failure(enum reason reason)
{
    return reason != REASON_NONE && reason != REASON_SERVED && reason != REASON_INCOMPLETE;
}

/* The first backend that is to blame: one that waits is not, if there is another, and one that is held never
 * is: either another one is, or there is no route. */
static const struct backend_status *culprit(const struct making *making, bool with_others)
{
    const struct backend_status *second = NULL;

    for (size_t i = 0; i < making->stock->count; i++) {
        const struct backend_status *backend = &making->backends[i];
        if (!is_failure(backend->reason) || backend->reason == REASON_HELD ||
            (!with_others && stock_role(&making->stock->backends[i]) == APIGW_ROLE_OTHER))
            continue;
        if (backend->reason != REASON_PROTECTION_MISSING)
            return backend;
        if (!second)
            second = backend;
    }
    return second;
}

static struct condition condition(bool is_true, enum reason reason, const char *message)
{
    return (struct condition){.is_true = is_true, .reason = reason, .message = message ? message : ""};
}

static struct condition accepted(const struct making *making, const char *rival)
{
    if (making->refusal->reason == REASON_NONE)
        return condition(true, REASON_ACCEPTED, rival);
    return condition(false, making->refusal->reason, making->refusal->text);
}

/* What is to be said of what stands: the first warning of backends that authenticate, or of the others. NULL:
 * nothing.
 */
static const char *warning_of(const struct making *making, bool authenticating)
{
    for (size_t i = 0; i < making->stock->count; i++) {
        const struct stock_backend *backend = &making->stock->backends[i];
        bool of_role = (stock_role(backend) == APIGW_ROLE_AUTHENTICATION) == authenticating;
        if (of_role && backend->backend->enabled && backend->narrow.warning[0])
            return backend->narrow.warning;
    }
    return NULL;
}

/* Everything stands, if only until somebody changes it again. */
static struct condition all_stands(const struct making *making, const char *warning)
{
    if (making->contest)
        return condition(true, REASON_CONTESTED, making->contest);
    return condition(true, REASON_SERVED, warning);
}

static struct condition programmed(const struct making *making)
{
    const struct backend_status *cause = culprit(making, true);

    if (making->refusal->reason != REASON_NONE)
        return condition(false, REASON_NOT_ACCEPTED, "");
    if (cause)
        return condition(false, cause->reason, cause->last_error);
    if (!role_stands(making, APIGW_ROLE_ROUTE))
        return condition(false, REASON_NO_ROUTE, no_route);
    return all_stands(making, warning_of(making, false));
}

static const char *older_protection(const struct making *making)
{
    if (!making->stock->input.live)
        return "nothing of the Api is published";
    return making->stock->input.uncovered ? "a route of the Api stands without a protection"
                                          : "what the Api had before is kept, its protection too";
}

/* Why nobody knows whether the Api is protected: its protections, or the routes that need them, are not to be
 * seen. NULL: it is known. */
static const char *unknown_protection(const struct making *making)
{
    const char *unseen = stock_unseen(making->stock, APIGW_ROLE_AUTHENTICATION);

    if (unseen || making->stock->input.uncovered)
        return unseen;
    return stock_unseen(making->stock, APIGW_ROLE_ROUTE);
}

static struct condition secured(const struct making *making, bool stands)
{
    const struct effective *effective = making->stock->effective;
    const char *unseen = unknown_protection(making);

    if (making->stock->entry->unread && making->refusal->reason != REASON_NONE)
        return (struct condition){.is_unknown = true, .reason = REASON_NOT_ACCEPTED, .message = unread_text};
    if (effective && effective->unsecured_incomplete)
        return condition(false, REASON_INCOMPLETE, incomplete_text);
    if (!authentication_of(making))
        return condition(false, REASON_NOT_REQUESTED, "");
    if (stands)
        return condition(true, REASON_SECURED, warning_of(making, true));
    if (unseen)
        return (struct condition){.is_unknown = true, .reason = REASON_NOT_PERMITTED, .message = unseen};
    if (making->refusal->reason != REASON_NONE)
        return condition(false, REASON_NOT_ACCEPTED, older_protection(making));
    for (size_t i = 0; i < making->stock->count; i++) {
        if (stock_role(&making->stock->backends[i]) == APIGW_ROLE_AUTHENTICATION &&
            is_failure(making->backends[i].reason))
            return condition(false, making->backends[i].reason, making->backends[i].last_error);
    }
    return condition(false, REASON_PROTECTION_MISSING, no_authentication);
}

static void conclude(const struct making *making, const char *rival, struct outcome *out)
{
    struct condition *conditions = out->status.conditions;
    bool asked = authentication_of(making);
    const char *warning;
    bool published = role_stands(making, APIGW_ROLE_ROUTE);

    out->secured = asked && role_stands(making, APIGW_ROLE_AUTHENTICATION);
    conditions[CONDITION_ACCEPTED] = accepted(making, rival);
    conditions[CONDITION_PROGRAMMED] = programmed(making);
    conditions[CONDITION_SECURED] = secured(making, out->secured);
    warning = warning_of(making, false);
    if (!warning && asked)
        warning = warning_of(making, true);
    conditions[CONDITION_READY] = all_stands(making, warning);
    for (int i = CONDITION_SECURED; i >= CONDITION_ACCEPTED; i--) {
        if (!conditions[i].is_true && (i != CONDITION_SECURED || asked))
            conditions[CONDITION_READY] = conditions[i];
    }
    /* The plan publishes what asks for a protection that nobody can provide only if the operator accepts it.
     */
    out->served = published;
}

static void summarise(const struct making *making, struct outcome *out)
{
    const struct condition *conditions = out->status.conditions;
    const struct backend_status *cause = culprit(making, false);

    out->reason = REASON_NONE;
    out->message = "";
    if (making->refusal->reason != REASON_NONE) {
        out->reason = making->refusal->reason;
        out->message = making->refusal->text;
    } else if (!out->served) {
        out->reason = cause ? cause->reason : REASON_NO_ROUTE;
        out->message = cause ? cause->last_error : no_route;
    } else if (!conditions[CONDITION_READY].is_true) {
        out->reason = conditions[CONDITION_READY].reason;
        out->message = conditions[CONDITION_READY].message;
    } else if (conditions[CONDITION_SECURED].reason == REASON_INCOMPLETE) {
        out->reason = REASON_INCOMPLETE;
        out->message = incomplete_text;
    }
}

/* Whether a route waits for a protection that does not come by itself. */
static bool waits_in_vain(const struct making *making, const struct plan_decision *decision)
{
    enum plan_state state;

    if (decision->state != PLAN_WAITS)
        return false;
    if (decision->backend == PLAN_NONE)
        return true;
    state = making->plan->decisions[decision->backend].state;
    return state == PLAN_NOT_OURS ||
           (state == PLAN_REFUSED && !making->stock->input.backends[decision->backend].passing);
}

static void note_waiting(const struct making *making, struct outcome *out)
{
    for (size_t i = 0; i < making->stock->count; i++) {
        const struct stock_backend *backend = &making->stock->backends[i];
        enum plan_state state = making->plan->decisions[i].state;
        int32_t code = backend->narrow.code;
        if (making->backends[i].code == STATUS_IN_PROGRESS && !making->backends[i].silent) {
            out->in_progress = true;
            out->may_come = out->may_come || !waits_in_vain(making, &making->plan->decisions[i]);
        }
        out->may_come = out->may_come || state == PLAN_NOT_WRITTEN;
        if (state == PLAN_NOT_WRITTEN ||
            (code != APIGW_OK && code != APIGW_INVALID && code != APIGW_CONFLICT))
            out->retry = true;
    }
}

/* Routes that were live may have been taken away since. */
static void look_at_routes(struct stock *stock)
{
    bool live = false;

    for (size_t i = 0; i < stock->count; i++) {
        for (size_t j = 0;
             j < stock->backends[i].count && stock_role(&stock->backends[i]) == APIGW_ROLE_ROUTE; j++)
            live = live || stock->backends[i].items[j].stands;
    }
    stock->input.uncovered = stock->input.uncovered && live;
    stock->input.live = live;
}

bool outcome_make(struct stock *stock, const struct plan *plan, const struct refusal *refusal,
                  const char *rival, const char *contest, struct outcome *out)
{
    struct making making = {
        .stock = stock, .plan = plan, .refusal = refusal, .contest = contest, .arena = &stock->arena};

    *out = (struct outcome){0};
    look_at_routes(stock);
    making.backends = arena_array(&stock->arena, stock->count + 1, sizeof *making.backends);
    if (!making.backends)
        return false;
    for (size_t i = 0; i < stock->count; i++) {
        make(&making, i);
        if (!making.backends[i].last_error)
            return false;
    }
    out->status.validation = STATUS_CREATED;
    if (refusal->reason == REASON_INVALID)
        out->status.validation = STATUS_ERROR;
    else if (refusal->reason == REASON_SERVICE_IN_USE)
        out->status.validation = STATUS_SERVICE_OCCUPIED;
    out->status.authentication = authentication_of(&making);
    out->status.authentication_error = refusal->reason != REASON_NONE ? refusal->text : no_authentication;
    out->status.backends = making.backends;
    out->status.count = stock->count;
    conclude(&making, rival, out);
    summarise(&making, out);
    note_waiting(&making, out);
    return true;
}
