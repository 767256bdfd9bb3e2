/* SPDX-License-Identifier: Apache-2.0 */
#include "controller_stage.h"

#include "harness.h"

#include "base/json.h"

#include <stdlib.h>
#include <string.h>

/* The parts of a key, which is copied. */
struct parts {
    char copy[KEY_SIZE + 16];
    const char *kind;
    const char *name_space;
    const char *name;
};

static void split(const char *object_key, struct parts *parts)
{
    char *rest = parts->copy;

    (void)snprintf(parts->copy, sizeof parts->copy, "%s", object_key);
    parts->kind = strsep(&rest, "/");
    parts->name_space = strsep(&rest, "/");
    parts->name = rest;
}

static struct object_ref ref_of(const struct parts *parts)
{
    static const char *const plurals[][2] = {{"Lock", "locks"}, {"Note", "notes"}, {"Road", "roads"}};
    struct object_ref ref = {"test.example", "v1", parts->kind, NULL, parts->name_space, parts->name};

    for (size_t i = 0; i < sizeof plurals / sizeof *plurals; i++) {
        if (strcmp(parts->kind, plurals[i][0]) == 0)
            ref.plural = plurals[i][1];
    }
    return ref;
}

static struct stage *owner(struct sink *sink)
{
    return (struct stage *)((char *)sink - offsetof(struct stage, sink));
}

static struct waiting *wait_for(struct stage *stage, const char *key)
{
    struct waiting *waiting = &stage->waiting[stage->waiting_count++];

    CU_ASSERT_TRUE_FATAL(stage->waiting_count <= STAGE_WAITING);
    *waiting = (struct waiting){0};
    (void)snprintf(waiting->key, sizeof waiting->key, "%s", key);
    return waiting;
}

static int apply(struct sink *sink, const struct sink_step *step, struct sink_answer *answer)
{
    struct stage *stage = owner(sink);
    struct waiting *waiting;
    int result;

    text_append_format(&stage->calls, "%s %s/%s/%s\n", step->object ? "write" : "remove", step->ref.kind,
                       step->ref.name_space, step->ref.name);
    if (!stage->pending) {
        result = stage->gateway.sink.apply(&stage->gateway.sink, step, answer);
        answer->retry_ms = answer->code == ERROR_BUSY ? stage->retry_ms : 0;
        return result;
    }
    waiting = wait_for(stage, step->key);
    if (asprintf(&waiting->object_key, "%s/%s/%s", step->ref.kind, step->ref.name_space, step->ref.name) < 0)
        abort();
    waiting->object = json_deep_copy(step->object);
    (void)snprintf(waiting->version, sizeof waiting->version, "%s", step->version);
    return SINK_PENDING;
}

static int take_report(struct stage *stage, const char *key, const json_t *api, const json_t *status,
                       struct sink_answer *answer)
{
    int result = stage->gateway.sink.report(&stage->gateway.sink, key, api, status, answer);

    if (answer->code == 0 && status)
        (void)json_object_set_new(stage->statuses, key, json_deep_copy(status));
    else if (answer->code == 0)
        (void)json_object_del(stage->statuses, key);
    return result;
}

static int report(struct sink *sink, const char *key, const json_t *api, const json_t *status,
                  struct sink_answer *answer)
{
    struct stage *stage = owner(sink);
    struct waiting *waiting;

    text_append_format(&stage->calls, "%s %s\n", api ? "report" : "forget", key);
    if (!stage->pending)
        return take_report(stage, key, api, status, answer);
    waiting = wait_for(stage, key);
    waiting->object = json_deep_copy(status);
    waiting->api = json_deep_copy(api);
    return SINK_PENDING;
}

void stage_begin(struct stage *stage)
{
    *stage = (struct stage){.sink = {.apply = apply, .report = report},
                            .statuses = json_object(),
                            .calls = text_empty(),
                            .now = 1000};
    gateway_init(&stage->gateway);
    stage->log_file = open_memstream(&stage->log_text, &stage->log_size);
    stage->log = (struct log){.level = LOG_LEVEL_DEBUG, .out = stage->log_file};
    stage->options = (struct controller_options){.cluster = "c1",
                                                 .settings = &stage->gateway.settings,
                                                 .registry = &stage->gateway.registry,
                                                 .sink = &stage->sink,
                                                 .log = &stage->log,
                                                 .backoff = {.first_ms = 250, .most_ms = 300000, .seed = 1},
                                                 .seed = 1};
}

void stage_look(struct stage *stage, const char *object_key)
{
    const char *version = json_string_value(json_member(stage->gateway.versions_of, object_key));
    const json_t *object = json_member(stage->gateway.objects, object_key);
    struct parts parts;
    struct observation seen;

    split(object_key, &parts);
    seen = (struct observation){.ref = ref_of(&parts), .object = object, .uid = "", .version = ""};
    if (object)
        seen.version = version ? version : "v0";
    CU_ASSERT_EQUAL_FATAL(controller_observe(&seen, stage->controller, &stage->error), 0);
}

