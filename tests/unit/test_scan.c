/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"
#include "scan_record.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static bool list_gives(const char *body, const char *expected)
{
    return scan_gives(&(struct scan_options){.form = SCAN_LIST}, body, expected);
}

static void items_are_told_one_by_one(void)
{
    CU_ASSERT_TRUE(list_gives(LIST(""), "list 9 - -1 0\n"));
    CU_ASSERT_TRUE(list_gives(LIST(GOOD("a") "," GOOD("b")), TOLD("a") TOLD("b") "list 9 - -1 2\n"));
    CU_ASSERT_TRUE(
        list_gives("{\"items\":[" GOOD(
                       "a") "],\"metadata\":{\"remainingItemCount\":12,\"selfLink\":\"\","
                            "\"continue\":\"a\\u003db\",\"resourceVersion\":\"9\"},\"kind\":\"ApiList\"}",
                   TOLD("a") "list 9 a=b 12 1\n"));
    CU_ASSERT_TRUE(list_gives(
        " {\n \"items\" : [ { \"spec\" : { \"a\" : [ 1 , \" x \" ] , \"b\" : 2 } ,\n \"metadata\" : "
        "{ \"name\" : \"a\" , \"resourceVersion\" : \"7\" } } ] , \"metadata\" : "
        "{ \"resourceVersion\" : \"9\" , \"continue\" : \"\" } } \n",
        "item -/a - 7 -1 {\"spec\":{\"a\":[1,\" x \"],\"b\":2},\"metadata\":{\"name\":\"a\","
        "\"resourceVersion\":\"7\"}}\nlist 9 - -1 1\n"));
    CU_ASSERT_TRUE(list_gives("{\"items\":null,\"metadata\":{\"resourceVersion\":\"9\",\"continue\":null}}",
                              "list 9 - -1 0\n"));
    CU_ASSERT_TRUE(
        list_gives("{\"other\":[{\"items\":[1]}],\"items\":[],\"metadata\":{\"resourceVersion\":\"9\"}}",
                   "list 9 - -1 0\n"));
}

static void managed_fields_are_cut(void)
{
    CU_ASSERT_TRUE(
        list_gives(LIST("{\"metadata\":{\"managedFields\":[{\"a\":\"}\\\"]\",\"b\":{}}],\"name\":\"a\","
                        "\"resourceVersion\":\"7\"}}"),
                   "item -/a - 7 -1 {\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"7\"}}\n"
                   "list 9 - -1 1\n"));
    CU_ASSERT_TRUE(
        list_gives(LIST("{\"metadata\":{\"name\":\"a\",\"managedFields\":[],\"resourceVersion\":\"7\"}}"),
                   "item -/a - 7 -1 {\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"7\"}}\n"
                   "list 9 - -1 1\n"));
    CU_ASSERT_TRUE(
        list_gives(LIST("{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"7\",\"managedFields\":null}}"),
                   "item -/a - 7 -1 {\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"7\"}}\n"
                   "list 9 - -1 1\n"));
    /* Elsewhere the name means nothing. */
    CU_ASSERT_TRUE(
        list_gives(LIST("{" META("a") ",\"managedFields\":1,\"spec\":{\"managedFields\":2}}"),
                   "item ns/a u 7 -1 {" META("a") ",\"managedFields\":1,\"spec\":{\"managedFields\":2}}\n"
                                                  "list 9 - -1 1\n"));
}

static void the_identity_is_read(void)
{
    CU_ASSERT_TRUE(
        list_gives(LIST("{\"metadata\":{\"generation\":3,\"deletionTimestamp\":\"2026-01-01T00:00:00Z\","
                        "\"n\\u0061me\":\"\\u0061\",\"annotations\":{\"name\":\"x\"},"
                        "\"resourceVersion\":\"7\"}}"),
                   "item -/a - 7 3 deleting {\"metadata\":{\"generation\":3,\"deletionTimestamp\":"
                   "\"2026-01-01T00:00:00Z\",\"n\\u0061me\":\"\\u0061\",\"annotations\":{\"name\":\"x\"},"
                   "\"resourceVersion\":\"7\"}}\nlist 9 - -1 1\n"));
    CU_ASSERT_TRUE(
        list_gives(LIST("{\"metadata\":{\"name\":\"a\",\"deletionTimestamp\":null,\"generation\":-1,"
                        "\"namespace\":null,\"resourceVersion\":\"7\"}}"),
                   "item -/a - 7 -1 {\"metadata\":{\"name\":\"a\",\"deletionTimestamp\":null,"
                   "\"generation\":-1,\"namespace\":null,\"resourceVersion\":\"7\"}}\nlist 9 - -1 1\n"));
}

