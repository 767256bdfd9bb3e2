/* SPDX-License-Identifier: Apache-2.0 */
#include "court.h"

#include "../unit/harness.h"
#include "base/json.h"

#include <stdio.h>
#include <string.h>

void court_open(struct court *court)
{
    *court = (struct court){.version = 0};
    cardboard_init(&court->cardboard);
    court->judge = judge_new(&court->cardboard.judged);
}

void court_close(struct court *court)
{
    judge_free(court->judge);
    cardboard_release(&court->cardboard);
}

void court_api(struct court *court, json_t *api)
{
    judge_api_put(court->judge, api);
    json_decref(api);
}

/* A write for the Api "default/FOR"; the object is moved in. */
void court_write_for(struct court *court, const char *api, int backend, const char *name, json_t *object)
{
    struct object_ref ref = card_ref(backend, name);
    char key[KEY_SIZE];
    char version[32];

    key_format(key, "default", api);
    (void)snprintf(version, sizeof version, "v%u", ++court->version);
    judge_write(court->judge, key, &ref, object, "", version);
    json_decref(object);
}

void court_write(struct court *court, int backend, const char *name, json_t *object)
{
    court_write_for(court, name, backend, name, object);
}

void court_foreign(struct court *court, int backend, const char *name, json_t *object)
{
    struct object_ref ref = card_ref(backend, name);

    judge_foreign(court->judge, &ref, object, "", "f1");
    json_decref(object);
}

json_t *unlabelled(json_t *object)
{
    (void)json_object_del(json_member(object, "metadata"), "labels");
    return object;
}

json_t *labelled(json_t *object, const char *label, const char *value)
{
    (void)json_object_set_new(json_at(object, "metadata.labels"), label, json_string(value));
    return object;
}

/* Exactly these rules were broken, one finding each at least; "" for none. Forgets them. */
void court_expect(struct court *court, const char *rule, const char *words)
{
    size_t count = judge_count(court->judge);
    bool found = false;

    for (size_t i = 0; i < count; i++) {
        struct judge_finding finding = judge_finding(court->judge, i);
        found = found || (strcmp(finding.rule, rule) == 0 && strstr(finding.what, words));
    }
    if (rule[0] ? !found : count > 0)
        judge_print(court->judge, "unexpected");
    CU_ASSERT_TRUE(rule[0] ? found : count == 0);
    judge_forget(court->judge);
}

json_t *status_part(int code, const char *resource, const char *version, const char *error)
{
    json_t *value = json_pack("{s:i, s:{}}", "code", code, "resource");

    if (resource)
        (void)json_object_update_new(json_member(value, "resource"),
                                     json_pack("{s:s, s:s}", "name", resource, "version", version));
    if (error)
        (void)json_object_set_new(value, "lastError", json_string(error));
    return value;
}

static json_t *condition(const char *type, bool status)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "type", type, "status", status ? "True" : "False", "reason",
                     "Served", "message", "", "lastTransitionTime", "2026-01-01T00:00:00Z");
}

/* A status of an open Api. */
json_t *status_of(int validation, json_t *note, json_t *road, bool ready)
{
    return json_pack("{s:i, s:i, s:o, s:o, s:[o,o,o]}", "observedGeneration", 1, "validationStatus",
                     validation, "note", note, "road", road, "conditions",
                     condition("Accepted", validation == 2), condition("Programmed", ready),
                     condition("Ready", ready));
}

json_t *status_secured(json_t *value, json_t *lock, bool secure)
{
    (void)json_object_set_new(value, "authenticationStatus", lock);
    (void)json_array_append_new(json_member(value, "conditions"), condition("Secured", secure));
    return value;
}

void court_report(struct court *court, const char *name, json_t *value)
{
    char key[KEY_SIZE];

    key_format(key, "default", name);
    judge_status(court->judge, key, value);
    json_decref(value);
}

json_t *card_note(const char *name)
{
    json_t *object = card_road(name, COURT_HOST, "s1");

    (void)json_object_set_new(object, "kind", json_string("Note"));
    (void)json_object_set_new(object, "spec", card_json("{'host': '%s'}", COURT_HOST));
    return object;
}

/* An open Api "a", served: note v1, road v2, and its status. */
void court_serve_open(struct court *court)
{
    court_api(court, card_api("a", "s1", "h1", NULL));
    court_write(court, CARD_NOTE, "a", card_note("a"));
    court_write(court, CARD_ROAD, "a", card_road("a", COURT_HOST, "s1"));
    court_report(court, "a",
                 status_of(2, status_part(2, "a", "v1", NULL), status_part(2, "a", "v2", NULL), true));
    judge_rest(court->judge, true);
}

/* A secured Api "a", served: lock v1, note v2, road v3, and its status. */
void court_serve_secured(struct court *court)
{
    court_api(court, card_api("a", "s1", "h1", COURT_ISSUER));
    court_write(court, CARD_LOCK, "a", card_lock("a", "s1", NULL, COURT_HOST, COURT_ISSUER));
    court_write(court, CARD_NOTE, "a", card_note("a"));
    court_write(court, CARD_ROAD, "a", card_road("a", COURT_HOST, "s1"));
    court_report(
        court, "a",
        status_secured(status_of(2, status_part(2, "a", "v2", NULL), status_part(2, "a", "v3", NULL), true),
                       status_part(2, "a", "v1", NULL), true));
    judge_rest(court->judge, true);
}
