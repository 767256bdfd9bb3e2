/* SPDX-License-Identifier: Apache-2.0 */
/* Rule 2: secure before exposed. */
#include "base/json.h"
#include "object/place.h"
#include "rules.h"

#include <stdio.h>
#include <string.h>

/* The texts at a path, in order. */
static bool append_text(const char *text, void *payload)
{
    return json_array_append_new(payload, json_string(text)) == 0;
}

static bool asks_issuers(const struct thing *protection, const struct wish *wish)
{
    json_t *texts = json_array();
    bool equal;

    if (protection->kind->issuers)
        (void)json_each_text(protection->now.object, protection->kind->issuers, append_text, texts);
    equal = !protection->kind->issuers || json_equal(texts, wish->issuers);
    json_decref(texts);
    return equal;
}

static bool holds_all(const json_t *set, const json_t *wanted)
{
    const char *name;
    json_t *value;

    json_object_foreach(json_iterable(wanted), name, value)
    {
        if (!json_object_get(set, name))
            return false;
    }
    return true;
}

/* Whether the protection covers the Service, and the hosts if its kind knows hosts. */
static bool covers(const struct thing *protection, const char *service, const json_t *hosts)
{
    return thing_names(protection, APIGW_USE_PROTECTS_SERVICE, service) &&
           (!place_declared(protection->kind->kind, APIGW_USE_PROTECTS_HOST) ||
            holds_all(protection->now.names[APIGW_USE_PROTECTS_HOST], hosts));
}

static bool is_covered(const struct world *world, const struct subject *subject, const char *service,
                       const json_t *hosts, bool issuers)
{
    for (size_t i = 0; i < world->things_count; i++) {
        const struct thing *thing = world->things[i];
        if (thing_is_of(world, thing, subject->key, APIGW_ROLE_AUTHENTICATION) &&
            covers(thing, service, hosts) && (!issuers || asks_issuers(thing, &subject->wish)))
            return true;
    }
    return false;
}

json_t *uncovered(const struct world *world, const char *key, bool issuers)
{
    const struct subject *subject = world_find(world, key);
    json_t *open = json_object();

    for (size_t i = 0; subject && i < world->things_count; i++) {
        const struct thing *thing = world->things[i];
        const char *service;
        json_t *value;
        if (!thing_is_of(world, thing, key, APIGW_ROLE_ROUTE))
            continue;
        json_object_foreach(thing->now.names[APIGW_USE_LEADS_TO_SERVICE], service, value)
        {
            char text[1024];
            (void)snprintf(text, sizeof text, "%s to %s", thing->place, service);
            if (!is_covered(world, subject, service, thing->now.names[APIGW_USE_CLAIMS_HOST], issuers))
                (void)json_object_set_new(open, text, json_true());
        }
    }
    return open;
}

/* A route that was written leads only to what is protected as the Api asks now. */
static void check_route(struct world *world, const struct deed *deed)
{
    json_t *open = uncovered(world, deed->key, true);
    size_t length = strlen(deed->thing->place);
    const char *text;
    json_t *value;

    json_object_foreach(open, text, value)
    {
        if (strncmp(text, deed->thing->place, length) == 0 && text[length] == ' ')
            blame(world, "2", deed->key, "route written without the protection that the Api asks for: %s",
                  text);
    }
    json_decref(open);
}

/* What was protected stays so, whatever is written or removed. */
static void check_kept(struct world *world, const struct deed *deed, const struct earlier *earlier)
{
    json_t *open = uncovered(world, deed->key, false);
    const char *text;
    json_t *value;

    json_object_foreach(open, text, value)
    {
        if (!json_object_get(earlier->uncovered, text))
            blame(world, "2", deed->key, "%s of %s uncovers %s", deed->after ? "the write" : "the removal",
                  deed->thing->place, text);
    }
    json_decref(open);
}

/* What is wrong with the write if the Api is what it is. */
static void hold(struct world *world, const struct deed *deed, const struct earlier *earlier)
{
    const struct subject *subject = deed->subject;
    const struct judge_kind *kind = deed->thing->kind;
    bool open_by_wish = lives(subject) && subject->wish.valid && !subject->wish.asks;

    if (kind->role == APIGW_ROLE_ROUTE && deed->after && lives(subject) && subject->wish.asks &&
        !accept_in_force(world))
        check_route(world, deed);
    if (kind->role == APIGW_ROLE_AUTHENTICATION && !open_by_wish &&
        !(accept_in_force(world) && !kind->enabled))
        check_kept(world, deed, earlier);
    if (kind->role == APIGW_ROLE_AUTHENTICATION && deed->after && lives(subject) && subject->wish.asks &&
        !asks_issuers(deed->thing, &subject->wish))
        blame(world, "2", deed->key, "%s asks for issuers that the Api does not name", deed->thing->place);
}

/* Whether nothing is wrong with it, and nobody is blamed. */
static bool is_right(struct world *world, const struct deed *deed, const struct earlier *earlier)
{
    size_t count = json_array_size(world->findings);
    bool right;

    hold(world, deed, earlier);
    right = json_array_size(world->findings) == count;
    while (json_array_size(world->findings) > count)
        (void)json_array_remove(world->findings, json_array_size(world->findings) - 1);
    return right;
}

/* The same, if the Api were that one. */
static bool is_right_by(struct world *world, const struct deed *deed, const struct earlier *earlier,
                        const json_t *api)
{
    struct subject now = *deed->subject;
    bool right;

    deed->subject->api = json_iterable(api);
    wish_read(&deed->subject->wish, api, &world->config);
    /* For an open Api nobody writes a protection. */
    right = !(deed->after && deed->thing->kind->role == APIGW_ROLE_AUTHENTICATION &&
              deed->subject->wish.valid && !deed->subject->wish.asks) &&
            is_right(world, deed, earlier);
    wish_release(&deed->subject->wish);
    *deed->subject = now;
    return right;
}

/* Whether what the Api was before explains the write; see judge_lag(). */
static bool was_decided_before(struct world *world, const struct deed *deed, const struct earlier *earlier)
{
    struct subject *subject = deed->subject;
    size_t count = json_array_size(subject->past);

    for (size_t i = subject->behind; i < count; i++) {
        if (is_right_by(world, deed, earlier, json_array_get(subject->past, i))) {
            subject->behind = i;
            world->late += !is_right(world, deed, earlier);
            return true;
        }
    }
    /* What explains nothing here is not behind for that: the write may be wrong by all of them. */
    if (is_right(world, deed, earlier))
        subject->behind = count;
    return false;
}

void rules_of_exposure(struct world *world, const struct deed *deed, const struct earlier *earlier)
{
    if (deed->thing->kind && !(world->lags && was_decided_before(world, deed, earlier)))
        hold(world, deed, earlier);
}
