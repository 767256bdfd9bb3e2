/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/plan.h"

#include "apigw/plugin.h"

/* What one backend's own outputs say. */
static struct plan_decision decide_alone(const struct plan_backend *backend)
{
    struct plan_decision decision = {PLAN_STANDS, PLAN_NONE, PLAN_NONE};

    if (!backend->enabled)
        decision.state = PLAN_GOES;
    else if (backend->refused)
        decision.state = PLAN_REFUSED;
    for (size_t i = 0; decision.state == PLAN_STANDS && i < backend->count; i++) {
        const struct plan_item *item = &backend->items[i];
        if (!item->wide && !item->narrow)
            continue;
        if (item->seen == PLAN_FOREIGN)
            decision.state = PLAN_NOT_OURS;
        else if (item->seen == PLAN_UNREADABLE)
            decision.state = PLAN_NOT_READABLE;
        if (decision.state != PLAN_STANDS)
            decision.item = i;
    }
    return decision;
}

/* The backend because of which nothing may be written: if no route can be written, the first; rather one that
 * is enabled. */
static size_t holder(const struct plan_input *input, const struct plan *plan)
{
    size_t first = PLAN_NONE;

    for (size_t i = 0; i < input->count; i++) {
        const struct plan_backend *backend = &input->backends[i];
        if (backend->role != APIGW_ROLE_ROUTE)
            continue;
        if (plan->decisions[i].state == PLAN_STANDS)
            return PLAN_NONE;
        if (first == PLAN_NONE || (backend->enabled && !input->backends[first].enabled))
            first = i;
    }
    return first;
}

static void hold(const struct plan_input *input, struct plan *plan, size_t blame)
{
    /* Where nothing is published on purpose, a protection that nobody asks for goes all the same. */
    bool unasked = !input->authentication && !input->backends[blame].enabled;

    for (size_t i = 0; i < input->count; i++) {
        if (plan->decisions[i].state == PLAN_STANDS &&
            !(unasked && input->backends[i].role == APIGW_ROLE_AUTHENTICATION))
            plan->decisions[i] = (struct plan_decision){PLAN_HELD, PLAN_NONE, blame};
    }
}

/* Whether every protection stands; if not, *blame is the first that does not. */
static bool protected(const struct plan_input *input, const struct plan *plan, size_t *blame)
{
    bool any = false;

    *blame = PLAN_NONE;
    for (size_t i = 0; i < input->count; i++) {
        if (input->backends[i].role != APIGW_ROLE_AUTHENTICATION || !input->backends[i].enabled)
            continue;
        any = true;
        if (*blame == PLAN_NONE && plan->decisions[i].state != PLAN_STANDS)
            *blame = i;
    }
    return *blame == PLAN_NONE && (any || input->accept_unprotected);
}

/* Routes wait for protections. Of those that are not live the protections then wait too: one alone would only
 * shut out the callers inside the cluster. */
static void hold_routes(const struct plan_input *input, struct plan *plan)
{
    size_t blame;

    if (!input->authentication || protected(input, plan, &blame))
        return;
    for (size_t i = 0; i < input->count; i++) {
        struct plan_decision *decision = &plan->decisions[i];
        if (decision->state != PLAN_STANDS)
            continue;
        if (input->backends[i].role == APIGW_ROLE_ROUTE)
            *decision = (struct plan_decision){PLAN_WAITS, PLAN_NONE, blame};
        else if (input->backends[i].role == APIGW_ROLE_AUTHENTICATION && !input->live)
            *decision = (struct plan_decision){PLAN_HELD, PLAN_NONE, blame};
    }
}

bool plan_removes(enum plan_phase phase)
{
    return phase == PLAN_WITHDRAW || phase == PLAN_UNPUBLISH || phase == PLAN_REMOVE_OTHER ||
           phase == PLAN_UNPROTECT;
}

