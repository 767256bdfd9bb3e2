/* SPDX-License-Identifier: Apache-2.0 */
/* What is gone, and what only seems so. */
#include "folder.h"
#include "harness.h"
#include "passing.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void a_moving_object_is_never_gone(void)
{
    struct passing passing;

    passing_start(&passing);
    folder_write(passing.root, "b.yaml", API("one", "h") "---\n" API("two", "h"));
    passing_go(&passing, true);
    /* To a later file, then to an earlier one, within one pass. */
    folder_write(passing.root, "b.yaml", API("two", "h"));
    folder_write(passing.root, "c.yaml", API("one", "h"));
    CU_ASSERT_TRUE(passing_tells(&passing, "+two=h@b.yaml:0:-1 +one=h@c.yaml:0:-1 "));
    passing_move(&passing, "c.yaml", "a.yaml");
    CU_ASSERT_TRUE(passing_tells(&passing, "+one=h@a.yaml:0:-1 "));
    /* In two steps, with passes between that are not quiet. */
    passing_remove(&passing, "a.yaml");
    passing_go(&passing, false);
    CU_ASSERT_TRUE(passing_told(&passing, ""));
    CU_ASSERT_EQUAL(passing.result.held, 1);
    CU_ASSERT_EQUAL(passing.result.objects, 2);
    CU_ASSERT_TRUE(passing.result.complete);
    folder_write(passing.root, "z.yaml", API("one", "h"));
    passing_go(&passing, false);
    CU_ASSERT_TRUE(passing_told(&passing, "+one=h@z.yaml:0:-1 "));
    CU_ASSERT_EQUAL(passing.result.held, 0);
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    passing_finish(&passing);
}

static void what_comes_back_was_never_away(void)
{
    struct passing passing;

    passing_start(&passing);
    folder_write(passing.root, "a/x.yaml", API("one", "h"));
    folder_write(passing.root, "b.yaml", API("two", "h"));
    passing_go(&passing, true);
    passing_move(&passing, "a", ".a");
    passing_go(&passing, false);
    CU_ASSERT_TRUE(passing_told(&passing, ""));
    passing_move(&passing, ".a", "a");
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    passing_move(&passing, "a", ".a");
    CU_ASSERT_TRUE(passing_tells(&passing, "-one "));
    passing_move(&passing, ".a", "a");
    CU_ASSERT_TRUE(passing_tells(&passing, "+one=h@a/x.yaml:0:-1 "));
    passing_finish(&passing);
}

static void a_broken_file_keeps_what_it_held(void)
{
    struct passing passing;

    passing_start(&passing);
    folder_write(passing.root, "a.yaml", API("one", "h") "---\n" API("two", "h"));
    folder_write(passing.root, "b.yaml", API("three", "h") "---\n" API("four", "h"));
    passing_go(&passing, true);
    folder_write(passing.root, "a.yaml", API("one", "new") "---\nkind: [\n");
    folder_write(passing.root, "b.yaml", API("four", "h"));
    CU_ASSERT_TRUE(passing_tells(&passing, "+four=h@b.yaml:0:-1 "));
    CU_ASSERT_TRUE(passing_found(&passing, 1, "; what it held before counts until it is mended"));
    CU_ASSERT_EQUAL(passing.result.quarantined, 1);
    CU_ASSERT_EQUAL(passing.result.unknown, 0);
    CU_ASSERT_EQUAL(passing.result.held, 1);
    CU_ASSERT_EQUAL(passing.result.files, 2);
    CU_ASSERT_TRUE(passing.result.complete);
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    CU_ASSERT_EQUAL(passing.problems.count, 0);
    CU_ASSERT_EQUAL(passing.result.read, 0);
    CU_ASSERT_EQUAL(passing.result.quarantined, 1);
    /* The broken file did hold it. */
    folder_write(passing.root, "a.yaml", API("one", "h") "---\n" API("three", "h"));
    CU_ASSERT_TRUE(passing_tells(&passing, "+three=h@a.yaml:1:-1 -two "));
    CU_ASSERT_EQUAL(passing.result.quarantined, 0);
    passing_finish(&passing);
}

