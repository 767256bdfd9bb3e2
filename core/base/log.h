/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log - lines for operators
 *
 * One line an event, on standard error: an event that never changes, then key=value pairs (logfmt), so that
 * people and programs read the same. No secrets, no user text outside of quotes.
 *
 *   ts=2026-01-02T03:04:05.678Z level=info msg="api served" api=default/sample-api
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdio.h>

/** Severity; each level includes those before it. */
enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/** Where lines go. Storage of the caller. */
struct log {
    /** Lines above this level are dropped. */
    enum log_level level;
    /** Borrowed. */
    FILE *out;
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

/** @return the level of a name ("error", "warning", "info", "debug"), or -1. */
int log_level_of(const char *name);

#endif
