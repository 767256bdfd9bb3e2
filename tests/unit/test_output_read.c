/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"
#include "harness.h"
#include "output_stage.h"

#include "base/digest.h"
#include "object/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char route[] =
    "{apiVersion: net.example.org/v2, kind: Route, metadata: {name: shop, namespace: team, "
    "uid: '1', labels: {a: b}}, spec: {x: 1}, status: {y: 2}}\n";
static const char folder[] = "out/resources/team/routes.net.example.org";

static const char *in_folder(const char *file)
{
    static char path[512];

    (void)snprintf(path, sizeof path, "%s/%s", folder, file);
    return path;
}

static void an_empty_output_has_nothing(void)
{
    struct output_stage stage;

    output_stage_start(&stage);
    CU_ASSERT_EQUAL(output_scan(&stage), 0);
    CU_ASSERT_STRING_EQUAL(stage.told.data, "");
    CU_ASSERT_FALSE(folder_has(stage.root, "out/resources"));
    output_stage_finish(&stage);
}

static void everything_is_told(void)
{
    char expected[1024];
    struct output_stage stage;

    output_stage_start(&stage);
    stage.with_objects = true;
    folder_write(stage.root, output_route_file, route);
    folder_write(stage.root, "out/resources/a-team/services/s.yaml",
                 "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: a-team}}\n");
    folder_write(stage.root, "out/resources/default/x.y/z.yaml",
                 "{apiVersion: y/v1, kind: X, metadata: {name: z}}");
    folder_write(stage.root, output_status_file, "rubbish, and nobody's business");
    CU_ASSERT_EQUAL(output_scan(&stage), 0);
    (void)snprintf(
        expected, sizeof expected,
        "a-team services. Service s %s "
        "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"s\","
        "\"namespace\":\"a-team\"}}\n"
        "default x.y X z %s {\"apiVersion\":\"y/v1\",\"kind\":\"X\",\"metadata\":{\"name\":\"z\"}}\n"
        "team routes.net.example.org Route shop %s {\"apiVersion\":\"net.example.org/v2\",\"kind\":\"Route\","
        "\"metadata\":{\"labels\":{\"a\":\"b\"},\"name\":\"shop\",\"namespace\":\"team\",\"uid\":\"1\"},"
        "\"spec\":{\"x\":1}}\n"
        "status team shop\n",
        digest_of("{apiVersion: v1, kind: Service, metadata: {name: s, namespace: a-team}}\n", 72).hex,
        digest_of("{apiVersion: y/v1, kind: X, metadata: {name: z}}", 48).hex,
        digest_of(route, sizeof route - 1).hex);
    CU_ASSERT_STRING_EQUAL(stage.told.data, expected);
    output_stage_finish(&stage);
}

static void what_is_no_candidate_is_passed_over(void)
{
    static const char *const paths[] = {
        "out/resources/team/routes.net.example.org/shop.yml",
        "out/resources/team/routes.net.example.org/.yaml",
        "out/resources/team/routes.net.example.org/.shop.yaml",
        "out/resources/team/routes.net.example.org/A.yaml",
        "out/resources/team/routes.net.example.org/shop.yaml~",
        "out/resources/team/routes.net.example.org/yaml",
        "out/resources/team/shop.yaml",
        "out/resources/Team/routes.net.example.org/shop.yaml",
        "out/resources/team/.git/shop.yaml",
        "out/resources/team/routes./shop.yaml",
        "out/resources/shop.yaml",
        "out/shop.yaml",
        "out/status/shop.yaml",
        "out/status/Team/shop.yaml",
        "out/status/team/shop",
        "out/.tmp/apigwd-0123456789abcdef",
        "out/other/team/routes.net.example.org/shop.yaml",
    };
    struct output_stage stage;

    output_stage_start(&stage);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        folder_write(stage.root, paths[i], route);
    folder_link(stage.root, "out/resources/linked", folder_path(stage.root, "out/resources/team"));
    folder_link(stage.root, "out/status/linked", folder_path(stage.root, "out/status/team"));
    folder_link(stage.root, "out/status/team/link.yaml", "shop");
    folder_add(stage.root, "out/status/team/folder.yaml");
    CU_ASSERT_EQUAL(output_scan(&stage), 0);
    CU_ASSERT_STRING_EQUAL(stage.told.data, "");
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        CU_ASSERT_EQUAL(output_glance(&stage, paths[i] + 4), 0);
        CU_ASSERT_STRING_EQUAL(stage.told.data, "");
    }
    output_stage_finish(&stage);
}

