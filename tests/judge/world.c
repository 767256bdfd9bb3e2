/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "base/json.h"
#include "rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void blame(struct world *world, const char *rule, const char *key, const char *format, ...)
{
    char what[512];
    va_list values;

    va_start(values, format);
    (void)vsnprintf(what, sizeof what, format, values);
    va_end(values);
    (void)json_array_append_new(world->findings, json_pack("[s,s,s]", rule, key, what));
}

static void *grown(void *list, size_t count)
{
    void *bigger = realloc(list, (count + 1) * sizeof(void *));

    if (!bigger)
        abort();
    return bigger;
}

static void *made(size_t size)
{
    void *new = calloc(1, size);

    if (!new)
        abort();
    return new;
}

static const struct judge_kind *kind_of(const struct world *world, const struct object_ref *ref)
{
    for (size_t i = 0; i < world->config.count; i++) {
        const struct apigw_kind *kind = world->config.kinds[i].kind;
        if (strcmp(kind->group, ref->group) == 0 && ((ref->kind && strcmp(kind->kind, ref->kind) == 0) ||
                                                     (ref->plural && strcmp(kind->plural, ref->plural) == 0)))
            return &world->config.kinds[i];
    }
    return NULL;
}

struct thing *world_thing(struct world *world, const struct object_ref *ref)
{
    const struct judge_kind *kind = kind_of(world, ref);
    char place[KEY_SIZE + 64];
    struct thing *thing;

    (void)snprintf(place, sizeof place, "%s/%s/%s",
                   kind        ? kind->kind->kind
                   : ref->kind ? ref->kind
                               : "?",
                   ref->name_space, ref->name);
    for (size_t i = 0; i < world->things_count; i++) {
        if (strcmp(world->things[i]->place, place) == 0)
            return world->things[i];
    }
    thing = made(sizeof *thing);
    thing->place = strdup(place);
    thing->kind = kind;
    world->things = grown(world->things, world->things_count);
    world->things[world->things_count++] = thing;
    return thing;
}

const struct subject *world_find(const struct world *world, const char *key)
{
    for (size_t i = 0; i < world->subjects_count; i++) {
        if (strcmp(world->subjects[i]->key, key) == 0)
            return world->subjects[i];
    }
    return NULL;
}

struct subject *world_subject(struct world *world, const char *key)
{
    struct subject *subject;

    for (size_t i = 0; i < world->subjects_count; i++) {
        if (strcmp(world->subjects[i]->key, key) == 0)
            return world->subjects[i];
    }
    subject = made(sizeof *subject);
    (void)snprintf(subject->key, sizeof subject->key, "%s", key);
    world->subjects = grown(world->subjects, world->subjects_count);
    world->subjects[world->subjects_count++] = subject;
    return subject;
}

bool thing_is_ours(const struct world *world, const struct thing *thing)
{
    const struct subject *subject;
    const char *uid;
    const char *label;

    if (!thing->now.owner[0] || !thing->now.historic)
        return thing->now.owner[0] != '\0';
    /* What the historic controller made is ours only if it was for the Api that lives. */
    subject = world_find(world, thing->now.owner);
    uid = subject ? json_text_at(subject->api, "metadata.uid") : NULL;
    label = json_text_at(thing->now.object, "metadata.labels.apiUid");
    return uid && label && strcmp(uid, label) == 0;
}

bool thing_is_of(const struct world *world, const struct thing *thing, const char *key, int32_t role)
{
    return thing->kind && (role == 0 || thing->kind->role == role) && strcmp(thing->now.owner, key) == 0 &&
           thing_is_ours(world, thing);
}

bool thing_names(const struct thing *thing, int32_t use, const char *name)
{
    return json_object_get(thing->now.names[use], name) != NULL;
}

json_t *claims_of(const struct world *world, const char *key, bool services)
{
    json_t *names = json_object();

    for (size_t i = 0; i < world->things_count; i++) {
        const struct thing *thing = world->things[i];
        if (!thing_is_of(world, thing, key, 0))
            continue;
        if (!services) {
            (void)json_object_update(names, thing->now.names[APIGW_USE_CLAIMS_HOST]);
        } else {
            (void)json_object_update(names, thing->now.names[APIGW_USE_LEADS_TO_SERVICE]);
            (void)json_object_update(names, thing->now.names[APIGW_USE_PROTECTS_SERVICE]);
        }
    }
    return names;
}

bool foreign_has_host(const struct world *world, const char *host)
{
    for (size_t i = 0; i < world->things_count; i++) {
        if (thing_names(world->things[i], APIGW_USE_CLAIMS_HOST, host) &&
            !thing_is_ours(world, world->things[i]))
            return true;
    }
    return false;
}

