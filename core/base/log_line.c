/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log_line.h"

#include <string.h>
#include <time.h>

/* How many bytes the UTF-8 character has that begins here; 0: it is none. */
static size_t character_at(const unsigned char *at)
{
    size_t length = at[0] < 0x80 ? 1 : at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;

    if ((at[0] >= 0x80 && at[0] < 0xc2) || at[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    }
    /* Too long for what it says, half of a pair, beyond the last. */
    if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
        (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
        return 0;
    return length;
}

static void append_json(struct text *line, const char *value)
{
    text_append_string(line, "\"");
    while (*value) {
        unsigned char c = (unsigned char)*value;
        size_t length = character_at((const unsigned char *)value);
        if (c == '"' || c == '\\')
            text_append_format(line, "\\%c", c);
        else if (c == '\n')
            text_append_string(line, "\\n");
        else if (c < 0x20 || c == 0x7f)
            text_append_format(line, "\\u%04x", c);
        else if (length == 0)
            text_append_string(line, "\\ufffd");
        else
            text_append(line, value, length);
        value += length > 0 ? length : 1;
    }
    text_append_string(line, "\"");
}

static void append_quoted(struct text *line, const char *value)
{
    text_append_string(line, "\"");
    for (; *value; value++) {
        unsigned char c = (unsigned char)*value;
        if (c == '"' || c == '\\')
            text_append_format(line, "\\%c", c);
        else if (c == '\n')
            text_append_string(line, "\\n");
        else if (c < 0x20 || c == 0x7f)
            text_append_format(line, "\\x%02x", c);
        else
            text_append(line, value, 1);
    }
    text_append_string(line, "\"");
}

/* Bare where that cannot be misread, else in quotes. */
void log_line_value(struct text *line, enum log_format format, const char *value, bool quoted)
{
    static const char bare[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@+[]*";

    if (format == LOG_FORMAT_JSON)
        append_json(line, value);
    else if (!quoted && *value && strspn(value, bare) == strlen(value))
        text_append_string(line, value);
    else
        append_quoted(line, value);
}

void log_line_pair(struct text *line, enum log_format format, const char *key, const char *value)
{
    text_append_format(line, format == LOG_FORMAT_JSON ? ",\"%s\":" : " %s=", key);
    log_line_value(line, format, value, false);
}

void log_line_begin(struct text *line, enum log_format format, int64_t real_ms, const char *level)
{
    time_t seconds = (time_t)(real_ms / 1000);
    struct tm utc = {0};
    char stamp[32];

    (void)gmtime_r(&seconds, &utc);
    (void)strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
    text_append_format(line,
                       format == LOG_FORMAT_JSON ? "{\"ts\":\"%s.%03dZ\",\"level\":\"%s\",\"msg\":"
                                                 : "ts=%s.%03dZ level=%s msg=",
                       stamp, (int)(real_ms % 1000), level);
}

void log_line_end(struct text *line, enum log_format format)
{
    text_append_string(line, format == LOG_FORMAT_JSON ? "}\n" : "\n");
}
