/* SPDX-License-Identifier: Apache-2.0 */
#include "config/schema.h"

#include "base/json.h"
#include "base/similar.h"
#include "config/yaml.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/** What is looked at, and where it stands. */
struct place {
    const char *path;
    struct problems *problems;
};

/* The texts that a value may be; NULL: any. */
static const char *const *choices_of(const struct schema *schema, const struct apigw_option *option)
{
    if (option->type == APIGW_OPTION_VERSION)
        return option->kind_index < schema->kinds_count ? schema->kinds[option->kind_index].versions : NULL;
    return option->choices;
}

static void append_choices(struct text *out, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        text_append_string(out, i > 0 ? ", " : "");
        yaml_quote(out, names[i], strlen(names[i]));
    }
}

static size_t count_choices(const char *const *choices)
{
    size_t count = 0;

    while (choices && choices[count])
        count++;
    return count;
}

static void add(const struct place *place, const char *name, enum problem_severity severity,
                const struct text *message)
{
    struct text path = text_empty();

    text_append_string(&path, place->path);
    if (name)
        yaml_path_append(&path, name);
    problems_add(place->problems, severity, path.data, "%s",
                 message->failed ? "memory is short" : message->data);
    text_release(&path);
}

void schema_add_unknown(const char *path, const char *key, const char *const *names, size_t count,
                        struct problems *problems)
{
    const struct place place = {.path = path, .problems = problems};
    const char *meant = similar_find(key, names, count);
    struct text message = text_empty();

    text_append_string(&message, "unknown key ");
    yaml_quote(&message, key, strlen(key));
    if (meant) {
        text_append_format(&message, "; did you mean \"%s\"?", meant);
    } else if (count == 0) {
        text_append_string(&message, "; no keys are expected here");
    } else {
        text_append_string(&message, "; expected one of ");
        append_choices(&message, names, count);
    }
    add(&place, key, PROBLEM_ERROR, &message);
    text_release(&message);
}

static const char *expected(const struct apigw_option *option)
{
    switch (option->type) {
    case APIGW_OPTION_BOOL:
        return "a boolean";
    case APIGW_OPTION_INT:
        return "an integer";
    case APIGW_OPTION_STRING_LIST:
        return "a list of strings";
    default:
        return "a string";
    }
}

static bool has_type(const struct apigw_option *option, const json_t *value)
{
    switch (option->type) {
    case APIGW_OPTION_BOOL:
        return json_is_boolean(value);
    case APIGW_OPTION_INT:
        return json_is_integer(value);
    case APIGW_OPTION_STRING_LIST:
        return json_is_array(value);
    default:
        return json_is_string(value);
    }
}

static void add_wrong_type(const struct place *place, const struct apigw_option *option, const json_t *value)
{
    problems_add(place->problems, PROBLEM_ERROR, place->path, "expected %s, found %s", expected(option),
                 json_kind(value));
}

static void check_range(const struct place *place, const struct apigw_option *option, json_int_t value)
{
    bool limited = option->min != 0 || option->max != 0;

    if (!limited || (value >= option->min && value <= option->max))
        return;
    if (option->flags & APIGW_OPTION_SECRET)
        problems_add(place->problems, PROBLEM_ERROR, place->path,
                     "the value is out of range; expected an integer from %lld to %lld",
                     (long long)option->min, (long long)option->max);
    else
        problems_add(place->problems, PROBLEM_ERROR, place->path,
                     "%lld is out of range; expected an integer from %lld to %lld", (long long)value,
                     (long long)option->min, (long long)option->max);
}

static void check_choice(const struct schema *schema, const struct place *place,
                         const struct apigw_option *option, const json_t *value)
{
    const char *const *choices = choices_of(schema, option);
    struct text message = text_empty();

    for (size_t i = 0; choices && choices[i]; i++) {
        if (strcmp(choices[i], json_string_value(value)) == 0)
            return;
    }
    if (!choices)
        return;
    if (option->flags & APIGW_OPTION_SECRET)
        text_append_string(&message, "the value");
    else
        yaml_quote(&message, json_string_value(value), json_string_length(value));
    text_append_string(&message, " is not one of ");
    append_choices(&message, choices, count_choices(choices));
    add(place, NULL, PROBLEM_ERROR, &message);
    text_release(&message);
}

static void check_list(const struct schema *schema, const struct place *place,
                       const struct apigw_option *option, const json_t *value)
{
    json_t *element;
    size_t i;

    json_array_foreach(value, i, element)
    {
        struct text path = text_empty();
        struct place inner = {.problems = place->problems};

        text_append_format(&path, "%s[%zu]", place->path, i);
        inner.path = path.data;
        if (json_is_string(element))
            check_choice(schema, &inner, option, element);
        else
            problems_add(inner.problems, PROBLEM_ERROR, inner.path, "expected a string, found %s",
                         json_kind(element));
        text_release(&path);
    }
}

