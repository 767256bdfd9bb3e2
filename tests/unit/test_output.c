/* SPDX-License-Identifier: Apache-2.0 */
#include "faults.h"
#include "folder.h"
#include "harness.h"
#include "output_stage.h"

#include "base/json.h"
#include "object/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const key = "team/shop";
static const char route_a[] = "apiVersion: net.example.org/v1\nkind: Route\nmetadata:\n  name: shop\n"
                              "  namespace: team\n  labels:\n    createdBy: apigwd\n"
                              "spec:\n  hosts:\n  - a.example.org\n";
static const char status_2[] = "apiVersion: gateway.kyma-project.io/v1alpha2\nkind: Api\nmetadata:\n"
                               "  name: shop\n  namespace: team\nstatus:\n  validationStatus: 2\n";

static void objects_go_to_their_files(void)
{
    struct output_stage stage;

    output_stage_start(&stage);
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "a.example.org", ""), 0);
    CU_ASSERT_EQUAL(output_tell_status(&stage, key, 2, NULL), 0);
    CU_ASSERT_FALSE(folder_has(stage.root, output_route_file));
    CU_ASSERT_FALSE(folder_has(stage.root, output_status_file));
    CU_ASSERT_EQUAL(output_temporaries(&stage), 2);
    CU_ASSERT_EQUAL(output_pending(stage.output), 2);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_TRUE(folder_holds(stage.root, output_route_file, route_a));
    CU_ASSERT_TRUE(folder_holds(stage.root, output_status_file, status_2));
    CU_ASSERT_EQUAL(output_temporaries(&stage), 0);
    CU_ASSERT_EQUAL(output_pending(stage.output), 0);
    CU_ASSERT_STRING_EQUAL(stage.told.data, "");
    output_stage_finish(&stage);
}

/* A second run over what stands. */
static void equal_content_is_not_written(void)
{
    struct output_stage stage;
    char version[SINK_TEXT_SIZE];

    output_stage_start(&stage);
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "a.example.org", ""), 0);
    memcpy(version, stage.answer.version, sizeof version);
    CU_ASSERT_EQUAL(strlen(version), 16);
    CU_ASSERT_EQUAL(output_tell_status(&stage, key, 2, NULL), 0);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    output_stage_again(&stage);
    faults_trace();
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "a.example.org", version), 0);
    CU_ASSERT_STRING_EQUAL(stage.answer.version, version);
    CU_ASSERT_EQUAL(output_tell_status(&stage, key, 2, NULL), 0);
    CU_ASSERT_EQUAL(output_pending(stage.output), 0);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_STRING_EQUAL(faults_traced(), "");
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "b.example.org", version), 0);
    CU_ASSERT_STRING_NOT_EQUAL(stage.answer.version, version);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_FALSE(folder_holds(stage.root, output_route_file, route_a));
    output_stage_finish(&stage);
}

static void only_what_was_observed_is_replaced(void)
{
    struct output_stage stage;
    char version[SINK_TEXT_SIZE];

    output_stage_start(&stage);
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "a", "0123456789abcdef"), ERROR_CONFLICT);
    CU_ASSERT_TRUE(output_says(&stage, "shop.yaml: is gone"));
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "a.example.org", ""), 0);
    memcpy(version, stage.answer.version, sizeof version);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_TRUE(output_told(&stage, "team routes.net.example.org Route shop"));
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "b", ""), ERROR_CONFLICT);
    CU_ASSERT_TRUE(output_says(&stage, "out/resources/team/routes.net.example.org/shop.yaml: was put there"));
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "b", "0123456789abcdef"), ERROR_CONFLICT);
    CU_ASSERT_TRUE(output_says(&stage, "shop.yaml: was changed by somebody else meanwhile"));
    CU_ASSERT_EQUAL(output_apply(&stage, key, &output_route, NULL, "0123456789abcdef"), ERROR_CONFLICT);
    CU_ASSERT_EQUAL(output_apply(&stage, key, &output_route, NULL, ""), ERROR_CONFLICT);
    /* Whoever asked is told what stands there. */
    CU_ASSERT_NOT_EQUAL(output_pending(stage.output), 0);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_TRUE(output_told(&stage, version));
    CU_ASSERT_TRUE(folder_holds(stage.root, output_route_file, route_a));
    output_stage_finish(&stage);
}

