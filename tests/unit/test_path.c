/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"
#include "scarce.h"

#include "kube/path.h"

#include <stdio.h>
#include <string.h>

static const struct object_ref service = {
    .group = "", .version = "v1", .plural = "services", .name_space = "ns", .name = "a"};
static const struct object_ref api = {
    .group = "gateway.kyma-project.io", .version = "v1alpha2", .plural = "apis"};

static bool equals(struct text *out, int result, const char *expected)
{
    bool same = result == 0 && strcmp(out->data, expected) == 0;

    if (!same)
        (void)printf("# %d %s\n", result, out->data);
    text_release(out);
    return same;
}

static void paths_of_objects(void)
{
    struct text out = text_empty();
    struct object_ref all = service;
    struct object_ref role = {.group = "rbac.authorization.k8s.io",
                              .version = "v1",
                              .plural = "clusterroles",
                              .name = "system:a?b#c"};

    all.name_space = NULL;
    CU_ASSERT_TRUE(equals(&out, path_version(&out, &service, NULL), "/api/v1"));
    CU_ASSERT_TRUE(equals(&out, path_version(&out, &api, NULL), "/apis/gateway.kyma-project.io/v1alpha2"));
    CU_ASSERT_TRUE(equals(&out, path_collection(&out, &service, NULL), "/api/v1/namespaces/ns/services"));
    CU_ASSERT_TRUE(equals(&out, path_collection(&out, &all, NULL), "/api/v1/services"));
    CU_ASSERT_TRUE(
        equals(&out, path_collection(&out, &api, NULL), "/apis/gateway.kyma-project.io/v1alpha2/apis"));
    CU_ASSERT_TRUE(equals(&out, path_object(&out, &service, NULL, NULL), "/api/v1/namespaces/ns/services/a"));
    CU_ASSERT_TRUE(
        equals(&out, path_object(&out, &service, "status", NULL), "/api/v1/namespaces/ns/services/a/status"));
    CU_ASSERT_TRUE(equals(&out, path_object(&out, &role, NULL, NULL),
                          "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Aa%3Fb%23c"));
}

static bool refuses(const struct object_ref *ref, const char *what)
{
    struct text out = text_empty();
    struct error error = {0};
    int result = path_object(&out, ref, NULL, &error);
    bool refused = result == ERROR_INVALID && out.length == 0 && strstr(error.message, what);

    if (!refused)
        (void)printf("# %d %s %s\n", result, out.data, error.message);
    text_release(&out);
    return refused;
}

static void what_would_lead_elsewhere_is_refused(void)
{
    struct object_ref ref = service;

    ref.name = "../secrets/x";
    CU_ASSERT_TRUE(refuses(&ref, "is no name of an object"));
    ref.name = "..";
    CU_ASSERT_TRUE(refuses(&ref, "is no name of an object"));
    ref.name = "";
    CU_ASSERT_TRUE(refuses(&ref, "is no name of an object"));
    ref.name = NULL;
    CU_ASSERT_TRUE(refuses(&ref, "is no name of an object"));
    ref = service;
    ref.name_space = "a/b";
    CU_ASSERT_TRUE(refuses(&ref, "is no namespace"));
    ref.name_space = "";
    CU_ASSERT_TRUE(refuses(&ref, "is no namespace"));
    ref = service;
    ref.plural = "a?b";
    CU_ASSERT_TRUE(refuses(&ref, "is no plural"));
    ref = service;
    ref.version = NULL;
    CU_ASSERT_TRUE(refuses(&ref, "is no version"));
    ref = service;
    ref.group = "a/b";
    CU_ASSERT_TRUE(refuses(&ref, "is no API group"));
}

static bool list_is(const struct path_list *list, const char *expected)
{
    struct text out = text_empty();
    int result = path_of_list(&out, &service, list, NULL);

    return equals(&out, result, expected);
}

