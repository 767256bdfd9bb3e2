/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/remote_listener.h"

#include <stdint.h>

static int take_answer(const char *key, const struct sink_answer *answer, void *payload, struct error *error)
{
    const struct remote_listener *listener = payload;

    return controller_answer(listener->cluster->controller, key, answer, *listener->now, error);
}

static int take_found(const char *key, const struct sink_found *found, void *payload, struct error *error)
{
    const struct remote_listener *listener = payload;

    return controller_found(listener->cluster->controller, key, found, error);
}

static int take_manager(const char *key, const struct object_ref *ref, const struct sink_manager *manager,
                        void *payload, struct error *error)
{
    const struct remote_listener *listener = payload;

    return controller_take_manager(listener->cluster->controller, key, ref, manager, error);
}

static int take_put(const struct event *event, void *payload, struct error *error)
{
    const struct remote_listener *listener = payload;

    return controller_put(event, listener->cluster->controller, error);
}

static int take_gone(const struct object_ref *ref, void *payload, struct error *error)
{
    const struct remote_listener *listener = payload;

    return controller_gone(ref, listener->cluster->controller, error);
}

static int take_observation(const struct observation *seen, void *payload, struct error *error)
{
    const struct remote_listener *listener = payload;

    return controller_observe(seen, listener->cluster->controller, error);
}

static bool is_known(const struct object_ref *ref, const char *uid, const char *version, void *payload)
{
    const struct remote_listener *listener = payload;

    return controller_knows(listener->cluster->controller, ref, uid, version);
}

static int sweep(const struct object_ref *ref, bool (*seen)(const char *, const char *, void *),
                 void *seen_payload, void *payload, struct error *error)
{
    const struct remote_listener *listener = payload;

    return controller_sweep(listener->cluster->controller, ref, seen, seen_payload, error);
}

static int take_kind(const struct object_ref *ref, enum follow_state state, const char *why, void *payload,
                     struct error *error)
{
    const struct remote_listener *listener = payload;
    struct controller *controller = listener->cluster->controller;

    switch (state) {
    case FOLLOW_UNKNOWN:
        return 0;
    case FOLLOW_ABSENT:
        return controller_set_kind(controller, ref, CONTROLLER_KIND_ABSENT, why, error);
    case FOLLOW_FORBIDDEN:
        return controller_set_kind(controller, ref, CONTROLLER_KIND_FORBIDDEN, why, error);
    default:
        return controller_set_kind(controller, ref, CONTROLLER_KIND_CURRENT, "", error);
    }
}

static int take_recovery(void *payload, struct error *error)
{
    const struct remote_listener *listener = payload;

    return controller_recovered(listener->cluster->controller, *listener->now, error);
}

struct apiserver_listener remote_listener_of(const struct remote_listener *listener)
{
    return (struct apiserver_listener){.put = take_put,
                                       .gone = take_gone,
                                       .observe = take_observation,
                                       .knows = is_known,
                                       .sweep = sweep,
                                       .kind = take_kind,
                                       .recovered = take_recovery,
                                       .answer = take_answer,
                                       .found = take_found,
                                       .manager = take_manager,
                                       .payload = (void *)(uintptr_t)listener};
}
