/* SPDX-License-Identifier: Apache-2.0 */
#include "faults.h"
#include "folder.h"
#include "harness.h"
#include "output_stage.h"

#include "object/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const key = "team/shop";
static const char *const early = "2026-01-02T03:04:05Z";
static const char *const late = "2026-01-02T03:04:06Z";

/* The status as it is written. */
static const char *written(int code, const char *time)
{
    static char text[512];

    (void)snprintf(text, sizeof text,
                   "apiVersion: gateway.kyma-project.io/v1alpha2\nkind: Api\nmetadata:\n  name: shop\n"
                   "  namespace: team\nstatus:\n  validationStatus: %d\n  conditions:\n  - type: Ready\n"
                   "    status: \"%s\"\n    lastTransitionTime: \"%s\"\n",
                   code, code == 2 ? "True" : "False", time);
    return text;
}

static void times_alone_are_not_written(void)
{
    struct output_stage stage;
    char version[SINK_TEXT_SIZE];

    output_stage_start(&stage);
    CU_ASSERT_EQUAL(output_tell_status(&stage, key, 2, early), 0);
    memcpy(version, stage.answer.version, sizeof version);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_TRUE(folder_holds(stage.root, output_status_file, written(2, early)));
    faults_trace();
    CU_ASSERT_EQUAL(output_tell_status(&stage, key, 2, late), 0);
    CU_ASSERT_STRING_EQUAL(stage.answer.version, version);
    CU_ASSERT_EQUAL(output_pending(stage.output), 0);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_STRING_EQUAL(faults_traced(), "");
    CU_ASSERT_TRUE(folder_holds(stage.root, output_status_file, written(2, early)));
    output_stage_finish(&stage);
}

static void times_go_on_where_the_condition_does(void)
{
    struct output_stage stage;

    output_stage_start(&stage);
    CU_ASSERT_EQUAL(output_tell_status(&stage, key, 3, early), 0);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    /* The condition stays as it is. */
    CU_ASSERT_EQUAL(output_tell_status(&stage, key, 4, late), 0);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_TRUE(folder_holds(stage.root, output_status_file, written(4, early)));
    /* It changes; and so it does while the first is still staged. */
    CU_ASSERT_EQUAL(output_tell_status(&stage, key, 2, late), 0);
    CU_ASSERT_EQUAL(output_tell_status(&stage, key, 2, "2026-01-02T03:04:07Z"), 0);
    CU_ASSERT_EQUAL(output_pending(stage.output), 1);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_TRUE(folder_holds(stage.root, output_status_file, written(2, late)));
    output_stage_finish(&stage);
}

/* Written by hand, with the same meaning or nearly: the rule is about lines, and about times only. */
static void other_differences_are_written(void)
{
    static const char *const times[] = {"soon", "2026-01-02T03:04:05+00:00", "2026-13-02T03:04:05Z", ""};
    struct output_stage stage;
    char text[600];

    output_stage_start(&stage);
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        folder_write(stage.root, output_status_file, written(2, times[i]));
        CU_ASSERT_EQUAL(output_tell_status(&stage, key, 2, late), 0);
        CU_ASSERT_EQUAL(output_pending(stage.output), 1);
        CU_ASSERT_EQUAL(output_do(&stage), 0);
        CU_ASSERT_TRUE(folder_holds(stage.root, output_status_file, written(2, late)));
    }
    (void)snprintf(text, sizeof text, "%smore: x\n", written(2, early));
    folder_write(stage.root, output_status_file, text);
    CU_ASSERT_EQUAL(output_tell_status(&stage, key, 2, late), 0);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_TRUE(folder_holds(stage.root, output_status_file, written(2, early)));
    (void)snprintf(text, sizeof text, "%s", written(2, early));
    text[strlen(text) - 1] = '\0';
    folder_write(stage.root, output_status_file, text);
    CU_ASSERT_EQUAL(output_tell_status(&stage, key, 2, late), 0);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    /* Without the last line break it is the same line. */
    CU_ASSERT_TRUE(folder_holds(stage.root, output_status_file, text));
    output_stage_finish(&stage);
}

