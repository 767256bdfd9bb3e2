/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table - columns for a terminal, as kubectl prints them: no lines, three spaces between columns
 */
#ifndef DAEMON_TABLE_H
#define DAEMON_TABLE_H

#include "base/text.h"

#include <stddef.h>

/**
 * Appends a table.
 *
 * @param cells    rows * columns texts, row by row, the headings first. Borrowed, not NULL.
 * @param rows     number of rows with the headings.
 * @param columns  number of columns, at most 16.
 */
void table_print(const char *const *cells, size_t rows, size_t columns, struct text *out);

#endif
