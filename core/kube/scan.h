/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan - lists and watches of an API server, cut into objects while they stream
 *
 * Bytes are pushed in as they come; one object at a time is held, as text without metadata.managedFields,
 * which is skipped and never stored. An object that cannot be used is told with what could be read of its
 * identity, and the others go on: its name is found without looking at the rest of it. The stream as a whole
 * fails only if the end of an object cannot be found.
 *
 * What is given as a text passes json_parse().
 */
#ifndef KUBE_SCAN_H
#define KUBE_SCAN_H

#include "base/error.h"
#include "kube/refusal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Greatest size of an object's text without its managed fields. */
#define SCAN_OBJECT_MAX ((size_t)3 * 1024 * 1024)

struct scan;

/** What is read. */
enum scan_form {
    SCAN_LIST, /**< one object of a kind XList with its items */
    SCAN_WATCH /**< one event a line */
};

/** What was found. */
enum scan_type {
    SCAN_ITEM,     /**< an item of a list */
    SCAN_ADDED,    /**< these three: an event with an object */
    SCAN_MODIFIED, /**< see SCAN_ADDED */
    SCAN_DELETED,  /**< see SCAN_ADDED; the object's last state */
    SCAN_BOOKMARK, /**< only a resource version */
    SCAN_ERROR,    /**< a refusal; the stream ends after it */
    SCAN_UNKNOWN,  /**< an event of a type that this does not know */
    SCAN_BROKEN    /**< a line that is no event */
};

/** An object, valid until the call returns. */
struct scan_object {
    const char *name_space;       /**< NULL if it has none or it cannot be read */
    const char *name;             /**< NULL if it cannot be read */
    const char *uid;              /**< NULL if it has none or it cannot be read */
    const char *resource_version; /**< NULL if it has none or it cannot be read */
    int64_t generation;           /**< -1 if it has none */
    bool deleting;                /**< it has a deletionTimestamp */
    /** Compact JSON text, NUL-terminated; NULL if the object cannot be used. Items of built-in kinds have no
     * apiVersion and kind. */
    const char *text;
    size_t size; /**< of the text */
    /** Text of the member "status", if it was asked for apart; also where the rest cannot be used and this
     * can. NULL if there is none. */
    const char *status;
    size_t status_size; /**< of the status */
};

/** One call's worth. */
struct scan_event {
    enum scan_type type;
    const char *type_name;         /**< as it stood there; "" if nothing did */
    struct scan_object object;     /**< all NULL where there is none */
    const struct refusal *refusal; /**< of SCAN_ERROR; else NULL */
    /** Why the object or the line cannot be used; NULL if it can. Its identity may still be there. */
    const char *problem;
};

/** What a list says of itself. The texts live as long as the scan. */
struct scan_list {
    const char *resource_version; /**< where a watch begins; not NULL */
    const char *continue_token;   /**< of the next page; NULL: there is none */
    int64_t remaining;            /**< items on later pages; -1 if not told */
    size_t items;                 /**< items seen, with those that cannot be used */
};

/** How to scan. */
struct scan_options {
    enum scan_form form;
    bool split_status; /**< the member "status" is cut out of the text and given apart */
    size_t object_max; /**< greatest size of an object's text; 0: SCAN_OBJECT_MAX */
};

/**
 * Called for each object and event. Must not feed the scan.
 *
 * @return 0 to go on; anything else stops the scan for good and is returned by scan_feed().
 */
typedef int (*scan_visit_fn)(const struct scan_event *event, void *payload);

/** @return owned by caller, for scan_free(); NULL if memory is short. */
struct scan *scan_new(const struct scan_options *options, scan_visit_fn visit, void *payload);

/** Frees the scan. NULL is fine. */
void scan_free(struct scan *scan);

/**
 * Takes the next bytes of the body.
 *
 * @return 0, what `visit` returned, ERROR_INVALID (no such body), ERROR_LIMIT or ERROR_NO_MEMORY; then the
 *         scan is of no further use, and every later call returns the same.
 */
int scan_feed(struct scan *scan, const char *data, size_t size, struct error *error);

/**
 * Tells that the body has ended.
 *
 * @param list  of a list, set to what it says of itself; may be NULL for a watch.
 * @return 0; ERROR_IO if it ended too early (a list is then worth nothing, of a watch only the last event is
 *         lost), ERROR_INVALID if a list lacks its items or its resource version, or what scan_feed() said.
 */
int scan_finish(struct scan *scan, struct scan_list *list, struct error *error);

#endif
