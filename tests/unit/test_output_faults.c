/* SPDX-License-Identifier: Apache-2.0 */
#include "faults.h"
#include "folder.h"
#include "harness.h"
#include "output_stage.h"
#include "scarce.h"

#include "base/file.h"
#include "config/yaml.h"
#include "object/key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const key = "team/shop";

/* What the file system says when a step is staged is the answer to the step. */
static void a_refusal_is_answered_at_once(void)
{
    static const struct {
        const char *call;
        int reason;
        const char *words;
    } cases[] = {
        {"write", ENOSPC, "shop.yaml: cannot be written: No space left on device"},
        {"write", EDQUOT, "shop.yaml: cannot be written: Disk quota exceeded"},
        {"create", EROFS, "shop.yaml: cannot be written: Read-only file system"},
        {"create", EMFILE, "shop.yaml: cannot be written: Too many open files"},
        {"mkdir", EACCES, "resources: cannot be made: Permission denied"},
    };
    struct output_stage stage;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        output_stage_start(&stage);
        faults_refuse(cases[i].call, 1, 1, cases[i].reason);
        CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "a", ""), ERROR_IO);
        CU_ASSERT_TRUE(faults_end());
        CU_ASSERT_TRUE(output_says(&stage, cases[i].words));
        CU_ASSERT_TRUE(output_says(&stage, "/tmp/apigwd-test-"));
        CU_ASSERT_EQUAL(output_temporaries(&stage), 0);
        CU_ASSERT_FALSE(folder_has(stage.root, "out/resources/team"));
        CU_ASSERT_EQUAL(output_pending(stage.output), 0);
        faults_refuse(cases[i].call, 1, 1, cases[i].reason);
        CU_ASSERT_EQUAL(output_tell_status(&stage, key, 2, NULL), ERROR_IO);
        CU_ASSERT_TRUE(faults_end());
        CU_ASSERT_FALSE(folder_has(stage.root, "out/status/team"));
        CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "a", ""), 0);
        CU_ASSERT_EQUAL(output_do(&stage), 0);
        CU_ASSERT_TRUE(folder_has(stage.root, output_route_file));
        output_stage_finish(&stage);
    }
}

/* Somebody removes the folders that the output has open, between two steps and while one is made. */
static void folders_that_go_are_made_again(void)
{
    struct output_stage stage;

    output_stage_start(&stage);
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "a", ""), 0);
    folder_remove(folder_path(stage.root, "out/resources"));
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_policy, "a", ""), 0);
    folder_remove(folder_path(stage.root, "out/resources"));
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_EQUAL(stage.told.length, 0);
    CU_ASSERT_TRUE(folder_has(stage.root, output_route_file));
    CU_ASSERT_TRUE(folder_has(stage.root, output_policy_file));
    folder_remove(folder_path(stage.root, "out/resources"));
    faults_refuse("mkdir", 2, 3, ENOENT);
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "a", ""), 0);
    CU_ASSERT_TRUE(faults_end());
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    CU_ASSERT_EQUAL(stage.told.length, 0);
    CU_ASSERT_TRUE(folder_has(stage.root, output_route_file));
    output_stage_finish(&stage);
}

/* What whoever is not the superuser finds; @return the number of surprises. */
static int try_as_nobody(struct output_stage *stage, const char *version)
{
    int surprises = 0;

    if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
        return 99;
    surprises += output_put(stage, key, &output_policy, "b", "") != ERROR_IO;
    surprises += !output_says(stage, "policies.auth.example.org: cannot be made: Permission denied");
    surprises += output_put(stage, key, &output_route, "b", version) != ERROR_IO;
    surprises += !output_says(stage, "routes.net.example.org: cannot be written: Permission denied");
    surprises += output_apply(stage, key, &output_route, NULL, version) != ERROR_IO;
    surprises += output_tell_status(stage, key, 2, NULL) != 0;
    surprises += output_temporaries(stage) != 1;
    surprises += output_do(stage) != 0 || stage->told.length != 0;
    return surprises;
}

