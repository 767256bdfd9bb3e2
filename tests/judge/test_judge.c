/* SPDX-License-Identifier: Apache-2.0 */
/* Each rule is broken by hand, and the judge says so; what is right passes. */
#include "../unit/harness.h"
#include "base/json.h"
#include "cardboard.h"

#include <stdio.h>
#include <string.h>

#define ISSUER "https://one.example"
#define HOST "h1.kyma.local"

/* A cluster and its judge. */
struct court {
    struct cardboard cardboard;
    struct judge *judge;
    unsigned version;
};

static void open_court(struct court *court)
{
    *court = (struct court){.version = 0};
    cardboard_init(&court->cardboard);
    court->judge = judge_new(&court->cardboard.judged);
}

static void close_court(struct court *court)
{
    judge_free(court->judge);
    cardboard_release(&court->cardboard);
}

static void put_api(struct court *court, json_t *api)
{
    judge_api_put(court->judge, api);
    json_decref(api);
}

/* A write for the Api "default/FOR"; the object is moved in. */
static void write_for(struct court *court, const char *api, int backend, const char *name, json_t *object)
{
    struct object_ref ref = card_ref(backend, name);
    char key[KEY_SIZE];
    char version[32];

    key_format(key, "default", api);
    (void)snprintf(version, sizeof version, "v%u", ++court->version);
    judge_write(court->judge, key, &ref, object, "", version);
    json_decref(object);
}

static void write_own(struct court *court, int backend, const char *name, json_t *object)
{
    write_for(court, name, backend, name, object);
}

static void put_foreign(struct court *court, int backend, const char *name, json_t *object)
{
    struct object_ref ref = card_ref(backend, name);

    judge_foreign(court->judge, &ref, object, "", "f1");
    json_decref(object);
}

static json_t *foreign(json_t *object)
{
    (void)json_object_del(json_member(object, "metadata"), "labels");
    return object;
}

static json_t *labelled(json_t *object, const char *label, const char *value)
{
    (void)json_object_set_new(json_at(object, "metadata.labels"), label, json_string(value));
    return object;
}

/* Exactly these rules were broken, one finding each at least; "" for none. Forgets them. */
static void expect(struct court *court, const char *rule, const char *words)
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

static json_t *part(int code, const char *resource, const char *version, const char *error)
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
static json_t *status(int validation, json_t *note, json_t *road, bool ready)
{
    return json_pack("{s:i, s:i, s:o, s:o, s:[o,o,o]}", "observedGeneration", 1, "validationStatus",
                     validation, "note", note, "road", road, "conditions",
                     condition("Accepted", validation == 2), condition("Programmed", ready),
                     condition("Ready", ready));
}

static json_t *secured(json_t *value, json_t *lock, bool secure)
{
    (void)json_object_set_new(value, "authenticationStatus", lock);
    (void)json_array_append_new(json_member(value, "conditions"), condition("Secured", secure));
    return value;
}

static void report(struct court *court, const char *name, json_t *value)
{
    char key[KEY_SIZE];

    key_format(key, "default", name);
    judge_status(court->judge, key, value);
    json_decref(value);
}

static json_t *note(const char *name)
{
    json_t *object = card_road(name, HOST, "s1");

    (void)json_object_set_new(object, "kind", json_string("Note"));
    (void)json_object_set_new(object, "spec", card_json("{'host': '%s'}", HOST));
    return object;
}

/* An open Api "a", served: note v1, road v2, and its status. */
static void serve_open(struct court *court)
{
    put_api(court, card_api("a", "s1", "h1", NULL));
    write_own(court, CARD_NOTE, "a", note("a"));
    write_own(court, CARD_ROAD, "a", card_road("a", HOST, "s1"));
    report(court, "a", status(2, part(2, "a", "v1", NULL), part(2, "a", "v2", NULL), true));
    judge_rest(court->judge, true);
}

