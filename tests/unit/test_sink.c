/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"
#include "harness.h"
#include "scarce.h"

#include "base/json.h"
#include "directory/sink.h"
#include "object/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A sink on a folder of its own. */
struct bench {
    char root[64];
    struct sink *sink;
    struct error error;
    char version[64];
};

static const struct object_ref route = {.group = "net.example.org",
                                        .version = "v1",
                                        .kind = "Route",
                                        .plural = "routes",
                                        .name_space = "team",
                                        .name = "shop"};
static const char *const route_file = "out/resources/team/routes.net.example.org/shop.yaml";
static const char *const status_file = "out/status/team/shop.yaml";

static void start(struct bench *bench)
{
    *bench = (struct bench){0};
    folder_make(bench->root);
    CU_ASSERT_EQUAL_FATAL(directory_sink_new(folder_path(bench->root, "out"), &bench->sink, &bench->error),
                          0);
}

static void finish(struct bench *bench)
{
    directory_sink_free(bench->sink);
    folder_remove(bench->root);
}

/* Members in another order than the one in which they are to be written. */
static json_t *make(const struct object_ref *ref, const char *host)
{
    char version[300];

    (void)snprintf(version, sizeof version, "%s%sv1", ref->group, ref->group[0] ? "/" : "");
    return json_pack("{s:{s:[s]}, s:{s:{s:s}, s:s, s:s}, s:s, s:s}", "spec", "hosts", host, "metadata",
                     "labels", "createdBy", "apigwd", "namespace", ref->name_space, "name", ref->name, "kind",
                     ref->kind, "apiVersion", version);
}

static int put(struct bench *bench, const struct object_ref *ref, const char *host)
{
    json_t *object = make(ref, host);
    int result = bench->sink->write(bench->sink, ref, object, bench->version, &bench->error);

    json_decref(object);
    return result;
}

static int report(struct bench *bench, int code)
{
    json_t *api = json_pack("{s:s, s:{s:s, s:s}, s:{}}", "kind", "Api", "metadata", "name", "shop",
                            "namespace", "team", "spec");
    json_t *status = json_pack("{s:i}", "validationStatus", code);
    int result = bench->sink->report(bench->sink, api, status, &bench->error);

    json_decref(status);
    json_decref(api);
    return result;
}

static int get(struct bench *bench, const struct object_ref *ref)
{
    struct live live = {0};
    int result = bench->sink->read(bench->sink, ref, &live, &bench->error);

    json_decref(live.object);
    return result;
}

static bool says(const struct bench *bench, const char *words)
{
    bool found = strstr(bench->error.message, words) != NULL;

    if (!found)
        (void)printf("# message: %s\n", bench->error.message);
    return found;
}

static void objects_go_to_their_files(void)
{
    struct bench bench;

    start(&bench);
    CU_ASSERT_EQUAL(put(&bench, &route, "a.example.org"), 0);
    CU_ASSERT_TRUE(folder_holds(bench.root, route_file,
                                "apiVersion: net.example.org/v1\nkind: Route\nmetadata:\n  name: shop\n"
                                "  namespace: team\n  labels:\n    createdBy: apigwd\n"
                                "spec:\n  hosts:\n  - a.example.org\n"));
    CU_ASSERT_EQUAL(report(&bench, 2), 0);
    CU_ASSERT_TRUE(folder_holds(bench.root, status_file,
                                "apiVersion: gateway.kyma-project.io/v1alpha2\nkind: Api\nmetadata:\n"
                                "  name: shop\n  namespace: team\nstatus:\n  validationStatus: 2\n"));
    finish(&bench);
}

