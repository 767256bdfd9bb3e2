/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/likeness.h"

#include "object/condition.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* A line without its end, and where the next one begins. */
struct line {
    const char *data;
    size_t size;
    const char *next;
};

/* What may differ in two lines. */
enum value { VALUE_NONE, VALUE_TIME, VALUE_VERSION };

static struct line line_at(const char *data, const char *end)
{
    const char *stop = memchr(data, '\n', (size_t)(end - data));

    if (!stop)
        return (struct line){.data = data, .size = (size_t)(end - data), .next = end};
    return (struct line){.data = data, .size = (size_t)(stop - data), .next = stop + 1};
}

/* A value without its quotes. */
static struct line unquoted(const char *data, size_t size)
{
    if (size > 1 && data[0] == '"' && data[size - 1] == '"')
        return (struct line){.data = data + 1, .size = size - 2};
    return (struct line){.data = data, .size = size};
}

static bool is_time(const struct line *value)
{
    char time[CONDITION_TIME_SIZE];

    if (value->size != sizeof time - 1)
        return false;
    memcpy(time, value->data, value->size);
    time[value->size] = '\0';
    return condition_parse_time(time) >= 0;
}

static bool is_word(const struct line *value)
{
    for (size_t i = 0; i < value->size; i++) {
        if (!isalnum((unsigned char)value->data[i]))
            return false;
    }
    return value->size > 0;
}

/* Whether a line gives the member of this name, and how many bytes come before its value. */
static bool is_member(const struct line *line, const char *name, size_t *before)
{
    const size_t length = strlen(name);
    size_t start = 0;

    while (start < line->size && (line->data[start] == ' ' || line->data[start] == '-'))
        start++;
    *before = start + length;
    return line->size > *before && memcmp(line->data + start, name, length) == 0;
}

/* What the line holds that may differ, and how many bytes come before that. */
static enum value value_of(const struct line *line, size_t *before)
{
    struct line value;

    if (is_member(line, "lastTransitionTime: ", before)) {
        value = unquoted(line->data + *before, line->size - *before);
        return is_time(&value) ? VALUE_TIME : VALUE_NONE;
    }
    if (is_member(line, "version: ", before)) {
        value = unquoted(line->data + *before, line->size - *before);
        return is_word(&value) ? VALUE_VERSION : VALUE_NONE;
    }
    return VALUE_NONE;
}

/* What two lines differ in. @return false if in more than may be. */
static bool compare(const struct line *wanted, const struct line *standing, enum value *different)
{
    size_t before;
    size_t also;

    *different = VALUE_NONE;
    if (wanted->size == standing->size && memcmp(wanted->data, standing->data, wanted->size) == 0)
        return true;
    *different = value_of(wanted, &before);
    return *different != VALUE_NONE && *different == value_of(standing, &also) && before == also &&
           memcmp(wanted->data, standing->data, before) == 0;
}

/* Goes through both line by line. @param carried  NULL: only compares. */
static enum likeness go_through(const struct text *wanted, const char *standing, size_t size,
                                struct text *carried)
{
    const char *new_end = wanted->data + wanted->length;
    const char *old_end = standing + size;
    const char *new_at = wanted->data;
    const char *old_at = standing;
    enum likeness likeness = LIKENESS_TIMES;

    while (new_at < new_end && old_at < old_end) {
        struct line new_line = line_at(new_at, new_end);
        struct line old_line = line_at(old_at, old_end);
        const struct line *kept = &new_line;
        enum value different;
        if (!compare(&new_line, &old_line, &different))
            return LIKENESS_NONE;
        if (different == VALUE_VERSION)
            likeness = LIKENESS_VERSIONS;
        if (different == VALUE_TIME)
            kept = &old_line;
        new_at = new_line.next;
        old_at = old_line.next;
        if (!carried)
            continue;
        text_append(carried, kept->data, kept->size);
        text_append(carried, "\n", 1);
    }
    return new_at == new_end && old_at == old_end ? likeness : LIKENESS_NONE;
}

enum likeness likeness_of(const struct text *wanted, const char *standing, size_t size, struct text *carried)
{
    enum likeness likeness = go_through(wanted, standing, size, NULL);

    /* Most of the time nothing has to be carried over. */
    return likeness == LIKENESS_VERSIONS ? go_through(wanted, standing, size, carried) : likeness;
}