void stage_start(struct stage *stage)
{
    const char *key;
    json_t *value;

    controller_free(stage->controller);
    stage->controller = NULL;
    CU_ASSERT_EQUAL_FATAL(controller_new(&stage->options, &stage->controller, &stage->error), 0);
    json_object_foreach(stage->gateway.objects, key, value)
    {
        stage_look(stage, key);
    }
    json_object_foreach(stage->statuses, key, value)
    {
        char name_space[KEY_SIZE];
        (void)snprintf(name_space, sizeof name_space, "%.*s", (int)strcspn(key, "/"), key);
        CU_ASSERT_EQUAL_FATAL(
            controller_observe_status(name_space, strchr(key, '/') + 1, stage->controller, &stage->error), 0);
    }
    controller_set_observed(stage->controller, true);
    CU_ASSERT_EQUAL_FATAL(controller_set_complete(stage->controller, true, &stage->error), 0);
}

static void forget(struct waiting *waiting)
{
    free(waiting->object_key);
    json_decref(waiting->object);
    json_decref(waiting->api);
}

void stage_end(struct stage *stage)
{
    controller_free(stage->controller);
    for (size_t i = 0; i < stage->waiting_count; i++)
        forget(&stage->waiting[i]);
    json_decref(stage->statuses);
    text_release(&stage->calls);
    gateway_release(&stage->gateway);
    (void)fclose(stage->log_file);
    free(stage->log_text);
}

static void put(struct stage *stage, const char *text)
{
    json_t *object = gateway_json(text);
    const struct event event = {.object = object, .item = -1};

    CU_ASSERT_EQUAL_FATAL(controller_put(&event, stage->controller, &stage->error), 0);
    json_decref(object);
}

void stage_api(struct stage *stage, const char *key, const char *service, const char *host, const char *spec,
               const char *metadata)
{
    struct text text = text_empty();

    text_append_format(&text,
                       "{'apiVersion': 'gateway.kyma-project.io/v1alpha2', 'kind': 'Api', 'metadata': "
                       "{'namespace': '%.*s', 'name': '%s'%s%s}, 'spec': {'service': {'name': '%s', 'port': "
                       "80}, 'hostname': '%s'%s%s}}",
                       (int)strcspn(key, "/"), key, strchr(key, '/') + 1, *metadata ? ", " : "", metadata,
                       service, host, *spec ? ", " : "", spec);
    put(stage, text.data);
    text_release(&text);
}

void stage_gone(struct stage *stage, const char *key)
{
    char object_key[KEY_SIZE + 16];
    struct parts parts;
    struct object_ref ref;

    (void)snprintf(object_key, sizeof object_key, "Api/%s", key);
    split(object_key, &parts);
    ref = ref_of(&parts);
    ref.group = API_GROUP;
    CU_ASSERT_EQUAL_FATAL(controller_gone(&ref, stage->controller, &stage->error), 0);
}

void stage_source(struct stage *stage, const char *object_key, const char *text)
{
    struct text whole = text_empty();
    struct parts parts;

    split(object_key, &parts);
    text_append_format(&whole,
                       "{'apiVersion': 'test.example/v1', 'kind': '%s', 'metadata': {'namespace': '%s', "
                       "'name': '%s'}, %s}",
                       parts.kind, parts.name_space, parts.name, text);
    put(stage, whole.data);
    text_release(&whole);
}

void stage_source_gone(struct stage *stage, const char *object_key)
{
    struct parts parts;
    struct object_ref ref;

    split(object_key, &parts);
    ref = ref_of(&parts);
    CU_ASSERT_EQUAL_FATAL(controller_gone(&ref, stage->controller, &stage->error), 0);
}

static void place(struct stage *stage, const char *object_key, const char *labels, const char *text)
{
    struct text whole = text_empty();
    struct parts parts;
    char version[16];

    split(object_key, &parts);
    text_append_format(&whole,
                       "{'apiVersion': 'test.example/v1', 'kind': '%s', 'metadata': {'namespace': '%s', "
                       "'name': '%s'%s%s%s}, %s}",
                       parts.kind, parts.name_space, parts.name, labels ? ", 'labels': {" : "",
                       labels ? labels : "", labels ? "}" : "", text);
    (void)json_object_set_new(stage->gateway.objects, object_key, gateway_json(whole.data));
    (void)snprintf(version, sizeof version, "v%u", ++stage->gateway.version);
    (void)json_object_set_new(stage->gateway.versions_of, object_key, json_string(version));
    text_release(&whole);
}

