/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/draft.h"

#include <stdlib.h>

static bool keep_outputs(struct draft *draft)
{
    draft->outputs = json_array();
    for (size_t i = 0; i < draft->count; i++) {
        const struct rendering *rendering = &draft->renderings[i];
        for (size_t j = 0; j < rendering->count; j++) {
            if (json_array_append(draft->outputs, rendering->outputs[j].object) != 0)
                return false;
        }
    }
    return draft->outputs;
}

static bool make(const struct stock_context *context, const struct store_object *object, struct draft *draft)
{
    const struct registry *registry = context->registry;
    struct render_input input;

    draft->api = store_parse(context->store, object);
    draft->renderings = calloc(registry->count + 1, sizeof *draft->renderings);
    if (!draft->api || !draft->renderings ||
        effective_make(draft->api, context->settings, &draft->effective, NULL) != 0)
        return false;
    input = stock_input(context, draft->api, &draft->effective);
    draft->count = registry->count;
    for (size_t i = 0; i < registry->count; i++) {
        if (registry->backends[i]->enabled)
            render_backend(registry->backends[i], &input, &draft->renderings[i]);
    }
    return keep_outputs(draft);
}

void draft_make(const struct stock_context *context, const struct store_object *object, struct draft *draft)
{
    if (!make(context, object, draft))
        draft_release(draft);
}

void draft_release(struct draft *draft)
{
    for (size_t i = 0; i < draft->count; i++)
        rendering_release(&draft->renderings[i]);
    free(draft->renderings);
    json_decref(draft->outputs);
    effective_release(&draft->effective);
    json_decref(draft->api);
    *draft = (struct draft){0};
}
