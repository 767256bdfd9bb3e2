/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file - regular files, read whole and written whole
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/error.h"

#include <stddef.h>
#include <sys/stat.h>

/**
 * Reads a regular file.
 *
 * @param at     folder that a relative path starts from (a file descriptor), or AT_FDCWD.
 * @param path   symbolic links are followed; FIFOs, devices and folders are refused and never waited for.
 * @param max    greatest size in bytes; a larger file is ERROR_LIMIT.
 * @param data   set to the content, NUL-terminated, owned by caller, for free().
 * @param size   set to its size in bytes.
 * @return 0, ERROR_NOT_FOUND, ERROR_INVALID (not a regular file), ERROR_LIMIT, ERROR_IO or ERROR_NO_MEMORY.
 */
int file_read(int at, const char *path, size_t max, char **data, size_t *size, struct error *error);

/** As file_read(), but a symbolic link at the end of the path is refused: ERROR_INVALID. */
int file_read_nofollow(int at, const char *path, size_t max, char **data, size_t *size, struct error *error);

/**
 * Opens a file for file_read_open(); FIFOs are not waited for.
 *
 * @param fd  set on success, owned by caller, for close().
 * @return 0, ERROR_NOT_FOUND, ERROR_INVALID (a symbolic link at the end, a socket) or ERROR_IO.
 */
int file_open_nofollow(int at, const char *path, int *fd, struct error *error);

/**
 * As file_read(), for a file that is open already.
 *
 * @param fd    open for reading, at its beginning; stays open.
 * @param name  for messages.
 */
int file_read_open(int fd, const char *name, size_t max, char **data, size_t *size, struct error *error);

/**
 * As file_read_open(), for a file that was looked at already.
 *
 * @param info  what fstat() said about it.
 */
int file_read_known(int fd, const struct stat *info, const char *name, size_t max, char **data, size_t *size,
                    struct error *error);

/** Writes all bytes to an open file. @return 0; -1 with errno. */
int file_write_open(int fd, const char *data, size_t size);

#endif
