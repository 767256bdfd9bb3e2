/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/clean.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Length of the UTF-8 sequence that the byte begins, 0 if it begins none. */
static size_t announced(unsigned char c)
{
    if (c < 0x80)
        return 1;
    if (c >= 0xc2 && c <= 0xdf)
        return 2;
    if (c >= 0xe0 && c <= 0xef)
        return 3;
    return c >= 0xf0 && c <= 0xf4 ? 4 : 0;
}

/* Length of the character, 0 if it is not valid UTF-8 or controls something. */
static size_t printable(const char *in)
{
    static const uint32_t least[] = {0, 0x20, 0xa0, 0x800, 0x10000};
    size_t length = announced((unsigned char)*in);
    uint32_t code = (unsigned char)*in;

    if (length > 1)
        code &= 0xffU >> (length + 1);
    for (size_t i = 1; i < length; i++) {
        unsigned char c = (unsigned char)in[i];
        if ((c & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (c & 0x3fU);
    }
    if (code < least[length] || code == 0x7f || (code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff)
        return 0;
    return length;
}

void clean_text(char *out, size_t size, const char *in)
{
    size_t used = 0;
    size_t fits = 0;

    while (*in) {
        size_t length = printable(in);
        size_t taken = length > 0 ? length : 1;
        if (used + taken >= size) {
            memcpy(out + fits, "...", sizeof "...");
            return;
        }
        if (length > 0)
            memcpy(out + used, in, length);
        else
            out[used] = strchr("\t\n\v\f\r", *in) ? ' ' : '?';
        used += taken;
        in += taken;
        if (used + sizeof "..." <= size)
            fits = used;
    }
    out[used] = '\0';
}
