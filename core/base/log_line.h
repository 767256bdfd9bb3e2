/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log_line - what a line of the log looks like
 *
 * Private to log.
 */
#ifndef BASE_LOG_LINE_H
#define BASE_LOG_LINE_H

#include "base/log.h"
#include "base/text.h"

/** Appends a value as it stands in a line: quoted where that is needed, and never with a line break. */
void log_line_value(struct text *line, enum log_format format, const char *value, bool quoted);

/** Appends a pair and what stands between it and the one before. */
void log_line_pair(struct text *line, enum log_format format, const char *key, const char *value);

/** Appends the beginning of a line, up to the message. @param real_ms  as in struct log_moment. */
void log_line_begin(struct text *line, enum log_format format, int64_t real_ms, const char *level);

/** Appends the end of a line. */
void log_line_end(struct text *line, enum log_format format);

#endif
