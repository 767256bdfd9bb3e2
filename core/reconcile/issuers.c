/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/issuers.h"

#include "base/json.h"
#include "base/map.h"
#include "base/similar.h"
#include "base/utf8.h"
#include "reconcile/clean.h"
#include "reconcile/effective.h"
#include "reconcile/pattern.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Paths are made of known names and numbers. */
#define PATH_SIZE 160

static const char at_list[] = "spec.authentication";

/* What is looked at: an element, where it stands, and whether its gaps are forgiven. */
struct element {
    const json_t *value;
    size_t number;
    bool forgiven;
    struct problems *problems;
};

static void refuse(const struct element *element, const char *field, const char *message)
{
    char path[PATH_SIZE];

    (void)snprintf(path, sizeof path, "%s[%zu]%s", at_list, element->number, field);
    problems_add(element->problems, PROBLEM_ERROR, path, "%s", message);
}

/* Not null and of no other type than wanted: a text, to be checked further. NULL if that is not so. */
static const char *text_of(const struct element *element, const json_t *value, const char *field,
                           const char *expected)
{
    char message[CLEAN_SIZE + 64];

    if (json_is_string(value) && json_string_length(value) > 0)
        return json_string_value(value);
    if (!value || json_is_null(value) || json_is_string(value)) {
        (void)snprintf(message, sizeof message, "is %s; expected %s", value ? "empty" : "missing", expected);
        if (!element->forgiven)
            refuse(element, field, message);
    } else {
        (void)snprintf(message, sizeof message, "expected %s, found %s", expected, json_kind(value));
        refuse(element, field, message);
    }
    return NULL;
}

static void check_type(const struct element *element)
{
    const char *type = text_of(element, json_member(element->value, "type"), ".type", "JWT");
    char shown[CLEAN_SIZE];
    char message[CLEAN_SIZE + 64];

    if (!type || strcmp(type, "JWT") == 0)
        return;
    clean_text(shown, sizeof shown, type);
    if (similar_names(type, "JWT"))
        (void)snprintf(message, sizeof message, "found \"%s\"; did you mean JWT?", shown);
    else
        (void)snprintf(message, sizeof message, "found \"%s\"; expected JWT, the only type there is", shown);
    refuse(element, ".type", message);
}

static bool is_host(const char *host, size_t length)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
    static const char address[] = "0123456789abcdefABCDEF:.";

    if (length > 2 && host[0] == '[')
        return host[length - 1] == ']' && strspn(host + 1, address) == length - 2;
    return length > 0 && strspn(host, letters) >= length && host[0] != '.';
}

/* ":PORT", or nothing. */
static bool is_port(const char *port, size_t length)
{
    unsigned number = 0;

    if (length == 0)
        return true;
    if (length == 1 || length > 6)
        return false;
    for (size_t i = 1; i < length; i++) {
        if (port[i] < '0' || port[i] > '9')
            return false;
        number = number * 10 + (unsigned)(port[i] - '0');
    }
    return number >= 1 && number <= 65535;
}

bool issuers_url(const char *text)
{
    size_t scheme = strncasecmp(text, "https://", 8) == 0 ? 8 : strncasecmp(text, "http://", 7) == 0 ? 7 : 0;
    const char *host = text + scheme;
    size_t length = strcspn(host, "/?#");
    const char *user = memrchr(host, '@', length);
    size_t name;

    for (const char *c = text; *c; c++) {
        if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f)
            return false;
    }
    if (scheme == 0)
        return false;
    if (user) {
        length -= (size_t)(user + 1 - host);
        host = user + 1;
    }
    name = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/?#");
    return name <= length && is_host(host, name) && is_port(host + name, length - name);
}

/* Refuses what nobody could have meant and no gateway should be given. */
static bool check_text(const struct element *element, const char *text, const char *field)
{
    char message[128];
    size_t length = strlen(text);

    if (length > ISSUERS_TEXT_MAX) {
        (void)snprintf(message, sizeof message, "has %zu bytes; expected at most %d", length,
                       ISSUERS_TEXT_MAX);
        refuse(element, field, message);
        return false;
    }
    if (utf8_text_shows(text))
        return true;
    refuse(element, field, "holds a character that cannot be seen or controls how others are; remove it");
    return false;
}

static void check_issuer(const struct element *element, const json_t *jwt)
{
    const char *issuer =
        text_of(element, json_member(jwt, "issuer"), ".jwt.issuer", "the issuer of the tokens");

    if (issuer && strspn(issuer, " \t\r\n") == strlen(issuer))
        refuse(element, ".jwt.issuer", "is blank; expected the issuer of the tokens");
    else if (issuer)
        (void)check_text(element, issuer, ".jwt.issuer");
}

static void check_jwks_uri(const struct element *element, const json_t *jwt)
{
    static const char expected[] = "the http or https URL of the key set";
    const char *uri = text_of(element, json_member(jwt, "jwksUri"), ".jwt.jwksUri", expected);
    char shown[CLEAN_SIZE];
    char message[CLEAN_SIZE + 96];

    if (!uri || !check_text(element, uri, ".jwt.jwksUri") || issuers_url(uri))
        return;
    clean_text(shown, sizeof shown, uri);
    /* What stands before an '@' may be a password. */
    (void)snprintf(message, sizeof message,
                   "found \"%s\"; expected an absolute http or https URL (https://HOST/PATH)",
                   strchr(uri, '@') ? "...@..." : shown);
    refuse(element, ".jwt.jwksUri", message);
}

