/* SPDX-License-Identifier: Apache-2.0 */
/* What a status says is true. */
#include "base/json.h"
#include "rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOT_CREATED, IN_PROGRESS, CREATED, REFUSED, HOST_TAKEN, SERVICE_TAKEN };

/* The primary object of this kind that lives for the Api. If the status names one, that one. */
static const struct thing *primary(const struct world *world, const struct subject *subject,
                                   const struct judge_kind *kind, const char *name)
{
    const struct thing *found = NULL;

    for (size_t i = 0; i < world->things_count; i++) {
        const struct thing *thing = world->things[i];
        if (thing->kind != kind || !thing_is_of(world, thing, subject->key, 0))
            continue;
        if (!found || (name && strcmp(object_name(thing->now.object), name) == 0))
            found = thing;
    }
    return found;
}

static bool text_is(const json_t *object, const char *name, const char *text)
{
    const char *found = json_string_value(json_member(object, name));

    return strcmp(found ? found : "", text) == 0;
}

/* Whether it names the one and nothing else for this use. */
static bool names_only(const struct thing *thing, int32_t use, const char *name)
{
    return json_object_size(thing->now.names[use]) == 1 && thing_names(thing, use, name);
}

/* As far as paths tell. A protection may cover more as long as a route leads there (not `finally`). */
static bool as_wanted(const struct thing *thing, const struct subject *subject, bool finally)
{
    char service[600];

    (void)snprintf(service, sizeof service, "%.*s/%s", (int)strcspn(subject->key, "/"), subject->key,
                   subject->wish.service);
    if (thing->kind->role == APIGW_ROLE_ROUTE)
        return names_only(thing, APIGW_USE_CLAIMS_HOST, subject->wish.host) &&
               names_only(thing, APIGW_USE_LEADS_TO_SERVICE, service);
    if (thing->kind->role == APIGW_ROLE_AUTHENTICATION)
        return finally ? names_only(thing, APIGW_USE_PROTECTS_SERVICE, service)
                       : thing_names(thing, APIGW_USE_PROTECTS_SERVICE, service);
    return true;
}

static const json_t *condition(const struct subject *subject, const char *type)
{
    const json_t *list = json_member(subject->status, "conditions");
    const json_t *element;
    size_t i;

    json_array_foreach(list, i, element)
    {
        if (text_is(element, "type", type))
            return element;
    }
    return NULL;
}

static bool is_true(const struct subject *subject, const char *type)
{
    return text_is(condition(subject, type), "status", "True");
}

static bool is_primary(const struct judge_kind *kind)
{
    return (kind->kind->flags & APIGW_KIND_PRIMARY) != 0;
}

/* `resource` names what lives, and code 2 is never said before it does. */
static void check_resource(struct world *world, const struct subject *subject, const struct judge_kind *kind)
{
    const json_t *part = json_member(subject->status, kind->status_key);
    const json_t *resource = json_member(part, "resource");
    const struct thing *thing = primary(world, subject, kind, json_text_at(resource, "name"));
    json_int_t code = json_integer_value(json_member(part, "code"));

    if (!part)
        return;
    if (code == CREATED && !thing)
        blame(world, "status", subject->key, "%s has code 2 and nothing exists", kind->status_key);
    else if (code == CREATED && subject->wish.valid && !as_wanted(thing, subject, false))
        blame(world, "status", subject->key, "%s has code 2 and %s is not as wanted", kind->status_key,
              thing->place);
    if (!thing && json_object_size(resource) > 0)
        blame(world, "status", subject->key, "%s names a resource and none exists", kind->status_key);
    if (thing &&
        (!text_is(resource, "name", object_name(thing->now.object)) ||
         !text_is(resource, "uid", thing->now.uid) || !text_is(resource, "version", thing->now.version)))
        blame(world, "status", subject->key, "%s does not name %s uid '%s' version '%s', which exists",
              kind->status_key, thing->place, thing->now.uid, thing->now.version);
    if (thing && code == NOT_CREATED)
        blame(world, "status", subject->key, "%s has code 0 and %s exists", kind->status_key, thing->place);
}

/* Ready is what the others say together. */
static void check_ready(struct world *world, const struct subject *subject)
{
    static const char *const types[] = {"Accepted", "Programmed", "Ready"};
    bool ready = is_true(subject, "Accepted") && is_true(subject, "Programmed") &&
                 (!subject->wish.asks || is_true(subject, "Secured"));

    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        const json_t *found = condition(subject, types[i]);
        if (!found || !json_text_at(found, "reason") || !json_text_at(found, "lastTransitionTime"))
            blame(world, "status", subject->key, "condition %s is missing or not whole", types[i]);
    }
    if (subject->wish.valid && is_true(subject, "Ready") != ready)
        blame(world, "status", subject->key, "Ready is not what the other conditions say");
    if (is_true(subject, "Accepted") &&
        json_integer_value(json_member(subject->status, "validationStatus")) != CREATED)
        blame(world, "status", subject->key, "Accepted is True and validationStatus is not 2");
}

