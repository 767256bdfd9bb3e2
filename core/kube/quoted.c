/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/quoted.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

/* Eight bytes are looked at as one number. The lowest bit that a test sets is right; those above it may be
 * wrong because of a borrow. */
static const uint64_t ones = 0x0101010101010101U;
static const uint64_t highs = 0x8080808080808080U;

static uint64_t load(const char *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof word);
    return le64toh(word);
}

static uint64_t zeros(uint64_t word)
{
    return (word - ones) & ~word & highs;
}

const char *quoted_stop(const char *at, const char *end)
{
    while (end - at >= 8) {
        uint64_t word = load(at);
        uint64_t found = zeros(word ^ ones * '"') | zeros(word ^ ones * '\\');
        if (found)
            return at + (__builtin_ctzll(found) >> 3);
        at += 8;
    }
    while (at < end && *at != '"' && *at != '\\')
        at++;
    return at;
}

static bool is_plain(char c)
{
    return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

/* The first byte that is not plain. */
static const char *plain_end(const char *at, const char *end)
{
    while (end - at >= 8) {
        uint64_t word = load(at);
        uint64_t found = zeros(word ^ ones * '"') | zeros(word ^ ones * '\\') |
                         ((word - ones * 0x20) & ~word & highs) | (word & highs);
        if (found)
            return at + (__builtin_ctzll(found) >> 3);
        at += 8;
    }
    while (at < end && is_plain(*at))
        at++;
    return at;
}

static unsigned hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F')
        return (unsigned)(c - 'A') + 10;
    return 16;
}

/* The number of "\uXXXX"; UINT32_MAX if it is none. */
static uint32_t unit_at(const char *at, const char *end)
{
    uint32_t value = 0;

    if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
        return UINT32_MAX;
    for (int i = 2; i < 6; i++) {
        unsigned digit = hex_value(at[i]);
        if (digit > 15)
            return UINT32_MAX;
        value = value << 4 | digit;
    }
    return value;
}

static bool is_low(uint32_t unit)
{
    return unit >= 0xdc00 && unit <= 0xdfff;
}

static bool is_high(uint32_t unit)
{
    return unit >= 0xd800 && unit <= 0xdbff;
}

/* Behind the escape at `at`, or NULL. */
static const char *check_escape(const char *at, const char *end, const char **why)
{
    uint32_t unit;

    *why = "an escape that JSON does not have";
    if (end - at < 2)
        return NULL;
    if (at[1] != 'u')
        return at[1] && strchr("\"\\/bfnrt", at[1]) ? at + 2 : NULL;
    unit = unit_at(at, end);
    if (unit == UINT32_MAX)
        return NULL;
    if (unit == 0) {
        *why = "the character \\u0000, which no text of ours can hold";
        return NULL;
    }
    *why = "half of a surrogate pair";
    if (is_low(unit) || (is_high(unit) && !is_low(unit_at(at + 6, end))))
        return NULL;
    return at + (is_high(unit) ? 12 : 6);
}

static bool continues(const char *at)
{
    return ((unsigned char)*at & 0xc0U) == 0x80;
}

/* Behind the character of several bytes at `at`, or NULL. */
static const char *check_utf8(const char *at, const char *end)
{
    unsigned char first = (unsigned char)at[0];
    unsigned char second = end - at > 1 ? (unsigned char)at[1] : 0;

    if (first >= 0xc2 && first <= 0xdf)
        return (second & 0xc0U) == 0x80 ? at + 2 : NULL;
    if (first >= 0xe0 && first <= 0xef) {
        if (end - at < 3 || !continues(at + 1) || !continues(at + 2))
            return NULL;
        return (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ? NULL : at + 3;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        if (end - at < 4 || !continues(at + 1) || !continues(at + 2) || !continues(at + 3))
            return NULL;
        return (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f) ? NULL : at + 4;
    }
    return NULL;
}

const char *quoted_check(const char *at, const char *end, bool *escaped, const char **why)
{
    *escaped = false;
    while ((at = plain_end(at, end)) < end && *at != '"') {
        if (*at == '\\') {
            *escaped = true;
            at = check_escape(at, end, why);
        } else if ((unsigned char)*at >= 0x80) {
            *why = "bytes that are no UTF-8";
            at = check_utf8(at, end);
        } else {
            *why = "a control character";
            at = NULL;
        }
        if (!at)
            return NULL;
    }
    *why = "no closing quote";
    return at < end ? at : NULL;
}

static uint32_t escaped_point(const char **at, const char *end)
{
    static const char letters[] = "bfnrt";
    static const char controls[] = "\b\f\n\r\t";
    const char *letter;
    uint32_t unit;

    if ((*at)[1] != 'u') {
        char c = (*at)[1];
        letter = strchr(letters, c);
        *at += 2;
        return (unsigned char)(letter ? controls[letter - letters] : c);
    }
    unit = unit_at(*at, end);
    *at += 6;
    if (!is_high(unit))
        return unit;
    unit = 0x10000 + ((unit - 0xd800) << 10) + (unit_at(*at, end) - 0xdc00);
    *at += 6;
    return unit;
}

/* The next character of a checked string. */
static uint32_t next_point(const char **at, const char *end)
{
    unsigned char first = (unsigned char)**at;
    uint32_t point = first;
    int more = first < 0xc0 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;

    if (first == '\\')
        return escaped_point(at, end);
    if (more > 0)
        point = first & (0x3fU >> more);
    (*at)++;
    while (more-- > 0)
        point = point << 6 | ((unsigned char)*(*at)++ & 0x3fU);
    return point;
}

static void append_point(struct text *out, uint32_t point)
{
    char bytes[4];
    size_t size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};

    for (size_t i = size; i > 1; i--) {
        bytes[i - 1] = (char)(0x80U | (point & 0x3fU));
        point >>= 6;
    }
    bytes[0] = (char)(lead[size] | point);
    text_append(out, bytes, size);
}

static void append_escaped(struct text *out, uint32_t point)
{
    static const char controls[] = "\b\f\n\r\t\"\\";
    static const char letters[] = "bfnrt\"\\";
    const char *control = point < 0x80 ? strchr(controls, (int)point) : NULL;

    if (control)
        text_append_format(out, "\\%c", letters[control - controls]);
    else if (point < 0x20)
        text_append_format(out, "\\u%04X", (unsigned)point);
    else
        append_point(out, point);
}

static void append_all(struct text *out, const char *data, size_t size,
                       void (*append)(struct text *out, uint32_t point))
{
    const char *end = data + size;

    while (data < end) {
        const char *stop = quoted_stop(data, end);
        text_append(out, data, (size_t)(stop - data));
        data = stop;
        if (data < end)
            append(out, escaped_point(&data, end));
    }
}

void quoted_decode(struct text *out, const char *data, size_t size)
{
    append_all(out, data, size, append_point);
}

void quoted_normalize(struct text *out, const char *data, size_t size)
{
    append_all(out, data, size, append_escaped);
}

int quoted_compare(const char *left, size_t left_size, const char *right, size_t right_size)
{
    const char *left_end = left + left_size;
    const char *right_end = right + right_size;

    /* The order of code points is that of their UTF-8. */
    while (left < left_end && right < right_end) {
        uint32_t a = next_point(&left, left_end);
        uint32_t b = next_point(&right, right_end);
        if (a != b)
            return a < b ? -1 : 1;
    }
    return (left < left_end) - (right < right_end);
}
