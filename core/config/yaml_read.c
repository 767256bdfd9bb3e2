/* SPDX-License-Identifier: Apache-2.0 */
#include "config/yaml.h"

#include "config/yaml_events.h"
#include "config/yaml_scalar.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

const struct yaml_limits yaml_file_limits = {
    .bytes = 1024UL * 1024UL, .documents = 1000, .values = 100000, .depth = 64};

/** A list or mapping that is being read. */
struct frame {
    json_t *value; /**< owned by its parent, the outermost by the reader */
    char *key;     /**< the key whose value comes next; NULL if a key comes next, or in a list; owned */
};

/** Reads one text. */
struct reader {
    const struct yaml_limits *limits;
    yaml_document_fn visit;
    void *payload;
    struct frame *frames; /**< room for the greatest depth */
    size_t depth;
    json_t *root;          /**< of the document that is being read; owned */
    size_t documents;      /**< begun so far */
    size_t values;         /**< begun so far */
    size_t root_line;      /**< where the root begins */
    bool is_empty;         /**< nothing stands in the document */
    bool is_syntax;        /**< libyaml refused the text, not we */
    bool is_end;           /**< of the text */
    struct yaml_mark mark; /**< of the event, then of the error */
    struct error *error;
};

static int fail(struct reader *reader, const char *message)
{
    return error_set(reader->error, ERROR_INVALID, "%s", message);
}

static void reset(struct reader *reader)
{
    while (reader->depth > 0)
        free(reader->frames[--reader->depth].key);
    json_decref(reader->root);
    reader->root = NULL;
}

static struct frame *top(const struct reader *reader)
{
    return reader->depth > 0 ? &reader->frames[reader->depth - 1] : NULL;
}

static int too_many_values(struct reader *reader)
{
    return error_set(reader->error, ERROR_LIMIT, "too many values; at most %zu are read",
                     reader->limits->values);
}

/* A value begins, and there is room for one more. */
static int count_value(struct reader *reader)
{
    if (reader->limits->values > 0 && reader->values == reader->limits->values)
        return too_many_values(reader);
    reader->values++;
    return 0;
}

/* Takes the value over. */
static int place_value(struct reader *reader, json_t *value)
{
    struct frame *frame = top(reader);
    int result;

    if (!frame) {
        reader->root = value;
        reader->root_line = reader->mark.line;
        return 0;
    }
    if (json_is_array(frame->value)) {
        result = json_array_append_new(frame->value, value);
    } else {
        result = json_object_set_new(frame->value, frame->key, value);
        free(frame->key);
        frame->key = NULL;
    }
    return result == 0 ? 0 : error_no_memory(reader->error);
}

static bool expects_key(const struct reader *reader)
{
    const struct frame *frame = top(reader);

    return frame && json_is_object(frame->value) && !frame->key;
}

static int take_key(struct reader *reader, const char *text, bool is_plain)
{
    struct frame *frame = top(reader);

    if (is_plain && text[0] == '\0')
        return fail(reader, "a key is missing before ':'");
    if (is_plain && strcmp(text, "<<") == 0)
        return fail(reader, "merge keys (<<) are not supported; write the members out");
    if (json_object_get(frame->value, text)) {
        struct text quoted = text_empty();
        yaml_quote(&quoted, text, strlen(text));
        (void)error_set(reader->error, ERROR_INVALID, "key %.200s is given twice in one mapping",
                        quoted.data);
        text_release(&quoted);
        return ERROR_INVALID;
    }
    frame->key = strdup(text);
    return frame->key ? 0 : error_no_memory(reader->error);
}

static int check_node(struct reader *reader, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor)
        return fail(reader, "anchors (&) are not supported; write the value out where it is needed");
    if (tag)
        return fail(reader, "tags (!) are not supported; write the value without it");
    reader->is_empty = false;
    return 0;
}

static int on_scalar(struct reader *reader, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    bool is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    bool is_nothing = is_plain && text[0] == '\0' && reader->depth == 0;
    json_t *value;
    int result = check_node(reader, event->data.scalar.anchor, event->data.scalar.tag);

    if (result != 0)
        return result;
    reader->is_empty = is_nothing;
    if (memchr(text, '\0', event->data.scalar.length))
        return fail(reader, "a string holds a NUL character; no value may hold one");
    if (expects_key(reader))
        return take_key(reader, text, is_plain);
    result = is_nothing ? 0 : count_value(reader);
    if (result != 0)
        return result;
    value = is_plain ? yaml_scalar_value(text, reader->error) : json_string(text);
    if (value)
        return place_value(reader, value);
    return is_plain && reader->error->code != 0 ? reader->error->code : error_no_memory(reader->error);
}

