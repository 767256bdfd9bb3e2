/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "base/digest.h"
#include "base/json.h"
#include "object/key.h"
#include "object/owner.h"

#include <stdio.h>
#include <stdlib.h>
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

/* Whether an object was made for the Api of this key. */
static bool made_for(const json_t *value, const json_t *api)
{
    struct owner owner = owner_of(value, &settings);

    return owner.ours && strcmp(owner.name, object_name(api)) == 0 &&
           strcmp(object_namespace(value), object_namespace(api)) == 0;
}

static bool is_ours(const json_t *value)
{
    struct owner owner = owner_of(value, &settings);

    CU_ASSERT_EQUAL(owner.ours, owner.name != NULL);
    if (!owner.ours) {
        CU_ASSERT_FALSE(owner.historic);
        CU_ASSERT_PTR_NULL(owner.uid);
    }
    return owner.ours;
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
    CU_ASSERT_TRUE(made_for(result, api));
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
    CU_ASSERT_TRUE(made_for(result, api));
    CU_ASSERT_FALSE(made_for(result, other));
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
    CU_ASSERT_FALSE(made_for(result, twin));
    drop(result, "annotations", "apigwd.io/apiName");
    CU_ASSERT_FALSE(made_for(result, api));
    (void)json_object_set_new(json_member(json_member(result, "metadata"), "annotations"),
                              "apigwd.io/apiName", json_integer(1));
    CU_ASSERT_FALSE(made_for(result, api));
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
        CU_ASSERT_EQUAL(is_ours(result), cases[i].ours);
        CU_ASSERT_EQUAL(made_for(result, api), cases[i].ours);
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
        CU_ASSERT_FALSE(is_ours(foreign));
        CU_ASSERT_FALSE(made_for(foreign, api));
        json_decref(foreign);
    }
    json_decref(api);
}

static void a_copy_in_another_namespace_is_not_ours(void)
{
    json_t *api = object(plain_api);
    json_t *result = labelled(api);

    (void)json_object_set_new(json_member(result, "metadata"), "namespace", json_string("other"));
    CU_ASSERT_FALSE(is_ours(result));
    CU_ASSERT_FALSE(made_for(result, api));
    set(result, "labels", "apiNamespace", "other");
    CU_ASSERT_TRUE(is_ours(result));
    CU_ASSERT_FALSE(made_for(result, api));
    json_decref(result);
    json_decref(api);
}

static void only_historic_ones_are_told_by_their_uid(void)
{
    json_t *api = object(plain_api);
    json_t *result = labelled(api);

    CU_ASSERT_FALSE(owner_of(result, &settings).historic);
    CU_ASSERT_STRING_EQUAL(owner_of(result, &settings).uid, "u-1");
    set(result, "labels", "createdBy", "api-controller");
    CU_ASSERT_TRUE(owner_of(result, &settings).historic);
    CU_ASSERT_STRING_EQUAL(owner_of(result, &settings).uid, "u-1");
    drop(result, "labels", "apiUid");
    CU_ASSERT_TRUE(owner_of(result, &settings).historic);
    CU_ASSERT_PTR_NULL(owner_of(result, &settings).uid);
    json_decref(result);
    json_decref(api);
}

/* Else what is left of an Api that went while nothing ran would stay for ever. */
static void a_drop_in_knows_its_own(void)
{
    const struct settings drop_in = {.created_by = (char[]){"api-controller"}};
    json_t *api = object(plain_api);
    json_t *result = labelled(api);

    set(result, "labels", "createdBy", "api-controller");
    CU_ASSERT_TRUE(owner_of(result, &drop_in).ours);
    CU_ASSERT_FALSE(owner_of(result, &drop_in).historic);
    CU_ASSERT_STRING_EQUAL(owner_of(result, &drop_in).uid, "u-1");
    json_decref(result);
    json_decref(api);
}

