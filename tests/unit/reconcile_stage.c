/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile_stage.h"

#include "harness.h"

#include "base/json.h"

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
    *stage = (struct stage){.store = store_new(), .api = make_api(spec)};
    gateway_init(&stage->gateway);
    stage->log_file = open_memstream(&stage->log_text, &stage->log_size);
    stage->log = (struct log){.level = LOG_LEVEL_DEBUG, .out = stage->log_file};
}

void stage_end(struct stage *stage)
{
    problems_release(&stage->problems);
    json_decref(stage->api);
    store_free(stage->store);
    gateway_release(&stage->gateway);
    (void)fclose(stage->log_file);
    free(stage->log_text);
}

void stage_edit(struct stage *stage, const char *spec)
{
    json_decref(stage->api);
    stage->api = make_api(spec);
}

int stage_reconcile(struct stage *stage)
{
    const struct reconciler reconciler = {.settings = &stage->gateway.settings,
                                          .registry = &stage->gateway.registry,
                                          .store = stage->store,
                                          .sink = &stage->gateway.sink,
                                          .log = &stage->log};

    problems_release(&stage->problems);
    stage->error = (struct error){0};
    return reconcile_api(&reconciler, stage->api, &stage->problems, &stage->result, &stage->error);
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
        if (!json_equal(wanted, stage->gateway.status)) {
            char *text = json_canonical(stage->gateway.status);
            printf("# expected %s\n# found %s\n", status, text);
            free(text);
            CU_FAIL("another status than expected");
        }
        json_decref(wanted);
    }
}

void stage_expect_result(const struct stage *stage, bool served, bool secured, const char *reason)
{
    CU_ASSERT_EQUAL(stage->result.served, served);
    CU_ASSERT_EQUAL(stage->result.secured, secured);
    CU_ASSERT_STRING_EQUAL(stage->result.reason, reason);
    CU_ASSERT_EQUAL(stage->result.message[0] == '\0', reason[0] == '\0');
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

void stage_put_foreign(struct stage *stage, const char *key)
{
    (void)json_object_set_new(
        stage->gateway.objects, key,
        gateway_json("{'metadata': {'name': 'a1', 'namespace': 't1'}, 'spec': {'to': 'x'}}"));
}
