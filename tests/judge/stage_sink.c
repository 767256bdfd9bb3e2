/* SPDX-License-Identifier: Apache-2.0 */
/* A call of the sink is kept as an object: {key, place, backend, name, object, uid, version, makes, needs}
 * for an output, {key, place, api, status} for a status. Needs are [backend, name, version] each. */
#include "stage_sink.h"

#include "base/json.h"
#include "object/condition.h"
#include "reconcile/controller.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(const json_t *call, const char *name)
{
    const char *text = json_string_value(json_member(call, name));

    return text ? text : "";
}

static int backend_of(const json_t *call)
{
    const json_t *backend = json_member(call, "backend");

    return backend ? (int)json_integer_value(backend) : -1;
}

static void name_place(char place[KEY_SIZE + 64], const struct object_ref *ref)
{
    (void)snprintf(place, KEY_SIZE + 64, "%s/%s/%s", ref->kind, ref->name_space, ref->name);
}

const json_t *stage_sink_get(const struct stage *stage, const struct object_ref *ref)
{
    char place[KEY_SIZE + 64];

    name_place(place, ref);
    return json_object_get(stage->outputs, place);
}

static int number_of(const struct object_ref *ref)
{
    for (int i = 0; i < CARD_COUNT; i++) {
        if (strcmp(card_ref(i, "x").kind, ref->kind) == 0)
            return i;
    }
    return -1;
}

/* A directory has no uids. */
static const char *uid_for(const struct stage *stage, const json_t *before, unsigned version, char uid[32])
{
    if (before)
        return json_text_at(before, "uid");
    (void)snprintf(uid, 32, "u%u", version);
    return stage->delivery == STAGE_GATHERED ? "" : uid;
}

void stage_sink_set(struct stage *stage, const struct object_ref *ref, const json_t *object, unsigned number)
{
    char place[KEY_SIZE + 64];
    char version[32];
    char uid[32];

    name_place(place, ref);
    if (!object) {
        (void)json_object_del(stage->outputs, place);
        return;
    }
    (void)snprintf(version, sizeof version, "%u", number);
    (void)json_object_set_new(stage->outputs, place,
                              json_pack("{s:o, s:s, s:s, s:i, s:s}", "object", json_deep_copy(object), "uid",
                                        uid_for(stage, json_object_get(stage->outputs, place), number, uid),
                                        "version", version, "backend", number_of(ref), "name", ref->name));
}

/* Whether the process died with this write, and before it. */
static bool dies(struct stage *stage, enum stage_fault when)
{
    if (stage->fault != when || stage->writes != stage->fault_at)
        return false;
    stage->fault = STAGE_NO_FAULT;
    stage->dead = true;
    return true;
}

/* Whether the write is refused now. */
static int refusal(struct stage *stage, const char *place, struct error *error)
{
    bool busy = stage->fault == STAGE_BUSY;

    if ((busy || stage->fault == STAGE_REFUSED) && stage->writes == stage->fault_at && !stage->broken[0]) {
        (void)snprintf(stage->broken, sizeof stage->broken, "%s", place);
        stage->broken_for = busy ? 2 : -1;
    }
    if (strcmp(stage->broken, place) != 0 || stage->broken_for == 0)
        return 0;
    if (stage->broken_for > 0)
        stage->broken_for--;
    judge_fault(stage->judge, place);
    return error_set(error, busy ? ERROR_BUSY : ERROR_IO, "%s fails as planned", place);
}

/* Something else stands there than was observed. */
static bool is_other(const json_t *call, const json_t *before)
{
    return strcmp(text_of(call, "uid"), text_of(before, "uid")) != 0 ||
           strcmp(text_of(call, "version"), text_of(before, "version")) != 0;
}

/* Whether what the call counts on stands; what does not is told. */
static bool has_needs(struct stage *stage, const json_t *call)
{
    const json_t *need;
    size_t i;

    json_array_foreach(json_member(call, "needs"), i, need)
    {
        int backend = (int)json_integer_value(json_array_get(need, 0));
        struct object_ref ref = card_ref(backend, json_string_value(json_array_get(need, 1)));
        if (strcmp(text_of(stage_sink_get(stage, &ref), "version"),
                   json_string_value(json_array_get(need, 2))) == 0)
            continue;
        stage_tell_output(stage, backend, ref.name);
        return false;
    }
    return true;
}

