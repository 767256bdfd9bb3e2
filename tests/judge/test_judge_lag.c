/* SPDX-License-Identifier: Apache-2.0 */
/* Where an edit is not known at once, rule 2 holds a write against what can have been known, and no less. */
#include "../unit/harness.h"
#include "base/json.h"
#include "court.h"

#define TWO "https://two.example"

static void edit(struct court *court, int generation, const char *service, const char *issuer)
{
    json_t *api = card_api("a", service, "h1", issuer);

    (void)json_object_update_new(json_member(api, "metadata"),
                                 json_pack("{s:s, s:i}", "uid", "u1", "generation", generation));
    court_api(court, api);
}

/* Looks at rule 2 alone. */
static void expect(struct court *court, const char *words)
{
    size_t found = 0;

    for (size_t i = 0; i < judge_count(court->judge); i++)
        found += judge_finding(court->judge, i).rule[0] == '2';
    if (words[0])
        court_expect(court, "2", words);
    else
        CU_ASSERT_EQUAL(found, 0);
    judge_forget(court->judge);
}

static void observe(struct court *court, int generation)
{
    court_report(court, "a", json_pack("{s:i}", "observedGeneration", generation));
    judge_forget(court->judge);
}

static void write_road(struct court *court, const char *service)
{
    court_write(court, CARD_ROAD, "a", card_road("a", COURT_HOST, service));
}

static void write_lock(struct court *court, const char *service, const char *issuer)
{
    court_write(court, CARD_LOCK, "a", card_lock("a", service, NULL, COURT_HOST, issuer));
}

static void open_lagging(struct court *court)
{
    court_open(court);
    judge_lag(court->judge);
}

static void test_decided_before(void)
{
    struct court court;

    open_lagging(&court);
    edit(&court, 1, "s1", NULL);
    edit(&court, 2, "s1", COURT_ISSUER);
    write_road(&court, "s1");
    expect(&court, "");
    CU_ASSERT_EQUAL(judge_late(court.judge), 1);
    observe(&court, 1);
    write_road(&court, "s2");
    expect(&court, "");
    observe(&court, 2);
    write_road(&court, "s1");
    expect(&court, "Road/default/a to default/s1");
    CU_ASSERT_EQUAL(judge_late(court.judge), 2);
    court_close(&court);
}

static void test_no_excuse(void)
{
    struct court court;

    court_open(&court);
    edit(&court, 1, "s1", NULL);
    edit(&court, 2, "s1", COURT_ISSUER);
    write_road(&court, "s1");
    expect(&court, "route written without");
    court_close(&court);
    open_lagging(&court);
    edit(&court, 1, "s1", COURT_ISSUER);
    edit(&court, 2, "s2", TWO);
    write_road(&court, "s2");
    expect(&court, "Road/default/a to default/s2");
    write_lock(&court, "s2", "https://third.example");
    expect(&court, "issuers that the Api does not name");
    CU_ASSERT_EQUAL(judge_late(court.judge), 0);
    court_close(&court);
}

/* Who has done what only a later Api asks for does not go back. */
static void test_never_back(void)
{
    struct court court;

    open_lagging(&court);
    edit(&court, 1, "s1", COURT_ISSUER);
    write_lock(&court, "s1", COURT_ISSUER);
    write_road(&court, "s1");
    edit(&court, 2, "s1", TWO);
    edit(&court, 3, "s1", NULL);
    write_lock(&court, "s1", TWO);
    expect(&court, "");
    write_lock(&court, "s1", COURT_ISSUER);
    expect(&court, "");
    write_lock(&court, "s1", TWO);
    expect(&court, "");
    edit(&court, 4, "s1", TWO);
    court_write(&court, CARD_LOCK, "a", NULL);
    expect(&court, "");
    observe(&court, 4);
    write_road(&court, "s1");
    expect(&court, "route written without");
    court_close(&court);
}

/* What was there under the name before is behind a status of the new one. */
static void test_another(void)
{
    struct court court;
    json_t *api = card_api("a", "s1", "h1", COURT_ISSUER);

    open_lagging(&court);
    edit(&court, 7, "s1", NULL);
    judge_api_gone(court.judge, "default/a");
    (void)json_object_update_new(json_member(api, "metadata"),
                                 json_pack("{s:s, s:i}", "uid", "u2", "generation", 1));
    court_api(&court, api);
    write_road(&court, "s1");
    expect(&court, "");
    observe(&court, 1);
    write_road(&court, "s1");
    expect(&court, "route written without");
    court_close(&court);
}

int main(void)
{
    static const struct test tests[] = {
        {"what was decided before an edit", test_decided_before},
        {"what no earlier Api explains", test_no_excuse},
        {"what is known is not forgotten", test_never_back},
        {"an Api that came in the place of another", test_another},
        {NULL, NULL},
    };

    return harness_run("judge, edits that are not known at once", tests);
}
