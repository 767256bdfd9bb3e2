/* SPDX-License-Identifier: Apache-2.0 */
#include "config/yaml.h"

#include "config/yaml_events.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/** One step of a path: a member's name or an element's number. */
struct step {
    char *name; /**< NULL: a number; owned */
    size_t number;
};

/** Walks the events of a text along a path. */
struct walk {
    yaml_parser_t parser;
    yaml_event_t event; /**< the current one; zeroed if there is none */
    struct step *steps;
    size_t count;
    struct yaml_mark found; /**< the deepest part so far */
};

static void free_steps(struct walk *walk)
{
    for (size_t i = 0; i < walk->count; i++)
        free(walk->steps[i].name);
    free(walk->steps);
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = c ? strchr(digits, c) : NULL;

    return found ? (int)(found - digits) : -1;
}

static void append_character(struct text *out, unsigned c)
{
    const char two[] = {(char)(0xc0U | c >> 6), (char)(0x80U | (c & 0x3fU))};
    const char four[] = {(char)(0xf0U | (c >> 18 & 0x07U)), (char)(0x80U | (c >> 12 & 0x3fU)),
                         (char)(0x80U | (c >> 6 & 0x3fU)), (char)(0x80U | (c & 0x3fU))};
    const char three[] = {(char)(0xe0U | c >> 12), (char)(0x80U | (c >> 6 & 0x3fU)),
                          (char)(0x80U | (c & 0x3fU))};
    const char one = (char)c;

    if (c < 0x80)
        text_append(out, &one, 1);
    else if (c < 0x800)
        text_append(out, two, sizeof two);
    else if (c < 0x10000)
        text_append(out, three, sizeof three);
    else
        text_append(out, four, sizeof four);
}

/* What stands behind a backslash, as yaml_quote() writes it. Returns what follows. */
static const char *unescape(struct text *name, const char *path)
{
    static const char letters[] = "ntr";
    static const char meanings[] = "\n\t\r";
    const char *letter = *path ? strchr(letters, *path) : NULL;
    size_t length = *path == 'x' ? 2 : *path == 'u' ? 4 : *path == 'U' ? 8 : 0;
    unsigned value = 0;

    if (*path == '\0')
        return path;
    if (length == 0) {
        text_append(name, letter ? &meanings[letter - letters] : path, 1);
        return path + 1;
    }
    path++;
    for (; length > 0 && hex_digit(*path) >= 0; length--)
        value = value << 4 | (unsigned)hex_digit(*path++);
    append_character(name, value);
    return path;
}

/* A step of the path; returns what follows it, NULL if memory is short. */
static const char *parse_step(const char *path, struct step *step)
{
    struct text name = text_empty();

    *step = (struct step){0};
    if (*path == '[' && path[1] != '"') {
        char *end;
        step->number = strtoul(path + 1, &end, 10);
        return *end == ']' ? end + 1 : end + strlen(end);
    }
    if (*path == '[') {
        for (path += 2; *path && *path != '"';) {
            if (*path == '\\')
                path = unescape(&name, path + 1);
            else
                text_append(&name, path++, 1);
        }
        path += path[0] && path[1] == ']' ? 2 : strlen(path);
    } else {
        size_t length;
        path += *path == '.';
        length = strcspn(path, ".[");
        text_append(&name, path, length);
        path += length;
    }
    step->name = text_take(&name);
    return step->name ? path : NULL;
}

static bool parse_path(struct walk *walk, const char *path)
{
    while (path && *path) {
        struct step *steps = realloc(walk->steps, (walk->count + 1) * sizeof *steps);
        if (!steps)
            return false;
        walk->steps = steps;
        path = parse_step(path, &steps[walk->count]);
        walk->count++;
    }
    return path != NULL;
}

static bool next(struct walk *walk)
{
    yaml_event_delete(&walk->event);
    return yaml_parser_parse(&walk->parser, &walk->event) && walk->event.type != YAML_STREAM_END_EVENT;
}

static bool is_start(const struct walk *walk)
{
    return walk->event.type == YAML_MAPPING_START_EVENT || walk->event.type == YAML_SEQUENCE_START_EVENT;
}

static bool is_end(const struct walk *walk)
{
    return walk->event.type == YAML_MAPPING_END_EVENT || walk->event.type == YAML_SEQUENCE_END_EVENT;
}

/* From the first event of a value to its last one. */
static bool skip(struct walk *walk)
{
    size_t depth = is_start(walk);

    while (depth > 0) {
        /* libyaml's work grows with the square of the depth, and this text may be one that was refused. */
        if (depth > yaml_file_limits.depth || !next(walk))
            return false;
        depth += is_start(walk);
        depth -= is_end(walk);
    }
    return true;
}

/* From the beginning of a mapping to the first event of a member's value. */
static bool enter_member(struct walk *walk, const char *name)
{
    while (next(walk) && !is_end(walk)) {
        bool is_name = walk->event.type == YAML_SCALAR_EVENT &&
                       strcmp((const char *)walk->event.data.scalar.value, name) == 0;
        struct yaml_mark mark = yaml_events_mark(walk->event.start_mark);
        if (!skip(walk) || !next(walk))
            return false;
        if (is_name) {
            walk->found = mark;
            return true;
        }
        if (!skip(walk))
            return false;
    }
    return false;
}

/* From the beginning of a list to the first event of an element. */
static bool enter_element(struct walk *walk, size_t number)
{
    for (size_t i = 0; next(walk) && !is_end(walk); i++) {
        if (i == number) {
            walk->found = yaml_events_mark(walk->event.start_mark);
            return true;
        }
        if (!skip(walk))
            return false;
    }
    return false;
}

/* To the first event of a document's root. */
static bool enter_document(struct walk *walk, size_t document)
{
    size_t depth = 0;

    while (next(walk)) {
        if (walk->event.type == YAML_DOCUMENT_START_EVENT && document-- == 0) {
            bool is_there = next(walk);
            if (is_there)
                walk->found = yaml_events_mark(walk->event.start_mark);
            return is_there;
        }
        depth += is_start(walk);
        depth -= is_end(walk);
        if (depth > yaml_file_limits.depth)
            return false;
    }
    return false;
}

static void follow(struct walk *walk, size_t document)
{
    bool is_there = enter_document(walk, document);

    for (size_t i = 0; is_there && i < walk->count; i++) {
        const struct step *step = &walk->steps[i];
        if (step->name)
            is_there = walk->event.type == YAML_MAPPING_START_EVENT && enter_member(walk, step->name);
        else
            is_there = walk->event.type == YAML_SEQUENCE_START_EVENT && enter_element(walk, step->number);
    }
    yaml_event_delete(&walk->event);
}

struct yaml_mark yaml_locate(const char *data, size_t size, size_t document, const char *path)
{
    size_t skipped = yaml_events_skip_bom(data, size);
    const char *text = size > 0 ? data + skipped : "";
    struct walk walk = {.count = 0};

    /* The file may have changed since it was read. */
    if (yaml_events_tags(text, size - skipped) < size - skipped)
        return walk.found;
    if (parse_path(&walk, path) && yaml_events_open(&walk.parser, text, size - skipped, NULL) == 0) {
        follow(&walk, document);
        yaml_parser_delete(&walk.parser);
    }
    free_steps(&walk);
    return walk.found;
}
