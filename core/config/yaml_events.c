/* SPDX-License-Identifier: Apache-2.0 */
#include "config/yaml_events.h"

#include <string.h>

size_t yaml_events_skip_bom(const char *data, size_t size)
{
    return size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

int yaml_events_open(yaml_parser_t *parser, const char *data, size_t size, struct error *error)
{
    if (!yaml_parser_initialize(parser))
        return error_no_memory(error);
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(parser, (const unsigned char *)data, size);
    return 0;
}

struct yaml_mark yaml_events_mark(yaml_mark_t mark)
{
    return (struct yaml_mark){.line = mark.line + 1, .column = mark.column + 1};
}

struct yaml_mark yaml_events_offset(const char *data, size_t offset)
{
    struct yaml_mark mark = {.line = 1, .column = 1};

    for (size_t i = 0; i < offset; i++) {
        if (data[i] == '\n')
            mark = (struct yaml_mark){.line = mark.line + 1, .column = 1};
        else if (((unsigned char)data[i] & 0xc0U) != 0x80U)
            mark.column++;
    }
    return mark;
}

/* The libyaml sentence for a tab is true and helps nobody. */
static bool is_tab(const yaml_parser_t *parser, const char *data, size_t size)
{
    size_t line = 0;
    size_t i = 0;

    while (i < size && line < parser->problem_mark.line)
        line += data[i++] == '\n';
    return i + parser->problem_mark.column < size && data[i + parser->problem_mark.column] == '\t';
}

int yaml_events_explain(const yaml_parser_t *parser, const char *data, size_t size, struct yaml_mark *mark,
                        struct error *error)
{
    const char *problem = parser->problem ? parser->problem : "not YAML";

    if (parser->error == YAML_MEMORY_ERROR)
        return error_no_memory(error);
    if (parser->error == YAML_READER_ERROR) {
        *mark = yaml_events_offset(data, parser->problem_offset < size ? parser->problem_offset : size);
        return error_set(error, ERROR_INVALID, "%s (character U+%04X)", problem,
                         (unsigned)parser->problem_value);
    }
    *mark = yaml_events_mark(parser->problem_mark);
    if (parser->error == YAML_SCANNER_ERROR && is_tab(parser, data, size))
        return error_set(error, ERROR_INVALID, "a tab cannot indent YAML; use spaces");
    if (parser->context)
        return error_set(error, ERROR_INVALID, "%s %s that begins on line %zu", problem, parser->context,
                         parser->context_mark.line + 1);
    return error_set(error, ERROR_INVALID, "%s", problem);
}

/* Length of the UTF-8 sequence at the beginning of the bytes; 0 if there is none. Overlong forms, surrogates
 * and what is beyond U+10FFFF are none. */
static size_t sequence(const unsigned char *data, size_t size)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = data[0] < 0x80 ? 1 : data[0] < 0xc2 ? 0 : data[0] < 0xe0 ? 2 : data[0] < 0xf0 ? 3 : 4;
    unsigned value = data[0] & (0x7fU >> length);

    if (length <= 1)
        return length;
    if (data[0] > 0xf4 || length > size)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((data[i] & 0xc0U) != 0x80U)
            return 0;
        value = value << 6 | (data[i] & 0x3fU);
    }
    if (value < least[length] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    return length;
}

int yaml_events_check_text(const char *data, size_t size, struct yaml_mark *mark, struct error *error)
{
    const unsigned char *bytes = (const unsigned char *)data;

    if (size >= 2 && (memcmp(data, "\xff\xfe", 2) == 0 || memcmp(data, "\xfe\xff", 2) == 0)) {
        *mark = (struct yaml_mark){.line = 1, .column = 1};
        return error_set(error, ERROR_INVALID, "the text is in UTF-16; expected UTF-8");
    }
    for (size_t i = 0; i < size;) {
        size_t length = sequence(bytes + i, size - i);
        if (bytes[i] == 0 || length == 0) {
            *mark = yaml_events_offset(data, i);
            if (bytes[i] == 0)
                return error_set(error, ERROR_INVALID, "the text holds a NUL byte; expected UTF-8 text");
            return error_set(error, ERROR_INVALID, "byte 0x%02x is not UTF-8", (unsigned)bytes[i]);
        }
        i += length;
    }
    return 0;
}
