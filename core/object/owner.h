/* SPDX-License-Identifier: Apache-2.0 */
/*
 * owner - labels by which an output is known as ours, and as which Api's
 */
#ifndef OBJECT_OWNER_H
#define OBJECT_OWNER_H

#include "object/settings.h"

#include <jansson.h>
#include <stdbool.h>

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

/** @return whether an object carries our labels, of whatever Api of its namespace: a copy in another
 * namespace is not ours. */
bool owner_is_ours(const json_t *object, const struct settings *settings);

/** @return whether an object is ours and carries this Api's uid or, where either has none, its key. A label
 * that is cut says nothing without its annotation. */
bool owner_is_of(const json_t *object, const json_t *api, const struct settings *settings);

/**
 * Compares what we write: everything but the label apiVersion, which changes with every write to the Api.
 * Labels, annotations and other metadata that `observed` has beside ours do not count.
 *
 * @return whether nothing has to be written.
 */
bool owner_equal(const json_t *wanted, const json_t *observed);

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
