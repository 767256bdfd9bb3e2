/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "base/digest.h"
#include "base/json.h"
#include "object/owner.h"

#include <stdio.h>
#include <string.h>

static char created_by[] = "team-gateway";
static const struct settings settings = {.created_by = created_by};

/* Single quotes stand for double ones. */
static json_t *object(const char *text)
{
    char copy[4096];
    json_t *value;

    (void)snprintf(copy, sizeof copy, "%s", text);
    for (char *c = copy; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    value = json_parse(copy, strlen(copy), NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(value);
    return value;
}

static const char *const plain_api = "{'kind': 'Api', 'metadata': {'name': 'shop', 'namespace': 'team', "
                                     "'uid': 'u-1', 'resourceVersion': '7'}}";
static const char *const file_api = "{'kind': 'Api', 'metadata': {'name': 'shop', 'namespace': 'team'}}";

static json_t *output(void)
{
    return object("{'apiVersion': 'v1', 'kind': 'Route', 'metadata': {'name': 'shop', 'namespace': 'team'},"
                  "'spec': {'hosts': ['a']}}");
}

static json_t *labelled(const json_t *api)
{
    json_t *result = output();

    CU_ASSERT_TRUE(owner_label(result, api, &settings));
    return result;
}

static const char *label(const json_t *value, const char *name)
{
    return json_string_value(json_member(json_at(value, "metadata.labels"), name));
}

static void set(json_t *value, const char *part, const char *name, const char *text)
{
    json_t *metadata = json_member(value, "metadata");

    if (!json_member(metadata, part))
        (void)json_object_set_new(metadata, part, json_object());
    (void)json_object_set_new(json_member(metadata, part), name, json_string(text));
}

static void drop(json_t *value, const char *part, const char *name)
{
    (void)json_object_del(json_member(json_member(value, "metadata"), part), name);
}

/* An Api whose name is too long for a label. */
static json_t *long_api(char last)
{
    json_t *api = object(file_api);
    char name[101];

    memset(name, 'a', 100);
    name[99] = last;
    name[100] = '\0';
    (void)json_object_set_new(json_member(api, "metadata"), "name", json_string(name));
    return api;
}

static void labels_name_the_api(void)
{
    json_t *api = object(plain_api);
    json_t *result = labelled(api);

    CU_ASSERT_STRING_EQUAL(label(result, "createdBy"), "team-gateway");
    CU_ASSERT_STRING_EQUAL(label(result, "apiNamespace"), "team");
    CU_ASSERT_STRING_EQUAL(label(result, "apiName"), "shop");
    CU_ASSERT_STRING_EQUAL(label(result, "apiUid"), "u-1");
    CU_ASSERT_STRING_EQUAL(label(result, "apiVersion"), "7");
    CU_ASSERT_PTR_NULL(json_at(result, "metadata.annotations"));
    json_decref(result);
    json_decref(api);
}

static void what_the_api_has_not_is_no_label(void)
{
    json_t *api = object(file_api);
    json_t *result = output();

    set(result, "labels", "apiUid", "forged");
    set(result, "labels", "mine", "kept");
    set(result, "annotations", "apigwd.io/apiName", "forged");
    CU_ASSERT_TRUE(owner_label(result, api, &settings));
    CU_ASSERT_PTR_NULL(label(result, "apiUid"));
    CU_ASSERT_PTR_NULL(label(result, "apiVersion"));
    CU_ASSERT_STRING_EQUAL(label(result, "mine"), "kept");
    CU_ASSERT_EQUAL(json_object_size(json_at(result, "metadata.annotations")), 0);
    CU_ASSERT_TRUE(owner_is_of(result, api, &settings));
    json_decref(result);
    json_decref(api);
}

static void long_values_are_cut_and_stand_in_an_annotation(void)
{
    json_t *api = long_api('x');
    json_t *other = long_api('y');
    json_t *result = labelled(api);
    const json_t *whole = json_member(json_at(result, "metadata.annotations"), "apigwd.io/apiName");

    CU_ASSERT_EQUAL(strlen(label(result, "apiName")), 63);
    CU_ASSERT_STRING_EQUAL(json_string_value(whole), json_text_at(api, "metadata.name"));
    CU_ASSERT_TRUE(owner_is_of(result, api, &settings));
    CU_ASSERT_FALSE(owner_is_of(result, other, &settings));
    json_decref(result);
    json_decref(other);
    json_decref(api);
}

static void a_cut_label_alone_proves_nothing(void)
{
    json_t *api = long_api('x');
    json_t *result = labelled(api);
    json_t *twin = object(file_api);

    /* Another Api may really bear the name that the cut gives. */
    (void)json_object_set_new(json_member(twin, "metadata"), "name", json_string(label(result, "apiName")));
    CU_ASSERT_FALSE(owner_is_of(result, twin, &settings));
    drop(result, "annotations", "apigwd.io/apiName");
    CU_ASSERT_FALSE(owner_is_of(result, api, &settings));
    (void)json_object_set_new(json_member(json_member(result, "metadata"), "annotations"),
                              "apigwd.io/apiName", json_integer(1));
    CU_ASSERT_FALSE(owner_is_of(result, api, &settings));
    json_decref(result);
    json_decref(twin);
    json_decref(api);
}

static void ours_are_those_of_all_our_names(void)
{
    static const struct {
        const char *name;
        bool ours;
    } cases[] = {
        {"team-gateway", true}, {"apigwd", true}, {"api-controller", true}, {"helm", false}, {"", false}};
    json_t *api = object(plain_api);
    json_t *result = labelled(api);

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        set(result, "labels", "createdBy", cases[i].name);
        CU_ASSERT_EQUAL(owner_is_ours(result, &settings), cases[i].ours);
        CU_ASSERT_EQUAL(owner_is_of(result, api, &settings), cases[i].ours);
    }
    json_decref(result);
    json_decref(api);
}

static void objects_without_labels_are_not_ours(void)
{
    static const char *const cases[] = {
        "{}",
        "[]",
        "'text'",
        "{'metadata': null}",
        "{'metadata': {'labels': []}}",
        "{'metadata': {'labels': {'createdBy': 'apigwd'}}}",
        "{'metadata': {'namespace': 'team', 'labels': {'createdBy': 1, 'apiName': 'shop', 'apiNamespace': "
        "'team'}}}",
        "{'metadata': {'namespace': 'team', 'labels': {'createdBy': 'apigwd', 'apiName': '', 'apiNamespace': "
        "'team'}}}",
    };
    json_t *api = object(plain_api);

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *foreign = object(cases[i]);
        CU_ASSERT_FALSE(owner_is_ours(foreign, &settings));
        CU_ASSERT_FALSE(owner_is_of(foreign, api, &settings));
        json_decref(foreign);
    }
    json_decref(api);
}

