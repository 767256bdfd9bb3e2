/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "config/schema.h"
#include "config/yaml.h"
#include "object/key.h"
#include "plugin/descriptor.h"

#include <string.h>

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static const size_t name_max = 63;
static const size_t json_path_max = 256;
/* More of a wrong text tells nobody more. */
static const size_t shown_max = 200;

/* What stands at the head of an owned and of a related kind alike. */
struct resource {
    const char *group;
    const char *const *versions;
    const char *kind;
    const char *plural;
};

/* A first character, then any number of others. */
static bool is_word(const char *text, const char *first, const char *others)
{
    return text[0] && strchr(first, text[0]) && text[strspn(text, others)] == '\0';
}

static bool is_camel_case(const char *text)
{
    return is_word(text, LOWER, LOWER UPPER DIGITS);
}

bool descriptor_name_valid(const char *name)
{
    return is_word(name, LOWER DIGITS "-", LOWER DIGITS "-") && strlen(name) <= name_max;
}

/* The text is quoted, as a message is one line whatever a plugin says. */
static int fail_text(const char *field, const char *found, const char *wanted, struct error *error)
{
    struct text shown = text_empty();

    if (found)
        yaml_quote(&shown, found, strnlen(found, shown_max));
    else
        text_append_string(&shown, "NULL");
    (void)error_set(error, ERROR_INVALID, "%s is %s, expected %s", field, shown.data, wanted);
    text_release(&shown);
    return ERROR_INVALID;
}

static int check_line(const char *field, const char *text, struct error *error)
{
    if (text && text[0] && !strchr(text, '\n'))
        return 0;
    return fail_text(field, text, "one line of text", error);
}

static int check_role(int32_t role, struct error *error)
{
    if (role >= APIGW_ROLE_AUTHENTICATION && role <= APIGW_ROLE_ROUTE)
        return 0;
    return error_set(error, ERROR_INVALID, "role is %d, expected 1 (authentication), 2 (other) or 3 (route)",
                     role);
}

static int check_status_key(const char *field, const char *key, int32_t role, struct error *error)
{
    static const char *const reserved[] = {"validationStatus", "conditions", "backends",
                                           "observedGeneration"};

    if (!key || !is_camel_case(key) || strlen(key) > name_max)
        return fail_text(field, key, "a lowerCamelCase key, as \"myBackend\"", error);
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
        if (strcmp(key, reserved[i]) == 0)
            return fail_text(field, key, "a key that the daemon does not fill in itself", error);
    }
    /* The daemon reports under it where nobody authenticates. */
    if (role != APIGW_ROLE_AUTHENTICATION && strcmp(key, "authenticationStatus") == 0)
        return fail_text(field, key, "another key: this one is for the role authentication", error);
    return 0;
}

static int check_identity(const struct apigw_plugin *plugin, struct error *error)
{
    int result = 0;

    if (!plugin->name || !descriptor_name_valid(plugin->name))
        return fail_text("name", plugin->name, "1 to 63 lower-case letters, digits and dashes", error);
    result = check_line("version", plugin->version, error);
    if (result == 0)
        result = check_line("summary", plugin->summary, error);
    if (result == 0)
        result = check_role(plugin->role, error);
    if (result == 0)
        result = check_status_key("status_key", plugin->status_key, plugin->role, error);
    if (result != 0 || !plugin->status_alias)
        return result;
    result = check_status_key("status_alias", plugin->status_alias, plugin->role, error);
    if (result == 0 && strcmp(plugin->status_alias, plugin->status_key) == 0)
        return fail_text("status_alias", plugin->status_alias, "another key than status_key, or NULL", error);
    return result;
}

static int check_callbacks(const struct apigw_plugin *plugin, struct error *error)
{
    if (!plugin->render)
        return error_set(error, ERROR_INVALID, "render is NULL, expected a function");
    if (plugin->create && !plugin->destroy)
        return error_set(error, ERROR_INVALID, "create is set and destroy is NULL, expected both or neither");
    if (!plugin->create && plugin->destroy)
        return error_set(error, ERROR_INVALID, "destroy is set and create is NULL, expected both or neither");
    return 0;
}

static int check_versions(const char *const *versions, struct error *error)
{
    if (!versions || !versions[0])
        return error_set(error, ERROR_INVALID, "versions is %s, expected at least one version, as \"v1\"",
                         versions ? "empty" : "NULL");
    for (size_t i = 0; versions[i]; i++) {
        if (!name_is_service(versions[i]))
            return fail_text("versions", versions[i], "a version, as \"v1alpha2\"", error);
        for (size_t j = 0; j < i; j++) {
            if (strcmp(versions[i], versions[j]) == 0)
                return fail_text("versions", versions[i], "each version once", error);
        }
    }
    return 0;
}

static int check_resource(const struct resource *resource, struct error *error)
{
    if (!resource->group || (resource->group[0] && !name_is_subdomain(resource->group)))
        return fail_text("group", resource->group,
                         "a DNS name in lower case, as \"networking.istio.io\", or \"\" for the core group",
                         error);
    if (strcmp(resource->group, API_GROUP) == 0)
        return fail_text("group", resource->group,
                         "another group: the resources of this one are the daemon's own", error);
    if (!resource->kind || !is_word(resource->kind, UPPER, LOWER UPPER DIGITS) ||
        strlen(resource->kind) > name_max)
        return fail_text("kind", resource->kind, "a CamelCase name, as \"VirtualService\"", error);
    if (!resource->plural || !name_is_service(resource->plural))
        return fail_text("plural", resource->plural,
                         "the plural in lower case as in a URL, as \"virtualservices\"", error);
    return check_versions(resource->versions, error);
}

