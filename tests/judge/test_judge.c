/* SPDX-License-Identifier: Apache-2.0 */
/* Each rule about outputs is broken by hand, and the judge says so; what is right passes. */
#include "../unit/harness.h"
#include "base/json.h"
#include "court.h"

static void test_clean(void)
{
    struct court court;

    court_open(&court);
    court_serve_open(&court);
    court_expect(&court, "", "");
    judge_api_gone(court.judge, "default/a");
    court_write(&court, CARD_ROAD, "a", NULL);
    court_write(&court, CARD_NOTE, "a", NULL);
    court_report(&court, "a", NULL);
    judge_rest(court.judge, true);
    court_expect(&court, "", "");
    court_close(&court);
    court_open(&court);
    court_serve_secured(&court);
    court_expect(&court, "", "");
    judge_api_gone(court.judge, "default/a");
    court_write(&court, CARD_ROAD, "a", NULL);
    court_write(&court, CARD_NOTE, "a", NULL);
    court_write(&court, CARD_LOCK, "a", NULL);
    court_report(&court, "a", NULL);
    judge_rest(court.judge, true);
    court_expect(&court, "", "");
    court_close(&court);
}

static void test_move(void)
{
    struct court court;

    court_open(&court);
    court_serve_secured(&court);
    court_api(&court, card_api("a", "s2", "h1", COURT_ISSUER));
    court_write(&court, CARD_LOCK, "a", card_lock("a", "s1", "s2", COURT_HOST, COURT_ISSUER));
    court_write(&court, CARD_ROAD, "a", card_road("a", COURT_HOST, "s2"));
    court_write(&court, CARD_LOCK, "a", card_lock("a", "s2", NULL, COURT_HOST, COURT_ISSUER));
    court_expect(&court, "", "");
    court_write(&court, CARD_LOCK, "a", card_lock("a", "s2", "s3", COURT_HOST, COURT_ISSUER));
    court_expect(&court, "4", "3 times");
    court_api(&court, card_api("a", "s1", "h1", COURT_ISSUER));
    court_write(&court, CARD_LOCK, "a", card_lock("a", "s1", NULL, COURT_HOST, COURT_ISSUER));
    court_expect(&court, "2", "the write of Lock/default/a uncovers Road/default/a to default/s2");
    court_write(&court, CARD_ROAD, "a", card_road("a", COURT_HOST, "s3"));
    court_expect(&court, "2", "Road/default/a to default/s3");
    court_close(&court);
}

static void test_route_first(void)
{
    struct court court;

    court_open(&court);
    court_api(&court, card_api("a", "s1", "h1", COURT_ISSUER));
    court_write(&court, CARD_ROAD, "a", card_road("a", COURT_HOST, "s1"));
    court_expect(&court, "2", "route written without the protection");
    court_write(&court, CARD_LOCK, "a", card_lock("a", "s1", NULL, "h2.kyma.local", COURT_ISSUER));
    court_write(&court, CARD_ROAD, "a", NULL);
    judge_forget(court.judge);
    court_write(&court, CARD_ROAD, "a", card_road("a", COURT_HOST, "s1"));
    court_expect(&court, "2", "route written without the protection");
    court_close(&court);
}

static void test_other_issuers(void)
{
    struct court court;

    court_open(&court);
    court_serve_secured(&court);
    court_api(&court, card_api("a", "s1", "h2", "https://two.example"));
    court_write(&court, CARD_ROAD, "a", card_road("a", "h2.kyma.local", "s1"));
    court_expect(&court, "2", "route written without the protection");
    court_write(&court, CARD_LOCK, "a", card_lock("a", "s1", NULL, "h2.kyma.local", COURT_ISSUER));
    court_expect(&court, "2", "issuers that the Api does not name");
    court_close(&court);
}