static void check_value(const struct schema *schema, const struct place *place,
                        const struct apigw_option *option, const json_t *value)
{
    if (!has_type(option, value)) {
        add_wrong_type(place, option, value);
        return;
    }
    switch (option->type) {
    case APIGW_OPTION_BOOL:
        return;
    case APIGW_OPTION_INT:
        check_range(place, option, json_integer_value(value));
        return;
    case APIGW_OPTION_STRING_LIST:
        check_list(schema, place, option, value);
        return;
    default:
        check_choice(schema, place, option, value);
    }
}

static void check_option(const struct schema *schema, const struct place *place,
                         const struct apigw_option *option, const json_t *value)
{
    struct text path = text_empty();
    struct place inner = {.problems = place->problems};

    text_append_string(&path, place->path);
    yaml_path_append(&path, option->name);
    inner.path = path.data;
    if (value && option->flags & APIGW_OPTION_DEPRECATED)
        problems_add(inner.problems, PROBLEM_WARNING, inner.path, "deprecated: %s", option->doc);
    if (value)
        check_value(schema, &inner, option, value);
    else if (option->flags & APIGW_OPTION_REQUIRED)
        problems_add(place->problems, PROBLEM_ERROR, place->path,
                     "required key \"%s\" is missing; expected %s", option->name, expected(option));
    text_release(&path);
}

static const struct apigw_option *find_option(const struct schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->count; i++) {
        if (strcmp(schema->options[i].name, name) == 0)
            return &schema->options[i];
    }
    return NULL;
}

static void check_unknown(const struct schema *schema, const struct place *place, const json_t *value)
{
    const char **names = calloc(schema->count + 1, sizeof *names);
    const char *key;
    json_t *member;

    if (!names) {
        problems_add(place->problems, PROBLEM_ERROR, place->path, "memory is short");
        return;
    }
    for (size_t i = 0; i < schema->count; i++)
        names[i] = schema->options[i].name;
    json_object_foreach((json_t *)(uintptr_t)value, key, member)
    {
        if (!find_option(schema, key))
            schema_add_unknown(place->path, key, names, schema->count, place->problems);
    }
    free(names);
}

void schema_check(const struct schema *schema, const json_t *value, const char *path,
                  struct problems *problems)
{
    const struct place place = {.path = path, .problems = problems};

    if (value && !json_is_null(value) && !json_is_object(value)) {
        problems_add(problems, PROBLEM_ERROR, path, "expected an object, found %s", json_kind(value));
        return;
    }
    if (json_is_object(value))
        check_unknown(schema, &place, value);
    for (size_t i = 0; i < schema->count; i++)
        check_option(schema, &place, &schema->options[i], json_member(value, schema->options[i].name));
}

json_t *schema_complete(const struct schema *schema, const json_t *value)
{
    json_t *complete = json_is_object(value) ? json_deep_copy(value) : json_object();

    for (size_t i = 0; complete && i < schema->count; i++) {
        const struct apigw_option *option = &schema->options[i];
        json_t *member;

        if (!option->default_json || json_member(complete, option->name))
            continue;
        member = json_parse(option->default_json, strlen(option->default_json), NULL);
        if (!member || json_object_set_new(complete, option->name, member) != 0) {
            json_decref(complete);
            return NULL;
        }
    }
    return complete;
}

static bool is_camel_case(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    return name[0] >= 'a' && name[0] <= 'z' && name[strspn(name, letters)] == '\0';
}

static int check_table_default(const struct schema *schema, const struct apigw_option *option,
                               struct error *error)
{
    struct problems problems = {0};
    const struct place place = {.path = "", .problems = &problems};
    const struct problem *problem;
    json_t *value;
    int result = 0;

    if (!option->default_json)
        return 0;
    if (option->flags & APIGW_OPTION_REQUIRED)
        return error_set(error, ERROR_INVALID, "option \"%s\": a required option has no default",
                         option->name);
    value = json_parse(option->default_json, strlen(option->default_json), NULL);
    if (!value)
        return error_set(error, ERROR_INVALID, "option \"%s\": the default is no JSON", option->name);
    check_value(schema, &place, option, value);
    json_decref(value);
    problem = problems_first_error(&problems);
    if (problems.errors > 0)
        result = error_set(error, ERROR_INVALID, "option \"%s\": the default is wrong: %s", option->name,
                           problem ? problem->message : "memory is short");
    problems_release(&problems);
    return result;
}

