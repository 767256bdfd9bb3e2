/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "folder.h"
#include "watching.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void begin(struct watching *watching, const char *root, const char *path, bool follow)
{
    watching_begin(watching, (struct watch_options){.path = folder_path(root, path), .follow = follow});
}

static void move(const char *root, const char *from, const char *to)
{
    CU_ASSERT_EQUAL(rename(folder_path(root, from), folder_path(root, to)), 0);
}

static bool nothing_is_queued(const struct watching *watching)
{
    char events[4096];

    return read(watch_fd(watching->watch), events, sizeof events) < 0;
}

static void files_are_told_by_their_paths(void)
{
    char root[64];
    struct watching watching;

    folder_make(root);
    folder_write(root, "in/a.yaml", "1");
    folder_write(root, "in/sub/deep/b.yaml", "1");
    begin(&watching, root, "in", false);
    CU_ASSERT_PTR_NULL(watch_degraded(watching.watch));
    CU_ASSERT_EQUAL(watch_rescan_ms(watching.watch), -1);
    CU_ASSERT_TRUE(watching_sleeps(&watching, 20));
    folder_write(root, "in/a.yaml", "2");
    CU_ASSERT_TRUE(watching_tells(&watching, "a.yaml"));
    CU_ASSERT_EQUAL(watching.all, 0);
    watching_drain(&watching);
    folder_write(root, "in/sub/deep/b.yaml", "2");
    CU_ASSERT_TRUE(watching_tells(&watching, "sub/deep/b.yaml"));
    watching_drain(&watching);
    CU_ASSERT_EQUAL(chmod(folder_path(root, "in/a.yaml"), 0600), 0);
    CU_ASSERT_TRUE(watching_tells(&watching, "a.yaml"));
    watching_drain(&watching);
    CU_ASSERT_EQUAL(truncate(folder_path(root, "in/a.yaml"), 0), 0);
    CU_ASSERT_TRUE(watching_tells(&watching, "a.yaml"));
    watching_drain(&watching);
    move(root, "in/a.yaml", "in/sub/c.yaml");
    CU_ASSERT_TRUE(watching_tells(&watching, "a.yaml"));
    CU_ASSERT_TRUE(watching_tells(&watching, "sub/c.yaml"));
    watching_drain(&watching);
    CU_ASSERT_EQUAL(unlink(folder_path(root, "in/sub/c.yaml")), 0);
    CU_ASSERT_TRUE(watching_tells(&watching, "sub/c.yaml"));
    CU_ASSERT_EQUAL(watching.all, 0);
    watching_end(&watching);
    folder_remove(root);
    watch_free(NULL);
}

static void what_is_hidden_is_passed_over(void)
{
    char root[64];
    struct watching watching;

    folder_make(root);
    folder_add(root, "in/.git");
    begin(&watching, root, "in", true);
    folder_write(root, "in/.a.yaml.swp", "1");
    folder_write(root, "in/.git/index", "1");
    folder_write(root, "in/.new/x.yaml", "1");
    folder_write(root, "beside.yaml", "1");
    CU_ASSERT_TRUE(watching_sleeps(&watching, 50));
    move(root, "in/.a.yaml.swp", "in/a.yaml");
    CU_ASSERT_TRUE(watching_tells(&watching, "a.yaml"));
    watching_end(&watching);
    folder_remove(root);
}

static void new_folders_are_watched(void)
{
    char root[64];
    struct watching watching;

    folder_make(root);
    folder_add(root, "in");
    folder_write(root, "made/x/y.yaml", "1");
    begin(&watching, root, "in", false);
    folder_add(root, "in/one/two/three");
    CU_ASSERT_TRUE(watching_tells(&watching, "one"));
    watching_drain(&watching);
    folder_write(root, "in/one/two/three/a.yaml", "1");
    CU_ASSERT_TRUE(watching_tells(&watching, "one/two/three/a.yaml"));
    watching_drain(&watching);
    move(root, "made", "in/moved");
    CU_ASSERT_TRUE(watching_tells(&watching, "moved"));
    watching_drain(&watching);
    folder_write(root, "in/moved/x/y.yaml", "2");
    CU_ASSERT_TRUE(watching_tells(&watching, "moved/x/y.yaml"));
    watching_drain(&watching);
    move(root, "in/moved", "in/one/again");
    CU_ASSERT_TRUE(watching_tells(&watching, "one/again"));
    watching_drain(&watching);
    folder_write(root, "in/one/again/x/y.yaml", "3");
    CU_ASSERT_TRUE(watching_tells(&watching, "one/again/x/y.yaml"));
    move(root, "in/one", "outside");
    watching_drain(&watching);
    folder_write(root, "outside/again/x/y.yaml", "4");
    CU_ASSERT_TRUE(watching_sleeps(&watching, 50));
    watching_end(&watching);
    folder_remove(root);
}

