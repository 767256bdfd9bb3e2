/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_fixture - config files in a folder that is the current one and goes away afterwards
 *
 * Relative names keep what tests expect short. In every expected text "@" stands for the folder.
 */
#ifndef TESTS_CONFIG_FIXTURE_H
#define TESTS_CONFIG_FIXTURE_H

#include "harness.h"

#include "config/config.h"

#include <stdbool.h>

/** The least that a config needs. */
#define CLUSTER "clusters:\n- name: a\n  directory: {input: in, output: out}\n"

/** Writes a file. */
void fixture_put(const char *path, const char *text);

/** @return whether a text is the expected one. */
bool fixture_is_path(const char *found, const char *wanted);

/** @return whether loading a file gives exactly these lines of problems, and the result that belongs to
 * them. */
bool fixture_file_says(const char *path, const char *lines);

/** As fixture_file_says(), for a text that is written to c.yaml. */
bool fixture_says(const char *text, const char *lines);

/** Loads a text that is written to c.yaml; ends the test if it is refused. @return for config_free(). */
struct config *fixture_load(const char *text);

/** Runs the tests in a new folder. @return exit code for main(). */
int fixture_run(const char *suite, const struct test *tests);

#endif
