/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

#include <string.h>

/* Characters from one to another, both included. */
struct range {
    uint32_t first;
    uint32_t last;
};

/* In order. */
static const struct range hidden[] = {
    {0x0000, 0x001f},   {0x007f, 0x009f}, /* controls */
    {0x00ad, 0x00ad},                     /* soft hyphen */
    {0x034f, 0x034f},                     /* joiner of graphemes */
    {0x061c, 0x061c},                     /* mark of direction */
    {0x115f, 0x1160},                     /* fillers */
    {0x17b4, 0x17b5},   {0x180b, 0x180f}, /* have no width */
    {0x200b, 0x200f},                     /* have no width, marks of direction */
    {0x2028, 0x202e},                     /* separators of lines, embeddings and overrides */
    {0x2060, 0x206f},                     /* have no width, isolates */
    {0x3164, 0x3164},                     /* filler */
    {0xfdd0, 0xfdef},                     /* no characters */
    {0xfeff, 0xfeff},                     /* byte order mark */
    {0xffa0, 0xffa0},   {0xfff0, 0xfffb}, /* filler; no characters, annotations */
    {0xfffe, 0xffff},                     /* no characters */
    {0x1d173, 0x1d17a},                   /* controls of music */
    {0xe0000, 0xe0fff},                   /* tags */
};

/* Length that the first byte of a character announces, 0 if it begins none. */
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

size_t utf8_read(const char *data, size_t size, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = announced((unsigned char)data[0]);
    uint32_t value = (unsigned char)data[0];

    if (length == 0 || length > size)
        return 0;
    if (length > 1)
        value &= 0x7fU >> length;
    for (size_t i = 1; i < length; i++) {
        unsigned char c = (unsigned char)data[i];
        if ((c & 0xc0U) != 0x80U)
            return 0;
        value = value << 6 | (c & 0x3fU);
    }
    if (value < least[length] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    *code = value;
    return length;
}

bool utf8_shows(uint32_t code)
{
    /* The last two of each plane are no characters. */
    if (code > 0x10ffff || (code & 0xfffeU) == 0xfffeU)
        return false;
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
        if (code <= hidden[i].last)
            return code < hidden[i].first;
    }
    return true;
}

bool utf8_text_shows(const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        uint32_t code = 0;
        size_t length = utf8_read(text, left, &code);
        if (length == 0 || !utf8_shows(code))
            return false;
        text += length;
        left -= length;
    }
    return true;
}

static void append_escape(struct text *out, uint32_t code)
{
    if (code == '\n')
        text_append_string(out, "\\n");
    else if (code == '\t')
        text_append_string(out, "\\t");
    else if (code == '\r')
        text_append_string(out, "\\r");
    else if (code < 0x100)
        text_append_format(out, "\\x%02x", (unsigned)code);
    else
        text_append_format(out, code < 0x10000 ? "\\u%04x" : "\\U%08x", (unsigned)code);
}

/* Appends the character at the beginning of one byte or more. @return the number of bytes taken, from 1 to 4.
 */
static size_t append_one(struct text *out, const char *data, size_t size)
{
    uint32_t code = (unsigned char)data[0];
    size_t length = utf8_read(data, size, &code);

    if (length > 0 && utf8_shows(code))
        text_append(out, data, length);
    else
        append_escape(out, code);
    return length > 0 ? length : 1;
}

/* Length of what stands in quotes as it is and is looked at byte by byte. */
static size_t plain_run(const char *data, size_t size)
{
    size_t length = 0;

    while (length < size && data[length] >= ' ' && data[length] <= '~' && data[length] != '"' &&
           data[length] != '\\')
        length++;
    return length;
}

void utf8_quote(struct text *out, const char *data, size_t size)
{
    text_append_string(out, "\"");
    while (size > 0) {
        size_t taken = plain_run(data, size);
        if (taken > 0) {
            text_append(out, data, taken);
        } else if (*data == '"' || *data == '\\') {
            text_append(out, "\\", 1);
            text_append(out, data, taken = 1);
        } else {
            taken = append_one(out, data, size);
        }
        data += taken;
        size -= taken;
    }
    text_append_string(out, "\"");
}

void utf8_append_string(struct text *out, const char *string)
{
    size_t left = strlen(string);

    while (left > 0) {
        size_t taken = append_one(out, string, left);
        string += taken;
        left -= taken;
    }
}
