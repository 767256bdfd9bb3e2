/* SPDX-License-Identifier: Apache-2.0 */
#include "object/content.h"

#include "base/json.h"
#include "object/owner.h"

#include <stdlib.h>
#include <string.h>

/* Our own labels and annotations, under names that no member of an object has. */
static void add_marks(struct imprint *sum, const json_t *metadata, uint64_t seed)
{
    const json_t *labels = json_member(metadata, "labels");
    const json_t *annotations = json_member(metadata, "annotations");
    const char *annotation = NULL;
    const char *label;

    for (size_t i = 0; (label = owner_compared(i, &annotation)); i++) {
        imprint_add(sum, label, json_member(labels, label), seed);
        imprint_add(sum, annotation, json_member(annotations, annotation), seed);
    }
}

/* The texts that are not ours; NULL if there are none or memory is short. */
static json_t *others(const json_t *texts, bool *failed)
{
    json_t *found = NULL;
    const char *name;
    json_t *value;

    json_object_foreach(json_iterable(texts), name, value)
    {
        if (owner_has_name(name))
            continue;
        if (!found)
            found = json_object();
        *failed = *failed || !found || json_object_set(found, name, value) != 0;
    }
    return found;
}

/* Owners that are not an Api; NULL if there are none or memory is short. */
static json_t *other_owners(const json_t *references, bool *failed)
{
    json_t *found = NULL;
    const json_t *reference;
    size_t i;

    json_array_foreach(references, i, reference)
    {
        if (owner_is_reference(reference))
            continue;
        if (!found)
            found = json_array();
        *failed = *failed || json_array_append(found, (json_t *)(uintptr_t)reference) != 0;
    }
    return found;
}

/* Adds a member and gives its value away; what is NULL is left out. */
static void add(json_t *object, const char *name, json_t *value, bool *failed)
{
    if (value && json_object_set_new(object, name, value) != 0)
        *failed = true;
}

static int take_extra(const json_t *metadata, char **extra)
{
    const json_t *finalizers = json_member(metadata, "finalizers");
    json_t *all = json_object();
    bool failed = !all;

    add(all, "labels", others(json_member(metadata, "labels"), &failed), &failed);
    add(all, "annotations", others(json_member(metadata, "annotations"), &failed), &failed);
    add(all, "ownerReferences", other_owners(json_member(metadata, "ownerReferences"), &failed), &failed);
    if (json_array_size(finalizers) > 0)
        add(all, "finalizers", json_incref((json_t *)(uintptr_t)finalizers), &failed);
    if (!failed && json_object_size(all) > 0) {
        *extra = json_canonical(all);
        failed = !*extra;
    }
    json_decref(all);
    return failed ? ERROR_NO_MEMORY : 0;
}

/* Of the owners the Api alone counts. */
static void add_owner(struct imprint *sum, const json_t *metadata, uint64_t seed)
{
    const json_t *reference;
    size_t i;

    json_array_foreach(json_member(metadata, "ownerReferences"), i, reference)
    {
        if (owner_is_reference(reference))
            imprint_add(sum, "owner", json_member(reference, "uid"), seed);
    }
}

int content_of(const json_t *object, uint64_t seed, struct content *out)
{
    const json_t *metadata = json_member(object, "metadata");
    struct content content = {0};
    const char *name;
    json_t *value;

    json_object_foreach(json_iterable(object), name, value)
    {
        if (strcmp(name, "metadata") != 0 && strcmp(name, "status") != 0)
            imprint_add(&content.imprint, name, value, seed);
    }
    add_marks(&content.imprint, metadata, seed);
    add_owner(&content.imprint, metadata, seed);
    if (take_extra(metadata, &content.extra) != 0) {
        free(content.extra);
        return ERROR_NO_MEMORY;
    }
    *out = content;
    return 0;
}

/* Every text of `wanted` stands in `observed`. */
static bool holds(const json_t *wanted, const json_t *observed)
{
    const char *name;
    json_t *value;

    json_object_foreach(json_iterable(wanted), name, value)
    {
        if (!json_equal(value, json_member(observed, name)))
            return false;
    }
    return true;
}

static bool extra_stands(const char *wanted, const char *observed)
{
    json_t *first = json_parse(wanted, strlen(wanted), NULL);
    json_t *second = observed ? json_parse(observed, strlen(observed), NULL) : NULL;
    bool stands = first && second && holds(json_member(first, "labels"), json_member(second, "labels")) &&
                  holds(json_member(first, "annotations"), json_member(second, "annotations"));

    json_decref(first);
    json_decref(second);
    return stands;
}

bool content_stands(struct imprint wanted, const char *wanted_extra, struct imprint observed,
                    const char *extra)
{
    return imprint_equal(wanted, observed) && (!wanted_extra || extra_stands(wanted_extra, extra));
}
