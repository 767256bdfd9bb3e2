/* SPDX-License-Identifier: Apache-2.0 */
#include "faults.h"
#include "folder.h"
#include "harness.h"
#include "output_stage.h"

#include "base/json.h"
#include "object/key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const key = "team/shop";
static const struct object_ref policy = {.group = "auth.example.org",
                                         .kind = "Policy",
                                         .plural = "policies",
                                         .name_space = "team",
                                         .name = "shop-policy"};
static const char *const policy_file = "out/resources/team/policies.auth.example.org/shop-policy.yaml";

/* A policy and a route, open for reading what was staged. */
static void stage_both(struct output_stage *stage, const char *host)
{
    CU_ASSERT_EQUAL(output_put(stage, key, &policy, host, ""), 0);
    CU_ASSERT_EQUAL(output_put(stage, key, &output_route, host, ""), 0);
    CU_ASSERT_EQUAL(output_tell_status(stage, key, 2, NULL), 0);
}

/* Temporary files, one sync, renames in the order of the steps, statuses last, one sync. */
static void the_order_is_kept(void)
{
    struct object_ref second = output_route;
    struct output_stage stage;
    char version[SINK_TEXT_SIZE];

    output_stage_start(&stage);
    second.name = "second";
    CU_ASSERT_EQUAL(output_put(&stage, "team/second", &second, "x", ""), 0);
    memcpy(version, stage.answer.version, sizeof version);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    faults_trace();
    stage_both(&stage, "a");
    CU_ASSERT_EQUAL(output_apply(&stage, "team/second", &second, NULL, version), 0);
    CU_ASSERT_EQUAL(output_tell_status(&stage, "team/second", 0, NULL), 0);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_STRING_EQUAL(faults_traced(),
                           "mkdir policies.auth.example.org\ncreate\nwrite\ncreate\nwrite\n"
                           "mkdir status\nmkdir team\ncreate\nwrite\ncreate\nwrite\n"
                           "sync\nrename shop-policy.yaml\nrename shop.yaml\nunlink second.yaml\n"
                           "rename shop.yaml\nrename second.yaml\n"
                           "unlink routes.net.example.org\nsync\n");
    output_stage_finish(&stage);
}

static void a_step_that_fails_stops_its_key_only(void)
{
    static const char *const other_file = "out/resources/team/routes.net.example.org/other.yaml";
    struct object_ref other = output_route;
    struct output_stage stage;

    output_stage_start(&stage);
    other.name = "other";
    stage_both(&stage, "a");
    CU_ASSERT_EQUAL(output_put(&stage, "team/other", &other, "a", ""), 0);
    CU_ASSERT_EQUAL(output_tell_status(&stage, "team/other", 2, NULL), 0);
    faults_refuse("rename", 1, 1, EIO);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_TRUE(faults_end());
    CU_ASSERT_FALSE(folder_has(stage.root, policy_file));
    CU_ASSERT_FALSE(folder_has(stage.root, "out/resources/team/policies.auth.example.org"));
    CU_ASSERT_FALSE(folder_has(stage.root, output_route_file));
    CU_ASSERT_FALSE(folder_has(stage.root, output_status_file));
    CU_ASSERT_TRUE(folder_has(stage.root, other_file));
    CU_ASSERT_TRUE(folder_has(stage.root, "out/status/team/other.yaml"));
    CU_ASSERT_TRUE(output_told(&stage, "team policies.auth.example.org ? shop-policy absent\n"
                                       "team routes.net.example.org ? shop absent\n"
                                       "failed team/shop -3: /tmp/"));
    CU_ASSERT_TRUE(output_told(&stage, "shop-policy.yaml: cannot be written: Input/output error\n"));
    CU_ASSERT_PTR_NULL(strstr(stage.told.data, "other"));
    CU_ASSERT_EQUAL(output_temporaries(&stage), 0);
    CU_ASSERT_EQUAL(output_pending(stage.output), 0);
    output_stage_finish(&stage);
}

