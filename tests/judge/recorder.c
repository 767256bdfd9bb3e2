/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recorder - writes down what apigwd reads from its input and does to its output, for the judge
 *
 * Preloaded (LD_PRELOAD), so that nothing of the program under test has to be believed: what it gets from a
 * call and what it asks of one is appended to a journal, in the order in which it happens. The environment
 * names the journal and the folders, absolute and as the program has them from its config:
 *
 *   RECORDER_JOURNAL, RECORDER_INPUT, RECORDER_OUTPUT; without the first nothing is recorded.
 *
 * The input:  "read" with the very bytes that read() gave, when the file is closed; "list" with the names
 *             that readdir() gave, when it has given the last one; "none" if there was nothing to open;
 *             "unreadable" if it could not be opened or changed under the reader.
 * The output: "seen", "list" and "none" likewise; "move" and "remove" before a file is put in its place or
 *             taken away, each after what stood there in that moment ("seen" or "none"); "failed" behind them
 *             if the call was refused. Temporary files are left out.
 *
 * Neither is opened to be written in place: if one is, that is "write". In the input nothing is changed at
 * all.
 *
 * That an input file is gone is so recorded as the program learns of it: from a listing without the name, or
 * from an open that finds nothing. Input files that are opened by their whole path are left out: they are
 * read again only to tell the line of a mistake.
 *
 * A record is one call that writes, and comes before the call that it announces, so that a kill leaves an
 * announced change that did not happen (what is read later tells) and never one that nobody announced. The
 * reader steps over a record that a kill cut short. Everything is under one lock.
 */
#undef _FORTIFY_SOURCE
#include "recorder.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What open() and openat() are called by a program that is built with _FORTIFY_SOURCE. */
int __open_2(const char *path, int flags);
int __openat_2(int folder, const char *path, int flags);

/* The calls of the C library, or of a sanitizer before it. */
static struct {
    int (*openat)(int, const char *, int, ...);
    ssize_t (*read)(int, void *, size_t);
    int (*fstat)(int, struct stat *);
    int (*close)(int);
    struct dirent *(*readdir)(DIR *);
    int (*closedir)(DIR *);
    int (*renameat)(int, const char *, int, const char *);
    int (*renameat2)(int, const char *, int, const char *, unsigned);
    int (*unlinkat)(int, const char *, int);
} real;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* dlsym() gives an object pointer; POSIX has functions fit into one. */
static void resolve(void *function, const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);

    if (!found)
        abort();
    memcpy(function, &found, sizeof found);
}

/* Others may be preloaded and call before the constructor has run. */
static void prepare(void)
{
    if (real.openat)
        return;
    resolve(&real.read, "read");
    resolve(&real.fstat, "fstat");
    resolve(&real.close, "close");
    resolve(&real.readdir, "readdir");
    resolve(&real.closedir, "closedir");
    resolve(&real.renameat, "renameat");
    resolve(&real.renameat2, "renameat2");
    resolve(&real.unlinkat, "unlinkat");
    resolve(&real.openat, "openat");
}

