/* SPDX-License-Identifier: Apache-2.0 */
/* One event: whose change it was, and what it is to the judge. */
#include "watched.h"

#include "base/json.h"
#include "world.h"

#include <stdio.h>
#include <string.h>

/* Who makes outputs and statuses; the field manager of the daemon. */
static const char *const daemon_name = "apigwd";

static const struct judge_kind *kind_of(const struct watched *watched, const json_t *object)
{
    const struct judge_config *config = &watched->hearing.configs->judged;

    for (size_t i = 0; i < config->count; i++) {
        if (object_is(object, config->kinds[i].kind->group, config->kinds[i].kind->kind))
            return &config->kinds[i];
    }
    return NULL;
}

/* Whether one of the managers of an object, the daemon or not, has the same entry in the other. */
static bool has_entry(const json_t *object, const json_t *entry)
{
    static const char *const names[] = {"manager", "operation", "subresource", "time"};
    const json_t *other;
    size_t i;

    json_array_foreach(json_at(object, "metadata.managedFields"), i, other)
    {
        bool same = true;
        for (size_t j = 0; j < sizeof names / sizeof *names; j++) {
            const json_t *left = json_member(other, names[j]);
            const json_t *right = json_member(entry, names[j]);
            same = same && (left == right || json_equal(left, right));
        }
        if (same)
            return true;
    }
    return false;
}

/* Whether somebody else than the daemon made the change. That is told by the times of managers: one of
 * another has changed, and none of the daemon's. Times are of whole seconds, so the second change of one
 * second may be taken for the daemon's: that blames, and hides nothing. What is removed nobody signs; it
 * counts as the daemon's, too. */
static bool is_foreign(const json_t *before, const json_t *after)
{
    const json_t *entry;
    bool others = false;
    size_t i;

    json_array_foreach(json_at(after, "metadata.managedFields"), i, entry)
    {
        const char *manager = json_text_at(entry, "manager");
        if (has_entry(before, entry))
            continue;
        if (manager && strcmp(manager, daemon_name) == 0)
            return false;
        others = true;
    }
    return others;
}

/* What the user wrote in an Api: all but the status, and what changes with it. */
static json_t *asked(const json_t *api)
{
    json_t *copy = json_deep_copy(api);
    json_t *metadata = json_member(copy, "metadata");

    (void)json_object_del(copy, "status");
    (void)json_object_del(metadata, "resourceVersion");
    (void)json_object_del(metadata, "managedFields");
    return copy;
}

static void tell_status(struct watched *watched, const char *key, const json_t *before, const json_t *api)
{
    const json_t *status = json_member(api, "status");
    const json_t *former = json_member(before, "status");

    if (status == former || json_equal(status, former))
        return;
    /* That of an Api which was not seen before was there before. */
    if (before && !is_foreign(before, api)) {
        judge_status(watched->hearing.judge, key, status);
        watched->hearing.statuses++;
    } else {
        judge_foreign_status(watched->hearing.judge, key, status);
        watched->foreign++;
    }
}

static void tell_api(struct watched *watched, const char *key, const json_t *before, const json_t *api)
{
    struct judge *judge = watched->hearing.judge;
    json_t *now = asked(api);
    json_t *then = asked(before);

    if (!api) {
        judge_api_gone(judge, key);
        judge_foreign_status(judge, key, NULL);
    } else if (!json_equal(now, then)) {
        judge_api_put(judge, now);
    }
    watched->hearing.edits += !json_equal(now, then);
    if (api)
        tell_status(watched, key, before, api);
    json_decref(now);
    json_decref(then);
}

