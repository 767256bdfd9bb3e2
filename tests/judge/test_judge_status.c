/* SPDX-License-Identifier: Apache-2.0 */
/* Statuses that lie, and what the judge says to them. */
#include "../unit/harness.h"
#include "base/json.h"
#include "court.h"

static void test_thrift_of_status(void)
{
    struct court court;

    court_open(&court);
    court_serve_open(&court);
    court_report(&court, "a",
                 status_of(2, status_part(2, "a", "v1", NULL), status_part(2, "a", "v2", NULL), true));
    court_expect(&court, "4", "as it is");
    court_report(&court, "a",
                 status_of(2, status_part(2, "a", "v1", NULL),
                           status_part(3, "a", "v2", "older output kept: x"), false));
    court_expect(&court, "4", "nothing had happened");
    judge_cause(court.judge);
    court_report(&court, "a",
                 status_of(2, status_part(2, "a", "v1", NULL), status_part(2, "a", "v2", NULL), true));
    court_expect(&court, "", "");
    court_report(&court, "a",
                 status_of(2, status_part(2, "a", "v1", NULL),
                           status_part(3, "a", "v2", "older output kept: x"), false));
    court_expect(&court, "4", "2 statuses");
    court_close(&court);
}

static void test_early_status(void)
{
    struct court court;

    court_open(&court);
    court_api(&court, card_api("a", "s1", "h1", NULL));
    court_report(&court, "a",
                 status_of(2, status_part(0, NULL, NULL, NULL), status_part(2, NULL, NULL, NULL), true));
    court_expect(&court, "status", "code 2 and nothing exists");
    court_report(&court, "a",
                 status_of(2, status_part(0, NULL, NULL, NULL), status_part(0, "a", "v1", NULL), false));
    court_expect(&court, "status", "names a resource and none exists");
    court_write(&court, CARD_ROAD, "a", card_road("a", COURT_HOST, "s1"));
    court_report(&court, "a",
                 status_of(2, status_part(0, NULL, NULL, NULL), status_part(0, "a", "v1", NULL), false));
    court_expect(&court, "status", "code 0 and Road/default/a exists");
    court_report(&court, "a",
                 status_of(2, status_part(0, NULL, NULL, NULL), status_part(2, "a", "v0", NULL), true));
    court_expect(&court, "status", "does not name Road/default/a");
    court_api(&court, card_api("a", "s2", "h1", NULL));
    court_report(&court, "a",
                 status_of(2, status_part(0, NULL, NULL, NULL), status_part(2, "a", "v1", NULL), true));
    court_expect(&court, "status", "code 2 and Road/default/a is not as wanted");
    court_close(&court);
}

static void test_conditions(void)
{
    struct court court;
    json_t *value = status_of(2, status_part(2, "a", "v1", NULL), status_part(2, "a", "v2", NULL), true);

    court_open(&court);
    court_serve_open(&court);
    judge_cause(court.judge);
    (void)json_object_set_new(json_array_get(json_member(value, "conditions"), 1), "status",
                              json_string("False"));
    court_report(&court, "a", json_incref(value));
    court_expect(&court, "status", "Ready is not what the other conditions say");
    (void)json_array_remove(json_member(value, "conditions"), 1);
    court_report(&court, "a", json_incref(value));
    court_expect(&court, "status", "condition Programmed is missing");
    (void)json_object_set_new(value, "observedGeneration", json_integer(7));
    court_report(&court, "a", value);
    court_expect(&court, "status", "observedGeneration");
    court_report(
        &court, "a",
        status_secured(status_of(2, status_part(2, "a", "v1", NULL), status_part(2, "a", "v2", NULL), true),
                       status_part(2, "a", "v1", NULL), true));
    court_expect(&court, "status", "the Api asks for none");
    court_report(&court, "a",
                 status_of(3, status_part(2, "a", "v1", NULL), status_part(2, "a", "v2", NULL), true));
    judge_rest(court.judge, true);
    court_expect(&court, "status", "validationStatus is 3, not 2");
    court_close(&court);
}

static void test_secured_condition(void)
{
    struct court court;

    court_open(&court);
    court_serve_secured(&court);
    court_foreign(&court, CARD_LOCK, "a", NULL);
    judge_rest(court.judge, false);
    court_expect(&court, "status", "Secured is True and the route is open");
    judge_cause(court.judge);
    court_report(&court, "a",
                 status_of(2, status_part(2, "a", "v2", NULL), status_part(2, "a", "v3", NULL), true));
    court_expect(&court, "status", "condition Secured is missing");
    court_close(&court);
}

