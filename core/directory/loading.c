/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/loading.h"

#include "base/file.h"
#include "config/yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Of a file that is read ahead. Its trees take some ten times as much. */
static const off_t most_ahead = 64 * 1024;

/* Without waiting for whoever writes to a FIFO. */
static int open_file(struct loading *loading, int folder, const char *path)
{
    int fd = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    loading->done = true;
    if (fd >= 0 && fstat(fd, &loading->info) == 0) {
        (void)clock_gettime(CLOCK_REALTIME, &loading->opened);
        return fd;
    }
    loading->reason = errno;
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

static void read_open(struct loading *loading, int fd, const char *path)
{
    const char *slash = strrchr(path, '/');

    (void)file_read_known(fd, &loading->info, slash ? slash + 1 : path, yaml_file_limits.bytes,
                          &loading->data, &loading->size, &loading->error);
}

void loading_read(struct loading *loading, int folder, const char *path)
{
    int fd = open_file(loading, folder, path);

    if (fd < 0)
        return;
    read_open(loading, fd, path);
    (void)close(fd);
}

void loading_ahead(struct loading *loading, int folder, const char *path)
{
    int fd = open_file(loading, folder, path);

    if (fd < 0)
        return;
    if (loading->info.st_size <= most_ahead)
        read_open(loading, fd, path);
    else
        loading->done = false;
    (void)close(fd);
    if (!loading->data)
        return;
    bundle_read(loading->data, loading->size, &loading->reading);
    loading->parsed = true;
}

void loading_release(struct loading *loading)
{
    bundle_release(&loading->reading.bundle);
    free(loading->data);
}
