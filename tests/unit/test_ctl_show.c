/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "daemon/ctl_remote.h"
#include "daemon/ctl_show.h"
#include "scarce.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* JSON with single quotes for double ones. */
static json_t *parse(const char *text)
{
    char *copy = strdup(text);
    json_t *value;

    for (char *c = copy; c && *c; c++) {
        if (*c == '\'')
            *c = '"';
    }
    value = copy ? json_loads(copy, 0, NULL) : NULL;
    free(copy);
    CU_ASSERT_PTR_NOT_NULL_FATAL(value);
    return value;
}

static bool same(const char *found, const char *wanted)
{
    if (strcmp(found, wanted) == 0)
        return true;
    printf("# expected:\n%s# found:\n%s", wanted, found);
    return false;
}

#define GOOD                                                                                                 \
    "{'namespace': 't1', 'name': 'a1', 'host': 'h1', 'service': 'svc1', 'port': 80, 'authentication': "      \
    "true, "                                                                                                 \
    "'secured': true, 'served': true, 'ready': true}"
#define BAD                                                                                                  \
    "{'namespace': 't1', 'name': 'a2', 'port': 0, 'authentication': false, 'secured': false, 'served': "     \
    "false, 'ready': false, 'reason': 'Invalid', 'message': 'no \\u001b[1m port'}"

static bool shows(const char *status, bool wide, const char *table, const char *notes)
{
    json_t *value = parse(status);
    struct text out = text_empty();
    struct text beside = text_empty();
    bool good = show_status(value, wide, &out, &beside) && same(out.data, table) && same(beside.data, notes);

    text_release(&out);
    text_release(&beside);
    json_decref(value);
    return good;
}

static void a_status_is_a_table(void)
{
    CU_ASSERT_TRUE(shows(
        "{'ready': true, 'clusters': [{'name': 'c', 'ready': true, 'apis': [" GOOD ", " BAD "]}]}", false,
        "NAMESPACE   NAME   HOST   SERVICE   SECURED   READY\n"
        "t1          a1     h1     svc1:80   True      True\n"
        "t1          a2     -      -         -         False\n",
        ""));
    CU_ASSERT_TRUE(shows("{'ready': true, 'clusters': [{'name': 'c', 'ready': true, 'apis': [" BAD "]}]}",
                         true,
                         "NAMESPACE   NAME   HOST   SERVICE   SECURED   READY   REASON    MESSAGE\n"
                         "t1          a2     -      -         -         False   Invalid   no \\x1b[1m port\n",
                         ""));
}

static void several_clusters_have_their_names(void)
{
    CU_ASSERT_TRUE(
        shows("{'ready': false, 'refusal': 'c.yaml:1:1: error: x', 'clusters': [{'name': 'c', 'ready': "
              "false, 'why': 'no disk', 'apis': []}, {'name': 'd', 'ready': true, 'degraded': 'no "
              "inotify', 'apis': [" GOOD "]}]}",
              false,
              "cluster c\n\ncluster d\n"
              "NAMESPACE   NAME   HOST   SERVICE   SECURED   READY\n"
              "t1          a1     h1     svc1:80   True      True\n",
              "cluster c is not ready: no disk\nno Apis in cluster c\ncluster d sees changes late: no "
              "inotify\nthe last reload was refused, and the config before it is in "
              "force:\nc.yaml:1:1: error: x\n"));
}

static bool is_good(const char *text)
{
    json_t *value = parse(text);
    bool good = show_is_good(value);

    json_decref(value);
    return good;
}

static void what_is_good_is_ready_and_served(void)
{
    CU_ASSERT_TRUE(is_good("{'ready': true, 'clusters': []}"));
    CU_ASSERT_TRUE(is_good("{'ready': true, 'clusters': [{'apis': [" GOOD "]}]}"));
    CU_ASSERT_FALSE(is_good("{'ready': true, 'clusters': [{'apis': [" GOOD "]}, {'apis': [" BAD "]}]}"));
    CU_ASSERT_FALSE(is_good("{'ready': false, 'clusters': [{'apis': [" GOOD "]}]}"));
    CU_ASSERT_FALSE(is_good("{}"));
    CU_ASSERT_FALSE(is_good("[]"));
}