static void what_is_written_is_read_back(void)
{
    struct bench bench;
    struct live live = {0};
    json_t *object = make(&route, "a.example.org");

    start(&bench);
    CU_ASSERT_EQUAL(get(&bench, &route), ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(put(&bench, &route, "a.example.org"), 0);
    CU_ASSERT_EQUAL(bench.sink->read(bench.sink, &route, &live, &bench.error), 0);
    CU_ASSERT_TRUE(json_equal(live.object, object));
    CU_ASSERT_STRING_EQUAL(live.version, bench.version);
    CU_ASSERT_STRING_EQUAL(live.uid, "");
    CU_ASSERT_EQUAL(put(&bench, &route, "b.example.org"), 0);
    CU_ASSERT_STRING_NOT_EQUAL(live.version, bench.version);
    json_decref(live.object);
    json_decref(object);
    finish(&bench);
}

static void equal_content_is_not_written(void)
{
    struct bench bench;
    struct stat before[2];
    struct stat after[2];

    start(&bench);
    CU_ASSERT_EQUAL(put(&bench, &route, "a.example.org") + report(&bench, 2), 0);
    (void)stat(folder_path(bench.root, route_file), &before[0]);
    (void)stat(folder_path(bench.root, status_file), &before[1]);
    CU_ASSERT_EQUAL(put(&bench, &route, "a.example.org") + report(&bench, 2), 0);
    (void)stat(folder_path(bench.root, route_file), &after[0]);
    (void)stat(folder_path(bench.root, status_file), &after[1]);
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL(before[i].st_ino, after[i].st_ino);
        CU_ASSERT_EQUAL(before[i].st_mtim.tv_nsec, after[i].st_mtim.tv_nsec);
        CU_ASSERT_EQUAL(before[i].st_mtim.tv_sec, after[i].st_mtim.tv_sec);
    }
    CU_ASSERT_EQUAL(strlen(bench.version), 16);
    CU_ASSERT_EQUAL(put(&bench, &route, "b.example.org"), 0);
    (void)stat(folder_path(bench.root, route_file), &after[0]);
    CU_ASSERT_NOT_EQUAL(before[0].st_ino, after[0].st_ino);
    finish(&bench);
}

static void core_group_and_long_names_have_files(void)
{
    char name[SUBDOMAIN_MAX + 1];
    struct object_ref ref = {
        .group = "", .kind = "Service", .plural = "services", .name_space = "n", .name = name};
    struct object_ref other = ref;
    char twin[SUBDOMAIN_MAX + 1];
    struct bench bench;

    start(&bench);
    memset(name, 'a', sizeof name);
    name[250] = '\0';
    CU_ASSERT_EQUAL(put(&bench, &ref, "x"), 0);
    CU_ASSERT_EQUAL(get(&bench, &ref), 0);
    name[250] = 'a';
    name[SUBDOMAIN_MAX] = '\0';
    memcpy(twin, name, sizeof twin);
    twin[SUBDOMAIN_MAX - 1] = 'b';
    other.name = twin;
    CU_ASSERT_EQUAL(get(&bench, &ref), ERROR_NOT_FOUND);
    CU_ASSERT_EQUAL(put(&bench, &ref, "y"), 0);
    CU_ASSERT_EQUAL(get(&bench, &ref), 0);
    CU_ASSERT_EQUAL(get(&bench, &other), ERROR_NOT_FOUND);
    CU_ASSERT_TRUE(folder_has(bench.root, "out/resources/n/services"));
    finish(&bench);
}

static void names_never_lead_out(void)
{
    static const char *const names[] = {"..", ".", "", "../x", "a/b", "A", "a\nb"};
    struct bench bench;

    start(&bench);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct object_ref ref = route;
        ref.name = names[i];
        CU_ASSERT_EQUAL(put(&bench, &ref, "x"), ERROR_INVALID);
        CU_ASSERT_EQUAL(get(&bench, &ref), ERROR_INVALID);
        ref = route;
        ref.name_space = names[i];
        CU_ASSERT_EQUAL(put(&bench, &ref, "x"), ERROR_INVALID);
        ref = route;
        ref.plural = names[i];
        CU_ASSERT_EQUAL(put(&bench, &ref, "x"), ERROR_INVALID);
    }
    CU_ASSERT_FALSE(folder_has(bench.root, "out/resources"));
    finish(&bench);
}

