/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"
#include "harness.h"
#include "passing.h"

#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

static void everything_is_told_once(void)
{
    struct passing passing;

    passing_start(&passing);
    folder_write(passing.root, "b.yaml", API("one", "h") "---\n---\n" API("two", "h"));
    folder_write(passing.root, "a/z.yml", API("three", "h"));
    folder_write(passing.root, "a.yaml",
                 "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Service, "
                 "metadata: {name: one}}\n");
    folder_write(passing.root, "empty.yaml", "# nothing\n");
    folder_write(passing.root, "notes.txt", "no: [yaml");
    CU_ASSERT_TRUE(passing_tells(
        &passing, "+three=h@a/z.yml:0:-1 +one=@a.yaml:0:0 +one=h@b.yaml:0:-1 +two=h@b.yaml:2:-1 "));
    CU_ASSERT_EQUAL(passing.result.files, 4);
    CU_ASSERT_EQUAL(passing.result.read, 4);
    CU_ASSERT_EQUAL(passing.result.objects, 4);
    CU_ASSERT_EQUAL(passing.result.apis, 3);
    CU_ASSERT_EQUAL(passing.result.put, 4);
    CU_ASSERT_TRUE(passing.result.complete);
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    CU_ASSERT_EQUAL(passing.result.read, 0);
    CU_ASSERT_EQUAL(passing.result.put, 0);
    CU_ASSERT_EQUAL(passing.result.objects, 4);
    CU_ASSERT_EQUAL(passing.result.files, 4);
    CU_ASSERT_TRUE(passing.result.complete);
    passing_finish(&passing);
}

static void only_what_changed_is_told(void)
{
    struct passing passing;

    passing_start(&passing);
    folder_write(passing.root, "a.yaml", API("one", "h") "---\n" API("two", "h"));
    folder_write(passing.root, "b.yaml", API("three", "h"));
    passing_go(&passing, true);
    folder_write(passing.root, "a.yaml", API("one", "h") "# a comment\n---\n" API("two", "new"));
    CU_ASSERT_TRUE(passing_tells(&passing, "+two=new@a.yaml:1:-1 "));
    CU_ASSERT_EQUAL(passing.result.read, 1);
    folder_write(passing.root, "a.yaml", API("two", "new") "---\n" API("one", "h"));
    CU_ASSERT_TRUE(passing_tells(&passing, "+two=new@a.yaml:0:-1 +one=h@a.yaml:1:-1 "));
    folder_write(passing.root, "a.yaml", API("two", "new"));
    CU_ASSERT_TRUE(passing_tells(&passing, "-one "));
    CU_ASSERT_EQUAL(passing.result.objects, 2);
    CU_ASSERT_EQUAL(passing.result.gone, 1);
    passing_remove(&passing, "a.yaml");
    CU_ASSERT_TRUE(passing_tells(&passing, "-two "));
    CU_ASSERT_EQUAL(passing.result.files, 1);
    passing_finish(&passing);
}

/* A change of the same size in the same tick of the clock leaves no trace outside of the content. */
static void a_recent_file_is_read_again(void)
{
    static const struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    struct passing passing;

    passing_start(&passing);
    folder_write(passing.root, "a.yaml", API("one", "aaa"));
    passing_go_at_once(&passing, true);
    CU_ASSERT_EQUAL(passing.result.read, 1);
    passing_go_at_once(&passing, true);
    CU_ASSERT_TRUE(passing_told(&passing, ""));
    CU_ASSERT_EQUAL(passing.result.read, 1);
    /* The time of the content may be set, that of the file's own change may not. */
    CU_ASSERT_EQUAL(utimensat(-1, folder_path(passing.root, "a.yaml"), times, 0), 0);
    passing_go_at_once(&passing, true);
    passing_go_at_once(&passing, true);
    CU_ASSERT_EQUAL(passing.result.read, 1);
    passing_go(&passing, true);
    CU_ASSERT_EQUAL(passing.result.read, 1);
    passing_go(&passing, true);
    CU_ASSERT_EQUAL(passing.result.read, 0);
    /* Of the same size, with the same times of the content. */
    folder_write(passing.root, "a.yaml", API("one", "bbb"));
    CU_ASSERT_EQUAL(utimensat(-1, folder_path(passing.root, "a.yaml"), times, 0), 0);
    CU_ASSERT_TRUE(passing_tells(&passing, "+one=bbb@a.yaml:0:-1 "));
    CU_ASSERT_EQUAL(chmod(folder_path(passing.root, "a.yaml"), 0600), 0);
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    CU_ASSERT_EQUAL(passing.result.read, 1);
    passing_finish(&passing);
}