static int write_output(struct stage *stage, const json_t *call, struct sink_answer *answer)
{
    struct object_ref ref = card_ref(backend_of(call), text_of(call, "name"));
    const json_t *before = stage_sink_get(stage, &ref);
    const json_t *object = json_member(call, "object");
    const json_t *after;

    if (!object && !before)
        return 0;
    if (is_other(call, before)) {
        (void)json_array_append_new(stage->looks, json_pack("[s,s]", ref.kind, ref.name));
        return error_set(&answer->error, ERROR_CONFLICT, "something else stands at %s",
                         text_of(call, "place"));
    }
    /* Requests that go out one by one cannot look. */
    if (stage->delivery == STAGE_GATHERED && !has_needs(stage, call))
        return error_set(&answer->error, ERROR_CONFLICT, "what %s needs does not stand",
                         text_of(call, "place"));
    stage_sink_set(stage, &ref, object, (unsigned)json_integer_value(json_member(call, "makes")));
    after = stage_sink_get(stage, &ref);
    judge_write(stage->judge, text_of(call, "key"), &ref, object, text_of(after, "uid"),
                text_of(after, "version"));
    (void)snprintf(answer->uid, sizeof answer->uid, "%s", text_of(after, "uid"));
    (void)snprintf(answer->version, sizeof answer->version, "%s", text_of(after, "version"));
    return 0;
}

/* Whether the status stands there already, but for times. */
static bool is_reported(const struct stage *stage, const json_t *call)
{
    const json_t *before = json_object_get(stage->statuses, text_of(call, "key"));
    json_t *status = json_member(call, "status");

    if (!status || !before)
        return !status && !before;
    (void)condition_carry(status, before);
    return json_equal(status, before);
}

static void write_status(struct stage *stage, const json_t *call)
{
    const char *key = text_of(call, "key");
    const json_t *status = json_member(call, "status");

    if (json_member(call, "api"))
        judge_look(stage->judge, json_member(call, "api"));
    judge_status(stage->judge, key, status);
    if (status)
        (void)json_object_set_new(stage->statuses, key, json_deep_copy(status));
    else
        (void)json_object_del(stage->statuses, key);
}

/* Where APIGW_TRACE is set, every write is shown. */
static void trace(const struct stage *stage, const json_t *call, int code)
{
    const json_t *content = backend_of(call) >= 0 ? json_member(json_member(call, "object"), "spec")
                                                  : json_member(call, "status");
    char *text;

    if (!getenv("APIGW_TRACE"))
        return;
    text = content ? json_dumps(content, JSON_COMPACT) : NULL;
    (void)printf("# %lld ms: %s for %s: %d %s\n", (long long)stage->now.ms, text_of(call, "place"),
                 text_of(call, "key"), code, text ? text : "gone");
    free(text);
}

/* Lets a call happen, or not. */
static void perform(struct stage *stage, const json_t *call, struct sink_answer *answer)
{
    bool output = backend_of(call) >= 0;

    *answer = (struct sink_answer){.code = 0};
    if (!output && is_reported(stage, call))
        return;
    stage->writes++;
    if (dies(stage, STAGE_DIES_BEFORE))
        return;
    answer->code = refusal(stage, text_of(call, "place"), &answer->error);
    trace(stage, call, answer->code);
    if (answer->code != 0)
        return;
    if (output)
        answer->code = write_output(stage, call, answer);
    else
        write_status(stage, call);
    (void)dies(stage, STAGE_DIES_AFTER);
}

/* The next call of a key comes only after the answer to the one before. */
static void check_turn(struct stage *stage, const char *key)
{
    const json_t *call;
    size_t i;

    if (stage->delivery == STAGE_GATHERED)
        return;
    json_array_foreach(stage->calls, i, call)
    {
        if (strcmp(text_of(call, "key"), key) == 0)
            stage_complain(stage, key, "a second call before the answer to the first");
    }
}

/* What a sink that gathers says before anything has happened. */
static void promise(const json_t *call, struct sink_answer *answer)
{
    *answer = (struct sink_answer){.code = 0};
    if (json_member(call, "object"))
        (void)snprintf(answer->version, sizeof answer->version, "%u",
                       (unsigned)json_integer_value(json_member(call, "makes")));
}

/* Takes a call, which is moved in. */
static int take(struct stage *stage, json_t *call, struct sink_answer *answer)
{
    int code = SINK_PENDING;

    check_turn(stage, text_of(call, "key"));
    if (stage->dead) {
        json_decref(call);
        return SINK_PENDING;
    }
    if (stage->delivery == STAGE_AT_ONCE) {
        perform(stage, call, answer);
        code = stage->dead ? SINK_PENDING : 0;
        json_decref(call);
        return code;
    }
    if (stage->delivery == STAGE_GATHERED) {
        promise(call, answer);
        code = 0;
    }
    (void)json_array_append_new(stage->calls, call);
    return code;
}

static struct stage *owner(struct sink *sink)
{
    return (struct stage *)((char *)sink - offsetof(struct stage, sink));
}

static json_t *needs_of(const struct sink_step *step)
{
    json_t *needs = json_array();

    for (size_t i = 0; i < step->needs_count; i++) {
        const struct sink_need *need = &step->needs[i];
        (void)json_array_append_new(
            needs, json_pack("[i,s,s]", number_of(&need->ref), need->ref.name, need->version));
    }
    return needs;
}

