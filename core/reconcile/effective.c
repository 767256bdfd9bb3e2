/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/effective.h"

#include "base/json.h"
#include "object/key.h"

#include <string.h>

/* The locale has no say in host names. */
static char *lower_copy(struct arena *arena, const char *text)
{
    char *copy = arena_string(arena, text);

    for (char *c = copy; c && *c; c++) {
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    }
    return copy;
}

/* The length of what stands before ".DOMAIN"; 0 if the name does not end in it. */
static size_t before_domain(const char *name, const char *domain)
{
    size_t length = strlen(name);
    size_t tail = strlen(domain) + 1;

    if (length <= tail || name[length - tail] != '.' || strcmp(name + length - tail + 1, domain) != 0)
        return 0;
    return length - tail;
}

static bool is_label(const char *name, size_t length)
{
    char label[LABEL_MAX + 1];

    if (length > LABEL_MAX)
        return false;
    memcpy(label, name, length);
    label[length] = '\0';
    return name_is_label(label);
}

static enum host_result complete(const char *label, const struct settings *settings, struct arena *arena,
                                 const char **host)
{
    const char *full;

    if (!name_is_label(label))
        return HOST_LABEL;
    if (settings->domains.count == 0)
        return HOST_NO_DOMAIN;
    full = arena_format(arena, "%s.%s", label, settings->domains.items[0]);
    if (full)
        *host = full;
    return full ? HOST_OK : HOST_NO_MEMORY;
}

enum host_result effective_host(const char *hostname, const struct settings *settings, struct arena *arena,
                                const char **host)
{
    const char *name = lower_copy(arena, hostname);
    enum host_result result = HOST_DOMAIN;

    if (!name)
        return HOST_NO_MEMORY;
    if (!strchr(name, '.'))
        return complete(name, settings, arena, host);
    /* Domains may end in each other, so one that does not fit decides nothing. */
    for (size_t i = 0; i < settings->domains.count; i++) {
        size_t length = before_domain(name, settings->domains.items[i]);
        if (length > 0 && is_label(name, length)) {
            *host = name;
            return HOST_OK;
        }
        if (length > 0)
            result = HOST_LABEL;
    }
    return result;
}

bool effective_authentication(const json_t *spec)
{
    const json_t *enabled = json_member(spec, "authenticationEnabled");

    if (json_is_boolean(enabled))
        return json_is_true(enabled);
    return json_array_size(json_member(spec, "authentication")) > 0;
}

static bool is_empty(const json_t *value)
{
    return !value || json_is_null(value) || (json_is_string(value) && json_string_length(value) == 0);
}

bool effective_incomplete(const json_t *element)
{
    const json_t *jwt = json_member(element, "jwt");

    if (!json_is_object(element))
        return false;
    if (is_empty(json_member(element, "type")) || is_empty(jwt))
        return true;
    return json_is_object(jwt) &&
           (is_empty(json_member(jwt, "issuer")) || is_empty(json_member(jwt, "jwksUri")));
}

bool effective_all_incomplete(const json_t *spec)
{
    const json_t *list = json_member(spec, "authentication");
    const json_t *element;
    size_t i;

    if (json_is_boolean(json_member(spec, "authenticationEnabled")))
        return false;
    json_array_foreach(list, i, element)
    {
        if (!effective_incomplete(element))
            return false;
    }
    return json_array_size(list) > 0;
}

/* The one member of an excluded path that is known. */
static const struct apigw_excluded_path *excluded_path(const json_t *value, struct arena *arena)
{
    static const struct {
        const char *name;
        int32_t match;
    } matches[] = {{"exact", APIGW_MATCH_EXACT},
                   {"prefix", APIGW_MATCH_PREFIX},
                   {"suffix", APIGW_MATCH_SUFFIX},
                   {"regex", APIGW_MATCH_REGEX}};
    struct apigw_excluded_path *path = arena_alloc(arena, sizeof *path);

    for (size_t i = 0; path && i < sizeof matches / sizeof *matches; i++) {
        const char *text = json_text_at(value, matches[i].name);
        if (!text)
            continue;
        path->match = matches[i].match;
        path->value = arena_string(arena, text);
    }
    return path && path->value ? path : NULL;
}