/* The item between two good ones; what is told of it. */
static bool quarantines(const char *item, const char *told)
{
    struct text body = text_empty();
    struct text expected = text_empty();
    bool same;

    text_append_format(&body, LIST(GOOD("a") ",%s," GOOD("b")), item);
    text_append_format(&expected, TOLD("a") "item %s\n" TOLD("b") "list 9 - -1 3\n", told);
    same = list_gives(body.data, expected.data);
    text_release(&body);
    text_release(&expected);
    return same;
}

static void a_bad_item_harms_only_itself(void)
{
    CU_ASSERT_TRUE(quarantines("{\"spec\":{\"x\":\"\\u0000\"}," META("c") "}",
                               "ns/c u 7 -1 !spec.x: the character \\u0000, which no text of ours can hold"));
    CU_ASSERT_TRUE(quarantines("{" META("c") ",\"spec\":[18446744073709551616]}",
                               "ns/c u 7 -1 !spec[0]: an integer beyond 64 bits"));
    CU_ASSERT_TRUE(quarantines("{" META("c") ",\"spec\":{\"x\":1e999}}",
                               "ns/c u 7 -1 !spec.x: a number beyond what a double can hold"));
    CU_ASSERT_TRUE(
        quarantines("{" META("c") ",\"spec\":\"\xff\"}", "ns/c u 7 -1 !spec: bytes that are no UTF-8"));
    CU_ASSERT_TRUE(
        quarantines("{" META("c") ",\"spec\":\"\\udead\"}", "ns/c u 7 -1 !spec: half of a surrogate pair"));
    CU_ASSERT_TRUE(
        quarantines("{" META("c") ",\"spec\":{\"x\":tru}}", "ns/c u 7 -1 !spec.x: not a value of JSON"));
    CU_ASSERT_TRUE(
        quarantines("{\"spec\":{\"x\":[}}," META("c") "}", "ns/c u 7 -1 !spec.x[0]: not a value of JSON"));
    CU_ASSERT_TRUE(quarantines("{\"spec\":{\"x\":1,\"x\":2}," META("c") "}",
                               "ns/c u 7 -1 !spec.x: the name stands twice in its object"));
    CU_ASSERT_TRUE(quarantines("{" META("c") ",}", "ns/c u 7 -1 !expected the name of a member in quotes"));
    CU_ASSERT_TRUE(quarantines("{" META("c") " \"x\":{\"y\":[]}}",
                               "ns/c u 7 -1 !expected a comma or the end of the object"));
    CU_ASSERT_TRUE(quarantines("{" META("c") ",\"x\":}", "ns/c u 7 -1 !expected a value"));
    CU_ASSERT_TRUE(quarantines("{\"metadata\":{\"name\":\"c\" \"x\":[{\"}\":1}]},\"y\":{}}",
                               "-/c - - -1 !expected a comma or the end of the object"));
    CU_ASSERT_TRUE(quarantines("null", "-/- - - -1 !expected an object"));
    CU_ASSERT_TRUE(quarantines("[{\"metadata\":{\"name\":\"x\"}}]", "-/- - - -1 !expected an object"));
    CU_ASSERT_TRUE(quarantines("{}", "-/- - - -1 !metadata.name is missing or is no name"));
    CU_ASSERT_TRUE(quarantines("{\"metadata\":[]}", "-/- - - -1 !metadata.name is missing or is no name"));
    CU_ASSERT_TRUE(quarantines("{\"metadata\":{\"name\":{\"name\":\"x\"}}}",
                               "-/- - - -1 !metadata.name is missing or is no name"));
    CU_ASSERT_TRUE(quarantines("{\"metadata\":{\"name\":\"../c\"}}",
                               "-/- - - -1 !metadata.name is missing or is no name"));
    CU_ASSERT_TRUE(quarantines("{\"metadata\":{\"name\":\"c\",\"namespace\":\"a/b\"}}",
                               "-/c - - -1 !metadata.namespace is no name of a namespace"));
    CU_ASSERT_TRUE(quarantines("{\"metadata\":{\"name\":\"c\"}}",
                               "-/c - - -1 !metadata.resourceVersion is missing or is no string"));
    CU_ASSERT_TRUE(
        quarantines("{\"metadata\":{\"name\":\"c\\u0000d\",\"uid\":\"u\"}}",
                    "-/- u - -1 !metadata.name: the character \\u0000, which no text of ours can hold"));
}

