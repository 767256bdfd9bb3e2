/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/slip.h"

#include "base/json.h"
#include "base/similar.h"
#include "base/text.h"
#include "base/utf8.h"
#include "reconcile/clean.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Paths are made of known names, numbers and at most one name of the user's, which is cut. */
#define PATH_SIZE 256

static const char right_form[] = "authentication: [{type: JWT, jwt: {issuer: ..., jwksUri: ...}}]";

struct shape;

/* A known field; with a shape its value is an object, or a list of objects, of that shape. */
struct field {
    const char *name;
    const struct shape *shape;
    bool list;
};

/* Fields that are known at one place. Where it is strict, all others are errors. */
struct shape {
    const struct field *fields;
    size_t count;
    bool strict;
};

#define SHAPE(fields, strict)                                                                                \
    {                                                                                                        \
        fields, sizeof(fields) / sizeof *(fields), strict                                                    \
    }

static const struct field path_fields[] = {
    {.name = "exact"}, {.name = "prefix"}, {.name = "suffix"}, {.name = "regex"}};
static const struct shape path_shape = SHAPE(path_fields, true);
static const struct field trigger_fields[] = {{"excludedPaths", &path_shape, true}};
static const struct shape trigger_shape = SHAPE(trigger_fields, true);
static const struct field jwt_fields[] = {
    {.name = "issuer"}, {.name = "jwksUri"}, {"triggerRule", &trigger_shape, false}};
static const struct shape jwt_shape = SHAPE(jwt_fields, true);
static const struct field element_fields[] = {{.name = "type"}, {"jwt", &jwt_shape, false}};
static const struct shape element_shape = SHAPE(element_fields, true);
static const struct field service_fields[] = {{.name = "name"}, {.name = "port"}};
static const struct shape service_shape = SHAPE(service_fields, false);
static const struct field spec_fields[] = {{"service", &service_shape, false},
                                           {.name = "hostname"},
                                           {"authentication", &element_shape, true},
                                           {.name = "authenticationEnabled"},
                                           {.name = "disableIstioAuthPolicyMTLS"}};
static const struct shape spec_shape = SHAPE(spec_fields, false);
static const struct field root_fields[] = {{.name = "apiVersion"},
                                           {.name = "kind"},
                                           {.name = "metadata"},
                                           {"spec", &spec_shape, false},
                                           {.name = "status"}};
static const struct shape root_shape = SHAPE(root_fields, false);

/* Fields without which an Api would be open, and where they belong. */
static const struct {
    const char *name;
    const char *place;
} homes[] = {
    {"authentication", "spec.authentication"},
    {"authenticationEnabled", "spec.authenticationEnabled"},
    {"jwt", "spec.authentication[].jwt"},
    {"issuer", "spec.authentication[].jwt.issuer"},
    {"jwksUri", "spec.authentication[].jwt.jwksUri"},
    {"triggerRule", "spec.authentication[].jwt.triggerRule"},
    {"excludedPaths", "spec.authentication[].jwt.triggerRule.excludedPaths"},
};

static const char *home_of(const char *name)
{
    for (size_t i = 0; i < sizeof homes / sizeof *homes; i++) {
        if (similar_names(name, homes[i].name))
            return homes[i].place;
    }
    return NULL;
}

static const struct field *known_field(const struct shape *shape, const char *name)
{
    for (size_t i = 0; i < shape->count; i++) {
        if (strcmp(shape->fields[i].name, name) == 0)
            return &shape->fields[i];
    }
    return NULL;
}

static const char *meant_field(const struct shape *shape, const char *name)
{
    for (size_t i = 0; i < shape->count; i++) {
        if (similar_names(name, shape->fields[i].name))
            return shape->fields[i].name;
    }
    return NULL;
}

/* A name that would be taken for something else in a path is quoted, so that its place is found. One without
 * end is cut, and then its parent's place has to do. */
static void join_path(char out[PATH_SIZE], const char *path, const char *name)
{
    struct text quoted = text_empty();
    char clean[CLEAN_SIZE];

    utf8_quote(&quoted, name, strlen(name));
    if ((*name && !strpbrk(name, " .[]\"'\\") && utf8_text_shows(name)) || quoted.length >= sizeof clean ||
        quoted.failed) {
        clean_text(clean, sizeof clean, name);
        (void)snprintf(out, PATH_SIZE, "%s%s%s", path, *path ? "." : "", clean);
    } else {
        (void)snprintf(out, PATH_SIZE, "%s[%s]", path, quoted.data);
    }
    text_release(&quoted);
}

static void list_fields(struct text *out, const struct shape *shape)
{
    for (size_t i = 0; i < shape->count; i++)
        text_append_format(out, "%s%s", i > 0 ? ", " : "", shape->fields[i].name);
}

/* Whether a member of that name stands in the value, however deep. */
static bool holds_member(json_t *value, const char *wanted)
{
    const char *name;
    json_t *member;
    size_t i;

    json_object_foreach(value, name, member)
    {
        if (similar_names(name, wanted) || holds_member(member, wanted))
            return true;
    }
    json_array_foreach(value, i, member)
    {
        if (holds_member(member, wanted))
            return true;
    }
    return false;
}

/* Whether an unknown field is meant to protect, by its name or by what it holds: passing it over would open
 * what somebody believes to be closed. */
static bool means_authentication(const char *name, json_t *value)
{
    static const char *const parts[] = {"auth", "uthent", "autent", "jwt", "jwks", "issuer"};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (strcasestr(name, parts[i]))
            return true;
    }
    /* A letter of another script that looks like ours. */
    for (const char *at = name; *at; at++) {
        if ((unsigned char)*at >= 0x80)
            return true;
    }
    return holds_member(value, "jwt") || holds_member(value, "jwks") || holds_member(value, "jwksUri") ||
           holds_member(value, "issuer");
}