/* A secured Api "a", served: lock v1, note v2, road v3, and its status. */
static void serve_secured(struct court *court)
{
    put_api(court, card_api("a", "s1", "h1", ISSUER));
    write_own(court, CARD_LOCK, "a", card_lock("a", "s1", NULL, HOST, ISSUER));
    write_own(court, CARD_NOTE, "a", note("a"));
    write_own(court, CARD_ROAD, "a", card_road("a", HOST, "s1"));
    report(court, "a",
           secured(status(2, part(2, "a", "v2", NULL), part(2, "a", "v3", NULL), true),
                   part(2, "a", "v1", NULL), true));
    judge_rest(court->judge, true);
}

static void test_clean(void)
{
    struct court court;

    open_court(&court);
    serve_open(&court);
    expect(&court, "", "");
    judge_api_gone(court.judge, "default/a");
    write_own(&court, CARD_ROAD, "a", NULL);
    write_own(&court, CARD_NOTE, "a", NULL);
    report(&court, "a", NULL);
    judge_rest(court.judge, true);
    expect(&court, "", "");
    close_court(&court);
    open_court(&court);
    serve_secured(&court);
    expect(&court, "", "");
    judge_api_gone(court.judge, "default/a");
    write_own(&court, CARD_ROAD, "a", NULL);
    write_own(&court, CARD_NOTE, "a", NULL);
    write_own(&court, CARD_LOCK, "a", NULL);
    report(&court, "a", NULL);
    judge_rest(court.judge, true);
    expect(&court, "", "");
    close_court(&court);
}

static void test_move(void)
{
    struct court court;

    open_court(&court);
    serve_secured(&court);
    put_api(&court, card_api("a", "s2", "h1", ISSUER));
    write_own(&court, CARD_LOCK, "a", card_lock("a", "s1", "s2", HOST, ISSUER));
    write_own(&court, CARD_ROAD, "a", card_road("a", HOST, "s2"));
    write_own(&court, CARD_LOCK, "a", card_lock("a", "s2", NULL, HOST, ISSUER));
    expect(&court, "", "");
    write_own(&court, CARD_LOCK, "a", card_lock("a", "s2", "s3", HOST, ISSUER));
    expect(&court, "4", "3 times");
    put_api(&court, card_api("a", "s1", "h1", ISSUER));
    write_own(&court, CARD_LOCK, "a", card_lock("a", "s1", NULL, HOST, ISSUER));
    expect(&court, "2", "the write of Lock/default/a uncovers Road/default/a to default/s2");
    write_own(&court, CARD_ROAD, "a", card_road("a", HOST, "s3"));
    expect(&court, "2", "Road/default/a to default/s3");
    close_court(&court);
}

static void test_route_first(void)
{
    struct court court;

    open_court(&court);
    put_api(&court, card_api("a", "s1", "h1", ISSUER));
    write_own(&court, CARD_ROAD, "a", card_road("a", HOST, "s1"));
    expect(&court, "2", "route written without the protection");
    write_own(&court, CARD_LOCK, "a", card_lock("a", "s1", NULL, "h2.kyma.local", ISSUER));
    write_own(&court, CARD_ROAD, "a", NULL);
    judge_forget(court.judge);
    write_own(&court, CARD_ROAD, "a", card_road("a", HOST, "s1"));
    expect(&court, "2", "route written without the protection");
    close_court(&court);
}

static void test_other_issuers(void)
{
    struct court court;

    open_court(&court);
    serve_secured(&court);
    put_api(&court, card_api("a", "s1", "h2", "https://two.example"));
    write_own(&court, CARD_ROAD, "a", card_road("a", "h2.kyma.local", "s1"));
    expect(&court, "2", "route written without the protection");
    write_own(&court, CARD_LOCK, "a", card_lock("a", "s1", NULL, "h2.kyma.local", ISSUER));
    expect(&court, "2", "issuers that the Api does not name");
    close_court(&court);
}

