/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/tokens.h"

#include "base/json.h"
#include "base/text.h"
#include "kube/quoted.h"

#include <stdlib.h>
#include <string.h>

/* What a text of usual size needs is kept for the next one. */
static const size_t kept_tokens = 16384;

/* A value, or the name of a member, which stands before its value. */
struct token {
    uint32_t start; /* offset of its first byte; of a string: of its quote */
    uint32_t size;  /* in bytes; of a string: with both quotes */
    uint32_t after; /* number of the first token behind it and what it holds */
    bool escaped;   /* a string with a backslash in it */
};

/* An open list or object, for the path in a message. */
struct level {
    bool list;
    uint32_t name; /* token of the member's name, 0 before the first; of a list's element: its number */
};

struct reader {
    struct tokens *tokens;
    const char *text;
    const char *at;
    const char *end;
    struct error *error;
    unsigned depth;
    struct level levels[TOKENS_DEPTH];
};

void tokens_release(struct tokens *tokens)
{
    if (!tokens)
        return;
    free(tokens->list);
    free(tokens->order);
    /* Each by itself: clang's analyzer does not follow the whole, and takes the list for a freed one. */
    tokens->list = NULL;
    tokens->count = 0;
    tokens->capacity = 0;
    tokens->order = NULL;
    tokens->order_capacity = 0;
}

static void append_path(const struct reader *reader, struct text *path)
{
    for (unsigned i = 0; i < reader->depth; i++) {
        const struct level *level = &reader->levels[i];
        if (level->list) {
            text_append_format(path, "[%u]", (unsigned)level->name);
        } else if (level->name != 0) {
            const struct token *name = &reader->tokens->list[level->name];
            text_append_string(path, path->length > 0 ? "." : "");
            quoted_normalize(path, reader->text + name->start + 1, name->size - 2);
        }
    }
}

static int refuse(const struct reader *reader, int code, const char *why)
{
    struct text path = text_empty();
    int result;

    append_path(reader, &path);
    /* A path may be as long as the whole text. */
    result = error_set(reader->error, code, "%.512s%s%s", path.data, path.length > 0 ? ": " : "", why);
    text_release(&path);
    return result;
}

static uint32_t add(const struct reader *reader, const char *start)
{
    struct tokens *tokens = reader->tokens;

    if (tokens->count == tokens->capacity) {
        size_t capacity = tokens->capacity > 0 ? tokens->capacity * 2 : 256;
        struct token *list = realloc(tokens->list, capacity * sizeof *list);
        if (!list) {
            (void)error_no_memory(reader->error);
            return UINT32_MAX;
        }
        tokens->list = list;
        tokens->capacity = capacity;
    }
    tokens->list[tokens->count] = (struct token){.start = (uint32_t)(start - reader->text)};
    return (uint32_t)tokens->count++;
}

static void end_token(const struct reader *reader, uint32_t number)
{
    struct token *token = &reader->tokens->list[number];

    token->size = (uint32_t)(reader->at - reader->text) - token->start;
    token->after = (uint32_t)reader->tokens->count;
}

static void skip_blanks(struct reader *reader)
{
    while (reader->at < reader->end &&
           (*reader->at == ' ' || *reader->at == '\n' || *reader->at == '\t' || *reader->at == '\r'))
        reader->at++;
}

static bool take(struct reader *reader, char c)
{
    if (reader->at == reader->end || *reader->at != c)
        return false;
    reader->at++;
    return true;
}

static int read_string(struct reader *reader)
{
    const char *why = NULL;
    bool escaped = false;
    const char *quote = quoted_check(reader->at + 1, reader->end, &escaped, &why);
    uint32_t number;

    if (!quote)
        return refuse(reader, ERROR_INVALID, why);
    number = add(reader, reader->at);
    if (number == UINT32_MAX)
        return ERROR_NO_MEMORY;
    reader->at = quote + 1;
    end_token(reader, number);
    reader->tokens->list[number].escaped = escaped;
    return 0;
}

static size_t take_digits(struct reader *reader)
{
    const char *start = reader->at;

    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9')
        reader->at++;
    return (size_t)(reader->at - start);
}