static void an_identity_that_stands_twice_is_none(void)
{
    CU_ASSERT_TRUE(quarantines("{\"metadata\":{\"name\":\"c\",\"name\":\"d\"}}",
                               "-/- - - -1 !a member stands there twice"));
    CU_ASSERT_TRUE(
        quarantines("{" META("c") ",\"metadat\\u0061\":{}}", "-/- - - -1 !a member stands there twice"));
}

static bool deep_is_quarantined(unsigned depth)
{
    struct text item = text_empty();
    bool same;

    text_append_string(&item, "{" META("c") ",\"spec\":");
    for (unsigned i = 0; i < depth; i++)
        text_append_string(&item, "[");
    for (unsigned i = 0; i < depth; i++)
        text_append_string(&item, "]");
    text_append_string(&item, "}");
    same = quarantines(item.data, "ns/c u 7 -1 !nested deeper than 128 levels");
    text_release(&item);
    return same;
}

static void what_is_too_deep_or_too_large_is_quarantined(void)
{
    static const struct scan_options small = {.form = SCAN_LIST, .object_max = 90};
    static const char *const large = "a text that does not fit into the little room that there is";
    struct text body = text_empty();

    CU_ASSERT_TRUE(deep_is_quarantined(128));
    CU_ASSERT_TRUE(deep_is_quarantined(5000));
    text_append_format(&body, LIST("{\"x\":\"%s%s\"," META("c") "}," GOOD("b")), large, large);
    CU_ASSERT_TRUE(scan_gives(&small, body.data,
                              "item ns/c u 7 -1 !the object is too large\n" TOLD("b") "list 9 - -1 2\n"));
    text_clear(&body);
    text_append_format(&body, LIST("{\"x%s%s\":1," META("c") "}," GOOD("b")), large, large);
    CU_ASSERT_TRUE(scan_gives(&small, body.data,
                              "item ns/c u 7 -1 !the object is too large\n" TOLD("b") "list 9 - -1 2\n"));
    text_clear(&body);
    text_append_format(&body, LIST("{\"metadata\":{\"uid\":\"%s%s\",\"name\":\"c\"}}," GOOD("b")), large,
                       large);
    CU_ASSERT_TRUE(scan_gives(&small, body.data,
                              "item -/c - - -1 !the object is too large\n" TOLD("b") "list 9 - -1 2\n"));
    text_clear(&body);
    /* Managed fields do not count. */
    text_append_format(&body,
                       LIST("{\"metadata\":{\"managedFields\":[\"%s%s\"],\"name\":\"a\",\"resourceVersion\":"
                            "\"7\"}}"),
                       large, large);
    CU_ASSERT_TRUE(scan_gives(&small, body.data,
                              "item -/a - 7 -1 {\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"7\"}}\n"
                              "list 9 - -1 1\n"));
    text_release(&body);
}

static void the_status_is_given_apart(void)
{
    static const struct scan_options apart = {.form = SCAN_LIST, .split_status = true};

    CU_ASSERT_TRUE(
        scan_gives(&apart, LIST("{\"status\":{\"a\": 1}," META("a") "}," GOOD("b")),
                   "item ns/a u 7 -1 {" META("a") "} status={\"a\":1}\n" TOLD("b") "list 9 - -1 2\n"));
    CU_ASSERT_TRUE(
        scan_gives(&apart, LIST("{" META("a") ",\"status\":null,\"x\":{\"status\":1}}"),
                   "item ns/a u 7 -1 {" META("a") ",\"x\":{\"status\":1}} status=null\nlist 9 - -1 1\n"));
    CU_ASSERT_TRUE(
        scan_gives(&apart, LIST("{" META("a") ",\"status\":[\"\\u0000\"]}"),
                   "item ns/a u 7 -1 !status: [0]: the character \\u0000, which no text of ours can hold\n"
                   "list 9 - -1 1\n"));
    /* It is of use although the rest is not. */
    CU_ASSERT_TRUE(scan_gives(&apart, LIST("{" META("a") ",\"spec\":18446744073709551616,\"status\":{}}"),
                              "item ns/a u 7 -1 status={} !spec: an integer beyond 64 bits\n"
                              "list 9 - -1 1\n"));
    CU_ASSERT_TRUE(scan_gives(&apart, LIST("{\"status\":1," META("a") ",\"status\":2}"),
                              "item -/- - - -1 !a member stands there twice\nlist 9 - -1 1\n"));
}