static void test_protection_removed(void)
{
    struct court court;

    open_court(&court);
    serve_secured(&court);
    judge_cause(court.judge);
    write_own(&court, CARD_LOCK, "a", NULL);
    expect(&court, "2", "the removal of Lock/default/a uncovers");
    close_court(&court);
    open_court(&court);
    serve_secured(&court);
    judge_api_gone(court.judge, "default/a");
    write_own(&court, CARD_LOCK, "a", NULL);
    expect(&court, "2", "the removal of Lock/default/a uncovers");
    close_court(&court);
    open_court(&court);
    serve_secured(&court);
    put_api(&court, card_api("a", "s1", "h1", NULL));
    write_own(&court, CARD_LOCK, "a", NULL);
    expect(&court, "", "");
    close_court(&court);
}

static void test_accept(void)
{
    struct court court;

    open_court(&court);
    cardboard_enable(&court.cardboard, CARD_LOCK, false);
    put_api(&court, card_api("a", "s1", "h1", ISSUER));
    write_own(&court, CARD_ROAD, "a", card_road("a", HOST, "s1"));
    expect(&court, "2", "route written without the protection");
    cardboard_accept(&court.cardboard, true);
    judge_configure(court.judge, &court.cardboard.judged);
    write_own(&court, CARD_ROAD, "a", card_road("a", "h1.kyma.local", "s2"));
    expect(&court, "", "");
    cardboard_enable(&court.cardboard, CARD_LOCK, true);
    judge_configure(court.judge, &court.cardboard.judged);
    write_own(&court, CARD_ROAD, "a", card_road("a", HOST, "s1"));
    expect(&court, "2", "route written without the protection");
    close_court(&court);
}

static void test_disabled(void)
{
    struct court court;

    open_court(&court);
    serve_secured(&court);
    cardboard_enable(&court.cardboard, CARD_LOCK, false);
    judge_configure(court.judge, &court.cardboard.judged);
    write_own(&court, CARD_LOCK, "a", NULL);
    expect(&court, "2", "the removal of Lock/default/a uncovers");
    close_court(&court);
    open_court(&court);
    serve_secured(&court);
    cardboard_enable(&court.cardboard, CARD_LOCK, false);
    cardboard_accept(&court.cardboard, true);
    judge_configure(court.judge, &court.cardboard.judged);
    write_own(&court, CARD_LOCK, "a", NULL);
    expect(&court, "", "");
    write_own(&court, CARD_LOCK, "a", card_lock("a", "s1", NULL, HOST, ISSUER));
    expect(&court, "3", "no enabled backend makes it");
    court.cardboard.kinds[CARD_LOCK].keep = true;
    write_own(&court, CARD_LOCK, "a", NULL);
    expect(&court, "3", "the operator keeps it");
    close_court(&court);
}

static void test_withdraw(void)
{
    struct court court;

    open_court(&court);
    serve_secured(&court);
    put_foreign(&court, CARD_LOCK, "a", NULL);
    court.cardboard.judged.withdraw = true;
    judge_configure(court.judge, &court.cardboard.judged);
    judge_rest(court.judge, false);
    expect(&court, "2", "was not withdrawn");
    judge_cause(court.judge);
    write_own(&court, CARD_ROAD, "a", NULL);
    expect(&court, "", "");
    close_court(&court);
    open_court(&court);
    serve_secured(&court);
    judge_cause(court.judge);
    write_own(&court, CARD_ROAD, "a", NULL);
    expect(&court, "3", "is wanted");
    close_court(&court);
}

static void test_removed(void)
{
    struct court court;

    open_court(&court);
    serve_open(&court);
    judge_cause(court.judge);
    write_own(&court, CARD_ROAD, "a", NULL);
    expect(&court, "3", "Road/default/a was removed and is wanted");
    close_court(&court);
    open_court(&court);
    serve_open(&court);
    put_api(&court, card_api("a", "s1", "not a host", NULL));
    write_own(&court, CARD_ROAD, "a", NULL);
    expect(&court, "3", "the Api is refused");
    judge_api_gone(court.judge, "default/a");
    judge_complete(court.judge, false);
    write_own(&court, CARD_NOTE, "a", NULL);
    expect(&court, "3", "the input is incomplete");
    write_own(&court, CARD_NOTE, "a", note("a"));
    expect(&court, "3", "an Api that is gone");
    close_court(&court);
}