static int32_t role_of(enum plan_phase phase)
{
    switch (phase) {
    case PLAN_PROTECT:
    case PLAN_NARROW:
    case PLAN_UNPROTECT:
        return APIGW_ROLE_AUTHENTICATION;
    case PLAN_OTHER:
    case PLAN_REMOVE_OTHER:
        return APIGW_ROLE_OTHER;
    default:
        return APIGW_ROLE_ROUTE;
    }
}

/* Whether an item that is not wanted in the end goes. */
static bool goes(const struct plan_input *input, const struct plan_backend *backend,
                 const struct plan_item *item)
{
    if (backend->unseen)
        return false;
    if (input->gone || !backend->enabled)
        return item->seen == PLAN_OURS && (input->gone || !backend->kept);
    return !item->narrow && (item->seen == PLAN_OURS || item->wide);
}

static bool is_due(const struct plan_input *input, const struct plan_backend *backend,
                   const struct plan_item *item, enum plan_phase phase)
{
    if (phase == PLAN_WITHDRAW)
        return item->seen == PLAN_OURS;
    if (plan_removes(phase))
        return goes(input, backend, item);
    if (input->gone || !backend->enabled)
        return false;
    if (phase == PLAN_NARROW)
        return item->narrow && (item->wide ? !item->same : !item->narrow_stands);
    return item->wide && !item->wide_stands;
}

/* Whether a backend's decision lets it take part in a phase. */
static bool takes_part(const struct plan_input *input, const struct plan_decision *decision,
                       enum plan_phase phase)
{
    if (phase == PLAN_WITHDRAW)
        return input->withdraw && input->uncovered;
    return !input->refused && (decision->state == PLAN_STANDS || decision->state == PLAN_GOES);
}

static void add_steps(const struct plan_input *input, struct plan *plan, enum plan_phase phase, size_t number)
{
    const struct plan_backend *backend = &input->backends[number];

    if (backend->role != role_of(phase) || !takes_part(input, &plan->decisions[number], phase))
        return;
    for (size_t i = 0; i < backend->count; i++) {
        /* Removal runs the other way round. */
        size_t item = plan_removes(phase) ? backend->count - 1 - i : i;
        if (is_due(input, backend, &backend->items[item], phase))
            plan->steps[plan->count++] = (struct plan_step){
                .phase = phase, .backend = number, .item = item, .dropped = phase == PLAN_WITHDRAW};
    }
}

static bool list_steps(const struct plan_input *input, struct arena *arena, struct plan *plan)
{
    size_t count = 0;

    for (size_t i = 0; i < input->count; i++)
        count += input->backends[i].count;
    /* An item is in at most three phases: written wide, written narrow or removed, withdrawn. */
    plan->steps = arena_array(arena, 3 * count + 1, sizeof *plan->steps);
    for (int phase = PLAN_PROTECT; plan->steps && phase <= (int)PLAN_UNPROTECT; phase++) {
        for (size_t i = 0; i < input->count; i++) {
            bool back = plan_removes((enum plan_phase)phase);
            add_steps(input, plan, (enum plan_phase)phase, back ? input->count - 1 - i : i);
        }
    }
    return plan->steps;
}

static void drop(struct plan *plan, size_t from, enum plan_phase phase)
{
    for (size_t i = from; i < plan->count; i++) {
        if (plan->steps[i].phase == phase)
            plan->steps[i].dropped = true;
    }
}

/* Whether all routes of enabled backends stand, or will. */
static bool routes_stand(const struct plan_input *input, const struct plan *plan)
{
    for (size_t i = 0; i < input->count; i++) {
        if (input->backends[i].role == APIGW_ROLE_ROUTE && input->backends[i].enabled &&
            plan->decisions[i].state != PLAN_STANDS)
            return false;
    }
    return true;
}

/* Whether what a disabled backend protects may lose that: another protection stands, nothing needs one, or
 * who runs the gateway accepts it. */
static bool may_unprotect(const struct plan_input *input, const struct plan *plan,
                          const struct plan_step *step)
{
    size_t blame;

    if (input->routes_unknown && (input->authentication || input->gone))
        return false;
    if (input->gone || !input->authentication || input->backends[step->backend].enabled)
        return true;
    return protected(input, plan, &blame) || !input->live;
}