bool role_enabled(const struct world *world, int32_t role)
{
    for (size_t i = 0; i < world->config.count; i++) {
        if (world->config.kinds[i].role == role && world->config.kinds[i].enabled)
            return true;
    }
    return false;
}

bool accept_in_force(const struct world *world)
{
    return world->config.accept && !role_enabled(world, APIGW_ROLE_AUTHENTICATION);
}

bool lives(const struct subject *subject)
{
    return subject && subject->api && !json_at(subject->api, "metadata.deletionTimestamp");
}

bool older(const struct subject *a, const struct subject *b)
{
    const char *first = json_text_at(a->api, "metadata.creationTimestamp");
    const char *second = json_text_at(b->api, "metadata.creationTimestamp");
    int order = first && second ? strcmp(first, second) : (first == NULL) - (second == NULL);
    size_t space = strcspn(a->key, "/");

    if (order == 0 && (space != strcspn(b->key, "/") || strncmp(a->key, b->key, space) != 0)) {
        char left[KEY_SIZE];
        char right[KEY_SIZE];
        (void)snprintf(left, sizeof left, "%.*s", (int)space, a->key);
        (void)snprintf(right, sizeof right, "%.*s", (int)strcspn(b->key, "/"), b->key);
        order = strcmp(left, right);
    }
    return order != 0 ? order < 0 : strcmp(a->key, b->key) < 0;
}

json_t *holders_of(const struct world *world, bool services, const char *name)
{
    json_t *holders = json_object();

    for (size_t i = 0; i < world->things_count; i++) {
        const struct thing *thing = world->things[i];
        bool takes = services ? thing_names(thing, APIGW_USE_LEADS_TO_SERVICE, name) ||
                                    thing_names(thing, APIGW_USE_PROTECTS_SERVICE, name)
                              : thing_names(thing, APIGW_USE_CLAIMS_HOST, name);
        if (takes && thing_is_of(world, thing, thing->now.owner, 0))
            (void)json_object_set_new(holders, thing->now.owner, json_true());
    }
    return holders;
}

/* Whether an Api has something live that takes the host. */
static bool claims_host(const struct world *world, const char *key, const char *host)
{
    json_t *holders = holders_of(world, false, host);
    bool found = json_object_get(holders, key) != NULL;

    json_decref(holders);
    return found;
}

/* An Api whose live outputs take the name and that comes before this one, which may have it too. */
static bool other_holds(const struct world *world, const struct subject *subject, bool services,
                        const char *name, char holder[KEY_SIZE])
{
    json_t *holders = holders_of(world, services, name);
    bool mine = json_object_get(holders, subject->key) != NULL;
    bool found = false;

    for (size_t i = 0; i < world->subjects_count && json_object_size(holders) > 0 && !found; i++) {
        const struct subject *other = world->subjects[i];
        if (other == subject || !json_object_get(holders, other->key))
            continue;
        if (mine && (!other->api || older(subject, other)))
            continue;
        (void)snprintf(holder, KEY_SIZE, "%s", other->key);
        found = true;
    }
    json_decref(holders);
    return found;
}

bool host_is_held(const struct world *world, const struct subject *subject, char holder[KEY_SIZE])
{
    const char *host = subject->wish.host;

    holder[0] = '\0';
    if (!subject->wish.valid)
        return false;
    return other_holds(world, subject, false, host, holder) ||
           (foreign_has_host(world, host) && !claims_host(world, subject->key, host));
}

bool is_wanted_too(const struct world *world, const struct subject *subject, bool services)
{
    size_t space = strcspn(subject->key, "/") + 1;

    for (size_t i = 0; i < world->subjects_count; i++) {
        const struct subject *other = world->subjects[i];
        if (other == subject || !lives(other) || !other->wish.valid)
            continue;
        if (services ? strncmp(other->key, subject->key, space) == 0 &&
                           strcmp(other->wish.service, subject->wish.service) == 0
                     : strcmp(other->wish.host, subject->wish.host) == 0)
            return true;
    }
    return false;
}

bool service_is_held(const struct world *world, const struct subject *subject, char holder[KEY_SIZE])
{
    char name[600];

    holder[0] = '\0';
    if (!subject->wish.valid)
        return false;
    (void)snprintf(name, sizeof name, "%.*s/%s", (int)strcspn(subject->key, "/"), subject->key,
                   subject->wish.service);
    return other_holds(world, subject, true, name, holder);
}

struct earlier earlier_note(const struct world *world, const char *key)
{
    return (struct earlier){uncovered(world, key, false), claims_of(world, key, false),
                            claims_of(world, key, true)};
}

void earlier_release(struct earlier *earlier)
{
    json_decref(earlier->uncovered);
    json_decref(earlier->hosts);
    json_decref(earlier->services);
}
