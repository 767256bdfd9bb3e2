/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/reconcile.h"

#include "base/json.h"
#include "object/key.h"
#include "reconcile/clean.h"
#include "reconcile/outcome.h"
#include "reconcile/pass.h"
#include "reconcile/validate.h"

#include <stdio.h>
#include <string.h>

/* What is said of an Api that asks for nothing that exists. */
static const char no_route[] = "no enabled backend publishes it; who runs the gateway has to enable one";

static void warn(const struct pass *pass, const char *event, const char *backend, enum reason reason,
                 const char *text)
{
    char key[KEY_SIZE];

    (void)snprintf(key, sizeof key, "%s/%s", object_namespace(pass->api),
                   object_name(pass->api) ? object_name(pass->api) : "");
    log_write(pass->reconciler->log, LOG_LEVEL_WARNING, event, "api", key, "backend", backend, "reason",
              reason_word(reason), "error", text, (char *)NULL);
}

static void log_served(const struct pass *pass)
{
    char key[KEY_SIZE];
    char writes[16];

    (void)snprintf(key, sizeof key, "%s/%s", object_namespace(pass->api), object_name(pass->api));
    (void)snprintf(writes, sizeof writes, "%u", pass->writes);
    log_write(pass->reconciler->log, LOG_LEVEL_INFO, "api served", "api", key, "writes", writes,
              (char *)NULL);
}

static void log_outcomes(const struct pass *pass, const struct outcome *outcomes, bool served)
{
    for (size_t i = 0; i < pass->count; i++) {
        const char *name = pass->backends[i].backend->name;
        enum reason reason = outcomes[i].reason;
        if (reason == REASON_INCOMPLETE)
            warn(pass, "api served without protection", name, reason, outcomes[i].text);
        else if (reason != REASON_NONE && reason != REASON_SERVED && reason != REASON_HELD)
            warn(pass, "api refused", name, reason, outcomes[i].text);
    }
    if (served && pass->writes > 0)
        log_served(pass);
}

/* The first backend that keeps the Api from being served; others of role `other` keep nothing back. */
static const struct outcome *culprit(const struct pass *pass, const struct outcome *outcomes)
{
    for (size_t i = 0; i < pass->count; i++) {
        enum reason reason = outcomes[i].reason;
        if (pass_silent(pass, &pass->backends[i]) ||
            pass->backends[i].backend->plugin->descriptor.role == APIGW_ROLE_OTHER)
            continue;
        if (reason != REASON_NONE && reason != REASON_SERVED && reason != REASON_HELD &&
            reason != REASON_INCOMPLETE)
            return &outcomes[i];
    }
    return NULL;
}

static void say(struct reconcile_result *result, enum reason reason, const char *text)
{
    (void)snprintf(result->reason, sizeof result->reason, "%s", reason_word(reason));
    clean_text(result->message, sizeof result->message, text);
}

static void fill_result(const struct pass *pass, const struct outcome *outcomes,
                        struct reconcile_result *result)
{
    const struct outcome *cause = culprit(pass, outcomes);

    result->authentication = pass_authentication(pass);
    result->secured = outcome_secured(pass);
    /* The plan publishes what asks for a protection that nobody can provide only if the operator accepts it.
     */
    result->served = outcome_published(pass);
    result->writes = pass->writes;
    if (result->served && result->authentication && !result->secured)
        say(result, REASON_PROTECTION_MISSING, outcome_no_authentication);
    else if (result->served)
        return;
    else if (cause)
        say(result, cause->reason, cause->text);
    else
        say(result, REASON_NO_ROUTE, no_route);
}

/* Without outcomes: nothing was attempted, and `text` says why. */
static int report(struct pass *pass, const struct outcome *outcomes, struct api_status *status,
                  const char *text, struct error *error)
{
    const struct reconciler *reconciler = pass->reconciler;
    struct backend_status *backends = arena_array(&pass->arena, pass->count + 1, sizeof *backends);
    json_t *value = NULL;
    int code = ERROR_NO_MEMORY;

    for (size_t i = 0; backends && i < pass->count; i++) {
        const struct pass_backend *backend = &pass->backends[i];
        bool protects = backend->backend->plugin->descriptor.role == APIGW_ROLE_AUTHENTICATION;
        backends[i] = (struct backend_status){.backend = backend->backend,
                                              .code = outcomes ? outcomes[i].code : STATUS_NOT_CREATED,
                                              .last_error = outcomes ? outcomes[i].text : text,
                                              .resource_name = backend->resource.name,
                                              .resource_uid = backend->resource.uid,
                                              .resource_version = backend->resource.version,
                                              .silent = protects && !status->authentication};
    }
    status->backends = backends;
    status->count = pass->count;
    value = backends ? status_build(status, reconciler->settings) : NULL;
    if (value)
        code = reconciler->sink->report(reconciler->sink, pass->api, value, error);
    else
        (void)error_no_memory(error);
    json_decref(value);
    return code == 0 || code == ERROR_NO_MEMORY ? code : ERROR_IO;
}

