/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spot - the file that an object has below an output folder
 *
 * resources/NAMESPACE/PLURAL.GROUP/NAME.yaml and status/NAMESPACE/NAME.yaml. A name that is too long for a
 * file is cut and hashed there, so that only the content of such a file knows the name.
 *
 * Private to the output.
 */
#ifndef DIRECTORY_SPOT_H
#define DIRECTORY_SPOT_H

#include "base/error.h"
#include "object/key.h"

#include <stdbool.h>

/** Longest file name of Linux; room for the folder of any object, and for "FOLDER/NAME". */
enum {
    SPOT_FILE_MAX = 255,
    SPOT_FOLDER_SIZE = 16 + LABEL_MAX + 1 + LABEL_MAX + 1 + SUBDOMAIN_MAX + 1,
    SPOT_PLACE_SIZE = SPOT_FOLDER_SIZE + SPOT_FILE_MAX + 1
};

/** Where an object stands. Storage of the caller; all strings are valid file names or paths of them. */
struct spot {
    /** The status of an Api; a resource otherwise. */
    bool status;
    /** `name` is cut, as the file has it; the content knows the whole. */
    bool cut;
    char name_space[LABEL_MAX + 1];
    /** "" of a status. */
    char plural[LABEL_MAX + 1];
    /** "" for the core group, and of a status. */
    char group[SUBDOMAIN_MAX + 1];
    char name[SPOT_FILE_MAX + 1];
    /** "resources/default/policies.example.org" */
    char folder[SPOT_FOLDER_SIZE];
    /** "sample.yaml" */
    char file[SPOT_FILE_MAX + 1];
};

/** Finds the spot of a resource; group, plural, namespace and name of `ref` count. @return 0 or
 * ERROR_INVALID. */
int spot_of_resource(const struct object_ref *ref, struct spot *spot, struct error *error);

/** Finds the spot of an Api's status. @return 0 or ERROR_INVALID. */
int spot_of_status(const char *name_space, const char *name, struct spot *spot, struct error *error);

/**
 * Begins a spot from the names of its folders; spot_set_file() ends it.
 *
 * @param kinds  "PLURAL.GROUP"; NULL: a status.
 * @return false if objects have no such folders.
 */
bool spot_set_folder(struct spot *spot, const char *name_space, const char *kinds);

/** Sets file, name and `cut` from the name of a file. @return false if no object has such a file. */
bool spot_set_file(struct spot *spot, const char *file);

/** Finds a spot from "FOLDER/FILE", as it stands below the output. @return false if no object stands there.
 */
bool spot_of_path(struct spot *spot, const char *path);

/** Writes "FOLDER/NAME" with the whole name: what tells spots apart, and enough to find them again. */
void spot_place(const struct spot *spot, char place[SPOT_PLACE_SIZE]);

/** Finds a spot from what spot_place() wrote. @return false if it is something else. */
bool spot_of_place(struct spot *spot, const char *place);

/** @return whether the name of an object is the one that the file stands for, also if the file's is cut. */
bool spot_is_of(const struct spot *spot, const char *name);

#endif
