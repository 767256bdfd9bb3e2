/* SPDX-License-Identifier: Apache-2.0 */
/* A route is not put in its place where the protection that it is written behind does not stand any more. */
#include "faults.h"
#include "folder.h"
#include "harness.h"
#include "output_stage.h"

#include "object/key.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const key = "team/shop";

/* A stage on which a policy stands, or is staged, that routes need. */
struct scene {
    struct output_stage stage;
    char version[SINK_TEXT_SIZE];
    struct sink_need need;
};

static void start(struct scene *scene, bool stands)
{
    output_stage_start(&scene->stage);
    CU_ASSERT_EQUAL(output_put(&scene->stage, key, &output_policy, "a", ""), 0);
    memcpy(scene->version, scene->stage.answer.version, sizeof scene->version);
    if (stands)
        CU_ASSERT_EQUAL(output_do(&scene->stage), 0);
    scene->need = (struct sink_need){output_policy, scene->version};
}

static int put_route(struct scene *scene, const char *host, const char *version)
{
    int result;

    scene->stage.needs = &scene->need;
    scene->stage.needs_count = 1;
    result = output_put(&scene->stage, key, &output_route, host, version);
    scene->stage.needs_count = 0;
    return result;
}

static void remove_policy(void *payload)
{
    struct scene *scene = payload;

    (void)unlink(folder_path(scene->stage.root, output_policy_file));
}

static void remove_everything(void *payload)
{
    struct scene *scene = payload;

    folder_remove(folder_path(scene->stage.root, "out/resources"));
}

static void edit_policy(void *payload)
{
    struct scene *scene = payload;

    folder_write(scene->stage.root, output_policy_file, "kind: Nonsense\n");
}

/* Of the same size, at the same place. */
static void replace_policy(void *payload)
{
    struct scene *scene = payload;

    CU_ASSERT_EQUAL(rename(folder_path(scene->stage.root, output_policy_file),
                           folder_path(scene->stage.root, "moved.yaml")),
                    0);
    folder_write(scene->stage.root, output_policy_file, "kind: Nonsense\n");
}

static void (*const harms[])(void *payload) = {remove_policy, remove_everything, edit_policy, replace_policy};

enum { HARMS = sizeof harms / sizeof harms[0] };

static void check_not_there(struct scene *scene)
{
    CU_ASSERT_FALSE(folder_has(scene->stage.root, output_route_file));
    CU_ASSERT_TRUE(output_told(&scene->stage, "team policies.auth.example.org"));
    CU_ASSERT_EQUAL(output_temporaries(&scene->stage), 0);
    CU_ASSERT_EQUAL(output_pending(scene->stage.output), 0);
}

static void a_route_goes_behind_what_stands(void)
{
    struct scene scene;

    for (int stands = 0; stands <= 1; stands++) {
        start(&scene, stands);
        CU_ASSERT_EQUAL(put_route(&scene, "a", ""), 0);
        CU_ASSERT_EQUAL(output_do(&scene.stage), 0);
        CU_ASSERT_EQUAL(scene.stage.failures, 0);
        CU_ASSERT_STRING_EQUAL(scene.stage.told.data, "");
        CU_ASSERT_TRUE(folder_has(scene.stage.root, output_route_file));
        output_stage_finish(&scene.stage);
    }
}

static void what_is_not_as_said_is_answered(void)
{
    struct scene scene;

    for (size_t i = 0; i < HARMS; i++) {
        start(&scene, true);
        harms[i](&scene);
        CU_ASSERT_EQUAL(put_route(&scene, "a", ""), ERROR_CONFLICT);
        CU_ASSERT_TRUE(output_says(&scene.stage,
                                   "policies.auth.example.org/shop.yaml: was changed or removed "
                                   "by somebody else meanwhile, and a route needs it"));
        CU_ASSERT_EQUAL(output_do(&scene.stage), 0);
        CU_ASSERT_EQUAL(scene.stage.failures, 0);
        check_not_there(&scene);
        output_stage_finish(&scene.stage);
    }
}