/* An object of a backend's kind. Ours is what says so now, or said so before it was changed. */
static void tell_output(struct watched *watched, const struct judge_kind *kind, const json_t *before,
                        const json_t *object)
{
    const json_t *any = object ? object : before;
    const char *uid = json_text_at(object, "metadata.uid");
    const char *version = json_text_at(object, "metadata.resourceVersion");
    struct object_ref ref = {kind->kind->group,     NULL,
                             kind->kind->kind,      kind->kind->plural,
                             object_namespace(any), object_name(any)};
    json_t *copy = json_deep_copy(object);
    char key[KEY_SIZE];

    (void)json_object_del(json_member(copy, "metadata"), "managedFields");
    (void)made_for(&watched->hearing.configs->judged, any, key);
    if (!key[0])
        (void)made_for(&watched->hearing.configs->judged, before, key);
    if (key[0] && !(object && is_foreign(before, object))) {
        judge_write(watched->hearing.judge, key, &ref, copy, uid ? uid : "", version ? version : "");
        watched->hearing.writes++;
    } else {
        judge_foreign(watched->hearing.judge, &ref, copy, uid ? uid : "", version ? version : "");
        watched->foreign++;
    }
    json_decref(copy);
}

/* Keeps what stands; false if that is known, or something later. */
static bool remember(struct watched *watched, const char *place, const json_t *object, bool gone)
{
    const json_t *before = json_object_get(watched->seen, place);
    const json_t *version = json_at(object, "metadata.resourceVersion");

    if (gone ? !before : before && json_equal(json_at(before, "metadata.resourceVersion"), version))
        return false;
    return (gone ? json_object_del(watched->seen, place)
                 : json_object_set(watched->seen, place, json_iterable(object))) == 0;
}

static void tell_config(struct watched *watched, const char *text)
{
    struct record record = {"config", "", text ? text : "", text ? strlen(text) : 0};

    hearing_config(&watched->hearing, &record);
}

void watched_tell(struct watched *watched, const json_t *event)
{
    const json_t *object = json_member(event, "object");
    const char *type = json_text_at(event, "type");
    bool gone = type && strcmp(type, "DELETED") == 0;
    const struct judge_kind *kind = kind_of(watched, object);
    bool api = object_is(object, API_GROUP, API_KIND);
    char key[KEY_SIZE];
    char place[KEY_SIZE + 64];
    json_t *before;

    if (type && strcmp(type, "CONFIG") == 0)
        tell_config(watched, json_text_at(object, "text"));
    if (!api && !kind)
        return;
    key_format(key, object_namespace(object), object_name(object));
    (void)snprintf(place, sizeof place, "%s/%s", api ? API_KIND : kind->kind->kind, key);
    before = json_incref(json_object_get(watched->seen, place));
    if (remember(watched, place, object, gone)) {
        if (api)
            tell_api(watched, key, before, gone ? NULL : object);
        else
            tell_output(watched, kind, before, gone ? NULL : object);
    }
    json_decref(before);
}

static bool is_heard(const char *rule, bool settled)
{
    return settled || strcmp(rule, "2") == 0 || strcmp(rule, "5") == 0 || strcmp(rule, "8") == 0 ||
           strcmp(rule, "status") == 0;
}

static void print(const struct judge_finding *finding, const json_t *event, bool heard)
{
    const json_t *object = json_member(event, "object");

    (void)printf("# %s", heard ? "" : "set aside: ");
    if (event)
        (void)printf("version %s, %s %s %s", json_text_at(object, "metadata.resourceVersion"),
                     json_text_at(event, "type"), json_text_at(object, "kind"), object_name(object));
    else
        (void)printf("at rest");
    (void)printf(": rule %s: %s: %s\n", finding->rule, finding->key, finding->what);
}

void watched_judge(struct watched *watched, const json_t *event)
{
    struct judge *judge = watched->hearing.judge;

    for (size_t i = 0; i < judge_count(judge); i++) {
        struct judge_finding finding = judge_finding(judge, i);
        bool heard = is_heard(finding.rule, !event);
        print(&finding, event, heard);
        watched->hearing.found += heard;
        watched->aside += !heard;
    }
    judge_forget(judge);
}