static void test_losers(void)
{
    struct court court;

    court_open(&court);
    court_serve_open(&court);
    court_api(&court, card_api("b", "s2", "h1", NULL));
    court_report(&court, "b",
                 status_of(2, status_part(0, NULL, NULL, NULL),
                           status_part(4, NULL, NULL, "the hostname h1.kyma.local is already in use by x"),
                           false));
    judge_rest(court.judge, true);
    court_expect(&court, "", "");
    court_report(&court, "b",
                 status_of(2, status_part(0, NULL, NULL, NULL), status_part(4, NULL, NULL, "taken"), false));
    judge_rest(court.judge, true);
    court_expect(&court, "status", "does not begin");
    court_report(&court, "b",
                 status_of(2, status_part(0, NULL, NULL, NULL), status_part(1, NULL, NULL, NULL), false));
    judge_rest(court.judge, true);
    court_expect(&court, "status", "has not code 4");
    court_api(&court, card_api("b", "s1", "h2", NULL));
    court_report(
        &court, "b",
        status_of(5, status_part(0, NULL, NULL, NULL), status_part(0, NULL, NULL, "default/a"), false));
    judge_rest(court.judge, true);
    court_expect(&court, "", "");
    court_report(&court, "b",
                 status_of(5, status_part(0, NULL, NULL, NULL), status_part(0, NULL, NULL, "who"), false));
    judge_rest(court.judge, true);
    court_expect(&court, "status", "does not name default/a");
    court_close(&court);
}

static void test_waiting_for_nobody(void)
{
    struct court court;

    court_open(&court);
    court_api(&court, card_api("b", "s2", "h1", NULL));
    court_report(&court, "b",
                 status_of(2, status_part(0, NULL, NULL, NULL),
                           status_part(4, NULL, NULL, "the hostname h1.kyma.local is already in use by x"),
                           false));
    judge_rest(court.judge, false);
    court_expect(&court, "status", "nobody has the host");
    court_report(&court, "b",
                 status_of(5, status_part(0, NULL, NULL, NULL), status_part(0, NULL, NULL, NULL), false));
    judge_rest(court.judge, false);
    court_expect(&court, "status", "validationStatus is 5, not 2");
    judge_rest(court.judge, true);
    court_expect(&court, "1", "nothing of Road stands as wanted");
    court_close(&court);
}

static void test_older_output(void)
{
    struct court court;

    court_open(&court);
    court_serve_open(&court);
    court_api(&court, card_api("a", "s2", "h1", NULL));
    court_report(&court, "a",
                 status_of(2, status_part(2, "a", "v1", NULL), status_part(3, "a", "v2", "no"), false));
    judge_rest(court.judge, false);
    court_expect(&court, "status", "does not say that Road/default/a was kept");
    judge_cause(court.judge);
    court_report(&court, "a",
                 status_of(2, status_part(2, "a", "v1", NULL),
                           status_part(3, "a", "v2", "older output kept: no"), false));
    judge_rest(court.judge, false);
    court_expect(&court, "", "");
    judge_rest(court.judge, true);
    court_expect(&court, "1", "nothing of Road stands as wanted");
    court_api(&court, card_api("a", "s1", "h1", NULL));
    court_report(&court, "a",
                 status_of(2, status_part(2, "a", "v1", NULL), status_part(3, "a", "v2", "no"), false));
    judge_rest(court.judge, true);
    court_expect(&court, "status", "stands as wanted and road has not code 2");
    court_close(&court);
}

static void test_leftovers(void)
{
    struct court court;

    court_open(&court);
    court_serve_open(&court);
    judge_api_gone(court.judge, "default/a");
    judge_complete(court.judge, false);
    judge_rest(court.judge, true);
    court_expect(&court, "", "");
    judge_complete(court.judge, true);
    judge_rest(court.judge, true);
    court_expect(&court, "1", "Road/default/a is left over");
    court_close(&court);
    court_open(&court);
    court_api(&court, card_api("a", "s1", "h1", NULL));
    judge_rest(court.judge, true);
    court_expect(&court, "status", "there is no status");
    court_report(&court, "a", NULL);
    court_expect(&court, "status", "the status of a living Api was removed");
    judge_api_gone(court.judge, "default/a");
    court_report(&court, "a",
                 status_of(2, status_part(0, NULL, NULL, NULL), status_part(0, NULL, NULL, NULL), false));
    court_expect(&court, "status", "an Api that is gone");
    court_close(&court);
}

int main(void)
{
    static const struct test tests[] = {
        {"a status too many", test_thrift_of_status},
        {"a status before the object", test_early_status},
        {"conditions that disagree", test_conditions},
        {"Secured that is not", test_secured_condition},
        {"losers know of whom", test_losers},
        {"losers of nobody", test_waiting_for_nobody},
        {"older outputs", test_older_output},
        {"leftovers", test_leftovers},
        {NULL, NULL},
    };

    return harness_run("judge of statuses", tests);
}
