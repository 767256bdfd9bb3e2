/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reconcile_stage - one Api on the gateway of cardboard, and what came of it
 */
#ifndef TESTS_RECONCILE_STAGE_H
#define TESTS_RECONCILE_STAGE_H

#include "gateway.h"

#include "reconcile/controller.h"

#include <stdio.h>

/** A complete element of spec.authentication. */
#define ISSUER(name) "{'type': 'JWT', 'jwt': {'issuer': '" name "', 'jwksUri': 'https://h/k'}}"
/** What makes an Api ask for authentication. */
#define SECURED "{'authentication': [" ISSUER("i") "]}"

/** A gateway, an Api, and what came of it. */
struct stage {
    struct gateway gateway;
    json_t *api;
    FILE *log_file;
    char *log_text;
    size_t log_size;
    struct log log;
    struct error error;
    /** What the controller says of the Api; texts are the stage's. */
    struct controller_view view;
    char host[256];
    char service[80];
    char message[1024];
    size_t writes;
    size_t unreported;
};

/** Sets the stage: the Api t1/a1 for port 80 of svc1 at h1, with `spec` laid over its spec. */
void stage_begin(struct stage *stage, const char *spec);

/** Frees it. */
void stage_end(struct stage *stage);

/** Replaces the Api by the first one with `spec` laid over its spec; NULL: the Api is gone. */
void stage_edit(struct stage *stage, const char *spec);

/** A new controller sees all that stands in the gateway and the Api, and reconciles. @return what it
 * returned. */
int stage_reconcile(struct stage *stage);

/** Reconciles, and compares the steps and, unless NULL, the status but for its conditions and backends. */
void stage_expect(struct stage *stage, const char *writes, const char *status);

/** Compares what came of it; there is a message if and only if there is a reason. */
void stage_expect_result(const struct stage *stage, bool served, bool secured, const char *reason);

/** @return whether a part of some line was logged. */
bool stage_logged(struct stage *stage, const char *part);

/** @return whether the text at a path of the status has this part. */
bool stage_says(const struct stage *stage, const char *path, const char *part);

/** @return the integer at a path of the status, -1 if there is none. */
json_int_t stage_code(const struct stage *stage, const char *path);

/** @return "True", "False" of a condition of the status, "" if there is none. */
const char *stage_condition(const struct stage *stage, const char *type);

/** Puts an object of somebody else's under a key of the gateway. */
void stage_put_foreign(struct stage *stage, const char *key);

#endif
