/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_frame - the state of a scan, shared by the files that make it up
 *
 * scan.c finds where things begin and end, scan_run.c runs through values that nobody looks into,
 * scan_field.c knows which members matter, scan_event.c tells what was found.
 */
#ifndef KUBE_SCAN_FRAME_H
#define KUBE_SCAN_FRAME_H

#include "base/text.h"
#include "kube/scan.h"
#include "kube/tokens.h"

/** Where the scan is: which list or object it reads member by member. */
enum scan_place {
    PLACE_TOP,           /**< before the body's or the line's object */
    PLACE_OUTER,         /**< in the list or the event */
    PLACE_LIST_METADATA, /**< in the list's own metadata */
    PLACE_ITEMS,         /**< between items */
    PLACE_ITEM,          /**< in an item, or the object of an event */
    PLACE_ITEM_METADATA, /**< in its metadata */
    PLACE_AFTER,         /**< behind the object */
    PLACE_LOST           /**< in a line that is no event */
};

/** What must come next there. */
enum scan_expect {
    EXPECT_FIRST, /**< the first member or element, or the end */
    EXPECT_NEXT,  /**< a member or element, after a comma */
    EXPECT_COLON, /**< behind a member's name */
    EXPECT_VALUE, /**< a member's value */
    EXPECT_COMMA  /**< a comma or the end */
};

/** What a value means. The first ones are worth no more than their text. */
enum scan_field {
    FIELD_OTHER,
    FIELD_NAME_OF_MEMBER, /**< no value: the name of a member */
    FIELD_ELEMENT,        /**< an item that is no object */
    FIELD_REST,           /**< the rest of an item that makes no sense */
    FIELD_KIND,
    FIELD_LIST_METADATA,
    FIELD_ITEMS,
    FIELD_LIST_VERSION,
    FIELD_CONTINUE,
    FIELD_REMAINING,
    FIELD_TYPE,
    FIELD_OBJECT,
    FIELD_METADATA,
    FIELD_STATUS,
    FIELD_MANAGED_FIELDS,
    FIELD_NAMESPACE,
    FIELD_NAME,
    FIELD_UID,
    FIELD_VERSION,
    FIELD_GENERATION,
    FIELD_DELETION
};

/** How a value is run through. */
enum scan_run { RUN_NONE, RUN_STRING, RUN_NESTED, RUN_BARE };

/** The object that is being read. */
struct scan_item {
    bool begun;
    bool ambiguous;      /**< a member that makes up its identity stands there twice */
    const char *problem; /**< static; NULL: none so far */
    uint32_t seen;       /**< a bit for each enum scan_field */
    struct text text;
    struct text status;
    struct text name_space;
    struct text name;
    struct text uid;
    struct text version;
    int64_t generation;
    bool deleting;
};

/** See scan.h. */
struct scan {
    struct scan_options options;
    scan_visit_fn visit;
    void *payload;
    struct error failure; /**< why it failed; its code is 0 as long as it did not */
    int stopped;          /**< what the visitor or a failure said */
    enum scan_place place;
    enum scan_expect expect;
    enum scan_field field;
    enum scan_run run;
    bool in_string;    /**< of RUN_NESTED */
    bool escape;       /**< the last byte was a backslash */
    unsigned depth;    /**< of RUN_NESTED */
    struct text *sink; /**< where the value goes; NULL: nowhere */
    struct text token; /**< a name, or a value that matters */
    uint32_t seen;     /**< fields of the outer object */
    struct scan_item item;
    struct text kind;
    struct text type;
    struct text list_version;
    struct text continue_token;
    int64_t remaining;
    size_t items;
    struct tokens tokens;
};

/** Fails the scan for good. @return code. */
int scan_fail(struct scan *scan, int code, const char *why);

/** Begins to run through a value whose first byte is `first`, into `sink`. */
void scan_run_begin(struct scan *scan, char first, struct text *sink);

/** Runs on. @return behind the last byte taken; `run` is RUN_NONE if the value has ended. */
const char *scan_run_on(struct scan *scan, const char *at, const char *end);

/** Adds to a text of the item, or to the token, within the limits. */
void scan_keep(struct scan *scan, struct text *text, const char *data, size_t size);

/** @return what the member named by the token means where the scan is. */
enum scan_field scan_field_of(struct scan *scan);

/** Takes in the value in the token. @return 0 or a failure of the scan. */
int scan_field_take(struct scan *scan);

/** Readies the item for the next object. */
void scan_item_begin(struct scan *scan);

/** Marks the item as of no use; the first reason counts. */
void scan_item_spoil(struct scan *scan, const char *problem);

/** Tells the item that has ended. @return 0 or what stops the scan. */
int scan_tell_item(struct scan *scan);

/** Tells the event whose line has ended. @return 0 or what stops the scan. */
int scan_tell_event(struct scan *scan);

/** Tells a line that is no event. @return 0 or what stops the scan. */
int scan_tell_broken(struct scan *scan, const char *problem);

#endif
