/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include "folder.h"
#include "scarce.h"
#include "watching.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

int __real_inotify_add_watch(int fd, const char *path, uint32_t mask);
int __real_inotify_init1(int flags);
int __wrap_inotify_add_watch(int fd, const char *path, uint32_t mask);
int __wrap_inotify_init1(int flags);

/* Folders that may still be watched, and whether inotify may be had at all. */
static unsigned watches_left = UINT_MAX;
static bool no_instance;

int __wrap_inotify_add_watch(int fd, const char *path, uint32_t mask)
{
    if (watches_left == 0) {
        errno = ENOSPC;
        return -1;
    }
    watches_left--;
    return __real_inotify_add_watch(fd, path, mask);
}

int __wrap_inotify_init1(int flags)
{
    if (!no_instance)
        return __real_inotify_init1(flags);
    errno = EMFILE;
    return -1;
}

static void begin(struct watching *watching, const char *root, const char *path, bool follow)
{
    watching_begin(watching, (struct watch_options){.path = folder_path(root, path), .follow = follow});
}

static bool nothing_is_queued(const struct watching *watching)
{
    char events[4096];

    return read(watch_fd(watching->watch), events, sizeof events) < 0;
}

static void an_overflow_takes_all_as_changed(void)
{
    static const struct inotify_event overflow = {.wd = -1, .mask = IN_Q_OVERFLOW};
    char root[64];
    struct watching watching;

    folder_make(root);
    folder_add(root, "in/d");
    begin(&watching, root, "in", false);
    /* Lost: that a folder was made. */
    folder_add(root, "in/new/sub");
    CU_ASSERT_FALSE(nothing_is_queued(&watching));
    watch_feed(watching.watch, &overflow, sizeof overflow);
    CU_ASSERT_EQUAL(watching.all, 1);
    CU_ASSERT_PTR_NULL(watch_degraded(watching.watch));
    watching_drain(&watching);
    folder_write(root, "in/new/sub/a.yaml", "1");
    CU_ASSERT_TRUE(watching_tells(&watching, "new/sub/a.yaml"));
    CU_ASSERT_EQUAL(watching.all, 0);
    watching_end(&watching);
    folder_remove(root);
}

static void events_that_are_cut_or_of_nobody_are_dropped(void)
{
    char buffer[64] = {0};
    struct inotify_event event = {.wd = 4711, .mask = IN_CREATE, .len = 1000};
    char root[64];
    struct watching watching;

    folder_make(root);
    begin(&watching, root, "", false);
    memcpy(buffer, &event, sizeof event);
    watch_feed(watching.watch, buffer, sizeof buffer);
    event.wd = 1;
    memcpy(buffer, &event, sizeof event);
    watch_feed(watching.watch, buffer, sizeof buffer);
    watch_feed(watching.watch, buffer, 3);
    event.len = 16;
    event.wd = 4711;
    memcpy(buffer, &event, sizeof event);
    watch_feed(watching.watch, buffer, sizeof event + 16);
    CU_ASSERT_EQUAL(watching.told, 0);
    watching_end(&watching);
    folder_remove(root);
}

static void running_out_of_watches_is_told_and_mended(void)
{
    char root[64];
    struct watching watching;

    folder_make(root);
    folder_write(root, "in/a/b/c/d.yaml", "1");
    for (unsigned left = 0; left < 6; left++) {
        watches_left = left;
        begin(&watching, root, "in", true);
        CU_ASSERT_PTR_NOT_NULL_FATAL(watch_degraded(watching.watch));
        CU_ASSERT_PTR_NOT_NULL(strstr(watch_degraded(watching.watch), "fs.inotify.max_user_watches"));
        CU_ASSERT_EQUAL(watch_rescan_ms(watching.watch), WATCH_RESCAN_MS);
        watch_rescan(watching.watch);
        CU_ASSERT_EQUAL(watching.all, 1);
        CU_ASSERT_PTR_NOT_NULL(watch_degraded(watching.watch));
        watches_left = UINT_MAX;
        watch_rescan(watching.watch);
        CU_ASSERT_EQUAL(watching.all, 2);
        CU_ASSERT_PTR_NULL(watch_degraded(watching.watch));
        CU_ASSERT_EQUAL(watch_rescan_ms(watching.watch), -1);
        watching_drain(&watching);
        folder_write(root, "in/a/b/c/d.yaml", "2");
        CU_ASSERT_TRUE(watching_tells(&watching, "a/b/c/d.yaml"));
        watching_end(&watching);
    }
    folder_remove(root);
}

/* The limit is met by a folder that is made later. */
static void a_new_folder_beyond_the_limit_degrades(void)
{
    char root[64];
    struct watching watching;

    folder_make(root);
    folder_add(root, "in");
    begin(&watching, root, "in", true);
    watches_left = 0;
    folder_add(root, "in/late");
    CU_ASSERT_TRUE(watching_tells(&watching, "late"));
    CU_ASSERT_PTR_NOT_NULL(watch_degraded(watching.watch));
    watches_left = UINT_MAX;
    watch_rescan(watching.watch);
    CU_ASSERT_PTR_NULL(watch_degraded(watching.watch));
    watching_end(&watching);
    folder_remove(root);
}