static void steps_on_one_file_build_on_each_other(void)
{
    struct output_stage stage;
    char version[SINK_TEXT_SIZE];
    char first[SINK_TEXT_SIZE];

    output_stage_start(&stage);
    faults_trace();
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "wide", ""), 0);
    memcpy(first, stage.answer.version, sizeof first);
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "narrow", ""), ERROR_CONFLICT);
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "wide", first), 0);
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "a.example.org", first), 0);
    memcpy(version, stage.answer.version, sizeof version);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(faults_traced(), "rename shop.yaml\nrename shop.yaml\nsync\n"));
    CU_ASSERT_TRUE(folder_holds(stage.root, output_route_file, route_a));
    /* Changed, removed, made again, removed. */
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "b", version), 0);
    memcpy(version, stage.answer.version, sizeof version);
    CU_ASSERT_EQUAL(output_apply(&stage, key, &output_route, NULL, version), 0);
    CU_ASSERT_STRING_EQUAL(stage.answer.version, "");
    CU_ASSERT_EQUAL(output_apply(&stage, key, &output_route, NULL, version), 0);
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "c", version), ERROR_CONFLICT);
    CU_ASSERT_EQUAL(output_put(&stage, "team/other", &output_route, "a.example.org", ""), 0);
    CU_ASSERT_EQUAL(output_pending(stage.output), 3 + 1);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_PTR_NULL(strstr(stage.told.data, "failed"));
    CU_ASSERT_TRUE(folder_holds(stage.root, output_route_file, route_a));
    CU_ASSERT_EQUAL(output_temporaries(&stage), 0);
    output_stage_finish(&stage);
}

static void empty_folders_go_with_their_last_file(void)
{
    struct object_ref other = output_route;
    struct output_stage stage;
    char version[2][SINK_TEXT_SIZE];

    output_stage_start(&stage);
    other.name = "other";
    CU_ASSERT_EQUAL(
        output_put(&stage, key, &output_route, "a", "") + output_tell_status(&stage, key, 2, NULL), 0);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_EQUAL(output_scan(&stage), 0);
    CU_ASSERT_EQUAL(sscanf(stage.told.data, "%*s %*s %*s %*s %63s", version[0]), 1);
    CU_ASSERT_EQUAL(output_put(&stage, key, &other, "a", ""), 0);
    memcpy(version[1], stage.answer.version, sizeof version[1]);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_EQUAL(output_apply(&stage, key, &output_route, NULL, version[0]), 0);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_FALSE(folder_has(stage.root, output_route_file));
    CU_ASSERT_TRUE(folder_has(stage.root, "out/resources/team/routes.net.example.org"));
    CU_ASSERT_EQUAL(output_apply(&stage, key, &other, NULL, version[1]) + output_forget(&stage, key), 0);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_FALSE(folder_has(stage.root, "out/resources/team"));
    CU_ASSERT_FALSE(folder_has(stage.root, "out/status/team"));
    CU_ASSERT_TRUE(folder_has(stage.root, "out/resources"));
    CU_ASSERT_TRUE(folder_has(stage.root, "out/status"));
    /* Gone already: a success, and nothing to do. */
    CU_ASSERT_EQUAL(output_apply(&stage, key, &other, NULL, version[1]) + output_forget(&stage, key), 0);
    CU_ASSERT_EQUAL(output_pending(stage.output), 0);
    /* And the folders come back. */
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "a.example.org", ""), 0);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_TRUE(folder_holds(stage.root, output_route_file, route_a));
    output_stage_finish(&stage);
}

