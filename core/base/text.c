/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What an empty text points to, so that data is never NULL. It is only ever read. */
static char nothing[1];

struct text text_empty(void)
{
    return (struct text){.data = nothing};
}

void text_release(struct text *text)
{
    if (!text)
        return;
    if (text->capacity > 0)
        free(text->data);
    *text = text_empty();
}

void text_clear(struct text *text)
{
    text->failed = false;
    text->length = 0;
    if (text->capacity > 0)
        text->data[0] = '\0';
}

void text_cut(struct text *text, size_t length)
{
    text->length = length;
    if (text->capacity > 0)
        text->data[length] = '\0';
}

static bool reserve(struct text *text, size_t size)
{
    size_t capacity = text->capacity > 0 ? text->capacity : 64;
    char *data;

    if (text->failed || size > SIZE_MAX / 4 || text->length > SIZE_MAX / 4) {
        text->failed = true;
        return false;
    }
    if (text->length + size < text->capacity)
        return true;
    while (capacity <= text->length + size)
        capacity *= 2;
    data = realloc(text->capacity > 0 ? text->data : NULL, capacity);
    if (!data) {
        text->failed = true;
        return false;
    }
    data[text->length] = '\0';
    text->data = data;
    text->capacity = capacity;
    return true;
}

void text_append(struct text *text, const char *data, size_t size)
{
    if (size == 0 || !reserve(text, size))
        return;
    memcpy(text->data + text->length, data, size);
    text->length += size;
    text->data[text->length] = '\0';
}

void text_room(struct text *text, size_t size)
{
    (void)reserve(text, size);
}

void text_append_string(struct text *text, const char *string)
{
    text_append(text, string, strlen(string));
}

void text_append_integer(struct text *text, long long number)
{
    char digits[24];
    size_t at = sizeof digits;
    unsigned long long rest = number < 0 ? 0ULL - (unsigned long long)number : (unsigned long long)number;

    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0)
        digits[--at] = '-';
    text_append(text, digits + at, sizeof digits - at);
}

void text_append_format(struct text *text, const char *format, ...)
{
    va_list values;
    int size;

    va_start(values, format);
    size = vsnprintf(NULL, 0, format, values);
    va_end(values);
    if (size < 0 || !reserve(text, (size_t)size)) {
        text->failed = true;
        return;
    }
    if (size == 0)
        return;
    va_start(values, format);
    (void)vsnprintf(text->data + text->length, (size_t)size + 1, format, values);
    va_end(values);
    text->length += (size_t)size;
}

char *text_take(struct text *text)
{
    char *data = NULL;

    if (!text->failed)
        data = text->capacity > 0 ? text->data : strdup("");
    if (data && text->capacity > 0)
        *text = text_empty();
    else
        text_release(text);
    return data;
}

bool text_same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}
