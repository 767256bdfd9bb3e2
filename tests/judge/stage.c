/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "base/json.h"
#include "reconcile/controller.h"
#include "stage_sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A Monday. */
enum { START_S = 1767571200 };

void stage_init(struct stage *stage, enum stage_delivery delivery)
{
    *stage = (struct stage){.delivery = delivery,
                            .complete = true,
                            .now = {.ms = 1000, .wall_s = START_S},
                            .inputs = json_object(),
                            .outputs = json_object(),
                            .statuses = json_object(),
                            .calls = json_array(),
                            .looks = json_array()};
    cardboard_init(&stage->cardboard);
    stage->judge = judge_new(&stage->cardboard.judged);
    stage_sink_init(stage);
}

void stage_release(struct stage *stage)
{
    stage_stop(stage);
    judge_free(stage->judge);
    cardboard_release(&stage->cardboard);
    json_decref(stage->inputs);
    json_decref(stage->outputs);
    json_decref(stage->statuses);
    json_decref(stage->calls);
    json_decref(stage->looks);
}

void stage_complain(struct stage *stage, const char *what, const char *why)
{
    if (stage->complaints++ < 5)
        (void)printf("# %s: %s\n", what, why);
}

/* Where APIGW_TRACE is set, everything that happens is shown. */
static void trace(const char *what, const char *which, const json_t *object)
{
    char *text;

    if (!getenv("APIGW_TRACE"))
        return;
    text = object ? json_dumps(json_member(object, "spec"), JSON_COMPACT) : NULL;
    (void)printf("# %s %s %s\n", what, which, text ? text : "");
    free(text);
}

/* For calls that can only run out of memory. */
static void must(struct stage *stage, const char *what, int code, const struct error *error)
{
    if (code != 0)
        stage_complain(stage, what, error->message);
}

static void tell_input(struct stage *stage, const json_t *object)
{
    struct event event = {.object = object, .item = -1};
    struct error error = {0};

    must(stage, "controller_put", controller_put(&event, stage->controller, &error), &error);
}

void stage_tell_output(struct stage *stage, int backend, const char *name)
{
    struct observation observation = {.ref = card_ref(backend, name), .uid = "", .version = ""};
    char place[KEY_SIZE + 64];
    const json_t *output;
    struct error error = {0};

    (void)snprintf(place, sizeof place, "%s/default/%s", observation.ref.kind, name);
    output = json_object_get(stage->outputs, place);
    if (output) {
        observation.object = json_member(output, "object");
        observation.uid = json_text_at(output, "uid");
        observation.version = json_text_at(output, "version");
    }
    must(stage, "controller_observe", controller_observe(&observation, stage->controller, &error), &error);
}

static void tell_everything(struct stage *stage)
{
    struct error error = {0};
    const char *key;
    json_t *value;

    json_object_foreach(stage->outputs, key, value)
    {
        stage_tell_output(stage, (int)json_integer_value(json_member(value, "backend")),
                          json_text_at(value, "name"));
    }
    json_object_foreach(stage->statuses, key, value)
    {
        must(stage, "controller_observe_status",
             controller_observe_status("default", strchr(key, '/') + 1, stage->controller, &error), &error);
    }
    controller_set_observed(stage->controller, true);
    json_object_foreach(stage->inputs, key, value)
    {
        tell_input(stage, value);
    }
    must(stage, "controller_set_complete",
         controller_set_complete(stage->controller, stage->complete, &error), &error);
}

void stage_complete(struct stage *stage, bool complete)
{
    struct error error = {0};

    stage->complete = complete;
    judge_complete(stage->judge, complete);
    if (stage->controller)
        must(stage, "controller_set_complete", controller_set_complete(stage->controller, complete, &error),
             &error);
}

void stage_start(struct stage *stage)
{
    struct controller_options options = {.cluster = "stage",
                                         .settings = &stage->cardboard.settings,
                                         .registry = &stage->cardboard.registry,
                                         .sink = &stage->sink,
                                         .gathers = stage->delivery == STAGE_GATHERED,
                                         .texts = stage->delivery == STAGE_GATHERED ? STORE_TEXTS_PLAIN
                                                                                    : STORE_TEXTS_SQUEEZED,
                                         .seed = 1,
                                         .progress_ms = 2000};
    struct error error = {0};

    stage_stop(stage);
    trace("start", "", NULL);
    must(stage, "controller_new", controller_new(&options, &stage->controller, &error), &error);
    if (stage->controller)
        tell_everything(stage);
}

void stage_stop(struct stage *stage)
{
    controller_free(stage->controller);
    stage->controller = NULL;
    stage->dead = false;
    (void)json_array_clear(stage->calls);
    (void)json_array_clear(stage->looks);
}

static void name_input(char place[KEY_SIZE + 64], const char *kind, const char *name)
{
    (void)snprintf(place, KEY_SIZE + 64, "%s/default/%s", kind, name);
}

static int backend_of(const char *kind)
{
    for (int i = 0; i < CARD_COUNT; i++) {
        if (strcmp(card_ref(i, "x").kind, kind) == 0)
            return i;
    }
    return -1;
}

void stage_put(struct stage *stage, json_t *object)
{
    const char *kind = json_text_at(object, "kind");
    const char *name = object_name(object);
    char place[KEY_SIZE + 64];

    stage_sink_happen(stage);
    name_input(place, kind, name);
    trace("put", place, object);
    if (backend_of(kind) < 0) {
        judge_api_put(stage->judge, object);
    } else {
        struct object_ref ref = card_ref(backend_of(kind), name);
        judge_foreign(stage->judge, &ref, object, "", "");
    }
    (void)json_object_set(stage->inputs, place, object);
    if (stage->controller)
        tell_input(stage, object);
    json_decref(object);
}

