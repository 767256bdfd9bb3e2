/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program - a program that is run for what it prints, beside an event loop
 *
 * No shell; standard input is empty, standard error is thrown away, since nobody knows what a program writes
 * there. It runs in a process group of its own, which is killed as a whole.
 */
#ifndef KUBE_PROGRAM_H
#define KUBE_PROGRAM_H

#include "base/error.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/** What is run. All borrowed. */
struct program_spec {
    const char *command;     /**< a path if it holds a slash; else it is looked for in $PATH */
    const char *const *args; /**< without the command; NULL-terminated */
    const char *const *env;  /**< "NAME=VALUE", before our own of that name; NULL-terminated */
    int64_t limit_ms;        /**< time that it may take */
    size_t output_max;       /**< bytes that it may print */
};

/** A run. Storage of the caller; begins as program_idle(). Read `fd` and `output` only. */
struct program {
    int fd;             /**< readable when there is something to do; -1: see program_due() */
    struct text output; /**< what it printed, once program_step() said that it has ended */
    pid_t pid;          /**< 0: nothing runs */
    int64_t until_ms;   /**< private */
    int64_t look_at_ms; /**< private */
    size_t output_max;  /**< private */
};

/** @return a run that has not begun. */
struct program program_idle(void);

/** @return whether it runs. */
bool program_runs(const struct program *program);

/**
 * Starts it.
 *
 * @param now_ms  on a monotonic clock, as for all functions here.
 * @return 0, ERROR_NOT_FOUND (there is no such program), ERROR_IO or ERROR_NO_MEMORY.
 */
int program_start(struct program *program, const struct program_spec *spec, int64_t now_ms,
                  struct error *error);

/**
 * Reads what there is and looks whether it has ended. Never waits.
 *
 * @return 0 once it has ended well; 1 while it runs; ERROR_IO if it ended badly or took too long, ERROR_LIMIT
 * if it printed too much, ERROR_NO_MEMORY. After anything but 1 nothing runs any more.
 */
int program_step(struct program *program, int64_t now_ms, struct error *error);

/** @return when to call program_step() at the latest. */
int64_t program_due(const struct program *program);

/** Ends it by force, if it runs, and frees what it printed. */
void program_release(struct program *program);

#endif
