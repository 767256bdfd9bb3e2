/* SPDX-License-Identifier: Apache-2.0 */
/* Who wins. */
#include "base/json.h"
#include "rules.h"

#include <string.h>

static bool is_wildcard(const char *host)
{
    return strchr(host, '*') != NULL;
}

/* Nobody takes what another Api has, or a host that a foreign route has. */
static void check_taken(struct world *world, const struct deed *deed, const json_t *before, bool services)
{
    json_t *now = claims_of(world, deed->key, services);
    const char *name;
    const char *other;
    json_t *value;
    json_t *held;
    json_t *holders;

    json_object_foreach(now, name, value)
    {
        if (json_object_get(before, name) || (!services && is_wildcard(name)))
            continue;
        holders = holders_of(world, services, name);
        json_object_foreach(holders, other, held)
        {
            if (strcmp(other, deed->key) != 0)
                blame(world, "claims", deed->key, "takes the %s %s, which %s has",
                      services ? "Service" : "host", name, other);
        }
        json_decref(holders);
        if (!services && foreign_has_host(world, name))
            blame(world, "claims", deed->key, "takes the host %s, which a foreign route has", name);
    }
    json_decref(now);
}

/* Whoever has what it wants does not lose it. */
static void check_lost(struct world *world, const struct deed *deed, const json_t *before)
{
    const struct subject *subject = deed->subject;
    json_t *now = claims_of(world, deed->key, false);
    const struct judge_kind *kind = deed->thing->kind;

    if (lives(subject) && subject->wish.valid && json_object_get(before, subject->wish.host) &&
        !json_object_get(now, subject->wish.host) && kind && kind->enabled &&
        !(world->config.withdraw && !deed->after))
        blame(world, "claims", deed->key, "loses the host %s, which it has and wants", subject->wish.host);
    json_decref(now);
}

/* Whether somebody has begun to take the Service of this one, although no route of theirs has it yet. */
static bool is_reserved(const struct world *world, const struct subject *subject)
{
    size_t length = strcspn(subject->key, "/") + 1;

    for (size_t i = 0; i < world->subjects_count; i++) {
        const struct subject *other = world->subjects[i];
        if (other != subject && other->first && strncmp(other->key, subject->key, length) == 0 &&
            strcmp(other->wish.service, subject->wish.service) == 0)
            return true;
    }
    return false;
}

/* Who would come first: an older Api that wants the same and is not kept from it. */
static bool could_take(const struct world *world, const struct subject *subject)
{
    char holder[KEY_SIZE];

    return lives(subject) && subject->wish.valid && !subject->wish.asks && !subject->excused &&
           !host_is_held(world, subject, holder) && !service_is_held(world, subject, holder) &&
           !is_reserved(world, subject);
}

static const struct subject *who_comes_first(const struct world *world, const struct subject *subject)
{
    for (size_t i = 0; i < world->subjects_count; i++) {
        const struct subject *other = world->subjects[i];
        if (other != subject && other->since <= subject->began &&
            strcmp(other->wish.host, subject->wish.host) == 0 && could_take(world, other) &&
            older(other, subject))
            return other;
    }
    return NULL;
}

bool is_in_turn(const struct world *world, const struct subject *subject)
{
    return lives(subject) && subject->wish.valid && !who_comes_first(world, subject);
}

/* The oldest gets what nobody had. */
static void check_turn(struct world *world, const struct deed *deed, const struct earlier *earlier)
{
    const struct subject *subject = deed->subject;
    struct thing *thing = deed->thing;
    struct stand now = thing->now;
    const struct subject *other;

    if (!deed->after || !lives(subject) || !subject->wish.valid || world->spoilt || subject->first ||
        thing->kind->role != APIGW_ROLE_ROUTE ||
        !thing_names(thing, APIGW_USE_CLAIMS_HOST, subject->wish.host) ||
        json_object_get(earlier->hosts, subject->wish.host))
        return;
    /* As things stood before the write, which has to be undone for the question. */
    thing->now = deed->before;
    other = who_comes_first(world, subject);
    if (other)
        blame(world, "claims", deed->key, "takes the host %s before %s, which is older", subject->wish.host,
              other->key);
    thing->now = now;
}

void rules_of_claims(struct world *world, const struct deed *deed, const struct earlier *earlier)
{
    if (!deed->thing->kind)
        return;
    if (deed->after) {
        check_taken(world, deed, earlier->hosts, false);
        check_taken(world, deed, earlier->services, true);
    }
    check_lost(world, deed, earlier->hosts);
    check_turn(world, deed, earlier);
}
