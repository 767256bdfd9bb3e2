/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/clean.h"

#include "base/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Whether a text of this length shows as it is; most do, and are seen at a glance. */
static bool is_plain(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] < ' ' || text[i] > '~')
            return false;
    }
    return true;
}

void clean_text(char *out, size_t size, const char *in)
{
    size_t left = strlen(in);
    size_t used = 0;
    size_t fits = 0;

    if (left < size && is_plain(in, left)) {
        memcpy(out, in, left + 1);
        return;
    }
    while (left > 0) {
        uint32_t code = 0;
        size_t length = utf8_read(in, left, &code);
        bool shows = length > 0 && utf8_shows(code);
        size_t added = shows ? length : 1;
        if (used + added >= size) {
            memcpy(out + fits, "...", sizeof "...");
            return;
        }
        if (shows)
            memcpy(out + used, in, length);
        else
            out[used] = strchr("\t\n\v\f\r", *in) ? ' ' : '?';
        used += added;
        in += length > 0 ? length : 1;
        left -= length > 0 ? length : 1;
        if (used + sizeof "..." <= size)
            fits = used;
    }
    out[used] = '\0';
}