void stage_observe(struct stage *stage, const char *object_key, const char *labels, const char *text)
{
    if (text)
        place(stage, object_key, labels, text);
    else
        (void)json_object_del(stage->gateway.objects, object_key);
    if (stage->controller)
        stage_look(stage, object_key);
}

void stage_run(struct stage *stage)
{
    struct moment now = {.ms = stage->now, .wall_s = 1000000000 + stage->now / 1000};

    CU_ASSERT_EQUAL_FATAL(controller_run(stage->controller, now, &stage->error), 0);
}

void stage_expect(struct stage *stage, const char *calls)
{
    stage_run(stage);
    if (strcmp(stage->calls.data, calls) != 0) {
        printf("# expected %s\n# found %s\n", calls, stage->calls.data);
        CU_FAIL("other calls than expected");
    }
    CU_PASS();
    text_clear(&stage->calls);
}

/* Carries a step out as if it had been asked for now. */
static void carry_out(struct stage *stage, const struct waiting *waiting, struct sink_answer *answer)
{
    struct parts parts;
    struct sink_step step;

    if (!waiting->object_key) {
        (void)take_report(stage, waiting->key, waiting->api, waiting->object, answer);
        return;
    }
    split(waiting->object_key, &parts);
    step = (struct sink_step){.key = waiting->key,
                              .ref = ref_of(&parts),
                              .object = waiting->object,
                              .uid = "",
                              .version = waiting->version};
    (void)stage->gateway.sink.apply(&stage->gateway.sink, &step, answer);
}

bool stage_answer(struct stage *stage, const char *key)
{
    struct moment now = {.ms = stage->now, .wall_s = 1000000000 + stage->now / 1000};
    struct sink_answer answer = {0};
    struct waiting waiting;
    size_t i = 0;

    while (i < stage->waiting_count && strcmp(stage->waiting[i].key, key) != 0)
        i++;
    if (i == stage->waiting_count)
        return false;
    waiting = stage->waiting[i];
    stage->waiting_count--;
    memmove(&stage->waiting[i], &stage->waiting[i + 1], (stage->waiting_count - i) * sizeof *stage->waiting);
    carry_out(stage, &waiting, &answer);
    if (stage->leaves_out && waiting.object_key)
        (void)json_object_clear(json_member(json_member(stage->gateway.objects, waiting.object_key), "spec"));
    if (stage->seen_first && waiting.object_key)
        stage_look(stage, waiting.object_key);
    if (stage->loses_answer) {
        answer = (struct sink_answer){0};
        (void)error_set(&answer.error, answer.code = ERROR_BUSY, "no answer");
    }
    CU_ASSERT_EQUAL_FATAL(controller_answer(stage->controller, waiting.key, &answer, now, &stage->error), 0);
    forget(&waiting);
    return true;
}

void stage_answer_all(struct stage *stage)
{
    stage_run(stage);
    for (int i = 0; i < 1000 && stage->waiting_count > 0; i++) {
        (void)stage_answer(stage, stage->waiting[0].key);
        stage_run(stage);
    }
    CU_ASSERT_EQUAL_FATAL(stage->waiting_count, 0);
}

/* What is looked for. */
struct look {
    struct stage *stage;
    const char *key;
    bool found;
};

static bool take_view(const struct controller_view *view, void *payload)
{
    struct look *look = payload;
    char key[KEY_SIZE];

    key_format(key, view->name_space, view->name);
    if (strcmp(key, look->key) != 0)
        return true;
    look->stage->view = *view;
    (void)snprintf(look->stage->message, sizeof look->stage->message, "%s", view->message);
    look->found = true;
    return false;
}

const char *stage_reason(struct stage *stage, const char *key)
{
    struct look look = {stage, key, false};

    CU_ASSERT_EQUAL_FATAL(controller_each(stage->controller, take_view, &look), 0);
    return look.found ? reason_word(stage->view.reason) : "?";
}

bool stage_says(struct stage *stage, const char *key, const char *part)
{
    (void)stage_reason(stage, key);
    if (strstr(stage->message, part))
        return true;
    printf("# %s says \"%s\"\n", key, stage->message);
    return false;
}

bool stage_stands(const struct stage *stage, const char *object_key)
{
    return json_member(stage->gateway.objects, object_key) != NULL;
}

json_int_t stage_code(const struct stage *stage, const char *key, const char *path)
{
    const json_t *code = json_at(json_member(stage->statuses, key), path);

    return code ? json_integer_value(code) : -1;
}

const char *stage_text(const struct stage *stage, const char *key, const char *path)
{
    const char *text = json_text_at(json_member(stage->statuses, key), path);

    return text ? text : "";
}

bool stage_logged(struct stage *stage, const char *part)
{
    (void)fflush(stage->log_file);
    return strstr(stage->log_text, part) != NULL;
}
