/* SPDX-License-Identifier: Apache-2.0 */
/* A thousand changes at random: each wakes, and none is missed when nobody reads in between. */
#include "harness.h"

#include "folder.h"
#include "watching.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FOLDERS = 6, FILES = 4 };

struct storm {
    char root[64];
    unsigned seed;
};

static unsigned below(struct storm *storm, unsigned limit)
{
    storm->seed = storm->seed * 1103515245u + 12345u;
    return (storm->seed >> 16) % limit;
}

/* "in", "in/1", "in/1/2" and so on. */
static void folder_name(struct storm *storm, char out[64])
{
    unsigned depth = below(storm, 4);
    int length = snprintf(out, 64, "in");

    for (unsigned i = 0; i < depth; i++)
        length += snprintf(out + length, 64 - (size_t)length, "/d%u", below(storm, FOLDERS));
}

static void file_name(struct storm *storm, char out[96])
{
    char folder[64];

    folder_name(storm, folder);
    (void)snprintf(out, 96, "%s/f%u.yaml", folder, below(storm, FILES));
}

static bool write_file(const char *root, const char *name)
{
    FILE *file = fopen(folder_path(root, name), "w");

    return file && fputs("x", file) >= 0 && fclose(file) == 0;
}

static bool make_private(const char *root, const char *name)
{
    struct stat info;

    return lstat(folder_path(root, name), &info) == 0 && S_ISREG(info.st_mode) &&
           chmod(folder_path(root, name), 0600) == 0;
}

/* Onto itself would be no change, and two links to one folder would be the same. */
static bool move(const char *root, const char *from, const char *to)
{
    return strcmp(from, to) != 0 && rename(folder_path(root, from), folder_path(root, to)) == 0;
}

/* Makes one change. Returns whether there was anything to change. */
static bool change(struct storm *storm)
{
    char from[96];
    char to[96];
    char folder[64];
    char other[64];

    file_name(storm, from);
    file_name(storm, to);
    folder_name(storm, folder);
    folder_name(storm, other);
    switch (below(storm, 8)) {
    case 0:
        return unlink(folder_path(storm->root, from)) == 0;
    case 1:
        return move(storm->root, from, to);
    case 2:
        return mkdir(folder_path(storm->root, folder), 0755) == 0;
    case 3:
        return rmdir(folder_path(storm->root, folder)) == 0;
    case 4:
        return move(storm->root, folder, other);
    case 5:
        return make_private(storm->root, from);
    case 6:
        return symlink("../d1", folder_path(storm->root, from)) == 0;
    default:
        return write_file(storm->root, from);
    }
}

static void begin(struct storm *storm, struct watching *watching, unsigned seed, bool follow)
{
    *storm = (struct storm){.seed = seed};
    folder_make(storm->root);
    folder_add(storm->root, "in/d1/d2");
    watching_begin(watching,
                   (struct watch_options){.path = folder_path(storm->root, "in"), .follow = follow});
}

static void end(struct storm *storm, struct watching *watching)
{
    CU_ASSERT_PTR_NULL(watch_degraded(watching->watch));
    watching_end(watching);
    folder_remove(storm->root);
}

static void every_change_wakes(void)
{
    struct storm storm;
    struct watching watching;
    unsigned made = 0;

    begin(&storm, &watching, 7, true);
    for (unsigned tries = 0; made < 1000 && tries < 100000; tries++) {
        if (!change(&storm))
            continue;
        made++;
        if (!watching_wakes(&watching)) {
            (void)printf("# change %u did not wake\n", made);
            CU_FAIL("a change did not wake");
            break;
        }
        watching_drain(&watching);
    }
    CU_ASSERT_EQUAL(made, 1000);
    end(&storm, &watching);
}

/* Writes a file into a folder and into all below it. Where links are followed, the path that is told may be
 * another one that leads there. Returns how many of them were not told. */
static unsigned probe(const char *root, struct watching *watching, const char *folder, bool follow)
{
    DIR *names = opendir(folder_path(root, folder));
    const struct dirent *entry;
    char path[PATH_MAX];
    unsigned missed;

    if (!names)
        return 0;
    (void)snprintf(path, sizeof path, "%s/probe.yaml", folder);
    watching_drain(watching);
    (void)write_file(root, path);
    missed = !(follow ? watching_wakes(watching) : watching_tells(watching, path + strlen("in/")));
    while ((entry = readdir(names))) {
        if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        missed += probe(root, watching, path, follow);
    }
    (void)closedir(names);
    return missed;
}

/* Nothing is read until many changes were made; after that every folder must be watched as if there had been
 * none. */
static void no_folder_is_missed(void)
{
    for (unsigned round = 0; round < 20; round++) {
        struct storm storm;
        struct watching watching;
        begin(&storm, &watching, round, round % 2 == 0);
        for (unsigned burst = 0; burst < 3; burst++) {
            for (unsigned i = 0; i < 120; i++)
                (void)change(&storm);
            watching_drain(&watching);
            CU_ASSERT_EQUAL(probe(storm.root, &watching, "in", round % 2 == 0), 0);
        }
        end(&storm, &watching);
    }
}

/* Somebody keeps changing while the news is read. */
static void no_folder_is_missed_while_changes_go_on(void)
{
    for (unsigned round = 0; round < 6; round++) {
        struct storm storm;
        struct watching watching;
        pid_t child;
        int status = 0;
        begin(&storm, &watching, 100 + round, round % 2 == 0);
        child = fork();
        if (child == 0) {
            for (unsigned i = 0; i < 4000; i++)
                (void)change(&storm);
            _exit(0);
        }
        CU_ASSERT_FATAL(child > 0);
        while (waitpid(child, &status, WNOHANG) == 0)
            watching_drain(&watching);
        watching_drain(&watching);
        CU_ASSERT_EQUAL(status, 0);
        CU_ASSERT_EQUAL(probe(storm.root, &watching, "in", round % 2 == 0), 0);
        end(&storm, &watching);
    }
}

/* More changes than the queue of the kernel holds. */
static void a_queue_that_overflows_is_noticed(void)
{
    struct storm storm;
    struct watching watching;
    unsigned long limit = 0;
    FILE *file = fopen("/proc/sys/fs/inotify/max_queued_events", "r");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fscanf(file, "%lu", &limit), 1);
    (void)fclose(file);
    CU_ASSERT_FATAL(limit < 1000000);
    begin(&storm, &watching, 1, false);
    (void)write_file(storm.root, "in/a.yaml");
    (void)write_file(storm.root, "in/b.yaml");
    for (unsigned long i = 0; i < limit; i++) {
        CU_ASSERT_EQUAL(chmod(folder_path(storm.root, i % 2 ? "in/a.yaml" : "in/b.yaml"), 0600), 0);
    }
    folder_add(storm.root, "in/lost/sub");
    watching_drain(&watching);
    CU_ASSERT_EQUAL(probe(storm.root, &watching, "in", false), 0);
    end(&storm, &watching);
}

int main(void)
{
    static const struct test tests[] = {
        {"every change wakes", every_change_wakes},
        {"no folder is missed", no_folder_is_missed},
        {"no folder is missed while changes go on", no_folder_is_missed_while_changes_go_on},
        {"a queue that overflows is noticed", a_queue_that_overflows_is_noticed},
        {NULL, NULL},
    };

    return harness_run("watch under load", tests);
}
