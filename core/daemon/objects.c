/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/objects.h"

#include "base/json.h"
#include "directory/source.h"
#include "object/key.h"
#include "reconcile/render.h"

#include <string.h>

int objects_init(struct objects *objects, const struct registry *registry, struct problems *problems)
{
    int result = 0;

    *objects = (struct objects){.store = store_new(STORE_TEXTS_PLAIN), .problems = problems};
    if (!objects->store)
        return ERROR_NO_MEMORY;
    objects->apis = store_add_kind(objects->store, API_GROUP, API_KIND);
    for (size_t i = 0; i < registry->count && result == 0; i++)
        result = render_declare(objects->store, &registry->backends[i]->plugin->descriptor);
    if (objects->apis >= 0 && result == 0)
        return 0;
    objects_release(objects);
    return ERROR_NO_MEMORY;
}

void objects_release(struct objects *objects)
{
    store_free(objects->store);
    *objects = (struct objects){0};
}

/* Tells that an object stands in two places; the one that was read first counts. */
static void tell_repeated(const struct objects *objects, const struct event *event,
                          const struct store_object *first)
{
    size_t from = objects->problems->count;
    const char *file = store_object_file(first);

    problems_add(objects->problems, PROBLEM_ERROR, "metadata.name",
                 "the %s %s/%s stands already in %s, which counts; remove one of the two",
                 json_string_value(json_member(event->object, "kind")), object_namespace(event->object),
                 object_name(event->object), file ? file : "another input");
    if (event->file)
        source_locate(event->file, event->document, event->item, objects->problems, from);
}

int objects_take(const struct event *event, void *payload, struct error *error)
{
    struct objects *objects = payload;
    const char *name = json_string_value(json_member(event->object, "kind"));
    char group[SUBDOMAIN_MAX + 1];
    const struct store_object *first;
    int kind = name && object_group(event->object, group) ? store_kind(objects->store, group, name)
                                                          : ERROR_NOT_FOUND;

    if (kind < 0)
        return 0;
    first = store_get(objects->store, kind, object_namespace(event->object), object_name(event->object));
    if (first)
        tell_repeated(objects, event, first);
    else if (store_put(objects->store, kind, event) != 0)
        return error_no_memory(error);
    return 0;
}