static void a_broken_file_claims_nothing_new(void)
{
    struct passing passing;

    passing_start(&passing);
    folder_write(passing.root, "a.yaml", API("one", "a"));
    folder_write(passing.root, "b.yaml", API("one", "b") "---\n" API("two", "b"));
    folder_write(passing.root, "c.yaml", API("one", "c") "---\n" API("two", "c"));
    CU_ASSERT_TRUE(passing_tells(&passing, "+one=a@a.yaml:0:-1 +two=b@b.yaml:1:-1 "));
    folder_write(passing.root, "b.yaml", "[");
    passing_remove(&passing, "a.yaml");
    /* The content of b.yaml is not at hand; that of c.yaml is. */
    CU_ASSERT_TRUE(passing_tells(&passing, "+one=c@c.yaml:0:-1 "));
    CU_ASSERT_EQUAL(passing.result.repeated, 1);
    folder_write(passing.root, "b.yaml", API("one", "b") "---\n" API("two", "b"));
    CU_ASSERT_TRUE(passing_tells(&passing, "+one=b@b.yaml:0:-1 "));
    CU_ASSERT_EQUAL(passing.result.repeated, 2);
    /* Nor what could not be told of it before it broke. */
    folder_write(passing.root, "a.yaml", API("one", "a"));
    passing_go(&passing, true);
    passing_remove(&passing, "a.yaml");
    passing.granted = 0;
    passing_go(&passing, true);
    CU_ASSERT_EQUAL(passing.code, ERROR_CONFLICT);
    passing.granted = SIZE_MAX;
    folder_write(passing.root, "b.yaml", "[");
    CU_ASSERT_TRUE(passing_tells(&passing, "+one=c@c.yaml:0:-1 "));
    passing_finish(&passing);
}

static void a_file_that_never_was_readable_holds_all_back(void)
{
    struct passing passing;

    passing_start(&passing);
    folder_write(passing.root, "a.yaml", "[");
    folder_write(passing.root, "b.yaml", API("one", "h"));
    folder_write(passing.root, "c.yaml", API("two", "h"));
    CU_ASSERT_TRUE(passing_tells(&passing, "+one=h@b.yaml:0:-1 +two=h@c.yaml:0:-1 "));
    CU_ASSERT_TRUE(passing_found(&passing, 1, "; nothing of it is used until it is mended"));
    CU_ASSERT_EQUAL(passing.result.unknown, 1);
    CU_ASSERT_EQUAL(passing.result.files, 2);
    CU_ASSERT_FALSE(passing.result.complete);
    passing_remove(&passing, "b.yaml");
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    CU_ASSERT_EQUAL(passing.result.held, 1);
    CU_ASSERT_EQUAL(passing.result.apis, 2);
    folder_write(passing.root, "a.yaml", API("one", "h"));
    CU_ASSERT_TRUE(passing_tells(&passing, "+one=h@a.yaml:0:-1 "));
    CU_ASSERT_TRUE(passing.result.complete);
    folder_write(passing.root, "d.yaml", "[");
    passing_remove(&passing, "a.yaml");
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    CU_ASSERT_FALSE(passing.result.complete);
    passing_remove(&passing, "d.yaml");
    CU_ASSERT_TRUE(passing_tells(&passing, "-one "));
    passing_finish(&passing);
}

