/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway - a gateway of cardboard for tests: three plugins, a registry of them, and a sink in memory that
 * writes down what is asked of it
 *
 * A Lock (role authentication) protects Services and hosts, a Note (role other) does nothing, a Road (role
 * route) leads from a host to a Service. All are of the group "test.example".
 */
#ifndef TESTS_GATEWAY_H
#define TESTS_GATEWAY_H

#include "base/text.h"
#include "object/settings.h"
#include "object/sink.h"
#include "plugin/registry.h"

#include <jansson.h>
#include <stdbool.h>

/** What a backend is told to do; the instance of each. All zero: behave. */
struct script {
    /** Returned if not 0. */
    int32_t code;
    /** Goes with it. */
    const char *path;
    const char *message;
    /** JSON text to return instead; single quotes stand for double ones. */
    const char *answer;
    /** Called instead of everything else. */
    int32_t (*render)(const struct apigw_request *request, struct apigw_result *result,
                      struct apigw_error *error);
    /** Set to what render() was asked: "SERVICE,SERVICE|HOST,HOST". */
    struct text *asked;
};

/** Places of the backends in the arrays of struct gateway, in the order in which they are applied. */
enum { GATEWAY_LOCK, GATEWAY_NOTE, GATEWAY_ROAD, GATEWAY_BACKENDS };

/** The gateway. */
struct gateway {
    struct script scripts[GATEWAY_BACKENDS];
    struct plugin plugins[GATEWAY_BACKENDS];
    struct backend backends[GATEWAY_BACKENDS];
    struct backend *list[GATEWAY_BACKENDS];
    struct registry registry;
    const char *versions[2];
    /** Objects by "KIND/NAMESPACE/NAME". */
    json_t *objects;
    /** Their versions by the same key; without one it is "v0". */
    json_t *versions_of;
    /** Texts by the same key: why what stands there cannot be read. */
    json_t *problems;
    /** Codes by the same key: what a step is answered instead. */
    json_t *write_codes;
    /** Code that report() returns. */
    int report_code;
    /** What was last reported. */
    json_t *status;
    /** Every call in order: "write Lock/t1/a1\n", "remove Road/t1/a1\n", "report\n", "forget t1/a1\n". */
    struct text calls;
    unsigned version;
    struct settings settings;
    struct sink sink;
};

/** Sets the gateway up: all backends enabled, domain kyma.local, nothing exists. */
void gateway_init(struct gateway *gateway);

/** Frees it. */
void gateway_release(struct gateway *gateway);

/** Takes a backend out of the registry. */
void gateway_disable(struct gateway *gateway, int backend);

/** The calls, and forgets them. @return owned by caller. */
char *gateway_writes(struct gateway *gateway);

/** Parses JSON with single quotes for double ones. @return owned by caller. */
json_t *gateway_json(const char *text);

#endif
