/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/scan_frame.h"

#include <stdlib.h>
#include <string.h>

struct scan *scan_new(const struct scan_options *options, scan_visit_fn visit, void *payload)
{
    struct scan *scan = calloc(1, sizeof *scan);

    if (!scan)
        return NULL;
    scan->options = *options;
    if (scan->options.object_max == 0)
        scan->options.object_max = SCAN_OBJECT_MAX;
    scan->visit = visit;
    scan->payload = payload;
    scan->remaining = -1;
    scan->token = text_empty();
    scan->kind = text_empty();
    scan->type = text_empty();
    scan->list_version = text_empty();
    scan->continue_token = text_empty();
    scan->item.text = text_empty();
    scan->item.status = text_empty();
    scan->item.name_space = text_empty();
    scan->item.name = text_empty();
    scan->item.uid = text_empty();
    scan->item.version = text_empty();
    return scan;
}

void scan_free(struct scan *scan)
{
    if (!scan)
        return;
    text_release(&scan->token);
    text_release(&scan->kind);
    text_release(&scan->type);
    text_release(&scan->list_version);
    text_release(&scan->continue_token);
    text_release(&scan->item.text);
    text_release(&scan->item.status);
    text_release(&scan->item.name_space);
    text_release(&scan->item.name);
    text_release(&scan->item.uid);
    text_release(&scan->item.version);
    tokens_release(&scan->tokens);
    free(scan);
}

int scan_fail(struct scan *scan, int code, const char *why)
{
    if (scan->stopped == 0) {
        scan->stopped = code;
        if (scan->options.form == SCAN_LIST)
            (void)error_set(&scan->failure, code, "a list that cannot be read after %zu items: %s",
                            scan->items, why);
        else
            (void)error_set(&scan->failure, code, "a watch that cannot be read: %s", why);
    }
    return scan->stopped;
}

static bool in_item(const struct scan *scan)
{
    return scan->place == PLACE_ITEM || scan->place == PLACE_ITEM_METADATA;
}

/* What is wrong between the brackets of an item costs only the item: its end is where as many brackets are
 * closed as were opened. In a watch the next line is a new beginning. */
static int confused(struct scan *scan, const char *why)
{
    if (in_item(scan)) {
        scan_item_spoil(scan, why);
        scan_run_begin(scan, '{', NULL);
        scan->depth = scan->place == PLACE_ITEM ? 1 : 2;
        scan->field = FIELD_REST;
        return 0;
    }
    if (scan->options.form == SCAN_LIST)
        return scan_fail(scan, ERROR_INVALID, why);
    scan->place = PLACE_LOST;
    return 0;
}

static void enter(struct scan *scan, enum scan_place place)
{
    scan->place = place;
    scan->expect = EXPECT_FIRST;
}

static int end_item(struct scan *scan)
{
    bool list = scan->options.form == SCAN_LIST;

    scan->place = list ? PLACE_ITEMS : PLACE_OUTER;
    scan->expect = EXPECT_COMMA;
    return list ? scan_tell_item(scan) : 0;
}

static int leave(struct scan *scan)
{
    if (in_item(scan))
        scan_keep(scan, &scan->item.text, "}", 1);
    scan->expect = EXPECT_COMMA;
    switch (scan->place) {
    case PLACE_ITEM_METADATA:
        scan->place = PLACE_ITEM;
        return 0;
    case PLACE_ITEM:
        return end_item(scan);
    case PLACE_LIST_METADATA:
    case PLACE_ITEMS:
        scan->place = PLACE_OUTER;
        return 0;
    default:
        scan->place = PLACE_AFTER;
        return scan->options.form == SCAN_WATCH ? scan_tell_event(scan) : 0;
    }
}

/* The name of a member has ended: a field that was there before makes the object ambiguous. */
static int end_name(struct scan *scan)
{
    uint32_t *seen = in_item(scan) ? &scan->item.seen : &scan->seen;
    uint32_t bit;

    scan->field = scan_field_of(scan);
    scan->expect = EXPECT_COLON;
    bit = scan->field == FIELD_OTHER ? 0 : UINT32_C(1) << scan->field;
    if ((*seen & bit) != 0) {
        if (!in_item(scan))
            return confused(scan, "a member of the list or event stands there twice");
        scan->item.ambiguous = true;
        scan_item_spoil(scan, "a member stands there twice");
    }
    *seen |= bit;
    return 0;
}