/* As somebody who makes, fills, renames and fills again before anything is read. */
static void news_that_is_old_is_understood(void)
{
    char root[64];
    struct watching watching;

    folder_make(root);
    folder_add(root, "in/d");
    begin(&watching, root, "in", false);
    move(root, "in/d", "in/e");
    folder_add(root, "in/d/inner");
    move(root, "in/e", "in/f");
    move(root, "in/d", "in/e");
    folder_add(root, "in/d/x");
    watching_drain(&watching);
    folder_write(root, "in/f/1.yaml", "1");
    CU_ASSERT_TRUE(watching_tells(&watching, "f/1.yaml"));
    folder_write(root, "in/e/inner/2.yaml", "1");
    CU_ASSERT_TRUE(watching_tells(&watching, "e/inner/2.yaml"));
    folder_write(root, "in/d/x/3.yaml", "1");
    CU_ASSERT_TRUE(watching_tells(&watching, "d/x/3.yaml"));
    CU_ASSERT_EQUAL(watching.all, 0);
    watching_end(&watching);
    folder_remove(root);
}

/* Kubernetes: a.yaml -> ..data/a.yaml, ..data -> ..1; then ..data -> ..2, and ..1 is removed. */
static void a_mounted_config_map_is_followed(void)
{
    char root[64];
    struct watching watching;

    folder_make(root);
    folder_write(root, "in/..1/a.yaml", "1");
    folder_link(root, "in/..data", "..1");
    folder_link(root, "in/a.yaml", "..data/a.yaml");
    begin(&watching, root, "in", true);
    for (int i = 2; i < 5; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "..%d", i);
        watching_drain(&watching);
        folder_write(root, i % 2 ? "in/..3/a.yaml" : "in/..4/a.yaml", "2");
        folder_link(root, "in/..data_tmp", i % 2 ? "..3" : "..4");
        watching_drain(&watching);
        move(root, "in/..data_tmp", "in/..data");
        CU_ASSERT_TRUE(watching_wakes(&watching));
        watching_drain(&watching);
        folder_write(root, i % 2 ? "in/..3/a.yaml" : "in/..4/a.yaml", "in place");
        CU_ASSERT_TRUE(watching_wakes(&watching));
    }
    watching_drain(&watching);
    folder_write(root, "in/..1/a.yaml", "nobody looks there any more");
    CU_ASSERT_TRUE(watching_sleeps(&watching, 50));
    watching_end(&watching);
    folder_remove(root);
}

static void links_to_files_elsewhere_are_followed(void)
{
    char root[64];
    struct watching watching;

    folder_make(root);
    folder_add(root, "in");
    folder_write(root, "else/releases/1/a.yaml", "1");
    folder_write(root, "else/releases/2/a.yaml", "2");
    folder_link(root, "else/current", "releases/1");
    folder_link(root, "in/a.yaml", folder_path(root, "else/current/a.yaml"));
    begin(&watching, root, "in", true);
    folder_write(root, "else/releases/1/other.yaml", "1");
    CU_ASSERT_TRUE(watching_sleeps(&watching, 50));
    folder_write(root, "else/releases/1/a.yaml", "1a");
    CU_ASSERT_TRUE(watching_wakes(&watching));
    watching_drain(&watching);
    folder_write(root, "else/releases/1/new", "1b");
    move(root, "else/releases/1/new", "else/releases/1/a.yaml");
    CU_ASSERT_TRUE(watching_wakes(&watching));
    watching_drain(&watching);
    folder_link(root, "else/next", "releases/2");
    CU_ASSERT_TRUE(watching_sleeps(&watching, 50));
    move(root, "else/next", "else/current");
    CU_ASSERT_TRUE(watching_wakes(&watching));
    watching_drain(&watching);
    folder_write(root, "else/releases/1/a.yaml", "old");
    CU_ASSERT_TRUE(watching_sleeps(&watching, 50));
    folder_write(root, "else/releases/2/a.yaml", "2a");
    CU_ASSERT_TRUE(watching_wakes(&watching));
    watching_drain(&watching);
    move(root, "else", "away");
    CU_ASSERT_TRUE(watching_wakes(&watching));
    watching_drain(&watching);
    folder_write(root, "else/current/a.yaml", "back");
    CU_ASSERT_TRUE(watching_wakes(&watching));
    watching_end(&watching);
    folder_remove(root);
}

