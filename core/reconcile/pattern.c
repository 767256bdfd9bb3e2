/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/pattern.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* A walk along an expression. */
struct scan {
    const char *at;
    const char *fault;
    size_t states[PATTERN_DEPTH_MAX + 1]; /* of each open group, from the whole expression on */
    bool looks[PATTERN_DEPTH_MAX + 1];    /* whether the group only looks ahead */
    size_t depth;
    size_t last; /* states of what a repetition would repeat; 0: nothing */
};

static bool fail(struct scan *scan, const char *fault)
{
    scan->fault = fault;
    return false;
}

/* Something that can be repeated has ended. */
static bool add(struct scan *scan, size_t states)
{
    scan->last = states;
    scan->states[scan->depth] += states;
    return scan->states[scan->depth] <= PATTERN_STATES_MAX ||
           fail(scan, "is too long, or repeats too much; expected something simpler");
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t number(struct scan *scan)
{
    size_t value = 0;

    for (; is_digit(*scan->at); scan->at++)
        value = value > PATTERN_STATES_MAX ? value : value * 10 + (size_t)(*scan->at - '0');
    return value;
}

static bool hex(struct scan *scan, size_t digits)
{
    if (strspn(scan->at, "0123456789abcdefABCDEF") < digits)
        return fail(scan, "has \\x or \\u without its digits");
    scan->at += digits;
    return add(scan, 1);
}

/* What stands behind a backslash. */
static bool escape(struct scan *scan)
{
    char c = *scan->at;

    if (c == '\0')
        return fail(scan, "ends in a backslash");
    if (c >= '1' && c <= '9')
        return fail(scan, "refers back to a group, which not every gateway can");
    scan->at++;
    if (c == 'c')
        return fail(scan, "has \\c, a control character, which no path holds");
    if (c == 'x' || c == 'u')
        return hex(scan, c == 'x' ? 2 : 4);
    if (c == 'b' || c == 'B') {
        scan->last = 0;
        return true;
    }
    return add(scan, 1);
}

/* "[:alpha:]" and its like. */
static bool named_class(struct scan *scan)
{
    const char end[] = {scan->at[1], ']', '\0'};
    const char *closed = strstr(scan->at + 2, end);

    if (!closed)
        return fail(scan, "has a class like [:alpha:] that is not closed");
    scan->at = closed + 2;
    return true;
}

/* The character that an escape in a class stands for; 0 if it is a class of its own. */
static unsigned long escaped(const char *text, size_t length)
{
    char digits[8] = "";

    if (*text == 'x' || *text == 'u') {
        memcpy(digits, text + 1, length - 1);
        return strtoul(digits, NULL, 16);
    }
    return strchr("dDwWsSbB", *text) ? 0 : (unsigned char)*text;
}

/* One member of a class; `plain` is set to 0 if it is not one character. */
static bool class_member(struct scan *scan, unsigned long *plain)
{
    const char *start = scan->at + 1;

    *plain = 0;
    if (*scan->at == '[' && scan->at[1] && strchr(":.=", scan->at[1]))
        return named_class(scan);
    if (*scan->at != '\\') {
        *plain = (unsigned char)*scan->at++;
        return true;
    }
    scan->at++;
    if (!escape(scan))
        return false;
    *plain = escaped(start, (size_t)(scan->at - start));
    return true;
}

/* Behind '['. */
static bool class(struct scan *scan)
{
    unsigned long first;
    unsigned long last;

    scan->at += *scan->at == '^';
    while (*scan->at && *scan->at != ']') {
        if (!class_member(scan, &first))
            return false;
        if (*scan->at != '-' || scan->at[1] == '\0' || scan->at[1] == ']')
            continue;
        scan->at++;
        if (!class_member(scan, &last))
            return false;
        if (!first || !last)
            return fail(scan, "has a range that begins or ends with a class");
        if (last < first)
            return fail(scan, "has a range that ends before it begins");
    }
    if (*scan->at == '\0')
        return fail(scan, "has a '[' that is not closed");
    scan->at++;
    return add(scan, 1);
}

/* Behind '('. */
static bool open_group(struct scan *scan)
{
    if (scan->depth == PATTERN_DEPTH_MAX)
        return fail(scan, "is nested too deeply");
    scan->last = 0;
    scan->states[++scan->depth] = 1;
    scan->looks[scan->depth] = false;
    if (*scan->at != '?')
        return true;
    if (scan->at[1] == '\0' || !strchr(":=!", scan->at[1]))
        return fail(scan, "has a '(?' with something else than ':', '=' or '!' behind it");
    scan->looks[scan->depth] = scan->at[1] != ':';
    scan->at += 2;
    return true;
}

static bool close_group(struct scan *scan)
{
    if (scan->depth == 0)
        return fail(scan, "has a ')' without its '('");
    scan->depth--;
    if (!add(scan, scan->states[scan->depth + 1]))
        return false;
    if (scan->looks[scan->depth + 1])
        scan->last = 0;
    return true;
}

/* Behind '{': "N}", "N,}" or "N,M}". */
static bool count(struct scan *scan, size_t *times)
{
    static const char form[] =
        "has a '{' that does not begin {N}, {N,} or {N,M}; for the character write \\{";
    bool is_number = is_digit(*scan->at);
    size_t least = number(scan);
    size_t most = least;

    if (!is_number)
        return fail(scan, form);
    if (*scan->at == ',') {
        scan->at++;
        if (is_digit(*scan->at))
            most = number(scan);
    }
    if (*scan->at++ != '}')
        return fail(scan, form);
    if (most < least)
        return fail(scan, "has a repetition {N,M} that ends before it begins");
    *times = most;
    return true;
}

static bool repeat(struct scan *scan, char c)
{
    size_t states = scan->last;
    size_t times = 1;

    if (states == 0)
        return fail(scan, "has a repetition with nothing to repeat before it");
    if (c == '{' && !count(scan, &times))
        return false;
    if (*scan->at == '?')
        scan->at++;
    if (times > 1 && !add(scan, states * (times - 1)))
        return false;
    scan->last = 0;
    return true;
}

static bool step(struct scan *scan)
{
    char c = *scan->at++;

    switch (c) {
    case '\\':
        return escape(scan);
    case '[':
        return class(scan);
    case '(':
        return open_group(scan);
    case ')':
        return close_group(scan);
    case '*':
    case '+':
    case '?':
    case '{':
        return repeat(scan, c);
    case '|':
    case '^':
    case '$':
        scan->last = 0;
        return true;
    default:
        return add(scan, 1);
    }
}

const char *pattern_fault(const char *regex)
{
    struct scan scan = {.at = regex};

    while (*scan.at && step(&scan))
        continue;
    if (!scan.fault && scan.depth > 0)
        (void)fail(&scan, "has a '(' that is not closed");
    return scan.fault;
}