void stage_remove(struct stage *stage, const char *kind, const char *name)
{
    struct object_ref ref = {API_GROUP, API_VERSION, API_KIND, API_PLURAL, "default", name};
    struct error error = {0};
    char place[KEY_SIZE + 64];
    char key[KEY_SIZE];

    stage_sink_happen(stage);
    name_input(place, kind, name);
    if (!json_object_get(stage->inputs, place))
        return;
    trace("remove", place, NULL);
    key_format(key, "default", name);
    if (backend_of(kind) < 0) {
        judge_api_gone(stage->judge, key);
    } else {
        ref = card_ref(backend_of(kind), name);
        judge_foreign(stage->judge, &ref, NULL, "", "");
    }
    (void)json_object_del(stage->inputs, place);
    if (stage->controller)
        must(stage, "controller_gone", controller_gone(&ref, stage->controller, &error), &error);
}

void stage_tamper_unseen(struct stage *stage, int backend, const char *name, json_t *object)
{
    struct object_ref ref = card_ref(backend, name);
    const json_t *output;

    trace("tamper with", name, object);
    stage_sink_set(stage, &ref, object, ++stage->version);
    output = stage_sink_get(stage, &ref);
    judge_foreign(stage->judge, &ref, object, output ? json_text_at(output, "uid") : "",
                  output ? json_text_at(output, "version") : "");
    json_decref(object);
}

void stage_tamper(struct stage *stage, int backend, const char *name, json_t *object)
{
    stage_sink_happen(stage);
    stage_tamper_unseen(stage, backend, name, object);
    if (stage->controller)
        stage_tell_output(stage, backend, name);
}

void stage_configure(struct stage *stage)
{
    trace("configure", "", NULL);
    judge_configure(stage->judge, &stage->cardboard.judged);
}

void stage_break(struct stage *stage, enum stage_fault fault, unsigned at)
{
    trace("break", "", NULL);
    stage->fault = fault;
    stage->fault_at = at;
    stage->writes = 0;
}

void stage_heal(struct stage *stage)
{
    trace("heal", "", NULL);
    stage->fault = STAGE_NO_FAULT;
    stage->broken[0] = '\0';
    judge_cause(stage->judge);
}

void stage_begin(struct stage *stage)
{
    struct error error = {0};

    must(stage, "controller_run", controller_run(stage->controller, stage->now, &error), &error);
}

/* Looks where it was asked to. */
static bool tell_looks(struct stage *stage)
{
    json_t *looks = stage->looks;
    bool any = json_array_size(looks) > 0;
    const json_t *element;
    size_t i;

    stage->looks = json_array();
    json_array_foreach(looks, i, element)
    {
        stage_tell_output(stage, backend_of(json_string_value(json_array_get(element, 0))),
                          json_string_value(json_array_get(element, 1)));
    }
    json_decref(looks);
    return any;
}

/* One turn of the loop; false if nothing is left to do. */
static bool turn(struct stage *stage)
{
    int64_t next;

    stage_begin(stage);
    if (!stage->dead && stage_sink_deliver(stage) && !stage->dead)
        return true;
    if (stage->dead) {
        stage_start(stage);
        return true;
    }
    if (tell_looks(stage))
        return true;
    next = controller_next(stage->controller);
    if (next != QUEUE_NEVER && next > stage->now.ms) {
        stage->now.ms = next;
        stage->now.wall_s = START_S + next / 1000;
    }
    return next != QUEUE_NEVER;
}

bool stage_run(struct stage *stage, unsigned rounds)
{
    for (unsigned i = 0; i < rounds; i++) {
        if (!stage->controller || !turn(stage))
            return stage->controller != NULL;
    }
    return false;
}

/* What differs from run to run without meaning. */
static json_t *settled(const json_t *status)
{
    json_t *copy = json_deep_copy(status);
    json_t *member;
    const char *name;
    size_t i;

    json_object_foreach(copy, name, member)
    {
        (void)json_object_del(json_member(member, "resource"), "uid");
        (void)json_object_del(json_member(member, "resource"), "version");
    }
    json_array_foreach(json_member(copy, "conditions"), i, member)
    {
        (void)json_object_del(member, "lastTransitionTime");
    }
    json_array_foreach(json_member(copy, "backends"), i, member)
    {
        (void)json_object_del(json_member(member, "resource"), "uid");
        (void)json_object_del(json_member(member, "resource"), "version");
    }
    return copy;
}

static bool wanted(const char *place, const char *name)
{
    return !name || strcmp(strrchr(place, '/') + 1, name) == 0;
}

json_t *stage_snapshot(const struct stage *stage, const char *name)
{
    json_t *outputs = json_object();
    json_t *statuses = json_object();
    const char *place;
    json_t *value;

    json_object_foreach(stage->outputs, place, value)
    {
        if (wanted(place, name))
            (void)json_object_set_new(outputs, place, json_deep_copy(json_member(value, "object")));
    }
    json_object_foreach(stage->statuses, place, value)
    {
        if (wanted(place, name))
            (void)json_object_set_new(statuses, place, settled(value));
    }
    return json_pack("{s:o, s:o}", "outputs", outputs, "statuses", statuses);
}