/* What is wrong with an option by itself; NULL if nothing is. */
static const char *table_fault(const struct schema *schema, const struct apigw_option *option)
{
    bool is_string = option->type == APIGW_OPTION_STRING || option->type == APIGW_OPTION_STRING_LIST;
    const uint32_t flags = APIGW_OPTION_REQUIRED | APIGW_OPTION_SECRET | APIGW_OPTION_DEPRECATED;

    if (!is_camel_case(option->name))
        return "the name is not lowerCamelCase";
    if (option->type < APIGW_OPTION_BOOL || option->type > APIGW_OPTION_VERSION)
        return "the type is unknown";
    if (option->flags & ~flags)
        return "a flag is unknown";
    if (!option->doc || !option->doc[0] || strchr(option->doc, '\n'))
        return "doc must be one sentence on one line";
    if (option->choices && !is_string)
        return "only a string or a list of strings has choices";
    if (option->choices && !option->choices[0])
        return "the list of choices is empty";
    if ((option->min != 0 || option->max != 0) && option->type != APIGW_OPTION_INT)
        return "only an integer has limits";
    if (option->min > option->max)
        return "min is greater than max";
    if (option->type == APIGW_OPTION_VERSION && !choices_of(schema, option))
        return "there is no kind of that kind_index";
    return NULL;
}

int schema_check_table(const struct schema *schema, struct error *error)
{
    if (schema->count > 0 && !schema->options)
        return error_set(error, ERROR_INVALID, "the table of options is NULL; expected %zu options",
                         schema->count);
    for (size_t i = 0; i < schema->count; i++) {
        const struct apigw_option *option = &schema->options[i];
        const char *fault;
        int result;

        if (!option->name)
            return error_set(error, ERROR_INVALID, "option number %zu has no name", i);
        fault = table_fault(schema, option);
        if (fault)
            return error_set(error, ERROR_INVALID, "option \"%s\": %s", option->name, fault);
        if (find_option(schema, option->name) != option)
            return error_set(error, ERROR_INVALID, "option \"%s\" stands there twice", option->name);
        result = check_table_default(schema, option, error);
        if (result != 0)
            return result;
    }
    return 0;
}

static void describe_type(const struct schema *schema, const struct apigw_option *option, struct text *out)
{
    static const char *const names[] = {"", "boolean", "integer", "string", "list of strings", "version"};
    const char *const *choices = choices_of(schema, option);

    text_append_string(out, names[option->type]);
    if (option->type == APIGW_OPTION_INT && (option->min != 0 || option->max != 0))
        text_append_format(out, " %lld..%lld", (long long)option->min, (long long)option->max);
    for (size_t i = 0; choices && choices[i]; i++)
        text_append_format(out, "%s%s", i > 0 ? "|" : ": ", choices[i]);
}

static void describe_default(const struct apigw_option *option, struct text *out)
{
    if (option->flags & APIGW_OPTION_REQUIRED)
        text_append_string(out, "(required)");
    else if (option->default_json && option->flags & APIGW_OPTION_SECRET)
        text_append_string(out, "(secret)");
    else if (option->default_json)
        text_append_string(out, option->default_json);
    else
        text_append_string(out, option->type == APIGW_OPTION_VERSION ? "(chosen)" : "(none)");
}

/* Columns of the table; the last one, doc, is not padded. */
static void describe_cell(const struct schema *schema, const struct apigw_option *option, size_t column,
                          struct text *out)
{
    static const char *const heads[] = {"OPTION", "TYPE", "DEFAULT"};

    if (!option)
        text_append_string(out, heads[column]);
    else if (column == 0)
        text_append_string(out, option->name);
    else if (column == 1)
        describe_type(schema, option, out);
    else
        describe_default(option, out);
}

static size_t cell_width(const struct schema *schema, const struct apigw_option *option, size_t column)
{
    struct text cell = text_empty();
    size_t width;

    describe_cell(schema, option, column, &cell);
    width = cell.length;
    text_release(&cell);
    return width;
}

static void describe_row(const struct schema *schema, const struct apigw_option *option,
                         const size_t widths[3], struct text *out)
{
    for (size_t column = 0; column < 3; column++) {
        size_t width = cell_width(schema, option, column);
        describe_cell(schema, option, column, out);
        text_append_format(out, "%*s", width < widths[column] ? (int)(widths[column] - width) + 2 : 2, "");
    }
    if (!option)
        text_append_string(out, "DESCRIPTION\n");
    else
        text_append_format(out, "%s%s\n", option->flags & APIGW_OPTION_DEPRECATED ? "Deprecated: " : "",
                           option->doc);
}

void schema_describe(const struct schema *schema, struct text *out)
{
    size_t widths[3];

    if (schema->count == 0) {
        text_append_string(out, "no options\n");
        return;
    }
    for (size_t column = 0; column < 3; column++) {
        widths[column] = cell_width(schema, NULL, column);
        for (size_t i = 0; i < schema->count; i++) {
            size_t width = cell_width(schema, &schema->options[i], column);
            if (width > widths[column])
                widths[column] = width;
        }
    }
    describe_row(schema, NULL, widths, out);
    for (size_t i = 0; i < schema->count; i++)
        describe_row(schema, &schema->options[i], widths, out);
}
