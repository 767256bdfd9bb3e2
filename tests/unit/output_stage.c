/* SPDX-License-Identifier: Apache-2.0 */
#include "output_stage.h"

#include "folder.h"
#include "harness.h"

#include "base/json.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct object_ref output_route = {.group = "net.example.org",
                                        .version = "v1",
                                        .kind = "Route",
                                        .plural = "routes",
                                        .name_space = "team",
                                        .name = "shop"};
const char *const output_route_file = "out/resources/team/routes.net.example.org/shop.yaml";
const struct object_ref output_policy = {.group = "auth.example.org",
                                         .kind = "Policy",
                                         .plural = "policies",
                                         .name_space = "team",
                                         .name = "shop"};
const char *const output_policy_file = "out/resources/team/policies.auth.example.org/shop.yaml";
const char *const output_status_file = "out/status/team/shop.yaml";

void output_stage_again(struct output_stage *stage)
{
    output_close(stage->output);
    stage->output = NULL;
    CU_ASSERT_EQUAL_FATAL(output_open(folder_path(stage->root, "out"), &stage->output, &stage->error), 0);
}

void output_stage_start(struct output_stage *stage)
{
    *stage = (struct output_stage){.told = text_empty()};
    folder_make(stage->root);
    output_stage_again(stage);
}

void output_stage_finish(struct output_stage *stage)
{
    output_close(stage->output);
    text_release(&stage->told);
    folder_remove(stage->root);
}

json_t *output_make(const struct object_ref *ref, const char *host)
{
    char version[300];

    (void)snprintf(version, sizeof version, "%s%sv1", ref->group, ref->group[0] ? "/" : "");
    return json_pack("{s:{s:[s]}, s:{s:{s:s}, s:s, s:s}, s:s, s:s}", "spec", "hosts", host, "metadata",
                     "labels", "createdBy", "apigwd", "namespace", ref->name_space, "name", ref->name, "kind",
                     ref->kind, "apiVersion", version);
}

int output_apply(struct output_stage *stage, const char *key, const struct object_ref *ref, json_t *object,
                 const char *version)
{
    struct sink *sink = output_sink(stage->output);
    const struct sink_step step = {.key = key,
                                   .ref = *ref,
                                   .object = object,
                                   .uid = "",
                                   .version = version,
                                   .needs = stage->needs,
                                   .needs_count = stage->needs_count};

    CU_ASSERT_EQUAL(sink->apply(sink, &step, &stage->answer), 0);
    CU_ASSERT_EQUAL(stage->answer.error.code, stage->answer.code);
    json_decref(object);
    return stage->answer.code;
}

int output_put(struct output_stage *stage, const char *key, const struct object_ref *ref, const char *host,
               const char *version)
{
    json_t *object = output_make(ref, host);

    /* NULL would be a removal. */
    return object ? output_apply(stage, key, ref, object, version) : ERROR_NO_MEMORY;
}

int output_tell_status(struct output_stage *stage, const char *key, int code, const char *time)
{
    struct sink *sink = output_sink(stage->output);
    json_t *api = json_pack("{s:s, s:{s:s}}", "kind", "Api", "metadata", "name", "whatever");
    json_t *status = json_pack("{s:i}", "validationStatus", code);

    if (time)
        (void)json_object_set_new(status, "conditions",
                                  json_pack("[{s:s, s:s, s:s}]", "type", "Ready", "status",
                                            code == 2 ? "True" : "False", "lastTransitionTime", time));
    CU_ASSERT_EQUAL(sink->report(sink, key, api, status, &stage->answer), 0);
    json_decref(status);
    json_decref(api);
    return stage->answer.code;
}

int output_forget(struct output_stage *stage, const char *key)
{
    struct sink *sink = output_sink(stage->output);

    CU_ASSERT_EQUAL(sink->report(sink, key, NULL, NULL, &stage->answer), 0);
    return stage->answer.code;
}

static int observe(const struct observation *seen, void *payload, struct error *error)
{
    struct output_stage *stage = payload;
    const struct object_ref *ref = &seen->ref;
    char *object = NULL;

    if (stage->listener_result != 0)
        return error_set(error, stage->listener_result, "the listener has enough");
    text_append_format(&stage->told, "%s %s.%s %s %s", ref->name_space, ref->plural, ref->group,
                       ref->kind ? ref->kind : "?", ref->name);
    CU_ASSERT_STRING_EQUAL(seen->uid, "");
    CU_ASSERT_EQUAL(strlen(seen->version), seen->object ? 16 : 0);
    CU_ASSERT_FALSE(seen->object && seen->problem);
    if (seen->problem)
        text_append_format(&stage->told, " problem: %s\n", seen->problem);
    else if (!seen->object)
        text_append_string(&stage->told, " absent\n");
    else
        text_append_format(&stage->told, " %s", seen->version);
    if (seen->object && stage->with_objects)
        object = json_canonical(seen->object);
    if (seen->object)
        text_append_format(&stage->told, " %s\n", object ? object : "");
    free(object);
    return 0;
}

static int status(const char *name_space, const char *name, void *payload, struct error *error)
{
    struct output_stage *stage = payload;

    (void)error;
    text_append_format(&stage->told, "status %s %s\n", name_space, name);
    return 0;
}

static int failed(const char *key, const struct error *why, void *payload, struct error *error)
{
    struct output_stage *stage = payload;

    (void)error;
    stage->failures++;
    text_append_format(&stage->told, "failed %s %d: %s\n", key, why->code, why->message);
    return 0;
}

static struct output_listener listener_of(struct output_stage *stage)
{
    text_clear(&stage->told);
    return (struct output_listener){.observe = observe, .status = status, .failed = failed, .payload = stage};
}

int output_do(struct output_stage *stage)
{
    const struct output_listener listener = listener_of(stage);

    return output_commit(stage->output, &listener, &stage->error);
}

int output_scan(struct output_stage *stage)
{
    const struct output_listener listener = listener_of(stage);

    return output_read(stage->output, &listener, &stage->error);
}

int output_glance(struct output_stage *stage, const char *path)
{
    const struct output_listener listener = listener_of(stage);

    return output_look(stage->output, path, &listener, &stage->error);
}

static bool contains(const char *text, const char *words)
{
    bool found = strstr(text, words) != NULL;

    if (!found)
        (void)printf("# expected \"%s\" in: %s\n", words, text);
    return found;
}

bool output_says(const struct output_stage *stage, const char *words)
{
    return contains(stage->answer.error.message, words);
}

bool output_told(const struct output_stage *stage, const char *words)
{
    return contains(stage->told.data, words);
}

int output_temporaries(const struct output_stage *stage)
{
    DIR *folder = opendir(folder_path(stage->root, "out/.tmp"));
    int count = 0;

    while (folder && readdir(folder))
        count++;
    if (folder)
        (void)closedir(folder);
    return folder ? count - 2 : 0;
}