/* Whether the routes have moved, and the protections now cover more than they have to. */
static bool must_narrow(const struct pass *pass)
{
    return pass->widened && outcome_secured(pass) && outcome_published(pass);
}

static int run(struct pass *pass, struct error *error)
{
    struct pass first;
    int code = pass_run(pass, error);

    if (code != 0 || !must_narrow(pass))
        return code;
    first = *pass;
    code = pass_init(pass, first.reconciler, first.api, first.effective, error);
    if (code == 0)
        code = pass_run(pass, error);
    pass->writes += first.writes;
    pass_release(&first);
    return code;
}

static int serve(struct pass *pass, struct reconcile_result *result, struct error *error)
{
    struct api_status status = {.validation = STATUS_CREATED,
                                .authentication = pass_authentication(pass),
                                .authentication_error = outcome_no_authentication};
    const struct outcome *outcomes;
    int code = run(pass, error);

    if (code != 0)
        return code;
    outcomes = outcomes_of(pass);
    if (!outcomes)
        return error_no_memory(error);
    fill_result(pass, outcomes, result);
    log_outcomes(pass, outcomes, result->served);
    if (result->authentication && !result->secured && outcome_published(pass))
        warn(pass, "api served without protection", NULL, REASON_PROTECTION_MISSING, result->message);
    return report(pass, outcomes, &status, "", error);
}

static int serve_valid(const struct reconciler *reconciler, const json_t *api,
                       struct reconcile_result *result, struct error *error)
{
    struct effective effective = {0};
    struct pass pass;
    int code = effective_make(api, reconciler->settings, &effective, error);

    if (code != 0)
        return code;
    code = pass_init(&pass, reconciler, api, &effective, error);
    if (code == 0)
        code = serve(&pass, result, error);
    pass_release(&pass);
    effective_release(&effective);
    return code;
}

/* "PATH: SENTENCE" of the first error that this validation found. */
static const char *first_error(const struct problems *problems, size_t start, struct arena *arena)
{
    const char *text = NULL;

    for (size_t i = start; !text && i < problems->count; i++) {
        const struct problem *problem = &problems->list[i];
        if (problem->severity == PROBLEM_ERROR)
            text =
                arena_format(arena, "%s%s%s", problem->path, problem->path[0] ? ": " : "", problem->message);
    }
    return text ? text : "is not valid";
}

/* Nothing is made, changed or removed; the status tells why, and what older outputs there are. */
static int refuse(struct pass *pass, const char *text, struct reconcile_result *result, struct error *error)
{
    struct api_status status = {.validation = STATUS_ERROR,
                                .authentication = effective_authentication(json_member(pass->api, "spec")),
                                .authentication_error = text};

    result->authentication = status.authentication;
    say(result, REASON_INVALID, text);
    warn(pass, "api refused", NULL, REASON_INVALID, text);
    pass_look(pass);
    return report(pass, NULL, &status, text, error);
}

static int refuse_invalid(const struct reconciler *reconciler, const json_t *api, const char *text,
                          struct reconcile_result *result, struct error *error)
{
    struct pass pass;
    int code = pass_init(&pass, reconciler, api, NULL, error);

    if (code == 0)
        code = refuse(&pass, text, result, error);
    pass_release(&pass);
    return code;
}

/* For summaries, so also where the rest of the Api is wrong. */
static void describe(const json_t *api, const struct settings *settings, struct arena *arena,
                     struct reconcile_result *result)
{
    const char *hostname = json_text_at(api, "spec.hostname");
    const char *service = json_text_at(api, "spec.service.name");
    const json_t *port = json_at(api, "spec.service.port");
    const char *host = "";

    if (hostname && effective_host(hostname, settings, arena, &host) == HOST_OK)
        clean_text(result->host, sizeof result->host, host);
    if (service && name_is_label(service) && json_is_integer(port))
        (void)snprintf(result->service, sizeof result->service, "%s:%lld", service,
                       (long long)json_integer_value(port));
}

int reconcile_api(const struct reconciler *reconciler, const json_t *api, struct problems *problems,
                  struct reconcile_result *result, struct error *error)
{
    struct arena arena = {0};
    size_t start = problems->count;
    size_t errors = problems->errors;
    int code;

    *result = (struct reconcile_result){0};
    describe(api, reconciler->settings, &arena, result);
    validate_api(api, reconciler->settings, problems);
    if (problems->errors > errors)
        code = refuse_invalid(reconciler, api, first_error(problems, start, &arena), result, error);
    else
        code = serve_valid(reconciler, api, result, error);
    arena_release(&arena);
    return code;
}
