/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/base64.h"

#include <stdint.h>
#include <string.h>

size_t base64_room(size_t length)
{
    return length / 4 * 3 + 4;
}

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool base64_decode(const char *text, char *out, size_t *size)
{
    uint32_t bits = 0;
    unsigned count = 0;
    unsigned padding = 0;
    size_t length = 0;

    for (; *text; text++) {
        int value = value_of(*text);
        if (strchr(" \n\r\t", *text))
            continue;
        if (*text == '=' && ++padding <= 2)
            value = 0;
        else if (value < 0 || padding > 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        if (++count % 4 != 0)
            continue;
        out[length++] = (char)(bits >> 16 & 0xff);
        out[length++] = (char)(bits >> 8 & 0xff);
        out[length++] = (char)(bits & 0xff);
    }
    if (count % 4 != 0)
        return false;
    *size = length - padding;
    out[*size] = '\0';
    return true;
}