static void a_copy_in_another_namespace_is_not_ours(void)
{
    json_t *api = object(plain_api);
    json_t *result = labelled(api);

    (void)json_object_set_new(json_member(result, "metadata"), "namespace", json_string("other"));
    CU_ASSERT_FALSE(owner_is_ours(result, &settings));
    CU_ASSERT_FALSE(owner_is_of(result, api, &settings));
    set(result, "labels", "apiNamespace", "other");
    CU_ASSERT_TRUE(owner_is_ours(result, &settings));
    CU_ASSERT_FALSE(owner_is_of(result, api, &settings));
    json_decref(result);
    json_decref(api);
}

static void the_uid_decides_where_both_have_one(void)
{
    json_t *api = object(plain_api);
    json_t *file = object(file_api);
    json_t *result = labelled(api);

    CU_ASSERT_TRUE(owner_is_of(result, api, &settings));
    CU_ASSERT_TRUE(owner_is_of(result, file, &settings));
    set(result, "labels", "apiUid", "u-2");
    CU_ASSERT_FALSE(owner_is_of(result, api, &settings));
    drop(result, "labels", "apiUid");
    CU_ASSERT_TRUE(owner_is_of(result, api, &settings));
    set(result, "labels", "apiName", "another");
    CU_ASSERT_FALSE(owner_is_of(result, api, &settings));
    json_decref(result);
    json_decref(file);
    json_decref(api);
}

