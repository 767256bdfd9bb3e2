/* SPDX-License-Identifier: Apache-2.0 */
/*
 * path - the paths and queries of an API server
 *
 * Nothing is sent and nothing is read here. A path begins with a slash: what stands before it is the server's
 * address. On failure nothing was appended; if memory was short, the text has failed.
 */
#ifndef KUBE_PATH_H
#define KUBE_PATH_H

#include "base/error.h"
#include "base/text.h"
#include "object/key.h"

#include <stdbool.h>

/** What a list asks for. All borrowed. */
struct path_list {
    const char *resource_version; /**< NULL: the most recent; "0": any that the server has at hand */
    bool exact;                   /**< just that version, instead of one that is not older */
    unsigned limit;               /**< items a page; 0: no limit */
    const char *continue_token;   /**< of the page before; NULL: the first page. The version is left out then,
                                     as the server wants it */
    const char *label_selector;   /**< NULL: all */
    const char *field_selector;   /**< NULL: all */
};

/** What a watch asks for. All borrowed. Bookmarks are always asked for. */
struct path_watch {
    const char *resource_version; /**< where to go on; NULL: from what is there now */
    unsigned timeout_s;           /**< seconds after which the server ends it; 0: the server chooses */
    const char *label_selector;   /**< NULL: all */
    const char *field_selector;   /**< NULL: all */
};

/** Appends the path of a group's version: "/apis/GROUP/VERSION", "/api/VERSION" of the core group. */
int path_version(struct text *out, const struct object_ref *ref, struct error *error);

/**
 * Appends the path of a kind's objects, for a list, a watch or a creation.
 *
 * @param ref  the version and the plural matter; a namespace that is NULL stands for all, and for kinds that
 *             have none. The name is not looked at.
 * @return 0, ERROR_INVALID or ERROR_NO_MEMORY.
 */
int path_collection(struct text *out, const struct object_ref *ref, struct error *error);

/**
 * Appends the path of one object.
 *
 * @param ref          as for path_collection(), with a name.
 * @param subresource  "status"; NULL: the object itself.
 * @return 0, ERROR_INVALID or ERROR_NO_MEMORY.
 */
int path_object(struct text *out, const struct object_ref *ref, const char *subresource, struct error *error);

/** Appends path and query of a list. @return 0, ERROR_INVALID or ERROR_NO_MEMORY. */
int path_of_list(struct text *out, const struct object_ref *ref, const struct path_list *list,
                 struct error *error);

/** Appends path and query of a watch. @return 0, ERROR_INVALID or ERROR_NO_MEMORY. */
int path_of_watch(struct text *out, const struct object_ref *ref, const struct path_watch *watch,
                  struct error *error);

/** Appends "?NAME=VALUE", or "&NAME=VALUE" behind a query; the value is percent-encoded. NULL or "" as a
 * value appends nothing. */
void path_add_query(struct text *out, const char *name, const char *value);

#endif