static void links_below_the_output_are_not_followed(void)
{
    static const char *const links[] = {"out/resources", "out/resources/team",
                                        "out/resources/team/routes.net.example.org", "out/.tmp"};
    struct bench bench;

    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        start(&bench);
        folder_add(bench.root, "elsewhere/team/routes.net.example.org");
        folder_link(bench.root, links[i], folder_path(bench.root, "elsewhere"));
        CU_ASSERT_EQUAL(put(&bench, &route, "x"), ERROR_FOREIGN);
        CU_ASSERT_TRUE(says(&bench, links[i]));
        CU_ASSERT_TRUE(says(&bench, "a symbolic link, which is not followed here; move it away"));
        CU_ASSERT_EQUAL(get(&bench, &route), i < 3 ? ERROR_INVALID : ERROR_NOT_FOUND);
        CU_ASSERT_FALSE(folder_has(bench.root, "elsewhere/shop.yaml"));
        CU_ASSERT_FALSE(folder_has(bench.root, "elsewhere/routes.net.example.org/shop.yaml"));
        CU_ASSERT_FALSE(folder_has(bench.root, "elsewhere/team/routes.net.example.org/shop.yaml"));
        finish(&bench);
    }
    start(&bench);
    folder_link(bench.root, "out/status", "/etc");
    CU_ASSERT_EQUAL(report(&bench, 2), ERROR_FOREIGN);
    finish(&bench);
}

static void what_is_no_file_is_left_alone(void)
{
    struct bench bench;

    start(&bench);
    folder_write(bench.root, "victim", "precious");
    folder_link(bench.root, route_file, folder_path(bench.root, "victim"));
    CU_ASSERT_EQUAL(get(&bench, &route), ERROR_INVALID);
    CU_ASSERT_TRUE(says(&bench, "shop.yaml: a symbolic link"));
    CU_ASSERT_EQUAL(put(&bench, &route, "x"), ERROR_FOREIGN);
    CU_ASSERT_TRUE(folder_holds(bench.root, "victim", "precious"));
    CU_ASSERT_EQUAL(unlink(folder_path(bench.root, route_file)), 0);
    CU_ASSERT_EQUAL(mkfifo(folder_path(bench.root, route_file), 0600), 0);
    CU_ASSERT_EQUAL(get(&bench, &route), ERROR_INVALID);
    CU_ASSERT_EQUAL(put(&bench, &route, "x"), ERROR_FOREIGN);
    CU_ASSERT_EQUAL(unlink(folder_path(bench.root, route_file)), 0);
    folder_add(bench.root, route_file);
    CU_ASSERT_EQUAL(get(&bench, &route), ERROR_INVALID);
    CU_ASSERT_EQUAL(put(&bench, &route, "x"), ERROR_FOREIGN);
    CU_ASSERT_TRUE(says(&bench, "not a regular file"));
    finish(&bench);
}

static void foreign_content_is_left_alone(void)
{
    static const struct {
        const char *content;
        const char *words;
    } cases[] = {
        {"no: [yaml", "shop.yaml:2:1: "},
        {"", "holds null instead of the Route team/shop"},
        {"just text\n", "holds a string instead of"},
        {"a: 1\n---\nb: 1\n", "shop.yaml:3:1: a second document"},
        {"{apiVersion: v1, kind: Service, metadata: {name: shop, namespace: team}}\n",
         "holds v1 Service team/shop instead of the Route team/shop; move it away"},
        {"{apiVersion: net.example.org/v1, kind: Route, metadata: {name: other, namespace: team}}\n",
         "team/other"},
        {"{apiVersion: net.example.org/v1, kind: Route, metadata: {name: shop}}\n", "default/shop"},
        {"{apiVersion: net.example.org/v1, kind: Route}\n", "(no name)"},
    };
    struct bench bench;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start(&bench);
        folder_write(bench.root, route_file, cases[i].content);
        CU_ASSERT_EQUAL(get(&bench, &route), ERROR_INVALID);
        CU_ASSERT_TRUE(says(&bench, route_file));
        CU_ASSERT_TRUE(says(&bench, cases[i].words));
        CU_ASSERT_EQUAL(put(&bench, &route, "x"), ERROR_FOREIGN);
        CU_ASSERT_EQUAL(bench.error.code, ERROR_FOREIGN);
        CU_ASSERT_TRUE(folder_holds(bench.root, route_file, cases[i].content));
        finish(&bench);
    }
}

