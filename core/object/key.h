/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key - which object: names, and what names may be
 */
#ifndef OBJECT_KEY_H
#define OBJECT_KEY_H

#include "base/text.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/** API group, version and kind of an Api. */
#define API_GROUP "gateway.kyma-project.io"
#define API_VERSION "v1alpha2"
#define API_KIND "Api"
#define API_PLURAL "apis"

/** Greatest length of a DNS label (RFC 1123), and so of a namespace and of a label's value. */
#define LABEL_MAX 63
/** Greatest length of a DNS subdomain as Kubernetes counts it, and so of an object's name. */
#define SUBDOMAIN_MAX 253
/** Room for "NAMESPACE/NAME" and a NUL. */
#define KEY_SIZE (LABEL_MAX + 1 + SUBDOMAIN_MAX + 1)

/** An object's place: "namespace/name" of a kind. All borrowed. */
struct object_ref {
    const char *group;   /**< "" for the core group */
    const char *version; /**< may be NULL where any version is meant */
    const char *kind;
    const char *plural;
    const char *name_space;
    const char *name;
};

/** @return whether the text is a DNS label in lower case: a-z, 0-9, '-', at most 63 (RFC 1123). */
bool name_is_label(const char *name);

/** As name_is_label(), but begins with a letter, as the name of a Service must (RFC 1035). */
bool name_is_service(const char *name);

/** @return whether the text is a DNS subdomain in lower case, at most 253: an object's name. */
bool name_is_subdomain(const char *name);

/** @return whether the text can be a name in a URL of Kubernetes, as any kind's must: at most 253 printable
 * ASCII characters without '/', '%' and blank, neither "." nor "..". RBAC uses what name_is_subdomain()
 * refuses. */
bool name_is_segment(const char *name);

/** @return whether the text can be the value of a label, but for its length: letters, digits, '-', '_' and
 * '.', a letter or digit at both ends; at most 253, longer ones than LABEL_MAX are cut by whoever writes
 * labels. */
bool name_is_label_value(const char *value);

/** Writes "namespace/name" to `key`; both must be valid names. */
void key_format(char key[KEY_SIZE], const char *name_space, const char *name);

/** Room for "KIND.GROUP" and a NUL. */
#define KIND_SIZE (LABEL_MAX + SUBDOMAIN_MAX + 2)

/** Writes "KIND.GROUP"; a kind of the core group ends with the dot. */
void kind_format(char out[KIND_SIZE], const char *kind, const char *group);

/** Appends a resource as kubectl has it: "virtualservices.networking.istio.io", of the core group "services".
 */
void resource_append(struct text *out, const char *plural, const char *group);

/** Cuts "namespace/name" in two: what is left is the namespace. @return the name, within `key`; "" if there
 * is none. */
char *key_cut(char *key);

/** @return whether apiVersion and kind of the object are those of the group (any version) and kind. */
bool object_is(const json_t *object, const char *group, const char *kind);

/** Splits the group off an apiVersion: "" for the core group. @return false if there is none, or no valid
 * one. */
bool object_group(const json_t *object, char group[SUBDOMAIN_MAX + 1]);

/** @return metadata.namespace; "default" if there is none, as kubectl has it. Borrowed. */
const char *object_namespace(const json_t *object);

/** @return metadata.name; NULL if there is none. Borrowed. */
const char *object_name(const json_t *object);

#endif