/* What was refused once is answered truthfully from then on. */
static void a_refused_place_is_tried_at_once(void)
{
    struct output_stage stage;
    char version[SINK_TEXT_SIZE];

    output_stage_start(&stage);
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "a", ""), 0);
    faults_refuse("rename", 1, 2, EPERM);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_TRUE(output_told(&stage, "failed team/shop -3: "));
    faults_trace();
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "a", ""), ERROR_IO);
    CU_ASSERT_TRUE(output_says(&stage, "shop.yaml: cannot be written: Operation not permitted"));
    CU_ASSERT_STRING_EQUAL(faults_traced(), "mkdir team\nmkdir routes.net.example.org\n"
                                            "create\nwrite\ndatasync\nrename shop.yaml\nunlink TMP\n"
                                            "unlink routes.net.example.org\nunlink team\n");
    CU_ASSERT_EQUAL(output_temporaries(&stage), 0);
    CU_ASSERT_TRUE(faults_end());
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "a", ""), 0);
    memcpy(version, stage.answer.version, sizeof version);
    CU_ASSERT_TRUE(folder_has(stage.root, output_route_file));
    /* Done, and forgotten: the next one waits again. */
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "b", version), 0);
    memcpy(version, stage.answer.version, sizeof version);
    CU_ASSERT_EQUAL(output_temporaries(&stage), 1);
    faults_trace();
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_STRING_EQUAL(faults_traced(), "sync\nrename shop.yaml\nsync\n");
    /* The same for a removal. */
    CU_ASSERT_EQUAL(output_apply(&stage, key, &output_route, NULL, version), 0);
    faults_refuse("unlink", 1, 1, EPERM);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_TRUE(output_told(&stage, "Route shop"));
    CU_ASSERT_TRUE(output_told(&stage, "shop.yaml: cannot be removed: Operation not permitted"));
    CU_ASSERT_EQUAL(output_apply(&stage, key, &output_route, NULL, version), 0);
    CU_ASSERT_FALSE(folder_has(stage.root, "out/resources/team"));
    CU_ASSERT_EQUAL(output_pending(stage.output), 1);
    faults_trace();
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_STRING_EQUAL(faults_traced(), "sync\n");
    output_stage_finish(&stage);
}

/* At once does not mean before what was asked for earlier. */
static void at_once_keeps_the_order(void)
{
    struct output_stage stage;

    output_stage_start(&stage);
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "a", ""), 0);
    faults_refuse("rename", 1, 1, EPERM);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    /* The policy before the route, and without it no route. */
    CU_ASSERT_EQUAL(output_put(&stage, key, &policy, "a", ""), 0);
    faults_refuse("rename", 1, 1, EIO);
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "a", ""), ERROR_IO);
    CU_ASSERT_TRUE(output_says(&stage, "an earlier step could not be done: /tmp/"));
    CU_ASSERT_TRUE(output_says(&stage, "shop-policy.yaml"));
    CU_ASSERT_TRUE(faults_end());
    CU_ASSERT_FALSE(folder_has(stage.root, output_route_file));
    CU_ASSERT_EQUAL(output_pending(stage.output), 1);
    CU_ASSERT_EQUAL(output_tell_status(&stage, key, 3, NULL), 0);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_TRUE(output_told(&stage, "shop-policy absent\nfailed team/shop -3: "));
    CU_ASSERT_FALSE(folder_has(stage.root, output_status_file));
    CU_ASSERT_EQUAL(output_temporaries(&stage), 0);
    /* Now both are refused places. */
    faults_trace();
    CU_ASSERT_EQUAL(output_put(&stage, key, &policy, "a", ""), 0);
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "a", ""), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(faults_traced(), "write\ndatasync\nrename shop-policy.yaml\n"
                                                   "mkdir routes.net.example.org\ncreate\n"
                                                   "write\ndatasync\nrename shop.yaml\n"));
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_STRING_EQUAL(stage.told.data, "");
    output_stage_finish(&stage);
}

static void at_once_waits_for_a_staged_policy(void)
{
    struct output_stage stage;

    output_stage_start(&stage);
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "a", ""), 0);
    faults_refuse("rename", 1, 1, EPERM);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_TRUE(faults_end());
    faults_trace();
    CU_ASSERT_EQUAL(output_put(&stage, key, &policy, "a", ""), 0);
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "a", ""), 0);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(faults_traced(), "datasync\nsync\nrename shop-policy.yaml\nrename shop.yaml\n"));
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    output_stage_finish(&stage);
}

