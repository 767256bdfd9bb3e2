/* SPDX-License-Identifier: Apache-2.0 */
#include "config/yaml_plain.h"

#include "config/yaml_scalar.h"

#include <stdlib.h>
#include <string.h>

/* libyaml looks for the colon behind a key no further than 1,024 characters. */
static const size_t max_key = 200;

/** What the reader stands at. */
enum standing {
    AT_LINE,     /**< a line with something in it */
    AT_DOCUMENT, /**< "---" */
    AT_END,      /**< of the text */
    AT_LOSS      /**< what is not plain, or memory was short */
};

/** Reads one text, line by line. */
struct plain {
    const struct yaml_limits *limits;
    const char *next; /**< the line after this one */
    const char *end;  /**< of the text */
    enum standing standing;
    const char *text; /**< of the line, behind what indents it */
    const char *stop; /**< of the line */
    size_t indent;
    size_t number; /**< of the line, from 1 */
    size_t values;
    struct text scratch;
};

static json_t *give_up(struct plain *plain)
{
    plain->standing = AT_LOSS;
    return NULL;
}

/* Takes the next line in, whatever it holds. */
static void take_line(struct plain *plain)
{
    const char *at = plain->next;

    plain->number++;
    plain->indent = 0;
    while (at < plain->end && *at == ' ')
        at++;
    plain->indent = (size_t)(at - plain->next);
    plain->text = at;
    while (at < plain->end && *at >= ' ' && *at <= '~')
        at++;
    plain->stop = at;
    plain->standing = AT_LINE;
    if (at < plain->end && *at != '\n')
        plain->standing = AT_LOSS;
    plain->next = at < plain->end ? at + 1 : at;
}

