/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include "base/log_line.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Lines that are remembered, and how long one may be. */
enum { REPEATS = 64, REPEAT_BYTES = 2048, REPEAT_ROOM = 160 };

/* A line that was written, as it stands there after its level. Its room stays when it is forgotten: pieces
 * that come and go with the lines would be strewn over the memory that a burst leaves behind. */
struct repeat {
    enum log_level level;
    bool used;
    /* The event, a NUL and the pairs. */
    struct text text;
    size_t pairs;
    int64_t since_ms;
    /* How often it came again. */
    unsigned long times;
};

struct log_repeats {
    struct repeat list[REPEATS];
};

/* A line in the making. */
struct line {
    enum log_level level;
    struct text event;
    struct text pairs;
};

static const char *const level_names[] = {"error", "warning", "info", "debug"};

bool log_enabled(const struct log *log, enum log_level level)
{
    return log && level <= log->level;
}

static int index_of(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, names[i]) == 0)
            return (int)i;
    }
    return -1;
}

int log_level_of(const char *name)
{
    return index_of(level_names, sizeof level_names / sizeof *level_names, name);
}

int log_format_of(const char *name)
{
    static const char *const names[] = {"logfmt", "json"};

    return index_of(names, sizeof names / sizeof *names, name);
}

static struct log_moment moment_of(const struct log *log)
{
    struct timespec real = {0};
    struct timespec monotonic = {0};

    if (log->clock)
        return log->clock(log->clock_payload);
    (void)clock_gettime(CLOCK_REALTIME, &real);
    (void)clock_gettime(CLOCK_MONOTONIC, &monotonic);
    return (struct log_moment){.real_ms = (int64_t)real.tv_sec * 1000 + real.tv_nsec / 1000000,
                               .monotonic_ms =
                                   (int64_t)monotonic.tv_sec * 1000 + monotonic.tv_nsec / 1000000};
}

static void put(const struct log *log, enum log_level level, int64_t real_ms, const char *event,
                const char *pairs)
{
    struct text line = text_empty();

    log_line_begin(&line, log->format, real_ms, level_names[level]);
    text_append_string(&line, event);
    text_append_string(&line, pairs);
    log_line_end(&line, log->format);
    if (!line.failed)
        (void)fwrite(line.data, 1, line.length, log->out);
    (void)fflush(log->out);
    text_release(&line);
}

struct log_repeats *log_repeats_new(void)
{
    struct log_repeats *repeats = calloc(1, sizeof *repeats);
    bool failed = false;

    for (size_t i = 0; repeats && i < REPEATS; i++) {
        repeats->list[i].text = text_empty();
        text_room(&repeats->list[i].text, REPEAT_ROOM);
        failed = failed || repeats->list[i].text.failed;
    }
    if (!failed)
        return repeats;
    log_repeats_free(repeats);
    return NULL;
}

static void forget(struct repeat *repeat)
{
    repeat->used = false;
    repeat->times = 0;
}

void log_repeats_free(struct log_repeats *repeats)
{
    if (!repeats)
        return;
    for (size_t i = 0; i < REPEATS; i++)
        text_release(&repeats->list[i].text);
    free(repeats);
}

/* Ends the minute of a line. */
static void tell(const struct log *log, struct repeat *repeat, int64_t real_ms)
{
    struct text event = text_empty();
    struct text pairs = text_empty();
    char times[32];

    if (repeat->times > 0) {
        (void)snprintf(times, sizeof times, "%lu", repeat->times);
        log_line_value(&event, log->format, "repeated", true);
        log_line_pair(&pairs, log->format, "times", times);
        text_append_string(&pairs, log->format == LOG_FORMAT_JSON ? ",\"event\":" : " event=");
        text_append_string(&pairs, repeat->text.data);
        text_append_string(&pairs, repeat->text.data + repeat->pairs);
        if (!event.failed && !pairs.failed)
            put(log, repeat->level, real_ms, event.data, pairs.data);
    }
    text_release(&event);
    text_release(&pairs);
    forget(repeat);
}

static int64_t tell_due(const struct log *log, struct log_moment now, bool all)
{
    int64_t next = -1;

    for (size_t i = 0; log->repeats && i < REPEATS; i++) {
        struct repeat *repeat = &log->repeats->list[i];
        int64_t left = repeat->since_ms + LOG_REPEAT_MS - now.monotonic_ms;
        if (!repeat->used)
            continue;
        if (all || left <= 0)
            tell(log, repeat, now.real_ms);
        else if (repeat->times > 0 && (next < 0 || left < next))
            next = left;
    }
    return next;
}

int64_t log_tell_repeats(const struct log *log, bool all)
{
    int64_t next;

    if (!log || !log->repeats)
        return -1;
    flockfile(log->out);
    next = tell_due(log, moment_of(log), all);
    funlockfile(log->out);
    return next;
}

static bool is_same(const struct repeat *repeat, const struct line *line)
{
    return repeat->used && repeat->level == line->level && repeat->pairs == line->event.length + 1 &&
           repeat->text.length == repeat->pairs + line->pairs.length &&
           memcmp(repeat->text.data + repeat->pairs, line->pairs.data, line->pairs.length) == 0 &&
           memcmp(repeat->text.data, line->event.data, line->event.length) == 0;
}

/* A place for a new line: a free one, else that of the oldest. */
static struct repeat *make_room(const struct log *log, struct log_moment now)
{
    struct repeat *oldest = &log->repeats->list[0];

    for (size_t i = 0; i < REPEATS; i++) {
        struct repeat *repeat = &log->repeats->list[i];
        if (!repeat->used)
            return repeat;
        if (repeat->since_ms < oldest->since_ms)
            oldest = repeat;
    }
    tell(log, oldest, now.real_ms);
    return oldest;
}

static void remember(const struct log *log, const struct line *line, struct log_moment now)
{
    struct repeat *place = make_room(log, now);

    text_clear(&place->text);
    text_append(&place->text, line->event.data, line->event.length + 1);
    text_append(&place->text, line->pairs.data, line->pairs.length);
    place->level = line->level;
    place->pairs = line->event.length + 1;
    place->since_ms = now.monotonic_ms;
    place->used = !place->text.failed;
}

/* Whether the line came in the last minute; it is counted then, else remembered. */
static bool repeats(const struct log *log, const struct line *line, struct log_moment now)
{
    if (!log->repeats || line->event.length + line->pairs.length > REPEAT_BYTES)
        return false;
    for (size_t i = 0; i < REPEATS; i++) {
        if (is_same(&log->repeats->list[i], line)) {
            log->repeats->list[i].times++;
            return true;
        }
    }
    remember(log, line, now);
    return false;
}

void log_write(const struct log *log, enum log_level level, const char *event, ...)
{
    struct line line = {.level = level, .event = text_empty(), .pairs = text_empty()};
    struct log_moment now;
    const char *key;
    va_list pairs;

    if (!log_enabled(log, level))
        return;
    now = moment_of(log);
    log_line_value(&line.event, log->format, event, true);
    va_start(pairs, event);
    while ((key = va_arg(pairs, const char *))) {
        const char *value = va_arg(pairs, const char *);
        if (value)
            log_line_pair(&line.pairs, log->format, key, value);
    }
    va_end(pairs);
    /* Backends are asked by two threads; the stream's lock is that of the lines that are remembered too. */
    flockfile(log->out);
    (void)tell_due(log, now, false);
    if (!line.event.failed && !line.pairs.failed && !repeats(log, &line, now))
        put(log, level, now.real_ms, line.event.data, line.pairs.data);
    funlockfile(log->out);
    text_release(&line.event);
    text_release(&line.pairs);
}