/* Labels, annotations and finalizers of others stay; ours that are not wanted, and all else, do not. */
static void what_others_added_stays(void)
{
    static const char file[] =
        "apiVersion: net.example.org/v1\nkind: Route\nmetadata:\n  name: shop\n  namespace: team\n"
        "  labels: {createdBy: old, apiUid: u, apiVersion: '7', team: blue, odd: 5}\n"
        "  annotations: {apigwd.io/apiName: x, apigwd.io/more: z, note: theirs}\n"
        "  finalizers: [a.example.org/f, 3]\n  uid: '1'\n  ownerReferences: [{kind: X}]\n"
        "spec: {hosts: [z], weaker: true}\nstatus: {x: 1}\n";
    static const char wanted[] =
        "apiVersion: net.example.org/v1\nkind: Route\nmetadata:\n  name: shop\n  namespace: team\n"
        "  labels:\n    createdBy: apigwd\n    team: blue\n  annotations:\n    note: theirs\n"
        "  finalizers:\n  - a.example.org/f\nspec:\n  hosts:\n  - a.example.org\n";
    struct output_stage stage;
    char version[SINK_TEXT_SIZE];

    output_stage_start(&stage);
    folder_write(stage.root, output_route_file, file);
    CU_ASSERT_EQUAL(output_scan(&stage), 0);
    CU_ASSERT_EQUAL(sscanf(stage.told.data, "%*s %*s %*s %*s %63s", version), 1);
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "a.example.org", version), 0);
    memcpy(version, stage.answer.version, sizeof version);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_TRUE(folder_holds(stage.root, output_route_file, wanted));
    faults_trace();
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "a.example.org", version), 0);
    CU_ASSERT_EQUAL(output_pending(stage.output), 0);
    CU_ASSERT_STRING_EQUAL(faults_traced(), "");
    CU_ASSERT_STRING_EQUAL(stage.answer.version, version);
    output_stage_finish(&stage);
}

static void names_never_lead_out(void)
{
    static const char *const names[] = {"..", ".", "", "../x", "a/b", "A", "a\nb"};
    struct output_stage stage;

    output_stage_start(&stage);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char made[32];
        struct object_ref ref = output_route;
        ref.name = names[i];
        CU_ASSERT_EQUAL(output_put(&stage, key, &ref, "x", ""), ERROR_INVALID);
        CU_ASSERT_EQUAL(output_apply(&stage, key, &ref, NULL, ""), ERROR_INVALID);
        ref = output_route;
        ref.name_space = names[i];
        CU_ASSERT_EQUAL(output_put(&stage, key, &ref, "x", ""), ERROR_INVALID);
        ref = output_route;
        ref.plural = names[i];
        CU_ASSERT_EQUAL(output_put(&stage, key, &ref, "x", ""), ERROR_INVALID);
        (void)snprintf(made, sizeof made, "team/%s", names[i]);
        CU_ASSERT_EQUAL(output_tell_status(&stage, made, 2, NULL), ERROR_INVALID);
        CU_ASSERT_EQUAL(output_forget(&stage, made), ERROR_INVALID);
    }
    CU_ASSERT_FALSE(folder_has(stage.root, "out/resources"));
    CU_ASSERT_FALSE(folder_has(stage.root, "out/status"));
    output_stage_finish(&stage);
}

