/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address - where a server or a proxy is
 */
#ifndef KUBE_ADDRESS_H
#define KUBE_ADDRESS_H

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>

/** Addresses that a URL can give. */
enum address_use {
    ADDRESS_SERVER, /**< http or https, with a path if there is one, without anything else */
    ADDRESS_PROXY   /**< http, https, socks5 or socks5h; may hold a user and a password */
};

/**
 * Checks a URL and writes it in one way: scheme and host in lower case, without the scheme's own port and
 * without a slash at the end.
 *
 * @param arena  the result's memory.
 * @param out    set to the URL; a proxy's may hold a password and must not be shown.
 * @param error  the message never holds the URL, nor a part of it.
 * @return 0, ERROR_INVALID or ERROR_NO_MEMORY.
 */
int address_read(enum address_use use, const char *url, struct arena *arena, char **out, struct error *error);

/**
 * Writes the URL of a host and a port, as a Pod's environment has them.
 *
 * @param host  a name or an address; one of IPv6 gets its brackets.
 * @return as address_read().
 */
int address_of_host(const char *host, const char *port, struct arena *arena, char **out, struct error *error);

/** @return whether a URL that address_read() wrote is one of https. */
bool address_is_secure(const char *url);

#endif