/* jansson decides, so that there is one opinion on what a double can hold. */
static int check_real(const struct reader *reader, const char *start)
{
    json_error_t why = {0};
    json_t *value = json_loadb(start, (size_t)(reader->at - start), JSON_DECODE_ANY, &why);

    if (value) {
        json_decref(value);
        return 0;
    }
    if (json_error_code(&why) == json_error_numeric_overflow)
        return refuse(reader, ERROR_INVALID, "a number beyond what a double can hold");
    return error_no_memory(reader->error);
}

static bool fits(const char *digits, size_t count, bool negative)
{
    const char *most = negative ? "9223372036854775808" : "9223372036854775807";

    return count < 19 || (count == 19 && memcmp(digits, most, 19) <= 0);
}

static int read_number(struct reader *reader)
{
    const char *start = reader->at;
    bool negative = take(reader, '-');
    const char *digits = reader->at;
    size_t count = take_digits(reader);
    bool real = false;
    uint32_t number;

    if (count == 0 || (count > 1 && *digits == '0'))
        return refuse(reader, ERROR_INVALID, "not a value of JSON");
    if (take(reader, '.')) {
        real = true;
        if (take_digits(reader) == 0)
            return refuse(reader, ERROR_INVALID, "a number without digits behind its point");
    }
    if (take(reader, 'e') || take(reader, 'E')) {
        real = true;
        if (!take(reader, '+'))
            (void)take(reader, '-');
        if (take_digits(reader) == 0)
            return refuse(reader, ERROR_INVALID, "a number without digits in its exponent");
    }
    if (!real && !fits(digits, count, negative))
        return refuse(reader, ERROR_INVALID, "an integer beyond 64 bits");
    if (real && check_real(reader, start) != 0)
        return reader->error ? reader->error->code : ERROR_INVALID;
    number = add(reader, start);
    if (number == UINT32_MAX)
        return ERROR_NO_MEMORY;
    end_token(reader, number);
    return 0;
}

static int read_word(struct reader *reader)
{
    static const char *const words[] = {"true", "false", "null"};

    for (size_t i = 0; i < 3; i++) {
        size_t size = strlen(words[i]);
        uint32_t number;
        if ((size_t)(reader->end - reader->at) < size || memcmp(reader->at, words[i], size) != 0)
            continue;
        number = add(reader, reader->at);
        if (number == UINT32_MAX)
            return ERROR_NO_MEMORY;
        reader->at += size;
        end_token(reader, number);
        return 0;
    }
    return refuse(reader, ERROR_INVALID,
                  reader->at == reader->end ? "the text ends too early" : "not a value of JSON");
}

static int read_value(struct reader *reader);

static int compare_names(const struct reader *reader, uint32_t left, uint32_t right)
{
    const struct token *a = &reader->tokens->list[left];
    const struct token *b = &reader->tokens->list[right];
    const char *a_text = reader->text + a->start + 1;
    const char *b_text = reader->text + b->start + 1;
    size_t a_size = a->size - 2;
    size_t b_size = b->size - 2;
    int order;

    if (a->escaped || b->escaped)
        return quoted_compare(a_text, a_size, b_text, b_size);
    order = memcmp(a_text, b_text, a_size < b_size ? a_size : b_size);
    return order != 0 ? order : (a_size > b_size) - (a_size < b_size);
}

static int compare(const void *left, const void *right, void *payload)
{
    const uint32_t *a = left;
    const uint32_t *b = right;

    return compare_names(payload, *a, *b);
}

/* Puts the names of the object that ends here into `order`, sorted. */
static int sort_names(struct reader *reader, uint32_t object, size_t members)
{
    struct tokens *tokens = reader->tokens;
    uint32_t name = object + 1;

    if (members > tokens->order_capacity) {
        uint32_t *order = realloc(tokens->order, members * sizeof *order);
        if (!order)
            return error_no_memory(reader->error);
        tokens->order = order;
        tokens->order_capacity = members;
    }
    for (size_t i = 0; i < members; i++) {
        tokens->order[i] = name;
        name = tokens->list[name + 1].after;
    }
    qsort_r(tokens->order, members, sizeof *tokens->order, compare, reader);
    return 0;
}

