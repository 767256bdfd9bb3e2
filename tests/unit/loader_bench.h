/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loader_bench - fixtures, folders and expectations that the tests of the loader share
 *
 * Whatever a test cannot go on without ends the program with a TAP "Bail out!" or the test by a failure.
 */
#ifndef TESTS_LOADER_BENCH_H
#define TESTS_LOADER_BENCH_H

#include "plugin/loader.h"

#include <stddef.h>
#include <sys/types.h>

/** No folders to look in: for plugins that are named by path. Static. */
extern const char *const loader_no_dirs[];

/** A folder that a test fills and that is removed with all files in it. */
struct folder {
    char path[64];
};

/** Makes a new folder of mode 0700. */
struct folder folder_make(void);

/** @return the path of a file in the folder, owned by caller. */
char *folder_file(const struct folder *folder, const char *name);

/** Removes the named files and the folder; a failure of the test if something else is left in it. */
void folder_remove(const struct folder *folder, const char *const *names);

/** @return the folder of the built fixtures, owned by caller. */
char *bench_fixtures(void);

/** @return the path of a fixture, owned by caller. */
char *bench_fixture(const char *name);

/** @return the content of a fixture, owned by caller. */
char *bench_read(const char *name, size_t *size);

/** Replaces a file. */
void bench_write(const char *path, const char *data, size_t size, mode_t mode);

/** Loads a plugin by path; not NULL, owned by caller. */
struct plugin *bench_load(const char *file);

/** Fails and shows the message if a part is not in it, as CUnit shows the expression only. */
void expect_text(const char *message, const char *part);

/** Fails unless the file is refused in one line that begins with its path and says what was found and what
 * was wanted. */
void expect_refused(const char *file, const char *found, const char *wanted);

#endif
