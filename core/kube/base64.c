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

void base64_append(struct text *out, const char *data, size_t size)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < size; i += 3) {
        uint32_t bits = 0;
        size_t count = size - i < 3 ? size - i : 3;
        char group[4];
        for (size_t j = 0; j < 3; j++)
            bits = bits << 8 | (j < count ? (unsigned char)data[i + j] : 0U);
        for (size_t j = 0; j < 4; j++)
            group[j] = j <= count ? letters[bits >> (18 - 6 * j) & 63] : '=';
        text_append(out, group, sizeof group);
    }
}
