/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "object/place.h"

#include <stdio.h>
#include <string.h>

#define LABEL_63 "a23456789012345678901234567890123456789012345678901234567890123"

static void texts_mean_services(void)
{
    static const struct {
        const char *text;
        int32_t form;
        const char *key; /* NULL: none */
    } cases[] = {{"svc", APIGW_FORM_NAME, "t1/svc"},
                 {"1svc", APIGW_FORM_NAME, "t1/1svc"},
                 {LABEL_63, APIGW_FORM_NAME, "t1/" LABEL_63},
                 {LABEL_63 "4", APIGW_FORM_NAME, NULL},
                 {"svc.t1", APIGW_FORM_NAME, NULL},
                 {"SVC", APIGW_FORM_NAME, NULL},
                 {"a/b", APIGW_FORM_NAME, NULL},
                 {"", APIGW_FORM_NAME, NULL},
                 {"svc", APIGW_FORM_DNS_NAME, "t1/svc"},
                 {"svc.t2", APIGW_FORM_DNS_NAME, "t2/svc"},
                 {"svc.t2.svc", APIGW_FORM_DNS_NAME, "t2/svc"},
                 {"svc.t2.svc.cluster.local", APIGW_FORM_DNS_NAME, "t2/svc"},
                 {"svc.t2.svc.any.domain", APIGW_FORM_DNS_NAME, "t2/svc"},
                 {"svc.t2.svc.cluster.local.", APIGW_FORM_DNS_NAME, "t2/svc"},
                 {LABEL_63 "." LABEL_63 ".svc", APIGW_FORM_DNS_NAME, LABEL_63 "/" LABEL_63},
                 {LABEL_63 "4.t2", APIGW_FORM_DNS_NAME, NULL},
                 {"svc." LABEL_63 "4", APIGW_FORM_DNS_NAME, NULL},
                 {"www.example.com", APIGW_FORM_DNS_NAME, NULL},
                 {"svc.t2.svcs", APIGW_FORM_DNS_NAME, NULL},
                 {"svc.t2.SVC", APIGW_FORM_DNS_NAME, NULL},
                 {"svc..svc", APIGW_FORM_DNS_NAME, NULL},
                 {".t2", APIGW_FORM_DNS_NAME, NULL},
                 {".", APIGW_FORM_DNS_NAME, NULL},
                 {"*", APIGW_FORM_DNS_NAME, NULL},
                 {"*.t2.svc", APIGW_FORM_DNS_NAME, NULL},
                 {"s/x.t2", APIGW_FORM_DNS_NAME, NULL},
                 {"", APIGW_FORM_DNS_NAME, NULL}};
    char key[PLACE_SERVICE_SIZE];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool found = place_service(cases[i].text, cases[i].form, "t1", key);
        if (found != (cases[i].key != NULL) || (found && strcmp(key, cases[i].key) != 0)) {
            printf("# %s: expected %s, found %s\n", cases[i].text, cases[i].key ? cases[i].key : "none",
                   found ? key : "none");
            CU_FAIL("another Service than expected");
        }
    }
    CU_PASS();
}

/* What one says, the other one says too. */
static void both_ways_to_tell_a_service_agree(void)
{
    static const char *const texts[] = {"svc",         "svc.t1", "svc.t1.svc", "svc.t1.svc.cluster.local",
                                        "svc.t2",      "other",  "svc.t1.x",   "svcs",
                                        "svc.t11.svc", ""};
    static const int32_t forms[] = {APIGW_FORM_NAME, APIGW_FORM_DNS_NAME};
    char key[PLACE_SERVICE_SIZE];

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        for (size_t j = 0; j < 2; j++) {
            bool is = place_is_service(texts[i], forms[j], "t1", "svc");
            bool found = place_service(texts[i], forms[j], "t1", key) && strcmp(key, "t1/svc") == 0;
            CU_ASSERT_EQUAL(is, found);
        }
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"texts mean Services", texts_mean_services},
        {"both ways to tell a Service agree", both_ways_to_tell_a_service_agree},
        {NULL, NULL}};

    return harness_run("place", tests);
}
