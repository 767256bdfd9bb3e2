/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema - a JSON object against a table of options
 *
 * One table gives the check, the defaults and the help: the plugins' option tables and the program's own
 * keys are of one type, struct apigw_option.
 */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

#include "apigw/plugin.h"
#include "base/error.h"
#include "base/problem.h"
#include "base/text.h"

#include <jansson.h>
#include <stddef.h>

/** A table of options, and what an APIGW_OPTION_VERSION may be. All borrowed. */
struct schema {
    const struct apigw_option *options;
    size_t count;
    /** Kinds that APIGW_OPTION_VERSION refers to; may be NULL if there is no such option. */
    const struct apigw_kind *kinds;
    size_t kinds_count;
};

/**
 * Checks every member of an object: known, of the right type, within limits, one of the choices; and that
 * every required one is there. A misspelt key is told with the one that it is probably meant to be.
 *
 * @param value     the object; NULL or JSON null count as {}.
 * @param path      put in front of the paths of problems, "" for none.
 * @param problems  what is wrong is added.
 */
void schema_check(const struct schema *schema, const json_t *value, const char *path,
                  struct problems *problems);

/**
 * Fills defaults in. Options without one stay absent.
 *
 * @param value  a checked object; NULL counts as {}.
 * @return a new object, owned by caller; NULL if memory is short or a default is no JSON.
 */
json_t *schema_complete(const struct schema *schema, const json_t *value);

/**
 * Checks a table itself, as a plugin brings it: names, types, flags, defaults of the right type, choices
 * only where they make sense, no name twice.
 *
 * @return 0, or ERROR_INVALID with the option's name and what is wrong with it.
 */
int schema_check_table(const struct schema *schema, struct error *error);

/**
 * Adds the error about a key that nobody knows, with the one that is probably meant or, if none is near,
 * all that there are.
 *
 * @param path   of the object that holds the key, "" for the whole.
 * @param names  the known keys.
 */
void schema_add_unknown(const char *path, const char *key, const char *const *names, size_t count,
                        struct problems *problems);

/** Appends a table of the options for people: name, type, default, what it is for. */
void schema_describe(const struct schema *schema, struct text *out);

#endif
