/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/quoted.h"
#include "kube/scan_frame.h"

/* What a byte outside of strings does to the nesting. */
enum effect { PLAIN, QUOTE, OPEN, CLOSE, BLANK };

static const unsigned char effects[256] = {
    ['"'] = QUOTE, ['{'] = OPEN,   ['['] = OPEN,   ['}'] = CLOSE,  [']'] = CLOSE,
    [' '] = BLANK, ['\t'] = BLANK, ['\n'] = BLANK, ['\r'] = BLANK,
};

void scan_keep(struct scan *scan, struct text *text, const char *data, size_t size)
{
    bool in_item = scan->place == PLACE_ITEM || scan->place == PLACE_ITEM_METADATA;
    size_t max = in_item ? scan->options.object_max : 64 * 1024;

    if (in_item && scan->item.problem && text != &scan->token)
        return;
    if (size <= max && text->length <= max - size) {
        text_append(text, data, size);
        if (text->failed)
            (void)scan_fail(scan, ERROR_NO_MEMORY, "not enough memory");
        return;
    }
    scan->sink = NULL;
    if (in_item)
        scan_item_spoil(scan, "the object is too large");
    else if (scan->options.form == SCAN_WATCH)
        scan->place = PLACE_LOST;
    else
        (void)scan_fail(scan, ERROR_LIMIT, "a member of the list is too large");
}

void scan_run_begin(struct scan *scan, char first, struct text *sink)
{
    scan->sink = sink;
    scan->depth = 0;
    scan->in_string = false;
    scan->escape = false;
    scan->run = first == '"' ? RUN_STRING : effects[(unsigned char)first] == OPEN ? RUN_NESTED : RUN_BARE;
}

static void keep_run(struct scan *scan, const char *start, const char *at)
{
    if (scan->sink && at > start)
        scan_keep(scan, scan->sink, start, (size_t)(at - start));
}

/* From within a string to behind its quote; sets in_string to false there. */
static const char *string_end(struct scan *scan, const char *at, const char *end)
{
    while (at < end) {
        if (scan->escape) {
            scan->escape = false;
            at++;
            continue;
        }
        at = quoted_stop(at, end);
        if (at == end)
            break;
        if (*at++ == '"') {
            scan->in_string = false;
            break;
        }
        scan->escape = true;
    }
    return at;
}

static const char *run_string(struct scan *scan, const char *at, const char *end)
{
    const char *start = at;

    if (!scan->in_string) {
        scan->in_string = true;
        at++;
    }
    at = string_end(scan, at, end);
    if (!scan->in_string)
        scan->run = RUN_NONE;
    keep_run(scan, start, at);
    return at;
}

static const char *run_bare(struct scan *scan, const char *at, const char *end)
{
    const char *start = at;

    while (at < end && effects[(unsigned char)*at] == PLAIN && *at != ',' && *at != ':')
        at++;
    keep_run(scan, start, at);
    if (at < end)
        scan->run = RUN_NONE;
    return at;
}

/* Brackets are counted, not matched: where an object is garbage inside, its end is still found if it has as
 * many of them. Blanks are left out. */
static const char *run_nested(struct scan *scan, const char *at, const char *end)
{
    const char *start = at;
    unsigned depth = scan->depth;

    while (at < end) {
        unsigned char effect;
        if (scan->in_string) {
            at = string_end(scan, at, end);
            continue;
        }
        effect = effects[(unsigned char)*at];
        if (effect == BLANK) {
            keep_run(scan, start, at);
            start = ++at;
            continue;
        }
        at++;
        if (effect == QUOTE) {
            scan->in_string = true;
        } else if (effect == OPEN) {
            depth++;
        } else if (effect == CLOSE && --depth == 0) {
            scan->run = RUN_NONE;
            break;
        }
    }
    scan->depth = depth;
    keep_run(scan, start, at);
    return at;
}

const char *scan_run_on(struct scan *scan, const char *at, const char *end)
{
    if (scan->run == RUN_STRING)
        return run_string(scan, at, end);
    return scan->run == RUN_NESTED ? run_nested(scan, at, end) : run_bare(scan, at, end);
}
