/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/explain.h"

/* What one backend wants, and whether it stands. */
static json_t *item_value(const struct stock_item *item)
{
    const struct output *output = item->narrow ? item->narrow : item->wide;
    json_t *value =
        json_pack("{s:s, s:s, s:s, s:b, s:b}", "kind", item->ref.kind, "namespace", item->ref.name_space,
                  "name", item->ref.name, "exists", (int)item->stands, "asWanted", (int)item->good);

    if (value && item->stands && item->version[0])
        (void)json_object_set_new(value, "version", json_string(item->version));
    if (value && item->error)
        (void)json_object_set_new(value, "error", json_string(item->error));
    if (value && output)
        (void)json_object_set(value, "wanted", output->object);
    return value;
}

static json_t *backend_value(const struct job *job, size_t number)
{
    static const char *const roles[] = {"", "authentication", "other", "route"};
    const struct stock_backend *backend = &job->stock.backends[number];
    const struct backend_status *status = &job->outcome.status.backends[number];
    json_t *items = json_array();
    json_t *value = json_pack("{s:s, s:s, s:b, s:i, s:O}", "name", backend->backend->name, "role",
                              roles[stock_role(backend)], "enabled", (int)backend->backend->enabled, "code",
                              (int)status->code, "outputs", items);

    for (size_t i = 0; i < backend->count; i++)
        (void)json_array_append_new(items, item_value(&backend->items[i]));
    json_decref(items);
    if (value && status->last_error[0])
        (void)json_object_set_new(value, "lastError", json_string(status->last_error));
    return value;
}

json_t *explain_backends(const struct job *job)
{
    json_t *list = json_array();

    for (size_t i = 0; i < job->stock.count; i++)
        (void)json_array_append_new(list, backend_value(job, i));
    return list;
}

json_t *explain_steps(const struct job *job)
{
    static const char *const words[] = {
        "protect",  "write", "publish", "withdraw", "unpublish", "remove", "narrow the protection",
        "unprotect"};
    json_t *list = json_array();

    for (size_t i = 0; i < job->plan.count; i++) {
        const struct plan_step *step = &job->plan.steps[i];
        const struct stock_item *item = &job->stock.backends[step->backend].items[step->item];
        if (!step->dropped)
            (void)json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "do", words[step->phase], "kind",
                                                        item->ref.kind, "name", item->ref.name));
    }
    return list;
}