static int on_start(struct reader *reader, const yaml_event_t *event)
{
    bool is_list = event->type == YAML_SEQUENCE_START_EVENT;
    json_t *value;
    int result = is_list
                     ? check_node(reader, event->data.sequence_start.anchor, event->data.sequence_start.tag)
                     : check_node(reader, event->data.mapping_start.anchor, event->data.mapping_start.tag);

    if (result != 0)
        return result;
    if (reader->depth == reader->limits->depth)
        return error_set(reader->error, ERROR_LIMIT, "nested too deeply; at most %u levels are read",
                         reader->limits->depth);
    if (expects_key(reader))
        return fail(reader, "a list or a mapping cannot be a key; expected a string");
    result = count_value(reader);
    if (result != 0)
        return result;
    value = is_list ? json_array() : json_object();
    if (!value)
        return error_no_memory(reader->error);
    result = place_value(reader, value);
    if (result == 0)
        reader->frames[reader->depth++] = (struct frame){.value = value};
    return result;
}

static int on_end(struct reader *reader)
{
    reader->depth--;
    return 0;
}

static int on_document_start(struct reader *reader, const yaml_event_t *event)
{
    if (reader->documents == reader->limits->documents)
        return error_set(reader->error, ERROR_LIMIT, "too many documents; at most %zu are read",
                         reader->limits->documents);
    reader->documents++;
    reader->is_empty = true;
    if (event->data.document_start.tag_directives.start != event->data.document_start.tag_directives.end)
        return fail(reader, "%TAG is not supported; write values without tags");
    return 0;
}

static int on_document_end(struct reader *reader)
{
    int result = 0;

    if (!reader->is_empty)
        result = reader->visit(reader->root, reader->documents - 1, reader->root_line, reader->payload);
    reset(reader);
    return result;
}

static int on_event(struct reader *reader, const yaml_event_t *event)
{
    reader->mark = yaml_events_mark(event->start_mark);
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return on_document_start(reader, event);
    case YAML_DOCUMENT_END_EVENT:
        return on_document_end(reader);
    case YAML_SCALAR_EVENT:
        return on_scalar(reader, event);
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        return on_start(reader, event);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return on_end(reader);
    case YAML_ALIAS_EVENT:
        return fail(reader, "aliases (*) are not supported; write the value out where it is needed");
    case YAML_STREAM_END_EVENT:
        reader->is_end = true;
        return 0;
    default:
        return 0;
    }
}

static int read_yaml(struct reader *reader, const char *data, size_t size)
{
    yaml_parser_t parser;
    int result = yaml_events_open(&parser, data, size, reader->error);

    while (result == 0 && !reader->is_end) {
        yaml_event_t event;
        if (yaml_parser_parse(&parser, &event)) {
            result = on_event(reader, &event);
            yaml_event_delete(&event);
        } else {
            reader->is_syntax = true;
            result = yaml_events_explain(&parser, data, size, &reader->mark, reader->error);
        }
    }
    reset(reader);
    yaml_parser_delete(&parser);
    return result;
}

/** What a JSON text holds, looked at without building it. */
struct census {
    size_t deep;   /**< where it first nests too deeply; its size if nowhere */
    size_t values; /**< how many it holds */
};

static bool is_closed_next(const char *data, size_t size, size_t i)
{
    for (i++; i < size && strchr(" \t\r\n", data[i]); i++)
        continue;
    return i < size && (data[i] == ']' || data[i] == '}');
}

static struct census count_json(const char *data, size_t size, unsigned limit)
{
    struct census census = {.deep = size, .values = 1};
    bool is_string = false;
    unsigned depth = 0;

    for (size_t i = 0; i < size; i++) {
        if (is_string && data[i] == '\\') {
            i++;
        } else if (data[i] == '"') {
            is_string = !is_string;
        } else if (is_string) {
            continue;
        } else if (data[i] == '[' || data[i] == '{') {
            if (depth++ == limit && census.deep == size)
                census.deep = i;
            census.values += !is_closed_next(data, size, i);
        } else if (data[i] == ']' || data[i] == '}') {
            depth--;
        } else if (data[i] == ',') {
            census.values++;
        }
    }
    return census;
}

