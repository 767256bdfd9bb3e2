/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads until the end, or until more than `expected` bytes are there. What is less than was asked for and all
 * that was expected needs no second look. Returns the number of bytes; -1 with errno. */
static ssize_t read_all(int fd, char *buffer, size_t expected)
{
    size_t used = 0;

    while (used <= expected) {
        ssize_t got = read(fd, buffer + used, expected + 1 - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        used += (size_t)got;
        if (got == 0 || used == expected)
            break;
    }
    return (ssize_t)used;
}

int file_read_known(int fd, const struct stat *info, const char *name, size_t max, char **data, size_t *size,
                    struct error *error)
{
    size_t expected = (size_t)info->st_size;
    ssize_t used;
    char *buffer;

    if (!S_ISREG(info->st_mode))
        return error_set(error, ERROR_INVALID, "%s: not a regular file", name);
    if (expected > max)
        return error_set(error, ERROR_LIMIT, "%s: %zu bytes, at most %zu are read", name, expected, max);
    /* One byte more than it should hold tells a file that grows while it is read. */
    buffer = malloc(expected + 2);
    if (!buffer)
        return error_no_memory(error);
    used = read_all(fd, buffer, expected);
    if (used < 0 || (size_t)used > expected) {
        int reason = errno;
        free(buffer);
        return error_set(error, ERROR_IO, "%s: %s", name,
                         used < 0 ? strerror(reason) : "changed while it was read");
    }
    buffer[used] = '\0';
    *data = buffer;
    *size = (size_t)used;
    return 0;
}

int file_read_open(int fd, const char *name, size_t max, char **data, size_t *size, struct error *error)
{
    struct stat info;

    if (fstat(fd, &info) != 0)
        return error_set(error, ERROR_IO, "%s: %s", name, strerror(errno));
    return file_read_known(fd, &info, name, max, data, size, error);
}

/* Opens for reading without waiting for whoever writes to a FIFO. */
static int open_path(int at, const char *path, int flags, int *out, struct error *error)
{
    int fd = openat(at, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags);

    if (fd < 0 && errno == ELOOP && flags != 0)
        return error_set(error, ERROR_INVALID, "%s: a symbolic link, which is not followed here", path);
    /* What opening a socket says. */
    if (fd < 0 && errno == ENXIO)
        return error_set(error, ERROR_INVALID, "%s: not a regular file", path);
    if (fd < 0)
        return error_set(error, errno == ENOENT || errno == ENOTDIR ? ERROR_NOT_FOUND : ERROR_IO, "%s: %s",
                         path, strerror(errno));
    *out = fd;
    return 0;
}

int file_open_nofollow(int at, const char *path, int *fd, struct error *error)
{
    return open_path(at, path, O_NOFOLLOW, fd, error);
}

static int read_path(int at, const char *path, int flags, size_t max, char **data, size_t *size,
                     struct error *error)
{
    int fd = -1;
    int result = open_path(at, path, flags, &fd, error);

    if (result != 0)
        return result;
    result = file_read_open(fd, path, max, data, size, error);
    (void)close(fd);
    return result;
}

int file_read(int at, const char *path, size_t max, char **data, size_t *size, struct error *error)
{
    return read_path(at, path, 0, max, data, size, error);
}

int file_read_nofollow(int at, const char *path, size_t max, char **data, size_t *size, struct error *error)
{
    return read_path(at, path, O_NOFOLLOW, max, data, size, error);
}

int file_write_open(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t done = write(fd, data, size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return -1;
        data += done;
        size -= (size_t)done;
    }
    return 0;
}
