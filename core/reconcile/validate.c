/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/validate.h"

#include "base/arena.h"
#include "base/json.h"
#include "object/key.h"
#include "reconcile/clean.h"
#include "reconcile/effective.h"
#include "reconcile/issuers.h"
#include "reconcile/slip.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void error_at(struct problems *problems, const char *path, const char *what, const json_t *found)
{
    problems_add(problems, PROBLEM_ERROR, path, "expected %s, found %s", what, json_kind(found));
}

/* What becomes a label of each output. Nobody writes them by hand; a copy from a cluster has them. */
static void check_label(const json_t *api, const char *name, struct problems *problems)
{
    const json_t *value = json_member(json_member(api, "metadata"), name);
    const char *text = json_string_value(value);
    char path[64];

    if (!value || json_is_null(value) || (text && name_is_label_value(text)))
        return;
    (void)snprintf(path, sizeof path, "metadata.%s", name);
    problems_add(
        problems, PROBLEM_ERROR, path,
        "cannot be the value of a label: expected letters, digits, '-', '_' and '.', a letter or digit "
        "at both ends, at most %d; remove it",
        SUBDOMAIN_MAX);
}

static void check_metadata(const json_t *api, struct problems *problems)
{
    const char *name = object_name(api);

    if (!name || !name_is_subdomain(name))
        problems_add(problems, PROBLEM_ERROR, "metadata.name",
                     "expected a name of a-z, 0-9, '-' and '.', at most %d characters", SUBDOMAIN_MAX);
    if (!name_is_label(object_namespace(api)))
        problems_add(problems, PROBLEM_ERROR, "metadata.namespace",
                     "expected a name of a-z, 0-9 and '-', at most %d characters", LABEL_MAX);
    check_label(api, "uid", problems);
    check_label(api, "resourceVersion", problems);
}

static void check_service_name(const json_t *name, const char *name_space, const struct settings *settings,
                               struct problems *problems)
{
    static const char path[] = "spec.service.name";
    char full[2 * LABEL_MAX + 2];
    char shown[CLEAN_SIZE];

    if (!json_is_string(name)) {
        error_at(problems, path, "the name of a Service in the Api's namespace", name);
        return;
    }
    clean_text(shown, sizeof shown, json_string_value(name));
    if (!name_is_label(json_string_value(name))) {
        problems_add(problems, PROBLEM_ERROR, path,
                     "\"%s\" is no name of a Service: expected a-z, 0-9 and '-', a letter or digit at both "
                     "ends, at most %d characters",
                     shown, LABEL_MAX);
        return;
    }
    if (!name_is_label(name_space))
        return;
    (void)snprintf(full, sizeof full, "%s.%s", json_string_value(name), name_space);
    if (string_list_has(&settings->blocklist, full))
        problems_add(problems, PROBLEM_ERROR, path,
                     "Service \"%s\" stands on the blocklist and cannot be published; choose another, or ask "
                     "who runs the gateway to take it off `blocklist`",
                     full);
}

static void check_port(const json_t *port, struct problems *problems)
{
    static const char path[] = "spec.service.port";
    const char *text = json_string_value(port);
    json_int_t number = json_integer_value(port);

    if (text && *text && strspn(text, "0123456789") == strlen(text))
        problems_add(problems, PROBLEM_ERROR, path,
                     "expected an integer from 1 to 65535, found a string; drop the quotes");
    else if (json_is_real(port))
        problems_add(
            problems, PROBLEM_ERROR, path,
            "expected an integer from 1 to 65535, found a number with a point or an exponent; write it "
            "without");
    else if (!json_is_integer(port))
        error_at(problems, path, "an integer from 1 to 65535", port);
    else if (number < 1 || number > 65535)
        problems_add(problems, PROBLEM_ERROR, path,
                     "expected an integer from 1 to 65535, found %" JSON_INTEGER_FORMAT, number);
}

static void check_service(const json_t *api, const struct settings *settings, struct problems *problems)
{
    const json_t *service = json_at(api, "spec.service");

    if (!json_is_object(service)) {
        error_at(problems, "spec.service", "an object with name and port", service);
        return;
    }
    check_service_name(json_member(service, "name"), object_namespace(api), settings, problems);
    check_port(json_member(service, "port"), problems);
}

/* "a, b or c", from the configured domains. */
static const char *list_domains(const struct settings *settings, struct arena *arena)
{
    const char *list = "";

    for (size_t i = 0; list && i < settings->domains.count; i++) {
        const char *comma = i == 0 ? "" : i + 1 == settings->domains.count ? " or " : ", ";
        list = arena_format(arena, "%s%s%s", list, comma, settings->domains.items[i]);
    }
    return list ? list : "...";
}

