/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slip - fields of an Api that are probably misspelt
 */
#ifndef RECONCILE_SLIP_H
#define RECONCILE_SLIP_H

#include "base/problem.h"

#include <jansson.h>

/**
 * Looks for unknown fields in the whole object: inside `authentication`, one slip away from a known field,
 * or the flattened form {type, issuer, jwksUri} they are errors that show the right spelling; elsewhere
 * warnings.
 */
void slip_check(const json_t *api, struct problems *problems);

#endif
