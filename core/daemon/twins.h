/* SPDX-License-Identifier: Apache-2.0 */
/*
 * twins - which server is whose, so that two clusters of the config do not work on one
 */
#ifndef DAEMON_TWINS_H
#define DAEMON_TWINS_H

#include <stdbool.h>

struct twins;

/** @return an empty list, for twins_free(); NULL if memory is short. */
struct twins *twins_new(void);

/** Frees it. NULL is fine. */
void twins_free(struct twins *twins);

/**
 * Takes a server, unless another cluster has it.
 *
 * @param uid      of the server; at most 63 bytes count.
 * @param cluster  name in the config; at most 63 bytes, as of every cluster.
 * @param holder   set to who has it, borrowed until the next call: the cluster itself if it was free.
 * @return false if memory is short.
 */
bool twins_take(struct twins *twins, const char *uid, const char *cluster, const char **holder);

/** What the cluster has is free again. */
void twins_leave(struct twins *twins, const char *cluster);

#endif
