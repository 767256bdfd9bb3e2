/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk - all YAML and JSON files below a folder, in path order
 *
 * Private to the source and the input. Path order compares name by name: what is in the folder "a" comes
 * before the file "a.yaml". Hidden names are passed over, so that the folders behind the links of a mounted
 * ConfigMap are. Symbolic links are followed; a folder that several paths lead to is met once, at the first
 * of them.
 */
#ifndef DIRECTORY_WALK_H
#define DIRECTORY_WALK_H

#include "base/error.h"

/** What a visit returns to end the walk, which then returns it. */
#define WALK_STOP 1

/** A file with the name of an input. All borrowed. */
struct walk_file {
    /** Its path, with that of the walk's folder. */
    const char *path;
    /** Folder that it is in, open, and its name there. */
    int folder;
    const char *name;
};

/** Who is told, in path order. A visit returns 0 to go on. */
struct walk_visitor {
    /** A regular file, or what was one when the folder was listed. */
    int (*file)(const struct walk_file *file, void *payload, struct error *error);
    /** A symbolic link that leads to somewhere in the folder that is passed over. */
    int (*skipped)(const char *path, void *payload, struct error *error);
    /** Something that cannot be looked at, a folder that cannot be read, or something with the name of an
     * input that is neither a file nor a folder; `message` says why. */
    int (*unreadable)(const char *path, const char *message, void *payload, struct error *error);
    void *payload;
};

/**
 * Walks through a folder.
 *
 * @param root     its absolute path; slashes at the end do not count.
 * @param skip     absolute path of a folder that is passed over, and all in it that a link leads to; NULL:
 *                 none.
 * @param visitor  borrowed.
 * @return 0; ERROR_NOT_FOUND or ERROR_IO if the folder itself cannot be read (nothing is visited then);
 *         ERROR_NO_MEMORY; or what a visit returned.
 */
int walk_folder(const char *root, const char *skip, const struct walk_visitor *visitor, struct error *error);

#endif