/* Secured says that every live route leads to what is protected as the Api asks now. */
static void check_secured(struct world *world, const struct subject *subject)
{
    json_t *open = uncovered(world, subject->key, true);

    if (subject->wish.valid && subject->wish.asks && !condition(subject, "Secured"))
        blame(world, "status", subject->key, "condition Secured is missing");
    if (is_true(subject, "Secured") && json_object_size(open) > 0)
        blame(world, "status", subject->key, "Secured is True and the route is open");
    json_decref(open);
}

static void check_generation(struct world *world, const struct subject *subject)
{
    const json_t *generation = json_at(subject->api, "metadata.generation");
    const json_t *observed = json_member(subject->status, "observedGeneration");

    if (generation ? !json_equal(generation, observed) : observed != NULL)
        blame(world, "status", subject->key, "observedGeneration is not the generation");
}

void rules_of_status(struct world *world, const struct subject *subject)
{
    for (size_t i = 0; i < world->config.count; i++) {
        if (world->config.kinds[i].enabled && is_primary(&world->config.kinds[i]))
            check_resource(world, subject, &world->config.kinds[i]);
    }
    check_ready(world, subject);
    check_secured(world, subject);
    check_generation(world, subject);
    if (subject->wish.valid && subject->wish.asks != !!json_member(subject->status, "authenticationStatus"))
        blame(world, "status", subject->key, "authenticationStatus is %s",
              subject->wish.asks ? "missing" : "there and the Api asks for none");
}

/* Whether a text names the holder. */
static bool mentions(const json_t *status, const char *holder)
{
    char *text = json_dumps(status, JSON_ENCODE_ANY);
    bool found = text && strstr(text, holder);

    free(text);
    return found;
}

static void check_validation(struct world *world, const struct subject *subject, bool healthy)
{
    json_int_t code = json_integer_value(json_member(subject->status, "validationStatus"));
    char holder[KEY_SIZE];
    json_int_t wanted = !subject->wish.valid                      ? REFUSED
                        : service_is_held(world, subject, holder) ? SERVICE_TAKEN
                                                                  : CREATED;

    if (code == SERVICE_TAKEN && wanted == CREATED && !healthy && is_wanted_too(world, subject, true))
        return;
    if (code != wanted)
        blame(world, "status", subject->key, "validationStatus is %d, not %d", (int)code, (int)wanted);
    if (code == SERVICE_TAKEN && wanted == SERVICE_TAKEN && !mentions(subject->status, holder))
        blame(world, "status", subject->key, "the status does not name %s, which has the Service", holder);
}

/* Code 4, if and only if somebody else has the host. */
static void check_host(struct world *world, const struct subject *subject, const struct judge_kind *kind,
                       bool healthy)
{
    const json_t *part = json_member(subject->status, kind->status_key);
    const char *text = json_text_at(part, "lastError");
    bool taken = json_integer_value(json_member(part, "code")) == HOST_TAKEN;
    char holder[KEY_SIZE];
    char expected[512];

    (void)snprintf(expected, sizeof expected, "the hostname %s is already in use", subject->wish.host);
    if (taken && !host_is_held(world, subject, holder) && (healthy || !is_wanted_too(world, subject, false)))
        blame(world, "status", subject->key, "%s has code 4 and nobody has the host", kind->status_key);
    if (taken && (!text || strncmp(text, expected, strlen(expected)) != 0))
        blame(world, "status", subject->key, "lastError of %s does not begin '%s'", kind->status_key,
              expected);
    if (!taken && subject->wish.valid && host_is_held(world, subject, holder) &&
        !service_is_held(world, subject, holder))
        blame(world, "status", subject->key, "%s has not code 4 and somebody else has the host",
              kind->status_key);
}

/* An older output that was kept is called so. */
static void check_kept(struct world *world, const struct subject *subject, const struct judge_kind *kind)
{
    const json_t *part = json_member(subject->status, kind->status_key);
    const char *text = json_text_at(part, "lastError");
    bool says = text && strncmp(text, "older output kept:", strlen("older output kept:")) == 0;
    const struct thing *thing = primary(world, subject, kind, NULL);

    if (says && !thing)
        blame(world, "status", subject->key, "%s speaks of an older output and nothing exists",
              kind->status_key);
    /* A route that lost its protection is refused as it stands. */
    if (part && json_integer_value(json_member(part, "code")) == REFUSED && thing && !says &&
        !(subject->wish.valid && as_wanted(thing, subject, false)))
        blame(world, "status", subject->key, "%s has code 3 and does not say that %s was kept",
              kind->status_key, thing->place);
}