static void test_protection_removed(void)
{
    struct court court;

    court_open(&court);
    court_serve_secured(&court);
    judge_cause(court.judge);
    court_write(&court, CARD_LOCK, "a", NULL);
    court_expect(&court, "2", "the removal of Lock/default/a uncovers");
    court_close(&court);
    court_open(&court);
    court_serve_secured(&court);
    judge_api_gone(court.judge, "default/a");
    court_write(&court, CARD_LOCK, "a", NULL);
    court_expect(&court, "2", "the removal of Lock/default/a uncovers");
    court_close(&court);
    court_open(&court);
    court_serve_secured(&court);
    court_api(&court, card_api("a", "s1", "h1", NULL));
    court_write(&court, CARD_LOCK, "a", NULL);
    court_expect(&court, "", "");
    court_close(&court);
}

static void test_accept(void)
{
    struct court court;

    court_open(&court);
    cardboard_enable(&court.cardboard, CARD_LOCK, false);
    court_api(&court, card_api("a", "s1", "h1", COURT_ISSUER));
    court_write(&court, CARD_ROAD, "a", card_road("a", COURT_HOST, "s1"));
    court_expect(&court, "2", "route written without the protection");
    cardboard_accept(&court.cardboard, true);
    judge_configure(court.judge, &court.cardboard.judged);
    court_write(&court, CARD_ROAD, "a", card_road("a", "h1.kyma.local", "s2"));
    court_expect(&court, "", "");
    cardboard_enable(&court.cardboard, CARD_LOCK, true);
    judge_configure(court.judge, &court.cardboard.judged);
    court_write(&court, CARD_ROAD, "a", card_road("a", COURT_HOST, "s1"));
    court_expect(&court, "2", "route written without the protection");
    court_close(&court);
}

static void test_disabled(void)
{
    struct court court;

    court_open(&court);
    court_serve_secured(&court);
    cardboard_enable(&court.cardboard, CARD_LOCK, false);
    judge_configure(court.judge, &court.cardboard.judged);
    court_write(&court, CARD_LOCK, "a", NULL);
    court_expect(&court, "2", "the removal of Lock/default/a uncovers");
    court_close(&court);
    court_open(&court);
    court_serve_secured(&court);
    cardboard_enable(&court.cardboard, CARD_LOCK, false);
    cardboard_accept(&court.cardboard, true);
    judge_configure(court.judge, &court.cardboard.judged);
    court_write(&court, CARD_LOCK, "a", NULL);
    court_expect(&court, "", "");
    court_write(&court, CARD_LOCK, "a", card_lock("a", "s1", NULL, COURT_HOST, COURT_ISSUER));
    court_expect(&court, "3", "no enabled backend makes it");
    court.cardboard.kinds[CARD_LOCK].keep = true;
    court_write(&court, CARD_LOCK, "a", NULL);
    court_expect(&court, "3", "the operator keeps it");
    court_close(&court);
    court_open(&court);
    court_serve_open(&court);
    cardboard_enable(&court.cardboard, CARD_ROAD, false);
    court.cardboard.kinds[CARD_ROAD].keep = true;
    judge_configure(court.judge, &court.cardboard.judged);
    judge_api_gone(court.judge, "default/a");
    judge_rest(court.judge, true);
    court_expect(&court, "1", "Road/default/a is left over");
    judge_cause(court.judge);
    court_write(&court, CARD_ROAD, "a", NULL);
    court_expect(&court, "", "");
    court.cardboard.kinds[CARD_NOTE].lost = true;
    court_write(&court, CARD_NOTE, "a", NULL);
    court_expect(&court, "3", "the operator keeps it");
    court_close(&court);
}

static void test_withdraw(void)
{
    struct court court;

    court_open(&court);
    court_serve_secured(&court);
    court_foreign(&court, CARD_LOCK, "a", NULL);
    court.cardboard.judged.withdraw = true;
    judge_configure(court.judge, &court.cardboard.judged);
    judge_rest(court.judge, false);
    court_expect(&court, "2", "was not withdrawn");
    judge_cause(court.judge);
    court_write(&court, CARD_ROAD, "a", NULL);
    court_expect(&court, "", "");
    court_close(&court);
    court_open(&court);
    court_serve_secured(&court);
    judge_cause(court.judge);
    court_write(&court, CARD_ROAD, "a", NULL);
    court_expect(&court, "3", "is wanted");
    court_close(&court);
}