static void the_first_of_two_files_counts(void)
{
    struct passing passing;

    passing_start(&passing);
    folder_write(passing.root, "b.yaml", "# b\n" API("one", "b"));
    folder_write(passing.root, "c.yaml", "# c\n# c\n" API("one", "c"));
    CU_ASSERT_TRUE(passing_tells(&passing, "+one=b@b.yaml:0:-1 "));
    CU_ASSERT_TRUE(passing_found(&passing, 1,
                                 "/c.yaml:5:12: error: metadata.name: the Api default/one stands "
                                 "already in /tmp/apigwd-test-"));
    CU_ASSERT_TRUE(passing_found(&passing, 1, "/b.yaml, which counts; remove one of the two\n"));
    CU_ASSERT_EQUAL(passing.result.repeated, 1);
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    CU_ASSERT_EQUAL(passing.result.repeated, 1);
    CU_ASSERT_EQUAL(passing.problems.count, 0);
    folder_write(passing.root, "a.yaml", API("one", "a"));
    CU_ASSERT_TRUE(passing_tells(&passing, "+one=a@a.yaml:0:-1 "));
    CU_ASSERT_TRUE(
        passing_found(&passing, 2, "/b.yaml:4:12: error: metadata.name: the Api default/one stands"));
    CU_ASSERT_TRUE(passing_found(&passing, 2, "/a.yaml, which counts"));
    CU_ASSERT_EQUAL(passing.result.repeated, 2);
    CU_ASSERT_EQUAL(passing.result.read, 3);
    folder_write(passing.root, "a.yaml", API("two", "a"));
    CU_ASSERT_TRUE(passing_tells(&passing, "+two=a@a.yaml:0:-1 +one=b@b.yaml:0:-1 "));
    CU_ASSERT_EQUAL(passing.result.repeated, 1);
    passing_remove(&passing, "b.yaml");
    CU_ASSERT_TRUE(passing_tells(&passing, "+one=c@c.yaml:0:-1 "));
    CU_ASSERT_EQUAL(passing.result.repeated, 0);
    CU_ASSERT_EQUAL(passing.problems.count, 0);
    passing_finish(&passing);
}

static void one_file_can_repeat_itself(void)
{
    struct passing passing;

    passing_start(&passing);
    folder_write(passing.root, "a.yaml", API("one", "x") "---\n" API("one", "yy") "---\n" API("one", "z"));
    CU_ASSERT_TRUE(passing_tells(&passing, "+one=x@a.yaml:0:-1 "));
    CU_ASSERT_TRUE(
        passing_found(&passing, 2, "/a.yaml:8:12: error: metadata.name: the Api default/one stands"));
    CU_ASSERT_TRUE(passing_found(&passing, 2, "/a.yaml:13:12: error: "));
    CU_ASSERT_EQUAL(passing.result.repeated, 2);
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    CU_ASSERT_EQUAL(passing.result.read, 0);
    CU_ASSERT_EQUAL(passing.result.repeated, 2);
    folder_write(passing.root, "a.yaml", API("one", "yy") "---\n" API("one", "z"));
    CU_ASSERT_TRUE(passing_tells(&passing, "+one=yy@a.yaml:0:-1 "));
    folder_write(passing.root, "a.yaml", API("one", "yy"));
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    CU_ASSERT_EQUAL(passing.result.repeated, 0);
    passing_finish(&passing);
}

