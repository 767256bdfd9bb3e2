/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/quoted.h"
#include "kube/scan_frame.h"

#include <stdlib.h>
#include <string.h>

struct known {
    enum scan_place place;
    enum scan_form form; /* of PLACE_OUTER */
    const char *name;
    enum scan_field field;
};

static const struct known known[] = {
    {PLACE_OUTER, SCAN_LIST, "kind", FIELD_KIND},
    {PLACE_OUTER, SCAN_LIST, "metadata", FIELD_LIST_METADATA},
    {PLACE_OUTER, SCAN_LIST, "items", FIELD_ITEMS},
    {PLACE_OUTER, SCAN_WATCH, "type", FIELD_TYPE},
    {PLACE_OUTER, SCAN_WATCH, "object", FIELD_OBJECT},
    {PLACE_LIST_METADATA, SCAN_LIST, "resourceVersion", FIELD_LIST_VERSION},
    {PLACE_LIST_METADATA, SCAN_LIST, "continue", FIELD_CONTINUE},
    {PLACE_LIST_METADATA, SCAN_LIST, "remainingItemCount", FIELD_REMAINING},
    {PLACE_ITEM, SCAN_LIST, "metadata", FIELD_METADATA},
    {PLACE_ITEM, SCAN_LIST, "status", FIELD_STATUS},
    {PLACE_ITEM_METADATA, SCAN_LIST, "managedFields", FIELD_MANAGED_FIELDS},
    {PLACE_ITEM_METADATA, SCAN_LIST, "namespace", FIELD_NAMESPACE},
    {PLACE_ITEM_METADATA, SCAN_LIST, "name", FIELD_NAME},
    {PLACE_ITEM_METADATA, SCAN_LIST, "uid", FIELD_UID},
    {PLACE_ITEM_METADATA, SCAN_LIST, "resourceVersion", FIELD_VERSION},
    {PLACE_ITEM_METADATA, SCAN_LIST, "generation", FIELD_GENERATION},
    {PLACE_ITEM_METADATA, SCAN_LIST, "deletionTimestamp", FIELD_DELETION},
};

static bool is_named(const struct text *token, const char *name)
{
    size_t size = strlen(name);

    return token->length == size + 2 && memcmp(token->data + 1, name, size) == 0 &&
           token->data[size + 1] == '"';
}

/* A name may be written with escapes. One that is no string of JSON is none of those looked for. */
static bool is_named_escaped(const struct text *token, const char *name)
{
    const char *end = token->data + token->length;
    const char *why;
    bool escaped;

    return quoted_check(token->data + 1, end, &escaped, &why) == end - 1 &&
           quoted_compare(token->data + 1, token->length - 2, name, strlen(name)) == 0;
}

enum scan_field scan_field_of(struct scan *scan)
{
    const struct text *token = &scan->token;
    bool escaped = memchr(token->data, '\\', token->length) != NULL;

    /* One that did not fit is not whole. */
    if (token->length < 2)
        return FIELD_OTHER;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (known[i].place != scan->place ||
            (scan->place == PLACE_OUTER && known[i].form != scan->options.form))
            continue;
        if (escaped ? is_named_escaped(token, known[i].name) : is_named(token, known[i].name))
            return known[i].field;
    }
    return FIELD_OTHER;
}

/* Sets `out` to the string in the token; leaves it empty if there is none that can be used. */
static bool take_string(const struct text *token, struct text *out)
{
    const char *end = token->data + token->length;
    const char *why;
    bool escaped;

    if (token->length < 2 || token->data[0] != '"' ||
        quoted_check(token->data + 1, end, &escaped, &why) != end - 1)
        return false;
    quoted_decode(out, token->data + 1, token->length - 2);
    return true;
}

static bool is_null(const struct text *token)
{
    return strcmp(token->data, "null") == 0;
}

static int64_t take_count(const struct text *token)
{
    bool digits = token->length > 0 && token->length < 19;

    for (size_t i = 0; i < token->length; i++)
        digits = digits && token->data[i] >= '0' && token->data[i] <= '9';
    return digits ? strtoll(token->data, NULL, 10) : -1;
}

static int take_list_field(struct scan *scan)
{
    const struct text *token = &scan->token;

    switch (scan->field) {
    case FIELD_KIND:
        (void)take_string(token, &scan->kind);
        return 0;
    case FIELD_TYPE:
        (void)take_string(token, &scan->type);
        return 0;
    case FIELD_LIST_VERSION:
        if (!take_string(token, &scan->list_version) && !is_null(token))
            return scan_fail(scan, ERROR_INVALID, "the list's metadata.resourceVersion is not a string");
        return 0;
    case FIELD_CONTINUE:
        if (!take_string(token, &scan->continue_token) && !is_null(token))
            return scan_fail(scan, ERROR_INVALID, "the list's metadata.continue is not a string");
        return 0;
    case FIELD_REMAINING:
        scan->remaining = take_count(token);
        return 0;
    case FIELD_ITEMS:
        /* An empty list of some servers. */
        return is_null(token) ? 0 : scan_fail(scan, ERROR_INVALID, "the list's items are not a list");
    default:
        return 0;
    }
}

int scan_field_take(struct scan *scan)
{
    struct scan_item *item = &scan->item;
    const struct text *token = &scan->token;

    switch (scan->field) {
    case FIELD_NAMESPACE:
        (void)take_string(token, &item->name_space);
        break;
    case FIELD_NAME:
        (void)take_string(token, &item->name);
        break;
    case FIELD_UID:
        (void)take_string(token, &item->uid);
        break;
    case FIELD_VERSION:
        (void)take_string(token, &item->version);
        break;
    case FIELD_GENERATION:
        item->generation = take_count(token);
        break;
    case FIELD_DELETION:
        item->deleting = !is_null(token);
        break;
    default:
        return take_list_field(scan);
    }
    scan_keep(scan, &item->text, token->data, token->length);
    return 0;
}
