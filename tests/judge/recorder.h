/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recorder - what the recorder knows of open files, and how it writes its journal
 *
 * A path is that in the journal: "in", "in/FILE" or "out/FILE" below the two folders. None of these calls is
 * safe against others at the same time; without a journal they do nothing.
 *
 * A record is "\x1eTYPE LENGTH SIZE\n", the path of LENGTH bytes, SIZE bytes of data, and "\n".
 */
#ifndef TESTS_RECORDER_H
#define TESTS_RECORDER_H

#include <stdbool.h>
#include <stddef.h>

/** Starts with the record "start". @param fd  of the journal, open to append; -1 if it cannot be opened,
 * which ends the program. */
void recorder_begin(int fd);

/** Appends a record. */
void recorder_append(const char *type, const char *path, const char *data, size_t size);

/** @return the path of a name in an open folder (AT_FDCWD: only whole paths are known), owned by caller, for
 * free(); NULL if it is of neither folder. */
char *recorder_path(int folder, const char *name);

/** @return whether it is of a file of either folder, and of no temporary one. */
bool recorder_is_place(const char *path);

/** A file or a folder was opened to be read. */
void recorder_open(int fd, const char *path, bool folder);

/** The reader was told how much a file holds. */
void recorder_expect(int fd, size_t size);

/** The reader got this from a file, or this name and a NUL from a folder. */
void recorder_got(int fd, const char *data, size_t size);

/** The reader got the last name of a folder. */
void recorder_listed(int fd);

/** The reader closes the descriptor: if it is of a file, what was read of it is recorded. */
void recorder_close(int fd);

/** The descriptor is of something else, or of nothing, from now on. */
void recorder_forget(int fd);

#endif
