/* SPDX-License-Identifier: Apache-2.0 */
#include "incident.h"

#include "../unit/harness.h"
#include "base/json.h"

#include <stdio.h>

enum { ROUNDS = 400, ROUNDS_REFUSED = 60 };

/* Runs to rest and lets the judge look. */
void incident_rest(struct stage *stage, bool healthy)
{
    bool quiet = stage_run(stage, healthy ? ROUNDS : ROUNDS_REFUSED);

    CU_ASSERT_TRUE(quiet || !healthy);
    judge_rest(stage->judge, healthy);
    judge_print(stage->judge, healthy ? "at rest" : "with a failure");
    CU_ASSERT_EQUAL(judge_count(stage->judge), 0);
    CU_ASSERT_EQUAL(stage->complaints, 0);
    judge_forget(stage->judge);
}

/* Every incident happens under each delivery. */
void incident_in_each(void (*incident)(struct stage *stage))
{
    for (int i = 0; i < STAGE_DELIVERIES; i++) {
        struct stage stage;
        stage_init(&stage, (enum stage_delivery)i);
        incident(&stage);
        stage_release(&stage);
    }
}

void incident_serve(struct stage *stage, const char *issuer)
{
    stage_put(stage, card_api("a", "s1", "h1", issuer));
    stage_start(stage);
    incident_rest(stage, true);
}

json_t *incident_output(const struct stage *stage, int backend, const char *name)
{
    struct object_ref ref = card_ref(backend, name);
    char place[KEY_SIZE + 64];

    (void)snprintf(place, sizeof place, "%s/default/%s", ref.kind, name);
    return json_member(json_object_get(stage->outputs, place), "object");
}

/* A copy of an output, to be changed. */
json_t *incident_copy(const struct stage *stage, int backend, const char *name)
{
    return json_deep_copy(incident_output(stage, backend, name));
}

int incident_code(const struct stage *stage, const char *key, const char *part)
{
    const json_t *status = json_object_get(stage->statuses, key);

    return (int)json_integer_value(json_member(json_member(status, part), "code"));
}