static const char explained[] =
    "{'api': 't1/a2', 'cluster': 'c', 'authentication': true, 'served': false, 'secured': false, 'ready': "
    "false,"
    "'input': {'file': '/x.yaml', 'document': 0, 'line': 3, 'column': 1},"
    "'validation': {'valid': true, 'problems': [{'severity': 'warning', 'path': 'spec.x', 'message': 'odd', "
    "'file': '/x.yaml', 'line': 9, 'column': 3}]},"
    "'reason': 'HostnameInUse', 'message': 'in use',"
    "'claims': {'state': 'lost', 'host': {'name': 'h1', 'holder': {'kind': 'Road', 'namespace': 't2', "
    "'name': "
    "'r'}}, 'service': {'name': 't1/s', 'after': 't1/a1'}},"
    "'backends': [{'name': 'lock', 'role': 'authentication', 'enabled': false, 'code': 0, 'outputs': []},"
    "{'name': 'road', 'role': 'route', 'enabled': true, 'code': 3, 'lastError': 'disk full', 'outputs': "
    "[{'kind': "
    "'Road', 'namespace': 't1', 'name': 'a2', 'exists': true, 'asWanted': false, 'version': 'v1', 'error': "
    "'disk "
    "full', 'wanted': {'kind': 'Road', 'spec': {'to': 'x'}}}]}],"
    "'pending': [{'do': 'publish', 'kind': 'Road', 'name': 'a2'}], 'failures': 3, 'nextTryMs': 1250, "
    "'lastWrite': "
    "1000000000}";

static void an_explanation_is_for_people(void)
{
    json_t *value = parse(explained);
    struct text out = text_empty();

    CU_ASSERT_TRUE(show_explanation(value, true, &out));
    CU_ASSERT_TRUE(same(out.data, "Api:         t1/a2\n"
                                  "Cluster:     c\n"
                                  "Input:       /x.yaml:3:1\n"
                                  "Valid:       True\n"
                                  "  /x.yaml:9:3: warning: spec.x: odd\n"
                                  "Served:      False\n"
                                  "Secured:     False\n"
                                  "Ready:       False\n"
                                  "Reason:      HostnameInUse\n"
                                  "Message:     in use\n"
                                  "Claims:      lost\n"
                                  "  Host:      h1, held by Road t2/r, which apigwd did not make\n"
                                  "  Service:   t1/s, after Api t1/a1, which is older\n"
                                  "Backends:\n"
                                  "  lock (authentication, disabled): code 0\n"
                                  "  road (route): code 3, disk full\n"
                                  "    Road t1/a2: stands, not as wanted, version v1: disk full\n"
                                  "To do:\n"
                                  "  publish: Road a2\n"
                                  "Last write:  2001-09-09T01:46:40Z\n"
                                  "Failures:    3\n"
                                  "Next try:    in 1.2 s\n"
                                  "---\n"
                                  "kind: Road\n"
                                  "spec:\n"
                                  "  to: x\n"));
    text_release(&out);
    json_decref(value);
}

static void little_can_be_explained(void)
{
    json_t *value =
        parse("{'claims': {'host': {'name': 'h', 'holder': {'api': 't1/b'}}, 'service': {'name': 's'}}}");
    struct text out = text_empty();

    CU_ASSERT_TRUE(show_explanation(value, false, &out));
    CU_ASSERT_TRUE(same(out.data, "Valid:       False\n"
                                  "Served:      False\n"
                                  "Ready:       False\n"
                                  "  Host:      h, held by Api t1/b, nothing stands yet\n"
                                  "  Service:   s, held by nobody\n"
                                  "Last write:  none since the daemon started\n"
                                  "Failures:    0\n"));
    text_release(&out);
    json_decref(value);
}

static void a_target_is_escaped(void)
{
    struct text out = text_empty();

    remote_append_escaped(&out, "t-1/a.b_~");
    remote_append_escaped(&out, "?#&= \"%\xc3\xa4\n");
    CU_ASSERT_STRING_EQUAL(out.data, "t-1/a.b_~%3F%23%26%3D%20%22%25%C3%A4%0A");
    text_release(&out);
}

static void memory_may_be_short(void)
{
    json_t *status = parse("{'ready': true, 'clusters': [{'name': 'c', 'apis': [" GOOD ", " BAD "]}]}");
    json_t *api = parse(explained);
    bool failed = true;

    for (size_t granted = 0; failed && granted < 1000; granted++) {
        struct text out = text_empty();
        struct text notes = text_empty();
        bool made;
        scarce_begin(granted);
        made = show_status(status, true, &out, &notes);
        made = show_explanation(api, true, &out) && made;
        failed = scarce_end();
        CU_ASSERT_EQUAL(made, !failed);
        text_release(&out);
        text_release(&notes);
    }
    CU_ASSERT_FALSE(failed);
    json_decref(status);
    json_decref(api);
}

int main(void)
{
    static const struct test tests[] = {
        {"a status is a table, wide with reasons", a_status_is_a_table},
        {"several clusters have their names, and notes stand beside", several_clusters_have_their_names},
        {"what is good is ready and served", what_is_good_is_ready_and_served},
        {"an explanation is for people", an_explanation_is_for_people},
        {"little can be explained", little_can_be_explained},
        {"a target is escaped", a_target_is_escaped},
        {"memory may be short", memory_may_be_short},
        {NULL, NULL},
    };

    return harness_run("ctl_show", tests);
}