static void unknown_field(const char *name, json_t *value, const struct shape *shape, const char *path,
                          struct problems *problems)
{
    const char *meant = meant_field(shape, name);
    const char *home = home_of(name);
    struct text fields = text_empty();
    char full[PATH_SIZE];

    join_path(full, path, name);
    list_fields(&fields, shape);
    if (meant)
        problems_add(problems, PROBLEM_ERROR, full, "unknown field; did you mean \"%s\"?", meant);
    else if (home)
        problems_add(problems, PROBLEM_ERROR, full, "is at the wrong place; it belongs to %s", home);
    else if (!shape->strict && means_authentication(name, value))
        problems_add(problems, PROBLEM_ERROR, full,
                     "unknown field that looks like authentication; write it as spec.%s, or remove it",
                     right_form);
    else
        problems_add(problems, shape->strict ? PROBLEM_ERROR : PROBLEM_WARNING, full,
                     "unknown field%s; expected %s%s", shape->strict ? "" : ", passed over",
                     shape->count > 1 ? "one of " : "", fields.data);
    text_release(&fields);
}

/* Fields of `jwt` that stand beside it. */
static bool is_flattened(const char *name)
{
    return !meant_field(&element_shape, name) && meant_field(&jwt_shape, name);
}

static bool element_is_flattened(json_t *element)
{
    const char *name;
    json_t *value;

    json_object_foreach(element, name, value)
    {
        if (is_flattened(name))
            return true;
    }
    return false;
}

static void check_object(json_t *object, const struct shape *shape, const char *path,
                         struct problems *problems);

static void check_element(json_t *element, const char *path, struct problems *problems)
{
    const char *name;
    json_t *value;

    if (!element_is_flattened(element)) {
        check_object(element, &element_shape, path, problems);
        return;
    }
    problems_add(problems, PROBLEM_ERROR, path, "issuer, jwksUri and triggerRule belong inside jwt; write %s",
                 right_form);
    json_object_foreach(element, name, value)
    {
        if (!is_flattened(name) && !known_field(&element_shape, name))
            unknown_field(name, value, &element_shape, path, problems);
    }
    check_object(json_member(element, "jwt"), &jwt_shape, path, problems);
}

static void check_value(json_t *value, const struct field *field, const char *path, struct problems *problems)
{
    char at[PATH_SIZE];
    json_t *element;
    size_t i;

    if (!field->list) {
        check_object(value, field->shape, path, problems);
        return;
    }
    json_array_foreach(value, i, element)
    {
        (void)snprintf(at, sizeof at, "%.160s[%zu]", path, i);
        if (field->shape == &element_shape)
            check_element(element, at, problems);
        else
            check_object(element, field->shape, at, problems);
    }
}

/* Values of another type are the business of the validation. */
static void check_object(json_t *object, const struct shape *shape, const char *path,
                         struct problems *problems)
{
    char at[PATH_SIZE];
    const char *name;
    json_t *value;

    json_object_foreach(object, name, value)
    {
        const struct field *field = known_field(shape, name);
        if (!field) {
            unknown_field(name, value, shape, path, problems);
        } else if (field->shape) {
            join_path(at, path, name);
            check_value(value, field, at, problems);
        }
    }
}

/* Labels and annotations are free; a field of ours directly under metadata is an indentation gone wrong. */
static void check_metadata(json_t *metadata, struct problems *problems)
{
    char at[PATH_SIZE];
    const char *name;
    json_t *value;

    json_object_foreach(metadata, name, value)
    {
        const char *home = home_of(name);
        if (!home)
            continue;
        join_path(at, "metadata", name);
        problems_add(problems, PROBLEM_ERROR, at, "is at the wrong place; it belongs to %s", home);
    }
}

/* Whether one of the elements has only the type and the other only the jwt. */
static bool is_split(const json_t *first, const json_t *second)
{
    bool type = json_member(first, "type");
    bool jwt = json_member(first, "jwt");

    return type != jwt && jwt == (bool)json_member(second, "type") &&
           type == (bool)json_member(second, "jwt");
}

/* One dash too many makes two incomplete elements of one. */
static void check_split(const json_t *list, struct problems *problems)
{
    char at[PATH_SIZE];

    for (size_t i = 0; i + 1 < json_array_size(list); i++) {
        if (!is_split(json_array_get(list, i), json_array_get(list, i + 1)))
            continue;
        (void)snprintf(at, sizeof at, "spec.authentication[%zu]", i + 1);
        problems_add(problems, PROBLEM_ERROR, at,
                     "belongs to the element before it: type and jwt stand in one; remove the dash");
    }
}

static void check_authentication(const json_t *spec, struct problems *problems)
{
    static const char path[] = "spec.authentication";
    const json_t *list = json_member(spec, "authentication");

    if (json_is_null(list))
        problems_add(problems, PROBLEM_ERROR, path, "is empty; remove it, or list issuers: %s", right_form);
    else if (json_is_object(list))
        problems_add(problems, PROBLEM_ERROR, path, "must be a list, found an object; write %s", right_form);
    else if (list && !json_is_array(list))
        problems_add(problems, PROBLEM_ERROR, path, "must be a list, found %s; write %s", json_kind(list),
                     right_form);
    check_split(list, problems);
    if (json_is_null(json_member(spec, "authenticationEnabled")))
        problems_add(problems, PROBLEM_ERROR, "spec.authenticationEnabled",
                     "is empty; remove it, or write true or false");
}

void slip_check(const json_t *api, struct problems *problems)
{
    check_object(json_iterable(api), &root_shape, "", problems);
    check_metadata(json_member(api, "metadata"), problems);
    check_authentication(json_member(api, "spec"), problems);
}
