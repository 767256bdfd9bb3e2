/* SPDX-License-Identifier: Apache-2.0 */
/*
 * harness - CUnit tests that speak TAP, so that the build counts each of them
 */
#ifndef TESTS_HARNESS_H
#define TESTS_HARNESS_H

#include <CUnit/CUnit.h>

/** A test: what it shows, and the function. A list ends with {NULL, NULL}. */
struct test {
    const char *name;
    void (*run)(void);
};

/** Runs the tests in order. @return exit code for main(): 0 if all passed. */
int harness_run(const char *suite, const struct test *tests);

#endif