static void path_order_is_by_names(void)
{
    struct passing passing;

    passing_start(&passing);
    folder_write(passing.root, "a.yaml", API("one", "file"));
    folder_write(passing.root, "a/x.yaml", API("one", "folder"));
    folder_write(passing.root, "a-b/x.yaml", API("one", "dash"));
    CU_ASSERT_TRUE(passing_tells(&passing, "+one=folder@a/x.yaml:0:-1 "));
    passing_remove(&passing, "a/x.yaml");
    CU_ASSERT_TRUE(passing_tells(&passing, "+one=dash@a-b/x.yaml:0:-1 "));
    passing_finish(&passing);
}

static void a_mounted_config_map_is_swapped(void)
{
    struct passing passing;

    passing_start(&passing);
    folder_write(passing.root, "..2026_01/a.yaml", API("one", "old"));
    folder_write(passing.root, "..2026_01/b.yaml", API("two", "old"));
    folder_write(passing.root, "..2026_02/a.yaml", API("one", "new"));
    folder_link(passing.root, "..data", "..2026_01");
    folder_link(passing.root, "a.yaml", "..data/a.yaml");
    folder_link(passing.root, "b.yaml", "..data/b.yaml");
    CU_ASSERT_TRUE(passing_tells(&passing, "+one=old@a.yaml:0:-1 +two=old@b.yaml:0:-1 "));
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    CU_ASSERT_EQUAL(passing.result.read, 0);
    folder_link(passing.root, "..data_tmp", "..2026_02");
    passing_move(&passing, "..data_tmp", "..data");
    /* The link goes after the file that it leads to. */
    CU_ASSERT_TRUE(passing_tells(&passing, "+one=new@a.yaml:0:-1 "));
    CU_ASSERT_EQUAL(passing.result.quarantined, 1);
    passing_remove(&passing, "b.yaml");
    CU_ASSERT_TRUE(passing_tells(&passing, "-two "));
    passing_finish(&passing);
}

static void what_is_no_file_is_told_once(void)
{
    struct passing passing;

    passing_start(&passing);
    folder_write(passing.root, "a.yaml", API("one", "h"));
    folder_write(passing.root, "b.yaml", API("two", "h"));
    passing_go(&passing, true);
    passing_remove(&passing, "a.yaml");
    CU_ASSERT_EQUAL(mkfifo(folder_path(passing.root, "a.yaml"), 0600), 0);
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    CU_ASSERT_TRUE(
        passing_found(&passing, 1, "/a.yaml: error: not a regular file; what it held before counts"));
    CU_ASSERT_EQUAL(passing.result.files, 2);
    CU_ASSERT_EQUAL(passing.result.quarantined, 1);
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    CU_ASSERT_EQUAL(passing.problems.count, 0);
    passing_remove(&passing, "a.yaml");
    folder_write(passing.root, "a.yaml/x.yaml", API("one", "h"));
    CU_ASSERT_TRUE(passing_tells(&passing, "+one=h@a.yaml/x.yaml:0:-1 "));
    CU_ASSERT_EQUAL(passing.result.quarantined, 0);
    passing_finish(&passing);
}

/* It may have held Apis before this process looked: until it is a file again, nothing is known to be gone. */
static void what_never_was_a_file_leaves_the_input_incomplete(void)
{
    struct passing passing;

    passing_start(&passing);
    folder_write(passing.root, "b.yaml", API("two", "h"));
    CU_ASSERT_EQUAL(mkfifo(folder_path(passing.root, "a.yaml"), 0600), 0);
    CU_ASSERT_TRUE(passing_tells(&passing, "+two=h@b.yaml:0:-1 "));
    CU_ASSERT_TRUE(passing_found(&passing, 1, "/a.yaml: error: not a regular file; nothing of it is used"));
    CU_ASSERT_FALSE(passing.result.complete);
    passing_remove(&passing, "a.yaml");
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    CU_ASSERT_TRUE(passing.result.complete);
    passing_finish(&passing);
}