/* Members that did not come in order may hold a name twice. */
static int check_names(struct reader *reader, uint32_t object, size_t members)
{
    int result = sort_names(reader, object, members);

    for (size_t i = 1; i < members && result == 0; i++) {
        const uint32_t *name = &reader->tokens->order[i];
        if (compare_names(reader, name[-1], name[0]) == 0) {
            reader->levels[reader->depth - 1].name = name[0];
            result = refuse(reader, ERROR_INVALID, "the name stands twice in its object");
        }
    }
    return result;
}

static int read_name(struct reader *reader)
{
    int result;

    skip_blanks(reader);
    if (reader->at == reader->end || *reader->at != '"')
        return refuse(reader, ERROR_INVALID,
                      reader->at == reader->end ? "the text ends too early" : "expected a name in quotes");
    result = read_string(reader);
    if (result != 0)
        return result;
    skip_blanks(reader);
    return take(reader, ':') ? 0 : refuse(reader, ERROR_INVALID, "expected a colon behind the name");
}

static int read_members(struct reader *reader, uint32_t object)
{
    struct level *level = &reader->levels[reader->depth - 1];
    bool sorted = true;
    size_t members = 0;
    int result;

    do {
        uint32_t name = (uint32_t)reader->tokens->count;
        result = read_name(reader);
        if (result != 0)
            return result;
        sorted = sorted && (level->name == 0 || compare_names(reader, level->name, name) < 0);
        level->name = name;
        members++;
        result = read_value(reader);
        if (result != 0)
            return result;
        skip_blanks(reader);
    } while (take(reader, ','));
    if (!take(reader, '}'))
        return refuse(reader, ERROR_INVALID, "expected a comma or the end of the object");
    return sorted ? 0 : check_names(reader, object, members);
}

static int read_elements(struct reader *reader)
{
    struct level *level = &reader->levels[reader->depth - 1];
    int result;

    do {
        result = read_value(reader);
        if (result != 0)
            return result;
        level->name++;
        skip_blanks(reader);
    } while (take(reader, ','));
    return take(reader, ']') ? 0 : refuse(reader, ERROR_INVALID, "expected a comma or the end of the list");
}

static int read_container(struct reader *reader)
{
    bool object = *reader->at == '{';
    uint32_t number;
    int result = 0;

    if (reader->depth == TOKENS_DEPTH)
        return error_set(reader->error, ERROR_LIMIT, "nested deeper than %d levels", TOKENS_DEPTH);
    number = add(reader, reader->at);
    if (number == UINT32_MAX)
        return ERROR_NO_MEMORY;
    reader->levels[reader->depth++] = (struct level){.list = !object};
    reader->at++;
    skip_blanks(reader);
    if (!take(reader, object ? '}' : ']'))
        result = object ? read_members(reader, number) : read_elements(reader);
    reader->depth--;
    if (result == 0)
        end_token(reader, number);
    return result;
}

static int read_value(struct reader *reader)
{
    skip_blanks(reader);
    if (reader->at == reader->end)
        return refuse(reader, ERROR_INVALID, "the text ends too early");
    switch (*reader->at) {
    case '{':
    case '[':
        return read_container(reader);
    case '"':
        return read_string(reader);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return read_number(reader);
    default:
        return read_word(reader);
    }
}

int tokens_read(struct tokens *tokens, const char *text, size_t size, struct error *error)
{
    struct error own = {0};
    struct reader reader = {
        .tokens = tokens, .text = text, .at = text, .end = text + size, .error = error ? error : &own};
    int result;

    if (tokens->capacity > kept_tokens)
        tokens_release(tokens);
    tokens->count = 0;
    if (size >= UINT32_MAX)
        return error_set(error, ERROR_LIMIT, "a text of %zu bytes, at most 4 GiB are read", size);
    result = read_value(&reader);
    skip_blanks(&reader);
    if (result == 0 && reader.at < reader.end)
        result = refuse(&reader, ERROR_INVALID, "something stands behind the value");
    return result;
}
