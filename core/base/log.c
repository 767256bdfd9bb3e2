/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include "base/text.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <string.h>
#include <time.h>

static const char *const level_names[] = {"error", "warning", "info", "debug"};

bool log_enabled(const struct log *log, enum log_level level)
{
    return log && level <= log->level;
}

int log_level_of(const char *name)
{
    for (size_t i = 0; i < sizeof level_names / sizeof *level_names; i++) {
        if (strcmp(name, level_names[i]) == 0)
            return (int)i;
    }
    return -1;
}

/* Bare where that cannot be misread, else in quotes. */
static void append_value(struct text *line, const char *value)
{
    static const char bare[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@+[]*";

    if (*value && strspn(value, bare) == strlen(value))
        text_append_string(line, value);
    else
        utf8_quote(line, value, strlen(value));
}

static void append_time(struct text *line)
{
    struct timespec now = {0};
    struct tm utc = {0};
    char stamp[32];

    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)gmtime_r(&now.tv_sec, &utc);
    (void)strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
    text_append_format(line, "ts=%s.%03ldZ", stamp, now.tv_nsec / 1000000);
}

void log_write(const struct log *log, enum log_level level, const char *event, ...)
{
    struct text line = text_empty();
    const char *key;
    va_list pairs;

    if (!log_enabled(log, level))
        return;
    append_time(&line);
    text_append_format(&line, " level=%s msg=", level_names[level]);
    utf8_quote(&line, event, strlen(event));
    va_start(pairs, event);
    while ((key = va_arg(pairs, const char *))) {
        const char *value = va_arg(pairs, const char *);
        if (!value)
            continue;
        text_append_format(&line, " %s=", key);
        append_value(&line, value);
    }
    va_end(pairs);
    text_append_string(&line, "\n");
    if (!line.failed)
        (void)fwrite(line.data, 1, line.length, log->out);
    (void)fflush(log->out);
    text_release(&line);
}
