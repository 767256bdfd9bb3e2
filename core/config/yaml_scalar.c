/* SPDX-License-Identifier: Apache-2.0 */
#include "config/yaml_scalar.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/** A word and what it means. */
struct word {
    const char *text;
    enum yaml_scalar_class class;
};

/* As YAML 1.2 spells them: these three ways and no other. */
static const struct word exact_words[] = {
    {"", YAML_SCALAR_NULL},           {"~", YAML_SCALAR_NULL},          {"null", YAML_SCALAR_NULL},
    {"Null", YAML_SCALAR_NULL},       {"NULL", YAML_SCALAR_NULL},       {"true", YAML_SCALAR_TRUE},
    {"True", YAML_SCALAR_TRUE},       {"TRUE", YAML_SCALAR_TRUE},       {"false", YAML_SCALAR_FALSE},
    {"False", YAML_SCALAR_FALSE},     {"FALSE", YAML_SCALAR_FALSE},     {".nan", YAML_SCALAR_NOT_FINITE},
    {".NaN", YAML_SCALAR_NOT_FINITE}, {".NAN", YAML_SCALAR_NOT_FINITE},
};

static const struct word loose_words[] = {
    {"yes", YAML_SCALAR_WORD_TRUE}, {"on", YAML_SCALAR_WORD_TRUE},   {"y", YAML_SCALAR_WORD_TRUE},
    {"no", YAML_SCALAR_WORD_FALSE}, {"off", YAML_SCALAR_WORD_FALSE}, {"n", YAML_SCALAR_WORD_FALSE},
};

static const char digits[] = "0123456789";
static const char digits_underscore[] = "0123456789_";

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool spans(const char *text, const char *set)
{
    return text[0] && text[strspn(text, set)] == '\0';
}

static bool is_radix(const char *text)
{
    if (text[0] != '0')
        return false;
    return (text[1] == 'x' && spans(text + 2, "0123456789abcdefABCDEF_")) ||
           (text[1] == 'o' && spans(text + 2, "01234567_")) || (text[1] == 'b' && spans(text + 2, "01_"));
}

/* Groups of one or two digits below 60 after colons, as YAML 1.1 counts hours, minutes and seconds. */
static bool is_sexagesimal(const char *text)
{
    const char *rest = text + strspn(text, digits_underscore);

    if (!is_digit(text[0]) || *rest != ':')
        return false;
    while (*rest == ':') {
        size_t length = strspn(rest + 1, digits);
        if (length == 0 || length > 2 || (length == 2 && rest[1] > '5'))
            return false;
        rest += 1 + length;
    }
    if (*rest == '.')
        rest += 1 + strspn(rest + 1, digits_underscore);
    return *rest == '\0';
}

/* A decimal number without its sign, with whatever underscores and zeros some reader would pass over. */
static bool is_decimal(const char *text, bool *is_real)
{
    size_t whole = strspn(text, digits_underscore);
    const char *rest = text + whole;
    size_t fraction = 0;

    if (text[0] == '_')
        return false;
    *is_real = *rest == '.' || *rest == 'e' || *rest == 'E';
    if (*rest == '.') {
        fraction = strspn(rest + 1, digits_underscore);
        if (fraction > 0 && rest[1] == '_')
            return false;
        rest += 1 + fraction;
    }
    if (whole + fraction == 0)
        return false;
    if (*rest == 'e' || *rest == 'E') {
        rest += rest[1] == '-' || rest[1] == '+' ? 2 : 1;
        return spans(rest, digits);
    }
    return *rest == '\0';
}

static enum yaml_scalar_class classify_number(const char *text)
{
    bool is_real = false;

    if (*text == '-' || *text == '+')
        text++;
    if (strcmp(text, ".inf") == 0 || strcmp(text, ".Inf") == 0 || strcmp(text, ".INF") == 0)
        return YAML_SCALAR_NOT_FINITE;
    if (is_radix(text))
        return YAML_SCALAR_RADIX;
    if (is_sexagesimal(text))
        return YAML_SCALAR_SEXAGESIMAL;
    if (!is_decimal(text, &is_real))
        return YAML_SCALAR_STRING;
    if (strchr(text, '_'))
        return YAML_SCALAR_UNDERSCORE;
    if (text[0] == '0' && is_digit(text[1]))
        return YAML_SCALAR_LEADING_ZERO;
    return is_real ? YAML_SCALAR_REAL : YAML_SCALAR_INTEGER;
}