static void an_emptied_folder_is_not_believed(void)
{
    struct passing passing;

    passing_start(&passing);
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    CU_ASSERT_FALSE(passing.result.complete);
    folder_write(passing.root, "a.yaml", API("one", "h"));
    folder_write(passing.root, "b.yaml", "{apiVersion: v1, kind: Service, metadata: {name: s}}\n");
    passing_go(&passing, true);
    CU_ASSERT_TRUE(passing.result.complete);
    passing_remove(&passing, "a.yaml");
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    CU_ASSERT_FALSE(passing.result.complete);
    passing_remove(&passing, "b.yaml");
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    CU_ASSERT_EQUAL(passing.result.objects, 2);
    CU_ASSERT_EQUAL(passing.result.held, 2);
    folder_write(passing.root, "c.yaml", API("two", "h"));
    passing_go(&passing, true);
    CU_ASSERT_EQUAL(passing.result.gone, 2);
    CU_ASSERT_EQUAL(passing.result.objects, 1);
    passing_finish(&passing);
    passing_start_with(&passing, (struct input_options){.allow_empty = true});
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    CU_ASSERT_TRUE(passing.result.complete);
    folder_write(passing.root, "a.yaml", API("one", "h"));
    passing_go(&passing, true);
    passing_remove(&passing, "a.yaml");
    CU_ASSERT_TRUE(passing_tells(&passing, "-one "));
    passing_finish(&passing);
}

/* `cp` empties a file before it writes it, and may be kept waiting between the two. */
static void an_emptied_file_keeps_what_it_held(void)
{
    struct passing passing;

    passing_start(&passing);
    folder_write(passing.root, "a.yaml", API("one", "h"));
    folder_write(passing.root, "b.yaml", API("two", "h"));
    folder_write(passing.root, "never.yaml", "");
    passing_go(&passing, true);
    folder_write(passing.root, "a.yaml", "");
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    CU_ASSERT_TRUE(passing_found(&passing, 1, "/a.yaml: error: is empty"));
    CU_ASSERT_EQUAL(passing.result.objects, 2);
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    CU_ASSERT_EQUAL(passing.problems.count, 0);
    folder_write(passing.root, "a.yaml", API("one", "other"));
    CU_ASSERT_TRUE(passing_tells(&passing, "+one=other@a.yaml:0:-1 "));
    folder_write(passing.root, "a.yaml", "");
    passing_go(&passing, true);
    passing_remove(&passing, "a.yaml");
    CU_ASSERT_TRUE(passing_tells(&passing, "-one "));
    passing_finish(&passing);
}

static void a_missing_folder_is_an_error(void)
{
    struct passing passing;
    char away[80];

    passing_start_with(&passing, (struct input_options){.allow_empty = true});
    folder_write(passing.root, "a.yaml", API("one", "h"));
    passing_go(&passing, true);
    (void)snprintf(away, sizeof away, "%s.away", passing.root);
    CU_ASSERT_EQUAL(rename(passing.root, away), 0);
    passing_go(&passing, true);
    CU_ASSERT_EQUAL(passing.code, ERROR_NOT_FOUND);
    CU_ASSERT_PTR_NOT_NULL(strstr(passing.error.message, " does not exist"));
    CU_ASSERT_STRING_EQUAL(passing.told.data, "");
    CU_ASSERT_EQUAL(passing.result.objects, 1);
    CU_ASSERT_FALSE(passing.result.complete);
    CU_ASSERT_EQUAL(close(creat(passing.root, 0600)), 0);
    passing_go(&passing, true);
    CU_ASSERT_EQUAL(passing.code, ERROR_IO);
    CU_ASSERT_EQUAL(unlink(passing.root), 0);
    CU_ASSERT_EQUAL(rename(away, passing.root), 0);
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    CU_ASSERT_EQUAL(passing.result.read, 0);
    CU_ASSERT_TRUE(passing.result.complete);
    passing_finish(&passing);
}