static void test_removed(void)
{
    struct court court;

    court_open(&court);
    court_serve_open(&court);
    judge_cause(court.judge);
    court_write(&court, CARD_ROAD, "a", NULL);
    court_expect(&court, "3", "Road/default/a was removed and is wanted");
    court_close(&court);
    court_open(&court);
    court_serve_open(&court);
    court_api(&court, card_api("a", "s1", "not a host", NULL));
    court_write(&court, CARD_ROAD, "a", NULL);
    court_expect(&court, "3", "the Api is refused");
    judge_api_gone(court.judge, "default/a");
    judge_complete(court.judge, false);
    court_write(&court, CARD_NOTE, "a", NULL);
    court_expect(&court, "3", "the input is incomplete");
    court_write(&court, CARD_NOTE, "a", card_note("a"));
    court_expect(&court, "3", "an Api that is gone");
    court_close(&court);
}

static void test_thrift(void)
{
    struct court court;

    court_open(&court);
    court_serve_open(&court);
    court_write(&court, CARD_ROAD, "a", card_road("a", COURT_HOST, "s1"));
    court_expect(&court, "4", "written as it is");
    court_write(&court, CARD_ROAD, "a", card_road("a", "h2.kyma.local", "s1"));
    court_expect(&court, "4", "nothing had happened");
    judge_cause(court.judge);
    court_write(&court, CARD_ROAD, "a", card_road("a", COURT_HOST, "s1"));
    court_expect(&court, "", "");
    court_write(&court, CARD_ROAD, "a", card_road("a", "h2.kyma.local", "s1"));
    court_expect(&court, "4", "2 times");
    judge_fault(court.judge, "Road/default/a");
    judge_forget(court.judge);
    court_write(&court, CARD_ROAD, "a", card_road("a", COURT_HOST, "s1"));
    court_expect(&court, "", "");
    court_write(&court, CARD_LOCK, "a", NULL);
    court_expect(&court, "4", "is not there");
    court_close(&court);
}

static void test_foreign(void)
{
    struct court court;

    court_open(&court);
    court_api(&court, card_api("a", "s1", "h1", NULL));
    court_foreign(&court, CARD_ROAD, "a", unlabelled(card_road("a", "other.kyma.local", "s9")));
    court_write(&court, CARD_ROAD, "a", card_road("a", COURT_HOST, "s1"));
    court_expect(&court, "5", "somebody else's and was changed");
    court_foreign(&court, CARD_ROAD, "a", unlabelled(card_road("a", "other.kyma.local", "s9")));
    court_write(&court, CARD_ROAD, "a", NULL);
    court_expect(&court, "5", "somebody else's and was removed");
    court_foreign(&court, CARD_ROAD, "b", card_road("b", COURT_HOST, "s1"));
    court_write_for(&court, "a", CARD_ROAD, "b", card_road("a", COURT_HOST, "s1"));
    court_expect(&court, "5", "that of default/b");
    court_write(&court, CARD_NOTE, "a", unlabelled(card_note("a")));
    court_expect(&court, "5", "without the labels");
    court_write(&court, CARD_NOTE, "a", labelled(card_note("a"), "apiName", "b"));
    court_expect(&court, "5", "without the labels");
    court_close(&court);
}

