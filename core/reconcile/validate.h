/* SPDX-License-Identifier: Apache-2.0 */
/*
 * validate - whether an Api can be served at all, before any backend sees it
 *
 * Slips of the pen come first: what looks like a misspelt authentication is an error in every mode, so that
 * it can never be read as "no authentication". Other unknown fields are warnings.
 */
#ifndef RECONCILE_VALIDATE_H
#define RECONCILE_VALIDATE_H

#include "base/problem.h"
#include "object/settings.h"

#include <jansson.h>

/**
 * Checks an Api.
 *
 * @param api       whole object; borrowed.
 * @param problems  what is wrong, each with its path; places are the caller's business. An Api with at least
 *                  one error is not served.
 */
void validate_api(const json_t *api, const struct settings *settings, struct problems *problems);

#endif