static void test_thrift(void)
{
    struct court court;

    open_court(&court);
    serve_open(&court);
    write_own(&court, CARD_ROAD, "a", card_road("a", HOST, "s1"));
    expect(&court, "4", "written as it is");
    write_own(&court, CARD_ROAD, "a", card_road("a", "h2.kyma.local", "s1"));
    expect(&court, "4", "nothing had happened");
    judge_cause(court.judge);
    write_own(&court, CARD_ROAD, "a", card_road("a", HOST, "s1"));
    expect(&court, "", "");
    write_own(&court, CARD_ROAD, "a", card_road("a", "h2.kyma.local", "s1"));
    expect(&court, "4", "2 times");
    judge_fault(court.judge);
    judge_forget(court.judge);
    write_own(&court, CARD_ROAD, "a", card_road("a", HOST, "s1"));
    expect(&court, "", "");
    write_own(&court, CARD_LOCK, "a", NULL);
    expect(&court, "4", "is not there");
    close_court(&court);
}

static void test_thrift_of_status(void)
{
    struct court court;

    open_court(&court);
    serve_open(&court);
    report(&court, "a", status(2, part(2, "a", "v1", NULL), part(2, "a", "v2", NULL), true));
    expect(&court, "4", "as it is");
    report(&court, "a",
           status(2, part(2, "a", "v1", NULL), part(3, "a", "v2", "older output kept: x"), false));
    expect(&court, "4", "nothing had happened");
    judge_cause(court.judge);
    report(&court, "a", status(2, part(2, "a", "v1", NULL), part(2, "a", "v2", NULL), true));
    expect(&court, "", "");
    report(&court, "a",
           status(2, part(2, "a", "v1", NULL), part(3, "a", "v2", "older output kept: x"), false));
    expect(&court, "4", "2 statuses");
    close_court(&court);
}

static void test_foreign(void)
{
    struct court court;

    open_court(&court);
    put_api(&court, card_api("a", "s1", "h1", NULL));
    put_foreign(&court, CARD_ROAD, "a", foreign(card_road("a", "other.kyma.local", "s9")));
    write_own(&court, CARD_ROAD, "a", card_road("a", HOST, "s1"));
    expect(&court, "5", "somebody else's and was changed");
    put_foreign(&court, CARD_ROAD, "a", foreign(card_road("a", "other.kyma.local", "s9")));
    write_own(&court, CARD_ROAD, "a", NULL);
    expect(&court, "5", "somebody else's and was removed");
    put_foreign(&court, CARD_ROAD, "b", labelled(card_road("b", HOST, "s1"), "createdBy", "api-controller"));
    write_for(&court, "a", CARD_ROAD, "b", card_road("a", HOST, "s1"));
    expect(&court, "5", "that of default/b");
    write_own(&court, CARD_NOTE, "a", foreign(note("a")));
    expect(&court, "5", "without the labels");
    write_own(&court, CARD_NOTE, "a", labelled(note("a"), "apiName", "b"));
    expect(&court, "5", "without the labels");
    close_court(&court);
}

static void test_uid(void)
{
    struct court court;
    json_t *api = card_api("a", "s1", "h1", NULL);

    open_court(&court);
    (void)json_object_set_new(json_member(api, "metadata"), "uid", json_string("u2"));
    put_api(&court, api);
    write_own(&court, CARD_NOTE, "a", note("a"));
    expect(&court, "5", "without the labels");
    put_foreign(&court, CARD_NOTE, "a", labelled(note("a"), "apiUid", "u1"));
    write_own(&court, CARD_NOTE, "a", NULL);
    expect(&court, "", "");
    close_court(&court);
}