static void a_folder_that_may_not_be_written_is_told(void)
{
    static const char *const folders[] = {"out/resources/team/routes.net.example.org", "out/resources/team"};
    static const char *const owned[] = {"",         "out",        "out/resources",  "out/resources/team",
                                        "out/.tmp", "out/status", "out/status/team"};
    struct output_stage stage;
    char version[SINK_TEXT_SIZE];
    pid_t child;
    int status = -1;

    output_stage_start(&stage);
    CU_ASSERT_EQUAL(output_put(&stage, key, &output_route, "a", ""), 0);
    memcpy(version, stage.answer.version, sizeof version);
    CU_ASSERT_EQUAL(output_tell_status(&stage, key, 1, NULL), 0);
    CU_ASSERT_EQUAL(output_do(&stage), 0);
    for (size_t i = 0; geteuid() == 0 && i < sizeof owned / sizeof owned[0]; i++)
        CU_ASSERT_EQUAL(chown(folder_path(stage.root, owned[i]), 65534, (gid_t)-1), 0);
    for (size_t i = 0; i < 2; i++)
        CU_ASSERT_EQUAL(chmod(folder_path(stage.root, folders[i]), 0555), 0);
    (void)fflush(stdout);
    child = fork();
    if (child == 0)
        _exit(try_as_nobody(&stage, version));
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_TRUE(WIFEXITED(status));
    CU_ASSERT_EQUAL(WEXITSTATUS(status), 0);
    for (size_t i = 2; i > 0; i--)
        CU_ASSERT_EQUAL(chmod(folder_path(stage.root, folders[i - 1]), 0755), 0);
    output_stage_finish(&stage);
}

/* A first run, and a second that changes one file twice. */
static int work(struct output_stage *stage)
{
    struct object_ref second = output_route;
    char version[SINK_TEXT_SIZE];
    struct sink_need need = {output_policy, version};
    int result;

    second.name = "second";
    result = output_put(stage, key, &output_policy, "a", "");
    memcpy(version, stage->answer.version, sizeof version);
    stage->needs = &need;
    stage->needs_count = 1;
    if (result == 0)
        result = output_put(stage, key, &output_route, "a", "");
    stage->needs_count = 0;
    memcpy(version, stage->answer.version, sizeof version);
    if (result == 0)
        result = output_tell_status(stage, key, 1, "2026-01-02T03:04:05Z");
    if (result == 0)
        result = output_put(stage, "team/second", &second, "a", "");
    if (result == 0)
        result = output_do(stage);
    if (result == 0)
        result = output_put(stage, key, &output_route, "b", version);
    if (result == 0)
        result = output_put(stage, key, &output_route, "c", stage->answer.version);
    if (result == 0)
        result = output_tell_status(stage, key, 2, "2026-01-02T03:04:06Z");
    if (result == 0)
        result = output_do(stage);
    return result;
}

/* Of what work() left. */
static int remove_all(struct output_stage *stage)
{
    char version[SINK_TEXT_SIZE] = "";
    int result;

    result = output_glance(stage, output_route_file + 4);
    (void)sscanf(stage->told.data, "%*s %*s Route %*s %63s", version);
    if (result == 0)
        result = output_apply(stage, key, &output_route, NULL, version);
    if (result == 0)
        result = output_forget(stage, key);
    if (result == 0)
        result = output_do(stage);
    return result;
}

/* A file is whole if it is an object. @return whether it is there. */
static bool whole(const struct output_stage *stage, const char *path, const char *words, bool *holds)
{
    char *data = NULL;
    size_t size = 0;
    json_t *object;

    *holds = false;
    if (file_read(AT_FDCWD, folder_path(stage->root, path), 1 << 20, &data, &size, NULL) != 0)
        return false;
    object = yaml_read_one(data, size, &yaml_file_limits, NULL, NULL);
    CU_ASSERT_TRUE(json_is_object(object) && json_object_size(object) == 4);
    *holds = strstr(data, words) != NULL;
    json_decref(object);
    free(data);
    return true;
}

/* A status says no more than what stands. */
static void check_promises(const struct output_stage *stage, bool removing)
{
    bool promised = false;
    bool kept = false;
    bool has_status = whole(stage, output_status_file, "validationStatus: 2", &promised);
    bool has_policy = whole(stage, output_policy_file, "- a", &kept);
    bool has_route = whole(stage, output_route_file, "- c", &kept);

    if (has_status && !removing)
        CU_ASSERT_TRUE(has_policy && has_route);
    if (promised && !removing)
        CU_ASSERT_TRUE(kept);
    /* The route is removed before its status, and made after the policy. */
    if (has_route)
        CU_ASSERT_TRUE(has_policy);
    if (!has_status && removing)
        CU_ASSERT_FALSE(has_route);
}

