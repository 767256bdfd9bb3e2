/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile_stage.h"

#include "harness.h"

#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *make_api(const char *spec)
{
    json_t *api =
        gateway_json("{'apiVersion': 'gateway.kyma-project.io/v1alpha2', 'kind': 'Api', 'metadata': {'name': "
                     "'a1', 'namespace': 't1'}, 'spec': {'service': {'name': 'svc1', 'port': 80}, "
                     "'hostname': 'h1'}}");
    json_t *over = gateway_json(spec);

    (void)json_object_update(json_member(api, "spec"), over);
    json_decref(over);
    return api;
}

void stage_begin(struct stage *stage, const char *spec)
{
    *stage = (struct stage){.api = make_api(spec)};
    gateway_init(&stage->gateway);
    stage->log_file = open_memstream(&stage->log_text, &stage->log_size);
    stage->log = (struct log){.level = LOG_LEVEL_DEBUG, .out = stage->log_file};
}

void stage_end(struct stage *stage)
{
    json_decref(stage->api);
    gateway_release(&stage->gateway);
    (void)fclose(stage->log_file);
    free(stage->log_text);
}

void stage_edit(struct stage *stage, const char *spec)
{
    json_decref(stage->api);
    stage->api = spec ? make_api(spec) : NULL;
}

/* Says what stands under a key "KIND/NAMESPACE/NAME". */
static int observe_one(struct stage *stage, struct controller *controller, const char *key)
{
    const char *problem = json_string_value(json_member(stage->gateway.problems, key));
    const char *version = json_string_value(json_member(stage->gateway.versions_of, key));
    struct observation seen = {.ref = {.group = "test.example"},
                               .object = problem ? NULL : json_member(stage->gateway.objects, key),
                               .problem = problem,
                               .uid = "",
                               .version = version ? version : "v0"};
    char copy[KEY_SIZE + 16];
    char *rest = copy;

    (void)snprintf(copy, sizeof copy, "%s", key);
    seen.ref.kind = strsep(&rest, "/");
    seen.ref.name_space = strsep(&rest, "/");
    seen.ref.name = rest;
    return controller_observe(&seen, controller, &stage->error);
}

static int observe_all(struct stage *stage, struct controller *controller)
{
    int result = 0;
    const char *key;
    json_t *value;

    json_object_foreach(stage->gateway.objects, key, value)
    {
        if (result == 0 && !json_member(stage->gateway.problems, key))
            result = observe_one(stage, controller, key);
    }
    json_object_foreach(stage->gateway.problems, key, value)
    {
        if (result == 0)
            result = observe_one(stage, controller, key);
    }
    if (result == 0 && stage->gateway.status)
        result = controller_observe_status("t1", "a1", controller, &stage->error);
    controller_set_observed(controller, true);
    return result;
}

static bool take_view(const struct controller_view *view, void *payload)
{
    struct stage *stage = payload;

    stage->view = *view;
    (void)snprintf(stage->host, sizeof stage->host, "%s", view->host);
    (void)snprintf(stage->service, sizeof stage->service, "%s:%u", view->service, view->port);
    (void)snprintf(stage->message, sizeof stage->message, "%s", view->message);
    return true;
}

int stage_reconcile(struct stage *stage)
{
    const struct controller_options options = {.settings = &stage->gateway.settings,
                                               .registry = &stage->gateway.registry,
                                               .sink = &stage->gateway.sink,
                                               .log = &stage->log,
                                               .seed = 1};
    const struct event event = {.object = stage->api, .item = -1};
    struct controller *controller = NULL;
    int result;

    stage->error = (struct error){0};
    result = controller_new(&options, &controller, &stage->error);
    if (result == 0)
        result = observe_all(stage, controller);
    if (result == 0 && stage->api)
        result = controller_put(&event, controller, &stage->error);
    if (result == 0)
        result = controller_set_complete(controller, true, &stage->error);
    if (result == 0)
        result = controller_run(controller, (struct moment){.ms = 1000, .wall_s = 1000000000}, &stage->error);
    if (result == 0)
        (void)controller_each(controller, take_view, stage);
    stage->writes = controller ? controller_writes(controller) : 0;
    stage->unreported = controller ? controller_unreported(controller) : 0;
    controller_free(controller);
    return result;
}

/* What tests of codes compare. */
static json_t *without_conditions(const json_t *status)
{
    json_t *copy = json_deep_copy(status);

    (void)json_object_del(copy, "conditions");
    (void)json_object_del(copy, "backends");
    return copy;
}

void stage_expect(struct stage *stage, const char *writes, const char *status)
{
    char *found;

    text_clear(&stage->gateway.calls);
    CU_ASSERT_EQUAL(stage_reconcile(stage), 0);
    found = gateway_writes(&stage->gateway);
    if (strcmp(found, writes) != 0) {
        printf("# expected %s# found %s", writes, found);
        CU_FAIL("other writes than expected");
    }
    free(found);
    if (status) {
        json_t *wanted = gateway_json(status);
        json_t *found_status = without_conditions(stage->gateway.status);
        if (!json_equal(wanted, found_status)) {
            char *text = json_canonical(found_status);
            printf("# expected %s\n# found %s\n", status, text);
            free(text);
            CU_FAIL("another status than expected");
        }
        json_decref(wanted);
        json_decref(found_status);
    }
}

void stage_expect_result(const struct stage *stage, bool served, bool secured, const char *reason)
{
    CU_ASSERT_EQUAL(stage->view.served, served);
    CU_ASSERT_EQUAL(stage->view.secured, secured);
    CU_ASSERT_STRING_EQUAL(reason_word(stage->view.reason), reason);
    CU_ASSERT_EQUAL(stage->message[0] == '\0', reason[0] == '\0');
}

bool stage_logged(struct stage *stage, const char *part)
{
    (void)fflush(stage->log_file);
    return strstr(stage->log_text, part) != NULL;
}

bool stage_says(const struct stage *stage, const char *path, const char *part)
{
    const char *text = json_text_at(stage->gateway.status, path);

    if (text && strstr(text, part))
        return true;
    printf("# %s says \"%s\"\n", path, text ? text : "(nothing)");
    return false;
}

json_int_t stage_code(const struct stage *stage, const char *path)
{
    const json_t *code = json_at(stage->gateway.status, path);

    return code ? json_integer_value(code) : -1;
}

const char *stage_condition(const struct stage *stage, const char *type)
{
    const json_t *condition;
    size_t i;

    json_array_foreach(json_member(stage->gateway.status, "conditions"), i, condition)
    {
        if (strcmp(json_string_value(json_member(condition, "type")), type) == 0)
            return json_string_value(json_member(condition, "status"));
    }
    return "";
}

void stage_put_foreign(struct stage *stage, const char *key)
{
    (void)json_object_set_new(
        stage->gateway.objects, key,
        gateway_json("{'metadata': {'name': 'a1', 'namespace': 't1'}, 'spec': {'to': 'x'}}"));
}