static void links_to_folders_are_followed_where_asked(void)
{
    char root[64];
    struct watching follows;
    struct watching stays;

    folder_make(root);
    folder_add(root, "in");
    folder_write(root, "else/sub/a.yaml", "1");
    begin(&follows, root, "in", true);
    begin(&stays, root, "in", false);
    folder_link(root, "in/team", "../else");
    folder_link(root, "in/loop", ".");
    folder_link(root, "in/nowhere", "not-there");
    CU_ASSERT_TRUE(watching_wakes(&follows));
    CU_ASSERT_TRUE(watching_tells(&stays, "team"));
    watching_drain(&follows);
    watching_drain(&stays);
    folder_write(root, "else/sub/a.yaml", "2");
    CU_ASSERT_TRUE(watching_wakes(&follows));
    CU_ASSERT_TRUE(watching_sleeps(&stays, 50));
    watching_drain(&follows);
    folder_write(root, "in/not-there", "now it is");
    CU_ASSERT_TRUE(watching_wakes(&follows));
    CU_ASSERT_EQUAL(unlink(folder_path(root, "in/team")), 0);
    watching_drain(&follows);
    folder_write(root, "else/sub/a.yaml", "3");
    CU_ASSERT_TRUE(watching_sleeps(&follows, 50));
    watching_end(&follows);
    watching_end(&stays);
    folder_remove(root);
}

/* One of two ways to a folder goes: the other still leads there. */
static void a_folder_with_two_paths_is_not_lost(void)
{
    char root[64];
    struct watching watching;

    folder_make(root);
    folder_add(root, "in");
    folder_write(root, "else/d/a.yaml", "1");
    folder_link(root, "in/one", "../else");
    folder_link(root, "in/two", "../else");
    begin(&watching, root, "in", true);
    for (int i = 0; i < 2; i++) {
        watching_drain(&watching);
        CU_ASSERT_EQUAL(unlink(folder_path(root, i == 0 ? "in/one" : "in/two")), 0);
        CU_ASSERT_TRUE(watching_wakes(&watching));
        watching_drain(&watching);
        folder_write(root, "else/d/a.yaml", i == 0 ? "2" : "3");
        if (i == 0)
            CU_ASSERT_TRUE(watching_wakes(&watching));
    }
    CU_ASSERT_TRUE(watching_sleeps(&watching, 50));
    watching_end(&watching);
    folder_remove(root);
}

static void the_output_is_passed_over(void)
{
    char root[64];
    char skip[128];
    struct watching watching;

    folder_make(root);
    folder_add(root, "in");
    (void)snprintf(skip, sizeof skip, "%s/in/out", root);
    watching_begin(&watching, (struct watch_options){.path = folder_path(root, "in"), .skip = skip});
    folder_add(root, "in/out/status");
    watching_drain(&watching);
    folder_write(root, "in/out/status/a.yaml", "1");
    CU_ASSERT_TRUE(watching_sleeps(&watching, 50));
    watch_rescan(watching.watch);
    watching_drain(&watching);
    folder_write(root, "in/out/status/a.yaml", "2");
    CU_ASSERT_TRUE(watching_sleeps(&watching, 50));
    watching_end(&watching);
    folder_remove(root);
}

