/* SPDX-License-Identifier: Apache-2.0 */
/*
 * issuers - whether the authentication that an Api asks for is complete and can be obeyed
 */
#ifndef RECONCILE_ISSUERS_H
#define RECONCILE_ISSUERS_H

#include "base/problem.h"
#include "object/settings.h"

#include <jansson.h>
#include <stdbool.h>

/** Greatest length of an issuer, a URL or a pattern, in bytes: more than any server takes as a URL. */
#define ISSUERS_TEXT_MAX 2048

/**
 * Checks spec.authentication and spec.authenticationEnabled. What slip_check() finds was found before.
 *
 * @param spec  an object; borrowed.
 */
void issuers_check(const json_t *spec, const struct settings *settings, struct problems *problems);

/** @return whether the text is an absolute http or https URL with a host. */
bool issuers_url(const char *text);

#endif
