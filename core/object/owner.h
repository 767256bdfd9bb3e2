/* SPDX-License-Identifier: Apache-2.0 */
/*
 * owner - labels by which an output is known as ours, and as which Api's
 */
#ifndef OBJECT_OWNER_H
#define OBJECT_OWNER_H

#include "object/settings.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/** Value of the label createdBy unless configured otherwise. */
#define OWNER_CREATED_BY "apigwd"
/** What the historic controller wrote; its objects are ours too. */
#define OWNER_CREATED_BY_HISTORIC "api-controller"

/**
 * Adds our labels to an output: createdBy, apiNamespace, apiName, apiUid, and apiVersion (the Api's
 * resourceVersion at that time); the last two only where the Api has them. A value of more than 63
 * characters is cut and hashed, and stands whole in the annotation "apigwd.io/LABEL".
 *
 * @param output  changed.
 * @param api     the Api that it is made for; borrowed.
 * @return false if memory is short.
 */
bool owner_label(json_t *output, const json_t *api, const struct settings *settings);

/**
 * Makes the Api the owner of an output, so that a garbage collector takes it away with the Api. Only if the
 * Api has a uid.
 *
 * @return false if memory is short.
 */
bool owner_refer(json_t *output, const json_t *api);

/** @return whether an element of ownerReferences names an Api. */
bool owner_is_reference(const json_t *reference);

/** Whose an object is. Texts borrowed from the object. */
struct owner {
    /** It carries our labels, of an Api of its namespace: a copy in another namespace is not ours. */
    bool ours;
    /** Only the historic controller's mark says so, and the settings do not write that mark: then it is ours
     * if the uid is that of the live Api. */
    bool historic;
    /** Name of the Api, whole; NULL if it is not ours. */
    const char *name;
    /** uid of the Api; NULL if it has none. */
    const char *uid;
};

/** Reads our labels. A label that is cut says nothing without the annotation that has it whole. */
struct owner owner_of(const json_t *object, const struct settings *settings);

/**
 * Our labels and annotations whose values are compared: all but the label apiVersion, which changes with
 * every write to the Api.
 *
 * @param number  from 0.
 * @param annotation  set to the name of the annotation that goes with it, static.
 * @return the label's name, static; NULL behind the last one.
 */
const char *owner_compared(size_t number, const char **annotation);

/** @return whether a label or an annotation of this name is ours, compared or not. */
bool owner_has_name(const char *name);

/**
 * Adds what others have put on an output of ours, so that it stays when the output is replaced: labels and
 * annotations that `wanted` does not have, finalizers. Our own labels and annotations that are no longer
 * wanted are not added, and nothing else is.
 *
 * @param wanted    changed; its metadata must not be shared.
 * @param observed  borrowed; NULL or of any form.
 * @return false if memory is short.
 */
bool owner_keep_others(json_t *wanted, const json_t *observed);

#endif