static void a_status_replaces_only_a_status(void)
{
    static const char api[] = "apiVersion: gateway.kyma-project.io/v1alpha2\nkind: Api\n"
                              "metadata: {name: shop, namespace: team}\nspec: {hostname: a}\n";
    struct bench bench;

    start(&bench);
    folder_write(bench.root, status_file, api);
    CU_ASSERT_EQUAL(report(&bench, 2), ERROR_FOREIGN);
    CU_ASSERT_TRUE(says(&bench, "shop.yaml: holds an Api with its spec, not a status"));
    CU_ASSERT_TRUE(folder_holds(bench.root, status_file, api));
    folder_write(bench.root, status_file, "{apiVersion: v1, kind: ConfigMap, metadata: {name: shop}}\n");
    CU_ASSERT_EQUAL(report(&bench, 2), ERROR_FOREIGN);
    CU_ASSERT_EQUAL(unlink(folder_path(bench.root, status_file)), 0);
    CU_ASSERT_EQUAL(report(&bench, 2), 0);
    CU_ASSERT_EQUAL(report(&bench, 3), 0);
    finish(&bench);
}

/* A writer that is the superuser cannot be shut out by modes, so that a file stands where a folder should. */
static void a_folder_that_cannot_be_made_is_told(void)
{
    struct bench bench;
    struct sink *sink = NULL;

    start(&bench);
    folder_write(bench.root, "out/resources/team", "a file");
    CU_ASSERT_EQUAL(put(&bench, &route, "x"), ERROR_FOREIGN);
    CU_ASSERT_TRUE(says(&bench, "out/resources/team: a file where a folder should be"));
    CU_ASSERT_EQUAL(get(&bench, &route), ERROR_INVALID);
    CU_ASSERT_EQUAL(directory_sink_new(folder_path(bench.root, "out/resources/team"), &sink, &bench.error),
                    ERROR_IO);
    CU_ASSERT_EQUAL(
        directory_sink_new(folder_path(bench.root, "out/resources/team/x/y"), &sink, &bench.error), ERROR_IO);
    CU_ASSERT_TRUE(says(&bench, "Not a directory"));
    CU_ASSERT_EQUAL(directory_sink_new("/proc/apigwd", &sink, &bench.error), ERROR_IO);
    CU_ASSERT_PTR_NULL(sink);
    CU_ASSERT_EQUAL(directory_sink_new(folder_path(bench.root, "new/deep//out/"), &sink, &bench.error), 0);
    directory_sink_free(sink);
    directory_sink_free(NULL);
    finish(&bench);
}

static json_t *nested(unsigned depth)
{
    json_t *value = json_string("x");

    while (depth-- > 0)
        value = json_pack("[o]", value);
    return value;
}

static void what_could_not_be_read_again_is_not_written(void)
{
    struct bench bench;
    json_t *object = make(&route, "a");
    char *large = malloc((1 << 20) + 1);

    start(&bench);
    (void)json_object_set_new(object, "deep", nested(63));
    CU_ASSERT_EQUAL(bench.sink->write(bench.sink, &route, object, bench.version, &bench.error), 0);
    CU_ASSERT_EQUAL(get(&bench, &route), 0);
    (void)json_object_set_new(object, "deep", nested(64));
    CU_ASSERT_EQUAL(bench.sink->write(bench.sink, &route, object, bench.version, &bench.error), ERROR_LIMIT);
    CU_ASSERT_PTR_NOT_NULL_FATAL(large);
    memset(large, 'a', 1 << 20);
    large[1 << 20] = '\0';
    (void)json_object_set_new(object, "deep", json_string(large));
    CU_ASSERT_EQUAL(bench.sink->write(bench.sink, &route, object, bench.version, &bench.error), ERROR_LIMIT);
    CU_ASSERT_TRUE(says(&bench, route_file));
    large[(1 << 20) - 1000] = '\0';
    (void)json_object_set_new(object, "deep", json_string(large));
    CU_ASSERT_EQUAL(bench.sink->write(bench.sink, &route, object, bench.version, &bench.error), 0);
    CU_ASSERT_EQUAL(get(&bench, &route), 0);
    free(large);
    json_decref(object);
    finish(&bench);
}