static void nothing_foreign_stays_in_a_status(void)
{
    struct output_stage stage;

    output_stage_start(&stage);
    folder_write(
        stage.root, output_status_file,
        "{apiVersion: gateway.kyma-project.io/v1alpha2, kind: Api, metadata: {name: shop, namespace: team, "
        "labels: {a: b}, finalizers: [x]}, status: {validationStatus: 2}}\n");
    CU_ASSERT_EQUAL(output_tell_status(&stage, key, 2, early), 0);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_TRUE(folder_holds(stage.root, output_status_file, written(2, early)));
    output_stage_finish(&stage);
}

static void a_status_replaces_only_a_status(void)
{
    static const struct {
        const char *content;
        const char *words;
    } cases[] = {
        {"apiVersion: gateway.kyma-project.io/v1alpha2\nkind: Api\nmetadata: {name: shop, namespace: team}\n"
         "spec: {hostname: a}\n",
         "status/team/shop.yaml: holds an Api with its spec, not a status"},
        {"{apiVersion: v1, kind: ConfigMap, metadata: {name: shop}}\n", "holds v1 ConfigMap default/shop"},
        {"{apiVersion: gateway.kyma-project.io/v1alpha2, kind: Api, metadata: {name: x, namespace: team}}\n",
         "instead of the Api team/shop"},
        {"rubbish", "holds a string"},
        {"[", "shop.yaml:"},
        {"a: 1\n---\nb: 2\n", "a second document"},
    };
    struct output_stage stage;

    output_stage_start(&stage);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        folder_write(stage.root, output_status_file, cases[i].content);
        CU_ASSERT_EQUAL(output_tell_status(&stage, key, 2, NULL), ERROR_FOREIGN);
        CU_ASSERT_TRUE(output_says(&stage, cases[i].words));
        CU_ASSERT_EQUAL(output_forget(&stage, key), ERROR_FOREIGN);
        CU_ASSERT_TRUE(output_says(&stage, cases[i].words));
        CU_ASSERT_EQUAL(output_pending(stage.output), 0);
        CU_ASSERT_TRUE(folder_holds(stage.root, output_status_file, cases[i].content));
        CU_ASSERT_EQUAL(output_temporaries(&stage), 0);
    }
    CU_ASSERT_EQUAL(unlink(folder_path(stage.root, output_status_file)), 0);
    folder_add(stage.root, output_status_file);
    CU_ASSERT_EQUAL(output_tell_status(&stage, key, 2, NULL), ERROR_FOREIGN);
    CU_ASSERT_EQUAL(output_forget(&stage, key), ERROR_FOREIGN);
    CU_ASSERT_TRUE(output_says(&stage, "not a regular file"));
    output_stage_finish(&stage);
}

static void a_status_goes_with_its_api(void)
{
    struct output_stage stage;

    output_stage_start(&stage);
    CU_ASSERT_EQUAL(output_forget(&stage, key), 0);
    CU_ASSERT_EQUAL(output_pending(stage.output), 0);
    CU_ASSERT_EQUAL(output_tell_status(&stage, key, 2, early), 0);
    CU_ASSERT_EQUAL(output_forget(&stage, key), 0);
    CU_ASSERT_STRING_EQUAL(stage.answer.version, "");
    CU_ASSERT_EQUAL(output_forget(&stage, key), 0);
    CU_ASSERT_EQUAL(output_tell_status(&stage, key, 3, late), 0);
    CU_ASSERT_EQUAL(output_pending(stage.output), 3);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_STRING_EQUAL(stage.told.data, "");
    CU_ASSERT_TRUE(folder_holds(stage.root, output_status_file, written(3, late)));
    CU_ASSERT_EQUAL(output_forget(&stage, key), 0);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_FALSE(folder_has(stage.root, "out/status/team"));
    CU_ASSERT_TRUE(folder_has(stage.root, "out/status"));
    output_stage_finish(&stage);
}

int main(void)
{
    static const struct test tests[] = {
        {"times alone are not written", times_alone_are_not_written},
        {"times go on where the condition does", times_go_on_where_the_condition_does},
        {"other differences are written", other_differences_are_written},
        {"nothing foreign stays in a status", nothing_foreign_stays_in_a_status},
        {"a status replaces only a status", a_status_replaces_only_a_status},
        {"a status goes with its Api", a_status_goes_with_its_api},
        {NULL, NULL},
    };

    return harness_run("output_status", tests);
}
