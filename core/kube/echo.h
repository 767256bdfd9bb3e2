/* SPDX-License-Identifier: Apache-2.0 */
/*
 * echo - what we wrote, until a list or a watch tells of it
 *
 * The answer to a write may be here before a watch has told what came before it. What is told then is out of
 * date: taken for news, it would be put right, against what is there in truth.
 */
#ifndef KUBE_ECHO_H
#define KUBE_ECHO_H

#include "object/key.h"

#include <stdbool.h>
#include <stdint.h>

/** Room for a place. */
enum { ECHO_PLACE_SIZE = LABEL_MAX + 1 + SUBDOMAIN_MAX + 1 + KEY_SIZE };

/** How long what we wrote is waited for, in ms: a server may have gone back to an older state. */
enum { ECHO_LIMIT_MS = 10000 };

struct echoes;

/** @return owned by caller, for echoes_free(); NULL if memory is short. */
struct echoes *echoes_new(void);

/** NULL is fine. */
void echoes_free(struct echoes *echoes);

/** Fills the place of an object in: plural, group, namespace and name. */
void echo_place(char place[ECHO_PLACE_SIZE], const struct object_ref *ref);

/** Our write has made this version of what is at the place. Without memory it is not noted. */
void echoes_await(struct echoes *echoes, const char *place, const char *version, int64_t now_ms);

/**
 * Something is told of the place.
 *
 * @param version  that it has, or that a list has in which it is missing.
 * @return whether it is older than what we wrote there, which is yet to be told. Versions that are no numbers
 *         (Kubernetes, "Resource versions") are not older than any.
 */
bool echoes_outdated(struct echoes *echoes, const char *place, const char *version, int64_t now_ms);

/** Forgets what was waited for long enough. */
void echoes_tick(struct echoes *echoes, int64_t now_ms);

/** @return when echoes_tick() has something to forget; INT64_MAX: never. */
int64_t echoes_due_ms(const struct echoes *echoes);

#endif
