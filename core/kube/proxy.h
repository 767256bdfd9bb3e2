/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proxy - which proxy of the environment leads to a server
 *
 * By the rules of kubectl: a server on this machine is reached without one, and so is what no_proxy names:
 * "*", "HOST" and all below it, ".DOMAIN" for what is below it only, an address, a network like 10.0.0.0/8;
 * each but the first and the networks may have ":PORT".
 */
#ifndef KUBE_PROXY_H
#define KUBE_PROXY_H

#include "base/arena.h"
#include "base/error.h"

/** What the environment says. All borrowed; NULL or "": nothing. */
struct proxy_environment {
    const char *https; /**< for servers of https */
    const char *http;  /**< for servers of http */
    const char *none;  /**< servers that need none, separated by commas */
};

/** @return $HTTPS_PROXY, $HTTP_PROXY and $NO_PROXY; in small letters if they are not there. Borrowed from the
 * environment. */
struct proxy_environment proxy_environment(void);

/**
 * Chooses.
 *
 * @param server  as address_read() writes it.
 * @param arena   the result's memory.
 * @param out     set to the proxy's URL, which may hold a password, or NULL if there is to be none.
 * @param error   the message names the variable, never what it holds.
 * @return 0, ERROR_INVALID or ERROR_NO_MEMORY.
 */
int proxy_choose(const struct proxy_environment *environment, const char *server, struct arena *arena,
                 const char **out, struct error *error);

#endif