static void what_is_wrong_is_told_as_a_problem(void)
{
    static const struct {
        const char *content;
        const char *words;
    } cases[] = {
        {"no: [yaml", "shop.yaml:2:1: "},
        {"a: 1\n---\nb: 1\n", "shop.yaml:3:1: a second document"},
        {"", "shop.yaml: holds null instead of the routes team/shop; move it away"},
        {"{apiVersion: other.org/v1, kind: Route, metadata: {name: shop, namespace: team}}\n",
         "holds other.org/v1"},
        {"{apiVersion: net.example.org/v1, kind: Route, metadata: {name: other, namespace: team}}\n",
         "team/other"},
        {"{apiVersion: net.example.org/v1, kind: Route, metadata: {name: shop}}\n", "default/shop"},
        {"{apiVersion: net.example.org/v1, metadata: {name: shop, namespace: team}}\n", "(no kind)"},
    };
    struct output_stage stage;

    output_stage_start(&stage);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        folder_write(stage.root, output_route_file, cases[i].content);
        CU_ASSERT_EQUAL(output_scan(&stage), 0);
        CU_ASSERT_TRUE(output_told(&stage, "team routes.net.example.org ? shop problem: /tmp/"));
        CU_ASSERT_TRUE(output_told(&stage, cases[i].words));
        CU_ASSERT_TRUE(output_told(&stage, output_route_file));
    }
    folder_write_sized(stage.root, output_route_file, (1 << 20) + 1);
    folder_write(stage.root, in_folder("victim"), route);
    folder_link(stage.root, in_folder("link.yaml"), "victim");
    CU_ASSERT_EQUAL(mkfifo(folder_path(stage.root, in_folder("fifo.yaml")), 0600), 0);
    folder_add(stage.root, in_folder("folder.yaml"));
    CU_ASSERT_EQUAL(output_scan(&stage), 0);
    CU_ASSERT_TRUE(output_told(&stage, "? shop problem: /tmp/"));
    CU_ASSERT_TRUE(output_told(&stage, "shop.yaml: 1048577 bytes, at most 1048576 are read\n"));
    CU_ASSERT_TRUE(output_told(&stage, "link.yaml: a symbolic link, which is not followed here\n"));
    CU_ASSERT_TRUE(output_told(&stage, "fifo.yaml: not a regular file\n"));
    CU_ASSERT_TRUE(output_told(&stage, "folder.yaml: not a regular file\n"));
    output_stage_finish(&stage);
}