#define AFTER "a list that cannot be read after "
static void a_list_that_is_not_whole_is_no_list(void)
{
    const char *whole = LIST(GOOD("a"));
    char *found;

    for (size_t i = 0; i < strlen(whole); i++) {
        found = scan_in_pieces(&(struct scan_options){.form = SCAN_LIST}, whole, i, 5, NULL);
        CU_ASSERT_PTR_NOT_NULL(strstr(found, "the body ended too early"));
        CU_ASSERT_PTR_NULL(strstr(found, "list 9"));
        free(found);
    }
    CU_ASSERT_TRUE(list_gives("{}", "failed -1: " AFTER "0 items: there are no items in it\n"));
    CU_ASSERT_TRUE(
        list_gives("{\"items\":[]}", "failed -1: " AFTER "0 items: it has no metadata.resourceVersion\n"));
    CU_ASSERT_TRUE(
        list_gives("{\"items\":{}}", "failed -1: " AFTER "0 items: the list's items are not a list\n"));
    CU_ASSERT_TRUE(list_gives("{\"metadata\":[],\"items\":[]}",
                              "failed -1: " AFTER "0 items: the list's metadata are no object\n"));
    CU_ASSERT_TRUE(list_gives("{\"metadata\":{\"resourceVersion\":9},\"items\":[]}",
                              "failed -1: " AFTER
                              "0 items: the list's metadata.resourceVersion is not a string\n"));
    CU_ASSERT_TRUE(list_gives("{\"items\":[],\"items\":[]}",
                              "failed -1: " AFTER
                              "0 items: a member of the list or event stands there twice\n"));
    CU_ASSERT_TRUE(list_gives("404 page not found", "failed -1: " AFTER "0 items: no JSON object\n"));
    CU_ASSERT_TRUE(
        list_gives(LIST("") "x", "failed -1: " AFTER "0 items: something stands behind the object\n"));
    CU_ASSERT_TRUE(list_gives(LIST(GOOD("a") "}"),
                              TOLD("a") "failed -1: " AFTER
                                        "1 items: expected a comma or the end of the object\n"));
    CU_ASSERT_TRUE(
        list_gives(LIST(GOOD("a") ",,"), TOLD("a") "failed -1: " AFTER "1 items: expected a value\n"));
    CU_ASSERT_TRUE(
        list_gives(LIST(GOOD("a") ","), TOLD("a") "failed -1: " AFTER "1 items: expected a value\n"));
}

static void what_a_server_says_of_a_list_has_a_limit(void)
{
    struct text body = text_empty();
    char *found;

    text_append_string(&body, "{\"metadata\":{\"continue\":\"");
    for (int i = 0; i < 70000; i++)
        text_append_string(&body, "x");
    text_append_string(&body, "\"},\"items\":[]}");
    found = scan_in_pieces(&(struct scan_options){.form = SCAN_LIST}, body.data, body.length, 1000, NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(found, "failed -6"));
    free(found);
    text_release(&body);
}

int main(void)
{
    static const struct test tests[] = {
        {"items are told one by one, in pieces of any size", items_are_told_one_by_one},
        {"managed fields are cut", managed_fields_are_cut},
        {"the identity is read", the_identity_is_read},
        {"a bad item harms only itself", a_bad_item_harms_only_itself},
        {"an identity that stands twice is none", an_identity_that_stands_twice_is_none},
        {"what is too deep or too large is quarantined", what_is_too_deep_or_too_large_is_quarantined},
        {"the status is given apart", the_status_is_given_apart},
        {"a list that is not whole is no list", a_list_that_is_not_whole_is_no_list},
        {"what a server says of a list has a limit", what_a_server_says_of_a_list_has_a_limit},
        {NULL, NULL},
    };

    return harness_run("scan", tests);
}