/* One kind of pattern, if it is there. */
static void check_pattern(const struct element *element, const json_t *pattern, bool regex, const char *field)
{
    const char *text = json_string_value(pattern);
    const char *fault = NULL;
    char message[192];

    if (!text || json_string_length(pattern) == 0) {
        refuse(element, field, "expected a text that is not empty as the pattern");
        return;
    }
    if (check_text(element, text, field) && regex)
        fault = pattern_fault(text);
    if (!fault)
        return;
    (void)snprintf(message, sizeof message, "the regular expression %s", fault);
    refuse(element, field, message);
}

static void check_path(const struct element *element, const json_t *value, size_t number)
{
    static const char *const names[] = {"exact", "prefix", "suffix", "regex"};
    static const char expected[] = "expected exactly one of exact, prefix, suffix and regex, found";
    unsigned found = 0;
    char field[64];
    char message[128];

    (void)snprintf(field, sizeof field, ".jwt.triggerRule.excludedPaths[%zu]", number);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        found += json_member(value, names[i]) != NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && found == 1; i++) {
        const json_t *pattern = json_member(value, names[i]);
        if (pattern)
            check_pattern(element, pattern, i == 3, field);
    }
    if (found == 1)
        return;
    (void)snprintf(message, sizeof message, "%s %s", expected,
                   found == 0 ? "none" : "several; make an element of each");
    refuse(element, field, message);
}

/* Leaving paths out can only protect more, so null is as good as nothing here. */
static void check_trigger_rule(const struct element *element, const json_t *jwt)
{
    const json_t *rule = json_member(jwt, "triggerRule");
    const json_t *paths = json_member(rule, "excludedPaths");
    const json_t *path;
    size_t i;

    if (rule && !json_is_object(rule) && !json_is_null(rule))
        refuse(element, ".jwt.triggerRule", "expected an object with excludedPaths");
    if (paths && !json_is_array(paths) && !json_is_null(paths))
        refuse(element, ".jwt.triggerRule.excludedPaths",
               "expected a list of {exact|prefix|suffix|regex: PATTERN}");
    json_array_foreach(paths, i, path)
    {
        check_path(element, path, i);
    }
}

static void check_no_jwt(const struct element *element, const json_t *jwt)
{
    static const char expected[] = "expected an object {issuer: ..., jwksUri: ...}";
    char message[CLEAN_SIZE + 64];

    if (element->forgiven && (!jwt || json_is_null(jwt)))
        return;
    (void)snprintf(message, sizeof message, "%s, found %s", expected, json_kind(jwt));
    refuse(element, ".jwt", message);
}

static void check_element(const struct element *element)
{
    const json_t *jwt = json_member(element->value, "jwt");

    if (!json_is_object(element->value)) {
        refuse(element, "", "expected an object {type: JWT, jwt: {issuer: ..., jwksUri: ...}}");
        return;
    }
    check_type(element);
    if (!json_is_object(jwt)) {
        check_no_jwt(element, jwt);
        return;
    }
    check_issuer(element, jwt);
    check_jwks_uri(element, jwt);
    check_trigger_rule(element, jwt);
}

/* `seen` holds the number of each issuer's first element, plus one. */
static void check_repetition(const json_t *element, size_t number, struct map *seen,
                             struct problems *problems)
{
    const char *issuer = json_text_at(element, "jwt.issuer");
    uintptr_t first = issuer && seen ? (uintptr_t)map_get(seen, issuer) : 0;
    char path[PATH_SIZE];

    if (!issuer || !*issuer)
        return;
    (void)snprintf(path, sizeof path, "%s[%zu].jwt.issuer", at_list, number);
    if (first > 0)
        problems_add(problems, PROBLEM_ERROR, path,
                     "names the same issuer as %s[%zu]; each issuer may stand once", at_list,
                     (size_t)first - 1);
    else if (!seen || !map_set(seen, issuer, (void *)(uintptr_t)(number + 1)))
        problems_add(problems, PROBLEM_ERROR, path, "cannot be checked: not enough memory");
}

static void check_list(const json_t *list, bool forgiven, struct problems *problems)
{
    struct map *seen = map_new(NULL);
    const json_t *value;
    size_t i;

    json_array_foreach(list, i, value)
    {
        struct element element = {value, i, forgiven, problems};

        check_element(&element);
        check_repetition(value, i, seen, problems);
    }
    map_free(seen);
}

/* Off is off, whatever the list says; but a list that is no list was meant otherwise. */
static void check_types(const json_t *list, struct problems *problems)
{
    const json_t *value;
    char path[PATH_SIZE];
    size_t i;

    json_array_foreach(list, i, value)
    {
        (void)snprintf(path, sizeof path, "%s[%zu]", at_list, i);
        if (!json_is_object(value))
            problems_add(problems, PROBLEM_ERROR, path, "expected an object, found %s", json_kind(value));
    }
}

void issuers_check(const json_t *spec, const struct settings *settings, struct problems *problems)
{
    const json_t *enabled = json_member(spec, "authenticationEnabled");
    const json_t *list = json_member(spec, "authentication");
    bool forgiven = settings->incomplete_unsecured && effective_all_incomplete(spec);
    size_t before = problems->errors;

    if (json_is_false(enabled)) {
        check_types(list, problems);
        return;
    }
    if (json_is_true(enabled) && json_array_size(list) == 0 &&
        (!settings->default_issuer || !settings->default_jwks_uri))
        problems_add(problems, PROBLEM_ERROR, "spec.authenticationEnabled",
                     "is true without a list of issuers, and no default is configured; list issuers in "
                     "spec.authentication, or let who runs the gateway set `defaultIssuer`");
    check_list(list, forgiven, problems);
    if (forgiven && problems->errors == before)
        problems_add(
            problems, PROBLEM_WARNING, at_list,
            "is incomplete in every element: served without protection, as `incompleteAuthentication: "
            "unsecured` says; give type, jwt.issuer and jwt.jwksUri to protect it");
}
