/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log_line.h"

#include "base/utf8.h"

#include <string.h>
#include <time.h>

/* JSON keeps what a text says: only what may be misread on a terminal is escaped. */
static void append_json(struct text *line, const char *value)
{
    size_t left = strlen(value);

    text_append_string(line, "\"");
    while (left > 0) {
        uint32_t code = 0;
        size_t length = utf8_read(value, left, &code);
        if (length == 0)
            text_append_string(line, "\\ufffd");
        else if (code == '"' || code == '\\')
            text_append_format(line, "\\%c", (int)code);
        else if (code == '\n')
            text_append_string(line, "\\n");
        else if (utf8_shows(code))
            text_append(line, value, length);
        else if (code < 0x10000)
            text_append_format(line, "\\u%04x", (unsigned)code);
        else
            text_append_format(line, "\\u%04x\\u%04x", (unsigned)(0xd800 + ((code - 0x10000) >> 10)),
                               (unsigned)(0xdc00 + ((code - 0x10000) & 0x3ff)));
        length = length > 0 ? length : 1;
        value += length;
        left -= length;
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
        utf8_quote(line, value, strlen(value));
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
