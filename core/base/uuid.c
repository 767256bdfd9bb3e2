/* SPDX-License-Identifier: Apache-2.0 */
#include "base/uuid.h"

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_dash(size_t place)
{
    return place == 8 || place == 13 || place == 18 || place == 23;
}

bool uuid_read(const char *text, size_t size, char bytes[UUID_BYTES])
{
    unsigned digits = 0;
    unsigned value = 0;

    if (size < UUID_TEXT || text[8] != '-')
        return false;
    for (size_t i = 0; i < UUID_TEXT; i++) {
        int digit = hex_value(text[i]);
        if (is_dash(i) && text[i] == '-')
            continue;
        if (is_dash(i) || digit < 0)
            return false;
        value = value << 4 | (unsigned)digit;
        if (++digits % 2 == 0)
            bytes[digits / 2 - 1] = (char)(value & 0xff);
    }
    return true;
}

void uuid_write(char *text, const char bytes[UUID_BYTES])
{
    static const char hex[] = "0123456789abcdef";
    size_t digits = 0;

    for (size_t i = 0; i < UUID_TEXT; i++) {
        unsigned byte = (unsigned char)bytes[digits / 2];
        if (is_dash(i))
            text[i] = '-';
        else
            text[i] = hex[digits++ % 2 == 0 ? byte >> 4 : byte & 0xf];
    }
}
