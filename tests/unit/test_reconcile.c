/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway.h"
#include "harness.h"
#include "scarce.h"

#include "base/json.h"
#include "reconcile/reconcile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ISSUER(name) "{'type': 'JWT', 'jwt': {'issuer': '" name "', 'jwksUri': 'https://h/k'}}"
#define SECURED "{'authentication': [" ISSUER("i") "]}"

/* A gateway, a store without objects, an Api, and what came of it. */
struct stage {
    struct gateway gateway;
    struct store *store;
    json_t *api;
    FILE *log_file;
    char *log_text;
    size_t log_size;
    struct log log;
    struct problems problems;
    struct reconcile_result result;
    struct error error;
};

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

static void begin(struct stage *stage, const char *spec)
{
    *stage = (struct stage){.store = store_new(), .api = make_api(spec)};
    gateway_init(&stage->gateway);
    stage->log_file = open_memstream(&stage->log_text, &stage->log_size);
    stage->log = (struct log){LOG_LEVEL_DEBUG, stage->log_file};
}

static void end(struct stage *stage)
{
    problems_release(&stage->problems);
    json_decref(stage->api);
    store_free(stage->store);
    gateway_release(&stage->gateway);
    (void)fclose(stage->log_file);
    free(stage->log_text);
}

static void edit(struct stage *stage, const char *spec)
{
    json_decref(stage->api);
    stage->api = make_api(spec);
}

static int reconcile(struct stage *stage)
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

