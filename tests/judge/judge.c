/* SPDX-License-Identifier: Apache-2.0 */
#include "judge.h"

#include "base/json.h"
#include "rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Statuses that one change may bring to an Api that waits for others: as they go, as the next one comes, and
 * as that one stands. */
enum { REPORTS_WAITING = 3 };

struct judge {
    struct world world;
};

struct judge *judge_new(const struct judge_config *config)
{
    struct judge *judge = calloc(1, sizeof *judge);

    if (!judge)
        abort();
    judge->world = (struct world){.config = *config, .complete = true, .findings = json_array()};
    return judge;
}

void judge_free(struct judge *judge)
{
    if (!judge)
        return;
    for (size_t i = 0; i < judge->world.things_count; i++) {
        stand_release(&judge->world.things[i]->now);
        free(judge->world.things[i]->place);
        free(judge->world.things[i]);
    }
    for (size_t i = 0; i < judge->world.subjects_count; i++) {
        json_decref(judge->world.subjects[i]->api);
        json_decref(judge->world.subjects[i]->status);
        json_decref(judge->world.subjects[i]->past);
        wish_release(&judge->world.subjects[i]->wish);
        free(judge->world.subjects[i]);
    }
    free(judge->world.things);
    free(judge->world.subjects);
    json_decref(judge->world.findings);
    free(judge);
}

void judge_cause(struct judge *judge)
{
    struct world *world = &judge->world;

    world->causes++;
    world->resting = false;
    world->spoilt = false;
    world->refused[0] = '\0';
    for (size_t i = 0; i < world->things_count; i++) {
        world->things[i]->writes = 0;
        world->things[i]->passed = false;
    }
    for (size_t i = 0; i < world->subjects_count; i++) {
        world->subjects[i]->reports = 0;
        world->subjects[i]->moving = false;
        world->subjects[i]->waited = false;
    }
}

static void read_wish(struct world *world, struct subject *subject)
{
    wish_release(&subject->wish);
    if (subject->api)
        wish_read(&subject->wish, subject->api, &world->config);
}

/* Kinds of the new config take the place of those of the old one. */
static void change_kinds(struct world *world, const struct judge_config *config)
{
    for (size_t i = 0; i < world->things_count; i++) {
        struct thing *thing = world->things[i];
        const struct judge_kind *old = thing->kind;
        thing->kind = NULL;
        for (size_t j = 0; old && j < config->count; j++) {
            if (config->kinds[j].kind == old->kind)
                thing->kind = &config->kinds[j];
        }
    }
}

void judge_configure(struct judge *judge, const struct judge_config *config)
{
    struct world *world = &judge->world;

    judge_cause(judge);
    change_kinds(world, config);
    world->config = *config;
    for (size_t i = 0; i < world->subjects_count; i++)
        read_wish(world, world->subjects[i]);
}

void judge_api_put(struct judge *judge, const json_t *api)
{
    char key[KEY_SIZE];
    struct subject *subject;

    key_format(key, object_namespace(api), object_name(api));
    judge_cause(judge);
    subject = world_subject(&judge->world, key);
    if (!subject->past)
        subject->past = json_array();
    if (subject->api)
        (void)json_array_append_new(subject->past, subject->api);
    subject->api = json_deep_copy(api);
    subject->since = judge->world.causes;
    subject->began = 0;
    subject->first = false;
    subject->stumbled = false;
    read_wish(&judge->world, subject);
}

void judge_api_gone(struct judge *judge, const char *key)
{
    struct subject *subject = world_subject(&judge->world, key);

    judge_cause(judge);
    if (subject->api)
        (void)json_array_append_new(subject->past, subject->api);
    subject->api = NULL;
    read_wish(&judge->world, subject);
}

void judge_foreign_status(struct judge *judge, const char *key, const json_t *status)
{
    struct subject *subject = world_subject(&judge->world, key);

    judge_cause(judge);
    json_decref(subject->status);
    subject->status = json_deep_copy(status);
}

void judge_excuse(struct judge *judge, const char *key, bool excused)
{
    struct subject *subject = world_subject(&judge->world, key);

    if (subject->excused != excused)
        judge_cause(judge);
    subject->excused = excused;
}

