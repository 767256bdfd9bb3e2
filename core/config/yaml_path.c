/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"
#include "config/yaml.h"

#include <string.h>

void yaml_quote(struct text *out, const char *data, size_t size)
{
    utf8_quote(out, data, size);
}

void yaml_path_append(struct text *path, const char *name)
{
    bool plain = name[0] && !strpbrk(name, " .[]\"'\\");

    if (plain && utf8_text_shows(name)) {
        text_append_string(path, path->length > 0 ? "." : "");
        text_append_string(path, name);
        return;
    }
    text_append_string(path, "[");
    yaml_quote(path, name, strlen(name));
    text_append_string(path, "]");
}
