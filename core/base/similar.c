/* SPDX-License-Identifier: Apache-2.0 */
#include "base/similar.h"

#include <string.h>

/* Names of fields are ASCII; the locale has no say in them. */
static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* The next letter that counts: dashes and underscores do not. */
static const char *skip(const char *text)
{
    while (*text == '-' || *text == '_')
        text++;
    return text;
}

/* Whether the rest is equal letter by letter. */
static bool equal(const char *a, const char *b)
{
    for (a = skip(a), b = skip(b); *a && lower(*a) == lower(*b); a = skip(a + 1), b = skip(b + 1))
        ;
    return *a == *b;
}

bool similar_names(const char *a, const char *b)
{
    const char *next_a;
    const char *next_b;

    for (a = skip(a), b = skip(b); *a && lower(*a) == lower(*b); a = skip(a + 1), b = skip(b + 1))
        ;
    if (!*a && !*b)
        return true;
    next_a = *a ? skip(a + 1) : a;
    next_b = *b ? skip(b + 1) : b;
    return (*a && equal(next_a, b)) || (*b && equal(a, next_b)) || (*a && *b && equal(next_a, next_b)) ||
           (*a && *b && lower(*next_a) == lower(*b) && lower(*next_b) == lower(*a) && *next_a && *next_b &&
            equal(next_a + 1, next_b + 1));
}

const char *similar_find(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, names[i]) == 0)
            return names[i];
    }
    for (size_t i = 0; i < count; i++) {
        if (similar_names(name, names[i]))
            return names[i];
    }
    return NULL;
}