void judge_complete(struct judge *judge, bool complete)
{
    if (judge->world.complete != complete)
        judge_cause(judge);
    judge->world.complete = complete;
}

void judge_foreign(struct judge *judge, const struct object_ref *ref, const json_t *object, const char *uid,
                   const char *version)
{
    struct thing *thing;

    judge_cause(judge);
    thing = world_thing(&judge->world, ref);
    stand_release(&thing->now);
    thing->now = stand_of(&judge->world, thing, object, uid, version);
}

void judge_lag(struct judge *judge)
{
    judge->world.lags = true;
}

size_t judge_late(const struct judge *judge)
{
    return judge->world.late;
}

/* Whether a live route of the Api leads elsewhere than it is to. */
static bool is_moving(const struct world *world, const struct subject *subject)
{
    char service[600];

    (void)snprintf(service, sizeof service, "%.*s/%s", (int)strcspn(subject->key, "/"), subject->key,
                   subject->wish.service);
    for (size_t i = 0; i < world->things_count; i++) {
        const struct thing *thing = world->things[i];
        if (thing_is_of(world, thing, subject->key, APIGW_ROLE_ROUTE) &&
            (!thing_names(thing, APIGW_USE_CLAIMS_HOST, subject->wish.host) ||
             !thing_names(thing, APIGW_USE_LEADS_TO_SERVICE, service)))
            return true;
    }
    return false;
}

/* Somebody else has what they have begun to take. */
static void note_losers(struct world *world)
{
    char holder[KEY_SIZE];

    for (size_t i = 0; i < world->subjects_count; i++) {
        struct subject *subject = world->subjects[i];
        subject->first = subject->first && lives(subject) && !host_is_held(world, subject, holder) &&
                         !service_is_held(world, subject, holder);
    }
}

void judge_write(struct judge *judge, const char *key, const struct object_ref *ref, const json_t *object,
                 const char *uid, const char *version)
{
    struct world *world = &judge->world;
    struct thing *thing = world_thing(world, ref);
    struct subject *subject = world_subject(world, key);
    struct earlier earlier = earlier_note(world, key);
    struct deed deed = {key, subject, thing, ref, thing->now, object};

    if (subject->began == 0) {
        subject->began = world->causes;
        subject->first = is_in_turn(world, subject);
    }
    subject->moving = subject->moving || is_moving(world, subject);
    rules_of_ownership(world, &deed);
    thing->now = stand_of(world, thing, object, uid, version);
    rules_of_exposure(world, &deed, &earlier);
    /* Who may take what follows from what several Apis were known to want. */
    if (!world->lags) {
        note_losers(world);
        rules_of_claims(world, &deed, &earlier);
    }
    earlier_release(&earlier);
    stand_release(&deed.before);
}

/* A copy without the times of conditions. */
static json_t *timeless(const json_t *status)
{
    json_t *copy = json_deep_copy(status);
    json_t *element;
    size_t i;

    json_array_foreach(json_member(copy, "conditions"), i, element)
    {
        (void)json_object_del(element, "lastTransitionTime");
    }
    return copy;
}

/* Whether the status says that somebody else has the host or the Service. */
static bool waits(const json_t *status)
{
    const char *name;
    json_t *part;
    size_t i;

    json_object_foreach(json_iterable(status), name, part)
    {
        if (json_integer_value(json_member(part, "code")) == 4)
            return true;
    }
    /* Where no route is to be published there is none that could have the code. */
    json_array_foreach(json_member(status, "conditions"), i, part)
    {
        name = json_string_value(json_member(part, "reason"));
        if (name && strcmp(name, "HostnameInUse") == 0)
            return true;
    }
    return json_integer_value(json_member(status, "validationStatus")) == 5;
}

static void check_report(struct world *world, struct subject *subject, const json_t *status)
{
    char holder[KEY_SIZE];
    json_t *before = timeless(subject->status);
    json_t *after = timeless(status);

    subject->waited = subject->waited || host_is_held(world, subject, holder) ||
                      service_is_held(world, subject, holder) || waits(subject->status) || waits(status);
    if (world->resting)
        blame(world, "4", subject->key, "a status was written and nothing had happened");
    if (before == after || json_equal(before, after))
        blame(world, "4", subject->key, "a status was written as it is");
    if (!world->spoilt && !subject->stumbled && subject->reports > (subject->waited ? REPORTS_WAITING : 1U))
        blame(world, "4", subject->key, "%u statuses were written for one change", subject->reports);
    json_decref(before);
    json_decref(after);
}

