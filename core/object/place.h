/* SPDX-License-Identifier: Apache-2.0 */
/*
 * place - the hosts and Services that an object names, at the paths that its kind declares
 */
#ifndef OBJECT_PLACE_H
#define OBJECT_PLACE_H

#include "apigw/plugin.h"
#include "object/key.h"

#include <jansson.h>
#include <stdbool.h>

/** Called for each text. @return false to stop. */
typedef bool (*place_fn)(const char *text, int32_t form, void *payload);

/**
 * Visits the texts at the paths of one use.
 *
 * @param use  enum apigw_use.
 * @return false if a visit stopped it.
 */
bool place_each(const struct apigw_kind *kind, int32_t use, const json_t *object, place_fn visit,
                void *payload);

/** @return whether the kind declares a path of this use. */
bool place_declared(const struct apigw_kind *kind, int32_t use);

/** @return whether the text, written in this form (enum apigw_form), means the Service in the namespace. */
bool place_is_service(const char *text, int32_t form, const char *name_space, const char *service);

/** Room for "NAMESPACE/SERVICE", both DNS labels, and a NUL. */
#define PLACE_SERVICE_SIZE (LABEL_MAX + 1 + LABEL_MAX + 1)

/**
 * Works out which Service a text means.
 *
 * @param form        enum apigw_form. A DNS name may be SERVICE, SERVICE.NAMESPACE and SERVICE.NAMESPACE.svc,
 *                    whatever cluster domain follows.
 * @param name_space  of the object.
 * @param key         gets "NAMESPACE/SERVICE".
 * @return false if the text means no Service.
 */
bool place_service(const char *text, int32_t form, const char *name_space, char key[PLACE_SERVICE_SIZE]);

#endif