static int visit_json(struct reader *reader, json_t *value, const char *data, size_t size, size_t deep)
{
    size_t start = strspn(data, " \t\r\n");

    if (deep < size) {
        reader->mark = yaml_events_offset(data, deep);
        return error_set(reader->error, ERROR_LIMIT, "nested too deeply; at most %u levels are read",
                         reader->limits->depth);
    }
    if (reader->limits->documents == 0)
        return error_set(reader->error, ERROR_LIMIT, "too many documents; at most 0 are read");
    return reader->visit(value, 0, yaml_events_offset(data, start).line, reader->payload);
}

/* Flow style begins as JSON does, and JSON has forms that libyaml does not read (surrogate pairs). If both
 * refuse the text, the one that got further knows better. */
static int read_json_or_yaml(struct reader *reader, const char *data, size_t size)
{
    const struct census census = count_json(data, size, reader->limits->depth);
    bool fits = reader->limits->values == 0 || census.values <= reader->limits->values;
    json_error_t where = {0};
    json_t *value = fits ? json_loadb(data, size, JSON_REJECT_DUPLICATES, &where) : NULL;
    struct yaml_mark mark;
    int result;

    if (value) {
        result = visit_json(reader, value, data, size, census.deep);
        json_decref(value);
        return result;
    }
    result = read_yaml(reader, data, size);
    if (result != ERROR_INVALID || !reader->is_syntax || where.line <= 0 || where.column <= 0)
        return result;
    mark = (struct yaml_mark){.line = (size_t)where.line, .column = (size_t)where.column};
    if (mark.line < reader->mark.line ||
        (mark.line == reader->mark.line && mark.column < reader->mark.column))
        return result;
    reader->mark = mark;
    return error_set(reader->error, ERROR_INVALID, "%s", where.text);
}

static int read_text(struct reader *reader, const char *data, size_t size)
{
    size_t skipped = yaml_events_skip_bom(data, size);
    size_t blank;
    int result;

    if (size > reader->limits->bytes)
        return error_set(reader->error, ERROR_LIMIT, "%zu bytes are too many; at most %zu are read", size,
                         reader->limits->bytes);
    result = yaml_events_check_text(data + skipped, size - skipped, &reader->mark, reader->error);
    if (result != 0)
        return result;
    data += skipped;
    size -= skipped;
    for (blank = 0; blank < size && strchr(" \t\r\n", data[blank]); blank++)
        continue;
    if (blank < size && (data[blank] == '{' || data[blank] == '['))
        return read_json_or_yaml(reader, data, size);
    return read_yaml(reader, data, size);
}

int yaml_read(const char *data, size_t size, const struct yaml_limits *limits, yaml_document_fn visit,
              void *payload, struct yaml_mark *mark, struct error *error)
{
    struct error own = {0};
    struct reader reader = {.limits = limits,
                            .visit = visit,
                            .payload = payload,
                            .frames = calloc((size_t)limits->depth + 1, sizeof(struct frame)),
                            .error = error ? error : &own};
    int result;

    reader.error->code = 0;
    result = reader.frames ? read_text(&reader, size > 0 ? data : "", size) : error_no_memory(error);
    if (result != 0 && mark)
        *mark = reader.mark;
    free(reader.frames);
    return result;
}

/** What yaml_read_one() has found. */
struct one {
    json_t *value;
    struct error *error;
    size_t second; /**< line of a second document */
};

static int keep_one(json_t *document, size_t number, size_t line, void *payload)
{
    struct one *one = payload;

    (void)number;
    if (one->value) {
        one->second = line;
        return error_set(one->error, ERROR_INVALID, "a second document begins here; expected only one");
    }
    one->value = json_incref(document);
    return 0;
}

json_t *yaml_read_one(const char *data, size_t size, const struct yaml_limits *limits, struct yaml_mark *mark,
                      struct error *error)
{
    struct one one = {.error = error};
    int result = yaml_read(data, size, limits, keep_one, &one, mark, error);

    if (result == 0)
        return one.value ? one.value : json_null();
    if (one.second > 0 && mark)
        *mark = (struct yaml_mark){.line = one.second, .column = 1};
    json_decref(one.value);
    return NULL;
}
