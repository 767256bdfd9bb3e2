/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cases - a plugin and a golden case, loaded as the daemon loads them
 */
#ifndef TESTS_CASES_H
#define TESTS_CASES_H

#include "object/settings.h"
#include "plugin/registry.h"
#include "reconcile/render.h"
#include "store/store.h"

#include <jansson.h>
#include <stddef.h>

/** A plugin under test, or the same with the options of one case. */
struct bench {
    struct config_backend entry;
    struct config_cluster cluster;
    struct registry *registry;
};

/** A golden case: CASE.in.yaml. Storage of the caller; all zero is empty. */
struct golden_case {
    json_t *head; /**< {settings, config, protect} */
    json_t *api;
    json_t *others; /**< array: what find() sees */
    struct settings settings;
    struct string_list protect;
};

/** Loads the plugin of a file with these options. @return NULL, or why not (to be freed). */
char *bench_open(struct bench *bench, const char *file, const json_t *config);

/** Frees it. */
void bench_close(struct bench *bench);

/** @return a store with these objects, an array, indexed for the bench's backend; NULL on failure. */
struct store *bench_store(const struct bench *bench, const json_t *objects);

/** Reads a case. @return NULL, or why not (to be freed). */
char *case_read(struct golden_case *golden, const char *path);

/** Frees it. */
void case_release(struct golden_case *golden);

/** Reads all documents of a file. @return array, to be json_decref()ed; NULL and *why on failure. */
json_t *documents_read(const char *path, char **why);

/** @return the input for render_backend(). A case with other objects tells of all there are. */
struct render_input case_input(const struct golden_case *golden, const json_t *api,
                               const struct effective *effective, const struct store *store);

#endif
