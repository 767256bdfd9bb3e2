/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reply - which route a request takes, and what an answer looks like
 *
 * Private to admin.
 */
#ifndef DAEMON_REPLY_H
#define DAEMON_REPLY_H

#include "base/text.h"
#include "daemon/admin.h"

#include <microhttpd.h>

/**
 * Finds the route of a request.
 *
 * @param open_only  only routes that are open.
 * @param allowed    gets the methods that the path has, if it has others only.
 * @return borrowed; NULL: none.
 */
const struct admin_route *reply_route(const struct admin_route *routes, bool open_only, const char *path,
                                      const char *method, struct text *allowed);

/** @return an answer with our headers, for MHD_destroy_response(); NULL if memory is short. Parameters as
 * those of admin_answer(). */
struct MHD_Response *reply_new(const char *type, const char *body, size_t size);

/** Queues a refusal in a few words. @param allowed  the methods there are; NULL or "": not said. */
enum MHD_Result reply_refuse(struct MHD_Connection *connection, unsigned status, const char *allowed);

#endif
