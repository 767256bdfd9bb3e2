/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/table.h"

#include <string.h>

enum { max_columns = 16 };

/* Characters, not bytes: what follows the first byte of a UTF-8 sequence takes no column. */
static size_t width_of(const char *text)
{
    size_t width = 0;

    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

void table_print(const char *const *cells, size_t rows, size_t columns, struct text *out)
{
    size_t widths[max_columns] = {0};

    if (columns > max_columns)
        columns = max_columns;
    for (size_t i = 0; i < rows * columns; i++) {
        size_t width = width_of(cells[i]);
        if (width > widths[i % columns])
            widths[i % columns] = width;
    }
    for (size_t i = 0; i < rows * columns; i++) {
        bool last = i % columns == columns - 1;
        text_append_string(out, cells[i]);
        if (last)
            text_append_string(out, "\n");
        else
            text_append_format(out, "%*s", (int)(widths[i % columns] - width_of(cells[i]) + 3), "");
    }
}