static void a_link_into_the_output_is_told_once(void)
{
    struct passing passing;
    char output[64];

    folder_make(output);
    folder_write(output, "status/default/one.yaml", API("one", "h"));
    passing_start_with(&passing, (struct input_options){.skip = output});
    folder_write(passing.root, "b.yaml", API("two", "h"));
    folder_link(passing.root, "a.yaml", folder_path(output, "status/default/one.yaml"));
    CU_ASSERT_TRUE(passing_tells(&passing, "+two=h@b.yaml:0:-1 "));
    CU_ASSERT_TRUE(
        passing_found(&passing, 1, "/a.yaml: warning: a symbolic link that leads into the output"));
    CU_ASSERT_TRUE(passing.result.complete);
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    CU_ASSERT_EQUAL(passing.problems.count, 0);
    passing_finish(&passing);
    folder_remove(output);
}

static void a_file_of_rubbish_hides_no_other(void)
{
    struct text rubbish = text_empty();
    struct passing passing;

    passing_start(&passing);
    for (size_t i = 0; i < 150; i++)
        text_append_string(&rubbish, "---\nkind: Api\n");
    folder_write(passing.root, "a.yaml", rubbish.data);
    folder_write(passing.root, "b.yaml", "---\nkind: Api\n");
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    CU_ASSERT_TRUE(passing_found(&passing, 101, "/b.yaml:2:1: error: "));
    CU_ASSERT_EQUAL(passing.problems.dropped, 50);
    passing_finish(&passing);
    text_release(&rubbish);
}

static void the_number_of_files_has_a_limit(void)
{
    struct passing passing;

    passing_start_with(&passing, (struct input_options){.max_files = 3});
    folder_write(passing.root, "a.yaml", API("one", "h"));
    folder_write(passing.root, "b.yaml", API("two", "h"));
    folder_write(passing.root, "d.yaml", API("three", "h"));
    passing_go(&passing, true);
    CU_ASSERT_EQUAL(passing.result.put, 3);
    CU_ASSERT_TRUE(passing.result.complete);
    folder_write(passing.root, "c.yaml", API("four", "h"));
    passing_remove(&passing, "a.yaml");
    folder_write(passing.root, "aa.yaml", "# nothing\n");
    /* Now d.yaml is beyond the limit; it was known and keeps what it held. */
    CU_ASSERT_TRUE(passing_tells(&passing, "+four=h@c.yaml:0:-1 "));
    CU_ASSERT_TRUE(passing_found(&passing, 1, ": error: more than 3 files; the others are not read"));
    CU_ASSERT_EQUAL(passing.result.quarantined, 1);
    CU_ASSERT_EQUAL(passing.result.unknown, 1);
    CU_ASSERT_EQUAL(passing.result.objects, 4);
    CU_ASSERT_EQUAL(passing.result.held, 1);
    CU_ASSERT_FALSE(passing.result.complete);
    CU_ASSERT_TRUE(passing_tells(&passing, ""));
    CU_ASSERT_EQUAL(passing.problems.count, 0);
    passing_remove(&passing, "aa.yaml");
    CU_ASSERT_TRUE(passing_tells(&passing, "-one "));
    CU_ASSERT_TRUE(passing.result.complete);
    CU_ASSERT_EQUAL(INPUT_MAX_FILES, 100000);
    passing_finish(&passing);
}

static void refused_objects_are_counted_as_long_as_they_are(void)
{
    struct passing passing;

    passing_start(&passing);
    folder_write(passing.root, "a.yaml", API("one", "h") "---\nkind: Api\n");
    CU_ASSERT_TRUE(passing_tells(&passing, "+one=h@a.yaml:0:-1 "));
    CU_ASSERT_TRUE(passing_found(&passing, 1, "/a.yaml:6:1: error: apiVersion"));
    CU_ASSERT_EQUAL(passing.result.refused, 1);
    CU_ASSERT_TRUE(passing.result.complete);
    passing_go(&passing, true);
    CU_ASSERT_EQUAL(passing.result.refused, 1);
    CU_ASSERT_EQUAL(passing.problems.count, 0);
    folder_write(passing.root, "a.yaml", API("one", "h"));
    passing_go(&passing, true);
    CU_ASSERT_EQUAL(passing.result.refused, 0);
    passing_finish(&passing);
}