/* Reconciles, and compares what was written (reads aside) and the status. */
static void expect(struct stage *stage, const char *writes, const char *status)
{
    char *found;

    text_clear(&stage->gateway.calls);
    CU_ASSERT_EQUAL(reconcile(stage), 0);
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

static void expect_result(const struct stage *stage, bool served, bool secured, const char *reason)
{
    CU_ASSERT_EQUAL(stage->result.served, served);
    CU_ASSERT_EQUAL(stage->result.secured, secured);
    CU_ASSERT_STRING_EQUAL(stage->result.reason, reason);
    CU_ASSERT_EQUAL(stage->result.message[0] == '\0', reason[0] == '\0');
}

static bool logged(struct stage *stage, const char *part)
{
    (void)fflush(stage->log_file);
    return strstr(stage->log_text, part) != NULL;
}

static bool says(const struct stage *stage, const char *path, const char *part)
{
    const char *text = json_text_at(stage->gateway.status, path);

    if (text && strstr(text, part))
        return true;
    printf("# %s says \"%s\"\n", path, text ? text : "(nothing)");
    return false;
}

static json_int_t code_of(const struct stage *stage, const char *path)
{
    const json_t *code = json_at(stage->gateway.status, path);

    return code ? json_integer_value(code) : -1;
}

/* Stands as somebody else's. */
static void put_foreign(struct stage *stage, const char *key)
{
    (void)json_object_set_new(
        stage->gateway.objects, key,
        gateway_json("{'metadata': {'name': 'a1', 'namespace': 't1'}, 'spec': {'to': 'x'}}"));
}

static void a_secured_api_is_served_protection_first(void)
{
    struct stage stage;

    begin(&stage, SECURED);
    expect(&stage, "write Lock/t1/a1\nwrite Note/t1/a1\nwrite Road/t1/a1\nreport\n",
           "{'validationStatus': 2, 'authenticationStatus': {'code': 2, 'resource': {'name': 'a1', "
           "'version': 'v1'}}, "
           "'note': {'code': 2, 'resource': {'name': 'a1', 'version': 'v2'}}, 'road': {'code': 2, "
           "'resource': {'name': "
           "'a1', 'version': 'v3'}}}");
    expect_result(&stage, true, true, "");
    CU_ASSERT_TRUE(stage.result.authentication);
    CU_ASSERT_EQUAL(stage.result.writes, 3);
    CU_ASSERT_STRING_EQUAL(stage.result.host, "h1.kyma.local");
    CU_ASSERT_STRING_EQUAL(stage.result.service, "svc1:80");
    CU_ASSERT_TRUE(logged(&stage, "level=info msg=\"api served\" api=t1/a1 writes=3"));
    CU_ASSERT_FALSE(logged(&stage, "warning"));
    end(&stage);
}

static void everything_is_read_before_anything_is_written(void)
{
    struct stage stage;

    begin(&stage, SECURED);
    CU_ASSERT_EQUAL(reconcile(&stage), 0);
    CU_ASSERT_STRING_EQUAL(
        stage.gateway.calls.data,
        "read Road/t1/a1\nread Lock/t1/a1\nread Note/t1/a1\nwrite Lock/t1/a1\nwrite Note/t1/a1\n"
        "write Road/t1/a1\nreport\n");
    end(&stage);
}

static void an_open_api_has_no_protection_and_no_status_of_one(void)
{
    struct stage stage;

    begin(&stage, "{}");
    expect(&stage, "write Note/t1/a1\nwrite Road/t1/a1\nreport\n",
           "{'validationStatus': 2, 'note': {'code': 2, 'resource': {'name': 'a1', 'version': 'v1'}}, "
           "'road': {'code': "
           "2, 'resource': {'name': 'a1', 'version': 'v2'}}}");
    expect_result(&stage, true, false, "");
    CU_ASSERT_FALSE(stage.result.authentication);
    end(&stage);
}

static void nothing_is_written_without_a_change(void)
{
    struct stage stage;

    begin(&stage, SECURED);
    CU_ASSERT_EQUAL(reconcile(&stage), 0);
    expect(&stage, "report\n", NULL);
    expect_result(&stage, true, true, "");
    CU_ASSERT_EQUAL(stage.result.writes, 0);
    edit(&stage, "{'authentication': [" ISSUER("j") "]}");
    expect(&stage, "write Lock/t1/a1\nreport\n", NULL);
    edit(&stage, "{'authentication': [" ISSUER("j") "], 'service': {'name': 'svc1', 'port': 81}}");
    expect(&stage, "write Road/t1/a1\nreport\n", NULL);
    end(&stage);
}

static void an_invalid_api_writes_nothing_and_says_why_and_what_stands(void)
{
    struct stage stage;

    begin(&stage, "{'service': {'name': 'svc1', 'port': 0}}");
    expect(&stage, "report\n",
           "{'validationStatus': 3, 'note': {'code': 0, 'lastError': 'spec.service.port: expected an integer "
           "from 1 to "
           "65535, found 0', 'resource': {}}, 'road': {'code': 0, 'lastError': 'spec.service.port: expected "
           "an integer "
           "from 1 to 65535, found 0', 'resource': {}}}");
    expect_result(&stage, false, false, "Invalid");
    CU_ASSERT_STRING_EQUAL(stage.result.message,
                           "spec.service.port: expected an integer from 1 to 65535, found 0");
    CU_ASSERT_STRING_EQUAL(stage.result.host, "h1.kyma.local");
    CU_ASSERT_STRING_EQUAL(stage.result.service, "svc1:0");
    CU_ASSERT_TRUE(
        logged(&stage, "level=warning msg=\"api refused\" api=t1/a1 reason=Invalid error=\"spec.service."));
    edit(&stage, SECURED);
    CU_ASSERT_EQUAL(reconcile(&stage), 0);
    edit(&stage, "{'authentication': [" ISSUER("i") "], 'hostname': '*'}");
    expect(&stage, "report\n", NULL);
    CU_ASSERT_EQUAL(code_of(&stage, "validationStatus"), 3);
    CU_ASSERT_EQUAL(code_of(&stage, "authenticationStatus.code"), 0);
    CU_ASSERT_TRUE(says(&stage, "authenticationStatus.resource.name", "a1"));
    CU_ASSERT_TRUE(says(&stage, "road.resource.version", "v"));
    CU_ASSERT_TRUE(says(&stage, "road.lastError", "spec.hostname: "));
    CU_ASSERT_TRUE(stage.result.authentication);
    CU_ASSERT_STRING_EQUAL(stage.result.host, "");
    end(&stage);
}

static void rubbish_is_refused_and_reported(void)
{
    static const char *const apis[] = {"{'metadata': {'name': 'a1'}}",
                                       "{'metadata': {'name': 'a1'}, 'spec': 1}",
                                       "{'metadata': {'name': 'a1'}, 'spec': {'authentication': 3}}"};
    struct stage stage;

    begin(&stage, "{}");
    for (size_t i = 0; i < sizeof apis / sizeof *apis; i++) {
        json_decref(stage.api);
        stage.api = gateway_json(apis[i]);
        expect(&stage, "report\n", NULL);
        expect_result(&stage, false, false, "Invalid");
        CU_ASSERT_TRUE(stage.problems.errors > 0);
    }
    end(&stage);
}

static void a_new_route_waits_for_its_protection(void)
{
    struct stage stage;

    begin(&stage, SECURED);
    stage.gateway.scripts[GATEWAY_LOCK] =
        (struct script){.code = APIGW_CONFLICT, .message = "Lock x is in the way"};
    expect(&stage, "write Note/t1/a1\nreport\n",
           "{'validationStatus': 2, 'authenticationStatus': {'code': 3, 'lastError': 'Lock x is in the way', "
           "'resource': {}}, 'note': {'code': 2, 'resource': {'name': 'a1', 'version': 'v1'}}, 'road': "
           "{'code': 1, "
           "'lastError': 'waits for the protection: Lock x is in the way', 'resource': {}}}");
    expect_result(&stage, false, false, "Conflict");
    CU_ASSERT_STRING_EQUAL(stage.result.message, "Lock x is in the way");
    CU_ASSERT_TRUE(logged(&stage, "api=t1/a1 backend=lock reason=Conflict error=\"Lock x is in the way\""));
    CU_ASSERT_TRUE(logged(&stage, "backend=road reason=ProtectionMissing"));
    stage.gateway.scripts[GATEWAY_LOCK] = (struct script){0};
    expect(&stage, "write Lock/t1/a1\nwrite Road/t1/a1\nreport\n", NULL);
    expect_result(&stage, true, true, "");
    end(&stage);
}

/* Every code of a backend, and what it becomes. */
static void codes_of_backends_become_codes_and_reasons(void)
{
    static const struct {
        int32_t code;
        json_int_t status;
        const char *reason;
    } samples[] = {{APIGW_INVALID, 3, "Invalid"},        {APIGW_CONFLICT, 3, "Conflict"},
                   {APIGW_NOT_READY, 1, "NotReady"},     {APIGW_NO_MEMORY, 3, "BackendFailed"},
                   {APIGW_INTERNAL, 3, "BackendFailed"}, {99, 3, "BackendFailed"}};
    struct stage stage;

    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        begin(&stage, SECURED);
        stage.gateway.scripts[GATEWAY_ROAD] = (struct script){.code = samples[i].code, .message = "no"};
        expect(&stage, "report\n", NULL);
        CU_ASSERT_EQUAL(code_of(&stage, "road.code"), samples[i].status);
        CU_ASSERT_EQUAL(code_of(&stage, "authenticationStatus.code"), 0);
        CU_ASSERT_TRUE(says(&stage, "authenticationStatus.lastError", "backend road is refused"));
        expect_result(&stage, false, false, samples[i].reason);
        end(&stage);
        begin(&stage, SECURED);
        stage.gateway.scripts[GATEWAY_LOCK] = (struct script){.code = samples[i].code, .message = "no"};
        expect(&stage, "write Note/t1/a1\nreport\n", NULL);
        CU_ASSERT_EQUAL(code_of(&stage, "authenticationStatus.code"), samples[i].status);
        CU_ASSERT_EQUAL(code_of(&stage, "road.code"), 1);
        expect_result(&stage, false, false, samples[i].reason);
        end(&stage);
    }
}