static int sink_apply(struct sink *sink, const struct sink_step *step, struct sink_answer *answer)
{
    struct stage *stage = owner(sink);
    char place[KEY_SIZE + 64];
    json_t *call;

    name_place(place, &step->ref);
    call = json_pack("{s:s, s:s, s:i, s:s, s:s, s:s, s:i, s:o}", "key", step->key, "place", place, "backend",
                     number_of(&step->ref), "name", step->ref.name, "uid", step->uid, "version",
                     step->version, "makes", (int)++stage->version, "needs", needs_of(step));
    if (step->object)
        (void)json_object_set_new(call, "object", json_deep_copy(step->object));
    return take(stage, call, answer);
}

static int sink_report(struct sink *sink, const char *key, const json_t *api, const json_t *status,
                       struct sink_answer *answer)
{
    char place[KEY_SIZE + 64];
    json_t *call;

    (void)snprintf(place, sizeof place, "status of %s", key);
    call = json_pack("{s:s, s:s}", "key", key, "place", place);
    if (api)
        (void)json_object_set_new(call, "api", json_deep_copy(api));
    if (status)
        (void)json_object_set_new(call, "status", json_deep_copy(status));
    return take(owner(sink), call, answer);
}

void stage_sink_init(struct stage *stage)
{
    stage->sink = (struct sink){.apply = sink_apply, .report = sink_report};
}

/* Lets a call that was pending happen and keeps the answer with it. */
static void happen(struct stage *stage, json_t *call)
{
    struct sink_answer answer;

    if (stage->dead || json_member(call, "code"))
        return;
    perform(stage, call, &answer);
    (void)json_object_update_new(call,
                                 json_pack("{s:i, s:s, s:s, s:s}", "code", answer.code, "new uid", answer.uid,
                                           "new version", answer.version, "message", answer.error.message));
}

void stage_sink_happen(struct stage *stage)
{
    json_t *call;
    size_t i;

    /* A commit happens as a whole. */
    if (stage->delivery == STAGE_GATHERED) {
        (void)stage_sink_deliver(stage);
        return;
    }
    json_array_foreach(stage->calls, i, call)
    {
        happen(stage, call);
    }
}

/* Answers one call that was pending. */
static void answer_one(struct stage *stage, json_t *call)
{
    struct sink_answer answer = {.code = 0};
    struct error error = {0};

    happen(stage, call);
    if (stage->dead)
        return;
    answer.code = (int)json_integer_value(json_member(call, "code"));
    (void)snprintf(answer.uid, sizeof answer.uid, "%s", text_of(call, "new uid"));
    (void)snprintf(answer.version, sizeof answer.version, "%s", text_of(call, "new version"));
    if (answer.code != 0)
        (void)error_set(&answer.error, answer.code, "%s", text_of(call, "message"));
    if (controller_answer(stage->controller, text_of(call, "key"), &answer, stage->now, &error) != 0)
        stage_complain(stage, "controller_answer", error.message);
}

/* Drops the calls of a key, whose places are told anew, and says that it failed. */
static void fail_key(struct stage *stage, json_t *calls, size_t from, const struct error *why)
{
    const char *key = text_of(json_array_get(calls, from), "key");
    struct error error = {0};

    for (size_t i = from; i < json_array_size(calls); i++) {
        json_t *call = json_array_get(calls, i);
        if (strcmp(text_of(call, "key"), key) != 0 || json_member(call, "dropped"))
            continue;
        if (backend_of(call) >= 0)
            stage_tell_output(stage, backend_of(call), text_of(call, "name"));
        (void)json_object_set_new(call, "dropped", json_true());
    }
    if (controller_failed(key, why, stage->controller, &error) != 0)
        stage_complain(stage, "controller_failed", error.message);
}

static void commit(struct stage *stage, json_t *calls)
{
    struct error error = {0};
    struct sink_answer answer;

    for (size_t i = 0; i < json_array_size(calls) && !stage->dead; i++) {
        if (json_member(json_array_get(calls, i), "dropped"))
            continue;
        perform(stage, json_array_get(calls, i), &answer);
        if (answer.code != 0)
            fail_key(stage, calls, i, &answer.error);
    }
    if (stage->controller && !stage->dead && controller_committed(stage->controller, &error) != 0)
        stage_complain(stage, "controller_committed", error.message);
}

bool stage_sink_deliver(struct stage *stage)
{
    json_t *calls = stage->calls;
    size_t count = json_array_size(calls);

    stage->calls = json_array();
    if (stage->delivery == STAGE_GATHERED)
        commit(stage, calls);
    for (size_t i = 0; stage->delivery != STAGE_GATHERED && i < count && !stage->dead; i++)
        answer_one(stage, json_array_get(calls, stage->delivery == STAGE_REVERSED ? count - 1 - i : i));
    json_decref(calls);
    return count > 0;
}
