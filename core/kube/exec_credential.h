/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exec_credential - what is said to a program that gives credentials, and what it answers
 */
#ifndef KUBE_EXEC_CREDENTIAL_H
#define KUBE_EXEC_CREDENTIAL_H

#include "base/error.h"
#include "kube/kubeconfig.h"

#include <stdint.h>

/** Greatest answer of a program, in bytes. */
#define EXEC_ANSWER_MAX ((size_t)1024 * 1024)

/** An answer. The texts are owned by it. */
struct exec_credential {
    char *token;       /**< NULL: none */
    char *certificate; /**< PEM; NULL: none */
    char *key;         /**< PEM, if there is a certificate */
    int64_t expires_s; /**< seconds since the epoch; 0: not told */
};

/**
 * Writes what the program is told in its environment.
 *
 * @param ca  the cluster's authority as it is now; neither path nor data matter if there is none.
 * @return "KUBERNETES_EXEC_INFO=...", owned by caller, for free(); NULL if memory is short.
 */
char *exec_info(const struct kubeconfig *config, const struct kubeconfig_blob *ca);

/**
 * Reads an answer.
 *
 * @param api_version  that it must have.
 * @param answer       set on success; for exec_credential_release().
 * @param error        the message holds nothing of the text.
 * @return 0, ERROR_INVALID or ERROR_NO_MEMORY.
 */
int exec_credential_read(const char *text, size_t size, const char *api_version,
                         struct exec_credential *answer, struct error *error);

/** Frees what an answer holds. NULL is fine. */
void exec_credential_release(struct exec_credential *answer);

#endif
