/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer - whether what a plugin rendered is what it may render
 */
#ifndef RECONCILE_ANSWER_H
#define RECONCILE_ANSWER_H

#include "apigw/plugin.h"
#include "reconcile/render.h"

#include <jansson.h>

/** Greatest number of objects of one backend for one Api. */
#define ANSWER_OBJECTS_MAX 64
/** Greatest size of one object as compact JSON text, in bytes. */
#define ANSWER_OBJECT_SIZE_MAX (1024 * 1024)
/** Greatest depth of one object, the same as of a file that we read. */
#define ANSWER_DEPTH_MAX 64

/**
 * Checks an answer and turns it into outputs: with name, namespace and our labels.
 *
 * @param request    what was asked for.
 * @param resources  the plugin's answer; borrowed; may be NULL or of any type.
 * @param out        its backend is set. On failure its code, path and message are set and it has no outputs.
 */
void answer_check(const struct render_input *input, const struct apigw_request *request,
                  const json_t *resources, struct rendering *out);

/** Makes a rendering fail: sets code and message, drops the outputs. The message is cleaned. */
void answer_refuse(struct rendering *out, int32_t code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Makes a rendering fail by a fault of its plugin (APIGW_INTERNAL): the message names the plugin and its
 * file. */
void answer_fault(struct rendering *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
