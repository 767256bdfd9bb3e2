/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "config/config_load.h"
#include "object/key.h"
#include "object/owner.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const incomplete_choices[] = {"refuse", "unsecured", NULL};
static const char *const unprotected_choices[] = {"refuse", "accept", NULL};
static const char *const lost_choices[] = {"keep", "withdraw", NULL};

static const struct apigw_option settings_options[] = {
    {.name = "blocklist",
     .type = APIGW_OPTION_STRING_LIST,
     .default_json = "[]",
     .doc = "Services that no Api may publish, SERVICE.NAMESPACE"},
    {.name = "createdBy",
     .type = APIGW_OPTION_STRING,
     .default_json = "\"" OWNER_CREATED_BY "\"",
     .doc = "Value of the label createdBy of all outputs"},
    {.name = "incompleteAuthentication",
     .type = APIGW_OPTION_STRING,
     .default_json = "\"refuse\"",
     .doc = "What becomes of an Api whose every authentication element is incomplete",
     .choices = incomplete_choices},
    {.name = "onProtectionLost",
     .type = APIGW_OPTION_STRING,
     .default_json = "\"keep\"",
     .doc = "What becomes of a route whose protection is lost and cannot be restored",
     .choices = lost_choices},
    {.name = "statusAliases",
     .type = APIGW_OPTION_BOOL,
     .default_json = "false",
     .doc = "Report under the second names of status keys too"},
    {.name = "unprotected",
     .type = APIGW_OPTION_STRING,
     .default_json = "\"refuse\"",
     .doc = "What becomes of an Api that asks for authentication where no backend can authenticate",
     .choices = unprotected_choices},
};

const struct schema config_settings_schema = {.options = settings_options,
                                              .count = sizeof settings_options / sizeof settings_options[0]};

const char *const config_settings_others[] = {"defaultIssuer", "domain", NULL};

static const struct apigw_option issuer_options[] = {
    {.name = "issuer",
     .type = APIGW_OPTION_STRING,
     .flags = APIGW_OPTION_REQUIRED,
     .doc = "iss of the tokens"},
    {.name = "jwksUri",
     .type = APIGW_OPTION_STRING,
     .flags = APIGW_OPTION_REQUIRED,
     .doc = "URL of the key set"},
};

static const struct schema issuer_schema = {.options = issuer_options, .count = 2};
static const struct config_section issuer_section = {.schemas = &issuer_schema, .schemas_count = 1};

static void add_once(struct config_load *load, struct string_list *list, const char *string)
{
    if (!string_list_has(list, string) && !string_list_add(list, string))
        load->failed = true;
}

static void lower(char *text)
{
    for (; *text; text++) {
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text - 'A' + 'a');
    }
}

static bool is_domain(const char *text)
{
    if (!name_is_subdomain(text))
        return false;
    for (const char *label = text; label[0]; label += label[0] == '.') {
        size_t length = strcspn(label, ".");
        if (length > LABEL_MAX)
            return false;
        label += length;
    }
    return true;
}

static void read_domain(const struct config_scope *scope, const json_t *value, struct string_list *domains)
{
    struct text quoted;
    char *text;

    if (!json_is_string(value)) {
        config_report(scope, PROBLEM_ERROR, "expected a string, found %s", json_kind(value));
        return;
    }
    text = config_copy(scope->load, json_string_value(value));
    if (!text)
        return;
    lower(text);
    quoted = config_quoted(json_string_value(value));
    if (is_domain(text))
        add_once(scope->load, domains, text);
    else if (text[0] == '.' && is_domain(text + 1))
        config_report(scope, PROBLEM_ERROR, "%s begins with a dot; write \"%s\"", quoted.data, text + 1);
    else
        config_report(scope, PROBLEM_ERROR, "%s is no domain; expected a DNS name such as \"kyma.local\"",
                      quoted.data);
    text_release(&quoted);
    free(text);
}

static void read_domains(const struct config_scope *scope, const json_t *value, struct settings *settings)
{
    json_t *element;
    size_t i;

    string_list_release(&settings->domains);
    if (json_is_string(value)) {
        read_domain(scope, value, &settings->domains);
        return;
    }
    if (!json_is_array(value))
        config_report(scope, PROBLEM_ERROR, "expected a string or a list of strings, found %s",
                      json_kind(value));
    json_array_foreach(value, i, element)
    {
        struct config_scope inner = config_scope_element(scope, i);
        read_domain(&inner, element, &settings->domains);
        config_scope_release(&inner);
    }
}

static bool is_http_url(const char *text)
{
    size_t scheme = strncasecmp(text, "https://", 8) == 0 ? 8 : strncasecmp(text, "http://", 7) == 0 ? 7 : 0;

    if (scheme == 0 || strcspn(text + scheme, "/?#:@") == 0)
        return false;
    for (; *text; text++) {
        if ((unsigned char)*text <= ' ' || *text == 0x7f)
            return false;
    }
    return true;
}

/* Takes the copy over what is there. */
static void replace(struct config_load *load, char **to, const char *from)
{
    free(*to);
    *to = config_copy(load, from);
}