/* Goes to the next line that is neither empty nor a comment. */
static void advance(struct plain *plain)
{
    if (plain->standing == AT_LOSS)
        return;
    do {
        if (plain->next == plain->end) {
            plain->standing = AT_END;
            return;
        }
        take_line(plain);
    } while (plain->standing == AT_LINE && (plain->text == plain->stop || *plain->text == '#'));
    if (plain->standing == AT_LINE && plain->indent == 0 && plain->stop - plain->text == 3 &&
        memcmp(plain->text, "---", 3) == 0)
        plain->standing = AT_DOCUMENT;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Length of the key that a text begins with; 0 if it begins with none. */
static size_t key_size(const char *text, const char *stop)
{
    const char *at = text;

    if (at == stop || !is_letter(*at))
        return 0;
    while (at < stop && (is_letter(*at) || is_digit(*at) || strchr("-./", *at)))
        at++;
    if (at == stop || *at != ':' || (size_t)(at - text) > max_key)
        return 0;
    return at + 1 == stop || at[1] == ' ' ? (size_t)(at - text) : 0;
}

static bool is_item(const struct plain *plain)
{
    return plain->stop - plain->text > 2 && plain->text[0] == '-' && plain->text[1] == ' ';
}

static bool count_value(struct plain *plain)
{
    return plain->limits->values == 0 || ++plain->values <= plain->limits->values;
}

/* A text without quotes that ends with its line. */
static json_t *bare(struct plain *plain, const char *text, size_t size)
{
    char last = text[size - 1];

    if ((!is_letter(text[0]) && !is_digit(text[0]) && text[0] != '/') || last == ' ' || last == ':')
        return NULL;
    for (size_t i = 1; i < size; i++) {
        if ((text[i] == ' ' && text[i - 1] == ':') || (text[i] == '#' && text[i - 1] == ' '))
            return NULL;
    }
    text_clear(&plain->scratch);
    text_append(&plain->scratch, text, size);
    if (plain->scratch.failed)
        return NULL;
    if (yaml_scalar_classify(plain->scratch.data) == YAML_SCALAR_STRING)
        return json_stringn_nocheck(text, size);
    return yaml_scalar_value(plain->scratch.data, NULL);
}

/* What stands between two quotes as it is. */
static json_t *quoted(const char *text, size_t size)
{
    char quote = text[0];

    if (size < 2 || text[size - 1] != quote || memchr(text + 1, quote, size - 2) ||
        (quote == '"' && memchr(text, '\\', size)))
        return NULL;
    return json_stringn_nocheck(text + 1, size - 2);
}

/* A value on the rest of the line, in a container of this depth; then to the next line. */
static json_t *scalar(struct plain *plain, const char *text, unsigned depth)
{
    size_t size = (size_t)(plain->stop - text);
    json_t *value = NULL;

    if (size == 0 || !count_value(plain))
        return give_up(plain);
    if (*text == '"' || *text == '\'')
        value = quoted(text, size);
    else if (size != 2 || (text[0] != '{' && text[0] != '['))
        value = bare(plain, text, size);
    else if (depth < plain->limits->depth && text[1] == text[0] + 2)
        value = text[0] == '{' ? json_object() : json_array();
    if (!value)
        return give_up(plain);
    advance(plain);
    return value;
}

static json_t *read_mapping(struct plain *plain, size_t column, unsigned depth);

/* The item of a list whose dash stands in this column. */
static json_t *read_item(struct plain *plain, size_t column, unsigned depth)
{
    const char *text = plain->text + 2;

    if (key_size(text, plain->stop) == 0)
        return scalar(plain, text, depth);
    plain->text = text;
    plain->indent = column + 2;
    return read_mapping(plain, column + 2, depth + 1);
}

static json_t *read_list(struct plain *plain, size_t column, unsigned depth)
{
    json_t *list = depth <= plain->limits->depth && count_value(plain) ? json_array() : NULL;

    while (list && plain->standing == AT_LINE && plain->indent == column && is_item(plain)) {
        if (json_array_append_new(list, read_item(plain, column, depth)) != 0)
            plain->standing = AT_LOSS;
    }
    if (list && plain->standing != AT_LOSS)
        return list;
    json_decref(list);
    return give_up(plain);
}

/* The value of a key in this column, behind its colon. */
static json_t *read_value(struct plain *plain, const char *text, size_t column, unsigned depth)
{
    if (text < plain->stop)
        return scalar(plain, text + 1, depth);
    advance(plain);
    if (plain->standing == AT_LINE && plain->indent >= column && is_item(plain))
        return read_list(plain, plain->indent, depth + 1);
    if (plain->standing == AT_LINE && plain->indent > column)
        return read_mapping(plain, plain->indent, depth + 1);
    if (plain->standing == AT_LOSS || !count_value(plain))
        return give_up(plain);
    return json_null();
}

/* Adds the member that the line begins with. */
static bool read_member(struct plain *plain, json_t *object, size_t column, unsigned depth)
{
    const char *key = plain->text;
    size_t size = key_size(key, plain->stop);
    json_t *value;

    if (size == 0 || json_object_getn(object, key, size))
        return false;
    value = read_value(plain, key + size + 1, column, depth);
    return value && json_object_setn_new_nocheck(object, key, size, value) == 0;
}

/* What is less indented ends the mapping; what is more indented than its members is not plain. */
static json_t *read_mapping(struct plain *plain, size_t column, unsigned depth)
{
    json_t *object = depth <= plain->limits->depth && count_value(plain) ? json_object() : NULL;

    while (object && plain->standing == AT_LINE && plain->indent >= column) {
        if (plain->indent > column || !read_member(plain, object, column, depth))
            plain->standing = AT_LOSS;
    }
    if (object && plain->standing != AT_LOSS)
        return object;
    json_decref(object);
    return give_up(plain);
}

static bool make_room(struct yaml_plain *documents)
{
    size_t capacity = documents->capacity > 0 ? documents->capacity * 2 : 1;
    struct yaml_plain_document *list;

    if (documents->count < documents->capacity)
        return true;
    list = realloc(documents->list, capacity * sizeof *list);
    if (!list)
        return false;
    documents->list = list;
    documents->capacity = capacity;
    return true;
}

/* Reads the document whose first line this is. */
static bool read_document(struct plain *plain, struct yaml_plain *documents)
{
    size_t line = plain->number;
    json_t *value;

    if (plain->standing != AT_LINE || plain->indent > 0 || documents->count == plain->limits->documents ||
        !make_room(documents))
        return false;
    value = read_mapping(plain, 0, 1);
    if (value)
        documents->list[documents->count++] = (struct yaml_plain_document){value, line};
    return value;
}

static void read_all(struct plain *plain, struct yaml_plain *documents)
{
    advance(plain);
    while (plain->standing == AT_LINE || plain->standing == AT_DOCUMENT) {
        if (plain->standing == AT_DOCUMENT)
            advance(plain);
        if (!read_document(plain, documents))
            plain->standing = AT_LOSS;
    }
}

bool yaml_plain_read(const char *data, size_t size, const struct yaml_limits *limits,
                     struct yaml_plain *documents)
{
    struct plain plain = {
        .limits = limits, .next = data, .end = data + size, .standing = AT_LINE, .scratch = text_empty()};

    read_all(&plain, documents);
    text_release(&plain.scratch);
    if (plain.standing == AT_END && documents->count > 0)
        return true;
    yaml_plain_release(documents);
    return false;
}

void yaml_plain_release(struct yaml_plain *documents)
{
    for (size_t i = 0; i < documents->count; i++)
        json_decref(documents->list[i].value);
    free(documents->list);
    *documents = (struct yaml_plain){0};
}