static void nothing_temporary_is_left(void)
{
    static const struct timespec old[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    static const char *const left = "out/.tmp/apigwd-0123456789abcdef";
    struct bench bench;

    start(&bench);
    CU_ASSERT_EQUAL(put(&bench, &route, "a") + put(&bench, &route, "b"), 0);
    CU_ASSERT_EQUAL(rmdir(folder_path(bench.root, "out/.tmp")), 0);
    folder_write(bench.root, left, "half");
    folder_write(bench.root, "out/.tmp/apigwd-new", "being written");
    folder_write(bench.root, "out/.tmp/theirs", "kept");
    CU_ASSERT_EQUAL(utimensat(-1, folder_path(bench.root, left), old, 0), 0);
    CU_ASSERT_EQUAL(utimensat(-1, folder_path(bench.root, "out/.tmp/theirs"), old, 0), 0);
    directory_sink_free(bench.sink);
    CU_ASSERT_EQUAL(directory_sink_new(folder_path(bench.root, "out"), &bench.sink, &bench.error), 0);
    CU_ASSERT_FALSE(folder_has(bench.root, left));
    CU_ASSERT_TRUE(folder_has(bench.root, "out/.tmp/apigwd-new"));
    CU_ASSERT_TRUE(folder_has(bench.root, "out/.tmp/theirs"));
    finish(&bench);
}

static void short_memory_is_told(void)
{
    bool failed = true;
    struct bench bench;
    int result;

    start(&bench);
    CU_ASSERT_EQUAL(put(&bench, &route, "a.example.org"), 0);
    for (size_t granted = 0; failed && granted < 2000; granted++) {
        json_t *object = make(&route, "b.example.org");
        scarce_begin(granted);
        result = bench.sink->write(bench.sink, &route, object, bench.version, &bench.error);
        failed = scarce_end();
        CU_ASSERT_EQUAL(result, failed ? ERROR_NO_MEMORY : 0);
        json_decref(object);
    }
    CU_ASSERT_FALSE(failed);
    failed = true;
    for (size_t granted = 0; failed && granted < 2000; granted++) {
        scarce_begin(granted);
        result = get(&bench, &route);
        failed = scarce_end();
        CU_ASSERT_EQUAL(result, failed ? ERROR_NO_MEMORY : 0);
    }
    CU_ASSERT_FALSE(failed);
    finish(&bench);
}

int main(void)
{
    static const struct test tests[] = {
        {"objects and statuses go to their files, members in order", objects_go_to_their_files},
        {"what is written is read back", what_is_written_is_read_back},
        {"equal content is not written", equal_content_is_not_written},
        {"the core group and names too long for a file have files", core_group_and_long_names_have_files},
        {"names never lead out of the output", names_never_lead_out},
        {"links below the output are not followed", links_below_the_output_are_not_followed},
        {"what is no regular file is left alone", what_is_no_file_is_left_alone},
        {"foreign content is left alone and named", foreign_content_is_left_alone},
        {"a status replaces only a status", a_status_replaces_only_a_status},
        {"a folder that cannot be made is told", a_folder_that_cannot_be_made_is_told},
        {"what could not be read again is not written", what_could_not_be_read_again_is_not_written},
        {"nothing temporary is left behind", nothing_temporary_is_left},
        {"short memory is told and changes nothing", short_memory_is_told},
        {NULL, NULL},
    };

    return harness_run("sink", tests);
}