static bool may_withdraw(const struct plan_input *input, const struct plan *plan)
{
    for (size_t i = 0; i < input->count; i++) {
        enum plan_state state = plan->decisions[i].state;
        if (input->backends[i].role == APIGW_ROLE_AUTHENTICATION && input->backends[i].enabled &&
            ((state == PLAN_REFUSED && !input->backends[i].passing) || state == PLAN_NOT_OURS ||
             state == PLAN_NOT_READABLE))
            return true;
    }
    return input->refused;
}

static void withdraw(struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->steps[i].phase == PLAN_WITHDRAW)
            plan->steps[i].dropped = false;
        else if (plan->steps[i].phase == PLAN_UNPUBLISH)
            plan->steps[i].dropped = true;
        plan->withdrawn = plan->withdrawn || plan->steps[i].phase == PLAN_WITHDRAW;
    }
}

/* What follows from the decisions for steps that depend on more than their own backend. */
static void restrict_steps(const struct plan_input *input, struct plan *plan, size_t from)
{
    size_t blame;
    bool secured = !input->authentication || input->gone || protected(input, plan, &blame);

    for (size_t i = from; i < plan->count; i++) {
        struct plan_step *step = &plan->steps[i];
        enum plan_state state = plan->decisions[step->backend].state;
        bool last = step->phase == PLAN_NARROW || step->phase == PLAN_UNPROTECT;
        if (step->phase == PLAN_WITHDRAW)
            continue;
        if (state != PLAN_STANDS && state != PLAN_GOES)
            step->dropped = true;
        else if (input->gone && step->phase != PLAN_UNPROTECT)
            continue;
        /* Routes go once those that replace them stand. */
        else if (step->phase == PLAN_UNPUBLISH && !routes_stand(input, plan))
            step->dropped = true;
        /* What a disabled backend left is judged by may_unprotect() alone. */
        else if (last && !input->gone &&
                 (!routes_stand(input, plan) || (!secured && input->backends[step->backend].enabled)))
            step->dropped = true;
        else if (step->phase == PLAN_UNPROTECT && !may_unprotect(input, plan, step))
            step->dropped = true;
    }
}

bool plan_make(const struct plan_input *input, struct arena *arena, struct plan *plan)
{
    size_t blame;

    *plan = (struct plan){.decisions = arena_array(arena, input->count + 1, sizeof *plan->decisions)};
    if (!plan->decisions)
        return false;
    for (size_t i = 0; i < input->count; i++) {
        plan->decisions[i] = decide_alone(&input->backends[i]);
        if (input->gone)
            plan->decisions[i] = (struct plan_decision){PLAN_GOES, PLAN_NONE, PLAN_NONE};
    }
    if (!input->gone) {
        blame = holder(input, plan);
        if (blame != PLAN_NONE)
            hold(input, plan, blame);
        hold_routes(input, plan);
    }
    if (!list_steps(input, arena, plan))
        return false;
    restrict_steps(input, plan, 0);
    if (input->authentication && may_withdraw(input, plan))
        withdraw(plan);
    return true;
}

void plan_fail(const struct plan_input *input, struct plan *plan, size_t number, bool refused)
{
    const struct plan_step *step = &plan->steps[number];
    enum plan_phase phase = step->phase;

    plan->decisions[step->backend] = (struct plan_decision){PLAN_NOT_WRITTEN, step->item, PLAN_NONE};
    if (!input->gone)
        hold_routes(input, plan);
    restrict_steps(input, plan, number + 1);
    /* As long as a route may stand, nothing that protects it goes. */
    if (phase == PLAN_PUBLISH || phase == PLAN_UNPUBLISH || phase == PLAN_PROTECT) {
        drop(plan, number + 1, PLAN_NARROW);
        drop(plan, number + 1, PLAN_UNPROTECT);
    }
    if (phase == PLAN_PROTECT && refused && input->withdraw && input->uncovered)
        withdraw(plan);
}
