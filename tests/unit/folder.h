/* SPDX-License-Identifier: Apache-2.0 */
/*
 * folder - a folder of a test's own, and short words for what is in it
 *
 * All paths are relative to the folder; parents are made. A call that fails ends the test program.
 */
#ifndef TESTS_FOLDER_H
#define TESTS_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

/** Makes an empty folder and fills its absolute path in. */
void folder_make(char root[64]);

/** Removes the folder and everything in it. */
void folder_remove(const char *root);

/** @return the absolute path of something in the folder. Static: the next call but three overwrites it. */
const char *folder_path(const char *root, const char *path);

/** Makes a folder and its parents. */
void folder_add(const char *root, const char *path);

/** Writes a file. */
void folder_write(const char *root, const char *path, const char *content);

/** Writes a file of this size that is a valid object and a comment. */
void folder_write_sized(const char *root, const char *path, size_t size);

/** Makes a symbolic link. */
void folder_link(const char *root, const char *path, const char *target);

/** @return whether the file holds exactly this. */
bool folder_holds(const char *root, const char *path, const char *content);

/** @return whether there is anything at the path; links are not followed. */
bool folder_has(const char *root, const char *path);

#endif
