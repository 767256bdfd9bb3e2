/* SPDX-License-Identifier: Apache-2.0 */
#include "render_stage.h"

#include "harness.h"

#include "base/json.h"

void render_stage_begin(struct stage *stage, const char *spec)
{
    json_t *over = gateway_json(spec);

    *stage = (struct stage){0};
    gateway_init(&stage->gateway);
    stage->store = store_new(STORE_TEXTS_PLAIN);
    (void)store_add_index(stage->store, store_add_kind(stage->store, "test.example", "Lock"),
                          "spec.services[]", STORE_FORM_PLAIN);
    (void)store_add_index(stage->store, store_add_kind(stage->store, "test.example", "Road"), "spec.to",
                          STORE_FORM_SERVICE_DNS);
    stage->api = gateway_json(
        "{'apiVersion': 'x/v1', 'kind': 'Api', 'metadata': {'name': 'a1', 'namespace': 't1', "
        "'uid': 'u1', 'resourceVersion': '5'}, 'spec': {'service': {'name': 'svc1', 'port': 80}, "
        "'hostname': 'h1'}, 'status': {'validationStatus': 2}}");
    (void)json_object_update(json_member(stage->api, "spec"), over);
    json_decref(over);
    CU_ASSERT_EQUAL_FATAL(effective_make(stage->api, &stage->gateway.settings, &stage->effective, NULL), 0);
    stage->input = (struct render_input){.api = stage->api,
                                         .effective = &stage->effective,
                                         .settings = &stage->gateway.settings,
                                         .store = stage->store};
}

void render_stage_end(struct stage *stage)
{
    rendering_release(&stage->out);
    effective_release(&stage->effective);
    json_decref(stage->api);
    store_free(stage->store);
    gateway_release(&stage->gateway);
}

void render_stage_run(struct stage *stage, int backend)
{
    rendering_release(&stage->out);
    render_backend(&stage->gateway.backends[backend], &stage->input, &stage->out);
}