static int end_value(struct scan *scan)
{
    switch (scan->field) {
    case FIELD_NAME_OF_MEMBER:
        return end_name(scan);
    case FIELD_REST:
        return end_item(scan);
    case FIELD_ELEMENT:
        return end_item(scan);
    case FIELD_OTHER:
    case FIELD_METADATA:
    case FIELD_STATUS:
    case FIELD_MANAGED_FIELDS:
        scan->expect = EXPECT_COMMA;
        return 0;
    default:
        scan->expect = EXPECT_COMMA;
        return scan_field_take(scan);
    }
}

/* Where the value of a field goes. */
static struct text *sink_of(struct scan *scan)
{
    switch (scan->field) {
    case FIELD_OTHER:
    case FIELD_METADATA:
        return in_item(scan) ? &scan->item.text : NULL;
    case FIELD_STATUS:
        return scan->options.split_status ? &scan->item.status : &scan->item.text;
    case FIELD_MANAGED_FIELDS:
    case FIELD_ELEMENT:
    case FIELD_OBJECT:
        return NULL;
    default:
        return &scan->token;
    }
}

/* Members of an item are written down as they are decided on, so that what is left out leaves no comma. */
static void keep_name(struct scan *scan)
{
    struct text *text = &scan->item.text;

    if (!in_item(scan) || scan->field == FIELD_MANAGED_FIELDS ||
        (scan->field == FIELD_STATUS && scan->options.split_status))
        return;
    if (text->length > 0 && text->data[text->length - 1] != '{')
        scan_keep(scan, text, ",", 1);
    scan_keep(scan, text, scan->token.data, scan->token.length);
    scan_keep(scan, text, ":", 1);
}

static void enter_item(struct scan *scan, enum scan_place place)
{
    if (place == PLACE_ITEM)
        scan_item_begin(scan);
    enter(scan, place);
    scan_keep(scan, &scan->item.text, "{", 1);
}

/* Begins a value; one that is looked into is entered by its bracket. */
static int begin_value(struct scan *scan, const char **at)
{
    char c = **at;
    bool object = c == '{';

    if (c == ',' || c == ':' || c == '}' || c == ']')
        return confused(scan, "expected a value");
    keep_name(scan);
    if (object && (scan->field == FIELD_OBJECT || scan->field == FIELD_ELEMENT)) {
        enter_item(scan, PLACE_ITEM);
    } else if (object && scan->field == FIELD_METADATA) {
        enter_item(scan, PLACE_ITEM_METADATA);
    } else if (object && scan->field == FIELD_LIST_METADATA) {
        enter(scan, PLACE_LIST_METADATA);
    } else if (c == '[' && scan->field == FIELD_ITEMS) {
        enter(scan, PLACE_ITEMS);
    } else {
        if (scan->field == FIELD_ELEMENT || scan->field == FIELD_OBJECT) {
            scan_item_begin(scan);
            scan_item_spoil(scan, "expected an object");
        } else if (scan->field == FIELD_LIST_METADATA) {
            return confused(scan, "the list's metadata are no object");
        }
        text_clear(&scan->token);
        scan_run_begin(scan, c, sink_of(scan));
        return 0;
    }
    (*at)++;
    return 0;
}

/* At the beginning of a member or element, or at the end of the list or object. */
static int begin_member(struct scan *scan, const char **at)
{
    bool list = scan->place == PLACE_ITEMS;

    if (scan->expect == EXPECT_FIRST && **at == (list ? ']' : '}')) {
        (*at)++;
        return leave(scan);
    }
    if (list) {
        scan->field = FIELD_ELEMENT;
        return begin_value(scan, at);
    }
    if (**at != '"')
        return confused(scan, "expected the name of a member in quotes");
    text_clear(&scan->token);
    scan->field = FIELD_NAME_OF_MEMBER;
    scan_run_begin(scan, '"', &scan->token);
    return 0;
}

static int end_member(struct scan *scan, const char **at)
{
    if (**at == ',') {
        scan->expect = EXPECT_NEXT;
        (*at)++;
        return 0;
    }
    if (**at != (scan->place == PLACE_ITEMS ? ']' : '}'))
        return confused(scan, "expected a comma or the end of the object");
    (*at)++;
    return leave(scan);
}

