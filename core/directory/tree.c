/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const temporary_folder = TREE_TEMPORARY;
/* What tells our temporary files from anything else that somebody keeps there. */
static const char *const temporary_prefix = "apigwd-";

enum { OPEN_FOLDER = O_RDONLY | O_DIRECTORY | O_CLOEXEC };

/* What fstatat() knows about what stands in the way of a folder. */
static const char *obstacle(int at, const char *name)
{
    struct stat info;

    if (fstatat(at, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return "something that changes";
    return S_ISLNK(info.st_mode) ? "a symbolic link, which is not followed here"
                                 : "a file where a folder should be";
}

int tree_step(int at, const char *name, bool make, const char *shown, int *fd, struct error *error)
{
    /* What is in the making is nobody else's. */
    mode_t mode = strcmp(name, temporary_folder) == 0 ? 0700 : 0755;

    *fd = openat(at, name, OPEN_FOLDER | O_NOFOLLOW);
    if (*fd < 0 && errno == ENOENT && make) {
        /* ENOENT: the folder above was removed while it is open. */
        if (mkdirat(at, name, mode) != 0 && errno != EEXIST)
            return error_set(error, errno == ENOENT ? ERROR_NOT_FOUND : ERROR_IO, "%s: cannot be made: %s",
                             shown, strerror(errno));
        *fd = openat(at, name, OPEN_FOLDER | O_NOFOLLOW);
    }
    if (*fd >= 0)
        return 0;
    if (errno == ENOENT)
        return error_set(error, ERROR_NOT_FOUND, "%s: does not exist", shown);
    if (errno == ENOTDIR || errno == ELOOP)
        return error_set(error, ERROR_INVALID, "%s: %s; move it away", shown, obstacle(at, name));
    return error_set(error, ERROR_IO, "%s: %s", shown, strerror(errno));
}

static bool is_leftover(int folder, const char *name)
{
    size_t prefix = strlen(temporary_prefix);
    struct stat info;

    return strncmp(name, temporary_prefix, prefix) == 0 && strlen(name) == prefix + 16 &&
           strspn(name + prefix, "0123456789abcdef") == 16 &&
           fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode);
}

/* Removes what killed programs left behind: whoever holds the lock is the only writer. */
static void clean(const struct tree *tree)
{
    DIR *folder;
    int fd = openat(tree->fd, temporary_folder, OPEN_FOLDER | O_NOFOLLOW);
    const struct dirent *entry;

    folder = fd >= 0 ? fdopendir(fd) : NULL;
    if (!folder) {
        if (fd >= 0)
            (void)close(fd);
        return;
    }
    while ((entry = readdir(folder))) {
        if (is_leftover(dirfd(folder), entry->d_name))
            (void)unlinkat(dirfd(folder), entry->d_name, 0);
    }
    (void)closedir(folder);
}

/* Makes the folder's parents, then the folder. */
static int make_path(char *path, struct error *error)
{
    for (char *at = path + 1; *at; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        /* Whether it is a folder shows when the next one is made in it. */
        if (mkdir(path, 0755) != 0 && errno != EEXIST)
            return error_set(error, ERROR_IO, "the output folder %s cannot be made: %s", path,
                             strerror(errno));
        *at = '/';
    }
    if (mkdir(path, 0755) != 0 && errno != EEXIST)
        return error_set(error, ERROR_IO, "the output folder %s cannot be made: %s", path, strerror(errno));
    return 0;
}

/* Two writers would each undo what the other decides from. A file system that cannot lock is taken as it is.
 */
static int lock(const struct tree *tree, struct error *error)
{
    if (flock(tree->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return error_set(error, ERROR_IO,
                         "the output folder %s is in use by another apigwd; wait until it has ended",
                         tree->path);
    return 0;
}

int tree_open(const char *path, struct tree *tree, struct error *error)
{
    struct tree opened = {.path = strdup(path), .fd = -1};
    int result;

    if (!opened.path)
        return error_no_memory(error);
    for (size_t length = strlen(path); length > 1 && opened.path[length - 1] == '/'; length--)
        opened.path[length - 1] = '\0';
    result = make_path(opened.path, error);
    if (result == 0) {
        opened.fd = open(opened.path, OPEN_FOLDER);
        if (opened.fd < 0)
            result = error_set(error, ERROR_IO, "the output folder %s cannot be opened: %s", opened.path,
                               strerror(errno));
        else
            result = lock(&opened, error);
    }
    if (result != 0) {
        if (opened.fd >= 0)
            (void)close(opened.fd);
        free(opened.path);
        return result;
    }
    clean(&opened);
    *tree = opened;
    return 0;
}

void tree_close(struct tree *tree)
{
    (void)close(tree->fd);
    free(tree->path);
}

uint64_t tree_number(void)
{
    uint64_t number = 0;

    if (getrandom(&number, sizeof number, GRND_NONBLOCK) != (ssize_t)sizeof number)
        number = (uint64_t)getpid();
    return number;
}

void tree_temporary(char name[TREE_TEMPORARY_SIZE], uint64_t number)
{
    (void)snprintf(name, TREE_TEMPORARY_SIZE, "%s%016" PRIx64, temporary_prefix, number);
}

int tree_move(int from, const char *temporary, int to, const char *file, bool exists)
{
    if (exists)
        return renameat(from, temporary, to, file);
    if (renameat2(from, temporary, to, file, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    /* Not every file system can. */
    if (faccessat(to, file, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
        errno = EEXIST;
        return -1;
    }
    return renameat(from, temporary, to, file);
}
