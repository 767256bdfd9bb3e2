/* SPDX-License-Identifier: Apache-2.0 */
#include "config_fixture.h"

#include "base/text.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void fixture_put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_TRUE(fputs(text, file) >= 0);
    CU_ASSERT_EQUAL(fclose(file), 0);
}

static char *expand(const char *text)
{
    char *folder = getcwd(NULL, 0);
    struct text out = text_empty();

    for (; *text; text++) {
        if (*text == '@')
            text_append_string(&out, folder);
        else
            text_append(&out, text, 1);
    }
    free(folder);
    return text_take(&out);
}

bool fixture_is_path(const char *found, const char *wanted)
{
    char *expanded = expand(wanted);
    bool is_equal = found && strcmp(found, expanded) == 0;

    if (!is_equal)
        (void)printf("# found %s, wanted %s\n", found ? found : "nothing", expanded);
    free(expanded);
    return is_equal;
}

bool fixture_file_says(const char *path, const char *lines)
{
    struct problems problems = {0};
    struct config *config = NULL;
    struct text out = text_empty();
    int result = config_load(path, &config, &problems);
    bool is_right;

    problems_print(&problems, &out);
    is_right = fixture_is_path(out.data, lines) && result == (problems.errors > 0 ? ERROR_INVALID : 0);
    config_free(config);
    problems_release(&problems);
    text_release(&out);
    return is_right;
}

bool fixture_says(const char *text, const char *lines)
{
    fixture_put("c.yaml", text);
    return fixture_file_says("c.yaml", lines);
}

struct config *fixture_load(const char *text)
{
    struct problems problems = {0};
    struct config *config = NULL;
    struct text out = text_empty();

    fixture_put("c.yaml", text);
    if (config_load("c.yaml", &config, &problems) != 0) {
        problems_print(&problems, &out);
        (void)printf("# %s\n", out.data);
    }
    text_release(&out);
    problems_release(&problems);
    CU_ASSERT_PTR_NOT_NULL_FATAL(config);
    return config;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

int fixture_run(const char *suite, const struct test *tests)
{
    char folder[] = "/tmp/apigwd-test-XXXXXX";
    int result;

    if (!mkdtemp(folder) || chdir(folder) != 0)
        return 1;
    result = harness_run(suite, tests);
    (void)nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    return result;
}