static void the_users_field_stands_before_a_plugins_sentence(void)
{
    struct stage stage;

    begin(&stage, "{}");
    stage.gateway.scripts[GATEWAY_ROAD] =
        (struct script){.code = APIGW_INVALID, .path = "spec.hostname", .message = "is not nice"};
    expect(&stage, "report\n", NULL);
    CU_ASSERT_TRUE(says(&stage, "road.lastError", "spec.hostname: is not nice"));
    end(&stage);
}

static void a_protection_that_protects_nothing_has_failed(void)
{
    struct stage stage;

    begin(&stage, SECURED);
    stage.gateway.scripts[GATEWAY_LOCK].answer = "[]";
    expect(&stage, "write Note/t1/a1\nreport\n", NULL);
    expect_result(&stage, false, false, "BackendFailed");
    end(&stage);
}

static void a_live_route_keeps_standing_without_its_protection(void)
{
    struct stage stage;

    begin(&stage, "{}");
    CU_ASSERT_EQUAL(reconcile(&stage), 0);
    stage.gateway.scripts[GATEWAY_LOCK] = (struct script){.code = APIGW_CONFLICT, .message = "no"};
    edit(&stage, SECURED);
    expect(&stage, "report\n", NULL);
    CU_ASSERT_EQUAL(code_of(&stage, "road.code"), 3);
    CU_ASSERT_TRUE(says(&stage, "road.lastError", "stands without its protection: no"));
    CU_ASSERT_TRUE(says(&stage, "road.resource.name", "a1"));
    expect_result(&stage, false, false, "Conflict");
    edit(&stage, "{'authentication': [" ISSUER("i") "], 'service': {'name': 'svc1', 'port': 81}}");
    expect(&stage, "report\n", NULL);
    CU_ASSERT_EQUAL(code_of(&stage, "road.code"), 3);
    CU_ASSERT_TRUE(says(&stage, "road.lastError", "older output kept: waits for the protection: no"));
    end(&stage);
}

