/* SPDX-License-Identifier: Apache-2.0 */
/*
 * credential - who we are for an API server, kept fresh
 *
 * Files are looked at once a minute; what was good stays in use until something better could be read. A
 * client certificate and its key change together, and those before are kept until they prove to be a pair. A
 * program that gives credentials runs beside the event loop: whoever drives this polls credential_fd() and
 * calls credential_step() when it is readable or credential_due_ms() has come.
 *
 * No message holds a credential.
 */
#ifndef KUBE_CREDENTIAL_H
#define KUBE_CREDENTIAL_H

#include "base/error.h"
#include "kube/kubeconfig.h"
#include "object/moment.h"

#include <stdbool.h>
#include <stdint.h>

struct credential;

/** What to use now. Borrowed; valid until the next step or refusal. */
struct credential_state {
    bool ready;                /**< all is there that the config asks for; without credentials: at once */
    const char *token;         /**< bearer token; NULL: none */
    struct kubeconfig_blob ca; /**< data only; no data: the system's authorities */
    struct kubeconfig_blob certificate; /**< data only; no data: none */
    struct kubeconfig_blob key;         /**< data only, if there is a certificate */
    /** Another number when ca, certificate or key have changed: connections that were made with the old ones
     * are to be given up. */
    uint64_t generation;
};

/**
 * @param config  borrowed; must live longer.
 * @return owned by caller, for credential_free(); NULL if memory is short.
 */
struct credential *credential_new(const struct kubeconfig *config);

/** Frees it and ends its program. NULL is fine. */
void credential_free(struct credential *credential);

/**
 * Does what is due: looks at files, starts the program, reads what it says. Never waits.
 *
 * @return 0, or why something could not be renewed; what was good is still in use then, and it is tried again
 * at credential_due_ms().
 */
int credential_step(struct credential *credential, struct moment now, struct error *error);

/** Tells that the server has answered 401: the token is forgotten, and a new one is due. One that was refused
 * is not got again in a hurry. */
void credential_refused(struct credential *credential, struct moment now);

/**
 * Tells that certificate and key, as they are in use, do not belong together: one of the files was replaced
 * and the other not yet. Those that were in use before are taken back until a file changes again.
 *
 * @return false if there are none.
 */
bool credential_mismatched(struct credential *credential, struct moment now);

/** @return what to use now. */
struct credential_state credential_state(const struct credential *credential);

/** @return a file descriptor to be polled for reading; -1: none. It may change with each step. */
int credential_fd(const struct credential *credential);

/** @return when to call credential_step() at the latest, on the monotonic clock. */
int64_t credential_due_ms(const struct credential *credential, struct moment now);

#endif
