/* SPDX-License-Identifier: Apache-2.0 */
/*
 * render_stage - one backend of the gateway of cardboard, asked to render an Api
 */
#ifndef TESTS_RENDER_STAGE_H
#define TESTS_RENDER_STAGE_H

#include "gateway.h"

#include "reconcile/render.h"

/** A Road with more members. */
#define ROAD(more) "{'apiVersion': 'test.example/v1', 'kind': 'Road'" more "}"
/** A Lock with a spec. */
#define LOCK(spec) "{'apiVersion': 'test.example/v1', 'kind': 'Lock', 'spec': " spec "}"
/** What makes an Api ask for authentication. */
#define JWT "{'authentication': [{'type': 'JWT', 'jwt': {'issuer': 'i', 'jwksUri': 'https://h/k'}}]}"

/** What a rendering needs, and its result. */
struct stage {
    struct gateway gateway;
    struct store *store;
    json_t *api;
    struct effective effective;
    struct render_input input;
    struct rendering out;
};

/** Sets the stage: the Api t1/a1 for port 80 of svc1 at h1, with `spec` laid over its spec, and a store in
 * which Locks and Roads can be looked up. */
void render_stage_begin(struct stage *stage, const char *spec);

/** Frees it. */
void render_stage_end(struct stage *stage);

/** Asks a backend; its answer is the stage's `out`. */
void render_stage_run(struct stage *stage, int backend);

#endif
