/* SPDX-License-Identifier: Apache-2.0 */
#include "config/yaml_events.h"

#include "base/utf8.h"

#include <stdint.h>
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

/* More than anybody writes by mistake. */
static const size_t max_tags = 16;

size_t yaml_events_tags(const char *data, size_t size)
{
    static const char tag[] = "%TAG";
    size_t first = size;
    size_t count = 0;

    for (size_t i = 0; i < size; i += sizeof tag - 1) {
        const char *found = memmem(data + i, size - i, tag, sizeof tag - 1);
        if (!found)
            break;
        i = (size_t)(found - data);
        /* Behind what libyaml takes for a line break: the last bytes of U+0085, U+2028 and U+2029 too. */
        if (i > 0 && !strchr("\n\r\x85\xa8\xa9", data[i - 1]))
            continue;
        first = count == 0 ? i : first;
        if (++count > max_tags)
            return first;
    }
    return size;
}

int yaml_events_check_text(const char *data, size_t size, struct yaml_mark *mark, struct error *error)
{
    size_t tags;

    if (size >= 4 && (memcmp(data, "\xff\xfe\0\0", 4) == 0 || memcmp(data, "\0\0\xfe\xff", 4) == 0)) {
        *mark = (struct yaml_mark){.line = 1, .column = 1};
        return error_set(error, ERROR_INVALID, "the text is in UTF-32; expected UTF-8");
    }
    if (size >= 2 && (memcmp(data, "\xff\xfe", 2) == 0 || memcmp(data, "\xfe\xff", 2) == 0)) {
        *mark = (struct yaml_mark){.line = 1, .column = 1};
        return error_set(error, ERROR_INVALID, "the text is in UTF-16; expected UTF-8");
    }
    for (size_t i = 0; i < size;) {
        uint32_t code = 0;
        size_t length = (unsigned char)data[i] < 0x80 ? 1 : utf8_read(data + i, size - i, &code);
        if (data[i] == '\0' || length == 0) {
            *mark = yaml_events_offset(data, i);
            if (data[i] == '\0')
                return error_set(error, ERROR_INVALID, "the text holds a NUL byte; expected UTF-8 text");
            return error_set(error, ERROR_INVALID, "byte 0x%02x is not UTF-8", (unsigned char)data[i]);
        }
        i += length;
    }
    tags = yaml_events_tags(data, size);
    if (tags == size)
        return 0;
    *mark = yaml_events_offset(data, tags);
    return error_set(error, ERROR_INVALID, "%%TAG is not supported; write values without tags");
}