static void an_older_protection_is_kept_and_named(void)
{
    struct stage stage;

    begin(&stage, SECURED);
    CU_ASSERT_EQUAL(reconcile(&stage), 0);
    stage.gateway.scripts[GATEWAY_LOCK] = (struct script){.code = APIGW_INTERNAL, .message = "broken"};
    expect(&stage, "report\n", NULL);
    CU_ASSERT_EQUAL(code_of(&stage, "authenticationStatus.code"), 3);
    CU_ASSERT_TRUE(says(&stage, "authenticationStatus.lastError", "older output kept: broken"));
    CU_ASSERT_TRUE(says(&stage, "authenticationStatus.resource.name", "a1"));
    end(&stage);
}

static void a_foreign_route_is_left_alone_and_holds_everything_back(void)
{
    struct stage stage;
    json_t *before;

    begin(&stage, SECURED);
    put_foreign(&stage, "Road/t1/a1");
    before = json_deep_copy(stage.gateway.objects);
    expect(&stage, "report\n", NULL);
    CU_ASSERT_TRUE(json_equal(before, stage.gateway.objects));
    CU_ASSERT_EQUAL(code_of(&stage, "road.code"), 3);
    CU_ASSERT_TRUE(
        says(&stage, "road.lastError", "Road \"t1/a1\" (test.example) exists and was not made for this Api"));
    CU_ASSERT_PTR_NULL(json_at(stage.gateway.status, "road.resource.name"));
    CU_ASSERT_EQUAL(code_of(&stage, "authenticationStatus.code"), 0);
    expect_result(&stage, false, false, "NotOwned");
    json_decref(before);
    (void)json_object_del(stage.gateway.objects, "Road/t1/a1");
    expect(&stage, "write Lock/t1/a1\nwrite Note/t1/a1\nwrite Road/t1/a1\nreport\n", NULL);
    end(&stage);
}

static void another_apis_output_is_foreign(void)
{
    struct stage stage;

    begin(&stage, "{}");
    (void)json_object_set_new(
        stage.gateway.objects, "Road/t1/a1",
        gateway_json(
            "{'metadata': {'name': 'a1', 'namespace': 't1', 'labels': {'createdBy': 'apigwd', 'apiName': "
            "'a2', 'apiNamespace': 't1'}}}"));
    expect(&stage, "report\n", NULL);
    expect_result(&stage, false, false, "NotOwned");
    end(&stage);
}

