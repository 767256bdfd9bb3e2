/* SPDX-License-Identifier: Apache-2.0 */
#include "scan_record.h"

#include "harness.h"

#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const type_names[] = {"item",     "added", "modified", "deleted",
                                         "bookmark", "error", "unknown",  "broken"};

static const char *or_dash(const char *text)
{
    return text ? text : "-";
}

/* What is given as a text has a tree. */
static void check_text(const char *text, size_t size)
{
    json_t *tree = text ? json_parse(text, size, NULL) : NULL;

    CU_ASSERT_TRUE(!text || (tree && !json_at(tree, "metadata.managedFields")));
    json_decref(tree);
}

/* One line for each event: what was told of it. */
static int record(const struct scan_event *event, void *payload)
{
    const struct scan_object *object = &event->object;
    struct text *out = payload;

    text_append_format(out, "%s %s/%s %s %s %lld%s", type_names[event->type], or_dash(object->name_space),
                       or_dash(object->name), or_dash(object->uid), or_dash(object->resource_version),
                       (long long)object->generation, object->deleting ? " deleting" : "");
    if (event->type == SCAN_UNKNOWN)
        text_append_format(out, " type=%s", event->type_name);
    if (event->refusal)
        text_append_format(out, " %d %s %s %lld", event->refusal->code, event->refusal->reason,
                           event->refusal->message, (long long)event->refusal->retry_after_s);
    if (object->text)
        text_append_format(out, " %s", object->text);
    if (object->status)
        text_append_format(out, " status=%s", object->status);
    if (event->problem)
        text_append_format(out, " !%s", event->problem);
    text_append_string(out, "\n");
    CU_ASSERT_TRUE(!object->text || strlen(object->text) == object->size);
    CU_ASSERT_TRUE(!object->status || strlen(object->status) == object->status_size);
    CU_ASSERT_TRUE(!object->text || !event->problem);
    check_text(object->text, object->size);
    check_text(object->status, object->status_size);
    return 0;
}

static void record_end(struct scan *scan, enum scan_form form, struct text *out)
{
    struct scan_list list = {0};
    struct error error = {0};
    int result = scan_finish(scan, &list, &error);

    CU_ASSERT_EQUAL(result, error.code);
    if (result != 0)
        text_append_format(out, "failed %d: %s\n", result, error.message);
    else if (form == SCAN_LIST)
        text_append_format(out, "list %s %s %lld %zu\n", list.resource_version, or_dash(list.continue_token),
                           (long long)list.remaining, list.items);
}

/* Each piece is copied, so that a read beyond it is seen. */
char *scan_in_pieces(const struct scan_options *options, const char *data, size_t size, size_t piece,
                     struct mutate *mutate)
{
    struct text out = text_empty();
    struct scan *scan = scan_new(options, record, &out);
    int result = 0;

    while (size > 0 && result == 0) {
        size_t count = piece > 0 ? piece : 1 + mutate_number(mutate, 100);
        char *copy;
        if (count > size)
            count = size;
        copy = malloc(count);
        memcpy(copy, data, count);
        result = scan_feed(scan, copy, count, NULL);
        free(copy);
        data += count;
        size -= count;
    }
    record_end(scan, options->form, &out);
    scan_free(scan);
    return text_take(&out);
}

bool scan_gives(const struct scan_options *options, const char *body, const char *expected)
{
    static const size_t pieces[] = {SIZE_MAX, 1, 2, 3, 7};
    bool same = true;

    for (size_t i = 0; same && i < sizeof pieces / sizeof pieces[0]; i++) {
        char *found = scan_in_pieces(options, body, strlen(body), pieces[i], NULL);
        same = strcmp(found, expected) == 0;
        if (!same)
            (void)printf("# pieces of %zu:\n# %s", pieces[i], found);
        free(found);
    }
    return same;
}
