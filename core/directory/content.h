/* SPDX-License-Identifier: Apache-2.0 */
/*
 * content - from an object to the text of its file and back
 *
 * What is written must be read again, so both have the same limits: 1 MiB, 64 levels.
 *
 * Private to the output.
 */
#ifndef DIRECTORY_CONTENT_H
#define DIRECTORY_CONTENT_H

#include "base/error.h"
#include "base/text.h"
#include "config/yaml.h"
#include "object/key.h"

#include <jansson.h>
#include <stddef.h>

/** Limits of one file. Static. */
extern const struct yaml_limits content_limits;

/** Room for the version of a content. */
#define CONTENT_VERSION_SIZE 17

/**
 * Appends an object as people expect to read it: apiVersion, kind and metadata first. Equal objects whose
 * other members have the same order give equal texts.
 *
 * @return 0, ERROR_LIMIT or ERROR_NO_MEMORY.
 */
int content_write(const json_t *object, struct text *out, struct error *error);

/**
 * Parses the content of a file, which is one document.
 *
 * @param mark  set to the place of an error; {0, 0} if it has none.
 * @return owned by caller, for json_decref(); NULL on failure.
 */
json_t *content_read(const char *data, size_t size, struct yaml_mark *mark, struct error *error);

/**
 * Checks that an object is the one that belongs to its file.
 *
 * @param ref  group, namespace and name of it; kind or, where it is NULL, any kind.
 * @return 0 or ERROR_INVALID.
 */
int content_check(const json_t *object, const struct object_ref *ref, struct error *error);

/** Writes the version of a content: a digest. */
void content_version(char version[CONTENT_VERSION_SIZE], const char *data, size_t size);

#endif
