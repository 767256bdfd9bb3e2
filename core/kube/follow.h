/* SPDX-License-Identifier: Apache-2.0 */
/*
 * follow - one kind on an API server: what there is, and then what changes
 *
 * A list is scanned while it streams, then a watch goes on from its version: bookmarks are its heartbeat, a
 * watch that ends is taken up where it was, one whose version is too old leads to a new list. Who is told
 * learns of every object once after each list, and which were there before and are not any more. What cannot
 * be read is told by name; a kind that is not served or not permitted is told as such and tried again;
 * nothing is ever taken as gone for such a reason.
 */
#ifndef KUBE_FOLLOW_H
#define KUBE_FOLLOW_H

#include "base/error.h"
#include "base/log.h"
#include "kube/connection.h"
#include "kube/scan.h"
#include "object/key.h"
#include "object/moment.h"

#include <stdbool.h>
#include <stdint.h>

struct follow;

/** How a kind is. */
enum follow_state {
    FOLLOW_UNKNOWN,   /**< was not listed yet */
    FOLLOW_CURRENT,   /**< listed; changes are told, now or once the connection is back */
    FOLLOW_ABSENT,    /**< the server does not serve it */
    FOLLOW_FORBIDDEN, /**< we may not read it */
    FOLLOW_UNREADABLE /**< an object whose name cannot be read: what is not in the list may be that one */
};

/** Which kind, and who is told. All borrowed, and must outlive it. */
struct follow_options {
    struct connection *connection;
    const struct log *log;
    /** Group, version, kind and plural; namespace NULL: of all. */
    struct object_ref ref;
    const char *label_selector; /**< NULL: all */
    /** The member `status` is given apart from the text. */
    bool split_status;
    /** Only the metadata of each object is asked for (PartialObjectMetadata). */
    bool metadata;
    /** Objects of the kind are in no namespace: that of `put` and `gone` is NULL. */
    bool no_namespace;
    uint64_t seed; /**< of the jitter */
    /** How long a kind that we may not read is let be before it is tried again, in ms; 0: 5 s. */
    int64_t denied_ms;
    /** The time; whoever drives the connection sets it before each call. */
    const struct moment *now;

    /** A list begins: all that is there is told anew. @return 0 or ERROR_NO_MEMORY. */
    int (*begin)(void *payload, struct error *error);
    /** An object is there, new, changed or as it was. Its text is NULL if it cannot be used (`problem`). */
    int (*put)(const struct scan_object *object, const char *problem, void *payload, struct error *error);
    /** An object is gone: its place, with uid and version of its end where they are told. */
    int (*gone)(const struct scan_object *object, void *payload, struct error *error);
    /** The list has ended: what was not put since begin() is gone, if the state is FOLLOW_CURRENT.
     * @param version  of the list. */
    int (*end)(const char *version, void *payload, struct error *error);
    /** The state or its reason has changed; see follow_state(). */
    void (*changed)(void *payload);
    /** @return whether the server lets us read other kinds: then that it denies this one from the beginning
     * is soon believed. NULL: not known. */
    bool (*granted)(void *payload);
    void *payload;
};

/** @return 0 or ERROR_NO_MEMORY. @param out  set on success, for follow_free(). */
int follow_new(const struct follow_options *options, struct follow **out, struct error *error);

/** Ends it. NULL is fine. */
void follow_free(struct follow *follow);

/** Does what is due: lists, watches, tries again. */
void follow_tick(struct follow *follow);

/** @return when follow_tick() is to be called next; INT64_MAX: not before something happens. */
int64_t follow_due_ms(const struct follow *follow);

/** Something happened to the kind: one that is absent may be served now, or one that is followed may not be
 * any more. It is looked at anew at once, and for some seconds often. Safe within a call of the connection.
 * @param gone  it is told that it goes. */
void follow_look_again(struct follow *follow, bool gone);

/** How long a kind that is absent is let be before it is looked for again, in ms; 5 s from the beginning. */
void follow_set_absent_delay(struct follow *follow, int64_t delay_ms);

/** @return how the kind is. */
enum follow_state follow_state(const struct follow *follow);

/** @return why, for people; "" if there is nothing to say. Borrowed. */
const char *follow_why(const struct follow *follow);

/** @return whether the server has ever begun to tell of the kind. */
bool follow_granted(const struct follow *follow);

/** @return whether a watch is open that told something within the time of a heartbeat. */
bool follow_connected(const struct follow *follow);

#endif