/* Whether some domain follows the first dots of the name: then it is nested, not misspelt. */
static bool is_nested(const char *hostname)
{
    return strchr(hostname, '.') &&
           strspn(hostname, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") ==
               strlen(hostname);
}

static void refuse_label(const char *hostname, const char *shown, const char *domains,
                         struct problems *problems)
{
    size_t length = strcspn(hostname, ".");

    if (length > LABEL_MAX)
        problems_add(problems, PROBLEM_ERROR, "spec.hostname",
                     "\"%s\" begins with a label of %zu characters; expected at most %d", shown, length,
                     LABEL_MAX);
    else if (is_nested(hostname) && length > 0 && hostname[0] != '-' && hostname[length - 1] != '-')
        problems_add(problems, PROBLEM_ERROR, "spec.hostname",
                     "\"%s\" has more than one label before its domain; expected exactly one before %s",
                     shown, domains);
    else
        problems_add(
            problems, PROBLEM_ERROR, "spec.hostname",
            "\"%s\" is no host name: expected a label of a-z, 0-9 and '-', a letter or digit at both "
            "ends, alone or before a domain (%s)",
            shown, domains);
}

static void refuse_host(enum host_result result, const char *hostname, const struct settings *settings,
                        struct problems *problems)
{
    struct arena arena = {0};
    const char *domains = settings->domains.count > 0 ? list_domains(settings, &arena) : "none is configured";
    char shown[CLEAN_SIZE];

    clean_text(shown, sizeof shown, hostname);
    if (strchr(hostname, '*'))
        problems_add(problems, PROBLEM_ERROR, "spec.hostname",
                     "\"%s\" is a wildcard; expected one name, a label alone or before a domain (%s)", shown,
                     domains);
    else if (*hostname && hostname[strlen(hostname) - 1] == '.')
        problems_add(problems, PROBLEM_ERROR, "spec.hostname", "\"%s\" ends in a dot; remove the dot", shown);
    else if (result == HOST_NO_MEMORY)
        problems_add(problems, PROBLEM_ERROR, "spec.hostname", "cannot be checked: not enough memory");
    else if (result == HOST_LABEL)
        refuse_label(hostname, shown, domains, problems);
    else if (settings->domains.count == 0)
        problems_add(problems, PROBLEM_ERROR, "spec.hostname",
                     "\"%s\" cannot be published: no domain is configured; who runs the gateway has to set "
                     "`domain`",
                     shown);
    else
        problems_add(problems, PROBLEM_ERROR, "spec.hostname",
                     "\"%s\" is in none of the configured domains; expected one label, alone or before %s",
                     shown, domains);
    arena_release(&arena);
}

static void check_hostname(const json_t *hostname, const struct settings *settings, struct problems *problems)
{
    struct arena arena = {0};
    enum host_result result;
    const char *host;

    if (!json_is_string(hostname)) {
        error_at(problems, "spec.hostname", "a host name", hostname);
        return;
    }
    if (json_string_length(hostname) == 0) {
        problems_add(problems, PROBLEM_ERROR, "spec.hostname", "is empty; expected a host name");
        return;
    }
    result = effective_host(json_string_value(hostname), settings, &arena, &host);
    if (result != HOST_OK)
        refuse_host(result, json_string_value(hostname), settings, problems);
    else if (strlen(host) > SUBDOMAIN_MAX)
        problems_add(problems, PROBLEM_ERROR, "spec.hostname",
                     "makes a host of %zu characters with its domain; expected at most %d", strlen(host),
                     SUBDOMAIN_MAX);
    arena_release(&arena);
}

static void check_boolean(const json_t *spec, const char *name, struct problems *problems)
{
    const json_t *value = json_member(spec, name);
    char path[64];

    if (!value || json_is_boolean(value))
        return;
    (void)snprintf(path, sizeof path, "spec.%s", name);
    error_at(problems, path, "true or false", value);
}

void validate_api(const json_t *api, const struct settings *settings, struct problems *problems)
{
    const json_t *spec = json_member(api, "spec");
    size_t before = problems->errors;
    bool slips;

    slip_check(api, problems);
    slips = problems->errors > before;
    check_metadata(api, problems);
    if (!json_is_object(spec)) {
        error_at(problems, "spec", "an object with service and hostname", spec);
        return;
    }
    check_service(api, settings, problems);
    check_hostname(json_member(spec, "hostname"), settings, problems);
    check_boolean(spec, "disableIstioAuthPolicyMTLS", problems);
    /* A slip says it better than its consequences would. */
    if (slips)
        return;
    check_boolean(spec, "authenticationEnabled", problems);
    issuers_check(spec, settings, problems);
}