static void a_foreign_protection_fails_closed(void)
{
    struct stage stage;

    begin(&stage, SECURED);
    put_foreign(&stage, "Lock/t1/a1");
    expect(&stage, "write Note/t1/a1\nreport\n", NULL);
    CU_ASSERT_EQUAL(code_of(&stage, "authenticationStatus.code"), 3);
    CU_ASSERT_TRUE(says(&stage, "authenticationStatus.lastError", "Lock \"t1/a1\""));
    CU_ASSERT_EQUAL(code_of(&stage, "road.code"), 1);
    expect_result(&stage, false, false, "NotOwned");
    end(&stage);
}

static void what_cannot_be_read_is_never_overwritten(void)
{
    static const int codes[] = {ERROR_IO, ERROR_INVALID, ERROR_LIMIT, ERROR_NO_MEMORY};
    struct stage stage;

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        begin(&stage, SECURED);
        (void)json_object_set_new(stage.gateway.read_codes, "Road/t1/a1", json_integer(codes[i]));
        expect(&stage, "report\n", NULL);
        CU_ASSERT_TRUE(says(&stage, "road.lastError", "cannot be read: read of Road/t1/a1 fails as planned"));
        expect_result(&stage, false, false, "Unreadable");
        end(&stage);
        begin(&stage, SECURED);
        (void)json_object_set_new(stage.gateway.read_codes, "Lock/t1/a1", json_integer(codes[i]));
        expect(&stage, "write Note/t1/a1\nreport\n", NULL);
        expect_result(&stage, false, false, "Unreadable");
        end(&stage);
    }
}

static void a_protection_that_cannot_be_written_keeps_the_route_back(void)
{
    struct stage stage;

    begin(&stage, SECURED);
    (void)json_object_set_new(stage.gateway.write_codes, "Lock/t1/a1", json_integer(ERROR_IO));
    expect(&stage, "write Lock/t1/a1\nwrite Note/t1/a1\nreport\n", NULL);
    CU_ASSERT_EQUAL(code_of(&stage, "authenticationStatus.code"), 3);
    CU_ASSERT_TRUE(
        says(&stage, "authenticationStatus.lastError", "cannot be written: write of Lock/t1/a1 fails"));
    CU_ASSERT_EQUAL(code_of(&stage, "road.code"), 1);
    CU_ASSERT_EQUAL(stage.result.writes, 1);
    expect_result(&stage, false, false, "WriteFailed");
    end(&stage);
}

static void only_the_route_fails_and_the_protection_stays(void)
{
    struct stage stage;

    begin(&stage, SECURED);
    (void)json_object_set_new(stage.gateway.write_codes, "Road/t1/a1", json_integer(ERROR_FOREIGN));
    expect(&stage, "write Lock/t1/a1\nwrite Note/t1/a1\nwrite Road/t1/a1\nreport\n", NULL);
    CU_ASSERT_EQUAL(code_of(&stage, "authenticationStatus.code"), 2);
    CU_ASSERT_EQUAL(code_of(&stage, "road.code"), 3);
    expect_result(&stage, false, true, "NotOwned");
    (void)json_object_clear(stage.gateway.write_codes);
    expect(&stage, "write Road/t1/a1\nreport\n", NULL);
    (void)json_object_set_new(stage.gateway.write_codes, "Road/t1/a1", json_integer(ERROR_IO));
    edit(&stage, "{'authentication': [" ISSUER("i") "], 'service': {'name': 'svc1', 'port': 81}}");
    expect(&stage, "write Road/t1/a1\nreport\n", NULL);
    CU_ASSERT_TRUE(says(&stage, "road.lastError", "older output kept: Road \"t1/a1\""));
    expect_result(&stage, false, true, "WriteFailed");
    end(&stage);
}

static void role_other_holds_nothing_back(void)
{
    struct stage stage;

    begin(&stage, SECURED);
    stage.gateway.scripts[GATEWAY_NOTE] = (struct script){.code = APIGW_INTERNAL, .message = "no"};
    expect(&stage, "write Lock/t1/a1\nwrite Road/t1/a1\nreport\n", NULL);
    CU_ASSERT_EQUAL(code_of(&stage, "note.code"), 3);
    expect_result(&stage, true, true, "");
    CU_ASSERT_TRUE(logged(&stage, "backend=note reason=BackendFailed"));
    end(&stage);
}

