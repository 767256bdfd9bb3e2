/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_load - what the parts of the config's reading share
 *
 * A scope is a place in a file: whatever is wrong there is reported with file, line, column and path. Lack of
 * memory is remembered in the state and looked at once, at the end.
 */
#ifndef CONFIG_CONFIG_LOAD_H
#define CONFIG_CONFIG_LOAD_H

#include "base/problem.h"
#include "base/text.h"
#include "config/config.h"
#include "config/schema.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/** Greatest number of backends that all files name together; each is laid into every cluster. */
#define CONFIG_BACKENDS_MAX 256
/** Greatest number of clusters. */
#define CONFIG_CLUSTERS_MAX 256

/** A config that is being read. */
struct config_load {
    struct config *config;
    struct problems *problems;
    /** Memory was short somewhere. */
    bool failed;
    /** Roots of config->files, in their order. Owned. */
    json_t **roots;
    /** Settings for all clusters. Owned. */
    struct settings settings;
    /** Backends for all clusters. Owned. */
    struct config_entry *entries;
    size_t entries_count;
};

/** What is written about a backend, in one place. */
struct config_entry {
    const char *name;               /**< borrowed from the value's parent */
    const json_t *value;            /**< checked; borrowed from a root */
    const struct config_file *file; /**< borrowed from the config */
    char *path;                     /**< owned */
};

/** A place in a file. */
struct config_scope {
    struct config_load *load;
    const struct config_file *file;
    struct text path;
};

/** What an object may hold: keys of tables, and keys that are read by hand. */
struct config_section {
    const struct schema *schemas;
    size_t schemas_count;
    const char *const *others;
    size_t others_count;
};

/** @return the root of a file, for config_scope_release(). */
struct config_scope config_scope_root(struct config_load *load, const struct config_file *file);

/** @return the place of a path, for config_scope_release(). */
struct config_scope config_scope_at(struct config_load *load, const struct config_file *file,
                                    const char *path);

/** @return the place of a member, for config_scope_release(). */
struct config_scope config_scope_member(const struct config_scope *scope, const char *name);

/** @return the place of an element, for config_scope_release(). */
struct config_scope config_scope_element(const struct config_scope *scope, size_t number);

/** Frees the path. */
void config_scope_release(struct config_scope *scope);

/** Adds a problem at the place. One that is there already is not added again. */
void config_report(const struct config_scope *scope, enum problem_severity severity, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Adds a problem to a list with the place of its path in a file, unless it is there already. The place is
 * not looked for once problems are dropped: each look reads the file again. */
void config_add_located(struct problems *problems, const struct config_file *file,
                        enum problem_severity severity, const char *path, const char *message);

/**
 * Checks an object's keys and what its tables say about them.
 *
 * @param value  NULL and JSON null count as {}.
 * @return whether it is an object.
 */
bool config_check_section(const struct config_scope *scope, const struct config_section *section,
                          const json_t *value);

/** @return the text in quotes for a sentence, for text_release(). */
struct text config_quoted(const char *string);

/** @return a copy, owned by caller; NULL if memory is short, which is remembered. */
char *config_copy(struct config_load *load, const char *string);

/**
 * Lets an array of `count` items, which nothing else lets grow, grow by one; its room doubles.
 *
 * @return the new item, zeroed; NULL if memory is short, which is remembered. The array may have moved.
 */
void *config_grow(struct config_load *load, void **array, size_t count, size_t size);

/** Keys of the settings, which stand in the root and in each cluster: a table and names read by hand. */
extern const struct schema config_settings_schema;
/** See config_settings_schema: "defaultIssuer" and "domain". NULL-terminated. */
extern const char *const config_settings_others[];

/** Reads the settings that an object holds over those that are there. The object's keys have been checked. */
void config_read_settings(const struct config_scope *scope, const json_t *object, struct settings *settings);

/** Reads a file's `backends` as those for all clusters. */
void config_read_backends(const struct config_scope *scope, const json_t *backends);

/** Lays a cluster's `backends` over those for all clusters. */
void config_lay_backends(const struct config_scope *scope, const json_t *backends,
                         struct config_cluster *cluster);

/** Reads `admin` of the main file. */
void config_read_admin(const struct config_scope *scope, const json_t *admin);

/** Reads a file's `clusters`, once all backends for all clusters are read. */
void config_read_clusters(const struct config_scope *scope, const json_t *clusters);

/** Reads a cluster's `kubernetes`. */
void config_read_kubernetes(const struct config_scope *scope, const json_t *value,
                            struct config_cluster *cluster);

/** Frees it. NULL is fine. */
void config_kubernetes_free(struct config_kubernetes *kubernetes);

/** Reports outputs that meet another folder. */
void config_check_folders(struct config_load *load);

/** Reports clusters that have the kubeconfig and context of an earlier one. */
void config_check_servers(struct config_load *load);

/**
 * Reads the main file and checks its keys: config->files[0], roots[0].
 *
 * @return whether there is a root to go on with; if not, problems says why.
 */
bool config_read_main(struct config_load *load, const char *path);

/** Reads the files that `include` names, each once, and checks their keys; they follow the main file. */
void config_read_includes(const struct config_scope *scope, const json_t *include);

/** Frees what a cluster owns. */
void config_cluster_release(struct config_cluster *cluster);

/**
 * Makes a path absolute: relative ones start from the folder of the file; "." and doubled slashes go, ".."
 * stays, because behind a symbolic link it does not lead back.
 *
 * @return owned by caller; NULL if memory is short or there is no current folder.
 */
char *config_path_absolute(const struct config_file *file, const char *path);

/** @return the absolute path without "..", by its text alone. Owned by caller; NULL if memory is short. */
char *config_path_lexical(const char *path);

/** @return the absolute path without symbolic links, as far as it exists. Owned by caller; NULL if memory is
 * short. */
char *config_path_real(const char *path);

/** @return whether a path is, or lies inside, another one. Both absolute and clean. */
bool config_path_within(const char *inner, const char *outer);

#endif