static void test_spec(void)
{
    struct court court;
    struct object_ref ref = {API_GROUP, API_VERSION, API_KIND, API_PLURAL, "default", "a"};
    json_t *api = card_api("a", "s1", "h1", NULL);

    open_court(&court);
    judge_api_put(court.judge, api);
    judge_look(court.judge, api);
    expect(&court, "", "");
    (void)json_object_set_new(json_member(api, "spec"), "authentication", json_array());
    judge_look(court.judge, api);
    expect(&court, "9", "not what the user wrote");
    judge_write(court.judge, "default/a", &ref, api, "", "");
    expect(&court, "9", "over an Api");
    json_decref(api);
    close_court(&court);
}

static json_t *born(json_t *api, const char *time)
{
    (void)json_object_set_new(json_member(api, "metadata"), "creationTimestamp", json_string(time));
    return api;
}

static void test_hosts(void)
{
    struct court court;

    open_court(&court);
    serve_open(&court);
    put_api(&court, born(card_api("b", "s2", "h1", NULL), "2020-01-01T00:00:00Z"));
    write_own(&court, CARD_ROAD, "b", card_road("b", HOST, "s2"));
    expect(&court, "claims", "takes the host h1.kyma.local, which default/a has");
    judge_cause(court.judge);
    write_own(&court, CARD_ROAD, "b", card_road("b", HOST, "s3"));
    expect(&court, "", "");
    put_foreign(&court, CARD_ROAD, "x", foreign(card_road("x", "h3.kyma.local", "s9")));
    put_api(&court, card_api("c", "s4", "h3", NULL));
    write_own(&court, CARD_ROAD, "c", card_road("c", "h3.kyma.local", "s4"));
    expect(&court, "claims", "which a foreign route has");
    judge_cause(court.judge);
    write_own(&court, CARD_ROAD, "a", card_road("a", "h9.kyma.local", "s1"));
    expect(&court, "claims", "loses the host");
    close_court(&court);
}

static void test_turns(void)
{
    struct court court;

    open_court(&court);
    put_api(&court, card_api("a", "s1", "h1", NULL));
    put_api(&court, born(card_api("b", "s2", "h1", NULL), "2020-01-01T00:00:00Z"));
    write_own(&court, CARD_ROAD, "a", card_road("a", HOST, "s1"));
    expect(&court, "claims", "before default/b, which is older");
    write_own(&court, CARD_ROAD, "a", NULL);
    judge_forget(court.judge);
    write_own(&court, CARD_ROAD, "b", card_road("b", HOST, "s2"));
    expect(&court, "", "");
    close_court(&court);
}

static void test_services(void)
{
    struct court court;

    open_court(&court);
    serve_open(&court);
    put_api(&court, card_api("b", "s1", "h2", ISSUER));
    write_own(&court, CARD_LOCK, "b", card_lock("b", "s1", NULL, "h2.kyma.local", ISSUER));
    expect(&court, "claims", "takes the Service default/s1, which default/a has");
    judge_api_gone(court.judge, "default/a");
    write_own(&court, CARD_ROAD, "a", NULL);
    put_api(&court, card_api("c", "s1", "h3", NULL));
    write_own(&court, CARD_ROAD, "c", card_road("c", "h3.kyma.local", "s1"));
    expect(&court, "claims", "takes the Service default/s1, which default/b has");
    close_court(&court);
}

