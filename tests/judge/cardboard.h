/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cardboard - a gateway of cardboard: three backends that render, and what the judge has to know of them
 *
 * A Lock (role authentication) protects Services and hosts, a Note (role other) does nothing, a Road (role
 * route) leads from a host to a Service. All are of the group "test.example" and named like their Api.
 */
#ifndef TESTS_CARDBOARD_H
#define TESTS_CARDBOARD_H

#include "judge.h"
#include "object/settings.h"
#include "plugin/registry.h"

#include <jansson.h>
#include <stdbool.h>

/** Numbers of the backends, and how many there are, in the order in which they are applied. */
enum { CARD_LOCK, CARD_NOTE, CARD_ROAD, CARD_COUNT };

/** What a backend is told to do; its instance. All zero: behave. */
struct card_script {
    /** Returned for the Api of this name instead of rendering; enum apigw_code. */
    int32_t code;
    const char *api;
};

/** The gateway. Its address must not change. */
struct cardboard {
    struct card_script scripts[CARD_COUNT];
    struct plugin plugins[CARD_COUNT];
    struct backend backends[CARD_COUNT];
    struct backend *list[CARD_COUNT];
    struct registry registry;
    const char *versions[2];
    struct settings settings;
    /** What the judge is told. */
    struct judge_kind kinds[CARD_COUNT];
    struct judge_config judged;
};

/** Sets the gateway up: all backends enabled, domain kyma.local. */
void cardboard_init(struct cardboard *cardboard);

/** Frees it. */
void cardboard_release(struct cardboard *cardboard);

/** Enables or disables a backend, for the registry and for the judge, who has to be told (judge_configure()).
 */
void cardboard_enable(struct cardboard *cardboard, int backend, bool enabled);

/** onDisable: keep, of a backend, likewise. */
void cardboard_keep(struct cardboard *cardboard, int backend, bool keep);

/** onProtectionLost: withdraw, likewise. */
void cardboard_withdraw(struct cardboard *cardboard, bool withdraw);

/** unprotected: accept, for the settings and for the judge, who has to be told. */
void cardboard_accept(struct cardboard *cardboard, bool accept);

/** Parses JSON with single quotes for double ones; the format is printf's. @return owned by caller. */
json_t *card_json(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** @return an Api "default/NAME" of generation 1; `issuer` NULL: open. Owned by caller. */
json_t *card_api(const char *name, const char *service, const char *host, const char *issuer);

/** @return a Road of ours for the Api "default/NAME"; owned by caller. */
json_t *card_road(const char *name, const char *host, const char *service);

/** @return a Lock of ours for the Api "default/NAME", for up to two Services (the second may be NULL), one
 * host and one issuer; owned by caller. */
json_t *card_lock(const char *name, const char *service, const char *second, const char *host,
                  const char *issuer);

/** @return the place "KIND/default/NAME" of a backend's object; `name` is borrowed. */
struct object_ref card_ref(int backend, const char *name);

#endif