static void a_root_that_comes_goes_and_comes_is_found(void)
{
    char root[64];
    struct watching watching;

    folder_make(root);
    begin(&watching, root, "up/to/in", true);
    CU_ASSERT_PTR_NULL(watch_degraded(watching.watch));
    folder_write(root, "beside.yaml", "1");
    CU_ASSERT_TRUE(watching_sleeps(&watching, 50));
    for (int i = 0; i < 6; i++) {
        folder_write(root, "up/to/in/sub/a.yaml", "1");
        CU_ASSERT_TRUE(watching_wakes(&watching));
        watching_drain(&watching);
        folder_write(root, "up/to/in/sub/a.yaml", "2");
        CU_ASSERT_TRUE(watching_tells(&watching, "sub/a.yaml"));
        watching_drain(&watching);
        if (i % 3 == 0)
            move(root, "up/to/in", "gone");
        else if (i % 3 == 1)
            move(root, "up", "gone");
        else
            folder_remove(folder_path(root, "up"));
        CU_ASSERT_TRUE(watching_wakes(&watching));
        watching_drain(&watching);
        CU_ASSERT_TRUE(watching_sleeps(&watching, 10));
        if (i % 3 != 2)
            folder_remove(folder_path(root, "gone"));
        watching_drain(&watching);
    }
    watching_end(&watching);
    folder_remove(root);
}

/* The way to the root is a link that is swapped, as deployments do. */
static void a_root_that_a_link_leads_to_is_followed(void)
{
    char root[64];
    struct watching watching;

    folder_make(root);
    folder_write(root, "releases/1/in/a.yaml", "1");
    folder_write(root, "releases/2/in/a.yaml", "1");
    folder_link(root, "current", "releases/1");
    begin(&watching, root, "current/in", false);
    folder_link(root, "next", "releases/2");
    CU_ASSERT_TRUE(watching_sleeps(&watching, 50));
    move(root, "next", "current");
    CU_ASSERT_TRUE(watching_wakes(&watching));
    watching_drain(&watching);
    folder_write(root, "releases/1/in/a.yaml", "2");
    CU_ASSERT_TRUE(watching_sleeps(&watching, 50));
    folder_write(root, "releases/2/in/a.yaml", "2");
    CU_ASSERT_TRUE(watching_tells(&watching, "a.yaml"));
    CU_ASSERT_EQUAL(watching.all, 0);
    watching_end(&watching);
    folder_remove(root);
}

/* What was looked at while the root was missing is not looked at for ever. */
static void a_missing_root_leaves_no_wide_watch_behind(void)
{
    char root[64];
    struct watching watching;

    folder_make(root);
    begin(&watching, root, "in", false);
    folder_add(root, "in");
    CU_ASSERT_TRUE(watching_wakes(&watching));
    watching_drain(&watching);
    for (int i = 0; i < 10; i++)
        folder_write(root, "beside.yaml", "1");
    CU_ASSERT_TRUE(nothing_is_queued(&watching));
    folder_write(root, "in/a.yaml", "1");
    CU_ASSERT_TRUE(watching_tells(&watching, "a.yaml"));
    watching_end(&watching);
    folder_remove(root);
}

int main(void)
{
    static const struct test tests[] = {
        {"files are told by their paths", files_are_told_by_their_paths},
        {"what is hidden is passed over", what_is_hidden_is_passed_over},
        {"new folders are watched", new_folders_are_watched},
        {"news that is old is understood", news_that_is_old_is_understood},
        {"a mounted ConfigMap is followed", a_mounted_config_map_is_followed},
        {"links to files elsewhere are followed", links_to_files_elsewhere_are_followed},
        {"links to folders are followed where asked", links_to_folders_are_followed_where_asked},
        {"a folder with two paths is not lost", a_folder_with_two_paths_is_not_lost},
        {"the output is passed over", the_output_is_passed_over},
        {"a root that comes, goes and comes is found", a_root_that_comes_goes_and_comes_is_found},
        {"a root that a link leads to is followed", a_root_that_a_link_leads_to_is_followed},
        {"a missing root leaves no wide watch behind", a_missing_root_leaves_no_wide_watch_behind},
        {NULL, NULL},
    };

    return harness_run("watch", tests);
}
