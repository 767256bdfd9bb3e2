/* SPDX-License-Identifier: Apache-2.0 */
#include "config/yaml.h"

#include "config/yaml_scalar.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* YAML allows a key on one line 1,024 characters before its colon; a longer one needs "? ". */
static const size_t max_simple_key = 1000;

/* A name of as many bytes is shorter than that in quotes too: a byte becomes four characters at most. */
static const size_t short_name = 240;

/* What some reader takes for something else than a string has no more letters ("false"), or a digit, a sign
 * or a point first. */
static const size_t longest_word = sizeof "false" - 1;

/* Most documents have no more bytes. */
static const size_t usual_size = 2000;

static void write_block(struct text *out, const json_t *value, size_t indent, bool is_inline);

/* What may stand in a text without quotes wherever it stands. */
static bool is_plain_character(char c)
{
    static const bool special[128] = {['"'] = true, ['\''] = true, ['\\'] = true, ['`'] = true};

    return c > ' ' && c <= '~' && !special[(unsigned char)c];
}

/* What begins with a digit and goes on with nothing but what numbers, times and dates are made of. Some
 * reader takes it for one of them (2020-01-01, 12e3, 0x1f), so that a letter of its own is asked for. */
static bool is_number_like(const char *text)
{
    return text[0] >= '0' && text[0] <= '9' &&
           text[strspn(text, "0123456789abcdefABCDEFxXoOtTzZ_.,:+- ")] == '\0';
}

static bool begins_plainly(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '_';
}

/* Whether every reader takes the text without quotes for this very string. Rather one that needs no quotes
 * with them than the other way round. */
static bool is_plain(const char *text, size_t size)
{
    if (size == 0 || !begins_plainly(text[0]) || text[size - 1] == ' ' || text[size - 1] == ':')
        return false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == ' ' ? text[i - 1] == ':' : !is_plain_character(text[i]))
            return false;
        if (text[i] == '#' && text[i - 1] == ' ')
            return false;
    }
    if (size > longest_word && !(text[0] >= '0' && text[0] <= '9'))
        return true;
    return !is_number_like(text) && yaml_scalar_classify(text) == YAML_SCALAR_STRING;
}

static void write_string(struct text *out, const char *data, size_t size)
{
    if (is_plain(data, size))
        text_append(out, data, size);
    else
        yaml_quote(out, data, size);
}

/* The shortest form that gives the same number, with the point and the exponent's sign that YAML 1.1 asks
 * for. */
static void write_real(struct text *out, double value)
{
    char digits[40];
    const char *exponent;

    for (int precision = 15; precision <= 17; precision++) {
        (void)snprintf(digits, sizeof digits, "%.*g", precision, value);
        if (strtod(digits, NULL) == value)
            break;
    }
    exponent = strchr(digits, 'e');
    if (strchr(digits, '.')) {
        text_append_string(out, digits);
        return;
    }
    text_append(out, digits, exponent ? (size_t)(exponent - digits) : strlen(digits));
    text_append_string(out, ".0");
    text_append_string(out, exponent ? exponent : "");
}

static bool is_block(const json_t *value)
{
    return json_object_size(value) > 0 || json_array_size(value) > 0;
}

static void write_scalar(struct text *out, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        write_string(out, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        text_append_integer(out, json_integer_value(value));
        break;
    case JSON_REAL:
        write_real(out, json_real_value(value));
        break;
    case JSON_OBJECT:
        text_append_string(out, "{}");
        break;
    case JSON_ARRAY:
        text_append_string(out, "[]");
        break;
    case JSON_TRUE:
        text_append_string(out, "true");
        break;
    case JSON_FALSE:
        text_append_string(out, "false");
        break;
    case JSON_NULL:
        text_append_string(out, "null");
        break;
    }
}

static void write_indent(struct text *out, size_t indent)
{
    static const char blanks[] = "                                ";

    for (; indent > sizeof blanks - 1; indent -= sizeof blanks - 1)
        text_append(out, blanks, sizeof blanks - 1);
    text_append(out, blanks, indent);
}

/* A value behind "- ", "? " or ": ": the first line goes on there. */
static void write_inline(struct text *out, const json_t *value, size_t indent)
{
    if (is_block(value)) {
        write_block(out, value, indent + 2, true);
        return;
    }
    write_scalar(out, value);
    text_append_string(out, "\n");
}

/* Writes a name, behind "? " if it is too long for one line. */
static bool write_name(struct text *out, const char *name)
{
    size_t size = strlen(name);
    struct text key = text_empty();
    bool simple = true;

    if (size <= short_name) {
        write_string(out, name, size);
        return true;
    }
    write_string(&key, name, size);
    simple = key.length <= max_simple_key;
    text_append_string(out, simple ? "" : "? ");
    text_append(out, key.data, key.length);
    out->failed = out->failed || key.failed;
    text_release(&key);
    return simple;
}

static void write_member(struct text *out, const char *name, const json_t *value, size_t indent)
{
    if (!write_name(out, name)) {
        text_append_string(out, "\n");
        write_indent(out, indent);
        text_append_string(out, ": ");
        write_inline(out, value, indent);
    } else if (is_block(value)) {
        text_append_string(out, ":\n");
        write_block(out, value, json_is_array(value) ? indent : indent + 2, false);
    } else {
        text_append_string(out, ": ");
        write_inline(out, value, indent);
    }
}

/* A list or a mapping that is not empty, line by line; the first line is indented already if it is inline. */
static void write_block(struct text *out, const json_t *value, size_t indent, bool is_inline)
{
    const char *name;
    json_t *member;
    size_t i;

    json_array_foreach(value, i, member)
    {
        write_indent(out, is_inline && i == 0 ? 0 : indent);
        text_append_string(out, "- ");
        write_inline(out, member, indent);
    }
    json_object_foreach((json_t *)(uintptr_t)value, name, member)
    {
        write_indent(out, is_inline ? 0 : indent);
        write_member(out, name, member, indent);
        is_inline = false;
    }
}

int yaml_write(const json_t *value, struct text *out, struct error *error)
{
    if (is_block(value)) {
        text_room(out, usual_size);
        write_block(out, value, 0, false);
    } else {
        write_scalar(out, value);
        text_append_string(out, "\n");
    }
    return out->failed ? error_no_memory(error) : 0;
}
