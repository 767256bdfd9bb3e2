/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config - the config file: read whole, checked whole, before any of it takes effect
 *
 * Paths in a file are relative to the file that they stand in. `include` only adds; a backend or cluster
 * that is named twice is an error that shows both places. Options of plugins are checked later by the
 * registry, which knows their tables; config_place_option() tells it where an option stands.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "base/error.h"
#include "base/problem.h"
#include "object/settings.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/** A file that the config was read from. Owned by the config. */
struct config_file {
    char *path; /**< as it was named, made absolute only where it was included */
    char *text; /**< content, for places of problems */
    size_t size;
};

/** Where an entry stands; file is NULL if it does not stand anywhere. */
struct config_place {
    const struct config_file *file;
    char *path; /**< "clusters[0].backends.my-backend"; owned */
};

/** A backend of one cluster: the entry for all clusters with the cluster's own laid over it. */
struct config_backend {
    char *name;
    /** Name of a plugin, or an absolute path of a .so file. Defaults to the backend's name. */
    char *plugin;
    bool enabled;
    /** A plugin that cannot be loaded stops the start. */
    bool required;
    /** onDisable: keep - its outputs stay where it is disabled. */
    bool kept;
    /** Object; members of the cluster's entry replace those of the entry for all. Not NULL. */
    json_t *config;
    /** The entry for all clusters, and the cluster's own; either may stand nowhere. */
    struct config_place base;
    struct config_place own;
};

/** An API server that Apis come from and outputs go to. */
struct config_kubernetes {
    /** Absolute path; NULL: what kubectl would read, and in a Pod its service account. Owned. */
    char *kubeconfig;
    /** NULL: the current-context. Owned. */
    char *context;
    /** Only Apis of these; empty: of all. No namespace stands twice. */
    struct string_list namespaces;
    /** Only Apis whose labels match, as an API server takes it; NULL: all. Owned. */
    char *label_selector;
    /** By the service account of the Pod and nothing else; kubeconfig and context are NULL then. */
    bool in_cluster;
};

/** A cluster: where Apis come from, where outputs go, which backends are enabled. Either `kubernetes` is
 * there, or `input` and `output` are. */
struct config_cluster {
    char *name;
    struct settings settings;
    /** Owned; NULL: a directory. */
    struct config_kubernetes *kubernetes;
    /** directory.input and directory.output, absolute; NULL: an API server. */
    char *input;
    char *output;
    /** directory.allowEmpty: an input without a single Api is believed. */
    bool allow_empty;
    /** In the order of the files; for all clusters first. */
    struct config_backend *backends;
    size_t backends_count;
    struct config_place place;
};

/** Where the daemon tells how it is. */
struct config_admin {
    /** HOST:PORT for probes; NULL: none. Owned. */
    char *listen;
    /** Absolute path of a Unix socket for apigwctl; NULL: none. Owned. */
    char *socket;
};

/** A whole, checked config. */
struct config {
    struct config_admin admin;
    struct config_file **files;
    size_t files_count;
    /** Absolute folders to look for plugins in, before the installed one. */
    struct string_list plugin_dirs;
    /** At least one; names are unique, no output lies in another's input or output, no kubeconfig and context
     * stand twice. */
    struct config_cluster *clusters;
    size_t clusters_count;
};

/**
 * Reads a config file and all that it includes.
 *
 * @param path      the file.
 * @param config    set on success, owned by caller, for config_free().
 * @param problems  errors and warnings, with places. Warnings may be there on success too.
 * @return 0 or ERROR_INVALID (problems holds at least one error), ERROR_NO_MEMORY.
 */
int config_load(const char *path, struct config **config, struct problems *problems);

/**
 * Finds the socket of the daemon that runs with a config file. Only that key is looked at, so that a daemon
 * can be asked also while its config is wrong.
 *
 * @param socket  set on success to an absolute path, owned by caller, for free().
 * @return 0; ERROR_NOT_FOUND if there is no such file, or no admin.socket in it; ERROR_INVALID if it is no
 * YAML, with the place; another error_code if it cannot be read.
 */
int config_find_socket(const char *path, char **socket, struct error *error);

/** Frees a config. NULL is fine. */
void config_free(struct config *config);

/**
 * Adds a problem about a backend's option, at the place where the option stands or should stand.
 *
 * @param option  path below `config`, "gateways[0]"; "" for `config` itself.
 */
void config_add_problem(const struct config_backend *backend, enum problem_severity severity,
                        const char *option, const char *message, struct problems *problems);

/**
 * Adds a problem about a backend's entry itself, at the place where the key stands or should stand.
 *
 * @param key  path in the entry, "plugin"; "" for the entry itself.
 */
void config_add_backend_problem(const struct config_backend *backend, enum problem_severity severity,
                                const char *key, const char *message, struct problems *problems);

/** @return whether two clusters have the same source and sink: folders, or server and selection. */
bool config_same_ends(const struct config_cluster *a, const struct config_cluster *b);

/** @return the cluster of that name; with a NULL name the only one; NULL if there is none such. Borrowed. */
const struct config_cluster *config_cluster(const struct config *config, const char *name);

#endif