/* Whether the status is about what the user wrote before, which was in work as the last edit came. */
static bool is_late(const struct subject *subject)
{
    const json_t *generation = json_member(subject->status, "observedGeneration");
    const json_t *past;
    size_t i;

    if (!generation || json_equal(generation, json_at(subject->api, "metadata.generation")))
        return false;
    json_array_foreach(subject->past, i, past)
    {
        if (json_equal(generation, json_at(past, "metadata.generation")))
            return true;
    }
    return false;
}

/* What the status tells as observed is known from here on, and what came before it is not what counts. */
static void leave_behind(struct subject *subject)
{
    json_int_t observed = json_integer_value(json_member(subject->status, "observedGeneration"));
    const char *uid = json_text_at(subject->api, "metadata.uid");

    while (uid && observed > 0 && subject->behind < json_array_size(subject->past)) {
        const json_t *past = json_array_get(subject->past, subject->behind);
        const char *former = json_text_at(past, "metadata.uid");
        if (former && strcmp(former, uid) == 0 &&
            json_integer_value(json_at(past, "metadata.generation")) >= observed)
            break;
        subject->behind++;
    }
}

void judge_status(struct judge *judge, const char *key, const json_t *status)
{
    struct world *world = &judge->world;
    struct subject *subject = world_subject(world, key);

    subject->reports++;
    check_report(world, subject, status);
    json_decref(subject->status);
    subject->status = json_deep_copy(status);
    leave_behind(subject);
    if (!status && lives(subject))
        blame(world, "status", key, "the status of a living Api was removed");
    if (status && !subject->api)
        blame(world, "status", key, "a status was written for an Api that is gone");
    if (status && subject->api && !is_late(subject))
        rules_of_status(world, subject);
}

void judge_look(struct judge *judge, const json_t *api)
{
    char key[KEY_SIZE];
    const struct subject *subject;
    const json_t *spec = json_member(api, "spec");
    const json_t *past;
    bool known;
    size_t i;

    key_format(key, object_namespace(api), object_name(api));
    subject = world_find(&judge->world, key);
    known = subject && subject->api && json_equal(spec, json_member(subject->api, "spec"));
    json_array_foreach(subject ? subject->past : NULL, i, past)
    {
        known = known || json_equal(spec, json_member(past, "spec"));
    }
    if (!known)
        blame(&judge->world, "8", key, "the spec is not what the user wrote");
}

void judge_fault(struct judge *judge, const char *place)
{
    (void)snprintf(judge->world.refused, sizeof judge->world.refused, "%s", place);
    judge->world.spoilt = true;
    for (size_t i = 0; i < judge->world.subjects_count; i++) {
        struct subject *subject = judge->world.subjects[i];
        size_t length = strlen(subject->key);
        size_t whole = strlen(place);
        if (whole > length && strcmp(place + whole - length, subject->key) == 0)
            subject->stumbled = true;
    }
}

void judge_rest(struct judge *judge, bool healthy)
{
    for (size_t i = 0; i < judge->world.subjects_count; i++) {
        rules_at_rest(&judge->world, judge->world.subjects[i], healthy);
        judge->world.subjects[i]->stumbled = false;
    }
    judge->world.resting = true;
}

size_t judge_count(const struct judge *judge)
{
    return json_array_size(judge->world.findings);
}

struct judge_finding judge_finding(const struct judge *judge, size_t number)
{
    const json_t *finding = json_array_get(judge->world.findings, number);

    return (struct judge_finding){json_string_value(json_array_get(finding, 0)),
                                  json_string_value(json_array_get(finding, 1)),
                                  json_string_value(json_array_get(finding, 2))};
}

void judge_print(const struct judge *judge, const char *where)
{
    for (size_t i = 0; i < judge_count(judge); i++) {
        struct judge_finding finding = judge_finding(judge, i);
        (void)printf("# %s: rule %s: %s: %s\n", where, finding.rule, finding.key, finding.what);
    }
}

void judge_forget(struct judge *judge)
{
    (void)json_array_clear(judge->world.findings);
}
