/* SPDX-License-Identifier: Apache-2.0 */
#include "controller_stage.h"
#include "harness.h"

#include "base/ahead.h"
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

/* So many that a second thread makes drafts. */
enum { MANY = 8 * AHEAD_ROW_MIN };

/* Puts the Apis of a round, and runs: each for itself, where nothing is drafted, or all at once. */
static void put_all(struct stage *stage, int round, bool apart)
{
    for (int i = 0; i < MANY; i++) {
        char key[32];
        char service[32];
        char host[32];
        (void)snprintf(key, sizeof key, "t%d/a%d", i % 7, i);
        /* In the second round another Service, which has to be protected beside the one before; some ask for
         * the host of their neighbour. */
        (void)snprintf(service, sizeof service, "svc%d-%d", i, round);
        (void)snprintf(host, sizeof host, "h%d", i % 16 == 5 ? i - 1 : i);
        stage_api(stage, key, service, host, i % 2 == 0 ? SECURED : "",
                  i % 16 == 5 ? "'creationTimestamp': '2021-01-01T00:00:00Z'"
                              : "'creationTimestamp': '2020-01-01T00:00:00Z'");
        if (apart)
            stage_run(stage);
    }
    stage_run(stage);
}

/* Whoever comes later makes an Api be looked at once more, which may report the same again. */
static void leave_out_reports(struct text *calls)
{
    char *from = calls->data;
    char *to = calls->data;

    while (*from) {
        size_t length = strcspn(from, "\n") + 1;
        if (strncmp(from, "report ", 7) != 0) {
            memmove(to, from, length);
            to += length;
        }
        from += length;
    }
    text_cut(calls, (size_t)(to - calls->data));
}

static struct stage *stage_new(enum store_texts texts)
{
    struct stage *stage = malloc(sizeof *stage);

    CU_ASSERT_PTR_NOT_NULL_FATAL(stage);
    stage_begin(stage);
    stage->options.texts = texts;
    stage_start(stage);
    return stage;
}

static void stage_free(struct stage *stage)
{
    stage_end(stage);
    free(stage);
}

static void what_was_drafted_is_what_would_have_been_made(void)
{
    struct stage *apart = stage_new(STORE_TEXTS_PLAIN);
    struct stage *together = stage_new(STORE_TEXTS_SQUEEZED);

    for (int round = 1; round <= 3; round++) {
        put_all(apart, round, true);
        put_all(together, round, false);
        leave_out_reports(&apart->calls);
        leave_out_reports(&together->calls);
        CU_ASSERT_STRING_EQUAL(together->calls.data, apart->calls.data);
        CU_ASSERT_TRUE(together->calls.length > 0);
        CU_ASSERT_TRUE(json_equal(together->statuses, apart->statuses));
        CU_ASSERT_TRUE(json_equal(together->gateway.objects, apart->gateway.objects));
        /* Otherwise nothing was compared. */
        CU_ASSERT_TRUE(json_object_size(together->statuses) == MANY);
        CU_ASSERT_STRING_EQUAL(stage_reason(together, "t4/a4"), "");
        CU_ASSERT_STRING_EQUAL(stage_reason(together, "t5/a5"), "HostnameInUse");
        text_clear(&apart->calls);
        text_clear(&together->calls);
    }
    stage_free(apart);
    stage_free(together);
}

static void all_are_served_that_come_at_once(void)
{
    struct stage stage;

    stage_begin(&stage);
    stage_start(&stage);
    put_all(&stage, 1, false);
    /* Each of them once, in the order in which they came. */
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.calls.data, "write Road/t1/a1\nreport t1/a1\nwrite Lock/t2/a2\n"));
    for (int i = 0; i < MANY; i++) {
        char line[48];
        const char *first;
        (void)snprintf(line, sizeof line, "report t%d/a%d\n", i % 7, i);
        first = strstr(stage.calls.data, line);
        CU_ASSERT_PTR_NOT_NULL(first);
        CU_ASSERT_PTR_NULL(first ? strstr(first + 1, line) : NULL);
    }
    text_clear(&stage.calls);
    stage_expect(&stage, "");
    stage_end(&stage);
}

/* A draft asks for what the Api asks for. A route that is refused now, or whose backend is only kept, stays
 * as it is, and so has to do what protects where it leads. */
static void a_route_that_stays_is_protected_beside_what_was_drafted(void)
{
    for (int kept = 0; kept < 2; kept++) {
        struct stage *stage = stage_new(STORE_TEXTS_SQUEEZED);
        struct text asked = text_empty();
        stage->gateway.scripts[GATEWAY_LOCK].asked = &asked;
        /* Drafts are made where several are due. */
        stage_api(stage, "t1/a1", "svc1", "h", SECURED, "");
        stage_api(stage, "t1/a2", "svc3", "h3", "", "");
        stage_run(stage);
        CU_ASSERT_STRING_EQUAL(asked.data, "svc1|h.kyma.local | ");
        text_clear(&asked);
        stage->gateway.backends[GATEWAY_ROAD].kept = kept == 1;
        stage->gateway.backends[GATEWAY_ROAD].enabled = kept == 0;
        stage->gateway.scripts[GATEWAY_ROAD].code = APIGW_NOT_READY;
        stage->gateway.scripts[GATEWAY_ROAD].message = "not now";
        stage_api(stage, "t1/a1", "svc2", "h", SECURED, "");
        stage_api(stage, "t1/a2", "svc3", "h3", "", "");
        stage_run(stage);
        CU_ASSERT_TRUE(stage_stands(stage, "Road/t1/a1"));
        CU_ASSERT_STRING_EQUAL(asked.data, "svc2|h.kyma.local svc1,svc2|h.kyma.local | ");
        stage->gateway.scripts[GATEWAY_LOCK].asked = NULL;
        text_release(&asked);
        stage_free(stage);
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"what was drafted is what would have been made", what_was_drafted_is_what_would_have_been_made},
        {"a route that stays is protected beside what was drafted",
         a_route_that_stays_is_protected_beside_what_was_drafted},
        {"all are served that come at once", all_are_served_that_come_at_once},
        {NULL, NULL},
    };

    return harness_run("draft", tests);
}