/* The superuser reads every folder, so a link that leads nowhere and a folder too deep stand for one. */
static void what_cannot_be_looked_at_keeps_what_it_held(void)
{
    struct passing passing;

    passing_start(&passing);
    folder_write(passing.root, ".v1/x.yaml", API("one", "h"));
    folder_write(passing.root, "z.yaml", API("two", "h") "---\n" API("three", "h"));
    folder_link(passing.root, "a", ".v1");
    CU_ASSERT_TRUE(passing_tells(&passing, "+one=h@a/x.yaml:0:-1 +two=h@z.yaml:0:-1 +three=h@z.yaml:1:-1 "));
    passing_move(&passing, ".v1", ".v0");
    folder_write(passing.root, "z.yaml", API("two", "h"));
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    CU_ASSERT_TRUE(passing_found(&passing, 1, "/a: error: a symbolic link that leads nowhere"));
    CU_ASSERT_TRUE(passing_found(&passing, 1, "; what it held before counts until it is mended"));
    CU_ASSERT_EQUAL(passing.result.quarantined, 1);
    CU_ASSERT_EQUAL(passing.result.unknown, 0);
    CU_ASSERT_EQUAL(passing.result.held, 1);
    CU_ASSERT_EQUAL(passing.result.files, 2);
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    CU_ASSERT_EQUAL(passing.problems.count, 0);
    CU_ASSERT_EQUAL(passing.result.quarantined, 1);
    passing_move(&passing, ".v0", ".v1");
    CU_ASSERT_TRUE(passing_tells(&passing, "-three "));
    CU_ASSERT_EQUAL(passing.result.read, 0);
    folder_link(passing.root, "m.yaml", "nowhere");
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    CU_ASSERT_EQUAL(passing.result.unknown, 1);
    CU_ASSERT_FALSE(passing.result.complete);
    passing_finish(&passing);
}

static void a_folder_that_is_shut_keeps_what_it_held(void)
{
    struct passing passing;

    if (geteuid() == 0)
        return;
    passing_start(&passing);
    folder_write(passing.root, "a/x.yaml", API("one", "h"));
    folder_write(passing.root, "b.yaml", API("two", "h"));
    folder_write(passing.root, "c.yaml", API("three", "h"));
    passing_go(&passing, true);
    CU_ASSERT_EQUAL(chmod(folder_path(passing.root, "a"), 0), 0);
    CU_ASSERT_EQUAL(chmod(folder_path(passing.root, "b.yaml"), 0), 0);
    passing_remove(&passing, "c.yaml");
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    CU_ASSERT_TRUE(
        passing_found(&passing, 2, "/a: error: the folder cannot be read: Permission denied; what"));
    CU_ASSERT_TRUE(passing_found(&passing, 2, "/b.yaml: error: Permission denied; what it held"));
    CU_ASSERT_EQUAL(passing.result.quarantined, 2);
    CU_ASSERT_EQUAL(passing.result.unknown, 0);
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    CU_ASSERT_EQUAL(passing.problems.count, 0);
    CU_ASSERT_EQUAL(chmod(folder_path(passing.root, "a"), 0700), 0);
    CU_ASSERT_EQUAL(chmod(folder_path(passing.root, "b.yaml"), 0600), 0);
    CU_ASSERT_TRUE(passing_tells(&passing, "-three "));
    passing_finish(&passing);
}

int main(void)
{
    static const struct test tests[] = {
        {"an object that moves is never gone in between", a_moving_object_is_never_gone},
        {"what comes back before it was told was never away", what_comes_back_was_never_away},
        {"a broken file keeps what it held, and others' losses wait", a_broken_file_keeps_what_it_held},
        {"a broken file claims nothing new", a_broken_file_claims_nothing_new},
        {"a file that never was readable holds all back", a_file_that_never_was_readable_holds_all_back},
        {"an emptied folder is not believed unless allowed", an_emptied_folder_is_not_believed},
        {"an emptied file keeps what it held", an_emptied_file_keeps_what_it_held},
        {"a missing folder is an error and nothing is gone", a_missing_folder_is_an_error},
        {"what cannot be looked at keeps what it held", what_cannot_be_looked_at_keeps_what_it_held},
        {"a folder or file that is shut keeps what it held", a_folder_that_is_shut_keeps_what_it_held},
        {NULL, NULL},
    };

    return harness_run("input gone", tests);
}