/* Most texts are neither a number nor one of the few short words, which their beginning tells. */
static bool is_ordinary(const char *text)
{
    if (strchr("~.+-0123456789", text[0]))
        return false;
    return strnlen(text, sizeof "false") == sizeof "false" || !strchr("nNtTfFyYoO", text[0]);
}

enum yaml_scalar_class yaml_scalar_classify(const char *text)
{
    if (is_ordinary(text))
        return YAML_SCALAR_STRING;
    for (size_t i = 0; i < sizeof exact_words / sizeof exact_words[0]; i++) {
        if (strcmp(text, exact_words[i].text) == 0)
            return exact_words[i].class;
    }
    for (size_t i = 0; i < sizeof loose_words / sizeof loose_words[0]; i++) {
        if (strcasecmp(text, loose_words[i].text) == 0)
            return loose_words[i].class;
    }
    return classify_number(text);
}

static json_t *integer(const char *text, struct error *error)
{
    long long value;
    json_t *result;

    errno = 0;
    value = strtoll(text, NULL, 10);
    if (errno == ERANGE) {
        (void)error_set(error, ERROR_INVALID,
                        "%.100s does not fit into 64 bits; write it in quotes if it is a string", text);
        return NULL;
    }
    result = json_integer(value);
    if (!result)
        (void)error_no_memory(error);
    return result;
}

static json_t *real(const char *text, struct error *error)
{
    double value = strtod(text, NULL);
    json_t *result;

    if (!isfinite(value)) {
        (void)error_set(error, ERROR_INVALID,
                        "%.100s is too large for a number; write it in quotes if it is a string", text);
        return NULL;
    }
    result = json_real(value);
    if (!result)
        (void)error_no_memory(error);
    return result;
}

static json_t *refuse(enum yaml_scalar_class class, const char *text, struct error *error)
{
    static const char readers[] = "is not the same to every reader of YAML";

    switch (class) {
    case YAML_SCALAR_WORD_TRUE:
    case YAML_SCALAR_WORD_FALSE:
        (void)error_set(error, ERROR_INVALID, "%s without quotes %s; write %s, or \"%s\" for the string",
                        text, readers, class == YAML_SCALAR_WORD_TRUE ? "true" : "false", text);
        break;
    case YAML_SCALAR_NOT_FINITE:
        (void)error_set(error, ERROR_INVALID,
                        "%s is no number that can be used here; write \"%s\" for the string", text, text);
        break;
    case YAML_SCALAR_LEADING_ZERO:
        (void)error_set(error, ERROR_INVALID,
                        "%.100s %s; write it without the leading zero, or \"%.100s\" for the string", text,
                        readers, text);
        break;
    case YAML_SCALAR_UNDERSCORE:
        (void)error_set(error, ERROR_INVALID,
                        "%.100s %s; write it without underscores, or \"%.100s\" for the string", text,
                        readers, text);
        break;
    default:
        (void)error_set(error, ERROR_INVALID,
                        "%.100s %s; write it as a decimal number, or \"%.100s\" for the string", text,
                        readers, text);
    }
    return NULL;
}

json_t *yaml_scalar_value(const char *text, struct error *error)
{
    enum yaml_scalar_class class = yaml_scalar_classify(text);
    json_t *value;

    switch (class) {
    case YAML_SCALAR_STRING:
        value = json_string(text);
        if (!value)
            (void)error_no_memory(error);
        return value;
    case YAML_SCALAR_NULL:
        return json_null();
    case YAML_SCALAR_TRUE:
        return json_true();
    case YAML_SCALAR_FALSE:
        return json_false();
    case YAML_SCALAR_INTEGER:
        return integer(text, error);
    case YAML_SCALAR_REAL:
        return real(text, error);
    default:
        return refuse(class, text, error);
    }
}