static void a_move_to_another_service_is_refused_whole(void)
{
    struct stage stage;

    begin(&stage, SECURED);
    CU_ASSERT_EQUAL(reconcile(&stage), 0);
    edit(&stage, "{'authentication': [" ISSUER("j") "], 'service': {'name': 'svc2', 'port': 80}}");
    expect(&stage, "report\n", NULL);
    CU_ASSERT_EQUAL(code_of(&stage, "road.code"), 3);
    CU_ASSERT_TRUE(
        says(&stage, "road.lastError",
             "older output kept: Road \"t1/a1\" leads to \"svc1.t1.svc.cluster.local\", and a live route "
             "cannot be moved"));
    CU_ASSERT_EQUAL(code_of(&stage, "authenticationStatus.code"), 0);
    CU_ASSERT_TRUE(says(&stage, "authenticationStatus.resource.name", "a1"));
    expect_result(&stage, false, false, "MoveRefused");
    edit(&stage, "{'authentication': [" ISSUER("j") "]}");
    expect(&stage, "write Lock/t1/a1\nreport\n", NULL);
    expect_result(&stage, true, true, "");
    end(&stage);
}

static void a_move_to_another_host_is_protected_on_both_until_it_is_done(void)
{
    struct text asked = text_empty();
    struct stage stage;

    begin(&stage, SECURED);
    CU_ASSERT_EQUAL(reconcile(&stage), 0);
    stage.gateway.scripts[GATEWAY_LOCK].asked = &asked;
    edit(&stage, "{'authentication': [" ISSUER("i") "], 'hostname': 'a1'}");
    expect(&stage, "write Lock/t1/a1\nwrite Note/t1/a1\nwrite Road/t1/a1\nwrite Lock/t1/a1\nreport\n", NULL);
    CU_ASSERT_STRING_EQUAL(asked.data, "svc1|a1.kyma.local,h1.kyma.local svc1|a1.kyma.local ");
    expect_result(&stage, true, true, "");
    CU_ASSERT_EQUAL(stage.result.writes, 4);
    expect(&stage, "report\n", NULL);
    (void)json_object_set_new(stage.gateway.write_codes, "Road/t1/a1", json_integer(ERROR_IO));
    edit(&stage, "{'authentication': [" ISSUER("i") "], 'hostname': 'b1'}");
    expect(&stage, "write Lock/t1/a1\nwrite Note/t1/a1\nwrite Road/t1/a1\nreport\n", NULL);
    CU_ASSERT_EQUAL(json_array_size(json_at(json_member(stage.gateway.objects, "Lock/t1/a1"), "spec.hosts")),
                    2);
    end(&stage);
    text_release(&asked);
}

static void without_a_backend_that_authenticates_nothing_is_published(void)
{
    struct stage stage;

    begin(&stage, SECURED);
    gateway_disable(&stage.gateway, GATEWAY_LOCK);
    expect(&stage, "write Note/t1/a1\nreport\n", NULL);
    CU_ASSERT_EQUAL(code_of(&stage, "authenticationStatus.code"), 3);
    CU_ASSERT_TRUE(says(&stage, "authenticationStatus.lastError", "no enabled backend can authenticate"));
    CU_ASSERT_EQUAL(code_of(&stage, "road.code"), 1);
    expect_result(&stage, false, false, "ProtectionMissing");
    stage.gateway.settings.accept_unprotected = true;
    stage.gateway.registry.incomplete = true;
    expect(&stage, "report\n", NULL);
    expect_result(&stage, false, false, "ProtectionMissing");
    stage.gateway.registry.incomplete = false;
    expect(&stage, "write Road/t1/a1\nreport\n", NULL);
    CU_ASSERT_EQUAL(code_of(&stage, "authenticationStatus.code"), 3);
    CU_ASSERT_EQUAL(code_of(&stage, "road.code"), 2);
    expect_result(&stage, true, false, "ProtectionMissing");
    CU_ASSERT_TRUE(logged(&stage, "api served without protection"));
    edit(&stage, "{}");
    expect(&stage, "report\n", NULL);
    expect_result(&stage, true, false, "");
    end(&stage);
}

