/* SPDX-License-Identifier: Apache-2.0 */
/*
 * problem_log - problems of an input as log lines
 */
#ifndef BASE_PROBLEM_LOG_H
#define BASE_PROBLEM_LOG_H

#include "base/log.h"
#include "base/problem.h"

/**
 * Writes a line for each problem, and one for those that are not shown.
 *
 * @param cluster, api  what they belong to; NULL each where that is not known.
 */
void problems_log(const struct problems *problems, const struct log *log, const char *cluster,
                  const char *api);

#endif
