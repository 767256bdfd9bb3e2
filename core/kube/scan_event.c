/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/scan_frame.h"
#include "object/key.h"

#include <string.h>

/* An object of usual size; memory of a larger one is given back. */
static const size_t kept_bytes = 128 * 1024;

static void renew(struct text *text)
{
    if (text->capacity > kept_bytes)
        text_release(text);
    else
        text_clear(text);
}

void scan_item_begin(struct scan *scan)
{
    struct scan_item *item = &scan->item;

    renew(&item->text);
    renew(&item->status);
    text_clear(&item->name_space);
    text_clear(&item->name);
    text_clear(&item->uid);
    text_clear(&item->version);
    item->begun = true;
    item->ambiguous = false;
    item->problem = NULL;
    item->seen = 0;
    item->generation = -1;
    item->deleting = false;
}

void scan_item_spoil(struct scan *scan, const char *problem)
{
    if (!scan->item.problem)
        scan->item.problem = problem;
    text_release(&scan->item.text);
    text_release(&scan->item.status);
}

static const char *text_or_null(const struct text *text)
{
    return text->length > 0 ? text->data : NULL;
}

static bool has_failed(const struct scan *scan)
{
    const struct scan_item *item = &scan->item;

    return scan->token.failed || scan->type.failed || item->text.failed || item->status.failed ||
           item->name_space.failed || item->name.failed || item->uid.failed || item->version.failed;
}

/* Who it is; what is no name is nobody's. */
static void identify(const struct scan_item *item, struct scan_object *object)
{
    *object = (struct scan_object){.generation = -1};
    if (!item->begun || item->ambiguous)
        return;
    object->name_space = text_or_null(&item->name_space);
    object->name = text_or_null(&item->name);
    object->uid = text_or_null(&item->uid);
    object->resource_version = text_or_null(&item->version);
    object->generation = item->generation;
    object->deleting = item->deleting;
    if (object->name && !name_is_segment(object->name))
        object->name = NULL;
    if (object->name_space && !name_is_label(object->name_space))
        object->name_space = NULL;
}

/* A namespace that cannot be read must not look like an object that has none. */
static const char *check_identity(const struct scan_item *item, const struct scan_object *object)
{
    if (!object->name)
        return "metadata.name is missing or is no name";
    if (item->name_space.length > 0 && !object->name_space)
        return "metadata.namespace is no name of a namespace";
    return object->resource_version ? NULL : "metadata.resourceVersion is missing or is no string";
}

static int check_text(struct scan *scan, const struct text *text, struct error *why)
{
    int result = text->length > 0 ? tokens_read(&scan->tokens, text->data, text->length, why) : 0;

    return result == ERROR_NO_MEMORY ? scan_fail(scan, ERROR_NO_MEMORY, "not enough memory") : 0;
}

/* The status of an object that cannot be used may be one that can. */
static int fill_status(struct scan *scan, struct scan_event *event)
{
    const struct text *status = &scan->item.status;
    struct error why = {0};
    int result = check_text(scan, status, &why);

    if (result != 0 || why.code != 0)
        return result;
    event->object.status = text_or_null(status);
    event->object.status_size = status->length;
    return 0;
}

/* Checks the object and fills the event in; `why` keeps the problem's text. */
static int fill(struct scan *scan, struct scan_event *event, struct error *why)
{
    struct scan_item *item = &scan->item;
    int result;

    if (has_failed(scan))
        return scan_fail(scan, ERROR_NO_MEMORY, "not enough memory");
    identify(item, &event->object);
    event->problem = item->problem;
    if (event->problem)
        return 0;
    result = check_text(scan, &item->text, why);
    if (result == 0 && why->code == 0) {
        result = check_text(scan, &item->status, why);
        if (why->code != 0)
            (void)error_wrap(why, "status");
    }
    if (result != 0)
        return result;
    if (why->code != 0) {
        event->problem = why->message;
        return fill_status(scan, event);
    }
    event->object.text = text_or_null(&item->text);
    event->object.size = item->text.length;
    event->object.status = text_or_null(&item->status);
    event->object.status_size = item->status.length;
    return 0;
}

static void withdraw(struct scan_event *event, const char *problem)
{
    event->problem = problem;
    event->object.text = NULL;
    event->object.status = NULL;
    event->object.size = 0;
    event->object.status_size = 0;
}

int scan_tell_item(struct scan *scan)
{
    struct scan_event event = {.type = SCAN_ITEM, .type_name = ""};
    struct error why = {0};
    int result = fill(scan, &event, &why);

    scan->items++;
    if (result != 0)
        return result;
    if (!event.problem) {
        const char *problem = check_identity(&scan->item, &event.object);
        if (problem)
            withdraw(&event, problem);
    }
    return scan->visit(&event, scan->payload);
}

static enum scan_type type_of(const char *name)
{
    static const char *const names[] = {"ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"};
    static const enum scan_type types[] = {SCAN_ADDED, SCAN_MODIFIED, SCAN_DELETED, SCAN_BOOKMARK,
                                           SCAN_ERROR};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0)
            return types[i];
    }
    return name[0] ? SCAN_UNKNOWN : SCAN_BROKEN;
}

static int tell_refusal(struct scan *scan, struct scan_event *event, struct refusal *refusal)
{
    struct error why = {0};
    int result = refusal_read(refusal, 0, event->object.text, event->object.size, &why);

    if (result != 0)
        return scan_fail(scan, result, "not enough memory");
    event->refusal = refusal;
    result = scan->visit(event, scan->payload);
    refusal_release(refusal);
    return result;
}

int scan_tell_event(struct scan *scan)
{
    struct scan_event event = {.type = type_of(scan->type.data), .type_name = scan->type.data};
    struct refusal refusal;
    struct error why = {0};
    int result;

    if (!scan->item.begun)
        return scan_tell_broken(scan, "an event without an object");
    if (event.type == SCAN_BROKEN)
        return scan_tell_broken(scan, "an event without a type");
    result = fill(scan, &event, &why);
    if (result != 0)
        return result;
    if (event.type == SCAN_BOOKMARK && event.object.text && !event.object.resource_version)
        withdraw(&event, "a bookmark without a resource version");
    if (event.type == SCAN_ERROR)
        return tell_refusal(scan, &event, &refusal);
    if (!event.problem && event.type <= SCAN_DELETED) {
        const char *problem = check_identity(&scan->item, &event.object);
        if (problem)
            withdraw(&event, problem);
    }
    return scan->visit(&event, scan->payload);
}

int scan_tell_broken(struct scan *scan, const char *problem)
{
    struct scan_event event = {.type = SCAN_BROKEN, .type_name = scan->type.data, .problem = problem};

    if (has_failed(scan))
        return scan_fail(scan, ERROR_NO_MEMORY, "not enough memory");
    identify(&scan->item, &event.object);
    return scan->visit(&event, scan->payload);
}