static void links_below_the_output_are_not_followed(void)
{
    static const char *const links[] = {"out/resources", "out/resources/team",
                                        "out/resources/team/routes.net.example.org", "out/.tmp"};
    struct output_stage stage;

    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        output_stage_start(&stage);
        folder_add(stage.root, "elsewhere/team/routes.net.example.org");
        folder_link(stage.root, links[i], folder_path(stage.root, "elsewhere"));
        CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "x", ""), ERROR_FOREIGN);
        CU_ASSERT_TRUE(output_says(&stage, links[i]));
        CU_ASSERT_TRUE(output_says(&stage, "a symbolic link, which is not followed here; move it away"));
        CU_ASSERT_EQUAL(output_do(&stage), 0);
        CU_ASSERT_TRUE(output_told(&stage, i < 3 ? "shop problem: /tmp/" : "shop absent\n"));
        CU_ASSERT_FALSE(folder_has(stage.root, "elsewhere/shop.yaml"));
        CU_ASSERT_FALSE(folder_has(stage.root, "elsewhere/routes.net.example.org/shop.yaml"));
        CU_ASSERT_FALSE(folder_has(stage.root, "elsewhere/team/routes.net.example.org/shop.yaml"));
        output_stage_finish(&stage);
    }
    output_stage_start(&stage);
    folder_link(stage.root, "out/status", "/etc");
    CU_ASSERT_EQUAL(output_tell_status(&stage, key, 2, NULL), ERROR_FOREIGN);
    CU_ASSERT_EQUAL(output_forget(&stage, key), ERROR_FOREIGN);
    output_stage_finish(&stage);
}

/* Between the step and the commit a folder becomes a link. */
static void a_folder_that_is_moved_away_is_noticed(void)
{
    struct output_stage stage;

    output_stage_start(&stage);
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "x", ""), 0);
    CU_ASSERT_EQUAL(rename(folder_path(stage.root, "out/resources"), folder_path(stage.root, "away")), 0);
    folder_link(stage.root, "out/resources", folder_path(stage.root, "away"));
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_TRUE(output_told(&stage, "failed team/shop -5: "));
    CU_ASSERT_TRUE(output_told(&stage, "out/resources: a symbolic link"));
    CU_ASSERT_FALSE(folder_has(stage.root, "away/team/routes.net.example.org/shop.yaml"));
    CU_ASSERT_EQUAL(output_temporaries(&stage), 0);
    output_stage_finish(&stage);
}

static void refused_by(struct output_stage *stage, const char *words)
{
    CU_ASSERT_EQUAL(output_put(stage, key, &output_route, "x", ""), ERROR_FOREIGN);
    CU_ASSERT_TRUE(output_says(stage, words));
    CU_ASSERT_TRUE(output_says(stage, output_route_file));
    CU_ASSERT_EQUAL(output_apply(stage, key, &output_route, NULL, "0123456789abcdef"), ERROR_FOREIGN);
    CU_ASSERT_EQUAL(output_do(stage), 0);
    CU_ASSERT_TRUE(output_told(stage, "team routes.net.example.org ? shop problem: "));
    CU_ASSERT_TRUE(output_told(stage, words));
    CU_ASSERT_TRUE(folder_has(stage->root, output_route_file));
    CU_ASSERT_EQUAL(output_temporaries(stage), 0);
}

static void what_is_no_file_is_left_alone(void)
{
    struct output_stage stage;

    output_stage_start(&stage);
    folder_write(stage.root, "victim", route_a);
    folder_link(stage.root, output_route_file, folder_path(stage.root, "victim"));
    refused_by(&stage, "a symbolic link");
    CU_ASSERT_TRUE(folder_holds(stage.root, "victim", route_a));
    CU_ASSERT_EQUAL(unlink(folder_path(stage.root, output_route_file)), 0);
    CU_ASSERT_EQUAL(mkfifo(folder_path(stage.root, output_route_file), 0600), 0);
    refused_by(&stage, "not a regular file");
    CU_ASSERT_EQUAL(unlink(folder_path(stage.root, output_route_file)), 0);
    folder_add(stage.root, output_route_file);
    refused_by(&stage, "not a regular file");
    CU_ASSERT_EQUAL(rmdir(folder_path(stage.root, output_route_file)), 0);
    folder_write_sized(stage.root, output_route_file, (1 << 20) + 1);
    refused_by(&stage, "at most 1048576 are read");
    output_stage_finish(&stage);
}

