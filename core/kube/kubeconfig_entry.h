/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kubeconfig_entry - entries of kubeconfig files and their fields, for the parts that read one
 */
#ifndef KUBE_KUBECONFIG_ENTRY_H
#define KUBE_KUBECONFIG_ENTRY_H

#include "kube/kubeconfig.h"

#include <jansson.h>

/** A file that was read. */
struct kubeconfig_file {
    char *path;
    char *text;
    size_t size;
    json_t *root; /**< an object, or null if the file is empty */
};

/** Files in order of precedence. */
struct kubeconfig_files {
    struct kubeconfig_file *list;
    size_t count;
};

/** One cluster, user or context. */
struct kubeconfig_entry {
    const struct kubeconfig_file *file;
    const char *kind; /**< "cluster", "user", "context"; the list has an s more */
    size_t number;    /**< in its list, from 0 */
    const char *name;
    json_t *value; /**< borrowed from the file */
    struct arena *arena;
    struct error *error;
};

/** Reads a file and checks what all of it must be; adds it behind the others. @return 0 or why not. */
int kubeconfig_add_file(struct kubeconfig_files *files, const char *path, struct error *error);

/** Frees the files. */
void kubeconfig_release_files(struct kubeconfig_files *files);

/**
 * Finds an entry: the first file that has it counts, with all of the entry.
 *
 * @param entry  kind, name, arena and error are the caller's; the others are set.
 * @return whether it is there.
 */
bool kubeconfig_find(const struct kubeconfig_files *files, struct kubeconfig_entry *entry);

/** Tells what is wrong with a field ("exec.args[0]"; "": the entry itself). @return ERROR_INVALID. */
int kubeconfig_refuse(const struct kubeconfig_entry *entry, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Refuses a member of the object at `field` ("": the entry) that is none of the names. @return 0 or why not.
 */
int kubeconfig_check_names(const struct kubeconfig_entry *entry, const char *field, const char *const names[],
                           size_t count);

/** Sets *out to the text of a field; NULL if it is not there or empty. @return 0 or why not. */
int kubeconfig_text(const struct kubeconfig_entry *entry, const char *field, const char **out);

/** Sets *out to a field that is true or false; false if it is not there. @return 0 or why not. */
int kubeconfig_bool(const struct kubeconfig_entry *entry, const char *field, bool *out);

/** Sets *out to the path in a field, resolved against the file. @return 0 or why not. */
int kubeconfig_path(const struct kubeconfig_entry *entry, const char *field, const char **out);

/** Sets *out to a list of texts, NULL-terminated; empty if it is not there. @return 0 or why not. */
int kubeconfig_texts(const struct kubeconfig_entry *entry, const char *field, const char *const **out);

/** Sets *out to the bytes in the field FIELD-data or in the file that FIELD names. @return 0 or why not. */
int kubeconfig_blob(const struct kubeconfig_entry *entry, const char *field, struct kubeconfig_blob *out);

/** Reads what a cluster says. @return 0 or why not. */
int kubeconfig_read_cluster(const struct kubeconfig_entry *entry, struct kubeconfig *config);

/** Reads what a user says. @return 0 or why not. */
int kubeconfig_read_user(const struct kubeconfig_entry *entry, struct kubeconfig *config);

/** Reads how a user's program is run. @return 0 or why not. */
int kubeconfig_read_exec(const struct kubeconfig_entry *entry, struct kubeconfig *config);

/** @return a path resolved against the folder of a file; NULL if memory is short. */
const char *kubeconfig_resolve(const struct kubeconfig_file *file, const char *path, struct arena *arena);

#endif