static void test_early_status(void)
{
    struct court court;

    open_court(&court);
    put_api(&court, card_api("a", "s1", "h1", NULL));
    report(&court, "a", status(2, part(0, NULL, NULL, NULL), part(2, NULL, NULL, NULL), true));
    expect(&court, "status", "code 2 and nothing exists");
    report(&court, "a", status(2, part(0, NULL, NULL, NULL), part(0, "a", "v1", NULL), false));
    expect(&court, "status", "names a resource and none exists");
    write_own(&court, CARD_ROAD, "a", card_road("a", HOST, "s1"));
    report(&court, "a", status(2, part(0, NULL, NULL, NULL), part(0, "a", "v1", NULL), false));
    expect(&court, "status", "code 0 and Road/default/a exists");
    report(&court, "a", status(2, part(0, NULL, NULL, NULL), part(2, "a", "v0", NULL), true));
    expect(&court, "status", "does not name Road/default/a");
    put_api(&court, card_api("a", "s2", "h1", NULL));
    report(&court, "a", status(2, part(0, NULL, NULL, NULL), part(2, "a", "v1", NULL), true));
    expect(&court, "status", "code 2 and Road/default/a is not as wanted");
    close_court(&court);
}

static void test_conditions(void)
{
    struct court court;
    json_t *value = status(2, part(2, "a", "v1", NULL), part(2, "a", "v2", NULL), true);

    open_court(&court);
    serve_open(&court);
    judge_cause(court.judge);
    (void)json_object_set_new(json_array_get(json_member(value, "conditions"), 1), "status",
                              json_string("False"));
    report(&court, "a", json_incref(value));
    expect(&court, "status", "Ready is not what the other conditions say");
    (void)json_array_remove(json_member(value, "conditions"), 1);
    report(&court, "a", json_incref(value));
    expect(&court, "status", "condition Programmed is missing");
    (void)json_object_set_new(value, "observedGeneration", json_integer(7));
    report(&court, "a", value);
    expect(&court, "status", "observedGeneration");
    report(&court, "a",
           secured(status(2, part(2, "a", "v1", NULL), part(2, "a", "v2", NULL), true),
                   part(2, "a", "v1", NULL), true));
    expect(&court, "status", "the Api asks for none");
    report(&court, "a", status(3, part(2, "a", "v1", NULL), part(2, "a", "v2", NULL), true));
    judge_rest(court.judge, true);
    expect(&court, "status", "validationStatus is 3, not 2");
    close_court(&court);
}

static void test_secured_condition(void)
{
    struct court court;

    open_court(&court);
    serve_secured(&court);
    put_foreign(&court, CARD_LOCK, "a", NULL);
    judge_rest(court.judge, false);
    expect(&court, "status", "Secured is True and the route is open");
    judge_cause(court.judge);
    report(&court, "a", status(2, part(2, "a", "v2", NULL), part(2, "a", "v3", NULL), true));
    expect(&court, "status", "condition Secured is missing");
    close_court(&court);
}

static void test_losers(void)
{
    struct court court;

    open_court(&court);
    serve_open(&court);
    put_api(&court, card_api("b", "s2", "h1", NULL));
    report(&court, "b",
           status(2, part(0, NULL, NULL, NULL),
                  part(4, NULL, NULL, "the hostname h1.kyma.local is already in use by x"), false));
    judge_rest(court.judge, true);
    expect(&court, "", "");
    report(&court, "b", status(2, part(0, NULL, NULL, NULL), part(4, NULL, NULL, "taken"), false));
    judge_rest(court.judge, true);
    expect(&court, "status", "does not begin");
    report(&court, "b", status(2, part(0, NULL, NULL, NULL), part(1, NULL, NULL, NULL), false));
    judge_rest(court.judge, true);
    expect(&court, "status", "has not code 4");
    put_api(&court, card_api("b", "s1", "h2", NULL));
    report(&court, "b", status(5, part(0, NULL, NULL, NULL), part(0, NULL, NULL, "default/a"), false));
    judge_rest(court.judge, true);
    expect(&court, "", "");
    report(&court, "b", status(5, part(0, NULL, NULL, NULL), part(0, NULL, NULL, "who"), false));
    judge_rest(court.judge, true);
    expect(&court, "status", "does not name default/a");
    close_court(&court);
}

