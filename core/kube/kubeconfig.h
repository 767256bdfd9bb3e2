/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kubeconfig - which server, and who we are there
 *
 * Reads what kubectl reads, by the same rules of precedence, and gives one context with everything resolved.
 * What cannot be used is an error that names the file, the place in it, the entry and the field. No message
 * holds a value that might be a secret.
 *
 * The server's certificate is always verified: "insecure-skip-tls-verify: true" is an error. So are user
 * names with passwords and auth-provider, which Kubernetes itself has dropped, and keys that are not known,
 * since one that was misspelt would leave out what it asks for.
 */
#ifndef KUBE_KUBECONFIG_H
#define KUBE_KUBECONFIG_H

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/** Where to look. All borrowed; NULL: nothing there. The first that is there counts. */
struct kubeconfig_source {
    const char *path;          /**< one file, which must exist */
    const char *list;          /**< files separated by colons, as in $KUBECONFIG; those that are missing are
                                    passed over, as long as one is there */
    const char *service_host;  /**< $KUBERNETES_SERVICE_HOST: we run in a Pod */
    const char *service_port;  /**< $KUBERNETES_SERVICE_PORT */
    const char *service_dir;   /**< of the service account; NULL: where Kubernetes mounts it */
    const char *home;          /**< $HOME, for .kube/config in it */
    const char *pod_namespace; /**< $POD_NAMESPACE */
    const char *context;       /**< in the files; NULL: their current-context */
};

/** Bytes that stand in a file or in the kubeconfig itself. */
struct kubeconfig_blob {
    const char *path; /**< absolute if the kubeconfig's path is; NULL: none, or see `data` */
    const char *data; /**< NUL-terminated; NULL: none, or see `path` */
    size_t size;      /**< of data */
};

/** A program that gives credentials (client.authentication.k8s.io). */
struct kubeconfig_exec {
    const char *command;     /**< a path if it holds a slash; else it is looked for in $PATH */
    const char *const *args; /**< without the command; NULL-terminated */
    const char *const *env;  /**< "NAME=VALUE", added to our own; NULL-terminated */
    const char *api_version;
    const char *install_hint;   /**< for people, when the command is not there; NULL: none */
    bool provide_cluster;       /**< the program is told about the cluster */
    const char *cluster_config; /**< JSON text for that; NULL: none */
};

/** A header of impersonation, such as Impersonate-Extra-scopes. */
struct kubeconfig_header {
    const char *name;
    const char *value;
};

/** One context. Everything is borrowed from it; what is not there is NULL. */
struct kubeconfig {
    const char *origin;  /**< where it was read, for people: the file, or "in-cluster" */
    const char *context; /**< "" in a Pod */
    const char *server;  /**< as address_read() writes it */
    const char *tls_server_name;
    const char *proxy; /**< may hold a password */
    bool disable_compression;
    struct kubeconfig_blob ca; /**< neither path nor data: the system's */
    struct kubeconfig_blob certificate;
    struct kubeconfig_blob key;
    const char *token;      /**< printable, without blanks */
    const char *token_file; /**< read again and again; where there are both, this one counts */
    const struct kubeconfig_exec *exec;
    const struct kubeconfig_header *impersonate; /**< ends with a name that is NULL; NULL: none */
    const char *name_space;                      /**< "default" if nothing says which */
    struct arena arena;                          /**< private */
};

/** Fills the source in from the environment; path and context stay as they are. */
void kubeconfig_environment(struct kubeconfig_source *source);

/**
 * Reads the context.
 *
 * @param config  set to it, owned by caller, for kubeconfig_free().
 * @return 0, ERROR_NOT_FOUND (there is nothing to read), ERROR_INVALID, ERROR_LIMIT, ERROR_IO or
 *         ERROR_NO_MEMORY.
 */
int kubeconfig_load(const struct kubeconfig_source *source, struct kubeconfig **config, struct error *error);

/** @return whether all is the same, but where it was read. */
bool kubeconfig_same(const struct kubeconfig *a, const struct kubeconfig *b);

/** @return whether both lead to the same server, by the same context, name and proxy; whoever we are there.
 */
bool kubeconfig_same_server(const struct kubeconfig *a, const struct kubeconfig *b);

/** Frees it. NULL is fine. */
void kubeconfig_free(struct kubeconfig *config);

/** @return whether a text can be a bearer token: printable, without blanks, not empty. */
bool kubeconfig_is_token(const char *text);

#endif