/* Whether nothing but a failure could keep the Api from being served. */
static bool should_be_served(const struct world *world, const struct subject *subject)
{
    char holder[KEY_SIZE];

    return lives(subject) && subject->wish.valid && !subject->excused &&
           role_enabled(world, APIGW_ROLE_ROUTE) && !host_is_held(world, subject, holder) &&
           !service_is_held(world, subject, holder) &&
           (!subject->wish.asks || role_enabled(world, APIGW_ROLE_AUTHENTICATION) || accept_in_force(world));
}

/* What is to be served is, and said to be. */
static void check_served(struct world *world, const struct subject *subject)
{
    for (size_t i = 0; i < world->config.count; i++) {
        const struct judge_kind *kind = &world->config.kinds[i];
        const struct thing *thing = primary(world, subject, kind, NULL);
        const json_t *part = json_member(subject->status, kind->status_key);
        if (!kind->enabled || !is_primary(kind) ||
            (kind->role == APIGW_ROLE_AUTHENTICATION && !subject->wish.asks))
            continue;
        if (!thing || !as_wanted(thing, subject, true))
            blame(world, "1", subject->key, "nothing of %s stands as wanted", kind->kind->kind);
        else if (json_integer_value(json_member(part, "code")) != CREATED)
            blame(world, "status", subject->key, "%s stands as wanted and %s has not code 2", thing->place,
                  kind->status_key);
    }
    if (!is_true(subject, "Ready") && !(subject->wish.asks && accept_in_force(world)))
        blame(world, "status", subject->key, "all stands as wanted and Ready is not True");
    if (subject->wish.asks && is_true(subject, "Secured") == accept_in_force(world))
        blame(world, "status", subject->key, "Secured is not %s", accept_in_force(world) ? "False" : "True");
}

/* Nothing is left of who is gone, nor of what an operator has disabled. */
static void check_leftovers(struct world *world, const struct subject *subject)
{
    char holder[KEY_SIZE];
    bool open = lives(subject) && subject->wish.valid && !subject->wish.asks && !subject->excused &&
                role_enabled(world, APIGW_ROLE_ROUTE) && !host_is_held(world, subject, holder) &&
                !service_is_held(world, subject, holder);

    for (size_t i = 0; i < world->things_count; i++) {
        const struct thing *thing = world->things[i];
        bool unwanted;
        if (!thing_is_of(world, thing, subject->key, 0))
            continue;
        unwanted = thing->kind->role == APIGW_ROLE_AUTHENTICATION && open && thing->kind->enabled;
        if (!thing->kind->lost && (!lives(subject) || unwanted))
            blame(world, "1", subject->key, "%s is left over", thing->place);
    }
    if (!subject->api && subject->status)
        blame(world, "1", subject->key, "the status is left over");
}

/* A route that was refused its protection does not stand; one that has an older protection may. */
static void check_withdrawn(struct world *world, const struct subject *subject)
{
    json_t *open = uncovered(world, subject->key, false);
    size_t length = strlen(world->refused);
    const char *text;
    json_t *value;
    void *next;

    /* A removal that was refused is tried again. */
    json_object_foreach_safe(open, next, text, value)
    {
        if (length > 0 && strncmp(text, world->refused, length) == 0 && text[length] == ' ')
            (void)json_object_del(open, text);
    }
    if (world->config.withdraw && subject->wish.valid && subject->wish.asks && !accept_in_force(world) &&
        json_object_size(open) > 0)
        blame(world, "2", subject->key, "a route without protection was not withdrawn");
    json_decref(open);
}

static void check_codes(struct world *world, const struct subject *subject, bool healthy)
{
    check_validation(world, subject, healthy);
    for (size_t i = 0; i < world->config.count; i++) {
        const struct judge_kind *kind = &world->config.kinds[i];
        if (!kind->enabled || !is_primary(kind))
            continue;
        if (kind->role == APIGW_ROLE_ROUTE)
            check_host(world, subject, kind, healthy);
        check_kept(world, subject, kind);
    }
}

void rules_at_rest(struct world *world, const struct subject *subject, bool healthy)
{
    if (healthy && world->complete)
        check_leftovers(world, subject);
    if (!lives(subject))
        return;
    if (!subject->status) {
        blame(world, "status", subject->key, "there is no status");
        return;
    }
    rules_of_status(world, subject);
    check_codes(world, subject, healthy);
    check_withdrawn(world, subject);
    if (healthy && should_be_served(world, subject))
        check_served(world, subject);
}