static void all_our_labels_but_the_version_are_compared(void)
{
    static const char *const names[] = {"createdBy", "apiNamespace", "apiName", "apiUid"};
    const char *annotation = NULL;
    char wanted[32];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(wanted, sizeof wanted, "apigwd.io/%s", names[i]);
        CU_ASSERT_STRING_EQUAL(owner_compared(i, &annotation), names[i]);
        CU_ASSERT_STRING_EQUAL(annotation, wanted);
        CU_ASSERT_TRUE(owner_has_name(names[i]));
        CU_ASSERT_TRUE(owner_has_name(wanted));
    }
    CU_ASSERT_PTR_NULL(owner_compared(sizeof names / sizeof *names, &annotation));
    CU_ASSERT_TRUE(owner_has_name("apiVersion"));
    CU_ASSERT_TRUE(owner_has_name("apigwd.io/apiVersion"));
    CU_ASSERT_FALSE(owner_has_name("apiversion"));
    CU_ASSERT_FALSE(owner_has_name("apigwd.io/"));
    CU_ASSERT_FALSE(owner_has_name("example.com/apiName"));
    CU_ASSERT_FALSE(owner_has_name(""));
}

/* Compares metadata with JSON text. */
static void expect_metadata(const json_t *value, const char *expected)
{
    json_t *wanted = object(expected);

    if (!json_equal(json_member(value, "metadata"), wanted)) {
        char *text = json_canonical(json_member(value, "metadata"));
        printf("# expected %s\n# found %s\n", expected, text);
        free(text);
        CU_FAIL("another metadata than expected");
    }
    CU_PASS();
    json_decref(wanted);
}

static void what_others_put_on_ours_stays(void)
{
    json_t *wanted = object("{'metadata': {'name': 'shop', 'labels': {'createdBy': 'apigwd', 'mine': 'new'}, "
                            "'finalizers': ['ours/f']}}");
    json_t *observed =
        object("{'metadata': {'name': 'shop', 'uid': 'u', 'generation': 3, 'ownerReferences': [], 'labels': "
               "{'createdBy': 'x', 'apiUid': 'old', 'mine': 'old', 'theirs': 'a', 'odd': 1}, 'annotations': "
               "{'apigwd.io/apiName': 'old', 'theirs': 'b'}, 'finalizers': ['ours/f', 'theirs/f', 7]}}");

    CU_ASSERT_TRUE(owner_keep_others(wanted, observed));
    expect_metadata(wanted, "{'name': 'shop', 'labels': {'createdBy': 'apigwd', 'mine': 'new', 'theirs': "
                            "'a'}, 'annotations': {'theirs': 'b'}, 'finalizers': ['ours/f', 'theirs/f']}");
    json_decref(observed);
    json_decref(wanted);
}

static void rubbish_adds_nothing(void)
{
    static const char *const cases[] = {
        "{}", "[]", "{'metadata': 1}", "{'metadata': {'labels': [1], 'annotations': 'x', 'finalizers': {}}}"};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *wanted = object("{'metadata': {'name': 'shop'}}");
        json_t *observed = object(cases[i]);
        CU_ASSERT_TRUE(owner_keep_others(wanted, observed));
        CU_ASSERT_TRUE(owner_keep_others(wanted, NULL));
        expect_metadata(wanted, "{'name': 'shop'}");
        json_decref(observed);
        json_decref(wanted);
    }
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
        {"only the historic controller's objects are told by their uid",
         only_historic_ones_are_told_by_their_uid},
        {"a drop-in that writes the historic name knows its own objects", a_drop_in_knows_its_own},
        {"all our labels but the version are compared", all_our_labels_but_the_version_are_compared},
        {"what others put on an output of ours stays", what_others_put_on_ours_stays},
        {"rubbish that stands there adds nothing", rubbish_adds_nothing},
        {NULL, NULL},
    };

    return harness_run("owner", tests);
}
