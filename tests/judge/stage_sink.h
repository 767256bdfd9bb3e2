/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stage_sink - the sink of the stage
 */
#ifndef TESTS_STAGE_SINK_H
#define TESTS_STAGE_SINK_H

#include "stage.h"

/** Fills in the stage's `sink`. */
void stage_sink_init(struct stage *stage);

/** Lets what was called happen, and answers. @return whether there was anything. */
bool stage_sink_deliver(struct stage *stage);

/** Lets what was called happen without an answer yet: something else happens meanwhile. */
void stage_sink_happen(struct stage *stage);

/** Lets an object (NULL: nothing) stand at a place, whoever puts it there. */
void stage_sink_set(struct stage *stage, const struct object_ref *ref, const json_t *object,
                    unsigned version);

/** @return {object, uid, version, backend, name} at a place, borrowed; NULL if nothing stands there. */
const json_t *stage_sink_get(const struct stage *stage, const struct object_ref *ref);

/** Tells the controller what stands at the place of a backend's object. */
void stage_tell_output(struct stage *stage, int backend, const char *name);

/** Notes what is no finding of the judge and must not happen either. */
void stage_complain(struct stage *stage, const char *what, const char *why);

#endif
