/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log - lines for operators
 *
 * One line an event, on standard error: an event that never changes, then key=value pairs (logfmt), so that
 * people and programs read the same; or one JSON object a line with the same keys in the same order. No
 * secrets, no user text outside of quotes.
 *
 *   ts=2026-01-02T03:04:05.678Z level=info msg="api served" api=default/sample-api
 *   {"ts":"2026-01-02T03:04:05.678Z","level":"info","msg":"api served","api":"default/sample-api"}
 *
 * A line that comes again within a minute is counted instead of written. When the minute is over, one line
 * tells how often, with the pairs of the first:
 *
 *   ts=2026-01-02T03:05:05.678Z level=info msg="repeated" times=12 event="api served" api=default/sample-api
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/** Severity; each level includes those before it. */
enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/** What a line looks like. */
enum log_format { LOG_FORMAT_LOGFMT, LOG_FORMAT_JSON };

/** How long a line that comes again is only counted, in milliseconds. */
enum { LOG_REPEAT_MS = 60000 };

/** The lines of the last minute. At most 64, and none that is longer than 2 KiB. */
struct log_repeats;

/** A moment, on two clocks, in milliseconds. */
struct log_moment {
    int64_t real_ms;      /**< since 1970, UTC */
    int64_t monotonic_ms; /**< since whenever */
};

/** Where lines go. Storage of the caller. */
struct log {
    /** Lines above this level are dropped. */
    enum log_level level;
    /** Borrowed. */
    FILE *out;
    enum log_format format;
    /** Borrowed; NULL: every line is written. */
    struct log_repeats *repeats;
    /** Tells the time; NULL: the system's. */
    struct log_moment (*clock)(void *payload);
    void *clock_payload;
};

/** @return whether lines of this level are written. A NULL log writes nothing. */
bool log_enabled(const struct log *log, enum log_level level);

/**
 * Writes one line.
 *
 * @param log    NULL: nothing is written.
 * @param event  the event; constant text.
 * @param ...    key, value, key, value, ..., (char *)NULL. A pair whose value is NULL is left out.
 */
void log_write(const struct log *log, enum log_level level, const char *event, ...) __attribute__((sentinel));

/** @return owned by caller, for log_repeats_free(); NULL if memory is short. */
struct log_repeats *log_repeats_new(void);

/** Frees it; what was counted is not told. NULL is fine. */
void log_repeats_free(struct log_repeats *repeats);

/**
 * Tells of lines that were counted and whose minute is over. log_write() does that too; a timer must where
 * nothing else is written.
 *
 * @param all  also of those whose minute is not over: at the end.
 * @return milliseconds until there is something to tell; -1: nothing is counted.
 */
int64_t log_tell_repeats(const struct log *log, bool all);

/** @return the level of a name ("error", "warning", "info", "debug"), or -1. */
int log_level_of(const char *name);

/** @return the format of a name ("logfmt", "json"), or -1. */
int log_format_of(const char *name);

#endif
