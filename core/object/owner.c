/* SPDX-License-Identifier: Apache-2.0 */
#include "object/owner.h"

#include "base/digest.h"
#include "base/json.h"
#include "object/key.h"

#include <stdio.h>
#include <string.h>

/* Our labels; the last one changes with every write to the Api and is never compared. */
static const char *const labels[] = {"createdBy", "apiNamespace", "apiName", "apiUid", "apiVersion"};
enum { LABEL_CREATED_BY, LABEL_NAMESPACE, LABEL_NAME, LABEL_UID, LABEL_VERSION, LABEL_COUNT };

/* Of the names of our annotations. */
static const char *const annotation_prefix = "apigwd.io/";

/* Room for the name of any of our annotations. */
enum { ANNOTATION_SIZE = 32 };

static void annotation_name(char name[ANNOTATION_SIZE], size_t label)
{
    (void)snprintf(name, ANNOTATION_SIZE, "%s%s", annotation_prefix, labels[label]);
}

/* The value of a label for this Api; NULL if it has none. */
static const char *label_value(size_t label, const json_t *api, const struct settings *settings)
{
    switch (label) {
    case LABEL_CREATED_BY:
        return settings->created_by;
    case LABEL_NAMESPACE:
        return object_namespace(api);
    case LABEL_NAME:
        return object_name(api);
    case LABEL_UID:
        return json_text_at(api, "metadata.uid");
    default:
        return json_text_at(api, "metadata.resourceVersion");
    }
}

/* The member, made where it is missing or no object; NULL if memory is short. */
static json_t *member_object(json_t *object, const char *name)
{
    json_t *member = json_member(object, name);

    if (json_is_object(member))
        return member;
    if (json_object_set_new(object, name, json_object()) != 0)
        return NULL;
    return json_member(object, name);
}

static void remove_label(json_t *metadata, size_t label)
{
    char annotation[ANNOTATION_SIZE];

    annotation_name(annotation, label);
    (void)json_object_del(json_member(metadata, "labels"), labels[label]);
    (void)json_object_del(json_member(metadata, "annotations"), annotation);
}

static bool set_label(json_t *metadata, size_t label, const char *value)
{
    char annotation[ANNOTATION_SIZE];
    char cut[LABEL_MAX + 1];
    json_t *annotations;

    /* What a plugin wrote under our names must not stand beside a value of ours. */
    remove_label(metadata, label);
    if (!value)
        return true;
    digest_shorten(cut, value, LABEL_MAX);
    if (json_object_set_new(member_object(metadata, "labels"), labels[label], json_string(cut)) != 0)
        return false;
    if (strlen(value) <= LABEL_MAX)
        return true;
    annotations = member_object(metadata, "annotations");
    annotation_name(annotation, label);
    return json_object_set_new(annotations, annotation, json_string(value)) == 0;
}

bool owner_label(json_t *output, const json_t *api, const struct settings *settings)
{
    json_t *metadata = member_object(output, "metadata");

    for (size_t i = 0; i < LABEL_COUNT; i++) {
        if (!metadata || !set_label(metadata, i, label_value(i, api, settings)))
            return false;
    }
    return true;
}

/* A name under which we wrote labels, now or in the past. */
static bool is_creator(const char *value, const struct settings *settings)
{
    char cut[LABEL_MAX + 1];

    digest_shorten(cut, settings->created_by, LABEL_MAX);
    return strcmp(value, cut) == 0 || strcmp(value, OWNER_CREATED_BY) == 0 ||
           strcmp(value, OWNER_CREATED_BY_HISTORIC) == 0;
}

static const char *label_of(const json_t *object, size_t label)
{
    return json_string_value(json_member(json_at(object, "metadata.labels"), labels[label]));
}

static json_t *annotation_of(const json_t *object, size_t label)
{
    char annotation[ANNOTATION_SIZE];

    annotation_name(annotation, label);
    return json_member(json_at(object, "metadata.annotations"), annotation);
}

/* Whether the label says this value; a cut one proves nothing without the whole in the annotation, and an
 * annotation that says something else means that the label is the cut one of another value. */
static bool label_says(const json_t *object, size_t label, const char *value)
{
    const char *found = label_of(object, label);
    const json_t *whole = annotation_of(object, label);
    char cut[LABEL_MAX + 1];

    digest_shorten(cut, value, LABEL_MAX);
    if (!found || strcmp(found, cut) != 0)
        return false;
    if (!whole)
        return strlen(value) <= LABEL_MAX;
    return json_is_string(whole) && strcmp(json_string_value(whole), value) == 0;
}