static void read_issuer(const struct config_scope *scope, const json_t *value, struct settings *settings)
{
    const char *issuer = json_string_value(json_member(value, "issuer"));
    const char *uri = json_string_value(json_member(value, "jwksUri"));

    if (!config_check_section(scope, &issuer_section, value))
        return;
    if (issuer && !issuer[0]) {
        struct config_scope inner = config_scope_member(scope, "issuer");
        config_report(&inner, PROBLEM_ERROR, "expected the issuer of tokens, found an empty string");
        config_scope_release(&inner);
    }
    if (uri && !is_http_url(uri)) {
        struct config_scope inner = config_scope_member(scope, "jwksUri");
        struct text quoted = config_quoted(uri);
        config_report(&inner, PROBLEM_ERROR, "%s is no absolute http or https URL", quoted.data);
        text_release(&quoted);
        config_scope_release(&inner);
    }
    if (issuer && uri) {
        replace(scope->load, &settings->default_issuer, issuer);
        replace(scope->load, &settings->default_jwks_uri, uri);
    }
}

static bool is_service_in_namespace(char *text)
{
    char *dot = strchr(text, '.');
    bool is_valid;

    if (!dot)
        return false;
    *dot = '\0';
    is_valid = name_is_service(text) && name_is_label(dot + 1);
    *dot = '.';
    return is_valid;
}

static void read_blocked(const struct config_scope *scope, const char *value, struct settings *settings)
{
    static const char blanks[] = " \t\r\n";
    char *text = config_copy(scope->load, value + strspn(value, blanks));
    size_t length = text ? strlen(text) : 0;

    while (length > 0 && strchr(blanks, text[length - 1]))
        text[--length] = '\0';
    if (text && length > 0 && is_service_in_namespace(text)) {
        add_once(scope->load, &settings->blocklist, text);
    } else if (text && length > 0) {
        struct text quoted = config_quoted(text);
        config_report(scope, PROBLEM_ERROR,
                      "%s is no Service; expected SERVICE.NAMESPACE such as \"kubernetes.default\"",
                      quoted.data);
        text_release(&quoted);
    }
    free(text);
}

static void read_blocklist(const struct config_scope *scope, const json_t *value, struct settings *settings)
{
    json_t *element;
    size_t i;

    if (json_is_array(value))
        string_list_release(&settings->blocklist);
    json_array_foreach(value, i, element)
    {
        struct config_scope inner = config_scope_element(scope, i);
        if (json_is_string(element))
            read_blocked(&inner, json_string_value(element), settings);
        config_scope_release(&inner);
    }
}

static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_label_value(const char *text)
{
    size_t length = strlen(text);

    if (length == 0 || length > LABEL_MAX || !is_alphanumeric(text[0]) || !is_alphanumeric(text[length - 1]))
        return false;
    for (; *text; text++) {
        if (!is_alphanumeric(*text) && !strchr("-_.", *text))
            return false;
    }
    return true;
}

static void read_created_by(const struct config_scope *scope, const json_t *value, struct settings *settings)
{
    struct text quoted;

    if (!json_is_string(value))
        return;
    if (is_label_value(json_string_value(value))) {
        replace(scope->load, &settings->created_by, json_string_value(value));
        return;
    }
    quoted = config_quoted(json_string_value(value));
    config_report(
        scope, PROBLEM_ERROR,
        "%s is no label value; expected 1 to 63 letters, digits, '-', '_' and '.', a letter or digit "
        "at both ends",
        quoted.data);
    text_release(&quoted);
}

static void read_incomplete(const struct config_scope *scope, const json_t *value, struct settings *settings)
{
    (void)scope;
    if (json_is_string(value))
        settings->incomplete_unsecured = strcmp(json_string_value(value), "unsecured") == 0;
}

static void read_unprotected(const struct config_scope *scope, const json_t *value, struct settings *settings)
{
    (void)scope;
    if (json_is_string(value))
        settings->accept_unprotected = strcmp(json_string_value(value), "accept") == 0;
}

static void read_lost(const struct config_scope *scope, const json_t *value, struct settings *settings)
{
    (void)scope;
    if (json_is_string(value))
        settings->withdraw_unprotected = strcmp(json_string_value(value), "withdraw") == 0;
}

static void read_aliases(const struct config_scope *scope, const json_t *value, struct settings *settings)
{
    (void)scope;
    settings->status_aliases = json_is_true(value);
}

/** A key, and what reads its value; a type that the table has refused is passed over. */
static const struct {
    const char *name;
    void (*read)(const struct config_scope *scope, const json_t *value, struct settings *settings);
} keys[] = {
    {"blocklist", read_blocklist},
    {"createdBy", read_created_by},
    {"defaultIssuer", read_issuer},
    {"domain", read_domains},
    {"incompleteAuthentication", read_incomplete},
    {"onProtectionLost", read_lost},
    {"statusAliases", read_aliases},
    {"unprotected", read_unprotected},
};

void config_read_settings(const struct config_scope *scope, const json_t *object, struct settings *settings)
{
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const json_t *value = json_member(object, keys[i].name);
        struct config_scope inner;
        if (!value)
            continue;
        inner = config_scope_member(scope, keys[i].name);
        keys[i].read(&inner, value, settings);
        config_scope_release(&inner);
    }
}
