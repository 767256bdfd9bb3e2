/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_scalar - what an unquoted word means, for the reader and the writer of YAML
 */
#ifndef CONFIG_YAML_SCALAR_H
#define CONFIG_YAML_SCALAR_H

#include "base/error.h"

#include <jansson.h>

/** What an unquoted scalar is. Those from YAML_SCALAR_WORD on mean one thing to some readers and another to
 * others. */
enum yaml_scalar_class {
    YAML_SCALAR_STRING,
    YAML_SCALAR_NULL,
    YAML_SCALAR_TRUE,
    YAML_SCALAR_FALSE,
    YAML_SCALAR_INTEGER,
    YAML_SCALAR_REAL,
    YAML_SCALAR_WORD_TRUE,    /**< yes, on, y */
    YAML_SCALAR_WORD_FALSE,   /**< no, off, n */
    YAML_SCALAR_NOT_FINITE,   /**< .inf, .nan */
    YAML_SCALAR_RADIX,        /**< 0x1f, 0o17, 0b11 */
    YAML_SCALAR_SEXAGESIMAL,  /**< 1:30 */
    YAML_SCALAR_UNDERSCORE,   /**< 1_000 */
    YAML_SCALAR_LEADING_ZERO, /**< 017 */
};

/** @return what the text is without quotes. */
enum yaml_scalar_class yaml_scalar_classify(const char *text);

/**
 * Turns an unquoted scalar into a value.
 *
 * @return owned by caller; NULL with ERROR_INVALID and what to write instead, or with ERROR_NO_MEMORY.
 */
json_t *yaml_scalar_value(const char *text, struct error *error);

#endif
