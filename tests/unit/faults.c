/* SPDX-License-Identifier: Apache-2.0 */
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

int __real_openat(int at, const char *path, int flags, ...);
ssize_t __real_write(int fd, const void *data, size_t size);
int __real_renameat(int from, const char *old, int to, const char *new);
int __real_renameat2(int from, const char *old, int to, const char *new, unsigned flags);
int __real_unlinkat(int at, const char *path, int flags);
int __real_mkdirat(int at, const char *path, mode_t mode);
int __real_fdatasync(int fd);
int __real_syncfs(int fd);
int __wrap_openat(int at, const char *path, int flags, ...);
ssize_t __wrap_write(int fd, const void *data, size_t size);
int __wrap_renameat(int from, const char *old, int to, const char *new);
int __wrap_renameat2(int from, const char *old, int to, const char *new, unsigned flags);
int __wrap_unlinkat(int at, const char *path, int flags);
int __wrap_mkdirat(int at, const char *path, mode_t mode);
int __wrap_fdatasync(int fd);
int __wrap_syncfs(int fd);

static char trace[1 << 16];
static size_t traced;
static bool tracing;
static const char *refused;
static unsigned refuse_from;
static unsigned refuse_left;
static int refuse_reason;
static bool was_refused;
static const char *awaited;
static unsigned await_left;
static void (*awaited_action)(void *);
static void *awaited_payload;
static unsigned die_at;
static unsigned calls;

void faults_trace(void)
{
    tracing = true;
    traced = 0;
    trace[0] = '\0';
}

const char *faults_traced(void)
{
    tracing = false;
    return trace;
}

void faults_refuse(const char *call, unsigned nth, unsigned times, int reason)
{
    refused = call;
    refuse_from = nth;
    refuse_left = times;
    refuse_reason = reason;
    was_refused = false;
}

bool faults_end(void)
{
    refused = NULL;
    return was_refused;
}

void faults_before(const char *call, unsigned nth, void (*action)(void *payload), void *payload)
{
    awaited = call;
    await_left = nth;
    awaited_action = action;
    awaited_payload = payload;
}

static void act_before(const char *call)
{
    if (!awaited || strcmp(awaited, call) != 0 || --await_left > 0)
        return;
    awaited = NULL;
    awaited_action(awaited_payload);
}

void faults_die(unsigned nth)
{
    die_at = nth;
    calls = 0;
}

static void note(const char *call, const char *name)
{
    static const char again[] = "write\n";
    size_t size = sizeof again - 1;
    int length;

    /* However many it takes. */
    if (strcmp(call, "write") == 0 && traced >= size && strcmp(trace + traced - size, again) == 0)
        return;
    if (!tracing || traced >= sizeof trace)
        return;
    length = snprintf(trace + traced, sizeof trace - traced, "%s%s%s\n", call, name ? " " : "",
                      name && strncmp(name, "apigwd-", 7) == 0 ? "TMP" : (name ? name : ""));
    traced += length > 0 ? (size_t)length : 0;
}

/* Whether the call is made. */
static bool allowed(const char *call, const char *name)
{
    if (die_at > 0 && ++calls == die_at)
        _exit(77);
    act_before(call);
    note(call, name);
    if (!refused || strcmp(refused, call) != 0)
        return true;
    if (refuse_from > 1) {
        refuse_from--;
        return true;
    }
    if (refuse_left == 0)
        return true;
    refuse_left--;
    was_refused = true;
    errno = refuse_reason;
    return false;
}

int __wrap_openat(int at, const char *path, int flags, ...)
{
    va_list values;
    mode_t mode = 0;

    if (!(flags & O_CREAT))
        return __real_openat(at, path, flags);
    va_start(values, flags);
    mode = va_arg(values, mode_t);
    va_end(values);
    return allowed("create", NULL) ? __real_openat(at, path, flags, mode) : -1;
}

/* In two parts, so that there is something to interrupt. */
ssize_t __wrap_write(int fd, const void *data, size_t size)
{
    return allowed("write", NULL) ? __real_write(fd, data, size > 1 ? size - size / 2 : size) : -1;
}

int __wrap_renameat(int from, const char *old, int to, const char *new)
{
    return allowed("rename", new) ? __real_renameat(from, old, to, new) : -1;
}

int __wrap_renameat2(int from, const char *old, int to, const char *new, unsigned flags)
{
    return allowed("rename", new) ? __real_renameat2(from, old, to, new, flags) : -1;
}

int __wrap_unlinkat(int at, const char *path, int flags)
{
    return allowed("unlink", path) ? __real_unlinkat(at, path, flags) : -1;
}

int __wrap_mkdirat(int at, const char *path, mode_t mode)
{
    return allowed("mkdir", path) ? __real_mkdirat(at, path, mode) : -1;
}

int __wrap_fdatasync(int fd)
{
    return allowed("datasync", NULL) ? __real_fdatasync(fd) : -1;
}

int __wrap_syncfs(int fd)
{
    return allowed("sync", NULL) ? __real_syncfs(fd) : -1;
}