/* Only the content knows a name that is cut; a whole name may look like one. */
static void long_names_come_back(void)
{
    struct output_stage stage;
    char name[SUBDOMAIN_MAX + 1];
    char whole[251];
    struct object_ref ref = output_route;
    char version[2][SINK_TEXT_SIZE];

    output_stage_start(&stage);
    memset(name, 'a', sizeof name - 1);
    name[SUBDOMAIN_MAX] = '\0';
    ref.name = name;
    CU_ASSERT_EQUAL(output_put(&stage, "team/long", &ref, "x", ""), 0);
    memcpy(version[0], stage.answer.version, sizeof version[0]);
    memset(whole, 'b', 250);
    memcpy(whole + 233, "-0123456789abcdef", 18);
    ref.name = whole;
    CU_ASSERT_EQUAL(output_put(&stage, "team/whole", &ref, "x", ""), 0);
    memcpy(version[1], stage.answer.version, sizeof version[1]);
    ref.name = name;
    CU_ASSERT_EQUAL(output_tell_status(&stage, (char[400]){0}, 2, NULL), ERROR_INVALID);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_EQUAL(output_scan(&stage), 0);
    CU_ASSERT_PTR_NULL(strstr(stage.told.data, "problem"));
    CU_ASSERT_TRUE(output_told(&stage, name));
    CU_ASSERT_TRUE(output_told(&stage, whole));
    /* What else has its digest is not of its name. */
    name[SUBDOMAIN_MAX - 1] = 'b';
    CU_ASSERT_EQUAL(output_put(&stage, "team/long", &ref, "x", version[0]), ERROR_CONFLICT);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_TRUE(output_told(&stage, name));
    CU_ASSERT_TRUE(output_told(&stage, " absent\n"));
    name[SUBDOMAIN_MAX - 1] = 'a';
    CU_ASSERT_EQUAL(output_apply(&stage, "team/long", &ref, NULL, version[0]), 0);
    ref.name = whole;
    CU_ASSERT_EQUAL(output_apply(&stage, "team/whole", &ref, NULL, version[1]), 0);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_FALSE(folder_has(stage.root, "out/resources/team"));
    output_stage_finish(&stage);
}

static void long_statuses_come_back(void)
{
    struct output_stage stage;
    char key[KEY_SIZE];
    char cut[251];
    char path[512];

    output_stage_start(&stage);
    memcpy(key, "team/", 5);
    memset(key + 5, 'a', SUBDOMAIN_MAX);
    key[5 + SUBDOMAIN_MAX] = '\0';
    CU_ASSERT_EQUAL(output_tell_status(&stage, key, 2, NULL), 0);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_EQUAL(output_scan(&stage), 0);
    CU_ASSERT_EQUAL(strncmp(stage.told.data, "status team a", 13), 0);
    CU_ASSERT_TRUE(output_told(&stage, key + 5));
    digest_shorten(cut, key + 5, 250);
    (void)snprintf(path, sizeof path, "out/status/team/%s.yaml", cut);
    CU_ASSERT_TRUE(folder_has(stage.root, path));
    CU_ASSERT_EQUAL(output_glance(&stage, path + 4), 0);
    CU_ASSERT_TRUE(output_told(&stage, key + 5));
    /* Without a name in it nobody knows whose it is. */
    folder_write(stage.root, path, "rubbish");
    CU_ASSERT_EQUAL(output_scan(&stage), 0);
    CU_ASSERT_STRING_EQUAL(stage.told.data, "");
    output_stage_finish(&stage);
}

static void one_place_is_looked_at(void)
{
    struct output_stage stage;
    const char *path = output_route_file + 4;

    output_stage_start(&stage);
    CU_ASSERT_EQUAL(output_glance(&stage, path), 0);
    CU_ASSERT_STRING_EQUAL(stage.told.data, "team routes.net.example.org ? shop absent\n");
    folder_write(stage.root, output_route_file, route);
    CU_ASSERT_EQUAL(output_glance(&stage, path), 0);
    CU_ASSERT_TRUE(output_told(&stage, "team routes.net.example.org Route shop "));
    folder_write(stage.root, output_route_file, "[");
    CU_ASSERT_EQUAL(output_glance(&stage, path), 0);
    CU_ASSERT_TRUE(output_told(&stage, "shop problem: /tmp/"));
    CU_ASSERT_EQUAL(unlink(folder_path(stage.root, output_route_file)), 0);
    CU_ASSERT_EQUAL(output_glance(&stage, path), 0);
    CU_ASSERT_TRUE(output_told(&stage, " absent\n"));
    /* One that is gone is missed by whoever reported it. */
    CU_ASSERT_EQUAL(output_glance(&stage, output_status_file + 4), 0);
    CU_ASSERT_STRING_EQUAL(stage.told.data, "status team shop\n");
    folder_write(stage.root, output_status_file, "x");
    CU_ASSERT_EQUAL(output_glance(&stage, output_status_file + 4), 0);
    CU_ASSERT_STRING_EQUAL(stage.told.data, "status team shop\n");
    /* Where a step waits the commit looks. */
    CU_ASSERT_EQUAL(output_put(&stage, "team/shop", &output_route, "x", ""), 0);
    CU_ASSERT_EQUAL(output_glance(&stage, path), 0);
    CU_ASSERT_STRING_EQUAL(stage.told.data, "");
    output_stage_finish(&stage);
}

