/* SPDX-License-Identifier: Apache-2.0 */
/* Rules 3, 4, 5 and 8: what may be written and removed at all, and how often. */
#include "base/json.h"
#include "rules.h"

#include <stdio.h>
#include <string.h>

static const char *label_of(const json_t *object, const char *name)
{
    return json_string_value(json_member(json_at(object, "metadata.labels"), name));
}

static bool label_says(const json_t *object, const char *name, const char *value)
{
    const char *found = label_of(object, name);

    return found && (strcmp(found, value) == 0 || strlen(value) > LABEL_MAX);
}

/* Whether it names the Api that there is, or one before it that may be all that was known. */
static bool names_uid(const struct world *world, const struct deed *deed)
{
    const char *uid = json_text_at(deed->subject->api, "metadata.uid");
    bool named = !uid || label_says(deed->after, "apiUid", uid);

    for (size_t i = deed->subject->behind; world->lags && i < json_array_size(deed->subject->past); i++) {
        uid = json_text_at(json_array_get(deed->subject->past, i), "metadata.uid");
        named = named || (uid && label_says(deed->after, "apiUid", uid));
    }
    return named;
}

/* What is written says whose it is. */
static void check_labels(struct world *world, const struct deed *deed)
{
    char space[KEY_SIZE];

    (void)snprintf(space, sizeof space, "%.*s", (int)strcspn(deed->key, "/"), deed->key);
    if (!label_says(deed->after, "createdBy", world->config.created_by) ||
        !label_says(deed->after, "apiNamespace", space) ||
        !label_says(deed->after, "apiName", strchr(deed->key, '/') + 1) || !names_uid(world, deed))
        blame(world, "5", deed->key, "%s is written without the labels of its Api", deed->thing->place);
    if (strcmp(space, deed->ref->name_space) != 0)
        blame(world, "5", deed->key, "%s is written to another namespace", deed->thing->place);
    if (json_member(deed->after, "status"))
        blame(world, "5", deed->key, "%s is written with a status", deed->thing->place);
    if (deed->thing->kind && deed->thing->kind->role == APIGW_ROLE_AUTHENTICATION &&
        json_at(deed->after, "metadata.ownerReferences"))
        blame(world, "5", deed->key, "%s could be collected before its route", deed->thing->place);
}

/* Only what we made for this Api is changed or removed. */
static void check_ours(struct world *world, const struct deed *deed)
{
    const char *owner = deed->before.owner;

    if (!deed->before.object)
        return;
    if (!thing_is_ours(world, deed->thing))
        blame(world, "5", deed->key, "%s is somebody else's and was %s", deed->thing->place,
              deed->after ? "changed" : "removed");
    else if (strcmp(owner, deed->key) != 0)
        blame(world, "5", deed->key, "%s is that of %s and was %s", deed->thing->place, owner,
              deed->after ? "changed" : "removed");
}

static bool made_for_a_former(const struct deed *deed)
{
    const char *uid = json_text_at(deed->subject->api, "metadata.uid");
    const char *label = label_of(deed->before.object, "apiUid");

    return uid && label && strcmp(uid, label) != 0;
}

/* Another object of the Api does what this one did. */
static bool is_replaced(const struct world *world, const struct deed *deed, int32_t use)
{
    json_t *names = deed->before.names[use];
    bool all = json_object_size(names) > 0;
    const char *name;
    json_t *value;

    json_object_foreach(names, name, value)
    {
        bool found = false;
        for (size_t i = 0; i < world->things_count; i++) {
            const struct thing *other = world->things[i];
            found = found || (other != deed->thing && thing_names(other, use, name) &&
                              thing_is_of(world, other, deed->key, deed->thing->kind->role));
        }
        all = all && found;
    }
    return all;
}

/* A route that stands without its wanted protection. */
static bool is_withdrawn(const struct world *world, const struct deed *deed)
{
    json_t *open = uncovered(world, deed->key, true);
    bool any = json_object_size(open) > 0;

    json_decref(open);
    return world->config.withdraw && deed->thing->kind->role == APIGW_ROLE_ROUTE &&
           deed->subject->wish.asks && any;
}

static bool takes_host_of(const struct world *world, const struct deed *deed, const json_t *api)
{
    struct wish wish;
    bool takes;

    wish_read(&wish, api, &world->config);
    takes = wish.valid && json_object_get(deed->before.names[APIGW_USE_CLAIMS_HOST], wish.host);
    wish_release(&wish);
    return takes;
}

/* A route for hosts that the Api never asked for: somebody has put its labels there. */
static bool is_forged(const struct world *world, const struct deed *deed)
{
    bool asked = takes_host_of(world, deed, deed->subject->api);
    const json_t *past;
    size_t i;

    json_array_foreach(deed->subject->past, i, past)
    {
        asked = asked || takes_host_of(world, deed, past);
    }
    return !asked;
}