static void equal_is_all_but_the_version(void)
{
    json_t *api = object(plain_api);
    json_t *wanted = labelled(api);
    json_t *observed = json_deep_copy(wanted);

    CU_ASSERT_TRUE(owner_equal(wanted, observed));
    set(observed, "labels", "apiVersion", "6");
    set(observed, "labels", "theirs", "x");
    set(observed, "annotations", "theirs", "x");
    (void)json_object_set_new(json_member(observed, "metadata"), "generation", json_integer(3));
    CU_ASSERT_TRUE(owner_equal(wanted, observed));
    drop(observed, "labels", "apiVersion");
    CU_ASSERT_TRUE(owner_equal(wanted, observed));
    set(observed, "labels", "apiName", "x");
    CU_ASSERT_FALSE(owner_equal(wanted, observed));
    drop(observed, "labels", "apiName");
    CU_ASSERT_FALSE(owner_equal(wanted, observed));
    json_decref(observed);
    json_decref(wanted);
    json_decref(api);
}

static void every_other_difference_counts(void)
{
    json_t *api = object(plain_api);
    json_t *wanted = labelled(api);
    json_t *observed = json_deep_copy(wanted);

    (void)json_object_set_new(observed, "data", json_true());
    CU_ASSERT_FALSE(owner_equal(wanted, observed));
    CU_ASSERT_FALSE(owner_equal(observed, wanted));
    (void)json_object_del(observed, "data");
    (void)json_object_set_new(json_member(observed, "spec"), "hosts", json_array());
    CU_ASSERT_FALSE(owner_equal(wanted, observed));
    (void)json_object_del(observed, "spec");
    (void)json_object_set_new(observed, "other", json_true());
    CU_ASSERT_FALSE(owner_equal(wanted, observed));
    json_decref(observed);
    observed = json_deep_copy(wanted);
    set(wanted, "annotations", "note", "x");
    CU_ASSERT_FALSE(owner_equal(wanted, observed));
    CU_ASSERT_FALSE(owner_equal(wanted, json_null()));
    json_decref(observed);
    json_decref(wanted);
    json_decref(api);
}

static void our_labels_that_are_not_wanted_any_more_count(void)
{
    json_t *api = object(file_api);
    json_t *wanted = labelled(api);
    json_t *observed = json_deep_copy(wanted);

    set(observed, "labels", "apiUid", "u-0");
    CU_ASSERT_FALSE(owner_equal(wanted, observed));
    drop(observed, "labels", "apiUid");
    CU_ASSERT_TRUE(owner_equal(wanted, observed));
    set(observed, "annotations", "apigwd.io/apiName", "x");
    CU_ASSERT_FALSE(owner_equal(wanted, observed));
    json_decref(observed);
    json_decref(wanted);
    json_decref(api);
}

int main(void)
{
    static const struct test tests[] = {
        {"labels name the Api", labels_name_the_api},
        {"what the Api has not is no label, whatever the plugin wrote", what_the_api_has_not_is_no_label},
        {"long values are cut and stand whole in an annotation",
         long_values_are_cut_and_stand_in_an_annotation},
        {"a cut label without its annotation proves nothing", a_cut_label_alone_proves_nothing},
        {"ours are those of all names that we wrote under", ours_are_those_of_all_our_names},
        {"objects without our labels are not ours", objects_without_labels_are_not_ours},
        {"a copy in another namespace is not ours", a_copy_in_another_namespace_is_not_ours},
        {"the uid decides where both have one, else the key", the_uid_decides_where_both_have_one},
        {"equal is everything but the Api's version and what others added", equal_is_all_but_the_version},
        {"every other difference counts", every_other_difference_counts},
        {"our labels that are not wanted any more count", our_labels_that_are_not_wanted_any_more_count},
        {NULL, NULL},
    };

    return harness_run("owner", tests);
}