static void it_goes_after_its_folder(void)
{
    struct output_stage stage;
    bool moved = true;

    output_stage_start(&stage);
    CU_ASSERT_EQUAL(output_follow(stage.output, &moved, &stage.error), 0);
    CU_ASSERT_FALSE(moved);
    CU_ASSERT_EQUAL(rename(folder_path(stage.root, "out"), folder_path(stage.root, "away")), 0);
    folder_write(stage.root, "out", "a file");
    CU_ASSERT_EQUAL(output_follow(stage.output, &moved, &stage.error), ERROR_IO);
    CU_ASSERT_FALSE(moved);
    CU_ASSERT_EQUAL(unlink(folder_path(stage.root, "out")), 0);
    CU_ASSERT_EQUAL(output_follow(stage.output, &moved, &stage.error), 0);
    CU_ASSERT_TRUE(moved);
    CU_ASSERT_EQUAL(output_put(&stage, "team/shop", &output_route, "x", ""), 0);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_EQUAL(access(folder_path(stage.root, output_route_file), F_OK), 0);
    output_stage_finish(&stage);
}

static void strange_paths_are_ignored(void)
{
    static const char *const paths[] = {"",
                                        "/",
                                        "//",
                                        "resources",
                                        "resources/",
                                        "resources/team",
                                        "resources/team/routes.net.example.org",
                                        "resources/team//shop.yaml",
                                        "resources/../routes.net.example.org/shop.yaml",
                                        "resources/team/../shop.yaml",
                                        "resources/team/a.b/c/shop.yaml",
                                        "/resources/team/a.b/shop.yaml",
                                        "status/team/a.b/shop.yaml",
                                        "status/../shop.yaml",
                                        "status/team/",
                                        "other/team/shop.yaml",
                                        ".tmp/apigwd-0123456789abcdef"};
    char large[5000];
    struct output_stage stage;

    output_stage_start(&stage);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        CU_ASSERT_EQUAL(output_glance(&stage, paths[i]), 0);
        CU_ASSERT_STRING_EQUAL(stage.told.data, "");
    }
    memset(large, 'a', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    memcpy(large, "status/", 7);
    CU_ASSERT_EQUAL(output_glance(&stage, large), 0);
    memcpy(large + 4000, "/x", 2);
    CU_ASSERT_EQUAL(output_glance(&stage, large), 0);
    CU_ASSERT_STRING_EQUAL(stage.told.data, "");
    output_stage_finish(&stage);
}

/* Nothing is known of what should stand in them. */
static void something_else_in_place_of_our_folders_is_an_error(void)
{
    struct output_stage stage;

    output_stage_start(&stage);
    folder_add(stage.root, "elsewhere/team");
    folder_link(stage.root, "out/resources", folder_path(stage.root, "elsewhere"));
    CU_ASSERT_EQUAL(output_scan(&stage), ERROR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.message, "out/resources: a symbolic link"));
    CU_ASSERT_EQUAL(unlink(folder_path(stage.root, "out/resources")), 0);
    folder_write(stage.root, "out/status", "a file");
    CU_ASSERT_EQUAL(output_scan(&stage), ERROR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.message, "out/status: a file where a folder should be"));
    output_stage_finish(&stage);
}