static void test_historic(void)
{
    struct court court;
    json_t *api = card_api("a", "s1", "h1", NULL);

    court_open(&court);
    (void)json_object_set_new(json_member(api, "metadata"), "uid", json_string("u2"));
    court_api(&court, api);
    court_foreign(
        &court, CARD_ROAD, "a",
        labelled(labelled(card_road("a", COURT_HOST, "s1"), "createdBy", "api-controller"), "apiUid", "u2"));
    court_write(&court, CARD_ROAD, "a", labelled(card_road("a", COURT_HOST, "s1"), "apiUid", "u2"));
    court_expect(&court, "", "");
    court_foreign(
        &court, CARD_ROAD, "a",
        labelled(labelled(card_road("a", COURT_HOST, "s1"), "createdBy", "api-controller"), "apiUid", "u1"));
    court_write(&court, CARD_ROAD, "a", labelled(card_road("a", COURT_HOST, "s1"), "apiUid", "u2"));
    court_expect(&court, "5", "somebody else's");
    court_close(&court);
}

static void test_uid(void)
{
    struct court court;
    json_t *api = card_api("a", "s1", "h1", NULL);

    court_open(&court);
    (void)json_object_set_new(json_member(api, "metadata"), "uid", json_string("u2"));
    court_api(&court, api);
    court_write(&court, CARD_NOTE, "a", card_note("a"));
    court_expect(&court, "5", "without the labels");
    court_foreign(&court, CARD_NOTE, "a", labelled(card_note("a"), "apiUid", "u1"));
    court_write(&court, CARD_NOTE, "a", NULL);
    court_expect(&court, "", "");
    court_close(&court);
}

static void test_spec(void)
{
    struct court court;
    struct object_ref ref = {API_GROUP, API_VERSION, API_KIND, API_PLURAL, "default", "a"};
    json_t *api = card_api("a", "s1", "h1", NULL);

    court_open(&court);
    judge_api_put(court.judge, api);
    judge_look(court.judge, api);
    court_expect(&court, "", "");
    (void)json_object_set_new(json_member(api, "spec"), "authentication", json_array());
    judge_look(court.judge, api);
    court_expect(&court, "8", "not what the user wrote");
    judge_write(court.judge, "default/a", &ref, api, "", "");
    court_expect(&court, "8", "over an Api");
    json_decref(api);
    court_close(&court);
}

static json_t *born(json_t *api, const char *time)
{
    (void)json_object_set_new(json_member(api, "metadata"), "creationTimestamp", json_string(time));
    return api;
}

static void test_hosts(void)
{
    struct court court;

    court_open(&court);
    court_serve_open(&court);
    court_api(&court, born(card_api("b", "s2", "h1", NULL), "2020-01-01T00:00:00Z"));
    court_write(&court, CARD_ROAD, "b", card_road("b", COURT_HOST, "s2"));
    court_expect(&court, "claims", "takes the host h1.kyma.local, which default/a has");
    judge_cause(court.judge);
    court_write(&court, CARD_ROAD, "b", card_road("b", COURT_HOST, "s3"));
    court_expect(&court, "", "");
    court_foreign(&court, CARD_ROAD, "x", unlabelled(card_road("x", "h3.kyma.local", "s9")));
    court_api(&court, card_api("c", "s4", "h3", NULL));
    court_write(&court, CARD_ROAD, "c", card_road("c", "h3.kyma.local", "s4"));
    court_expect(&court, "claims", "which a foreign route has");
    judge_cause(court.judge);
    court_write(&court, CARD_ROAD, "a", card_road("a", "h9.kyma.local", "s1"));
    court_expect(&court, "claims", "loses the host");
    court_close(&court);
}

static void test_turns(void)
{
    struct court court;

    court_open(&court);
    court_api(&court, card_api("a", "s1", "h1", NULL));
    court_api(&court, born(card_api("b", "s2", "h1", NULL), "2020-01-01T00:00:00Z"));
    court_write(&court, CARD_ROAD, "a", card_road("a", COURT_HOST, "s1"));
    court_expect(&court, "claims", "before default/b, which is older");
    court_write(&court, CARD_ROAD, "a", NULL);
    judge_forget(court.judge);
    court_write(&court, CARD_ROAD, "b", card_road("b", COURT_HOST, "s2"));
    court_expect(&court, "", "");
    court_close(&court);
}

