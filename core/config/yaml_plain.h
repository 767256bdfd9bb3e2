/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_plain - YAML as most files are written, read without libyaml
 *
 * Block style in ASCII, one line for each scalar, no escapes: what yaml_write() makes of names and numbers,
 * and what people write by hand. It knows what it can read, not what is wrong: everything else, right or
 * wrong, is left to libyaml, so that there is one opinion on what YAML is.
 */
#ifndef CONFIG_YAML_PLAIN_H
#define CONFIG_YAML_PLAIN_H

#include "config/yaml.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/** A document. */
struct yaml_plain_document {
    json_t *value; /**< owned by the list */
    size_t line;   /**< on which its value begins, from 1 */
};

/** All documents of a text, none of them empty. Storage of the caller; all zero is empty. */
struct yaml_plain {
    struct yaml_plain_document *list;
    size_t count;
    size_t capacity;
};

/**
 * Reads a text within the limits.
 *
 * @param documents  empty; for yaml_plain_release().
 * @return false if it has to be read by libyaml: it is not plain, beyond a limit, or memory is short. The
 *         list is empty then.
 */
bool yaml_plain_read(const char *data, size_t size, const struct yaml_limits *limits,
                     struct yaml_plain *documents);

/** Frees the documents; the list is empty again. */
void yaml_plain_release(struct yaml_plain *documents);

#endif