/* Nothing is removed because something is missing. */
static void check_removal(struct world *world, const struct deed *deed)
{
    const struct subject *subject = deed->subject;
    const struct judge_kind *kind = deed->thing->kind;
    const char *place = deed->thing->place;

    if (!world->complete)
        blame(world, "3", deed->key, "%s was removed while the input is incomplete", place);
    if (!kind) {
        blame(world, "3", deed->key, "%s was removed and is of no backend's kind", place);
        return;
    }
    if (kind->lost || (!kind->enabled && kind->keep && lives(subject)))
        blame(world, "3", deed->key, "%s was removed and the operator keeps it", place);
    if (!kind->enabled || !lives(subject) || made_for_a_former(deed))
        return;
    if (!subject->wish.valid)
        blame(world, "3", deed->key, "%s was removed though the Api is refused", place);
    else if (kind->role == APIGW_ROLE_AUTHENTICATION && subject->wish.asks &&
             !is_replaced(world, deed, APIGW_USE_PROTECTS_SERVICE))
        blame(world, "3", deed->key, "%s was removed and is wanted", place);
    else if (kind->role == APIGW_ROLE_ROUTE && !is_withdrawn(world, deed) && !is_forged(world, deed) &&
             !is_replaced(world, deed, APIGW_USE_CLAIMS_HOST))
        blame(world, "3", deed->key, "%s was removed and is wanted", place);
}

/* Nothing is made for who is gone or refused, or by a backend that is off. */
static void check_creation(struct world *world, const struct deed *deed)
{
    const struct judge_kind *kind = deed->thing->kind;
    const char *verb = deed->before.object ? "changed" : "made";

    if (!lives(deed->subject))
        blame(world, "3", deed->key, "%s was %s for an Api that is gone", deed->thing->place, verb);
    else if (!deed->subject->wish.valid)
        blame(world, "claims", deed->key, "%s was %s for an Api that is refused", deed->thing->place, verb);
    if (!kind || !kind->enabled)
        blame(world, "3", deed->key, "%s was %s and no enabled backend makes it", deed->thing->place, verb);
}

static bool is_own_mark(const char *name)
{
    static const char *const marks[] = {"createdBy", "apiNamespace", "apiName", "apiUid"};

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (strcmp(name, marks[i]) == 0)
            return true;
    }
    return strncmp(name, "apigwd.io/", strlen("apigwd.io/")) == 0;
}

/* Takes off what never counts, and what only others have written beside. */
static void drop_marks(json_t *object, const json_t *other, const char *path)
{
    json_t *marks = json_at(object, path);
    const json_t *others = json_at(other, path);
    const char *name;
    json_t *value;
    void *next;

    json_object_foreach_safe(marks, next, name, value)
    {
        if (strcmp(name, "apiVersion") == 0 || (!is_own_mark(name) && !json_member(others, name)))
            (void)json_object_del(marks, name);
    }
    if (json_object_size(marks) == 0)
        (void)json_object_del(json_member(object, "metadata"), strchr(path, '.') + 1);
}

/* Whether nothing that counts changes. */
static bool says_the_same(const json_t *after, const json_t *before)
{
    json_t *first = json_deep_copy(after);
    json_t *second = json_deep_copy(before);
    bool same;

    drop_marks(first, first, "metadata.labels");
    drop_marks(first, first, "metadata.annotations");
    drop_marks(second, after, "metadata.labels");
    drop_marks(second, after, "metadata.annotations");
    same = json_equal(first, second);
    json_decref(first);
    json_decref(second);
    return same;
}

/* No write without a change, and no more than needed. */
static void check_thrift(struct world *world, const struct deed *deed)
{
    const struct judge_kind *kind = deed->thing->kind;
    unsigned limit = 1;

    if (world->resting)
        blame(world, "4", deed->key, "%s was written and nothing had happened", deed->thing->place);
    if (!deed->after && !deed->before.object)
        blame(world, "4", deed->key, "%s was removed and is not there", deed->thing->place);
    if (deed->after && deed->before.object && says_the_same(deed->after, deed->before.object))
        blame(world, "4", deed->key, "%s was written as it is", deed->thing->place);
    if (kind && kind->role == APIGW_ROLE_AUTHENTICATION && deed->subject->moving)
        limit = 2;
    /* One Api lets go of the place, and the next one takes it. */
    if (deed->thing->writes > 0 && strcmp(deed->thing->writer, deed->key) != 0)
        deed->thing->passed = true;
    (void)snprintf(deed->thing->writer, sizeof deed->thing->writer, "%s", deed->key);
    limit += deed->thing->passed;
    deed->thing->writes++;
    if (!world->spoilt && deed->thing->writes > limit)
        blame(world, "4", deed->key, "%s was written %u times for one change", deed->thing->place,
              deed->thing->writes);
}

void rules_of_ownership(struct world *world, const struct deed *deed)
{
    if (strcmp(deed->ref->group, API_GROUP) == 0) {
        blame(world, "8", deed->key, "an output was written over an Api: %s", deed->thing->place);
        return;
    }
    check_ours(world, deed);
    if (deed->after) {
        check_labels(world, deed);
        check_creation(world, deed);
    } else if (deed->before.object) {
        check_removal(world, deed);
    }
    check_thrift(world, deed);
}
