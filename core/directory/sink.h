/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sink - a folder as the output of a cluster
 *
 * Resources stand in OUTPUT/resources/NAMESPACE/PLURAL.GROUP/NAME.yaml, statuses in
 * OUTPUT/status/NAMESPACE/NAME.yaml. No path leads out of OUTPUT: names are checked, and symbolic links
 * below OUTPUT are not followed. A file with equal content is not opened for writing.
 */
#ifndef DIRECTORY_SINK_H
#define DIRECTORY_SINK_H

#include "base/error.h"
#include "object/sink.h"

/**
 * @param output  absolute path of the folder; made if it does not exist.
 * @param out     set on success, owned by caller, for directory_sink_free().
 * @return 0, ERROR_IO or ERROR_NO_MEMORY.
 */
int directory_sink_new(const char *output, struct sink **out, struct error *error);

/** Frees the sink. NULL is fine. */
void directory_sink_free(struct sink *sink);

#endif