static void test_services(void)
{
    struct court court;

    court_open(&court);
    court_serve_open(&court);
    court_api(&court, card_api("b", "s1", "h2", COURT_ISSUER));
    court_write(&court, CARD_LOCK, "b", card_lock("b", "s1", NULL, "h2.kyma.local", COURT_ISSUER));
    court_expect(&court, "claims", "takes the Service default/s1, which default/a has");
    judge_api_gone(court.judge, "default/a");
    court_write(&court, CARD_ROAD, "a", NULL);
    court_api(&court, card_api("c", "s1", "h3", NULL));
    court_write(&court, CARD_ROAD, "c", card_road("c", "h3.kyma.local", "s1"));
    court_expect(&court, "claims", "takes the Service default/s1, which default/b has");
    court_close(&court);
}

static void test_refused(void)
{
    struct court court;

    court_open(&court);
    court_api(&court, card_api("a", "s1", "no host", NULL));
    court_write(&court, CARD_ROAD, "a", card_road("a", COURT_HOST, "s1"));
    court_expect(&court, "claims", "an Api that is refused");
    court_close(&court);
}

/* A route at our place that somebody has given another Api's labels: that one lets go of it, and ours is
 * made. */
static void test_forged(void)
{
    struct court court;

    court_open(&court);
    court_serve_open(&court);
    court_api(&court, card_api("b", "s2", "h2", NULL));
    court_foreign(&court, CARD_ROAD, "a", labelled(card_road("a", COURT_HOST, "s1"), "apiName", "b"));
    court_write_for(&court, "b", CARD_ROAD, "a", NULL);
    court_write(&court, CARD_ROAD, "a", card_road("a", COURT_HOST, "s1"));
    court_expect(&court, "", "");
    court_write(&court, CARD_ROAD, "a", card_road("a", COURT_HOST, "s3"));
    court_expect(&court, "4", "3 times");
    court_foreign(&court, CARD_ROAD, "a", labelled(card_road("a", "h2.kyma.local", "s1"), "apiName", "b"));
    court_write_for(&court, "b", CARD_ROAD, "a", NULL);
    court_expect(&court, "3", "Road/default/a was removed and is wanted");
    court_close(&court);
}

/* A slip is refused; what has no usable element is too, unless the operator lets it be open. */
static void test_wishes(void)
{
    struct court court;
    json_t *api = card_api("a", "s1", "h1", NULL);

    court_open(&court);
    (void)json_object_set_new(json_member(api, "spec"), "Authentications", json_array());
    court_api(&court, api);
    court_write(&court, CARD_ROAD, "a", card_road("a", COURT_HOST, "s1"));
    court_expect(&court, "claims", "an Api that is refused");
    court_close(&court);
    court_open(&court);
    api = card_api("a", "s1", "h1", NULL);
    (void)json_object_set_new(json_member(api, "spec"), "authentication", card_json("[{'type': 'JWT'}]"));
    court_api(&court, api);
    court_write(&court, CARD_ROAD, "a", card_road("a", COURT_HOST, "s1"));
    court_expect(&court, "claims", "an Api that is refused");
    court.cardboard.judged.unsecured = true;
    judge_configure(court.judge, &court.cardboard.judged);
    court_write(&court, CARD_ROAD, "a", card_road("a", COURT_HOST, "s2"));
    court_expect(&court, "", "");
    court_close(&court);
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
        {"what others made", test_foreign},
        {"what the historic controller made", test_historic},
        {"what was made for a former Api", test_uid},
        {"the user's spec", test_spec},
        {"a host that another has", test_hosts},
        {"the oldest comes first", test_turns},
        {"a Service that another has", test_services},
        {"a refused Api", test_refused},
        {"a route with the labels of another Api", test_forged},
        {"slips and incomplete authentication", test_wishes},
        {NULL, NULL},
    };

    return harness_run("judge", tests);
}
