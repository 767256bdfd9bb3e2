/* SPDX-License-Identifier: Apache-2.0 */
/*
 * count_writes FOLDER READY OUT - how often each file of an output folder was put in its place
 *
 * Watches FOLDER/resources and FOLDER/status from its start until SIGTERM, by inotify, with nothing of
 * apigwd's own code. Makes the file READY when it watches. At the end writes a line "COUNT PATH" for each
 * file that was renamed there, written in place or removed (removals as "COUNT -PATH"), and "lost" if the
 * queue ran over. FOLDER must be there; what is made below it is found, but what is put into a folder in the
 * moment that it is made in may be missed: make the folders before.
 */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum { path_size = 4096, events_size = 1 << 20, watches_max = 4096, files_max = 65536 };

/* A file, and how often something happened to it. */
struct file {
    char *path;
    unsigned long written;
    unsigned long removed;
};

struct counter {
    int inotify;
    char **folders;
    struct file *files;
    size_t count;
    bool lost;
};

static void *checked(void *pointer)
{
    if (!pointer) {
        (void)fputs("count_writes: not enough memory\n", stderr);
        exit(2);
    }
    return pointer;
}

static void watch_tree(struct counter *counter, const char *path)
{
    const unsigned mask = IN_MOVED_TO | IN_MOVED_FROM | IN_CLOSE_WRITE | IN_DELETE | IN_CREATE | IN_ONLYDIR;
    int number = inotify_add_watch(counter->inotify, path, mask);
    DIR *folder = number > 0 && number < watches_max ? opendir(path) : NULL;
    const struct dirent *entry;

    if (!folder)
        return;
    free(counter->folders[number]);
    counter->folders[number] = checked(strdup(path));
    while ((entry = readdir(folder))) {
        char below[path_size];
        if (entry->d_name[0] == '.' ||
            snprintf(below, sizeof below, "%s/%s", path, entry->d_name) >= (int)sizeof below)
            continue;
        if (entry->d_type == DT_DIR)
            watch_tree(counter, below);
    }
    (void)closedir(folder);
}

static struct file *file_of(struct counter *counter, const char *path)
{
    for (size_t i = 0; i < counter->count; i++) {
        if (strcmp(counter->files[i].path, path) == 0)
            return &counter->files[i];
    }
    if (counter->count == files_max) {
        (void)fputs("count_writes: too many files\n", stderr);
        exit(2);
    }
    counter->files[counter->count].path = checked(strdup(path));
    return &counter->files[counter->count++];
}

static void take(struct counter *counter, const struct inotify_event *event)
{
    char path[path_size];
    struct file *file;

    if (event->mask & IN_Q_OVERFLOW)
        counter->lost = true;
    if (event->wd <= 0 || event->wd >= watches_max || !counter->folders[event->wd] || event->len == 0)
        return;
    if (snprintf(path, sizeof path, "%s/%s", counter->folders[event->wd], event->name) >= (int)sizeof path)
        return;
    if (event->mask & IN_ISDIR) {
        if (event->mask & (IN_CREATE | IN_MOVED_TO))
            watch_tree(counter, path);
        return;
    }
    if (event->mask & IN_CREATE)
        return;
    file = file_of(counter, path);
    if (event->mask & (IN_MOVED_TO | IN_CLOSE_WRITE))
        file->written++;
    else
        file->removed++;
}

static void take_all(struct counter *counter, char *events)
{
    ssize_t length;

    while ((length = read(counter->inotify, events, events_size)) > 0) {
        for (ssize_t at = 0; at < length;) {
            const struct inotify_event *event = (const void *)(events + at);
            take(counter, event);
            at += (ssize_t)sizeof *event + (ssize_t)event->len;
        }
    }
}

static int print(const struct counter *counter, const char *path)
{
    FILE *out = fopen(path, "w");

    if (!out) {
        perror(path);
        return 2;
    }
    for (size_t i = 0; i < counter->count; i++) {
        const struct file *file = &counter->files[i];
        if (file->written > 0)
            (void)fprintf(out, "%lu %s\n", file->written, file->path);
        if (file->removed > 0)
            (void)fprintf(out, "%lu -%s\n", file->removed, file->path);
    }
    if (counter->lost)
        (void)fputs("lost\n", out);
    return fclose(out) == 0 ? 0 : 2;
}

/* SIGTERM and SIGINT, as a descriptor. */
static int signals(void)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

static int run(struct counter *counter, char **argv, char *events)
{
    struct pollfd waits[] = {{.fd = counter->inotify, .events = POLLIN}, {.fd = signals(), .events = POLLIN}};
    FILE *ready;

    watch_tree(counter, "resources");
    watch_tree(counter, "status");
    ready = fopen(argv[2], "w");
    if (!ready || fclose(ready) != 0) {
        perror(argv[2]);
        return 2;
    }
    while (waits[1].revents == 0) {
        if (poll(waits, 2, -1) < 0 && errno != EINTR)
            return 2;
        take_all(counter, events);
    }
    return print(counter, argv[3]);
}

int main(int argc, char **argv)
{
    struct counter counter = {.inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
    char *events = checked(malloc(events_size));
    int result;

    if (argc != 4 || chdir(argv[1]) != 0) {
        (void)fputs("usage: count_writes FOLDER READY OUT (absolute paths)\n", stderr);
        free(events);
        return 2;
    }
    counter.files = checked(calloc(files_max, sizeof *counter.files));
    counter.folders = checked(calloc(watches_max, sizeof *counter.folders));
    result = run(&counter, argv, events);
    for (size_t i = 0; i < counter.count; i++)
        free(counter.files[i].path);
    for (size_t i = 0; i < watches_max; i++)
        free(counter.folders[i]);
    free(counter.folders);
    free(counter.files);
    free(events);
    return result;
}
