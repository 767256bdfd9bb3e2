/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reach - how a server is reached: its URL, the name that its certificate must have, a proxy in between
 */
#ifndef KUBE_REACH_H
#define KUBE_REACH_H

#include "base/arena.h"
#include "base/error.h"
#include "kube/kubeconfig.h"
#include "kube/proxy.h"

/** Storage of the caller. What is not there is NULL. */
struct reach {
    /** Without a slash at the end. Its host is the name that is asked for by SNI and verified. */
    const char *url;
    /** "HOST" or "HOST:PORT" as the config has them, if the URL has another name; for the header Host. */
    const char *host;
    /** "::HOST:" to connect to, whatever host the URL names. */
    const char *connect_to;
    const char *proxy; /**< a URL without user and password */
    const char *proxy_user;
    const char *proxy_password; /**< NULL also without a user */
    struct arena arena;         /**< private */
};

/**
 * Works it out. A proxy of the config counts for every server; one of the environment by proxy_choose().
 *
 * @param reach  set to it; for reach_release().
 * @param error  the message never holds a password.
 * @return 0, ERROR_INVALID or ERROR_NO_MEMORY.
 */
int reach_read(const struct kubeconfig *config, const struct proxy_environment *environment,
               struct reach *reach, struct error *error);

/** Frees what it holds. NULL is fine. */
void reach_release(struct reach *reach);

#endif
