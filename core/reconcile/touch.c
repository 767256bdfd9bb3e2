/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/controller_state.h"

#include "object/content.h"
#include "reconcile/contest.h"

#include <stdlib.h>
#include <string.h>

int touch_begin(struct controller *controller, const struct observed *known, struct touch *touch,
                struct error *error)
{
    const char *extra;
    char key[KEY_SIZE];

    *touch = (struct touch){0};
    if (!known || !known->ours)
        return 0;
    touch->entry = ledger_get(controller->ledger, observed_api_key(known, key));
    touch->unreadable = known->broken;
    touch->imprint = known->imprint;
    extra = observed_extra(known);
    touch->extra = extra ? strdup(extra) : NULL;
    return extra && !touch->extra ? error_no_memory(error) : 0;
}

/* Whether all that was there still is: what others add beside it is no quarrel. */
static bool is_kept(const struct touch *touch, const struct observed *now)
{
    return now && !now->broken && !touch->unreadable &&
           content_stands(touch->imprint, touch->extra, now->imprint, observed_extra(now));
}

/* Somebody does it over and over. */
static int contend(struct controller *controller, struct entry *entry, const struct object_ref *ref,
                   bool removed, struct error *error)
{
    struct sink *sink = controller->options.sink;

    if (!contest_note(&entry->rare->contest, ref, removed, controller->now_ms))
        return error_no_memory(error);
    if (contest_asks(entry->rare->contest, controller->now_ms))
        sink->ask_manager(sink, entry->key, ref);
    return 0;
}

int touch_end(struct controller *controller, const struct touch *touch, const struct object_ref *ref,
              int kind, struct error *error)
{
    const struct observed *now =
        observed_get(controller->observed, kind, OBSERVED_SINK, ref->name_space, ref->name);
    struct entry *entry = touch->entry;
    bool kept = is_kept(touch, now);

    /* While a write of ours is under way, that may be what comes back. */
    if (!entry || kept || map_get(controller->jobs, entry->key))
        return 0;
    if (!entry_need_rare(entry))
        return error_no_memory(error);
    quarrel_touch(&entry->rare->quarrel);
    /* Where nobody can be named it is not told: in a directory that is somebody at work by hand. */
    if (!entry->present || !controller->options.sink->ask_manager ||
        !quarrel_is_on(&entry->rare->quarrel, controller->now_ms))
        return 0;
    return contend(controller, entry, ref, !now, error);
}

int controller_take_manager(struct controller *controller, const char *key, const struct object_ref *ref,
                            const struct sink_manager *manager, struct error *error)
{
    const struct controller_options *options = &controller->options;
    struct entry *entry = ledger_get(controller->ledger, key);

    if (!entry || !entry->rare || !entry->rare->contest || !contest_is_about(entry->rare->contest, ref))
        return 0;
    if (contest_answer(entry->rare->contest, manager))
        log_write(options->log, LOG_LEVEL_WARNING, "output contested", "cluster", options->cluster, "api",
                  key, "kind", ref->kind, "name", ref->name, "manager", manager->name, "operation",
                  manager->operation, "time", manager->time, (char *)NULL);
    return wake_key(controller, key, error);
}