static void who_refuses_is_asked_again(void)
{
    struct passing passing;

    passing_start(&passing);
    folder_write(passing.root, "a.yaml", API("one", "h1") "---\n" API("two", "h1"));
    folder_write(passing.root, "b.yaml", API("three", "h1"));
    passing_go(&passing, true);
    folder_write(passing.root, "a.yaml", API("one", "h2") "---\n" API("two", "h2"));
    passing.granted = 1;
    passing_go(&passing, true);
    CU_ASSERT_EQUAL(passing.code, ERROR_CONFLICT);
    CU_ASSERT_STRING_EQUAL(passing.error.message, "enough");
    CU_ASSERT_STRING_EQUAL(passing.told.data, "+one=h2@a.yaml:0:-1 ");
    CU_ASSERT_EQUAL(passing.result.put, 1);
    CU_ASSERT_EQUAL(passing.result.objects, 3);
    CU_ASSERT_FALSE(passing.result.complete);
    passing.granted = SIZE_MAX;
    CU_ASSERT_TRUE(passing_tells(&passing, "+two=h2@a.yaml:1:-1 "));
    folder_write(passing.root, "a.yaml", API("one", "h3") "---\n" API("two", "h3"));
    passing.granted = 1;
    passing_go(&passing, true);
    CU_ASSERT_EQUAL(passing.code, ERROR_CONFLICT);
    passing.granted = SIZE_MAX;
    /* What was there before it was refused is news to who took half of what came after. */
    folder_write(passing.root, "a.yaml", API("one", "h2") "---\n" API("two", "h2"));
    CU_ASSERT_TRUE(passing_tells(&passing, "+one=h2@a.yaml:0:-1 "));
    passing_remove(&passing, "a.yaml");
    passing.granted = 1;
    passing_go(&passing, true);
    CU_ASSERT_EQUAL(passing.code, ERROR_CONFLICT);
    CU_ASSERT_EQUAL(passing.result.gone, 1);
    CU_ASSERT_EQUAL(passing.result.held, 1);
    CU_ASSERT_FALSE(passing.result.complete);
    passing.granted = SIZE_MAX;
    passing_go(&passing, true);
    CU_ASSERT_EQUAL(passing.code, 0);
    CU_ASSERT_EQUAL(passing.result.gone, 1);
    CU_ASSERT_EQUAL(passing.result.objects, 1);
    passing_finish(&passing);
}

int main(void)
{
    static const struct test tests[] = {
        {"everything is told once, in path order", everything_is_told_once},
        {"only what changed is told", only_what_changed_is_told},
        {"a recent file is read again, an old one is not", a_recent_file_is_read_again},
        {"of two files with one object the first counts", the_first_of_two_files_counts},
        {"one file can repeat itself", one_file_can_repeat_itself},
        {"path order is by names, not by bytes", path_order_is_by_names},
        {"a mounted ConfigMap is swapped", a_mounted_config_map_is_swapped},
        {"what is no file is told once and keeps what it held", what_is_no_file_is_told_once},
        {"what never was a file leaves the input incomplete",
         what_never_was_a_file_leaves_the_input_incomplete},
        {"a link into the output is told once", a_link_into_the_output_is_told_once},
        {"a file of rubbish hides no other", a_file_of_rubbish_hides_no_other},
        {"the number of files has a limit", the_number_of_files_has_a_limit},
        {"refused objects are counted as long as they are", refused_objects_are_counted_as_long_as_they_are},
        {"a listener that refuses is asked again", who_refuses_is_asked_again},
        {NULL, NULL},
    };

    return harness_run("input", tests);
}
