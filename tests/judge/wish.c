/* SPDX-License-Identifier: Apache-2.0 */
#include "wish.h"

#include "base/json.h"
#include "judge.h"
#include "object/key.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* One label, alone or before the domain. */
static bool read_host(char out[256], const char *name, const char *domain)
{
    char lower[256];
    char *dot;

    if (strlen(name) >= sizeof lower)
        return false;
    for (size_t i = 0; i <= strlen(name); i++)
        lower[i] = (char)tolower((unsigned char)name[i]);
    dot = strchr(lower, '.');
    if (dot && strcmp(dot + 1, domain) != 0)
        return false;
    if (dot)
        *dot = '\0';
    return name_is_label(lower) && snprintf(out, 256, "%s.%s", lower, domain) < 256;
}

/* Appends the issuer of an element; false if the element is incomplete. */
static bool read_issuer(json_t *issuers, const json_t *element)
{
    const char *type = json_text_at(element, "type");
    const char *issuer = json_text_at(element, "jwt.issuer");

    if (!type || strcmp(type, "JWT") != 0 || !issuer || !json_text_at(element, "jwt.jwksUri"))
        return false;
    return json_array_append_new(issuers, json_string(issuer)) == 0;
}

/* No element could be used, and the operator lets that be none. */
static bool is_forgiven(const json_t *spec, const json_t *list, const struct judge_config *config)
{
    json_t *issuers = json_array();
    const json_t *element;
    size_t i;
    bool none;

    json_array_foreach(list, i, element)
    {
        (void)read_issuer(issuers, element);
    }
    none = json_array_size(issuers) == 0;
    json_decref(issuers);
    return config->unsecured && none && !json_is_boolean(json_member(spec, "authenticationEnabled"));
}

/* A member that is meant as authentication and would be read over. */
static bool has_slip(const json_t *spec)
{
    const char *name;
    json_t *value;

    json_object_foreach(json_iterable(spec), name, value)
    {
        if (strncasecmp(name, "aut", 3) == 0 && strcmp(name, "authentication") != 0 &&
            strcmp(name, "authenticationEnabled") != 0)
            return true;
    }
    return false;
}

static bool read_authentication(struct wish *wish, const json_t *spec, const struct judge_config *config)
{
    const json_t *list = json_member(spec, "authentication");
    const json_t *enabled = json_member(spec, "authenticationEnabled");
    const json_t *element;
    size_t i;

    wish->issuers = json_array();
    wish->asks = !json_is_false(enabled) && (json_is_true(enabled) || json_array_size(list) > 0);
    if (wish->asks && is_forgiven(spec, list, config))
        wish->asks = false;
    if (has_slip(spec))
        return false;
    if (!wish->asks)
        return true;
    json_array_foreach(list, i, element)
    {
        if (!read_issuer(wish->issuers, element))
            return false;
    }
    if (json_array_size(wish->issuers) > 0)
        return true;
    return config->default_issuer &&
           json_array_append_new(wish->issuers, json_string(config->default_issuer)) == 0;
}

void wish_read(struct wish *out, const json_t *api, const struct judge_config *config)
{
    const json_t *spec = json_member(api, "spec");
    const char *host = json_text_at(spec, "hostname");
    const char *service = json_text_at(spec, "service.name");
    json_int_t port = json_integer_value(json_at(spec, "service.port"));

    *out = (struct wish){.valid = false};
    out->valid = read_authentication(out, spec, config) && host && service && name_is_service(service) &&
                 port >= 1 && port <= 65535 && read_host(out->host, host, config->domain);
    if (out->valid)
        (void)snprintf(out->service, sizeof out->service, "%s", service);
    else
        out->host[0] = '\0';
}

void wish_release(struct wish *wish)
{
    json_decref(wish->issuers);
    *wish = (struct wish){.valid = false};
}
