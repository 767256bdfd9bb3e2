/* SPDX-License-Identifier: Apache-2.0 */
#include "config/yaml.h"

#include <string.h>

/* Characters that YAML readers refuse, drop or take for a line break: written as escapes. The byte order
 * mark is among them. Returns the bytes that the character takes, 0 if it may stand as it is. */
static size_t escape(struct text *out, const unsigned char *data, size_t size)
{
    unsigned c = data[0];

    if (c == '"' || c == '\\') {
        text_append_format(out, "\\%c", (char)c);
        return 1;
    }
    if (c == '\n' || c == '\t' || c == '\r') {
        text_append_string(out, c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r");
        return 1;
    }
    if (c < 0x20 || c == 0x7f) {
        text_append_format(out, "\\x%02x", c);
        return 1;
    }
    if (c == 0xc2 && size > 1 && data[1] < 0xa0) {
        text_append_format(out, "\\x%02x", (unsigned)data[1]);
        return 2;
    }
    if ((c == 0xe2 || c == 0xef) && size > 2) {
        unsigned full = (c & 0x0fU) << 12 | (data[1] & 0x3fU) << 6 | (data[2] & 0x3fU);
        if (full == 0x2028 || full == 0x2029 || full == 0xfeff || full >= 0xfffe) {
            text_append_format(out, "\\u%04x", full);
            return 3;
        }
    }
    return 0;
}

void yaml_quote(struct text *out, const char *data, size_t size)
{
    const unsigned char *bytes = (const unsigned char *)data;
    size_t i = 0;

    text_append_string(out, "\"");
    while (i < size) {
        size_t taken = escape(out, bytes + i, size - i);
        if (taken == 0) {
            text_append(out, data + i, 1);
            taken = 1;
        }
        i += taken;
    }
    text_append_string(out, "\"");
}

void yaml_path_append(struct text *path, const char *name)
{
    bool plain = name[0] && !strpbrk(name, ".[]\"'\\");

    for (const char *c = name; plain && *c; c++)
        plain = (unsigned char)*c > ' ' && *c != 0x7f;
    if (plain) {
        text_append_string(path, path->length > 0 ? "." : "");
        text_append_string(path, name);
        return;
    }
    text_append_string(path, "[");
    yaml_quote(path, name, strlen(name));
    text_append_string(path, "]");
}
