/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trace - follows a path and looks at every place where it could come to lead elsewhere
 *
 * Private to watch.
 */
#ifndef DIRECTORY_TRACE_H
#define DIRECTORY_TRACE_H

#include "base/text.h"
#include "directory/watched.h"

#include <sys/inotify.h>

/** What tells that a name stands for something else now, that a file's content is another, and that a folder
 * itself went or changed. */
enum trace_mask {
    TRACE_NAMES = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO,
    TRACE_CONTENT = IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB,
    TRACE_SELF = IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB
};

/** Where a path leads. */
enum trace_end { TRACE_FOLDER, TRACE_FILE, TRACE_NOTHING };

/**
 * Follows a path.
 *
 * @param start  absolute path of a folder, without symbolic links; "/" for one.
 * @param rest   from there; may begin with "/", which is passed over.
 * @param end    what it leads to.
 * @param real   gets the absolute path without symbolic links if it leads to a folder; NULL: not wanted.
 * @return 0, or errno if a place could not be looked at.
 */
int trace_path(struct watched_table *table, const char *start, const char *rest, enum trace_end *end,
               struct text *real);

#endif