static void accepting_no_protection_excuses_no_failed_one(void)
{
    struct stage stage;

    begin(&stage, SECURED);
    stage.gateway.settings.accept_unprotected = true;
    stage.gateway.scripts[GATEWAY_LOCK] = (struct script){.code = APIGW_INTERNAL, .message = "no"};
    expect(&stage, "write Note/t1/a1\nreport\n", NULL);
    expect_result(&stage, false, false, "BackendFailed");
    end(&stage);
}

static void without_a_route_nothing_is_served(void)
{
    struct stage stage;

    begin(&stage, SECURED);
    gateway_disable(&stage.gateway, GATEWAY_ROAD);
    expect(&stage, "write Lock/t1/a1\nwrite Note/t1/a1\nreport\n", NULL);
    expect_result(&stage, false, true, "NoRoute");
    end(&stage);
    begin(&stage, "{}");
    stage.gateway.scripts[GATEWAY_ROAD].answer = "[]";
    expect(&stage, "write Note/t1/a1\nreport\n", NULL);
    CU_ASSERT_EQUAL(code_of(&stage, "road.code"), 0);
    expect_result(&stage, false, false, "NoRoute");
    end(&stage);
}

static void incomplete_authentication_is_served_openly_and_said(void)
{
    struct stage stage;

    begin(&stage, "{'authentication': [{'type': 'JWT'}]}");
    expect(&stage, "report\n", NULL);
    expect_result(&stage, false, false, "Invalid");
    stage.gateway.settings.incomplete_unsecured = true;
    expect(&stage, "write Note/t1/a1\nwrite Road/t1/a1\nreport\n", NULL);
    CU_ASSERT_EQUAL(code_of(&stage, "road.code"), 2);
    CU_ASSERT_TRUE(says(&stage, "road.lastError", "served without protection"));
    CU_ASSERT_PTR_NULL(json_member(stage.gateway.status, "authenticationStatus"));
    expect_result(&stage, true, false, "");
    CU_ASSERT_TRUE(logged(&stage,
                          "level=warning msg=\"api served without protection\" api=t1/a1 backend=road "
                          "reason=IncompleteAuthentication"));
    end(&stage);
}

static void a_protection_that_fails_while_it_is_not_asked_for_holds_nothing_back(void)
{
    struct stage stage;

    begin(&stage, "{}");
    stage.gateway.scripts[GATEWAY_LOCK] = (struct script){.code = APIGW_INTERNAL, .message = "no"};
    expect(&stage, "write Note/t1/a1\nwrite Road/t1/a1\nreport\n", NULL);
    CU_ASSERT_PTR_NULL(json_member(stage.gateway.status, "authenticationStatus"));
    expect_result(&stage, true, false, "");
    end(&stage);
}

static void a_status_that_cannot_be_written_is_an_error(void)
{
    struct stage stage;

    begin(&stage, "{}");
    stage.gateway.report_code = ERROR_FOREIGN;
    CU_ASSERT_EQUAL(reconcile(&stage), ERROR_IO);
    CU_ASSERT_STRING_EQUAL(stage.error.message, "report fails as planned");
    stage.gateway.report_code = ERROR_NO_MEMORY;
    CU_ASSERT_EQUAL(reconcile(&stage), ERROR_NO_MEMORY);
    end(&stage);
}

static void problems_found_before_are_nobodys_fault(void)
{
    struct stage stage;
    struct problems problems = {0};

    begin(&stage, "{}");
    problems_add(&problems, PROBLEM_ERROR, "elsewhere", "of another Api");
    {
        const struct reconciler reconciler = {
            &stage.gateway.settings, &stage.gateway.registry, stage.store, false, &stage.gateway.sink, NULL};
        CU_ASSERT_EQUAL(reconcile_api(&reconciler, stage.api, &problems, &stage.result, NULL), 0);
    }
    expect_result(&stage, true, false, "");
    problems_release(&problems);
    end(&stage);
}