bool owner_is_ours(const json_t *object, const struct settings *settings)
{
    const char *creator = label_of(object, LABEL_CREATED_BY);
    const char *name = label_of(object, LABEL_NAME);

    return creator && is_creator(creator, settings) && name && name[0] &&
           label_says(object, LABEL_NAMESPACE, object_namespace(object));
}

bool owner_is_of(const json_t *object, const json_t *api, const struct settings *settings)
{
    const char *uid = json_text_at(api, "metadata.uid");
    const char *name = object_name(api);

    if (!owner_is_ours(object, settings) || strcmp(object_namespace(object), object_namespace(api)) != 0)
        return false;
    if (uid && label_of(object, LABEL_UID))
        return label_says(object, LABEL_UID, uid);
    return name && label_says(object, LABEL_NAME, name);
}

/* Every member of `wanted` stands equal in `observed`, apart from one. */
static bool holds(const json_t *wanted, const json_t *observed, const char *except)
{
    json_t *value;
    const char *name;

    json_object_foreach(json_iterable(wanted), name, value)
    {
        if (strcmp(name, except) != 0 && !json_equal(value, json_member(observed, name)))
            return false;
    }
    return true;
}

/* Our own labels have to be gone where they are not wanted; what others add is theirs. */
static bool nothing_stale(const json_t *wanted, const json_t *observed)
{
    for (size_t i = 0; i < LABEL_VERSION; i++) {
        if (label_of(observed, i) && !label_of(wanted, i))
            return false;
        if (annotation_of(observed, i) && !annotation_of(wanted, i))
            return false;
    }
    return true;
}

static bool equal_metadata(const json_t *wanted, const json_t *observed)
{
    char version[ANNOTATION_SIZE];
    json_t *value;
    const char *name;

    annotation_name(version, LABEL_VERSION);
    json_object_foreach(json_iterable(wanted), name, value)
    {
        const json_t *other = json_member(observed, name);
        if (strcmp(name, "labels") == 0 && !holds(value, other, labels[LABEL_VERSION]))
            return false;
        if (strcmp(name, "annotations") == 0 && !holds(value, other, version))
            return false;
        if (strcmp(name, "labels") != 0 && strcmp(name, "annotations") != 0 && !json_equal(value, other))
            return false;
    }
    return true;
}

bool owner_equal(const json_t *wanted, const json_t *observed)
{
    return json_object_size(wanted) == json_object_size(observed) && holds(wanted, observed, "metadata") &&
           equal_metadata(json_member(wanted, "metadata"), json_member(observed, "metadata")) &&
           nothing_stale(wanted, observed);
}

static bool is_our_label(const char *name)
{
    for (size_t i = 0; i < LABEL_COUNT; i++) {
        if (strcmp(name, labels[i]) == 0)
            return true;
    }
    return false;
}

static bool is_our_annotation(const char *name)
{
    return strncmp(name, annotation_prefix, strlen(annotation_prefix)) == 0;
}

/* The texts of `observed` that are neither ours nor wanted otherwise. */
static bool keep_texts(json_t *metadata, const json_t *observed, const char *member,
                       bool (*is_ours)(const char *name))
{
    json_t *value;
    const char *name;

    json_object_foreach(json_iterable(json_member(observed, member)), name, value)
    {
        json_t *texts;
        if (!json_is_string(value) || is_ours(name) || json_member(json_member(metadata, member), name))
            continue;
        texts = member_object(metadata, member);
        if (!texts || json_object_set(texts, name, value) != 0)
            return false;
    }
    return true;
}

static bool has_text(const json_t *list, const json_t *text)
{
    json_t *element;
    size_t i;

    json_array_foreach(list, i, element)
    {
        if (json_equal(element, text))
            return true;
    }
    return false;
}

static bool keep_finalizers(json_t *metadata, const json_t *observed)
{
    static const char *const member = "finalizers";
    json_t *element;
    size_t i;

    json_array_foreach(json_member(observed, member), i, element)
    {
        if (!json_is_string(element) || has_text(json_member(metadata, member), element))
            continue;
        if (!json_is_array(json_member(metadata, member)) &&
            json_object_set_new(metadata, member, json_array()) != 0)
            return false;
        if (json_array_append(json_member(metadata, member), element) != 0)
            return false;
    }
    return true;
}

bool owner_keep_others(json_t *wanted, const json_t *observed)
{
    const json_t *theirs = json_member(observed, "metadata");
    json_t *metadata = member_object(wanted, "metadata");

    return metadata && keep_texts(metadata, theirs, "labels", is_our_label) &&
           keep_texts(metadata, theirs, "annotations", is_our_annotation) &&
           keep_finalizers(metadata, theirs);
}