/* Takes one byte that is not blank, or begins to run through a value. */
static int step(struct scan *scan, const char **at)
{
    if (scan->place == PLACE_TOP) {
        if (**at != '{')
            return confused(scan, "no JSON object");
        (*at)++;
        enter(scan, PLACE_OUTER);
        return 0;
    }
    if (scan->place == PLACE_AFTER)
        return confused(scan, "something stands behind the object");
    switch (scan->expect) {
    case EXPECT_FIRST:
    case EXPECT_NEXT:
        return begin_member(scan, at);
    case EXPECT_COLON:
        if (**at != ':')
            return confused(scan, "expected a colon behind the name of a member");
        (*at)++;
        scan->expect = EXPECT_VALUE;
        return 0;
    case EXPECT_VALUE:
        return begin_value(scan, at);
    case EXPECT_COMMA:
        break;
    }
    return end_member(scan, at);
}

static int feed(struct scan *scan, const char *at, const char *end)
{
    int result = 0;

    while (at < end && result == 0 && scan->stopped == 0 && scan->place != PLACE_LOST) {
        if (scan->run != RUN_NONE) {
            at = scan_run_on(scan, at, end);
            if (scan->run == RUN_NONE)
                result = end_value(scan);
        } else if (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r') {
            at++;
        } else {
            result = step(scan, &at);
        }
    }
    return result != 0 ? result : scan->stopped;
}

static int end_line(struct scan *scan)
{
    int result = 0;

    if (scan->place == PLACE_LOST)
        result = scan_tell_broken(scan, "the line is no event");
    else if (scan->place != PLACE_TOP && scan->place != PLACE_AFTER)
        result = scan_tell_broken(scan, "the line ends inside an event");
    scan->place = PLACE_TOP;
    scan->run = RUN_NONE;
    scan->seen = 0;
    scan->item.begun = false;
    text_clear(&scan->type);
    return result;
}

static int feed_lines(struct scan *scan, const char *data, const char *end)
{
    int result = 0;

    while (data < end && result == 0) {
        const char *line = memchr(data, '\n', (size_t)(end - data));
        result = feed(scan, data, line ? line : end);
        if (result == 0 && line)
            result = end_line(scan);
        data = line ? line + 1 : end;
    }
    return result;
}

/* What a failure says is kept, for whoever asks again. */
static int report(const struct scan *scan, struct error *error)
{
    if (error && scan->failure.code != 0)
        *error = scan->failure;
    return scan->stopped;
}

int scan_feed(struct scan *scan, const char *data, size_t size, struct error *error)
{
    int result;

    if (scan->stopped == 0 && size > 0) {
        result = scan->options.form == SCAN_LIST ? feed(scan, data, data + size)
                                                 : feed_lines(scan, data, data + size);
        if (scan->stopped == 0)
            scan->stopped = result;
    }
    return report(scan, error);
}

static int finish_watch(struct scan *scan)
{
    if (scan->place == PLACE_LOST) {
        scan->stopped = end_line(scan);
    } else if (scan->place != PLACE_TOP && scan->place != PLACE_AFTER) {
        return scan_fail(scan, ERROR_IO, "it ended inside an event");
    }
    return scan->stopped;
}

static int finish_list(struct scan *scan, struct scan_list *list)
{
    if (scan->place != PLACE_AFTER)
        return scan_fail(scan, ERROR_IO, "the body ended too early");
    if (scan->kind.failed || scan->list_version.failed || scan->continue_token.failed)
        return scan_fail(scan, ERROR_NO_MEMORY, "not enough memory");
    /* What has no items is no empty list. */
    if ((scan->seen & UINT32_C(1) << FIELD_ITEMS) == 0)
        return scan_fail(scan, ERROR_INVALID, "there are no items in it");
    if (scan->list_version.length == 0)
        return scan_fail(scan, ERROR_INVALID, "it has no metadata.resourceVersion");
    *list = (struct scan_list){.resource_version = scan->list_version.data,
                               .continue_token =
                                   scan->continue_token.length > 0 ? scan->continue_token.data : NULL,
                               .remaining = scan->remaining,
                               .items = scan->items};
    return 0;
}

int scan_finish(struct scan *scan, struct scan_list *list, struct error *error)
{
    if (scan->stopped == 0 && scan->options.form == SCAN_WATCH)
        (void)finish_watch(scan);
    else if (scan->stopped == 0)
        (void)finish_list(scan, list);
    return report(scan, error);
}