/* One run with so many allocations granted. @return whether one failed. */
static bool run_scarce(size_t granted, const char *spec)
{
    struct stage stage;
    bool failed;
    int code;

    begin(&stage, spec);
    scarce_begin(granted);
    code = reconcile(&stage);
    failed = scarce_end();
    if (code != 0 && code != ERROR_NO_MEMORY && code != ERROR_IO)
        CU_FAIL("a code that there is not");
    if (!failed && code != 0)
        CU_FAIL("memory was enough");
    /* What was written, was written in order. */
    if (json_member(stage.gateway.objects, "Road/t1/a1") && !json_member(stage.gateway.objects, "Lock/t1/a1"))
        CU_FAIL("a route without its protection");
    end(&stage);
    return failed;
}

static void memory_that_runs_out_opens_nothing(void)
{
    static const char *const specs[] = {SECURED, "{'authentication': [{}], 'hostname': '*', 'typo': 1}"};

    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        size_t granted = 0;
        while (run_scarce(granted, specs[i]))
            granted++;
        CU_ASSERT_TRUE(granted > 20);
    }
}

int main(void)
{
    static const struct test tests[] = {
        {"a secured Api is served, protection first", a_secured_api_is_served_protection_first},
        {"everything is read before anything is written", everything_is_read_before_anything_is_written},
        {"an open Api has no protection and no status of one",
         an_open_api_has_no_protection_and_no_status_of_one},
        {"nothing is written without a change", nothing_is_written_without_a_change},
        {"an invalid Api writes nothing and says why and what stands",
         an_invalid_api_writes_nothing_and_says_why_and_what_stands},
        {"rubbish is refused and reported", rubbish_is_refused_and_reported},
        {"a new route waits for its protection", a_new_route_waits_for_its_protection},
        {"codes of backends become codes and reasons", codes_of_backends_become_codes_and_reasons},
        {"the user's field stands before a plugin's sentence",
         the_users_field_stands_before_a_plugins_sentence},
        {"a protection that protects nothing has failed", a_protection_that_protects_nothing_has_failed},
        {"a live route keeps standing without its protection",
         a_live_route_keeps_standing_without_its_protection},
        {"an older protection is kept and named", an_older_protection_is_kept_and_named},
        {"a foreign route is left alone and holds everything back",
         a_foreign_route_is_left_alone_and_holds_everything_back},
        {"another Api's output is foreign", another_apis_output_is_foreign},
        {"a foreign protection fails closed", a_foreign_protection_fails_closed},
        {"what cannot be read is never overwritten", what_cannot_be_read_is_never_overwritten},
        {"a protection that cannot be written keeps the route back",
         a_protection_that_cannot_be_written_keeps_the_route_back},
        {"only the route fails, and the protection stays", only_the_route_fails_and_the_protection_stays},
        {"role other holds nothing back", role_other_holds_nothing_back},
        {"a move to another Service is refused whole", a_move_to_another_service_is_refused_whole},
        {"a move to another host is protected on both until it is done",
         a_move_to_another_host_is_protected_on_both_until_it_is_done},
        {"without a backend that authenticates nothing is published",
         without_a_backend_that_authenticates_nothing_is_published},
        {"accepting no protection excuses no failed one", accepting_no_protection_excuses_no_failed_one},
        {"without a route nothing is served", without_a_route_nothing_is_served},
        {"incomplete authentication is served openly, and said",
         incomplete_authentication_is_served_openly_and_said},
        {"a protection that fails while it is not asked for holds nothing back",
         a_protection_that_fails_while_it_is_not_asked_for_holds_nothing_back},
        {"a status that cannot be written is an error", a_status_that_cannot_be_written_is_an_error},
        {"problems found before are nobody's fault", problems_found_before_are_nobodys_fault},
        {"memory that runs out opens nothing", memory_that_runs_out_opens_nothing},
        {NULL, NULL}};

    return harness_run("reconcile", tests);
}