static void a_report_that_fails_is_told(void)
{
    struct output_stage stage;

    output_stage_start(&stage);
    stage_both(&stage, "a");
    faults_refuse("rename", 3, 1, EROFS);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_TRUE(faults_end());
    CU_ASSERT_TRUE(folder_has(stage.root, output_route_file));
    CU_ASSERT_FALSE(folder_has(stage.root, output_status_file));
    CU_ASSERT_EQUAL(strncmp(stage.told.data, "failed team/shop -3: ", 21), 0);
    CU_ASSERT_TRUE(output_told(&stage, "status/team/shop.yaml: cannot be written: Read-only file system"));
    CU_ASSERT_EQUAL(output_temporaries(&stage), 0);
    output_stage_finish(&stage);
}

static void without_a_sync_nothing_is_done(void)
{
    struct output_stage stage;

    output_stage_start(&stage);
    stage_both(&stage, "a");
    CU_ASSERT_EQUAL(output_tell_status(&stage, "team/other", 3, NULL), 0);
    faults_refuse("sync", 1, 1, EIO);
    faults_trace();
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_PTR_NULL(strstr(faults_traced(), "rename"));
    CU_ASSERT_TRUE(output_told(&stage, "failed team/shop -3: "));
    CU_ASSERT_TRUE(output_told(&stage, "failed team/other -3: "));
    CU_ASSERT_TRUE(output_told(&stage, "out: cannot be synced: Input/output error"));
    CU_ASSERT_EQUAL(output_temporaries(&stage), 0);
    /* The last sync: it stands, but who knows for how long. */
    stage_both(&stage, "a");
    faults_refuse("sync", 1, 2, EIO);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_TRUE(faults_end());
    CU_ASSERT_TRUE(output_told(&stage, "failed team/shop -3: "));
    output_stage_finish(&stage);
}

static void spoil(const struct output_stage *stage, const char *content)
{
    folder_write(stage->root, output_route_file, content);
}

static void what_changes_before_the_commit_is_left_alone(void)
{
    static const char theirs[] =
        "{apiVersion: net.example.org/v1, kind: Route, metadata: {name: shop, namespace: team}}\n";
    struct output_stage stage;
    char version[SINK_TEXT_SIZE];

    output_stage_start(&stage);
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "a", ""), 0);
    CU_ASSERT_EQUAL(output_tell_status(&stage, key, 2, NULL), 0);
    spoil(&stage, theirs);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_TRUE(folder_holds(stage.root, output_route_file, theirs));
    CU_ASSERT_FALSE(folder_has(stage.root, output_status_file));
    CU_ASSERT_TRUE(output_told(&stage, "failed team/shop -7: "));
    CU_ASSERT_TRUE(output_told(&stage, "shop.yaml: something else was put there meanwhile"));
    CU_ASSERT_EQUAL(sscanf(stage.told.data, "team routes.net.example.org Route shop %63s", version), 1);
    /* Replaced at once now, as the place is known for trouble; then once more, and changed meanwhile. */
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "b", version), 0);
    memcpy(version, stage.answer.version, sizeof version);
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "c", version), 0);
    spoil(&stage, theirs);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_TRUE(folder_holds(stage.root, output_route_file, theirs));
    CU_ASSERT_TRUE(output_told(&stage, "shop.yaml: was changed by somebody else meanwhile"));
    CU_ASSERT_EQUAL(sscanf(stage.told.data, "team routes.net.example.org Route shop %63s", version), 1);
    /* A removal. */
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "b", version), 0);
    CU_ASSERT_EQUAL(output_apply(&stage, key, &output_route, NULL, stage.answer.version), 0);
    spoil(&stage, theirs);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_TRUE(output_told(&stage, "failed team/shop -7: "));
    CU_ASSERT_TRUE(folder_holds(stage.root, output_route_file, theirs));
    CU_ASSERT_EQUAL(output_temporaries(&stage), 0);
    output_stage_finish(&stage);
}

static void what_goes_before_the_commit(void)
{
    struct output_stage stage;
    char version[SINK_TEXT_SIZE];

    output_stage_start(&stage);
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "a", ""), 0);
    memcpy(version, stage.answer.version, sizeof version);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "b", version), 0);
    CU_ASSERT_EQUAL(unlink(folder_path(stage.root, output_route_file)), 0);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_TRUE(output_told(&stage, "team routes.net.example.org ? shop absent\nfailed team/shop -7: "));
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "b", ""), 0);
    memcpy(version, stage.answer.version, sizeof version);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_EQUAL(output_apply(&stage, key, &output_route, NULL, version), 0);
    CU_ASSERT_EQUAL(unlink(folder_path(stage.root, output_route_file)), 0);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_STRING_EQUAL(stage.told.data, "");
    output_stage_finish(&stage);
}