static void the_listener_may_stop(void)
{
    struct output_stage stage;

    output_stage_start(&stage);
    folder_write(stage.root, output_route_file, route);
    folder_write(stage.root, output_status_file, "x");
    stage.listener_result = ERROR_INVALID;
    CU_ASSERT_EQUAL(output_scan(&stage), ERROR_INVALID);
    CU_ASSERT_STRING_EQUAL(stage.told.data, "");
    output_stage_finish(&stage);
}

/* Once somebody watches, our own writes come back and are not told again; anybody else's are. */
static void own_writes_are_not_told_to_whoever_watches(void)
{
    struct output_stage stage;

    output_stage_start(&stage);
    output_watched(stage.output);
    CU_ASSERT_EQUAL(output_put(&stage, "team/shop", &output_route, "a", ""), 0);
    CU_ASSERT_EQUAL(output_tell_status(&stage, "team/shop", 2, NULL), 0);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_EQUAL(output_glance(&stage, output_route_file + 4), 0);
    CU_ASSERT_STRING_EQUAL(stage.told.data, "");
    CU_ASSERT_EQUAL(output_glance(&stage, output_status_file + 4), 0);
    CU_ASSERT_STRING_EQUAL(stage.told.data, "");
    CU_ASSERT_EQUAL(output_scan(&stage), 0);
    CU_ASSERT_STRING_EQUAL(stage.told.data, "");
    /* Even if only its time of change tells. */
    CU_ASSERT_EQUAL(chmod(folder_path(stage.root, output_route_file), 0600), 0);
    CU_ASSERT_EQUAL(output_glance(&stage, output_route_file + 4), 0);
    CU_ASSERT_TRUE(output_told(&stage, "shop"));
    CU_ASSERT_EQUAL(output_glance(&stage, output_route_file + 4), 0);
    CU_ASSERT_TRUE(output_told(&stage, "shop"));
    output_stage_finish(&stage);
}

/* A file of ours that was moved away was told as gone, so that it is news when it comes back. */
static void own_writes_that_come_back_are_told(void)
{
    struct output_stage stage;
    char away[256];

    output_stage_start(&stage);
    output_watched(stage.output);
    CU_ASSERT_EQUAL(output_put(&stage, "team/shop", &output_route, "a", ""), 0);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    (void)snprintf(away, sizeof away, "%s", folder_path(stage.root, "away"));
    CU_ASSERT_EQUAL(rename(folder_path(stage.root, output_route_file), away), 0);
    CU_ASSERT_EQUAL(output_glance(&stage, output_route_file + 4), 0);
    CU_ASSERT_TRUE(output_told(&stage, "shop absent"));
    CU_ASSERT_EQUAL(rename(away, folder_path(stage.root, output_route_file)), 0);
    CU_ASSERT_EQUAL(output_glance(&stage, output_route_file + 4), 0);
    CU_ASSERT_TRUE(output_told(&stage, "shop"));
    output_stage_finish(&stage);
}

int main(void)
{
    static const struct test tests[] = {
        {"an empty output has nothing to tell", an_empty_output_has_nothing},
        {"everything that stands there is told", everything_is_told},
        {"what is no candidate is passed over", what_is_no_candidate_is_passed_over},
        {"own writes are not told to whoever watches", own_writes_are_not_told_to_whoever_watches},
        {"own writes that come back are told", own_writes_that_come_back_are_told},
        {"what is wrong is told as a problem", what_is_wrong_is_told_as_a_problem},
        {"names too long for a file come back", long_names_come_back},
        {"it goes after its folder", it_goes_after_its_folder},
        {"statuses of names too long for a file come back", long_statuses_come_back},
        {"one place is looked at", one_place_is_looked_at},
        {"paths of no object are ignored", strange_paths_are_ignored},
        {"something else in place of our folders is an error",
         something_else_in_place_of_our_folders_is_an_error},
        {"the listener may stop the reading", the_listener_may_stop},
        {NULL, NULL},
    };

    return harness_run("output_read", tests);
}
