/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/plan.h"

#include "apigw/plugin.h"

/* What one backend's own outputs say. */
static struct plan_decision decide_alone(const struct plan_backend *backend)
{
    struct plan_decision decision = {PLAN_STANDS, PLAN_NONE, PLAN_NONE};

    if (backend->refused)
        decision.state = PLAN_REFUSED;
    for (size_t i = 0; decision.state == PLAN_STANDS && i < backend->count; i++) {
        const struct plan_output *output = &backend->outputs[i];
        if (output->seen == PLAN_FOREIGN)
            decision.state = PLAN_NOT_OURS;
        else if (output->seen == PLAN_UNREADABLE)
            decision.state = PLAN_NOT_READABLE;
        else if (output->moves)
            decision.state = PLAN_MOVES;
        if (decision.state != PLAN_STANDS)
            decision.output = i;
    }
    return decision;
}

/* The backend because of which nothing may be written: a route that would move, or, if no route can be
 * written, the first. */
static size_t holder(const struct plan_input *input, const struct plan *plan)
{
    size_t first = PLAN_NONE;
    bool any = false;

    for (size_t i = 0; i < input->count; i++) {
        if (plan->decisions[i].state == PLAN_MOVES)
            return i;
        if (input->backends[i].role != APIGW_ROLE_ROUTE)
            continue;
        any = any || plan->decisions[i].state == PLAN_STANDS;
        if (first == PLAN_NONE)
            first = i;
    }
    return any ? PLAN_NONE : first;
}

static void hold(const struct plan_input *input, struct plan *plan, size_t blame)
{
    for (size_t i = 0; i < input->count; i++) {
        if (plan->decisions[i].state == PLAN_STANDS)
            plan->decisions[i] = (struct plan_decision){PLAN_HELD, PLAN_NONE, blame};
    }
}

/* Whether every protection stands; if not, *blame is the first that does not. */
static bool protected(const struct plan_input *input, const struct plan *plan, size_t *blame)
{
    bool any = false;

    *blame = PLAN_NONE;
    for (size_t i = 0; i < input->count; i++) {
        if (input->backends[i].role != APIGW_ROLE_AUTHENTICATION)
            continue;
        any = true;
        if (*blame == PLAN_NONE && plan->decisions[i].state != PLAN_STANDS)
            *blame = i;
    }
    return *blame == PLAN_NONE && (any || input->accept_unprotected);
}

static void hold_routes(const struct plan_input *input, struct plan *plan)
{
    size_t blame;

    if (!input->authentication || protected(input, plan, &blame))
        return;
    for (size_t i = 0; i < input->count; i++) {
        if (input->backends[i].role == APIGW_ROLE_ROUTE && plan->decisions[i].state == PLAN_STANDS)
            plan->decisions[i] = (struct plan_decision){PLAN_WAITS, PLAN_NONE, blame};
    }
}

static bool list_actions(const struct plan_input *input, struct arena *arena, struct plan *plan)
{
    size_t count = 0;

    for (size_t i = 0; i < input->count; i++)
        count += input->backends[i].count;
    plan->actions = arena_array(arena, count + 1, sizeof *plan->actions);
    for (size_t i = 0; plan->actions && i < input->count; i++) {
        const struct plan_backend *backend = &input->backends[i];
        for (size_t j = 0; plan->decisions[i].state == PLAN_STANDS && j < backend->count; j++) {
            if (backend->outputs[j].seen != PLAN_EQUAL)
                plan->actions[plan->count++] = (struct plan_action){.backend = i, .output = j};
        }
    }
    return plan->actions;
}

bool plan_make(const struct plan_input *input, struct arena *arena, struct plan *plan)
{
    size_t blame;

    *plan = (struct plan){.decisions = arena_array(arena, input->count + 1, sizeof *plan->decisions)};
    if (!plan->decisions)
        return false;
    for (size_t i = 0; i < input->count; i++)
        plan->decisions[i] = decide_alone(&input->backends[i]);
    blame = holder(input, plan);
    if (blame != PLAN_NONE)
        hold(input, plan, blame);
    hold_routes(input, plan);
    return list_actions(input, arena, plan);
}

void plan_fail(const struct plan_input *input, struct plan *plan, size_t action)
{
    size_t failed = plan->actions[action].backend;

    plan->decisions[failed] =
        (struct plan_decision){PLAN_NOT_WRITTEN, plan->actions[action].output, PLAN_NONE};
    hold_routes(input, plan);
    for (size_t i = action + 1; i < plan->count; i++) {
        if (plan->decisions[plan->actions[i].backend].state != PLAN_STANDS)
            plan->actions[i].dropped = true;
    }
}
