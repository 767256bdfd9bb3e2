/* SPDX-License-Identifier: Apache-2.0 */
#include "loader_bench.h"

#include "harness.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const loader_no_dirs[] = {NULL};

struct folder folder_make(void)
{
    struct folder folder = {"/tmp/apigwd-loader-XXXXXX"};

    if (!mkdtemp(folder.path)) {
        perror("mkdtemp");
        exit(1);
    }
    return folder;
}

char *folder_file(const struct folder *folder, const char *name)
{
    struct text path = text_empty();

    text_append_format(&path, "%s/%s", folder->path, name);
    return text_take(&path);
}

void folder_remove(const struct folder *folder, const char *const *names)
{
    for (size_t i = 0; names[i]; i++) {
        char *file = folder_file(folder, names[i]);
        (void)unlink(file);
        free(file);
    }
    CU_ASSERT_EQUAL(rmdir(folder->path), 0);
}

char *bench_fixtures(void)
{
    struct text path = text_empty();
    const char *build = getenv("top_builddir");

    text_append_format(&path, "%s/tests/fixtures/.libs", build ? build : ".");
    return text_take(&path);
}

char *bench_fixture(const char *name)
{
    struct text path = text_empty();
    char *folder = bench_fixtures();

    text_append_format(&path, "%s/%s.so", folder, name);
    free(folder);
    return text_take(&path);
}

char *bench_read(const char *name, size_t *size)
{
    struct error error = {0};
    char *file = bench_fixture(name);
    char *data = NULL;

    if (file_read(AT_FDCWD, file, (size_t)16 * 1024 * 1024, &data, size, &error) != 0) {
        (void)printf("Bail out! %s\n", error.message);
        exit(1);
    }
    free(file);
    return data;
}

void bench_write(const char *path, const char *data, size_t size, mode_t mode)
{
    int fd;

    /* A new file each time: the old one may be mapped. */
    (void)unlink(path);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    CU_ASSERT_FATAL(fd >= 0);
    CU_ASSERT_EQUAL_FATAL(file_write_open(fd, data, size), 0);
    CU_ASSERT_EQUAL_FATAL(fchmod(fd, mode), 0);
    CU_ASSERT_EQUAL_FATAL(close(fd), 0);
}

void expect_text(const char *message, const char *part)
{
    if (strstr(message, part))
        return;
    (void)printf("# found    %s\n# expected %s\n", message, part);
    CU_FAIL("the message lacks a part");
}

void expect_refused(const char *file, const char *found, const char *wanted)
{
    struct plugin *plugin = NULL;
    struct error error = {0};

    CU_ASSERT_EQUAL(plugin_load(file, loader_no_dirs, &plugin, &error), ERROR_INVALID);
    CU_ASSERT_EQUAL(error.code, ERROR_INVALID);
    CU_ASSERT_PTR_NULL(plugin);
    CU_ASSERT_PTR_NULL(strchr(error.message, '\n'));
    CU_ASSERT_EQUAL(strncmp(error.message, file, strlen(file)), 0);
    CU_ASSERT_EQUAL(strncmp(error.message + strlen(file), ": ", 2), 0);
    expect_text(error.message, found);
    expect_text(error.message, wanted);
    expect_text(error.message, "expected");
    plugin_free(plugin);
}

struct plugin *bench_load(const char *file)
{
    struct plugin *plugin = NULL;
    struct error error = {0};

    if (plugin_load(file, loader_no_dirs, &plugin, &error) != 0) {
        (void)printf("# %s\n", error.message);
        CU_FAIL_FATAL("a plugin that should load is refused");
    }
    return plugin;
}
