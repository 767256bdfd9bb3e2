/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/controller_state.h"

#include "object/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int controller_set_kind(struct controller *controller, const struct object_ref *ref,
                        enum controller_kind state, const char *why, struct error *error)
{
    char name[KIND_SIZE];
    struct kind_trouble *trouble;
    struct kind_trouble *known;

    kind_format(name, ref->kind, ref->group);
    known = map_get(controller->troubles, name);
    if (state == CONTROLLER_KIND_CURRENT) {
        if (!map_remove(controller->troubles, name))
            return 0;
        return wake_all(controller, error);
    }
    if (known && known->absent == (state == CONTROLLER_KIND_ABSENT) && strcmp(known->why, why) == 0)
        return 0;
    trouble = calloc(1, sizeof *trouble);
    if (!trouble)
        return error_no_memory(error);
    trouble->absent = state == CONTROLLER_KIND_ABSENT;
    (void)snprintf(trouble->why, sizeof trouble->why, "%s", why);
    if (!map_set(controller->troubles, name, trouble)) {
        free(trouble);
        return error_no_memory(error);
    }
    return wake_all(controller, error);
}

bool controller_knows(const struct controller *controller, const struct object_ref *ref, const char *uid,
                      const char *version)
{
    int kind = observed_kind(controller->observed, ref->group, ref->kind, ref->plural);
    const struct observed *object =
        kind >= 0 ? observed_get(controller->observed, kind, OBSERVED_SINK, ref->name_space, ref->name)
                  : NULL;

    return object && !object->broken && version[0] && strcmp(observed_version(object), version) == 0 &&
           observed_uid_is(object, uid);
}

/* What is known of a kind and was not seen, listed before anything changes. */
struct unseen {
    const struct object_ref *ref;
    int kind;
    bool (*seen)(const char *name_space, const char *name, void *payload);
    void *payload;
    char (*texts)[KEY_SIZE];
    size_t count;
    size_t capacity;
    bool failed;
};

static void list_unseen(struct unseen *unseen, const char *name_space, const char *name)
{
    if ((unseen->ref->name_space && strcmp(unseen->ref->name_space, name_space) != 0) || unseen->failed ||
        unseen->seen(name_space, name, unseen->payload))
        return;
    if (unseen->count == unseen->capacity) {
        size_t capacity = unseen->capacity > 0 ? 2 * unseen->capacity : 16;
        char(*texts)[KEY_SIZE] = realloc(unseen->texts, capacity * sizeof *texts);
        if (!texts) {
            unseen->failed = true;
            return;
        }
        unseen->texts = texts;
        unseen->capacity = capacity;
    }
    key_format(unseen->texts[unseen->count++], name_space, name);
}

static void visit_observed(const struct observed *object, void *payload)
{
    struct unseen *unseen = payload;

    if (object->kind == unseen->kind && !object->beside)
        list_unseen(unseen, observed_namespace(object), observed_own_name(object));
}

static bool visit_stored(const struct store_object *object, void *payload)
{
    list_unseen(payload, store_object_name_space(object), store_object_name(object));
    return true;
}

/* Tells for each that it is gone. */
static int tell(struct controller *controller, const struct unseen *unseen, bool observed,
                struct error *error)
{
    int result = 0;

    for (size_t i = 0; i < unseen->count && result == 0; i++) {
        struct observation nothing = {.ref = *unseen->ref, .uid = "", .version = ""};
        nothing.ref.name = key_cut(unseen->texts[i]);
        nothing.ref.name_space = unseen->texts[i];
        result = observed ? controller_observe(&nothing, controller, error)
                          : controller_gone(&nothing.ref, controller, error);
    }
    return result;
}

int controller_sweep(struct controller *controller, const struct object_ref *ref,
                     bool (*seen)(const char *name_space, const char *name, void *payload), void *payload,
                     struct error *error)
{
    struct unseen unseen = {.ref = ref, .seen = seen, .payload = payload};
    int stored = store_kind(controller->store, ref->group, ref->kind);
    int result = 0;

    unseen.kind = observed_kind(controller->observed, ref->group, ref->kind, NULL);
    if (unseen.kind >= 0) {
        observed_each(controller->observed, visit_observed, &unseen);
        result = unseen.failed ? error_no_memory(error) : tell(controller, &unseen, true, error);
    }
    unseen.count = 0;
    if (result == 0 && stored >= 0) {
        if (store_each(controller->store, stored, visit_stored, &unseen) != 0 || unseen.failed)
            result = error_no_memory(error);
        else
            result = tell(controller, &unseen, false, error);
    }
    free(unseen.texts);
    if (result == 0 && stored == controller->apis)
        result = lookup_renew(controller, error);
    return result;
}