__attribute__((constructor)) static void begin(void)
{
    const char *journal = getenv("RECORDER_JOURNAL");

    prepare();
    if (journal)
        recorder_begin(real.openat(AT_FDCWD, journal, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
}

/* Begins what a call does under the lock. A handler of a signal may call what is recorded (libuv's reads),
 * and must not come upon a lock that its own thread holds. */
static void enter(sigset_t *before)
{
    sigset_t all;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, before);
    (void)pthread_mutex_lock(&lock);
}

/* Ends it; errno is that of the call. */
static void leave(int reason, const sigset_t *before)
{
    (void)pthread_mutex_unlock(&lock);
    (void)pthread_sigmask(SIG_SETMASK, before, NULL);
    errno = reason;
}

/* What opening has come to; `whole`: by a path from the root of the file system. */
static void note_open(const char *path, int flags, int fd, int reason, bool whole)
{
    bool folder = (flags & O_DIRECTORY) != 0;

    if (fd >= 0)
        recorder_forget(fd);
    if (path && fd >= 0 && (flags & O_ACCMODE) != O_RDONLY && recorder_is_place(path))
        recorder_append("write", path, "", 0);
    if (!path || (flags & O_ACCMODE) != O_RDONLY || (whole && !folder))
        return;
    if (fd >= 0)
        recorder_open(fd, path, folder);
    else
        recorder_append(reason == ENOENT || reason == ENOTDIR ? "none" : "unreadable", path, "", 0);
}

static int open_recorded(int folder, const char *name, int flags, mode_t mode)
{
    sigset_t signals;
    char *path;
    int reason;
    int fd;

    prepare();
    enter(&signals);
    path = recorder_path(folder, name);
    fd = real.openat(folder, name, flags, mode);
    reason = errno;
    note_open(path, flags, fd, reason, name[0] == '/');
    free(path);
    leave(reason, &signals);
    return fd;
}

static mode_t mode_of(int flags, va_list values)
{
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(values, mode_t) : 0;
}

int openat(int folder, const char *name, int flags, ...)
{
    va_list values;
    mode_t mode;

    va_start(values, flags);
    mode = mode_of(flags, values);
    va_end(values);
    return open_recorded(folder, name, flags, mode);
}

int open(const char *path, int flags, ...)
{
    va_list values;
    mode_t mode;

    va_start(values, flags);
    mode = mode_of(flags, values);
    va_end(values);
    return open_recorded(AT_FDCWD, path, flags, mode);
}

int __open_2(const char *path, int flags)
{
    return open_recorded(AT_FDCWD, path, flags, 0);
}

int __openat_2(int folder, const char *path, int flags)
{
    return open_recorded(folder, path, flags, 0);
}

int fstat(int fd, struct stat *info)
{
    sigset_t signals;
    int result;

    prepare();
    result = real.fstat(fd, info);
    if (result == 0) {
        enter(&signals);
        recorder_expect(fd, (size_t)info->st_size);
        leave(errno, &signals);
    }
    return result;
}

ssize_t read(int fd, void *buffer, size_t size)
{
    sigset_t signals;
    ssize_t got;

    prepare();
    got = real.read(fd, buffer, size);
    if (got >= 0) {
        enter(&signals);
        recorder_got(fd, buffer, (size_t)got);
        leave(errno, &signals);
    }
    return got;
}

int close(int fd)
{
    sigset_t signals;

    prepare();
    enter(&signals);
    recorder_close(fd);
    leave(errno, &signals);
    return real.close(fd);
}

struct dirent *readdir(DIR *folder)
{
    struct dirent *entry;
    sigset_t signals;
    int before = errno;
    int reason;

    prepare();
    enter(&signals);
    errno = before;
    entry = real.readdir(folder);
    reason = errno;
    if (entry)
        recorder_got(dirfd(folder), entry->d_name, strlen(entry->d_name) + 1);
    else if (reason == before)
        recorder_listed(dirfd(folder));
    leave(reason, &signals);
    return entry;
}

int closedir(DIR *folder)
{
    sigset_t signals;

    prepare();
    enter(&signals);
    recorder_forget(dirfd(folder));
    leave(errno, &signals);
    return real.closedir(folder);
}

/* Appends what stands at a place, as this type. */
static void append_file(const char *type, const char *path, int folder, const char *name)
{
    int fd = real.openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat info = {0};
    size_t size = 0;
    char *data = NULL;
    ssize_t got = 1;

    if (fd < 0 && errno == ENOENT) {
        recorder_append("none", path, "", 0);
        return;
    }
    if (fd >= 0 && real.fstat(fd, &info) == 0 && S_ISREG(info.st_mode))
        data = malloc((size_t)info.st_size + 1);
    while (data && size < (size_t)info.st_size && got > 0) {
        got = real.read(fd, data + size, (size_t)info.st_size - size);
        size += got > 0 ? (size_t)got : 0;
    }
    recorder_append(type, path, data ? data : "", size);
    free(data);
    if (fd >= 0)
        (void)real.close(fd);
}

/* The path in the journal of a file of either folder that is no temporary one; NULL: it is none. Owned by
 * caller. */
static char *place_of(int folder, const char *name)
{
    char *path = recorder_path(folder, name);

    if (path && recorder_is_place(path))
        return path;
    free(path);
    return NULL;
}

static int move_recorded(int from, const char *old, int to, const char *name, const unsigned *flags)
{
    sigset_t signals;
    char *path;
    int result;
    int reason;

    prepare();
    enter(&signals);
    path = place_of(to, name);
    if (path) {
        append_file("seen", path, to, name);
        append_file("move", path, from, old);
    }
    result = flags ? real.renameat2(from, old, to, name, *flags) : real.renameat(from, old, to, name);
    reason = errno;
    if (path && result != 0)
        recorder_append("failed", path, strerror(reason), strlen(strerror(reason)));
    free(path);
    leave(reason, &signals);
    return result;
}

int renameat(int from, const char *old, int to, const char *name)
{
    return move_recorded(from, old, to, name, NULL);
}

int renameat2(int from, const char *old, int to, const char *name, unsigned flags)
{
    return move_recorded(from, old, to, name, &flags);
}

int rename(const char *old, const char *name)
{
    return move_recorded(AT_FDCWD, old, AT_FDCWD, name, NULL);
}

int unlinkat(int folder, const char *name, int flags)
{
    sigset_t signals;
    char *path;
    int result;
    int reason;

    prepare();
    enter(&signals);
    path = flags & AT_REMOVEDIR ? NULL : place_of(folder, name);
    if (path) {
        append_file("seen", path, folder, name);
        recorder_append("remove", path, "", 0);
    }
    result = real.unlinkat(folder, name, flags);
    reason = errno;
    if (path && result != 0)
        recorder_append("failed", path, strerror(reason), strlen(strerror(reason)));
    free(path);
    leave(reason, &signals);
    return result;
}

int unlink(const char *path)
{
    return unlinkat(AT_FDCWD, path, 0);
}