/* Ends in the n-th call. @return whether it came to that. */
static bool killed(struct output_stage *stage, int (*run)(struct output_stage *stage), unsigned nth)
{
    int status = -1;
    pid_t child;

    (void)fflush(stdout);
    child = fork();
    if (child == 0) {
        faults_die(nth);
        (void)run(stage);
        _exit(0);
    }
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_TRUE_FATAL(WIFEXITED(status));
    CU_ASSERT_TRUE(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77);
    return WEXITSTATUS(status) == 77;
}

static void killed_at_every_call(void)
{
    struct output_stage stage;
    bool more = true;
    unsigned calls = 0;

    for (unsigned nth = 1; more && nth < 1000; nth++) {
        output_stage_start(&stage);
        more = killed(&stage, work, nth);
        check_promises(&stage, false);
        output_stage_again(&stage);
        CU_ASSERT_EQUAL(output_temporaries(&stage), 0);
        CU_ASSERT_EQUAL(output_scan(&stage), 0);
        CU_ASSERT_PTR_NULL(strstr(stage.told.data, "problem"));
        output_stage_finish(&stage);
        calls = nth;
    }
    CU_ASSERT_FALSE(more);
    /* Four files and their folders, two more, four syncs: there was something to interrupt. */
    CU_ASSERT_TRUE(calls > 50);
}

static void killed_at_every_call_of_a_removal(void)
{
    struct output_stage stage;
    bool more = true;
    unsigned calls = 0;

    for (unsigned nth = 1; more && nth < 100; nth++) {
        output_stage_start(&stage);
        (void)work(&stage);
        more = killed(&stage, remove_all, nth);
        check_promises(&stage, true);
        output_stage_finish(&stage);
        calls = nth;
    }
    CU_ASSERT_FALSE(more);
    CU_ASSERT_TRUE(calls > 5);
}

/* Whatever call is refused, the key is told or answered, and nothing is left half done. */
static void every_call_refused_in_turn(void)
{
    static const char *const calls[] = {"create", "write", "mkdir", "rename", "sync"};
    struct output_stage stage;

    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        bool more = true;
        for (unsigned nth = 1; more && nth < 1000; nth++) {
            int result;
            output_stage_start(&stage);
            faults_refuse(calls[i], nth, 1, EIO);
            result = work(&stage);
            more = faults_end();
            /* What a commit could not do is told; the steps after it build on what is not there. */
            CU_ASSERT_EQUAL(result == ERROR_IO, more && i < 3);
            CU_ASSERT_EQUAL(stage.failures > 0, more && i >= 3);
            CU_ASSERT_TRUE(result == 0 || result == ERROR_IO || (i >= 3 && result == ERROR_CONFLICT));
            check_promises(&stage, false);
            CU_ASSERT_EQUAL(output_do(&stage), 0);
            CU_ASSERT_EQUAL(output_temporaries(&stage), 0);
            output_stage_finish(&stage);
        }
        CU_ASSERT_FALSE(more);
    }
}

static void short_memory_is_told(void)
{
    struct output_stage stage;
    bool failed = true;

    for (size_t granted = 0; failed && granted < 5000; granted++) {
        int result;
        output_stage_start(&stage);
        scarce_begin(granted);
        result = work(&stage);
        failed = scarce_end();
        CU_ASSERT_TRUE(result == 0 || (failed && (result == ERROR_NO_MEMORY || result == ERROR_CONFLICT)));
        check_promises(&stage, false);
        CU_ASSERT_EQUAL(output_do(&stage), 0);
        CU_ASSERT_EQUAL(output_temporaries(&stage), 0);
        output_stage_finish(&stage);
    }
    CU_ASSERT_FALSE(failed);
}

int main(void)
{
    static const struct test tests[] = {
        {"a refusal is answered at once", a_refusal_is_answered_at_once},
        {"folders that go are made again", folders_that_go_are_made_again},
        {"a folder that may not be written to is told", a_folder_that_may_not_be_written_is_told},
        {"killed at every call: whole files, no false promise", killed_at_every_call},
        {"killed at every call of a removal", killed_at_every_call_of_a_removal},
        {"every call refused in turn", every_call_refused_in_turn},
        {"short memory is told and leaves nothing half done", short_memory_is_told},
        {NULL, NULL},
    };

    return harness_run("output_faults", tests);
}
