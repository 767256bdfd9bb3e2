/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"
#include "scarce.h"

#include "base/json.h"
#include "object/content.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An output as it is wanted, in parts that the tests replace. */
#define LABELS "'createdBy': 'apigwd', 'apiNamespace': 't1', 'apiName': 'a1'"
#define WITH(labels, annotations, more)                                                                      \
    "{'apiVersion': 'x/v1', 'kind': 'K', 'metadata': {'name': 'a1', 'labels': {" labels                      \
    "}, 'annotations': {" annotations "}}, 'spec': {'hosts': ['a', 'b']}" more "}"

static struct content content(const char *text)
{
    char copy[1024];
    struct content out = {0};
    json_t *value;

    (void)snprintf(copy, sizeof copy, "%s", text);
    for (char *c = copy; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    value = json_parse(copy, strlen(copy), NULL);
    if (!value)
        printf("# %s\n", text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(value);
    CU_ASSERT_EQUAL_FATAL(content_of(value, 5, &out), 0);
    json_decref(value);
    return out;
}

/* Whether the second is what the first asks for. */
static bool stands(const char *wanted, const char *observed)
{
    struct content first = content(wanted);
    struct content second = content(observed);
    bool result = content_stands(first.imprint, first.extra, second.imprint, second.extra);

    free(first.extra);
    free(second.extra);
    return result;
}

static const char plain[] = WITH(LABELS, "", "");

static void what_is_the_same_stands(void)
{
    static const char *const same[] = {
        plain,
        WITH("'apiName': 'a1', 'apiNamespace': 't1', 'createdBy': 'apigwd'", "", ""),
        WITH(LABELS ", 'apiVersion': '7'", "", ""),
        WITH(LABELS ", 'theirs': 'x'", "'theirs': 'y'", ""),
        WITH(LABELS, "", ", 'status': {'x': 1}"),
        "{'kind': 'K', 'apiVersion': 'x/v1', 'spec': {'hosts': ['a', 'b']}, 'metadata': {'uid': 'u', "
        "'generation': 3, 'managedFields': [], 'finalizers': ['f'], 'labels': {" LABELS "}}}"};

    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        CU_ASSERT_TRUE(stands(plain, same[i]));
}

static void what_differs_does_not(void)
{
    static const char *const others[] = {
        "{}",
        "{'metadata': 1}",
        WITH("'createdBy': 'apigwd', 'apiNamespace': 't1'", "", ""),
        WITH("'createdBy': 'x', 'apiNamespace': 't1', 'apiName': 'a1'", "", ""),
        WITH("'createdBy': 'apigwd', 'apiNamespace': 't2', 'apiName': 'a1'", "", ""),
        WITH("'createdBy': 'apigwd', 'apiNamespace': 'a1', 'apiName': 't1'", "", ""),
        WITH(LABELS ", 'apiUid': 'u'", "", ""),
        WITH(LABELS, "'apigwd.io/apiName': 'a1'", ""),
        WITH(LABELS, "'apigwd.io/createdBy': 'a1'", ""),
        WITH(LABELS, "", ", 'data': null"),
        WITH(LABELS, "", ", 'createdBy': 'apigwd'"),
        "{'apiVersion': 'x/v2', 'kind': 'K', 'metadata': {'labels': {" LABELS
        "}}, 'spec': {'hosts': ['a', 'b']}}",
        "{'apiVersion': 'x/v1', 'kind': 'K', 'metadata': {'labels': {" LABELS
        "}}, 'spec': {'hosts': ['b', 'a']}}",
        "{'apiVersion': 'x/v1', 'kind': 'K', 'metadata': {'labels': {" LABELS "}}, 'spec': {'hosts': ['a', "
        "'b'], 'gateways': []}}",
        "{'apiVersion': 'x/v1', 'kind': 'K', 'metadata': {'labels': {" LABELS "}}}"};

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (stands(plain, others[i]) || stands(others[i], plain)) {
            printf("# %s\n", others[i]);
            CU_FAIL("what differs is taken for the same");
        }
        CU_ASSERT_TRUE(stands(others[i], others[i]));
    }
}

static void what_a_plugin_wants_beside_ours_has_to_be_there(void)
{
    static const char wanted[] = WITH(LABELS ", 'mine': 'x'", "'note': 'y'", "");
    static const struct {
        const char *observed;
        bool stands;
    } cases[] = {{WITH(LABELS ", 'mine': 'x'", "'note': 'y'", ""), true},
                 {WITH(LABELS ", 'mine': 'x', 'theirs': '1'", "'note': 'y', 'theirs': '2'", ""), true},
                 {WITH(LABELS ", 'mine': 'z'", "'note': 'y'", ""), false},
                 {WITH(LABELS ", 'mine': 'x'", "'note': 'z'", ""), false},
                 {WITH(LABELS ", 'mine': 'x'", "", ""), false},
                 {WITH(LABELS, "'note': 'y'", ""), false},
                 {WITH(LABELS, "'note': 'y', 'mine': 'x'", ""), false},
                 {WITH(LABELS, "", ""), false}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CU_ASSERT_EQUAL(stands(wanted, cases[i].observed), cases[i].stands);
}

static void nothing_is_kept_where_there_is_nothing_beside_ours(void)
{
    struct content first = content(plain);
    struct content second = content(WITH(LABELS ", 'mine': 'x'", "", ""));

    CU_ASSERT_PTR_NULL(first.extra);
    CU_ASSERT_STRING_EQUAL(second.extra, "{\"labels\":{\"mine\":\"x\"}}");
    free(second.extra);
}

static void without_memory_nothing_is_known(void)
{
    json_t *value =
        json_pack("{s:{s:{s:s}, s:{s:s}}}", "metadata", "labels", "mine", "x", "annotations", "note", "y");
    struct content first = {0};
    bool failed = true;

    for (size_t granted = 0; failed; granted++) {
        struct content out = {.extra = (char *)1};
        int result;
        scarce_begin(granted);
        result = content_of(value, 5, &out);
        failed = scarce_end();
        CU_ASSERT_EQUAL(result, failed ? ERROR_NO_MEMORY : 0);
        CU_ASSERT_EQUAL(out.extra == (char *)1, failed);
        if (!failed)
            first = out;
    }
    CU_ASSERT_STRING_EQUAL_FATAL(first.extra,
                                 "{\"annotations\":{\"note\":\"y\"},\"labels\":{\"mine\":\"x\"}}");
    failed = true;
    for (size_t granted = 0; failed; granted++) {
        bool found;
        scarce_begin(granted);
        found = content_stands(first.imprint, first.extra, first.imprint, first.extra);
        failed = scarce_end();
        /* It is written once more then. */
        CU_ASSERT_EQUAL(found, !failed);
    }
    free(first.extra);
    json_decref(value);
}

int main(void)
{
    static const struct test tests[] = {
        {"what is the same stands", what_is_the_same_stands},
        {"what differs does not", what_differs_does_not},
        {"what a plugin wants beside ours has to be there", what_a_plugin_wants_beside_ours_has_to_be_there},
        {"nothing is kept where there is nothing beside ours",
         nothing_is_kept_where_there_is_nothing_beside_ours},
        {"without memory nothing is known", without_memory_nothing_is_known},
        {NULL, NULL}};

    return harness_run("content", tests);
}
