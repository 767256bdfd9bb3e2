/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contest - an output that somebody changes back over and over, and who that is
 *
 * It begins when quarrel.h begins to wait, and is over after some calm. One for an Api: the output that was
 * changed last.
 */
#ifndef RECONCILE_CONTEST_H
#define RECONCILE_CONTEST_H

#include "base/arena.h"
#include "object/key.h"
#include "object/sink.h"

#include <stdbool.h>
#include <stdint.h>

struct contest;

/**
 * An output was changed, or removed, once more.
 *
 * @param contest  of the Api; made if it is NULL. Owned by caller, for contest_free().
 * @param ref      kind, group, namespace and name of the output; copied.
 * @param now_ms   of the monotonic clock, as everywhere here.
 * @return false if memory is short.
 */
bool contest_note(struct contest **contest, const struct object_ref *ref, bool removed, int64_t now_ms);

/** Frees it. NULL is fine. */
void contest_free(struct contest *contest);

/** @return whether it is to be asked now who does it; true once in some seconds, and never of an output that
 * is gone: nobody notes who removed it. */
bool contest_asks(struct contest *contest, int64_t now_ms);

/** Where the answer belongs. @return whether the contest is about this output. */
bool contest_is_about(const struct contest *contest, const struct object_ref *ref);

/**
 * Takes the answer.
 *
 * @param manager  copied; texts are cut at a length that people read.
 * @return whether it is somebody else than before.
 */
bool contest_answer(struct contest *contest, const struct sink_manager *manager);

/** @return when it is over, if nothing more happens. */
int64_t contest_ends_ms(const struct contest *contest);

/** @return what to tell of it, of the arena; NULL if memory is short. */
const char *contest_text(const struct contest *contest, struct arena *arena);

#endif