static void test_waiting_for_nobody(void)
{
    struct court court;

    open_court(&court);
    put_api(&court, card_api("b", "s2", "h1", NULL));
    report(&court, "b",
           status(2, part(0, NULL, NULL, NULL),
                  part(4, NULL, NULL, "the hostname h1.kyma.local is already in use by x"), false));
    judge_rest(court.judge, false);
    expect(&court, "status", "nobody has the host");
    report(&court, "b", status(5, part(0, NULL, NULL, NULL), part(0, NULL, NULL, NULL), false));
    judge_rest(court.judge, false);
    expect(&court, "status", "validationStatus is 5, not 2");
    judge_rest(court.judge, true);
    expect(&court, "1", "nothing of Road stands as wanted");
    close_court(&court);
}

static void test_older_output(void)
{
    struct court court;

    open_court(&court);
    serve_open(&court);
    judge_cause(court.judge);
    report(&court, "a", status(2, part(2, "a", "v1", NULL), part(3, "a", "v2", "refused"), false));
    judge_rest(court.judge, false);
    expect(&court, "status", "does not say that Road/default/a was kept");
    judge_cause(court.judge);
    report(&court, "a",
           status(2, part(2, "a", "v1", NULL), part(3, "a", "v2", "older output kept: x"), false));
    judge_rest(court.judge, false);
    expect(&court, "", "");
    judge_rest(court.judge, true);
    expect(&court, "status", "stands as wanted and road has not code 2");
    close_court(&court);
}

static void test_leftovers(void)
{
    struct court court;

    open_court(&court);
    serve_open(&court);
    judge_api_gone(court.judge, "default/a");
    judge_complete(court.judge, false);
    judge_rest(court.judge, true);
    expect(&court, "", "");
    judge_complete(court.judge, true);
    judge_rest(court.judge, true);
    expect(&court, "1", "Road/default/a is left over");
    close_court(&court);
    open_court(&court);
    put_api(&court, card_api("a", "s1", "h1", NULL));
    judge_rest(court.judge, true);
    expect(&court, "status", "there is no status");
    report(&court, "a", NULL);
    expect(&court, "status", "the status of a living Api was removed");
    judge_api_gone(court.judge, "default/a");
    report(&court, "a", status(2, part(0, NULL, NULL, NULL), part(0, NULL, NULL, NULL), false));
    expect(&court, "status", "an Api that is gone");
    close_court(&court);
}

static void test_refused(void)
{
    struct court court;

    open_court(&court);
    put_api(&court, card_api("a", "s1", "no host", NULL));
    write_own(&court, CARD_ROAD, "a", card_road("a", HOST, "s1"));
    expect(&court, "claims", "an Api that is refused");
    close_court(&court);
}

int main(void)
{
    static const struct test tests[] = {
        {"what is right passes", test_clean},
        {"a protection moves over both Services", test_move},
        {"a route before its protection", test_route_first},
        {"a protection with other issuers", test_other_issuers},
        {"a protection that is removed", test_protection_removed},
        {"unprotected routes that the operator accepts", test_accept},
        {"a disabled backend", test_disabled},
        {"a route that is withdrawn", test_withdraw},
        {"a removal without reason", test_removed},
        {"a write too many", test_thrift},
        {"a status too many", test_thrift_of_status},
        {"what others made", test_foreign},
        {"what was made for a former Api", test_uid},
        {"the user's spec", test_spec},
        {"a host that another has", test_hosts},
        {"the oldest comes first", test_turns},
        {"a Service that another has", test_services},
        {"a status before the object", test_early_status},
        {"conditions that disagree", test_conditions},
        {"Secured that is not", test_secured_condition},
        {"losers know of whom", test_losers},
        {"losers of nobody", test_waiting_for_nobody},
        {"older outputs", test_older_output},
        {"leftovers", test_leftovers},
        {"a refused Api", test_refused},
        {NULL, NULL},
    };

    return harness_run("judge", tests);
}