#define SERVICES "/api/v1/namespaces/ns/services"
static void lists(void)
{
    struct error error = {0};
    struct text out = text_empty();

    CU_ASSERT_TRUE(list_is(&(struct path_list){0}, SERVICES));
    CU_ASSERT_TRUE(list_is(&(struct path_list){.resource_version = "0"}, SERVICES "?resourceVersion=0"));
    CU_ASSERT_TRUE(list_is(&(struct path_list){.resource_version = "12", .exact = true},
                           SERVICES "?resourceVersion=12&resourceVersionMatch=Exact"));
    CU_ASSERT_TRUE(list_is(&(struct path_list){.limit = 500,
                                               .label_selector = "a=b,c in (d, e)",
                                               .field_selector = "metadata.name=x"},
                           SERVICES "?limit=500&labelSelector=a%3Db%2Cc%20in%20%28d%2C%20e%29"
                                    "&fieldSelector=metadata.name%3Dx"));
    CU_ASSERT_TRUE(list_is(
        &(struct path_list){
            .limit = 500, .resource_version = "5", .exact = true, .continue_token = "ab+/=&\xc3\xa4"},
        SERVICES "?limit=500&continue=ab%2B%2F%3D%26%C3%A4"));
    CU_ASSERT_TRUE(list_is(&(struct path_list){.continue_token = "", .resource_version = "5"},
                           SERVICES "?resourceVersion=5"));
    CU_ASSERT_EQUAL(path_of_list(&out, &service, &(struct path_list){.exact = true}, &error), ERROR_INVALID);
    CU_ASSERT_EQUAL(
        path_of_list(&out, &service, &(struct path_list){.exact = true, .resource_version = "0"}, &error),
        ERROR_INVALID);
    CU_ASSERT_EQUAL(out.length, 0);
}

static bool watch_is(const struct path_watch *watch, const char *expected)
{
    struct text out = text_empty();
    int result = path_of_watch(&out, &service, watch, NULL);

    return equals(&out, result, expected);
}

static void watches(void)
{
    CU_ASSERT_TRUE(watch_is(&(struct path_watch){.resource_version = "7", .timeout_s = 400}, SERVICES
                            "?watch=true&allowWatchBookmarks=true&resourceVersion=7&timeoutSeconds=400"));
    CU_ASSERT_TRUE(watch_is(&(struct path_watch){.label_selector = "a"},
                            SERVICES "?watch=true&allowWatchBookmarks=true&labelSelector=a"));
}

static void queries_of_writes(void)
{
    struct text out = text_empty();

    text_append_string(&out, "/x");
    path_add_query(&out, "fieldManager", "a b");
    path_add_query(&out, "dryRun", NULL);
    path_add_query(&out, "fieldValidation", "Strict");
    CU_ASSERT_TRUE(equals(&out, 0, "/x?fieldManager=a%20b&fieldValidation=Strict"));
}

static void without_memory(void)
{
    bool failed = true;

    for (size_t granted = 0; failed; granted++) {
        struct text out = text_empty();
        struct error error = {0};
        int result;
        scarce_begin(granted);
        result = path_of_watch(
            &out, &api, &(struct path_watch){.resource_version = "12345678", .timeout_s = 300}, &error);
        failed = scarce_end();
        CU_ASSERT_EQUAL(result, failed ? ERROR_NO_MEMORY : 0);
        CU_ASSERT_EQUAL(error.code, result);
        CU_ASSERT_TRUE(granted < 10);
        text_release(&out);
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"paths of versions, kinds and objects", paths_of_objects},
        {"what would lead elsewhere is refused", what_would_lead_elsewhere_is_refused},
        {"lists: pages, versions, selectors", lists},
        {"watches: bookmarks, versions, first events", watches},
        {"queries of writes", queries_of_writes},
        {"without memory it fails cleanly", without_memory},
        {NULL, NULL},
    };

    return harness_run("path", tests);
}