/* NAME or NAME[], joined by dots. */
static bool is_json_path(const char *path)
{
    static const char name[] = LOWER UPPER DIGITS "_-";

    if (strlen(path) > json_path_max)
        return false;
    for (;;) {
        size_t length = strspn(path, name);

        if (length == 0)
            return false;
        path += length;
        if (strncmp(path, "[]", 2) == 0)
            path += 2;
        if (*path == '\0')
            return true;
        if (*path++ != '.')
            return false;
    }
}

static int check_json_path(const char *field, const char *path, struct error *error)
{
    if (path && is_json_path(path))
        return 0;
    return fail_text(field, path,
                     "names joined by dots, a list followed by [], as \"spec.http[].route[].host\"", error);
}

static int check_form(int32_t form, struct error *error)
{
    if (form == APIGW_FORM_NAME || form == APIGW_FORM_DNS_NAME)
        return 0;
    return error_set(error, ERROR_INVALID, "form is %d, expected 1 (name) or 2 (DNS name)", form);
}

static int check_path(const struct apigw_path *path, struct error *error)
{
    bool is_host = path->use == APIGW_USE_CLAIMS_HOST || path->use == APIGW_USE_PROTECTS_HOST;
    int result = check_form(path->form, error);

    if (path->use < APIGW_USE_CLAIMS_HOST || path->use > APIGW_USE_PROTECTS_HOST)
        return error_set(error, ERROR_INVALID, "use is %d, expected 1 to 4 (enum apigw_use)", path->use);
    if (result == 0 && is_host && path->form != APIGW_FORM_NAME)
        return error_set(error, ERROR_INVALID, "form is %d, expected 1 (name) for a host", path->form);
    return result == 0 ? check_json_path("path", path->path, error) : result;
}

static int check_kind(const struct apigw_kind *kind, struct error *error)
{
    const struct resource resource = {kind->group, kind->versions, kind->kind, kind->plural};
    int result = check_resource(&resource, error);

    if (result == 0 && kind->flags & ~APIGW_KIND_PRIMARY)
        return error_set(error, ERROR_INVALID, "flags is 0x%x, expected 0 or APIGW_KIND_PRIMARY",
                         kind->flags);
    for (size_t i = 0; result == 0 && i < kind->paths_count; i++) {
        result = check_path(&kind->paths[i], error);
        if (result != 0)
            (void)error_wrap(error, "paths[%zu]", i);
    }
    return result;
}

static int check_kinds(const struct apigw_plugin *plugin, struct error *error)
{
    size_t primary = 0;

    for (size_t i = 0; i < plugin->kinds_count; i++) {
        const struct apigw_kind *kind = &plugin->kinds[i];

        if (check_kind(kind, error) != 0) {
            (void)error_wrap(error, "kinds[%zu]", i);
            return ERROR_INVALID;
        }
        if (kind->flags & APIGW_KIND_PRIMARY)
            primary++;
        for (size_t j = 0; j < i; j++) {
            if (strcmp(kind->group, plugin->kinds[j].group) == 0 &&
                strcmp(kind->kind, plugin->kinds[j].kind) == 0)
                return error_set(error, ERROR_INVALID,
                                 "kinds[%zu] is %s of \"%s\" again as kinds[%zu], expected each kind once", i,
                                 kind->kind, kind->group, j);
        }
    }
    if (primary == 1)
        return 0;
    return error_set(error, ERROR_INVALID, "%zu of %u kinds are primary, expected exactly one", primary,
                     plugin->kinds_count);
}

static int check_related(const struct apigw_related *related, struct error *error)
{
    const struct resource resource = {related->group, related->versions, related->kind, related->plural};
    int result = check_resource(&resource, error);

    if (result == 0 && related->flags & ~APIGW_RELATED_SAME_NAMESPACE)
        return error_set(error, ERROR_INVALID, "flags is 0x%x, expected 0 or APIGW_RELATED_SAME_NAMESPACE",
                         related->flags);
    if (result == 0)
        result = check_form(related->form, error);
    return result == 0 ? check_json_path("index_path", related->index_path, error) : result;
}

/* A kind has one version, so only one option can choose it. */
static int check_version_options(const struct apigw_plugin *plugin, struct error *error)
{
    const char *chooser[DESCRIPTOR_KINDS_MAX] = {NULL};

    for (size_t i = 0; i < plugin->options_count; i++) {
        const struct apigw_option *option = &plugin->options[i];

        if (option->type != APIGW_OPTION_VERSION)
            continue;
        if (chooser[option->kind_index])
            return error_set(error, ERROR_INVALID,
                             "options \"%s\" and \"%s\" both choose the version of kinds[%u], expected one",
                             chooser[option->kind_index], option->name, option->kind_index);
        chooser[option->kind_index] = option->name;
    }
    return 0;
}

int descriptor_check(const struct apigw_plugin *plugin, struct error *error)
{
    const struct schema schema = {.options = plugin->options,
                                  .count = plugin->options_count,
                                  .kinds = plugin->kinds,
                                  .kinds_count = plugin->kinds_count};
    int result = check_identity(plugin, error);

    if (result == 0)
        result = check_callbacks(plugin, error);
    if (result == 0)
        result = check_kinds(plugin, error);
    for (size_t i = 0; result == 0 && i < plugin->related_count; i++) {
        result = check_related(&plugin->related[i], error);
        if (result != 0)
            (void)error_wrap(error, "related[%zu]", i);
    }
    if (result == 0)
        result = schema_check_table(&schema, error);
    return result == 0 ? check_version_options(plugin, error) : result;
}