static void foreign_content_is_left_alone(void)
{
    static const struct {
        const char *content;
        const char *words;
    } cases[] = {
        {"no: [yaml", "shop.yaml:2:1: "},
        {"", "holds null instead of the "},
        {"just text\n", "holds a string instead of"},
        {"a: 1\n---\nb: 1\n", "shop.yaml:3:1: a second document"},
        {"{apiVersion: v1, kind: Service, metadata: {name: shop, namespace: team}}\n",
         "holds v1 Service team/shop instead of the "},
        {"{apiVersion: net.example.org/v1, kind: Route, metadata: {name: other, namespace: team}}\n",
         "team/other"},
        {"{apiVersion: net.example.org/v1, kind: Route, metadata: {name: shop}}\n", "default/shop"},
        {"{apiVersion: net.example.org/v1, kind: Route}\n", "(no name)"},
        {"{apiVersion: net.example.org/v1, metadata: {name: shop, namespace: team}}\n", "(no kind)"},
    };
    struct output_stage stage;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        output_stage_start(&stage);
        folder_write(stage.root, output_route_file, cases[i].content);
        refused_by(&stage, cases[i].words);
        CU_ASSERT_TRUE(folder_holds(stage.root, output_route_file, cases[i].content));
        output_stage_finish(&stage);
    }
}

static json_t *nested(unsigned depth)
{
    json_t *value = json_string("x");

    while (depth-- > 0)
        value = json_pack("[o]", value);
    return value;
}

static json_t *with(const char *name, json_t *value)
{
    json_t *object = output_make(&output_route, "a");

    (void)json_object_set_new(object, name, value);
    return object;
}

static void what_could_not_be_read_again_is_not_written(void)
{
    struct output_stage stage;
    char *large = malloc((1 << 20) + 1);
    json_t *other;

    output_stage_start(&stage);
    CU_ASSERT_PTR_NOT_NULL_FATAL(large);
    CU_ASSERT_EQUAL(output_apply(&stage, key, &output_route, with("deep", nested(64)), ""), ERROR_LIMIT);
    memset(large, 'a', 1 << 20);
    large[1 << 20] = '\0';
    CU_ASSERT_EQUAL(output_apply(&stage, key, &output_route, with("large", json_string(large)), ""),
                    ERROR_LIMIT);
    CU_ASSERT_TRUE(output_says(&stage, output_route_file));
    CU_ASSERT_EQUAL(output_pending(stage.output), 0);
    CU_ASSERT_EQUAL(output_temporaries(&stage), 0);
    large[(1 << 20) - 1000] = '\0';
    CU_ASSERT_EQUAL(output_apply(&stage, key, &output_route, with("large", json_string(large)), ""), 0);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_EQUAL(output_scan(&stage), 0);
    CU_ASSERT_TRUE(output_told(&stage, stage.answer.version));
    other = output_make(&output_route, "a");
    (void)json_object_set_new(other, "kind", json_string("Service"));
    CU_ASSERT_EQUAL(output_apply(&stage, key, &output_route, other, stage.answer.version), ERROR_INVALID);
    free(large);
    output_stage_finish(&stage);
}

int main(void)
{
    static const struct test tests[] = {
        {"objects and statuses go to their files at the commit", objects_go_to_their_files},
        {"equal content is not written, and a commit of nothing does nothing", equal_content_is_not_written},
        {"only what was observed is replaced or removed", only_what_was_observed_is_replaced},
        {"steps on one file build on each other", steps_on_one_file_build_on_each_other},
        {"empty folders go with their last file", empty_folders_go_with_their_last_file},
        {"what others added to an output stays", what_others_added_stays},
        {"names never lead out of the output", names_never_lead_out},
        {"links below the output are not followed", links_below_the_output_are_not_followed},
        {"a folder that is moved away before the commit is noticed", a_folder_that_is_moved_away_is_noticed},
        {"what is no regular file is left alone", what_is_no_file_is_left_alone},
        {"foreign content is left alone and named", foreign_content_is_left_alone},
        {"what could not be read again is not written", what_could_not_be_read_again_is_not_written},
        {NULL, NULL},
    };

    return harness_run("output", tests);
}
