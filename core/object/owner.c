/* SPDX-License-Identifier: Apache-2.0 */
#include "object/owner.h"

#include "base/digest.h"
#include "base/json.h"
#include "object/key.h"

#include <string.h>

/* Our labels; the last one changes with every write to the Api and is never compared. */
static const char *const labels[] = {"createdBy", "apiNamespace", "apiName", "apiUid", "apiVersion"};

/* The annotations that hold what is too long for a label. */
static const char *const annotations[] = {"apigwd.io/createdBy", "apigwd.io/apiNamespace",
                                          "apigwd.io/apiName", "apigwd.io/apiUid", "apigwd.io/apiVersion"};
enum { LABEL_CREATED_BY, LABEL_NAMESPACE, LABEL_NAME, LABEL_UID, LABEL_VERSION, LABEL_COUNT };

/* Of the names of our annotations. */
static const char *const annotation_prefix = "apigwd.io/";

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
    (void)json_object_del(json_member(metadata, "labels"), labels[label]);
    (void)json_object_del(json_member(metadata, "annotations"), annotations[label]);
}

static bool set_label(json_t *metadata, size_t label, const char *value)
{
    char cut[LABEL_MAX + 1];

    /* What a plugin wrote under our names must not stand beside a value of ours. */
    remove_label(metadata, label);
    if (!value)
        return true;
    digest_shorten(cut, value, LABEL_MAX);
    if (json_object_set_new(member_object(metadata, "labels"), labels[label], json_string(cut)) != 0)
        return false;
    if (strlen(value) <= LABEL_MAX)
        return true;
    return json_object_set_new(member_object(metadata, "annotations"), annotations[label],
                               json_string(value)) == 0;
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

bool owner_refer(json_t *output, const json_t *api)
{
    const char *uid = json_text_at(api, "metadata.uid");
    json_t *reference;

    if (!uid)
        return true;
    reference = json_pack("{s:s, s:s, s:s, s:s, s:b}", "apiVersion", API_GROUP "/" API_VERSION, "kind",
                          API_KIND, "name", object_name(api), "uid", uid, "controller", 1);
    return json_object_set_new(member_object(output, "metadata"), "ownerReferences",
                               reference ? json_pack("[o]", reference) : NULL) == 0;
}

bool owner_is_reference(const json_t *reference)
{
    const char *kind = json_string_value(json_member(reference, "kind"));
    char group[SUBDOMAIN_MAX + 1];

    return kind && strcmp(kind, API_KIND) == 0 && object_group(reference, group) &&
           strcmp(group, API_GROUP) == 0;
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
    return json_member(json_at(object, "metadata.annotations"), annotations[label]);
}

/* The whole value of a label, which says nothing if it is cut and the annotation does not belong to it. */
static const char *whole_label(const json_t *object, size_t label)
{
    const char *found = label_of(object, label);
    const json_t *whole = annotation_of(object, label);
    char cut[LABEL_MAX + 1];

    if (!found || !whole)
        return found;
    if (!json_is_string(whole))
        return NULL;
    digest_shorten(cut, json_string_value(whole), LABEL_MAX);
    return strcmp(found, cut) == 0 ? json_string_value(whole) : NULL;
}

struct owner owner_of(const json_t *object, const struct settings *settings)
{
    const char *creator = label_of(object, LABEL_CREATED_BY);
    const char *name_space = whole_label(object, LABEL_NAMESPACE);
    const char *name = whole_label(object, LABEL_NAME);

    if (!creator || !is_creator(creator, settings) || !name || !name_is_subdomain(name) || !name_space ||
        strcmp(name_space, object_namespace(object)) != 0)
        return (struct owner){0};
    return (struct owner){.ours = true,
                          /* Whoever writes that name himself knows his own objects by it, as by any other. */
                          .historic = strcmp(creator, OWNER_CREATED_BY_HISTORIC) == 0 &&
                                      strcmp(settings->created_by, OWNER_CREATED_BY_HISTORIC) != 0,
                          .name = name,
                          .uid = whole_label(object, LABEL_UID)};
}

const char *owner_compared(size_t number, const char **annotation)
{
    if (number >= LABEL_VERSION)
        return NULL;
    *annotation = annotations[number];
    return labels[number];
}

bool owner_has_name(const char *name)
{
    static const char prefix[] = "apigwd.io/";

    if (strncmp(name, prefix, sizeof prefix - 1) == 0)
        name += sizeof prefix - 1;
    for (size_t i = 0; i < LABEL_COUNT; i++) {
        if (strcmp(name, labels[i]) == 0)
            return true;
    }
    return false;
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