static void without_inotify_there_are_rescans(void)
{
    char root[64];
    struct watching watching;

    folder_make(root);
    folder_add(root, "in");
    no_instance = true;
    watching_begin(&watching, (struct watch_options){.path = folder_path(root, "in"), .rescan_ms = 70});
    CU_ASSERT_EQUAL(watch_fd(watching.watch), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(watch_degraded(watching.watch), "fs.inotify.max_user_instances"));
    CU_ASSERT_EQUAL(watch_rescan_ms(watching.watch), 70);
    watch_rescan(watching.watch);
    CU_ASSERT_EQUAL(watching.all, 1);
    CU_ASSERT_PTR_NOT_NULL(watch_degraded(watching.watch));
    no_instance = false;
    watch_rescan(watching.watch);
    CU_ASSERT_EQUAL(watching.all, 2);
    CU_ASSERT_PTR_NULL(watch_degraded(watching.watch));
    watching_drain(&watching);
    folder_write(root, "in/a.yaml", "1");
    CU_ASSERT_TRUE(watching_tells(&watching, "a.yaml"));
    watching_end(&watching);
    folder_remove(root);
}

static const char *network(int folder)
{
    char link[64];
    char path[PATH_MAX] = "";

    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    return readlink(link, path, sizeof path - 1) > 0 && strstr(path, "/shared") ? "nfs" : NULL;
}

static void a_network_file_system_is_rescanned(void)
{
    char root[64];
    struct watching watching;
    int fd = open("/", O_RDONLY | O_DIRECTORY);

    CU_ASSERT_PTR_NULL(watch_remote(-1));
    CU_ASSERT_TRUE(fd >= 0 && close(fd) == 0);
    folder_make(root);
    folder_add(root, "in/local");
    watching_begin(&watching, (struct watch_options){.path = folder_path(root, "in"), .remote = network});
    CU_ASSERT_PTR_NULL(watch_degraded(watching.watch));
    folder_add(root, "in/local/shared");
    CU_ASSERT_TRUE(watching_tells(&watching, "local/shared"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(watch_degraded(watching.watch));
    CU_ASSERT_PTR_NOT_NULL(strstr(watch_degraded(watching.watch), "local/shared is on nfs"));
    watch_rescan(watching.watch);
    CU_ASSERT_PTR_NOT_NULL(watch_degraded(watching.watch));
    folder_remove(folder_path(root, "in/local"));
    watch_rescan(watching.watch);
    CU_ASSERT_PTR_NULL(watch_degraded(watching.watch));
    watching_end(&watching);
    folder_remove(root);
}

/* Whatever fails for want of memory, the watch says that it is degraded, or has taken all as changed. */
static void short_memory_loses_nothing(void)
{
    char root[64];
    struct watching watching = {.paths = text_empty()};
    bool failed = true;

    folder_make(root);
    folder_write(root, "in/sub/a.yaml", "1");
    folder_write(root, "else/b.yaml", "1");
    folder_link(root, "in/b.yaml", "../else/b.yaml");
    folder_link(root, "in/else", "../else");
    for (size_t granted = 0; failed && granted < 1000; granted++) {
        struct watch_options options = {
            .path = folder_path(root, "in"), .follow = true, .changed = watching_take, .payload = &watching};
        struct error error = {0};
        int result;

        scarce_begin(granted);
        result = watch_new(&options, &watching.watch, &error);
        failed = scarce_end();
        if (result != 0) {
            CU_ASSERT_EQUAL(result, ERROR_NO_MEMORY);
            continue;
        }
        CU_ASSERT_TRUE(!failed || watch_degraded(watching.watch));
        watch_rescan(watching.watch);
        CU_ASSERT_PTR_NULL(watch_degraded(watching.watch));
        watching_drain(&watching);
        folder_add(root, "in/sub/new/er");
        scarce_begin(granted / 4);
        watch_read(watching.watch);
        (void)scarce_end();
        if (watch_degraded(watching.watch))
            watch_rescan(watching.watch);
        CU_ASSERT_TRUE(watching.told > 0);
        watching_drain(&watching);
        folder_write(root, "in/sub/new/er/c.yaml", "1");
        CU_ASSERT_TRUE(watching_tells(&watching, "sub/new/er/c.yaml"));
        folder_remove(folder_path(root, "in/sub/new"));
        watch_free(watching.watch);
    }
    CU_ASSERT_FALSE(failed);
    text_release(&watching.paths);
    folder_remove(root);
}

int main(void)
{
    static const struct test tests[] = {
        {"an overflow takes all as changed", an_overflow_takes_all_as_changed},
        {"events that are cut or of nobody are dropped", events_that_are_cut_or_of_nobody_are_dropped},
        {"running out of watches is told and mended", running_out_of_watches_is_told_and_mended},
        {"a new folder beyond the limit degrades", a_new_folder_beyond_the_limit_degrades},
        {"without inotify there are rescans", without_inotify_there_are_rescans},
        {"a network file system is rescanned", a_network_file_system_is_rescanned},
        {"short memory loses nothing", short_memory_loses_nothing},
        {NULL, NULL},
    };

    return harness_run("watch in trouble", tests);
}
