/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wish - what an Api asks for, read by the judge itself
 *
 * Written from the documentation of the resource, on purpose not from the code under test. It knows the plain
 * mistakes (no name, no such port, no such host, half an issuer), and of slips of the pen those that could
 * open a door: a member of the spec that is meant as `authentication`.
 */
#ifndef TESTS_JUDGE_WISH_H
#define TESTS_JUDGE_WISH_H

#include <jansson.h>
#include <stdbool.h>

/** What is asked for. */
struct wish {
    bool valid;
    /** Full host name; "" if not valid. */
    char host[256];
    /** Name of the Service; "" if not valid. */
    char service[256];
    /** Asks for authentication. */
    bool asks;
    /** Array of issuers in the user's order; owned; NULL if there are none. */
    json_t *issuers;
};

struct judge_config;

/** Reads an Api as the operator's settings have it. *out is overwritten. */
void wish_read(struct wish *out, const json_t *api, const struct judge_config *config);

/** Frees what a wish owns. */
void wish_release(struct wish *wish);

#endif