static void old_file_systems_will_do(void)
{
    struct output_stage stage;

    output_stage_start(&stage);
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "a", ""), 0);
    faults_refuse("rename", 1, 1, EINVAL);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_TRUE(faults_end());
    CU_ASSERT_TRUE(folder_has(stage.root, output_route_file));
    CU_ASSERT_EQUAL(output_put(&stage, key, &policy, "a", ""), 0);
    folder_write(stage.root, policy_file, "theirs");
    faults_refuse("rename", 1, 1, EINVAL);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_TRUE(faults_end());
    CU_ASSERT_TRUE(folder_holds(stage.root, policy_file, "theirs"));
    CU_ASSERT_TRUE(output_told(&stage, "failed team/shop -7: "));
    output_stage_finish(&stage);
}

static void closing_drops_what_is_staged(void)
{
    struct output_stage stage;
    struct output *second = NULL;

    output_stage_start(&stage);
    CU_ASSERT_EQUAL(output_open(folder_path(stage.root, "out/"), &second, &stage.error), ERROR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.message, "in use by another apigwd"));
    stage_both(&stage, "a");
    output_stage_again(&stage);
    CU_ASSERT_EQUAL(output_temporaries(&stage), 0);
    CU_ASSERT_FALSE(folder_has(stage.root, "out/resources/team"));
    CU_ASSERT_FALSE(folder_has(stage.root, "out/status/team"));
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    output_close(NULL);
    output_stage_finish(&stage);
}

static void leftovers_are_removed(void)
{
    struct output_stage stage;
    struct stat info;

    output_stage_start(&stage);
    folder_write(stage.root, "out/.tmp/apigwd-0123456789abcdef", "half");
    folder_write(stage.root, "out/.tmp/apigwd-new", "kept");
    folder_write(stage.root, "out/.tmp/theirs", "kept");
    folder_link(stage.root, "out/.tmp/apigwd-0123456789abcdee", "theirs");
    folder_add(stage.root, "out/.tmp/apigwd-0123456789abcded");
    output_stage_again(&stage);
    CU_ASSERT_EQUAL(output_temporaries(&stage), 4);
    CU_ASSERT_FALSE(folder_has(stage.root, "out/.tmp/apigwd-0123456789abcdef"));
    CU_ASSERT_EQUAL(rename(folder_path(stage.root, "out/.tmp"), folder_path(stage.root, "moved")), 0);
    stage_both(&stage, "a");
    CU_ASSERT_EQUAL(stat(folder_path(stage.root, "out/.tmp"), &info), 0);
    CU_ASSERT_EQUAL(info.st_mode & 07777, 0700);
    output_stage_finish(&stage);
}

static void the_listener_may_stop(void)
{
    struct output_stage stage;

    output_stage_start(&stage);
    stage_both(&stage, "a");
    faults_refuse("rename", 1, 1, EIO);
    stage.listener_result = -99;
    CU_ASSERT_EQUAL(output_do(&stage), -99);
    CU_ASSERT_TRUE(faults_end());
    CU_ASSERT_EQUAL(output_temporaries(&stage), 0);
    CU_ASSERT_EQUAL(output_pending(stage.output), 0);
    stage.listener_result = 0;
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_STRING_EQUAL(stage.told.data, "");
    output_stage_finish(&stage);
}

int main(void)
{
    static const struct test tests[] = {
        {"temporary files, a sync, renames in order, statuses last, a sync", the_order_is_kept},
        {"a step that fails stops its key and no other", a_step_that_fails_stops_its_key_only},
        {"a refused place is tried at once", a_refused_place_is_tried_at_once},
        {"at once does not mean out of order", at_once_keeps_the_order},
        {"at once waits for a staged policy", at_once_waits_for_a_staged_policy},
        {"a report that fails is told", a_report_that_fails_is_told},
        {"without a sync nothing is done", without_a_sync_nothing_is_done},
        {"what changes before the commit is left alone", what_changes_before_the_commit_is_left_alone},
        {"what goes before the commit", what_goes_before_the_commit},
        {"file systems without RENAME_NOREPLACE will do", old_file_systems_will_do},
        {"closing drops what is staged", closing_drops_what_is_staged},
        {"what killed programs left is removed", leftovers_are_removed},
        {"the listener may stop the telling", the_listener_may_stop},
        {NULL, NULL},
    };

    return harness_run("output_commit", tests);
}
