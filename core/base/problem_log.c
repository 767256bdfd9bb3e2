/* SPDX-License-Identifier: Apache-2.0 */
#include "base/problem_log.h"

#include "base/text.h"

#include <stdio.h>

static void log_one(const struct problem *problem, const struct log *log, const char *cluster,
                    const char *api)
{
    bool bad = problem->severity == PROBLEM_ERROR;
    struct text at = text_empty();

    text_append_string(&at, problem->file);
    if (problem->line > 0)
        text_append_format(&at, ":%zu:%zu", problem->line, problem->column);
    log_write(log, bad ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING, bad ? "input refused" : "input doubtful",
              "cluster", cluster, "api", api, "at", at.length > 0 ? at.data : NULL, "path",
              problem->path[0] ? problem->path : NULL, "error", problem->message, (char *)NULL);
    text_release(&at);
}

void problems_log(const struct problems *problems, const struct log *log, const char *cluster,
                  const char *api)
{
    char dropped[32];

    for (size_t i = 0; i < problems->count; i++)
        log_one(&problems->list[i], log, cluster, api);
    (void)snprintf(dropped, sizeof dropped, "%zu", problems->dropped);
    if (problems->dropped > 0)
        log_write(log, LOG_LEVEL_WARNING, "more problems not shown", "cluster", cluster, "api", api, "count",
                  dropped, (char *)NULL);
}
