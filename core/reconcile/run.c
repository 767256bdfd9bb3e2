/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/controller_state.h"

#include "base/ahead.h"
#include "reconcile/draft.h"

#include <stdlib.h>
#include <string.h>

static bool may_start(const struct controller *controller)
{
    size_t most = controller->options.most_waiting;

    return most == 0 || map_count(controller->jobs) < most;
}

/* Runs a key that was taken. @param draft  of its Api; NULL: there is none. */
static int run_key(struct controller *controller, const char *key, struct draft *draft, struct moment now,
                   struct error *error)
{
    struct entry *entry = ledger_get(controller->ledger, key);

    controller->turns++;
    if (entry)
        return job_start(controller, entry, draft, now, error);
    queue_finish(controller->queue, key, QUEUE_DONE, now.ms);
    return 0;
}

/* An Api that a draft can be made of. */
struct candidate {
    const struct store_object *object;
    char *key; /* of the row's arena */
};

/* Keys that are due, in the order of their turns. */
struct row {
    struct controller *controller;
    struct candidate *list;
    size_t count;
    struct arena arena;
    struct moment now;
    struct error *error;
};

/* In either thread: neither the ledger nor the queue nor what is observed is looked at. */
static void make_draft(size_t index, void *item, const void *payload)
{
    const struct row *row = payload;

    draft_make(&row->controller->context, row->list[index].object, item);
}

/* Runs keys up to the one of the draft. The order was foreseen but for keys that were put first since. */
static int run_up_to(size_t index, void *item, void *payload)
{
    const struct row *row = payload;
    struct controller *controller = row->controller;
    const char *wanted = row->list[index].key;
    bool over = false;
    int result = 0;

    while (result == 0 && !over && queue_due(controller->queue, wanted) <= row->now.ms) {
        const char *key = queue_take(controller->queue, row->now.ms);
        over = strcmp(key, wanted) == 0;
        result = run_key(controller, key, over ? item : NULL, row->now, row->error);
    }
    return result;
}

static void release_draft(void *item)
{
    draft_release(item);
}

static bool add(struct row *row, const char *key)
{
    const struct controller *controller = row->controller;
    const struct entry *entry = ledger_get(controller->ledger, key);
    const struct store_object *object = entry && entry->valid ? job_object(controller, entry) : NULL;

    /* Of the others there is nothing to draft. */
    if (!object)
        return true;
    row->list[row->count].object = object;
    row->list[row->count].key = arena_string(&row->arena, key);
    return row->list[row->count++].key;
}

/* Runs many keys, with drafts of those that come next. What is left over is the caller's. */
static int run_row(struct row *row)
{
    static const struct ahead_work work = {.size = sizeof(struct draft),
                                           .items = AHEAD_ITEMS_MAX,
                                           .make = make_draft,
                                           .hand_over = run_up_to,
                                           .release = release_draft};
    size_t due = 0;
    const char **keys = queue_list(row->controller->queue, row->now.ms, &due);
    struct ahead *ahead = keys ? ahead_new(&work) : NULL;
    bool made = ahead && (row->list = arena_array(&row->arena, due + 1, sizeof *row->list));
    int result = 0;

    for (size_t i = 0; made && i < due; i++)
        made = add(row, keys[i]);
    free(keys);
    if (made)
        result = ahead_run(ahead, row->count, row);
    ahead_free(ahead);
    arena_release(&row->arena);
    return made ? result : error_no_memory(row->error);
}

int controller_run(struct controller *controller, struct moment now, struct error *error)
{
    struct row row = {.controller = controller, .now = now, .error = error};
    const char *key;
    int result = 0;

    controller->now_ms = now.ms;
    if (!controller->listed || !controller->observed_all)
        return 0;
    if (controller->options.most_waiting == 0 && queue_waiting(controller->queue) > 1)
        result = run_row(&row);
    while (result == 0 && may_start(controller) && (key = queue_take(controller->queue, now.ms)))
        result = run_key(controller, key, NULL, now, error);
    return result;
}

size_t controller_turns(const struct controller *controller)
{
    return controller->turns;
}

bool controller_is_idle(const struct controller *controller, int64_t now_ms)
{
    return map_count(controller->jobs) == 0 && queue_next(controller->queue) > now_ms;
}

int64_t controller_next(const struct controller *controller)
{
    if (!controller->listed || !controller->observed_all || !may_start(controller))
        return QUEUE_NEVER;
    return queue_next(controller->queue);
}