static void what_goes_before_the_commit_is_told(void)
{
    struct scene scene;

    for (size_t i = 0; i < HARMS; i++) {
        start(&scene, true);
        CU_ASSERT_EQUAL(put_route(&scene, "a", ""), 0);
        CU_ASSERT_EQUAL(output_tell_status(&scene.stage, key, 2, NULL), 0);
        harms[i](&scene);
        CU_ASSERT_EQUAL(output_do(&scene.stage), 0);
        CU_ASSERT_EQUAL(scene.stage.failures, 1);
        check_not_there(&scene);
        CU_ASSERT_FALSE(folder_has(scene.stage.root, output_status_file));
        output_stage_finish(&scene.stage);
    }
}

/* The sync is where time goes by. */
static void what_goes_during_the_sync_is_told(void)
{
    struct scene scene;

    for (size_t i = 0; i < HARMS; i++) {
        start(&scene, true);
        CU_ASSERT_EQUAL(put_route(&scene, "a", ""), 0);
        faults_before("sync", 1, harms[i], &scene);
        CU_ASSERT_EQUAL(output_do(&scene.stage), 0);
        CU_ASSERT_EQUAL(scene.stage.failures, 1);
        CU_ASSERT_TRUE(output_told(&scene.stage, "shop.yaml: was changed or removed by somebody else"));
        check_not_there(&scene);
        output_stage_finish(&scene.stage);
    }
}

/* Somebody else's step, which comes between the policy and the route. */
static void put_between(struct scene *scene)
{
    struct object_ref other = output_route;

    other.name = "other";
    CU_ASSERT_EQUAL(output_put(&scene->stage, "team/other", &other, "b", ""), 0);
}

static void what_was_put_there_a_moment_ago_may_go_as_well(void)
{
    struct scene scene;

    for (size_t i = 0; i < HARMS; i++) {
        start(&scene, false);
        put_between(&scene);
        CU_ASSERT_EQUAL(put_route(&scene, "a", ""), 0);
        faults_before("rename", 2, harms[i], &scene);
        CU_ASSERT_EQUAL(output_do(&scene.stage), 0);
        CU_ASSERT_TRUE(output_told(&scene.stage, "failed team/shop"));
        check_not_there(&scene);
        output_stage_finish(&scene.stage);
    }
}

/* Where the last one was refused, the next is done at once: it needs the same. */
static void at_once_needs_it_too(void)
{
    struct scene scene;

    for (size_t i = 0; i < HARMS; i++) {
        start(&scene, true);
        CU_ASSERT_EQUAL(put_route(&scene, "a", ""), 0);
        remove_policy(&scene);
        CU_ASSERT_EQUAL(output_do(&scene.stage), 0);
        CU_ASSERT_EQUAL(scene.stage.failures, 1);
        CU_ASSERT_EQUAL(output_put(&scene.stage, key, &output_policy, "a", ""), 0);
        put_between(&scene);
        faults_before("rename", 2, harms[i], &scene);
        CU_ASSERT_EQUAL(put_route(&scene, "a", ""), ERROR_CONFLICT);
        CU_ASSERT_TRUE(output_says(&scene.stage, "and a route needs it"));
        CU_ASSERT_EQUAL(output_do(&scene.stage), 0);
        check_not_there(&scene);
        output_stage_finish(&scene.stage);
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"a route goes behind what stands, or is staged", a_route_goes_behind_what_stands},
        {"what is not as the step says is answered", what_is_not_as_said_is_answered},
        {"what goes before the commit is told", what_goes_before_the_commit_is_told},
        {"what goes during the sync", what_goes_during_the_sync_is_told},
        {"what was put there a moment ago", what_was_put_there_a_moment_ago_may_go_as_well},
        {"a step that is done at once needs it too", at_once_needs_it_too},
        {NULL, NULL},
    };

    return harness_run("output_needs", tests);
}