static const struct apigw_excluded_path *const *excluded_paths(const json_t *jwt, struct arena *arena)
{
    const json_t *values = json_at(jwt, "triggerRule.excludedPaths");
    const struct apigw_excluded_path **list = arena_array(arena, json_array_size(values) + 1, sizeof *list);
    const json_t *value;
    size_t i;

    json_array_foreach(values, i, value)
    {
        if (!list || !(list[i] = excluded_path(value, arena)))
            return NULL;
    }
    return list;
}

static const struct apigw_issuer *make_issuer(const char *name, const char *jwks_uri, const json_t *jwt,
                                              struct arena *arena)
{
    struct apigw_issuer *issuer = arena_alloc(arena, sizeof *issuer);

    if (!issuer)
        return NULL;
    issuer->issuer = arena_string(arena, name);
    issuer->jwks_uri = arena_string(arena, jwks_uri);
    issuer->excluded_paths = excluded_paths(jwt, arena);
    return issuer->issuer && issuer->jwks_uri && issuer->excluded_paths ? issuer : NULL;
}

/* A list that is empty while authentication is on stands for the default issuer. */
static const struct apigw_issuer *const *make_issuers(const json_t *spec, const struct settings *settings,
                                                      struct arena *arena)
{
    const json_t *elements = json_member(spec, "authentication");
    size_t count = json_array_size(elements);
    const struct apigw_issuer **list = arena_array(arena, count + 2, sizeof *list);
    const json_t *element;
    size_t i;

    if (!list)
        return NULL;
    if (count == 0) {
        list[0] = make_issuer(settings->default_issuer, settings->default_jwks_uri, NULL, arena);
        return list[0] ? list : NULL;
    }
    json_array_foreach(elements, i, element)
    {
        const json_t *jwt = json_member(element, "jwt");
        list[i] = make_issuer(json_text_at(jwt, "issuer"), json_text_at(jwt, "jwksUri"), jwt, arena);
        if (!list[i])
            return NULL;
    }
    return list;
}

static bool fill(const json_t *api, const struct settings *settings, struct effective *made)
{
    const json_t *spec = json_member(api, "spec");
    struct arena *arena = &made->arena;
    bool wanted = effective_authentication(spec);

    made->unsecured_incomplete = settings->incomplete_unsecured && effective_all_incomplete(spec);
    made->api.struct_size = (uint32_t)sizeof made->api;
    if (wanted && !made->unsecured_incomplete)
        made->api.flags |= APIGW_AUTHENTICATION;
    if (json_is_true(json_member(spec, "disableIstioAuthPolicyMTLS")))
        made->api.flags |= APIGW_DISABLE_MTLS;
    made->api.api_namespace = arena_string(arena, object_namespace(api));
    made->api.api_name = arena_string(arena, object_name(api));
    made->api.service = arena_string(arena, json_text_at(spec, "service.name"));
    made->api.port = (uint32_t)json_integer_value(json_at(spec, "service.port"));
    made->api.issuers = made->api.flags & APIGW_AUTHENTICATION ? make_issuers(spec, settings, arena)
                                                               : arena_array(arena, 1, sizeof(void *));
    return made->api.api_namespace && made->api.api_name && made->api.service && made->api.issuers &&
           effective_host(json_text_at(spec, "hostname"), settings, arena, &made->api.host) == HOST_OK;
}

int effective_make(const json_t *api, const struct settings *settings, struct effective *out,
                   struct error *error)
{
    struct effective made = {0};

    if (!fill(api, settings, &made)) {
        effective_release(&made);
        return error_no_memory(error);
    }
    *out = made;
    return 0;
}

void effective_release(struct effective *effective)
{
    if (!effective)
        return;
    arena_release(&effective->arena);
    *effective = (struct effective){0};
}
